//! A file system in memory: files that a test makes up byte by byte, opened thousands of times a second.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use vectlite::files::{File, FileFacts, FileSystem, LockKind, LockRange, OpenMode};

/// What a file holds; shared by all who have it open.
type Contents = Arc<Mutex<Vec<u8>>>;

/// Named files. There are no directories: each is taken to exist. Every lock is free, as one process has all of it.
#[derive(Debug, Clone, Default)]
pub struct MemoryFileSystem {
    files: Arc<Mutex<BTreeMap<PathBuf, Contents>>>,
    /// The end of the names of files that can be mapped: a copy on disk as they are opened.
    mappable: Option<&'static str>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What a thread left behind that panicked is a file like any other.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl MemoryFileSystem {
    /// Without files.
    pub fn new() -> MemoryFileSystem {
        MemoryFileSystem::default()
    }

    /// The same files; those whose names end so can be mapped.
    #[must_use]
    pub fn mapping(self, mappable: &'static str) -> MemoryFileSystem {
        MemoryFileSystem { mappable: Some(mappable), ..self }
    }

    /// Puts a file in place of what stood there.
    pub fn put(&self, path: impl Into<PathBuf>, bytes: Vec<u8>) {
        lock(&self.files).insert(path.into(), Arc::new(Mutex::new(bytes)));
    }

    /// What a file holds.
    pub fn get(&self, path: impl AsRef<Path>) -> Option<Vec<u8>> {
        self.find(path.as_ref()).map(|contents| lock(&contents).clone())
    }

    fn find(&self, path: &Path) -> Option<Contents> {
        lock(&self.files).get(path).map(Arc::clone)
    }
}

impl FileSystem for MemoryFileSystem {
    fn open(&self, path: &Path, mode: OpenMode) -> io::Result<Box<dyn File>> {
        let mut files = lock(&self.files);
        let contents = match files.get(path) {
            Some(_) if mode == OpenMode::CreateNew => return Err(io::ErrorKind::AlreadyExists.into()),
            Some(contents) => Arc::clone(contents),
            None if matches!(mode, OpenMode::Read | OpenMode::Write) => {
                return Err(io::ErrorKind::NotFound.into());
            }
            None => Arc::clone(files.entry(path.to_owned()).or_default()),
        };
        if mode == OpenMode::Truncate {
            lock(&contents).clear();
        }
        let maps = self.mappable.is_some_and(|end| path.as_os_str().to_string_lossy().ends_with(end));
        let mapped = if maps && mode == OpenMode::Read {
            let mut copy = tempfile::tempfile()?;
            copy.write_all(&lock(&contents))?;
            Some(copy)
        } else {
            None
        };
        Ok(Box::new(MemoryFile { contents, mapped, writable: mode != OpenMode::Read }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut files = lock(&self.files);
        let contents = files.remove(from).ok_or(io::ErrorKind::NotFound)?;
        files.insert(to.to_owned(), contents);
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        lock(&self.files).remove(path).map(drop).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn sync_directory(&self, _path: &Path) -> io::Result<()> {
        Ok(())
    }

    fn create_directories(&self, _path: &Path) -> io::Result<()> {
        Ok(())
    }

    fn inspect(&self, path: &Path) -> io::Result<Option<FileFacts>> {
        Ok(self
            .find(path)
            .map(|contents| FileFacts { len: lock(&contents).len() as u64, is_directory: false }))
    }

    fn list_directory(&self, path: &Path) -> io::Result<Vec<OsString>> {
        let files = lock(&self.files);
        let inside = files.keys().filter(|file| file.parent() == Some(path));
        Ok(inside.filter_map(|file| file.file_name()).map(OsString::from).collect())
    }
}

#[derive(Debug)]
struct MemoryFile {
    contents: Contents,
    mapped: Option<fs::File>,
    writable: bool,
}

impl MemoryFile {
    fn range(offset: u64, len: usize) -> io::Result<std::ops::Range<usize>> {
        let start = usize::try_from(offset).map_err(io::Error::other)?;
        Ok(start..start.checked_add(len).ok_or(io::ErrorKind::FileTooLarge)?)
    }

    fn writing(&self) -> io::Result<MutexGuard<'_, Vec<u8>>> {
        if self.writable { Ok(lock(&self.contents)) } else { Err(io::ErrorKind::PermissionDenied.into()) }
    }
}

impl File for MemoryFile {
    fn mappable(&self) -> Option<&fs::File> {
        self.mapped.as_ref()
    }

    fn len(&self) -> io::Result<u64> {
        Ok(lock(&self.contents).len() as u64)
    }

    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let range = MemoryFile::range(offset, out.len())?;
        let contents = lock(&self.contents);
        out.copy_from_slice(contents.get(range).ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn write_at(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let range = MemoryFile::range(offset, data.len())?;
        let mut contents = self.writing()?;
        if contents.len() < range.end {
            contents.resize(range.end, 0);
        }
        if let Some(place) = contents.get_mut(range) {
            place.copy_from_slice(data);
        }
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.writing()?.resize(usize::try_from(len).map_err(io::Error::other)?, 0);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn try_lock(&self, _kind: LockKind) -> io::Result<bool> {
        Ok(true)
    }

    fn unlock(&self) -> io::Result<()> {
        Ok(())
    }

    fn try_lock_range(&self, _range: LockRange, _kind: LockKind) -> io::Result<bool> {
        Ok(true)
    }

    fn lock_range(&self, _range: LockRange, _kind: LockKind) -> io::Result<()> {
        Ok(())
    }

    fn unlock_range(&self, _range: LockRange) -> io::Result<()> {
        Ok(())
    }

    fn unlock_ranges(&self) -> io::Result<()> {
        Ok(())
    }

    fn is_range_locked(&self, _range: LockRange) -> io::Result<bool> {
        Ok(false)
    }
}
