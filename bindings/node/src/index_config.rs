//! The configuration of graphs: as options, and as an object.

use napi::bindgen_prelude::{ToNapiValue, Unknown};
use napi::{Env, ValueType};
use napi_derive::napi;

use crate::convert::options::{count_of, declare};
use crate::convert::place::Place;
use crate::convert::scalars::count;
use crate::error::Result;

declare! {
    /// Changes to how graphs are built, searched and renewed. What is left out stays.
    IndexChanges {
        /// Links that a node chooses for itself in each layer, 4 to 64; 16 at first. More find better neighbours, take more memory
        /// and longer to build. Takes effect when a graph is built anew, which `compact` does.
        m "m" "number | null",
        /// How many candidates those links are chosen from, 8 to 4,096; 200 at first. As `m`.
        ef_construction "efConstruction" "number | null",
        /// How many candidates a search keeps, 1 to 65,536. `null`, which it is at first, leaves it to the engine; leaving the
        /// option out is something else. Takes effect at once.
        ef_search "efSearch" "number | null" null = "efSearch",
        /// From so many new vectors on an insertion uses every core, at least 1; 256 at first.
        parallel_insert_threshold "parallelInsertThreshold" "number | null",
        /// A graph is built anew, in the background, when so many of 100 of its nodes are dead, 1 to 100; 30 at first.
        tombstone_rebuild_pct "tombstoneRebuildPct" "number | null",
    }
}

/// How graphs are built, searched and renewed; see `setIndexConfig`.
#[napi(object, js_name = "IndexConfig", object_from_js = false, use_nullable = true)]
pub struct Configuration {
    /// Links that a node chooses for itself in each layer.
    pub m: f64,
    /// How many candidates those links are chosen from.
    pub ef_construction: f64,
    /// How many candidates a search keeps; `null` leaves it to the engine.
    pub ef_search: Option<f64>,
    /// From so many new vectors on an insertion uses every core.
    pub parallel_insert_threshold: f64,
    /// A graph is built anew when so many of 100 of its nodes are dead.
    pub tombstone_rebuild_pct: f64,
}

/// What was given, as the engine takes it.
pub(crate) fn changes(given: &IndexChanges<'_>) -> Result<vectlite::IndexChanges> {
    let mut changes = vectlite::IndexChanges::new();
    if let Some(m) = count_of("m", given.m)? {
        changes = changes.m(m);
    }
    if let Some(ef) = count_of("efConstruction", given.ef_construction)? {
        changes = changes.ef_construction(ef);
    }
    if let Some(value) = given.ef_search {
        changes = changes.ef_search(ef_search("efSearch", value)?);
    }
    if let Some(vectors) = count_of("parallelInsertThreshold", given.parallel_insert_threshold)? {
        changes = changes.parallel_insert_threshold(vectors);
    }
    if let Some(percent) = count_of("tombstoneRebuildPct", given.tombstone_rebuild_pct)? {
        changes = changes.tombstone_rebuild_pct(percent);
    }
    Ok(changes)
}

/// A number of candidates, or `null` for the default.
pub(crate) fn ef_search(name: &str, value: Unknown<'_>) -> Result<Option<usize>> {
    if value.get_type()? == ValueType::Null {
        return Ok(None);
    }
    count(Place::Root(name), value).map(Some)
}

/// A configuration as an object.
pub(crate) fn config_out(env: &Env, config: vectlite::IndexConfig) -> Result<Unknown<'_>> {
    let config = Configuration {
        m: config.m as f64,
        ef_construction: config.ef_construction as f64,
        ef_search: config.ef_search.map(|ef| ef as f64),
        parallel_insert_threshold: config.parallel_insert_threshold as f64,
        tombstone_rebuild_pct: config.tombstone_rebuild_pct as f64,
    };
    Ok(config.into_unknown(env)?)
}
