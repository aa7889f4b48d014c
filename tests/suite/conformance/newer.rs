//! `tests/golden/newer.vdb`: what a later version would write. Only the number of its format is read, so only that is in
//! it, sealed as `engine/docs/file-format.md` says.
//!
//! `VECTLITE_REGENERATE=1` writes it anew.

use std::path::Path;

use vectlite::redb::{Database as Redb, ReadableDatabase as _, TableDefinition};
use vectlite::{AttachOptions, Database, ErrorKind, OpenOptions, attach};

const NAME: &str = "format_version";
/// Newer than any that will be, so that this file need not follow.
const VERSION: u32 = 1_000_000;

fn write(path: &Path, prefix: &str, version: u32) {
    let body = version.to_le_bytes();
    let mut crc = crc32fast::Hasher::new();
    for part in ["meta".as_bytes(), NAME.as_bytes(), &body] {
        crc.update(part);
    }
    let sealed = [crc.finalize().to_le_bytes(), body].concat();
    let file = Redb::create(path).unwrap();
    let transaction = file.begin_write().unwrap();
    let name = format!("{prefix}meta");
    let table = TableDefinition::<&str, &[u8]>::new(&name);
    transaction.open_table(table).unwrap().insert(NAME, sealed.as_slice()).unwrap();
    transaction.commit().unwrap();
}

#[test]
fn a_newer_file_is_refused_as_such() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/newer.vdb");
    if std::env::var_os("VECTLITE_REGENERATE").is_some() {
        let _ = std::fs::remove_file(&golden);
        write(&golden, "", VERSION);
    }
    let directory = tempfile::tempdir().unwrap();
    let (fresh, copy) = (directory.path().join("fresh.vdb"), directory.path().join("copy.vdb"));
    write(&fresh, "", VERSION);
    std::fs::copy(golden, &copy).unwrap();
    for path in [fresh, copy] {
        let error = Database::open(&path, OpenOptions::new()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnsupportedFormat, "{error}");
    }
}

#[test]
fn what_another_version_has_attached_is_refused_and_not_overwritten() {
    let directory = tempfile::tempdir().unwrap();
    for (name, version) in [("older", 5), ("newer", VERSION)] {
        let path = directory.path().join(name);
        write(&path, "notes_", version);
        let db = Redb::open(&path).unwrap();
        let options = || AttachOptions::new().prefix("notes_").dimension(2);
        let error = attach(&db, options()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnsupportedFormat, "{error}");
        let tables = db.begin_read().unwrap().list_tables().unwrap().count();
        assert_eq!(tables, 1, "{name}");
        // Under another prefix there is nothing yet.
        attach(&db, options().prefix("other_")).unwrap();
    }
    // Of this version, but without a word of where it stands.
    let path = directory.path().join("damaged");
    write(&path, "notes_", 6);
    let db = Redb::open(&path).unwrap();
    let error = attach(&db, AttachOptions::new().prefix("notes_").dimension(2)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corruption, "{error}");
}
