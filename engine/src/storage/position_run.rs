//! The positions of a run of posting blocks as a value of the table `positions`: what stands beside a [`super::terms::Run`].

use std::ops::Range;

use vectlite_text::{Block, Positions};

use super::codec::{Decoder, Encoder, unseal};
use super::record::{NamespaceId, Slot};
use super::tables::key;
use super::terms::RUN_BLOCKS;
use crate::error::{Error, Result};

/// Bytes of a block's entry in the directory: where its bytes end.
const ENTRY_BYTES: usize = 4;

/// Stands for the first slot in the key of the positions of a block in a dictionary entry: they come behind all runs, and no slot is as
/// high.
pub(super) const TAIL_RUN: Slot = Slot::MAX;
/// So many postings has a block in a dictionary entry at least whose positions are stored. Of a smaller one a value would mostly be key and
/// checksum, and its texts are quickly read. *Measured* on 100,000 WordNet texts: a fifth of all postings stands in larger ones.
pub(super) const TAIL_POSITIONS: usize = 32;

/// See the module. Blocks of positions, one behind the other.
#[derive(Debug, Default, PartialEq)]
pub(super) struct PositionRun {
    /// The first slot, part of the key.
    first: Slot,
    ends: Vec<u32>,
    bodies: Vec<u8>,
}

impl PositionRun {
    /// That of a block in a dictionary entry.
    pub(super) fn of_tail(block: &Block, positions: &Positions) -> PositionRun {
        let mut run = PositionRun::default();
        run.push(block, positions);
        PositionRun { first: TAIL_RUN, ..run }
    }

    pub(super) fn first(&self) -> Slot {
        self.first
    }

    pub(super) fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    pub(super) fn is_full(&self) -> bool {
        self.ends.len() >= RUN_BLOCKS
    }

    /// Adds the positions of the documents of a block.
    pub(super) fn push(&mut self, block: &Block, positions: &Positions) {
        if self.ends.is_empty() {
            self.first = block.ends().map_or(0, |(first, _)| first);
        }
        positions.encode(block.iter().map(|posting| posting.weight), &mut self.bodies);
        self.ends.push(self.bodies.len() as u32);
    }

    /// The positions of the documents of a block in a dictionary entry.
    pub(super) fn read_tail(&self, block: &Block, positions: &mut Positions) -> Result<()> {
        let weights = block.iter().map(|posting| posting.weight);
        positions.decode(&self.bodies, weights).map_err(|_| malformed(&self.bodies))
    }

    /// `blocks − 1 u8 | end u32 for each | blocks`, sealed.
    pub(super) fn encode(&self, namespace: NamespaceId, term: &str) -> Vec<u8> {
        let mut encoder = Encoder::sealed();
        encoder.reserve(1 + self.ends.len() * ENTRY_BYTES + self.bodies.len());
        encoder.u8(self.ends.len().saturating_sub(1) as u8);
        for end in &self.ends {
            encoder.u32(*end);
        }
        encoder.raw(&self.bodies);
        encoder.seal("positions", &key::run(namespace, term, self.first))
    }

    /// A run that is to grow.
    pub(super) fn decode(
        namespace: NamespaceId,
        term: &str,
        first: Slot,
        value: &[u8],
    ) -> Result<PositionRun> {
        let (ends, bodies) = read(namespace, term, first, value)?;
        Ok(PositionRun { first, ends, bodies: bodies.to_vec() })
    }
}

/// For each block of a stored run, where in the value its bytes are.
pub(super) fn position_blocks(
    namespace: NamespaceId,
    term: &str,
    first: Slot,
    value: &[u8],
) -> Result<Vec<Range<usize>>> {
    let (ends, bodies) = read(namespace, term, first, value)?;
    let before = value.len() - bodies.len();
    let mut start = before;
    let range = |end: u32| {
        let range = start..before + end as usize;
        start = range.end;
        range
    };
    Ok(ends.into_iter().map(range).collect())
}

/// A block of positions does not decode.
pub(super) fn malformed(bytes: &[u8]) -> Error {
    Decoder::new("a block of positions", bytes).malformed()
}

/// Blocks of postings without positions.
pub(super) fn missing(term: &str) -> Error {
    Error::corruption(format!(
        "the table \"positions\" lacks blocks of the term {term:?} that its posting list has; run verify"
    ))
}

/// Where blocks end, in order and inside, and their bytes.
fn read<'a>(
    namespace: NamespaceId,
    term: &str,
    first: Slot,
    value: &'a [u8],
) -> Result<(Vec<u32>, &'a [u8])> {
    let body = unseal("positions", &key::run(namespace, term, first), value)?;
    let malformed = || Decoder::new("a run of positions", body).malformed();
    let (blocks, rest) = body.split_first().ok_or_else(malformed)?;
    let blocks = usize::from(*blocks) + 1;
    let (entries, bodies) = rest.split_at_checked(blocks * ENTRY_BYTES).ok_or_else(malformed)?;
    let ends: Vec<u32> = entries.as_chunks().0.iter().map(|end| u32::from_le_bytes(*end)).collect();
    let complete = ends.last().is_some_and(|end| *end as usize == bodies.len());
    if blocks > RUN_BLOCKS || !ends.is_sorted() || !complete {
        return Err(malformed());
    }
    Ok((ends, bodies))
}

#[cfg(test)]
mod tests {
    use vectlite_text::{BLOCK_POSTINGS, Posting};

    use super::*;
    use crate::storage::codec::SEAL_BYTES;

    fn block(number: u32) -> (Block, Positions) {
        let (mut block, mut positions) = (Block::default(), Positions::default());
        for n in 0..BLOCK_POSTINGS as u32 {
            let all: Vec<u32> = (0..n % 4).map(|count| number + n * count).collect();
            block.push(Posting { slot: 3 + 1_000 * number + 3 * n, weight: all.len() as f32 });
            positions.push(&all);
        }
        (block, positions)
    }

    fn run(blocks: u32) -> PositionRun {
        let mut run = PositionRun::default();
        (0..blocks).map(block).for_each(|(block, positions)| run.push(&block, &positions));
        run
    }

    #[test]
    fn a_run_round_trips_and_grows() {
        let value = run(3).encode(1, "a");
        for (number, range) in position_blocks(1, "a", 3, &value).unwrap().into_iter().enumerate() {
            let (block, expected) = block(number as u32);
            let mut positions = Positions::default();
            positions.decode(&value[range], block.iter().map(|posting| posting.weight)).unwrap();
            assert_eq!(positions, expected);
        }
        let mut grown = PositionRun::decode(1, "a", 3, &value).unwrap();
        let (block, positions) = block(3);
        grown.push(&block, &positions);
        assert_eq!(grown, run(4));
        let whole = run(RUN_BLOCKS as u32).encode(1, "a");
        assert_eq!(position_blocks(1, "a", 3, &whole).unwrap().len(), RUN_BLOCKS);
    }

    #[test]
    fn a_tail_round_trips_under_the_last_key() {
        let (block, expected) = block(5);
        let run = PositionRun::of_tail(&block, &expected);
        let value = run.encode(1, "a");
        assert_eq!(PositionRun::decode(1, "a", TAIL_RUN, &value).unwrap(), run);
        let mut positions = Positions::default();
        run.read_tail(&block, &mut positions).unwrap();
        assert_eq!(positions, expected);
        assert!(run.read_tail(&Block::default(), &mut positions).is_err(), "another block");
    }

    #[test]
    fn no_damage_of_a_run_goes_unnoticed() {
        let value = run(2).encode(1, "a");
        for at in 0..value.len() {
            let mut damaged = value.clone();
            damaged[at] ^= 0x10;
            assert!(position_blocks(1, "a", 3, &damaged).is_err(), "byte {at}");
            assert!(position_blocks(1, "a", 3, &value[..at]).is_err(), "cut at {at}");
        }
        assert!(position_blocks(1, "a", 4, &value).is_err(), "another run");
    }

    #[test]
    fn a_run_that_lies_is_refused() {
        let good = run(2).encode(1, "a")[SEAL_BYTES..].to_vec();
        let second = [good[5], good[6], good[7], good[8]];
        let lies: [(&str, usize, Vec<u8>); 4] = [
            ("blocks", 0, vec![200]),
            ("ends descend", 1, u32::from_le_bytes(second).wrapping_add(1).to_le_bytes().to_vec()),
            ("the end", 5, vec![second[0] ^ 1]),
            ("no blocks", 0, vec![0]),
        ];
        for (what, at, bytes) in lies {
            let mut body = good.clone();
            body[at..at + bytes.len()].copy_from_slice(&bytes);
            let mut encoder = Encoder::sealed();
            encoder.raw(&body);
            let value = encoder.seal("positions", &key::run(1, "a", 3));
            assert!(position_blocks(1, "a", 3, &value).is_err(), "{what}");
        }
    }
}
