//! How redb is opened: one writer process, any number of readers, a cache of a chosen size.

use redb::{Builder, ConcurrencyMode, Database, ReadOnlyDatabase};

use super::backend::{Backend, CopyOnWrite};
use super::files::File;
use super::reader::storage_error;
use crate::error::Result;
use crate::limits::REDB_CACHE_BYTES;

fn builder() -> Builder {
    let mut builder = Builder::new();
    builder.set_cache_size(REDB_CACHE_BYTES);
    builder.set_concurrency_mode(ConcurrencyMode::SingleWriter);
    builder
}

/// Opens a `.vdb` for writing, creating its structure when the file is empty, repairing it after a crash.
pub(crate) fn writer(file: Box<dyn File>) -> Result<Database> {
    builder().create_with_backend(Backend::new(file)).map_err(storage_error)
}

/// Opens a `.vdb` that a writer may have open; follows the writer's commits. Fails with
/// [`redb::DatabaseError::RepairAborted`] after a crash, until a writer has repaired the file.
pub(crate) fn reader(file: Box<dyn File>) -> Result<ReadOnlyDatabase, redb::DatabaseError> {
    builder().open_read_only_with_backend(Backend::new(file))
}

/// Opens a `.vdb` that cannot be written to but needs repair: what the repair writes stays in memory.
pub(crate) fn repaired_in_memory(file: Box<dyn File>) -> Result<Database> {
    let mut builder = Builder::new();
    builder.set_cache_size(REDB_CACHE_BYTES);
    builder.create_with_backend(CopyOnWrite::new(file)).map_err(storage_error)
}
