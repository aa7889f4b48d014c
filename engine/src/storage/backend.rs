//! redb over one of our files.

use std::io;
use std::ops::Bound;

use redb::{BackendError, StorageBackend};

use super::files::{File, LockKind};

/// Hands every call of redb on to a [`File`], byte-range locks included, so that its shared modes work over
/// whatever implements the trait.
#[derive(Debug)]
pub(crate) struct Backend(Box<dyn File>);

impl Backend {
    /// A backend over `file`, whose locks redb manages from here on.
    pub(crate) fn new(file: Box<dyn File>) -> Backend {
        Backend(file)
    }
}

impl StorageBackend for Backend {
    fn len(&self) -> io::Result<u64> {
        self.0.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.0.read_at(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.0.write_at(offset, data)
    }

    fn close(&self) -> io::Result<()> {
        self.0.unlock_ranges()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        Ok(self.0.try_lock_range((start, end), LockKind::Exclusive)?)
    }

    fn try_lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        Ok(self.0.try_lock_range((start, end), LockKind::Shared)?)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        Ok(self.0.lock_range((start, end), LockKind::Exclusive)?)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        Ok(self.0.lock_range((start, end), LockKind::Shared)?)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        Ok(self.0.unlock_range((start, end))?)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        Ok(self.0.is_range_locked((start, end))?)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use redb::{ConcurrencyMode, Database, DatabaseError, ReadableDatabase, TableDefinition};

    use super::super::files::{FileSystem, OpenMode, RealFileSystem};
    use super::*;

    const TABLE: TableDefinition<u64, &[u8]> = TableDefinition::new("numbers");

    fn backend(path: &Path, mode: OpenMode) -> Backend {
        Backend::new(RealFileSystem.open(path, mode).unwrap())
    }

    fn builder() -> redb::Builder {
        let mut builder = Database::builder();
        builder.set_concurrency_mode(ConcurrencyMode::SingleWriter).set_cache_size(1 << 20);
        builder
    }

    fn put(database: &Database, key: u64) {
        let mut write = database.begin_write().unwrap();
        write.set_quick_repair(true);
        write.open_table(TABLE).unwrap().insert(key, &[7_u8; 5000][..]).unwrap();
        write.commit().unwrap();
    }

    #[test]
    fn one_writes_others_follow_and_a_second_writer_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("shared.vdb");
        let writer = builder().create_with_backend(backend(&path, OpenMode::Create)).unwrap();
        put(&writer, 0);
        let reader = builder().open_read_only_with_backend(backend(&path, OpenMode::Read)).unwrap();
        for key in 1..50 {
            put(&writer, key);
            let table = reader.begin_read().unwrap().open_table(TABLE).unwrap();
            assert_eq!(table.get(key).unwrap().unwrap().value(), [7; 5000]);
        }
        let second = builder().create_with_backend(backend(&path, OpenMode::Write));
        assert!(matches!(second, Err(DatabaseError::DatabaseAlreadyOpen)), "{second:?}");

        // A clean close releases the locks even while a reader goes on.
        writer.close().unwrap();
        let successor = builder().create_with_backend(backend(&path, OpenMode::Write)).unwrap();
        put(&successor, 50);
        let table = reader.begin_read().unwrap().open_table(TABLE).unwrap();
        assert!(table.get(50).unwrap().is_some());
    }
}
