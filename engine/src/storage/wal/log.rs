//! The writer's handle.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use super::board::Board;
use super::layout::{BLOCK_BYTES, Header, SEGMENTS_OFFSET, Slot, Which};
use super::record::{self, Kind, PART_BYTES, RECORD_HEADER_BYTES, RESUME_BYTES, batch_bytes};
use super::scan::Position;
use super::{CommitId, PUBLISHED_OFFSETS, Published};
use crate::files::File;
use crate::{Error, ErrorKind, Result};

/// Zeros written ahead at least: some hundred small commits, and little for a database that gets only one.
const FILL_MIN_BYTES: u64 = 256 << 10;
/// Zeros written ahead at most: the commit that meets this waits a few milliseconds for its sync.
const FILL_MAX_BYTES: u64 = 2 << 20;
/// Zeros handed to the file system at a time.
const FILL_PIECE: usize = 64 << 10;
/// How old the published numbers in the log may be while commits follow each other. Recovery tells by them that durable
/// commits are missing; one written to its place in the log is a second place for the next sync, a fifth of its time.
const PUBLISHED_AGE: Duration = Duration::from_millis(1);
/// Memory kept between commits for building their records; a bulk load's buffer is given back.
pub(crate) const BUFFER_KEPT_BYTES: usize = 256 << 10;

/// The log of a database that this process writes. Holds the writer lock until it is dropped.
///
/// Any thread may call anything; a sync does not hold up appends.
#[derive(Debug)]
pub(crate) struct Log {
    file: Box<dyn File>,
    path: PathBuf,
    header: Header,
    tail: Mutex<Tail>,
    published: Mutex<Publishing>,
    board: Board,
    /// Set by the first failed write or sync, never cleared.
    failed: AtomicBool,
}

/// What others may know, and when it was last written into the log.
#[derive(Debug)]
struct Publishing {
    numbers: Published,
    written: Option<Instant>,
}

/// The end of the log, where commits are appended.
#[derive(Debug)]
pub(super) struct Tail {
    pub(super) current: Which,
    pub(super) slot: Slot,
    pub(super) position: Position,
    /// The salt to resume with, before the first commit of a writer that continues a segment.
    pub(super) resume: Option<u32>,
    /// The last commit of the other segment, while `.vdb` may lack it.
    pub(super) unretired: Option<CommitId>,
    /// Where the zeros written ahead end.
    pub(super) filled_a: u64,
    pub(super) filled_b: u64,
    /// Records being built.
    pub(super) buffer: Vec<u8>,
}

impl Tail {
    fn filled(&mut self, which: Which) -> &mut u64 {
        match which {
            Which::A => &mut self.filled_a,
            Which::B => &mut self.filled_b,
        }
    }

    fn segment_bytes(&self) -> u64 {
        self.position.offset.saturating_sub(self.slot.offset)
    }
}

/// What became of commits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "commits that found the segment full are not in the log"]
pub(crate) struct Appended {
    /// How many of them, from the first on, stand in the log. When these are not all, the segment is full:
    /// [`Log::switch`], if need be after a checkpoint, and append the others again.
    pub(crate) commits: usize,
    /// Bytes of the current segment that are in use.
    pub(crate) segment_bytes: u64,
}

/// Figures for statistics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LogFacts {
    /// Length of the file in bytes.
    pub(crate) file_bytes: u64,
    /// Bytes in use in the segment that takes commits.
    pub(crate) segment_bytes: u64,
    /// How many times a segment was taken into use.
    pub(crate) generation: u64,
    /// Whether the other segment waits for a checkpoint.
    pub(crate) awaits_checkpoint: bool,
    /// The last commit in the log, or of the checkpoint when the log is empty.
    pub(crate) last_commit: CommitId,
}

impl Log {
    pub(super) fn new(
        file: Box<dyn File>,
        path: &Path,
        header: Header,
        published: Published,
        tail: Tail,
        board: Board,
    ) -> Log {
        Log {
            file,
            path: path.to_owned(),
            header,
            tail: Mutex::new(tail),
            published: Mutex::new(Publishing { numbers: published, written: None }),
            board,
            failed: AtomicBool::new(false),
        }
    }

    /// Appends commits, the first under the number `first`, each with its body: as many as there is room for. They are in
    /// the operating system's hands when this returns, and on the medium after the next [`Log::sync`]. `first` must be
    /// one more than the last ([`Log::last_commit`]). After an error none of them is in the log.
    pub(crate) fn append(&self, first: CommitId, bodies: &[impl AsRef<[u8]>]) -> Result<Appended> {
        self.check()?;
        let mut guard = self.tail()?;
        let tail = &mut *guard;
        if first != tail.position.next {
            return Err(Error::invalid(format!(
                "commit {first} cannot follow commit {} in the log",
                tail.position.next.saturating_sub(1)
            )));
        }
        let bound = self.header.extent(tail.current).end;
        let resume_bytes = if tail.resume.is_some() { RESUME_BYTES as u64 } else { 0 };
        let mut end = tail.position.offset.saturating_add(resume_bytes);
        let ends = bodies.iter().map_while(|body| {
            end = end.saturating_add(batch_bytes(body.as_ref().len()));
            (end <= bound).then_some(end)
        });
        let (commits, end) = ends.fold((0, 0), |(count, _), end| (count + 1, end));
        if commits > 0 {
            let bodies = bodies.get(..commits).unwrap_or_default();
            let start = tail.position.offset;
            self.fill_ahead(tail, end)
                .and_then(|()| self.write_batches(tail, first, bodies))
                .map_err(|error| self.append_failed(start, error))?;
        }
        Ok(Appended { commits, segment_bytes: tail.segment_bytes() })
    }

    /// Writes zeros behind `end` once the commit that ends there reaches beyond those written before. Grows with the
    /// segment: few syncs meet it, and the log of a small database stays small.
    fn fill_ahead(&self, tail: &mut Tail, end: u64) -> io::Result<()> {
        let extent = self.header.extent(tail.current);
        let filled = *tail.filled(tail.current);
        if end <= filled {
            return Ok(());
        }
        let step = (end - extent.start).clamp(FILL_MIN_BYTES, FILL_MAX_BYTES);
        let target = end.saturating_add(step).min(extent.end);
        let mut at = filled.max(end);
        while at < target {
            static ZEROS: [u8; FILL_PIECE] = [0; FILL_PIECE];
            // At most FILL_PIECE, so it fits.
            let take = (target - at).min(FILL_PIECE as u64);
            self.file.write_at(at, ZEROS.get(..take as usize).unwrap_or(&ZEROS))?;
            at += take;
        }
        *tail.filled(tail.current) = target;
        Ok(())
    }

    /// Small commits go to the file in one piece, large ones in several.
    fn write_batches(&self, tail: &mut Tail, first: CommitId, bodies: &[impl AsRef<[u8]>]) -> io::Result<()> {
        // The tail moves only when all is written: after a refused commit the next one overwrites its remains.
        let mut at = tail.position;
        tail.buffer.clear();
        if let Some(salt) = tail.resume {
            record::encode(&mut tail.buffer, at.salt, first, Kind::Resume, &salt.to_le_bytes());
            at.salt = salt;
        }
        for body in bodies {
            for (kind, piece) in record::pieces(body.as_ref()) {
                if tail.buffer.len() + piece.len() > PART_BYTES {
                    self.write_buffer(&mut tail.buffer, &mut at)?;
                }
                record::encode(&mut tail.buffer, at.salt, at.next, kind, piece);
            }
            at.next = at.next.saturating_add(1);
        }
        self.write_buffer(&mut tail.buffer, &mut at)?;
        tail.buffer.shrink_to(BUFFER_KEPT_BYTES);
        tail.position = at;
        tail.resume = None;
        Ok(())
    }

    fn write_buffer(&self, buffer: &mut Vec<u8>, at: &mut Position) -> io::Result<()> {
        self.file.write_at(at.offset, buffer)?;
        at.offset += buffer.len() as u64;
        buffer.clear();
        Ok(())
    }

    /// Returns when every commit appended before the call is on the medium.
    pub(crate) fn sync(&self) -> Result<()> {
        self.check()?;
        self.file.sync_data().map_err(|error| self.fail("sync", error))
    }

    /// Shows to readers that commits up to `visible` may be shown and those up to `durable` are on the medium. Numbers
    /// never go back: a lesser one is ignored.
    pub(crate) fn publish(&self, visible: CommitId, durable: CommitId) -> Result<()> {
        self.update_published(PUBLISHED_AGE, |published| {
            published.visible = published.visible.max(visible);
            published.durable = published.durable.max(durable);
        })
    }

    /// Shows to readers that `.vdb` is another file now.
    pub(crate) fn publish_file_epoch(&self, file_epoch: u64) -> Result<()> {
        self.update_published(Duration::ZERO, |published| published.file_epoch = file_epoch)
    }

    /// The numbers last published.
    #[cfg(test)]
    pub(crate) fn published(&self) -> Result<Published> {
        Ok(self.published.lock().map_err(|_| self.refusal())?.numbers)
    }

    /// Takes the other segment into use, from the next commit on. `false`, and nothing done, while `.vdb` may lack
    /// commits of that segment: [`Log::retire`] it first.
    pub(crate) fn switch(&self) -> Result<bool> {
        self.check()?;
        let mut tail = self.tail()?;
        let next = tail.position.next;
        let empty = next == tail.slot.first;
        if empty && tail.current == Which::B {
            // As good as the other one, which could be fuller but not emptier.
            return Ok(true);
        }
        if tail.unretired.is_some() {
            return Ok(false);
        }
        // An empty segment A is left, too: the next commit may be too large for it.
        let other = tail.current.other();
        self.begin(&mut tail, other, next)?;
        tail.unretired = (!empty).then(|| next.saturating_sub(1));
        Ok(true)
    }

    /// `.vdb` durably holds the commits up to `checkpoint`: frees the other segment if those were all it had, and
    /// publishes the checkpoint.
    pub(crate) fn retire(&self, checkpoint: CommitId) -> Result<()> {
        self.check()?;
        let mut tail = self.tail()?;
        if tail.unretired.is_some_and(|last| last <= checkpoint) {
            tail.unretired = None;
            let b = self.header.extent(Which::B);
            // A segment B that a large commit has grown gives its space back; what a usual one needs stays allocated.
            let kept = b.start.saturating_add(self.header.segment_a_bytes);
            if tail.current == Which::A && self.file_len()? > kept {
                self.file.set_len(kept).map_err(|error| self.fail("shorten", error))?;
                tail.filled_b = tail.filled_b.min(kept);
            }
        }
        drop(tail);
        self.update_published(Duration::ZERO, |published| {
            published.checkpoint = published.checkpoint.max(checkpoint);
            published.visible = published.visible.max(checkpoint);
            published.durable = published.durable.max(checkpoint);
        })
    }

    /// Empties the log: `.vdb` durably holds every commit in it. The file is small and synced afterwards; appending
    /// may go on. An error, and nothing done, when the log holds commits above `checkpoint`.
    pub(crate) fn reset(&self, checkpoint: CommitId) -> Result<()> {
        self.check()?;
        let last = self.last_commit()?;
        if last != checkpoint {
            return Err(Error::invalid(format!(
                "the log ends with commit {last}, a checkpoint of commit {checkpoint} does not empty it"
            )));
        }
        self.begin_empty(checkpoint)?;
        self.retire(checkpoint)?;
        self.sync()
    }

    /// Begins a new generation in segment A, with nothing before it that counts.
    ///
    /// Needs no sync to be safe: whatever a power cut keeps of it, no commit above the checkpoint is in the file.
    pub(super) fn begin_empty(&self, checkpoint: CommitId) -> Result<()> {
        let mut tail = self.tail()?;
        self.begin(&mut tail, Which::A, checkpoint.saturating_add(1))?;
        tail.unretired = None;
        self.file
            .write_at(Which::B.slot_offset(), &[0; BLOCK_BYTES])
            .and_then(|()| self.file.set_len(SEGMENTS_OFFSET))
            .map_err(|error| self.fail("empty", error))?;
        tail.filled_a = SEGMENTS_OFFSET;
        tail.filled_b = self.header.extent(Which::B).start;
        Ok(())
    }

    /// Takes a segment into use under the next generation, for the commits from `first` on.
    fn begin(&self, tail: &mut Tail, which: Which, first: CommitId) -> Result<()> {
        let slot = Slot {
            generation: tail.slot.generation.saturating_add(1),
            first,
            offset: self.header.extent(which).start,
            salt: new_salt()?,
        };
        self.file
            .write_at(which.slot_offset(), &slot.encode())
            .map_err(|error| self.fail("write to", error))?;
        tail.current = which;
        tail.slot = slot;
        tail.position = Position::start_of(&slot);
        tail.resume = None;
        Ok(())
    }

    /// The last commit in the log, or of the checkpoint when the log is empty.
    pub(crate) fn last_commit(&self) -> Result<CommitId> {
        Ok(self.tail()?.position.next.saturating_sub(1))
    }

    /// Figures for statistics.
    pub(crate) fn facts(&self) -> Result<LogFacts> {
        let tail = self.tail()?;
        Ok(LogFacts {
            file_bytes: self.file_len()?,
            segment_bytes: tail.segment_bytes(),
            generation: tail.slot.generation,
            awaits_checkpoint: tail.unretired.is_some(),
            last_commit: tail.position.next.saturating_sub(1),
        })
    }

    /// Whether a write or a sync has failed: nothing can be written until the database is opened again.
    pub(crate) fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Acquire)
    }

    /// Changes the numbers and shows them to readers. The log itself gets them when those in it are of this age.
    pub(super) fn update_published(&self, age: Duration, change: impl FnOnce(&mut Published)) -> Result<()> {
        self.check()?;
        // Under the lock, so that an older block never overwrites a newer one.
        let mut published = self.published.lock().map_err(|_| self.refusal())?;
        change(&mut published.numbers);
        let shown = self.board.show(self.header.uuid, &published.numbers);
        if shown && published.written.is_some_and(|written| written.elapsed() < age) {
            return Ok(());
        }
        published.written = Some(Instant::now());
        let block = published.numbers.encode();
        PUBLISHED_OFFSETS
            .iter()
            .try_for_each(|offset| self.file.write_at(*offset, &block))
            .map_err(|error| self.fail("publish in", error))
    }

    fn file_len(&self) -> Result<u64> {
        self.file.len().map_err(|error| {
            Error::io(format_args!("could not ask for the length of the log {}", self.path.display()), error)
        })
    }

    /// A thread that panicked while it held the tail may have left it half changed: that, too, is a failed log.
    fn tail(&self) -> Result<MutexGuard<'_, Tail>> {
        self.tail.lock().map_err(|_| self.refusal())
    }

    fn check(&self) -> Result<()> {
        if self.has_failed() { Err(self.refusal()) } else { Ok(()) }
    }

    fn refusal(&self) -> Error {
        Error::new(
            ErrorKind::Storage,
            format!(
                "an earlier write to the log {} failed; the database must be reopened before it can be written again",
                self.path.display()
            ),
        )
    }

    fn fail(&self, doing: &str, error: io::Error) -> Error {
        self.failed.store(true, Ordering::Release);
        Error::io(format_args!("could not {doing} the log {}", self.path.display()), error)
    }

    /// A full disk refuses commits and leaves the log as it was; everything else that fails ends it.
    fn append_failed(&self, start: u64, error: io::Error) -> Error {
        let full = matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
        // The first of several commits may be there as a whole; it must not come back when the process is killed now.
        if full && self.file.write_at(start, &[0; RECORD_HEADER_BYTES]).is_ok() {
            return Error::io(format_args!("could not append to the log {}", self.path.display()), error);
        }
        self.fail("append to", error)
    }
}

pub(super) fn new_salt() -> Result<u32> {
    getrandom::u32()
        .map_err(|error| Error::io("could not get random bytes from the system", io::Error::other(error)))
}
