//! The write path under orders of threads that shuttle chooses: writers in crews, a checkpoint, a reader. Real code over real files, but for
//! the primitives that threads wait with and for syncs, which take time and reach no medium.

use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use shuttle::scheduler::{PctScheduler, RandomScheduler, Scheduler};
use shuttle::{Runner, thread};

use super::open::writer;
use crate::files::{File, FileFacts, FileSystem, LockKind, LockRange, OpenMode};
use crate::options::OpenOptions;
use crate::record::Record;
use crate::storage::lock::Purpose;
use crate::storage::paths::Paths;
use crate::storage::real_files::RealFileSystem;
use crate::storage::record::{RecordKey, RecordRow};
use crate::write::batch::{self, PutMode};
use crate::write::commit::Writer;

/// Orders that are tried, of each scheduler, unless the environment says otherwise.
const ORDERS: usize = 150;
const WRITERS: usize = 3;
const COMMITS: u64 = 3;
/// Where commits begin in a log, and the bytes before their bodies.
const SEGMENTS_OFFSET: u64 = 20480;
const RECORD_HEADER_BYTES: usize = 17;

/// What the log's file knows.
#[derive(Debug, Default)]
struct Truth {
    /// The last commit that was written to it, and that a sync which succeeded began after.
    written: AtomicU64,
    synced: AtomicU64,
    /// The next sync of the log fails.
    fails: AtomicBool,
}

impl Truth {
    /// Takes note of the commits in a piece of a log.
    fn note(&self, mut piece: &[u8]) {
        while let Some((header, rest)) = piece.split_at_checked(RECORD_HEADER_BYTES) {
            let body = u32::from_le_bytes(header[4..8].try_into().unwrap()) as usize;
            if header[16] == 2 {
                let commit = u64::from_le_bytes(header[8..16].try_into().unwrap());
                self.written.fetch_max(commit, Ordering::Relaxed);
            }
            piece = rest.get(body..).unwrap_or_default();
        }
    }
}

/// Real files whose syncs let other threads go on and do nothing else.
#[derive(Debug, Clone)]
struct Files(Arc<Truth>);

#[derive(Debug)]
struct Watched {
    file: Box<dyn File>,
    /// The log's.
    truth: Option<Arc<Truth>>,
}

impl FileSystem for Files {
    fn open(&self, path: &Path, mode: OpenMode) -> io::Result<Box<dyn File>> {
        let is_log = path.extension().is_some_and(|extension| extension == "wal");
        let truth = is_log.then(|| Arc::clone(&self.0));
        Ok(Box::new(Watched { file: RealFileSystem.open(path, mode)?, truth }))
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        RealFileSystem.rename(from, to)
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        RealFileSystem.remove(path)
    }
    fn sync_directory(&self, _: &Path) -> io::Result<()> {
        Ok(())
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

impl File for Watched {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }
    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.read_at(offset, out)
    }
    fn write_at(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.file.write_at(offset, data)?;
        if let Some(truth) = self.truth.as_ref().filter(|_| offset >= SEGMENTS_OFFSET) {
            truth.note(data);
        }
        Ok(())
    }
    fn set_len(&self, len: u64) -> io::Result<()> {
        self.file.set_len(len)
    }
    fn sync_data(&self) -> io::Result<()> {
        // redb syncs under locks of the standard library, over which shuttle must not take another thread.
        let Some(truth) = &self.truth else { return Ok(()) };
        let begun = truth.written.load(Ordering::Relaxed);
        thread::yield_now();
        if truth.fails.swap(false, Ordering::Relaxed) {
            return Err(io::ErrorKind::Other.into());
        }
        truth.synced.fetch_max(begun, Ordering::Relaxed);
        Ok(())
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

fn id(worker: usize, number: u64) -> String {
    format!("w{worker}-{number}")
}

/// The ids that a view shows.
fn shown(writer: &Writer) -> (u64, Vec<String>) {
    let view = writer.view().unwrap();
    let records = view.records_from::<RecordRow>(&RecordKey::new(0, "")).unwrap();
    (view.commit, records.map(|entry| entry.unwrap().0.id.to_string()).collect())
}

/// One execution. With `fails`, the sync of the log fails once, after which nothing is acknowledged.
fn execute(fails: bool) {
    let directory = tempfile::tempdir().unwrap();
    let paths = Paths::of("path", &directory.path().join("a.vdb")).unwrap();
    let truth = Arc::new(Truth::default());
    let options = OpenOptions::new().dimension(2).files(Arc::new(Files(Arc::clone(&truth))));
    let writer = Arc::new(writer(&paths, &options, Purpose::Write).unwrap());
    truth.fails.store(fails, Ordering::Relaxed);
    let mut threads = Vec::new();
    for worker in 0..WRITERS {
        let (writer, truth) = (Arc::clone(&writer), Arc::clone(&truth));
        threads.push(thread::spawn(move || {
            let mut acknowledged = Vec::new();
            for number in 0..COMMITS {
                let record = Record::new(id(worker, number)).vector([1.0, number as f32]);
                let put = batch::put(PutMode::Insert, record, 0, None).unwrap();
                if writer.commit(vec![put]).is_ok() {
                    let (commit, ids) = shown(&writer);
                    assert!(ids.contains(&id(worker, number)), "what is acknowledged is shown");
                    assert!(commit <= truth.synced.load(Ordering::Relaxed), "and on the medium");
                    acknowledged.push(id(worker, number));
                } else {
                    assert!(fails, "nothing fails by itself");
                }
            }
            acknowledged
        }));
    }
    let checkpoint = {
        let writer = Arc::clone(&writer);
        thread::spawn(move || {
            let done = writer.checkpoint();
            assert!(done.is_ok() || fails, "{done:?}");
        })
    };
    let reader = {
        let (writer, truth) = (Arc::clone(&writer), Arc::clone(&truth));
        thread::spawn(move || {
            let mut last: (u64, Vec<String>) = (0, Vec::new());
            for _ in 0..6 {
                let now = shown(&writer);
                assert!(now.0 >= last.0, "commits never go back");
                assert_eq!(now.0, now.1.len() as u64, "each commit is a record, in the view that it is in");
                assert!(last.1.iter().all(|id| now.1.contains(id)), "what was shown stays");
                assert!(now.0 <= truth.synced.load(Ordering::Relaxed), "nothing is shown before its sync");
                last = now;
                thread::yield_now();
            }
        })
    };
    let acknowledged: Vec<String> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
    checkpoint.join().unwrap();
    reader.join().unwrap();
    let (commit, ids) = shown(&writer);
    if fails {
        assert!(acknowledged.iter().all(|id| ids.contains(id)));
        return;
    }
    assert_eq!((commit, ids.len()), (WRITERS as u64 * COMMITS, acknowledged.len()));
    assert_eq!(writer.log.last_commit().unwrap(), commit);
}

fn run(scheduler: impl Scheduler + 'static, fails: bool) {
    Runner::new(scheduler, shuttle::Config::default()).run(move || execute(fails));
}

fn orders() -> usize {
    std::env::var("VECTLITE_ORDERS").map_or(ORDERS, |orders| orders.parse().unwrap())
}

#[test]
fn whatever_the_order_what_is_acknowledged_is_synced_and_shown() {
    run(RandomScheduler::new(orders()), false);
    run(PctScheduler::new(4, orders()), false);
}

#[test]
fn whatever_the_order_a_failed_sync_ends_the_acknowledging() {
    run(RandomScheduler::new(orders()), true);
    run(PctScheduler::new(4, orders()), true);
}
