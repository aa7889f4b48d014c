//! A set of slots with cheap copies: blocks of 65,536 slots, shared until they change. The only file that names roaring.

use std::collections::BTreeMap;
use std::sync::Arc;

use roaring::RoaringBitmap;

use super::codec::{Decoder, Encoder, unseal};
use super::record::Slot;
use crate::error::{Error, Result};

/// Slots a block covers: what the upper half of a slot numbers, and what one roaring container holds.
const BLOCK_BITS: u32 = 16;

/// Whenever a block's length is a multiple of this, its smallest form is looked for: removals make many runs of few, and slots
/// that fill gaps few of many.
const REVIEWED: u64 = 256;

/// A set of slots. A clone shares its blocks; a change copies one block (at most 8 KiB).
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct SlotSet {
    blocks: BTreeMap<u16, Arc<RoaringBitmap>>,
}

fn block_of(slot: Slot) -> u16 {
    (slot >> BLOCK_BITS) as u16
}

impl SlotSet {
    pub(crate) fn new() -> SlotSet {
        SlotSet::default()
    }

    /// Whether the slot was not in the set before.
    pub(crate) fn insert(&mut self, slot: Slot) -> bool {
        let block = Arc::make_mut(self.blocks.entry(block_of(slot)).or_default());
        let new = block.insert(slot);
        // Slots are given out one after the other, so most blocks are a few runs, and a copy of one takes some bytes.
        if new && (block.len().is_power_of_two() || block.len().is_multiple_of(REVIEWED)) {
            block.optimize();
        }
        new
    }

    /// Whether the slot was in the set.
    pub(crate) fn remove(&mut self, slot: Slot) -> bool {
        let Some(block) = self.blocks.get_mut(&block_of(slot)).filter(|block| block.contains(slot)) else {
            return false;
        };
        let block = Arc::make_mut(block);
        block.remove(slot);
        if block.len().is_multiple_of(REVIEWED) {
            block.optimize();
        }
        if block.is_empty() {
            self.blocks.remove(&block_of(slot));
        }
        true
    }

    pub(crate) fn contains(&self, slot: Slot) -> bool {
        self.blocks.get(&block_of(slot)).is_some_and(|block| block.contains(slot))
    }

    pub(crate) fn len(&self) -> u64 {
        self.blocks.values().map(|block| block.len()).sum()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// Ascending.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Slot> + '_ {
        self.blocks.values().flat_map(|block| block.iter())
    }

    /// Ascending, from `first` on.
    pub(crate) fn iter_from(&self, first: Slot) -> impl Iterator<Item = Slot> + '_ {
        self.blocks.range(block_of(first)..).flat_map(move |(_, block)| block.range(first..))
    }

    /// The slots in both sets.
    pub(crate) fn intersection(&self, other: &SlotSet) -> SlotSet {
        let mut blocks = BTreeMap::new();
        for (number, block) in &self.blocks {
            let Some(both) = other.blocks.get(number).map(|other| block.as_ref() & other.as_ref()) else {
                continue;
            };
            if !both.is_empty() {
                blocks.insert(*number, Arc::new(both));
            }
        }
        SlotSet { blocks }
    }

    /// Takes the slots of another set in.
    pub(crate) fn extend(&mut self, other: &SlotSet) {
        for (number, block) in &other.blocks {
            let mine = self.blocks.entry(*number).or_default();
            *Arc::make_mut(mine) |= block.as_ref();
        }
    }

    /// The slots of this set that are not in `other`.
    pub(crate) fn difference(&self, other: &SlotSet) -> SlotSet {
        let mut result = self.clone();
        for (number, block) in &other.blocks {
            if let Some(mine) = result.blocks.get_mut(number) {
                let rest = mine.as_ref() - block.as_ref();
                if rest.is_empty() {
                    result.blocks.remove(number);
                } else {
                    *mine = Arc::new(rest);
                }
            }
        }
        result
    }

    /// The blocks that differ from `base`, as `(number, block)`; `None` for a block that is gone.
    pub(crate) fn changes_since<'a>(
        &'a self,
        base: &'a SlotSet,
    ) -> impl Iterator<Item = (u16, Option<&'a RoaringBitmap>)> + 'a {
        let changed = self.blocks.iter().filter_map(|(number, block)| {
            let same = base.blocks.get(number).is_some_and(|old| Arc::ptr_eq(old, block));
            (!same).then_some((*number, Some(block.as_ref())))
        });
        let gone = base.blocks.keys().filter(|number| !self.blocks.contains_key(number));
        changed.chain(gone.map(|number| (*number, None)))
    }

    /// Puts a block read from a file in its place.
    pub(crate) fn adopt(&mut self, number: u16, block: RoaringBitmap) {
        if !block.is_empty() {
            self.blocks.insert(number, Arc::new(block));
        }
    }
}

impl FromIterator<Slot> for SlotSet {
    fn from_iter<I: IntoIterator<Item = Slot>>(slots: I) -> SlotSet {
        let mut set = SlotSet::new();
        for slot in slots {
            set.insert(slot);
        }
        set
    }
}

/// One block as a table value: roaring's portable serialization, sealed.
pub(crate) fn encode_block(table: &str, key: &[u8], block: &RoaringBitmap) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(block.serialized_size());
    block.serialize_into(&mut bytes).map_err(|error| Error::io("could not encode live slots", error))?;
    let mut encoder = Encoder::sealed();
    encoder.bytes(&bytes);
    Ok(encoder.seal(table, key))
}

/// The inverse of [`encode_block`]; every slot must belong to block `number`.
pub(crate) fn decode_block(table: &str, key: &[u8], number: u16, value: &[u8]) -> Result<RoaringBitmap> {
    let mut decoder = Decoder::new("a block of live slots", unseal(table, key, value)?);
    let bytes = decoder.bytes()?;
    let block = RoaringBitmap::deserialize_from(bytes).map_err(|_| decoder.malformed())?;
    let inside = block.min().is_none_or(|slot| block_of(slot) == number)
        && block.max().is_none_or(|slot| block_of(slot) == number);
    if !inside {
        return Err(decoder.malformed());
    }
    decoder.finish()?;
    Ok(block)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// xorshift64: enough randomness for sets, and a seed that can be printed.
    fn random(state: &mut u64) -> u64 {
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        *state
    }

    fn slots(state: &mut u64, count: usize) -> BTreeSet<Slot> {
        (0..count).map(|_| (random(state) % 200_000) as Slot).collect()
    }

    #[test]
    fn behaves_like_a_btree_set() {
        for seed in 1..20_u64 {
            let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
            let (a, b) = (slots(&mut state, 3_000), slots(&mut state, 500));
            let (left, right): (SlotSet, SlotSet) =
                (a.iter().copied().collect(), b.iter().copied().collect());
            let expect = |set: SlotSet, model: BTreeSet<Slot>, what: &str| {
                assert_eq!(
                    set.iter().collect::<Vec<_>>(),
                    model.into_iter().collect::<Vec<_>>(),
                    "{what}, seed {seed}"
                );
            };
            expect(left.intersection(&right), a.intersection(&b).copied().collect(), "intersection");
            let mut both = left.clone();
            both.extend(&right);
            expect(both, a.union(&b).copied().collect(), "extend");
            expect(left.difference(&right), a.difference(&b).copied().collect(), "difference");
            let mut removed = left.clone();
            for slot in &b {
                assert_eq!(removed.remove(*slot), a.contains(slot), "seed {seed}");
            }
            assert_eq!(left.len(), a.len() as u64, "a clone changed its original, seed {seed}");
            expect(removed, a.difference(&b).copied().collect(), "remove");
        }
    }

    #[test]
    fn slots_given_out_in_order_stay_a_few_runs() {
        let mut set: SlotSet = (0..200_000).collect();
        let bytes = |set: &SlotSet| set.blocks.values().map(|block| block.serialized_size()).sum::<usize>();
        assert!(bytes(&set) < 100, "{} bytes for one run in four blocks", bytes(&set));
        // Every second one goes: as runs they would take four bytes each.
        let mut model: BTreeSet<Slot> = (0..200_000).collect();
        for slot in (0..200_000).step_by(2) {
            assert!(set.remove(slot));
            model.remove(&slot);
        }
        assert!(set.iter().eq(model.iter().copied()));
        assert!(
            bytes(&set) < 4 * (8 << 10) + 2_048,
            "{} bytes where bitmaps take 8 KiB a block",
            bytes(&set)
        );
    }

    #[test]
    fn only_changed_blocks_are_reported() {
        let base: SlotSet = [1, 70_000, 140_000].into_iter().collect();
        let mut next = base.clone();
        next.insert(2);
        next.remove(70_000);
        let changes: Vec<(u16, bool)> =
            next.changes_since(&base).map(|(number, block)| (number, block.is_some())).collect();
        assert_eq!(changes, [(0, true), (1, false)]);
    }
}
