//! Memtable → `.vdb`: one redb transaction that stores a frozen memtable, its catalog, and the last commit id.

use redb::{Database, Durability, WriteTransaction};

use super::catalog::Catalog;
use super::codec::Decoder;
use super::kv::KvKey;
use super::memtable::Memtable;
use super::reader::storage_error;
use super::tables::{META, Prefixed};
use super::writer::{Progress, RedbTables, Tables, meta_value, put_meta};
use crate::error::Result;

/// Moves `frozen` behind `catalog` as of `commit` into the database, which holds `stored` so far. Durable on return.
pub(crate) fn write(
    database: &Database,
    frozen: &Memtable,
    catalog: &Catalog,
    stored: &Catalog,
    commit: u64,
    progress: Progress<'_>,
) -> Result<()> {
    let mut transaction = database.begin_write().map_err(storage_error)?;
    transaction.set_durability(Durability::Immediate).map_err(storage_error)?;
    // Reopening after a crash then reads the allocator's state instead of walking the whole file.
    transaction.set_quick_repair(true);
    if stored_commit(&transaction)? >= commit {
        // An earlier attempt got this far and failed behind its commit: the same memtable must not be added twice.
        return transaction.abort().map_err(storage_error);
    }
    store(Prefixed::none(&transaction), frozen, catalog, stored, commit, progress)?;
    transaction.commit().map_err(storage_error)
}

/// The same within a transaction.
pub(super) fn store(
    prefixed: Prefixed<'_, WriteTransaction>,
    frozen: &Memtable,
    catalog: &Catalog,
    stored: &Catalog,
    commit: u64,
    progress: Progress<'_>,
) -> Result<()> {
    let mut tables = RedbTables::open(prefixed, stored.clone())?;
    tables.adopt_catalog(catalog.clone());
    move_memtable(frozen, tables)?.finish(progress)?;
    put_meta(prefixed, "commit_id", &commit.to_le_bytes())?;
    put_meta(prefixed, "next_slot", &u64::from(catalog.next_slot).to_le_bytes())
}

/// The last commit that is in the tables.
fn stored_commit(transaction: &WriteTransaction) -> Result<u64> {
    let meta = transaction.open_table(META).map_err(storage_error)?;
    Decoder::new("the commit id", &meta_value(&meta, "commit_id")?).u64()
}

/// Puts everything a memtable holds into tables.
fn move_memtable<'txn>(frozen: &Memtable, mut tables: RedbTables<'txn>) -> Result<RedbTables<'txn>> {
    for (record, row) in frozen.records() {
        tables.move_record(record, row.cloned())?;
    }
    for (slot, document) in frozen.documents() {
        tables.put_document(slot, document.clone())?;
    }
    for (expiry, added) in frozen.expiries(u64::MAX) {
        tables.put_expiry(expiry.clone(), added)?;
    }
    for (key, value) in frozen.kv_from(KvKey::new("", "")) {
        tables.put_kv(key, value)?;
    }
    tables.change_terms(frozen)
}
