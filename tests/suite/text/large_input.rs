//! Very long texts and very many terms: an answer or an error by name, in time.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use vectlite::limits::{MAX_SPARSE_TERMS, MAX_TEXT_BYTES};
use vectlite::{
    BulkOptions, Database, ErrorKind, OpenOptions, Record, SearchRequest, SparseScoring, SyncMode,
};

/// Long enough for a slow machine that does other things, short enough to notice work that multiplies.
const PATIENCE: Duration = Duration::from_secs(60);

fn create(directory: &Path, scoring: SparseScoring) -> Database {
    let options = OpenOptions::new().dimension(1).sync(SyncMode::OnFlush).sparse_scoring(scoring);
    Database::open(directory.join("large.vdb"), options).unwrap()
}

fn ids(db: &Database, request: &SearchRequest) -> Vec<String> {
    db.search(request).unwrap().hits.into_iter().map(|hit| hit.id).collect()
}

/// Does something that must not take long.
fn in_time<T>(what: &str, act: impl FnOnce() -> T) -> T {
    let started = Instant::now();
    let result = act();
    let taken = started.elapsed();
    println!("{what}: {} ms", taken.as_millis());
    assert!(taken < PATIENCE, "{what} took {taken:?}");
    result
}

/// Different words, one behind the other.
fn words(count: usize) -> String {
    let words: Vec<String> = (0..count).map(|number| format!("word{number:07}")).collect();
    words.join(" ")
}

#[test]
fn a_text_of_megabytes_is_stored_and_found() {
    let directory = tempfile::tempdir().unwrap();
    let db = create(directory.path(), SparseScoring::Bm25);
    // 8 MB; the last word occurs in it once.
    let long = "the same eight words again and again until ".repeat(190_000) + "needle";
    in_time("upsert of 8 MB", || db.upsert(Record::new("long").text(long.as_str())).unwrap());
    db.upsert(Record::new("short").text("a needle")).unwrap();
    for state in ["memtable", "checkpoint"] {
        assert_eq!(ids(&db, &SearchRequest::new().text("needle")), ["short", "long"], "{state}");
        let request = SearchRequest::new().text("eight until").explain(true);
        assert_eq!(ids(&db, &request), ["long"], "{state}");
        assert_eq!(db.get("long", None).unwrap().unwrap().text.as_deref(), Some(long.as_str()), "{state}");
        in_time("flush of 8 MB", || db.flush().unwrap());
    }
    let found =
        in_time("search by 8 MB", || ids(&db, &SearchRequest::new().text(format!("{long} needle needle"))));
    assert_eq!(found, ["long", "short"]);
    in_time("overwriting 8 MB", || db.upsert(Record::new("long").text("nothing")).unwrap());
    assert_eq!(ids(&db, &SearchRequest::new().text("eight until needle")), ["short"]);
}

#[test]
fn a_text_beyond_the_segment_of_a_log_is_stored_and_one_beyond_the_limit_refused() {
    let directory = tempfile::tempdir().unwrap();
    let db = create(directory.path(), SparseScoring::Bm25);
    // Two of them are more than both segments; one word each, which is too long for a term.
    let long = "x".repeat(MAX_TEXT_BYTES - 7) + " needle";
    for id in ["first", "second"] {
        in_time("upsert of 64 MiB", || db.upsert(Record::new(id).text(long.as_str())).unwrap());
    }
    assert_eq!(ids(&db, &SearchRequest::new().text("needle")), ["first", "second"]);
    let longer = format!("{long}s");
    for result in [
        db.upsert(Record::new("refused").text(longer.as_str())),
        db.upsert_many([Record::new("good"), Record::new("refused").text(longer.as_str())]).map(drop),
        db.transaction().unwrap().upsert(Record::new("refused").text(longer.as_str())),
        db.search(&SearchRequest::new().text(longer.as_str())).map(drop),
    ] {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert!(error.to_string().contains("text: expected at most 67108864 bytes"), "{error}");
    }
    assert_eq!(db.count(None, None).unwrap(), 2);
}

#[test]
fn a_record_may_have_very_many_terms() {
    const TERMS: usize = 100_000;
    for scoring in [SparseScoring::Bm25, SparseScoring::Dot] {
        let directory = tempfile::tempdir().unwrap();
        let db = create(directory.path(), scoring);
        let sparse: BTreeMap<String, f32> = (0..TERMS).map(|number| (format!("t{number}"), 0.5)).collect();
        in_time("upsert of 100,000 terms", || {
            db.upsert(Record::new("many").sparse(sparse.clone())).unwrap();
        });
        in_time("upsert of 100,000 words", || {
            db.upsert(Record::new("words").text(words(TERMS))).unwrap();
        });
        db.upsert(Record::new("few").sparse([("t7", 1.0)]).text("word0000007")).unwrap();
        for state in ["memtable", "checkpoint"] {
            let by_few = SearchRequest::new().sparse([("t7".to_owned(), 1.0)].into()).text("word0000007");
            let found = ids(&db, &by_few);
            assert_eq!((found.len(), found[0].as_str()), (3, "few"), "{state}");
            let many = SearchRequest::new().sparse(sparse.clone()).explain(true);
            let response = in_time("search by 100,000 terms", || db.search(&many).unwrap());
            let matched: Vec<usize> = response.hits.iter().map(|hit| hit.matched_terms.len()).collect();
            assert_eq!(matched, [TERMS, 1], "{state}");
            let found =
                in_time("search by 100,000 words", || ids(&db, &SearchRequest::new().text(words(TERMS))));
            assert_eq!(found, ["words", "few"], "{state}");
            in_time("flush of 200,000 terms", || db.flush().unwrap());
        }
        in_time("delete of 200,000 terms", || db.delete_many(["many", "words"], None).unwrap());
        in_time("compaction", || db.compact().unwrap());
        assert_eq!(ids(&db, &SearchRequest::new().sparse(sparse)), ["few"]);
    }
}

#[test]
fn a_sparse_vector_has_a_limit() {
    let directory = tempfile::tempdir().unwrap();
    let db = create(directory.path(), SparseScoring::Dot);
    let sparse: BTreeMap<String, f32> =
        (0..=MAX_SPARSE_TERMS).map(|number| (number.to_string(), 1.0)).collect();
    let error = db.upsert(Record::new("refused").sparse(sparse.clone())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert!(error.to_string().contains("sparse: expected at most 1048576 terms"), "{error}");
    let error = db.search(&SearchRequest::new().sparse(sparse)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
}

#[test]
fn very_many_terms_over_many_records() {
    const RECORDS: usize = 4_000;
    const EACH: usize = 50;
    let directory = tempfile::tempdir().unwrap();
    let db = create(directory.path(), SparseScoring::Bm25);
    let record = |number: usize| {
        let words: Vec<String> = (0..EACH).map(|word| format!("w{number}x{word}")).collect();
        Record::new(format!("r{number}")).text(format!("common {}", words.join(" ")))
    };
    in_time("load of 200,000 terms", || {
        db.bulk_ingest((0..RECORDS).map(record), BulkOptions::new(), |_| {}).unwrap();
    });
    for state in ["memtable", "checkpoint", "compacted"] {
        for number in (0..RECORDS).step_by(97) {
            let query = format!("common w{number}x7");
            let hits = db.search(&SearchRequest::new().text(query).k(2)).unwrap().hits;
            assert_eq!((hits.len(), hits[0].id.as_str()), (2, format!("r{number}").as_str()), "{state}");
        }
        // Of each of these there are 55,550.
        assert_eq!(db.search(&SearchRequest::new().text("w1*").k(2)).unwrap().hits.len(), 2, "{state}");
        for query in ["w1* w2*", "w*", "+w1* -w2*"] {
            let error = db.search(&SearchRequest::new().text(query)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{state}");
            assert!(error.to_string().contains("stands for too many words"), "{state}: {error}");
        }
        db.delete(if state == "memtable" { "r1" } else { "r2" }, None).unwrap();
        match state {
            "memtable" => in_time("flush", || db.flush().unwrap()),
            _ => _ = in_time("compaction", || db.compact().unwrap()),
        }
    }
}
