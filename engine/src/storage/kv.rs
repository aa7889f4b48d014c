//! Small tables of the application's own, which commit with its records: a table's name, a key, and bytes that mean nothing here.
//!
//! All of them stand in one table of `.vdb`, in the order of name and key.

use std::sync::Arc;

use super::codec::{Encoder, unseal};
use super::tables::key;
use crate::error::Result;

/// Where a value stands. Ordered by table, then key, as redb orders them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct KvKey {
    pub(crate) table: Arc<str>,
    pub(crate) key: Arc<str>,
}

/// A key and its value; one that is damaged says so by itself.
pub(crate) type KvEntry = (KvKey, Result<Arc<[u8]>>);

impl KvKey {
    pub(crate) fn new(table: impl Into<Arc<str>>, key: impl Into<Arc<str>>) -> KvKey {
        KvKey { table: table.into(), key: key.into() }
    }

    /// The value as it is stored.
    pub(super) fn seal(&self, value: &[u8]) -> Vec<u8> {
        let mut encoder = Encoder::sealed();
        encoder.reserve(value.len()).raw(value);
        encoder.seal("kv", &key::kv(&self.table, &self.key))
    }
}

/// The value that is stored under this key.
pub(super) fn open(table: &str, key: &str, value: &[u8]) -> Result<Arc<[u8]>> {
    unseal("kv", &key::kv(table, key), value).map(Arc::from)
}
