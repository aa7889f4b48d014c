//! The log and what a writer shows beside it: blocks, records, and the changes of a commit.

use super::database::{BASE, file};
use super::edit::{edit, overwrite};
use super::input::Input;
use crate::memory::MemoryFileSystem;

/// Bytes of a sealed block.
const BLOCK: usize = 64;
const SLOT_A: usize = 4_096;
const SLOT_B: usize = 8_192;
const PUBLISHED: usize = 12_288;
const PUBLISHED_AGAIN: usize = 16_384;
const SEGMENTS: usize = 20_480;
/// Where the board is in the lock file.
const BOARD: usize = 4_096;
/// Records per input.
const MOST_RECORDS: usize = 64;
const END: u8 = 2;

/// A log whose bytes are the fuzzer's, or whose blocks and records are put together from its numbers, with right checksums.
pub(super) fn log(bytes: &[u8]) -> MemoryFileSystem {
    let mut input = Input::new(bytes);
    let mut wal = BASE.wal.clone();
    match input.u8() % 4 {
        0 => wal = input.rest().to_vec(),
        1 => wal.extend_from_slice(input.rest()),
        2 => {
            for at in [0, SLOT_A, SLOT_B, PUBLISHED, PUBLISHED_AGAIN] {
                block(&mut wal, at, &mut input);
            }
            records(&mut wal, &mut input);
        }
        _ => records(&mut wal, &mut input),
    }
    let files = BASE.files();
    files.put(file(".wal"), wal);
    files
}

/// The body of one commit.
pub(super) fn change(bytes: &[u8]) -> MemoryFileSystem {
    let mut wal = BASE.wal.clone();
    record(&mut wal, END, BASE.commit() + 1, salt(&BASE.wal), bytes);
    let files = BASE.files();
    files.put(file(".wal"), wal);
    files
}

/// The numbers that a writer shows to readers, in the lock file and in the log, and the text beside them.
pub(super) fn board(bytes: &[u8]) -> MemoryFileSystem {
    let mut input = Input::new(bytes);
    let (mut lock, mut wal) = (BASE.lock.clone(), BASE.wal.clone());
    lock.resize(BOARD + BLOCK, 0);
    let mut board = [b"SHOW".as_slice(), &BASE.uuid(), &BASE.wal[PUBLISHED + 4..PUBLISHED + 36]].concat();
    board.resize(BLOCK - 4, 0);
    overwrite(&mut lock, BOARD, &board);
    seal(&mut lock, BOARD);
    block(&mut lock, BOARD, &mut input);
    block(&mut wal, PUBLISHED, &mut input);
    wal.copy_within(PUBLISHED..PUBLISHED + BLOCK, PUBLISHED_AGAIN);
    edit(&mut lock, &mut input);
    let files = BASE.files();
    files.put(file(".lock"), lock);
    files.put(file(".wal"), wal);
    files
}

/// Changes some bytes of a block, and mostly seals it.
fn block(file: &mut [u8], at: usize, input: &mut Input<'_>) {
    let changes = input.u8();
    for _ in 0..changes % 4 {
        let place = usize::from(input.u8()) % (BLOCK - 4);
        match input.u8() % 3 {
            0 => overwrite(file, at + place, &[input.u8()]),
            1 => overwrite(file, at + place, &input.u64().to_le_bytes()),
            // Small numbers are the likely ones.
            _ => overwrite(file, at + place, &u64::from(input.u8()).to_le_bytes()),
        }
    }
    if changes & 0x80 == 0 {
        seal(file, at);
    }
}

fn seal(file: &mut [u8], at: usize) {
    let checksum = crc32fast::hash(&file[at..at + BLOCK - 4]);
    overwrite(file, at + BLOCK - 4, &checksum.to_le_bytes());
}

/// The start value of the checksums in segment A.
fn salt(wal: &[u8]) -> u32 {
    u32::from_le_bytes(wal[SLOT_A + 28..SLOT_A + 32].try_into().unwrap())
}

/// Records one behind the other in segment A, most of them such that they count.
fn records(wal: &mut Vec<u8>, input: &mut Input<'_>) {
    wal.resize(SEGMENTS, 0);
    let (mut salt, mut commit) = (salt(wal), BASE.commit() + 1);
    for _ in 0..MOST_RECORDS {
        if input.is_empty() {
            return;
        }
        let (kind, odd) = (input.u8(), input.u8());
        let body = input.short();
        let at = wal.len();
        let id = if odd & 1 == 0 { commit } else { input.u64() };
        record(wal, kind % 5, id, salt, body);
        if odd & 2 != 0 {
            overwrite(wal, at + 4, &input.u32().to_le_bytes());
        }
        if odd & 4 != 0 {
            overwrite(wal, at, &input.u32().to_le_bytes());
        }
        match kind % 5 {
            END => commit += 1,
            3 => salt = body.first_chunk().map_or(salt, |bytes| u32::from_le_bytes(*bytes)),
            _ => {}
        }
    }
}

fn record(wal: &mut Vec<u8>, kind: u8, commit: u64, salt: u32, body: &[u8]) {
    let rest = [&(body.len() as u32).to_le_bytes(), &commit.to_le_bytes()[..], &[kind], body].concat();
    let mut hasher = crc32fast::Hasher::new_with_initial(salt);
    hasher.update(&rest);
    wal.extend_from_slice(&hasher.finalize().to_le_bytes());
    wal.extend_from_slice(&rest);
}
