//! The files of a database, named after its path.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Absolute, so that a later change of the working directory does not move the database.
#[derive(Debug, Clone)]
pub(crate) struct Paths {
    /// The truth.
    pub(crate) vdb: PathBuf,
    /// Commits newer than the last checkpoint.
    pub(crate) wal: PathBuf,
    /// Who has the database open.
    pub(crate) lock: PathBuf,
}

impl Paths {
    pub(crate) fn of(path: &Path) -> std::io::Result<Paths> {
        let vdb = std::path::absolute(path)?;
        let with = |suffix: &str| {
            let mut name = OsString::from(&vdb);
            name.push(suffix);
            PathBuf::from(name)
        };
        Ok(Paths { wal: with(".wal"), lock: with(".lock"), vdb })
    }

    /// Everything that belongs to the database, derived images included.
    pub(crate) fn all(&self) -> [PathBuf; 4] {
        let mut ann = OsString::from(&self.vdb);
        ann.push(".ann");
        [self.vdb.clone(), self.wal.clone(), PathBuf::from(ann), self.lock.clone()]
    }
}
