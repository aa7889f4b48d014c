//! A reader that finds what a killed writer has left repairs it, and opens, however long the repair takes.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use vectlite::files::{File, FileFacts, FileSystem, OpenMode};
use vectlite::limits::RECOVERY_GRACE;
use vectlite::{Database, OpenOptions, RealFileSystem, Record};

/// Real files; that of the database takes long to be opened for writing, once.
#[derive(Debug, Default)]
struct Slow(AtomicBool);

impl FileSystem for Slow {
    fn open(&self, path: &Path, mode: OpenMode) -> io::Result<Box<dyn File>> {
        if mode == OpenMode::Write
            && path.extension().is_some_and(|extension| extension == "vdb")
            && !self.0.swap(true, Ordering::Relaxed)
        {
            thread::sleep(RECOVERY_GRACE + Duration::from_millis(200));
        }
        RealFileSystem.open(path, mode)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        RealFileSystem.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        RealFileSystem.remove(path)
    }

    fn sync_directory(&self, path: &Path) -> io::Result<()> {
        RealFileSystem.sync_directory(path)
    }

    fn create_directories(&self, path: &Path) -> io::Result<()> {
        RealFileSystem.create_directories(path)
    }

    fn inspect(&self, path: &Path) -> io::Result<Option<FileFacts>> {
        RealFileSystem.inspect(path)
    }

    fn list_directory(&self, path: &Path) -> io::Result<Vec<OsString>> {
        RealFileSystem.list_directory(path)
    }
}

#[test]
fn a_reader_opens_behind_its_own_repair() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    let db = Database::open(at("a.vdb"), OpenOptions::new().dimension(2)).unwrap();
    db.upsert(Record::new("a").vector([1.0, 2.0])).unwrap();
    // As a killed process leaves them.
    fs::copy(at("a.vdb"), at("b.vdb")).unwrap();
    fs::copy(at("a.vdb.wal"), at("b.vdb.wal")).unwrap();
    drop(db);
    let files = Arc::new(Slow::default());
    let options = OpenOptions::new().read_only(true).files(Arc::clone(&files) as Arc<dyn FileSystem>);
    let reader = Database::open(at("b.vdb"), options).unwrap();
    assert!(files.0.load(Ordering::Relaxed), "there was nothing to repair");
    assert!(reader.exists("a", None).unwrap());
}
