//! What a walk over the graph needs and the next one can use again.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::{Mutex, PoisonError};

use crate::pool::Pool;

/// Reusable memory of one walk.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    pub(crate) visited: Visited,
    pub(crate) pool: Pool,
    /// Nodes to follow, where they are more than the pool keeps: keys, closest first.
    pub(crate) open: BinaryHeap<Reverse<u64>>,
    /// Neighbours of one node that were not visited before.
    pub(crate) fresh: Vec<u32>,
    /// Distances that were computed.
    pub(crate) evaluated: usize,
}

/// Which nodes a walk has met. Starting anew takes no clearing: a mark counts only in its epoch.
#[derive(Debug, Default)]
pub(crate) struct Visited {
    marks: Vec<u16>,
    epoch: u16,
}

impl Visited {
    /// Forgets all marks, and knows nodes below `nodes` from now on.
    pub(crate) fn start(&mut self, nodes: usize) {
        if self.marks.len() < nodes {
            // Some more: while nodes are inserted, each walk knows a few more than the last.
            self.marks.resize(nodes + nodes / 8, 0);
        }
        if self.epoch == u16::MAX {
            self.marks.fill(0);
            self.epoch = 0;
        }
        self.epoch += 1;
    }

    /// Marks a node. `false` when it was marked before, or is unknown.
    #[inline]
    pub(crate) fn mark(&mut self, node: u32) -> bool {
        match self.marks.get_mut(node as usize) {
            Some(mark) if *mark != self.epoch => {
                *mark = self.epoch;
                true
            }
            _ => false,
        }
    }
}

/// Scratches that nobody uses at the moment.
#[derive(Debug, Default)]
pub(crate) struct Scratches {
    idle: Mutex<Vec<Scratch>>,
}

/// More idle scratches than this are let go: they hold two bytes a node.
const KEPT: usize = 64;

impl Scratches {
    /// Lends a scratch.
    pub(crate) fn with<T>(&self, work: impl FnOnce(&mut Scratch) -> T) -> T {
        let lent = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut scratch = lent.unwrap_or_default();
        let result = work(&mut scratch);
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < KEPT {
            idle.push(scratch);
        }
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_last_one_walk() {
        let mut visited = Visited::default();
        for walk in 0..70_000_usize {
            visited.start(10 + walk / 10_000);
            assert!(visited.mark(3), "walk {walk}");
            assert!(!visited.mark(3));
            assert!(visited.mark((walk % 3) as u32));
            assert!(!visited.mark(1_000_000));
        }
    }

    #[test]
    fn scratches_come_back() {
        let scratches = Scratches::default();
        scratches.with(|scratch| scratch.evaluated = 7);
        assert_eq!(scratches.with(|scratch| scratch.evaluated), 7);
        let inner = scratches.with(|_| scratches.with(|scratch| scratch.evaluated));
        assert_eq!(inner, 0);
    }
}
