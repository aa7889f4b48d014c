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

/// Bytes of a posting that was read: slot, weight, length. Half of it in most blocks, which is known once they were read.
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
    /// Memory in use once all blocks were read, about.
    bytes: usize,
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
            self.bytes += BLOCK_BYTES + BLOCK_POSTINGS * POSTING_BYTES;
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
            self.bytes += BLOCK_BYTES + block.len() * POSTING_BYTES;
            self.places.push(Place::Here(block.narrowed()));
        }
    }

    pub(crate) fn bounds(&self) -> &[BlockBounds] {
        &self.bounds
    }

    /// Memory in use once all blocks were read, about.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether blocks that were read are kept. Those of a very long list are not: it alone would fill the memory.
    pub(super) fn keeps_blocks(&self) -> bool {
        self.bytes <= KEPT_LIST_BYTES
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
                    Cow::Borrowed(kept.get_or_init(|| read.narrowed()))
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
                here.iter().for_each(|(posting, _)| visit(posting));
            } else {
                self.read(number, |_| 0.0, &mut block)?;
                block.iter().for_each(|(posting, _)| visit(posting));
            }
        }
        Ok(())
    }

    /// Whether the block of that number is full, and in a run.
    pub(super) fn is_in_run(&self, number: usize) -> bool {
        matches!(self.places.get(number), Some(Place::Run(..)))
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

#[cfg(test)]
mod tests {
    use redb::backends::InMemoryBackend;
    use redb::{Database, ReadableDatabase};

    use super::*;
    use crate::storage::tables::{self, Prefixed};
    use crate::storage::term_tables::{Facts, TermChange, TermTables};
    use crate::storage::writer::missing_document;
    use vectlite_text::Analyzer;

    /// A stored list of so many postings.
    fn stored(postings: u32) -> (Vec<Posting>, StoredList) {
        let added: Vec<Posting> =
            (0..postings).map(|n| Posting { slot: 3 * n, weight: (1 + n % 4) as f32 }).collect();
        let mut lengths = Lengths::default();
        added.iter().for_each(|posting| lengths.set(posting.slot, (posting.slot % 50) as f32));
        let database = Database::builder().create_with_backend(InMemoryBackend::new()).unwrap();
        let transaction = database.begin_write().unwrap();
        let mut tables = TermTables::open(Prefixed::none(&transaction), false).unwrap();
        let change = TermChange { added: added.clone(), ..TermChange::default() };
        let document = |slot| Err(missing_document(slot));
        let facts =
            Facts { lengths: &lengths, rounds: false, analyzer: &Analyzer::default(), document: &document };
        tables.change(1, "a", &change, &facts).unwrap();
        drop(tables);
        transaction.commit().unwrap();
        let postings = database.begin_read().unwrap().open_table(tables::POSTINGS).unwrap();
        let mut list = StoredList::new(added.len() as u64, &lengths);
        for entry in postings.range((1, "a", 0)..=(1, "a", Slot::MAX)).unwrap() {
            let (place, run) = entry.unwrap();
            list.push_run(1, "a", place.value().2, run).unwrap();
        }
        (added, list)
    }

    #[test]
    fn blocks_are_kept_unless_the_list_is_very_long() {
        let limit = KEPT_LIST_BYTES / (BLOCK_BYTES + BLOCK_POSTINGS * POSTING_BYTES);
        for (blocks, keeps) in [(3, true), (limit, true), (limit + 1, false)] {
            let (added, list) = stored((blocks * BLOCK_POSTINGS) as u32);
            assert_eq!(list.keeps_blocks(), keeps, "{blocks} blocks");
            let mut spare = Cow::default();
            for (number, expected) in added.chunks(BLOCK_POSTINGS).enumerate() {
                list.load(number, &mut spare).unwrap();
                let expected = expected.iter().map(|posting| (*posting, (posting.slot % 50) as f32));
                assert!(spare.iter().eq(expected), "block {number}");
                assert_eq!(matches!(spare, Cow::Borrowed(_)), keeps);
            }
            let mut visited = Vec::new();
            list.visit(|posting| visited.push(posting)).unwrap();
            assert_eq!(visited, added);
            list.load(blocks, &mut spare).unwrap();
            assert!(spare.is_empty(), "behind the end");
        }
    }

    #[test]
    fn a_block_that_is_damaged_fails_each_time() {
        let (_, mut list) = stored(2 * BLOCK_POSTINGS as u32);
        list.bounds[1].last += 1;
        let mut spare = Cow::default();
        assert!(list.load(0, &mut spare).is_ok());
        for _ in 0..2 {
            assert!(list.load(1, &mut spare).is_err());
        }
        assert!(list.visit(|_| {}).is_err());
    }
}
