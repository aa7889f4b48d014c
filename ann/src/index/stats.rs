//! How much there is.

use std::sync::atomic::Ordering;

use super::Index;

/// What an index holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct IndexStats {
    /// All nodes.
    pub nodes: usize,
    /// Nodes that stand for no slot any more, see [`Index::renumbered`].
    pub tombstones: usize,
    /// Nodes that hnsw_rs inserted.
    pub seeded: usize,
    /// Nodes that were inserted into the rows directly.
    pub extended: usize,
    /// Nodes that hang on another one with the same code and have no links.
    pub twins: usize,
    /// Nodes that a bulk load had left out of reach and that were linked to afterwards.
    pub repaired: usize,
    /// Layers above the ground.
    pub levels: usize,
    /// Bytes of codes, links and numbers.
    pub bytes: usize,
    /// The instruction set that distances are computed with.
    pub kernels: &'static str,
}

impl Index {
    /// What it holds.
    pub fn stats(&self) -> IndexStats {
        let [seeded, twins, repaired] = [&self.made.seeded, &self.made.twins, &self.made.repaired]
            .map(|count| count.load(Ordering::Relaxed));
        let nodes = self.len();
        let columns = self.codes.columns();
        let row_bytes = [columns.rows, columns.facts].map(|rows| rows.row_bytes());
        let per_node = row_bytes.iter().sum::<usize>() + 4 * (2 * self.params.m + 4);
        IndexStats {
            nodes,
            tombstones: self.tombstones,
            seeded,
            extended: nodes.saturating_sub(seeded).saturating_sub(twins),
            twins,
            repaired,
            levels: self.layout.entry().map_or(0, |(_, level)| usize::from(level)),
            bytes: nodes * per_node + self.layout.upper_rows() as usize * 4 * self.params.m,
            kernels: self.codes.kernels(),
        }
    }
}
