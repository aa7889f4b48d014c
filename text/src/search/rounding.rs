//! How far a sum of f32 may be off, and what may still get among the best in spite of it.
//!
//! While documents are looked for, their scores are sums in f32, in the order in which their terms are met; only those that are
//! returned are summed again, exactly as defined. The weights of lists may be rounded themselves ([`Block::round`](crate::Block::round)). Numbers are scaled so that the greatest bound of a list is 1.

use crate::block::ROUNDING;

/// How much two sums may be off, one of a document and one that it is compared with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rounding {
    factor: f32,
    slack: f32,
}

/// Added to every posting's part of a score, so that a document that was found has a score above 0.
pub(super) const FOUND: f32 = f32::MIN_POSITIVE;
/// Roundings besides those of the sum: of a part's constants and operations, of what is left to come, of the comparison; and some more.
const ROUNDINGS: f32 = 16.0;

impl Rounding {
    /// For sums over so many lists at most.
    pub(super) fn of_terms(terms: usize) -> Rounding {
        let roundings = terms as f32 + ROUNDINGS;
        // With u = 2^-24 a sum is off by less than e = roundings · u of itself, and by what is added to or lost from parts near 0.
        // Two sums of which one is that much too large and the other that much too small differ by the factor
        // (1 + e) / (1 - e), which is below 1 + 4 e up to four million terms.
        Rounding { factor: 1.0 + 2.0 * roundings * f32::EPSILON, slack: 4.0 * roundings * FOUND }
    }

    /// The same where the weights of lists are rounded: a sum that is too large by the factor 1 + r and one that is too small by 1 - r.
    pub(super) fn of_rounded_terms(terms: usize) -> Rounding {
        let exact = Rounding::of_terms(terms);
        Rounding { factor: exact.factor * ((1.0 + ROUNDING) / (1.0 - ROUNDING)), ..exact }
    }

    /// What a document has to reach for its true score to be able to be this one's or a better one.
    pub(super) fn below(self, score: f32) -> f32 {
        score / self.factor - self.slack
    }
}

/// How far the score of a document has to get, and what may still come.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reach {
    /// A score below this is of no use.
    least: f32,
    /// The most that the lists add which were not looked at yet.
    rest: f32,
}

impl Reach {
    /// Any score will do.
    pub(super) const ANY: Reach = Reach { least: f32::NEG_INFINITY, rest: 0.0 };

    pub(super) fn new(rounding: Rounding, least: f32, rest: f32) -> Reach {
        Reach { least: rounding.below(least), rest }
    }

    pub(super) fn is_possible(self, score: f32) -> bool {
        score + self.rest >= self.least
    }

    /// What the score of a document that was found has to be so far, about: no more than that.
    pub(super) fn least_so_far(self) -> f32 {
        let so_far = self.least - self.rest;
        // The difference is rounded, and 0 is the score of documents that were not found. Nothing smaller than FOUND: a process may
        // take subnormal numbers for 0.
        (so_far - so_far.abs() * f32::EPSILON).max(FOUND)
    }
}
