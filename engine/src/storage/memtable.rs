//! The commits since the last checkpoint, in memory and searchable: persistent maps, so that a copy costs nothing and
//! a reader keeps the version it took while the writer goes on; for terms a map that copies share, of which each sees its part.

use std::collections::BTreeSet;
use std::sync::Arc;

use rpds::RedBlackTreeMapSync;
use vectlite_text::{Posting, TermPattern};

use super::document::Document;
use super::fields::recent::{Note, RecentFields};
use super::growing_list::GrowingList;
use super::kv::KvKey;
use super::record::{NamespaceId, RecordKey, RecordRow, Slot};
use super::term_deltas::{Horizon, NewPosting, SeenDelta, TermDeltas};
use super::term_key::TermKey;
use super::wal::CommitId;
use crate::clock::Millis;
use crate::error::{Error, Result};
use crate::value::Metadata;

/// Memory of one entry beside its content: map nodes, counters, the row.
const ENTRY_BYTES: u64 = 256;
/// Memory of one posting with its share of the map's nodes.
const POSTING_BYTES: u64 = 64;
/// Memory of one position.
const POSITION_BYTES: u64 = 4;

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
    terms: Arc<TermDeltas>,
    /// What the commit in the making changes in `terms`, which others see: it waits here until the commit is in the log.
    staged: Vec<StagedChange>,
    /// The keys of their terms, one behind the other.
    staged_keys: Vec<u8>,
    /// The positions of their terms, one behind the other.
    staged_positions: Vec<u32>,
    /// Whether the database stores positions.
    has_positions: bool,
    /// What it adds to field indexes.
    pub(crate) fields: RecentFields,
    /// `true`: added; `false`: taken back.
    expiries: RedBlackTreeMapSync<ExpiryKey, bool>,
    /// `None`: the value was removed.
    kv: RedBlackTreeMapSync<KvKey, Option<Arc<[u8]>>>,
    /// A commit has changed the catalog without changing a record.
    catalog_changed: bool,
    bytes: u64,
}

/// A change of a term by a commit that is not in the log yet. A large commit has one for each word of its texts, so it is small.
#[derive(Debug, Clone)]
struct StagedChange {
    /// Bytes of the key of its term.
    key_len: u32,
    /// `None`: a document is retired.
    added: Option<StagedPosting>,
}

#[derive(Debug, Clone)]
struct StagedPosting {
    posting: Posting,
    /// Of the document.
    length: f32,
    /// How many positions it has.
    positions: u32,
}

impl Memtable {
    pub(crate) fn is_empty(&self) -> bool {
        // Whatever else a commit changes, it changes one of these.
        self.records.is_empty() && self.kv.is_empty() && !self.catalog_changed
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

    /// What there is of a term in front of the horizon. What is staged is not: no search looks at an unfinished commit.
    pub(crate) fn term(&self, namespace: NamespaceId, term: &str, horizon: Horizon) -> SeenDelta {
        self.terms.seen(namespace, term, horizon)
    }

    /// Every term, in no particular order.
    pub(crate) fn terms(&self) -> Vec<TermKey> {
        self.terms.terms()
    }

    /// Adds terms that a pattern matches, `limit` and one more at most. A view may see nothing of some.
    pub(crate) fn terms_matching(
        &self,
        namespace: NamespaceId,
        pattern: &TermPattern,
        limit: usize,
        terms: &mut BTreeSet<String>,
    ) {
        self.terms.terms_matching(namespace, pattern, limit, terms);
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

    /// Adds a posting. Either all postings have positions or none.
    pub(crate) fn add_posting(&mut self, namespace: NamespaceId, term: &str, new: NewPosting<'_>) {
        let NewPosting { posting, length, positions } = new;
        self.has_positions = positions.is_some();
        let positions = positions.unwrap_or_default();
        self.staged_positions.extend_from_slice(positions);
        self.bytes += POSTING_BYTES + POSITION_BYTES * positions.len() as u64;
        let positions = positions.len() as u32;
        self.stage(namespace, term, Some(StagedPosting { posting, length, positions }));
    }

    /// Takes a document from the document frequency of a term.
    pub(crate) fn retire_term(&mut self, namespace: NamespaceId, term: &str) {
        self.stage(namespace, term, None);
    }

    fn stage(&mut self, namespace: NamespaceId, term: &str, added: Option<StagedPosting>) {
        let start = self.staged_keys.len();
        TermKey::write(namespace, term, &mut self.staged_keys);
        self.staged.push(StagedChange { key_len: (self.staged_keys.len() - start) as u32, added });
    }

    /// Notes the metadata of a slot for field indexes; `None` where it is not the first of this slot.
    pub(crate) fn note_fields(&mut self, slot: Slot, fresh: Option<Arc<Metadata>>) {
        self.fields.stage(Note { slot, fresh });
    }

    /// What was staged is part of a commit that is in the log.
    pub(crate) fn settle(&mut self, commit: CommitId) {
        self.fields.settle();
        let (mut keys, mut positions) = (self.staged_keys.as_slice(), self.staged_positions.as_slice());
        for StagedChange { key_len, added } in self.staged.drain(..) {
            let key = keys.split_off(..key_len as usize).unwrap_or_default();
            let Some(StagedPosting { posting, length, positions: count }) = added else {
                self.terms.retire(key, 1, commit);
                continue;
            };
            let positions = positions.split_off(..count as usize).filter(|_| self.has_positions);
            self.terms.push(key, NewPosting { posting, length, positions });
        }
        self.staged_keys.clear();
        self.staged_positions.clear();
    }

    /// `None`: nothing is known here; `Some(None)`: removed.
    pub(crate) fn kv(&self, key: &KvKey) -> Option<Option<&Arc<[u8]>>> {
        self.kv.get(key).map(Option::as_ref)
    }

    /// What the application keeps, with `from <= key`, ascending.
    pub(crate) fn kv_from(&self, from: KvKey) -> impl Iterator<Item = (&KvKey, Option<&Arc<[u8]>>)> {
        self.kv.range(from..).map(|(key, value)| (key, value.as_ref()))
    }

    pub(crate) fn put_kv(&mut self, key: KvKey, value: Option<Arc<[u8]>>) {
        let bytes = key.table.len() + key.key.len() + value.as_ref().map_or(0, |value| value.len());
        self.bytes += ENTRY_BYTES + bytes as u64;
        self.kv.insert_mut(key, value);
    }

    pub(crate) fn put_expiry(&mut self, expiry: ExpiryKey, added: bool) {
        self.expiries.insert_mut(expiry, added);
    }
}
