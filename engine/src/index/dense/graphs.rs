//! The graphs of a database, as searches take them: one atomic load, no lock.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;

use super::graph::Graph;
use crate::storage::catalog::SpaceId;

/// See the module.
#[derive(Debug)]
pub(crate) struct Graphs {
    current: ArcSwap<GraphSet>,
    /// Held through a change: changes come from the thread that builds and from compaction.
    changing: Mutex<()>,
    /// Whether a search has asked for one since this was last looked at.
    searched: Arc<AtomicBool>,
}

/// The graphs of one moment, one for each space that has one.
#[derive(Debug, Clone)]
pub(crate) struct GraphSet {
    slot_epoch: u64,
    graphs: BTreeMap<SpaceId, Arc<Graph>>,
    /// That of [`Graphs`].
    searched: Arc<AtomicBool>,
}

impl Graphs {
    /// None, for a database with this numbering of slots.
    pub(crate) fn new(slot_epoch: u64) -> Graphs {
        let searched = Arc::<AtomicBool>::default();
        let set = GraphSet { slot_epoch, graphs: BTreeMap::new(), searched: Arc::clone(&searched) };
        Graphs { current: ArcSwap::from_pointee(set), changing: Mutex::new(()), searched }
    }

    /// The graph of a space, if there is one for this numbering of slots.
    pub(crate) fn get(&self, space: SpaceId, slot_epoch: u64) -> Option<Arc<Graph>> {
        self.current.load().graph(space, slot_epoch).map(Arc::clone)
    }

    /// Those of this moment.
    pub(crate) fn set(&self) -> Arc<GraphSet> {
        self.current.load_full()
    }

    /// Whether there was a search since the last call.
    pub(crate) fn take_searched(&self) -> bool {
        self.searched.swap(false, Ordering::Relaxed)
    }

    /// All of them.
    pub(crate) fn all(&self) -> Vec<Arc<Graph>> {
        self.current.load().graphs.values().map(Arc::clone).collect()
    }

    /// Puts a graph in its place; `false` when slots were renumbered since it was begun.
    pub(crate) fn put(&self, graph: Arc<Graph>) -> bool {
        self.change(|set| {
            let current = graph.slot_epoch == set.slot_epoch;
            if current {
                set.graphs.insert(graph.space, graph);
            }
            current
        })
    }

    /// Takes a graph away: one that cannot be trusted or goes on no more.
    pub(crate) fn remove(&self, space: SpaceId) {
        self.change(|set| set.graphs.remove(&space));
    }

    /// Starts a numbering of slots with these graphs.
    pub(crate) fn start_epoch(&self, slot_epoch: u64, graphs: impl IntoIterator<Item = Graph>) {
        self.change(|set| {
            let graphs = graphs.into_iter().map(|graph| (graph.space, Arc::new(graph))).collect();
            set.slot_epoch = slot_epoch;
            set.graphs = graphs;
        });
    }

    fn change<T>(&self, change: impl FnOnce(&mut GraphSet) -> T) -> T {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut set = GraphSet::clone(&self.current.load());
        let result = change(&mut set);
        self.current.store(Arc::new(set));
        result
    }
}

impl GraphSet {
    /// The numbering of slots that they are for.
    pub(crate) fn slot_epoch(&self) -> u64 {
        self.slot_epoch
    }

    /// Those for this numbering of slots.
    pub(crate) fn all(&self, slot_epoch: u64) -> impl Iterator<Item = &Arc<Graph>> {
        self.graphs.values().filter(move |_| self.slot_epoch == slot_epoch)
    }

    /// The graph of a space, if there is one for this numbering of slots.
    pub(crate) fn graph(&self, space: SpaceId, slot_epoch: u64) -> Option<&Arc<Graph>> {
        self.graphs.get(&space).filter(|graph| graph.slot_epoch == slot_epoch)
    }

    /// The same for a search, which is remembered.
    pub(crate) fn for_search(&self, space: SpaceId, slot_epoch: u64) -> Option<&Arc<Graph>> {
        // Many threads search: none of them takes the flag from the others' caches without need.
        if !self.searched.load(Ordering::Relaxed) {
            self.searched.store(true, Ordering::Relaxed);
        }
        self.graph(space, slot_epoch)
    }
}
