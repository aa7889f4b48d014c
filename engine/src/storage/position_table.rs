//! The table `positions` inside a redb transaction: for every run of posting blocks one of positions, and one for the block in the
//! dictionary entry where that has [`TAIL_POSITIONS`] or more.

use redb::{ReadableTable, Table, WriteTransaction};
use vectlite_text::{Analyzer, BLOCK_POSTINGS, Block, Positions};

use super::document::Document;
use super::position_run::{PositionRun, TAIL_POSITIONS, TAIL_RUN, missing};
use super::reader::storage_error;
use super::record::{NamespaceId, Slot};
use super::tables::{self, Bytes, Prefixed};
use super::terms::RUN_BLOCKS;
use crate::error::Result;

/// See the module.
pub(super) struct PositionTable<'txn>(Table<'txn, (u32, &'static str, u32), Bytes>);

/// How the list of a term grows.
pub(super) struct Growth<'a> {
    pub(super) namespace: NamespaceId,
    pub(super) term: &'a str,
    /// Full blocks before.
    pub(super) full_blocks: u64,
    /// The block in the dictionary entry before.
    pub(super) before: &'a Block,
    /// Blocks that became full, of the postings of that one and of new ones.
    pub(super) full: &'a [Block],
    /// The block in the dictionary entry now.
    pub(super) tail: &'a Block,
}

/// Where a term stands in the text of a document.
pub(super) fn positions_in_text(analyzer: &Analyzer, document: &Document, term: &str) -> Vec<u32> {
    document.text.as_ref().map(|text| analyzer.positions(text, term)).unwrap_or_default()
}

/// Of how many postings of a new list, from the first one on, the positions are stored.
pub(super) fn with_positions(postings: usize) -> usize {
    let tail = postings % BLOCK_POSTINGS;
    if tail < TAIL_POSITIONS { postings - tail } else { postings }
}

impl<'txn> PositionTable<'txn> {
    pub(super) fn open(prefixed: Prefixed<'txn, WriteTransaction>) -> Result<PositionTable<'txn>> {
        prefixed.open_table(tables::POSITIONS).map(PositionTable).map_err(storage_error)
    }

    /// Follows a list that grows; `added` are the positions in the documents of its new postings. The positions in
    /// documents of a small block are not stored and come from `in_text`.
    pub(super) fn grow(
        &mut self,
        growth: &Growth<'_>,
        added: &Positions,
        in_text: impl Fn(Slot) -> Result<Vec<u32>>,
    ) -> Result<()> {
        let Growth { namespace, term, full_blocks, before, full, tail } = *growth;
        if full.is_empty() && tail.len() < TAIL_POSITIONS {
            return Ok(());
        }
        let known = self.of_tail(growth, in_text)?;
        let mut ahead = known.iter().chain(added.iter());
        let mut take = |block: &Block| {
            let mut positions = Positions::default();
            ahead.by_ref().take(block.len()).for_each(|of_document| positions.push_kept(of_document));
            positions
        };
        let mut run = if full.is_empty() || full_blocks.is_multiple_of(RUN_BLOCKS as u64) {
            PositionRun::default()
        } else {
            self.last_run(namespace, term)?
        };
        for block in full {
            run.push(block, &take(block));
            if run.is_full() {
                self.put(namespace, term, &std::mem::take(&mut run))?;
            }
        }
        if !run.is_empty() {
            self.put(namespace, term, &run)?;
        }
        if tail.len() >= TAIL_POSITIONS {
            self.put(namespace, term, &PositionRun::of_tail(tail, &take(tail)))?;
        } else if before.len() >= TAIL_POSITIONS {
            self.0.remove((namespace, term, TAIL_RUN)).map_err(storage_error)?;
        }
        Ok(())
    }

    /// The positions in the documents of the block that was in the dictionary entry.
    fn of_tail(&self, growth: &Growth<'_>, in_text: impl Fn(Slot) -> Result<Vec<u32>>) -> Result<Positions> {
        let Growth { namespace, term, before, .. } = *growth;
        let mut positions = Positions::default();
        if before.len() < TAIL_POSITIONS {
            for posting in before.iter() {
                positions.push(&in_text(posting.slot)?);
            }
            return Ok(positions);
        }
        let value = self.0.get((namespace, term, TAIL_RUN)).map_err(storage_error)?;
        let value = value.ok_or_else(|| missing(term))?;
        let run = PositionRun::decode(namespace, term, TAIL_RUN, value.value())?;
        run.read_tail(before, &mut positions)?;
        Ok(positions)
    }

    fn last_run(&self, namespace: NamespaceId, term: &str) -> Result<PositionRun> {
        let mut runs =
            self.0.range((namespace, term, 0)..(namespace, term, TAIL_RUN)).map_err(storage_error)?;
        let (place, value) = runs.next_back().ok_or_else(|| missing(term))?.map_err(storage_error)?;
        PositionRun::decode(namespace, term, place.value().2, value.value())
    }

    fn put(&mut self, namespace: NamespaceId, term: &str, run: &PositionRun) -> Result<()> {
        let value = run.encode(namespace, term);
        self.0.insert((namespace, term, run.first()), value.as_slice()).map_err(storage_error)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use redb::backends::InMemoryBackend;
    use redb::{Database, ReadableDatabase};
    use vectlite_text::Posting;

    use super::*;

    fn block(slots: std::ops::Range<Slot>) -> Block {
        let mut block = Block::default();
        slots.for_each(|slot| block.push(Posting { slot, weight: 1.0 }));
        block
    }

    /// What a list of `from` postings gives when it grows to `to`: the first slots of the table's keys, and how many texts were read.
    fn grown(sizes: &[usize]) -> (Vec<Slot>, usize) {
        let database = Database::builder().create_with_backend(InMemoryBackend::new()).unwrap();
        let read = std::cell::Cell::new(0);
        for (from, to) in std::iter::once(&0).chain(sizes).zip(sizes) {
            let slots = |from: usize, to: usize| from as Slot..to as Slot;
            let (whole, end) = (from / BLOCK_POSTINGS, to / BLOCK_POSTINGS);
            let full: Vec<Block> = (whole..end)
                .map(|number| block(slots(number * BLOCK_POSTINGS, (number + 1) * BLOCK_POSTINGS)))
                .collect();
            let (before, tail) =
                (block(slots(whole * BLOCK_POSTINGS, *from)), block(slots(end * BLOCK_POSTINGS, *to)));
            let mut added = Positions::default();
            (*from..*to).for_each(|slot| added.push(&[slot as u32 + 7]));
            let transaction = database.begin_write().unwrap();
            let growth = Growth {
                namespace: 1,
                term: "a",
                full_blocks: whole as u64,
                before: &before,
                full: &full,
                tail: &tail,
            };
            let in_text = |slot| {
                read.set(read.get() + 1);
                Ok(vec![slot + 7])
            };
            PositionTable::open(Prefixed::none(&transaction))
                .unwrap()
                .grow(&growth, &added, in_text)
                .unwrap();
            transaction.commit().unwrap();
        }
        let table = database.begin_read().unwrap().open_table(tables::POSITIONS).unwrap();
        let keys = table.iter().unwrap().map(|entry| entry.unwrap().0.value().2).collect();
        (keys, read.get())
    }

    #[test]
    fn positions_follow_a_list_that_grows() {
        let small = TAIL_POSITIONS - 1;
        assert_eq!(grown(&[small]), (vec![], 0), "too small");
        assert_eq!(grown(&[small, small + 1]), (vec![TAIL_RUN], small), "texts are read once");
        assert_eq!(
            grown(&[40, 100, 130]),
            (vec![0], 0),
            "a block became full, and what is behind it is small"
        );
        assert_eq!(grown(&[100, 200, 260, 400]), (vec![0], 4), "400 is three blocks and 16");
        let run = (RUN_BLOCKS * BLOCK_POSTINGS) as Slot;
        assert_eq!(grown(&[5, run as usize + 140, run as usize + 170]), (vec![0, run, TAIL_RUN], 5 + 12));
    }
}
