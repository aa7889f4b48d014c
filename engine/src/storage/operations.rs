//! A database inside a redb file of an application: the tables of a `.vdb` under names of its own, and one more in place of the log.
//!
//! Whoever writes does so in a transaction of the application. It puts each commit, as it would stand in a log, into the table
//! `operations`; so all of it becomes durable with the application's own tables, or none. A checkpoint moves what has gathered there to
//! the other tables, as that of a log does, within such a transaction.
//!
//! A commit id alone does not say which commit is meant: a transaction that is aborted gives its numbers back, and a savepoint that is
//! restored takes back commits that were shown. So each has a random tag beside it.

pub(crate) use redb::{Database, ReadOnlyDatabase, ReadTransaction, ReadableDatabase, WriteTransaction};
use redb::{ReadableTable, Table, TableHandle, UntypedTableHandle};

use super::catalog::Catalog;
use super::checkpoint;
use super::codec::{Decoder, Encoder, unseal};
use super::create::{self, Identity, NewSlots};
use super::memtable::Memtable;
use super::open::Keep;
use super::reader::{Snapshot, check_version, storage_error};
use super::settings::Settings;
use super::tables::{Bytes, META, OPERATIONS, Prefixed, is_ours, key};
use super::view::View;
use super::wal::CommitId;
use super::writer::Progress;
use crate::error::{Error, Result};

/// The key in the table `operations` of where its database stands: commit id and tag of the last checkpoint and of the last commit, and the
/// history. No commit has so large an id, and a commit writes the page of the last one in any case.
const STAND: CommitId = CommitId::MAX;

/// Tells commits and slots apart from those that had the same numbers before the application took them back: it changes with the first
/// write behind that. What is derived belongs to one history.
pub(crate) type History = [u8; 16];

/// A commit, and no other that had its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) commit: CommitId,
    tag: u64,
}

impl Position {
    /// That of a new commit.
    pub(crate) fn new(commit: CommitId) -> Result<Position> {
        Ok(Position { commit, tag: u64::from_le_bytes(create::random()?) })
    }
}

/// Where the tables of a transaction stand.
#[derive(Debug)]
pub(crate) struct Stand<'a, T> {
    /// The last commit that is in the tables.
    pub(crate) checkpoint: Position,
    /// The last commit.
    pub(crate) last: Position,
    pub(crate) history: History,
    prefixed: Prefixed<'a, T>,
}

/// How a transaction opens the table of commits.
pub(crate) trait OpensOperations {
    fn operations(&self) -> Result<impl ReadableTable<u64, Bytes>>;
}

impl OpensOperations for Prefixed<'_, ReadTransaction> {
    fn operations(&self) -> Result<impl ReadableTable<u64, Bytes>> {
        self.open_table(OPERATIONS).map_err(storage_error)
    }
}

impl OpensOperations for Prefixed<'_, WriteTransaction> {
    fn operations(&self) -> Result<impl ReadableTable<u64, Bytes>> {
        self.open_table(OPERATIONS).map_err(in_use)
    }
}

impl<'a, T> Stand<'a, T>
where
    Prefixed<'a, T>: OpensOperations,
{
    /// `None` where the table does not say.
    fn of(
        operations: &impl ReadableTable<u64, Bytes>,
        prefixed: Prefixed<'a, T>,
    ) -> Result<Option<Stand<'a, T>>> {
        let Some(value) = operations.get(STAND).map_err(storage_error)? else { return Ok(None) };
        let body = unseal("operations", &key::commit(STAND), value.value())?;
        let (positions, history) = body.split_last_chunk().ok_or_else(|| {
            Error::corruption("the last value of the table \"operations\" is cut off; restore a backup")
        })?;
        let mut decoder = Decoder::new("the last value of the table \"operations\"", positions);
        let mut position = || Ok::<_, Error>(Position { commit: decoder.u64()?, tag: decoder.u64()? });
        let (checkpoint, last) = (position()?, position()?);
        // As in `meta`: nobody has come so far, and whoever adds one need not ask whether it fits.
        if checkpoint.commit > last.commit || last.commit > i64::MAX as u64 {
            return Err(decoder.malformed());
        }
        decoder.finish()?;
        Ok(Some(Stand { checkpoint, last, history: *history, prefixed }))
    }

    /// Whether this commit is one of those that led here. One that a checkpoint has moved is not known any more, but for the last.
    pub(crate) fn holds(&self, position: Position) -> Result<bool> {
        if position == self.checkpoint || position == self.last {
            return Ok(true);
        }
        let operations = self.prefixed.operations()?;
        let value = operations.get(position.commit).map_err(storage_error)?;
        value.map_or(Ok(false), |value| Ok(open(position.commit, value.value())?.0 == position))
    }

    /// Hands the commits behind one of those that led here to `apply`, in order.
    pub(crate) fn replay(
        &self,
        after: Position,
        mut apply: impl FnMut(Position, &[u8]) -> Result<()>,
    ) -> Result<()> {
        if after == self.last {
            return Ok(());
        }
        let mut next = after.commit;
        let operations = self.prefixed.operations()?;
        for entry in operations.range(next.saturating_add(1)..STAND).map_err(storage_error)? {
            let (commit, value) = entry.map_err(storage_error)?;
            next += 1;
            if commit.value() != next {
                break;
            }
            let (position, body) = open(next, value.value())?;
            apply(position, body)?;
            if position == self.last {
                return Ok(());
            }
        }
        Err(Error::corruption(format!(
            "the table \"operations\" does not lead to commit {}; restore a backup of the application's file",
            self.last.commit
        )))
    }
}

/// Tag and body of a commit.
fn open(commit: CommitId, value: &[u8]) -> Result<(Position, &[u8])> {
    let body = unseal("operations", &key::commit(commit), value)?;
    let (tag, body) = body.split_first_chunk().ok_or_else(|| {
        Error::corruption(format!("commit {commit} in the table \"operations\" is cut off; restore a backup"))
    })?;
    Ok((Position { commit, tag: u64::from_le_bytes(*tag) }, body))
}

/// Where a transaction that reads stands; `None` where nothing was ever attached.
pub(crate) fn read(prefixed: Prefixed<'_, ReadTransaction>) -> Result<Option<Stand<'_, ReadTransaction>>> {
    match prefixed.open_table(OPERATIONS) {
        Ok(operations) => {
            if let Some(stand) = Stand::of(&operations, prefixed)? {
                return Ok(Some(stand));
            }
        }
        Err(redb::TableError::TableDoesNotExist(_)) => {}
        Err(error) => return Err(storage_error(error)),
    }
    // What another version has left says elsewhere where it stands, and is not nothing.
    match prefixed.open_table(META) {
        Ok(meta) => {
            check_version(&meta)?;
            Err(Error::corruption(
                "the table \"operations\" does not say where its database stands; restore a backup of the application's file",
            ))
        }
        Err(redb::TableError::TableDoesNotExist(_)) => Ok(None),
        Err(error) => Err(storage_error(error)),
    }
}

/// Where a transaction that writes stands, which must be one that something was attached to.
pub(crate) fn written(prefixed: Prefixed<'_, WriteTransaction>) -> Result<Stand<'_, WriteTransaction>> {
    let stand = Stand::of(&prefixed.operations()?, prefixed)?;
    stand.ok_or_else(|| {
        Error::invalid(
            "transaction: expected one of the database that this is attached to, got one of another database",
        )
    })
}

fn in_use(error: redb::TableError) -> Error {
    match error {
        redb::TableError::TableAlreadyOpen(name, _) => Error::invalid(format!(
            "transaction: the table {name:?} is open in it; its names are taken by what is attached, open no table that begins so"
        )),
        error => storage_error(error),
    }
}

/// Makes the tables of an empty database.
pub(crate) fn create(
    prefixed: Prefixed<'_, WriteTransaction>,
    settings: Settings,
    dimension: usize,
) -> Result<()> {
    create::tables(prefixed, settings, &Identity::new()?, |tables| tables.add_default_space(dimension))?;
    let position = Position::new(0)?;
    put_stand(prefixed, position, position, &create::random()?)
}

/// Says where the tables stand.
pub(crate) fn put_stand(
    prefixed: Prefixed<'_, WriteTransaction>,
    checkpoint: Position,
    last: Position,
    history: &History,
) -> Result<()> {
    put(&mut prefixed.open_table(OPERATIONS).map_err(in_use)?, checkpoint, last, history)
}

fn put(
    operations: &mut Table<'_, u64, Bytes>,
    checkpoint: Position,
    last: Position,
    history: &History,
) -> Result<()> {
    let mut encoder = Encoder::sealed();
    [checkpoint, last].iter().for_each(|position| {
        encoder.u64(position.commit).u64(position.tag);
    });
    encoder.raw(history);
    let value = encoder.seal("operations", &key::commit(STAND));
    operations.insert(STAND, value.as_slice()).map_err(storage_error)?;
    Ok(())
}

/// Adds a commit behind a checkpoint.
pub(crate) fn append(
    prefixed: Prefixed<'_, WriteTransaction>,
    checkpoint: Position,
    position: Position,
    history: &History,
    body: &[u8],
) -> Result<()> {
    let mut encoder = Encoder::sealed();
    encoder.u64(position.tag).raw(body);
    let value = encoder.seal("operations", &key::commit(position.commit));
    let mut operations = prefixed.open_table(OPERATIONS).map_err(in_use)?;
    operations.insert(position.commit, value.as_slice()).map_err(storage_error)?;
    put(&mut operations, checkpoint, position, history)
}

/// Moves the commits up to this one, which are in the memtable, to the other tables.
pub(crate) fn checkpoint(
    prefixed: Prefixed<'_, WriteTransaction>,
    memtable: &Memtable,
    catalog: &Catalog,
    stored: &Catalog,
    last: Position,
    progress: Progress<'_>,
) -> Result<()> {
    checkpoint::store(prefixed, memtable, catalog, stored, last.commit, progress)?;
    let operations = prefixed.open_table(OPERATIONS).map_err(in_use)?;
    prefixed.transaction.delete_table(operations).map_err(storage_error)?;
    put_stand(prefixed, last, last, &catalog.uuid)
}

/// Writes all tables anew with what is live in a view, slots without gaps; `last` is a new position.
pub(crate) fn compact(
    prefixed: Prefixed<'_, WriteTransaction>,
    view: &View,
    last: Position,
) -> Result<(NewSlots, Catalog)> {
    /// What the names of the new tables begin with until they have taken the places of the old ones. No name of ours does.
    const NEW: &str = "new_";
    let prefix = [prefixed.prefix, NEW].concat();
    let new = Prefixed::new(prefixed.transaction, &prefix);
    let identity = Identity {
        uuid: view.catalog.uuid,
        slot_epoch: view.catalog.slot_epoch + 1,
        commit: last.commit,
        index_config: view.catalog.index_config,
    };
    let mut new_slots = NewSlots::default();
    let catalog = create::tables(new, view.catalog.settings.as_ref().clone(), &identity, |tables| {
        new_slots = create::copy_view(view, tables)?;
        Ok(())
    })?;
    put_stand(new, last, last, &view.catalog.uuid)?;
    let ours = |prefix: &str| -> Result<Vec<UntypedTableHandle>> {
        let all = prefixed.transaction.list_tables().map_err(storage_error)?;
        Ok(all.filter(|table| table.name().strip_prefix(prefix).is_some_and(is_ours)).collect())
    };
    for old in ours(prefixed.prefix)? {
        prefixed.transaction.delete_table(old).map_err(storage_error)?;
    }
    for table in ours(new.prefix)? {
        let name = table.name().strip_prefix(new.prefix).unwrap_or_default();
        let name = [prefixed.prefix, name].concat();
        prefixed
            .transaction
            .rename_table(table, redb::TableDefinition::<&str, Bytes>::new(&name))
            .map_err(storage_error)?;
    }
    Ok((new_slots, catalog))
}

/// The tables of a transaction, with the catalog if it is known.
pub(crate) fn snapshot(
    prefixed: Prefixed<'_, ReadTransaction>,
    catalog: Option<Catalog>,
) -> Result<Snapshot> {
    match catalog {
        None => Snapshot::open(prefixed, Keep::Application),
        Some(catalog) => Snapshot::with_catalog(prefixed, catalog, Keep::Application),
    }
}
