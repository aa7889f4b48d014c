//! Facts about a database.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Serialize;
use vectlite::{AnalyzerDefinition, Database, GraphStats, IndexConfig};

use crate::failure::Outcome;

/// The answer of `stats`.
#[derive(Debug, Serialize)]
pub(crate) struct Facts {
    path: PathBuf,
    dimension: usize,
    metric: &'static str,
    analyzer: Option<AnalyzerDefinition>,
    namespaces: Vec<String>,
    records: u64,
    dead: u64,
    commit_id: u64,
    checkpoint: u64,
    vdb_bytes: u64,
    wal_bytes: u64,
    wal_entries_replayed: u64,
    ann_bytes: u64,
    graphs: Vec<GraphFacts>,
    indexes: BTreeMap<String, &'static str>,
    index_config: IndexConfig,
}

impl Facts {
    pub(crate) fn of(db: &Database) -> Outcome<Facts> {
        let stats = db.stats()?;
        let indexes = db.list_indexes()?.into_iter().map(|(field, kind)| (field, kind.name())).collect();
        Ok(Facts {
            path: db.path().to_owned(),
            dimension: db.dimension(),
            metric: db.metric().name(),
            analyzer: db.analyzer().definition().cloned(),
            namespaces: db.namespaces()?,
            records: stats.records,
            dead: stats.dead,
            commit_id: stats.commit_id,
            checkpoint: stats.checkpoint,
            // A handle for reading does not know them.
            vdb_bytes: bytes_of(db.path()),
            wal_bytes: bytes_of(&db.wal_path()),
            wal_entries_replayed: stats.wal_entries_replayed,
            ann_bytes: bytes_of(&db.path().with_added_extension("ann")),
            graphs: stats.graphs.into_iter().map(GraphFacts::from).collect(),
            indexes,
            index_config: db.index_config()?,
        })
    }
}

fn bytes_of(file: &Path) -> u64 {
    file.metadata().map_or(0, |file| file.len())
}

#[derive(Debug, Serialize)]
struct GraphFacts {
    space: String,
    nodes: u64,
    dead: u64,
    tail: u64,
    seeded: u64,
    extended: u64,
    twins: u64,
    repaired: u64,
    levels: u64,
    bytes: u64,
    loaded_from_disk: bool,
    kernels: &'static str,
}

impl From<GraphStats> for GraphFacts {
    fn from(graph: GraphStats) -> GraphFacts {
        GraphFacts {
            space: graph.space,
            nodes: graph.nodes,
            dead: graph.dead,
            tail: graph.tail,
            seeded: graph.seeded,
            extended: graph.extended,
            twins: graph.twins,
            repaired: graph.repaired,
            levels: graph.levels,
            bytes: graph.bytes,
            loaded_from_disk: graph.loaded_from_disk,
            kernels: graph.kernels,
        }
    }
}
