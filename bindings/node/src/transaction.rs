//! Several operations as one commit.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use napi::Env;
use napi::bindgen_prelude::Unknown;
use napi_derive::napi;
use vectlite::{ErrorKind, Record};

use crate::call::{self, Call, count, nothing, twins};
use crate::convert::bytes::{bytes, kv_place, maybe_bytes_out};
use crate::convert::options::{NamespaceOptions, NoOptions, namespace, options};
use crate::convert::place::Place;
use crate::convert::records::{PutOptions, maybe_record_out, record, records, strings};
use crate::convert::scalars::{number, string};
use crate::convert::values::metadata;
use crate::error::{Failure, Result};
use crate::functions::all_analyzed;

/// Collects operations and commits them together: made by `database.transaction()`.
///
/// Operations apply in order. Their form is checked at once; whether they fit the database is known at the commit, which
/// fails as a whole when one of them does not. Without a commit nothing happens.
#[napi]
pub struct Transaction {
    /// Asked how texts are analyzed; a forgotten transaction does not keep it open.
    db: Weak<vectlite::Database>,
    inner: Arc<Pending>,
}

/// `None` once it was committed or rolled back.
struct Pending(Mutex<Option<vectlite::Transaction>>);

impl Transaction {
    pub(crate) fn new(db: &Arc<vectlite::Database>, inner: vectlite::Transaction) -> Transaction {
        Transaction { db: Arc::downgrade(db), inner: Arc::new(Pending(Mutex::new(Some(inner)))) }
    }

    /// Records as they are put, their texts analyzed before the lock is taken: a function may want it, too.
    fn analyzed(&self, env: &Env, records: Vec<Record>) -> Result<Vec<Record>> {
        match self.db.upgrade() {
            Some(db) => all_analyzed(env, &db, records),
            // It is closed, which the transaction will say.
            None => Ok(records),
        }
    }
}

impl Pending {
    fn lock(&self) -> MutexGuard<'_, Option<vectlite::Transaction>> {
        // Nothing that panics can leave operations half added.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with<T>(&self, work: impl FnOnce(&mut vectlite::Transaction) -> vectlite::Result<T>) -> Result<T> {
        Ok(work(self.lock().as_mut().ok_or_else(finished)?)?)
    }
}

fn finished() -> Failure {
    Failure::own(
        ErrorKind::Closed,
        "the transaction is closed: it was committed or rolled back; start another one",
    )
}

twins! { Transaction {
    /// The record as it would be after the commit, or `null`.
    get get_async(id, options)
        "id: string, options?: NamespaceOptions | null" "StoredRecord | null",
        "id: string, options?: (NamespaceOptions & Abortable) | null" "Promise<StoredRecord | null>" = getting;

    /// What would be kept under a key after the commit, or `null`.
    kv_get kv_get_async(table, key, options)
        "table: string, key: string" "Uint8Array | null",
        "table: string, key: string, options?: Abortable | null" "Promise<Uint8Array | null>" = getting_kv;

    /// Commits: everything becomes visible at once, or nothing does.
    commit commit_async(options) "" "void", "options?: Abortable | null" "Promise<void>" = committing;
} }

#[napi]
impl Transaction {
    /// Adds a record that must not exist.
    #[napi(
        ts_args_type = "id: string, vector?: VectorInput | null, options?: PutOptions | null",
        ts_return_type = "void"
    )]
    pub fn insert<'env>(
        &self,
        env: &'env Env,
        id: Unknown<'env>,
        vector: Unknown<'env>,
        given: Unknown<'env>,
    ) -> napi::Result<Unknown<'env>> {
        call::now(
            env,
            self.check_open().and_then(|()| self.put(vectlite::Transaction::insert, env, id, vector, given)),
        )
    }

    /// Adds or replaces a record.
    #[napi(
        ts_args_type = "id: string, vector?: VectorInput | null, options?: PutOptions | null",
        ts_return_type = "void"
    )]
    pub fn upsert<'env>(
        &self,
        env: &'env Env,
        id: Unknown<'env>,
        vector: Unknown<'env>,
        given: Unknown<'env>,
    ) -> napi::Result<Unknown<'env>> {
        call::now(
            env,
            self.check_open().and_then(|()| self.put(vectlite::Transaction::upsert, env, id, vector, given)),
        )
    }

    /// Adds records that must not exist; none when one is malformed. How many they were.
    #[napi(
        ts_args_type = "records: Iterable<RecordInput>, options?: NamespaceOptions | null",
        ts_return_type = "number"
    )]
    pub fn insert_many<'env>(
        &self,
        env: &'env Env,
        records: Unknown<'env>,
        given: Unknown<'env>,
    ) -> napi::Result<Unknown<'env>> {
        call::now(
            env,
            self.check_open()
                .and_then(|()| self.put_many(vectlite::Transaction::insert_many, env, records, given)),
        )
    }

    /// Adds or replaces records; none when one is malformed. How many they were.
    #[napi(
        ts_args_type = "records: Iterable<RecordInput>, options?: NamespaceOptions | null",
        ts_return_type = "number"
    )]
    pub fn upsert_many<'env>(
        &self,
        env: &'env Env,
        records: Unknown<'env>,
        given: Unknown<'env>,
    ) -> napi::Result<Unknown<'env>> {
        call::now(
            env,
            self.check_open()
                .and_then(|()| self.put_many(vectlite::Transaction::upsert_many, env, records, given)),
        )
    }

    /// Removes a record, if there is one.
    #[napi(ts_args_type = "id: string, options?: NamespaceOptions | null", ts_return_type = "void")]
    pub fn delete<'env>(
        &self,
        env: &'env Env,
        id: Unknown<'env>,
        given: Unknown<'env>,
    ) -> napi::Result<Unknown<'env>> {
        call::now(env, self.check_open().and_then(|()| self.deleting(id, given)))
    }

    /// Removes records, as far as they exist.
    #[napi(
        ts_args_type = "ids: Iterable<string>, options?: NamespaceOptions | null",
        ts_return_type = "void"
    )]
    pub fn delete_many<'env>(
        &self,
        env: &'env Env,
        ids: Unknown<'env>,
        given: Unknown<'env>,
    ) -> napi::Result<Unknown<'env>> {
        call::now(env, self.check_open().and_then(|()| self.deleting_many(env, ids, given)))
    }

    /// Merges into a record's metadata at the top level, if there is the record.
    #[napi(
        ts_args_type = "id: string, metadata: Metadata, options?: NamespaceOptions | null",
        ts_return_type = "void"
    )]
    pub fn update_metadata<'env>(
        &self,
        env: &'env Env,
        id: Unknown<'env>,
        metadata: Unknown<'env>,
        given: Unknown<'env>,
    ) -> napi::Result<Unknown<'env>> {
        call::now(env, self.check_open().and_then(|()| self.updating_metadata(id, metadata, given)))
    }

    /// Lets a record expire `ttl` seconds from now, if there is the record.
    #[napi(
        ts_args_type = "id: string, ttl: number, options?: NamespaceOptions | null",
        ts_return_type = "void"
    )]
    pub fn set_ttl<'env>(
        &self,
        env: &'env Env,
        id: Unknown<'env>,
        ttl: Unknown<'env>,
        given: Unknown<'env>,
    ) -> napi::Result<Unknown<'env>> {
        call::now(env, self.check_open().and_then(|()| self.setting_ttl(id, ttl, given)))
    }

    /// Keeps bytes of the application's own under a key of one of its tables, in place of what was there. Tables need not be made.
    /// What is kept here becomes visible and durable with everything else that the transaction does.
    ///
    /// A name of a table has at most 255 bytes, a key 1,024, a value 16 MiB; neither name nor key is empty.
    #[napi(ts_args_type = "table: string, key: string, value: Uint8Array", ts_return_type = "void")]
    pub fn kv_put<'env>(
        &self,
        env: &'env Env,
        table: Unknown<'env>,
        key: Unknown<'env>,
        value: Unknown<'env>,
    ) -> napi::Result<Unknown<'env>> {
        call::now(env, self.check_open().and_then(|()| self.putting_kv(table, key, value)))
    }

    /// Removes what is kept under a key, if there is anything.
    #[napi(ts_args_type = "table: string, key: string", ts_return_type = "void")]
    pub fn kv_delete<'env>(
        &self,
        env: &'env Env,
        table: Unknown<'env>,
        key: Unknown<'env>,
    ) -> napi::Result<Unknown<'env>> {
        call::now(env, self.check_open().and_then(|()| self.deleting_kv(table, key)))
    }

    /// How many operations wait for the commit.
    #[napi(getter)]
    pub fn length(&self, env: &Env) -> napi::Result<f64> {
        let length = self.inner.with(|transaction| Ok(transaction.len() as f64));
        length.map_err(|failure| failure.thrown(env))
    }

    /// Forgets the operations. After a commit or another rollback it does nothing.
    #[napi]
    pub fn rollback(&self) {
        drop(self.inner.lock().take());
    }
}

type Put = fn(&mut vectlite::Transaction, Record) -> vectlite::Result<()>;
type PutMany = fn(&mut vectlite::Transaction, Vec<Record>) -> vectlite::Result<usize>;

impl Transaction {
    fn check_open(&self) -> Result<()> {
        self.inner.with(|_| Ok(()))
    }

    fn getting<'a>(&self, _: &Env, id: Unknown<'a>, given: Unknown<'a>) -> Result<Call<'a, Option<Record>>> {
        let id = string(Place::Root("id"), id)?;
        let (options, signal) = options::<NamespaceOptions<'_>>(given)?;
        let (pending, namespace) = (Arc::clone(&self.inner), namespace(options.namespace)?);
        let work = move || pending.with(|transaction| transaction.get(&id, namespace.as_deref()));
        Ok(Call::new(signal, work, maybe_record_out))
    }

    fn committing<'a>(&self, _: &Env, given: Unknown<'a>) -> Result<Call<'a, ()>> {
        let (NoOptions, signal) = options(given)?;
        let pending = Arc::clone(&self.inner);
        let work = move || {
            // Taken out first: whoever asks meanwhile hears that it is closed, and does not wait for the disk.
            let transaction = pending.lock().take();
            Ok(transaction.ok_or_else(finished)?.commit()?)
        };
        Ok(Call::new(signal, work, nothing))
    }

    fn put<'a>(
        &self,
        put: Put,
        env: &Env,
        id: Unknown<'a>,
        vector: Unknown<'a>,
        given: Unknown<'a>,
    ) -> Result<Call<'a, ()>> {
        let (options, signal) = options::<PutOptions<'_>>(given)?;
        let records = self.analyzed(env, vec![record(env, id, vector, options)?])?;
        let pending = Arc::clone(&self.inner);
        let work = move || {
            pending.with(|transaction| records.into_iter().try_for_each(|record| put(transaction, record)))
        };
        Ok(Call::new(signal, work, nothing))
    }

    fn put_many<'a>(
        &self,
        put: PutMany,
        env: &Env,
        list: Unknown<'a>,
        given: Unknown<'a>,
    ) -> Result<Call<'a, usize>> {
        let (options, signal) = options::<NamespaceOptions<'_>>(given)?;
        let records = self.analyzed(env, records(env, list, namespace(options.namespace)?.as_deref())?)?;
        let pending = Arc::clone(&self.inner);
        Ok(Call::new(signal, move || pending.with(|transaction| put(transaction, records)), count))
    }

    fn deleting<'a>(&self, id: Unknown<'a>, given: Unknown<'a>) -> Result<Call<'a, ()>> {
        let id = string(Place::Root("id"), id)?;
        let (pending, namespace, signal) = self.addressed(given)?;
        let work = move || pending.with(|transaction| transaction.delete(&id, namespace.as_deref()));
        Ok(Call::new(signal, work, nothing))
    }

    fn deleting_many<'a>(&self, env: &Env, ids: Unknown<'a>, given: Unknown<'a>) -> Result<Call<'a, ()>> {
        let ids = strings(env, Place::Root("ids"), ids)?;
        let (pending, namespace, signal) = self.addressed(given)?;
        let work = move || pending.with(|transaction| transaction.delete_many(&ids, namespace.as_deref()));
        Ok(Call::new(signal, work, nothing))
    }

    fn updating_metadata<'a>(
        &self,
        id: Unknown<'a>,
        changes: Unknown<'a>,
        given: Unknown<'a>,
    ) -> Result<Call<'a, ()>> {
        let (id, changes) = (string(Place::Root("id"), id)?, metadata(Place::Root("metadata"), changes)?);
        let (pending, namespace, signal) = self.addressed(given)?;
        let work = move || {
            pending.with(|transaction| transaction.update_metadata(&id, changes, namespace.as_deref()))
        };
        Ok(Call::new(signal, work, nothing))
    }

    fn setting_ttl<'a>(&self, id: Unknown<'a>, ttl: Unknown<'a>, given: Unknown<'a>) -> Result<Call<'a, ()>> {
        let (id, ttl) = (string(Place::Root("id"), id)?, number(Place::Root("ttl"), ttl)?);
        let (pending, namespace, signal) = self.addressed(given)?;
        let work = move || pending.with(|transaction| transaction.set_ttl(&id, ttl, namespace.as_deref()));
        Ok(Call::new(signal, work, nothing))
    }

    fn getting_kv<'a>(
        &self,
        _: &Env,
        table: Unknown<'a>,
        key: Unknown<'a>,
        given: Unknown<'a>,
    ) -> Result<Call<'a, Option<Vec<u8>>>> {
        let (table, key) = kv_place(table, key)?;
        let (NoOptions, signal) = options(given)?;
        let pending = Arc::clone(&self.inner);
        let work = move || pending.with(|transaction| transaction.kv_get(&table, &key));
        Ok(Call::new(signal, work, maybe_bytes_out))
    }

    fn putting_kv<'a>(
        &self,
        table: Unknown<'a>,
        key: Unknown<'a>,
        value: Unknown<'a>,
    ) -> Result<Call<'a, ()>> {
        let ((table, key), value) = (kv_place(table, key)?, bytes(Place::Root("value"), value)?);
        let pending = Arc::clone(&self.inner);
        let work = move || pending.with(|transaction| transaction.kv_put(&table, &key, &value));
        Ok(Call::new(None, work, nothing))
    }

    fn deleting_kv<'a>(&self, table: Unknown<'a>, key: Unknown<'a>) -> Result<Call<'a, ()>> {
        let (table, key) = kv_place(table, key)?;
        let pending = Arc::clone(&self.inner);
        Ok(Call::new(None, move || pending.with(|transaction| transaction.kv_delete(&table, &key)), nothing))
    }

    fn addressed<'a>(
        &self,
        given: Unknown<'a>,
    ) -> Result<(Arc<Pending>, Option<String>, Option<Unknown<'a>>)> {
        let (options, signal) = options::<NamespaceOptions<'_>>(given)?;
        Ok((Arc::clone(&self.inner), namespace(options.namespace)?, signal))
    }
}
