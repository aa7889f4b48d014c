//! What a memtable adds to one term: postings in blocks that copies share, each with its bounds.

use std::sync::Arc;

use vectlite_text::{BLOCK_POSTINGS, Block, BlockBounds, Posting};

/// A block and what holds for its postings.
#[derive(Debug, Clone)]
pub(crate) struct BoundedBlock {
    pub(crate) block: Block,
    pub(crate) bounds: BlockBounds,
}

/// See the module. A copy costs two counters; the first addition after it copies one block.
#[derive(Debug, Clone, Default)]
pub(crate) struct TermDelta {
    /// Full blocks. Most terms never have one.
    full: Option<Arc<Vec<Arc<BoundedBlock>>>>,
    /// Postings behind them; fewer than a block.
    open: Option<Arc<BoundedBlock>>,
    /// Documents to be taken from the document frequency, of this memtable's postings or of those behind it.
    pub(crate) retired: u64,
}

impl TermDelta {
    /// New postings, each one more live document. Ascending by slot, all behind those of `.vdb`.
    pub(crate) fn blocks(&self) -> impl Iterator<Item = &BoundedBlock> {
        self.full.iter().flat_map(|full| full.iter()).chain(&self.open).map(Arc::as_ref)
    }

    pub(crate) fn len(&self) -> u64 {
        self.blocks().map(|block| block.block.len() as u64).sum()
    }

    /// Adds a posting of a document of this length.
    pub(crate) fn push(&mut self, posting: Posting, length: f32) {
        let Some(open) = &mut self.open else {
            let mut block = Block::default();
            block.push(posting);
            self.open = Some(Arc::new(BoundedBlock { block, bounds: BlockBounds::of(posting, length) }));
            return;
        };
        let last = Arc::make_mut(open);
        last.block.push(posting);
        last.bounds = last.bounds.and(posting, length);
        if last.block.len() == BLOCK_POSTINGS {
            let full = self.full.get_or_insert_default();
            Arc::make_mut(full).extend(self.open.take());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_keep_what_they_had() {
        let posting = |slot| Posting { slot, weight: (slot % 5) as f32 };
        let mut delta = TermDelta::default();
        let mut copies = Vec::new();
        for slot in 0..300 {
            copies.push(delta.clone());
            delta.push(posting(slot), 400.0 - slot as f32);
        }
        for (len, copy) in copies.iter().enumerate() {
            assert_eq!(copy.len(), len as u64);
            let held = copy.blocks().flat_map(|block| block.block.iter());
            assert!(held.eq((0..len as u32).map(posting)));
        }
        let sizes: Vec<usize> = delta.blocks().map(|block| block.block.len()).collect();
        assert_eq!(sizes, [128, 128, 44]);
        let bounds = delta.blocks().nth(1).unwrap().bounds;
        assert_eq!((bounds.last, bounds.largest_weight()), (255, 4.0));
    }
}
