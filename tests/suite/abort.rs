//! Calls whose caller wants no more of them: each ends with the same error, and nothing has changed.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use vectlite::{
    BulkOptions, Database, Error, Filter, OpenOptions, Record, Result, SearchRequest, VerifyOptions,
    abortable,
};

const RECORDS: usize = 300;

fn record(number: usize) -> Record {
    Record::new(format!("r{number:03}"))
        .vector([number as f32, 1.0])
        .text(format!("word{} all", number % 7))
        .metadata([("n", (number as i64).into())])
}

fn flag(set: bool) -> Arc<AtomicBool> {
    Arc::new(AtomicBool::new(set))
}

fn assert_aborted<T: std::fmt::Debug>(what: &str, ended: Result<T>) {
    let error: Error = ended.expect_err(what);
    assert_eq!(error.into_step_error().expect(what).to_string(), "aborted", "{what}");
}

#[test]
fn every_long_call_ends_and_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    let db = Database::open(at("a.vdb"), OpenOptions::new().dimension(2).positions(true)).unwrap();
    db.upsert_many((0..RECORDS).map(record)).unwrap();
    db.flush().unwrap();
    // Some of it is in the memtable, and some is dead.
    db.upsert_many((0..20).map(record)).unwrap();
    let mut transaction = db.transaction().unwrap();
    transaction.kv_put("t", "k", b"v").unwrap();
    transaction.commit().unwrap();
    let before = (db.commit_id().unwrap(), db.list(None, None, 0, 0).unwrap());

    let vector = || SearchRequest::new().vector([1.0, 0.0]).exact(true);
    let filter = Filter::gt("n", 5);
    let aborted = |what: &str, call: &dyn Fn() -> Result<()>| {
        assert_aborted(what, abortable(&flag(true), call));
        // The same call by somebody who wants it.
        abortable(&flag(false), || db.count(None, None)).unwrap();
    };
    aborted("list", &|| db.list(None, None, 0, 0).map(drop));
    aborted("list by a filter", &|| db.list(None, Some(&filter), 0, 0).map(drop));
    aborted("list_cursor", &|| db.list_cursor(None, None, 10, None).map(drop));
    aborted("count by a filter", &|| db.count(None, Some(&filter)).map(drop));
    aborted("search", &|| db.search(&vector()).map(drop));
    aborted("search by a filter", &|| db.search(&vector().filter(filter.clone())).map(drop));
    aborted("search_batch", &|| db.search_batch(&[[1.0, 0.0], [0.0, 1.0]], &SearchRequest::new()).map(drop));
    aborted("kv_scan", &|| db.kv_scan("t", "").map(drop));
    aborted("wait_for", &|| db.wait_for(1_000, Duration::from_secs(60)).map(drop));
    aborted("verify", &|| db.verify(&VerifyOptions::new()).map(drop));
    aborted("verify, deep", &|| db.verify(&VerifyOptions::new().deep(true)).map(drop));
    aborted("repair", &|| db.verify(&VerifyOptions::new().repair_to(at("saved.vdb"))).map(drop));
    aborted("snapshot", &|| db.snapshot(at("copy.vdb")));
    aborted("backup", &|| db.backup(at("copies")).map(drop));
    aborted("upsert", &|| db.upsert(record(0)));
    aborted("upsert_many", &|| db.upsert_many((0..5_000).map(record)).map(drop));
    aborted("bulk_ingest", &|| db.bulk_ingest((0..50).map(record), BulkOptions::new(), |_| {}).map(drop));
    aborted("delete_by_filter", &|| db.delete_by_filter(&filter, None).map(drop));
    aborted("transaction", &|| {
        let mut transaction = db.transaction()?;
        transaction.delete("r001", None)?;
        transaction.kv_delete("t", "k")?;
        transaction.commit()
    });
    assert_eq!((db.commit_id().unwrap(), db.list(None, None, 0, 0).unwrap()), before);
    assert!(!at("copy.vdb").exists() && !at("saved.vdb").exists());

    // It sweeps and makes a checkpoint, which others need as well; then it stops.
    aborted("compact", &|| db.compact().map(drop));
    assert_eq!(db.list(None, None, 0, 0).unwrap(), before.1);
    assert!(db.stats().unwrap().dead > 0, "nothing was written anew");
    assert!(db.compact().unwrap().shrunk);
    assert_eq!(db.list(None, None, 0, 0).unwrap(), before.1);
    assert_eq!(db.kv_get("t", "k").unwrap().as_deref(), Some(b"v".as_slice()));
    assert!(db.verify(&VerifyOptions::new().deep(true)).unwrap().is_sound());
}

/// Makes a copy of a database at this place.
type Copying<'c> = &'c (dyn Fn(&Path) -> Result<()> + Sync);

#[test]
fn a_copy_that_was_cut_off_is_not_there() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    let db = Database::open(at("a.vdb"), OpenOptions::new().dimension(2)).unwrap();
    db.upsert_many((0..5_000).map(record)).unwrap();
    db.flush().unwrap();
    let repair = |dest: &Path| {
        db.verify(&VerifyOptions::new().repair_to(dest))
            .map(|report| assert_eq!(report.repair.unwrap().records, 5_000))
    };
    let backup = |dest: &Path| db.backup(dest.parent().unwrap()).map(drop);
    let copies: [(&str, Copying<'_>); 2] = [("saved.vdb", &repair), ("copies/a.vdb", &backup)];
    for (name, copy) in copies {
        let dest = at(name);
        let abort = flag(false);
        let ended = std::thread::scope(|scope| {
            let copying = scope.spawn(|| abortable(&abort, || copy(&dest)));
            while !dest.exists() && !copying.is_finished() {
                std::thread::yield_now();
            }
            abort.store(true, Ordering::Release);
            copying.join().unwrap()
        });
        // On a machine that was faster it is whole.
        if ended.is_err() {
            assert_aborted(name, ended);
            let left: Vec<_> = std::fs::read_dir(dest.parent().unwrap())
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .filter(|left| name.ends_with("saved.vdb") == left.starts_with("saved"))
                .collect();
            assert!(left.is_empty(), "{name}: {left:?}");
            copy(&dest).unwrap();
        }
    }
}

#[test]
fn one_writer_ends_and_those_beside_it_do_not() {
    const WRITERS: usize = 8;
    const ROUNDS: usize = 25;
    let directory = tempfile::tempdir().unwrap();
    let db = Database::open(directory.path().join("a.vdb"), OpenOptions::new().dimension(2)).unwrap();
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let db = &db;
            scope.spawn(move || {
                for round in 0..ROUNDS {
                    let stops = writer % 2 == 0;
                    let write = || db.upsert(Record::new(format!("{writer}-{round}")));
                    match abortable(&flag(stops), write) {
                        Ok(()) => assert!(!stops),
                        error => assert_aborted("upsert", error),
                    }
                }
            });
        }
    });
    assert_eq!(db.count(None, None).unwrap() as usize, WRITERS / 2 * ROUNDS);
}

#[test]
fn a_flag_that_another_thread_sets_ends_what_runs() {
    let directory = tempfile::tempdir().unwrap();
    let db = Database::open(directory.path().join("a.vdb"), OpenOptions::new().dimension(2)).unwrap();
    let abort = flag(false);
    std::thread::scope(|scope| {
        // Would take an hour.
        let waiting = scope.spawn(|| abortable(&abort, || db.wait_for(1, Duration::from_secs(3_600))));
        std::thread::sleep(Duration::from_millis(20));
        abort.store(true, Ordering::Release);
        assert_aborted("wait_for", waiting.join().unwrap());
    });
    // It was that call's alone.
    assert!(!db.wait_for(1, Duration::ZERO).unwrap());
}
