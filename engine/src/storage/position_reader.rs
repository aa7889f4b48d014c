//! Where a term stands in documents, asked for in ascending order.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use redb::AccessGuard;
use vectlite_text::{PositionCursor, Positions, PostingList};

use super::position_run::{TAIL_POSITIONS, malformed, missing, position_blocks};
use super::record::{NamespaceId, Slot};
use super::tables::Bytes;
use super::term_list::TermList;
use super::terms::RUN_BLOCKS;
use crate::error::Result;

/// A value of the table `positions`, with the slot of its key.
pub(super) type StoredRun = (Slot, AccessGuard<'static, Bytes>);

/// See the module.
pub(crate) struct PositionReader {
    namespace: NamespaceId,
    term: String,
    list: TermList,
    runs: Vec<StoredRun>,
    /// The run that is open: its number, and where its blocks are.
    open: Option<(usize, Vec<Range<usize>>)>,
    /// The number of the block that `slots` and `positions` are of.
    loaded: Option<usize>,
    slots: Vec<Slot>,
    positions: Positions,
    /// Everything before this document is behind us.
    at: PositionCursor,
}

impl PositionReader {
    /// A reader over a list with these runs of positions.
    pub(super) fn new(
        namespace: NamespaceId,
        term: &str,
        list: TermList,
        runs: Vec<StoredRun>,
    ) -> PositionReader {
        PositionReader {
            namespace,
            term: term.to_owned(),
            list,
            runs,
            open: None,
            loaded: None,
            slots: Vec::new(),
            positions: Positions::default(),
            at: PositionCursor::default(),
        }
    }

    /// Where the term stands in a document of its list, ascending; slots ascend as well. `None`: that is not stored, but the text
    /// says it.
    pub(crate) fn get(&mut self, slot: Slot) -> Result<Option<&[u32]>> {
        let from = self.loaded.unwrap_or(0);
        let ahead = self.list.blocks().get(from..).unwrap_or_default();
        let number = from + ahead.partition_point(|bounds| bounds.last < slot);
        if self.loaded != Some(number) {
            self.load(number)?;
        }
        while self.slots.get(self.at.document).is_some_and(|here| *here < slot) {
            self.positions.advance(&mut self.at);
        }
        let found = self.slots.get(self.at.document) == Some(&slot);
        Ok(if found { self.positions.get(self.at) } else { None })
    }

    /// Takes the slots and the positions of a block; nothing where there are no positions.
    fn load(&mut self, number: usize) -> Result<()> {
        (self.loaded, self.at) = (Some(number), PositionCursor::default());
        self.slots.clear();
        let (stored, memory) = self.list.layers();
        if let Some(block) = number.checked_sub(stored.bounds().len()).and_then(|number| memory.get(number)) {
            self.slots.extend(block.block.iter().map(|posting| posting.slot));
            self.positions.clone_from(&block.positions);
            return Ok(());
        }
        let mut block = Cow::default();
        stored.load(number, &mut block)?;
        let (in_run, place) = if stored.is_in_run(number) {
            (number / RUN_BLOCKS, number % RUN_BLOCKS)
        } else if block.len() >= TAIL_POSITIONS {
            (self.runs.len().saturating_sub(1), 0)
        } else {
            return Ok(());
        };
        let Some((first, run)) = self.runs.get(in_run) else { return Err(missing(&self.term)) };
        if self.open.as_ref().is_none_or(|(open, _)| *open != in_run) {
            self.open = Some((in_run, position_blocks(self.namespace, &self.term, *first, run.value())?));
        }
        let range = self.open.as_ref().and_then(|(_, ranges)| ranges.get(place));
        let bytes = run.value().get(range.ok_or_else(|| missing(&self.term))?.clone()).unwrap_or_default();
        let weights = block.iter().map(|(posting, _)| posting.weight);
        self.positions.decode(bytes, weights).map_err(|_| malformed(bytes))?;
        self.slots.extend(block.iter().map(|(posting, _)| posting.slot));
        Ok(())
    }
}

impl fmt::Debug for PositionReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PositionReader").field("term", &self.term).finish_non_exhaustive()
    }
}
