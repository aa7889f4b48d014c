//! The documents that may be among the best.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::Scored;

/// While documents are looked for, their terms are summed in the order in which they are met, and bounds are sums as well: such a sum
/// may be off by some units in the last place (2^-53) for each term. By more than this factor it never is, for a million terms.
pub(super) const ROUNDING: f64 = 1.0 + 1e-9;

/// The documents that may be among the `k` best, by scores that may be off by [`ROUNDING`].
pub(super) struct Best {
    k: usize,
    /// The `k` best scores so far, the least on top, by their bits: no score is negative, so these have the same order.
    scores: BinaryHeap<Reverse<u64>>,
    /// Every document that reached the threshold of its time.
    kept: Vec<Scored>,
    /// At so many of them those that have fallen behind are taken out.
    crowded: usize,
}

/// So many documents for each of the `k` are kept before any is taken out again, and some more.
const CROWD: (usize, usize) = (2, 64);

impl Best {
    pub(super) fn new(k: usize) -> Best {
        let crowded = k.saturating_mul(CROWD.0).saturating_add(CROWD.1);
        Best { k, scores: BinaryHeap::new(), kept: Vec::new(), crowded }
    }

    /// What a document must reach to be among the best; rounding is allowed for.
    pub(super) fn threshold(&self) -> f64 {
        if self.scores.len() < self.k {
            return f64::NEG_INFINITY;
        }
        self.scores.peek().map_or(f64::NEG_INFINITY, |least| f64::from_bits(least.0) / ROUNDING)
    }

    pub(super) fn push(&mut self, document: Scored) {
        if document.score < self.threshold() {
            return;
        }
        self.kept.push(document);
        self.scores.push(Reverse(document.score.to_bits()));
        if self.scores.len() > self.k {
            self.scores.pop();
        }
        if self.kept.len() >= self.crowded {
            let least = self.threshold();
            self.kept.retain(|document| document.score >= least);
            // However many tie, each is looked at a few times only.
            self.crowded = self.crowded.max(2 * self.kept.len());
        }
    }

    /// The documents, ascending by slot.
    pub(super) fn into_slots(self) -> Vec<u32> {
        let least = self.threshold();
        let mut slots: Vec<u32> = self
            .kept
            .iter()
            .filter(|document| document.score >= least)
            .map(|document| document.slot)
            .collect();
        slots.sort_unstable();
        // A list that does not ascend can bring a document again.
        slots.dedup();
        slots
    }
}
