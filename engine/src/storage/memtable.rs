//! The commits since the last checkpoint, in memory and searchable: persistent maps, so that a copy costs nothing and
//! a reader keeps the version it took while the writer goes on.

use std::sync::Arc;

use rpds::{HashTrieMapSync, RedBlackTreeMapSync};
use vectlite_text::Posting;

use super::document::Document;
use super::growing_list::GrowingList;
use super::lengths::Lengths;
use super::record::{NamespaceId, RecordKey, RecordRow, Slot};
use super::term_delta::TermDelta;
use crate::clock::Millis;
use crate::error::{Error, Result};

/// Memory of one entry beside its content: map nodes, counters, the row.
const ENTRY_BYTES: u64 = 256;
/// Memory of one posting with its share of the map's nodes.
const POSTING_BYTES: u64 = 64;

/// Expiry and record: the order in which records expire.
pub(crate) type ExpiryKey = (Millis, RecordKey);

/// See the module. All content is relative to what lies behind: older memtables and the tables of `.vdb`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Memtable {
    /// `None`: the record was removed.
    records: RedBlackTreeMapSync<RecordKey, Option<RecordRow>>,
    /// By slot, from `first_slot` on. Slots are given out one after the other, so there are no gaps.
    documents: GrowingList<Arc<Document>>,
    first_slot: Slot,
    terms: HashTrieMapSync<(NamespaceId, Arc<str>), TermDelta>,
    /// `true`: added; `false`: taken back.
    expiries: RedBlackTreeMapSync<ExpiryKey, bool>,
    /// A commit has changed the catalog without changing a record.
    catalog_changed: bool,
    bytes: u64,
}

impl Memtable {
    pub(crate) fn is_empty(&self) -> bool {
        // Whatever else a commit changes, it changes a record's row.
        self.records.is_empty() && !self.catalog_changed
    }

    /// The catalog that stands beside this memtable has to be stored, even if no record changed.
    pub(crate) fn note_catalog(&mut self) {
        self.catalog_changed = true;
    }

    /// Memory in use, about.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// `None`: nothing is known here; `Some(None)`: removed.
    pub(crate) fn record(&self, record: &RecordKey) -> Option<Option<&RecordRow>> {
        self.records.get(record).map(Option::as_ref)
    }

    /// Entries of records with `from <= key`, ascending.
    pub(crate) fn records_from(
        &self,
        from: RecordKey,
    ) -> impl Iterator<Item = (&RecordKey, Option<&RecordRow>)> {
        self.records.range(from..).map(|(record, row)| (record, row.as_ref()))
    }

    pub(crate) fn records(&self) -> impl Iterator<Item = (&RecordKey, Option<&RecordRow>)> {
        self.records.iter().map(|(record, row)| (record, row.as_ref()))
    }

    pub(crate) fn document(&self, slot: Slot) -> Option<&Arc<Document>> {
        self.documents.get(slot.checked_sub(self.first_slot)? as usize)
    }

    /// Ascending by slot.
    pub(crate) fn documents(&self) -> impl Iterator<Item = (Slot, &Arc<Document>)> {
        (self.first_slot..).zip(self.documents.iter())
    }

    pub(crate) fn term(&self, namespace: NamespaceId, term: &Arc<str>) -> Option<&TermDelta> {
        self.terms.get(&(namespace, Arc::clone(term)))
    }

    pub(crate) fn terms(&self) -> impl Iterator<Item = (NamespaceId, &Arc<str>, &TermDelta)> {
        self.terms.iter().map(|((namespace, term), delta)| (*namespace, term, delta))
    }

    /// Expiries at or before `until`, ascending, each added or taken back.
    pub(crate) fn expiries(&self, until: Millis) -> impl Iterator<Item = (&ExpiryKey, bool)> {
        self.expiries.iter().take_while(move |((at, _), _)| *at <= until).map(|(key, added)| (key, *added))
    }

    pub(crate) fn put_record(&mut self, record: RecordKey, row: Option<RecordRow>) {
        self.bytes += ENTRY_BYTES;
        self.records.insert_mut(record, row);
    }

    pub(crate) fn put_document(&mut self, slot: Slot, document: Arc<Document>) -> Result<()> {
        if self.documents.is_empty() {
            self.first_slot = slot;
        }
        if u64::from(slot) != u64::from(self.first_slot) + self.documents.len() as u64 {
            return Err(Error::corruption(format!("the log skips slots before {slot}; run verify")));
        }
        self.bytes += document.bytes() + ENTRY_BYTES;
        self.documents.push(document);
        Ok(())
    }

    pub(crate) fn change_term(
        &mut self,
        namespace: NamespaceId,
        term: &str,
        added: &[Posting],
        retired: u64,
        lengths: &Lengths,
    ) {
        self.bytes += POSTING_BYTES * added.len() as u64;
        let change = |delta: &mut TermDelta| {
            delta.retired += retired;
            for posting in added {
                delta.push(*posting, lengths.get(posting.slot));
            }
        };
        let key = (namespace, Arc::from(term));
        if let Some(delta) = self.terms.get_mut(&key) {
            return change(delta);
        }
        let mut delta = TermDelta::default();
        change(&mut delta);
        self.terms.insert_mut(key, delta);
    }

    pub(crate) fn put_expiry(&mut self, expiry: ExpiryKey, added: bool) {
        self.expiries.insert_mut(expiry, added);
    }
}
