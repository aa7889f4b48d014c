//! The dictionary entry of a term, and the runs of its posting list.
//!
//! A posting list is a sequence of full blocks, up to [`RUN_BLOCKS`] of them behind one directory as a value of the table
//! `postings`, and one block, not yet full, inside the dictionary entry: a rare term costs one look-up, a common one a look-up for
//! thousands of postings, and a growing list rewrites two small values at most.

use std::ops::Range;

use vectlite_text::{BLOCK_POSTINGS, Block, BlockBounds, Corner, Posting, decode_block, encode_block};

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
            self.first = block.slots().first().copied().unwrap_or_default();
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
    block: &mut Block,
) -> Result<()> {
    let bytes = value.get(range).unwrap_or_default();
    let malformed = || Decoder::new("a posting block", bytes).malformed();
    decode_block(bytes, block).map_err(|_| malformed())?;
    let largest = block.weights().iter().fold(0.0, |most: f32, weight| if *weight > most { *weight } else { most });
    // With bounds that are too small a search would leave out documents.
    if block.slots().last() == Some(&bounds.last) && largest == bounds.largest_weight() { Ok(()) } else { Err(malformed()) }
}

/// What holds for all postings of a block; `None` for an empty one.
pub(crate) fn bounds(block: &Block, mut length: impl FnMut(Slot) -> f32) -> Option<BlockBounds> {
    let mut postings = block.iter();
    let first = postings.next()?;
    let of_first = BlockBounds::of(first, length(first.slot));
    Some(postings.fold(of_first, |bounds, posting| bounds.and(posting, length(posting.slot))))
}
