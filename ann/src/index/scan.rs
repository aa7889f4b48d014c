//! Comparing every code of some slots.

use std::collections::BinaryHeap;

use super::{Ended, Found, Index, Near};
use crate::codes::{Bound, Query, Reach};
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
        let mut sharp = Sharp::new(k, self.codes.blur(&coarse));
        self.walk().each_distance(&coarse, &nodes, |node, distance| sharp.push(node, distance));
        let candidates =
            if k == 0 { Vec::new() } else { self.nearest(&query, k, &sharp.into_nodes(), Bound::Likely) };
        Ok(Found { candidates, ended: Ended::Complete, evaluated: nodes.len() })
    }

    /// The query's code, and the nodes of the slots in an order that memory is read well in.
    fn scanned(
        &self,
        query: &[f32],
        slots: impl IntoIterator<Item = u32>,
    ) -> Result<(Query, Vec<u32>), Error> {
        self.check_vector(query)?;
        let query = self.codes.query(query);
        let nodes = self.nodes()?;
        let mut nodes: Vec<u32> = slots.into_iter().filter_map(|slot| self.node(nodes, slot)).collect();
        in_order(&mut nodes, self.len());
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
                best.push(node, distance, self.codes.slack(&probe, node, distance));
            }
        });
        self.settled(query, best.into_kept(), k, bound)
    }
}

/// The nodes that may be among the `k` nearest, by distances that are known up to a blur.
struct Sharp {
    k: usize,
    blur: Reach,
    /// What is farther is hardly among the `k` nearest.
    edge: f32,
    /// The `k` smallest distances, as keys, the largest on top.
    smallest: BinaryHeap<u64>,
    kept: Vec<(u32, f32)>,
}

impl Sharp {
    fn new(k: usize, blur: Reach) -> Sharp {
        Sharp { k, blur, edge: f32::INFINITY, smallest: BinaryHeap::new(), kept: Vec::new() }
    }

    #[inline]
    fn push(&mut self, node: u32, distance: f32) {
        if distance > self.edge {
            return;
        }
        self.kept.push((node, distance));
        self.smallest.push(pool::key(0, distance));
        if self.smallest.len() > self.k {
            self.smallest.pop();
        }
        if let Some(top) = self.smallest.peek().filter(|_| self.smallest.len() == self.k) {
            self.edge = self.blur.of(pool::distance(*top));
        }
    }

    fn into_nodes(self) -> Vec<u32> {
        let edge = self.edge;
        self.kept.into_iter().filter(|(_, distance)| *distance <= edge).map(|(node, _)| node).collect()
    }
}

/// The nodes that may be among the `k` nearest, by distances that are known up to a slack.
struct Nearest {
    k: usize,
    /// What is farther cannot be among the `k` nearest.
    edge: f32,
    /// The `k` smallest upper ends of distances, as keys, the largest on top.
    upper: BinaryHeap<u64>,
    kept: Vec<(u32, f32, f32)>,
}

impl Nearest {
    fn new(k: usize) -> Nearest {
        Nearest { k, edge: f32::INFINITY, upper: BinaryHeap::new(), kept: Vec::new() }
    }

    #[inline]
    fn push(&mut self, node: u32, distance: f32, slack: f32) {
        if distance - slack > self.edge {
            return;
        }
        self.kept.push((node, distance, slack));
        if distance + slack < self.edge {
            self.upper.push(pool::key(0, distance + slack));
            if self.upper.len() > self.k {
                self.upper.pop();
            }
            if let Some(top) = self.upper.peek().filter(|_| self.upper.len() == self.k) {
                self.edge = pool::distance(*top);
            }
        }
    }

    fn prune(&mut self) {
        let edge = self.edge;
        self.kept.retain(|(_, distance, slack)| distance - slack <= edge);
    }

    fn into_kept(mut self) -> impl Iterator<Item = (u32, f32)> {
        self.prune();
        self.kept.into_iter().map(|(node, distance, _)| (node, distance))
    }
}

/// Sorts nodes, of `all` in all, where there are so many that memory is read faster in order.
fn in_order(nodes: &mut Vec<u32>, all: usize) {
    if nodes.len() < all / 256 || nodes.is_sorted() {
        return;
    }
    let mut words = vec![0_u64; all.div_ceil(64)];
    for node in nodes.drain(..) {
        if let Some(word) = words.get_mut(node as usize / 64) {
            *word |= 1 << (node % 64);
        }
    }
    for (start, mut word) in (0..).step_by(64).zip(words) {
        while word != 0 {
            nodes.push(start + word.trailing_zeros());
            word &= word - 1;
        }
    }
}
