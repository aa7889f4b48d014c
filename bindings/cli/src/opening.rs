//! How a command opens a database.

use std::path::Path;

use vectlite::{Database, Error, ErrorKind, OpenOptions};

use crate::failure::{Failure, Outcome};

/// For reading, beside a writer if there is one. What one command reads of graphs comes from where they are mapped: copying them first pays
/// for many searches only.
pub(crate) fn for_reading(path: &Path) -> Outcome<Database> {
    let options = OpenOptions::new().read_only(true).low_memory(true);
    Database::open(path, options).map_err(|error| failed(path, error))
}

/// For many searches.
pub(crate) fn for_searching(path: &Path) -> Outcome<Database> {
    Database::open(path, OpenOptions::new().read_only(true)).map_err(|error| failed(path, error))
}

/// A database that must exist, for writing: what is missing is told as to a reader, who creates nothing.
pub(crate) fn for_writing(path: &Path) -> Outcome<Database> {
    if exists(path) { Ok(Database::open(path, OpenOptions::new())?) } else { for_reading(path) }
}

/// Whether there is something to open; an empty file is what a tool leaves that makes temporary names.
pub(crate) fn exists(path: &Path) -> bool {
    path.metadata().is_ok_and(|file| file.is_dir() || file.len() > 0)
}

/// What is missing is made by another command here.
pub(crate) fn failed(path: &Path, error: Error) -> Failure {
    match error.kind() {
        ErrorKind::NotFound => {
            Failure::because(format!("{} does not exist; vectlite import makes a database", path.display()))
        }
        _ => Failure::from(error),
    }
}
