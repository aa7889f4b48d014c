//! Bulk loads: batches, progress, and what stays after an error.

use vectlite::{BulkOptions, Database, ErrorKind, OpenOptions, Record};

fn open(directory: &tempfile::TempDir) -> Database {
    Database::open(directory.path().join("bulk.vdb"), OpenOptions::new().dimension(2)).unwrap()
}

fn record(number: usize) -> Record {
    Record::new(format!("r{number:04}")).vector([number as f32, 1.0])
}

#[test]
fn each_batch_is_one_commit_and_progress_hears_of_it() {
    let directory = tempfile::tempdir().unwrap();
    let db = open(&directory);
    let before = db.commit_id().unwrap();
    let mut heard = Vec::new();
    let options = BulkOptions::new().batch_size(100);
    let loaded = db.bulk_ingest((0..250).map(record), options, |committed| heard.push(committed)).unwrap();
    assert_eq!((loaded, heard), (250, vec![100, 200, 250]));
    assert_eq!(db.commit_id().unwrap(), before + 3);
    assert_eq!(db.count(None, None).unwrap(), 250);
    assert_eq!(db.get("r0123", None).unwrap().unwrap().vector, Some(vec![123.0, 1.0]));
}

#[test]
fn nothing_is_loaded_from_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let db = open(&directory);
    let before = db.commit_id().unwrap();
    assert_eq!(db.bulk_ingest([], BulkOptions::new(), |_| panic!("there is nothing to tell")).unwrap(), 0);
    assert_eq!(db.commit_id().unwrap(), before);
}

#[test]
fn an_error_says_what_stays() {
    let directory = tempfile::tempdir().unwrap();
    let db = open(&directory);
    let bad = |number: usize| if number == 250 { Record::new("bad").vector([1.0]) } else { record(number) };
    let error = db.bulk_ingest((0..400).map(bad), BulkOptions::new().batch_size(100), |_| {}).unwrap_err();
    assert_eq!((error.kind(), error.committed()), (ErrorKind::DimensionMismatch, Some(200)));
    assert_eq!(db.count(None, None).unwrap(), 200, "whole batches only");
    let error = db.upsert(Record::new("bad").vector([1.0])).unwrap_err();
    assert_eq!(error.committed(), None, "that is a word of bulk loads");
}

#[test]
fn a_load_goes_on_after_a_refused_record_without_what_was_unfinished() {
    let directory = tempfile::tempdir().unwrap();
    let db = open(&directory);
    let mut load = db.bulk_load(BulkOptions::new().batch_size(10)).unwrap();
    for number in 0..15 {
        assert_eq!(load.push(record(number)).unwrap(), number == 9);
    }
    assert_eq!(load.push(Record::new("")).unwrap_err().committed(), Some(10));
    load.push(record(20)).unwrap();
    assert_eq!(load.finish().unwrap(), 11);
    assert!(db.get("r0012", None).unwrap().is_none());
}

#[test]
fn a_batch_has_a_size_and_a_load_an_open_database() {
    let directory = tempfile::tempdir().unwrap();
    let db = open(&directory);
    for size in [0, 1_000_001] {
        let error = db.bulk_load(BulkOptions::new().batch_size(size)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    }
    let mut load = db.bulk_load(BulkOptions::new()).unwrap();
    load.push(record(1)).unwrap();
    db.close().unwrap();
    assert_eq!(load.push(record(2)).unwrap_err().kind(), ErrorKind::Closed);
    assert_eq!(load.finish().unwrap_err().kind(), ErrorKind::Closed);
}
