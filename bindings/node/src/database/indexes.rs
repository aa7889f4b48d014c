//! How graphs are configured, and what state they are in.

use std::sync::Arc;

use napi::bindgen_prelude::Unknown;
use napi::{Env, JsValue};

use super::Database;
use crate::call::{Call, nothing, twins};
use crate::convert::options::{NoOptions, options};
use crate::error::Result;
use crate::index_config::{IndexChanges, changes, config_out, ef_search};

twins! { Database {
    /// How the graphs of this database are built, searched and renewed; stored in it.
    index_config index_config_async(options)
        "" "IndexConfig", "options?: Abortable | null" "Promise<IndexConfig>" = telling_index_config;

    /// Changes how graphs are built, searched and renewed. A value out of range is an error and changes nothing.
    set_index_config set_index_config_async(changes)
        "changes: IndexChanges" "void", "changes: IndexChanges & Abortable" "Promise<void>" = setting_index_config;

    /// Changes how many candidates a search keeps that does not say itself; `null` leaves it to the engine.
    set_ef_search set_ef_search_async(n, options)
        "n: number | null" "void", "n: number | null, options?: Abortable | null" "Promise<void>"
        = setting_ef_search;

    /// How many vectors live, and how many dead ones graphs still hold: deleted and overwritten ones, until a graph is
    /// built anew.
    tombstone_stats tombstone_stats_async(options)
        "" "[live: number, dead: number]", "options?: Abortable | null" "Promise<[live: number, dead: number]>"
        = telling_tombstones;
} }

impl Database {
    fn telling_index_config<'a>(
        &self,
        _: &Env,
        given: Unknown<'a>,
    ) -> Result<Call<'a, vectlite::IndexConfig>> {
        let (NoOptions, signal) = options(given)?;
        let db = Arc::clone(&self.inner);
        Ok(Call::new(signal, move || Ok(db.index_config()?), config_out))
    }

    fn setting_index_config<'a>(&self, _: &Env, given: Unknown<'a>) -> Result<Call<'a, ()>> {
        let (options, signal) = options::<IndexChanges<'a>>(given)?;
        let (db, changes) = (Arc::clone(&self.inner), changes(&options)?);
        Ok(Call::new(signal, move || Ok(db.set_index_config(&changes)?), nothing))
    }

    fn setting_ef_search<'a>(&self, _: &Env, n: Unknown<'a>, given: Unknown<'a>) -> Result<Call<'a, ()>> {
        let ef = ef_search("n", n)?;
        let (NoOptions, signal) = options(given)?;
        let db = Arc::clone(&self.inner);
        Ok(Call::new(signal, move || Ok(db.set_ef_search(ef)?), nothing))
    }

    fn telling_tombstones<'a>(&self, _: &Env, given: Unknown<'a>) -> Result<Call<'a, (u64, u64)>> {
        let (NoOptions, signal) = options(given)?;
        let db = Arc::clone(&self.inner);
        Ok(Call::new(signal, move || Ok(db.tombstone_stats()?), tombstones_out))
    }
}

fn tombstones_out(env: &Env, (live, dead): (u64, u64)) -> Result<Unknown<'_>> {
    let mut pair = env.create_array(2)?;
    pair.set(0, live as f64)?;
    pair.set(1, dead as f64)?;
    Ok(pair.to_unknown())
}
