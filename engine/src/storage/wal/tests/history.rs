//! Random histories on a real file: append, sync, switch, retire, reset, crash, reopen.

use super::super::record::PART_BYTES;
use super::*;
use crate::ErrorKind;
use crate::storage::wal::Progress;

/// What the log and `.vdb` together must hold.
struct Model {
    commits: Vec<Vec<u8>>,
    checkpoint: CommitId,
    life: u64,
}

impl Model {
    fn last(&self) -> CommitId {
        self.commits.len() as CommitId
    }

    fn between(&self, after: CommitId, up_to: CommitId) -> Vec<Commit> {
        (after + 1..=up_to).map(|commit| (commit, self.commits[commit as usize - 1].clone())).collect()
    }
}

fn random_len(random: &mut Random) -> usize {
    match random.below(40) {
        0 => PART_BYTES * 2 + random.below(100) as usize,
        1..=3 => random.below(40_000) as usize,
        4..=6 => 0,
        _ => random.below(600) as usize,
    }
}

/// Appends, making room as the engine does.
fn append_one(log: &Log, model: &mut Model, bytes: Vec<u8>) {
    let commit = model.last() + 1;
    while log.append(commit, &[&bytes]).unwrap().commits == 0 {
        if !log.switch().unwrap() {
            model.checkpoint = model.last();
            log.retire(model.checkpoint).unwrap();
            assert!(log.switch().unwrap());
        }
    }
    model.commits.push(bytes);
}

fn follow(reader: &mut LogReader, at: &mut CommitId, model: &Model) {
    let visible = reader.published().unwrap().visible;
    let mut seen = Vec::new();
    let progress = reader
        .read(*at, visible, &mut |commit, body| {
            seen.push((commit, body.to_vec()));
            Ok(())
        })
        .unwrap();
    let reached = match progress {
        Progress::Reached(reached) => {
            assert_eq!(reached, visible.max(*at));
            reached
        }
        Progress::Overtaken(reached) => {
            assert!(reached < model.checkpoint, "overtaken at {reached}, checkpoint {}", model.checkpoint);
            reached
        }
    };
    assert!(seen == model.between(*at, reached), "wrong commits after {at}");
    *at = match progress {
        Progress::Reached(reached) => reached,
        Progress::Overtaken(_) => model.checkpoint,
    };
}

fn run(seed: u64) {
    println!("seed {seed}");
    let mut random = Random(seed);
    let place = Place::new(SMALL);
    let mut model = Model { commits: Vec::new(), checkpoint: 0, life: 0 };
    let (mut log, _) = place.open(0).unwrap();
    let mut reader = place.reader();
    let mut reader_at = 0;
    for _ in 0..400 {
        match random.below(20) {
            0..=9 => {
                let bytes = body(model.life, model.last() + 1, random_len(&mut random));
                append_one(&log, &mut model, bytes);
            }
            10..=12 => sync_and_publish(&log),
            13 => log.publish(model.last(), 0).unwrap(),
            14 => drop(log.switch().unwrap()),
            15 => {
                model.checkpoint += random.below(model.last() - model.checkpoint + 1);
                log.retire(model.checkpoint).unwrap();
            }
            16 if random.below(4) == 0 => {
                model.checkpoint = model.last();
                log.reset(model.checkpoint).unwrap();
                assert_eq!(place.bytes().len() as u64, super::super::layout::SEGMENTS_OFFSET);
            }
            17 => {
                drop(log);
                assert!(!reader.writer_is_alive().unwrap());
                let mut tail = Vec::new();
                let last = reader
                    .read_tail(model.checkpoint, &mut |commit, body| {
                        tail.push((commit, body.to_vec()));
                        Ok(())
                    })
                    .unwrap();
                assert_eq!(last, model.last());
                assert!(tail == model.between(model.checkpoint, last));
                let replayed;
                (log, replayed) = place.open(model.checkpoint).unwrap();
                assert!(replayed == model.between(model.checkpoint, model.last()));
                assert_eq!(log.last_commit().unwrap(), model.last());
                let published = log.published().unwrap();
                assert_eq!((published.visible, published.durable), (model.last(), model.last()));
                assert!(reader.writer_is_alive().unwrap());
                model.life += 1;
            }
            _ => follow(&mut reader, &mut reader_at, &model),
        }
    }
}

#[test]
fn random_histories_come_back_whole() {
    for seed in 1..=25 {
        run(seed);
    }
}

#[test]
fn a_second_writer_is_refused_and_the_first_goes_on() {
    let place = Place::new(SMALL);
    let (log, _) = place.open(0).unwrap();
    let error = place.open_error(0);
    assert_eq!(error.kind(), ErrorKind::LockContention);
    assert!(error.to_string().contains("lock contention"));
    append(&log, 1, b"one");
    drop(log);
    assert_eq!(place.open(0).unwrap().1, [(1, b"one".to_vec())]);
}

#[test]
fn commits_must_follow_each_other() {
    let place = Place::new(SMALL);
    let (log, _) = place.open(0).unwrap();
    for wrong in [0, 2] {
        assert_eq!(log.append(wrong, &[b""]).unwrap_err().kind(), ErrorKind::InvalidArgument);
    }
    append(&log, 1, b"one");
    assert_eq!(log.reset(0).unwrap_err().kind(), ErrorKind::InvalidArgument);
}

#[test]
fn a_commit_larger_than_segment_a_finds_its_place() {
    let place = Place::new(SMALL);
    let (log, _) = place.open(0).unwrap();
    let large = body(0, 1, 3 * SMALL as usize);
    assert_eq!(log.append(1, &[&large]).unwrap().commits, 0);
    assert!(log.switch().unwrap());
    assert_eq!(log.append(1, &[&large]).unwrap().commits, 1);
    append(&log, 2, b"small");
    drop(log);
    let (log, replayed) = place.open(0).unwrap();
    assert!(replayed == [(1, large), (2, b"small".to_vec())]);

    // The space it took is given back once another segment is in use.
    assert!(log.switch().unwrap());
    let before = log.facts().unwrap();
    assert!(before.awaits_checkpoint);
    log.retire(2).unwrap();
    let after = log.facts().unwrap();
    assert!(after.file_bytes < before.file_bytes && !after.awaits_checkpoint, "{before:?} {after:?}");
}

#[test]
fn a_small_log_stays_small_and_a_missing_one_is_named() {
    let place = Place::new(32 << 20);
    let (log, _) = place.open(0).unwrap();
    append(&log, 1, b"one");
    assert!(log.facts().unwrap().file_bytes < 600 << 10);
    drop(log);
    fs::remove_file(&place.path).unwrap();
    assert_eq!(place.open_error(0).kind(), ErrorKind::NotFound);
}

#[test]
fn the_file_epoch_reaches_readers_and_survives() {
    let place = Place::new(SMALL);
    let (log, _) = place.open(0).unwrap();
    log.publish_file_epoch(7).unwrap();
    assert_eq!(place.reader().published().unwrap(), Published { file_epoch: 7, ..Published::default() });
    drop(log);
    assert_eq!(place.open(0).unwrap().0.published().unwrap().file_epoch, 7);
}
