//! How vectors get into graphs: what there is to insert, in which portions, and when a graph is built anew. Whose thread
//! does it, and when, is `write/indexer.rs`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use vectlite_ann::{Effort, Error as AnnError, Index};

use super::HAS_GRAPHS;
use super::graph::Graph;
use crate::error::{Error, ErrorKind, Result};
use crate::index_config::IndexConfig;
use crate::limits::{BUILD_BATCH_BYTES, GRAPH_BATCH, GRAPH_FROM, REBUILD_DRIFT_PCT};
use crate::storage::catalog::{Population, Space};
use crate::storage::create::NewSlots;
use crate::storage::record::Slot;
use crate::storage::view::View;

/// What a view holds of one vector space.
#[derive(Debug)]
pub(crate) struct SpaceState {
    /// Live vectors.
    pub(crate) live: u64,
    /// Those from the frontier on, ascending.
    pub(crate) tail: Vec<Slot>,
}

impl SpaceState {
    /// The space in all namespaces, with the slots from `frontier` on as its tail.
    pub(crate) fn of(view: &View, space: &Space, frontier: u64) -> SpaceState {
        let Some(set) = view.catalog.live_in_all(Population::Space(space.id)) else {
            return SpaceState { live: 0, tail: Vec::new() };
        };
        let tail = Slot::try_from(frontier).map_or(Vec::new(), |frontier| set.iter_from(frontier).collect());
        SpaceState { live: set.len(), tail }
    }

    /// Whether there are enough vectors for a graph.
    pub(crate) fn wants_graph(&self) -> bool {
        HAS_GRAPHS && self.live >= GRAPH_FROM
    }

    /// Bytes of the vectors behind the frontier.
    pub(crate) fn tail_bytes(&self, space: &Space) -> usize {
        self.tail.len() * space.dimension * 4
    }

    /// Nodes of a graph that are dead.
    pub(crate) fn dead_in(&self, graph: &Graph) -> u64 {
        (graph.index.len() as u64).saturating_sub(self.live - self.tail.len() as u64)
    }

    /// Whether so many nodes are dead that the graph should be built anew without being asked to.
    pub(crate) fn is_worn(&self, graph: &Graph, config: &IndexConfig) -> bool {
        let dead = self.dead_in(graph);
        dead > 0 && dead * 100 >= graph.index.len() as u64 * config.tombstone_rebuild_pct as u64
    }

    /// Whether a graph is no longer what would be built now: what `compact` asks.
    pub(crate) fn has_drifted(&self, graph: &Graph, config: &IndexConfig) -> bool {
        let (built, wanted) = (graph.index.params(), config.params());
        let dead = self.dead_in(graph);
        (built.m, built.ef_construction) != (wanted.m, wanted.ef_construction)
            || (dead > 0 && dead * 100 >= graph.index.len() as u64 * REBUILD_DRIFT_PCT)
    }
}

/// A graph without nodes.
pub(crate) fn empty(view: &View, space: &Space, config: &IndexConfig) -> Result<Graph> {
    let index = Index::new(space.metric, space.dimension, config.params()).map_err(failed)?;
    Ok(Graph::built(space.id, view.catalog.slot_epoch, index))
}

/// Inserts slots, ascending and all from the frontier on, portion by portion, until `stop` is set; whether all were inserted.
/// After an error the graph must be dropped.
pub(crate) fn insert(
    graph: &Graph,
    view: &View,
    space: &Space,
    slots: &[Slot],
    config: &IndexConfig,
    stop: &AtomicBool,
) -> Result<bool> {
    // A load that is large beside what there is goes in large portions: each is numbered in the order of its clusters,
    // so that what a search visits lies together. A small one must let a closing database go soon.
    let (is_load, to_the_end) = (is_load(graph, slots), AtomicBool::new(false));
    let row_bytes = space.dimension * 4;
    let most = if is_load { (BUILD_BATCH_BYTES / row_bytes).max(1) } else { GRAPH_BATCH };
    let portions = slots.len().div_ceil(most);
    for portion in slots.chunks(most) {
        if stop.load(Ordering::Relaxed) {
            return Ok(false);
        }
        let mut present = Vec::with_capacity(portion.len());
        let mut numbers = Vec::with_capacity(portion.len() * space.dimension);
        view.visit_vectors(space, portion.iter().copied(), |slot, vector| {
            present.push(slot);
            numbers.extend_from_slice(vector);
            Ok(())
        })?;
        let rows: Vec<(Slot, &[f32])> =
            present.into_iter().zip(numbers.chunks_exact(space.dimension)).collect();
        let stop = if is_load { stop } else { &to_the_end };
        let effort = Effort { threads: threads(rows.len(), config), stop, last: portions == 1 };
        graph.index.insert_portion(&rows, effort).map_err(failed)?;
    }
    if is_load && portions > 1 {
        graph.index.repair();
    }
    Ok(true)
}

/// Whether so much is new that it is like building the graph.
pub(crate) fn is_load(graph: &Graph, slots: &[Slot]) -> bool {
    slots.len() > GRAPH_BATCH && slots.len() > graph.index.len() / 4
}

fn threads(rows: usize, config: &IndexConfig) -> usize {
    if rows < config.parallel_insert_threshold {
        return 1;
    }
    thread::available_parallelism().map_or(1, usize::from)
}

/// Graphs after a compaction: the same nodes under new slots. One that cannot be kept is built again later.
pub(crate) fn renumbered(graphs: &[Arc<Graph>], slot_epoch: u64, new_slots: &NewSlots) -> Vec<Graph> {
    let renumber = |graph: &Arc<Graph>| {
        let frontier = new_slots.frontier(graph.index.frontier());
        let index = graph.index.renumbered(frontier, |slot| new_slots.get(slot)).ok()?;
        Some(Graph::built(graph.space, slot_epoch, index))
    };
    // What was never compared with its checksums is better built than copied.
    graphs.iter().filter(|graph| graph.is_verified()).filter_map(renumber).collect()
}

pub(crate) fn failed(error: AnnError) -> Error {
    match error {
        AnnError::System(error) => Error::io("a graph could not be built", error),
        other => Error::new(ErrorKind::Storage, format!("a graph could not be built: {other}")),
    }
}
