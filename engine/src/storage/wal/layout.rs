//! The blocks before the segments: file header, segment slots, published numbers. Bytes: see [the module](super).

use super::CommitId;
use crate::{Error, ErrorKind, Result};

/// First bytes of every log.
const MAGIC: [u8; 8] = *b"vectlwal";
/// The layout this code reads and writes. A change that older code cannot follow takes the next number.
const VERSION: u32 = 4;
/// Tags in front of the sealed blocks, so that none is ever taken for another.
const SLOT_TAG: [u8; 4] = *b"SLOT";
const PUBLISHED_TAG: [u8; 4] = *b"PUBL";
const BOARD_TAG: [u8; 4] = *b"SHOW";

/// Bytes of a sealed block: fields, zeros, and a CRC-32 of everything before it in the last four bytes. Less than a
/// disk sector (512), so that a power cut leaves the old block or the new one.
pub(super) const BLOCK_BYTES: usize = 64;
/// Each block stands in a page of its own: a drive that rewrites 4 KiB at a time can damage only what was being written.
const PAGE_BYTES: u64 = 4096;
/// Where the file header stands.
pub(super) const HEADER_OFFSET: u64 = 0;
/// Where the published numbers stand, twice: without them a damaged commit would pass for a torn one.
pub(super) const PUBLISHED_OFFSETS: [u64; 2] = [3 * PAGE_BYTES, 4 * PAGE_BYTES];
/// Where segment A begins; an empty log ends here.
pub(super) const SEGMENTS_OFFSET: u64 = 5 * PAGE_BYTES;

/// Bytes of segment A in logs that this code creates. Twice the size at which the engine makes a checkpoint, so that
/// a writer rarely waits for one.
pub(super) const SEGMENT_A_BYTES: u64 = 32 << 20;
/// Most bytes a header may claim for segment A; more was never written by us.
const MAX_SEGMENT_A_BYTES: u64 = 1 << 40;

/// One sealed block as it stands in the file.
pub(super) type Block = [u8; BLOCK_BYTES];

fn seal(fields: &[&[u8]]) -> Block {
    let mut block = [0; BLOCK_BYTES];
    let (body, checksum) = block.split_at_mut(BLOCK_BYTES - 4);
    for (target, byte) in body.iter_mut().zip(fields.iter().copied().flatten()) {
        *target = *byte;
    }
    checksum.copy_from_slice(&crc32fast::hash(body).to_le_bytes());
    block
}

/// The fields of a block whose checksum and tag hold.
fn unseal<'a>(block: &'a Block, tag: &[u8]) -> Option<Fields<'a>> {
    let (body, checksum) = block.split_last_chunk::<4>()?;
    if crc32fast::hash(body) != u32::from_le_bytes(*checksum) {
        return None;
    }
    body.strip_prefix(tag).map(Fields)
}

/// Reads little-endian fields one after the other.
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

impl Fields<'_> {
    pub(super) fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (field, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*field)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }
}

/// The file header: written once, never changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) uuid: [u8; 16],
    pub(super) segment_a_bytes: u64,
}

impl Header {
    pub(super) fn encode(&self) -> Block {
        seal(&[&MAGIC, &VERSION.to_le_bytes(), &self.uuid, &self.segment_a_bytes.to_le_bytes()])
    }

    /// The header of the log that belongs to the database `uuid`.
    pub(super) fn decode(block: &Block, uuid: [u8; 16]) -> Result<Header> {
        if !block.starts_with(&MAGIC) {
            return Err(Error::corruption("this is not a log file: its first bytes are not a log's"));
        }
        let damaged = || Error::corruption("the header of the log is damaged: its checksum does not match");
        let mut fields = unseal(block, &MAGIC).ok_or_else(damaged)?;
        let version = fields.u32().ok_or_else(damaged)?;
        if version > VERSION {
            return Err(Error::new(
                ErrorKind::UnsupportedFormat,
                format!("the log has format {version}, this version reads {VERSION}; use a newer version"),
            ));
        }
        if (1..VERSION).contains(&version) {
            return Err(Error::new(
                ErrorKind::UnsupportedFormat,
                format!(
                    "the log has format {version}, this version reads {VERSION}; open the database for writing once with the \
                     version that wrote it, close it, and remove the empty log"
                ),
            ));
        }
        let header = Header {
            uuid: fields.take().ok_or_else(damaged)?,
            segment_a_bytes: fields.u64().ok_or_else(damaged)?,
        };
        if version == 0 || header.segment_a_bytes > MAX_SEGMENT_A_BYTES {
            return Err(damaged());
        }
        if header.uuid != uuid {
            return Err(Error::corruption(
                "the log belongs to another database (its uuid differs); restore the log file that came with this one",
            ));
        }
        Ok(header)
    }

    /// The bytes of the file that belong to a segment.
    pub(super) fn extent(&self, which: Which) -> Extent {
        let end_of_a = SEGMENTS_OFFSET + self.segment_a_bytes;
        match which {
            Which::A => Extent { start: SEGMENTS_OFFSET, end: end_of_a },
            Which::B => Extent { start: end_of_a, end: u64::MAX },
        }
    }
}

/// One of the two segments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    /// Of fixed capacity.
    A,
    /// Last in the file, free to grow.
    B,
}

impl Which {
    pub(super) const BOTH: [Which; 2] = [Which::A, Which::B];

    pub(super) fn other(self) -> Which {
        match self {
            Which::A => Which::B,
            Which::B => Which::A,
        }
    }

    pub(super) fn slot_offset(self) -> u64 {
        match self {
            Which::A => PAGE_BYTES,
            Which::B => 2 * PAGE_BYTES,
        }
    }
}

/// Where a segment lies, in bytes of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Extent {
    pub(super) start: u64,
    pub(super) end: u64,
}

/// What a segment is used for at present.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slot {
    /// Ascends by one whenever a segment is taken into use; the greater of the two is the current one.
    pub(super) generation: u64,
    /// The commit that stands, or will stand, first in the segment.
    pub(super) first: CommitId,
    /// Where the segment begins, in bytes of the file.
    pub(super) offset: u64,
    /// Random start value of the checksums of its records.
    pub(super) salt: u32,
}

impl Slot {
    pub(super) fn encode(&self) -> Block {
        seal(&[
            &SLOT_TAG,
            &self.generation.to_le_bytes(),
            &self.first.to_le_bytes(),
            &self.offset.to_le_bytes(),
            &self.salt.to_le_bytes(),
        ])
    }

    /// `None` for a slot that is empty or damaged, or that names another place than the segment's.
    pub(super) fn decode(block: &Block, extent: Extent) -> Option<Slot> {
        let mut fields = unseal(block, &SLOT_TAG)?;
        let slot = Slot {
            generation: fields.u64()?,
            first: fields.u64()?,
            offset: fields.u64()?,
            salt: fields.u32()?,
        };
        (slot.offset == extent.start && slot.first > 0).then_some(slot)
    }
}

/// The numbers a writer shows to other processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Published {
    /// Readers may show commits up to this one.
    pub(crate) visible: CommitId,
    /// Commits up to this one survive a power cut. In the log it may be a few syncs old, never ahead of the truth.
    pub(crate) durable: CommitId,
    /// `.vdb` holds the commits up to this one.
    pub(crate) checkpoint: CommitId,
    /// Counts how often `.vdb` was replaced by another file.
    pub(crate) file_epoch: u64,
}

impl Published {
    pub(super) fn encode(&self) -> Block {
        seal(&[
            &PUBLISHED_TAG,
            &self.visible.to_le_bytes(),
            &self.durable.to_le_bytes(),
            &self.checkpoint.to_le_bytes(),
            &self.file_epoch.to_le_bytes(),
        ])
    }

    /// Of each number the greater one: none of them ever goes back while a database has its uuid.
    pub(super) fn newest(&self, other: &Published) -> Published {
        Published {
            visible: self.visible.max(other.visible),
            durable: self.durable.max(other.durable),
            checkpoint: self.checkpoint.max(other.checkpoint),
            file_epoch: self.file_epoch.max(other.file_epoch),
        }
    }

    /// The block for the lock file: with the uuid, since a lock file may have been left by another database.
    pub(super) fn encode_for(&self, uuid: [u8; 16]) -> Block {
        seal(&[
            &BOARD_TAG,
            &uuid,
            &self.visible.to_le_bytes(),
            &self.durable.to_le_bytes(),
            &self.checkpoint.to_le_bytes(),
            &self.file_epoch.to_le_bytes(),
        ])
    }

    /// The inverse of [`Published::encode_for`]; `None` also for the block of another database.
    pub(super) fn decode_for(uuid: [u8; 16], block: &Block) -> Option<Published> {
        let mut fields = unseal(block, &BOARD_TAG)?;
        if fields.take() != Some(uuid) {
            return None;
        }
        Published::read(&mut fields)
    }

    /// The commits up to this one are on the medium as records of the log. Those up to a checkpoint are durable
    /// because `.vdb` holds them, which says nothing about the log.
    pub(super) fn synced(&self) -> CommitId {
        if self.durable > self.checkpoint { self.durable } else { 0 }
    }

    /// `None` when the block is damaged, or was read while it was written.
    pub(super) fn decode(block: &Block) -> Option<Published> {
        Published::read(&mut unseal(block, &PUBLISHED_TAG)?)
    }

    fn read(fields: &mut Fields<'_>) -> Option<Published> {
        Some(Published {
            visible: fields.u64()?,
            durable: fields.u64()?,
            checkpoint: fields.u64()?,
            file_epoch: fields.u64()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_come_back_and_no_flipped_bit_does() {
        let header = Header { uuid: [7; 16], segment_a_bytes: 4096 };
        let slot = Slot { generation: 3, first: 9, offset: SEGMENTS_OFFSET, salt: 77 };
        let published = Published { visible: 4, durable: 3, checkpoint: 2, file_epoch: 1 };
        let extent = header.extent(Which::A);
        assert_eq!(Header::decode(&header.encode(), [7; 16]).unwrap(), header);
        assert_eq!(Slot::decode(&slot.encode(), extent), Some(slot));
        assert_eq!(Slot::decode(&slot.encode(), header.extent(Which::B)), None);
        assert_eq!(Published::decode(&published.encode()), Some(published));
        assert_eq!(Published::decode(&slot.encode()), None);
        assert_eq!(Slot::decode(&[0; BLOCK_BYTES], extent), None);
        for bit in 0..BLOCK_BYTES * 8 {
            let flip = |mut block: Block| {
                block[bit / 8] ^= 1 << (bit % 8);
                block
            };
            let error = Header::decode(&flip(header.encode()), [7; 16]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Corruption);
            assert_eq!(Slot::decode(&flip(slot.encode()), extent), None);
            assert_eq!(Published::decode(&flip(published.encode())), None);
        }
    }

    #[test]
    fn foreign_and_newer_headers_are_told_apart() {
        let header = Header { uuid: [7; 16], segment_a_bytes: 4096 };
        let foreign = Header::decode(&header.encode(), [8; 16]).unwrap_err();
        assert_eq!(foreign.kind(), ErrorKind::Corruption);
        let newer = seal(&[&MAGIC, &(VERSION + 1).to_le_bytes(), &[1; 40]]);
        assert_eq!(Header::decode(&newer, [7; 16]).unwrap_err().kind(), ErrorKind::UnsupportedFormat);
    }
}
