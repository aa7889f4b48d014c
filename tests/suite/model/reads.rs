//! What a handle reads: records, counts, lists and pages, with filters and without.

use vectlite::{Database, Filter, ReadView, Record, Result, Searchable};
use vectlite_tests::model::{Key, KvKey, Model};

use super::draw::{Draw, TABLES};
use super::filters::filter;

/// What can be read: a database in its newest state, or a view of it.
pub(super) trait Reads: Searchable {
    fn get(&self, key: &Key) -> Result<Option<Record>>;
    fn exists(&self, key: &Key) -> Result<bool>;
    fn count(&self, namespace: Option<&str>, filter: Option<&Filter>) -> Result<u64>;
    fn list(&self, of: Selection<'_>, limit: usize, offset: usize) -> Result<Vec<Record>>;
    fn page(
        &self,
        of: Selection<'_>,
        limit: usize,
        cursor: Option<&str>,
    ) -> Result<(Vec<Record>, Option<String>)>;
    fn namespaces(&self) -> Result<Vec<String>>;
    fn kv_get(&self, key: &KvKey) -> Result<Option<Vec<u8>>>;
    fn kv_scan(&self, table: &str, prefix: &str) -> Result<Vec<(String, Vec<u8>)>>;
}

/// Namespace, or all, and filter.
pub(super) type Selection<'a> = (Option<&'a str>, Option<&'a Filter>);

macro_rules! reads {
    ($handle:ty) => {
        impl Reads for $handle {
            fn get(&self, (namespace, id): &Key) -> Result<Option<Record>> {
                <$handle>::get(self, id, Some(namespace))
            }

            fn exists(&self, (namespace, id): &Key) -> Result<bool> {
                <$handle>::exists(self, id, Some(namespace))
            }

            fn count(&self, namespace: Option<&str>, filter: Option<&Filter>) -> Result<u64> {
                <$handle>::count(self, namespace, filter)
            }

            fn list(&self, of: Selection<'_>, limit: usize, offset: usize) -> Result<Vec<Record>> {
                <$handle>::list(self, of.0, of.1, limit, offset)
            }

            fn page(
                &self,
                of: Selection<'_>,
                limit: usize,
                cursor: Option<&str>,
            ) -> Result<(Vec<Record>, Option<String>)> {
                <$handle>::list_cursor(self, of.0, of.1, limit, cursor)
            }

            fn namespaces(&self) -> Result<Vec<String>> {
                <$handle>::namespaces(self)
            }

            fn kv_get(&self, (table, key): &KvKey) -> Result<Option<Vec<u8>>> {
                <$handle>::kv_get(self, table, key)
            }

            fn kv_scan(&self, table: &str, prefix: &str) -> Result<Vec<(String, Vec<u8>)>> {
                <$handle>::kv_scan(self, table, prefix)
            }
        }
    };
}

reads!(Database);
reads!(ReadView);

pub(super) fn check_record(handle: &impl Reads, model: &Model, key: &Key) {
    let expected = model.get(key);
    assert_eq!(handle.get(key).unwrap().as_ref(), expected, "get {key:?}");
    assert_eq!(handle.exists(key).unwrap(), expected.is_some(), "exists {key:?}");
}

/// Everything.
pub(super) fn check_all(handle: &impl Reads, model: &Model) {
    let expected = model.chosen(None, None).unwrap();
    assert_same(&handle.list((None, None), 0, 0).unwrap(), &expected, "all records");
    assert_eq!(handle.count(None, None).unwrap(), expected.len() as u64, "count");
    let mut namespaces: Vec<&String> = expected.iter().map(|record| &record.namespace).collect();
    namespaces.dedup();
    assert_eq!(handle.namespaces().unwrap().iter().collect::<Vec<_>>(), namespaces);
    for table in TABLES {
        assert_eq!(handle.kv_scan(table, "").unwrap(), model.kv_scan(table, ""), "the table {table:?}");
    }
}

/// What is kept under a key, and under all that begin as it does.
pub(super) fn check_kv(handle: &impl Reads, model: &Model, draw: &mut Draw) -> &'static str {
    let key = draw.kv_key();
    assert_eq!(handle.kv_get(&key).unwrap().as_ref(), model.kv.get(&key), "kv_get {key:?}");
    let prefix: String = key.1.chars().take(draw.random.below(3) as usize).collect();
    assert_eq!(
        handle.kv_scan(&key.0, &prefix).unwrap(),
        model.kv_scan(&key.0, &prefix),
        "kv_scan {:?} {prefix:?}",
        key.0
    );
    "kv_scan"
}

/// One question, of a kind that is drawn; what kind it was.
pub(super) fn check_selection(handle: &impl Reads, model: &Model, draw: &mut Draw) -> &'static str {
    let scope = draw.scope();
    let filter = (!draw.random.once_in(6)).then(|| filter(&mut draw.random, 2));
    let of = (scope.as_deref(), filter.as_ref());
    let expected = model.chosen(of.0, of.1).unwrap();
    let what = |asked: &str| format!("{asked} of {scope:?} with {filter:?}");
    match draw.random.below(5) {
        0 | 1 => {
            assert_eq!(handle.count(of.0, of.1).unwrap(), expected.len() as u64, "{}", what("count"));
            "count"
        }
        2 | 3 => {
            let limit = draw.random.pick(&[0, 1, 3, 10]);
            let offset = draw.random.below(expected.len() as u64 + 2) as usize;
            let behind = expected.get(offset..).unwrap_or_default();
            let wanted = if limit == 0 { behind.len() } else { limit.min(behind.len()) };
            let found = handle.list(of, limit, offset).unwrap();
            assert_same(&found, &behind[..wanted], &what(&format!("list {limit} from {offset}")));
            "list"
        }
        _ => {
            let limit = 1 + expected.len() / (1 + draw.random.below(4) as usize);
            let mut pages = expected.chunks(limit);
            let mut cursor = None;
            loop {
                let (found, next) = handle.page(of, limit, cursor.as_deref()).unwrap();
                assert_same(&found, pages.next().unwrap_or_default(), &what(&format!("pages of {limit}")));
                cursor = next;
                if cursor.is_none() {
                    break;
                }
            }
            assert_eq!(pages.len(), 0, "{}: the last pages are missing", what("pages"));
            "list_cursor"
        }
    }
}

/// By record, since a whole list in a message hides where it differs.
fn assert_same(found: &[Record], expected: &[&Record], what: &str) {
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!(found, *expected, "{what}");
    }
    let keys = |records: &mut dyn Iterator<Item = &Record>| -> Vec<Key> {
        records.map(|record| (record.namespace.clone(), record.id.clone())).collect()
    };
    let longer = found.len().min(expected.len());
    assert_eq!(
        keys(&mut found[longer..].iter()),
        keys(&mut expected[longer..].iter().copied()),
        "{what}: behind the others"
    );
}
