//! The slots of a snapshot in the order of their records' keys: what puts the few records of a list in order without a look-up for each.

use std::ops::Range;

use super::reader::Snapshot;
use super::record::{NamespaceId, RecordKey, Slot};
use crate::error::Result;

/// To find the key of a slot in `.vdb` takes as long as so many steps of a walk over keys (*measured*).
pub(crate) const STEPS_PER_LOOK_UP: u64 = 5;

/// Marks a slot that holds no record.
const NO_PLACE: u32 = u32::MAX;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct KeyOrder {
    /// Ascending by namespace id, then record id.
    slots: Vec<Slot>,
    /// Where each slot stands among those.
    places: Vec<u32>,
    /// Where each namespace begins, ascending.
    namespaces: Vec<(u32, NamespaceId)>,
}

impl KeyOrder {
    /// Walks over all records of a snapshot.
    pub(super) fn read(snapshot: &Snapshot) -> Result<KeyOrder> {
        let next_slot = snapshot.catalog.next_slot as usize;
        let mut order = KeyOrder { places: vec![NO_PLACE; next_slot], ..KeyOrder::default() };
        for entry in snapshot.records_from::<Slot>(&RecordKey::new(0, ""))? {
            let (record, slot) = entry?;
            let place = order.slots.len() as u32;
            if order.namespaces.last().is_none_or(|(_, last)| *last != record.namespace) {
                order.namespaces.push((place, record.namespace));
            }
            order.slots.push(slot);
            if let Some(its) = order.places.get_mut(slot as usize) {
                *its = place;
            }
        }
        Ok(order)
    }

    /// The place of a slot; `None` for a slot that holds no record.
    pub(crate) fn place(&self, slot: Slot) -> Option<u32> {
        self.places.get(slot as usize).copied().filter(|place| *place != NO_PLACE)
    }

    /// The places of a namespace.
    pub(crate) fn range(&self, namespace: NamespaceId) -> Range<u32> {
        let at = self.namespaces.partition_point(|(_, other)| *other < namespace);
        let all = self.slots.len() as u32;
        match self.namespaces.get(at) {
            Some((start, other)) if *other == namespace => {
                *start..self.namespaces.get(at + 1).map_or(all, |(next, _)| *next)
            }
            _ => all..all,
        }
    }

    /// The first of some places of a namespace whose record's id is behind this one; behind the last one when there is none.
    pub(crate) fn first_behind(
        &self,
        places: Range<u32>,
        id: &str,
        record_of: impl Fn(Slot) -> Result<RecordKey>,
    ) -> Result<u32> {
        let (mut low, mut high) = (places.start, places.end);
        while low < high {
            let middle = low.midpoint(high);
            let Some(slot) = self.slots.get(middle as usize) else { break };
            if record_of(*slot)?.id.as_ref() <= id {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(low)
    }

    /// The slots at some places.
    pub(crate) fn slots(&self, places: Range<u32>) -> &[Slot] {
        self.slots.get(places.start as usize..places.end as usize).unwrap_or_default()
    }
}
