//! Listing what field indexes chose: in the order of keys, which is not that of slots.

use std::cmp::{Ordering, Reverse};
use std::collections::{BinaryHeap, HashMap};
use std::ops::Range;

use super::list;
use crate::clock::Millis;
use crate::error::Result;
use crate::filter::Filter;
use crate::filter::candidates::{Candidates, candidates};
use crate::interrupt;
use crate::storage::key_order::{KeyOrder, STEPS_PER_LOOK_UP};
use crate::storage::record::{NamespaceId, RecordKey, RecordRow, Slot};
use crate::storage::view::View;

/// What field indexes chose.
pub(super) struct Chosen<'a> {
    view: &'a View,
    namespace: Option<&'a str>,
    filter: &'a Filter,
    candidates: Candidates,
    /// Records that there are.
    all: u64,
}

/// Steps over the order of keys in the time that it takes to find the place of a slot, which took 20 ns, and keep it in order.
const STEPS_PER_PLACE: u64 = 2;

impl<'a> Chosen<'a> {
    /// `None` when no index knows anything.
    pub(super) fn find(
        view: &'a View,
        namespace: Option<&'a str>,
        filter: &'a Filter,
        now: Millis,
    ) -> Result<Option<Chosen<'a>>> {
        let all = list::live_records(view, namespace, &view.expired_slots(now)?);
        let found = candidates(view, filter.condition()?, &all)?;
        Ok(found.map(|candidates| Chosen { view, namespace, filter, candidates, all: all.len() }))
    }

    fn len(&self) -> u64 {
        self.candidates.yes.len() + self.candidates.maybe.len()
    }

    /// Calls `visit` with each that matches, in order, until it returns `false`; about `wanted` of them (0: all).
    pub(super) fn visit(
        &self,
        after: Option<(&str, &str)>,
        wanted: usize,
        visit: &mut impl FnMut(&RecordKey, &RecordRow) -> Result<bool>,
    ) -> Result<()> {
        let slots = self.len();
        let wanted = if wanted == 0 { slots } else { slots.min(wanted as u64) };
        // From one key to the next until so many were met.
        let steps = wanted.saturating_mul(self.all) / slots.max(1);
        let look_ups = slots.min(steps / STEPS_PER_LOOK_UP);
        if let Some(order) = self.view.snapshot.key_order(look_ups)? {
            let walks = steps < slots.saturating_mul(STEPS_PER_PLACE);
            return self.by_order(order, walks, after, visit);
        }
        if look_ups < slots { self.by_walk(after, visit) } else { self.by_look_up(after, visit) }
    }

    fn look_at(
        &self,
        record: &RecordKey,
        slot: Slot,
        visit: &mut impl FnMut(&RecordKey, &RecordRow) -> Result<bool>,
    ) -> Result<bool> {
        interrupt::aborted()?;
        let sure = self.candidates.yes.contains(slot);
        if !sure && !self.candidates.maybe.contains(slot) {
            return Ok(true);
        }
        let row = self.view.row_of(slot, record)?;
        if sure || self.filter.matches(&row.metadata)? { visit(record, &row) } else { Ok(true) }
    }

    /// Walks over all records.
    fn by_walk(
        &self,
        after: Option<(&str, &str)>,
        visit: &mut impl FnMut(&RecordKey, &RecordRow) -> Result<bool>,
    ) -> Result<()> {
        list::walk::<Slot>(self.view, self.namespace, after, |record, slot| self.look_at(record, slot, visit))
    }

    /// Looks the key of each up, and puts them in order.
    fn by_look_up(
        &self,
        after: Option<(&str, &str)>,
        visit: &mut impl FnMut(&RecordKey, &RecordRow) -> Result<bool>,
    ) -> Result<()> {
        let names = Names::of(list::namespaces(self.view, self.namespace));
        for (_, record, slot) in self.looked_up(&names, 0, after)? {
            if !self.look_at(&record, slot, visit)? {
                break;
            }
        }
        Ok(())
    }

    /// Takes what is in `.vdb` from the order of keys, by a walk over it or by the place of each slot, and the rest in between.
    fn by_order(
        &self,
        order: &KeyOrder,
        walks: bool,
        after: Option<(&str, &str)>,
        visit: &mut impl FnMut(&RecordKey, &RecordRow) -> Result<bool>,
    ) -> Result<()> {
        let names = Names::of(list::namespaces(self.view, self.namespace));
        let mut others =
            self.looked_up(&names, self.view.snapshot.catalog.next_slot, after)?.into_iter().peekable();
        let ranges = self.ranges(order, &names, after)?;
        let mut places = if walks { self.walked(order, ranges) } else { self.placed(order, ranges) };
        let mut stored: Option<(usize, RecordKey, Slot)> = None;
        loop {
            if stored.is_none()
                && let Some((rank, slot)) = places.next()
            {
                stored = Some((rank, self.view.record_of(slot)?, slot));
            }
            let stored_first = match (&stored, others.peek()) {
                (Some(stored), Some(other)) => (stored.0, &stored.1.id) < (other.0, &other.1.id),
                (stored, _) => stored.is_some(),
            };
            let next = if stored_first { stored.take() } else { others.next() };
            let Some((_, record, slot)) = next else { return Ok(()) };
            if !self.look_at(&record, slot, visit)? {
                return Ok(());
            }
        }
    }

    /// Those from a slot on, in the order of their keys: the rank of the namespace, the key, the slot.
    fn looked_up(
        &self,
        names: &Names,
        from: Slot,
        after: Option<(&str, &str)>,
    ) -> Result<Vec<(usize, RecordKey, Slot)>> {
        let mut found = Vec::new();
        for slot in self.candidates.yes.iter_from(from).chain(self.candidates.maybe.iter_from(from)) {
            interrupt::aborted()?;
            let record = self.view.record_of(slot)?;
            let rank = names.rank(record.namespace);
            if after.is_none_or(|after| after < (names.name(rank), record.id.as_ref())) {
                found.push((rank, record, slot));
            }
        }
        found.sort_unstable_by(|left, right| (left.0, &left.1.id).cmp(&(right.0, &right.1.id)));
        Ok(found)
    }

    /// Where the records of each namespace stand, in the order of names, without those up to a cursor.
    fn ranges(
        &self,
        order: &KeyOrder,
        names: &Names,
        after: Option<(&str, &str)>,
    ) -> Result<Vec<(usize, Range<u32>)>> {
        let mut ranges = Vec::new();
        for (rank, (namespace, name)) in names.list.iter().enumerate() {
            let mut range = order.range(*namespace);
            match after.map(|(after, id)| (name.as_str().cmp(after), id)) {
                Some((Ordering::Less, _)) => continue,
                Some((Ordering::Equal, id)) => {
                    range.start = order.first_behind(range.clone(), id, |slot| self.view.record_of(slot))?;
                }
                _ => {}
            }
            ranges.push((rank, range));
        }
        Ok(ranges)
    }

    /// Ranks and slots, in the order of keys: every place is asked whether its slot is one.
    fn walked<'s>(
        &'s self,
        order: &'s KeyOrder,
        ranges: Vec<(usize, Range<u32>)>,
    ) -> Box<dyn Iterator<Item = (usize, Slot)> + 's> {
        let Candidates { yes, maybe } = &self.candidates;
        Box::new(ranges.into_iter().flat_map(move |(rank, range)| {
            let slots = order.slots(range).iter().copied();
            slots.filter(|slot| yes.contains(*slot) || maybe.contains(*slot)).map(move |slot| (rank, slot))
        }))
    }

    /// The same: every slot is asked for its place. Few are wanted mostly, so they are not sorted but taken from a heap.
    fn placed<'s>(
        &'s self,
        order: &'s KeyOrder,
        mut ranges: Vec<(usize, Range<u32>)>,
    ) -> Box<dyn Iterator<Item = (usize, Slot)> + 's> {
        ranges.sort_unstable_by_key(|(_, range)| range.start);
        let slots = self.candidates.yes.iter().chain(self.candidates.maybe.iter());
        let places = slots.filter_map(|slot| {
            let place = order.place(slot)?;
            let last = ranges.partition_point(|(_, range)| range.start <= place).checked_sub(1)?;
            let (rank, _) = ranges.get(last).filter(|(_, range)| range.contains(&place))?;
            Some(Reverse((*rank, place)))
        });
        let mut places: BinaryHeap<_> = places.collect::<Vec<_>>().into();
        Box::new(std::iter::from_fn(move || {
            let Reverse((rank, place)) = places.pop()?;
            Some((rank, *order.slots(place..place.saturating_add(1)).first()?))
        }))
    }
}

/// Namespaces in the order of their names.
struct Names {
    list: Vec<(NamespaceId, String)>,
    ranks: HashMap<NamespaceId, usize>,
}

impl Names {
    fn of(list: Vec<(NamespaceId, String)>) -> Names {
        let ranks = list.iter().enumerate().map(|(rank, (id, _))| (*id, rank)).collect();
        Names { list, ranks }
    }

    fn name(&self, rank: usize) -> &str {
        self.list.get(rank).map(|(_, name)| name.as_str()).unwrap_or_default()
    }

    fn rank(&self, namespace: NamespaceId) -> usize {
        self.ranks.get(&namespace).copied().unwrap_or_default()
    }
}
