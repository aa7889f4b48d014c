//! Who is linked to whom: rows of fixed width, found by position, changed in place while others read.
//!
//! | column | one row | of |
//! |---|---|---|
//! | `ground` | 2 m links | every node: layer 0 |
//! | `towers` | level and first row in `upper` | every node |
//! | `upper` | m links | every layer above 0 of the few nodes that have one |
//! | `twins` | the next node with the same code | every node: nodes whose codes are equal hang on one of them, which alone has links |
//!
//! A link is a node plus one, 0 is none, and the first 0 ends a row. Links are stored with release and loaded with
//! acquire, one by one: a reader may meet a row half changed, which costs it a candidate at most. All that is read is
//! taken as a claim: a node that does not exist has no row, so an image cannot lead anywhere.
#![expect(clippy::indexing_slicing, reason = "the place is taken modulo the length of the array")]

use std::io;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::kernel;
use crate::memory::Words;

/// At most so many nodes: a bit is left for what a beam notes beside a node.
pub(crate) const MAX_NODES: u32 = 1 << 31;
/// The highest layer. With m = 4, one node in four thousand million would like to be higher.
pub(crate) const MAX_LEVEL: u8 = 15;
/// Bits of a tower that say where its rows start.
const START_BITS: u32 = 28;
/// Nodes share locks: two that meet on one lock wait for each other once in a while.
const LOCKS: usize = 1 << 10;

/// The links of all nodes.
#[derive(Debug)]
pub(crate) struct Layout {
    m: usize,
    ground: Words,
    towers: Words,
    upper: Words,
    twins: Words,
    /// Rows of `upper` that are given away.
    upper_rows: AtomicU32,
    /// The node where searches start and its level: `(level + 1) << 32 | node`, 0 while there is none.
    entry: AtomicU64,
    locks: Box<[Mutex<()>]>,
}

/// The columns of [`Layout`], as an image keeps them.
pub(crate) struct Links {
    pub(crate) ground: Words,
    pub(crate) towers: Words,
    pub(crate) upper: Words,
    pub(crate) twins: Words,
    pub(crate) upper_rows: u32,
    pub(crate) entry: u64,
}

impl Layout {
    /// No links yet, and memory for `expected` nodes.
    pub(crate) fn new(m: usize, expected: usize) -> io::Result<Layout> {
        Ok(Layout::open(
            m,
            Links {
                ground: Words::new(2 * m, expected)?,
                towers: Words::new(1, expected)?,
                upper: Words::new(m, expected / (m - 1).max(1) + 16)?,
                twins: Words::new(1, expected)?,
                upper_rows: 0,
                entry: 0,
            },
        ))
    }

    /// The links of an image.
    pub(crate) fn open(m: usize, links: Links) -> Layout {
        let Links { ground, towers, upper, twins, upper_rows, entry } = links;
        Layout {
            m,
            ground,
            towers,
            upper,
            twins,
            upper_rows: AtomicU32::new(upper_rows),
            entry: AtomicU64::new(entry),
            locks: (0..LOCKS).map(|_| Mutex::new(())).collect(),
        }
    }

    /// A copy of the links of the first `nodes` nodes, while nobody changes any.
    pub(crate) fn copy(&self, nodes: usize) -> io::Result<Layout> {
        let upper_rows = self.upper_rows();
        let links = Links {
            ground: self.ground.copy(nodes)?,
            towers: self.towers.copy(nodes)?,
            upper: self.upper.copy(upper_rows as usize)?,
            twins: self.twins.copy(nodes)?,
            upper_rows,
            entry: self.entry_word(),
        };
        Ok(Layout::open(self.m, links))
    }

    /// How many links a node chooses for itself.
    pub(crate) fn m(&self) -> usize {
        self.m
    }

    /// Sees to it that nodes below `nodes` have rows.
    pub(crate) fn reserve(&self, nodes: usize) -> io::Result<()> {
        self.ground.reserve(nodes)?;
        self.towers.reserve(nodes)?;
        self.twins.reserve(nodes)
    }

    /// The links of a node in a layer; `None` where it has none.
    #[inline]
    pub(crate) fn row(&self, layer: u8, node: u32) -> Option<&[AtomicU32]> {
        if layer == 0 {
            return self.ground.row(node as usize);
        }
        let (level, start) = self.tower(node);
        if level < layer {
            return None;
        }
        self.upper.row(start as usize + usize::from(layer - 1))
    }

    /// The highest layer of a node.
    pub(crate) fn level(&self, node: u32) -> u8 {
        self.tower(node).0
    }

    fn tower(&self, node: u32) -> (u8, u32) {
        let tower = word(self.towers.row(node as usize));
        ((tower >> START_BITS) as u8, tower & ((1 << START_BITS) - 1))
    }

    /// Gives a new node its level; it gets rows without links. A level that finds no room becomes 0.
    pub(crate) fn raise(&self, node: u32, level: u8) -> io::Result<()> {
        let level = level.min(MAX_LEVEL);
        if level == 0 {
            return Ok(());
        }
        let rows = u32::from(level);
        let start = self.upper_rows.fetch_add(rows, Ordering::Relaxed);
        if start.saturating_add(rows) >= 1 << START_BITS {
            self.upper_rows.fetch_sub(rows, Ordering::Relaxed);
            return Ok(());
        }
        self.upper.reserve((start + rows) as usize)?;
        if let Some([tower]) = self.towers.row(node as usize) {
            tower.store(u32::from(level) << START_BITS | start, Ordering::Release);
        }
        Ok(())
    }

    /// Where searches start, and the level of that node.
    pub(crate) fn entry(&self) -> Option<(u32, u8)> {
        let entry = self.entry.load(Ordering::Acquire);
        let level = (entry >> 32).checked_sub(1)?;
        Some((entry as u32, level.min(u64::from(MAX_LEVEL)) as u8))
    }

    /// Lets searches start at `node`, if its level is higher than that of the node so far.
    pub(crate) fn enter_at(&self, node: u32, level: u8) {
        self.entry
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |entry| {
                let level = u64::from(level) + 1;
                (level > entry >> 32).then_some(level << 32 | u64::from(node))
            })
            .ok();
    }

    /// The nodes with the code of `node` that hang on it, newest first; of `nodes` in all.
    pub(crate) fn twins(&self, node: u32, nodes: usize) -> impl Iterator<Item = u32> {
        let mut at = node;
        // A chain in a damaged image could be a circle; no honest one is longer than there are nodes.
        (0..nodes).map_while(move |_| {
            at = word(self.twins.row(at as usize)).checked_sub(1)?;
            Some(at)
        })
    }

    /// Hangs a new node on one with the same code.
    pub(crate) fn hang(&self, node: u32, on: u32) {
        let _changing = self.lock(on);
        if let (Some([twin]), Some([first])) = (self.twins.row(node as usize), self.twins.row(on as usize)) {
            twin.store(first.load(Ordering::Relaxed), Ordering::Release);
            first.store(node + 1, Ordering::Release);
        }
    }

    /// Held while the rows of a node are changed.
    pub(crate) fn lock(&self, node: u32) -> MutexGuard<'_, ()> {
        self.locks[node as usize % LOCKS].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks for the memory that says which twins a node has.
    #[inline]
    pub(crate) fn prefetch_twins(&self, node: u32) {
        if let Some(twin) = self.twins.row(node as usize) {
            kernel::prefetch(twin);
        }
    }

    /// Asks for the memory of a node's row in a layer.
    #[inline]
    pub(crate) fn prefetch(&self, layer: u8, node: u32) {
        if let Some(row) = self.row(layer, node) {
            kernel::prefetch(row);
        }
    }

    /// The columns and numbers, for an image.
    pub(crate) fn columns(&self) -> [&Words; 4] {
        [&self.ground, &self.towers, &self.upper, &self.twins]
    }

    pub(crate) fn upper_rows(&self) -> u32 {
        self.upper_rows.load(Ordering::Acquire)
    }

    pub(crate) fn entry_word(&self) -> u64 {
        self.entry.load(Ordering::Acquire)
    }
}

/// The nodes that a row links to.
#[inline]
pub(crate) fn links(row: &[AtomicU32]) -> impl Iterator<Item = u32> {
    row.iter().map_while(|link| link.load(Ordering::Acquire).checked_sub(1))
}

/// Replaces the links of a row.
pub(crate) fn set_links(row: &[AtomicU32], nodes: impl IntoIterator<Item = u32>) {
    let mut nodes = nodes.into_iter();
    for link in row {
        link.store(nodes.next().map_or(0, |node| node + 1), Ordering::Release);
    }
}

fn word(row: Option<&[AtomicU32]>) -> u32 {
    row.and_then(<[AtomicU32]>::first).map_or(0, |word| word.load(Ordering::Acquire))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_found_by_layer_and_node() {
        let layout = Layout::new(4, 2).unwrap();
        layout.reserve(300).unwrap();
        layout.raise(7, 2).unwrap();
        layout.raise(200, 1).unwrap();
        layout.raise(201, 99).unwrap();
        assert_eq!([7, 8, 200, 201].map(|node| layout.level(node)), [2, 0, 1, MAX_LEVEL]);
        for (layer, node) in [(0, 7), (1, 7), (2, 7), (0, 200), (1, 200), (0, 8), (15, 201)] {
            let row = layout.row(layer, node).unwrap();
            assert_eq!(row.len(), if layer == 0 { 8 } else { 4 });
            assert_eq!(links(row).count(), 0);
            set_links(row, [node, u32::from(layer)]);
        }
        for (layer, node) in [(0, 7), (1, 7), (2, 7), (0, 200), (1, 200), (0, 8), (15, 201)] {
            assert_eq!(links(layout.row(layer, node).unwrap()).collect::<Vec<_>>(), [node, u32::from(layer)]);
        }
        assert!(layout.row(3, 7).is_none() && layout.row(1, 8).is_none());
        assert!(layout.row(0, MAX_NODES).is_none() && layout.row(1, MAX_NODES).is_none());
    }

    #[test]
    fn the_highest_node_is_the_entry() {
        let layout = Layout::new(4, 10).unwrap();
        assert_eq!(layout.entry(), None);
        for (node, level, entry) in [(3, 0, (3, 0)), (4, 0, (3, 0)), (5, 2, (5, 2)), (6, 1, (5, 2))] {
            layout.enter_at(node, level);
            assert_eq!(layout.entry(), Some(entry));
        }
    }

    #[test]
    fn twins_hang_on_one_node() {
        let layout = Layout::new(4, 10).unwrap();
        for node in 1..10 {
            layout.hang(node, 0);
        }
        assert_eq!(layout.twins(0, 10).collect::<Vec<_>>(), [9, 8, 7, 6, 5, 4, 3, 2, 1]);
        assert_eq!(layout.twins(1, 10).count(), 0);
    }
}
