//! Which slot a node stands for, and which node stands for a slot.

use std::io;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use super::Index;
use crate::memory::{Rows, Words};
use crate::{Error, kernel};

/// Stands where a node has no slot any more.
const NO_SLOT: u32 = u32::MAX;

impl Index {
    /// The slot of each node, in order of the nodes; `u32::MAX` for one that stands for no slot any more.
    pub fn slots(&self) -> impl Iterator<Item = u32> {
        (0..self.len() as u32).map(|node| self.slot(node).unwrap_or(NO_SLOT))
    }

    /// A copy for a new numbering of slots: `new_slot` gives the new number of a slot, or `None` for one that is gone.
    /// New numbers are below `frontier`, ascend as the old ones do, and are given once each. The node of a slot that is
    /// gone stays as a tombstone: searches walk over it and never return it, and filters are not asked about it. Nodes
    /// keep their numbers. Insertions wait meanwhile.
    pub fn renumbered(&self, frontier: u64, new_slot: impl Fn(u32) -> Option<u32>) -> Result<Index, Error> {
        let _inserting = self.lock_insertions();
        let nodes = self.len();
        let slots = Rows::new(4, nodes)?;
        let mut tombstones = 0;
        for slot in self.slots() {
            let new = Some(slot).filter(|slot| *slot != NO_SLOT).and_then(&new_slot);
            if let Some(slot) = new.filter(|slot| u64::from(*slot) >= frontier || *slot == NO_SLOT) {
                return Err(Error::Numbering { slot, frontier });
            }
            tombstones += usize::from(new.is_none());
            slots.push(&new.unwrap_or(NO_SLOT).to_le_bytes())?;
        }
        let (codes, layout) = (self.codes.copy(nodes)?, self.layout.copy(nodes)?);
        Ok(Index::over(self.params, codes, layout, slots, frontier, self.made.copy(), tombstones))
    }

    /// The slot that a node stands for, if it stands for one.
    pub(super) fn slot(&self, node: u32) -> Option<u32> {
        let slot = self.slots.get(node as usize)?.first_chunk()?;
        Some(u32::from_le_bytes(*slot)).filter(|slot| *slot != NO_SLOT)
    }

    /// Asks for the memory that says it.
    #[inline]
    pub(super) fn prefetch_slot(&self, node: u32) {
        if let Some(slot) = self.slots.get(node as usize) {
            kernel::prefetch(slot);
        }
    }

    pub(super) fn node(&self, nodes: &Words, slot: u32) -> Option<u32> {
        nodes.row(slot as usize)?.first()?.load(Ordering::Acquire).checked_sub(1)
    }

    /// The nodes of all slots.
    pub(super) fn nodes(&self) -> io::Result<&Words> {
        if let Some(nodes) = self.nodes.get() {
            return Ok(nodes);
        }
        let _numbering = self.numbering.lock().unwrap_or_else(PoisonError::into_inner);
        if self.nodes.get().is_none() {
            let nodes = Words::new(1, self.len())?;
            // A damaged image may claim slots that were never inserted, and memory would be asked for up to them.
            let end = self.appended.load(Ordering::Relaxed);
            for node in 0..self.len() as u32 {
                if let Some(slot) = self.slot(node).filter(|slot| u64::from(*slot) < end) {
                    number(&nodes, slot, node)?;
                }
            }
            // Nobody else was here meanwhile.
            let _ = self.nodes.set(nodes);
        }
        self.nodes.get().ok_or_else(|| io::ErrorKind::Other.into())
    }
}

/// Notes the node of a slot.
pub(super) fn number(nodes: &Words, slot: u32, node: u32) -> io::Result<()> {
    nodes.reserve(slot as usize + 1)?;
    if let Some([number]) = nodes.row(slot as usize) {
        number.store(node + 1, Ordering::Release);
    }
    Ok(())
}
