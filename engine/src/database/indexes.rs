//! How graphs are configured, and what state they are in.

use super::Database;
use crate::error::Result;
use crate::index::dense::build::SpaceState;
use crate::index::dense::graph::GraphStats;
use crate::index::dense::graphs::Graphs;
use crate::index_config::{IndexChanges, IndexConfig};
use crate::storage::view::View;
use crate::write::batch::Operation;

impl Database {
    /// How graphs are built, searched and renewed.
    ///
    /// # Errors
    /// `Closed`, `Storage`.
    pub fn index_config(&self) -> Result<IndexConfig> {
        self.read(|view| Ok(view.catalog.index_config))
    }

    /// Changes how graphs are built, searched and renewed; stored like a record. `ef_search` takes effect at once, `m`
    /// and `ef_construction` when a graph is built anew: [`Database::compact`] does it.
    ///
    /// # Errors
    /// `InvalidArgument` for a value out of range; then nothing is changed. `ReadOnly`, `Closed`, `Storage`.
    pub fn set_index_config(&self, changes: &IndexChanges) -> Result<()> {
        self.write(|writer| writer.commit(vec![Operation::Configure { changes: *changes }]).map(drop))
    }

    /// Changes how many candidates a search keeps when it does not say itself; `None` is the default.
    ///
    /// # Errors
    /// As [`Database::set_index_config`].
    pub fn set_ef_search(&self, ef_search: Option<usize>) -> Result<()> {
        self.set_index_config(&IndexChanges::new().ef_search(ef_search))
    }

    /// Vectors that live, and dead ones that graphs still hold: deleted and overwritten ones, until a graph is built
    /// anew.
    ///
    /// # Errors
    /// `Closed`, `Storage`.
    pub fn tombstone_stats(&self) -> Result<(u64, u64)> {
        self.search_in(|view, graphs| {
            let live = view.catalog.spaces().iter().map(|space| view.catalog.vectors(space.id)).sum();
            Ok((live, statistics(view, graphs).iter().map(|graph| graph.dead).sum()))
        })
    }
}

/// The state of every graph that there is.
pub(super) fn statistics(view: &View, graphs: &Graphs) -> Vec<GraphStats> {
    let spaces = view.catalog.spaces().iter();
    let stats = spaces.filter_map(|space| {
        let graph = graphs.get(space.id, view.catalog.slot_epoch)?;
        let state = SpaceState::of(view, space, graph.index.frontier());
        Some(graph.stats(&space.name, state.live, state.tail.len() as u64))
    });
    stats.collect()
}
