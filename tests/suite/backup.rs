//! Copies of a live database: one state, whole, with everything that belongs to it; and databases that are made of them.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use vectlite::{
    Database, ErrorKind, FieldType, IndexChanges, Metric, OpenOptions, Record, SearchRequest, SparseScoring,
    Value, VerifyOptions, restore, verify,
};
use vectlite_tests::failure::Failure;
use vectlite_tests::medium::{DIRECTORY, Medium};
use vectlite_tests::power_cut::{Keep, PowerCut};
use vectlite_tests::random::Random;

fn record(number: u64, version: u64) -> Record {
    let random = &mut Random::new(number);
    let vector: Vec<f32> = (0..8).map(|_| random.below(1000) as f32 - 500.0).collect();
    Record::new(format!("r{number:03}"))
        .namespace(["", "other"][number as usize % 2])
        .vector(vector)
        .text(format!("word{} common", number % 7))
        .metadata([("version", Value::from(version as i64)), ("number", Value::from(number as i64))])
}

/// A database with everything that is not a default.
fn database(path: &Path) -> Database {
    let options = OpenOptions::new()
        .dimension(8)
        .metric(Metric::Euclidean)
        .analyzer("german")
        .sparse_scoring(SparseScoring::Bm25)
        .positions(false);
    let db = Database::open(path, options).unwrap();
    db.create_index("number", FieldType::Numeric).unwrap();
    db.set_index_config(&IndexChanges::new().m(8).ef_search(Some(77))).unwrap();
    db.upsert_many((0..300).map(|number| record(number, 1))).unwrap();
    db.upsert(Record::new("spaces").vector_in("small", [1.0, 2.0]).sparse([("learned", 2.5)]).ttl(1e9))
        .unwrap();
    db.delete("r004", None).unwrap();
    db.compact().unwrap();
    db
}

fn assert_same(copy: &Database, original: &Database) {
    assert_eq!(copy.list(None, None, 0, 0).unwrap(), original.list(None, None, 0, 0).unwrap());
    assert_eq!(copy.list_indexes().unwrap(), original.list_indexes().unwrap());
    assert_eq!(copy.index_config().unwrap(), original.index_config().unwrap());
    assert_eq!((copy.metric(), copy.dimension()), (original.metric(), original.dimension()));
    assert_eq!(copy.analyzer(), original.analyzer());
    for request in [
        SearchRequest::new().text("word3"),
        SearchRequest::new().vector(vec![1.0; 8]).exact(true),
        SearchRequest::new().vector(vec![1.0; 8]).text("common").exact(true),
    ] {
        let request = request.all_namespaces(true).k(50);
        assert_eq!(copy.search(&request).unwrap().hits, original.search(&request).unwrap().hits);
    }
}

#[test]
fn a_backup_brings_back_every_index_and_setting() {
    let directory = tempfile::tempdir().unwrap();
    let db = database(&directory.path().join("a.vdb"));
    let backup = db.backup(directory.path().join("monday")).unwrap();
    assert_eq!(backup, directory.path().join("monday/a.vdb"));
    assert_eq!(db.backup(directory.path().join("monday")).unwrap_err().kind(), ErrorKind::AlreadyExists);
    for source in [backup.clone(), directory.path().join("monday")] {
        let dest = directory.path().join("new/b.vdb");
        let restored = restore(&source, &dest, OpenOptions::new()).unwrap();
        assert_same(&restored, &db);
        let stats = restored.stats().unwrap();
        assert_eq!(stats.graphs.len(), 1);
        let found = restored.search(&SearchRequest::new().vector(vec![1.0; 8]).k(5)).unwrap();
        assert!(found.stats.ann_loaded_from_disk, "the graph comes along: {:?}", found.stats);
        restored.upsert(record(1000, 2)).unwrap();
        restored.close().unwrap();
        assert!(verify(&dest, &VerifyOptions::new().deep(true)).unwrap().is_sound());
        let left: Vec<_> =
            fs::read_dir(dest.parent().unwrap()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert!(!left.iter().any(|name| name.to_string_lossy().contains("restoring")), "{left:?}");
    }
    // A copy is read only, as often as one likes.
    assert_same(&Database::open(&backup, OpenOptions::new().read_only(true)).unwrap(), &db);
}

#[test]
fn a_backup_is_one_state_while_others_write() {
    const BATCH: u64 = 40;
    let directory = tempfile::tempdir().unwrap();
    let db = Database::open(directory.path().join("a.vdb"), OpenOptions::new().dimension(8)).unwrap();
    db.upsert_many((0..BATCH).map(|number| record(number, 0))).unwrap();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let writing = scope.spawn(|| {
            let mut version = 0;
            while !done.load(Ordering::Relaxed) {
                version += 1;
                db.upsert_many((0..BATCH).map(|number| record(number, version))).unwrap();
                if version % 10 == 0 {
                    db.flush().unwrap();
                }
            }
            version
        });
        let mut seen = Vec::new();
        for round in 0..8 {
            let backup = db.backup(directory.path().join(format!("backup-{round}"))).unwrap();
            let copy = Database::open(backup, OpenOptions::new().read_only(true)).unwrap();
            let records = copy.list(None, None, 0, 0).unwrap();
            assert_eq!(records.len() as u64, BATCH);
            let versions: Vec<_> = records.iter().map(|record| record.metadata["version"].clone()).collect();
            assert!(versions.iter().all(|version| *version == versions[0]), "{versions:?}");
            let Value::Int(version) = versions[0] else { panic!("{versions:?}") };
            seen.push(version);
        }
        done.store(true, Ordering::Relaxed);
        let last = writing.join().unwrap();
        assert!(seen.is_sorted() && last > 8, "{seen:?} of {last}");
    });
}

#[test]
fn restoring_replaces_what_is_closed_and_nothing_that_is_open() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.vdb");
    let db = database(&path);
    let backup = db.backup(directory.path().join("copy")).unwrap();
    db.upsert(record(999, 9)).unwrap();
    let before = db.list(None, None, 0, 0).unwrap();
    // The writer, a reader, a second one.
    for _ in 0..2 {
        let error = restore(&backup, &path, OpenOptions::new()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::LockContention, "{error}");
        let reader = Database::open(&path, OpenOptions::new().read_only(true)).unwrap();
        assert_eq!(reader.list(None, None, 0, 0).unwrap(), before);
    }
    // Killed: its log holds commits that `.vdb` lacks, and must not come back after the restoration.
    let killed = directory.path().join("killed");
    fs::create_dir(&killed).unwrap();
    for name in ["a.vdb", "a.vdb.wal", "a.vdb.ann", "a.vdb.lock"] {
        fs::copy(directory.path().join(name), killed.join(name)).unwrap();
    }
    let restored = restore(&backup, killed.join("a.vdb"), OpenOptions::new()).unwrap();
    assert!(!restored.exists("r999", Some("other")).unwrap());
    drop(db);
    let original = Database::open(&path, OpenOptions::new()).unwrap();
    original.delete("r999", Some("other")).unwrap();
    assert_same(&restored, &original);
    drop(original);
    assert_eq!(restore(&path, &path, OpenOptions::new()).unwrap_err().kind(), ErrorKind::InvalidArgument);
    let missing = restore(directory.path().join("none.vdb"), &path, OpenOptions::new()).unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::NotFound);
    assert!(Database::open(&path, OpenOptions::new()).is_ok(), "what was there is still there");
}

/// Options that the source is not for are refused as `open` refuses them, but before anything is replaced.
#[test]
fn options_of_another_database_replace_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let db = database(&directory.path().join("a.vdb"));
    let backup = db.backup(directory.path().join("copy")).unwrap();
    let path = directory.path().join("b.vdb");
    let target = Database::open(&path, OpenOptions::new().dimension(8)).unwrap();
    target.upsert(record(0, 1)).unwrap();
    target.close().unwrap();
    for (options, kind) in [
        (OpenOptions::new().analyzer("english"), ErrorKind::InvalidArgument),
        (OpenOptions::new().metric(Metric::Cosine), ErrorKind::InvalidArgument),
        (OpenOptions::new().positions(true), ErrorKind::InvalidArgument),
        (OpenOptions::new().dimension(9), ErrorKind::DimensionMismatch),
    ] {
        assert_eq!(restore(&backup, &path, options).unwrap_err().kind(), kind);
        let target = Database::open(&path, OpenOptions::new()).unwrap();
        assert_eq!(target.count(None, None).unwrap(), 1);
        target.close().unwrap();
    }
    let options =
        OpenOptions::new().analyzer("german").metric(Metric::Euclidean).positions(false).dimension(8);
    assert_same(&restore(&backup, &path, options).unwrap(), &db);
}

/// An empty path is none, and not the working directory.
#[test]
fn copies_need_a_path() {
    let directory = tempfile::tempdir().unwrap();
    let db = database(&directory.path().join("a.vdb"));
    for (path, what) in [("", "empty"), ("a\0b", "NUL")] {
        let dest = directory.path().join("b.vdb");
        let errors = [
            ("dest_dir", db.backup(path).unwrap_err()),
            ("source", restore(path, &dest, OpenOptions::new()).unwrap_err()),
            ("dest", restore(db.path(), path, OpenOptions::new()).unwrap_err()),
        ];
        for (argument, error) in errors {
            assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
            let message = error.to_string();
            assert!(message.starts_with(&format!("{argument}: ")) && message.contains(what), "{message}");
        }
        assert!(!dest.exists());
    }
}

#[test]
fn a_damaged_backup_replaces_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.vdb");
    let db = database(&path);
    let backup = db.backup(directory.path().join("copy")).unwrap();
    let whole = fs::read(&backup).unwrap();
    let expected = db.list(None, None, 0, 0).unwrap();
    db.close().unwrap();
    let mut refused = 0;
    for page in (1..whole.len() / 4096).step_by(2) {
        let mut damaged = whole.clone();
        damaged[page * 4096 + 12] ^= 4;
        fs::write(&backup, &damaged).unwrap();
        match restore(&backup, &path, OpenOptions::new()) {
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Corruption, "{error}");
                refused += 1;
            }
            Ok(db) => drop(db),
        }
        let db = Database::open(&path, OpenOptions::new()).unwrap();
        assert_eq!(db.list(None, None, 0, 0).unwrap(), expected, "page {page}");
    }
    assert!(refused > 5, "{refused}");
}

/// Whatever fails while one restores, and whatever a power cut then leaves: the old database opens, or the new one.
#[test]
fn a_restoration_that_fails_leaves_the_old_or_the_new() {
    let (old, new) = (record(0, 1), record(0, 2));
    let path = Path::new(DIRECTORY).join("b.vdb");
    let open = |path: &Path, medium: &Medium| {
        Database::open(path, OpenOptions::new().dimension(8).files(Arc::new(medium.clone())))
    };
    let before = Medium::new();
    let db = open(&Path::new(DIRECTORY).join("a.vdb"), &before).unwrap();
    db.upsert_many((0..20).map(|number| record(number, 2))).unwrap();
    let backup = db.backup(Path::new(DIRECTORY).join("copy")).unwrap();
    db.close().unwrap();
    let target = open(&path, &before).unwrap();
    target.upsert(old.clone()).unwrap();
    target.close().unwrap();
    let random = &mut Random::new(1);
    for failure in [Failure::Io, Failure::Full, Failure::LostSync] {
        for after in 0.. {
            let medium = Medium::with(before.now());
            medium.fail("", None, after, failure);
            let result = restore(&backup, &path, OpenOptions::new().files(Arc::new(medium.clone())));
            let failed = medium.faults_met() > 0;
            let kind = result.map(drop).map_err(|error| error.kind());
            medium.heal();
            let left = [medium.clone(), PowerCut::now(&medium).cut(Keep::any(random), random)];
            for medium in left {
                let db = open(&path, &medium).unwrap_or_else(|error| panic!("{failure:?} {after}: {error}"));
                let found = db.get("r000", None).unwrap().unwrap();
                if kind.is_ok() {
                    assert_eq!(found, new, "{failure:?} {after}");
                } else {
                    assert!(found == old || found == new, "{failure:?} {after}: {found:?}");
                    assert_eq!(kind, Err(ErrorKind::Storage), "{failure:?} {after}");
                }
            }
            if !failed {
                println!("{failure:?}: {after} operations failed, one after the other");
                break;
            }
        }
    }
}
