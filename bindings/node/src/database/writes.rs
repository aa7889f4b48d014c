//! What can be written.

use std::sync::Arc;

use napi::Env;
use napi::bindgen_prelude::Unknown;
use napi_derive::napi;

use super::Database;
use crate::call::{Call, count, nothing, truth, twins};
use crate::convert::options::{NamespaceOptions, namespace, options};
use crate::convert::place::Place;
use crate::convert::records::{PutOptions, record, records, strings};
use crate::convert::scalars::{number, string};
use crate::convert::values::{filter, metadata};
use crate::error::{Failure, Result};
use crate::functions::{all_analyzed, analyzed};
use crate::transaction::Transaction;

twins! { Database {
    /// Adds a record that must not exist. Without a vector (`null`) it is found by text and filters only.
    insert insert_async(id, vector, options)
        "id: string, vector?: VectorInput | null, options?: PutOptions | null" "void",
        "id: string, vector?: VectorInput | null, options?: (PutOptions & Abortable) | null" "Promise<void>" = inserting;

    /// Adds a record, or replaces the one with its id as a whole.
    upsert upsert_async(id, vector, options)
        "id: string, vector?: VectorInput | null, options?: PutOptions | null" "void",
        "id: string, vector?: VectorInput | null, options?: (PutOptions & Abortable) | null" "Promise<void>" = upserting;

    /// Adds records that must not exist, all or none; how many they were.
    insert_many insert_many_async(records, options)
        "records: Iterable<RecordInput>, options?: NamespaceOptions | null" "number",
        "records: Iterable<RecordInput>, options?: (NamespaceOptions & Abortable) | null" "Promise<number>"
        = inserting_many;

    /// Adds or replaces records, all or none; how many they were.
    upsert_many upsert_many_async(records, options)
        "records: Iterable<RecordInput>, options?: NamespaceOptions | null" "number",
        "records: Iterable<RecordInput>, options?: (NamespaceOptions & Abortable) | null" "Promise<number>"
        = upserting_many;

    /// Merges into a record's metadata at the top level; whether there is the record.
    update_metadata update_metadata_async(id, metadata, options)
        "id: string, metadata: Metadata, options?: NamespaceOptions | null" "boolean",
        "id: string, metadata: Metadata, options?: (NamespaceOptions & Abortable) | null" "Promise<boolean>"
        = updating_metadata;

    /// Removes a record; whether there was one.
    delete delete_async(id, options)
        "id: string, options?: NamespaceOptions | null" "boolean",
        "id: string, options?: (NamespaceOptions & Abortable) | null" "Promise<boolean>" = deleting;

    /// Removes records in one commit; how many there were.
    delete_many delete_many_async(ids, options)
        "ids: Iterable<string>, options?: NamespaceOptions | null" "number",
        "ids: Iterable<string>, options?: (NamespaceOptions & Abortable) | null" "Promise<number>" = deleting_many;

    /// Removes every record that matches, in one commit; how many there were. All namespaces unless one is given.
    delete_by_filter delete_by_filter_async(filter, options)
        "filter: Filter, options?: NamespaceOptions | null" "number",
        "filter: Filter, options?: (NamespaceOptions & Abortable) | null" "Promise<number>" = deleting_by_filter;

    /// Lets a record expire `ttl` seconds from now; whether there is the record.
    set_ttl set_ttl_async(id, ttl, options)
        "id: string, ttl: number, options?: NamespaceOptions | null" "boolean",
        "id: string, ttl: number, options?: (NamespaceOptions & Abortable) | null" "Promise<boolean>" = setting_ttl;

    /// Lets a record stay for good; whether there is the record.
    clear_ttl clear_ttl_async(id, options)
        "id: string, options?: NamespaceOptions | null" "boolean",
        "id: string, options?: (NamespaceOptions & Abortable) | null" "Promise<boolean>" = clearing_ttl;
} }

#[napi]
impl Database {
    /// A transaction: operations that commit together. Dropped without a commit, nothing happens.
    #[napi]
    pub fn transaction(&self, env: &Env) -> napi::Result<Transaction> {
        let inner = self.inner.transaction().map_err(|error| Failure::from(error).thrown(env))?;
        Ok(Transaction::new(&self.inner, inner))
    }
}

impl Database {
    fn inserting<'a>(
        &self,
        env: &Env,
        id: Unknown<'a>,
        vector: Unknown<'a>,
        given: Unknown<'a>,
    ) -> Result<Call<'a, ()>> {
        let (options, signal) = options::<PutOptions<'_>>(given)?;
        let (db, record) = (Arc::clone(&self.inner), record(env, id, vector, options)?);
        let record = analyzed(env, &db, record)?;
        Ok(Call::new(signal, move || Ok(db.insert(record)?), nothing))
    }

    fn upserting<'a>(
        &self,
        env: &Env,
        id: Unknown<'a>,
        vector: Unknown<'a>,
        given: Unknown<'a>,
    ) -> Result<Call<'a, ()>> {
        let (options, signal) = options::<PutOptions<'_>>(given)?;
        let (db, record) = (Arc::clone(&self.inner), record(env, id, vector, options)?);
        let record = analyzed(env, &db, record)?;
        Ok(Call::new(signal, move || Ok(db.upsert(record)?), nothing))
    }

    fn inserting_many<'a>(
        &self,
        env: &Env,
        list: Unknown<'a>,
        given: Unknown<'a>,
    ) -> Result<Call<'a, usize>> {
        let (options, signal) = options::<NamespaceOptions<'_>>(given)?;
        let records = records(env, list, namespace(options.namespace)?.as_deref())?;
        let db = Arc::clone(&self.inner);
        let records = all_analyzed(env, &db, records)?;
        Ok(Call::new(signal, move || Ok(db.insert_many(records)?), count))
    }

    fn upserting_many<'a>(
        &self,
        env: &Env,
        list: Unknown<'a>,
        given: Unknown<'a>,
    ) -> Result<Call<'a, usize>> {
        let (options, signal) = options::<NamespaceOptions<'_>>(given)?;
        let records = records(env, list, namespace(options.namespace)?.as_deref())?;
        let db = Arc::clone(&self.inner);
        let records = all_analyzed(env, &db, records)?;
        Ok(Call::new(signal, move || Ok(db.upsert_many(records)?), count))
    }

    fn updating_metadata<'a>(
        &self,
        _: &Env,
        id: Unknown<'a>,
        changes: Unknown<'a>,
        given: Unknown<'a>,
    ) -> Result<Call<'a, bool>> {
        let (id, changes) = (string(Place::Root("id"), id)?, metadata(Place::Root("metadata"), changes)?);
        let (db, namespace, signal) = self.addressed(given)?;
        Ok(Call::new(signal, move || Ok(db.update_metadata(&id, changes, namespace.as_deref())?), truth))
    }

    fn deleting<'a>(&self, _: &Env, id: Unknown<'a>, given: Unknown<'a>) -> Result<Call<'a, bool>> {
        let id = string(Place::Root("id"), id)?;
        let (db, namespace, signal) = self.addressed(given)?;
        Ok(Call::new(signal, move || Ok(db.delete(&id, namespace.as_deref())?), truth))
    }

    fn deleting_many<'a>(&self, env: &Env, ids: Unknown<'a>, given: Unknown<'a>) -> Result<Call<'a, usize>> {
        let ids = strings(env, Place::Root("ids"), ids)?;
        let (db, namespace, signal) = self.addressed(given)?;
        Ok(Call::new(signal, move || Ok(db.delete_many(&ids, namespace.as_deref())?), count))
    }

    fn deleting_by_filter<'a>(
        &self,
        _: &Env,
        which: Unknown<'a>,
        given: Unknown<'a>,
    ) -> Result<Call<'a, usize>> {
        let which = filter(Place::Root("filter"), which)?;
        let (db, namespace, signal) = self.addressed(given)?;
        Ok(Call::new(signal, move || Ok(db.delete_by_filter(&which, namespace.as_deref())?), count))
    }

    fn setting_ttl<'a>(
        &self,
        _: &Env,
        id: Unknown<'a>,
        ttl: Unknown<'a>,
        given: Unknown<'a>,
    ) -> Result<Call<'a, bool>> {
        let (id, ttl) = (string(Place::Root("id"), id)?, number(Place::Root("ttl"), ttl)?);
        let (db, namespace, signal) = self.addressed(given)?;
        Ok(Call::new(signal, move || Ok(db.set_ttl(&id, ttl, namespace.as_deref())?), truth))
    }

    fn clearing_ttl<'a>(&self, _: &Env, id: Unknown<'a>, given: Unknown<'a>) -> Result<Call<'a, bool>> {
        let id = string(Place::Root("id"), id)?;
        let (db, namespace, signal) = self.addressed(given)?;
        Ok(Call::new(signal, move || Ok(db.clear_ttl(&id, namespace.as_deref())?), truth))
    }

    /// What a method needs besides its own arguments when its options are a namespace.
    pub(super) fn addressed<'a>(
        &self,
        given: Unknown<'a>,
    ) -> Result<(Arc<vectlite::Database>, Option<String>, Option<Unknown<'a>>)> {
        let (options, signal) = options::<NamespaceOptions<'_>>(given)?;
        Ok((Arc::clone(&self.inner), namespace(options.namespace)?, signal))
    }
}
