//! The operating system's files behind a gate: a function of the test's is asked before each operation on a name, and may refuse it,
//! or do something meanwhile.

use std::ffi::OsString;
use std::fmt;
use std::io;
use std::path::Path;

use vectlite::RealFileSystem;
use vectlite::files::{File, FileFacts, FileSystem, OpenMode};

/// What is about to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// A file is opened for reading.
    Read,
    /// Anything that a medium must be writable for.
    Change,
}

/// See the module.
pub struct Gate<F>(F);

impl<F: Fn(&Path, Access) -> io::Result<()>> Gate<F> {
    /// With what is asked.
    pub fn new(ask: F) -> Gate<F> {
        Gate(ask)
    }
}

impl<F> fmt::Debug for Gate<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Gate")
    }
}

impl<F: Fn(&Path, Access) -> io::Result<()> + Send + Sync + 'static> FileSystem for Gate<F> {
    fn open(&self, path: &Path, mode: OpenMode) -> io::Result<Box<dyn File>> {
        (self.0)(path, if mode == OpenMode::Read { Access::Read } else { Access::Change })?;
        RealFileSystem.open(path, mode)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        (self.0)(from, Access::Change)?;
        RealFileSystem.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        (self.0)(path, Access::Change)?;
        RealFileSystem.remove(path)
    }

    fn sync_directory(&self, path: &Path) -> io::Result<()> {
        RealFileSystem.sync_directory(path)
    }

    fn create_directories(&self, path: &Path) -> io::Result<()> {
        if path.is_dir() {
            return Ok(());
        }
        (self.0)(path, Access::Change)?;
        RealFileSystem.create_directories(path)
    }

    fn inspect(&self, path: &Path) -> io::Result<Option<FileFacts>> {
        RealFileSystem.inspect(path)
    }

    fn list_directory(&self, path: &Path) -> io::Result<Vec<OsString>> {
        RealFileSystem.list_directory(path)
    }
}
