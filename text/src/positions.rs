//! Where a term stands in the documents of a block of postings, as bytes.
//!
//! ```text
//! count bits u8 | packed counts | for each 128 steps: step bits u8, packed steps
//! ```
//!
//! A count for each document: how many positions it has here; 255 for one with more than [`MAX_POSITIONS`], of which none is kept. With
//! count bits = 255 the counts are left out, as they are the weights of the postings, which is so wherever a term comes from texts alone.
//! Then the steps of all documents: the first position, and the distance of each other one from the one before.

use crate::block::{BLOCK_POSTINGS, BlockError};
use crate::packed::{GROUP, bits, pack, read_group};

/// Most positions that are kept of a term in a document. A phrase reads the text of one with more: so a block has a limit, and a word
/// that stands in a text so often is no word that tells phrases apart.
pub const MAX_POSITIONS: usize = 254;

/// The count of a document with more.
const LEFT_OUT: u32 = 255;
/// Bits of the largest count.
const MAX_COUNT_BITS: u8 = 8;
/// The mark of counts that are the weights.
const AS_WEIGHTS: u8 = 255;

/// See the module. One list of ascending positions for each document, in the order of the documents.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Positions {
    documents: usize,
    /// For each document how many positions are kept of it, and these: one piece of memory, as most lists are short.
    numbers: Vec<u32>,
}

/// A document of [`Positions`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PositionCursor {
    /// Which document it is.
    pub document: usize,
    /// Where in the numbers it begins.
    place: usize,
}

impl Positions {
    /// How many documents there are.
    pub fn len(&self) -> usize {
        self.documents
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.documents == 0
    }

    /// Takes all documents out.
    pub fn clear(&mut self) {
        self.documents = 0;
        self.numbers.clear();
    }

    /// Adds the positions of the next document, in any order. Those of one with more than [`MAX_POSITIONS`] are not kept.
    pub fn push(&mut self, positions: &[u32]) {
        self.documents += 1;
        if positions.len() > MAX_POSITIONS {
            self.numbers.push(LEFT_OUT);
            return;
        }
        self.numbers.push(positions.len() as u32);
        let start = self.numbers.len();
        self.numbers.extend_from_slice(positions);
        if let Some(new) = self.numbers.get_mut(start..)
            && !new.is_sorted()
        {
            new.sort_unstable();
        }
    }

    /// Adds the next document, as [`iter`](Positions::iter) gives it.
    pub fn push_kept(&mut self, positions: Option<&[u32]>) {
        match positions {
            Some(positions) => self.push(positions),
            None => {
                self.documents += 1;
                self.numbers.push(LEFT_OUT);
            }
        }
    }

    /// Adds all documents of `others` behind those that are here.
    pub fn append(&mut self, others: &Positions) {
        self.documents += others.documents;
        self.numbers.extend_from_slice(&others.numbers);
    }

    /// The positions of a document, ascending; `None` when there is no such document or its positions are not kept.
    pub fn get(&self, at: PositionCursor) -> Option<&[u32]> {
        let (count, behind) = self.numbers.get(at.place..)?.split_first()?;
        if *count == LEFT_OUT { None } else { behind.get(..*count as usize) }
    }

    /// Goes on to the next document.
    pub fn advance(&self, at: &mut PositionCursor) {
        at.document += 1;
        at.place += 1 + self.get(*at).map_or(0, <[u32]>::len);
    }

    /// Of each document; `None` for one whose positions are not kept.
    pub fn iter(&self) -> impl Iterator<Item = Option<&[u32]>> {
        let mut at = PositionCursor::default();
        std::iter::from_fn(move || {
            let here = (at.document < self.documents).then(|| self.get(at));
            self.advance(&mut at);
            here
        })
    }

    /// Appends up to [`BLOCK_POSTINGS`] documents to `bytes`; `weights` are those of their postings.
    pub fn encode(&self, weights: impl Iterator<Item = f32>, bytes: &mut Vec<u8>) {
        let count =
            |positions: Option<&[u32]>| positions.map_or(LEFT_OUT, |positions| positions.len() as u32);
        let counts: Vec<u32> = self.iter().map(count).collect();
        if weights.map(count_of).eq(counts.iter().map(|count| Some(*count))) {
            bytes.push(AS_WEIGHTS);
        } else {
            let count_bits = bits(&counts);
            bytes.push(count_bits);
            pack(&counts, count_bits, bytes);
        }
        let mut steps = Vec::with_capacity(self.numbers.len());
        for positions in self.iter().flatten() {
            let before = std::iter::once(0).chain(positions.iter().copied());
            steps.extend(positions.iter().zip(before).map(|(position, before)| position - before));
        }
        for group in steps.chunks(GROUP) {
            let step_bits = bits(group);
            bytes.push(step_bits);
            pack(group, step_bits, bytes);
        }
    }

    /// Reads the positions of the documents of these postings, in place of what was here.
    ///
    /// # Errors
    /// [`BlockError`] for bytes that [`encode`](Positions::encode) never writes for postings of these weights; nothing is here then.
    pub fn decode(&mut self, bytes: &[u8], weights: impl Iterator<Item = f32>) -> Result<(), BlockError> {
        let decoded = self.read(bytes, weights);
        if decoded.is_err() {
            self.clear();
        }
        decoded
    }

    fn read(&mut self, bytes: &[u8], weights: impl Iterator<Item = f32>) -> Result<(), BlockError> {
        self.clear();
        let (counts, mut rest) = read_counts(bytes, weights)?;
        let kept = |count: &u32| if *count == LEFT_OUT { 0 } else { *count as usize };
        let total: usize = counts.iter().map(kept).sum();
        let mut steps = Vec::with_capacity(total);
        while steps.len() < total {
            let (step_bits, packed) = rest.split_first().ok_or(BlockError)?;
            let len = (total - steps.len()).min(GROUP);
            rest = read_group(packed, *step_bits, len, &mut steps).ok_or(BlockError)?;
        }
        if !rest.is_empty() {
            return Err(BlockError);
        }
        let mut steps = steps.into_iter();
        for count in &counts {
            self.documents += 1;
            self.numbers.push(*count);
            let mut position = 0_u32;
            for step in steps.by_ref().take(kept(count)) {
                position = position.checked_add(step).ok_or(BlockError)?;
                self.numbers.push(position);
            }
        }
        Ok(())
    }
}

/// How many positions each document has, and the bytes behind that.
fn read_counts(bytes: &[u8], weights: impl Iterator<Item = f32>) -> Result<(Vec<u32>, &[u8]), BlockError> {
    let (count_bits, rest) = bytes.split_first().ok_or(BlockError)?;
    if *count_bits == AS_WEIGHTS {
        let counts = weights.map(count_of).collect::<Option<Vec<u32>>>().ok_or(BlockError)?;
        return Ok((counts, rest));
    }
    let (documents, mut counts) = (weights.count(), Vec::new());
    if *count_bits > MAX_COUNT_BITS || documents > BLOCK_POSTINGS {
        return Err(BlockError);
    }
    let rest = read_group(rest, *count_bits, documents, &mut counts).ok_or(BlockError)?;
    Ok((counts, rest))
}

/// A weight as a count, when it is one that is kept.
fn count_of(weight: f32) -> Option<u32> {
    let count = weight as u32;
    (count as f32 == weight && count as usize <= MAX_POSITIONS).then_some(count)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn positions(documents: &[Vec<u32>]) -> Positions {
        let mut positions = Positions::default();
        documents.iter().for_each(|document| positions.push(document));
        positions
    }

    fn documents() -> impl Strategy<Value = Vec<Vec<u32>>> {
        let position = prop_oneof![0..40_u32, any::<u32>()];
        let counts = prop_oneof![8 => 1..4_usize, 2 => 0..300_usize];
        let document = counts.prop_flat_map(move |count| prop::collection::vec(position.clone(), count));
        prop_oneof![
            prop::collection::vec(document.clone(), 1..20),
            prop::collection::vec(document, BLOCK_POSTINGS..=BLOCK_POSTINGS)
        ]
    }

    proptest! {
        #[test]
        fn positions_round_trip(documents in documents(), as_weights: bool) {
            let given = positions(&documents);
            let weight = |document: &Vec<u32>| document.len() as f32 + if as_weights { 0.0 } else { 0.5 };
            let weights: Vec<f32> = documents.iter().map(weight).collect();
            let mut bytes = Vec::new();
            given.encode(weights.iter().copied(), &mut bytes);
            let kept = documents.iter().all(|document| document.len() <= MAX_POSITIONS);
            prop_assert_eq!(bytes[0] == AS_WEIGHTS, as_weights && kept);
            let mut read = positions(&[vec![7]]);
            read.decode(&bytes, weights.iter().copied()).unwrap();
            prop_assert_eq!(read.iter().count(), documents.len());
            let mut at = PositionCursor::default();
            for document in &documents {
                let mut sorted = document.clone();
                sorted.sort_unstable();
                let expected = (document.len() <= MAX_POSITIONS).then_some(sorted.as_slice());
                prop_assert_eq!(read.get(at), expected);
                prop_assert_eq!(read.iter().nth(at.document), Some(expected));
                read.advance(&mut at);
            }
            prop_assert_eq!(read.get(at), None);
            for len in 0..bytes.len() {
                prop_assert!(read.decode(&bytes[..len], weights.iter().copied()).is_err(), "cut at {}", len);
                prop_assert!(read.is_empty());
            }
            bytes.push(0);
            prop_assert!(read.decode(&bytes, weights.iter().copied()).is_err(), "a byte too many");
        }

        #[test]
        fn any_bytes_decode_or_fail(bytes in prop::collection::vec(any::<u8>(), 0..400), count in 0..140_usize, weight in -1.0..300.0_f32) {
            let weights = (0..count).map(|_| weight.trunc());
            let mut read = Positions::default();
            if read.decode(&bytes, weights).is_ok() {
                prop_assert_eq!(read.len(), count);
            }
        }
    }

    #[test]
    fn counts_that_are_the_weights_take_one_byte() {
        let given = positions(&vec![vec![3]; BLOCK_POSTINGS]);
        let mut bytes = Vec::new();
        given.encode([1.0; BLOCK_POSTINGS].into_iter(), &mut bytes);
        assert_eq!(bytes.len(), 2 + BLOCK_POSTINGS * 2 / 8);
    }

    #[test]
    fn weights_that_are_no_counts_are_not_believed() {
        for weight in [0.5, -1.0, 255.0, f32::NAN, f32::INFINITY] {
            assert!(Positions::default().decode(&[AS_WEIGHTS, 0], [weight].into_iter()).is_err(), "{weight}");
        }
        let past_the_end = [1, 0b11, 32, 0xFF, 0xFF, 0xFF, 0xFF, 1, 0, 0, 0];
        assert!(Positions::default().decode(&past_the_end, [0.5].into_iter()).is_err(), "two are too many");
    }
}
