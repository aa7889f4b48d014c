//! Field indexes. The loop that waits for one, and tells how far it is, is in `lib/fields.js`.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use napi::bindgen_prelude::{External, FnArgs, Null, ToNapiValue, Unknown};
use napi::{Env, JsValue};
use napi_derive::napi;
use vectlite::FieldType;

use super::Database;
use crate::call::{self, Call, nothing, truth, twins};
use crate::convert::options::{NoOptions, declare, options};
use crate::convert::place::Place;
use crate::convert::scalars::{function, string};
use crate::error::{Failure, Result};
use crate::hooks::{Build, Hooks, any_or_undefined};

declare! {
    /// How a field index is made.
    CreateIndexOptions {
        /// Is told how many records are done, and of how many.
        progress "progress" "((done: number, total: number) => void) | null",
    }
}

twins! { Database {
    /// Takes the index of a field away; `false` when it has none.
    drop_index drop_index_async(field, options)
        "field: string" "boolean", "field: string, options?: Abortable | null" "Promise<boolean>" = dropping_index;

    /// The indexed fields with the types of their indexes, sorted.
    list_indexes list_indexes_async(options)
        "" "[field: string, type: FieldType][]", "options?: Abortable | null" "Promise<[field: string, type: FieldType][]>"
        = listing_indexes;
} }

#[napi]
impl Database {
    /// Makes an index of a field of the metadata; `false` when it is there already. Filters on the field then need not
    /// look at records: searches, `count`, `list` and `deleteByFilter` use it by themselves, and answer what they would
    /// without it.
    ///
    /// The field is a path, as in filters. Its index holds values of one type, alone or in lists: strings as they are
    /// (`keyword`), numbers by value, booleans, or the terms that the database's analyzer makes of strings (`text`).
    ///
    /// What is stored is indexed in one pass over all records, while others read and write. Should the process end
    /// before, the next one does it.
    #[napi(
        ts_args_type = "field: string, type: FieldType, options?: CreateIndexOptions | null",
        ts_return_type = "boolean"
    )]
    pub fn create_index<'env>(
        &self,
        env: &'env Env,
        field: Unknown<'env>,
        kind: Unknown<'env>,
        given: Unknown<'env>,
    ) -> napi::Result<Unknown<'env>> {
        let run = || -> Result<Unknown<'env>> {
            let (build, progress, signal) = self.building(field, kind, given)?;
            if signal.is_some() {
                return Err(call::no_signal());
            }
            let arguments = arguments(env, build, progress, None)?;
            Ok(Hooks::of(env)?.index.borrow_back(env)?.call(FnArgs::from(arguments))?)
        };
        run().map_err(|failure| failure.thrown(env))
    }

    /// Makes an index of a field of the metadata; `false` when it is there already. Filters on the field then need not
    /// look at records: searches, `count`, `list` and `deleteByFilter` use it by themselves, and answer what they would
    /// without it.
    ///
    /// Off the main thread. A signal ends the waiting; the building goes on.
    #[napi(
        ts_args_type = "field: string, type: FieldType, options?: (CreateIndexOptions & Abortable) | null",
        ts_return_type = "Promise<boolean>"
    )]
    pub fn create_index_async<'env>(
        &self,
        env: &'env Env,
        field: Unknown<'env>,
        kind: Unknown<'env>,
        given: Unknown<'env>,
    ) -> napi::Result<Unknown<'env>> {
        let run = || -> Result<Unknown<'env>> {
            let (build, progress, signal) = self.building(field, kind, given)?;
            let arguments = arguments(env, build, progress, signal)?;
            Ok(Hooks::of(env)?.index_async.borrow_back(env)?.call(FnArgs::from(arguments))?)
        };
        run().map_err(|failure| failure.thrown(env))
    }
}

/// Callback, and signal.
type Told<'a> = (IndexBuild, Option<Unknown<'a>>, Option<Unknown<'a>>);

fn arguments(
    env: &Env,
    build: IndexBuild,
    progress: Option<Unknown<'_>>,
    signal: Option<Unknown<'_>>,
) -> Result<Build> {
    Ok((External::new(build), any_or_undefined(env, progress)?, any_or_undefined(env, signal)?))
}

impl Database {
    fn building<'a>(&self, field: Unknown<'a>, kind: Unknown<'a>, given: Unknown<'a>) -> Result<Told<'a>> {
        self.check_open()?;
        let field = string(Place::Root("field"), field)?;
        let kind = string(Place::Root("type"), kind)?.parse()?;
        let (options, signal) = options::<CreateIndexOptions<'a>>(given)?;
        let build = IndexBuild { db: Arc::clone(&self.inner), field, kind, inner: Arc::default() };
        Ok((build, function(Place::Root("progress"), options.progress)?, signal))
    }

    fn dropping_index<'a>(&self, _: &Env, field: Unknown<'a>, given: Unknown<'a>) -> Result<Call<'a, bool>> {
        let field = string(Place::Root("field"), field)?;
        let (NoOptions, signal) = options(given)?;
        let db = Arc::clone(&self.inner);
        Ok(Call::new(signal, move || Ok(db.drop_index(&field)?), truth))
    }

    fn listing_indexes<'a>(&self, _: &Env, given: Unknown<'a>) -> Result<Call<'a, Vec<(String, FieldType)>>> {
        let (NoOptions, signal) = options(given)?;
        let db = Arc::clone(&self.inner);
        Ok(Call::new(signal, move || Ok(db.list_indexes()?), indexes_out))
    }
}

fn indexes_out(env: &Env, indexes: Vec<(String, FieldType)>) -> Result<Unknown<'_>> {
    let mut list = env.create_array(indexes.len() as u32)?;
    for (at, (field, kind)) in (0..).zip(indexes) {
        let mut pair = env.create_array(2)?;
        pair.set(0, field)?;
        pair.set(1, kind.name())?;
        list.set(at, pair)?;
    }
    Ok(list.to_unknown())
}

/// A field index that is being built, as `lib/fields.js` waits for it.
pub(crate) struct IndexBuild {
    db: Arc<vectlite::Database>,
    field: String,
    kind: FieldType,
    /// Shared with the wait on the pool; `None` before it is started and once it is finished.
    inner: Arc<Mutex<Option<vectlite::IndexBuild>>>,
}

impl IndexBuild {
    fn starting(&self) -> Call<'static, ()> {
        let (db, field, kind) = (Arc::clone(&self.db), self.field.clone(), self.kind);
        let inner = Arc::clone(&self.inner);
        let work = move || {
            *lock(&inner) = Some(db.start_index(&field, kind)?);
            Ok(())
        };
        Call::new(None, work, nothing)
    }

    fn waiting(&self) -> Call<'static, Option<(u64, u64)>> {
        let inner = Arc::clone(&self.inner);
        Call::new(None, move || Ok(lock(&inner).as_mut().and_then(Iterator::next)), news_out)
    }

    fn finishing(&self) -> Call<'static, bool> {
        let inner = Arc::clone(&self.inner);
        let work = move || {
            let build = lock(&inner).take();
            Ok(build.ok_or_else(|| Failure::invalid("the index is finished"))?.finish()?)
        };
        Call::new(None, work, truth)
    }
}

fn lock(build: &Mutex<Option<vectlite::IndexBuild>>) -> MutexGuard<'_, Option<vectlite::IndexBuild>> {
    build.lock().unwrap_or_else(PoisonError::into_inner)
}

fn news_out(env: &Env, news: Option<(u64, u64)>) -> Result<Unknown<'_>> {
    let Some((done, all)) = news else { return Ok(Null.into_unknown(env)?) };
    let mut pair = env.create_array(2)?;
    pair.set(0, done as f64)?;
    pair.set(1, all as f64)?;
    Ok(pair.to_unknown())
}

/// Starts it: the index is listed from here on.
#[napi(skip_typescript)]
pub fn index_start<'env>(env: &'env Env, build: &External<IndexBuild>) -> napi::Result<Unknown<'env>> {
    call::now(env, Ok(build.starting()))
}

/// The same off the main thread.
#[napi(skip_typescript)]
pub fn index_start_async<'env>(env: &'env Env, build: &External<IndexBuild>) -> napi::Result<Unknown<'env>> {
    call::later(env, Ok(build.starting()))
}

/// Waits until more is done: how many records are, and of how many; `null` at the end.
#[napi(skip_typescript)]
pub fn index_news<'env>(env: &'env Env, build: &External<IndexBuild>) -> napi::Result<Unknown<'env>> {
    call::now(env, Ok(build.waiting()))
}

/// The same off the main thread.
#[napi(skip_typescript)]
pub fn index_news_async<'env>(env: &'env Env, build: &External<IndexBuild>) -> napi::Result<Unknown<'env>> {
    call::later(env, Ok(build.waiting()))
}

/// Whether there was something to build.
#[napi(skip_typescript)]
pub fn index_finish<'env>(env: &'env Env, build: &External<IndexBuild>) -> napi::Result<Unknown<'env>> {
    call::now(env, Ok(build.finishing()))
}

/// The same off the main thread.
#[napi(skip_typescript)]
pub fn index_finish_async<'env>(env: &'env Env, build: &External<IndexBuild>) -> napi::Result<Unknown<'env>> {
    call::later(env, Ok(build.finishing()))
}
