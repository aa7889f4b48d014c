//! What a build without features does: searches are exact, text is kept and gives no terms.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::{Database, ErrorKind, OpenOptions, Record, SearchRequest};

fn database() -> (TempDir, Database) {
    let directory = tempfile::tempdir().unwrap();
    let db = Database::open(directory.path().join("x.vdb"), OpenOptions::new().dimension(2)).unwrap();
    (directory, db)
}

#[test]
fn every_search_is_exact() {
    let (directory, db) = database();
    let vector = |number: u16| [(f32::from(number) / 1_000.0).cos(), (f32::from(number) / 1_000.0).sin()];
    let record = |number: u16| Record::new(number.to_string()).vector(vector(number));
    db.upsert_many((0..1_000).map(record)).unwrap();
    db.compact().unwrap();
    assert_eq!(db.stats().unwrap().graphs, []);
    let found = db.search(&SearchRequest::new().vector(vector(500)).k(3)).unwrap();
    assert_eq!(found.hits.iter().map(|hit| hit.id.as_str()).collect::<Vec<_>>(), ["500", "499", "501"]);
    assert!(!found.stats.used_ann);
    db.close().unwrap();
    assert!(!directory.path().join("x.vdb.ann").exists());
}

#[test]
fn text_is_kept_and_sparse_vectors_are_found() {
    let (_directory, db) = database();
    assert!(!db.analyzer().indexes_text());
    db.upsert(Record::new("a").vector([1.0, 0.0]).text("some text").sparse([("term", 2.0)])).unwrap();
    assert_eq!(db.get("a", None).unwrap().unwrap().text.as_deref(), Some("some text"));
    let found = db.search(&SearchRequest::new().sparse([("term".to_owned(), 1.0)].into())).unwrap();
    assert_eq!(found.hits.len(), 1);
}

#[test]
fn an_analyzer_that_is_left_out_is_an_error_that_says_so() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("x.vdb");
    let options = OpenOptions::new().dimension(2).analyzer("english");
    let error = Database::open(&path, options).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert!(error.to_string().contains("feature `text`"), "{error}");

    // A database that another build has made.
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden");
    fs::copy(golden.join("present.vdb"), &path).unwrap();
    let error = Database::open(&path, OpenOptions::new().read_only(true)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnsupportedFormat);
    assert!(error.to_string().contains("feature `text`"), "{error}");
}
