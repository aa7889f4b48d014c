//! Cut, overwritten and flipped bytes: what comes back is a whole prefix or an error, never something else.

use super::super::layout::{Header, SEGMENTS_OFFSET, Slot, Which};
use super::super::open::read_header;
use super::super::reader::Progress;
use super::super::record::{self, Kind};
use super::super::replay::Slots;
use super::*;
use crate::ErrorKind;
use crate::files::{FileSystem, OpenMode};

/// A log with `count` small commits in segment A, and where each of them ends. `durable` is published.
fn small_log(count: u64, durable: CommitId) -> (Place, Vec<Commit>, Vec<usize>) {
    let place = Place::new(SMALL);
    let (log, _) = place.open(0).unwrap();
    let commits: Vec<Commit> =
        (1..=count).map(|commit| (commit, body(0, commit, commit as usize * 3 % 40))).collect();
    let ends = commits.iter().map(|(commit, body)| append(&log, *commit, body)).collect();
    log.publish(count, durable).unwrap();
    (place, commits, ends)
}

/// The log must come back as `expected`, take further commits, and keep them.
fn assert_recovers(place: &Place, expected: &[Commit], what: &str) {
    let (log, replayed) = place.open(0).unwrap_or_else(|error| panic!("{what}: {error}"));
    assert!(replayed == expected, "{what}: {} commits, expected {}", replayed.len(), expected.len());
    let mut all = expected.to_vec();
    for _ in 0..2 {
        let commit = all.len() as CommitId + 1;
        all.push((commit, body(1, commit, 20)));
        append(&log, commit, &all.last().unwrap().1);
    }
    drop(log);
    let (_, replayed) = place.open(0).unwrap();
    assert!(replayed == all, "{what}: commits appended afterwards are lost or joined by others");
}

#[test]
fn a_file_cut_at_every_byte_of_the_last_three_records() {
    let (place, commits, ends) = small_log(8, 5);
    let whole = place.bytes();
    for cut in ends[4]..=ends[7] {
        let complete = ends.iter().filter(|end| **end <= cut).count();
        place.set_bytes(&whole[..cut]);
        assert_recovers(&place, &commits[..complete], &format!("cut at {cut}"));
        let mut zeroed = whole.clone();
        zeroed[cut..].fill(0);
        // The last byte of a commit may have been a zero: then zeroing it takes nothing away.
        let complete = ends.iter().filter(|end| zeroed[..**end] == whole[..**end]).count();
        place.set_bytes(&zeroed);
        assert_recovers(&place, &commits[..complete], &format!("zeroed from {cut}"));
    }
}

#[test]
fn what_is_missing_below_durable_is_corruption() {
    let (place, _, ends) = small_log(8, 8);
    let whole = place.bytes();
    for cut in ends[4]..ends[7] {
        place.set_bytes(&whole[..cut]);
        let error = place.open_error(0);
        assert_eq!(error.kind(), ErrorKind::Corruption, "cut at {cut}");
        assert!(error.to_string().contains("up to 8 were durable"), "{error}");
        let reader = place.reader();
        let error = reader.read_tail(0, &mut |_, _| Ok(())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Corruption);
    }
    // A checkpoint that holds everything needs no log.
    place.set_bytes(&whole[..ends[4]]);
    assert!(place.open(8).unwrap().1.is_empty());
}

/// Segments A and B both in use, nothing checkpointed.
fn two_segments(durable: CommitId) -> (Place, Vec<Commit>) {
    let place = Place::new(2048);
    let (log, _) = place.open(0).unwrap();
    let commits: Vec<Commit> = (1..=24).map(|commit| (commit, body(0, commit, 30))).collect();
    for (commit, body) in &commits {
        if *commit == 13 {
            assert!(log.switch().unwrap());
        }
        append(&log, *commit, body);
    }
    log.publish(24, durable).unwrap();
    drop(log);
    // Without the zeros behind, so that a test may copy it often.
    let mut bytes = place.bytes();
    bytes.truncate(SEGMENTS_OFFSET as usize + 2048 + 12 * (17 + 46) + 100);
    place.set_bytes(&bytes);
    (place, commits)
}

#[test]
fn any_flipped_byte_leaves_a_prefix_or_an_error() {
    for durable in [0, 10, 18, 24] {
        let (place, commits) = two_segments(durable);
        let whole = place.bytes();
        let blocks = [0, 4096, 8192, 12288, 16384].into_iter().flat_map(|block| block..block + 64);
        for at in blocks.chain(SEGMENTS_OFFSET as usize..whole.len()) {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << (at % 8);
            place.set_bytes(&bytes);
            // The same replay as the writer's, without its syncs; a few go the whole way.
            let recovered =
                if at % 16 == 0 { place.open(0).map(|(_, replayed)| replayed) } else { read_tail(&place) };
            match recovered {
                Ok(replayed) => {
                    // Damaged published numbers are taken as zero; nothing else is damaged then.
                    assert!(replayed.len() as u64 >= durable, "byte {at}: {} of {durable}", replayed.len());
                    assert!(commits.starts_with(&replayed), "byte {at}");
                }
                Err(error) => assert_eq!(error.kind(), ErrorKind::Corruption, "byte {at}: {error}"),
            }
        }
    }
}

fn read_tail(place: &Place) -> Result<Vec<Commit>> {
    let mut read = Vec::new();
    LogReader::open(&RealFileSystem, &place.path, UUID, Board::default())?.read_tail(
        0,
        &mut |commit, body| {
            read.push((commit, body.to_vec()));
            Ok(())
        },
    )?;
    Ok(read)
}

#[test]
fn garbage_behind_the_end_is_not_read_as_commits() {
    let (place, commits, ends) = small_log(4, 4);
    let whole = place.bytes();
    for seed in 1..200 {
        let mut random = Random(seed);
        let mut bytes = whole.clone();
        bytes.truncate(ends[3] + 2000);
        bytes[ends[3]..].fill_with(|| random.next() as u8);
        // Half of them look more like a record: the right id, any length.
        if seed % 2 == 0 {
            bytes[ends[3] + 8..ends[3] + 16].copy_from_slice(&5_u64.to_le_bytes());
            bytes[ends[3] + 16] = 1 + seed as u8 % 3;
        }
        place.set_bytes(&bytes);
        assert_recovers(&place, &commits, &format!("seed {seed}"));
    }
}

fn header_and_slots(place: &Place) -> (Header, Slots) {
    let file = RealFileSystem.open(&place.path, OpenMode::Read).unwrap();
    let header = read_header(file.as_ref(), UUID).unwrap();
    (header, Slots::read(file.as_ref(), &header).unwrap())
}

/// One whole commit as it stands in a segment.
fn record(slot: &Slot, commit: CommitId, body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    record::encode(&mut bytes, slot.salt, commit, Kind::End, body);
    bytes
}

#[test]
fn a_valid_record_of_the_wrong_commit_ends_the_log() {
    let (place, commits, ends) = small_log(4, 4);
    let whole = place.bytes();
    let slot = header_and_slots(&place).1.a.unwrap();
    for (commit, counts) in [(3, false), (4, false), (5, true), (6, false), (CommitId::MAX, false)] {
        let mut bytes = whole.clone();
        let record = record(&slot, commit, b"x");
        bytes[ends[3]..ends[3] + record.len()].copy_from_slice(&record);
        place.set_bytes(&bytes);
        let mut expected = commits.clone();
        expected.extend(counts.then(|| (5, b"x".to_vec())));
        assert_recovers(&place, &expected, &format!("commit {commit}"));
    }
}

#[test]
fn the_greater_generation_counts_from_its_first_commit_on() {
    let (place, mut commits, _) = small_log(4, 0);
    let (header, slots) = header_and_slots(&place);
    let (a, offset) = (slots.a.unwrap(), header.extent(Which::B).start);
    let b = Slot { generation: a.generation + 1, first: 3, offset, salt: 1 };
    let mut bytes = place.bytes();
    let at = Which::B.slot_offset() as usize;
    bytes[at..at + 64].copy_from_slice(&b.encode());
    bytes.resize(offset as usize, 0);
    bytes.extend_from_slice(&record(&b, 3, b"of segment B"));
    place.set_bytes(&bytes);
    commits.truncate(2);
    commits.push((3, b"of segment B".to_vec()));

    let mut read = Vec::new();
    let mut keep = |commit, body: &[u8]| {
        read.push((commit, body.to_vec()));
        Ok(())
    };
    let progress = place.reader().read(0, 3, &mut keep).unwrap();
    assert_eq!(progress, Progress::Reached(3));
    assert!(read == commits);
    assert!(place.open(0).unwrap().1 == commits);
}

#[test]
fn remains_of_a_crash_do_not_join_later_commits() {
    // Commit 5 did not reach the medium whole, 6 did; then another 5 of the same length is written.
    let (place, mut commits, ends) = small_log(4, 4);
    let (log, _) = place.open(0).unwrap();
    let old = [body(0, 5, 20), body(0, 6, 20)];
    let start = ends[3];
    let middle = append(&log, 5, &old[0]);
    append(&log, 6, &old[1]);
    drop(log);
    let mut bytes = place.bytes();
    bytes[start + 21..middle].fill(0);
    place.set_bytes(&bytes);
    let (log, replayed) = place.open(0).unwrap();
    assert_eq!(replayed.len(), 4);
    commits.push((5, body(1, 5, 20)));
    append(&log, 5, &commits[4].1);
    drop(log);
    assert!(place.open(0).unwrap().1 == commits);
}

#[test]
fn a_segment_behind_a_gap_is_given_up_for_good() {
    let (place, mut commits) = two_segments(0);
    let mut bytes = place.bytes();
    // The last commit of segment A is lost, segment B is whole.
    bytes[SEGMENTS_OFFSET as usize + 12 * 63 - 1] ^= 1;
    place.set_bytes(&bytes);
    let (log, replayed) = place.open(0).unwrap();
    commits.truncate(11);
    assert!(replayed == commits);
    // Other commits fill the gap and go beyond; the old ones must not continue them.
    commits.push((12, body(1, 12, 30)));
    append(&log, 12, &commits[11].1);
    drop(log);
    assert!(place.open(0).unwrap().1 == commits);

    // The same loss below `durable` is no torn tail.
    let (place, _) = two_segments(13);
    let mut bytes = place.bytes();
    bytes[SEGMENTS_OFFSET as usize + 12 * 63 - 1] ^= 1;
    place.set_bytes(&bytes);
    assert_eq!(place.open_error(0).kind(), ErrorKind::Corruption);
}

#[test]
fn a_foreign_file_is_refused() {
    let place = Place::new(SMALL);
    let whole = place.bytes();
    for bytes in [&whole[..0], &whole[..100], &whole[..SEGMENTS_OFFSET as usize - 4090], &[7; 20_000][..]] {
        place.set_bytes(bytes);
        assert_eq!(place.open_error(0).kind(), ErrorKind::Corruption);
    }
    place.set_bytes(&whole);
    let error = Log::open(&RealFileSystem, &place.path, [0; 16], 0, &Board::default(), &mut |_, _| Ok(()))
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corruption);
    assert!(error.to_string().contains("another database"));
}
