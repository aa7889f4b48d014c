//! A set of slots with cheap copies: blocks of 65,536 slots, shared until they change, and the run that is growing. The only
//! file that names roaring.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use roaring::RoaringBitmap;

use super::codec::{Decoder, Encoder, unseal};
use super::record::Slot;
use crate::error::{Error, Result};

/// Slots a block covers: what the upper half of a slot numbers, and what one roaring container holds.
const BLOCK_BITS: u32 = 16;

/// Whenever a block's length is a multiple of this (or a power of two, while it is small), its smallest form is looked for: removals
/// make many runs of few, and slots that fill gaps few of many.
const REVIEWED: u64 = 256;

/// The slots of one block.
pub(crate) type Block = RoaringBitmap;

type Blocks = BTreeMap<u16, Arc<Block>>;

/// Bytes of a block as a map of bits.
const BLOCK_BYTES: usize = 1 << (BLOCK_BITS - 3);

/// A set of slots. A clone shares its blocks; a change copies one block (at most 8 KiB), and the insertion of the next slot, which
/// nearly every commit does, nothing.
#[derive(Debug, Clone, Default)]
pub(crate) struct SlotSet {
    blocks: Arc<Blocks>,
    /// The last slots, one after the other, all behind those in the blocks.
    run: Range<Slot>,
}

/// The number of a slot's block.
pub(crate) fn block_of(slot: Slot) -> u16 {
    (slot >> BLOCK_BITS) as u16
}

impl SlotSet {
    pub(crate) fn new() -> SlotSet {
        SlotSet::default()
    }

    /// Some slots, in any order. Many at once are put together faster than one by one.
    pub(crate) fn of(slots: &[Slot]) -> SlotSet {
        if slots.is_sorted() {
            return SlotSet::of_sorted(slots);
        }
        // Unsorted ones are marked in a map of bits, where they are not so few that sorting them is less work.
        let (Some(first), Some(last)) = (slots.iter().min(), slots.iter().max()) else {
            return SlotSet::new();
        };
        let (first_block, last_block) = (usize::from(block_of(*first)), usize::from(block_of(*last)));
        let bytes = (last_block - first_block + 1) * BLOCK_BYTES;
        if slots.len() < bytes / 64 {
            let mut sorted = slots.to_vec();
            sorted.sort_unstable();
            return SlotSet::of_sorted(&sorted);
        }
        let mut bits = vec![0_u8; bytes];
        let start = (first_block as Slot) << BLOCK_BITS;
        for slot in slots {
            let at = slot - start;
            if let Some(byte) = bits.get_mut(at as usize / 8) {
                *byte |= 1 << (at % 8);
            }
        }
        let blocks = (first_block..).zip(bits.chunks_exact(BLOCK_BYTES)).map(|(number, bits)| {
            let offset = (number as Slot) << BLOCK_BITS;
            (number as u16, Arc::new(RoaringBitmap::from_lsb0_bytes(offset, bits)))
        });
        SlotSet::from(blocks.filter(|(_, block)| !block.is_empty()).collect::<Blocks>())
    }

    fn of_sorted(slots: &[Slot]) -> SlotSet {
        let blocks = slots.chunk_by(|left, right| block_of(*left) == block_of(*right)).map(|slots| {
            let mut block = RoaringBitmap::new();
            // Equal ones beside each other are refused as unsorted.
            let distinct = slots.chunk_by(|left, right| left == right).filter_map(<[Slot]>::first);
            let _ = block.append(distinct.copied());
            (slots.first().map_or(0, |slot| block_of(*slot)), Arc::new(block))
        });
        SlotSet::from(blocks.collect::<Blocks>())
    }

    /// Whether the slot was not in the set before.
    pub(crate) fn insert(&mut self, slot: Slot) -> bool {
        if self.contains(slot) {
            return false;
        }
        let behind_all = slot >= self.run.end && self.last_in_blocks().is_none_or(|last| last < slot);
        match slot.checked_add(1).filter(|_| behind_all) {
            Some(end) if slot == self.run.end && !self.run.is_empty() => self.run.end = end,
            Some(end) => {
                self.end_run();
                self.run = slot..end;
            }
            None => {
                self.end_run();
                self.change(slot, |block| block.insert(slot));
            }
        }
        true
    }

    /// Whether the slot was in the set.
    pub(crate) fn remove(&mut self, slot: Slot) -> bool {
        if !self.contains(slot) {
            return false;
        }
        self.end_run();
        self.change(slot, |block| block.remove(slot));
        true
    }

    fn last_in_blocks(&self) -> Option<Slot> {
        self.blocks.last_key_value().and_then(|(_, block)| block.max())
    }

    /// Changes the block of a slot by one slot.
    fn change(&mut self, slot: Slot, change: impl FnOnce(&mut RoaringBitmap) -> bool) {
        let blocks = Arc::make_mut(&mut self.blocks);
        let block = Arc::make_mut(blocks.entry(block_of(slot)).or_default());
        change(block);
        if block.is_empty() {
            blocks.remove(&block_of(slot));
        } else if block.len().is_power_of_two() || block.len().is_multiple_of(REVIEWED) {
            block.optimize();
        }
    }

    /// Puts the run into the blocks.
    fn end_run(&mut self) {
        let run = std::mem::take(&mut self.run);
        if run.len() <= 1 {
            // Slots that several namespaces take in turn: the smallest form is not looked for each time.
            run.for_each(|slot| self.change(slot, |block| block.insert(slot)));
            return;
        }
        let blocks = Arc::make_mut(&mut self.blocks);
        for number in block_of(run.start)..=block_of(run.end - 1) {
            let first = Slot::from(number) << BLOCK_BITS;
            let block = Arc::make_mut(blocks.entry(number).or_default());
            block.insert_range(run.start.max(first)..=(run.end - 1).min(first | ((1 << BLOCK_BITS) - 1)));
            block.optimize();
        }
    }

    /// All of it as blocks.
    fn all_blocks(&self) -> Cow<'_, Blocks> {
        if self.run.is_empty() {
            return Cow::Borrowed(&self.blocks);
        }
        let mut copy = self.clone();
        copy.end_run();
        Cow::Owned(Arc::unwrap_or_clone(copy.blocks))
    }

    pub(crate) fn contains(&self, slot: Slot) -> bool {
        self.run.contains(&slot) || self.blocks.get(&block_of(slot)).is_some_and(|block| block.contains(slot))
    }

    pub(crate) fn len(&self) -> u64 {
        self.blocks.values().map(|block| block.len()).sum::<u64>() + self.run.len() as u64
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.run.is_empty() && self.blocks.is_empty()
    }

    /// Ascending.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Slot> + '_ {
        self.blocks.values().flat_map(|block| block.iter()).chain(self.run.clone())
    }

    /// Ascending, from `first` on.
    pub(crate) fn iter_from(&self, first: Slot) -> impl Iterator<Item = Slot> + '_ {
        let blocks = self.blocks.range(block_of(first)..);
        blocks.flat_map(move |(_, block)| block.range(first..)).chain(self.run.start.max(first)..self.run.end)
    }

    /// Those below `end`, ascending; faster than one by one.
    pub(crate) fn below(&self, end: u64) -> Vec<Slot> {
        let mut slots = vec![0; usize::try_from(self.len()).unwrap_or_default()];
        let mut rest = slots.as_mut_slice();
        for (number, block) in self.blocks.iter() {
            let taken = if block.len() > Slot::from(u16::MAX).into() {
                // roaring 0.12 counts the run of a full block in 16 bits, and finds nothing in it.
                let first = Slot::from(*number) << BLOCK_BITS;
                rest.iter_mut()
                    .zip(first..=first | Slot::from(u16::MAX))
                    .map(|(place, slot)| *place = slot)
                    .count()
            } else {
                block.iter().next_many(rest).len()
            };
            rest = rest.get_mut(taken..).unwrap_or_default();
        }
        rest.iter_mut().zip(self.run.clone()).for_each(|(place, slot)| *place = slot);
        slots.truncate(slots.partition_point(|slot| u64::from(*slot) < end));
        slots
    }

    fn first(&self) -> Option<Slot> {
        let first = self.blocks.first_key_value().and_then(|(_, block)| block.min());
        first.or_else(|| self.run.clone().next())
    }

    fn last(&self) -> Option<Slot> {
        self.run.clone().next_back().or_else(|| self.last_in_blocks())
    }

    /// Whether it is a range without gaps around the other one, as the live slots are until something is deleted.
    fn spans(&self, other: &SlotSet) -> bool {
        let ends = |set: &SlotSet| set.first().zip(set.last());
        match (ends(self), ends(other)) {
            (Some((first, last)), Some((least, most))) => {
                first <= least && most <= last && self.len() == u64::from(last - first) + 1
            }
            (_, other) => other.is_none(),
        }
    }

    /// The slots in both sets.
    pub(crate) fn intersection(&self, other: &SlotSet) -> SlotSet {
        if self.spans(other) {
            return other.clone();
        }
        if other.spans(self) {
            return self.clone();
        }
        let theirs = other.all_blocks();
        let mut blocks = BTreeMap::new();
        for (number, block) in self.all_blocks().iter() {
            let Some(both) = theirs.get(number).map(|other| block.as_ref() & other.as_ref()) else {
                continue;
            };
            if !both.is_empty() {
                blocks.insert(*number, Arc::new(both));
            }
        }
        SlotSet::from(blocks)
    }

    /// Takes the slots of another set in.
    pub(crate) fn extend(&mut self, other: &SlotSet) {
        self.end_run();
        let blocks = Arc::make_mut(&mut self.blocks);
        for (number, block) in other.all_blocks().iter() {
            match blocks.get_mut(number) {
                Some(mine) => *Arc::make_mut(mine) |= block.as_ref(),
                None => drop(blocks.insert(*number, Arc::clone(block))),
            }
        }
    }

    /// The slots of this set that are not in `other`.
    pub(crate) fn difference(&self, other: &SlotSet) -> SlotSet {
        let mut blocks = self.all_blocks().into_owned();
        for (number, block) in other.all_blocks().iter() {
            if let Some(mine) = blocks.get_mut(number) {
                let rest = mine.as_ref() - block.as_ref();
                if rest.is_empty() {
                    blocks.remove(number);
                } else {
                    *mine = Arc::new(rest);
                }
            }
        }
        SlotSet::from(blocks)
    }

    /// The blocks that differ from `base`, as `(number, block)`; `None` for a block that is gone.
    pub(crate) fn changes_since(&self, base: &SlotSet) -> Vec<(u16, Option<Arc<RoaringBitmap>>)> {
        let (new, old) = (self.all_blocks(), base.all_blocks());
        let same = |old: &Arc<RoaringBitmap>, new| Arc::ptr_eq(old, new) || old == new;
        let is_new = |number, block| !old.get(number).is_some_and(|old| same(old, block));
        let changed = new.iter().filter(|(number, block)| is_new(number, block));
        let gone = old.keys().filter(|number| !new.contains_key(number));
        let changed = changed.map(|(number, block)| (*number, Some(Arc::clone(block))));
        changed.chain(gone.map(|number| (*number, None))).collect()
    }

    /// Puts a block read from a file in its place.
    pub(crate) fn adopt(&mut self, number: u16, block: RoaringBitmap) {
        self.end_run();
        if !block.is_empty() {
            Arc::make_mut(&mut self.blocks).insert(number, Arc::new(block));
        }
    }
}

impl From<Blocks> for SlotSet {
    fn from(blocks: Blocks) -> SlotSet {
        SlotSet { blocks: Arc::new(blocks), run: 0..0 }
    }
}

/// The same slots, however they are kept.
impl PartialEq for SlotSet {
    fn eq(&self, other: &SlotSet) -> bool {
        self.all_blocks() == other.all_blocks()
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

/// A block with some slots put in (`true`) or taken out; `None` when nothing is left.
pub(crate) fn changed_block(
    block: Option<Block>,
    changes: impl Iterator<Item = (Slot, bool)>,
) -> Option<Block> {
    let mut block = block.unwrap_or_default();
    for (slot, added) in changes {
        if added {
            block.insert(slot);
        } else {
            block.remove(slot);
        }
    }
    block.optimize();
    Some(block).filter(|block| !block.is_empty())
}

/// One block as a table value: roaring's portable serialization, sealed.
pub(crate) fn encode_block(table: &str, key: &[u8], block: &RoaringBitmap) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(block.serialized_size());
    block.serialize_into(&mut bytes).map_err(|error| Error::io("could not encode a set of slots", error))?;
    let mut encoder = Encoder::sealed();
    encoder.bytes(&bytes);
    Ok(encoder.seal(table, key))
}

/// The inverse of [`encode_block`]; every slot must belong to block `number`.
pub(crate) fn decode_block(table: &str, key: &[u8], number: u16, value: &[u8]) -> Result<RoaringBitmap> {
    let mut decoder = Decoder::new("a block of slots", unseal(table, key, value)?);
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
            for model in [&a, &b] {
                let mut mixed: Vec<Slot> = model.iter().chain(model.iter().take(9)).copied().collect();
                mixed.rotate_left((random(&mut state) % 100) as usize);
                assert!(SlotSet::of(&mixed).iter().eq(model.iter().copied()), "of, seed {seed}");
                let few = &mixed[..3];
                assert_eq!(SlotSet::of(few), few.iter().copied().collect(), "of few, seed {seed}");
            }
            let expect = |set: SlotSet, model: BTreeSet<Slot>, what: &str| {
                assert_eq!(
                    set.iter().collect::<Vec<_>>(),
                    model.into_iter().collect::<Vec<_>>(),
                    "{what}, seed {seed}"
                );
            };
            let ends = [0, 70_000, 150_000, 300_000];
            for end in ends {
                let below: Vec<Slot> = a.range(..end).copied().collect();
                assert_eq!(left.below(u64::from(end)), below, "below {end}, seed {seed}");
                let range: SlotSet = (ends[1]..end).collect();
                let inside = a.iter().copied().filter(|slot| (ends[1]..end).contains(slot)).collect();
                expect(left.intersection(&range), inside, "intersection with a range");
                assert_eq!(range.intersection(&left), left.intersection(&range), "seed {seed}");
            }
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

    /// As commits use it: mostly the next slot, now and then one is skipped or goes, and views keep copies.
    #[test]
    fn a_growing_set_and_its_copies_behave_like_btree_sets() {
        for seed in 1..20_u64 {
            let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
            let (mut set, mut model, mut next) = (SlotSet::new(), BTreeSet::new(), 65_000);
            let mut copies = Vec::new();
            for _ in 0..2_000 {
                match random(&mut state) % 16 {
                    0 => next += 1,
                    1 => {
                        let slot = next - (random(&mut state) % 40) as Slot;
                        assert_eq!(set.remove(slot), model.remove(&slot), "remove {slot}, seed {seed}");
                    }
                    2 => {
                        let slot = next - (random(&mut state) % 40) as Slot;
                        assert_eq!(set.insert(slot), model.insert(slot), "insert {slot}, seed {seed}");
                    }
                    3 => copies.push((set.clone(), model.clone())),
                    _ => {
                        assert!(set.insert(next) == model.insert(next), "next {next}, seed {seed}");
                        next += 1;
                    }
                }
            }
            copies.push((set, model));
            for (copy, model) in &copies {
                assert!(copy.iter().eq(model.iter().copied()), "seed {seed}");
                let from = next - 100;
                assert!(copy.iter_from(from).eq(model.range(from..).copied()), "seed {seed}");
                assert_eq!((copy.len(), copy.is_empty()), (model.len() as u64, model.is_empty()));
                assert!(copy.below(from.into()).iter().eq(model.range(..from)), "seed {seed}");
                assert!(*copy == model.iter().copied().collect::<SlotSet>(), "seed {seed}");
            }
            let (older, newer) = (&copies[copies.len() / 2], &copies[copies.len() - 1]);
            let mut stored = older.0.clone();
            for (number, block) in newer.0.changes_since(&older.0) {
                let whole = block.map_or(RoaringBitmap::new(), |block| block.as_ref().clone());
                let old: Vec<Slot> = stored.iter().filter(|slot| block_of(*slot) == number).collect();
                old.into_iter().for_each(|slot| assert!(stored.remove(slot)));
                stored.adopt(number, whole);
            }
            assert!(stored.iter().eq(newer.1.iter().copied()), "what a checkpoint stores, seed {seed}");
            assert!(newer.0.changes_since(&newer.0).is_empty());
        }
    }

    #[test]
    fn slots_given_out_in_order_stay_a_few_runs() {
        let mut set: SlotSet = (0..200_000).collect();
        let bytes =
            |set: &SlotSet| set.all_blocks().values().map(|block| block.serialized_size()).sum::<usize>();
        assert!(bytes(&set) < 100, "{} bytes for one run in four blocks", bytes(&set));
        // Read from a file, none of them is in the run that grows.
        let read = SlotSet { blocks: Arc::new(set.all_blocks().into_owned()), run: 0..0 };
        for end in [0, 1, 65_535, 65_536, 65_537, 131_072, 200_000, 300_000] {
            for set in [&set, &read] {
                assert!(set.below(end).into_iter().eq(0..(end.min(200_000) as Slot)), "below {end}");
            }
        }
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
            next.changes_since(&base).iter().map(|(number, block)| (*number, block.is_some())).collect();
        assert_eq!(changes, [(0, true), (1, false)]);
    }
}
