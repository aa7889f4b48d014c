//! Power cuts: of what was written since the last sync, any sectors may have reached the medium.

use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};

use super::super::replay::read_published;
use super::*;
use crate::files::{File, FileFacts, FileSystem, LockKind, LockRange, OpenMode};

const SECTOR: usize = 512;

#[derive(Debug, Clone)]
enum Change {
    Write(u64, Vec<u8>),
    SetLen(u64),
}

impl Change {
    fn apply(&self, image: &mut Vec<u8>) {
        match self {
            Change::Write(offset, data) => {
                let (start, end) = (*offset as usize, *offset as usize + data.len());
                image.resize(image.len().max(end), 0);
                image[start..end].copy_from_slice(data);
            }
            Change::SetLen(len) => image.resize(*len as usize, 0),
        }
    }

    /// The pieces of a write that a medium keeps or loses as a whole.
    fn sectors(&self) -> Vec<Change> {
        let Change::Write(offset, data) = self else { return vec![self.clone()] };
        let (mut at, mut rest, mut sectors) = (*offset, &data[..], Vec::new());
        while !rest.is_empty() {
            let take = (SECTOR - at as usize % SECTOR).min(rest.len());
            sectors.push(Change::Write(at, rest[..take].to_vec()));
            (at, rest) = (at + take as u64, &rest[take..]);
        }
        sectors
    }
}

/// One file, as programs see it and as a power cut would leave it.
#[derive(Debug, Clone, Default)]
struct Medium(Arc<Mutex<Images>>);

#[derive(Debug, Default)]
struct Images {
    live: Vec<u8>,
    synced: Vec<u8>,
    unsynced: Vec<Change>,
    /// The next sync fails, and the system takes what it should have written for written.
    sync_fails: bool,
}

impl Medium {
    fn change(&self, change: Change) {
        let mut images = self.0.lock().unwrap();
        change.apply(&mut images.live);
        images.unsynced.push(change);
    }

    /// Keeps each unsynced sector with a chance of `keep` in 4.
    fn cut(&self, random: &mut Random, keep: u64) {
        let mut images = self.0.lock().unwrap();
        let unsynced = std::mem::take(&mut images.unsynced);
        for sector in unsynced.iter().flat_map(Change::sectors) {
            if random.below(4) < keep {
                sector.apply(&mut images.synced);
            }
        }
        images.live = images.synced.clone();
    }
}

impl File for Medium {
    fn len(&self) -> io::Result<u64> {
        Ok(self.0.lock().unwrap().live.len() as u64)
    }
    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let images = self.0.lock().unwrap();
        let start = offset as usize;
        let bytes = images.live.get(start..start + out.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
        out.copy_from_slice(bytes);
        Ok(())
    }
    fn write_at(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.change(Change::Write(offset, data.to_vec()));
        Ok(())
    }
    fn set_len(&self, len: u64) -> io::Result<()> {
        self.change(Change::SetLen(len));
        Ok(())
    }
    fn sync_data(&self) -> io::Result<()> {
        let mut images = self.0.lock().unwrap();
        let unsynced = std::mem::take(&mut images.unsynced);
        if std::mem::take(&mut images.sync_fails) {
            return Err(io::ErrorKind::Other.into());
        }
        for change in unsynced {
            change.apply(&mut images.synced);
        }
        Ok(())
    }
    fn try_lock(&self, _: LockKind) -> io::Result<bool> {
        Ok(true)
    }
    fn unlock(&self) -> io::Result<()> {
        Ok(())
    }
    fn try_lock_range(&self, _: LockRange, _: LockKind) -> io::Result<bool> {
        Ok(true)
    }
    fn lock_range(&self, _: LockRange, _: LockKind) -> io::Result<()> {
        Ok(())
    }
    fn unlock_range(&self, _: LockRange) -> io::Result<()> {
        Ok(())
    }
    fn unlock_ranges(&self) -> io::Result<()> {
        Ok(())
    }
    fn is_range_locked(&self, _: LockRange) -> io::Result<bool> {
        Ok(false)
    }
}

impl FileSystem for Medium {
    fn open(&self, _: &Path, _: OpenMode) -> io::Result<Box<dyn File>> {
        Ok(Box::new(self.clone()))
    }
    fn rename(&self, _: &Path, _: &Path) -> io::Result<()> {
        Ok(())
    }
    fn remove(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }
    fn sync_directory(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }
    fn create_directories(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }
    fn inspect(&self, _: &Path) -> io::Result<Option<FileFacts>> {
        Ok(Some(FileFacts { len: self.len()?, is_directory: false }))
    }
    fn list_directory(&self, _: &Path) -> io::Result<Vec<OsString>> {
        Ok(Vec::new())
    }
}

fn open(medium: &Medium, checkpoint: CommitId) -> (Log, Vec<Commit>) {
    let mut replayed = Vec::new();
    let log =
        Log::open(medium, Path::new("log"), UUID, checkpoint, &Board::default(), &mut |commit, body| {
            replayed.push((commit, body.to_vec()));
            Ok(())
        });
    (log.unwrap(), replayed)
}

fn run(seed: u64) {
    println!("seed {seed}");
    let mut random = Random(seed);
    let medium = Medium::default();
    Log::create_sized(&medium, Path::new("log"), UUID, 0, 8 << 10).unwrap();
    let (mut log, _) = open(&medium, 0);
    // Commits of the present history, how many of them were acknowledged as durable, and what `.vdb` holds.
    let (mut commits, mut durable, mut checkpoint): (Vec<Vec<u8>>, usize, usize) = (Vec::new(), 0, 0);
    let mut life = 0;
    for _ in 0..250 {
        let last = commits.len() as CommitId;
        match random.below(16) {
            0..=7 => {
                // Few lengths: the remains of one life then stand where another writes its records.
                let len = [60, 60, 60, 60, 60, 60, 700, 5000][random.below(8) as usize];
                let bytes = body(life, last + 1, len);
                while log.append(last + 1, &[&bytes]).unwrap().commits == 0 {
                    if !log.switch().unwrap() {
                        checkpoint = commits.len();
                        log.retire(last).unwrap();
                    }
                }
                commits.push(bytes);
            }
            8..=9 => {
                sync_and_publish(&log);
                durable = commits.len();
            }
            // Shown to readers before it is synced, as outside `per_op`.
            10 => log.publish(last, 0).unwrap(),
            11 => drop(log.switch().unwrap()),
            12 => {
                checkpoint += random.below((commits.len() - checkpoint) as u64 + 1) as usize;
                log.retire(checkpoint as CommitId).unwrap();
            }
            13 if random.below(3) == 0 => {
                checkpoint = commits.len();
                log.reset(last).unwrap();
            }
            14 => {
                let ending = random.below(5);
                if ending == 0 {
                    medium.0.lock().unwrap().sync_fails = true;
                    log.sync().unwrap_err();
                }
                drop(log);
                // A killed process, or one that met a failed sync, leaves its writes to the next.
                let killed_only = ending <= 1;
                if !killed_only {
                    let keep = random.below(5);
                    medium.cut(&mut random, keep);
                }
                let replayed;
                (log, replayed) = open(&medium, checkpoint as CommitId);
                let reached = checkpoint + replayed.len();
                let needed = if killed_only { commits.len() } else { durable.max(checkpoint) };
                assert!((needed..=commits.len()).contains(&reached), "{needed} {reached} {}", commits.len());
                commits.truncate(reached);
                for (at, (commit, bytes)) in replayed.iter().enumerate() {
                    assert_eq!(*commit as usize, checkpoint + at + 1);
                    assert!(*bytes == commits[checkpoint + at], "commit {commit} is another one");
                }
                // Whatever was recovered has been promised by being shown: it is durable now.
                durable = commits.len();
                let published = read_published(&medium).unwrap().unwrap();
                assert_eq!((published.visible, published.durable), (reached as u64, reached as u64));
                life += 1;
            }
            _ => {}
        }
    }
}

#[test]
fn what_was_synced_survives_and_the_rest_is_a_prefix() {
    for seed in 1..=2000 {
        run(seed);
    }
}
