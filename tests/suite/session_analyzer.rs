//! Analyzers with a step from outside: they plug in for one session.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use vectlite::{Analyzer, BulkOptions, Database, ErrorKind, OpenOptions, Record, SearchRequest, StepError};

fn options() -> OpenOptions {
    OpenOptions::new().dimension(1)
}

/// Words without their plural s; "bad" is refused.
fn singular() -> Analyzer {
    let singular = |term: &str| -> Result<Vec<String>, StepError> {
        if term == "bad" {
            Err("no bad words".into())
        } else {
            Ok(vec![term.trim_end_matches('s').to_owned()])
        }
    };
    Analyzer::new().lowercase().filter(singular).unwrap()
}

fn found(db: &Database, text: &str) -> Vec<String> {
    let response = db.search(&SearchRequest::new().text(text)).unwrap();
    response.hits.into_iter().map(|hit| hit.id).collect()
}

#[test]
fn texts_are_found_in_a_session_with_the_analyzer_and_by_their_terms_in_others() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("db.vdb");
    let db = Database::open(&path, options().analyzer(singular())).unwrap();
    db.insert(Record::new("a").text("Red apples").sparse([("apple", 2.0)])).unwrap();
    db.upsert_many([Record::new("b").text("Pears")]).unwrap();
    let mut transaction = db.transaction().unwrap();
    transaction.insert(Record::new("c").text("plums")).unwrap();
    transaction.upsert_many([Record::new("d").text("figs figs")]).unwrap();
    transaction.commit().unwrap();
    db.bulk_ingest([Record::new("e").text("kiwis").vector([1.0])], BulkOptions::new(), |_| ()).unwrap();
    for (query, id) in [("apples", "a"), ("PEAR", "b"), ("plum", "c"), ("fig", "d"), ("kiwi", "e")] {
        assert_eq!(found(&db, query), [id]);
    }
    let a = db.get("a", None).unwrap().unwrap();
    assert_eq!(a.sparse.unwrap(), [("apple".to_owned(), 3.0), ("red".to_owned(), 1.0)].into());
    assert_eq!(a.text.unwrap(), "Red apples");
    assert_eq!(db.analyzer().tokenize("Cats"), ["cat"]);
    let batch = db.search_batch(&[[1.0_f32]], &SearchRequest::new().text("figs")).unwrap();
    assert_eq!(batch[0].hits.len(), 2);
    db.close().unwrap();

    let db = Database::open(&path, OpenOptions::new()).unwrap();
    assert_eq!(db.analyzer(), &Analyzer::preset("none").unwrap());
    assert_eq!(
        db.search(&SearchRequest::new().sparse([("fig".to_owned(), 1.0)].into())).unwrap().hits[0].id,
        "d"
    );
    let error = db.search(&SearchRequest::new().text("fig")).unwrap_err();
    assert!(error.to_string().contains("open it with the analyzer"), "{error}");
    db.close().unwrap();

    let reader = Database::open(&path, OpenOptions::new().read_only(true).analyzer(singular())).unwrap();
    assert_eq!(found(&reader, "figs"), ["d"]);
}

#[test]
fn it_needs_a_database_whose_stored_analyzer_is_none() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("db.vdb");
    Database::open(&path, options()).unwrap().close().unwrap();
    let error = Database::open(&path, OpenOptions::new().analyzer(singular())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert!(error.to_string().starts_with("analyzer: the database was created with"), "{error}");
}

#[test]
fn signs_need_an_analyzer_that_is_stored() {
    let directory = tempfile::tempdir().unwrap();
    let db = Database::open(directory.path().join("db.vdb"), options().analyzer(singular())).unwrap();
    db.insert(Record::new("a").text("red apples")).unwrap();
    for query in ["-apples", "red +apples", "\"red apples\"", "appl*", "aples~1"] {
        let error = db.search(&SearchRequest::new().text(query)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{query}");
        assert!(error.to_string().contains("an analyzer that the database stores"), "{error}");
    }
    assert_eq!(found(&db, r"\-apples"), ["a"]);
    assert_eq!(db.highlight("a", "red", None).unwrap_err().kind(), ErrorKind::InvalidArgument);
}

#[test]
fn a_failing_step_fails_the_call_and_nothing_is_written() {
    let directory = tempfile::tempdir().unwrap();
    let db = Database::open(directory.path().join("db.vdb"), options().analyzer(singular())).unwrap();
    let bad = || Record::new("bad").text("bad");
    let batch = [Record::new("a").text("good"), bad()];
    for error in [
        db.insert(bad()).unwrap_err(),
        db.upsert_many(batch.clone()).unwrap_err(),
        db.transaction().unwrap().insert(bad()).unwrap_err(),
        db.transaction().unwrap().insert_many(batch.clone()).unwrap_err(),
        db.bulk_ingest(batch, BulkOptions::new(), |_| ()).unwrap_err(),
        db.search(&SearchRequest::new().text("bad")).unwrap_err(),
        db.search_batch(&[[1.0_f32]], &SearchRequest::new().text("bad")).unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert!(error.to_string().contains("no bad words"), "{error}");
        assert_eq!(error.into_step_error().unwrap().to_string(), "no bad words");
    }
    assert_eq!(db.count(None, None).unwrap(), 0);
    let other = db.insert(Record::new("")).unwrap_err();
    assert!(other.into_step_error().is_err());
}

#[test]
fn what_was_analyzed_before_is_not_analyzed_again() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let counting = Analyzer::new().filter(move |term: &str| {
        counted.fetch_add(1, Ordering::Relaxed);
        Ok(vec![term.to_owned()])
    });
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("db.vdb");
    let db = Database::open(path, options().analyzer(counting.unwrap())).unwrap();
    let mut record = Record::new("a").text("one two");
    db.analyze(&mut record).unwrap();
    db.analyze(&mut record).unwrap();
    db.insert(record).unwrap();
    assert_eq!(calls.load(Ordering::Relaxed), 2);
    assert_eq!(db.get("a", None).unwrap().unwrap().sparse.unwrap().len(), 2);
    let request = SearchRequest::new().text("one").sparse([("one".to_owned(), 1.0)].into());
    let analyzed = db.analyzed(&request).unwrap().into_owned();
    assert_eq!(db.search(&analyzed).unwrap().hits.len(), 1);
    assert_eq!(calls.load(Ordering::Relaxed), 3);
    db.close().unwrap();
    assert_eq!(db.search(&request).unwrap_err().kind(), ErrorKind::Closed);
    assert_eq!(calls.load(Ordering::Relaxed), 3);
}
