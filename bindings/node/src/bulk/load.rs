//! A bulk load on its way: what `lib/bulk.js` calls.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use napi::Env;
use napi::bindgen_prelude::{External, FromNapiValue, JsObjectValue, Object, Unknown};
use napi_derive::napi;
use vectlite::{BulkOptions, Record};

use crate::call::{self, Call, count, nothing};
use crate::convert::place::Place;
use crate::convert::records::{listed, scoped};
use crate::convert::scalars::{given, string};
use crate::convert::values::metadata;
use crate::convert::vectors::{is_float32, vector, with_floats};
use crate::error::{Failure, Result};
use crate::functions::analyzed;

/// A bulk load on its way, as `lib/bulk.js` drives it.
pub(crate) struct BulkLoad {
    db: Arc<vectlite::Database>,
    options: BulkOptions,
    /// Shared with the batch that is being committed on the pool; `None` before it is started and once it is finished.
    inner: Arc<Mutex<Option<vectlite::BulkLoad>>>,
    namespace: Option<String>,
    /// Numbers of a row, when all vectors are in one array.
    width: usize,
    /// Records that are converted but not pushed.
    batch: Vec<Record>,
}

/// Starts it, which may commit its changes to the configuration of graphs: once everything that can be refused was.
#[napi(skip_typescript)]
pub fn bulk_start<'env>(env: &'env Env, load: &External<BulkLoad>) -> napi::Result<Unknown<'env>> {
    call::now(env, Ok(load.starting()))
}

/// The same off the main thread.
#[napi(skip_typescript)]
pub fn bulk_start_async<'env>(env: &'env Env, load: &External<BulkLoad>) -> napi::Result<Unknown<'env>> {
    call::later(env, Ok(load.starting()))
}

/// How many more records make the batch full.
#[napi(skip_typescript)]
pub fn bulk_room(load: &External<BulkLoad>) -> f64 {
    load.room()
}

/// Takes some records, the first of them at `position` in what is loaded; how many more make the batch full.
#[napi(skip_typescript)]
pub fn bulk_fill_records(
    env: &Env,
    load: &mut External<BulkLoad>,
    slice: Object<'_>,
    position: u32,
) -> napi::Result<f64> {
    let mut read = || {
        for offset in 0..slice.get_array_length()? {
            let record = scoped(env, || {
                let at = Place::Root("records").position(position.saturating_add(offset));
                let record = listed(env, at, slice.get_element(offset)?, load.namespace.as_deref())?;
                analyzed(env, &load.db, record)
            })?;
            load.batch.push(record);
        }
        Ok(())
    };
    let read = read();
    load.filled(env, read)
}

/// Takes rows of columns; how many more make the batch full.
#[napi(skip_typescript)]
pub fn bulk_fill_columns(
    env: &Env,
    load: &mut External<BulkLoad>,
    ids: Object<'_>,
    vectors: Unknown<'_>,
    metadata: Unknown<'_>,
    from: u32,
    to: u32,
) -> napi::Result<f64> {
    let mut read = || {
        let metadata = given(metadata)?.map(Object::from_unknown).transpose()?;
        for row in from..to {
            let record = scoped(env, || load.row(env, ids, vectors, metadata, row))?;
            load.batch.push(record);
        }
        Ok(())
    };
    let read = read();
    load.filled(env, read)
}

/// Pushes what was taken, and with `last` finishes; how many records are committed then.
#[napi(skip_typescript)]
pub fn bulk_commit<'env>(
    env: &'env Env,
    load: &mut External<BulkLoad>,
    last: bool,
) -> napi::Result<Unknown<'env>> {
    call::now(env, Ok(load.committing(last)))
}

/// The same off the main thread.
#[napi(skip_typescript)]
pub fn bulk_commit_async<'env>(
    env: &'env Env,
    load: &mut External<BulkLoad>,
    last: bool,
) -> napi::Result<Unknown<'env>> {
    call::later(env, Ok(load.committing(last)))
}

impl BulkLoad {
    pub(crate) fn new(
        db: Arc<vectlite::Database>,
        options: BulkOptions,
        namespace: Option<String>,
        width: usize,
    ) -> BulkLoad {
        BulkLoad { db, options, inner: Arc::default(), namespace, width, batch: Vec::new() }
    }

    fn starting(&self) -> Call<'static, ()> {
        let (db, options, inner) = (Arc::clone(&self.db), self.options.clone(), Arc::clone(&self.inner));
        let work = move || {
            *lock(&inner) = Some(db.bulk_load(options)?);
            Ok(())
        };
        Call::new(None, work, nothing)
    }

    fn filled(&self, env: &Env, read: Result<()>) -> napi::Result<f64> {
        read.map_err(|failure| {
            let committed = lock(&self.inner).as_ref().map_or(0, vectlite::BulkLoad::committed);
            failure.after(committed).thrown(env)
        })?;
        Ok(self.room())
    }

    fn room(&self) -> f64 {
        self.options.batch_size.saturating_sub(self.batch.len()) as f64
    }

    fn row(
        &self,
        env: &Env,
        ids: Object<'_>,
        vectors: Unknown<'_>,
        metadata_list: Option<Object<'_>>,
        row: u32,
    ) -> Result<Record> {
        let mut record = Record::new(string(Place::Root("ids").position(row), ids.get_element(row)?)?);
        record.namespace = self.namespace.clone().unwrap_or_default();
        let at = Place::Root("vectors");
        record.vector = Some(if is_float32(vectors)? {
            with_floats(at, vectors, |numbers| {
                let start = row as usize * self.width;
                let numbers = numbers.get(start..start + self.width);
                // A row that is gone was there when the load began.
                let numbers =
                    numbers.ok_or_else(|| Failure::invalid("vectors: became shorter during the load"))?;
                Ok(numbers.to_vec())
            })?
        } else {
            vector(env, at.position(row), Object::from_unknown(vectors)?.get_element(row)?)?
        });
        if let Some(list) = metadata_list {
            record.metadata = metadata(Place::Root("metadata").position(row), list.get_element(row)?)?;
        }
        Ok(record)
    }

    fn committing(&mut self, last: bool) -> Call<'static, usize> {
        let (inner, batch) = (Arc::clone(&self.inner), std::mem::take(&mut self.batch));
        let work = move || {
            let mut inner = lock(&inner);
            let mut load = inner.take().ok_or_else(|| Failure::invalid("the bulk load is finished"))?;
            for record in batch {
                load.push(record)?;
            }
            if last {
                return Ok(load.finish()?);
            }
            let committed = load.committed();
            *inner = Some(load);
            Ok(committed)
        };
        Call::new(None, work, count)
    }
}

fn lock(load: &Mutex<Option<vectlite::BulkLoad>>) -> MutexGuard<'_, Option<vectlite::BulkLoad>> {
    load.lock().unwrap_or_else(PoisonError::into_inner)
}
