//! The slots under keys, sorted by key: what answers a filter in memory.

use std::collections::BTreeMap;
use std::ops::{Bound, Range};

use super::entries::{Class, Entry};
use crate::storage::record::Slot;
use crate::storage::slot_set::SlotSet;

/// Who can say which slots stand under keys.
pub(crate) trait Postings {
    /// Those under one key.
    fn at(&self, class: Class, key: &[u8]) -> SlotSet;
    /// Those of values under a range of keys.
    fn values_between(&self, from: Bound<&[u8]>, to: Bound<&[u8]>) -> SlotSet;
    /// Those under keys of which this is true.
    fn at_keys(&self, class: Class, wanted: &mut dyn FnMut(&[u8]) -> bool) -> SlotSet;
}

/// Postings that came one after the other.
pub(crate) type GrowingPostings = BTreeMap<Entry, Vec<Slot>>;

impl Postings for GrowingPostings {
    fn at(&self, class: Class, key: &[u8]) -> SlotSet {
        self.get(&(class, key.to_vec())).map(|slots| SlotSet::of(slots)).unwrap_or_default()
    }

    fn values_between(&self, from: Bound<&[u8]>, to: Bound<&[u8]>) -> SlotSet {
        let place = |key: &[u8]| (Class::Value, key.to_vec());
        let from = match from {
            Bound::Unbounded => Bound::Included(place(&[])),
            bound => bound.map(place),
        };
        let values = self.range((from, Bound::Unbounded)).take_while(|((class, key), _)| {
            *class == Class::Value
                && match to {
                    Bound::Included(to) => key.as_slice() <= to,
                    Bound::Excluded(to) => key.as_slice() < to,
                    Bound::Unbounded => true,
                }
        });
        let slots: Vec<Slot> = values.flat_map(|(_, slots)| slots.iter().copied()).collect();
        SlotSet::of(&slots)
    }

    fn at_keys(&self, class: Class, wanted: &mut dyn FnMut(&[u8]) -> bool) -> SlotSet {
        let of_class = self.range((class, Vec::new())..).take_while(|((other, _), _)| *other == class);
        let slots: Vec<Slot> = of_class
            .filter(|((_, key), _)| wanted(key))
            .flat_map(|(_, slots)| slots.iter().copied())
            .collect();
        SlotSet::of(&slots)
    }
}

/// Postings of one class, one list behind the other in the order of keys, so that a range of keys is a range of slots.
#[derive(Debug, Default)]
pub(crate) struct SortedPostings {
    /// Keys, one behind the other.
    keys: Vec<u8>,
    /// Where each key ends, and where its slots end.
    ends: Vec<(usize, usize)>,
    slots: Vec<Slot>,
    /// The set of the first `step`, `2 · step` … slots.
    sums: Vec<SlotSet>,
    step: usize,
}

/// Sums of parts this short would save little.
const LEAST_STEP: usize = 4_096;
/// So many sums are kept. Each takes a bit for each slot at most, so all of them take two bytes a slot, and a range is at most a
/// thirty-second of all slots away from one at each end.
const SUMS: usize = 16;

impl SortedPostings {
    /// Adds slots, ascending, under a key that is the last one or comes behind it.
    pub(super) fn push(&mut self, key: &[u8], slots: impl Iterator<Item = Slot>) {
        self.slots.extend(slots);
        let end = self.slots.len();
        let last = self.ends.len().checked_sub(1).filter(|last| self.key(*last) == key);
        match last.and_then(|last| self.ends.get_mut(last)) {
            Some((_, slots_end)) => *slots_end = end,
            None => {
                self.keys.extend_from_slice(key);
                self.ends.push((self.keys.len(), end));
            }
        }
    }

    /// Makes ranges quick. A slot must stand under one key only.
    pub(super) fn sum_up(&mut self) {
        self.step = (self.slots.len() / SUMS).max(LEAST_STEP);
        let mut sum = SlotSet::new();
        for part in self.slots.chunks_exact(self.step) {
            sum.extend(&SlotSet::of(part));
            self.sums.push(sum.clone());
        }
    }

    pub(super) fn shrink(&mut self) {
        self.keys.shrink_to_fit();
        self.ends.shrink_to_fit();
        self.slots.shrink_to_fit();
    }

    /// Hands every slot to `visit`, with its key.
    pub(super) fn visit(&self, visit: &mut dyn FnMut(&[u8], Slot)) {
        for number in 0..self.ends.len() {
            let slots = self.slots_at(self.start(number).1..self.start(number + 1).1);
            slots.iter().for_each(|slot| visit(self.key(number), *slot));
        }
    }

    fn start(&self, number: usize) -> (usize, usize) {
        number.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or_default()
    }

    fn key(&self, number: usize) -> &[u8] {
        let (start, end) = (self.start(number).0, self.start(number + 1).0);
        self.keys.get(start..end).unwrap_or_default()
    }

    /// How many keys are less (`false`: or equal).
    fn keys_before(&self, key: &[u8], strictly: bool) -> usize {
        let (mut low, mut high) = (0, self.ends.len());
        while low < high {
            let middle = low.midpoint(high);
            let before = if strictly { self.key(middle) < key } else { self.key(middle) <= key };
            if before {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    fn slots_at(&self, places: Range<usize>) -> &[Slot] {
        self.slots.get(places).unwrap_or_default()
    }

    pub(super) fn at(&self, key: &[u8]) -> SlotSet {
        let number = self.keys_before(key, true);
        if number == self.ends.len() || self.key(number) != key {
            return SlotSet::new();
        }
        SlotSet::of(self.slots_at(self.start(number).1..self.start(number + 1).1))
    }

    pub(super) fn between(&self, from: Bound<&[u8]>, to: Bound<&[u8]>) -> SlotSet {
        let first = match from {
            Bound::Included(key) => self.keys_before(key, true),
            Bound::Excluded(key) => self.keys_before(key, false),
            Bound::Unbounded => 0,
        };
        let end = match to {
            Bound::Included(key) => self.keys_before(key, false),
            Bound::Excluded(key) => self.keys_before(key, true),
            Bound::Unbounded => self.ends.len(),
        };
        let (from, to) = (self.start(first).1, self.start(end).1);
        if from >= to {
            return SlotSet::new();
        }
        if to - from <= self.step {
            return SlotSet::of(self.slots_at(from..to));
        }
        self.first(to).difference(&self.first(from))
    }

    /// The set of the first slots, from the nearest sum.
    fn first(&self, count: usize) -> SlotSet {
        let near = ((count + self.step / 2) / self.step).min(self.sums.len());
        let summed = near * self.step;
        let mut set = near.checked_sub(1).and_then(|sum| self.sums.get(sum)).cloned().unwrap_or_default();
        if summed <= count {
            set.extend(&SlotSet::of(self.slots_at(summed..count)));
            set
        } else {
            set.difference(&SlotSet::of(self.slots_at(count..summed)))
        }
    }

    pub(super) fn at_keys(&self, wanted: &mut dyn FnMut(&[u8]) -> bool) -> SlotSet {
        let mut slots = Vec::new();
        for number in 0..self.ends.len() {
            if wanted(self.key(number)) {
                slots.extend_from_slice(self.slots_at(self.start(number).1..self.start(number + 1).1));
            }
        }
        SlotSet::of(&slots)
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn sorted_and_growing_postings_answer_alike(
            // Many slots, so that there are several sums.
            keys in vec(0..300_u16, 1..40_000),
            bounds in vec((0..300_u16, 0..300_u16, 0..3_u8, 0..3_u8), 20),
        ) {
            let mut growing = GrowingPostings::new();
            for (slot, key) in (0..).zip(&keys) {
                let entry = (Class::Value, key.to_be_bytes().to_vec());
                growing.entry(entry).or_default().push(slot);
            }
            let mut sorted = SortedPostings::default();
            for ((_, key), slots) in &growing {
                let (head, tail) = slots.split_at(slots.len() / 2);
                sorted.push(key, head.iter().copied());
                sorted.push(key, tail.iter().copied());
            }
            sorted.sum_up();
            for (from, to, from_kind, to_kind) in bounds {
                let (from, to) = (from.to_be_bytes(), to.to_be_bytes());
                let bound = |kind: u8, key| match kind {
                    0 => Bound::Included(key),
                    1 => Bound::Excluded(key),
                    _ => Bound::Unbounded,
                };
                let (from, to) = (bound(from_kind, &from[..]), bound(to_kind, &to[..]));
                let inside = |key: &[u8]| std::ops::RangeBounds::<[u8]>::contains(&(from, to), key);
                let expected: SlotSet = (0..).zip(&keys).filter(|(_, key)| inside(&key.to_be_bytes())).map(|(slot, _)| slot).collect();
                prop_assert_eq!(sorted.between(from, to), expected.clone());
                prop_assert_eq!(growing.values_between(from, to), expected.clone());
                prop_assert_eq!(sorted.at_keys(&mut |key| inside(key)), expected.clone());
                prop_assert_eq!(growing.at_keys(Class::Value, &mut |key| inside(key)), expected);
            }
            for key in 0..302_u16 {
                let expected: SlotSet = (0..).zip(&keys).filter(|(_, other)| **other == key).map(|(slot, _)| slot).collect();
                prop_assert_eq!(sorted.at(&key.to_be_bytes()), expected.clone());
                prop_assert_eq!(growing.at(Class::Value, &key.to_be_bytes()), expected);
            }
        }
    }
}
