//! The k best of a stream of scored slots.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// A slot and its score, higher is better.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    /// Whose vector it was.
    pub slot: u32,
    /// Its score.
    pub score: f64,
}

/// Keeps the `k` best candidates, and with them all that tie with the k-th: slots are not what ties are broken by,
/// so whoever knows the final order must see every one of them.
///
/// Memory grows with what is kept, never with `k`. Scores are compared by value (`-0.0` equals `0.0`); a NaN is no
/// score and is dropped.
///
/// ```
/// use vectlite_ann::TopK;
///
/// let mut best = TopK::new(2);
/// for (slot, score) in [(0, 0.5), (1, 0.9), (2, 0.5), (3, 0.1)] {
///     best.push(slot, score);
/// }
/// assert_eq!(best.threshold(), 0.5);
/// let slots: Vec<u32> = best.into_sorted().iter().map(|candidate| candidate.slot).collect();
/// assert_eq!(slots, [1, 0, 2]); // 0 and 2 tie for the second place
/// ```
#[derive(Debug, Clone)]
pub struct TopK {
    k: usize,
    /// At most `k` candidates, the worst on top.
    best: BinaryHeap<WorstFirst>,
    /// Candidates beyond `best` whose score equals that of its worst; empty until `best` is full.
    ties: Vec<Candidate>,
}

impl TopK {
    /// Keeps the `k` best; any `k` is fine, 0 keeps nothing.
    pub fn new(k: usize) -> TopK {
        TopK { k, best: BinaryHeap::new(), ties: Vec::new() }
    }

    /// Takes a candidate in, if it is among the best so far.
    pub fn push(&mut self, slot: u32, score: f64) {
        if self.k == 0 || score.is_nan() {
            return;
        }
        // -0.0 becomes +0.0, so that equal scores have equal bits.
        let candidate = Candidate { slot, score: score + 0.0 };
        if self.best.len() < self.k {
            self.best.push(WorstFirst(candidate));
            return;
        }
        let threshold = self.threshold();
        if candidate.score < threshold {
            return;
        }
        if candidate.score == threshold {
            self.ties.push(candidate);
            return;
        }
        self.best.push(WorstFirst(candidate));
        if let Some(WorstFirst(pushed_out)) = self.best.pop() {
            if self.threshold() == pushed_out.score {
                self.ties.push(pushed_out);
            } else {
                self.ties.clear();
            }
        }
    }

    /// The score below which nothing can enter any more: the k-th best so far, `-∞` while there are fewer than `k`,
    /// `∞` when `k` is 0. A candidate with exactly this score still enters.
    pub fn threshold(&self) -> f64 {
        if self.k == 0 {
            return f64::INFINITY;
        }
        if self.best.len() < self.k {
            return f64::NEG_INFINITY;
        }
        self.best.peek().map_or(f64::NEG_INFINITY, |worst| worst.0.score)
    }

    /// What was kept, by score descending, then slot ascending: `k` candidates or all there were, and more only when
    /// the surplus ties with the k-th.
    pub fn into_sorted(self) -> Vec<Candidate> {
        let mut kept = self.ties;
        kept.extend(self.best.into_iter().map(|WorstFirst(candidate)| candidate));
        kept.sort_unstable_by(|a, b| b.score.total_cmp(&a.score).then(a.slot.cmp(&b.slot)));
        kept
    }
}

/// Orders by score alone, reversed: the standard heap has its greatest on top, we want the worst there.
#[derive(Debug, Clone)]
struct WorstFirst(Candidate);

impl Ord for WorstFirst {
    fn cmp(&self, other: &WorstFirst) -> Ordering {
        other.0.score.total_cmp(&self.0.score)
    }
}

impl PartialOrd for WorstFirst {
    fn partial_cmp(&self, other: &WorstFirst) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for WorstFirst {
    fn eq(&self, other: &WorstFirst) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for WorstFirst {}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    /// The oracle: sort everything, cut behind the last tie with the k-th.
    fn sorted(k: usize, scores: &[f64]) -> Vec<Candidate> {
        let mut all: Vec<Candidate> =
            scores.iter().zip(0..).map(|(score, slot)| Candidate { slot, score: *score }).collect();
        // A stable sort by descending score leaves equal scores in slot order; `partial_cmp` equates the zeros.
        all.sort_by(|a, b| b.score.partial_cmp(&a.score).unwrap());
        if let Some(edge) = k.checked_sub(1).and_then(|last| all.get(last)).map(|edge| edge.score) {
            all.retain(|candidate| candidate.score >= edge);
        } else if k == 0 {
            all.clear();
        }
        all
    }

    proptest! {
        #[test]
        fn keeps_what_sorting_keeps(
            k in 0..20_usize,
            scores in prop_oneof![
                vec((-3..3_i32).prop_map(|score| f64::from(score) / 2.0), 0..60), // many ties
                vec(prop_oneof![Just(0.0), Just(-0.0), Just(f64::INFINITY), Just(f64::NEG_INFINITY)], 0..30),
                vec(-1.0..1.0_f64, 0..200),
            ],
        ) {
            let mut top = TopK::new(k);
            for (position, score) in scores.iter().enumerate() {
                top.push(position as u32, *score);
                let so_far = sorted(k, &scores[..=position]);
                let edge = if k == 0 { f64::INFINITY } else {
                    so_far.get(k - 1).map_or(f64::NEG_INFINITY, |edge| edge.score)
                };
                prop_assert_eq!(top.threshold(), edge);
                prop_assert_eq!(top.clone().into_sorted(), so_far);
            }
        }
    }

    #[test]
    fn nothing_is_reserved_for_a_huge_k() {
        for k in [1 << 62, usize::MAX] {
            let mut top = TopK::new(k);
            top.push(7, 1.0);
            assert_eq!(top.threshold(), f64::NEG_INFINITY);
            assert_eq!(top.into_sorted(), [Candidate { slot: 7, score: 1.0 }]);
        }
    }

    #[test]
    fn nan_is_dropped_and_zero_has_no_sign() {
        let mut top = TopK::new(1);
        top.push(0, f64::NAN);
        assert_eq!(top.threshold(), f64::NEG_INFINITY);
        top.push(2, 0.0);
        top.push(1, -0.0);
        let kept = top.into_sorted();
        assert_eq!(
            kept.iter().map(|kept| (kept.slot, kept.score.to_bits())).collect::<Vec<_>>(),
            [(1, 0), (2, 0)]
        );
    }

    #[test]
    fn ties_are_forgotten_when_the_edge_rises() {
        let mut top = TopK::new(2);
        for slot in 0..100 {
            top.push(slot, 0.5);
        }
        assert_eq!(top.clone().into_sorted().len(), 100);
        top.push(100, 0.6);
        assert_eq!(top.clone().into_sorted().len(), 101);
        top.push(101, 0.7);
        assert_eq!(top.into_sorted().iter().map(|kept| kept.slot).collect::<Vec<_>>(), [101, 100]);
    }
}
