//! Many threads that write at once: one of them stages for all, and each gets its own outcome.

use std::collections::BTreeMap;
use std::sync::Barrier;
use std::thread;

use vectlite::{Database, ErrorKind, OpenOptions, Record, SyncMode, Value};

const THREADS: usize = 16;
const ROUNDS: usize = 60;

const MODES: [SyncMode; 3] = [SyncMode::PerOp, SyncMode::EveryN(7), SyncMode::OnFlush];

fn in_threads<T: Send>(work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let start = Barrier::new(THREADS);
    thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| {
                let (start, work) = (&start, &work);
                scope.spawn(move || {
                    start.wait();
                    work(thread)
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

/// Of all who insert an id one succeeds; the others are refused, each by an error of its own, and lose nothing else.
#[test]
fn one_insert_of_an_id_succeeds() {
    for mode in MODES {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("w.vdb");
        let db = Database::open(&path, OpenOptions::new().dimension(2).sync(mode)).unwrap();
        let won = in_threads(|thread| {
            let mut won = Vec::new();
            for round in 0..ROUNDS {
                let id = format!("r{round}");
                let metadata = [("by", Value::from(thread as i64))];
                match db.insert(Record::new(&id).vector([1.0, round as f32]).metadata(metadata)) {
                    Ok(()) => won.push(round),
                    Err(error) => {
                        assert_eq!(error.kind(), ErrorKind::AlreadyExists);
                        assert!(error.to_string().contains(&format!("{id:?}")), "{error}");
                    }
                }
                db.upsert(Record::new(format!("own-{thread}-{round}")).text("word")).unwrap();
                assert!(!db.delete(&format!("absent-{round}"), None).unwrap());
            }
            won
        });
        let mut winners = BTreeMap::new();
        for (thread, rounds) in won.into_iter().enumerate() {
            for round in rounds {
                assert_eq!(winners.insert(round, thread), None, "two threads inserted r{round}");
            }
        }
        assert_eq!(winners.len(), ROUNDS);
        db.close().unwrap();

        let db = Database::open(&path, OpenOptions::new()).unwrap();
        assert_eq!(db.count(None, None).unwrap() as usize, ROUNDS + THREADS * ROUNDS);
        for (round, thread) in winners {
            let record = db.get(&format!("r{round}"), None).unwrap().unwrap();
            assert_eq!(record.metadata.get("by"), Some(&Value::from(thread as i64)));
        }
        assert_eq!(db.commit_id().unwrap() as usize, ROUNDS + THREADS * ROUNDS, "who fails makes no commit");
    }
}

/// A transaction that fails in its middle leaves nothing behind, whatever others commit in the same turn.
#[test]
fn a_failed_transaction_leaves_nothing_behind() {
    let directory = tempfile::tempdir().unwrap();
    let db = Database::open(directory.path().join("w.vdb"), OpenOptions::new().dimension(2)).unwrap();
    db.insert(Record::new("taken").vector([1.0, 0.0])).unwrap();
    in_threads(|thread| {
        for round in 0..ROUNDS {
            let own =
                |name: &str| Record::new(format!("{name}-{thread}-{round}")).vector([0.0, 1.0]).text("word");
            let mut transaction = db.transaction().unwrap();
            transaction.upsert(own("lost").namespace(format!("lost-{thread}-{round}"))).unwrap();
            transaction.delete("taken", None).unwrap();
            transaction.insert(own("lost")).unwrap();
            transaction.insert(own("lost")).unwrap();
            assert_eq!(transaction.commit().unwrap_err().kind(), ErrorKind::AlreadyExists);
            db.insert(own("kept")).unwrap();
            assert!(
                db.exists(&format!("kept-{thread}-{round}"), None).unwrap(),
                "an acknowledged write is visible"
            );
        }
    });
    assert!(db.exists("taken", None).unwrap());
    assert_eq!(db.count(None, None).unwrap() as usize, 1 + THREADS * ROUNDS);
    assert_eq!(db.namespaces().unwrap(), [""]);
}

/// Commits larger than a segment of the log, from all sides: each finds room.
#[test]
fn a_full_log_keeps_nobody_waiting() {
    const RECORDS: usize = 40;
    let directory = tempfile::tempdir().unwrap();
    let options = OpenOptions::new().dimension(2_000).sync(SyncMode::OnFlush);
    let db = Database::open(directory.path().join("w.vdb"), options).unwrap();
    in_threads(|thread| {
        for round in 0..4 {
            let records = (0..RECORDS).map(|number| {
                Record::new(format!("{thread}-{round}-{number}")).vector(vec![number as f32; 2_000])
            });
            assert_eq!(db.upsert_many(records).unwrap(), RECORDS);
        }
    });
    assert_eq!(db.count(None, None).unwrap() as usize, THREADS * 4 * RECORDS);
}
