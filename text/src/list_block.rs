//! A block as a search reads it: slots, weights, and the lengths of the documents.

use std::borrow::Cow;

use crate::block::{BLOCK_POSTINGS, Block, BlockError, decode_columns, encoded_len};
use crate::posting::Posting;

/// Slots, weights, lengths.
const COLUMNS: usize = 3;

/// See the module. The columns stand one behind the other in one allocation: a look at one posting waits for memory once.
#[derive(Debug, Clone, PartialEq)]
pub struct ListBlock(Columns);

#[derive(Debug, Clone, PartialEq)]
enum Columns {
    /// Any postings: slots, then the bits of the weights, then those of the lengths.
    Wide(Vec<u32>),
    /// Postings all of whose numbers are integers below 2^16, slots counted from the first one: half as much memory, for which a
    /// search waits.
    Narrow { first: u32, columns: Vec<u16> },
}

/// Postings from one place in a block on, and what each adds to a score.
#[derive(Debug)]
pub(crate) struct Parts {
    slots: [u32; BLOCK_POSTINGS],
    scores: [f32; BLOCK_POSTINGS],
    len: usize,
}

impl Parts {
    pub(crate) fn new() -> Parts {
        Parts { slots: [0; BLOCK_POSTINGS], scores: [0.0; BLOCK_POSTINGS], len: 0 }
    }

    #[cfg(test)]
    pub(crate) fn of(postings: &[(u32, f32)]) -> Parts {
        let mut parts = Parts::new();
        for (place, (slot, score)) in postings.iter().enumerate() {
            (parts.slots[place], parts.scores[place]) = (*slot, *score);
        }
        parts.len = postings.len();
        parts
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The slots, and a score for each.
    pub(crate) fn columns(&self) -> (&[u32], &[f32]) {
        let slots = self.slots.get(..self.len).unwrap_or_default();
        (slots, self.scores.get(..self.len).unwrap_or_default())
    }
}

impl Default for ListBlock {
    fn default() -> ListBlock {
        ListBlock(Columns::Wide(Vec::new()))
    }
}

/// The column of that number.
fn column<T>(columns: &[T], number: usize) -> &[T] {
    let len = columns.len() / COLUMNS;
    columns.get(number * len..(number + 1) * len).unwrap_or_default()
}

/// Columns of numbers of any kind, from the place `at` on.
fn columns_from<T>(columns: &[T], at: usize) -> [&[T]; COLUMNS] {
    [0, 1, 2].map(|number| column(columns, number).get(at..).unwrap_or_default())
}

impl ListBlock {
    /// Becomes what these bytes hold, with the length of each posting's document from `length`.
    ///
    /// # Errors
    /// As [`decode_block`](crate::decode_block); the block is empty then.
    pub fn decode(&mut self, bytes: &[u8], length: impl FnMut(u32) -> f32) -> Result<(), BlockError> {
        let decoded = encoded_len(bytes)
            .and_then(|len| self.fill(len, length, |slots, weights| decode_columns(bytes, slots, weights)));
        if decoded.is_err() {
            self.clear();
        }
        decoded
    }

    /// Becomes a block of these postings, with the length of each one's document from `length`.
    pub fn copy_from(&mut self, block: &Block, length: impl FnMut(u32) -> f32) {
        let copy = |slots: &mut [u32], weights: &mut [f32]| {
            for ((slot, weight), posting) in slots.iter_mut().zip(weights).zip(block.iter()) {
                (*slot, *weight) = (posting.slot, posting.weight);
            }
            Ok::<(), std::convert::Infallible>(())
        };
        let Ok(()) = self.fill(block.len(), length, copy);
    }

    /// Becomes so many postings, whose slots and weights `write` writes. After an error it holds what it held, or nothing.
    fn fill<E>(
        &mut self,
        len: usize,
        mut length: impl FnMut(u32) -> f32,
        write: impl FnOnce(&mut [u32], &mut [f32]) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut columns = match &mut self.0 {
            Columns::Wide(columns) => std::mem::take(columns),
            Columns::Narrow { .. } => Vec::new(),
        };
        columns.resize(COLUMNS * len, 0);
        let (slots, others) = columns.split_at_mut(len);
        let (weights, lengths) = bytemuck::cast_slice_mut(others).split_at_mut(len);
        write(slots, weights)?;
        lengths.iter_mut().zip(slots).for_each(|(place, slot)| *place = length(*slot));
        self.0 = Columns::Wide(columns);
        Ok(())
    }

    /// The same postings in half the memory, where that holds them.
    #[must_use]
    pub fn narrowed(self) -> ListBlock {
        let Columns::Wide(wide) = &self.0 else { return self };
        let [slots, weights, lengths] = columns_from(wide, 0);
        let (Some(first), Some(last)) = (slots.first(), slots.last()) else { return self };
        let fits = |bits: &u32| f32::from(f32::from_bits(*bits) as u16).to_bits() == *bits;
        // All are looked at, whatever the first ones say: that takes SIMD.
        let all_fit = |column: &[u32]| column.iter().fold(true, |all, bits| all & fits(bits));
        let near = last.saturating_sub(*first) <= u32::from(u16::MAX) && slots.len() <= BLOCK_POSTINGS;
        if !near || !all_fit(weights) || !all_fit(lengths) {
            return self;
        }
        let numbers = weights.iter().chain(lengths).map(|bits| f32::from_bits(*bits) as u16);
        let columns = slots.iter().map(|slot| slot.wrapping_sub(*first) as u16).chain(numbers).collect();
        ListBlock(Columns::Narrow { first: *first, columns })
    }

    /// Takes all postings out.
    pub fn clear(&mut self) {
        match &mut self.0 {
            Columns::Wide(columns) => columns.clear(),
            Columns::Narrow { columns, .. } => columns.clear(),
        }
    }

    /// How many postings there are.
    pub fn len(&self) -> usize {
        match &self.0 {
            Columns::Wide(columns) => columns.len() / COLUMNS,
            Columns::Narrow { columns, .. } => columns.len() / COLUMNS,
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The posting at a place, and the length of its document.
    pub fn get(&self, at: usize) -> Option<(Posting, f32)> {
        match &self.0 {
            Columns::Wide(columns) => {
                let [slot, weight, length] = [0, 1, 2].map(|number| column(columns, number).get(at).copied());
                let (weight, length) = (f32::from_bits(weight?), f32::from_bits(length?));
                Some((Posting { slot: slot?, weight }, length))
            }
            Columns::Narrow { first, columns } => {
                let [slot, weight, length] = [0, 1, 2].map(|number| column(columns, number).get(at).copied());
                let posting =
                    Posting { slot: first.wrapping_add(u32::from(slot?)), weight: f32::from(weight?) };
                Some((posting, f32::from(length?)))
            }
        }
    }

    /// The postings, ascending, and the length of each one's document.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (Posting, f32)> + '_ {
        (0..self.len()).filter_map(|at| self.get(at))
    }

    /// The largest weight; 0 in an empty block.
    pub fn largest_weight(&self) -> f32 {
        match &self.0 {
            // The bits of numbers that are not negative are in the order of the numbers, and take SIMD to compare.
            Columns::Wide(columns) => {
                let bits = column(columns, 1).iter().map(|bits| *bits as i32);
                f32::from_bits(bits.fold(0, i32::max) as u32)
            }
            Columns::Narrow { columns, .. } => column(columns, 1).iter().copied().fold(0, u16::max).into(),
        }
    }

    /// The place of the first posting at the slot or behind it, from the place `at` on.
    pub(crate) fn seek(&self, at: usize, slot: u32) -> usize {
        // Each is compared, abreast: to halve what is left again and again would be to wait for memory as often.
        at + match &self.0 {
            Columns::Wide(columns) => {
                let [slots, ..] = columns_from(columns, at);
                slots.iter().map(|other| u32::from(*other < slot)).sum::<u32>() as usize
            }
            Columns::Narrow { first, columns } => {
                let [offsets, ..] = columns_from(columns, at);
                let Some(offset) = slot.checked_sub(*first) else { return at };
                let Ok(offset) = u16::try_from(offset) else { return at + offsets.len() };
                offsets.iter().map(|other| u16::from(*other < offset)).fold(0, u16::wrapping_add).into()
            }
        }
    }

    /// The postings from the place `at` on whose slots are below `end`, as many as `parts` holds and one at least, with what
    /// `part` makes of weight and length.
    pub(crate) fn parts(&self, at: usize, end: u64, part: impl Fn(f32, f32) -> f32, parts: &mut Parts) {
        let ahead = self.len().saturating_sub(at).min(BLOCK_POSTINGS);
        let below_end = u32::try_from(end).map_or(ahead, |end| self.seek(at, end) - at);
        parts.len = below_end.clamp(ahead.min(1), ahead);
        let (Some(places), Some(scores)) =
            (parts.slots.get_mut(..parts.len), parts.scores.get_mut(..parts.len))
        else {
            return;
        };
        match &self.0 {
            Columns::Wide(columns) => {
                let [slots, weights, lengths] = columns_from(columns, at);
                places.iter_mut().zip(slots).for_each(|(place, slot)| *place = *slot);
                for (score, (weight, length)) in scores.iter_mut().zip(weights.iter().zip(lengths)) {
                    *score = part(f32::from_bits(*weight), f32::from_bits(*length));
                }
            }
            Columns::Narrow { first, columns } => {
                let [offsets, weights, lengths] = columns_from(columns, at);
                for (place, offset) in places.iter_mut().zip(offsets) {
                    *place = first.wrapping_add(u32::from(*offset));
                }
                for (score, (weight, length)) in scores.iter_mut().zip(weights.iter().zip(lengths)) {
                    *score = part(f32::from(*weight), f32::from(*length));
                }
            }
        }
    }

    /// A block to read into, in place of what `block` held.
    pub fn spare<'m>(block: &'m mut Cow<'_, ListBlock>) -> &'m mut ListBlock {
        if matches!(block, Cow::Borrowed(_)) {
            *block = Cow::default();
        }
        block.to_mut()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn block(postings: &[(u32, f32, f32)]) -> ListBlock {
        let mut held = Block::default();
        postings.iter().for_each(|(slot, weight, _)| held.push(Posting { slot: *slot, weight: *weight }));
        let length = |slot| postings.iter().find(|(other, ..)| *other == slot).map_or(0.0, |found| found.2);
        let mut block = ListBlock::default();
        block.copy_from(&held, length);
        block
    }

    proptest! {
        #[test]
        fn a_block_is_its_postings_however_it_is_held(
            gaps in prop::collection::vec((1..700_u32, 0..70_000_u32, 0..70_000_u32), 1..=BLOCK_POSTINGS),
            first in prop_oneof![Just(0_u32), Just(u32::MAX - 700 * BLOCK_POSTINGS as u32)],
            wide: bool,
            at in 0..=BLOCK_POSTINGS,
            slots in prop::collection::vec(0..700 * BLOCK_POSTINGS as u32, 20),
        ) {
            // Most blocks are narrow, or they would not be tried.
            let number = |n: u32| if wide { n as f32 / 3.0 } else { (n % 65_536) as f32 };
            let mut slot = first;
            let postings: Vec<(u32, f32, f32)> = gaps
                .iter()
                .map(|(gap, weight, length)| {
                    slot += gap;
                    (slot, number(*weight), number(*length))
                })
                .collect();
            let block = block(&postings);
            let narrowed = block.clone().narrowed();
            let near = postings[postings.len() - 1].0 - postings[0].0 < 65_536;
            let integers = postings.iter().all(|(_, weight, length)| weight.fract() + length.fract() == 0.0);
            let small = postings.iter().all(|(_, weight, length)| weight.max(*length) < 65_536.0);
            prop_assert_eq!(matches!(narrowed.0, Columns::Narrow { .. }), near && integers && small);

            let largest = postings.iter().map(|(_, weight, _)| *weight).fold(0.0, f32::max);
            let at = at.min(postings.len());
            for block in [&block, &narrowed] {
                let held: Vec<(u32, f32, f32)> =
                    block.iter().map(|(posting, length)| (posting.slot, posting.weight, length)).collect();
                prop_assert_eq!(&held, &postings);
                prop_assert_eq!((block.len(), block.largest_weight()), (postings.len(), largest));
                for slot in slots.iter().map(|slot| first + slot).chain([0, u32::MAX]) {
                    let place = at + postings[at..].partition_point(|(other, ..)| *other < slot);
                    prop_assert_eq!(block.seek(at, slot), place, "{} from {}", slot, at);
                    let mut parts = Parts::new();
                    block.parts(at, u64::from(slot), |weight, length| weight - length, &mut parts);
                    let expected = &postings[at..place.max(at + 1).min(postings.len())];
                    let (slots, scores) = parts.columns();
                    prop_assert_eq!(slots, expected.iter().map(|of| of.0).collect::<Vec<_>>());
                    prop_assert_eq!(scores, expected.iter().map(|of| of.1 - of.2).collect::<Vec<_>>());
                }
            }
        }
    }

    #[test]
    fn whatever_has_no_narrow_form_stays_as_it_is() {
        for postings in [
            vec![],
            vec![(1, 0.5, 1.0)],
            vec![(1, 1.0, 0.5)],
            vec![(1, 65_536.0, 1.0)],
            vec![(1, 1.0, 65_536.0)],
            vec![(1, -0.0, 1.0)],
            vec![(1, 1.0, 1.0), (65_537, 1.0, 1.0)],
        ] {
            assert!(matches!(block(&postings).narrowed().0, Columns::Wide(_)), "{postings:?}");
        }
        let at_the_limit = block(&[(1, 65_535.0, 0.0), (65_536, 0.0, 65_535.0)]).narrowed();
        assert!(matches!(at_the_limit.0, Columns::Narrow { .. }));
    }
}
