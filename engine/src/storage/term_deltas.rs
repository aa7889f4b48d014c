//! What a memtable adds to terms: one map that all views of the memtable share.
//!
//! It only grows, so that a commit pays for its terms and not for a copy of the map: a view knows how far it sees (its
//! [`Horizon`]) and looks at nothing behind that. Only commits that are in the log come here, one after the other.

use std::collections::BTreeSet;
use std::sync::Arc;

use dashmap::DashMap;
use vectlite_text::{BLOCK_POSTINGS, Block, BlockBounds, Positions, Posting, TermPattern};

use super::record::{NamespaceId, Slot};
use super::term_key::TermKey;
use super::wal::CommitId;

/// A block and what holds for its postings.
#[derive(Debug, Clone)]
pub(crate) struct BoundedBlock {
    pub(crate) block: Block,
    pub(crate) bounds: BlockBounds,
    /// Where the term stands in the documents of the block, and perhaps of some more behind them; nothing in a database that stores
    /// no positions.
    pub(crate) positions: Positions,
}

/// A posting with what blocks keep beside it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewPosting<'a> {
    pub(crate) posting: Posting,
    /// Of the document.
    pub(crate) length: f32,
    /// Where the term stands in the document; `None` in a database that stores no positions.
    pub(crate) positions: Option<&'a [u32]>,
}

impl BoundedBlock {
    fn of(new: NewPosting<'_>) -> BoundedBlock {
        let (block, positions) = (Block::default(), Positions::default());
        let mut first = BoundedBlock { block, bounds: BlockBounds::of(new.posting, new.length), positions };
        first.put(new);
        first
    }

    fn push(&mut self, new: NewPosting<'_>) {
        self.bounds = self.bounds.and(new.posting, new.length);
        self.put(new);
    }

    fn put(&mut self, new: NewPosting<'_>) {
        self.block.push(new.posting);
        if let Some(positions) = new.positions {
            self.positions.push(positions);
        }
    }

    /// The part in front of a slot, `None` when there is none.
    fn before(self: &Arc<Self>, bound: Slot) -> Option<Arc<BoundedBlock>> {
        if self.bounds.last < bound {
            return Some(Arc::clone(self));
        }
        let mut block = Block::default();
        self.block.iter().take_while(|posting| posting.slot < bound).for_each(|posting| block.push(posting));
        // What bounds all of its postings bounds these.
        let (_, last) = block.ends()?;
        let bounds = BlockBounds { last, ..self.bounds };
        Some(Arc::new(BoundedBlock { block, bounds, positions: self.positions.clone() }))
    }
}

/// How far a view sees.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Horizon {
    /// Slots below this one.
    pub(crate) next_slot: Slot,
    /// Commits up to this one.
    pub(crate) commit: CommitId,
}

impl Horizon {
    /// Everything.
    pub(crate) const END: Horizon = Horizon { next_slot: Slot::MAX, commit: CommitId::MAX };
}

/// What a view sees of one term.
#[derive(Debug, Default)]
pub(crate) struct SeenDelta {
    /// New postings, each one more live document. Ascending by slot, all behind those of `.vdb`.
    pub(crate) blocks: Vec<Arc<BoundedBlock>>,
    /// Documents to be taken from the document frequency, of these postings or of those behind them.
    pub(crate) retired: u64,
}

impl SeenDelta {
    pub(crate) fn len(&self) -> u64 {
        self.blocks.iter().map(|block| block.block.len() as u64).sum()
    }
}

/// What all commits add to one term.
#[derive(Debug, Default)]
struct TermDelta {
    /// Full blocks. Most terms never have one.
    full: Vec<Arc<BoundedBlock>>,
    /// Postings behind them; fewer than a block.
    open: Option<Arc<BoundedBlock>>,
    /// Commits that retired documents with the term, ascending, each with how many were retired up to it.
    retired: Vec<(CommitId, u64)>,
}

impl TermDelta {
    fn push(&mut self, new: NewPosting<'_>) {
        let Some(open) = &mut self.open else {
            self.open = Some(Arc::new(BoundedBlock::of(new)));
            return;
        };
        // Copies the block only while a search reads it.
        let last = Arc::make_mut(open);
        last.push(new);
        if last.block.len() == BLOCK_POSTINGS {
            self.full.extend(self.open.take());
        }
    }

    fn retire(&mut self, count: u64, commit: CommitId) {
        match self.retired.last_mut() {
            Some((last, total)) if *last == commit => *total += count,
            last => {
                let total = last.map_or(0, |(_, total)| *total) + count;
                self.retired.push((commit, total));
            }
        }
    }

    fn seen(&self, horizon: Horizon) -> SeenDelta {
        let blocks = self.full.iter().chain(&self.open).map_while(|block| block.before(horizon.next_slot));
        let seen = self.retired.partition_point(|(commit, _)| *commit <= horizon.commit);
        let last = seen.checked_sub(1).and_then(|last| self.retired.get(last));
        SeenDelta { blocks: blocks.collect(), retired: last.map_or(0, |(_, total)| *total) }
    }
}

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct TermDeltas(DashMap<TermKey, TermDelta>);

impl TermDeltas {
    /// Changes what there is of a term, by the bytes of its key. Most terms are there already, and need no key of their own.
    fn change(&self, key: &[u8], change: impl FnOnce(&mut TermDelta)) {
        match self.0.get_mut(key) {
            Some(mut delta) => change(&mut delta),
            None => change(&mut self.0.entry(TermKey::from(key)).or_default()),
        }
    }

    /// Adds a posting. Slots ascend.
    pub(crate) fn push(&self, key: &[u8], new: NewPosting<'_>) {
        self.change(key, |delta| delta.push(new));
    }

    /// Takes so many documents from the document frequency. Commits ascend.
    pub(crate) fn retire(&self, key: &[u8], count: u64, commit: CommitId) {
        self.change(key, |delta| delta.retire(count, commit));
    }

    /// What there is of a term in front of the horizon.
    pub(crate) fn seen(&self, namespace: NamespaceId, term: &str, horizon: Horizon) -> SeenDelta {
        // The map is locked, in part, for as long as `delta` lives.
        let delta = self.0.get(TermKey::bytes(namespace, term).as_slice());
        delta.map(|delta| delta.seen(horizon)).unwrap_or_default()
    }

    /// Every term, in no particular order; a view may see nothing of some.
    pub(crate) fn terms(&self) -> Vec<TermKey> {
        self.0.iter().map(|entry| entry.key().clone()).collect()
    }

    /// Adds terms that a pattern matches, `limit` and one more at most.
    pub(crate) fn terms_matching(
        &self,
        namespace: NamespaceId,
        pattern: &TermPattern,
        limit: usize,
        terms: &mut BTreeSet<String>,
    ) {
        for entry in &self.0 {
            let (of, term) = entry.key().parts();
            if of == namespace && pattern.matches(term) {
                terms.insert(term.to_owned());
                if terms.len() > limit {
                    return;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn views_see_what_was_there_at_their_commit() {
        let posting = |slot| Posting { slot, weight: (slot % 5) as f32 };
        let deltas = TermDeltas::default();
        let key = TermKey::bytes(0, "word");
        for slot in 0..300 {
            let positions = [slot, slot + 7];
            let length = 400.0 - slot as f32;
            deltas.push(&key, NewPosting { posting: posting(slot), length, positions: Some(&positions) });
            if slot % 3 == 2 {
                deltas.retire(&key, 1, u64::from(slot));
                deltas.retire(&key, 1, u64::from(slot));
            }
        }
        for next_slot in 0..=300 {
            let seen = deltas.seen(0, "word", Horizon { next_slot, commit: u64::from(next_slot) });
            assert_eq!(seen.len(), u64::from(next_slot));
            let held = seen.blocks.iter().flat_map(|block| block.block.iter());
            assert!(held.eq((0..next_slot).map(posting)));
            assert_eq!(seen.retired, u64::from(next_slot + 1) / 3 * 2);
            for block in &seen.blocks {
                for (posting, positions) in block.block.iter().zip(block.positions.iter()) {
                    assert_eq!(positions, Some(&[posting.slot, posting.slot + 7][..]));
                }
                assert!(block.positions.len() >= block.block.len());
                assert_eq!(block.bounds.last, block.block.ends().unwrap().1);
            }
        }
        let all = deltas.seen(0, "word", Horizon::END);
        let sizes: Vec<usize> = all.blocks.iter().map(|block| block.block.len()).collect();
        assert_eq!(sizes, [128, 128, 44]);
        assert_eq!((all.blocks[1].bounds.last, all.blocks[1].bounds.largest_weight()), (255, 4.0));
        assert_eq!(deltas.seen(1, "word", Horizon::END).len(), 0, "another namespace");
        assert_eq!(deltas.terms(), [TermKey::from(key.as_slice())]);
    }
}
