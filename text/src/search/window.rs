//! Scores in the making, of the documents of some thousand slots.

use super::Scored;
use super::best::ROUNDING;

/// Documents that are scored together at most: their scores (32 KiB) stay near the processor.
pub(super) const WINDOW: usize = 4_096;
/// The first window is smaller, and each one twice the one before: the sooner `k` documents are known the more is left out.
pub(super) const FIRST_WINDOW: usize = 128;

/// How far the score of a document has to get, and what may still come.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reach {
    /// A score below this is of no use.
    pub(super) least: f64,
    /// The most that the lists add which were not looked at yet.
    pub(super) rest: f64,
}

impl Reach {
    pub(super) fn is_possible(self, score: f64) -> bool {
        (score + self.rest) * ROUNDING >= self.least
    }
}

/// Scores of the documents from one slot on, as far as they hold a term.
pub(super) struct Window {
    pub(super) first: u32,
    span: usize,
    /// Postings that were added: documents that are found, or more.
    pub(super) added: usize,
    scores: Box<[f64; WINDOW]>,
    /// One bit for each document that holds a term, as a score may be 0.
    found: [u64; WINDOW / 64],
}

impl Window {
    pub(super) fn new() -> Window {
        Window { first: 0, span: 0, added: 0, scores: Box::new([0.0; WINDOW]), found: [0; WINDOW / 64] }
    }

    pub(super) fn start_at(&mut self, first: u32, span: usize) {
        self.first = first;
        self.span = span;
        self.added = 0;
    }

    /// The slot behind the last.
    pub(super) fn end(&self) -> u64 {
        u64::from(self.first) + self.span as u64
    }

    /// Where a slot has its place. One that is not in the window, as a list that does not ascend may give, gets the place of another.
    fn place(&self, slot: u32) -> usize {
        slot.wrapping_sub(self.first) as usize % WINDOW
    }

    /// Adds to the scores of documents, which are found now.
    pub(super) fn add(&mut self, slots: &[u32], scores: &[f64]) {
        self.added += slots.len();
        for (slot, score) in slots.iter().zip(scores) {
            let place = self.place(*slot);
            self.scores[place] += score;
            self.found[place / 64] |= 1 << (place % 64);
        }
    }

    /// Adds to the scores of those documents that are found already.
    pub(super) fn add_if_found(&mut self, slots: &[u32], scores: &[f64]) {
        for (slot, score) in slots.iter().zip(scores) {
            let place = self.place(*slot);
            let found = self.found[place / 64] >> (place % 64) & 1;
            self.scores[place] += if found == 1 { *score } else { 0.0 };
        }
    }

    /// Replaces `candidates` by what was found and can get far enough, slots ascending; the window is empty then.
    pub(super) fn drain_into(&mut self, candidates: &mut Vec<Scored>, reach: Reach) {
        // Whether a document is kept is hard to foretell, so every one is written, and those to be left out are overwritten.
        candidates.resize(self.added.min(self.span) + 1, Scored { slot: 0, score: 0.0 });
        let mut kept = 0;
        let words = self.found.iter_mut().zip(self.scores.as_chunks_mut::<64>().0);
        let mut first = self.first;
        for (found, scores) in words.take(self.span.div_ceil(64)) {
            let mut bits = std::mem::take(found);
            for _ in 0..bits.count_ones() {
                let place = bits.trailing_zeros();
                bits &= bits - 1;
                let score = std::mem::take(&mut scores[place as usize % 64]);
                if let Some(candidate) = candidates.get_mut(kept) {
                    *candidate = Scored { slot: first.wrapping_add(place), score };
                    kept += usize::from(reach.is_possible(score));
                }
            }
            // Wraps only behind the last slot of all.
            first = first.wrapping_add(64);
        }
        candidates.truncate(kept);
    }
}
