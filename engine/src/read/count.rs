//! How many records there are.

use super::list::{self, Selection};
use super::matching::matching;
use crate::clock::Millis;
use crate::error::Result;
use crate::storage::catalog::Population;
use crate::storage::view::View;

/// Records that match and have not expired. Without a filter from the sets of live slots, less those that await their sweep.
pub(crate) fn count(view: &View, selection: Selection<'_>, now: Millis) -> Result<u64> {
    if let Some(filter) = selection.filter {
        let expired = view.expired_slots(now)?;
        return Ok(matching(view, selection.namespace, filter, &expired, now)?.slots.len());
    }
    let namespaces = list::namespaces(view, selection.namespace);
    let live: u64 = namespaces.iter().map(|(id, _)| view.catalog.live_len(*id, Population::Records)).sum();
    let expired = view.expired(now)?;
    let gone =
        expired.iter().filter(|(record, _)| namespaces.iter().any(|(id, _)| *id == record.namespace)).count();
    Ok(live.saturating_sub(gone as u64))
}

/// The names of the namespaces that hold a record, sorted.
pub(crate) fn namespaces(view: &View, now: Millis) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for (_, name) in list::namespaces(view, None) {
        let selection = Selection { namespace: Some(&name), filter: None };
        if count(view, selection, now)? > 0 {
            names.push(name);
        }
    }
    Ok(names)
}
