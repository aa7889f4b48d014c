//! What can be written.

use super::Database;
use crate::error::Result;
use crate::filter::Filter;
use crate::record::Record;
use crate::value::Metadata;
use crate::write::batch::{self, Operation, PutMode};
use crate::write::bulk::{BulkLoad, BulkOptions};
use crate::write::transaction::{self, Transaction};

impl Database {
    /// Adds a record that must not exist.
    ///
    /// # Errors
    /// `AlreadyExists`, `DimensionMismatch`, `InvalidArgument`, `ReadOnly`, `Closed`, `Storage`.
    pub fn insert(&self, record: Record) -> Result<()> {
        self.put_many(PutMode::Insert, [record]).map(drop)
    }

    /// Adds a record, or replaces the one with its key as a whole.
    ///
    /// # Errors
    /// As [`Database::insert`], less `AlreadyExists`.
    pub fn upsert(&self, record: Record) -> Result<()> {
        self.put_many(PutMode::Upsert, [record]).map(drop)
    }

    /// Adds records that must not exist, all or none, and returns how many they were.
    ///
    /// # Errors
    /// As [`Database::insert`]; one bad record fails the whole call before anything is written.
    pub fn insert_many(&self, records: impl IntoIterator<Item = Record>) -> Result<usize> {
        self.put_many(PutMode::Insert, records)
    }

    /// Adds or replaces records, all or none, and returns how many they were.
    ///
    /// # Errors
    /// As [`Database::upsert`]; one bad record fails the whole call before anything is written.
    pub fn upsert_many(&self, records: impl IntoIterator<Item = Record>) -> Result<usize> {
        self.put_many(PutMode::Upsert, records)
    }

    /// Analyzes the text of a record that will be written, if this session has an analyzer of its own. The write does it
    /// otherwise: this is for callers whose analyzer must not run where they write, on another thread or under a lock.
    ///
    /// # Errors
    /// `InvalidArgument` with what a step of the analyzer failed with; see
    /// [`Error::into_step_error`](crate::Error::into_step_error).
    pub fn analyze(&self, record: &mut Record) -> Result<()> {
        self.session.as_ref().map_or(Ok(()), |analyzer| record.analyze(analyzer))
    }

    fn put_many(&self, mode: PutMode, records: impl IntoIterator<Item = Record>) -> Result<usize> {
        self.write(|writer| {
            let (now, session) = (self.clock.now(), self.session.as_ref());
            let puts: Vec<Operation> = records
                .into_iter()
                .enumerate()
                .map(|(position, record)| {
                    batch::put(mode, record, now, session).map_err(|error| error.at(position))
                })
                .collect::<Result<_>>()?;
            writer.commit(puts).map(|counts| counts.into_iter().sum())
        })
    }

    /// Starts a bulk load: records are pushed one by one and committed a batch at a time.
    ///
    /// ```
    /// # let directory = tempfile::tempdir()?;
    /// # let path = directory.path().join("bulk.vdb");
    /// use vectlite::{BulkOptions, Database, OpenOptions, Record};
    ///
    /// let db = Database::open(&path, OpenOptions::new().dimension(2))?;
    /// let mut load = db.bulk_load(BulkOptions::new().batch_size(100))?;
    /// for number in 0..250 {
    ///     if load.push(Record::new(format!("r{number}")).vector([number as f32, 1.0]))? {
    ///         println!("{} records so far", load.committed());
    ///     }
    /// }
    /// assert_eq!(load.finish()?, 250);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// `InvalidArgument` for a batch size out of range, `ReadOnly`, `Closed`.
    pub fn bulk_load(&self, options: BulkOptions) -> Result<BulkLoad> {
        self.write(|writer| BulkLoad::new(writer, &options))
    }

    /// Adds or replaces records, a batch a commit, and returns how many they were. `progress` hears after each batch how
    /// many are committed.
    ///
    /// # Errors
    /// As [`Database::upsert`]; [`Error::committed`](crate::Error::committed) says how many records stay.
    pub fn bulk_ingest(
        &self,
        records: impl IntoIterator<Item = Record>,
        options: BulkOptions,
        mut progress: impl FnMut(usize),
    ) -> Result<usize> {
        let mut load = self.bulk_load(options)?;
        for record in records {
            if load.push(record)? {
                progress(load.committed());
            }
        }
        let before = load.committed();
        let loaded = load.finish()?;
        if loaded > before {
            progress(loaded);
        }
        Ok(loaded)
    }

    /// Removes a record; `false` when there is none.
    ///
    /// # Errors
    /// `InvalidArgument` for an id that no record can have, `ReadOnly`, `Closed`, `Storage`.
    pub fn delete(&self, id: &str, namespace: Option<&str>) -> Result<bool> {
        self.commit_one(transaction::delete(id, namespace)).map(|count| count > 0)
    }

    /// Removes records in one commit and returns how many there were.
    ///
    /// # Errors
    /// As [`Database::delete`].
    pub fn delete_many<I: AsRef<str>>(
        &self,
        ids: impl IntoIterator<Item = I>,
        namespace: Option<&str>,
    ) -> Result<usize> {
        self.write(|writer| {
            let deletes: Vec<Operation> = ids
                .into_iter()
                .map(|id| transaction::delete(id.as_ref(), namespace))
                .collect::<Result<_>>()?;
            writer.commit(deletes).map(|counts| counts.into_iter().sum())
        })
    }

    /// Removes every record that matches, in one commit, and returns how many there were. `None` as namespace means
    /// all of them.
    ///
    /// # Errors
    /// `Filter` for a filter that cannot be evaluated, `ReadOnly`, `Closed`, `Storage`.
    pub fn delete_by_filter(&self, filter: &Filter, namespace: Option<&str>) -> Result<usize> {
        let operation = filter.check().map(|()| Operation::DeleteMatching {
            namespace: namespace.map(Into::into),
            filter: filter.clone(),
        });
        self.commit_one(operation)
    }

    /// Merges into a record's metadata at the top level: given keys are replaced, others stay. `false` when there is
    /// no such record.
    ///
    /// # Errors
    /// `InvalidArgument` for metadata beyond the limits, `ReadOnly`, `Closed`, `Storage`.
    pub fn update_metadata(&self, id: &str, metadata: Metadata, namespace: Option<&str>) -> Result<bool> {
        self.commit_one(transaction::update_metadata(id, metadata, namespace)).map(|count| count > 0)
    }

    /// Lets a record expire `ttl` seconds from now. `false` when there is no such record.
    ///
    /// # Errors
    /// `InvalidArgument` for a time that is not finite and at least 0, `ReadOnly`, `Closed`, `Storage`.
    pub fn set_ttl(&self, id: &str, ttl: f64, namespace: Option<&str>) -> Result<bool> {
        let expires_at = batch::expiry(self.clock.now(), ttl);
        self.commit_one(expires_at.and_then(|at| transaction::set_expiry(id, namespace, Some(at))))
            .map(|count| count > 0)
    }

    /// Lets a record stay for good. `false` when there is no such record.
    ///
    /// # Errors
    /// `ReadOnly`, `Closed`, `Storage`.
    pub fn clear_ttl(&self, id: &str, namespace: Option<&str>) -> Result<bool> {
        self.commit_one(transaction::set_expiry(id, namespace, None)).map(|count| count > 0)
    }

    /// A transaction: operations that commit together.
    ///
    /// # Errors
    /// `ReadOnly`, `Closed`.
    pub fn transaction(&self) -> Result<Transaction> {
        self.write(|writer| Ok(Transaction::new(writer)))
    }

    fn commit_one(&self, operation: Result<Operation>) -> Result<usize> {
        // The handle first: a closed database says so whatever the arguments are.
        self.write(|writer| writer.commit(vec![operation?]).map(|counts| counts.into_iter().sum()))
    }
}
