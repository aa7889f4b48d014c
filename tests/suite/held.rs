//! What a namespace of a database holds, through every way to ask: for suites that open what a crash has left.

use std::collections::BTreeMap;
use std::sync::Arc;

use vectlite::{Database, Filter, Record, SearchRequest};
use vectlite_tests::load::{DIMENSION, FIELDS};
use vectlite_tests::model::Key;

/// Records by their keys.
pub(crate) type Held = BTreeMap<Key, Arc<Record>>;

/// Each of the records must be found by its vector and by the word "common", as those of a load are.
pub(crate) fn held(db: &Database, namespace: &str) -> Held {
    let held: Held = db
        .list(Some(namespace), None, 0, 0)
        .unwrap()
        .into_iter()
        .map(|record| ((record.namespace.clone(), record.id.clone()), Arc::new(record)))
        .collect();
    assert_eq!(db.count(Some(namespace), None).unwrap(), held.len() as u64);
    for ((_, id), record) in &held {
        assert_eq!(db.get(id, Some(namespace)).unwrap().as_ref(), Some(record.as_ref()));
    }
    // Whatever is indexed, and whether a checkpoint has built it: the records say what is true.
    let middle = held.values().nth(held.len() / 2).and_then(|record| record.metadata.get(FIELDS[0]).cloned());
    for filter in [Filter::gte(FIELDS[0], middle.unwrap_or(0.into())), Filter::exists(FIELDS[1], true)] {
        let matches = |record: &&Arc<Record>| filter.matches(&record.metadata).unwrap();
        let expected: Vec<&Record> = held.values().filter(matches).map(Arc::as_ref).collect();
        let found = db.list(Some(namespace), Some(&filter), 0, 0).unwrap();
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{filter:?}");
    }
    let by_term = SearchRequest::new().text("common");
    let by_vector = SearchRequest::new().vector(vec![1.0; DIMENSION]).exact(true);
    for request in [by_term, by_vector] {
        let response = db.search(&request.namespace(namespace).k(10_000)).unwrap();
        let mut found: Vec<&str> = response.hits.iter().map(|hit| hit.id.as_str()).collect();
        found.sort_unstable();
        let expected: Vec<&str> = held.keys().map(|(_, id)| id.as_str()).collect();
        assert_eq!(found, expected, "a search finds each record");
    }
    held
}
