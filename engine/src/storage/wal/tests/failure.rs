//! Writes and syncs that fail.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use super::*;
use crate::ErrorKind;
use crate::files::{File, FileFacts, FileSystem, LockKind, LockRange, OpenMode};

/// The real file system, until a countdown of writes and syncs ends; then one of them fails.
#[derive(Debug, Clone)]
struct Failing {
    countdown: Arc<AtomicI64>,
    kind: io::ErrorKind,
}

impl Failing {
    fn new(kind: io::ErrorKind) -> Failing {
        Failing { countdown: Arc::new(AtomicI64::new(i64::MAX)), kind }
    }

    fn fail_after(&self, operations: i64) {
        self.countdown.store(operations, Ordering::SeqCst);
    }

    fn step(&self) -> io::Result<()> {
        match self.countdown.fetch_sub(1, Ordering::SeqCst) {
            0 => Err(self.kind.into()),
            _ => Ok(()),
        }
    }
}

#[derive(Debug)]
struct FailingFile {
    file: Box<dyn File>,
    failing: Failing,
}

impl File for FailingFile {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }
    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.read_at(offset, out)
    }
    fn write_at(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        if let Err(error) = self.failing.step() {
            // A failed write leaves a part behind.
            self.file.write_at(offset, &data[..data.len() / 2])?;
            return Err(error);
        }
        self.file.write_at(offset, data)
    }
    fn set_len(&self, len: u64) -> io::Result<()> {
        self.failing.step()?;
        self.file.set_len(len)
    }
    fn sync_data(&self) -> io::Result<()> {
        self.failing.step()?;
        self.file.sync_data()
    }
    fn try_lock(&self, kind: LockKind) -> io::Result<bool> {
        self.file.try_lock(kind)
    }
    fn unlock(&self) -> io::Result<()> {
        self.file.unlock()
    }
    fn try_lock_range(&self, range: LockRange, kind: LockKind) -> io::Result<bool> {
        self.file.try_lock_range(range, kind)
    }
    fn lock_range(&self, range: LockRange, kind: LockKind) -> io::Result<()> {
        self.file.lock_range(range, kind)
    }
    fn unlock_range(&self, range: LockRange) -> io::Result<()> {
        self.file.unlock_range(range)
    }
    fn unlock_ranges(&self) -> io::Result<()> {
        self.file.unlock_ranges()
    }
    fn is_range_locked(&self, range: LockRange) -> io::Result<bool> {
        self.file.is_range_locked(range)
    }
}

impl FileSystem for Failing {
    fn open(&self, path: &Path, mode: OpenMode) -> io::Result<Box<dyn File>> {
        Ok(Box::new(FailingFile { file: RealFileSystem.open(path, mode)?, failing: self.clone() }))
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
    fn list_directory(&self, path: &Path) -> io::Result<Vec<std::ffi::OsString>> {
        RealFileSystem.list_directory(path)
    }
}

fn assert_refuses(log: &Log, next: CommitId) {
    let refused = [
        log.append(next, &[b"more"]).map(drop),
        log.sync(),
        log.publish(next, next),
        log.switch().map(drop),
        log.retire(0),
        log.reset(next - 1),
    ];
    for result in refused {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Storage);
        assert!(error.to_string().contains("must be reopened"), "{error}");
    }
    assert!(log.has_failed());
    assert!(log.facts().is_ok(), "reads go on");
}

#[test]
fn whichever_operation_fails_the_log_ends_there_and_recovers() {
    for operation in 0.. {
        let place = Place::new(1024);
        let files = Failing::new(io::ErrorKind::Other);
        let log = Log::open(&files, &place.path, UUID, 0, &Board::default(), &mut |_, _| Ok(())).unwrap();
        files.fail_after(operation);
        let (mut acknowledged, mut attempted) = (0, 0);
        let mut one_commit = || {
            attempted += 1;
            // Parts: this body takes several writes.
            let len = if attempted == 3 { 3 << 20 } else { 60 };
            if log.append(attempted, &[&body(0, attempted, len)])?.commits == 0 {
                assert!(log.switch()?);
                assert_eq!(log.append(attempted, &[&body(0, attempted, len)])?.commits, 1);
            }
            log.sync()?;
            log.publish(attempted, attempted)?;
            acknowledged = attempted;
            Ok::<_, Error>(())
        };
        let outcome = (0..6).try_for_each(|_| one_commit());
        let Err(error) = outcome else {
            assert!(operation > 15, "only {operation} operations were tried");
            return;
        };
        assert_eq!(error.kind(), ErrorKind::Storage);
        assert!(error.io_error().is_some());
        assert_refuses(&log, attempted);
        drop(log);
        let (log, replayed) = place.open(0).unwrap();
        let last = replayed.len() as CommitId;
        assert!((acknowledged..=attempted).contains(&last), "{acknowledged} {last} {attempted}");
        for (commit, bytes) in replayed {
            assert!(bytes == body(0, commit, if commit == 3 { 3 << 20 } else { 60 }));
        }
        assert_eq!(log.last_commit().unwrap(), last);
    }
}

#[test]
fn a_full_disk_refuses_the_commit_and_nothing_else() {
    let place = Place::new(SMALL);
    let files = Failing::new(io::ErrorKind::StorageFull);
    let log = Log::open(&files, &place.path, UUID, 0, &Board::default(), &mut |_, _| Ok(())).unwrap();
    append(&log, 1, b"one");
    files.fail_after(0);
    let error = log.append(2, &[&body(0, 2, 100)]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Storage);
    assert_eq!(error.io_error().unwrap().kind(), io::ErrorKind::StorageFull);
    append(&log, 2, b"two");
    sync_and_publish(&log);
    // A sync that finds the disk full has lost something.
    files.fail_after(0);
    log.sync().unwrap_err();
    assert_refuses(&log, 3);
    drop(log);
    assert_eq!(place.open(0).unwrap().1, [(1, b"one".to_vec()), (2, b"two".to_vec())]);
}

/// The first of several refused commits may have reached the file as a whole; a kill right behind it must not bring it back.
#[test]
fn a_full_disk_refuses_all_commits_of_a_write() {
    let place = Place::new(SMALL);
    let files = Failing::new(io::ErrorKind::StorageFull);
    let log = Log::open(&files, &place.path, UUID, 0, &Board::default(), &mut |_, _| Ok(())).unwrap();
    append(&log, 1, b"one");
    files.fail_after(0);
    log.append(2, &[b"two".to_vec(), body(0, 3, 1_000)]).unwrap_err();
    drop(log);
    assert_eq!(place.open(0).unwrap().1, [(1, b"one".to_vec())]);
}

#[test]
fn an_error_of_the_visitor_is_handed_on() {
    let place = Place::new(SMALL);
    append(&place.open(0).unwrap().0, 1, b"one");
    let refuse = &mut |_, _: &[u8]| Err(Error::corruption("not a batch"));
    let error = Log::open(&RealFileSystem, &place.path, UUID, 0, &Board::default(), refuse).unwrap_err();
    assert!(error.to_string().contains("not a batch"));
}
