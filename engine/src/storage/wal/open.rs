//! Creating a log, and opening it as the writer: lock, replay, repair.

use std::io;
use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use super::board::Board;
use super::layout::{BLOCK_BYTES, HEADER_OFFSET, Header, SEGMENT_A_BYTES, SEGMENTS_OFFSET, Slot, Which};
use super::log::{Log, Tail, new_salt};
use super::replay::{Replayed, expect_published, replay};
use super::scan::Position;
use super::{CommitId, PUBLISHED_OFFSETS, Published, Visit, WRITER_RANGE, read_block};
use crate::events;
use crate::files::{File, FileSystem, LockKind, OpenMode};
use crate::storage::paths;
use crate::{Error, ErrorKind, Result};

/// Bytes copied at a time when doubtful commits are written again.
const REWRITE_BYTES: u64 = 1 << 20;

impl Log {
    /// Creates an empty log for the database `uuid` whose `.vdb` holds the commits up to `checkpoint` (0 for a new
    /// one), in place of any that stands there. Durable when it returns.
    ///
    /// The caller must hold redb's writer lock: replacing a log that another writer has open would part the two.
    pub(crate) fn create(
        files: &dyn FileSystem,
        path: &Path,
        uuid: [u8; 16],
        checkpoint: CommitId,
    ) -> Result<()> {
        Log::create_sized(files, path, uuid, checkpoint, SEGMENT_A_BYTES)
    }

    /// [`Log::create`] with a segment A of another size, which tests fill faster.
    pub(super) fn create_sized(
        files: &dyn FileSystem,
        path: &Path,
        uuid: [u8; 16],
        checkpoint: CommitId,
        segment_a_bytes: u64,
    ) -> Result<()> {
        let header = Header { uuid, segment_a_bytes };
        let slot = Slot {
            generation: 1,
            first: checkpoint.saturating_add(1),
            offset: header.extent(Which::A).start,
            salt: new_salt()?,
        };
        let published =
            Published { visible: checkpoint, durable: checkpoint, checkpoint, ..Published::default() };
        let beside = paths::beside(path);
        let written = || {
            let file = files.open(&beside, OpenMode::Truncate)?;
            file.set_len(SEGMENTS_OFFSET)?;
            file.write_at(HEADER_OFFSET, &header.encode())?;
            file.write_at(Which::A.slot_offset(), &slot.encode())?;
            PUBLISHED_OFFSETS.iter().try_for_each(|offset| file.write_at(*offset, &published.encode()))?;
            file.sync_data()?;
            drop(file);
            files.rename(&beside, path)?;
            files.sync_directory(path.parent().unwrap_or(Path::new("")))
        };
        written()
            .map_err(|error| Error::io(format_args!("could not create the log {}", path.display()), error))
    }

    /// Opens the log for writing and hands every commit above `checkpoint` to `visit`, in order.
    ///
    /// When it returns, all of them are durable and visible, and appending continues behind the last of them
    /// ([`Log::last_commit`]). Errors: `NotFound` when there is no log, `LockContention` while another handle is
    /// the writer, `Corruption` when commits are missing that were durable or when this is no log of the database
    /// `uuid`, `UnsupportedFormat` for a log of a newer version, and those of `visit`.
    pub(crate) fn open(
        files: &dyn FileSystem,
        path: &Path,
        uuid: [u8; 16],
        checkpoint: CommitId,
        board: &Board,
        visit: &mut Visit<'_>,
    ) -> Result<Log> {
        let file = files.open(path, OpenMode::Write).map_err(|error| open_error(path, error))?;
        let locked = file
            .try_lock_range(WRITER_RANGE, LockKind::Exclusive)
            .map_err(|error| Error::io(format_args!("could not lock the log {}", path.display()), error))?;
        if !locked {
            return Err(Error::new(
                ErrorKind::LockContention,
                format!("lock contention: another handle writes to {}; close it first", path.display()),
            ));
        }
        let named = |error: Error| error.context(path.display());
        let header = read_header(file.as_ref(), uuid).map_err(named)?;
        let published = expect_published(file.as_ref()).map_err(named)?;
        let found = replay(file.as_ref(), &header, checkpoint, &published, visit).map_err(named)?;
        make_durable(file.as_ref(), &found, checkpoint).map_err(|error| {
            Error::io(format_args!("could not write the log {} again", path.display()), error)
        })?;

        let reached = found.reached;
        if published.visible > reached {
            events::lost(path, reached + 1, published.visible);
        }
        let log = Log::new(file, path, header, published, tail(&header, &found, checkpoint)?, board.clone());
        if reached == checkpoint {
            // Nothing to keep: the next commit begins a generation of its own.
            log.begin_empty(checkpoint)?;
        }
        // Set, not raised: after a power cut `visible` may be ahead of what was found.
        log.update_published(Duration::ZERO, |published| {
            *published = Published {
                visible: reached,
                durable: reached,
                checkpoint,
                file_epoch: published.file_epoch,
            };
        })?;
        Ok(log)
    }
}

/// Opens the log file, or says that there is none.
pub(super) fn open_error(path: &Path, error: io::Error) -> Error {
    if error.kind() == io::ErrorKind::NotFound {
        return Error::new(ErrorKind::NotFound, format!("the log {} does not exist", path.display()));
    }
    Error::io(format_args!("could not open the log {}", path.display()), error)
}

pub(super) fn read_header(file: &dyn File, uuid: [u8; 16]) -> Result<Header> {
    Header::decode(&read_block(file, HEADER_OFFSET)?, uuid)
}

/// Makes what was replayed, and what was given up, true on the medium.
fn make_durable(file: &dyn File, found: &Replayed, checkpoint: CommitId) -> io::Result<()> {
    for range in &found.doubtful {
        rewrite(file, range)?;
    }
    for which in Which::BOTH {
        rewrite(file, &(which.slot_offset()..which.slot_offset() + BLOCK_BYTES as u64))?;
    }
    // An abandoned segment must not come back once the gap before it has been filled by other commits.
    for which in &found.abandoned {
        file.write_at(which.slot_offset(), &[0; BLOCK_BYTES])?;
    }
    if found.reached > checkpoint || !found.abandoned.is_empty() {
        file.sync_data()?;
    }
    Ok(())
}

/// Writes the bytes of a range where they are, so that the next sync has to bring them to the medium.
fn rewrite(file: &dyn File, range: &Range<u64>) -> io::Result<()> {
    let mut bytes = Vec::new();
    let mut at = range.start;
    while at < range.end {
        // At most REWRITE_BYTES, so it fits.
        bytes.resize((range.end - at).min(REWRITE_BYTES) as usize, 0);
        file.read_at(at, &mut bytes)?;
        file.write_at(at, &bytes)?;
        at += bytes.len() as u64;
    }
    Ok(())
}

/// Where appending continues. Without a segment to continue the caller begins one, for which the generation matters only.
fn tail(header: &Header, found: &Replayed, checkpoint: CommitId) -> Result<Tail> {
    let (current, slot, end) = found.tail.unwrap_or_else(|| {
        let offset = header.extent(Which::A).start;
        let slot = Slot { generation: 0, first: checkpoint.saturating_add(1), offset, salt: 0 };
        (Which::A, slot, Position::start_of(&slot))
    });
    // The other segment, when it holds anything the checkpoint does not, ends right before this one.
    let before = slot.first.saturating_sub(1);
    Ok(Tail {
        current,
        slot,
        position: end,
        // What follows the end may be the remains of a crash: a new salt makes them void.
        resume: Some(new_salt()?),
        unretired: (before > checkpoint).then_some(before),
        // Blocks beyond may be missing from the file; writing them again is cheaper than finding out.
        filled_a: header.extent(Which::A).start,
        filled_b: header.extent(Which::B).start,
        buffer: Vec::new(),
    })
}
