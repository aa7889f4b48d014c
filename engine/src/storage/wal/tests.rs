//! The log against a plain list of commits.

mod damage;
mod failure;
mod following;
mod history;
mod power_cut;

use std::fs;
use std::path::PathBuf;

use super::{Appended, Board, CommitId, Log, LogReader, Published};
use crate::files::{FileSystem, OpenMode};
use crate::storage::real_files::RealFileSystem;
use crate::{Error, Result};

const UUID: [u8; 16] = *b"a test's own log";
/// Segment A of most tests: full after a few dozen commits.
const SMALL: u64 = 64 << 10;

/// A commit and its body.
type Commit = (CommitId, Vec<u8>);

/// A log in a directory of its own.
struct Place {
    _directory: tempfile::TempDir,
    path: PathBuf,
}

impl Place {
    fn new(segment_a_bytes: u64) -> Place {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("test.vdb.wal");
        Log::create_sized(&RealFileSystem, &path, UUID, 0, segment_a_bytes).unwrap();
        Place { _directory: directory, path }
    }

    /// Opens the log as its writer; what was replayed comes with it.
    fn open(&self, checkpoint: CommitId) -> Result<(Log, Vec<Commit>)> {
        let mut replayed = Vec::new();
        let log = Log::open(
            &RealFileSystem,
            &self.path,
            UUID,
            checkpoint,
            &Board::default(),
            &mut |commit, body| {
                replayed.push((commit, body.to_vec()));
                Ok(())
            },
        )?;
        Ok((log, replayed))
    }

    fn open_error(&self, checkpoint: CommitId) -> Error {
        self.open(checkpoint).map(|(log, replayed)| (log.facts(), replayed)).unwrap_err()
    }

    fn reader(&self) -> LogReader {
        LogReader::open(&RealFileSystem, &self.path, UUID, Board::default()).unwrap()
    }

    fn bytes(&self) -> Vec<u8> {
        fs::read(&self.path).unwrap()
    }

    fn set_bytes(&self, bytes: &[u8]) {
        // In place: ext4 flushes a file that was emptied first, which costs a test of many thousand cases a minute.
        let file = RealFileSystem.open(&self.path, OpenMode::Write).unwrap();
        file.write_at(0, bytes).unwrap();
        file.set_len(bytes.len() as u64).unwrap();
    }
}

/// Appends `body` and says where in the file the log ends now, for a log in segment A.
fn append(log: &Log, commit: CommitId, body: &[u8]) -> usize {
    let Appended { commits, segment_bytes } = log.append(commit, &[body]).unwrap();
    assert_eq!(commits, 1, "the segment is full at commit {commit}");
    (super::layout::SEGMENTS_OFFSET + segment_bytes) as usize
}

fn sync_and_publish(log: &Log) {
    let last = log.last_commit().unwrap();
    log.sync().unwrap();
    log.publish(last, last).unwrap();
}

/// A body that tells its commit and the life it was written in.
fn body(life: u64, commit: CommitId, len: usize) -> Vec<u8> {
    let mut random = Random(commit.wrapping_mul(0x9E37_79B9) ^ (life << 40) | 1);
    let mut bytes: Vec<u8> = std::iter::repeat_with(|| random.next() as u8).take(len).collect();
    bytes.extend_from_slice(&life.to_le_bytes());
    bytes.extend_from_slice(&commit.to_le_bytes());
    bytes
}

/// xorshift64*: small, seeded, good enough to shuffle tests.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 16
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}
