//! The keys of the records that candidates stand for, as far as a search knows them.

use std::cell::RefCell;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::error::Result;
use crate::storage::record::{RecordKey, Slot};
use crate::storage::view::View;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct RecordKeys {
    /// Those that came along with candidates, ascending by slot.
    given: Vec<(Slot, RecordKey)>,
    /// Those that were looked up: ties are ordered by them, and then hits are named by them.
    looked_up: RefCell<HashMap<Slot, RecordKey>>,
}

impl RecordKeys {
    /// With those that came along, ascending by slot.
    pub(super) fn new(given: Vec<(Slot, RecordKey)>) -> RecordKeys {
        RecordKeys { given, looked_up: RefCell::default() }
    }

    /// The key of the record that a slot stands for.
    pub(super) fn get(&self, view: &View, slot: Slot) -> Result<RecordKey> {
        let place = self.given.binary_search_by_key(&slot, |(slot, _)| *slot);
        if let Some((_, key)) = place.ok().and_then(|place| self.given.get(place)) {
            return Ok(key.clone());
        }
        Ok(match self.looked_up.borrow_mut().entry(slot) {
            Entry::Occupied(known) => known.get().clone(),
            Entry::Vacant(unknown) => unknown.insert(view.record_of(slot)?).clone(),
        })
    }
}
