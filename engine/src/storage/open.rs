//! How redb is opened and closed: one writer process, any number of readers, a cache of a chosen size.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use redb::{
    Builder, ConcurrencyMode, Database, DatabaseError, ReadOnlyDatabase, ReadTransaction, ReadableDatabase,
};

use super::backend::Backend;
use super::catalog::Catalog;
use super::checkpoint;
use super::copy_on_write::CopyOnWrite;
use super::memtable::Memtable;
use super::pages::CheckedPages;
use super::reader::{Snapshot, storage_error};
use super::tables::Prefixed;
use super::writer::Progress;
use crate::error::{Error, Result};
use crate::files::{File, FileSystem, OpenMode};
use crate::limits::REDB_CACHE_BYTES;

fn builder() -> Builder {
    let mut builder = Builder::new();
    builder.set_cache_size(REDB_CACHE_BYTES);
    builder.set_concurrency_mode(ConcurrencyMode::SingleWriter);
    builder
}

fn open_file(files: &dyn FileSystem, path: &Path, mode: OpenMode) -> Result<Box<dyn File>> {
    files.open(path, mode).map_err(|error| Error::io(format!("could not open {}", path.display()), error))
}

/// redb over a file, for writing: what [`super::create`] fills.
pub(crate) fn database(file: Box<dyn File>) -> Result<Database> {
    builder().create_with_backend(CheckedPages::new(Backend::new(file))).map_err(open_error)
}

/// A `.vdb` open for writing. Snapshots keep the file open for as long as they live.
#[derive(Debug)]
pub(crate) struct WriterFile {
    database: Arc<Database>,
}

impl WriterFile {
    /// Opens an existing `.vdb`, repairing it after a crash; takes redb's writer lock.
    pub(crate) fn open(files: &dyn FileSystem, path: &Path) -> Result<WriterFile> {
        let file = open_file(files, path, OpenMode::Write)?;
        Ok(WriterFile { database: Arc::new(database(file)?) })
    }

    /// The content, with the catalog read from the tables.
    pub(crate) fn snapshot(&self) -> Result<Snapshot> {
        Snapshot::open(Prefixed::none(&self.begin_read()?), Keep::Writer(Arc::clone(&self.database)))
    }

    /// The content right behind a checkpoint of `catalog`, which is known to be what the tables hold.
    pub(crate) fn snapshot_of(&self, catalog: Catalog) -> Result<Snapshot> {
        Snapshot::with_catalog(
            Prefixed::none(&self.begin_read()?),
            catalog,
            Keep::Writer(Arc::clone(&self.database)),
        )
    }

    fn begin_read(&self) -> Result<ReadTransaction> {
        self.database.begin_read().map_err(storage_error)
    }

    /// Bytes of the pages that are in use; the others are free for later transactions. Looks at every page.
    pub(crate) fn used_bytes(&self) -> Result<u64> {
        let transaction = self.database.begin_write().map_err(storage_error)?;
        let stats = transaction.stats().map_err(storage_error)?;
        transaction.abort().map_err(storage_error)?;
        Ok(stats.allocated_pages().saturating_mul(stats.page_size() as u64))
    }

    /// Moves a frozen memtable into the tables; see [`checkpoint::write`].
    pub(crate) fn checkpoint(
        &self,
        frozen: &Memtable,
        catalog: &Catalog,
        stored: &Catalog,
        commit: u64,
        progress: Progress<'_>,
    ) -> Result<()> {
        checkpoint::write(&self.database, frozen, catalog, stored, commit, progress)
    }
}

/// A `.vdb` open for reading.
pub(crate) enum ReaderFile {
    /// Beside a writer, whose commits it follows.
    Shared(Arc<ReadOnlyDatabase>),
    /// On media that cannot be written to, with what a repair changed kept in memory.
    InMemory(Arc<Database>),
}

impl fmt::Debug for ReaderFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ReaderFile::Shared(_) => "ReaderFile::Shared",
            ReaderFile::InMemory(_) => "ReaderFile::InMemory",
        })
    }
}

impl ReaderFile {
    /// Opens an existing `.vdb`. `None` when the file needs a repair first, after a crash of its writer.
    pub(crate) fn open(files: &dyn FileSystem, path: &Path) -> Result<Option<ReaderFile>> {
        let file = open_file(files, path, OpenMode::Read)?;
        match builder().open_read_only_with_backend(CheckedPages::new(Backend::new(file))) {
            Ok(database) => Ok(Some(ReaderFile::Shared(Arc::new(database)))),
            Err(DatabaseError::RepairAborted) => Ok(None),
            Err(error) => Err(open_error(error)),
        }
    }

    /// Opens a `.vdb` that needs a repair but cannot be written to.
    pub(crate) fn repaired_in_memory(files: &dyn FileSystem, path: &Path) -> Result<ReaderFile> {
        let file = open_file(files, path, OpenMode::Read)?;
        let backend =
            CopyOnWrite::new(file).map_err(|error| Error::io("could not read the database file", error))?;
        let database = builder().create_with_backend(CheckedPages::new(backend)).map_err(open_error)?;
        Ok(ReaderFile::InMemory(Arc::new(database)))
    }

    /// The newest content.
    pub(crate) fn snapshot(&self) -> Result<Snapshot> {
        let (transaction, keep) = self.begin_read()?;
        Snapshot::open(Prefixed::none(&transaction), keep)
    }

    /// What can be read of it; see [`Snapshot::salvaged`].
    pub(crate) fn salvaged(&self) -> Result<Snapshot> {
        let (transaction, keep) = self.begin_read()?;
        Snapshot::salvaged(Prefixed::none(&transaction), keep)
    }

    fn begin_read(&self) -> Result<(ReadTransaction, Keep)> {
        match self {
            ReaderFile::Shared(database) => {
                Ok((database.begin_read().map_err(storage_error)?, Keep::Reader(Arc::clone(database))))
            }
            ReaderFile::InMemory(database) => {
                Ok((database.begin_read().map_err(storage_error)?, Keep::Writer(Arc::clone(database))))
            }
        }
    }
}

/// Lets redb compare all of its pages with their checksums, and the pages that it takes for free with those in use. Over memory, so that
/// nothing is repaired; nobody may write to the file meanwhile.
pub(crate) fn integrity(files: &dyn FileSystem, path: &Path) -> Result<()> {
    let file = open_file(files, path, OpenMode::Read)?;
    let backend =
        CopyOnWrite::new(file).map_err(|error| Error::io("could not read the database file", error))?;
    let mut database = builder().create_with_backend(backend).map_err(open_error)?;
    match database.check_integrity().map_err(storage_error)? {
        true => Ok(()),
        false => Err(Error::corruption("redb's list of free pages was not that of the pages in use")),
    }
}

/// What keeps the file of a snapshot open. Never read: its drop is its purpose.
pub(crate) enum Keep {
    Writer(#[expect(dead_code, reason = "held for its drop")] Arc<Database>),
    Reader(#[expect(dead_code, reason = "held for its drop")] Arc<ReadOnlyDatabase>),
    /// The file is an application's, which keeps it open itself.
    Application,
}

/// What redb says of a file that it never wrote comes as an I/O error or as corruption.
fn open_error(error: DatabaseError) -> Error {
    match error {
        DatabaseError::Storage(redb::StorageError::Io(error))
            if error.kind() == std::io::ErrorKind::InvalidData =>
        {
            Error::corruption("the file is not a vectlite database; give the path of a vectlite database")
        }
        other => storage_error(other),
    }
}
