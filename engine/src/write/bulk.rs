//! Loading many records: pushed one by one, committed a batch at a time.

use std::sync::{Arc, Weak};

use super::batch::{self, Operation, PutMode};
use super::commit::Writer;
use super::indexer::Rebuild;
use crate::error::{Error, Result, guarded};
use crate::index_config::IndexChanges;
use crate::limits::{BULK_BATCH_RECORDS, MAX_BULK_BATCH_RECORDS};
use crate::record::Record;

/// How records are loaded in bulk.
///
/// ```
/// let options = vectlite::BulkOptions::new().batch_size(1_000);
/// # let _ = options;
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BulkOptions {
    /// Records in one commit, 1 to 1,000,000; 10,000 by default.
    pub batch_size: usize,
    /// What the load changes in the configuration of the graphs, for good and before its first record; nothing by
    /// default.
    pub index: IndexChanges,
    /// Whether the vectors get into graphs, which they do by default. See [`BulkOptions::graphs`].
    pub graphs: bool,
}

impl Default for BulkOptions {
    fn default() -> BulkOptions {
        BulkOptions { batch_size: BULK_BATCH_RECORDS, index: IndexChanges::default(), graphs: true }
    }
}

impl BulkOptions {
    /// With every default.
    pub fn new() -> BulkOptions {
        BulkOptions::default()
    }

    /// With so many records in one commit.
    #[must_use]
    pub fn batch_size(mut self, records: usize) -> BulkOptions {
        self.batch_size = records;
        self
    }

    /// With these changes to the configuration of the graphs.
    #[must_use]
    pub fn index(mut self, changes: IndexChanges) -> BulkOptions {
        self.index = changes;
        self
    }

    /// Whether the vectors get into graphs, which needs memory for all of them: some 500 MB for a million of 64 dimensions. Without, no
    /// graph of this handle grows any more, searches scan what was loaded, and the next writer to open the database builds
    /// what is missing, as [`Database::compact`](crate::Database::compact) does at once.
    #[must_use]
    pub fn graphs(mut self, graphs: bool) -> BulkOptions {
        self.graphs = graphs;
        self
    }
}

/// A bulk load that is under way; see [`Database::bulk_load`](crate::Database::bulk_load).
///
/// Each batch is one commit: all of it or nothing. Errors say in [`Error::committed`] how many records the batches before
/// it hold. Dropped without [`BulkLoad::finish`], the records of the last, unfinished batch are forgotten.
#[derive(Debug)]
pub struct BulkLoad {
    /// Weak, so that a forgotten load does not keep a closed database's files locked.
    writer: Weak<Writer>,
    batch_size: usize,
    batch: Vec<Operation>,
    committed: usize,
    graphs: bool,
}

impl Drop for BulkLoad {
    fn drop(&mut self) {
        if let Ok(writer) = Writer::of(&self.writer) {
            writer.indexer.end_load();
        }
    }
}

impl BulkLoad {
    pub(crate) fn new(writer: &Arc<Writer>, options: &BulkOptions) -> Result<BulkLoad> {
        let batch_size = options.batch_size;
        if !(1..=MAX_BULK_BATCH_RECORDS).contains(&batch_size) {
            return Err(Error::invalid(format!(
                "batch_size: expected 1 to {MAX_BULK_BATCH_RECORDS} records, got {batch_size}"
            )));
        }
        writer.commit(vec![Operation::Configure { changes: options.index }])?;
        writer.indexer.begin_load();
        let graphs = options.graphs;
        if !graphs {
            writer.indexer.hold();
        }
        Ok(BulkLoad { writer: Arc::downgrade(writer), batch_size, batch: Vec::new(), committed: 0, graphs })
    }

    /// Adds a record, or replaces the one with its key. Whether this has completed a batch and committed it.
    ///
    /// # Errors
    /// Those of [`Database::upsert`](crate::Database::upsert); after one, nothing of the unfinished batch is committed.
    pub fn push(&mut self, record: Record) -> Result<bool> {
        let pushed = guarded(|| {
            let writer = Writer::of(&self.writer)?;
            let session = writer.session.as_ref();
            let put = batch::put(PutMode::Upsert, record, writer.clock.now(), session);
            self.batch.push(put.map_err(|error| error.at(self.batch.len()))?);
            if self.batch.len() < self.batch_size {
                return Ok(false);
            }
            self.commit_batch(&writer).map(|()| true)
        });
        pushed.map_err(|error| self.failed(error))
    }

    /// How many records are committed so far.
    pub fn committed(&self) -> usize {
        self.committed
    }

    /// Commits the unfinished batch, waits until every vector is in its graph and the graphs are in their image (unless they are left for
    /// later), and returns how many records were loaded in all.
    ///
    /// # Errors
    /// As [`BulkLoad::push`].
    pub fn finish(mut self) -> Result<usize> {
        let finished = guarded(|| {
            let writer = Writer::of(&self.writer)?;
            self.commit_batch(&writer)?;
            if self.graphs { writer.indexer.catch_up(Rebuild::None) } else { Ok(()) }
        });
        finished.map(|()| self.committed).map_err(|error| self.failed(error))
    }

    fn commit_batch(&mut self, writer: &Writer) -> Result<()> {
        let batch = std::mem::take(&mut self.batch);
        let records = batch.len();
        writer.commit(batch)?;
        self.committed += records;
        Ok(())
    }

    fn failed(&mut self, error: Error) -> Error {
        self.batch.clear();
        error.with_committed(self.committed)
    }
}
