//! Which of what was found can be among the best.
//!
//! A code is near its vector, not at it. By how much its distance may be wrong has a bound, and most of the error is
//! known: that of the query's code is taken away by a second code for what the first one left. What stays is that of
//! the node, so with each distance comes a slack. The k-th smallest of (distance + slack) is an edge: whoever is beyond
//! it by more than its own slack is none of the k best, and its vector need not be read.

use super::{Index, Near};
use crate::codes::{Bound, Query};
use crate::{Candidate, TopK};

impl Index {
    /// Those of `near` that can be among its `k` best, closest first.
    pub(super) fn settled(
        &self,
        query: &Query,
        near: impl Iterator<Item = (u32, f32)>,
        k: usize,
        bound: Bound,
    ) -> Vec<Near> {
        let near: Vec<(u32, f32)> = near.collect();
        let mut settled: Vec<(Near, f32)> = Vec::with_capacity(near.len());
        self.codes.each_refined(query, &near, bound, |node, distance, slack| {
            let Some(slot) = self.slot(node) else { return };
            let ceiling = self.codes.score(distance - slack);
            settled.push((Near { slot, node, distance, ceiling }, distance + slack));
        });
        if let Some(last) = k.checked_sub(1).filter(|last| *last < settled.len()) {
            let (_, edge, _) = settled.select_nth_unstable_by(last, |a, b| a.1.total_cmp(&b.1));
            let least = self.codes.score(edge.1);
            settled.retain(|near| near.0.ceiling >= least);
        }
        let mut settled: Vec<Near> = settled.into_iter().map(|near| near.0).collect();
        settled.sort_unstable_by(|a, b| a.distance.total_cmp(&b.distance).then(a.node.cmp(&b.node)));
        settled
    }
}

/// The `k` best of what was found, and what ties with them, by the scores that `score` gives: higher is better, `None`
/// drops a candidate. Asked from the closest on, and no further than to where no candidate can be among the `k` best.
pub fn rescore(found: &[Near], k: usize, mut score: impl FnMut(u32) -> Option<f64>) -> Vec<Candidate> {
    let mut best = TopK::new(k);
    for near in found {
        if f64::from(near.ceiling) < best.threshold() {
            continue;
        }
        if let Some(score) = score(near.slot) {
            best.push(near.slot, score);
        }
    }
    best.into_sorted()
}
