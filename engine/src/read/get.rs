//! One record by its key.

use crate::clock::Millis;
use crate::error::{Error, Result};
use crate::record::Record;
use crate::storage::catalog::{DEFAULT_SPACE, Population};
use crate::storage::record::{RecordKey, RecordRow};
use crate::storage::view::View;

/// The key of a record that exists and has not expired, and its row.
pub(crate) fn row(
    view: &View,
    namespace: &str,
    id: &str,
    now: Millis,
) -> Result<Option<(RecordKey, RecordRow)>> {
    let Some(namespace) = view.catalog.namespace_id(namespace) else { return Ok(None) };
    let key = RecordKey::new(namespace, id);
    let row = view.record(&key)?.filter(|row| !row.is_expired(now));
    Ok(row.map(|row| (key, row)))
}

/// The record as it was given.
pub(crate) fn record(view: &View, namespace: &str, id: &str, now: Millis) -> Result<Option<Record>> {
    row(view, namespace, id, now)?.map(|(key, row)| assemble(view, &key, &row)).transpose()
}

/// Puts a record together from its row, its document and its vectors.
pub(crate) fn assemble(view: &View, key: &RecordKey, row: &RecordRow) -> Result<Record> {
    let document = view.document(row.slot)?;
    if document.record != *key {
        return Err(Error::corruption(format!(
            "record {:?} points to slot {}, which belongs to record {:?}; run verify",
            key.id, row.slot, document.record.id
        )));
    }
    let mut record = Record::new(key.id.as_ref());
    record.namespace = namespace_name(view, key)?;
    record.text = document.text.as_ref().map(|text| text.to_string());
    record.sparse = document.sparse.as_ref().map(|sparse| sparse.as_ref().clone());
    record.metadata = row.metadata.as_ref().clone();
    record.expires_at = row.expires_at.map(|at| at as f64 / 1_000.0);
    for space in view.catalog.spaces() {
        let live = view.catalog.live(key.namespace, Population::Space(space.id));
        if !live.is_some_and(|live| live.contains(row.slot)) {
            continue;
        }
        let vector = view.vector(space, row.slot)?.ok_or_else(|| {
            Error::corruption(format!(
                "record {:?} has no vector in space {:?}; run verify",
                key.id, space.name
            ))
        })?;
        if space.id == DEFAULT_SPACE {
            record.vector = Some(vector);
        } else {
            record.vectors.insert(space.name.to_string(), vector);
        }
    }
    Ok(record)
}

/// The name of a record's namespace.
pub(crate) fn namespace_name(view: &View, key: &RecordKey) -> Result<String> {
    let namespace = view.catalog.namespace(key.namespace).ok_or_else(|| {
        Error::corruption(format!(
            "record {:?} is in namespace {}, which has no name; run verify",
            key.id, key.namespace
        ))
    })?;
    Ok(namespace.name.to_string())
}
