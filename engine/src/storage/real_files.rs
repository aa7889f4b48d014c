//! The operating system's files.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use fs4::{FileExt, TryLockError};
use redb::backends::FileBackend;
use redb::{BackendError, StorageBackend};

use crate::files::{File, FileFacts, FileSystem, LockKind, LockRange, OpenMode};
use crate::options::OpenOptions;
use crate::process::Process;

/// The file system of the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct RealFileSystem;

impl FileSystem for RealFileSystem {
    fn open(&self, path: &Path, mode: OpenMode) -> io::Result<Box<dyn File>> {
        // Whoever opens a pipe waits for its other end, and a device has no end that a read would come to.
        if fs::metadata(path).is_ok_and(|facts| !facts.is_file() && !facts.is_dir()) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is a pipe, a socket or a device"));
        }
        let mut options = fs::OpenOptions::new();
        options.read(true).write(mode != OpenMode::Read);
        match mode {
            OpenMode::Read | OpenMode::Write => {}
            OpenMode::Create => _ = options.create(true).truncate(false),
            OpenMode::Truncate => _ = options.create(true).truncate(true),
            OpenMode::CreateNew => _ = options.create_new(true),
        }
        Ok(Box::new(RealFile {
            process: Process::this(),
            file: options.open(path)?,
            ranges: OnceLock::new(),
        }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    #[cfg(unix)]
    fn sync_directory(&self, path: &Path) -> io::Result<()> {
        // The parent of a bare file name is the empty path.
        let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        match fs::File::open(path)?.sync_all() {
            // Some network and FUSE file systems have no sync for directories; their names are as durable as they get.
            Err(error)
                if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) =>
            {
                Ok(())
            }
            result => result,
        }
    }

    #[cfg(not(unix))]
    fn sync_directory(&self, _path: &Path) -> io::Result<()> {
        // Windows journals names itself and cannot open a directory for this.
        Ok(())
    }

    fn create_directories(&self, path: &Path) -> io::Result<()> {
        fs::create_dir_all(path)
    }

    fn inspect(&self, path: &Path) -> io::Result<Option<FileFacts>> {
        match fs::metadata(path) {
            Ok(facts) => Ok(Some(FileFacts { len: facts.len(), is_directory: facts.is_dir() })),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn list_directory(&self, path: &Path) -> io::Result<Vec<OsString>> {
        let mut names =
            fs::read_dir(path)?.map(|entry| Ok(entry?.file_name())).collect::<io::Result<Vec<_>>>()?;
        names.sort_unstable();
        Ok(names)
    }
}

#[derive(Debug)]
struct RealFile {
    process: Process,
    file: fs::File,
    /// redb's own range locks (open file description locks on Linux and macOS, `LockFileEx` on Windows), whose code is
    /// private behind its backend. The backend gets a duplicate of the descriptor: duplicates share one open file
    /// description, and locks belong to the description, so they are this handle's locks and end with it. Made at
    /// the first lock, since most files never lock a range.
    ranges: OnceLock<FileBackend>,
}

impl RealFile {
    fn ranges(&self) -> io::Result<&FileBackend> {
        if let Some(ranges) = self.ranges.get() {
            return Ok(ranges);
        }
        let ranges = FileBackend::new(self.file.try_clone()?).map_err(io::Error::other)?;
        // A second thread's duplicate that comes too late holds no lock: dropping it changes nothing.
        Ok(self.ranges.get_or_init(|| ranges))
    }
}

impl Drop for RealFile {
    fn drop(&mut self) {
        // Closing alone would not do: a child that was forked meanwhile shares the locks, and keeps them for as long as it has the
        // descriptor. Nobody is left to be told of an error. In that child the locks are the parent's.
        if self.process.is_this() {
            let _ = self.unlock_ranges();
            let _ = self.unlock();
        }
    }
}

impl File for RealFile {
    fn mappable(&self) -> Option<&fs::File> {
        Some(&self.file)
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    #[cfg(unix)]
    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        std::os::unix::fs::FileExt::read_exact_at(&self.file, out, offset)
    }

    #[cfg(windows)]
    fn read_at(&self, mut offset: u64, mut out: &mut [u8]) -> io::Result<()> {
        while !out.is_empty() {
            let read = std::os::windows::fs::FileExt::seek_read(&self.file, out, offset)?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            out = out.get_mut(read..).unwrap_or_default();
            offset += read as u64;
        }
        Ok(())
    }

    #[cfg(unix)]
    fn write_at(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        std::os::unix::fs::FileExt::write_all_at(&self.file, data, offset)
    }

    #[cfg(windows)]
    fn write_at(&self, mut offset: u64, mut data: &[u8]) -> io::Result<()> {
        while !data.is_empty() {
            let written = std::os::windows::fs::FileExt::seek_write(&self.file, data, offset)?;
            if written == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            data = data.get(written..).unwrap_or_default();
            offset += written as u64;
        }
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.file.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn try_lock(&self, kind: LockKind) -> io::Result<bool> {
        loop {
            let result = match kind {
                LockKind::Shared => FileExt::try_lock_shared(&self.file),
                LockKind::Exclusive => FileExt::try_lock(&self.file),
            };
            match result {
                Ok(()) => return Ok(true),
                Err(TryLockError::WouldBlock) => return Ok(false),
                Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
    }

    fn unlock(&self) -> io::Result<()> {
        FileExt::unlock(&self.file)
    }

    fn try_lock_range(&self, (start, end): LockRange, kind: LockKind) -> io::Result<bool> {
        let ranges = self.ranges()?;
        match kind {
            LockKind::Shared => ranges.try_lock_shared_range(start, end),
            LockKind::Exclusive => ranges.try_lock_range(start, end),
        }
        .map_err(lock_error)
    }

    fn lock_range(&self, (start, end): LockRange, kind: LockKind) -> io::Result<()> {
        let ranges = self.ranges()?;
        match kind {
            LockKind::Shared => ranges.lock_shared_range(start, end),
            LockKind::Exclusive => ranges.lock_range(start, end),
        }
        .map_err(lock_error)
    }

    fn unlock_range(&self, (start, end): LockRange) -> io::Result<()> {
        self.ranges()?.unlock_range(start, end).map_err(lock_error)
    }

    fn unlock_ranges(&self) -> io::Result<()> {
        // `close` of this backend releases its locks and nothing else; it may be used afterwards.
        self.ranges.get().map_or(Ok(()), StorageBackend::close)
    }

    fn is_range_locked(&self, (start, end): LockRange) -> io::Result<bool> {
        self.ranges()?.query_lock_range(start, end).map_err(lock_error)
    }
}

fn lock_error(error: BackendError) -> io::Error {
    match error {
        BackendError::Io(error) => error,
        BackendError::Unsupported => io::ErrorKind::Unsupported.into(),
        other => io::Error::other(other),
    }
}

/// The files that options name: the operating system's by default.
pub(crate) fn files_of(options: &OpenOptions) -> Arc<dyn FileSystem> {
    options.files.clone().unwrap_or_else(|| Arc::new(RealFileSystem))
}

#[cfg(test)]
mod tests {
    use std::ops::Bound;

    use super::*;

    fn open(path: &Path, mode: OpenMode) -> Box<dyn File> {
        RealFileSystem.open(path, mode).unwrap()
    }

    #[test]
    fn reads_are_exact_and_writes_grow_the_file() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        assert_eq!(RealFileSystem.inspect(&path).unwrap(), None);
        let file = open(&path, OpenMode::CreateNew);
        file.write_at(3, b"abc").unwrap();
        assert_eq!(file.len().unwrap(), 6);
        let mut bytes = [9; 6];
        file.read_at(0, &mut bytes).unwrap();
        assert_eq!(&bytes, b"\0\0\0abc");
        assert_eq!(file.read_at(1, &mut bytes).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        let again = RealFileSystem.open(&path, OpenMode::CreateNew).unwrap_err();
        assert_eq!(again.kind(), io::ErrorKind::AlreadyExists);
        assert!(open(&path, OpenMode::Read).write_at(0, b"x").is_err());
        assert_eq!(open(&path, OpenMode::Create).len().unwrap(), 6);
        assert!(open(&path, OpenMode::Truncate).is_empty().unwrap());
    }

    #[test]
    fn names_come_and_go() {
        let directory = tempfile::tempdir().unwrap();
        let deep = directory.path().join("a/b");
        RealFileSystem.create_directories(&deep).unwrap();
        RealFileSystem.create_directories(&deep).unwrap();
        open(&deep.join("two"), OpenMode::Create);
        open(&deep.join("one"), OpenMode::Create);
        RealFileSystem.rename(&deep.join("two"), &deep.join("three")).unwrap();
        RealFileSystem.sync_directory(&deep).unwrap();
        assert_eq!(RealFileSystem.list_directory(&deep).unwrap(), ["one", "three"]);
        RealFileSystem.remove(&deep.join("one")).unwrap();
        assert_eq!(RealFileSystem.list_directory(&deep).unwrap(), ["three"]);
        assert!(RealFileSystem.inspect(&deep).unwrap().unwrap().is_directory);
    }

    #[test]
    fn whole_file_locks_conflict_between_handles_and_end_with_them() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("lock");
        let (one, two) = (open(&path, OpenMode::Create), open(&path, OpenMode::Create));
        assert!(one.try_lock(LockKind::Shared).unwrap());
        assert!(two.try_lock(LockKind::Shared).unwrap());
        assert!(!two.try_lock(LockKind::Exclusive).unwrap());
        drop(one);
        assert!(two.try_lock(LockKind::Exclusive).unwrap());
        let three = open(&path, OpenMode::Create);
        assert!(!three.try_lock(LockKind::Shared).unwrap());
        two.unlock().unwrap();
        assert!(three.try_lock(LockKind::Shared).unwrap());
    }

    #[test]
    fn range_locks_conflict_between_handles_and_end_with_them() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("ranges");
        let (one, two) = (open(&path, OpenMode::Create), open(&path, OpenMode::Create));
        let range = (Bound::Included(10), Bound::Excluded(20));
        let beside = (Bound::Included(20), Bound::Excluded(21));
        assert!(one.try_lock_range(range, LockKind::Exclusive).unwrap());
        assert!(!two.try_lock_range(range, LockKind::Shared).unwrap());
        assert!(two.try_lock_range(beside, LockKind::Exclusive).unwrap());
        assert!(two.is_range_locked(range).unwrap());
        assert!(!one.is_range_locked((Bound::Included(0), Bound::Excluded(10))).unwrap());
        // A handle for reading can ask, and asking leaves nothing behind.
        let reader = open(&path, OpenMode::Read);
        assert!(reader.is_range_locked(range).unwrap());
        drop(one);
        assert!(!reader.is_range_locked(range).unwrap());
        assert!(two.try_lock_range(range, LockKind::Exclusive).unwrap());
        two.unlock_ranges().unwrap();
        assert!(!reader.is_range_locked(range).unwrap());
        assert!(!reader.is_range_locked(beside).unwrap());
    }
}
