//! A store: a directory of databases, each a collection under a name.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::database::Database;
use crate::error::{Error, ErrorKind, Result};
use crate::files::FileSystem;
use crate::limits::MAX_NAME_BYTES;
use crate::options::OpenOptions;
use crate::storage::create;
use crate::storage::lock::LockFile;
use crate::storage::paths::{self, Paths};
use crate::storage::real_files::files_of;

/// What a collection's file is called behind its name.
const EXTENSION: &str = ".vdb";

/// A directory of databases.
///
/// ```
/// # let directory = tempfile::tempdir()?;
/// use vectlite::{OpenOptions, Store};
///
/// let store = Store::open(directory.path().join("store"))?;
/// let notes = store.create_collection("notes", OpenOptions::new().dimension(3))?;
/// assert_eq!(store.collections()?, ["notes"]);
/// notes.close()?;
/// assert!(store.drop_collection("notes")?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Store {
    root: PathBuf,
    files: Arc<dyn FileSystem>,
}

impl Store {
    /// Opens a directory, creating it when it is missing.
    ///
    /// # Errors
    /// `InvalidArgument` when the path is a file, `Storage`.
    pub fn open(root: impl AsRef<Path>) -> Result<Store> {
        let root = root.as_ref();
        let files = files_of(&OpenOptions::new());
        let failed = |error| Error::io(format!("could not open the store {}", root.display()), error);
        let root = paths::absolute("root", root)?;
        if files.inspect(&root).map_err(failed)?.is_some_and(|facts| !facts.is_directory) {
            return Err(Error::invalid(format!("root: {} is a file, expected a directory", root.display())));
        }
        create::directories(files.as_ref(), &root)?;
        Ok(Store { root, files })
    }

    /// The directory.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Creates a collection; `options` must give its dimension.
    ///
    /// # Errors
    /// `AlreadyExists`, `InvalidArgument` for a name that is none, and those of [`Database::open`].
    pub fn create_collection(&self, name: &str, options: OpenOptions) -> Result<Database> {
        let paths = self.paths(name)?;
        if self.exists(&paths)? {
            return Err(Error::new(
                ErrorKind::AlreadyExists,
                format!("collection {name:?} already exists; use open_collection"),
            ));
        }
        Database::open(&paths.vdb, options.read_only(false))
    }

    /// Opens a collection for writing.
    ///
    /// # Errors
    /// `NotFound`, `InvalidArgument` for a name that is none, and those of [`Database::open`].
    pub fn open_collection(&self, name: &str, options: OpenOptions) -> Result<Database> {
        let paths = self.existing(name)?;
        Database::open(&paths.vdb, options.read_only(false))
    }

    /// Opens a collection for reading, beside its writer.
    ///
    /// # Errors
    /// As [`Store::open_collection`].
    pub fn open_collection_read_only(&self, name: &str, options: OpenOptions) -> Result<Database> {
        let paths = self.existing(name)?;
        Database::open(&paths.vdb, options.read_only(true))
    }

    /// Opens a collection for writing, creating it when it is missing.
    ///
    /// # Errors
    /// Those of [`Database::open`].
    pub fn open_or_create_collection(&self, name: &str, options: OpenOptions) -> Result<Database> {
        let paths = self.paths(name)?;
        Database::open(&paths.vdb, options.read_only(false))
    }

    /// Removes a collection's files; `false` when there is none.
    ///
    /// # Errors
    /// `LockContention` while any handle has it open, `InvalidArgument` for a name that is none, `Storage`.
    pub fn drop_collection(&self, name: &str) -> Result<bool> {
        let paths = self.paths(name)?;
        if !self.exists(&paths)? {
            return Ok(false);
        }
        let files = self.files.as_ref();
        let _alone = LockFile::exclusive(files, &paths.lock)
            .map_err(|error| error.context(format_args!("collection {name:?} cannot be dropped")))?;
        // The truth first, and for good: with it and without its log, a power cut would bring an older state back.
        create::remove(files, &paths.vdb)?;
        create::sync_name(files, &paths.vdb)?;
        for path in paths.all() {
            create::remove(files, &path)?;
        }
        create::sync_name(files, &paths.vdb)?;
        Ok(true)
    }

    /// The names of the collections, sorted.
    ///
    /// # Errors
    /// `Storage`.
    pub fn collections(&self) -> Result<Vec<String>> {
        let listed = self.files.list_directory(&self.root);
        let listed = listed
            .map_err(|error| Error::io(format!("could not list the store {}", self.root.display()), error))?;
        let names = listed.into_iter().filter_map(|name| {
            let name = name.into_string().ok()?;
            name.strip_suffix(EXTENSION).filter(|name| check_name(name).is_ok()).map(str::to_owned)
        });
        let mut names: Vec<String> = names.collect();
        names.sort();
        Ok(names)
    }

    fn paths(&self, name: &str) -> Result<Paths> {
        check_name(name)?;
        Paths::of("name", &self.root.join(format!("{name}{EXTENSION}")))
    }

    fn exists(&self, paths: &Paths) -> Result<bool> {
        let facts = self.files.inspect(&paths.vdb);
        facts
            .map(|facts| facts.is_some())
            .map_err(|error| Error::io(format!("could not look at {}", paths.vdb.display()), error))
    }

    fn existing(&self, name: &str) -> Result<Paths> {
        let paths = self.paths(name)?;
        if self.exists(&paths)? {
            return Ok(paths);
        }
        Err(Error::new(
            ErrorKind::NotFound,
            format!("collection {name:?} does not exist; use create_collection or open_or_create_collection"),
        ))
    }
}

/// A name becomes a file name on every system: no separators, no dots at its ends, nothing that a shell or Windows
/// gives a meaning.
fn check_name(name: &str) -> Result<()> {
    let refused = |what: &str| {
        Err(Error::invalid(format!(
            "collection name {name:?}: expected letters, digits, '-', '_', '.' or spaces; {what}"
        )))
    };
    if name.is_empty() {
        return refused("it is empty");
    }
    if name.len() > MAX_NAME_BYTES - EXTENSION.len() - ".wal.new".len() {
        return refused("it is too long for a file name");
    }
    if name.starts_with(['.', ' ']) || name.ends_with(['.', ' ']) || name.contains("..") {
        return refused("it must not start or end with a dot or a space, nor hold two dots in a row");
    }
    if name.chars().any(|letter| !(letter.is_alphanumeric() || "-_. ".contains(letter))) {
        return refused("it holds another character");
    }
    Ok(())
}
