//! Saves what can be read of a damaged database into a new one. What is derived comes into being there as with any
//! other write.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::{IncompleteRecord, Problem, Repair};
use crate::backup;
use crate::database::Database;
use crate::error::{Error, Result, guarded};
use crate::files::FileSystem;
use crate::index::maintain;
use crate::index_config::IndexChanges;
use crate::interrupt;
use crate::options::OpenOptions;
use crate::record::Record;
use crate::storage::catalog::{DEFAULT_SPACE, Population};
use crate::storage::document::Document;
use crate::storage::kv::KvKey;
use crate::storage::paths::Paths;
use crate::storage::record::{RecordKey, RecordRow, Slot};
use crate::storage::slot_set::SlotSet;
use crate::storage::view::View;
use crate::storage::wal::{Board, LogReader};
use crate::write::bulk::BulkOptions;

/// There must be nothing where the new database goes.
pub(super) fn check_dest(dest: &Path, files: &dyn FileSystem) -> Result<()> {
    backup::expect_nothing(&Paths::of("repair_to", dest)?, files)
}

pub(super) fn hopeless(problems: &[Problem]) -> Error {
    let first = problems.first().map_or("", |problem| problem.what.as_str());
    Error::corruption(format!("nothing can be read of the database any more, restore a backup: {first}"))
}

/// The view with the commits that the log has behind it, up to the first that cannot be read or applied.
pub(super) fn with_log(stored: View, paths: &Paths, files: &dyn FileSystem) -> View {
    let mut newest = stored.clone();
    let _ = guarded(|| {
        let mut view = stored;
        let log = LogReader::open(files, &paths.wal, view.catalog.uuid, Board::default())?;
        log.read_remains(view.commit, &mut |commit, body| {
            maintain::replay(body, &mut view)?;
            view.settle(commit);
            newest = view.clone();
            Ok(())
        })
    });
    newest
}

/// Writes every record of which something can be read. What is missing of it is told. On an error there is nothing at `dest`.
pub(super) fn save(view: &View, dest: &Path, options: OpenOptions, files: &dyn FileSystem) -> Result<Repair> {
    let saved = save_to(view, dest, options);
    if saved.is_err() {
        // The error that is to be told is that one.
        let _ = Paths::of("repair_to", dest).and_then(|paths| backup::remove_all(&paths, files));
    }
    saved
}

fn save_to(view: &View, dest: &Path, options: OpenOptions) -> Result<Repair> {
    let settings = &view.catalog.settings;
    let default = view.catalog.space_by_id(DEFAULT_SPACE);
    let dimension = default.map(|space| space.dimension).ok_or_else(|| {
        Error::corruption("the table \"spaces\" has no default space: nothing can be saved; restore a backup")
    })?;
    let options = options
        .dimension(dimension)
        .metric(settings.metric)
        .analyzer(settings.analyzer.clone())
        .sparse_scoring(settings.sparse_scoring)
        .positions(settings.positions);
    let db = Database::open(dest, options)?;
    let mut repair = Repair::default();
    let mut load = db.bulk_load(BulkOptions::new().index(IndexChanges::to(&view.catalog.index_config)))?;
    let nothing = SlotSet::new();
    let live = view.catalog.live_in_all(Population::Records).unwrap_or(&nothing);
    let mut without_document = SlotSet::new();
    for slot in live.iter() {
        interrupt::aborted()?;
        let Ok(document) = guarded(|| view.document(slot)) else {
            without_document.insert(slot);
            continue;
        };
        let row = guarded(|| view.row_of(slot, &document.record)).ok();
        let key = document.record.clone();
        put(view, &key, slot, Some(&document), row.as_ref(), &mut repair, |record| {
            load.push(record).map(drop)
        })?;
    }
    if !without_document.is_empty() {
        for (slot, (key, row)) in rows_of(view, &without_document) {
            put(view, &key, slot, None, Some(&row), &mut repair, |record| load.push(record).map(drop))?;
        }
    }
    repair.lost = live.len().saturating_sub(repair.records);
    load.finish()?;
    save_kv(view, &db, &mut repair)?;
    for field in view.catalog.fields.iter() {
        db.create_index(field.path.as_str(), field.kind)?;
    }
    db.close()?;
    Ok(repair)
}

/// Writes what the application kept in tables of its own, as far as it can be read.
fn save_kv(view: &View, db: &Database, repair: &mut Repair) -> Result<()> {
    let mut saved = SavedKv { db, batch: Vec::new(), bytes: 0, values: 0 };
    // What is in memory needs no page of the file.
    let recent = view.recent_kv();
    for (key, value) in &recent {
        value.iter().try_for_each(|value| saved.put(key.clone(), Arc::clone(value)))?;
    }
    let mut entries = guarded(|| view.snapshot.kv_from(&KvKey::new("", "")));
    loop {
        interrupt::aborted()?;
        let next = match &mut entries {
            Ok(entries) => guarded(|| entries.next().transpose()),
            Err(_) => Err(Error::corruption("the table \"kv\" cannot be read")),
        };
        match next {
            Ok(None) => break,
            Ok(Some((key, _))) if recent.contains_key(&key) => {}
            Ok(Some((key, Ok(value)))) => saved.put(key, value)?,
            Ok(Some((_, Err(_)))) => repair.kv_lost += 1,
            // The first page that cannot be read ends the walk: what was found before it counts.
            Err(_) => {
                repair.kv_lost += 1;
                break;
            }
        }
    }
    saved.write()?;
    repair.kv_saved = saved.values;
    Ok(())
}

/// Values on their way into the new database, many in one commit, and not all at once in memory.
struct SavedKv<'d> {
    db: &'d Database,
    batch: Vec<(KvKey, Arc<[u8]>)>,
    bytes: usize,
    values: u64,
}

impl SavedKv<'_> {
    /// Of keys and values, in one commit.
    const BATCH_BYTES: usize = 1 << 20;

    fn put(&mut self, key: KvKey, value: Arc<[u8]>) -> Result<()> {
        self.bytes += size_of::<(KvKey, Arc<[u8]>)>() + key.table.len() + key.key.len() + value.len();
        self.batch.push((key, value));
        self.values += 1;
        if self.bytes < Self::BATCH_BYTES { Ok(()) } else { self.write() }
    }

    fn write(&mut self) -> Result<()> {
        let mut transaction = self.db.transaction()?;
        for (key, value) in self.batch.drain(..) {
            transaction.kv_put(&key.table, &key.key, value)?;
        }
        self.bytes = 0;
        transaction.commit()
    }
}

/// Records of these slots, as far as the table of records can be read.
fn rows_of(view: &View, slots: &SlotSet) -> BTreeMap<Slot, (RecordKey, RecordRow)> {
    let mut rows = BTreeMap::new();
    // The first page that cannot be read ends the walk: what was found before it counts.
    let _ = guarded(|| {
        for entry in view.records_from::<RecordRow>(&RecordKey::new(0, ""))? {
            let (key, row) = entry?;
            if slots.contains(row.slot) {
                rows.insert(row.slot, (key, row));
            }
        }
        Ok(())
    });
    rows
}

fn put(
    view: &View,
    key: &RecordKey,
    slot: Slot,
    document: Option<&Document>,
    row: Option<&RecordRow>,
    repair: &mut Repair,
    write: impl FnOnce(Record) -> Result<()>,
) -> Result<()> {
    let Some(namespace) = view.catalog.namespace(key.namespace) else { return Ok(()) };
    let mut missing = Vec::new();
    let mut record = Record::new(key.id.as_ref()).namespace(namespace.name.as_ref());
    match document {
        Some(document) => {
            record.text = document.text.as_ref().map(|text| text.to_string());
            record.sparse = document.sparse.as_ref().map(|sparse| sparse.as_ref().clone());
        }
        None => missing.push("text".to_owned()),
    }
    match row {
        Some(row) => {
            record.metadata = row.metadata.as_ref().clone();
            record.expires_at = row.expires_at.map(|at| at as f64 / 1_000.0);
        }
        None => missing.push("metadata".to_owned()),
    }
    for space in view.catalog.spaces() {
        let live = view.catalog.live(key.namespace, Population::Space(space.id));
        if !live.is_some_and(|live| live.contains(slot)) {
            continue;
        }
        match guarded(|| view.vector(space, slot)) {
            Ok(Some(vector)) if space.id == DEFAULT_SPACE => record.vector = Some(vector),
            Ok(Some(vector)) => _ = record.vectors.insert(space.name.to_string(), vector),
            Ok(None) | Err(_) => missing.push(format!("{:?}", space.name)),
        }
    }
    if !missing.is_empty() {
        let (namespace, id) = (record.namespace.clone(), record.id.clone());
        repair.incomplete.push(IncompleteRecord { namespace, id, missing });
    }
    repair.records += 1;
    write(record)
}
