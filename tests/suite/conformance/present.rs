//! `tests/golden/present.vdb`, its log and its image: a database as this version writes it, left by a writer that was killed. What a change of a
//! format must not do unnoticed is to read other things out of them: it gives the format its next number, and writes them anew.
//!
//! `VECTLITE_REGENERATE=1` does.

use std::fs;
use std::path::{Path, PathBuf};

use vectlite::{Database, Filter, Include, OpenOptions, Record, SearchRequest, VerifyOptions};
use vectlite_tests::fuzz::database::{DIMENSION, fill, record};

const FILES: [&str; 3] = ["present.vdb", "present.vdb.wal", "present.vdb.ann"];

fn golden(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden").join(file)
}

/// Fills a database: what `fill` puts into `.vdb`, and commits behind it in the log.
fn build(path: &Path) -> Database {
    let db = Database::open(path, OpenOptions::new().dimension(DIMENSION).positions(true)).unwrap();
    fill(&db).unwrap();
    // A graph over all of them, and its image.
    db.compact().unwrap();
    db.upsert(record(3).text("alpha omega")).unwrap();
    db.delete("r004", None).unwrap();
    let mut transaction = db.transaction().unwrap();
    transaction.upsert(Record::new("last").vector([1.0, 0.0, 0.0, 0.0]).text("omega")).unwrap();
    transaction.kv_put("application", "k1", b"changed").unwrap();
    transaction.kv_delete("application", "k2").unwrap();
    transaction.commit().unwrap();
    db
}

/// What there is, but for moments, which are those of the day on which it was written.
fn records(db: &Database) -> Vec<Record> {
    let mut records = db.list(None, None, 0, 0).unwrap();
    for record in &mut records {
        record.expires_at = record.expires_at.map(|_| 0.0);
    }
    records
}

#[test]
fn the_stored_files_hold_what_was_written() {
    let directory = tempfile::tempdir().unwrap();
    let built = build(&directory.path().join("present.vdb"));
    if std::env::var_os("VECTLITE_REGENERATE").is_some() {
        for file in FILES {
            fs::copy(directory.path().join(file), golden(file)).unwrap();
        }
    }
    let open = |copy: &Path, read_only| {
        for file in FILES {
            fs::copy(golden(file), copy.join(file)).unwrap();
        }
        Database::open(copy.join("present.vdb"), OpenOptions::new().read_only(read_only)).unwrap()
    };
    // Each finds the log as it was left.
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    compare(&open(one.path(), true), &built);
    let stored = open(other.path(), false);
    assert_eq!(stored.stats().unwrap().wal_entries_replayed, 3);
    let graphs = stored.stats().unwrap().graphs;
    assert!(graphs.iter().any(|graph| graph.loaded_from_disk && graph.nodes > 150), "{graphs:?}");
    compare(&stored, &built);
    assert!(stored.verify(&VerifyOptions::new().deep(true)).unwrap().is_sound());
}

fn compare(stored: &Database, built: &Database) {
    assert_eq!(records(stored), records(built));
    assert_eq!(stored.commit_id().unwrap(), built.commit_id().unwrap());
    assert_eq!(stored.list_indexes().unwrap(), built.list_indexes().unwrap());
    assert_eq!(stored.index_config().unwrap(), built.index_config().unwrap());
    assert_eq!(stored.kv_scan("application", "").unwrap(), built.kv_scan("application", "").unwrap());
    let vector = [0.5, -0.5, 0.25, 1.0];
    let requests = [
        SearchRequest::new().vector(vector).k(20).exact(true),
        SearchRequest::new().vector(vector).k(20).exact(true).filter(Filter::contains("tag", "t3")),
        SearchRequest::new().vector_name("other").vector([0.5, 1.0]).k(20).exact(true).namespace("n"),
        SearchRequest::new().text("alpha w3 omega").k(20).include(Include::none().text(true).metadata(true)),
        SearchRequest::new().text("\"alpha beta w1\" w*").k(20),
        SearchRequest::new()
            .sparse([("learned".to_owned(), 1.0)].into())
            .vector(vector)
            .exact(true)
            .k(20)
            .all_namespaces(true),
    ];
    for request in requests {
        assert_eq!(
            stored.search(&request).unwrap().hits,
            built.search(&request).unwrap().hits,
            "{request:?}"
        );
    }
    let walked = SearchRequest::new().vector(vector).k(5);
    assert_eq!(stored.search(&walked).unwrap().hits.len(), 5);
}
