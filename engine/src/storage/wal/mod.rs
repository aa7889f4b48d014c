//! The log: commits newer than the last checkpoint, in one file `NAME.vdb.wal`.
//!
//! # Bytes
//!
//! Integers are little-endian. Offsets and lengths are bytes.
//!
//! | offset | length | holds |
//! |---|---|---|
//! | 0 | 64 | file header |
//! | 4096 | 64 | slot of segment A |
//! | 8192 | 64 | slot of segment B |
//! | 12288 | 64 | published numbers |
//! | 16384 | 64 | the same again |
//! | 20480 | `segment A bytes` | segment A |
//! | 20480 + `segment A bytes` | to the end of the file | segment B |
//!
//! The five blocks of 64 bytes are sealed alike: fields from the start, zeros, and in the last four bytes a CRC-32
//! (IEEE) of the 60 before. Everything between the blocks is zero and means nothing. The file header's shape
//! (magic, version, seal) stays the same in all versions of the format.
//!
//! | block | fields |
//! |---|---|
//! | file header | magic `vectlwal`, `u32` version = 3, 16 bytes database uuid, `u64` segment A bytes |
//! | slot | tag `SLOT`, `u64` generation, `u64` first commit id, `u64` offset of the segment, `u32` salt |
//! | published | tag `PUBL`, `u64` visible, `u64` durable, `u64` checkpoint (commit ids), `u64` file epoch |
//! | board, at 4096 in the lock file | tag `SHOW`, 16 bytes database uuid, the four numbers of published |
//!
//! A slot that does not verify is an unused segment. Published numbers that do not verify were read while they were
//! written, or are damaged; those in the other place then count. Where neither verifies, the log is damaged: a write of
//! so few bytes is never cut in two.
//!
//! A segment is a run of records without gaps, ended by the first bytes that are not the record expected there:
//!
//! | offset | length | holds |
//! |---|---|---|
//! | 0 | 4 | CRC-32 of the rest of the record, with the salt as start value |
//! | 4 | 4 | length of the body, at most 1 MiB |
//! | 8 | 8 | commit id |
//! | 16 | 1 | kind: 1 part, 2 end, 3 resume |
//! | 17 | length | body |
//!
//! A commit is any number of *part* records (not empty) and one *end* record under one commit id; its body is theirs
//! in a row. It counts only with its valid end. Commit ids begin with the slot's first and ascend by exactly one. A
//! *resume* record stands between commits, under the id of the commit expected next, and its body is the `u32`
//! salt that holds from there on.
//!
//! # Rules
//!
//! - **Two segments.** Commits go to the segment with the greater generation. Freezing the memtable takes the other
//!   one into use ([`Log::switch`]), once `.vdb` holds all that it held ([`Log::retire`]). From the first commit of
//!   the greater generation on, the lesser one does not count. Segment A has a fixed size; B is last in the file, so
//!   no commit is too large for it.
//! - **Salt.** Random, new with each generation and with each writer that continues a segment. So nothing that stood
//!   in the segment before is ever taken for a record: neither an older generation, nor the remains of a crash
//!   behind the end of the log, nor a document somebody stored because its bytes look like a record. Salts enter
//!   the checksum as its start value, which makes two salts differ for certain; the order of generations makes the
//!   rest.
//! - **Zeros ahead.** The bytes behind the end of the log are written before they are needed, so that a sync has no
//!   blocks to allocate: it costs a quarter. What they hold means nothing, and they need no sync of their own.
//! - **Visible and durable.** Readers may show what is visible; durable is what a sync has returned for. They are
//!   written without a sync, so after a power cut they may be old, never ahead of the truth: `durable` is written
//!   after the sync that makes it true. Each change goes to the [`Board`], where readers look; the log gets the numbers at
//!   most once a millisecond while commits follow each other, because a second page makes each sync a fifth longer. Recovery ignores `visible`. A log that ends below `durable` is damaged; one
//!   that ends above or at it has at most a torn tail, which nobody was promised.
//! - **Doubt.** What recovery finds may be in the operating system's memory only, and after a failed sync the system
//!   takes it for written. Recovery writes the slots and every commit of which no sync is known again, then syncs,
//!   then publishes.
//! - **One writer.** Whoever holds the exclusive lock on byte 2^62 of the log. A range far beyond the end, because
//!   locks are mandatory on some systems and must not keep readers from reading, and because whether a range is locked can
//!   be asked without taking the lock.
//!
//! # Failures
//!
//! After a write or a sync that failed nothing is known about the medium, so the log refuses to go on until it is
//! opened again; what was published stays readable. A full disk is the exception: the commits of that
//! write are refused, the first of them is made void, and the next ones may succeed.

mod board;
mod layout;
mod log;
mod open;
mod reader;
mod record;
mod replay;
mod scan;
#[cfg(test)]
mod tests;

use std::io;
use std::ops::Bound;

use self::layout::{BLOCK_BYTES, Block, PUBLISHED_OFFSETS};
use crate::files::{File, LockRange};
use crate::{Error, Result};

pub(crate) use board::Board;
pub(crate) use layout::Published;
#[cfg(test)]
use log::Appended;
pub(crate) use log::{BUFFER_KEPT_BYTES, Log};
pub(crate) use reader::{LogReader, Progress};

/// Position of a commit in the history of a database; the first is 1, and each is one more than the last.
pub(crate) type CommitId = u64;

/// Takes one commit's body; an error ends the reading and is handed on.
pub(crate) type Visit<'v> = dyn FnMut(CommitId, &[u8]) -> Result<()> + 'v;

/// The byte whose exclusive lock makes its holder the writer.
const WRITER_BYTE: u64 = 1 << 62;
const WRITER_RANGE: LockRange = (Bound::Included(WRITER_BYTE), Bound::Included(WRITER_BYTE));

fn read_block(file: &dyn File, offset: u64) -> Result<Block> {
    let mut block = [0; BLOCK_BYTES];
    match file.read_at(offset, &mut block) {
        Ok(()) => Ok(block),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            Err(Error::corruption("the log is damaged: the file ends inside its header"))
        }
        Err(error) => Err(Error::io("could not read the log", error)),
    }
}
