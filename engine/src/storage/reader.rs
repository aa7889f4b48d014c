//! What is in `.vdb` at one moment: a redb snapshot with its tables open, and the catalog that was stored with it.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use redb::{AccessGuard, ReadOnlyTable, ReadTransaction, ReadableTable, ReadableTableMetadata};
use vectlite_text::{Look, TermPattern};

use super::catalog::{Catalog, Namespace, Population, Space};
use super::codec::Decoder;
use super::document::Document;
use super::fields::definition::{FieldId, Fields};
use super::fields::stored::StoredField;
use super::key_order::{KeyOrder, STEPS_PER_LOOK_UP};
use super::kv::{self, KvEntry, KvKey};
use super::memtable::ExpiryKey;
use super::open::Keep;
use super::position_reader::StoredRun;
use super::record::{NamespaceId, RecordKey, RecordRow, RowPart, Slot};
use super::settings::{Settings, decode_index_config};
use super::slot_set::{self, SlotSet};
use super::stored_list::StoredList;
use super::tables::{self, Bytes, Prefixed, key};
use super::term_cache::TermCache;
use super::terms::TermRow;
use super::vectors::{self, Chunk};
use super::writer::{meta_value, missing_document};
use crate::clock::Millis;
use crate::error::{Error, ErrorKind, Result, guarded};

/// A look-up takes as long as some steps to the next term: a dictionary is searched anew only after so many terms that a pattern
/// could have skipped.
const MISSES_BEFORE_SEEK: usize = 8;

/// Version of everything inside `.vdb`. A file with a higher one is refused, with a lower one (before 1.0) too.
pub(crate) const FORMAT_VERSION: u32 = 6;

/// A table of runs of posting blocks, or of what stands beside them.
type RunTable = ReadOnlyTable<(u32, &'static str, u32), Bytes>;

/// The table of vector chunks, as a scan keeps it open.
type VectorTable = ReadOnlyTable<(u16, u32), Bytes>;

/// See the module.
pub(crate) struct Snapshot {
    /// The last commit that is part of it.
    pub(crate) commit: u64,
    pub(crate) catalog: Catalog,
    pub(super) records: ReadOnlyTable<(u32, &'static str), Bytes>,
    pub(super) documents: ReadOnlyTable<u32, Bytes>,
    pub(super) vectors: VectorTable,
    pub(super) terms: ReadOnlyTable<(u32, &'static str), Bytes>,
    pub(super) postings: RunTable,
    /// `None` in a database that stores none.
    pub(super) positions: Option<RunTable>,
    pub(super) expiries: ReadOnlyTable<(u64, u32, &'static str), Bytes>,
    pub(super) fields: ReadOnlyTable<(u32, &'static [u8], u16), Bytes>,
    pub(super) kv: ReadOnlyTable<(&'static str, &'static str), Bytes>,
    /// Field indexes that were asked for.
    read_fields: Mutex<HashMap<FieldId, Arc<StoredField>>>,
    key_order: OnceLock<KeyOrder>,
    /// Records that were looked up for want of it.
    looked_up: AtomicU64,
    lists: TermCache,
    /// Last, so that it is dropped last: redb closes the file with its last handle.
    _keep: Keep,
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot").field("commit", &self.commit).finish_non_exhaustive()
    }
}

impl Snapshot {
    /// Opens the tables of a transaction and reads the catalog: the cost of opening a database.
    pub(crate) fn open(prefixed: Prefixed<'_, ReadTransaction>, keep: Keep) -> Result<Snapshot> {
        let meta = open_meta(prefixed)?;
        let mut catalog = begin_catalog(&meta)?;
        catalog.index_config = decode_index_config(&meta_value(&meta, "index_config")?)?;
        catalog.fields = Fields::decode(&meta_value(&meta, "fields")?)?;
        // Each slot has a document until compaction numbers them anew. Memory is taken by the number of slots: it must not be
        // a number that is only claimed.
        let documents = prefixed.open_table(tables::DOCUMENTS).map_err(storage_error)?;
        if documents.len().map_err(storage_error)? != u64::from(catalog.next_slot) {
            return Err(Error::corruption("the next slot does not follow from the documents; run verify"));
        }
        load_names(prefixed, &mut catalog)?;
        load_lengths(prefixed, &mut catalog)?;
        load_live(prefixed, &mut catalog)?;
        Snapshot::with_catalog(prefixed, catalog, keep)
    }

    /// The same of a damaged file: what is missing of the catalog is left out, and slots are live whose records can be read. For who saves what
    /// is left.
    pub(crate) fn salvaged(prefixed: Prefixed<'_, ReadTransaction>, keep: Keep) -> Result<Snapshot> {
        let meta = open_meta(prefixed)?;
        let mut catalog = begin_catalog(&meta)?;
        load_names(prefixed, &mut catalog)?;
        let named = catalog.clone();
        let mut snapshot = match guarded(|| load_live(prefixed, &mut catalog)) {
            Ok(()) => Snapshot::with_catalog(prefixed, catalog, keep)?,
            Err(_) => {
                let mut snapshot = Snapshot::with_catalog(prefixed, named, keep)?;
                snapshot.revive();
                snapshot
            }
        };
        let fields = || meta_value(&meta, "fields").and_then(|value| Fields::decode(&value));
        snapshot.catalog.fields = guarded(fields).unwrap_or_default();
        Ok(snapshot)
    }

    /// Makes the slots live that records have, and those of their vectors that are there: as far as the table of records can be read.
    fn revive(&mut self) {
        let mut found = Vec::new();
        let _ = guarded(|| {
            for entry in self.records_from::<RecordRow>(&RecordKey::new(0, ""))? {
                let (record, row) = entry?;
                found.push((record.namespace, row.slot));
            }
            Ok(())
        });
        for (namespace, slot) in found {
            self.catalog.set_live(namespace, Population::Records, slot);
            for space in self.catalog.spaces().to_vec() {
                // A chunk that is damaged may have held one.
                let mut may_be_there = false;
                let looked = guarded(|| {
                    self.visit_vectors(&space, std::iter::once(slot), |_, _| {
                        may_be_there = true;
                        Ok(())
                    })
                });
                if may_be_there || looked.is_err() {
                    self.catalog.set_live(namespace, Population::Space(space.id), slot);
                }
            }
        }
    }

    /// Opens the tables of a transaction whose catalog is known. Sharing it with the writer keeps unchanged parts
    /// recognisable, so that the next checkpoint writes changed ones only.
    pub(crate) fn with_catalog(
        prefixed: Prefixed<'_, ReadTransaction>,
        catalog: Catalog,
        keep: Keep,
    ) -> Result<Snapshot> {
        let positions = || prefixed.open_table(tables::POSITIONS).map_err(storage_error);
        Ok(Snapshot {
            commit: Counters::read(&open_meta(prefixed)?)?.commit,
            records: prefixed.open_table(tables::RECORDS).map_err(storage_error)?,
            documents: prefixed.open_table(tables::DOCUMENTS).map_err(storage_error)?,
            vectors: prefixed.open_table(tables::VECTORS).map_err(storage_error)?,
            terms: prefixed.open_table(tables::TERMS).map_err(storage_error)?,
            postings: prefixed.open_table(tables::POSTINGS).map_err(storage_error)?,
            positions: catalog.settings.positions.then(positions).transpose()?,
            expiries: prefixed.open_table(tables::EXPIRIES).map_err(storage_error)?,
            fields: prefixed.open_table(tables::FIELDS).map_err(storage_error)?,
            kv: prefixed.open_table(tables::KV).map_err(storage_error)?,
            read_fields: Mutex::default(),
            key_order: OnceLock::new(),
            looked_up: AtomicU64::new(0),
            catalog,
            lists: TermCache::new(),
            _keep: keep,
        })
    }

    pub(crate) fn record(&self, record: &RecordKey) -> Result<Option<RecordRow>> {
        let value = self.records.get((record.namespace, record.id.as_ref())).map_err(storage_error)?;
        value.map(|value| RecordRow::decode(record.namespace, &record.id, value.value())).transpose()
    }

    /// Records with `from <= key`, ascending by namespace id, then record id.
    pub(crate) fn records_from<T: RowPart>(
        &self,
        from: &RecordKey,
    ) -> Result<impl Iterator<Item = Result<(RecordKey, T)>> + use<T>> {
        let range = self.records.range((from.namespace, from.id.as_ref())..).map_err(storage_error)?;
        Ok(range.map(|entry| {
            let (place, value) = entry.map_err(storage_error)?;
            let (namespace, id) = place.value();
            let row = T::decode(namespace, id, value.value())?;
            Ok((RecordKey::new(namespace, id), row))
        }))
    }

    pub(crate) fn document(&self, slot: Slot) -> Result<Document> {
        Document::decode(slot, self.stored_document(slot)?.value())
    }

    /// The record that a slot stands for.
    pub(crate) fn record_of(&self, slot: Slot) -> Result<RecordKey> {
        Document::decode_record(slot, self.stored_document(slot)?.value())
    }

    fn stored_document(&self, slot: Slot) -> Result<AccessGuard<'static, Bytes>> {
        let value = self.documents.get(slot).map_err(storage_error)?;
        value.ok_or_else(|| missing_document(slot))
    }

    /// Calls `visit` with the vector of each of the slots that has one in the space; slots must ascend.
    pub(crate) fn visit_vectors(
        &self,
        space: &Space,
        slots: impl Iterator<Item = Slot>,
        mut visit: impl FnMut(Slot, &[f32]) -> Result<()>,
    ) -> Result<()> {
        let mut slots = slots.peekable();
        while let Some(first) = slots.peek().copied() {
            let (number, _) = vectors::place(first, space.rows_per_chunk);
            let mut same_chunk = std::iter::from_fn(|| {
                slots.next_if(|slot| vectors::place(*slot, space.rows_per_chunk).0 == number)
            });
            let Some(value) = self.vectors.get((space.id, number)).map_err(storage_error)? else {
                same_chunk.by_ref().for_each(drop);
                continue;
            };
            let chunk = Chunk::open(space.id, number, space.dimension, space.rows_per_chunk, value.value())?;
            for slot in same_chunk {
                if let Some(row) = chunk.row(slot)? {
                    visit(slot, &row)?;
                }
            }
        }
        Ok(())
    }

    /// Document frequency and postings of a term.
    pub(crate) fn term(&self, namespace: NamespaceId, term: &str) -> Result<Arc<StoredList>> {
        self.lists.get_or_open(namespace, term, || self.open_list(namespace, term))
    }

    fn open_list(&self, namespace: NamespaceId, term: &str) -> Result<StoredList> {
        let Some(value) = self.terms.get((namespace, term)).map_err(storage_error)? else {
            return Ok(StoredList::default());
        };
        let row = TermRow::decode(namespace, term, value.value())?;
        let mut list = StoredList::new(row.document_frequency, &self.catalog.lengths);
        if row.full_blocks > 0 {
            let range = self.postings.range((namespace, term, 0)..=(namespace, term, Slot::MAX));
            for entry in range.map_err(storage_error)? {
                let (place, run) = entry.map_err(storage_error)?;
                list.push_run(namespace, term, place.value().2, run)?;
            }
        }
        if list.bounds().len() as u64 != row.full_blocks {
            return Err(Error::corruption(format!(
                "the term {term:?} should have {} blocks of postings but has {}; run verify",
                row.full_blocks,
                list.bounds().len()
            )));
        }
        list.push_block(row.tail);
        Ok(list)
    }

    /// The positions of the full blocks of a term; `None` in a database that stores none.
    pub(crate) fn position_runs(&self, namespace: NamespaceId, term: &str) -> Result<Option<Vec<StoredRun>>> {
        let Some(positions) = &self.positions else { return Ok(None) };
        let range = positions.range((namespace, term, 0)..=(namespace, term, Slot::MAX));
        let runs = range.map_err(storage_error)?.map(|entry| {
            let (place, run) = entry.map_err(storage_error)?;
            Ok((place.value().2, run))
        });
        runs.collect::<Result<Vec<StoredRun>>>().map(Some)
    }

    /// Every term of every namespace, ascending, with its dictionary entry.
    pub(crate) fn terms(&self) -> Result<impl Iterator<Item = Result<(NamespaceId, String)>>> {
        let range = self.terms.iter().map_err(storage_error)?;
        Ok(range.map(|entry| {
            let (place, _) = entry.map_err(storage_error)?;
            let (namespace, term) = place.value();
            Ok((namespace, term.to_owned()))
        }))
    }

    /// Adds the terms of a namespace that a pattern matches; `false` once they are more than `limit`.
    pub(crate) fn terms_matching(
        &self,
        namespace: NamespaceId,
        pattern: &TermPattern,
        limit: usize,
        terms: &mut BTreeSet<String>,
    ) -> Result<bool> {
        let mut from = Some(pattern.first().to_owned());
        while let Some(first) = from.take() {
            let mut misses = 0;
            for entry in self.terms.range((namespace, first.as_str())..).map_err(storage_error)? {
                let (place, _) = entry.map_err(storage_error)?;
                let (of, term) = place.value();
                if of != namespace {
                    return Ok(true);
                }
                match pattern.look(term) {
                    Look::Match => {
                        terms.insert(term.to_owned());
                        if terms.len() > limit {
                            return Ok(false);
                        }
                        misses = 0;
                    }
                    Look::Miss => {}
                    Look::End => return Ok(true),
                    Look::SkipTo(next) => {
                        misses += 1;
                        if misses == MISSES_BEFORE_SEEK {
                            from = Some(next);
                            break;
                        }
                    }
                }
            }
        }
        Ok(true)
    }

    /// The index of a field, which must be in [`Catalog::fields`].
    pub(crate) fn field(&self, id: FieldId) -> Result<Arc<StoredField>> {
        let mut read = self.read_fields.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(field) = read.get(&id) {
            return Ok(Arc::clone(field));
        }
        let field = Arc::new(StoredField::read(&self.fields, id)?);
        read.insert(id, Arc::clone(&field));
        Ok(field)
    }

    /// The order of keys, for somebody who would look up so many records without it; `None` until all who asked took an eighth of the
    /// time of the walk that makes it: who lists records by a filter does it again.
    pub(crate) fn key_order(&self, records: u64) -> Result<Option<&KeyOrder>> {
        if let Some(order) = self.key_order.get() {
            return Ok(Some(order));
        }
        let before = self.looked_up.fetch_add(records, Ordering::Relaxed);
        let all = self.catalog.live_in_all(Population::Records).map_or(0, SlotSet::len);
        if before.saturating_mul(8 * STEPS_PER_LOOK_UP) < all {
            return Ok(None);
        }
        let order = KeyOrder::read(self)?;
        Ok(Some(self.key_order.get_or_init(|| order)))
    }

    /// What the application keeps under a key.
    pub(crate) fn kv(&self, key: &KvKey) -> Result<Option<Arc<[u8]>>> {
        let place = (key.table.as_ref(), key.key.as_ref());
        let value = self.kv.get(place).map_err(storage_error)?;
        value.map(|value| kv::open(place.0, place.1, value.value())).transpose()
    }

    /// Whether it keeps anything there, damaged or not.
    pub(crate) fn has_kv(&self, key: &KvKey) -> Result<bool> {
        let value = self.kv.get((key.table.as_ref(), key.key.as_ref())).map_err(storage_error)?;
        Ok(value.is_some())
    }

    /// What the application keeps, with `from <= key`, ascending.
    pub(crate) fn kv_from(&self, from: &KvKey) -> Result<impl Iterator<Item = Result<KvEntry>> + use<>> {
        let range = self.kv.range((from.table.as_ref(), from.key.as_ref())..).map_err(storage_error)?;
        Ok(range.map(|entry| {
            let (place, value) = entry.map_err(storage_error)?;
            let (table, key) = place.value();
            Ok((KvKey::new(table, key), kv::open(table, key, value.value())))
        }))
    }

    /// Records whose expiry is at or before `until`, ascending.
    pub(crate) fn expiries(&self, until: Millis) -> Result<impl Iterator<Item = Result<ExpiryKey>> + use<>> {
        let range = self.expiries.range(..(until.saturating_add(1), 0, "")).map_err(storage_error)?;
        Ok(range.map(|entry| {
            let (place, value) = entry.map_err(storage_error)?;
            let (at, namespace, id) = place.value();
            super::codec::unseal("expiries", &key::expiry(at, namespace, id), value.value())?;
            Ok((at, RecordKey::new(namespace, id)))
        }))
    }
}

fn open_meta(prefixed: Prefixed<'_, ReadTransaction>) -> Result<ReadOnlyTable<&'static str, Bytes>> {
    prefixed.open_table(tables::META).map_err(|error| match error {
        redb::TableError::TableDoesNotExist(_) => Error::corruption(
            "the file is a redb database but not one of vectlite; give the path of a vectlite database",
        ),
        other => storage_error(other),
    })
}

/// A catalog with what nothing can be read without: identity, settings, the next slot.
fn begin_catalog(meta: &ReadOnlyTable<&'static str, Bytes>) -> Result<Catalog> {
    check_version(meta)?;
    let counters = Counters::read(meta)?;
    let settings = Settings::decode(&meta_value(meta, "settings")?)?;
    let mut catalog = Catalog::new(counters.uuid, counters.slot_epoch, settings);
    catalog.next_slot = counters.next_slot;
    Ok(catalog)
}

/// The numbers of the table `meta`.
struct Counters {
    uuid: [u8; 16],
    slot_epoch: u64,
    commit: u64,
    next_slot: Slot,
}

impl Counters {
    fn read(meta: &impl ReadableTable<&'static str, Bytes>) -> Result<Counters> {
        let number =
            |name: &str| Decoder::new("a counter in the table \"meta\"", &meta_value(meta, name)?).u64();
        let uuid = meta_value(meta, "uuid")?;
        let malformed = || Error::corruption("a value of the table \"meta\" is malformed; run verify");
        // These grow by one at a time, so nobody has come so far; and whoever adds one need not ask whether it fits.
        let counted = |name: &str| {
            Some(number(name)?).filter(|number| *number <= i64::MAX as u64).ok_or_else(malformed)
        };
        Ok(Counters {
            uuid: uuid.try_into().map_err(|_| malformed())?,
            slot_epoch: counted("slot_epoch")?,
            commit: counted("commit_id")?,
            next_slot: Slot::try_from(number("next_slot")?).map_err(|_| malformed())?,
        })
    }
}

pub(super) fn check_version(meta: &impl ReadableTable<&'static str, Bytes>) -> Result<()> {
    let version = Decoder::new("the format version", &meta_value(meta, "format_version")?).u32()?;
    if version == FORMAT_VERSION {
        return Ok(());
    }
    let advice = if version > FORMAT_VERSION {
        "use a newer vectlite"
    } else {
        "export it with the vectlite that wrote it"
    };
    Err(Error::new(
        ErrorKind::UnsupportedFormat,
        format!(
            "the database has format version {version}, this vectlite reads version {FORMAT_VERSION}; {advice}"
        ),
    ))
}

fn load_names(prefixed: Prefixed<'_, ReadTransaction>, catalog: &mut Catalog) -> Result<()> {
    for entry in
        prefixed.open_table(tables::NAMESPACES).map_err(storage_error)?.iter().map_err(storage_error)?
    {
        let (name, value) = entry.map_err(storage_error)?;
        let (id, namespace) = Namespace::decode(name.value(), value.value())?;
        catalog.put_namespace(id, namespace);
    }
    for entry in prefixed.open_table(tables::SPACES).map_err(storage_error)?.iter().map_err(storage_error)? {
        let (id, value) = entry.map_err(storage_error)?;
        catalog.add_space(Space::decode(id.value(), value.value())?)?;
    }
    Ok(())
}

fn load_lengths(prefixed: Prefixed<'_, ReadTransaction>, catalog: &mut Catalog) -> Result<()> {
    for entry in prefixed.open_table(tables::LENGTHS).map_err(storage_error)?.iter().map_err(storage_error)? {
        let (number, value) = entry.map_err(storage_error)?;
        catalog.lengths.adopt(number.value(), value.value(), catalog.next_slot)?;
    }
    Ok(())
}

fn load_live(prefixed: Prefixed<'_, ReadTransaction>, catalog: &mut Catalog) -> Result<()> {
    let mut set = SlotSet::new();
    let mut owner = None;
    for entry in prefixed.open_table(tables::LIVE).map_err(storage_error)?.iter().map_err(storage_error)? {
        let (place, value) = entry.map_err(storage_error)?;
        let (namespace, population, number) = place.value();
        let block =
            slot_set::decode_block("live", &key::live(namespace, population, number), number, value.value())?;
        // Blocks of one set stand together, in the order of the key.
        if owner != Some((namespace, population)) {
            if let Some(owner) = owner {
                catalog.put_live_set(owner, std::mem::take(&mut set));
            }
            owner = Some((namespace, population));
        }
        set.adopt(number, block);
    }
    if let Some(owner) = owner {
        catalog.put_live_set(owner, set);
    }
    Ok(())
}

fn previous_failure() -> Error {
    Error::new(
        ErrorKind::Storage,
        "an earlier operation on the database file failed; close the database and open it again",
    )
}

/// Any error of redb as one of ours. What redb calls corrupted is `Corruption`; the rest is `Storage`.
pub(crate) fn storage_error(error: impl Into<redb::Error>) -> Error {
    match error.into() {
        redb::Error::Io(error) if error.kind() == io::ErrorKind::UnexpectedEof => Error::corruption(
            "the database file is damaged: it ends before what it should hold; restore a backup",
        ),
        redb::Error::Io(error) => Error::io("the database file could not be read or written", error),
        // What redb says after a commit that failed for want of a lock, where it notes no earlier I/O error: nothing is damaged.
        redb::Error::Corrupted(what) if what.starts_with("Allocator state was discarded") => {
            previous_failure()
        }
        redb::Error::Corrupted(what) => Error::corruption(format!("the database file is damaged: {what}")),
        redb::Error::PreviousIo => previous_failure(),
        redb::Error::DatabaseClosed => Error::closed(),
        redb::Error::DatabaseAlreadyOpen => Error::new(
            ErrorKind::LockContention,
            "lock contention: another process has the database open for writing; close it there, or open with read_only",
        ),
        redb::Error::UpgradeRequired(version) => Error::new(
            ErrorKind::UnsupportedFormat,
            format!("the database file has redb format {version}, which this vectlite does not read"),
        ),
        error @ (redb::Error::TableDoesNotExist(_) | redb::Error::TableTypeMismatch { .. }) => {
            Error::corruption(format!("the database file lacks a table of vectlite: {error}"))
        }
        other => Error::new(ErrorKind::Storage, format!("the database file could not be used: {other}")),
    }
}
