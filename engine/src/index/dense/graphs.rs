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
    current: ArcSwap<Set>,
    /// Held through a change: changes come from the thread that builds and from compaction.
    changing: Mutex<()>,
    /// Whether a search has asked for one since this was last looked at.
    searched: AtomicBool,
}

#[derive(Debug, Clone)]
struct Set {
    slot_epoch: u64,
    graphs: BTreeMap<SpaceId, Arc<Graph>>,
}

impl Graphs {
    /// None, for a database with this numbering of slots.
    pub(crate) fn new(slot_epoch: u64) -> Graphs {
        let set = Set { slot_epoch, graphs: BTreeMap::new() };
        Graphs {
            current: ArcSwap::from_pointee(set),
            changing: Mutex::new(()),
            searched: AtomicBool::new(false),
        }
    }

    /// The graph of a space, if there is one for this numbering of slots.
    pub(crate) fn get(&self, space: SpaceId, slot_epoch: u64) -> Option<Arc<Graph>> {
        let set = self.current.load();
        set.graphs.get(&space).filter(|graph| graph.slot_epoch == slot_epoch).map(Arc::clone)
    }

    /// The same for a search, which is remembered.
    pub(crate) fn get_for_search(&self, space: SpaceId, slot_epoch: u64) -> Option<Arc<Graph>> {
        // Many threads search: none of them takes the flag from the others' caches without need.
        if !self.searched.load(Ordering::Relaxed) {
            self.searched.store(true, Ordering::Relaxed);
        }
        self.get(space, slot_epoch)
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
            *set = Set { slot_epoch, graphs };
        });
    }

    fn change<T>(&self, change: impl FnOnce(&mut Set) -> T) -> T {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut set = Set::clone(&self.current.load());
        let result = change(&mut set);
        self.current.store(Arc::new(set));
        result
    }
}
