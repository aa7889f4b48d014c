//! The slots of the records that a filter selects: from field indexes as far as they reach, and from the records.

use super::list::{self, Selection};
use crate::clock::Millis;
use crate::error::Result;
use crate::filter::Filter;
use crate::filter::candidates::{Candidates, candidates};
use crate::interrupt;
use crate::storage::slot_set::SlotSet;
use crate::storage::view::View;

/// What a filter selects.
#[derive(Debug, Clone, Default)]
pub(crate) struct Matching {
    /// Slots of records that match and have not expired.
    pub(crate) slots: SlotSet,
    /// Whether field indexes were asked.
    pub(crate) by_index: bool,
    /// Whether records were looked at.
    pub(crate) by_record: bool,
}

/// Where records to look at are more than one in so many, all of them are read in the order of keys: to find one by its slot takes
/// two look-ups more.
const FEW: u64 = 3;

/// The records of a namespace, or of all, that match. `expired` are the slots past their time.
pub(crate) fn matching(
    view: &View,
    namespace: Option<&str>,
    filter: &Filter,
    expired: &SlotSet,
    now: Millis,
) -> Result<Matching> {
    let all = list::live_records(view, namespace, expired);
    let found = candidates(view, filter.condition()?, &all)?;
    let by_index = found.is_some();
    let Candidates { yes, maybe } = found.unwrap_or(Candidates { yes: SlotSet::new(), maybe: all.clone() });
    let mut slots = yes;
    let by_record = !maybe.is_empty();
    if maybe.len() * FEW <= all.len() {
        for slot in maybe.iter() {
            interrupt::aborted()?;
            let record = view.record_of(slot)?;
            let row = view.row_of(slot, &record)?;
            if filter.matches(&row.metadata)? {
                slots.insert(slot);
            }
        }
        return Ok(Matching { slots, by_index, by_record });
    }
    let mut checked = Vec::new();
    list::visit(view, Selection { namespace, filter: None }, None, 0, now, |_, row| {
        if maybe.contains(row.slot) && filter.matches(&row.metadata)? {
            checked.push(row.slot);
        }
        Ok(true)
    })?;
    slots.extend(&SlotSet::of(&checked));
    Ok(Matching { slots, by_index, by_record })
}
