//! A term's postings as a search reads them: blocks, each with bounds that tell whether it is worth reading.

use std::borrow::Cow;

use crate::block::{Block, BlockError, decode_columns, encoded_len};
use crate::posting::Posting;

/// Slots, weights, lengths.
const COLUMNS: usize = 3;

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

/// A block as a search reads it: slots, weights, and the lengths of the documents.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ListBlock {
    /// All slots, then the bits of all weights, then those of all lengths: a look at one posting waits for memory once.
    columns: Vec<u32>,
}

impl ListBlock {
    /// Becomes what these bytes hold, with the length of each posting's document from `length`.
    ///
    /// # Errors
    /// As [`decode_block`](crate::decode_block); the block is empty then.
    pub fn decode(&mut self, bytes: &[u8], length: impl FnMut(u32) -> f32) -> Result<(), BlockError> {
        let decoded = encoded_len(bytes).and_then(|len| {
            let (slots, weights, _) = self.resize(len);
            decode_columns(bytes, slots, weights)
        });
        match decoded {
            Ok(()) => self.measure(length),
            Err(_) => self.columns.clear(),
        }
        decoded
    }

    /// Becomes a block of these postings, with the length of each one's document from `length`.
    pub fn copy_from(&mut self, block: &Block, length: impl FnMut(u32) -> f32) {
        let (slots, weights, _) = self.resize(block.len());
        for ((slot, weight), posting) in slots.iter_mut().zip(weights).zip(block.iter()) {
            (*slot, *weight) = (posting.slot, posting.weight);
        }
        self.measure(length);
    }

    fn measure(&mut self, mut length: impl FnMut(u32) -> f32) {
        let (slots, _, lengths) = self.resize(self.len());
        lengths.iter_mut().zip(slots).for_each(|(place, slot)| *place = length(*slot));
    }

    /// The three columns, with so many places each.
    fn resize(&mut self, len: usize) -> (&mut [u32], &mut [f32], &mut [f32]) {
        self.columns.resize(COLUMNS * len, 0);
        let (slots, others) = self.columns.split_at_mut(len);
        let (weights, lengths) = bytemuck::cast_slice_mut(others).split_at_mut(len);
        (slots, weights, lengths)
    }

    /// Takes all postings out.
    pub fn clear(&mut self) {
        self.columns.clear();
    }

    /// How many postings there are.
    pub fn len(&self) -> usize {
        self.columns.len() / COLUMNS
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// The column of that number.
    fn column(&self, number: usize) -> &[u32] {
        let len = self.len();
        self.columns.get(number * len..(number + 1) * len).unwrap_or_default()
    }

    /// The slots, ascending.
    pub fn slots(&self) -> &[u32] {
        self.column(0)
    }

    /// A weight for each slot.
    pub fn weights(&self) -> &[f32] {
        bytemuck::cast_slice(self.column(1))
    }

    /// For each slot the length of its document.
    pub fn lengths(&self) -> &[f32] {
        bytemuck::cast_slice(self.column(2))
    }

    /// The postings, ascending.
    pub fn iter(&self) -> impl Iterator<Item = Posting> + '_ {
        self.slots().iter().zip(self.weights()).map(|(slot, weight)| Posting { slot: *slot, weight: *weight })
    }

    /// A block to read into, in place of what `block` held.
    pub fn spare<'m>(block: &'m mut Cow<'_, ListBlock>) -> &'m mut ListBlock {
        if matches!(block, Cow::Borrowed(_)) {
            *block = Cow::default();
        }
        block.to_mut()
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
