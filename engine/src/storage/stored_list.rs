//! A term's postings in `.vdb`: the runs of its list, and the block in its dictionary entry. A block is read when a search asks for it,
//! and kept from then on.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::OnceLock;

use redb::AccessGuard;
use vectlite_text::{BLOCK_POSTINGS, Block, BlockBounds, ListBlock, Posting};

use super::lengths::Lengths;
use super::record::{NamespaceId, Slot};
use super::tables::Bytes;
use super::terms::{self, load_block};
use crate::error::Result;
use crate::limits::KEPT_LIST_BYTES;

/// Bytes of a posting that was read: slot, weight, length.
const POSTING_BYTES: usize = 12;
/// Bytes of a block beside its postings: bounds, place, an allocation.
const BLOCK_BYTES: usize = 96;

/// See the module.
#[derive(Default)]
pub(crate) struct StoredList {
    /// Live documents that hold the term. The list may hold dead slots, until compaction.
    pub(crate) document_frequency: u64,
    bounds: Vec<BlockBounds>,
    /// One for each of the bounds.
    places: Vec<Place>,
    runs: Vec<AccessGuard<'static, Bytes>>,
    lengths: Lengths,
}

/// Where a block is.
enum Place {
    /// In a run, at these bytes of its value; and the block, once it was read.
    Run(usize, Range<usize>, OnceLock<ListBlock>),
    /// Here.
    Here(ListBlock),
}

impl StoredList {
    pub(crate) fn new(document_frequency: u64, lengths: &Lengths) -> StoredList {
        StoredList { document_frequency, lengths: lengths.clone(), ..StoredList::default() }
    }

    /// A list of live documents that no layer holds.
    pub(crate) fn of_live(postings: &[Posting], lengths: &Lengths) -> StoredList {
        let mut list = StoredList::new(postings.len() as u64, lengths);
        for postings in postings.chunks(BLOCK_POSTINGS) {
            let mut block = Block::default();
            postings.iter().for_each(|posting| block.push(*posting));
            list.push_block(block);
        }
        list
    }

    /// Adds a run.
    pub(super) fn push_run(
        &mut self,
        namespace: NamespaceId,
        term: &str,
        first: Slot,
        run: AccessGuard<'static, Bytes>,
    ) -> Result<()> {
        for (bounds, range) in terms::run_blocks(namespace, term, first, run.value())? {
            self.bounds.push(bounds);
            self.places.push(Place::Run(self.runs.len(), range, OnceLock::new()));
        }
        self.runs.push(run);
        Ok(())
    }

    /// Adds a block that was read.
    pub(super) fn push_block(&mut self, postings: Block) {
        if let Some(bounds) = terms::bounds(&postings, self.lengths.near()) {
            let mut block = ListBlock::default();
            block.copy_from(&postings, self.lengths.near());
            self.bounds.push(bounds);
            self.places.push(Place::Here(block));
        }
    }

    pub(crate) fn bounds(&self) -> &[BlockBounds] {
        &self.bounds
    }

    /// Memory in use once all blocks were read, about.
    pub(super) fn bytes(&self) -> usize {
        self.bounds.len() * (BLOCK_BYTES + BLOCK_POSTINGS * POSTING_BYTES)
    }

    /// Whether blocks that were read are kept. Those of a very long list are not: it alone would fill the memory.
    pub(super) fn keeps_blocks(&self) -> bool {
        self.bytes() <= KEPT_LIST_BYTES
    }

    /// The block of that number, see [`vectlite_text::PostingList::load`].
    pub(super) fn load<'a>(&'a self, number: usize, block: &mut Cow<'a, ListBlock>) -> Result<()> {
        *block = match self.places.get(number) {
            Some(Place::Here(here)) => Cow::Borrowed(here),
            Some(Place::Run(.., kept)) if self.keeps_blocks() => match kept.get() {
                Some(kept) => Cow::Borrowed(kept),
                None => {
                    let mut read = ListBlock::default();
                    self.read(number, self.lengths.near(), &mut read)?;
                    Cow::Borrowed(kept.get_or_init(|| read))
                }
            },
            _ => return self.read(number, self.lengths.near(), ListBlock::spare(block)),
        };
        Ok(())
    }

    /// Calls `visit` with every posting, ascending by slot; dead ones are among them. Keeps nothing.
    pub(super) fn visit(&self, mut visit: impl FnMut(Posting)) -> Result<()> {
        let mut block = ListBlock::default();
        for (number, place) in self.places.iter().enumerate() {
            if let Place::Here(here) = place {
                here.iter().for_each(&mut visit);
            } else {
                self.read(number, |_| 0.0, &mut block)?;
                block.iter().for_each(&mut visit);
            }
        }
        Ok(())
    }

    /// A block of a run; nothing where there is none.
    fn read(&self, number: usize, length: impl FnMut(Slot) -> f32, block: &mut ListBlock) -> Result<()> {
        if let (Some(Place::Run(run, range, _)), Some(bounds)) =
            (self.places.get(number), self.bounds.get(number))
            && let Some(run) = self.runs.get(*run)
        {
            return load_block(run.value(), range.clone(), bounds, length, block);
        }
        block.clear();
        Ok(())
    }
}

impl fmt::Debug for StoredList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredList").field("blocks", &self.bounds.len()).finish_non_exhaustive()
    }
}
