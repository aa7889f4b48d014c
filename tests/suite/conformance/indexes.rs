//! The calls about field indexes, and about graphs: their configuration and their state.

use serde_json::{Value as Json, json};
use vectlite::{Database, FieldType, GraphStats, IndexChanges};

use super::arguments::Arguments;
use super::database::NOTHING;
use super::run::{Answer, Stop, json};

pub(super) fn call(db: &Database, method: &str, arguments: &mut Arguments) -> Result<Answer, Stop> {
    match method {
        "create_index" => {
            let field = arguments.needed_string("field")?;
            let kind: FieldType = arguments.needed_string("type")?.parse()?;
            json(db.create_index(&field, kind)?)
        }
        "drop_index" => json(db.drop_index(&arguments.needed_string("field")?)?),
        "list_indexes" => {
            let indexes = db.list_indexes()?;
            json(indexes.iter().map(|(field, kind)| (field, kind.name())).collect::<Vec<_>>())
        }
        "index_config" => json(db.index_config()?),
        "tombstone_stats" => json(db.tombstone_stats()?),
        "set_index_config" => {
            db.set_index_config(&changes(arguments)?)?;
            Ok(NOTHING)
        }
        _ => {
            let ef = arguments.count_or_null("n")?.ok_or("the case does not give the argument \"n\"")?;
            db.set_ef_search(ef)?;
            Ok(NOTHING)
        }
    }
}

/// The changes that the arguments make; only what is given is set.
pub(super) fn changes(arguments: &mut Arguments) -> Result<IndexChanges, Stop> {
    let mut changes = IndexChanges::new();
    if let Some(m) = arguments.count("m")? {
        changes = changes.m(m);
    }
    if let Some(ef) = arguments.count("ef_construction")? {
        changes = changes.ef_construction(ef);
    }
    if let Some(ef) = arguments.count_or_null("ef_search")? {
        changes = changes.ef_search(ef);
    }
    if let Some(vectors) = arguments.count("parallel_insert_threshold")? {
        changes = changes.parallel_insert_threshold(vectors);
    }
    if let Some(percent) = arguments.count("tombstone_rebuild_pct")? {
        changes = changes.tombstone_rebuild_pct(percent);
    }
    Ok(changes)
}

/// A graph, by what does not depend on how it was built.
pub(super) fn graph(stats: &GraphStats) -> Json {
    json!({
        "space": stats.space,
        "nodes": stats.nodes,
        "dead": stats.dead,
        "tail": stats.tail,
        "loaded_from_disk": stats.loaded_from_disk,
    })
}
