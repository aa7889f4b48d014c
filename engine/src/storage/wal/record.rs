//! One record: how it is written and when it counts. Bytes: see [the module](super).

use super::CommitId;
use super::layout::Fields;

/// Bytes in front of a record's body.
pub(super) const RECORD_HEADER_BYTES: usize = 17;
/// Longest body of one record. Longer commits are split, so that a reader never allocates more than this on the word of a
/// length it has not verified.
pub(super) const PART_BYTES: usize = 1 << 20;
/// Bytes of a whole [`Kind::Resume`] record: header and the new salt.
pub(super) const RESUME_BYTES: usize = RECORD_HEADER_BYTES + 4;

/// What a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    /// A piece of a commit's body that is not the last.
    Part = 1,
    /// The last piece of a commit's body; with it the commit counts.
    End = 2,
    /// A writer that opened the log continues here, with another salt (the body).
    Resume = 3,
}

/// The fields in front of a body.
#[derive(Debug, Clone, Copy)]
pub(super) struct RecordHeader {
    crc: u32,
    /// Length of the body; at most [`PART_BYTES`].
    pub(super) len: usize,
    pub(super) commit: CommitId,
    pub(super) kind: Kind,
}

impl RecordHeader {
    /// `None` when no record begins with these bytes.
    pub(super) fn decode(bytes: &[u8]) -> Option<RecordHeader> {
        let mut fields = Fields(bytes);
        let crc = fields.u32()?;
        let len = usize::try_from(fields.u32()?).ok().filter(|len| *len <= PART_BYTES)?;
        let commit = fields.u64()?;
        let kind = match fields.take::<1>()? {
            [1] => Kind::Part,
            [2] => Kind::End,
            [3] => Kind::Resume,
            _ => return None,
        };
        Some(RecordHeader { crc, len, commit, kind })
    }

    /// Whether the checksum holds over `record`, the whole record of which this is the header.
    pub(super) fn matches(&self, salt: u32, record: &[u8]) -> bool {
        record.get(4..).is_some_and(|covered| checksum(salt, covered) == self.crc)
    }
}

fn checksum(salt: u32, covered: &[u8]) -> u32 {
    // The salt is the start value: different salts give different checksums for the same bytes, always.
    let mut hasher = crc32fast::Hasher::new_with_initial(salt);
    hasher.update(covered);
    hasher.finalize()
}

/// Appends one record to `out`. `body` is at most [`PART_BYTES`] long.
pub(super) fn encode(out: &mut Vec<u8>, salt: u32, commit: CommitId, kind: Kind, body: &[u8]) {
    debug_assert!(body.len() <= PART_BYTES);
    let start = out.len();
    out.reserve(RECORD_HEADER_BYTES + body.len());
    out.extend_from_slice(&[0; 4]);
    #[expect(clippy::cast_possible_truncation, reason = "a body is at most PART_BYTES long")]
    out.extend_from_slice(&(body.len() as u32).to_le_bytes());
    out.extend_from_slice(&commit.to_le_bytes());
    out.push(kind as u8);
    out.extend_from_slice(body);
    if let Some((crc, covered)) = out.get_mut(start..).and_then(|record| record.split_first_chunk_mut::<4>())
    {
        *crc = checksum(salt, covered).to_le_bytes();
    }
}

/// Bytes that a commit with a body of `len` bytes takes in a segment.
pub(super) fn batch_bytes(len: usize) -> u64 {
    let records = len.div_ceil(PART_BYTES).max(1);
    (len as u64).saturating_add((records as u64).saturating_mul(RECORD_HEADER_BYTES as u64))
}

/// The records of one commit: all but the last are [`Kind::Part`].
pub(super) fn pieces(body: &[u8]) -> impl Iterator<Item = (Kind, &[u8])> {
    let mut rest = Some(body);
    std::iter::from_fn(move || match rest?.split_at_checked(PART_BYTES) {
        Some((part, after)) if !after.is_empty() => {
            rest = Some(after);
            Some((Kind::Part, part))
        }
        _ => rest.take().map(|end| (Kind::End, end)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_split_into_parts_and_one_end() {
        for (len, expected) in [
            (0, 1),
            (1, 1),
            (PART_BYTES, 1),
            (PART_BYTES + 1, 2),
            (2 * PART_BYTES, 2),
            (3 * PART_BYTES - 1, 3),
        ] {
            let body: Vec<u8> = (0..len).map(|at| at as u8).collect();
            let records: Vec<_> = pieces(&body).collect();
            assert_eq!(records.len(), expected);
            assert_eq!(records.iter().filter(|(kind, _)| *kind == Kind::End).count(), 1);
            assert_eq!(records.last().unwrap().0, Kind::End);
            assert_eq!(records.iter().flat_map(|(_, piece)| *piece).copied().collect::<Vec<_>>(), body);
            let mut encoded = Vec::new();
            for (kind, piece) in records {
                encode(&mut encoded, 1, 2, kind, piece);
            }
            assert_eq!(encoded.len() as u64, batch_bytes(len));
        }
    }

    #[test]
    fn a_record_counts_under_its_own_salt_only() {
        let mut record = Vec::new();
        encode(&mut record, 5, 9, Kind::End, b"body");
        let header = RecordHeader::decode(&record).unwrap();
        assert_eq!((header.len, header.commit, header.kind), (4, 9, Kind::End));
        assert!(header.matches(5, &record));
        for salt in [0, 1, 4, 6, 5 << 8, u32::MAX] {
            assert!(!header.matches(salt, &record));
        }
        assert!(RecordHeader::decode(&[0; RECORD_HEADER_BYTES]).is_none(), "zeros are no record");
        assert!(
            RecordHeader::decode(&[0xFF; RECORD_HEADER_BYTES]).is_none(),
            "a garbage length is no record"
        );
    }
}
