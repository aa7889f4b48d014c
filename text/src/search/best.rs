//! The documents that may be among the best.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::Candidate;
use super::rounding::{Reach, Rounding};

/// The documents that may be among the `k` best, by scores that may be off.
pub(super) struct Best {
    k: usize,
    rounding: Rounding,
    /// The `k` best scores so far, the least on top, by their bits: no score is negative, so these have the same order.
    scores: BinaryHeap<Reverse<u32>>,
    /// Every document that reached the threshold of its time.
    kept: Vec<Candidate>,
    /// At so many of them those that have fallen behind are taken out.
    crowded: usize,
}

/// So many documents for each of the `k` are kept before any is taken out again, and some more.
const CROWD: (usize, usize) = (2, 64);

impl Best {
    pub(super) fn new(k: usize, rounding: Rounding) -> Best {
        let crowded = k.saturating_mul(CROWD.0).saturating_add(CROWD.1);
        Best { k, rounding, scores: BinaryHeap::new(), kept: Vec::new(), crowded }
    }

    /// The `k`-th best score so far.
    pub(super) fn threshold(&self) -> f32 {
        if self.scores.len() < self.k {
            return f32::NEG_INFINITY;
        }
        self.scores.peek().map_or(f32::NEG_INFINITY, |least| f32::from_bits(least.0))
    }

    /// How far the score of a document has to get to be among the best.
    pub(super) fn reach(&self) -> Reach {
        Reach::new(self.rounding, self.threshold(), 0.0)
    }

    pub(super) fn push(&mut self, document: Candidate) {
        if !self.reach().is_possible(document.score) {
            return;
        }
        self.kept.push(document);
        self.scores.push(Reverse(document.score.to_bits()));
        if self.scores.len() > self.k {
            self.scores.pop();
        }
        if self.kept.len() >= self.crowded {
            let reach = self.reach();
            self.kept.retain(|document| reach.is_possible(document.score));
            // However many tie, each is looked at a few times only.
            self.crowded = self.crowded.max(2 * self.kept.len());
        }
    }

    /// The documents, ascending by slot.
    pub(super) fn into_slots(self) -> Vec<u32> {
        let reach = self.reach();
        let mut slots: Vec<u32> = self
            .kept
            .iter()
            .filter(|document| reach.is_possible(document.score))
            .map(|document| document.slot)
            .collect();
        slots.sort_unstable();
        // A list that does not ascend can bring a document again.
        slots.dedup();
        slots
    }
}
