//! Readers beside a writer that does not wait for them.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use super::super::reader::Progress;
use super::*;
use crate::files::{File, LockKind, LockRange};

const RUN: Duration = Duration::from_millis(1500);

#[test]
fn readers_never_see_a_wrong_commit_while_segments_are_reused() {
    let place = Place::new(SMALL);
    let stop = AtomicBool::new(false);
    // What the engine would read from `.vdb`.
    let checkpoint = AtomicU64::new(0);
    let read = thread::scope(|scope| {
        let readers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    let mut reader = place.reader();
                    let (mut at, mut read, mut overtaken) = (0, 0_u64, 0_u64);
                    while !stop.load(Ordering::Relaxed) {
                        let visible = reader.published().unwrap().visible;
                        let progress = reader.read(at, visible, &mut |commit, bytes| {
                            at += 1;
                            read += 1;
                            assert_eq!(commit, at);
                            assert!(bytes == body(0, commit, (commit * 37 % 3000) as usize), "{commit}");
                            Ok(())
                        });
                        if let Progress::Overtaken(reached) = progress.unwrap() {
                            assert_eq!(reached, at);
                            let newer = checkpoint.load(Ordering::SeqCst);
                            assert!(newer > reached, "overtaken at {reached}, checkpoint {newer}");
                            at = newer;
                            overtaken += 1;
                        }
                    }
                    (read, overtaken)
                })
            })
            .collect();

        let (log, _) = place.open(0).unwrap();
        let mut random = Random(11);
        let started = Instant::now();
        let mut commit = 0;
        while started.elapsed() < RUN {
            commit += 1;
            let bytes = body(0, commit, (commit * 37 % 3000) as usize);
            while log.append(commit, &[&bytes]).unwrap().commits == 0 {
                if !log.switch().unwrap() {
                    checkpoint.store(commit - 1, Ordering::SeqCst);
                    log.retire(commit - 1).unwrap();
                }
            }
            log.publish(commit, 0).unwrap();
            if random.below(300) == 0 {
                checkpoint.store(commit, Ordering::SeqCst);
                log.reset(commit).unwrap();
            }
        }
        stop.store(true, Ordering::Relaxed);
        readers.into_iter().map(|reader| reader.join().unwrap()).collect::<Vec<_>>()
    });
    println!("(read, overtaken) of each reader: {read:?}");
    assert!(read.iter().all(|(read, _)| *read > 100), "{read:?}");
}

#[test]
fn a_reader_goes_on_across_a_switch_and_a_new_writer() {
    let place = Place::new(SMALL);
    let mut reader = place.reader();
    assert!(!reader.writer_is_alive().unwrap());
    let mut seen = Vec::new();
    let mut read = |reader: &mut LogReader, after, up_to| {
        let progress = reader.read(after, up_to, &mut |commit, _| {
            seen.push(commit);
            Ok(())
        });
        assert_eq!(progress.unwrap(), Progress::Reached(up_to));
        std::mem::take(&mut seen)
    };
    let (log, _) = place.open(0).unwrap();
    append(&log, 1, b"one");
    append(&log, 2, b"two");
    assert_eq!(read(&mut reader, 0, 1), [1]);
    assert!(log.switch().unwrap());
    append(&log, 3, b"three");
    assert_eq!(read(&mut reader, 1, 3), [2, 3]);
    drop(log);
    let (log, _) = place.open(0).unwrap();
    append(&log, 4, b"four");
    assert_eq!(read(&mut reader, 3, 4), [4]);
    assert_eq!(read(&mut reader, 4, 4), [0; 0]);
    // From anywhere, not only where it stopped.
    assert_eq!(read(&mut reader, 1, 4), [2, 3, 4]);
    log.reset(4).unwrap();
    append(&log, 5, b"five");
    assert_eq!(read(&mut reader, 4, 5), [5]);
    let progress = reader.read(3, 5, &mut |_, _| Ok(())).unwrap();
    assert_eq!(progress, Progress::Overtaken(3));
}

/// What stands on the board is newer than what stands in the log, and counts only for the database it belongs to.
#[test]
fn a_reader_follows_the_board() {
    let place = Place::new(SMALL);
    let board = || {
        Board::new(Some(
            RealFileSystem.open(&place.path.with_extension("lock"), OpenMode::Create).unwrap().into(),
        ))
    };
    let log = Log::open(&RealFileSystem, &place.path, UUID, 0, &board(), &mut |_, _| Ok(())).unwrap();
    let reader = LogReader::open(&RealFileSystem, &place.path, UUID, board()).unwrap();
    for commit in 1..=50 {
        append(&log, commit, b"body");
        sync_and_publish(&log);
        assert_eq!(reader.published().unwrap().visible, commit);
    }
    let other = Published { visible: 1_000, ..Published::default() };
    assert!(board().show([9; 16], &other));
    assert!(reader.published().unwrap().visible <= 50, "that is a lock file of another database");
    assert!(board().show(UUID, &other));
    assert_eq!(reader.published().unwrap().visible, 1_000);
}

/// A file whose next read ends in the middle of a write: the second half is still what stood there before.
#[derive(Debug)]
struct Torn {
    file: Box<dyn File>,
    before: Mutex<Option<Vec<u8>>>,
}

impl File for Torn {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }
    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.read_at(offset, out)?;
        if let Some(before) = self.before.lock().unwrap().take() {
            let half = out.len() / 2;
            out[half..].copy_from_slice(&before[half..]);
        }
        Ok(())
    }
    fn write_at(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut before = vec![0; data.len()];
        if self.file.read_at(offset, &mut before).is_ok() {
            *self.before.lock().unwrap() = Some(before);
        }
        self.file.write_at(offset, data)
    }
    fn set_len(&self, len: u64) -> io::Result<()> {
        self.file.set_len(len)
    }
    fn sync_data(&self) -> io::Result<()> {
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

/// What was shown before has been acknowledged: numbers that are being written are not a reason to take older ones.
#[test]
fn a_board_that_is_being_written_is_read_again() {
    let place = Place::new(SMALL);
    let file = RealFileSystem.open(&place.path.with_extension("lock"), OpenMode::Create).unwrap();
    let board = Board::new(Some(Arc::new(Torn { file, before: Mutex::default() })));
    for visible in 1..=3 {
        assert!(board.show(UUID, &Published { visible, durable: visible, ..Published::default() }));
        assert_eq!(board.read(UUID).unwrap().visible, visible);
    }
}
