//! Comparing every code of some slots.

use std::collections::BinaryHeap;

use super::{Ended, Found, Index, Near};
use crate::codes::{Bound, Query};
use crate::{Error, pool};

impl Index {
    /// The candidates among `slots` that hold the exact `k` nearest, and all that tie with them: every code is
    /// compared, and what the codes' errors leave possible is kept. Slots that are not in the index are passed over.
    pub fn scan(
        &self,
        query: &[f32],
        k: usize,
        slots: impl IntoIterator<Item = u32>,
    ) -> Result<Found, Error> {
        let (query, nodes) = self.scanned(query, slots)?;
        let candidates = if k == 0 { Vec::new() } else { self.nearest(&query, k, &nodes, Bound::Certain) };
        Ok(Found { candidates, ended: Ended::Complete, evaluated: nodes.len() })
    }

    /// As [`Index::scan`] in half of the time, and nearly always with the same result: upper halves of codes are compared first, and
    /// whole codes where the noise of halves leaves it open.
    pub fn skim(
        &self,
        query: &[f32],
        k: usize,
        slots: impl IntoIterator<Item = u32>,
    ) -> Result<Found, Error> {
        let (query, nodes) = self.scanned(query, slots)?;
        let coarse = self.codes.coarse(query.probe());
        let blur = self.codes.blur(&coarse);
        let mut open = Nearest::new(k);
        self.walk().each_distance(&coarse, &nodes, |node, distance| {
            if distance <= open.edge {
                open.push(node, distance, (distance, blur.of(distance)));
            }
        });
        let open: Vec<u32> = open.into_kept().map(|(node, _)| node).collect();
        let candidates = if k == 0 { Vec::new() } else { self.nearest(&query, k, &open, Bound::Likely) };
        Ok(Found { candidates, ended: Ended::Complete, evaluated: nodes.len() })
    }

    /// The query's code, and the nodes of the slots.
    fn scanned(
        &self,
        query: &[f32],
        slots: impl IntoIterator<Item = u32>,
    ) -> Result<(Query, Vec<u32>), Error> {
        self.check_vector(query)?;
        let query = self.codes.query(query);
        let nodes = self.nodes()?;
        let nodes = slots.into_iter().filter_map(|slot| self.node(nodes, slot)).collect();
        Ok((query, nodes))
    }

    /// Those of some nodes that can be among the `k` nearest, by their whole codes.
    fn nearest(&self, query: &Query, k: usize, nodes: &[u32], bound: Bound) -> Vec<Near> {
        let probe = query.probe();
        let (most, share) = self.codes.largest_slack(&probe);
        let mut best = Nearest::new(k);
        self.walk().each_distance(&probe, nodes, |node, distance| {
            // Nearly all end here, and their own slack is not looked up.
            if distance * (1.0 - share) - most <= best.edge {
                let slack = self.codes.slack(&probe, node, distance);
                best.push(node, distance, (distance - slack, distance + slack));
            }
        });
        self.settled(query, best.into_kept(), k, bound)
    }
}

/// The nodes that may be among the `k` nearest, by distances that are known between two ends.
struct Nearest {
    k: usize,
    /// What is farther cannot be among the `k` nearest.
    edge: f32,
    /// The `k` smallest upper ends, as keys, the largest on top.
    upper: BinaryHeap<u64>,
    /// Nodes, their distances and lower ends.
    kept: Vec<(u32, f32, f32)>,
}

impl Nearest {
    fn new(k: usize) -> Nearest {
        Nearest { k, edge: f32::INFINITY, upper: BinaryHeap::new(), kept: Vec::new() }
    }

    #[inline]
    fn push(&mut self, node: u32, distance: f32, (lower, upper): (f32, f32)) {
        if lower > self.edge {
            return;
        }
        self.kept.push((node, distance, lower));
        if upper < self.edge {
            self.upper.push(pool::key(0, upper));
            if self.upper.len() > self.k {
                self.upper.pop();
            }
            if let Some(top) = self.upper.peek().filter(|_| self.upper.len() == self.k) {
                self.edge = pool::distance(*top);
            }
        }
    }

    fn into_kept(self) -> impl Iterator<Item = (u32, f32)> {
        let edge = self.edge;
        let kept = self.kept.into_iter().filter(move |(_, _, lower)| *lower <= edge);
        kept.map(|(node, distance, _)| (node, distance))
    }
}
