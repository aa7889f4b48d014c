//! Every redb table of a `.vdb`, on one page: name, key, value.
//!
//! All values are sealed (see [`super::codec`]). Ids: namespace `u32`, vector space `u16`, slot `u32`.
//! `engine/docs/file-format.md` gives the byte layout of each value.

use redb::{
    Key, ReadOnlyTable, ReadTransaction, Table, TableDefinition, TableError, TableHandle, Value,
    WriteTransaction,
};

/// Bytes of one value.
pub(crate) type Bytes = &'static [u8];

/// Name of a setting or counter → its value: format version, uuid, slot epoch, commit id, next slot, settings,
/// configuration of the graphs, field indexes.
pub(crate) const META: TableDefinition<&str, Bytes> = TableDefinition::new("meta");
/// Namespace name → namespace id and statistics.
pub(crate) const NAMESPACES: TableDefinition<&str, Bytes> = TableDefinition::new("namespaces");
/// Vector space id → name, dimension, metric, rows a chunk.
pub(crate) const SPACES: TableDefinition<u16, Bytes> = TableDefinition::new("spaces");
/// (namespace id, record id) → slot, expiry, metadata: what changes in place.
pub(crate) const RECORDS: TableDefinition<(u32, &str), Bytes> = TableDefinition::new("records");
/// Slot → namespace id, record id, text, sparse vector: what one version of a record never changes.
pub(crate) const DOCUMENTS: TableDefinition<u32, Bytes> = TableDefinition::new("documents");
/// (vector space id, chunk number) → the rows of consecutive slots, each with its own checksum.
pub(crate) const VECTORS: TableDefinition<(u16, u32), Bytes> = TableDefinition::new("vectors");
/// (namespace id, term) → live document frequency, number of full blocks, and the newest, not yet full block of postings.
pub(crate) const TERMS: TableDefinition<(u32, &str), Bytes> = TableDefinition::new("terms");
/// The same while it is written anew, in order; gone before the transaction commits.
pub(crate) const TERMS_IN_ORDER: TableDefinition<(u32, &str), Bytes> = TableDefinition::new("terms_in_order");
/// (namespace id, term, first slot) → a run of full blocks of postings.
pub(crate) const POSTINGS: TableDefinition<(u32, &str, u32), Bytes> = TableDefinition::new("postings");
/// (namespace id, term, first slot) → where the term stands in the documents of that run; in databases that store positions.
pub(crate) const POSITIONS: TableDefinition<(u32, &str, u32), Bytes> = TableDefinition::new("positions");
/// Slot / 1024 → the text lengths of 1024 consecutive slots.
pub(crate) const LENGTHS: TableDefinition<u32, Bytes> = TableDefinition::new("lengths");
/// (namespace id, population, slot / 65536) → the live slots of that block.
pub(crate) const LIVE: TableDefinition<(u32, u16, u16), Bytes> = TableDefinition::new("live");
/// (expiry in ms since 1970, namespace id, record id) → nothing but the seal.
pub(crate) const EXPIRIES: TableDefinition<(u64, u32, &str), Bytes> = TableDefinition::new("expiries");
/// (field id, class and key, slot / 65536) → the slots of that block under the key, in field indexes.
pub(crate) const FIELDS: TableDefinition<(u32, &[u8], u16), Bytes> = TableDefinition::new("fields");
/// (name of a table of the application's, key) → the application's bytes.
pub(crate) const KV: TableDefinition<(&str, &str), Bytes> = TableDefinition::new("kv");
/// Commit id → its tag, and the commit as it stands in a log: in a file of an application, which has no log, what was committed since the
/// last checkpoint; behind them where the database stands.
pub(crate) const OPERATIONS: TableDefinition<u64, Bytes> = TableDefinition::new("operations");

/// Whether one of the tables has this name.
pub(crate) fn is_ours(name: &str) -> bool {
    let numbered = [DOCUMENTS.name(), SPACES.name(), LENGTHS.name(), OPERATIONS.name()];
    let named =
        [META.name(), NAMESPACES.name(), RECORDS.name(), TERMS.name(), TERMS_IN_ORDER.name(), KV.name()];
    let others =
        [VECTORS.name(), POSTINGS.name(), POSITIONS.name(), LIVE.name(), EXPIRIES.name(), FIELDS.name()];
    numbered.contains(&name) || named.contains(&name) || others.contains(&name)
}

/// A transaction, and what the names of our tables begin with in its file: nothing in a `.vdb`, which is ours alone; in a file of an
/// application what it has chosen.
#[derive(Debug)]
pub(crate) struct Prefixed<'a, T> {
    pub(crate) transaction: &'a T,
    pub(super) prefix: &'a str,
}

impl<T> Clone for Prefixed<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Prefixed<'_, T> {}

impl<'a, T> Prefixed<'a, T> {
    pub(crate) fn new(transaction: &'a T, prefix: &'a str) -> Prefixed<'a, T> {
        Prefixed { transaction, prefix }
    }

    /// In a file that is ours alone.
    pub(crate) fn none(transaction: &'a T) -> Prefixed<'a, T> {
        Prefixed::new(transaction, "")
    }

    /// What the table is called in this file.
    fn named<K: Key + 'static, V: Value + 'static>(&self, table: TableDefinition<'static, K, V>) -> String {
        [self.prefix, table.name()].concat()
    }
}

impl<'a> Prefixed<'a, WriteTransaction> {
    pub(crate) fn open_table<K: Key + 'static, V: Value + 'static>(
        &self,
        table: TableDefinition<'static, K, V>,
    ) -> Result<Table<'a, K, V>, TableError> {
        self.transaction.open_table(TableDefinition::new(&self.named(table)))
    }

    /// Gives an open table the name of another, which must not exist.
    pub(crate) fn rename_table<K: Key + 'static, V: Value + 'static>(
        &self,
        table: impl TableHandle,
        to: TableDefinition<'static, K, V>,
    ) -> Result<(), TableError> {
        self.transaction.rename_table(table, TableDefinition::<K, V>::new(&self.named(to)))
    }
}

impl Prefixed<'_, ReadTransaction> {
    pub(crate) fn open_table<K: Key + 'static, V: Value + 'static>(
        &self,
        table: TableDefinition<'static, K, V>,
    ) -> Result<ReadOnlyTable<K, V>, TableError> {
        self.transaction.open_table(TableDefinition::new(&self.named(table)))
    }
}

/// The bytes over which a value's checksum stands for its key.
pub(crate) mod key {
    use super::super::codec::Encoder;

    fn of(write: impl FnOnce(&mut Encoder)) -> Vec<u8> {
        let mut encoder = Encoder::new();
        write(&mut encoder);
        encoder.into_bytes()
    }

    pub(crate) fn commit(value: u64) -> [u8; 8] {
        value.to_le_bytes()
    }

    pub(crate) fn number(value: u32) -> [u8; 4] {
        value.to_le_bytes()
    }

    pub(crate) fn space(value: u16) -> [u8; 2] {
        value.to_le_bytes()
    }

    /// `(namespace, id)` and `(namespace, term)`.
    pub(crate) fn named(namespace: u32, name: &str) -> Vec<u8> {
        of(|encoder| {
            encoder.u32(namespace).raw(name.as_bytes());
        })
    }

    pub(crate) fn run(namespace: u32, term: &str, first: u32) -> Vec<u8> {
        of(|encoder| {
            encoder.u32(namespace).raw(term.as_bytes()).u32(first);
        })
    }

    pub(crate) fn live(namespace: u32, population: u16, block: u16) -> Vec<u8> {
        of(|encoder| {
            encoder.u32(namespace).u16(population).u16(block);
        })
    }

    pub(crate) fn field(field: u32, place: &[u8], block: u16) -> Vec<u8> {
        of(|encoder| {
            encoder.u32(field).raw(place).u16(block);
        })
    }

    /// The length of the name in front: it and the key are two strings, one behind the other.
    pub(crate) fn kv(table: &str, key: &str) -> Vec<u8> {
        of(|encoder| {
            encoder.u16(table.len() as u16).raw(table.as_bytes()).raw(key.as_bytes());
        })
    }

    /// Without an allocation: a scan asks for it at every row.
    pub(crate) fn chunk(space: u16, chunk: u32) -> [u8; 6] {
        let ([a, b], [c, d, e, f]) = (space.to_le_bytes(), chunk.to_le_bytes());
        [a, b, c, d, e, f]
    }

    pub(crate) fn expiry(at: u64, namespace: u32, id: &str) -> Vec<u8> {
        of(|encoder| {
            encoder.u64(at).u32(namespace).raw(id.as_bytes());
        })
    }
}
