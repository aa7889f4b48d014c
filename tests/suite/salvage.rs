//! What is saved of the application's own tables when their pages cannot all be read: damage is done by redb, so that pages are whole and the
//! values in them are not.

use std::fs;
use std::path::Path;

use vectlite::redb::{Database as Redb, ReadableTable as _, TableDefinition};
use vectlite::{Database, OpenOptions, VerifyOptions, verify};

const KV: TableDefinition<(&str, &str), &[u8]> = TableDefinition::new("kv");

fn put(db: &Database, values: &[(&str, &str)]) {
    let mut transaction = db.transaction().unwrap();
    for (key, value) in values {
        transaction.kv_put("settings", key, value.as_bytes()).unwrap();
    }
    transaction.commit().unwrap();
}

/// Turns a bit in the values of these keys.
fn damage(path: &Path, keys: &[&str]) {
    let file = Redb::open(path).unwrap();
    let write = file.begin_write().unwrap();
    {
        let mut table = write.open_table(KV).unwrap();
        for key in keys {
            let mut value = table.get(("settings", *key)).unwrap().unwrap().value().to_vec();
            *value.last_mut().unwrap() ^= 1;
            table.insert(("settings", *key), value.as_slice()).unwrap();
        }
    }
    write.commit().unwrap();
}

#[test]
fn values_of_the_log_take_the_place_of_damaged_ones() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    let db = Database::open(at("a.vdb"), OpenOptions::new().dimension(2)).unwrap();
    put(&db, &[("changed", "old"), ("deleted", "old"), ("kept", "old"), ("lost", "old")]);
    db.compact().unwrap();
    put(&db, &[("changed", "new"), ("added", "new")]);
    let mut transaction = db.transaction().unwrap();
    transaction.kv_delete("settings", "deleted").unwrap();
    transaction.commit().unwrap();
    // As a killed process leaves them: closing would empty the log.
    for name in ["a.vdb", "a.vdb.wal"] {
        fs::copy(at(name), at(&format!("b{}", &name[1..]))).unwrap();
    }
    damage(&at("b.vdb"), &["changed", "deleted", "lost"]);

    let report = verify(at("b.vdb"), &VerifyOptions::new().repair_to(at("saved.vdb"))).unwrap();
    // The log was applied before anything was verified: what it has overwritten or deleted is damaged no more.
    assert_eq!(report.problem_count, 1, "{report:?}");
    let repair = report.repair.unwrap();
    assert_eq!((repair.kv_saved, repair.kv_lost), (3, 1));
    let saved = Database::open(at("saved.vdb"), OpenOptions::new().read_only(true)).unwrap();
    let value = |key| saved.kv_get("settings", key).unwrap().map(|value| String::from_utf8(value).unwrap());
    let values = ["added", "changed", "deleted", "kept", "lost"].map(value);
    let expected = [Some("new"), Some("new"), None, Some("old"), None].map(|value| value.map(str::to_owned));
    assert_eq!(values, expected);
}
