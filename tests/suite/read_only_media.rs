//! Files that cannot be written: what is on them is read, after a crash, too, and stays as it is.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use std::{env, fs};

use vectlite::files::FileSystem;
use vectlite::{Database, ErrorKind, OpenOptions, Record};
use vectlite_tests::gate::{Access, Gate};
use vectlite_tests::versions::{Acknowledged, DIMENSION, Witness};

/// The operating system's files, as a medium shows them that is mounted for reading only. (Rights would not do: tests may run as
/// one whom they do not bind.)
fn medium() -> Arc<dyn FileSystem> {
    Arc::new(Gate::new(|_: &Path, access| match access {
        Access::Read => Ok(()),
        Access::Change => Err(io::ErrorKind::ReadOnlyFilesystem.into()),
    }))
}

fn contents(directory: &Path) -> BTreeMap<OsString, Vec<u8>> {
    fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name(), fs::read(entry.path()).unwrap()))
        .collect()
}

/// Everything is read, nothing is written, and nothing has changed.
fn check(path: &Path, acknowledged: &Acknowledged) {
    let before = contents(path.parent().unwrap());
    let options = || OpenOptions::new().files(medium());
    let db = Database::open(path, options().read_only(true)).unwrap();
    let mut witness = Witness::new(&db, acknowledged, 1);
    (0..40).for_each(|_| witness.step().unwrap());
    let commit = db.refresh().unwrap();
    assert!(!db.wait_for(commit + 1, Duration::from_millis(5)).unwrap(), "nobody writes here");
    assert_eq!(db.upsert(Record::new("x")).unwrap_err().kind(), ErrorKind::ReadOnly);
    let error = Database::open(path, options()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Storage, "{error}");
    db.close().unwrap();
    assert!(contents(path.parent().unwrap()) == before, "something has changed");
}

#[test]
fn what_was_closed_is_read() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.vdb");
    Database::open(&path, OpenOptions::new().dimension(DIMENSION)).unwrap().close().unwrap();
    let acknowledged = Acknowledged::create(&path).unwrap();
    write(&path, "100", None);
    check(&path, &acknowledged);
    // Others may have left out what means nothing.
    for left_out in ["a.vdb.lock", "a.vdb.wal"] {
        fs::remove_file(directory.path().join(left_out)).unwrap();
        check(&path, &acknowledged);
    }
}

#[test]
fn what_a_crash_has_left_is_read() {
    for commits in [1, 7, 40] {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.vdb");
        Database::open(&path, OpenOptions::new().dimension(DIMENSION)).unwrap().close().unwrap();
        let acknowledged = Acknowledged::create(&path).unwrap();
        write(&path, "60000", Some(commits));
        check(&path, &acknowledged);
    }
}

/// Another process writes for so long, or is killed after so many commits.
fn write(path: &Path, millis: &str, killed_after: Option<usize>) {
    let mut author = Command::new(env!("CARGO_BIN_EXE_crash_child"))
        .args(["author", path.to_str().unwrap(), "5", millis])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(author.stdout.take().unwrap()).lines();
    if let Some(commits) = killed_after {
        assert_eq!(lines.by_ref().take(commits + 1).count(), commits + 1);
        author.kill().unwrap();
    }
    lines.for_each(drop);
    assert_eq!(author.wait().unwrap().success(), killed_after.is_none());
}
