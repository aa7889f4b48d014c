//! A read view: one redb snapshot, the memtables in front of it, and the catalog. What every read and search sees.
//!
//! A view never changes; a write makes the next one. Everything above this file reads through it and cannot tell
//! what came from memory and what from `.vdb`.

use std::collections::{BTreeMap, BTreeSet};
use std::iter::Peekable;
use std::sync::Arc;

use vectlite_text::{Posting, TermPattern};

use super::catalog::{Catalog, Space};
use super::document::Document;
use super::fields::definition::{Field, Fields};
use super::fields::postings::Postings;
use super::kv::{KvEntry, KvKey};
use super::memtable::Memtable;
use super::position_reader::PositionReader;
use super::reader::Snapshot;
use super::record::{NamespaceId, RecordKey, RecordRow, RowPart, Slot};
use super::slot_set::SlotSet;
use super::term_deltas::{Horizon, NewPosting};
use super::term_key::TermKey;
use super::term_list::TermList;
use super::wal::CommitId;
use super::writer::Tables;
use crate::clock::Millis;
use crate::error::{Error, Result};
use crate::index_config::IndexConfig;
use crate::value::Metadata;

/// See the module.
#[derive(Debug, Clone)]
pub(crate) struct View {
    /// The last commit this view shows.
    pub(crate) commit: u64,
    pub(crate) catalog: Catalog,
    /// Commits since the freeze, or since the snapshot when nothing is frozen.
    pub(crate) active: Memtable,
    /// Commits that a checkpoint is moving into `.vdb`.
    pub(crate) frozen: Option<Memtable>,
    pub(crate) snapshot: Arc<Snapshot>,
}

impl View {
    /// What `.vdb` alone shows.
    pub(crate) fn of(snapshot: Arc<Snapshot>) -> View {
        View {
            commit: snapshot.commit,
            catalog: snapshot.catalog.clone(),
            active: Memtable::default(),
            frozen: None,
            snapshot,
        }
    }

    /// The same commits over a newer snapshot, which holds what was frozen.
    pub(crate) fn rebased(&self, snapshot: &Arc<Snapshot>) -> View {
        let mut view = self.clone();
        view.frozen = None;
        view.snapshot = Arc::clone(snapshot);
        if self.commit == snapshot.commit {
            view.active = Memtable::default();
        }
        view
    }

    /// What was applied since the last commit is this commit, which is in the log.
    pub(crate) fn settle(&mut self, commit: CommitId) {
        self.commit = commit;
        self.active.settle(commit);
    }

    /// Memtables, the newest first.
    fn layers(&self) -> impl DoubleEndedIterator<Item = &Memtable> {
        std::iter::once(&self.active).chain(&self.frozen)
    }

    /// The row of a record, expired or not.
    pub(crate) fn record(&self, record: &RecordKey) -> Result<Option<RecordRow>> {
        match self.layers().find_map(|layer| layer.record(record)) {
            Some(row) => Ok(row.cloned()),
            None => self.snapshot.record(record),
        }
    }

    /// Records with `from <= key`, ascending by namespace id, then record id; expired ones too.
    pub(crate) fn records_from<'a, T: RowPart + 'a>(
        &'a self,
        from: &RecordKey,
    ) -> Result<impl Iterator<Item = Result<(RecordKey, T)>> + use<'a, T>> {
        let mut sources: Vec<Source<'a, RecordKey, T>> = Vec::new();
        for layer in self.layers() {
            let entries =
                layer.records_from(from.clone()).map(|(record, row)| Ok((record.clone(), row.map(T::of))));
            sources.push(source(entries));
        }
        let stored =
            self.snapshot.records_from(from)?.map(|entry| entry.map(|(record, row)| (record, Some(row))));
        sources.push(source(stored));
        Ok(std::iter::from_fn(move || next_entry(&mut sources)))
    }

    /// What a slot stands for. From `.vdb` it comes without its vectors: see [`View::vectors`].
    pub(crate) fn document(&self, slot: Slot) -> Result<Arc<Document>> {
        match self.layers().find_map(|layer| layer.document(slot)) {
            Some(document) => Ok(Arc::clone(document)),
            None => self.snapshot.document(slot).map(Arc::new),
        }
    }

    /// The record that a slot stands for.
    pub(crate) fn record_of(&self, slot: Slot) -> Result<RecordKey> {
        match self.layers().find_map(|layer| layer.document(slot)) {
            Some(document) => Ok(document.record.clone()),
            None => self.snapshot.record_of(slot),
        }
    }

    /// Calls `visit` with the vector of each of the slots that has one in the space; slots must ascend.
    pub(crate) fn visit_vectors(
        &self,
        space: &Space,
        slots: impl Iterator<Item = Slot>,
        mut visit: impl FnMut(Slot, &[f32]) -> Result<()>,
    ) -> Result<()> {
        let stored_bound = self.snapshot.catalog.next_slot;
        let mut slots = slots.peekable();
        let stored = std::iter::from_fn(|| slots.next_if(|slot| *slot < stored_bound));
        self.snapshot.visit_vectors(space, stored, &mut visit)?;
        for slot in slots {
            let document = self.document(slot)?;
            if let Some((_, vector)) = document.vectors.iter().find(|(id, _)| *id == space.id) {
                visit(slot, vector)?;
            }
        }
        Ok(())
    }

    /// The vector of a slot in a space.
    pub(crate) fn vector(&self, space: &Space, slot: Slot) -> Result<Option<Vec<f32>>> {
        let mut found = None;
        self.visit_vectors(space, std::iter::once(slot), |_, vector| {
            found = Some(vector.to_vec());
            Ok(())
        })?;
        Ok(found)
    }

    /// Document frequency and postings of a term in a namespace.
    pub(crate) fn term(&self, namespace: NamespaceId, term: &str) -> Result<TermList> {
        let stored = self.snapshot.term(namespace, term)?;
        let mut list = TermList::of_stored(stored, &self.catalog.lengths);
        let mut retired = 0;
        let horizon = Horizon { next_slot: self.catalog.next_slot, commit: self.commit };
        for delta in self.layers().rev().map(|layer| layer.term(namespace, term, horizon)) {
            list.document_frequency += delta.len();
            retired += delta.retired;
            delta.blocks.into_iter().for_each(|block| list.push_block(block));
        }
        list.document_frequency = list.document_frequency.saturating_sub(retired);
        Ok(list)
    }

    /// Where a term of a namespace stands in the documents of its list; `None` in a database that stores no positions.
    pub(crate) fn positions(&self, namespace: NamespaceId, term: &str) -> Result<Option<PositionReader>> {
        let Some(runs) = self.snapshot.position_runs(namespace, term)? else { return Ok(None) };
        Ok(Some(PositionReader::new(namespace, term, self.term(namespace, term)?, runs)))
    }

    /// Every term of every namespace, in no particular order.
    pub(crate) fn terms(&self) -> Result<impl Iterator<Item = Result<(NamespaceId, String)>>> {
        let mut new = BTreeSet::new();
        for layer in self.layers() {
            new.extend(
                layer
                    .terms()
                    .iter()
                    .map(TermKey::parts)
                    .map(|(namespace, term)| (namespace, term.to_owned())),
            );
        }
        let known = new.clone();
        let stored = self
            .snapshot
            .terms()?
            .filter(move |term| term.as_ref().map_or(true, |term| !known.contains(term)));
        Ok(stored.chain(new.into_iter().map(Ok)))
    }

    /// The terms of a namespace that a pattern matches; `None` when they are more than `limit`.
    pub(crate) fn terms_matching(
        &self,
        namespace: NamespaceId,
        pattern: &TermPattern,
        limit: usize,
    ) -> Result<Option<BTreeSet<String>>> {
        let mut terms = BTreeSet::new();
        if !self.snapshot.terms_matching(namespace, pattern, limit, &mut terms)? {
            return Ok(None);
        }
        self.layers().for_each(|layer| layer.terms_matching(namespace, pattern, limit, &mut terms));
        Ok(Some(terms).filter(|terms| terms.len() <= limit))
    }

    /// The index of a field, if there is one that a checkpoint has built.
    pub(crate) fn field(&self, path: &str) -> Option<&Field> {
        let field = self.catalog.fields.by_path(path)?;
        self.snapshot.catalog.fields.contains(field.id).then_some(field)
    }

    /// What `ask` finds in the parts of a field's index, all together. What it says of [`View::unindexed`] slots means nothing.
    pub(crate) fn in_field(&self, field: &Field, ask: impl Fn(&dyn Postings) -> SlotSet) -> Result<SlotSet> {
        let mut found = ask(self.snapshot.field(field.id)?.as_ref());
        for layer in self.layers() {
            found.extend(&layer.fields.with(field, &self.catalog.settings.analyzer, |recent| ask(recent)));
        }
        Ok(found)
    }

    /// Slots of which no field index knows what they hold: their records have to be looked at.
    pub(crate) fn unindexed(&self) -> SlotSet {
        let mut slots = SlotSet::new();
        self.layers().for_each(|layer| slots.extend(&layer.fields.unknown()));
        slots
    }

    /// What the application keeps under a key.
    pub(crate) fn kv(&self, key: &KvKey) -> Result<Option<Arc<[u8]>>> {
        match self.layers().find_map(|layer| layer.kv(key)) {
            Some(value) => Ok(value.cloned()),
            None => self.snapshot.kv(key),
        }
    }

    /// Whether it keeps anything there, damaged or not.
    pub(crate) fn has_kv(&self, key: &KvKey) -> Result<bool> {
        match self.layers().find_map(|layer| layer.kv(key)) {
            Some(value) => Ok(value.is_some()),
            None => self.snapshot.has_kv(key),
        }
    }

    /// What the memtables say of keys, `None` of one that was removed.
    pub(crate) fn recent_kv(&self) -> BTreeMap<KvKey, Option<Arc<[u8]>>> {
        let entries = self.layers().rev().flat_map(|layer| layer.kv_from(KvKey::new("", "")));
        entries.map(|(key, value)| (key.clone(), value.cloned())).collect()
    }

    /// What the application keeps, with `from <= key`, ascending.
    pub(crate) fn kv_from<'a>(
        &'a self,
        from: &KvKey,
    ) -> Result<impl Iterator<Item = Result<KvEntry>> + use<'a>> {
        let mut sources: Vec<Source<'a, KvKey, Result<Arc<[u8]>>>> = Vec::new();
        for layer in self.layers() {
            let entries =
                layer.kv_from(from.clone()).map(|(key, value)| Ok((key.clone(), value.cloned().map(Ok))));
            sources.push(source(entries));
        }
        let stored = self.snapshot.kv_from(from)?.map(|entry| entry.map(|(key, value)| (key, Some(value))));
        sources.push(source(stored));
        Ok(std::iter::from_fn(move || next_entry(&mut sources)))
    }

    /// Records that are past their time to live at `now` but not yet swept, with their slots.
    pub(crate) fn expired(&self, now: Millis) -> Result<Vec<(RecordKey, Slot)>> {
        let mut due = BTreeSet::new();
        for entry in self.snapshot.expiries(now)? {
            due.insert(entry?);
        }
        for layer in self.layers().rev() {
            for (expiry, added) in layer.expiries(now) {
                if added {
                    due.insert(expiry.clone());
                } else {
                    due.remove(expiry);
                }
            }
        }
        let mut expired = Vec::with_capacity(due.len());
        for (_, record) in due {
            if let Some(row) = self.record(&record)?.filter(|row| row.is_expired(now)) {
                expired.push((record, row.slot));
            }
        }
        Ok(expired)
    }

    /// The slots of those records.
    pub(crate) fn expired_slots(&self, now: Millis) -> Result<SlotSet> {
        Ok(self.expired(now)?.into_iter().map(|(_, slot)| slot).collect())
    }

    /// The row of the record that holds a live slot.
    pub(crate) fn row_of(&self, slot: Slot, record: &RecordKey) -> Result<RecordRow> {
        let row = self.record(record)?.filter(|row| row.slot == slot);
        row.ok_or_else(|| {
            Error::corruption(format!(
                "slot {slot} is live but record {:?} does not hold it; run verify",
                record.id
            ))
        })
    }
}

/// What one layer has under a key, `None` where it says that it is gone.
type MergeEntry<K, V> = Result<(K, Option<V>)>;

/// What one layer has, ascending.
type Source<'a, K, V> = Peekable<Box<dyn Iterator<Item = MergeEntry<K, V>> + 'a>>;

fn source<'a, K, V>(entries: impl Iterator<Item = MergeEntry<K, V>> + 'a) -> Source<'a, K, V> {
    let entries: Box<dyn Iterator<Item = MergeEntry<K, V>> + 'a> = Box::new(entries);
    entries.peekable()
}

/// The next entry of all sources, that of the newest among equal keys.
fn next_entry<K: Ord + Clone, V>(sources: &mut [Source<'_, K, V>]) -> Option<Result<(K, V)>> {
    loop {
        let mut smallest: Option<K> = None;
        for source in sources.iter_mut() {
            match source.peek() {
                None => {}
                Some(Err(_)) => return source.next().and_then(Result::err).map(Err),
                Some(Ok((key, _))) if smallest.as_ref().is_none_or(|smallest| key < smallest) => {
                    smallest = Some(key.clone());
                }
                Some(Ok(_)) => {}
            }
        }
        let smallest = smallest?;
        let mut newest = None;
        for source in sources.iter_mut() {
            let entry = source.next_if(|entry| entry.as_ref().is_ok_and(|(key, _)| *key == smallest));
            if let Some(Ok((key, value))) = entry
                && newest.is_none()
            {
                newest = Some((key, value));
            }
        }
        if let Some((key, Some(value))) = newest {
            return Some(Ok((key, value)));
        }
    }
}

/// A view that is being written: the next commit, before it is in the log.
impl Tables for View {
    fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    fn catalog_mut(&mut self) -> &mut Catalog {
        &mut self.catalog
    }

    fn record(&self, record: &RecordKey) -> Result<Option<RecordRow>> {
        View::record(self, record)
    }

    fn put_record(&mut self, record: &RecordKey, row: Option<RecordRow>) -> Result<()> {
        self.active.put_record(record.clone(), row);
        Ok(())
    }

    fn document(&self, slot: Slot) -> Result<Arc<Document>> {
        View::document(self, slot)
    }

    fn put_document(&mut self, slot: Slot, document: Arc<Document>) -> Result<()> {
        self.active.put_document(slot, document)
    }

    fn add_posting(
        &mut self,
        namespace: NamespaceId,
        term: &str,
        posting: Posting,
        positions: &[u32],
    ) -> Result<()> {
        let length = self.catalog.lengths.get(posting.slot);
        let positions = self.catalog.settings.positions.then_some(positions);
        self.active.add_posting(namespace, term, NewPosting { posting, length, positions });
        Ok(())
    }

    fn retire_term(&mut self, namespace: NamespaceId, term: &str) -> Result<()> {
        self.active.retire_term(namespace, term);
        Ok(())
    }

    fn put_expiry(&mut self, expiry: super::memtable::ExpiryKey, added: bool) -> Result<()> {
        self.active.put_expiry(expiry, added);
        Ok(())
    }

    fn index_fields(&mut self, slot: Slot, old: Option<&Metadata>, new: &Arc<Metadata>) -> Result<()> {
        self.active.note_fields(slot, old.is_none().then(|| Arc::clone(new)));
        Ok(())
    }

    fn put_kv(&mut self, key: &KvKey, value: Option<&Arc<[u8]>>) -> Result<()> {
        self.active.put_kv(key.clone(), value.cloned());
        Ok(())
    }

    fn put_index_config(&mut self, config: IndexConfig) {
        self.catalog.index_config = config;
        self.active.note_catalog();
    }

    fn put_fields(&mut self, fields: Fields) {
        self.catalog.fields = fields;
        self.active.note_catalog();
    }
}
