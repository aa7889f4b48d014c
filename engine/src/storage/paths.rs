//! The files of a database, named after its path.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// The absolute form of a path that was given as `argument`; refuses what no file can be called.
pub(crate) fn absolute(argument: &str, path: &Path) -> Result<PathBuf> {
    if path.as_os_str().is_empty() {
        return Err(Error::invalid(format!("{argument}: expected a path, got an empty one")));
    }
    if path.as_os_str().as_encoded_bytes().contains(&0) {
        return Err(Error::invalid(format!(
            "{argument}: expected a path without NUL characters, got {path:?}"
        )));
    }
    std::path::absolute(path)
        .map_err(|error| Error::io(format!("could not resolve the path {}", path.display()), error))
}

/// Where a file grows until it is whole.
pub(crate) fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    PathBuf::from(name)
}

/// Absolute, so that a later change of the working directory does not move the database.
#[derive(Debug, Clone)]
pub(crate) struct Paths {
    /// The truth.
    pub(crate) vdb: PathBuf,
    /// Commits newer than the last checkpoint.
    pub(crate) wal: PathBuf,
    /// The graphs, derived.
    pub(crate) ann: PathBuf,
    /// Who has the database open.
    pub(crate) lock: PathBuf,
}

impl Paths {
    /// The files of the database at `path`, which was given as `argument`.
    pub(crate) fn of(argument: &str, path: &Path) -> Result<Paths> {
        let vdb = absolute(argument, path)?;
        let with = |suffix: &str| {
            let mut name = OsString::from(&vdb);
            name.push(suffix);
            PathBuf::from(name)
        };
        Ok(Paths { wal: with(".wal"), ann: with(".ann"), lock: with(".lock"), vdb })
    }

    /// Everything that belongs to the database, derived images included.
    pub(crate) fn all(&self) -> [PathBuf; 4] {
        [self.vdb.clone(), self.wal.clone(), self.ann.clone(), self.lock.clone()]
    }
}
