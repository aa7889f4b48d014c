//! A term's postings in all layers of a view: those of `.vdb`, then the blocks of memtables.

use std::borrow::Cow;
use std::sync::Arc;

use vectlite_text::{BlockBounds, ListBlock, Posting, PostingList};

use super::lengths::Lengths;
use super::stored_list::StoredList;
use super::term_deltas::BoundedBlock;
use crate::error::{Error, Result};

/// See the module.
pub(crate) struct TermList {
    /// Live documents that hold the term.
    pub(crate) document_frequency: u64,
    stored: Arc<StoredList>,
    /// Blocks behind those.
    memory: Vec<Arc<BoundedBlock>>,
    /// Of all blocks, when some are in memory.
    bounds: Vec<BlockBounds>,
    lengths: Lengths,
}

impl TermList {
    /// What is stored, and nothing else.
    pub(super) fn of_stored(stored: Arc<StoredList>, lengths: &Lengths) -> TermList {
        TermList {
            document_frequency: stored.document_frequency,
            stored,
            memory: Vec::new(),
            bounds: Vec::new(),
            lengths: lengths.clone(),
        }
    }

    /// A list of live documents that no layer holds.
    pub(crate) fn of_live(postings: &[Posting], lengths: &Lengths) -> TermList {
        TermList::of_stored(Arc::new(StoredList::of_live(postings, lengths)), lengths)
    }

    /// Adds a block of a memtable.
    pub(super) fn push_block(&mut self, block: Arc<BoundedBlock>) {
        if self.bounds.is_empty() {
            self.bounds.extend_from_slice(self.stored.bounds());
        }
        self.bounds.push(block.bounds);
        self.memory.push(block);
    }

    /// The postings in `.vdb`, and the blocks behind them.
    pub(super) fn layers(&self) -> (&StoredList, &[Arc<BoundedBlock>]) {
        (&self.stored, &self.memory)
    }

    /// Calls `visit` with every posting, ascending by slot; dead ones are among them.
    pub(crate) fn visit(&self, mut visit: impl FnMut(Posting)) -> Result<()> {
        self.stored.visit(&mut visit)?;
        self.memory.iter().flat_map(|block| block.block.iter()).for_each(visit);
        Ok(())
    }
}

impl PostingList for TermList {
    type Error = Error;

    fn blocks(&self) -> &[BlockBounds] {
        if self.memory.is_empty() { self.stored.bounds() } else { &self.bounds }
    }

    fn load<'a>(&'a self, number: usize, block: &mut Cow<'a, ListBlock>) -> Result<()> {
        let in_memory = number.checked_sub(self.stored.bounds().len());
        match in_memory.and_then(|number| self.memory.get(number)) {
            None => self.stored.load(number, block),
            Some(held) => {
                ListBlock::spare(block).copy_from(&held.block, self.lengths.near());
                Ok(())
            }
        }
    }
}
