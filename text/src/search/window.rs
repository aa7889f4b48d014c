//! Scores in the making, of the documents of some thousand slots.

use super::Candidate;
use super::rounding::Reach;

/// Documents that are scored together at most: their scores (16 KiB) stay near the processor.
pub(super) const WINDOW: usize = 4_096;
/// The first window is smaller, and each one twice the one before: the sooner `k` documents are known the more is left out.
pub(super) const FIRST_WINDOW: usize = 128;
/// Documents of which one bit tells whether any of them was found.
const GROUP: usize = WINDOW / u64::BITS as usize;
/// Scores that are compared at once.
const LANES: usize = 16;

/// Scores of the documents from one slot on, as far as they hold a term: above 0 where one was added.
pub(super) struct Window {
    pub(super) first: u32,
    span: usize,
    scores: Box<[f32; WINDOW]>,
    /// One bit for each group in which a document was found.
    groups: u64,
}

impl Window {
    pub(super) fn new() -> Window {
        Window { first: 0, span: 0, scores: Box::new([0.0; WINDOW]), groups: 0 }
    }

    pub(super) fn start_at(&mut self, first: u32, span: usize) {
        self.first = first;
        self.span = span;
    }

    /// The slot behind the last.
    pub(super) fn end(&self) -> u64 {
        u64::from(self.first) + self.span as u64
    }

    /// Adds to the scores of documents, which are found now: what is added is above 0. A slot that is not in the window, as a list
    /// that does not ascend may give, gets the place of another.
    pub(super) fn add(&mut self, slots: &[u32], scores: &[f32]) {
        let mut groups = self.groups;
        for (slot, score) in slots.iter().zip(scores) {
            let place = slot.wrapping_sub(self.first) as usize % WINDOW;
            self.scores[place] += score;
            groups |= 1 << (place / GROUP);
        }
        self.groups = groups;
    }

    /// Adds to the scores of those documents that are found already.
    pub(super) fn add_if_found(&mut self, slots: &[u32], scores: &[f32]) {
        for (slot, score) in slots.iter().zip(scores) {
            let place = slot.wrapping_sub(self.first) as usize % WINDOW;
            let so_far = self.scores[place];
            // All bits or none: a branch would be foretold wrongly too often.
            let found = u32::from(so_far > 0.0).wrapping_neg();
            self.scores[place] = so_far + f32::from_bits(score.to_bits() & found);
        }
    }

    /// How many documents were found that can get far enough.
    pub(super) fn count(&self, reach: Reach) -> usize {
        let least = reach.least_so_far();
        let groups = self.scores.as_chunks::<GROUP>().0.iter().enumerate();
        let found = groups.filter(|(group, _)| self.groups >> group & 1 == 1);
        let of_group =
            |scores: &[f32; GROUP]| scores.iter().map(|score| u32::from(*score >= least)).sum::<u32>();
        found.map(|(_, scores)| of_group(scores) as usize).sum()
    }

    /// Replaces `candidates` by what was found and can get far enough, slots ascending; the window is empty then.
    pub(super) fn drain_into(&mut self, candidates: &mut Vec<Candidate>, reach: Reach) {
        candidates.clear();
        let least = reach.least_so_far();
        let mut groups = std::mem::take(&mut self.groups);
        let of_groups = self.scores.as_chunks_mut::<GROUP>().0;
        while groups != 0 {
            let group = groups.trailing_zeros();
            groups &= groups - 1;
            let Some(scores) = of_groups.get_mut(group as usize) else { break };
            let first = self.first.wrapping_add(group * GROUP as u32);
            for (number, lanes) in scores.as_chunks::<LANES>().0.iter().enumerate() {
                // All are compared, whatever the first ones say: that takes SIMD, and most often none is above.
                if !lanes.iter().fold(false, |any, score| any | (*score >= least)) {
                    continue;
                }
                let mut above = 0_u32;
                for (place, score) in lanes.iter().enumerate() {
                    above |= u32::from(*score >= least) << place;
                }
                while above != 0 {
                    let lane = above.trailing_zeros();
                    above &= above - 1;
                    let score = lanes.get(lane as usize).copied().unwrap_or_default();
                    let place = (number * LANES) as u32 + lane;
                    candidates.push(Candidate { slot: first.wrapping_add(place), score });
                }
            }
            scores.fill(0.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
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
            let columns = |map: &BTreeMap<u32, u8>| -> (Vec<u32>, Vec<f32>) {
                map.iter().map(|(place, score)| (first + place, f32::from(*score))).unzip()
            };
            let mut window = Window::new();
            window.start_at(first, WINDOW);
            let (slots, scores) = columns(&added);
            window.add(&slots, &scores);
            let (slots, scores) = columns(&if_found);
            window.add_if_found(&slots, &scores);

            let sum = |place: &u32| added[place] + if_found.get(place).copied().unwrap_or(0);
            let reach = Reach::new(Rounding::of_terms(2), f32::from(least), f32::from(rest));
            let expected: Vec<(u32, f32)> = added
                .keys()
                .filter(|place| sum(place) + rest >= least)
                .map(|place| (first + place, f32::from(sum(place))))
                .collect();
            prop_assert_eq!(window.count(reach), expected.len());
            let mut candidates = vec![Candidate { slot: 7, score: 7.0 }];
            window.drain_into(&mut candidates, reach);
            let drained: Vec<(u32, f32)> = candidates.iter().map(|found| (found.slot, found.score)).collect();
            prop_assert_eq!(drained, expected);
            window.drain_into(&mut candidates, Reach::ANY);
            prop_assert!(candidates.is_empty(), "nothing is left");
        }
    }
}
