//! A term's postings as a search reads them: blocks, each with bounds that tell whether it is worth reading.

use std::convert::Infallible;

use crate::block::{BLOCK_POSTINGS, Block};
use crate::posting::Posting;

/// What holds for every posting of a block.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BlockBounds {
    /// The last slot.
    pub last: u32,
    /// The largest weight.
    pub largest_weight: f32,
    /// The length of the shortest document.
    pub shortest_length: f32,
}

impl BlockBounds {
    /// The bounds of one posting of a document of this length.
    pub fn of(posting: Posting, length: f32) -> BlockBounds {
        BlockBounds { last: posting.slot, largest_weight: posting.weight, shortest_length: length }
    }

    /// Those of these postings and of ones that follow.
    pub fn and(self, next: BlockBounds) -> BlockBounds {
        BlockBounds {
            last: next.last,
            largest_weight: self.largest_weight.max(next.largest_weight),
            shortest_length: self.shortest_length.min(next.shortest_length),
        }
    }
}

/// The postings of a term, ascending by slot, in blocks of any size.
pub trait PostingList {
    /// Why a block cannot be read.
    type Error;

    /// The bounds of each block.
    fn blocks(&self) -> &[BlockBounds];

    /// Reads the block of that number into `block`, in place of what it held.
    ///
    /// # Errors
    /// When the block is damaged.
    fn load(&self, number: usize, block: &mut Block) -> Result<(), Self::Error>;
}

/// A posting list in memory, in blocks of [`BLOCK_POSTINGS`].
#[derive(Debug, Clone, Default)]
pub struct MemoryList {
    blocks: Vec<Block>,
    bounds: Vec<BlockBounds>,
}

impl MemoryList {
    /// Adds a posting behind the others; its slot must be above theirs. `length` is that of its document.
    pub fn push(&mut self, posting: Posting, length: f32) {
        let new = BlockBounds::of(posting, length);
        match (self.blocks.last_mut(), self.bounds.last_mut()) {
            (Some(block), Some(bounds)) if block.len() < BLOCK_POSTINGS => {
                block.push(posting);
                *bounds = bounds.and(new);
            }
            _ => {
                let mut block = Block::default();
                block.push(posting);
                self.blocks.push(block);
                self.bounds.push(new);
            }
        }
    }
}

impl PostingList for MemoryList {
    type Error = Infallible;

    fn blocks(&self) -> &[BlockBounds] {
        &self.bounds
    }

    fn load(&self, number: usize, block: &mut Block) -> Result<(), Infallible> {
        match self.blocks.get(number) {
            Some(loaded) => block.copy_from(loaded),
            None => block.clear(),
        }
        Ok(())
    }
}
