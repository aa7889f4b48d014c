//! Records in the order of their keys: namespaces by name, ids by code point; all at once or page by page.

use crate::clock::Millis;
use crate::error::{Error, Result};
use crate::filter::Filter;
use crate::interrupt;
use crate::read::chosen::Chosen;
use crate::read::get;
use crate::record::Record;
use crate::storage::catalog::Population;
use crate::storage::record::{NamespaceId, RecordKey, RecordRow, RowPart};
use crate::storage::slot_set::SlotSet;
use crate::storage::view::View;

/// Format of a cursor; another one is refused.
const CURSOR_VERSION: &str = "1";

/// What is listed.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Selection<'a> {
    /// `None`: all of them.
    pub(crate) namespace: Option<&'a str>,
    pub(crate) filter: Option<&'a Filter>,
}

/// The namespaces of a selection, by name.
pub(crate) fn namespaces(view: &View, namespace: Option<&str>) -> Vec<(NamespaceId, String)> {
    match namespace {
        Some(name) => view.catalog.namespace_id(name).map(|id| (id, name.to_owned())).into_iter().collect(),
        None => {
            let mut all: Vec<(NamespaceId, String)> =
                view.catalog.namespaces().map(|(id, namespace)| (id, namespace.name.to_string())).collect();
            all.sort_by(|left, right| left.1.cmp(&right.1));
            all
        }
    }
}

/// Calls `visit` with each selected record that has not expired, in order, until it returns `false`; the caller expects to look at
/// `wanted` of them (0: all).
pub(crate) fn visit(
    view: &View,
    selection: Selection<'_>,
    after: Option<(&str, &str)>,
    wanted: usize,
    now: Millis,
    mut visit: impl FnMut(&RecordKey, &RecordRow) -> Result<bool>,
) -> Result<()> {
    if let Some(filter) = selection.filter
        && let Some(chosen) = Chosen::find(view, selection.namespace, filter, now)?
    {
        return chosen.visit(after, wanted, &mut visit);
    }
    walk::<RecordRow>(view, selection.namespace, after, |record, row| {
        if row.is_expired(now)
            || !selection.filter.map_or(Ok(true), |filter| filter.matches(&row.metadata))?
        {
            return Ok(true);
        }
        visit(record, &row)
    })
}

/// Calls `visit` with each record of the namespaces behind a key, expired or not, in order, until it returns `false`.
pub(super) fn walk<T: RowPart>(
    view: &View,
    namespace: Option<&str>,
    after: Option<(&str, &str)>,
    mut visit: impl FnMut(&RecordKey, T) -> Result<bool>,
) -> Result<()> {
    for (namespace, name) in namespaces(view, namespace) {
        let skip = after.filter(|(after, _)| name.as_str() <= *after);
        let from = match skip {
            // Listed before the cursor.
            Some((after, _)) if name != after => continue,
            Some((_, id)) => RecordKey::new(namespace, id),
            None => RecordKey::new(namespace, ""),
        };
        for entry in view.records_from::<T>(&from)? {
            interrupt::aborted()?;
            let (record, row) = entry?;
            if record.namespace != namespace {
                break;
            }
            if skip.is_some_and(|(_, id)| record.id.as_ref() == id) {
                continue;
            }
            if !visit(&record, row)? {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// The slots of the records of a namespace, or of all, without the expired ones.
pub(crate) fn live_records(view: &View, namespace: Option<&str>, expired: &SlotSet) -> SlotSet {
    let live = view.catalog.live_of(namespace, Population::Records);
    let live = live.cloned().unwrap_or_default();
    if expired.is_empty() { live } else { live.difference(expired) }
}

/// `limit` records (0: all) behind the first `offset`.
pub(crate) fn page(
    view: &View,
    selection: Selection<'_>,
    limit: usize,
    offset: usize,
    now: Millis,
) -> Result<Vec<Record>> {
    let mut records = Vec::new();
    let mut skipped = 0;
    let wanted = if limit == 0 { 0 } else { limit.saturating_add(offset) };
    visit(view, selection, None, wanted, now, |key, row| {
        if skipped < offset {
            skipped += 1;
            return Ok(true);
        }
        records.push(get::assemble(view, key, row)?);
        Ok(limit == 0 || records.len() < limit)
    })?;
    Ok(records)
}

/// `limit` records behind a cursor, and the cursor behind them: `None` at the end.
pub(crate) fn page_after(
    view: &View,
    selection: Selection<'_>,
    limit: usize,
    cursor: Option<&str>,
    now: Millis,
) -> Result<(Vec<Record>, Option<String>)> {
    if limit == 0 {
        return Err(Error::invalid("limit: expected at least 1 record a page, got 0"));
    }
    let after = cursor.map(decode_cursor).transpose()?;
    let after = after.as_ref().map(|(namespace, id)| (namespace.as_str(), id.as_str()));
    let mut records: Vec<Record> = Vec::new();
    let mut more = false;
    visit(view, selection, after, limit.saturating_add(1), now, |key, row| {
        more = records.len() == limit;
        if !more {
            records.push(get::assemble(view, key, row)?);
        }
        Ok(!more)
    })?;
    let next = records.last().filter(|_| more).map(|record| encode_cursor(&record.namespace, &record.id));
    Ok((records, next))
}

/// Version, length of the namespace's name, name and id, with the last two as hexadecimal bytes: text that survives
/// a URL, whatever the id holds.
fn encode_cursor(namespace: &str, id: &str) -> String {
    let mut cursor = format!("{CURSOR_VERSION}.{}.", namespace.len());
    for byte in namespace.bytes().chain(id.bytes()) {
        cursor.push_str(&format!("{byte:02x}"));
    }
    cursor
}

fn decode_cursor(cursor: &str) -> Result<(String, String)> {
    let parse = || -> Option<(String, String)> {
        let mut parts = cursor.splitn(3, '.');
        if parts.next()? != CURSOR_VERSION {
            return None;
        }
        let namespace_len: usize = parts.next()?.parse().ok()?;
        let (pairs, rest) = parts.next()?.as_bytes().as_chunks::<2>();
        if !rest.is_empty() {
            return None;
        }
        let digit = |byte: u8| char::from(byte).to_digit(16);
        let bytes: Option<Vec<u8>> =
            pairs.iter().map(|[high, low]| Some((digit(*high)? * 16 + digit(*low)?) as u8)).collect();
        let text = String::from_utf8(bytes?).ok()?;
        let (namespace, id) = text.split_at_checked(namespace_len)?;
        Some((namespace.to_owned(), id.to_owned()))
    };
    parse().ok_or_else(|| {
        Error::invalid("cursor: expected one that list_cursor returned, or none to start from the beginning")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_round_trip_and_others_are_refused() {
        for (namespace, id) in [("", "a"), ("näme", "id.with.dots"), ("x", "日本")] {
            let cursor = encode_cursor(namespace, id);
            assert_eq!(decode_cursor(&cursor).unwrap(), (namespace.to_owned(), id.to_owned()));
        }
        for bad in ["", "1", "1.0", "2.0.61", "1.9.61", "1.0.6", "1.0.zz", "1.1.c3a9", "1.-1.61"] {
            assert!(decode_cursor(bad).is_err(), "{bad:?} was taken for a cursor");
        }
    }
}
