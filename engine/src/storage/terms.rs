//! The dictionary entry of a term, and the runs of its posting list.
//!
//! A posting list is a sequence of full blocks, up to [`RUN_BLOCKS`] of them behind one directory as a value of the table
//! `postings`, and one block, not yet full, inside the dictionary entry: a rare term costs one look-up, a common one a look-up for
//! thousands of postings, and a growing list rewrites two small values at most.

use std::ops::Range;

use vectlite_text::{
    BLOCK_POSTINGS, Block, BlockBounds, Corner, ListBlock, Posting, decode_block, encode_block,
};

use super::codec::{Decoder, Encoder, unseal};
use super::record::{NamespaceId, Slot};
use super::tables::key;
use crate::error::Result;

/// Most blocks in a run: 8,192 postings, which take some 4 to 16 KiB, a few pages of redb.
pub(crate) const RUN_BLOCKS: usize = 64;
/// Bytes of a block's entry in the directory of a run.
const ENTRY_BYTES: usize = 24;

/// The row of a term.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct TermRow {
    /// Live documents that hold the term. The list may hold dead slots, until compaction.
    pub(crate) document_frequency: u64,
    /// Full blocks in the table `postings`.
    pub(crate) full_blocks: u64,
    /// Postings behind the last full block; fewer than a block.
    pub(crate) tail: Block,
}

impl TermRow {
    /// `document frequency varint | full blocks varint | block`, sealed; no block when the tail is empty.
    pub(crate) fn encode(&self, namespace: NamespaceId, term: &str) -> Vec<u8> {
        let mut encoder = Encoder::sealed();
        encoder.varint(self.document_frequency).varint(self.full_blocks);
        let mut tail = Vec::new();
        encode_block(&self.tail, &mut tail);
        encoder.raw(&tail);
        encoder.seal("terms", &key::named(namespace, term))
    }

    pub(crate) fn decode(namespace: NamespaceId, term: &str, value: &[u8]) -> Result<TermRow> {
        let body = unseal("terms", &key::named(namespace, term), value)?;
        let mut decoder = Decoder::new("a term", body);
        let mut row = TermRow {
            document_frequency: decoder.varint()?,
            full_blocks: decoder.varint()?,
            tail: Block::default(),
        };
        if !decoder.is_empty() {
            decode_block(decoder.rest(), &mut row.tail).map_err(|_| decoder.malformed())?;
        }
        Ok(row)
    }

    /// Appends a posting. The block that became full with it, if one did, is taken out of the tail.
    pub(crate) fn push(&mut self, posting: Posting) -> Option<Block> {
        self.tail.push(posting);
        (self.tail.len() == BLOCK_POSTINGS).then(|| {
            self.full_blocks += 1;
            std::mem::take(&mut self.tail)
        })
    }
}

/// Full blocks, one behind the other.
#[derive(Debug, Default)]
pub(crate) struct Run {
    /// The first slot, part of the key.
    first: Slot,
    directory: Vec<Entry>,
    bodies: Vec<u8>,
}

/// Where a block is, and what holds for its postings.
#[derive(Debug, Clone, Copy)]
struct Entry {
    bounds: BlockBounds,
    /// Where its bytes end; they begin where those of the block before end.
    end: u32,
}

impl Run {
    pub(crate) fn is_full(&self) -> bool {
        self.directory.len() >= RUN_BLOCKS
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.directory.is_empty()
    }

    pub(crate) fn first(&self) -> Slot {
        self.first
    }

    /// Adds a block behind the others.
    pub(crate) fn push(&mut self, block: &Block, bounds: BlockBounds) {
        if self.directory.is_empty() {
            self.first = block.ends().map_or(0, |(first, _)| first);
        }
        encode_block(block, &mut self.bodies);
        self.directory.push(Entry { bounds, end: self.bodies.len() as u32 });
    }

    /// `blocks − 1 u8 | last slot u32, end u32, two corners of weight f32 and length f32 for each | blocks`, sealed.
    pub(crate) fn encode(&self, namespace: NamespaceId, term: &str) -> Vec<u8> {
        let mut encoder = Encoder::sealed();
        encoder.reserve(1 + self.directory.len() * ENTRY_BYTES + self.bodies.len());
        encoder.u8((self.directory.len().saturating_sub(1)) as u8);
        for Entry { bounds, end } in &self.directory {
            encoder.u32(bounds.last).u32(*end);
            for corner in bounds.corners {
                encoder.f32(corner.weight).f32(corner.length);
            }
        }
        encoder.raw(&self.bodies);
        encoder.seal("postings", &key::run(namespace, term, self.first))
    }

    /// A run that is to grow.
    pub(crate) fn decode(namespace: NamespaceId, term: &str, first: Slot, value: &[u8]) -> Result<Run> {
        let (directory, bodies) = read(namespace, term, first, value)?;
        Ok(Run { first, directory, bodies: bodies.to_vec() })
    }
}

/// The blocks of a stored run: for each its bounds, and where in the value its bytes are.
pub(crate) fn run_blocks(
    namespace: NamespaceId,
    term: &str,
    first: Slot,
    value: &[u8],
) -> Result<impl Iterator<Item = (BlockBounds, Range<usize>)>> {
    let (directory, bodies) = read(namespace, term, first, value)?;
    let mut start = value.len() - bodies.len();
    let before = start;
    Ok(directory.into_iter().map(move |Entry { bounds, end }| {
        let range = start..before + end as usize;
        start = range.end;
        (bounds, range)
    }))
}

/// A run's directory, all ends in order and inside, and the bytes behind it.
fn read<'a>(
    namespace: NamespaceId,
    term: &str,
    first: Slot,
    value: &'a [u8],
) -> Result<(Vec<Entry>, &'a [u8])> {
    let body = unseal("postings", &key::run(namespace, term, first), value)?;
    let malformed = || Decoder::new("a run of posting blocks", body).malformed();
    let (blocks, rest) = body.split_first().ok_or_else(malformed)?;
    let blocks = usize::from(*blocks) + 1;
    let (entries, bodies) = rest.split_at_checked(blocks * ENTRY_BYTES).ok_or_else(malformed)?;
    let mut directory = Vec::with_capacity(blocks);
    let mut previous = (0, first);
    for entry in entries.as_chunks::<ENTRY_BYTES>().0 {
        let [last, end, words @ ..] = words(entry);
        let [w0, l0, w1, l1] = words.map(f32::from_bits);
        let corners = [Corner { weight: w0, length: l0 }, Corner { weight: w1, length: l1 }];
        let bounds = BlockBounds { last, corners };
        // Weights and lengths that are no numbers would make bounds that nothing reaches.
        let sound = w0 >= 0.0 && l0 >= 0.0 && w1 >= w0 && l1 >= 0.0;
        if end < previous.0 || bounds.last < previous.1 || !sound {
            return Err(malformed());
        }
        previous = (end, bounds.last);
        directory.push(Entry { bounds, end });
    }
    if blocks > RUN_BLOCKS || previous.0 as usize != bodies.len() {
        return Err(malformed());
    }
    Ok((directory, bodies))
}

/// Six numbers, little endian.
fn words(entry: &[u8; ENTRY_BYTES]) -> [u32; ENTRY_BYTES / 4] {
    let mut words = [0; ENTRY_BYTES / 4];
    for (word, bytes) in words.iter_mut().zip(entry.as_chunks::<4>().0) {
        *word = u32::from_le_bytes(*bytes);
    }
    words
}

/// A block of a stored run, by its range in the value; it must be what its bounds say.
pub(crate) fn load_block(
    value: &[u8],
    range: Range<usize>,
    bounds: &BlockBounds,
    length: impl FnMut(Slot) -> f32,
    block: &mut ListBlock,
) -> Result<()> {
    let bytes = value.get(range).unwrap_or_default();
    let malformed = || Decoder::new("a posting block", bytes).malformed();
    block.decode(bytes, length).map_err(|_| malformed())?;
    // With bounds that are too small a search would leave out documents.
    let last = block.iter().next_back().map(|(posting, _)| posting.slot);
    if last == Some(bounds.last) && block.largest_weight() == bounds.largest_weight() {
        Ok(())
    } else {
        Err(malformed())
    }
}

/// What holds for all postings of a block; `None` for an empty one.
pub(crate) fn bounds(block: &Block, mut length: impl FnMut(Slot) -> f32) -> Option<BlockBounds> {
    let mut postings = block.iter();
    let first = postings.next()?;
    let of_first = BlockBounds::of(first, length(first.slot));
    Some(postings.fold(of_first, |bounds, posting| bounds.and(posting, length(posting.slot))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::codec::SEAL_BYTES;

    fn block(first: Slot) -> Block {
        let mut block = Block::default();
        for n in 0..BLOCK_POSTINGS as u32 {
            block.push(Posting { slot: first + 3 * n, weight: 1.0 + (n % 4) as f32 });
        }
        block
    }

    fn list_block(first: Slot) -> ListBlock {
        let mut list_block = ListBlock::default();
        list_block.copy_from(&block(first), |slot| slot as f32);
        list_block
    }

    fn run(blocks: u32) -> Run {
        let mut run = Run::default();
        for number in 0..blocks {
            let block = block(7 + 1_000 * number);
            let bounds = bounds(&block, |slot| slot as f32).unwrap();
            run.push(&block, bounds);
        }
        run
    }

    fn read_all(value: &[u8]) -> Result<Vec<ListBlock>> {
        let mut blocks = Vec::new();
        for (bounds, range) in run_blocks(1, "a", 7, value)? {
            let mut block = ListBlock::default();
            load_block(value, range, &bounds, |slot| slot as f32, &mut block)?;
            blocks.push(block);
        }
        Ok(blocks)
    }

    /// With a checksum that holds, as somebody would write it who wants to do harm.
    fn sealed(body: &[u8]) -> Vec<u8> {
        let mut encoder = Encoder::sealed();
        encoder.raw(body);
        encoder.seal("postings", &key::run(1, "a", 7))
    }

    #[test]
    fn a_row_round_trips_and_gives_full_blocks_away() {
        let mut row = TermRow { document_frequency: 300, ..TermRow::default() };
        let full: Vec<Block> = (0..300).filter_map(|slot| row.push(Posting { slot, weight: 1.0 })).collect();
        assert_eq!((full.len(), row.full_blocks, row.tail.len()), (2, 2, 300 - 2 * BLOCK_POSTINGS));
        assert_eq!(full[1].ends().unwrap().0, BLOCK_POSTINGS as u32);
        let value = row.encode(1, "a");
        assert_eq!(TermRow::decode(1, "a", &value).unwrap(), row);
        for len in 0..value.len() {
            assert!(TermRow::decode(1, "a", &value[..len]).is_err(), "{len}");
        }
        assert!(TermRow::decode(1, "b", &value).is_err());
        let once = TermRow { document_frequency: 1, full_blocks: 0, tail: Block::default() };
        let mut with_one = once.clone();
        assert!(with_one.push(Posting { slot: 70_000, weight: 1.0 }).is_none());
        assert_eq!(
            with_one.encode(1, "a").len(),
            SEAL_BYTES + 2 + 6,
            "a term that occurs once takes few bytes"
        );
        assert_eq!(TermRow::decode(1, "a", &once.encode(1, "a")).unwrap(), once);
    }

    #[test]
    fn a_run_round_trips_and_grows() {
        let value = run(3).encode(1, "a");
        assert_eq!(read_all(&value).unwrap(), [7, 1_007, 2_007].map(list_block));
        let mut grown = Run::decode(1, "a", 7, &value).unwrap();
        let fourth = block(3_007);
        grown.push(&fourth, bounds(&fourth, |slot| slot as f32).unwrap());
        assert_eq!(grown.encode(1, "a"), run(4).encode(1, "a"));
        assert!(!grown.is_full());
        assert!(run(RUN_BLOCKS as u32).is_full());
        assert_eq!(read_all(&run(RUN_BLOCKS as u32).encode(1, "a")).unwrap().len(), RUN_BLOCKS);
    }

    #[test]
    fn no_damage_of_a_run_goes_unnoticed() {
        let value = run(2).encode(1, "a");
        for at in 0..value.len() {
            let mut damaged = value.clone();
            damaged[at] ^= 0x10;
            assert!(read_all(&damaged).is_err(), "byte {at}");
            assert!(read_all(&value[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn a_run_that_lies_is_refused() {
        let good = run(2).encode(1, "a")[SEAL_BYTES..].to_vec();
        assert!(read_all(&sealed(&good)).is_ok());
        let entry = |number: usize, field: usize| 1 + number * ENTRY_BYTES + 4 * field;
        let lies: [(&str, usize, [u8; 4]); 8] = [
            ("blocks", 0, [9, good[1], good[2], good[3]]),
            ("last slot", entry(0, 0), 400_u32.to_le_bytes()),
            ("last slot before the first", entry(0, 0), 3_u32.to_le_bytes()),
            ("end", entry(0, 1), u32::MAX.to_le_bytes()),
            ("end of all", entry(1, 1), 1_u32.to_le_bytes()),
            ("largest weight", entry(1, 4), 3.5_f32.to_le_bytes()),
            ("no weight", entry(0, 4), f32::NAN.to_le_bytes()),
            ("no length", entry(0, 3), (-1.0_f32).to_le_bytes()),
        ];
        for (what, at, bytes) in lies {
            let mut body = good.clone();
            body[at..at + 4].copy_from_slice(&bytes);
            assert!(read_all(&sealed(&body)).is_err(), "{what}");
        }
        assert!(read_all(&sealed(&[])).is_err());
        assert!(read_all(&sealed(&[good.as_slice(), &[0]].concat())).is_err(), "bytes behind the end");
    }
}
