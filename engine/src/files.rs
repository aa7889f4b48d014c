//! Every operation on files: two traits under redb's backend, the log, the image and the lock file.
//!
//! The operating system's is the default (`storage/real_files.rs`). A test implements [`FileSystem`] to record what was written and
//! synced, to fail at a chosen operation, or to show what a power cut would leave behind; nothing else of the
//! library touches a file by another way.
//!
//! A call that a signal interrupts is made again by whoever implements these traits: for the operating system's files the standard
//! library and redb's locks do. An error of the kind `Interrupted` is an error like any other here.
//!
//! Two kinds of locks, never both on one file: whole-file locks (fs4; the lock file) and byte-range locks
//! (redb's and the log's). On some systems the two share a namespace, and redb itself takes a whole-file lock
//! beside its ranges.

use std::ffi::OsString;
use std::fmt::Debug;
use std::io;
use std::ops::Bound;
use std::path::Path;

/// A range of bytes to lock, from start to end; it may lie beyond the end of the file.
pub type LockRange = (Bound<u64>, Bound<u64>);

/// How a lock is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockKind {
    /// Beside other shared locks.
    Shared,
    /// Alone.
    Exclusive,
}

/// How [`FileSystem::open`] opens a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenMode {
    /// An existing file, for reading.
    Read,
    /// An existing file, for reading and writing.
    Write,
    /// For reading and writing; a missing file is created empty.
    Create,
    /// For reading and writing; a missing file is created, an existing one is emptied.
    Truncate,
    /// For reading and writing; an existing file is an error ([`io::ErrorKind::AlreadyExists`]).
    CreateNew,
}

/// What [`FileSystem::inspect`] tells about a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileFacts {
    /// Length in bytes.
    pub len: u64,
    /// Whether the path is a directory.
    pub is_directory: bool,
}

/// An open file. All offsets are absolute; there is no position, so one handle serves any number of threads.
///
/// Locks belong to the handle: they conflict with those of every other handle, in this process too, and end when
/// it is dropped.
pub trait File: Debug + Send + Sync + 'static {
    /// The operating system's file behind this one, where it can be mapped into memory. `None`, the default: it is read.
    fn mappable(&self) -> Option<&std::fs::File> {
        None
    }

    /// Length in bytes.
    fn len(&self) -> io::Result<u64>;

    /// Whether the file holds no bytes.
    fn is_empty(&self) -> io::Result<bool> {
        Ok(self.len()? == 0)
    }

    /// Fills `out` from `offset` on; [`io::ErrorKind::UnexpectedEof`] when the file ends before.
    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()>;

    /// Writes all of `data` at `offset`, growing the file when it ends before. After an error any part of the
    /// range may have been written.
    fn write_at(&self, offset: u64, data: &[u8]) -> io::Result<()>;

    /// Cuts the file, or grows it by zeros.
    fn set_len(&self, len: u64) -> io::Result<()>;

    /// Returns when the contents and the length are on the medium. After an error nothing is known about what was
    /// written since the last success, and a second call may succeed without having written it.
    fn sync_data(&self) -> io::Result<()>;

    /// Takes a lock on the whole file; `false` when another handle's lock conflicts. Taking the other kind
    /// converts the lock, not atomically.
    fn try_lock(&self, kind: LockKind) -> io::Result<bool>;

    /// Releases the whole-file lock; fine when there is none.
    fn unlock(&self) -> io::Result<()>;

    /// Takes a lock on a range; `false` when another handle's lock conflicts. [`io::ErrorKind::Unsupported`]
    /// where the file system has no such locks.
    fn try_lock_range(&self, range: LockRange, kind: LockKind) -> io::Result<bool>;

    /// Takes a lock on a range, waiting for conflicting ones to end.
    fn lock_range(&self, range: LockRange, kind: LockKind) -> io::Result<()>;

    /// Releases the lock taken over exactly this range.
    fn unlock_range(&self, range: LockRange) -> io::Result<()>;

    /// Releases every lock on ranges of this handle.
    fn unlock_ranges(&self) -> io::Result<()>;

    /// Whether an exclusive lock on the range would conflict with another handle's. Takes no lock where the system
    /// can tell without.
    fn is_range_locked(&self, range: LockRange) -> io::Result<bool>;
}

/// Names: what happens to files as a whole. Paths are used as given.
pub trait FileSystem: Debug + Send + Sync + 'static {
    /// Opens a file.
    fn open(&self, path: &Path, mode: OpenMode) -> io::Result<Box<dyn File>>;

    /// Gives `from` the name `to`, replacing what stood there in one step. Survives a power cut only after
    /// [`FileSystem::sync_directory`].
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file; open handles keep their contents.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Returns when the names in this directory are on the medium. Does nothing where directories cannot be synced.
    fn sync_directory(&self, path: &Path) -> io::Result<()>;

    /// Creates a directory and its parents; fine when it exists.
    fn create_directories(&self, path: &Path) -> io::Result<()>;

    /// Facts about a path, links followed; `None` when nothing is there.
    fn inspect(&self, path: &Path) -> io::Result<Option<FileFacts>>;

    /// The names in a directory, in ascending order.
    fn list_directory(&self, path: &Path) -> io::Result<Vec<OsString>>;
}

/// Whether the medium or the rights keep us from writing, and not a fault.
pub(crate) fn is_unwritable(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem)
}
