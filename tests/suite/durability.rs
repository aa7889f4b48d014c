//! What is acknowledged is synced, seen from the order of the file operations; and that a failed sync ends the writing.

use std::path::Path;
use std::sync::Arc;
use std::thread;

use vectlite::{Database, ErrorKind, Metadata, OpenOptions, Record, Result, SyncMode, Value};
use vectlite_tests::failure::{Failure, Operation};
use vectlite_tests::medium::{DIRECTORY, Entry, Medium};

/// Where the records of commits begin in a log.
const SEGMENTS_OFFSET: u64 = 20480;

fn open(files: &Medium, sync: SyncMode) -> Database {
    let options = OpenOptions::new().dimension(3).sync(sync).files(Arc::new(files.clone()));
    Database::open(Path::new(DIRECTORY).join("a.vdb"), options).unwrap()
}

fn record(id: &str) -> Record {
    Record::new(id).vector([1.0, 2.0, 3.0]).text("some words").metadata([("n", Value::from(1))])
}

/// A write of a commit, not of the zeros ahead of the next ones.
fn is_commit(entry: &Entry) -> bool {
    entry.operation == Operation::Write
        && entry.file.ends_with(".wal")
        && entry.offset >= SEGMENTS_OFFSET
        && entry.bytes.iter().any(|byte| *byte != 0)
}

/// Whether a sync of the log that began after this operation is over.
fn is_synced(entries: &[Entry], at: usize) -> bool {
    let later = entries.get(at..).unwrap_or_default();
    later
        .iter()
        .any(|entry| entry.operation == Operation::Sync && entry.file.ends_with(".wal") && entry.before > at)
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// Runs one write and asserts that it wrote a commit and that the commit was behind a sync when it returned.
fn assert_synced(files: &Medium, what: &str, write: impl FnOnce() -> Result<()>) {
    let start = files.entries(<[Entry]>::len);
    write().unwrap();
    files.entries(|entries| {
        let last = entries.iter().rposition(is_commit).filter(|at| *at >= start);
        let last = last.unwrap_or_else(|| panic!("{what} wrote no commit"));
        assert!(is_synced(entries, last), "{what} was acknowledged before a sync");
    });
}

#[test]
fn one_thread_is_acknowledged_after_the_sync() {
    let files = Medium::new();
    let db = open(&files, SyncMode::PerOp);
    for round in 0..60 {
        let id = format!("r{round}");
        assert_synced(&files, "upsert", || db.upsert(record(&id)));
        assert_synced(&files, "upsert_many", || {
            db.upsert_many((0..3).map(|n| record(&format!("{id}-{n}")))).map(drop)
        });
        assert_synced(&files, "update_metadata", || {
            db.update_metadata(&id, Metadata::from([("n".to_owned(), Value::from(round))]), None).map(drop)
        });
        assert_synced(&files, "transaction", || {
            let mut transaction = db.transaction()?;
            transaction.upsert(record(&format!("{id}-t")))?;
            transaction.delete(&format!("{id}-0"), None)?;
            transaction.commit()
        });
        assert_synced(&files, "delete", || db.delete(&id, None).map(drop));
        // The log begins anew, in the other segment.
        if round % 20 == 19 {
            db.flush().unwrap();
        }
    }
    assert_synced(&files, "a commit of several records of the log", || {
        db.upsert(record("large").text("x".repeat(3 << 20)))
    });
}

#[test]
fn eight_threads_are_acknowledged_after_a_sync_that_they_share() {
    const THREADS: usize = 8;
    const COMMITS: usize = 50;
    let files = Medium::new();
    let db = open(&files, SyncMode::PerOp);
    let syncs = files.count(".wal", Operation::Sync);
    thread::scope(|scope| {
        for worker in 0..THREADS {
            let (db, files) = (&db, &files);
            scope.spawn(move || {
                for number in 0..COMMITS {
                    let id = format!("worker-{worker}-record-{number:03}");
                    db.upsert(record(&id)).unwrap();
                    files.entries(|entries| {
                        let mine = |entry: &Entry| is_commit(entry) && contains(&entry.bytes, &id);
                        let at = entries.iter().rposition(mine).unwrap();
                        assert!(is_synced(entries, at), "{id} was acknowledged before a sync");
                    });
                }
            });
        }
    });
    let syncs = files.count(".wal", Operation::Sync) - syncs;
    println!("{} commits of {THREADS} threads: {syncs} syncs", THREADS * COMMITS);
    assert!(syncs <= THREADS * COMMITS, "more syncs than commits");
    assert_eq!(db.count(None, None).unwrap(), (THREADS * COMMITS) as u64);
}

#[test]
fn on_flush_syncs_nothing_before_the_flush() {
    let files = Medium::new();
    let db = open(&files, SyncMode::OnFlush);
    let syncs = files.count("", Operation::Sync);
    for number in 0..100 {
        db.upsert(record(&number.to_string())).unwrap();
    }
    assert_eq!(files.count("", Operation::Sync), syncs);
    let last = files.entries(|entries| entries.iter().rposition(is_commit)).unwrap();
    db.flush().unwrap();
    assert!(files.entries(|entries| is_synced(entries, last)));
}

#[test]
fn every_n_syncs_once_in_n_commits() {
    let files = Medium::new();
    let db = open(&files, SyncMode::EveryN(10));
    let syncs = files.count(".wal", Operation::Sync);
    for number in 0..100 {
        db.upsert(record(&number.to_string())).unwrap();
    }
    assert_eq!(files.count(".wal", Operation::Sync) - syncs, 10);
}

#[test]
fn a_failed_sync_ends_the_writing_and_not_the_reading() {
    let files = Medium::new();
    let db = open(&files, SyncMode::PerOp);
    db.upsert(record("before")).unwrap();
    files.fail(".wal", Some(Operation::Sync), 0, Failure::Io);
    assert_eq!(db.upsert(record("failed")).unwrap_err().kind(), ErrorKind::Storage);
    assert_eq!(files.faults_met(), 1);
    // The fault is over, and still nothing may be promised.
    assert_eq!(db.upsert(record("after")).unwrap_err().kind(), ErrorKind::Storage);
    assert_eq!(db.delete("before", None).unwrap_err().kind(), ErrorKind::Storage);
    assert_eq!(db.flush().unwrap_err().kind(), ErrorKind::Storage);
    assert!(db.exists("before", None).unwrap());
    assert!(!db.exists("failed", None).unwrap(), "what was not acknowledged is not shown");
    assert_eq!(db.close().unwrap_err().kind(), ErrorKind::Storage);
    let db = open(&files, SyncMode::PerOp);
    assert!(db.exists("before", None).unwrap());
    assert!(!db.exists("after", None).unwrap());
    db.upsert(record("again")).unwrap();
}
