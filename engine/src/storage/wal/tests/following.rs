//! Readers beside a writer that does not wait for them.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::super::reader::Progress;
use super::*;

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

/// Nobody waits for readers: they meet numbers in the middle of being written, and then take no older ones for them.
#[test]
fn a_board_that_is_being_written_is_read_again() {
    const SHOWN: u64 = 200_000;
    let place = Place::new(SMALL);
    let path = place.path.with_extension("lock");
    let board = || Board::new(Some(RealFileSystem.open(&path, OpenMode::Create).unwrap().into()));
    let (writer, reader) = (board(), board());
    // All bytes of the numbers change each time.
    let numbers = |number: u64| Published {
        visible: number,
        durable: u64::MAX / 3 * (number % 3),
        ..Published::default()
    };
    assert!(writer.show(UUID, &numbers(1)));
    thread::scope(|scope| {
        let shows =
            scope.spawn(move || (2..=SHOWN).for_each(|number| _ = writer.show(UUID, &numbers(number))));
        let (mut last, mut reads) = (0, 0);
        while !shows.is_finished() {
            let shown = reader.read(UUID).expect("there are numbers all the time");
            assert!(shown.visible >= last);
            last = shown.visible;
            reads += 1;
        }
        println!("{reads} reads beside {SHOWN} writes");
    });
}
