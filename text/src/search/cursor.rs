//! Where a search stands in a posting list, and what it adds to scores from there.

use std::borrow::Cow;

use super::rounding::Reach;
use super::scorer::{Impact, Scorer};
use super::window::Window;
use super::{Candidate, TermQuery};
use crate::list::{BlockBounds, PostingList};
use crate::list_block::{ListBlock, Parts};
use crate::posting::Posting;

/// Moves through a list, from block to block and inside of one; never back.
pub(super) struct Reader<'a, L> {
    pub(super) list: &'a L,
    /// The block it stands in; after the last one at the end.
    number: usize,
    /// Whether that block is in `block`.
    loaded: bool,
    block: Cow<'a, ListBlock>,
    /// The place in the block.
    at: usize,
}

impl<'a, L: PostingList> Reader<'a, L> {
    pub(super) fn new(list: &'a L) -> Reader<'a, L> {
        Reader { list, number: 0, loaded: false, block: Cow::default(), at: 0 }
    }

    /// The bounds of the block it stands in; `None` at the end.
    fn bounds(&self) -> Option<&'a BlockBounds> {
        self.list.blocks().get(self.number)
    }

    fn next_block(&mut self) {
        self.number += 1;
        self.loaded = false;
        self.at = 0;
    }

    fn load(&mut self) -> Result<(), L::Error> {
        if !self.loaded {
            self.list.load(self.number, &mut self.block)?;
            self.loaded = true;
        }
        Ok(())
    }

    /// Moves on to the first block that can hold the slot or one behind it, without reading it.
    fn skip_to(&mut self, slot: u32) {
        let ahead = self.list.blocks().get(self.number..).unwrap_or_default();
        let is_before = |bounds: &BlockBounds| bounds.last < slot;
        if !ahead.first().is_some_and(is_before) {
            return;
        }
        // Twice as far each time, then back by halves: most often it is near.
        let mut far = 1;
        while ahead.get(far).is_some_and(is_before) {
            far *= 2;
        }
        let near = far / 2;
        let between = ahead.get(near..ahead.len().min(far)).unwrap_or_default();
        // One ahead at least: the block it stood in is before the slot.
        self.number += (near + between.partition_point(is_before)).max(1) - 1;
        self.next_block();
    }

    /// The first posting at the slot or behind it, and the length of its document.
    pub(super) fn seek(&mut self, slot: u32) -> Result<Option<(Posting, f32)>, L::Error> {
        self.skip_to(slot);
        while self.bounds().is_some() {
            self.load()?;
            self.at = self.block.seek(self.at, slot);
            if let Some(found) = self.block.get(self.at) {
                return Ok(Some(found));
            }
            self.next_block();
        }
        Ok(None)
    }
}

/// A posting list that is being scored.
pub(super) struct Cursor<'a, L> {
    impact: Impact,
    /// The most that one of its postings adds to a score.
    pub(super) bound: f64,
    /// The same for one block, and its number.
    block_bound: (usize, f32),
    pub(super) reader: Reader<'a, L>,
}

impl<'a, L: PostingList> Cursor<'a, L> {
    pub(super) fn new(term: &'a TermQuery<L>, scorer: &Scorer<'_>) -> Cursor<'a, L> {
        let idf = scorer.idf(term.document_frequency);
        let impact = scorer.impact(term.weight, idf);
        let bounds = term.list.blocks().iter().map(|bounds| impact.bound(bounds));
        Cursor {
            bound: bounds.fold(0.0, f64::max),
            impact,
            block_bound: (usize::MAX, 0.0),
            reader: Reader::new(&term.list),
        }
    }

    /// Makes its parts of scores so many times as large.
    pub(super) fn scale(&mut self, scale: f64) {
        self.bound *= scale;
        self.impact = self.impact.times(scale);
    }

    /// Another one at the beginning of the same list.
    pub(super) fn again(&self) -> Cursor<'a, L> {
        let reader = Reader::new(self.reader.list);
        Cursor { impact: self.impact, bound: self.bound, block_bound: (usize::MAX, 0.0), reader }
    }

    /// How many blocks reach into a window.
    pub(super) fn blocks_in(&mut self, window: &Window) -> usize {
        self.reader.skip_to(window.first);
        let ahead = self.reader.list.blocks().get(self.reader.number..).unwrap_or_default();
        let end = window.end();
        ahead.iter().take_while(|bounds| u64::from(bounds.last) < end).count() + 1
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.reader.bounds().is_none()
    }

    /// The slot it stands at.
    pub(super) fn current(&mut self) -> Result<Option<u32>, L::Error> {
        if self.reader.loaded
            && let Some((posting, _)) = self.reader.block.get(self.reader.at)
        {
            return Ok(Some(posting.slot));
        }
        Ok(self.reader.seek(0)?.map(|(posting, _)| posting.slot))
    }

    /// Adds what it has in a window to the scores there, and moves behind it.
    pub(super) fn add_to(
        &mut self,
        window: &mut Window,
        parts: &mut Parts,
        add: impl Fn(&mut Window, &Parts),
    ) -> Result<(), L::Error> {
        let (impact, end) = (self.impact, window.end());
        while self.current()?.is_some_and(|slot| u64::from(slot) < end) {
            let reader = &mut self.reader;
            impact.parts(&reader.block, reader.at, end, parts);
            add(window, parts);
            reader.at += parts.len();
        }
        Ok(())
    }

    /// Adds what it has to the score of each candidate, ascending by slot, and leaves out those that cannot get far enough.
    pub(super) fn add_to_each(
        &mut self,
        candidates: &mut Vec<Candidate>,
        reach: Reach,
    ) -> Result<(), L::Error> {
        let bound = self.bound as f32;
        let mut kept = 0;
        for read in 0..candidates.len() {
            let Some(mut candidate) = candidates.get(read).copied() else { break };
            if !reach.is_possible(candidate.score + bound) {
                continue;
            }
            self.reader.skip_to(candidate.slot);
            if !reach.is_possible(candidate.score + self.block_bound()) {
                continue;
            }
            if let Some((posting, length)) = self.reader.seek(candidate.slot)?
                && posting.slot == candidate.slot
            {
                candidate.score += self.impact.part(posting.weight, length);
            }
            if let Some(place) = candidates.get_mut(kept) {
                *place = candidate;
                kept += usize::from(reach.is_possible(candidate.score));
            }
        }
        candidates.truncate(kept);
        Ok(())
    }

    /// The most that a posting of the block it stands in adds to a score.
    fn block_bound(&mut self) -> f32 {
        let Some(bounds) = self.reader.bounds() else { return 0.0 };
        if self.block_bound.0 != self.reader.number {
            self.block_bound = (self.reader.number, self.impact.bound(bounds) as f32);
        }
        self.block_bound.1
    }
}
