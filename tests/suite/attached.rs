//! What is attached to a file of an application, verified: sound as it was written, and with a value of each of its tables damaged, one after
//! the other, which a transaction of the application does here.

use std::borrow::Borrow;
use std::path::Path;

use tempfile::TempDir;
use vectlite::redb::{
    Database, Key, ReadableDatabase as _, ReadableTable as _, TableDefinition, TableHandle as _,
};
use vectlite::{
    AttachOptions, Attached, Database as Files, DatabaseFile, ErrorKind, FieldType, OpenOptions, Record,
    SearchRequest, Value, VerifyOptions, VerifyReport, attach,
};

/// Enough for a graph.
const RECORDS: u16 = 200;
/// Those that are written behind the checkpoint, a commit each.
const BEHIND: u16 = 3;

fn record(number: u16) -> Record {
    let angle = f32::from(number) / 100.0;
    Record::new(format!("note {number}"))
        .vector([angle.cos(), angle.sin()])
        .text(format!("some words, number {number}"))
        .metadata([("number", Value::from(i64::from(number)))])
        .ttl(1e6)
}

fn fill(directory: &Path) -> Database {
    let db = Database::create(directory.join("notes.redb")).unwrap();
    let index = attached(&db, directory);
    let write = db.begin_write().unwrap();
    index.create_index_in(&write, "number", FieldType::Numeric).unwrap();
    for number in 0..RECORDS {
        index.upsert_in(&write, record(number)).unwrap();
    }
    write.commit().unwrap();
    let write = db.begin_write().unwrap();
    assert!(index.checkpoint_in(&write).unwrap());
    write.commit().unwrap();
    index.index().unwrap();
    for number in 0..BEHIND {
        let write = db.begin_write().unwrap();
        index.upsert_in(&write, record(RECORDS + number)).unwrap();
        write.commit().unwrap();
    }
    drop(index);
    db
}

fn attached<'d>(db: &'d Database, directory: &Path) -> Attached<&'d Database> {
    let options = AttachOptions::new().prefix("notes_").dimension(2).positions(true);
    attach(db, options.image(directory.join("notes.ann"))).unwrap()
}

fn verified(db: &Database, index: &Attached<&Database>) -> VerifyReport {
    index.verify_in(&db.begin_read().unwrap(), &VerifyOptions::new().deep(true)).unwrap()
}

/// Turns a bit in the middle of the first value of a table; done twice, nothing has happened.
fn flip<K: Key + 'static>(db: &Database, table: &str)
where
    for<'k> K::SelfType<'k>: Borrow<K::SelfType<'k>>,
{
    let write = db.begin_write().unwrap();
    {
        let mut table = write.open_table(TableDefinition::<K, &[u8]>::new(table)).unwrap();
        let (key, mut value) = {
            let (key, value) = table.first().unwrap().unwrap();
            (K::as_bytes(&key.value()).as_ref().to_vec(), value.value().to_vec())
        };
        let middle = value.len() / 2;
        value[middle] ^= 1;
        table.insert(K::from_bytes(&key), value.as_slice()).unwrap();
    }
    write.commit().unwrap();
}

#[test]
fn a_damaged_value_of_any_table_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let db = fill(directory.path());
    let index = attached(&db, directory.path());
    let report = verified(&db, &index);
    assert_eq!(report.problems, []);
    assert_eq!(
        (report.records, report.log_commits, report.graphs),
        (u64::from(RECORDS), u64::from(BEHIND), 1),
        "{report:?}"
    );

    type Flip = fn(&Database, &str);
    let tables: [(&str, Flip); 14] = [
        ("notes_meta", flip::<&str>),
        ("notes_namespaces", flip::<&str>),
        ("notes_spaces", flip::<u16>),
        ("notes_records", flip::<(u32, &str)>),
        ("notes_documents", flip::<u32>),
        ("notes_vectors", flip::<(u16, u32)>),
        ("notes_terms", flip::<(u32, &str)>),
        ("notes_postings", flip::<(u32, &str, u32)>),
        ("notes_positions", flip::<(u32, &str, u32)>),
        ("notes_lengths", flip::<u32>),
        ("notes_live", flip::<(u32, u16, u16)>),
        ("notes_expiries", flip::<(u64, u32, &str)>),
        ("notes_fields", flip::<(u32, &[u8], u16)>),
        ("notes_operations", flip::<u64>),
    ];
    let mut all: Vec<String> =
        db.begin_read().unwrap().list_tables().unwrap().map(|table| table.name().to_owned()).collect();
    // The application's own values: none here.
    all.retain(|table| table != "notes_kv");
    assert_eq!(all.len(), tables.len(), "{all:?}");
    for (table, flip) in tables {
        flip(&db, table);
        let report = verified(&db, &index);
        let file = if table == "notes_operations" { DatabaseFile::Wal } else { DatabaseFile::Vdb };
        let name = table.trim_start_matches("notes_");
        let told = |problem: &vectlite::Problem| {
            (problem.file, problem.kind) == (file, ErrorKind::Corruption) && problem.what.contains(name)
        };
        assert!(report.problems.iter().any(told), "{table}: {report:?}");
        flip(&db, table);
        assert_eq!(verified(&db, &index).problems, [], "{table}");
    }
}

#[test]
fn what_can_be_read_becomes_a_database_of_its_own() {
    let directory: TempDir = tempfile::tempdir().unwrap();
    let db = fill(directory.path());
    let index = attached(&db, directory.path());
    flip::<u32>(&db, "notes_documents");
    let saved = directory.path().join("saved.vdb");
    let options = VerifyOptions::new().repair_to(&saved);
    let report = index.verify_in(&db.begin_read().unwrap(), &options).unwrap();
    let repair = report.repair.unwrap();
    assert_eq!((repair.records, repair.incomplete.len(), repair.lost), (u64::from(RECORDS + BEHIND), 1, 0));
    let saved = Files::open(&saved, OpenOptions::new()).unwrap();
    let request = SearchRequest::new().text(format!("number {}", RECORDS + BEHIND - 1)).k(1);
    let hits = saved.search(&request).unwrap().hits;
    assert_eq!(hits[0].id, format!("note {}", RECORDS + BEHIND - 1));
    let again = index.verify_in(&db.begin_read().unwrap(), &options).unwrap_err();
    assert_eq!(again.kind(), ErrorKind::AlreadyExists);
}

/// The image knows what the tables do not have before the next checkpoint.
#[test]
fn an_image_of_a_later_state_than_the_tables_is_sound() {
    let directory = tempfile::tempdir().unwrap();
    let db = Database::create(directory.path().join("notes.redb")).unwrap();
    let index = attached(&db, directory.path());
    let write = db.begin_write().unwrap();
    for number in 0..RECORDS {
        let named = [f32::from(number).sin(), f32::from(number).cos(), 1.0];
        index.upsert_in(&write, record(number).vector_in("image", named)).unwrap();
    }
    write.commit().unwrap();
    index.index().unwrap();
    let report = verified(&db, &index);
    assert_eq!((report.graphs, report.problems), (2, vec![]));
}
