//! Space comes back, and what was deleted is gone.

use std::fs;
use std::path::Path;

use vectlite::{BulkOptions, Database, FieldType, Metadata, OpenOptions, Record, SyncMode, Value};
use vectlite_tests::random::Random;

const RECORDS: u64 = 3_000;

fn record(number: u64, version: u64) -> Record {
    let random = &mut Random::new(number * 31 + version);
    let vector: Vec<f32> = (0..32).map(|_| random.below(1000) as f32 - 500.0).collect();
    let words: Vec<String> = (0..10).map(|_| format!("word{}", random.below(500))).collect();
    Record::new(format!("record-{number:05}")).vector(vector).text(words.join(" ")).metadata([
        ("number", Value::from(number as i64)),
        ("body", Value::from("x".repeat(random.below(300) as usize))),
    ])
}

fn open(path: &Path) -> Database {
    Database::open(path, OpenOptions::new().dimension(32).sync(SyncMode::OnFlush)).unwrap()
}

fn load(db: &Database, version: u64) {
    let mut load = db.bulk_load(BulkOptions::new().batch_size(500)).unwrap();
    for number in 0..RECORDS {
        load.push(record(number, version)).unwrap();
    }
    load.finish().unwrap();
}

fn vdb_bytes(db: &Database) -> u64 {
    fs::metadata(db.path()).unwrap().len()
}

/// What a file may have above a fresh one of the same records.
fn assert_small(bytes: u64, fresh: u64, what: &str) {
    println!("{what}: {bytes} bytes, fresh {fresh}: {:.2}", bytes as f64 / fresh as f64);
    assert!(bytes * 10 <= fresh * 13 + (20 << 20), "{what}: {bytes} bytes, fresh {fresh}");
}

#[test]
fn ten_times_everything_in_and_out_leaves_no_more_than_once() {
    let directory = tempfile::tempdir().unwrap();
    let fresh = open(&directory.path().join("fresh.vdb"));
    load(&fresh, 10);
    fresh.compact().unwrap();
    let once = vdb_bytes(&fresh);

    let db = open(&directory.path().join("a.vdb"));
    let mut most = 0;
    for version in 1..=10 {
        load(&db, version);
        most = most.max(vdb_bytes(&db));
        if version < 10 {
            let ids: Vec<String> = (0..RECORDS).map(|number| format!("record-{number:05}")).collect();
            assert_eq!(db.delete_many(&ids, None).unwrap() as u64, RECORDS);
            db.flush().unwrap();
        }
    }
    println!("before: {most} bytes");
    db.compact().unwrap();
    assert_small(vdb_bytes(&db), once, "after compact");
    assert_eq!(db.list(None, None, 0, 0).unwrap(), fresh.list(None, None, 0, 0).unwrap());
    // Empty, it is as small as an empty one.
    db.delete_by_filter(&vectlite::Filter::exists("number", true), None).unwrap();
    db.compact().unwrap();
    let empty = open(&directory.path().join("empty.vdb"));
    assert_small(vdb_bytes(&db), vdb_bytes(&empty), "emptied");
}

/// Metadata change in place: no version dies, and pages become free all the same.
#[test]
fn what_was_replaced_in_place_comes_back_too() {
    let directory = tempfile::tempdir().unwrap();
    let db = open(&directory.path().join("a.vdb"));
    load(&db, 1);
    let large = Value::from("y".repeat(20_000));
    for number in 0..1_000 {
        let metadata = Metadata::from([("large".to_owned(), large.clone())]);
        db.update_metadata(&format!("record-{number:05}"), metadata, None).unwrap();
    }
    db.flush().unwrap();
    let grown = vdb_bytes(&db);
    for number in 0..1_000 {
        let metadata = Metadata::from([("large".to_owned(), Value::Null)]);
        db.update_metadata(&format!("record-{number:05}"), metadata, None).unwrap();
    }
    let report = db.compact().unwrap();
    assert_eq!((report.dropped, report.shrunk), (0, true));
    let fresh = directory.path().join("fresh.vdb");
    db.snapshot(&fresh).unwrap();
    assert_small(vdb_bytes(&db), fs::metadata(fresh).unwrap().len(), "after compact");
    assert!(vdb_bytes(&db) < grown / 2, "{grown}");
    assert!(!db.compact().unwrap().shrunk, "there is nothing more to gain");
}

/// Every file of the directory, searched for bytes.
fn holders(directory: &Path, secret: &[u8]) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap().map(Result::unwrap);
    let holds = |path: &Path| fs::read(path).unwrap().windows(secret.len()).any(|window| window == secret);
    entries
        .filter(|entry| holds(&entry.path()))
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

#[test]
fn what_was_deleted_is_in_no_file_after_erasing() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.vdb");
    let db = open(&path);
    db.create_index("note", FieldType::Keyword).unwrap();
    load(&db, 1);
    let components = [1234.5_f32, -987.25, 55.125, 3.875];
    let vector: Vec<f32> = components.iter().copied().cycle().take(32).collect();
    let secret = |number: u64| {
        Record::new(format!("secretid{number}"))
            .namespace("secretplace")
            .vector(vector.clone())
            .vector_in("second", vec![77.5_f32, 1234.5])
            .text(format!("secretword{number} in a text"))
            .sparse([(format!("secretterm{number}"), 2.0)])
            .metadata([("note", Value::from("secretvalue"))])
    };
    db.upsert_many((0..200).map(secret)).unwrap();
    db.upsert(Record::new("kept").text("kept").metadata([("note", Value::from("secretvalue"))])).unwrap();
    db.flush().unwrap();
    db.update_metadata("kept", Metadata::from([("note".to_owned(), Value::from("plain"))]), None).unwrap();
    // In the log, too, and in what an interrupted compaction would leave.
    db.upsert(secret(1000)).unwrap();
    let leftover = directory.path().join("a.vdb.new");
    fs::write(&leftover, b"secretid of an attempt that was cut off").unwrap();
    db.delete_by_filter(&vectlite::Filter::eq("note", "secretvalue"), None).unwrap();
    db.flush().unwrap();
    let bytes: Vec<u8> = components.iter().flat_map(|number| number.to_le_bytes()).collect();
    let secrets: [&[u8]; 7] =
        [b"secretid", b"secretplace", b"secretword", b"secretterm", b"secretvalue", &bytes, b"of an attempt"];
    assert!(
        secrets.iter().all(|secret| !holders(directory.path(), secret).is_empty()),
        "they are there before"
    );
    let report = db.compact_and_erase().unwrap();
    assert_eq!((report.records, report.shrunk), (RECORDS + 1, true));
    for secret in secrets {
        assert_eq!(holders(directory.path(), secret), [""; 0], "{}", String::from_utf8_lossy(secret));
    }
    assert!(!leftover.exists());
    // Nothing is dead now, and something is replaced in place: erasing looks at that as well.
    db.update_metadata("kept", Metadata::from([("note".to_owned(), Value::from("secretvalue"))]), None)
        .unwrap();
    db.flush().unwrap();
    db.update_metadata("kept", Metadata::from([("note".to_owned(), Value::from("plain"))]), None).unwrap();
    db.compact_and_erase().unwrap();
    assert_eq!(holders(directory.path(), b"secretvalue"), [""; 0]);
    db.close().unwrap();
    assert!(vectlite::verify(&path, &vectlite::VerifyOptions::new().deep(true)).unwrap().is_sound());
    assert_eq!(open(&path).count(None, None).unwrap(), RECORDS + 1);
}
