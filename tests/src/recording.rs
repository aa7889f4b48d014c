//! A file system that remembers what was done to files, in order, and fails where a test wants it to.

use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use vectlite::RealFileSystem;
use vectlite::files::{File, FileFacts, FileSystem, LockKind, LockRange, OpenMode};

/// What was done to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Bytes were written.
    Write,
    /// The length was set.
    SetLen,
    /// The contents were synced.
    Sync,
    /// It got this name.
    Rename,
    /// The names in a directory were synced.
    SyncDirectory,
}

/// One operation that succeeded, at the place in the order where it was over.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Name of the file, without its directory.
    pub file: String,
    /// What was done.
    pub operation: Operation,
    /// Where a write began, or the length that was set.
    pub offset: u64,
    /// What was written.
    pub bytes: Arc<[u8]>,
    /// How many operations were over when this one began: a sync is about those and no others.
    pub before: usize,
}

/// Which operation fails, once.
#[derive(Debug)]
struct Fault {
    file: String,
    operation: Option<Operation>,
    countdown: usize,
    kind: io::ErrorKind,
}

#[derive(Debug, Default)]
struct Journal {
    entries: Vec<Entry>,
    fault: Option<Fault>,
    faults_met: usize,
}

/// The operating system's files, recorded. Clones share the record.
#[derive(Debug, Clone, Default)]
pub struct RecordingFileSystem(Arc<Mutex<Journal>>);

impl RecordingFileSystem {
    /// With an empty record.
    pub fn new() -> RecordingFileSystem {
        RecordingFileSystem::default()
    }

    fn lock(&self) -> MutexGuard<'_, Journal> {
        // A record stays readable after the assertion of another thread has failed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at everything that was done so far.
    pub fn entries<T>(&self, look: impl FnOnce(&[Entry]) -> T) -> T {
        look(&self.lock().entries)
    }

    /// How many operations of this kind were done to files whose name ends so.
    pub fn count(&self, file: &str, operation: Operation) -> usize {
        self.entries(|entries| {
            entries.iter().filter(|entry| entry.operation == operation && entry.file.ends_with(file)).count()
        })
    }

    /// After `after` more operations on files whose name ends so the next one fails, once; of one kind, or of any.
    pub fn fail(&self, file: &str, operation: Option<Operation>, after: usize, kind: io::ErrorKind) {
        self.lock().fault = Some(Fault { file: file.to_owned(), operation, countdown: after, kind });
    }

    /// How many operations were made to fail.
    pub fn faults_met(&self) -> usize {
        self.lock().faults_met
    }

    /// The number of operations before this one, unless it is the one that fails.
    fn begin(&self, file: &str, operation: Operation) -> io::Result<usize> {
        let mut journal = self.lock();
        if let Some(fault) = &mut journal.fault
            && file.ends_with(&fault.file)
            && fault.operation.is_none_or(|chosen| chosen == operation)
        {
            if fault.countdown == 0 {
                let kind = fault.kind;
                journal.fault = None;
                journal.faults_met += 1;
                return Err(kind.into());
            }
            fault.countdown -= 1;
        }
        Ok(journal.entries.len())
    }

    fn done(&self, file: &str, operation: Operation, offset: u64, bytes: &[u8], before: usize) {
        let entry = Entry { file: file.to_owned(), operation, offset, bytes: bytes.into(), before };
        self.lock().entries.push(entry);
    }
}

fn name(path: &Path) -> String {
    path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

impl FileSystem for RecordingFileSystem {
    fn open(&self, path: &Path, mode: OpenMode) -> io::Result<Box<dyn File>> {
        let file = RealFileSystem.open(path, mode)?;
        Ok(Box::new(RecordingFile { name: name(path), file, files: self.clone() }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let before = self.begin(&name(to), Operation::Rename)?;
        RealFileSystem.rename(from, to)?;
        self.done(&name(to), Operation::Rename, 0, &[], before);
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        RealFileSystem.remove(path)
    }

    fn sync_directory(&self, path: &Path) -> io::Result<()> {
        let before = self.begin(&name(path), Operation::SyncDirectory)?;
        RealFileSystem.sync_directory(path)?;
        self.done(&name(path), Operation::SyncDirectory, 0, &[], before);
        Ok(())
    }

    fn create_directories(&self, path: &Path) -> io::Result<()> {
        RealFileSystem.create_directories(path)
    }

    fn inspect(&self, path: &Path) -> io::Result<Option<FileFacts>> {
        RealFileSystem.inspect(path)
    }

    fn list_directory(&self, path: &Path) -> io::Result<Vec<OsString>> {
        RealFileSystem.list_directory(path)
    }
}

#[derive(Debug)]
struct RecordingFile {
    name: String,
    file: Box<dyn File>,
    files: RecordingFileSystem,
}

impl File for RecordingFile {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.read_at(offset, out)
    }

    fn write_at(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        match self.files.begin(&self.name, Operation::Write) {
            Ok(before) => {
                self.file.write_at(offset, data)?;
                self.files.done(&self.name, Operation::Write, offset, data, before);
                Ok(())
            }
            Err(error) => {
                // A failed write leaves a part behind.
                let (half, _) = data.split_at(data.len() / 2);
                self.file.write_at(offset, half)?;
                Err(error)
            }
        }
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let before = self.files.begin(&self.name, Operation::SetLen)?;
        self.file.set_len(len)?;
        self.files.done(&self.name, Operation::SetLen, len, &[], before);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let before = self.files.begin(&self.name, Operation::Sync)?;
        self.file.sync_data()?;
        self.files.done(&self.name, Operation::Sync, 0, &[], before);
        Ok(())
    }

    fn try_lock(&self, kind: LockKind) -> io::Result<bool> {
        self.file.try_lock(kind)
    }

    fn unlock(&self) -> io::Result<()> {
        self.file.unlock()
    }

    fn try_lock_range(&self, range: LockRange, kind: LockKind) -> io::Result<bool> {
        self.file.try_lock_range(range, kind)
    }

    fn lock_range(&self, range: LockRange, kind: LockKind) -> io::Result<()> {
        self.file.lock_range(range, kind)
    }

    fn unlock_range(&self, range: LockRange) -> io::Result<()> {
        self.file.unlock_range(range)
    }

    fn unlock_ranges(&self) -> io::Result<()> {
        self.file.unlock_ranges()
    }

    fn is_range_locked(&self, range: LockRange) -> io::Result<bool> {
        self.file.is_range_locked(range)
    }
}
