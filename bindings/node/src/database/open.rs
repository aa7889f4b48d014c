//! Opening a database.

use napi::bindgen_prelude::{FromNapiValue, JsObjectValue, Object, Unknown};
use napi::{Env, JsValue, ValueType};
use napi_derive::napi;
use vectlite::{Metric, SparseScoring, SyncMode};

use super::database_out;
use crate::analyzers;
use crate::call::{self, Call};
use crate::convert::options::{count_of, declare, options};
use crate::convert::place::Place;
use crate::convert::scalars::{boolean, count, number, string, unexpected};
use crate::error::{Failure, Result};

declare! {
    /// How a database is opened. `dimension`, `metric`, `analyzer`, `sparseScoring` and `positions` are fixed when it is created; for an
    /// existing one they may be left out, and must be what is stored when they are given.
    OpenOptions {
        /// Dimension of the default vector space; needed to create a database.
        dimension "dimension" "number | null",
        /// Whether to open it for reading only, beside a writer.
        read_only "readOnly" "boolean | null",
        /// Seconds to wait for the lock; without it opening fails at once.
        lock_timeout "lockTimeout" "number | null",
        /// `cosine` (the default), `euclidean` or `l2`, `dotproduct`, `dot`, `ip` or `inner_product`, `manhattan` or `l1`.
        metric "metric" "string | null",
        /// How text becomes terms: `"standard"` (the default), a language, `"trigram"`, `"autocomplete"`, `"none"`, or an analyzer.
        analyzer "analyzer" "string | Analyzer | null",
        /// When a commit is synced: before it is acknowledged (the default), every n commits, or by `flush` only.
        sync "sync" "'per_op' | 'on_flush' | readonly ['every_n', number] | null",
        /// How terms are scored; BM25 by default.
        sparse_scoring "sparseScoring" "'bm25' | 'dot' | null",
        /// Whether the positions of frequent words are stored, true by default. Without them a phrase of common words takes several times
        /// as long, and lists of words a quarter less space. Answers are the same.
        positions "positions" "boolean | null",
        /// Leaves graphs where they are mapped from the file `NAME.vdb.ann`, instead of copying them to memory of this process:
        /// the operating system may take that memory back and share it. Searches are slower for it.
        low_memory "lowMemory" "boolean | null",
        /// Reads all files before the database can be used, and fails with a `CorruptionError` when anything is wrong with them: see
        /// the function `verify`. Without it damage is met when what is damaged is read.
        verify "verify" "boolean | null",
    }
}

/// Opens a database. For writing, a missing one is created, its directories too; that needs `dimension`.
#[napi(ts_args_type = "path: string, options?: OpenOptions | null", ts_return_type = "Database")]
pub fn open<'env>(env: &'env Env, path: Unknown<'env>, given: Unknown<'env>) -> napi::Result<Unknown<'env>> {
    call::now(env, opening(path, given))
}

/// Opens a database. For writing, a missing one is created, its directories too; that needs `dimension`.
///
/// Off the main thread.
#[napi(
    ts_args_type = "path: string, options?: (OpenOptions & Abortable) | null",
    ts_return_type = "Promise<Database>"
)]
pub fn open_async<'env>(
    env: &'env Env,
    path: Unknown<'env>,
    given: Unknown<'env>,
) -> napi::Result<Unknown<'env>> {
    call::later(env, opening(path, given))
}

fn opening<'a>(path: Unknown<'a>, given: Unknown<'a>) -> Result<Call<'a, vectlite::Database>> {
    let path = string(Place::Root("path"), path)?;
    let (options, signal) = options::<OpenOptions<'_>>(given)?;
    let options = opened_as(options)?;
    Ok(Call::new(signal, move || Ok(vectlite::Database::open(path, options)?), database_out))
}

/// The engine's defaults, and what was given instead.
pub(crate) fn opened_as(given: OpenOptions<'_>) -> Result<vectlite::OpenOptions> {
    let mut options = vectlite::OpenOptions::new();
    if let Some(dimension) = count_of("dimension", given.dimension)? {
        options = options.dimension(dimension);
    }
    if let Some(value) = given.read_only {
        options = options.read_only(boolean(Place::Root("readOnly"), value)?);
    }
    if let Some(value) = given.lock_timeout {
        options = options.lock_timeout_seconds(number(Place::Root("lockTimeout"), value)?)?;
    }
    if let Some(value) = given.metric {
        let name = string(Place::Root("metric"), value)?;
        options = options.metric(name.parse::<Metric>().map_err(vectlite::Error::from)?);
    }
    if let Some(value) = given.analyzer {
        options = options.analyzer(analyzers::choice(value)?);
    }
    if let Some(value) = given.sync {
        options = options.sync(sync_mode(value)?);
    }
    if let Some(value) = given.sparse_scoring {
        options =
            options.sparse_scoring(string(Place::Root("sparseScoring"), value)?.parse::<SparseScoring>()?);
    }
    if let Some(value) = given.positions {
        options = options.positions(boolean(Place::Root("positions"), value)?);
    }
    if let Some(value) = given.low_memory {
        options = options.low_memory(boolean(Place::Root("lowMemory"), value)?);
    }
    if let Some(value) = given.verify {
        options = options.verify(boolean(Place::Root("verify"), value)?);
    }
    Ok(options)
}

fn sync_mode(value: Unknown<'_>) -> Result<SyncMode> {
    let at = Place::Root("sync");
    if value.get_type()? == ValueType::String {
        return Ok(SyncMode::named(&string(at, value)?, None)?);
    }
    let pair = if value.is_array()? { Some(Object::from_unknown(value)?) } else { None };
    match pair.map(|pair| Ok::<_, Failure>((pair, pair.get_array_length()?))).transpose()? {
        Some((pair, 2)) => {
            let name = string(at.position(0), pair.get_element(0)?)?;
            Ok(SyncMode::named(&name, Some(count(at.position(1), pair.get_element(1)?)?))?)
        }
        _ => Err(unexpected(at, "a name, or an array of a name and a number of commits", value)),
    }
}
