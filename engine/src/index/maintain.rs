//! `apply`: how one change reaches every table and every index. The only such way: commits, replay, checkpoints'
//! sources and an application's own transaction all come through here.

use std::sync::Arc;

use vectlite_text::Posting;

use crate::clock::Millis;
use crate::error::{Error, Result};
use crate::limits::{MAX_DIMENSION, MAX_NAME_BYTES, MAX_SLOTS, MAX_TEXT_LENGTH};
use crate::storage::catalog::{Catalog, Namespace, Population, Space, SpaceId};
use crate::storage::change::{self, Change};
use crate::storage::document::{Document, DocumentTerm, DocumentTerms};
use crate::storage::record::{NamespaceId, RecordKey, RecordRow, Slot};
use crate::storage::writer::Tables;
use crate::value::Metadata;

/// Applies one change. The changes of a commit come in order; ids and slots were assigned when it was staged.
pub(crate) fn apply(change: &Change, tables: &mut impl Tables) -> Result<()> {
    match change {
        Change::Namespace { id, name } => {
            tables.catalog_mut().put_namespace(*id, Namespace { name: Arc::clone(name), text_length: 0.0 });
            Ok(())
        }
        Change::Space { id, name, dimension } => {
            let metric = tables.catalog().settings.metric;
            tables.catalog_mut().add_space(Space::new(*id, name, *dimension, metric))
        }
        Change::Put { slot, document, metadata, expires_at } => {
            put(tables, *slot, document, metadata, *expires_at)
        }
        Change::Remove { record } => {
            let row = expect_row(tables, record)?;
            retire(tables, record, &row)?;
            tables.put_record(record, None)
        }
        Change::Metadata { record, metadata } => {
            let row = expect_row(tables, record)?;
            tables.index_fields(row.slot, Some(&row.metadata), metadata)?;
            tables.put_record(record, Some(RecordRow { metadata: Arc::clone(metadata), ..row }))
        }
        Change::Expiry { record, expires_at } => {
            let row = expect_row(tables, record)?;
            replace_expiry(tables, record, row.expires_at, *expires_at)?;
            tables.put_record(record, Some(RecordRow { expires_at: *expires_at, ..row }))
        }
        Change::IndexConfig { config } => {
            tables.put_index_config(*config);
            Ok(())
        }
        Change::CreateIndex { field } => {
            let mut fields = tables.catalog().fields.clone();
            fields.add(field.clone())?;
            tables.put_fields(fields);
            Ok(())
        }
        Change::DropIndex { id } => {
            let mut fields = tables.catalog().fields.clone();
            fields.remove(*id);
            tables.put_fields(fields);
            Ok(())
        }
        Change::Kv { key, value } => tables.put_kv(key, value.as_ref()),
    }
}

/// Applies a commit as it stands in the log.
pub(crate) fn replay(body: &[u8], tables: &mut impl Tables) -> Result<()> {
    change::decode(body)?.iter().try_for_each(|change| {
        if !is_next(change, tables.catalog()) {
            return Err(Error::corruption(
                "the log holds a change that does not follow from the state before it; restore a backup",
            ));
        }
        apply(change, tables)
    })
}

/// Whether a stage could have made this change for this state. Tables and memory have the size of what numbers say, and
/// scores are computed from vectors without a look at their length: neither may come from a log that somebody else wrote.
fn is_next(change: &Change, catalog: &Catalog) -> bool {
    match change {
        Change::Namespace { id, name } => {
            catalog.next_namespace().is_ok_and(|next| next == *id) && catalog.namespace_id(name).is_none()
        }
        Change::Space { name, dimension, .. } => {
            (1..=MAX_DIMENSION).contains(dimension) && catalog.space(name).is_none()
        }
        Change::Put { slot, document, .. } => {
            let fits = |(space, vector): &(SpaceId, Arc<Vec<f32>>)| {
                let space = catalog.space_by_id(*space);
                space.is_some_and(|space| space.dimension == vector.len())
                    && vector.iter().all(|number| number.is_finite())
            };
            let weights = || document.sparse.iter().flat_map(|sparse| sparse.values());
            *slot == catalog.next_slot
                && u64::from(*slot) < MAX_SLOTS
                && catalog.namespace(document.record.namespace).is_some()
                && document.vectors.is_sorted_by(|left, right| left.0 < right.0)
                && document.vectors.iter().all(fits)
                && weights().all(|weight| weight.is_finite() && *weight >= 0.0)
        }
        Change::CreateIndex { field } => {
            field.id == catalog.fields.next_id() && catalog.fields.by_path(field.path.as_str()).is_none()
        }
        Change::Kv { key, .. } => key.table.len() <= MAX_NAME_BYTES,
        // These name a record or a field that exists, which is asked for where they are applied, or nothing.
        Change::Remove { .. }
        | Change::Metadata { .. }
        | Change::Expiry { .. }
        | Change::IndexConfig { .. }
        | Change::DropIndex { .. } => true,
    }
}

/// A staged or logged change names a record that exists; if not, the log does not belong to these tables.
fn expect_row(tables: &impl Tables, record: &RecordKey) -> Result<RecordRow> {
    tables.record(record)?.ok_or_else(|| {
        Error::corruption(format!("the log changes record {:?}, which does not exist; run verify", record.id))
    })
}

fn put(
    tables: &mut impl Tables,
    slot: Slot,
    document: &Arc<Document>,
    metadata: &Arc<Metadata>,
    expires_at: Option<Millis>,
) -> Result<()> {
    let record = &document.record;
    if let Some(old) = tables.record(record)? {
        retire(tables, record, &old)?;
    }
    let terms = document.terms(&tables.catalog().settings.analyzer);
    let length = text_length(&terms);
    let is_text = terms.iter().next().is_some();
    let catalog = tables.catalog_mut();
    // A replayed change brings its slot along; the next one follows it.
    catalog.next_slot = catalog.next_slot.max(slot.saturating_add(1));
    catalog.set_live(record.namespace, Population::Records, slot);
    for (space, _) in &document.vectors {
        catalog.set_live(record.namespace, Population::Space(*space), slot);
    }
    if is_text {
        catalog.set_live(record.namespace, Population::Text, slot);
        catalog.lengths.set(slot, length);
        catalog.add_text_length(record.namespace, f64::from(length));
    }
    for DocumentTerm { term, weight, positions } in terms.iter() {
        tables.add_posting(record.namespace, term, Posting { slot, weight }, positions)?;
    }
    tables.index_fields(slot, None, metadata)?;
    replace_expiry(tables, record, None, expires_at)?;
    tables.put_record(record, Some(RecordRow { slot, expires_at, metadata: Arc::clone(metadata) }))?;
    tables.put_document(slot, Arc::clone(document))
}

/// The length that BM25 goes by.
pub(crate) fn text_length(terms: &DocumentTerms) -> f32 {
    terms.iter().map(|term| f64::from(term.weight)).sum::<f64>().min(MAX_TEXT_LENGTH) as f32
}

/// Takes a version of a record out of every index: its slot is dead from here on.
fn retire(tables: &mut impl Tables, record: &RecordKey, row: &RecordRow) -> Result<()> {
    let (namespace, slot) = (record.namespace, row.slot);
    if tables.catalog_mut().set_dead(namespace, Population::Text, slot) {
        retire_terms(tables, namespace, slot)?;
    }
    let catalog = tables.catalog_mut();
    catalog.set_dead(namespace, Population::Records, slot);
    let spaces: Vec<_> = catalog.spaces().iter().map(|space| space.id).collect();
    for space in spaces {
        catalog.set_dead(namespace, Population::Space(space), slot);
    }
    replace_expiry(tables, record, row.expires_at, None)
}

fn retire_terms(tables: &mut impl Tables, namespace: NamespaceId, slot: Slot) -> Result<()> {
    let document = tables.document(slot)?;
    let terms = document.terms(&tables.catalog().settings.analyzer);
    terms.iter().try_for_each(|term| tables.retire_term(namespace, term.term))?;
    let length = tables.catalog().lengths.get(slot);
    tables.catalog_mut().add_text_length(namespace, -f64::from(length));
    Ok(())
}

fn replace_expiry(
    tables: &mut impl Tables,
    record: &RecordKey,
    old: Option<Millis>,
    new: Option<Millis>,
) -> Result<()> {
    if old == new {
        return Ok(());
    }
    if let Some(at) = old {
        tables.put_expiry((at, record.clone()), false)?;
    }
    if let Some(at) = new {
        tables.put_expiry((at, record.clone()), true)?;
    }
    Ok(())
}
