//! What can be written in a transaction of the application.

use std::ops::Deref;

use super::reads::Begin;
use super::staged::{Staged, foreign};
use super::{Attached, Shared, State};
use crate::error::{Result, guarded};
use crate::field_type::FieldType;
use crate::filter::Filter;
use crate::index_config::IndexChanges;
use crate::record::Record;
use crate::storage::operations::{self, Database, WriteTransaction};
use crate::storage::tables::Prefixed;
use crate::value::{Metadata, Path};
use crate::write::batch::{self, Operation, PutMode};
use crate::write::transaction;

impl Shared {
    /// What a transaction that writes has written so far.
    pub(super) fn staged<'s>(
        &self,
        state: &'s mut State,
        database: &dyn Begin,
        transaction: &WriteTransaction,
    ) -> Result<&'s mut Staged> {
        let prefixed = Prefixed::new(transaction, &self.prefix);
        let stand = operations::written(prefixed)?;
        // Nobody else writes, so what is committed is what this transaction began with.
        let read = database.begin()?;
        let reads = Prefixed::new(&read, &self.prefix);
        let shown = operations::read(reads)?;
        let committed = shown.as_ref().map(|stand| (stand.last, stand.checkpoint));
        let goes_on = |staged: &Staged| {
            let now = (staged.last, staged.checkpoint);
            let has_written = !staged.is_empty() || staged.has_checkpoint();
            // When what it has written is committed, it is over, and this is another one.
            now == (stand.last, stand.checkpoint) && !(has_written && committed == Some(now))
        };
        if !state.staged.as_ref().is_some_and(goes_on) {
            let shown = shown.ok_or_else(|| self.nothing_attached())?;
            self.notice_rollback(state, reads, &shown)?;
            let view = self.show_at(state, reads, &shown)?;
            let (checkpoint, last) = (shown.checkpoint, shown.last);
            if checkpoint != stand.checkpoint || !stand.holds(last)? {
                return Err(foreign());
            }
            if stand.history != state.history {
                operations::put_stand(prefixed, stand.checkpoint, stand.last, &state.history)?;
            }
            let mut staged = Staged::new(view, checkpoint, last, state.history, self.clock.now());
            stand.replay(last, |position, body| staged.adopt(position, body))?;
            state.staged = Some(staged);
        }
        state.staged.as_mut().ok_or_else(foreign)
    }

    /// Runs operations in a transaction, all or none of them; returns how many records each of them concerned.
    fn write(
        &self,
        database: &dyn Begin,
        transaction: &WriteTransaction,
        operations: &[Operation],
    ) -> Result<Vec<usize>> {
        let mut state = self.lock()?;
        let staged = self.staged(&mut state, database, transaction)?;
        let is_due = staged.is_empty() && staged.base.active.bytes() >= self.checkpoint_bytes;
        if is_due {
            self.checkpoint(&mut state, database, transaction)?;
        }
        let prefixed = Prefixed::new(transaction, &self.prefix);
        let now = self.clock.now();
        let staged = state.staged.as_mut().ok_or_else(foreign)?;
        let counts = staged.write(prefixed, operations, now)?;
        if is_due {
            staged.sweep(prefixed, now)?;
        }
        Ok(counts)
    }
}

impl<D> Attached<D>
where
    D: Deref<Target = Database>,
{
    fn write(&self, transaction: &WriteTransaction, operations: Result<Vec<Operation>>) -> Result<usize> {
        guarded(|| {
            let counts = self.shared.write(&*self.database, transaction, &operations?)?;
            Ok(counts.into_iter().sum())
        })
    }

    fn put_many_in(
        &self,
        transaction: &WriteTransaction,
        mode: PutMode,
        records: impl IntoIterator<Item = Record>,
    ) -> Result<usize> {
        let (now, session) = (self.shared.clock.now(), self.shared.session.as_ref());
        let put =
            |(position, record)| batch::put(mode, record, now, session).map_err(|error| error.at(position));
        self.write(transaction, records.into_iter().enumerate().map(put).collect())
    }

    /// Adds a record that must not exist.
    ///
    /// # Errors
    /// `AlreadyExists`; as [`Attached::upsert_in`].
    pub fn insert_in(&self, transaction: &WriteTransaction, record: Record) -> Result<()> {
        self.put_many_in(transaction, PutMode::Insert, [record]).map(drop)
    }

    /// Adds a record, or replaces the one with its key as a whole. It is there when the transaction is committed, and in the transaction at
    /// once.
    ///
    /// # Errors
    /// `DimensionMismatch`, `InvalidArgument`, also for a transaction of another database; `Corruption`, `Storage`. After an error the
    /// transaction is as it was, and can be committed.
    pub fn upsert_in(&self, transaction: &WriteTransaction, record: Record) -> Result<()> {
        self.put_many_in(transaction, PutMode::Upsert, [record]).map(drop)
    }

    /// Adds records that must not exist, all or none, and returns how many they were.
    ///
    /// # Errors
    /// As [`Attached::insert_in`].
    pub fn insert_many_in(
        &self,
        transaction: &WriteTransaction,
        records: impl IntoIterator<Item = Record>,
    ) -> Result<usize> {
        self.put_many_in(transaction, PutMode::Insert, records)
    }

    /// Adds or replaces records, all or none, and returns how many they were. Faster than one by one.
    ///
    /// # Errors
    /// As [`Attached::upsert_in`].
    pub fn upsert_many_in(
        &self,
        transaction: &WriteTransaction,
        records: impl IntoIterator<Item = Record>,
    ) -> Result<usize> {
        self.put_many_in(transaction, PutMode::Upsert, records)
    }

    /// Removes a record; `false` when there is none.
    ///
    /// # Errors
    /// As [`Attached::upsert_in`].
    pub fn delete_in(
        &self,
        transaction: &WriteTransaction,
        id: &str,
        namespace: Option<&str>,
    ) -> Result<bool> {
        self.one(transaction, transaction::delete(id, namespace))
    }

    /// Removes records and returns how many there were.
    ///
    /// # Errors
    /// As [`Attached::upsert_in`].
    pub fn delete_many_in<I: AsRef<str>>(
        &self,
        transaction: &WriteTransaction,
        ids: impl IntoIterator<Item = I>,
        namespace: Option<&str>,
    ) -> Result<usize> {
        self.write(
            transaction,
            ids.into_iter().map(|id| transaction::delete(id.as_ref(), namespace)).collect(),
        )
    }

    /// Removes every record that matches, and returns how many there were. `None` as namespace means all of them.
    ///
    /// # Errors
    /// `Filter` for a filter that cannot be evaluated; as [`Attached::upsert_in`].
    pub fn delete_by_filter_in(
        &self,
        transaction: &WriteTransaction,
        filter: &Filter,
        namespace: Option<&str>,
    ) -> Result<usize> {
        let operation = filter.check().map(|()| Operation::DeleteMatching {
            namespace: namespace.map(Into::into),
            filter: filter.clone(),
        });
        self.write(transaction, operation.map(|operation| vec![operation]))
    }

    /// Merges into a record's metadata at the top level. `false` when there is no such record.
    ///
    /// # Errors
    /// As [`Attached::upsert_in`].
    pub fn update_metadata_in(
        &self,
        transaction: &WriteTransaction,
        id: &str,
        metadata: Metadata,
        namespace: Option<&str>,
    ) -> Result<bool> {
        self.one(transaction, transaction::update_metadata(id, metadata, namespace))
    }

    /// Lets a record expire `ttl` seconds from now. `false` when there is no such record.
    ///
    /// # Errors
    /// As [`Attached::upsert_in`].
    pub fn set_ttl_in(
        &self,
        transaction: &WriteTransaction,
        id: &str,
        ttl: f64,
        namespace: Option<&str>,
    ) -> Result<bool> {
        let expires_at = batch::expiry(self.shared.clock.now(), ttl);
        self.one(transaction, expires_at.and_then(|at| transaction::set_expiry(id, namespace, Some(at))))
    }

    /// Lets a record stay for good. `false` when there is no such record.
    ///
    /// # Errors
    /// As [`Attached::upsert_in`].
    pub fn clear_ttl_in(
        &self,
        transaction: &WriteTransaction,
        id: &str,
        namespace: Option<&str>,
    ) -> Result<bool> {
        self.one(transaction, transaction::set_expiry(id, namespace, None))
    }

    /// Gives a field of the metadata an index, if it has none: `false` then. It is built by the next checkpoint; until then filters look at
    /// records, as they do without it.
    ///
    /// # Errors
    /// As [`Database::create_index`](crate::Database::create_index).
    pub fn create_index_in(
        &self,
        transaction: &WriteTransaction,
        field: &str,
        kind: FieldType,
    ) -> Result<bool> {
        let operation = Path::new(field).map(|path| Operation::CreateIndex { path, kind });
        self.one(transaction, operation)
    }

    /// Drops the index of a field; `false` when there is none.
    ///
    /// # Errors
    /// As [`Database::drop_index`](crate::Database::drop_index).
    pub fn drop_index_in(&self, transaction: &WriteTransaction, field: &str) -> Result<bool> {
        self.one(transaction, Path::new(field).map(|path| Operation::DropIndex { path }))
    }

    /// Changes how graphs are built and searched.
    ///
    /// # Errors
    /// As [`Database::set_index_config`](crate::Database::set_index_config).
    pub fn set_index_config_in(&self, transaction: &WriteTransaction, changes: IndexChanges) -> Result<()> {
        self.one(transaction, Ok(Operation::Configure { changes })).map(drop)
    }

    fn one(&self, transaction: &WriteTransaction, operation: Result<Operation>) -> Result<bool> {
        self.write(transaction, operation.map(|operation| vec![operation])).map(|count| count > 0)
    }
}
