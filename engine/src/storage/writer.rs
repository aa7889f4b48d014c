//! Who may change tables: one trait, with the memtable (through a draft) and a redb transaction behind it.
//!
//! `index::maintain::apply` is generic over it, so that a commit, a replayed log, and an application's own
//! transaction change the same tables by the same code.

use std::collections::BTreeMap;
use std::sync::Arc;

use redb::{ReadableTable, Table, WriteTransaction};
use vectlite_text::Posting;

use super::catalog::{Catalog, DEFAULT_SPACE, Population, Space, SpaceId};
use super::codec::{Encoder, unseal};
use super::document::Document;
use super::fields::definition::Fields;
use super::fields::entries::{Entry, entries};
use super::fields::table::{self, FieldChanges, FieldTable};
use super::kv::KvKey;
use super::memtable::{ExpiryKey, Memtable};
use super::reader::storage_error;
use super::record::{NamespaceId, RecordKey, RecordRow, Slot};
use super::settings::{Settings, encode_index_config};
use super::slot_set::{self, SlotSet};
use super::tables::{self, Bytes, Prefixed, key};
use super::term_deltas::Horizon;
use super::term_key::TermKey;
use super::term_tables::{Facts, TermChange, TermTables};
use super::vectors::{self, Chunk, ChunkBuilder};
use crate::error::{Error, Result};
use crate::index_config::IndexConfig;
use crate::options::SparseScoring;
use crate::value::Metadata;

/// Hears how much of the work of building field indexes is done: records so far, and of how many.
pub(crate) type Progress<'a> = &'a mut dyn FnMut(u64, u64);
/// Records between two calls of that.
const PROGRESS_RECORDS: u64 = 1_024;

/// The tables of a database, open for one writer.
pub(crate) trait Tables {
    /// What is known without a look-up, as this writer sees it.
    fn catalog(&self) -> &Catalog;
    /// The same, to be changed.
    fn catalog_mut(&mut self) -> &mut Catalog;
    /// The row of a record, expired or not.
    fn record(&self, record: &RecordKey) -> Result<Option<RecordRow>>;
    /// Puts the row of a record, or removes the record.
    fn put_record(&mut self, record: &RecordKey, row: Option<RecordRow>) -> Result<()>;
    /// What a slot stands for; its vectors may be left out. `Corruption` when there is nothing.
    fn document(&self, slot: Slot) -> Result<Arc<Document>>;
    /// Puts what a slot stands for, vectors included. Slots ascend.
    fn put_document(&mut self, slot: Slot, document: Arc<Document>) -> Result<()>;
    /// Adds a posting, of a live document, behind those the term has (slots ascend), with the positions of the term in its text.
    fn add_posting(
        &mut self,
        namespace: NamespaceId,
        term: &str,
        posting: Posting,
        positions: &[u32],
    ) -> Result<()>;
    /// Takes a document from the document frequency of a term; its posting stays until compaction.
    fn retire_term(&mut self, namespace: NamespaceId, term: &str) -> Result<()>;
    /// Adds (`true`) or takes back an entry in the order of expiry.
    fn put_expiry(&mut self, expiry: ExpiryKey, added: bool) -> Result<()>;
    /// The metadata under a slot becomes this, in every field index; `old` is what it was, if the slot is not new.
    fn index_fields(&mut self, slot: Slot, old: Option<&Metadata>, new: &Arc<Metadata>) -> Result<()>;
    /// What the application keeps under a key becomes this, or goes.
    fn put_kv(&mut self, key: &KvKey, value: Option<&Arc<[u8]>>) -> Result<()>;
    /// Replaces the configuration of the graphs.
    fn put_index_config(&mut self, config: IndexConfig);
    /// Replaces the list of field indexes.
    fn put_fields(&mut self, fields: Fields);
}

/// The tables inside a redb transaction.
pub(crate) struct RedbTables<'txn> {
    catalog: Catalog,
    /// The catalog as it is stored: what changed since is written at the end.
    stored: Catalog,
    records: Table<'txn, (u32, &'static str), Bytes>,
    documents: Table<'txn, u32, Bytes>,
    vectors: Table<'txn, (u16, u32), Bytes>,
    terms: TermTables<'txn>,
    expiries: Table<'txn, (u64, u32, &'static str), Bytes>,
    fields: FieldTable<'txn>,
    field_changes: FieldChanges,
    kv: Table<'txn, (&'static str, &'static str), Bytes>,
    /// The last chunk of each space, filled in memory and written when the next one starts.
    chunks: BTreeMap<SpaceId, ChunkBuilder>,
    prefixed: Prefixed<'txn, WriteTransaction>,
}

impl<'txn> RedbTables<'txn> {
    /// Opens every table, creating those that do not exist. `stored` is the catalog that the tables hold.
    pub(crate) fn open(
        prefixed: Prefixed<'txn, WriteTransaction>,
        stored: Catalog,
    ) -> Result<RedbTables<'txn>> {
        let terms = TermTables::open(prefixed, stored.settings.positions)?;
        Ok(RedbTables {
            catalog: stored.clone(),
            stored,
            records: prefixed.open_table(tables::RECORDS).map_err(storage_error)?,
            documents: prefixed.open_table(tables::DOCUMENTS).map_err(storage_error)?,
            vectors: prefixed.open_table(tables::VECTORS).map_err(storage_error)?,
            terms,
            expiries: prefixed.open_table(tables::EXPIRIES).map_err(storage_error)?,
            fields: prefixed.open_table(tables::FIELDS).map_err(storage_error)?,
            field_changes: FieldChanges::default(),
            kv: prefixed.open_table(tables::KV).map_err(storage_error)?,
            chunks: BTreeMap::new(),
            prefixed,
        })
    }

    /// The vector space that every database has from the beginning.
    pub(super) fn add_default_space(&mut self, dimension: usize) -> Result<()> {
        let space = Space::new(DEFAULT_SPACE, "", dimension, self.catalog.settings.metric);
        self.catalog.add_space(space)
    }

    /// Takes over the catalog of a memtable that is being written here.
    pub(crate) fn adopt_catalog(&mut self, catalog: Catalog) {
        self.catalog = catalog;
    }

    fn put_vector(&mut self, space: &Space, slot: Slot, vector: &[f32]) -> Result<()> {
        let (number, _) = vectors::place(slot, space.rows_per_chunk);
        if let Some(chunk) = self.chunks.get_mut(&space.id).filter(|chunk| chunk.number() == number) {
            chunk.push(slot, vector);
            return Ok(());
        }
        if let Some(full) = self.chunks.remove(&space.id) {
            self.vectors
                .insert((space.id, full.number()), full.encode().as_slice())
                .map_err(storage_error)?;
        }
        let mut chunk = match self.vectors.get((space.id, number)).map_err(storage_error)? {
            None => ChunkBuilder::new(space.id, number, space.rows_per_chunk),
            Some(value) => {
                let stored =
                    Chunk::open(space.id, number, space.dimension, space.rows_per_chunk, value.value())?;
                ChunkBuilder::resume(&stored)
            }
        };
        chunk.push(slot, vector);
        self.chunks.insert(space.id, chunk);
        Ok(())
    }

    /// Changes the terms that a memtable holds.
    pub(crate) fn change_terms(self, frozen: &Memtable) -> Result<RedbTables<'txn>> {
        // The order of keys: redb then writes each page once.
        let mut changing = frozen.terms();
        changing.sort_unstable();
        let change = |key: &TermKey| {
            let (namespace, term) = key.parts();
            let delta = frozen.term(namespace, term, Horizon::END);
            let mut change = TermChange { retired: delta.retired, ..TermChange::default() };
            for block in &delta.blocks {
                change.added.extend(block.block.iter());
                change.positions.append(&block.positions);
            }
            change
        };
        let RedbTables { catalog, documents, terms, .. } = self;
        let document = |slot| stored_document(&documents, slot);
        let facts = facts(&catalog, &document);
        let terms = terms.change_all(&changing, change, &facts)?;
        Ok(RedbTables { catalog, documents, terms, ..self })
    }

    /// Adds to a term.
    pub(super) fn change_term(
        &mut self,
        namespace: NamespaceId,
        term: &str,
        change: &TermChange,
    ) -> Result<()> {
        let document = |slot| stored_document(&self.documents, slot);
        self.terms.change(namespace, term, change, &facts(&self.catalog, &document))
    }

    /// Moves a record of a memtable here.
    pub(crate) fn move_record(&mut self, record: &RecordKey, row: Option<RecordRow>) -> Result<()> {
        if let Some(row) = row.as_ref().filter(|_| !self.stored.fields.is_empty()) {
            // Only a slot that is in the table already had other metadata before.
            let old = if row.slot < self.stored.next_slot { self.record(record)? } else { None };
            let old = old.filter(|old| old.slot == row.slot).map(|old| old.metadata);
            self.index_fields(row.slot, old.as_deref(), &row.metadata)?;
        }
        self.put_record(record, row)
    }

    /// Writes what is still in memory: the last chunks, field indexes and the catalog. The transaction is ready to commit then.
    pub(crate) fn finish(mut self, progress: Progress<'_>) -> Result<Catalog> {
        self.store_fields(progress)?;
        for (space, chunk) in std::mem::take(&mut self.chunks) {
            self.vectors.insert((space, chunk.number()), chunk.encode().as_slice()).map_err(storage_error)?;
        }
        if self.catalog.index_config != self.stored.index_config {
            put_meta(self.prefixed, "index_config", &encode_index_config(&self.catalog.index_config)?)?;
        }
        self.store_names()?;
        self.store_live()?;
        let mut lengths = self.prefixed.open_table(tables::LENGTHS).map_err(storage_error)?;
        for (number, value) in self.catalog.lengths.changes_since(&self.stored.lengths) {
            lengths.insert(number, value.as_slice()).map_err(storage_error)?;
        }
        Ok(self.catalog)
    }

    /// Changes the field indexes that there were, takes away those that are dropped and builds those that are new.
    fn store_fields(&mut self, progress: Progress<'_>) -> Result<()> {
        if self.catalog.fields == self.stored.fields {
            return std::mem::take(&mut self.field_changes).apply(&mut self.fields);
        }
        let (now, before) = (self.catalog.fields.clone(), self.stored.fields.clone());
        for dropped in before.iter().filter(|field| !now.contains(field.id)) {
            table::remove(&mut self.fields, dropped.id)?;
        }
        let new: Vec<_> = now.iter().filter(|field| !before.contains(field.id)).collect();
        if !new.is_empty() {
            let analyzer = &self.catalog.settings.analyzer;
            let all = self.catalog.live_in_all(Population::Records).map_or(0, SlotSet::len);
            let mut done = 0;
            for entry in self.records.iter().map_err(storage_error)? {
                let (place, value) = entry.map_err(storage_error)?;
                let (namespace, id) = place.value();
                let row = RecordRow::decode(namespace, id, value.value())?;
                for field in &new {
                    for entry in entries(field, &row.metadata, analyzer) {
                        self.field_changes.push(field, &entry, row.slot, true);
                    }
                }
                done += 1;
                if done % PROGRESS_RECORDS == 0 {
                    progress(done.min(all), all);
                }
            }
            progress(all, all);
        }
        std::mem::take(&mut self.field_changes).apply(&mut self.fields)?;
        put_meta(self.prefixed, "fields", &now.encode())
    }

    fn store_names(&self) -> Result<()> {
        let mut namespaces = self.prefixed.open_table(tables::NAMESPACES).map_err(storage_error)?;
        for (id, namespace) in self.catalog.namespaces() {
            if self.stored.namespace(id) != Some(namespace) {
                let value = namespace.encode(id);
                namespaces.insert(namespace.name.as_ref(), value.as_slice()).map_err(storage_error)?;
            }
        }
        let mut spaces = self.prefixed.open_table(tables::SPACES).map_err(storage_error)?;
        for space in self.catalog.spaces().iter().skip(self.stored.spaces().len()) {
            spaces.insert(space.id, space.encode().as_slice()).map_err(storage_error)?;
        }
        Ok(())
    }

    fn store_live(&self) -> Result<()> {
        let mut live = self.prefixed.open_table(tables::LIVE).map_err(storage_error)?;
        let nothing = SlotSet::new();
        for ((namespace, population), set) in self.catalog.live_sets() {
            let base = self.stored.live_set((namespace, population)).unwrap_or(&nothing);
            for (number, block) in set.changes_since(base) {
                let place = (namespace, population, number);
                match block {
                    None => drop(live.remove(place).map_err(storage_error)?),
                    Some(block) => {
                        let seal_key = key::live(namespace, population, number);
                        let value = slot_set::encode_block("live", &seal_key, &block)?;
                        live.insert(place, value.as_slice()).map_err(storage_error)?;
                    }
                }
            }
        }
        Ok(())
    }
}

impl Tables for RedbTables<'_> {
    fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    fn catalog_mut(&mut self) -> &mut Catalog {
        &mut self.catalog
    }

    fn record(&self, record: &RecordKey) -> Result<Option<RecordRow>> {
        let value = self.records.get((record.namespace, record.id.as_ref())).map_err(storage_error)?;
        value.map(|value| RecordRow::decode(record.namespace, &record.id, value.value())).transpose()
    }

    fn put_record(&mut self, record: &RecordKey, row: Option<RecordRow>) -> Result<()> {
        let place = (record.namespace, record.id.as_ref());
        match row {
            None => drop(self.records.remove(place).map_err(storage_error)?),
            Some(row) => {
                let value = row.encode(record)?;
                self.records.insert(place, value.as_slice()).map_err(storage_error)?;
            }
        }
        Ok(())
    }

    fn document(&self, slot: Slot) -> Result<Arc<Document>> {
        stored_document(&self.documents, slot)
    }

    fn put_document(&mut self, slot: Slot, document: Arc<Document>) -> Result<()> {
        self.documents.insert(slot, document.encode(slot).as_slice()).map_err(storage_error)?;
        for (space, vector) in &document.vectors {
            let space = self.catalog.space_by_id(*space).cloned().ok_or_else(|| missing_space(*space))?;
            self.put_vector(&space, slot, vector)?;
        }
        Ok(())
    }

    fn add_posting(
        &mut self,
        namespace: NamespaceId,
        term: &str,
        posting: Posting,
        positions: &[u32],
    ) -> Result<()> {
        let mut change = TermChange { added: vec![posting], ..TermChange::default() };
        change.positions.push(positions);
        self.change_term(namespace, term, &change)
    }

    fn retire_term(&mut self, namespace: NamespaceId, term: &str) -> Result<()> {
        self.change_term(namespace, term, &TermChange { retired: 1, ..TermChange::default() })
    }

    fn put_expiry(&mut self, (at, record): ExpiryKey, added: bool) -> Result<()> {
        let place = (at, record.namespace, record.id.as_ref());
        if added {
            let value = Encoder::sealed().seal("expiries", &key::expiry(at, record.namespace, &record.id));
            self.expiries.insert(place, value.as_slice()).map_err(storage_error)?;
        } else {
            self.expiries.remove(place).map_err(storage_error)?;
        }
        Ok(())
    }

    fn index_fields(&mut self, slot: Slot, old: Option<&Metadata>, new: &Arc<Metadata>) -> Result<()> {
        let analyzer = &self.catalog.settings.analyzer;
        // What is new is built as a whole at the end.
        for field in self.stored.fields.iter().filter(|field| self.catalog.fields.contains(field.id)) {
            let after = entries(field, new, analyzer);
            let before = old.map(|old| entries(field, old, analyzer)).unwrap_or_default();
            let gone = before.difference(&after).map(|entry: &Entry| (entry, false));
            for (entry, added) in gone.chain(after.difference(&before).map(|entry| (entry, true))) {
                self.field_changes.push(field, entry, slot, added);
            }
        }
        Ok(())
    }

    fn put_kv(&mut self, key: &KvKey, value: Option<&Arc<[u8]>>) -> Result<()> {
        let place = (key.table.as_ref(), key.key.as_ref());
        match value {
            None => drop(self.kv.remove(place).map_err(storage_error)?),
            Some(value) => {
                self.kv.insert(place, key.seal(value).as_slice()).map_err(storage_error)?;
            }
        }
        Ok(())
    }

    fn put_index_config(&mut self, config: IndexConfig) {
        self.catalog.index_config = config;
    }

    fn put_fields(&mut self, fields: Fields) {
        self.catalog.fields = fields;
    }
}

fn facts<'a>(catalog: &'a Catalog, document: &'a dyn Fn(Slot) -> Result<Arc<Document>>) -> Facts<'a> {
    let Settings { analyzer, sparse_scoring, .. } = catalog.settings.as_ref();
    let rounds = *sparse_scoring == SparseScoring::Dot;
    Facts { lengths: &catalog.lengths, rounds, analyzer, document }
}

fn stored_document(documents: &impl ReadableTable<u32, Bytes>, slot: Slot) -> Result<Arc<Document>> {
    let value = documents.get(slot).map_err(storage_error)?;
    let value = value.ok_or_else(|| missing_document(slot))?;
    Document::decode(slot, value.value()).map(Arc::new)
}

/// A slot that something points to stands for nothing.
pub(crate) fn missing_document(slot: Slot) -> Error {
    Error::corruption(format!(
        "the table \"documents\" has no value for slot {slot}, which is in use; run verify"
    ))
}

/// A vector names a space that is not in the catalog.
pub(crate) fn missing_space(space: SpaceId) -> Error {
    Error::corruption(format!("vector space {space} is in use but not in the table \"spaces\"; run verify"))
}

/// Puts a value of the table `meta`.
pub(crate) fn put_meta(prefixed: Prefixed<'_, WriteTransaction>, name: &str, value: &[u8]) -> Result<()> {
    let mut meta = prefixed.open_table(tables::META).map_err(storage_error)?;
    let mut encoder = Encoder::sealed();
    encoder.raw(value);
    meta.insert(name, encoder.seal("meta", name.as_bytes()).as_slice()).map_err(storage_error)?;
    Ok(())
}

/// The value of the table `meta` under `name`, which must exist.
pub(crate) fn meta_value(table: &impl ReadableTable<&'static str, Bytes>, name: &str) -> Result<Vec<u8>> {
    let value = table.get(name).map_err(storage_error)?;
    let value =
        value.ok_or_else(|| Error::corruption(format!("the table \"meta\" has no value {name:?}")))?;
    Ok(unseal("meta", name.as_bytes(), value.value())?.to_vec())
}
