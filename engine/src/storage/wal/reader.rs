//! A reader's handle: follows a log that another handle, often of another process, writes.

use std::io;
use std::path::Path;
use std::thread;

use super::board::Board;
use super::layout::{Header, Slot, Which};
use super::open::{open_error, read_header};
use super::replay::{Slots, expect_published, read_published, replay};
use super::scan::{Position, Scanner};
use super::{CommitId, Published, Visit, WRITER_RANGE};
use crate::files::{File, FileSystem, OpenMode};
use crate::{Error, Result};

/// How often published numbers that do not verify are read again. Writing them takes about a microsecond, so a reader
/// that loses this many races in a row looks at a damaged block.
const PUBLISHED_ATTEMPTS: usize = 1000;

/// A log opened for reading; holds no lock.
#[derive(Debug)]
pub(crate) struct LogReader {
    file: Box<dyn File>,
    header: Header,
    board: Board,
    /// Where the last read ended.
    cursor: Option<Cursor>,
}

#[derive(Debug, Clone, Copy)]
struct Cursor {
    which: Which,
    slot: Slot,
    position: Position,
}

/// How far a read came. Every commit up to the number was handed out, in order and intact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "a reader that was overtaken must take a newer snapshot of `.vdb`"]
pub(crate) enum Progress {
    /// As far as was asked for.
    Reached(CommitId),
    /// The log no longer holds the commit after this one: a checkpoint has moved it to `.vdb`, so a newer snapshot
    /// of `.vdb` holds it.
    Overtaken(CommitId),
}

impl LogReader {
    /// Opens the log of the database `uuid`. Errors: `NotFound`, `Corruption`, `UnsupportedFormat`, `Storage`.
    pub(crate) fn open(
        files: &dyn FileSystem,
        path: &Path,
        uuid: [u8; 16],
        board: Board,
    ) -> Result<LogReader> {
        let file = files.open(path, OpenMode::Read).map_err(|error| open_error(path, error))?;
        let header = read_header(file.as_ref(), uuid).map_err(|error| error.context(path.display()))?;
        Ok(LogReader { file, header, board, cursor: None })
    }

    /// The numbers last published by the writer. Those on the board are the newer ones; where nothing can be shown there,
    /// those in the log are.
    pub(crate) fn published(&self) -> Result<Published> {
        for _ in 0..PUBLISHED_ATTEMPTS {
            let written = read_published(self.file.as_ref())?;
            // The board may be missing for good; the log's numbers are there, or being written.
            if let Some(written) = written {
                let shown = self.board.read(self.header.uuid).unwrap_or_default();
                return Ok(written.newest(&shown));
            }
            thread::yield_now();
        }
        Err(Error::corruption(
            "the published numbers of the log are damaged; open the database for writing once to repair them",
        ))
    }

    /// Whether some handle, of any process, has the log open for writing.
    pub(crate) fn writer_is_alive(&self) -> Result<bool> {
        is_held(self.file.as_ref()).map_err(|error| Error::io("could not ask for the lock on the log", error))
    }

    /// The same of a log that is not open; `false` also when there is none.
    pub(crate) fn has_writer(files: &dyn FileSystem, path: &Path) -> bool {
        files.open(path, OpenMode::Read).and_then(|file| is_held(file.as_ref())).unwrap_or(false)
    }

    /// Hands the commits above `after` up to `up_to` to `visit`, in order. `up_to` must have been published as visible.
    ///
    /// Goes on where the last call ended, if that was at `after`; reads nothing twice then.
    pub(crate) fn read(
        &mut self,
        after: CommitId,
        up_to: CommitId,
        visit: &mut Visit<'_>,
    ) -> Result<Progress> {
        let mut reached = after;
        while reached < up_to {
            let slots = Slots::read(self.file.as_ref(), &self.header)?;
            let Some(mut cursor) = self.locate(&slots, reached) else {
                return Ok(Progress::Overtaken(reached));
            };
            let before = reached;
            let stop = slots
                .taken_over_at(cursor.slot.generation)
                .map_or(up_to, |first| first.saturating_sub(1).min(up_to));
            let extent = self.header.extent(cursor.which);
            let mut scanner = Scanner::new(self.file.as_ref(), extent, cursor.position)?;
            while scanner.position().next <= stop {
                let commit = scanner.position().next;
                let Some(body) = scanner.next_batch()? else { break };
                if commit > reached {
                    visit(commit, body)?;
                    reached = commit;
                }
            }
            cursor.position = scanner.position();
            self.cursor = Some(cursor);
            // Visible commits are in the file, unless their segment was taken for newer ones.
            if reached == before {
                return Ok(Progress::Overtaken(reached));
            }
        }
        Ok(Progress::Reached(reached))
    }

    /// Hands every valid commit above `after` to `visit`: what a writer would recover. Returns the last one. To be used
    /// while no writer is alive; `Corruption` when commits are missing that were durable.
    pub(crate) fn read_tail(&self, after: CommitId, visit: &mut Visit<'_>) -> Result<CommitId> {
        let published = expect_published(self.file.as_ref())?;
        Ok(replay(self.file.as_ref(), &self.header, after, &published, visit)?.reached)
    }

    /// The same of a damaged log, as far as its commits verify: for who saves what is left.
    pub(crate) fn read_remains(&self, after: CommitId, visit: &mut Visit<'_>) -> Result<CommitId> {
        Ok(replay(self.file.as_ref(), &self.header, after, &Published::default(), visit)?.reached)
    }

    /// Where to look for the commit after `reached`.
    fn locate(&self, slots: &Slots, reached: CommitId) -> Option<Cursor> {
        let next = reached.saturating_add(1);
        let (which, slot) = slots.in_order().filter(|(_, slot)| slot.first <= next).last()?;
        match self.cursor {
            Some(cursor) if cursor.slot == slot && cursor.position.next == next => Some(cursor),
            _ => Some(Cursor { which, slot, position: Position::start_of(&slot) }),
        }
    }
}

fn is_held(file: &dyn File) -> io::Result<bool> {
    file.is_range_locked(WRITER_RANGE)
}
