//! How a whole `.vdb` is written: beside its place, in one transaction, synced, renamed. An empty database and a copy
//! of a view (compaction, snapshot) come into being in the same way, so a crash leaves the old file or the new one.

use std::io;
use std::path::Path;
use std::sync::Arc;

use redb::{Durability, WriteTransaction};
use vectlite_text::Posting;

use super::catalog::{Catalog, Namespace, Population};
use super::fields::definition::Fields;
use super::kv::KvKey;
use super::open;
use super::paths::beside;
use super::position_table::{positions_in_text, with_positions};
use super::reader::{FORMAT_VERSION, storage_error};
use super::record::{NamespaceId, RecordKey, RecordRow, Slot};
use super::settings::{Settings, encode_index_config};
use super::slot_set::SlotSet;
use super::tables::Prefixed;
use super::term_tables::TermChange;
use super::view::View;
use super::writer::{RedbTables, Tables, put_meta};
use crate::error::{Error, Result};
use crate::files::{FileSystem, OpenMode, is_unwritable};
use crate::index_config::IndexConfig;
use crate::interrupt;

/// Marks an old slot that has no new one.
const NO_SLOT: Slot = Slot::MAX;

/// Old slot → new slot, of a copy.
#[derive(Debug, Default)]
pub(crate) struct NewSlots {
    slots: Vec<Slot>,
}

impl NewSlots {
    /// `None` for a slot that was dead.
    pub(crate) fn get(&self, old: Slot) -> Option<Slot> {
        self.slots.get(old as usize).copied().filter(|slot| *slot != NO_SLOT)
    }

    /// The first new slot behind those of all old ones below `frontier`: copies keep the order.
    pub(crate) fn frontier(&self, frontier: u64) -> u64 {
        let below = self.slots.iter().take(usize::try_from(frontier).unwrap_or(usize::MAX));
        below.filter(|slot| **slot != NO_SLOT).count() as u64
    }
}

/// What a new file is.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    pub(crate) uuid: [u8; 16],
    pub(crate) slot_epoch: u64,
    pub(crate) commit: u64,
    pub(crate) index_config: IndexConfig,
}

impl Identity {
    /// That of an empty database.
    pub(super) fn new() -> Result<Identity> {
        Ok(Identity { uuid: random()?, slot_epoch: 0, commit: 0, index_config: IndexConfig::default() })
    }
}

/// Random bytes from the operating system: an identity, when they are 16.
pub(crate) fn random<const BYTES: usize>() -> Result<[u8; BYTES]> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::io("the operating system gave no random bytes", io::Error::other(error)))?;
    Ok(bytes)
}

/// Writes an empty database with its default vector space to `path`.
pub(crate) fn empty(files: &dyn FileSystem, path: &Path, settings: Settings, dimension: usize) -> Result<()> {
    write_beside(files, path, settings, &Identity::new()?, |tables| tables.add_default_space(dimension))?;
    sync_name(files, path)
}

/// Writes the live records of a view to `path`, their slots numbered anew without gaps, in the same order: gives how. On an error
/// nothing has changed there; on success [`sync_name`] is left to do.
pub(crate) fn copy(
    files: &dyn FileSystem,
    path: &Path,
    view: &View,
    identity: &Identity,
) -> Result<NewSlots> {
    let settings = view.catalog.settings.as_ref().clone();
    let mut new_slots = NewSlots::default();
    write_beside(files, path, settings, identity, |tables| {
        new_slots = copy_view(view, tables)?;
        Ok(())
    })?;
    Ok(new_slots)
}

fn write_beside(
    files: &dyn FileSystem,
    path: &Path,
    settings: Settings,
    identity: &Identity,
    fill: impl FnOnce(&mut RedbTables<'_>) -> Result<()>,
) -> Result<()> {
    let growing = beside(path);
    let written = write_file(files, &growing, settings, identity, fill);
    let renamed = written.and_then(|()| {
        files
            .rename(&growing, path)
            .map_err(|error| Error::io(format!("could not rename to {}", path.display()), error))
    });
    if let Err(error) = renamed {
        // The error that stopped us is the one to tell; a leftover is overwritten by the next attempt.
        let _ = files.remove(&growing);
        return Err(error);
    }
    Ok(())
}

/// Removes a file; none is as good.
pub(crate) fn remove(files: &dyn FileSystem, path: &Path) -> Result<()> {
    match files.remove(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(Error::io(format!("could not remove {}", path.display()), error))
        }
        _ => Ok(()),
    }
}

/// Makes the name of a file that was written here survive a power cut. Apart, because a caller that replaced a file
/// must know that it did when only this fails.
pub(crate) fn sync_name(files: &dyn FileSystem, path: &Path) -> Result<()> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    files
        .sync_directory(directory)
        .map_err(|error| Error::io(format!("could not sync the directory {}", directory.display()), error))
}

/// Makes a directory for a new file, and those above it that are missing. They survive a power cut when it returns: the name of each
/// stands in the one above, and without it everything below is lost, however often that was synced.
pub(crate) fn directories(files: &dyn FileSystem, directory: &Path) -> Result<()> {
    let failed = |error| Error::io(format!("could not create {}", directory.display()), error);
    files.create_directories(directory).map_err(failed)?;
    // All of them: who made one may have been killed, or have failed, before it was synced.
    directory.ancestors().skip(1).try_for_each(|above| match files.sync_directory(above) {
        // Whoever may not list a directory, or write to it, has made none in it.
        Err(error) if is_unwritable(&error) => Ok(()),
        synced => synced.map_err(failed),
    })
}

fn write_file(
    files: &dyn FileSystem,
    path: &Path,
    settings: Settings,
    identity: &Identity,
    fill: impl FnOnce(&mut RedbTables<'_>) -> Result<()>,
) -> Result<()> {
    let file = files
        .open(path, OpenMode::Truncate)
        .map_err(|error| Error::io(format!("could not create {}", path.display()), error))?;
    let database = open::database(file)?;
    let mut transaction = database.begin_write().map_err(storage_error)?;
    transaction.set_durability(Durability::Immediate).map_err(storage_error)?;
    tables(Prefixed::none(&transaction), settings, identity, fill)?;
    transaction.commit().map_err(storage_error)?;
    database.close().map_err(storage_error)
}

/// Makes all tables, in a transaction in which there are none: `fill` puts in what they hold from the beginning.
pub(super) fn tables(
    prefixed: Prefixed<'_, WriteTransaction>,
    settings: Settings,
    identity: &Identity,
    fill: impl FnOnce(&mut RedbTables<'_>) -> Result<()>,
) -> Result<Catalog> {
    put_meta(prefixed, "format_version", &FORMAT_VERSION.to_le_bytes())?;
    put_meta(prefixed, "uuid", &identity.uuid)?;
    put_meta(prefixed, "slot_epoch", &identity.slot_epoch.to_le_bytes())?;
    put_meta(prefixed, "commit_id", &identity.commit.to_le_bytes())?;
    put_meta(prefixed, "settings", &settings.encode()?)?;
    put_meta(prefixed, "index_config", &encode_index_config(&identity.index_config)?)?;
    put_meta(prefixed, "fields", &Fields::default().encode())?;
    let mut catalog = Catalog::new(identity.uuid, identity.slot_epoch, settings);
    catalog.index_config = identity.index_config;
    let mut tables = RedbTables::open(prefixed, catalog)?;
    fill(&mut tables)?;
    let catalog = tables.finish(&mut |_, _| {})?;
    put_meta(prefixed, "next_slot", &u64::from(catalog.next_slot).to_le_bytes())?;
    Ok(catalog)
}

pub(super) fn copy_view(view: &View, tables: &mut RedbTables<'_>) -> Result<NewSlots> {
    // None of them is in this file yet, so they are built when it is finished.
    tables.put_fields(view.catalog.fields.clone());
    for space in view.catalog.spaces() {
        tables.catalog_mut().add_space(space.clone())?;
    }
    // Without a record nobody misses a namespace, and its name may be what was to be deleted.
    for (id, namespace) in
        view.catalog.namespaces().filter(|(id, _)| view.catalog.live_len(*id, Population::Records) > 0)
    {
        tables
            .catalog_mut()
            .put_namespace(id, Namespace { name: Arc::clone(&namespace.name), text_length: 0.0 });
    }
    let mut new_slots = NewSlots { slots: vec![NO_SLOT; view.catalog.next_slot as usize] };
    let live = view.catalog.live_in_all(Population::Records);
    for slot in live.into_iter().flat_map(SlotSet::iter) {
        interrupt::aborted()?;
        let new_slot = copy_document(view, slot, tables)?;
        if let Some(place) = new_slots.slots.get_mut(slot as usize) {
            *place = new_slot;
        }
    }
    // In the order of keys, which is not that of slots: pages that are filled in order are full.
    for entry in view.records_from::<RecordRow>(&RecordKey::new(0, ""))? {
        interrupt::aborted()?;
        let (record, row) = entry?;
        if let Some(slot) = new_slots.get(row.slot) {
            tables.put_record(&record, Some(RecordRow { slot, ..row }))?;
        }
    }
    for entry in view.kv_from(&KvKey::new("", ""))? {
        interrupt::aborted()?;
        let (key, value) = entry?;
        tables.put_kv(&key, Some(&value?))?;
    }
    copy_postings(view, &new_slots, tables)?;
    Ok(new_slots)
}

/// Copies what a live slot stands for, all but the row of its record.
fn copy_document(view: &View, slot: Slot, tables: &mut impl Tables) -> Result<Slot> {
    let mut document = view.document(slot)?.as_ref().clone();
    let record = document.record.clone();
    let namespace = record.namespace;
    let row = view.row_of(slot, &record)?;
    let new_slot = tables.catalog_mut().allocate_slot()?;
    document.vectors.clear();
    for space in view.catalog.spaces() {
        if view.catalog.live(namespace, Population::Space(space.id)).is_some_and(|live| live.contains(slot)) {
            let vector = view.vector(space, slot)?.ok_or_else(|| {
                Error::corruption(format!(
                    "slot {slot} is live in space {:?} but has no vector; run verify",
                    space.name
                ))
            })?;
            document.vectors.push((space.id, Arc::from(vector)));
            tables.catalog_mut().set_live(namespace, Population::Space(space.id), new_slot);
        }
    }
    tables.catalog_mut().set_live(namespace, Population::Records, new_slot);
    if view.catalog.live(namespace, Population::Text).is_some_and(|live| live.contains(slot)) {
        let length = view.catalog.lengths.get(slot);
        let catalog = tables.catalog_mut();
        catalog.set_live(namespace, Population::Text, new_slot);
        catalog.lengths.set(new_slot, length);
        catalog.add_text_length(namespace, f64::from(length));
    }
    if let Some(at) = row.expires_at {
        tables.put_expiry((at, record.clone()), true)?;
    }
    tables.put_document(new_slot, Arc::new(document))?;
    Ok(new_slot)
}

fn copy_postings(view: &View, new_slots: &NewSlots, tables: &mut RedbTables<'_>) -> Result<()> {
    let analyzer = &view.catalog.settings.analyzer;
    for term in view.terms()? {
        interrupt::aborted()?;
        let (namespace, term): (NamespaceId, String) = term?;
        let mut change = TermChange::default();
        let mut old_slots: Vec<Slot> = Vec::new();
        view.term(namespace, &term)?.visit(|posting| {
            if let Some(slot) = new_slots.get(posting.slot) {
                change.added.push(Posting { slot, weight: posting.weight });
                old_slots.push(posting.slot);
            }
        })?;
        if change.added.is_empty() {
            continue;
        }
        if let Some(mut reader) = view.positions(namespace, &term)? {
            for slot in old_slots.iter().take(with_positions(old_slots.len())) {
                match reader.get(*slot)? {
                    Some(positions) => change.positions.push(positions),
                    None => {
                        change.positions.push(&positions_in_text(analyzer, &*view.document(*slot)?, &term))
                    }
                }
            }
        }
        tables.change_term(namespace, &term, &change)?;
    }
    Ok(())
}
