//! A term's postings as a search reads them: blocks, each with bounds that tell whether it is worth reading.

use std::borrow::Cow;

use crate::list_block::ListBlock;
use crate::posting::Posting;

/// What postings may have: a weight of at most this in a document of at least that length.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Corner {
    /// The largest weight.
    pub weight: f32,
    /// The length of the shortest document.
    pub length: f32,
}

impl Corner {
    /// Whether everything that the other one bounds is bounded by this one as well.
    fn covers(self, other: Corner) -> bool {
        self.weight >= other.weight && self.length <= other.length
    }

    fn and(self, other: Corner) -> Corner {
        Corner { weight: self.weight.max(other.weight), length: self.length.min(other.length) }
    }
}

/// What holds for every posting of a block.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BlockBounds {
    /// The last slot.
    pub last: u32,
    /// Each posting is bounded by one of them, ascending by weight. A single corner would pair the frequency of a long document
    /// with the length of a short one; most blocks have a corner for terms that occur once, and one for all others.
    pub corners: [Corner; 2],
}

impl BlockBounds {
    /// The bounds of one posting of a document of this length.
    pub fn of(posting: Posting, length: f32) -> BlockBounds {
        BlockBounds { last: posting.slot, corners: [Corner { weight: posting.weight, length }; 2] }
    }

    /// Those of these postings and of one that follows, of a document of this length.
    pub fn and(self, posting: Posting, length: f32) -> BlockBounds {
        let new = Corner { weight: posting.weight, length };
        let [low, high] = self.corners;
        let corners = if low.covers(new) || high.covers(new) {
            self.corners
        } else if new.covers(high) {
            if new.covers(low) { [new; 2] } else { [low, new] }
        } else if new.covers(low) || low == high {
            if new.weight < high.weight { [new, high] } else { [high, new] }
        } else if new.weight < low.weight {
            [new, low.and(high)]
        } else {
            [low, high.and(new)]
        };
        BlockBounds { last: posting.slot, corners }
    }

    /// The largest weight.
    pub fn largest_weight(&self) -> f32 {
        self.corners[1].weight
    }
}

/// The postings of a term, ascending by slot, in blocks of any size.
pub trait PostingList {
    /// Why a block cannot be read.
    type Error;

    /// The bounds of each block.
    fn blocks(&self) -> &[BlockBounds];

    /// Puts the block of that number into `block`, in place of what it held: one that the list keeps, or one read now
    /// ([`ListBlock::spare`]).
    ///
    /// # Errors
    /// When the block is damaged.
    fn load<'a>(&'a self, number: usize, block: &mut Cow<'a, ListBlock>) -> Result<(), Self::Error>;
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn corners_bound_every_posting(postings in proptest::collection::vec((0..6_u8, 1..9_u8), 1..40)) {
            let posting = |slot: usize| {
                let (weight, length) = postings[slot];
                (Posting { slot: slot as u32, weight: f32::from(weight) }, f32::from(length))
            };
            let (first, length) = posting(0);
            let bounds = (1..postings.len()).map(posting).fold(
                BlockBounds::of(first, length),
                |bounds, (posting, length)| bounds.and(posting, length),
            );
            let [low, high] = bounds.corners;
            prop_assert!(low.weight <= high.weight);
            for (weight, length) in &postings {
                let of = Corner { weight: f32::from(*weight), length: f32::from(*length) };
                prop_assert!(low.covers(of) || high.covers(of), "{of:?} in {bounds:?}");
            }
            let weights = postings.iter().map(|(weight, _)| f32::from(*weight));
            prop_assert_eq!(bounds.largest_weight(), weights.fold(0.0, f32::max));
            prop_assert_eq!(bounds.last as usize, postings.len() - 1);
        }
    }

    #[test]
    fn a_frequent_term_in_a_long_document_has_a_corner_of_its_own() {
        let mut bounds = BlockBounds::of(Posting { slot: 0, weight: 1.0 }, 9.0);
        for (slot, weight, length) in
            [(1, 1.0, 3.0), (2, 2.0, 40.0), (3, 1.0, 5.0), (4, 3.0, 50.0), (5, 2.0, 60.0)]
        {
            bounds = bounds.and(Posting { slot, weight }, length);
        }
        let [low, high] = bounds.corners;
        assert_eq!((low.weight, low.length), (1.0, 3.0));
        assert_eq!((high.weight, high.length), (3.0, 40.0));
    }
}
