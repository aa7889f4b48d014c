//! A term's postings in all layers of a view: runs of `.vdb`, the block in its dictionary entry, blocks of memtables.

use std::ops::Range;
use std::sync::Arc;

use redb::AccessGuard;
use vectlite_text::{BLOCK_POSTINGS, Block, BlockBounds, Posting, PostingList};

use super::record::{NamespaceId, Slot};
use super::tables::Bytes;
use super::term_deltas::BoundedBlock;
use super::terms::{self, load_block};
use crate::error::{Error, Result};

/// See the module.
#[derive(Default)]
pub(crate) struct TermList {
    /// Live documents that hold the term.
    pub(crate) document_frequency: u64,
    bounds: Vec<BlockBounds>,
    /// Where each of these blocks is.
    places: Vec<Place>,
    runs: Vec<AccessGuard<'static, Bytes>>,
}

/// Where a block is.
enum Place {
    /// In a run, at these bytes of its value.
    Run(usize, Range<usize>),
    /// In the dictionary entry.
    Tail(Block),
    /// In a memtable.
    Memory(Arc<BoundedBlock>),
}

impl TermList {
    /// A list of live documents that no layer holds.
    pub(crate) fn of_live(postings: &[Posting], mut length: impl FnMut(Slot) -> f32) -> TermList {
        let mut list = TermList { document_frequency: postings.len() as u64, ..TermList::default() };
        for postings in postings.chunks(BLOCK_POSTINGS) {
            let mut block = Block::default();
            postings.iter().for_each(|posting| block.push(*posting));
            list.push_tail(block, &mut length);
        }
        list
    }

    /// Adds a run of `.vdb`.
    pub(super) fn push_run(
        &mut self,
        namespace: NamespaceId,
        term: &str,
        first: Slot,
        run: AccessGuard<'static, Bytes>,
    ) -> Result<()> {
        for (bounds, range) in terms::run_blocks(namespace, term, first, run.value())? {
            self.bounds.push(bounds);
            self.places.push(Place::Run(self.runs.len(), range));
        }
        self.runs.push(run);
        Ok(())
    }

    /// Adds the block of a dictionary entry.
    pub(super) fn push_tail(&mut self, block: Block, length: impl FnMut(Slot) -> f32) {
        if let Some(bounds) = terms::bounds(&block, length) {
            self.bounds.push(bounds);
            self.places.push(Place::Tail(block));
        }
    }

    /// Adds a block of a memtable.
    pub(super) fn push_block(&mut self, block: Arc<BoundedBlock>) {
        self.bounds.push(block.bounds);
        self.places.push(Place::Memory(block));
    }

    /// Calls `visit` with every posting, ascending by slot; dead ones are among them.
    pub(crate) fn visit(&self, mut visit: impl FnMut(Posting)) -> Result<()> {
        let mut block = Block::default();
        for number in 0..self.bounds.len() {
            self.load(number, &mut block)?;
            block.iter().for_each(&mut visit);
        }
        Ok(())
    }
}

impl PostingList for TermList {
    type Error = Error;

    fn blocks(&self) -> &[BlockBounds] {
        &self.bounds
    }

    fn load(&self, number: usize, block: &mut Block) -> Result<()> {
        block.clear();
        let (Some(place), Some(bounds)) = (self.places.get(number), self.bounds.get(number)) else {
            return Ok(());
        };
        match place {
            Place::Run(run, range) => match self.runs.get(*run) {
                Some(run) => return load_block(run.value(), range.clone(), bounds, block),
                None => return Ok(()),
            },
            Place::Tail(held) => block.copy_from(held),
            Place::Memory(held) => block.copy_from(&held.block),
        }
        Ok(())
    }
}
