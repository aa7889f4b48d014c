//! `tests/golden/newer.vdb`: what a later version would write. Only the number of its format is read, so only that is in
//! it, sealed as `engine/docs/file-format.md` says.
//!
//! `VECTLITE_REGENERATE=1` writes it anew.

use std::path::Path;

use vectlite::redb::{Database as Redb, TableDefinition};
use vectlite::{Database, ErrorKind, OpenOptions};

const META: TableDefinition<&str, &[u8]> = TableDefinition::new("meta");
const NAME: &str = "format_version";
/// Newer than any that will be, so that this file need not follow.
const VERSION: u32 = 1_000_000;

fn write(path: &Path) {
    let body = VERSION.to_le_bytes();
    let mut crc = crc32fast::Hasher::new();
    for part in ["meta".as_bytes(), NAME.as_bytes(), &body] {
        crc.update(part);
    }
    let sealed = [crc.finalize().to_le_bytes(), body].concat();
    let file = Redb::create(path).unwrap();
    let transaction = file.begin_write().unwrap();
    transaction.open_table(META).unwrap().insert(NAME, sealed.as_slice()).unwrap();
    transaction.commit().unwrap();
}

#[test]
fn a_newer_file_is_refused_as_such() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/newer.vdb");
    if std::env::var_os("VECTLITE_REGENERATE").is_some() {
        let _ = std::fs::remove_file(&golden);
        write(&golden);
    }
    let directory = tempfile::tempdir().unwrap();
    let (fresh, copy) = (directory.path().join("fresh.vdb"), directory.path().join("copy.vdb"));
    write(&fresh);
    std::fs::copy(golden, &copy).unwrap();
    for path in [fresh, copy] {
        let error = Database::open(&path, OpenOptions::new()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnsupportedFormat, "{error}");
    }
}
