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
    pub(crate) fresh: Fresh,
    /// Those of the node before, whose codes were asked for.
    pub(crate) asked: Fresh,
    /// Distances that were computed.
    pub(crate) evaluated: usize,
}

/// Room for the neighbours of a node: there are never more than 2 · 64.
#[derive(Debug)]
pub(crate) struct Fresh(pub(crate) [u32; 128]);

impl Default for Fresh {
    fn default() -> Fresh {
        Fresh([0; 128])
    }
}

/// Which nodes a walk has met: a bit each, so that all of them stay close to the processor.
#[derive(Debug, Default)]
pub(crate) struct Visited {
    words: Vec<u64>,
    /// Words that are not zero: few, so that forgetting is quick. Of the places, the first `touches` count.
    touched: Vec<u32>,
    touches: usize,
}

impl Visited {
    /// Forgets all marks, and knows nodes below `nodes` from now on.
    pub(crate) fn start(&mut self, nodes: usize) {
        for word in self.touched.iter().take(self.touches) {
            if let Some(word) = self.words.get_mut(*word as usize) {
                *word = 0;
            }
        }
        self.touches = 0;
        let words = nodes.div_ceil(64);
        if self.words.len() < words {
            // Some more: while nodes are inserted, each walk knows a few more than the last.
            self.words.resize(words + words / 8, 0);
            // One more than can be needed: a place is written before it is known to count.
            self.touched.resize(self.words.len() + 1, 0);
        }
    }

    /// Marks a node. `false` when it was marked before, or is unknown.
    #[inline]
    pub(crate) fn mark(&mut self, node: u32) -> bool {
        let mut fresh = [0; 1];
        self.fresh(std::iter::once(node), &mut fresh) == 1
    }

    /// Marks nodes, and puts those in front of `fresh` that were not marked before and are known. Gives how many; the
    /// others find no place in it any more.
    ///
    /// Half of the neighbours of a node are marked already, and no processor guesses which half: so nothing here
    /// branches on it.
    #[inline]
    pub(crate) fn fresh(&mut self, nodes: impl Iterator<Item = u32>, fresh: &mut [u32]) -> usize {
        let mut count = 0;
        for node in nodes {
            let Some(word) = self.words.get_mut(node as usize / 64) else { continue };
            let Some(place) = fresh.get_mut(count) else { break };
            *place = node;
            if let Some(touched) = self.touched.get_mut(self.touches) {
                *touched = node / 64;
            }
            self.touches += usize::from(*word == 0);
            let bit = 1 << (node % 64);
            count += usize::from(*word & bit == 0);
            *word |= bit;
        }
        count
    }
}

/// Scratches that nobody uses at the moment.
#[derive(Debug, Default)]
pub(crate) struct Scratches {
    idle: Mutex<Vec<Scratch>>,
}

/// More idle scratches than this are let go: they hold a bit a node and some lists.
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
        for walk in 0..1_000_usize {
            visited.start(10 + walk / 10);
            assert!(visited.mark(3), "walk {walk}");
            assert!(!visited.mark(3));
            assert!(visited.mark((walk % 3) as u32));
            assert!(visited.mark(4 + walk as u32 / 12));
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
