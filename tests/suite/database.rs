//! A database as a user sees it: every operation once, reopened, compacted, read by another handle.

use std::time::Duration;

use vectlite::{
    Clock, Database, ErrorKind, Filter, Fusion, Include, Metadata, Metric, OpenOptions, Record, Result,
    SearchRequest, Store, SyncMode, Value,
};

fn options() -> OpenOptions {
    OpenOptions::new().dimension(3).sync(SyncMode::OnFlush)
}

fn animal(id: &str, vector: [f32; 3], text: &str, legs: i64) -> Record {
    Record::new(id).vector(vector).text(text).metadata([("legs", Value::from(legs))])
}

fn fill(db: &Database) {
    db.upsert_many([
        animal("cat", [1.0, 0.0, 0.0], "a small cat sleeps", 4),
        animal("dog", [0.9, 0.1, 0.0], "a loyal dog barks at a cat", 4),
        animal("bird", [0.0, 1.0, 0.0], "a bird sings", 2),
        Record::new("fish").text("a fish swims").metadata([("legs", Value::from(0))]),
    ])
    .unwrap();
}

fn ids(db: &Database, request: &SearchRequest) -> Vec<String> {
    db.search(request).unwrap().hits.into_iter().map(|hit| hit.id).collect()
}

/// What must hold whether the data is in the memtable, in `.vdb`, compacted, or read by another handle.
fn check(db: &Database, state: &str) {
    assert_eq!(db.count(None, None).unwrap(), 4, "{state}");
    let near_cat = SearchRequest::new().vector([1.0, 0.0, 0.0]);
    assert_eq!(ids(db, &near_cat), ["cat", "dog", "bird"], "{state}");
    assert_eq!(ids(db, &near_cat.clone().filter(Filter::eq("legs", 2))), ["bird"], "{state}");
    assert_eq!(ids(db, &SearchRequest::new().text("cat")), ["cat", "dog"], "{state}");
    assert_eq!(ids(db, &SearchRequest::new().text("cats").k(0)), [""; 0], "{state}");
    for fusion in [Fusion::Linear, Fusion::Rrf] {
        let hybrid = near_cat.clone().text("bird sings").fusion(fusion).explain(true);
        let response = db.search(&hybrid).unwrap();
        assert_eq!(response.hits.len(), 3, "{state}");
        for hit in &response.hits {
            let explained = hit.explain.as_ref().unwrap();
            let sum: f64 = explained.dense.iter().map(|dense| dense.part.contribution).sum::<f64>()
                + explained.sparse.iter().map(|sparse| sparse.part.contribution).sum::<f64>();
            assert!((sum - hit.score).abs() < 1e-9, "{state}: {explained}");
        }
    }
    let cat = db.get("cat", None).unwrap().unwrap();
    assert_eq!(cat.vector.as_deref(), Some(&[1.0, 0.0, 0.0][..]), "{state}");
    assert_eq!(cat.text.as_deref(), Some("a small cat sleeps"), "{state}");
    assert_eq!(db.get("fish", None).unwrap().unwrap().vector, None, "{state}");
    let listed: Vec<String> =
        db.list(None, None, 0, 0).unwrap().into_iter().map(|record| record.id).collect();
    assert_eq!(listed, ["bird", "cat", "dog", "fish"], "{state}");
}

#[test]
fn answers_do_not_depend_on_where_the_data_is() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("deep/er/animals.vdb");
    let db = Database::open(&path, options()).unwrap();
    fill(&db);
    check(&db, "memtable");
    let reader = Database::open(&path, OpenOptions::new().read_only(true)).unwrap();
    check(&reader, "reader, log only");
    db.flush().unwrap();
    check(&db, "checkpoint");
    check(&reader, "reader, after a checkpoint");
    fill(&db);
    check(&db, "overwritten");
    check(&reader, "reader, overwritten");
    db.flush().unwrap();
    let report = db.compact().unwrap();
    assert_eq!((report.records, report.dropped, report.shrunk), (4, 4, true));
    check(&db, "compacted");
    check(&reader, "reader, after compaction");
    fill(&db);
    check(&reader, "reader, behind compaction");
    let copy = directory.path().join("copy.vdb");
    db.snapshot(&copy).unwrap();
    assert_eq!(db.snapshot(&copy).unwrap_err().kind(), ErrorKind::AlreadyExists);
    db.close().unwrap();
    check(&reader, "reader, writer closed");
    check(&Database::open(&copy, OpenOptions::new()).unwrap(), "snapshot");
    let db = Database::open(&path, OpenOptions::new()).unwrap();
    check(&db, "reopened");
    assert_eq!(db.stats().unwrap().wal_entries_replayed, 0);
}

#[test]
fn an_unclean_end_loses_nothing_acknowledged() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.vdb");
    let db = Database::open(&path, options()).unwrap();
    fill(&db);
    // Copies of the files as they are are what a killed process leaves behind.
    let dead = directory.path().join("dead");
    std::fs::create_dir(&dead).unwrap();
    for name in ["a.vdb", "a.vdb.wal"] {
        std::fs::copy(directory.path().join(name), dead.join(name)).unwrap();
    }
    let reader = Database::open(dead.join("a.vdb"), OpenOptions::new().read_only(true)).unwrap();
    check(&reader, "reader after a crash");
    drop(reader);
    let again = Database::open(dead.join("a.vdb"), OpenOptions::new()).unwrap();
    check(&again, "writer after a crash");
}

#[test]
fn one_writer_and_its_name() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.vdb");
    let db = Database::open(&path, options()).unwrap();
    let error = Database::open(&path, options()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LockContention);
    assert!(error.to_string().contains(&format!("pid={}", std::process::id())), "{error}");
    let waited = Database::open(&path, options().lock_timeout(Duration::from_millis(50))).unwrap_err();
    assert_eq!(waited.kind(), ErrorKind::LockContention);
    db.close().unwrap();
    Database::open(&path, options()).unwrap();
}

#[test]
fn writes_do_what_they_say() -> Result<()> {
    let directory = tempfile::tempdir().unwrap();
    let db = Database::open(directory.path().join("a.vdb"), options())?;
    db.insert(Record::new("a").vector([1.0, 0.0, 0.0]))?;
    assert_eq!(db.insert(Record::new("a")).unwrap_err().kind(), ErrorKind::AlreadyExists);
    assert!(db.insert(Record::new("a").namespace("other")).is_ok());
    assert_eq!(db.namespaces()?, ["", "other"]);
    assert!(db.update_metadata("a", Metadata::from([("x".to_owned(), Value::from(1))]), None)?);
    assert!(db.update_metadata("a", Metadata::from([("y".to_owned(), Value::from("z"))]), None)?);
    assert_eq!(db.get("a", None)?.unwrap().metadata.len(), 2);
    assert!(!db.update_metadata("missing", Metadata::new(), None)?);
    assert_eq!(db.delete_by_filter(&Filter::eq("x", 1), None)?, 1);
    assert!(!db.exists("a", None)?);
    assert!(db.delete("a", Some("other"))?);
    assert!(!db.delete("a", Some("other"))?);
    assert_eq!(db.namespaces()?, [""; 0]);
    db.upsert_many((0..5).map(|n| Record::new(format!("r{n}")).vector_in("title", [n as f32 + 1.0, 1.0])))?;
    let found = db.search(&SearchRequest::new().vector([1.0, 0.0]).vector_name("title").k(2))?;
    assert_eq!(found.hits[0].id, "r4");
    assert_eq!(db.delete_many(["r0", "r1", "nope"], None)?, 2);
    let (first, cursor) = db.list_cursor(None, None, 2, None)?;
    assert_eq!(first.len(), 2);
    let (second, end) = db.list_cursor(None, None, 2, cursor.as_deref())?;
    assert_eq!((second.len(), end), (1, None));
    Ok(())
}

#[test]
fn a_batch_with_one_bad_record_writes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let db = Database::open(directory.path().join("a.vdb"), options()).unwrap();
    let good = Record::new("good").vector([1.0, 2.0, 3.0]);
    for (bad, kind) in [
        (Record::new("bad").vector([f32::NAN, 0.0, 0.0]), ErrorKind::InvalidArgument),
        (Record::new("bad").vector([f32::INFINITY, 0.0, 0.0]), ErrorKind::InvalidArgument),
        (Record::new("bad").vector([1.0, 2.0]), ErrorKind::DimensionMismatch),
        (Record::new("").vector([1.0, 2.0, 3.0]), ErrorKind::InvalidArgument),
        (Record::new("x".repeat(2_000)), ErrorKind::InvalidArgument),
        (Record::new("bad").ttl(-1.0), ErrorKind::InvalidArgument),
        (Record::new("bad").sparse([("t", f32::NAN)]), ErrorKind::InvalidArgument),
        (Record::new("bad").metadata([("x", Value::Float(f64::NAN))]), ErrorKind::InvalidArgument),
    ] {
        let error = db.upsert_many([good.clone(), bad.clone()]).unwrap_err();
        assert_eq!(error.kind(), kind, "{bad:?}: {error}");
    }
    assert_eq!(db.count(None, None).unwrap(), 0);
    assert_eq!(db.commit_id().unwrap(), 0);
}

#[test]
fn a_transaction_is_all_or_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let db = Database::open(directory.path().join("a.vdb"), options()).unwrap();
    db.upsert(Record::new("old").text("one")).unwrap();
    let before = db.commit_id().unwrap();
    let mut transaction = db.transaction().unwrap();
    transaction.delete("old", None).unwrap();
    transaction.insert(Record::new("old").text("two")).unwrap();
    transaction.upsert(Record::new("new").text("three")).unwrap();
    assert_eq!(transaction.get("old", None).unwrap().unwrap().text.as_deref(), Some("two"));
    assert_eq!(db.get("old", None).unwrap().unwrap().text.as_deref(), Some("one"));
    transaction.commit().unwrap();
    assert_eq!(db.commit_id().unwrap(), before + 1, "one log record");
    assert_eq!(db.count(None, None).unwrap(), 2);
    let mut failing = db.transaction().unwrap();
    failing.delete("old", None).unwrap();
    failing.insert(Record::new("new")).unwrap();
    assert_eq!(failing.commit().unwrap_err().kind(), ErrorKind::AlreadyExists);
    assert!(db.exists("old", None).unwrap());
    let mut forgotten = db.transaction().unwrap();
    forgotten.delete("old", None).unwrap();
    forgotten.rollback();
    let late = db.transaction().unwrap();
    db.close().unwrap();
    assert_eq!(late.commit().unwrap_err().kind(), ErrorKind::Closed);
}

#[test]
fn expired_records_are_never_seen_and_swept_by_a_flush() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.vdb");
    let clock = Clock::manual(1_000_000);
    let db = Database::open(&path, options().clock(clock.clone())).unwrap();
    let record = |id: &str| Record::new(id).vector([1.0, 0.0, 0.0]).text("word");
    db.upsert_many([record("stays"), record("goes").ttl(10.0), record("later").ttl(10.0)]).unwrap();
    assert!(db.set_ttl("later", 100.0, None).unwrap());
    assert_eq!(db.get("goes", None).unwrap().unwrap().expires_at, Some(1_010.0));
    for flush_first in [false, true] {
        if flush_first {
            db.flush().unwrap();
        }
        clock.set(1_010_000);
        assert_eq!(db.count(None, None).unwrap(), 2);
        assert!(!db.exists("goes", None).unwrap());
        assert_eq!(ids(&db, &SearchRequest::new().text("word")), ["later", "stays"]);
        assert_eq!(ids(&db, &SearchRequest::new().vector([1.0, 0.0, 0.0])), ["later", "stays"]);
        assert!(!db.set_ttl("goes", 5.0, None).unwrap());
        clock.set(1_000_000);
    }
    clock.set(1_010_000);
    db.insert(record("goes")).unwrap();
    assert!(db.clear_ttl("later", None).unwrap());
    clock.set(10_000_000);
    db.flush().unwrap();
    assert_eq!(db.count(None, None).unwrap(), 3);
}

#[test]
fn what_is_asked_for_comes_along() {
    let directory = tempfile::tempdir().unwrap();
    let db = Database::open(directory.path().join("a.vdb"), options().metric(Metric::Euclidean)).unwrap();
    fill(&db);
    let request =
        SearchRequest::new().vector([1.0, 0.0, 0.0]).include(Include::none().vector(true).text(true));
    let hit = &db.search(&request).unwrap().hits[0];
    assert_eq!(hit.vector.as_deref(), Some(&[1.0, 0.0, 0.0][..]));
    assert_eq!(hit.text.as_deref(), Some("a small cat sleeps"));
    assert!(hit.metadata.is_empty());
    assert_eq!(hit.score, 0.0);
    let diverse = SearchRequest::new().vector([1.0, 0.0, 0.0]).mmr_lambda(0.0).k(2);
    assert_eq!(ids(&db, &diverse), ["cat", "bird"]);
    let paged = SearchRequest::new().vector([1.0, 0.0, 0.0]).offset(1).k(1);
    assert_eq!(ids(&db, &paged), ["dog"]);
}

#[test]
fn bad_openings_say_what_is_wrong() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.vdb");
    let kind =
        |path: &std::path::Path, options: OpenOptions| Database::open(path, options).unwrap_err().kind();
    assert_eq!(kind(&path, OpenOptions::new()), ErrorKind::InvalidArgument);
    assert_eq!(kind(&path, options().read_only(true)), ErrorKind::NotFound);
    assert_eq!(kind(directory.path(), options()), ErrorKind::InvalidArgument);
    assert_eq!(kind("".as_ref(), options()), ErrorKind::InvalidArgument);
    assert_eq!(kind(&path, options().dimension(0)), ErrorKind::InvalidArgument);
    assert_eq!(kind(&path, options().analyzer("klingon")), ErrorKind::InvalidArgument);
    let deeper = directory.path().join("deeper").join("a.vdb");
    assert_eq!(kind(&deeper, OpenOptions::new()), ErrorKind::InvalidArgument);
    let left: Vec<_> = std::fs::read_dir(directory.path()).unwrap().collect();
    assert!(left.is_empty(), "a refused creation left {left:?}");
    Database::open(&path, options()).unwrap().close().unwrap();
    assert_eq!(kind(&path, OpenOptions::new().dimension(4)), ErrorKind::DimensionMismatch);
    assert_eq!(kind(&path, OpenOptions::new().metric(Metric::Manhattan)), ErrorKind::InvalidArgument);
    assert_eq!(kind(&path, OpenOptions::new().analyzer("english")), ErrorKind::InvalidArgument);
    let foreign = directory.path().join("foreign.vdb");
    for content in [&b"hello, I am a text file"[..], &[0; 5_000], b"redb"] {
        std::fs::write(&foreign, content).unwrap();
        assert_eq!(kind(&foreign, options()), ErrorKind::Corruption);
        assert_eq!(std::fs::read(&foreign).unwrap(), content, "a foreign file was changed");
    }
    let redb_file = directory.path().join("redb.vdb");
    drop(vectlite::redb::Database::create(&redb_file).unwrap());
    assert_eq!(kind(&redb_file, options()), ErrorKind::Corruption);
}

#[test]
fn a_closed_or_read_only_handle_says_so() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.vdb");
    let db = Database::open(&path, options()).unwrap();
    fill(&db);
    let reader = Database::open(&path, OpenOptions::new().read_only(true)).unwrap();
    assert_eq!(reader.upsert(Record::new("x")).unwrap_err().kind(), ErrorKind::ReadOnly);
    assert_eq!(reader.flush().unwrap_err().kind(), ErrorKind::ReadOnly);
    assert_eq!(reader.transaction().unwrap_err().kind(), ErrorKind::ReadOnly);
    for db in [db, reader] {
        db.close().unwrap();
        db.close().unwrap();
        assert_eq!(db.get("cat", None).unwrap_err().kind(), ErrorKind::Closed);
        assert_eq!(db.upsert(Record::new("x")).unwrap_err().kind(), ErrorKind::Closed);
        assert_eq!(db.search(&SearchRequest::new().text("x")).unwrap_err().kind(), ErrorKind::Closed);
        assert!(format!("{db:?}").contains("closed: true"));
    }
}

#[test]
fn collections_have_names_that_are_names() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path().join("store")).unwrap();
    for name in ["", "../x", "a/b", "a\\b", ".", "..", "a..b", " a", "a.", "a\0b", &"x".repeat(300)] {
        let error = store.create_collection(name, options()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{name:?}");
    }
    let notes = store.create_collection("my notes-1", options()).unwrap();
    assert_eq!(
        store.create_collection("my notes-1", options()).unwrap_err().kind(),
        ErrorKind::AlreadyExists
    );
    assert_eq!(store.open_collection("other", options()).unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(store.drop_collection("my notes-1").unwrap_err().kind(), ErrorKind::LockContention);
    let reader = store.open_collection_read_only("my notes-1", OpenOptions::new()).unwrap();
    notes.close().unwrap();
    drop(notes);
    assert_eq!(store.drop_collection("my notes-1").unwrap_err().kind(), ErrorKind::LockContention);
    drop(reader);
    std::thread::sleep(Duration::from_millis(20));
    assert!(store.drop_collection("my notes-1").unwrap());
    assert!(!store.drop_collection("my notes-1").unwrap());
    assert_eq!(store.collections().unwrap(), [""; 0]);
    assert!(!directory.path().join("store/my notes-1.vdb.wal").exists());
}
