//! Chunks of f32 rows: the value of the table `vectors`.
//!
//! redb keeps a value in one run of pages whose size is a power of two, so rows go in chunks that fill such a run.
//! A chunk covers `rows_per_chunk` consecutive slots; slots without a vector in the space take one bit and no row.
//!
//! ```text
//! crc32 u32 | rows u32 | presence bits (u32 words, one bit a slot) | row*
//! row = crc32 u32 | dimension × f32
//! ```
//!
//! The first checksum covers key, count and bits; each row's covers (space, slot) and its bytes, so that reading one
//! vector verifies one vector. All parts are multiples of four bytes: a row can be read in place where redb's page
//! is aligned, which it is in practice but does not promise.

use std::borrow::Cow;

use super::catalog::SpaceId;
use super::codec::{append_floats, checksum, damaged, decode_floats};
use super::record::Slot;
use super::tables::key;
use crate::error::Result;

const TABLE: &str = "vectors";
/// What redb adds to a value in its run of pages, rounded up.
const REDB_OVERHEAD: usize = 64;
/// Chunks aim at this size: large enough that rows pack well, small enough that reading one vector stays cheap.
const CHUNK_BYTES: usize = 64 << 10;
/// Checksum and row count.
const HEADER_BYTES: usize = 8;
const CHECKSUM_BYTES: usize = 4;

/// Bytes of a row: its checksum and its components.
fn row_bytes(dimension: usize) -> usize {
    CHECKSUM_BYTES + 4 * dimension
}

fn bitmap_words(rows_per_chunk: u32) -> usize {
    rows_per_chunk.div_ceil(u32::BITS) as usize
}

/// Slots a chunk covers: what fits into 64 KiB less redb's overhead, and at least one.
///
/// A row of more than half of that is alone in its chunk; redb then rounds it up to a power of two.
pub(crate) fn rows_per_chunk(dimension: usize) -> u32 {
    // A row's presence bit costs an eighth of a byte: count it, and the word it may start.
    let available = (CHUNK_BYTES - REDB_OVERHEAD - HEADER_BYTES - 4) * 8;
    let rows = available / (row_bytes(dimension) * 8 + 1);
    rows.max(1) as u32
}

/// The chunk of a slot, and its place in there.
pub(crate) fn place(slot: Slot, rows_per_chunk: u32) -> (u32, u32) {
    (slot / rows_per_chunk, slot % rows_per_chunk)
}

fn row_checksum(space: SpaceId, slot: Slot, components: &[u8]) -> u32 {
    checksum(TABLE, &key::chunk(space, slot), components)
}

/// A chunk that is being filled, slots ascending.
#[derive(Debug)]
pub(crate) struct ChunkBuilder {
    space: SpaceId,
    number: u32,
    rows_per_chunk: u32,
    words: Vec<u32>,
    rows: u32,
    bytes: Vec<u8>,
}

impl ChunkBuilder {
    pub(crate) fn new(space: SpaceId, number: u32, rows_per_chunk: u32) -> ChunkBuilder {
        let words = vec![0; bitmap_words(rows_per_chunk)];
        ChunkBuilder { space, number, rows_per_chunk, words, rows: 0, bytes: Vec::new() }
    }

    /// Continues a stored chunk.
    pub(crate) fn resume(chunk: &Chunk<'_>) -> ChunkBuilder {
        ChunkBuilder {
            space: chunk.space,
            number: chunk.number,
            rows_per_chunk: chunk.rows_per_chunk,
            words: chunk.words.clone(),
            rows: chunk.rows.len().checked_div(chunk.row_bytes).unwrap_or(0) as u32,
            bytes: chunk.rows.to_vec(),
        }
    }

    pub(crate) fn number(&self) -> u32 {
        self.number
    }

    /// Adds the row of a slot that lies in this chunk, behind all rows so far.
    pub(crate) fn push(&mut self, slot: Slot, vector: &[f32]) {
        let (_, place) = place(slot, self.rows_per_chunk);
        if let Some(word) = self.words.get_mut((place / u32::BITS) as usize) {
            *word |= 1 << (place % u32::BITS);
        }
        let start = self.bytes.len();
        self.bytes.extend_from_slice(&[0; CHECKSUM_BYTES]);
        append_floats(&mut self.bytes, vector);
        let crc =
            row_checksum(self.space, slot, self.bytes.get(start + CHECKSUM_BYTES..).unwrap_or_default());
        if let Some(room) = self.bytes.get_mut(start..start + CHECKSUM_BYTES) {
            room.copy_from_slice(&crc.to_le_bytes());
        }
        self.rows += 1;
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut header = Vec::with_capacity(4 + self.words.len() * 4);
        header.extend_from_slice(&self.rows.to_le_bytes());
        for word in &self.words {
            header.extend_from_slice(&word.to_le_bytes());
        }
        let crc = checksum(TABLE, &key::chunk(self.space, self.number), &header);
        [&crc.to_le_bytes(), header.as_slice(), self.bytes.as_slice()].concat()
    }
}

/// A stored chunk whose header was verified.
#[derive(Debug)]
pub(crate) struct Chunk<'a> {
    space: SpaceId,
    number: u32,
    rows_per_chunk: u32,
    row_bytes: usize,
    words: Vec<u32>,
    /// Rows in front of each word's first slot.
    ranks: Vec<u32>,
    rows: &'a [u8],
}

impl<'a> Chunk<'a> {
    pub(crate) fn open(
        space: SpaceId,
        number: u32,
        dimension: usize,
        rows_per_chunk: u32,
        value: &'a [u8],
    ) -> Result<Chunk<'a>> {
        let chunk_key = key::chunk(space, number);
        let header_bytes = 4 + bitmap_words(rows_per_chunk) * 4;
        let opened = value.split_at_checked(CHECKSUM_BYTES).and_then(|(crc, rest)| {
            let (header, rows) = rest.split_at_checked(header_bytes)?;
            (crc == checksum(TABLE, &chunk_key, header).to_le_bytes()).then_some((header, rows))
        });
        let (header, rows) = opened.ok_or_else(|| damaged(TABLE, &chunk_key))?;
        let (numbers, _) = header.as_chunks::<4>();
        let mut numbers = numbers.iter().map(|bytes| u32::from_le_bytes(*bytes));
        let count = numbers.next().unwrap_or(0);
        let words: Vec<u32> = numbers.collect();
        let mut before = 0;
        let ranks = words
            .iter()
            .map(|word| {
                let rank = before;
                before += word.count_ones();
                rank
            })
            .collect();
        let row_bytes = row_bytes(dimension);
        if before != count || rows.len() != count as usize * row_bytes {
            return Err(damaged(TABLE, &chunk_key));
        }
        Ok(Chunk { space, number, rows_per_chunk, row_bytes, words, ranks, rows })
    }

    /// The row of a slot of this chunk: `None` without a vector, an error when its checksum fails.
    pub(crate) fn row(&self, slot: Slot) -> Result<Option<Cow<'a, [f32]>>> {
        let (_, place) = place(slot, self.rows_per_chunk);
        let (word, bit) = ((place / u32::BITS) as usize, place % u32::BITS);
        let (Some(bits), Some(rank)) = (self.words.get(word), self.ranks.get(word)) else { return Ok(None) };
        if bits & (1 << bit) == 0 {
            return Ok(None);
        }
        let index = (rank + (bits & ((1 << bit) - 1)).count_ones()) as usize;
        let bytes = self.rows.get(index * self.row_bytes..(index + 1) * self.row_bytes);
        let row = bytes.and_then(|bytes| bytes.split_at_checked(CHECKSUM_BYTES));
        let verified =
            row.filter(|(crc, components)| *crc == row_checksum(self.space, slot, components).to_le_bytes());
        let (_, components) = verified.ok_or_else(|| damaged(TABLE, &key::chunk(self.space, slot)))?;
        Ok(Some(floats(components)))
    }
}

/// Components in place where the platform and the alignment allow it, else a copy.
fn floats(bytes: &[u8]) -> Cow<'_, [f32]> {
    if cfg!(target_endian = "little")
        && let Ok(components) = bytemuck::try_cast_slice(bytes)
    {
        return Cow::Borrowed(components);
    }
    Cow::Owned(decode_floats(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_fill_64_kib() {
        for dimension in [1, 3, 64, 384, 768, 1_536, 16_000] {
            let rows = rows_per_chunk(dimension);
            let bytes = HEADER_BYTES + bitmap_words(rows) * 4 + rows as usize * row_bytes(dimension);
            assert!(bytes <= CHUNK_BYTES - REDB_OVERHEAD, "{dimension}: {bytes}");
            assert!(bytes + row_bytes(dimension) + 8 > CHUNK_BYTES - REDB_OVERHEAD, "{dimension}: {bytes}");
        }
        assert_eq!(rows_per_chunk(65_536), 1);
    }

    #[test]
    fn rows_are_found_by_slot_and_damage_is_noticed() {
        let (dimension, rows_per_chunk) = (3, 70);
        let vector = |slot: Slot| [slot as f32, 0.5, -1.0];
        let mut builder = ChunkBuilder::new(2, 1, rows_per_chunk);
        let present = [70, 71, 101, 102, 139];
        for slot in present {
            builder.push(slot, &vector(slot));
        }
        let mut value = builder.encode();
        let chunk = Chunk::open(2, 1, dimension, rows_per_chunk, &value).unwrap();
        for slot in 70..140 {
            let row = chunk.row(slot).unwrap();
            assert_eq!(
                row.as_deref(),
                present.contains(&slot).then(|| vector(slot)).as_ref().map(|v| &v[..])
            );
        }
        let mut resumed = ChunkBuilder::resume(&chunk);
        assert_eq!(resumed.encode(), value);
        resumed.push(139, &vector(139));
        assert!(
            Chunk::open(3, 1, dimension, rows_per_chunk, &value).is_err(),
            "another space's chunk opened"
        );
        for index in 0..value.len() {
            value[index] ^= 0x10;
            let damage = Chunk::open(2, 1, dimension, rows_per_chunk, &value)
                .and_then(|chunk| present.iter().try_for_each(|slot| chunk.row(*slot).map(|_| ())));
            assert!(damage.is_err(), "flip at byte {index} went unnoticed");
            value[index] ^= 0x10;
        }
    }
}
