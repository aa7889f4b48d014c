//! Scores in the making, of the documents of some thousand slots.
#![expect(
    clippy::indexing_slicing,
    reason = "places are taken modulo the window, or come from a loop that ends there: a check would cost the loop its speed"
)]

use super::Candidate;
use super::rounding::{FOUND, Reach};
use crate::list_block::Parts;

/// Documents that are scored together at most: their scores (32 KiB) stay near the processor, and what is
/// done once for each window is done seldom.
pub(super) const WINDOW: usize = 8_192;
/// The first window is smaller, and each one twice the one before: the sooner `k` documents are known the more is left out.
pub(super) const FIRST_WINDOW: usize = 128;

/// Scores of the documents from one slot on, as far as they hold a term: above 0 where one was added.
pub(super) struct Window {
    pub(super) first: u32,
    span: usize,
    scores: Box<[f32; WINDOW]>,
    /// What the score of a document has to be for it to be worth more than a place here.
    least: f32,
    /// Where the documents are whose scores are that high, in the order in which they got there; behind them one place to write to.
    reached: Box<[u16; WINDOW + 1]>,
    /// How many they are.
    len: usize,
    /// Whether these are all that were found.
    all: bool,
}

impl Window {
    pub(super) fn new() -> Window {
        Window {
            first: 0,
            span: 0,
            scores: Box::new([0.0; WINDOW]),
            least: 0.0,
            reached: Box::new([0; WINDOW + 1]),
            len: 0,
            all: true,
        }
    }

    /// Begins anew, empty. Documents that cannot get as far as `reach` will never be seen again.
    pub(super) fn start_at(&mut self, first: u32, span: usize, reach: Reach) {
        self.first = first;
        self.span = span;
        self.least = reach.least_so_far();
        if self.all {
            let found = self.reached.get(..self.len).unwrap_or_default();
            found.iter().for_each(|place| self.scores[usize::from(*place) % WINDOW] = 0.0);
        } else {
            self.scores.fill(0.0);
        }
        self.len = 0;
        self.all = self.least <= FOUND;
    }

    /// The slot behind the last.
    pub(super) fn end(&self) -> u64 {
        u64::from(self.first) + self.span as u64
    }

    /// Adds to the scores of documents, which are found now: what is added is above 0. A slot that is not in the window, as a list
    /// that does not ascend may give, gets the place of another.
    pub(super) fn add(&mut self, parts: &Parts) {
        let (slots, scores) = parts.columns();
        let (first, least, mut len) = (self.first, self.least, self.len);
        for (slot, score) in slots.iter().zip(scores) {
            let place = slot.wrapping_sub(first) as usize % WINDOW;
            let before = self.scores[place];
            let after = before + score;
            self.scores[place] = after;
            // Written each time, and counted when it gets there: a branch would be foretold wrongly too often. No place gets there
            // twice, so at the end of the list there is one place left.
            if let Some(next) = self.reached.get_mut(len) {
                *next = place as u16;
            }
            len += usize::from(before < least && after >= least);
        }
        self.len = len;
    }

    /// Adds to the scores of those documents that are found already.
    pub(super) fn add_if_found(&mut self, parts: &Parts) {
        let (slots, scores) = parts.columns();
        for (slot, score) in slots.iter().zip(scores) {
            let place = slot.wrapping_sub(self.first) as usize % WINDOW;
            let so_far = self.scores[place];
            // All bits or none: a branch would be foretold wrongly too often.
            let found = u32::from(so_far > 0.0).wrapping_neg();
            self.scores[place] = so_far + f32::from_bits(score.to_bits() & found);
        }
    }

    /// Leaves out documents that cannot get as far as `reach`, which is nearer than the one before, and says how many are left.
    pub(super) fn retain(&mut self, reach: Reach) -> usize {
        let least = reach.least_so_far();
        self.all &= least <= FOUND;
        let mut left = 0;
        for read in 0..self.len.min(WINDOW) {
            let place = self.reached[read];
            self.reached[left] = place;
            left += usize::from(self.scores[usize::from(place) % WINDOW] >= least);
        }
        self.len = left;
        left
    }

    /// Replaces `candidates` by the documents that are left, slots ascending.
    pub(super) fn copy_to(&mut self, candidates: &mut Vec<Candidate>) {
        let reached = self.reached.get_mut(..self.len).unwrap_or_default();
        reached.sort_unstable();
        candidates.clear();
        candidates.extend(reached.iter().map(|place| Candidate {
            slot: self.first.wrapping_add(u32::from(*place)),
            score: self.scores[usize::from(*place) % WINDOW],
        }));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::block::BLOCK_POSTINGS;
    use crate::search::rounding::Rounding;

    proptest! {
        #[test]
        fn a_window_is_a_map_of_scores(
            first in prop_oneof![0..9_u32, Just(u32::MAX - WINDOW as u32)],
            added in prop::collection::btree_map(0..WINDOW as u32, 1..9_u8, 0..200),
            if_found in prop::collection::btree_map(0..WINDOW as u32, 1..9_u8, 0..2_000),
            least in 0..18_u8,
            rest in 0..4_u8,
        ) {
            let parts = |map: &BTreeMap<u32, u8>| -> Vec<Parts> {
                let postings: Vec<(u32, f32)> =
                    map.iter().map(|(place, score)| (first + place, f32::from(*score))).collect();
                postings.chunks(BLOCK_POSTINGS).map(Parts::of).collect()
            };
            let reach = |least, rest| Reach::new(Rounding::of_terms(2), f32::from(least), f32::from(rest));
            let most_if_found = 8;
            let mut window = Window::new();
            let mut candidates = vec![Candidate { slot: 7, score: 7.0 }];
            // What a window held before must not show in it.
            for least in [least, 0, 18 - least, least] {
                window.start_at(first, WINDOW, reach(least, rest + most_if_found));
                parts(&added).iter().for_each(|parts| window.add(parts));
                let far = added.values().filter(|score| **score + rest + most_if_found >= least).count();
                prop_assert_eq!(window.retain(reach(least, rest + most_if_found)), far);
                parts(&if_found).iter().for_each(|parts| window.add_if_found(parts));

                let sum = |place: &u32| added[place] + if_found.get(place).copied().unwrap_or(0);
                let expected: Vec<(u32, f32)> = added
                    .keys()
                    .filter(|place| sum(place) + rest >= least)
                    .map(|place| (first + place, f32::from(sum(place))))
                    .collect();
                prop_assert_eq!(window.retain(reach(least, rest)), expected.len());
                window.copy_to(&mut candidates);
                let left: Vec<(u32, f32)> = candidates.iter().map(|found| (found.slot, found.score)).collect();
                prop_assert_eq!(left, expected);
            }
            window.start_at(first, WINDOW, Reach::ANY);
            window.copy_to(&mut candidates);
            prop_assert!(candidates.is_empty(), "nothing is left");
        }
    }
}
