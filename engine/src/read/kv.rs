//! All that an application keeps in one of its own tables, under keys that begin alike.

use crate::error::Result;
use crate::interrupt;
use crate::storage::kv::KvKey;
use crate::storage::view::View;

pub(crate) fn scan(view: &View, table: &str, prefix: &str) -> Result<Vec<(String, Vec<u8>)>> {
    let mut found = Vec::new();
    for entry in view.kv_from(&KvKey::new(table, prefix))? {
        interrupt::aborted()?;
        let (key, value) = entry?;
        if *key.table != *table || !key.key.starts_with(prefix) {
            break;
        }
        found.push((key.key.to_string(), value?.to_vec()));
    }
    Ok(found)
}
