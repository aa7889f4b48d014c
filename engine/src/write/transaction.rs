//! Several operations as one commit: all or nothing, one log record, reading its own writes.

use std::sync::{Arc, Weak};

use super::batch::{self, Operation, PutMode};
use super::commit::Writer;
use super::stage::Stage;
use crate::error::{Result, guarded};
use crate::read;
use crate::record::Record;
use crate::storage::kv::KvKey;
use crate::value::{self, Metadata};

/// Collects operations and commits them together.
///
/// Operations apply in order. Their form is checked at once; whether they fit the database is known at the commit,
/// which fails as a whole when one of them does not. Dropped without a commit, nothing happens.
///
/// ```
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("t.vdb");
/// use vectlite::{Database, OpenOptions, Record};
///
/// let db = Database::open(&path, OpenOptions::new().dimension(2))?;
/// let mut transaction = db.transaction()?;
/// transaction.upsert(Record::new("a").vector([1.0, 0.0]))?;
/// transaction.delete("b", None)?;
/// assert!(transaction.get("a", None)?.is_some(), "it reads its own writes");
/// assert!(db.get("a", None)?.is_none(), "nobody else does");
/// transaction.commit()?;
/// assert!(db.get("a", None)?.is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Transaction {
    /// Weak, so that a forgotten transaction does not keep a closed database's files locked.
    writer: Weak<Writer>,
    operations: Vec<Operation>,
}

impl Transaction {
    pub(crate) fn new(writer: &Arc<Writer>) -> Transaction {
        Transaction { writer: Arc::downgrade(writer), operations: Vec::new() }
    }

    fn writer(&self) -> Result<Arc<Writer>> {
        Writer::of(&self.writer)
    }

    /// How many operations wait for the commit.
    pub fn len(&self) -> usize {
        self.operations.len()
    }

    /// Whether no operation waits.
    pub fn is_empty(&self) -> bool {
        self.operations.is_empty()
    }

    /// Adds a record that must not exist.
    ///
    /// # Errors
    /// `InvalidArgument` for a record that could never be stored. That it exists is an error of the commit.
    pub fn insert(&mut self, record: Record) -> Result<()> {
        self.put(PutMode::Insert, record)
    }

    /// Adds or replaces a record.
    ///
    /// # Errors
    /// `InvalidArgument` for a record that could never be stored.
    pub fn upsert(&mut self, record: Record) -> Result<()> {
        self.put(PutMode::Upsert, record)
    }

    /// Adds records that must not exist; none when one is malformed.
    ///
    /// # Errors
    /// As [`Transaction::insert`].
    pub fn insert_many(&mut self, records: impl IntoIterator<Item = Record>) -> Result<usize> {
        self.put_many(PutMode::Insert, records)
    }

    /// Adds or replaces records; none when one is malformed.
    ///
    /// # Errors
    /// As [`Transaction::upsert`].
    pub fn upsert_many(&mut self, records: impl IntoIterator<Item = Record>) -> Result<usize> {
        self.put_many(PutMode::Upsert, records)
    }

    fn put(&mut self, mode: PutMode, record: Record) -> Result<()> {
        let writer = self.writer()?;
        self.operations.push(batch::put(mode, record, writer.clock.now(), writer.session.as_ref())?);
        Ok(())
    }

    fn put_many(&mut self, mode: PutMode, records: impl IntoIterator<Item = Record>) -> Result<usize> {
        let writer = self.writer()?;
        let (now, session) = (writer.clock.now(), writer.session.as_ref());
        let puts: Vec<Operation> = records
            .into_iter()
            .map(|record| batch::put(mode, record, now, session))
            .collect::<Result<_>>()?;
        let count = puts.len();
        self.operations.extend(puts);
        Ok(count)
    }

    /// Removes a record, if there is one.
    ///
    /// # Errors
    /// `InvalidArgument` for an id that no record can have.
    pub fn delete(&mut self, id: &str, namespace: Option<&str>) -> Result<()> {
        self.operations.push(delete(id, namespace)?);
        Ok(())
    }

    /// Removes records, as far as they exist.
    ///
    /// # Errors
    /// As [`Transaction::delete`].
    pub fn delete_many<I: AsRef<str>>(
        &mut self,
        ids: impl IntoIterator<Item = I>,
        namespace: Option<&str>,
    ) -> Result<()> {
        let deletes: Vec<Operation> =
            ids.into_iter().map(|id| delete(id.as_ref(), namespace)).collect::<Result<_>>()?;
        self.operations.extend(deletes);
        Ok(())
    }

    /// Merges into a record's metadata at the top level, if there is the record.
    ///
    /// # Errors
    /// `InvalidArgument` for metadata that could never be stored.
    pub fn update_metadata(&mut self, id: &str, metadata: Metadata, namespace: Option<&str>) -> Result<()> {
        self.operations.push(update_metadata(id, metadata, namespace)?);
        Ok(())
    }

    /// Lets a record expire `ttl` seconds from now, if there is the record.
    ///
    /// # Errors
    /// `InvalidArgument` for a time that is not finite and at least 0.
    pub fn set_ttl(&mut self, id: &str, ttl: f64, namespace: Option<&str>) -> Result<()> {
        let expires_at = batch::expiry(self.writer()?.clock.now(), ttl)?;
        self.operations.push(set_expiry(id, namespace, Some(expires_at))?);
        Ok(())
    }

    /// Keeps bytes of the application's own under a key of one of its tables, in place of what was there. Tables need not be made:
    /// one is there as long as there is a key in it. The bytes become durable with everything else that the transaction does.
    ///
    /// ```
    /// # let directory = tempfile::tempdir()?;
    /// # let path = directory.path().join("notes.vdb");
    /// use vectlite::{Database, OpenOptions, Record};
    ///
    /// let db = Database::open(&path, OpenOptions::new().dimension(2))?;
    /// let mut transaction = db.transaction()?;
    /// transaction.upsert(Record::new("mail-17").vector([1.0, 0.0]))?;
    /// transaction.kv_put("progress", "inbox", b"17")?;
    /// transaction.commit()?;
    /// assert_eq!(db.kv_get("progress", "inbox")?.as_deref(), Some(b"17".as_slice()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// `InvalidArgument` for a name of a table that is empty or above 255 bytes, a key that is empty or above 1,024 bytes, and a value
    /// above 16 MiB.
    pub fn kv_put(&mut self, table: &str, key: &str, value: impl AsRef<[u8]>) -> Result<()> {
        self.operations.push(batch::kv(table, key, Some(value.as_ref()))?);
        Ok(())
    }

    /// Removes what is kept under a key, if there is anything.
    ///
    /// # Errors
    /// As [`Transaction::kv_put`].
    pub fn kv_delete(&mut self, table: &str, key: &str) -> Result<()> {
        self.operations.push(batch::kv(table, key, None)?);
        Ok(())
    }

    /// What would be kept under a key after the commit.
    ///
    /// # Errors
    /// Those of [`Database::kv_get`](crate::Database::kv_get).
    pub fn kv_get(&self, table: &str, key: &str) -> Result<Option<Vec<u8>>> {
        guarded(|| {
            let asked = KvKey::new(table, key);
            // No other operation changes a table of the application's: the last one under this key decides.
            let own = self.operations.iter().rev().find_map(|operation| match operation {
                Operation::Kv { key, value } if *key == asked => Some(value.clone()),
                _ => None,
            });
            let value = match own {
                Some(value) => value,
                None => self.writer()?.newest()?.kv(&asked)?,
            };
            Ok(value.map(|value| value.to_vec()))
        })
    }

    /// The record as it would be after the commit.
    ///
    /// # Errors
    /// What the commit would fail with, and those of [`Database::get`](crate::Database::get).
    pub fn get(&self, id: &str, namespace: Option<&str>) -> Result<Option<Record>> {
        guarded(|| {
            let writer = self.writer()?;
            let now = writer.clock.now();
            let mut stage = Stage::new(writer.newest()?, now);
            self.operations.iter().try_for_each(|operation| stage.stage(operation).map(drop))?;
            read::get::record(&stage.view, namespace.unwrap_or_default(), id, now)
        })
    }

    /// Commits: everything becomes visible at once, or nothing does.
    ///
    /// # Errors
    /// `AlreadyExists`, `DimensionMismatch`, … of the first operation that does not fit; `Storage` when the log
    /// cannot be written.
    pub fn commit(self) -> Result<()> {
        guarded(|| self.writer()?.commit(self.operations).map(drop))
    }

    /// Forgets the operations.
    pub fn rollback(self) {}
}

pub(crate) fn delete(id: &str, namespace: Option<&str>) -> Result<Operation> {
    let (namespace, id) = checked_key(id, namespace)?;
    Ok(Operation::Delete { namespace, id })
}

pub(crate) fn update_metadata(id: &str, metadata: Metadata, namespace: Option<&str>) -> Result<Operation> {
    let (namespace, id) = checked_key(id, namespace)?;
    value::validate(&metadata)?;
    Ok(Operation::UpdateMetadata { namespace, id, metadata })
}

pub(crate) fn set_expiry(id: &str, namespace: Option<&str>, expires_at: Option<u64>) -> Result<Operation> {
    let (namespace, id) = checked_key(id, namespace)?;
    Ok(Operation::SetExpiry { namespace, id, expires_at })
}

fn checked_key(id: &str, namespace: Option<&str>) -> Result<(Arc<str>, Arc<str>)> {
    let namespace = namespace.unwrap_or_default();
    batch::check_namespace(namespace)?;
    batch::check_id(id)?;
    Ok((Arc::from(namespace), Arc::from(id)))
}
