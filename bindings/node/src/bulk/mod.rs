//! Bulk loads: records in batches, each atomic and durable.
//!
//! The loop over the batches is in `lib/bulk.js`: it takes records from an iterator, and between two slices of them it
//! lets the event loop turn. `load` is what it works with.

mod load;

use std::sync::Arc;

use napi::bindgen_prelude::{External, FnArgs, JsObjectValue, Unknown};
use napi::{Env, JsValue};
use napi_derive::napi;
use vectlite::BulkOptions;

use crate::call;
use crate::convert::options::{count_of, declare, namespace, options};
use crate::convert::place::Place;
use crate::convert::records::array;
use crate::convert::scalars::function;
use crate::convert::vectors::{is_float32, with_floats};
use crate::database::Database;
use crate::error::{Failure, Result};
use crate::hooks::{Hooks, Load, any_or_undefined};
use crate::index_config::{IndexChanges, changes};

pub(crate) use load::BulkLoad;

declare! {
    /// How records are loaded.
    BulkIngestOptions {
        /// The namespace of records that name none; the default one without it.
        namespace "namespace" "string | null",
        /// Records of a batch, 10,000 by default.
        batch_size "batchSize" "number | null",
        /// Changes the configuration of graphs before the first record, and for good; see `IndexChanges`.
        m "m" "number | null",
        /// As `m`.
        ef_construction "efConstruction" "number | null",
        /// As `m`; `null` leaves it to the engine.
        ef_search "efSearch" "number | null" null = "efSearch",
        /// As `m`.
        parallel_insert_threshold "parallelInsertThreshold" "number | null",
        /// As `m`.
        tombstone_rebuild_pct "tombstoneRebuildPct" "number | null",
        /// Is told after each batch how many records are committed, and how many there are when that is known.
        progress "progress" "((done: number, total?: number) => void) | null",
    }
}

declare! {
    /// How columns are loaded.
    BulkIngestArrayOptions {
        /// The metadata of each record.
        metadata "metadata" "Iterable<Metadata | null> | null",
        /// The namespace of the records; the default one without it.
        namespace "namespace" "string | null",
        /// Records of a batch, 10,000 by default.
        batch_size "batchSize" "number | null",
        /// Changes the configuration of graphs before the first record, and for good; see `IndexChanges`.
        m "m" "number | null",
        /// As `m`.
        ef_construction "efConstruction" "number | null",
        /// As `m`; `null` leaves it to the engine.
        ef_search "efSearch" "number | null" null = "efSearch",
        /// As `m`.
        parallel_insert_threshold "parallelInsertThreshold" "number | null",
        /// As `m`.
        tombstone_rebuild_pct "tombstoneRebuildPct" "number | null",
        /// Is told after each batch how many records are committed, and how many there are.
        progress "progress" "((done: number, total?: number) => void) | null",
    }
}

#[napi]
impl Database {
    /// Adds or replaces records a batch at a time, each batch atomic and durable; how many they were. An error says in
    /// `committed` how many records were committed before it.
    #[napi(
        ts_args_type = "records: Iterable<RecordInput>, options?: BulkIngestOptions | null",
        ts_return_type = "number"
    )]
    pub fn bulk_ingest<'env>(
        &self,
        env: &'env Env,
        records: Unknown<'env>,
        given: Unknown<'env>,
    ) -> napi::Result<Unknown<'env>> {
        self.records_load(records, given)
            .and_then(|load| load.run(env))
            .map_err(|failure| failure.thrown(env))
    }

    /// Adds or replaces records a batch at a time, each batch atomic and durable; how many they were. An error says in
    /// `committed` how many records were committed before it.
    ///
    /// Off the main thread, where only the conversion of records is done, a few hundred of them at a time.
    #[napi(
        ts_args_type = "records: Iterable<RecordInput>, options?: (BulkIngestOptions & Abortable) | null",
        ts_return_type = "Promise<number>"
    )]
    pub fn bulk_ingest_async<'env>(
        &self,
        env: &'env Env,
        records: Unknown<'env>,
        given: Unknown<'env>,
    ) -> napi::Result<Unknown<'env>> {
        let load = self.records_load(records, given);
        load.and_then(|load| load.run_async(env)).map_err(|failure| failure.thrown(env))
    }

    /// The same with columns: ids, and a vector for each, row after row in one `Float32Array` or one by one.
    #[napi(
        ts_args_type = "ids: Iterable<string>, vectors: Float32Array | Iterable<VectorInput>, options?: BulkIngestArrayOptions | null",
        ts_return_type = "number"
    )]
    pub fn bulk_ingest_array<'env>(
        &self,
        env: &'env Env,
        ids: Unknown<'env>,
        vectors: Unknown<'env>,
        given: Unknown<'env>,
    ) -> napi::Result<Unknown<'env>> {
        let load = self.columns_load(env, ids, vectors, given);
        load.and_then(|load| load.run(env)).map_err(|failure| failure.thrown(env))
    }

    /// The same with columns: ids, and a vector for each, row after row in one `Float32Array` or one by one.
    ///
    /// Off the main thread, where only the conversion of records is done, a few hundred of them at a time.
    #[napi(
        ts_args_type = "ids: Iterable<string>, vectors: Float32Array | Iterable<VectorInput>, options?: (BulkIngestArrayOptions & Abortable) | null",
        ts_return_type = "Promise<number>"
    )]
    pub fn bulk_ingest_array_async<'env>(
        &self,
        env: &'env Env,
        ids: Unknown<'env>,
        vectors: Unknown<'env>,
        given: Unknown<'env>,
    ) -> napi::Result<Unknown<'env>> {
        let load = self.columns_load(env, ids, vectors, given);
        load.and_then(|load| load.run_async(env)).map_err(|failure| failure.thrown(env))
    }
}

/// A load, and where its records come from.
struct Loading<'a> {
    load: BulkLoad,
    /// Records; or ids, vectors and metadata.
    source: [Option<Unknown<'a>>; 4],
    progress: Option<Unknown<'a>>,
    signal: Option<Unknown<'a>>,
}

impl<'a> Loading<'a> {
    fn run(self, env: &'a Env) -> Result<Unknown<'a>> {
        if self.signal.is_some() {
            return Err(call::no_signal());
        }
        Ok(Hooks::of(env)?.bulk.borrow_back(env)?.call(FnArgs::from(self.arguments(env)?))?)
    }

    fn run_async(self, env: &'a Env) -> Result<Unknown<'a>> {
        Ok(Hooks::of(env)?.bulk_async.borrow_back(env)?.call(FnArgs::from(self.arguments(env)?))?)
    }

    fn arguments(self, env: &Env) -> Result<Load> {
        let [records, ids, vectors, metadata] = self.source;
        Ok((
            External::new(self.load),
            any_or_undefined(env, records)?,
            any_or_undefined(env, ids)?,
            any_or_undefined(env, vectors)?,
            any_or_undefined(env, metadata)?,
            any_or_undefined(env, self.progress)?,
            any_or_undefined(env, self.signal)?,
        ))
    }
}

impl Database {
    fn records_load<'a>(&self, records: Unknown<'a>, options_given: Unknown<'a>) -> Result<Loading<'a>> {
        self.check_open()?;
        let (options, signal) = options::<BulkIngestOptions<'a>>(options_given)?;
        Ok(Loading {
            progress: function(Place::Root("progress"), options.progress)?,
            load: self.load(
                options.namespace,
                options.batch_size,
                IndexChanges {
                    m: options.m,
                    ef_construction: options.ef_construction,
                    ef_search: options.ef_search,
                    parallel_insert_threshold: options.parallel_insert_threshold,
                    tombstone_rebuild_pct: options.tombstone_rebuild_pct,
                },
                0,
            )?,
            source: [Some(records), None, None, None],
            signal,
        })
    }

    fn columns_load<'a>(
        &self,
        env: &'a Env,
        ids: Unknown<'a>,
        vectors: Unknown<'a>,
        options_given: Unknown<'a>,
    ) -> Result<Loading<'a>> {
        self.check_open()?;
        let (options, signal) = options::<BulkIngestArrayOptions<'a>>(options_given)?;
        let ids = array(env, Place::Root("ids"), ids)?;
        let rows = ids.get_array_length()?;
        let flat = is_float32(vectors)?;
        let (vectors, width) = if flat {
            let numbers = with_floats(Place::Root("vectors"), vectors, |numbers| Ok(numbers.len()))?;
            (vectors, row_width(numbers, rows)?)
        } else {
            let list = array(env, Place::Root("vectors"), vectors)?;
            same_length("vectors", list.get_array_length()?, rows)?;
            (list.to_unknown(), 0)
        };
        let metadata =
            options.metadata.map(|value| array(env, Place::Root("metadata"), value)).transpose()?;
        if let Some(metadata) = &metadata {
            same_length("metadata", metadata.get_array_length()?, rows)?;
        }
        Ok(Loading {
            load: self.load(
                options.namespace,
                options.batch_size,
                IndexChanges {
                    m: options.m,
                    ef_construction: options.ef_construction,
                    ef_search: options.ef_search,
                    parallel_insert_threshold: options.parallel_insert_threshold,
                    tombstone_rebuild_pct: options.tombstone_rebuild_pct,
                },
                width,
            )?,
            source: [None, Some(ids.to_unknown()), Some(vectors), metadata.map(|list| list.to_unknown())],
            progress: function(Place::Root("progress"), options.progress)?,
            signal,
        })
    }

    fn load(
        &self,
        named: Option<Unknown<'_>>,
        batch_size: Option<Unknown<'_>>,
        index: IndexChanges<'_>,
        width: usize,
    ) -> Result<BulkLoad> {
        let mut options = BulkOptions::new().index(changes(&index)?);
        if let Some(records) = count_of("batchSize", batch_size)? {
            options = options.batch_size(records);
        }
        Ok(BulkLoad::new(Arc::clone(&self.inner), options, namespace(named)?, width))
    }
}

fn row_width(numbers: usize, rows: u32) -> Result<usize> {
    let rows = rows as usize;
    match numbers.checked_div(rows) {
        Some(width) if width * rows == numbers => Ok(width),
        None if numbers == 0 => Ok(0),
        _ => Err(Failure::invalid(format!(
            "vectors: expected a row for each of {rows} ids, got {numbers} numbers"
        ))),
    }
}

fn same_length(name: &str, found: u32, expected: u32) -> Result<()> {
    if found == expected {
        return Ok(());
    }
    Err(Failure::invalid(format!("{name}: expected one for each of {expected} ids, got {found}")))
}
