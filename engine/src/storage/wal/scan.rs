//! Walks through the records of one segment, batch by batch, trusting nothing it reads.

use std::io;

use super::CommitId;
use super::layout::{Extent, Slot};
use super::record::{Kind, RECORD_HEADER_BYTES, RecordHeader};
use crate::files::File;
use crate::{Error, Result};

/// Bytes read at a time: a few hundred small commits.
const READ_AHEAD: usize = 64 << 10;

/// A place in a segment between two batches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position {
    /// Byte of the file where the next record begins.
    pub(super) offset: u64,
    /// The commit that the next batch must have.
    pub(super) next: CommitId,
    /// Start value of the next record's checksum.
    pub(super) salt: u32,
}

impl Position {
    pub(super) fn start_of(slot: &Slot) -> Position {
        Position { offset: slot.offset, next: slot.first, salt: slot.salt }
    }
}

/// Reads batches in order from one position on.
#[derive(Debug)]
pub(super) struct Scanner<'f> {
    window: Window<'f>,
    position: Position,
    body: Vec<u8>,
}

impl<'f> Scanner<'f> {
    pub(super) fn new(file: &'f dyn File, extent: Extent, position: Position) -> Result<Scanner<'f>> {
        let len = file.len().map_err(|error| Error::io("could not ask for the length of the log", error))?;
        let window = Window { file, end: extent.end.min(len), bytes: Vec::new(), offset: position.offset };
        Ok(Scanner { window, position, body: Vec::new() })
    }

    /// Where the next batch begins; after the last one, where the valid part of the segment ends.
    pub(super) fn position(&self) -> Position {
        self.position
    }

    /// The next batch's whole body, or `None` where the valid part of the segment ends.
    pub(super) fn next_batch(&mut self) -> Result<Option<&[u8]>> {
        self.body.clear();
        let mut at = self.position;
        loop {
            let Some(header) =
                self.window.read(at.offset, RECORD_HEADER_BYTES)?.and_then(RecordHeader::decode)
            else {
                return Ok(None);
            };
            // Checked before the body is read: bytes of an older use of the segment rarely get further.
            if header.commit != at.next {
                return Ok(None);
            }
            let len = RECORD_HEADER_BYTES + header.len;
            let Some(record) = self.window.read(at.offset, len)? else { return Ok(None) };
            if !header.matches(at.salt, record) {
                return Ok(None);
            }
            let body = record.get(RECORD_HEADER_BYTES..).unwrap_or_default();
            at.offset += len as u64;
            match header.kind {
                Kind::Part if !body.is_empty() => self.body.extend_from_slice(body),
                Kind::End => {
                    self.body.extend_from_slice(body);
                    at.next = at.next.saturating_add(1);
                    self.position = at;
                    return Ok(Some(&self.body));
                }
                // A writer resumes between batches only, and says which salt holds from there on.
                Kind::Resume if self.body.is_empty() => {
                    let Ok(salt) = body.try_into() else { return Ok(None) };
                    at.salt = u32::from_le_bytes(salt);
                    self.position = at;
                }
                Kind::Part | Kind::Resume => return Ok(None),
            }
        }
    }
}

/// The part of the file that is in memory.
#[derive(Debug)]
struct Window<'f> {
    file: &'f dyn File,
    /// No record reaches beyond: end of the segment or of the file.
    end: u64,
    /// Bytes of the file from `offset` on.
    bytes: Vec<u8>,
    offset: u64,
}

impl Window<'_> {
    /// `len` bytes at `offset`, or `None` when they reach beyond the end.
    fn read(&mut self, offset: u64, len: usize) -> Result<Option<&[u8]>> {
        let available = self.end.saturating_sub(offset);
        if available < len as u64 {
            return Ok(None);
        }
        let loaded_end = self.offset + self.bytes.len() as u64;
        if offset < self.offset || offset + len as u64 > loaded_end {
            // Never more than the file holds, nor than a record or the read-ahead.
            let take = usize::try_from(available).unwrap_or(usize::MAX).min(len.max(READ_AHEAD));
            self.bytes.resize(take, 0);
            self.offset = offset;
            match self.file.read_at(offset, &mut self.bytes) {
                Ok(()) => {}
                // Cut by the writer since we asked for the length.
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                    self.bytes.clear();
                    self.end = offset;
                    return Ok(None);
                }
                Err(error) => return Err(Error::io("could not read the log", error)),
            }
        }
        let within = usize::try_from(offset - self.offset).unwrap_or(usize::MAX);
        Ok(self.bytes.get(within..).and_then(|bytes| bytes.get(..len)))
    }
}
