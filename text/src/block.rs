//! A block of 1 to 128 postings as bytes: deltas and frequencies bit-packed.
//!
//! ```text
//! count − 1 u8 | slot bits u8 | weight bits u8 | first slot u32 | largest weight f32 | shortest length f32
//! packed slot deltas: (slot − previous slot − 1), slot bits each, for all but the first posting
//! packed weights: weight bits each when all are integers below 2^24; f32 each when weight bits = 255
//! ```
//!
//! Little endian; packed numbers start at the lowest bit of the first byte; each packed run ends at a byte.
//! The largest weight and the shortest document length bound any score in the block, for pruning.

use crate::posting::Posting;

/// Most postings in a block: large enough that the header vanishes, small enough that one decode stays in cache.
pub const BLOCK_POSTINGS: usize = 128;

/// Bytes before the packed slots.
const HEADER_BYTES: usize = 15;
/// The mark of weights that are stored as f32.
const RAW_WEIGHTS: u8 = 255;
/// Integers up to here are exact in f32.
const MAX_INTEGER_BITS: u32 = 24;
const MAX_SLOT_BITS: u32 = 32;

/// Bytes that no block encodes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the bytes are not a block of postings")]
pub struct BlockError;

/// Encodes 1 to [`BLOCK_POSTINGS`] postings, ascending by slot; postings beyond are left out.
///
/// `shortest_length` is the length of the shortest document among them.
pub fn encode_block(postings: &[Posting], shortest_length: f32) -> Vec<u8> {
    let postings = postings.get(..BLOCK_POSTINGS).unwrap_or(postings);
    let Some((first, rest)) = postings.split_first() else { return Vec::new() };
    let mut previous = first.slot;
    let mut deltas = Vec::with_capacity(rest.len());
    for posting in rest {
        deltas.push(posting.slot.wrapping_sub(previous).wrapping_sub(1));
        previous = posting.slot;
    }
    let slot_bits = bits(deltas.iter().copied());
    let weights: Option<Vec<u32>> = postings.iter().map(|posting| integer(posting.weight)).collect();
    let weight_bits =
        weights.as_ref().map_or(u32::from(RAW_WEIGHTS), |weights| bits(weights.iter().copied()));

    let mut bytes = vec![(postings.len() - 1) as u8, slot_bits as u8, weight_bits as u8];
    bytes.extend_from_slice(&first.slot.to_le_bytes());
    bytes.extend_from_slice(&largest_weight(postings).to_le_bytes());
    bytes.extend_from_slice(&shortest_length.to_le_bytes());
    pack(&deltas, slot_bits, &mut bytes);
    match weights {
        Some(weights) => pack(&weights, weight_bits, &mut bytes),
        None => postings.iter().for_each(|posting| bytes.extend_from_slice(&posting.weight.to_le_bytes())),
    }
    bytes
}

/// Appends the postings of a block to `postings`.
///
/// # Errors
/// [`BlockError`] for bytes that [`encode_block`] never writes; `postings` is unchanged then.
pub fn decode_block(bytes: &[u8], postings: &mut Vec<Posting>) -> Result<(), BlockError> {
    let before = postings.len();
    let read = append(bytes, postings);
    if read.is_err() {
        postings.truncate(before);
    }
    read
}

/// [`decode_block`], but an error may leave a part of the block behind.
fn append(bytes: &[u8], postings: &mut Vec<Posting>) -> Result<(), BlockError> {
    let (header, body) = bytes.split_first_chunk::<HEADER_BYTES>().ok_or(BlockError)?;
    let [count, slot_bits, weight_bits, s0, s1, s2, s3, w0, w1, w2, w3, ..] = *header;
    let count = usize::from(count) + 1;
    let slot_bits = u32::from(slot_bits);
    if count > BLOCK_POSTINGS || slot_bits > MAX_SLOT_BITS {
        return Err(BlockError);
    }
    let (deltas, weights) = body.split_at_checked(packed_bytes(count - 1, slot_bits)).ok_or(BlockError)?;

    let start = postings.len();
    let mut slot = u32::from_le_bytes([s0, s1, s2, s3]);
    postings.reserve(count);
    postings.push(Posting { slot, weight: 0.0 });
    for delta in unpack(deltas, slot_bits, count - 1) {
        slot = slot.checked_add(delta).and_then(|slot| slot.checked_add(1)).ok_or(BlockError)?;
        postings.push(Posting { slot, weight: 0.0 });
    }

    let block = postings.get_mut(start..).ok_or(BlockError)?;
    if weight_bits == RAW_WEIGHTS {
        let (weights, rest) = weights.as_chunks::<4>();
        if weights.len() != count || !rest.is_empty() {
            return Err(BlockError);
        }
        for (posting, weight) in block.iter_mut().zip(weights) {
            posting.weight = f32::from_le_bytes(*weight);
            if !posting.weight.is_finite() || posting.weight < 0.0 {
                return Err(BlockError);
            }
        }
    } else {
        let weight_bits = u32::from(weight_bits);
        if weight_bits > MAX_INTEGER_BITS || weights.len() != packed_bytes(count, weight_bits) {
            return Err(BlockError);
        }
        for (posting, weight) in block.iter_mut().zip(unpack(weights, weight_bits, count)) {
            posting.weight = weight as f32;
        }
    }
    // Pruning by a largest weight that is too small would lose hits.
    if largest_weight(block) != f32::from_le_bytes([w0, w1, w2, w3]) {
        return Err(BlockError);
    }
    Ok(())
}

fn largest_weight(postings: &[Posting]) -> f32 {
    postings.iter().map(|posting| posting.weight).fold(0.0, f32::max)
}

/// A weight as an integer, when it is one that f32 holds exactly.
fn integer(weight: f32) -> Option<u32> {
    let limit = (1_u32 << MAX_INTEGER_BITS) as f32;
    // The sign of zero would be lost.
    let fits = weight >= 0.0 && weight < limit && weight.fract() == 0.0 && weight.is_sign_positive();
    fits.then_some(weight as u32)
}

/// Bits of the largest number.
fn bits(numbers: impl Iterator<Item = u32>) -> u32 {
    u32::BITS - numbers.fold(0, |all, number| all | number).leading_zeros()
}

fn packed_bytes(count: usize, bits: u32) -> usize {
    (count * bits as usize).div_ceil(8)
}

fn pack(numbers: &[u32], bits: u32, bytes: &mut Vec<u8>) {
    let (mut buffer, mut filled) = (0_u64, 0);
    for number in numbers {
        buffer |= u64::from(*number) << filled;
        filled += bits;
        while filled >= 8 {
            bytes.push(buffer as u8);
            buffer >>= 8;
            filled -= 8;
        }
    }
    if filled > 0 {
        bytes.push(buffer as u8);
    }
}

fn unpack(bytes: &[u8], bits: u32, count: usize) -> impl Iterator<Item = u32> + '_ {
    let (mut buffer, mut filled) = (0_u64, 0);
    let mut bytes = bytes.iter();
    let mask = (1_u64 << bits) - 1;
    (0..count).map(move |_| {
        while filled < bits {
            buffer |= u64::from(bytes.next().copied().unwrap_or(0)) << filled;
            filled += 8;
        }
        let number = (buffer & mask) as u32;
        buffer >>= bits;
        filled -= bits;
        number
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn lists(weight: impl Strategy<Value = f32>, slots: u32) -> impl Strategy<Value = Vec<Posting>> {
        proptest::collection::btree_map(0..=slots, weight, 1..=BLOCK_POSTINGS).prop_map(
            |map: BTreeMap<u32, f32>| {
                map.into_iter().map(|(slot, weight)| Posting { slot, weight }).collect()
            },
        )
    }

    fn round_trip(postings: &[Posting]) -> Vec<u8> {
        let bytes = encode_block(postings, 3.0);
        let mut read = Vec::new();
        decode_block(&bytes, &mut read).unwrap();
        assert_eq!(read, postings);
        bytes
    }

    proptest! {
        #[test]
        fn frequencies_round_trip(list in lists((1..2_000_u32).prop_map(|n| n as f32), u32::MAX)) {
            round_trip(&list);
        }

        #[test]
        fn weights_round_trip(list in lists(0.0..1e9_f32, 5_000)) {
            round_trip(&list);
        }

        #[test]
        fn any_bytes_decode_or_fail(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            let mut postings = Vec::new();
            if decode_block(&bytes, &mut postings).is_ok() {
                prop_assert!(postings.windows(2).all(|pair| pair[0].slot < pair[1].slot));
            } else {
                prop_assert!(postings.is_empty());
            }
        }

        #[test]
        fn a_cut_block_fails(list in lists((1..9_u32).prop_map(|n| n as f32), 9_000)) {
            let bytes = encode_block(&list, 1.0);
            for len in 0..bytes.len() {
                prop_assert!(decode_block(&bytes[..len], &mut Vec::new()).is_err());
            }
        }
    }

    #[test]
    fn a_dense_list_takes_about_a_byte_a_posting() {
        let postings: Vec<Posting> =
            (0..128).map(|n| Posting { slot: 1_000 + 20 * n, weight: 1.0 + (n % 3) as f32 }).collect();
        assert_eq!(round_trip(&postings).len(), 15 + (127 * 5_usize).div_ceil(8) + 128 * 2 / 8);
    }

    #[test]
    fn the_edges_of_slots_and_weights_round_trip() {
        let slots = [0, 1, u32::MAX - 1, u32::MAX];
        for weight in [0.0, -0.0, 1.0, 16_777_215.0, 16_777_216.0, 0.5, f32::MAX, f32::MIN_POSITIVE] {
            let postings: Vec<Posting> = slots.iter().map(|slot| Posting { slot: *slot, weight }).collect();
            let mut read = Vec::new();
            decode_block(&encode_block(&postings, 1.0), &mut read).unwrap();
            assert_eq!(read, postings);
            assert!(read.iter().all(|posting| posting.weight.to_bits() == weight.to_bits()), "{weight}");
            round_trip(&postings[..1]);
        }
    }

    #[test]
    fn a_header_that_lies_fails() {
        let postings = [Posting { slot: 5, weight: 2.0 }, Posting { slot: 9, weight: 1.5 }];
        let good = encode_block(&postings, 4.0);
        let mut read = vec![Posting { slot: 1, weight: 1.0 }];
        let last = good.len() - 1;
        let lies = [
            ("count", 0, 2),
            ("slot bits", 1, 33),
            ("weight bits", 2, 25),
            ("largest", 9, 1),
            ("sign", last, 0xBF),
        ];
        for (what, at, value) in lies {
            let mut bytes = good.clone();
            bytes[at] = value;
            assert_eq!(decode_block(&bytes, &mut read), Err(BlockError), "{what}");
        }
        let overflow = [&good[..3], &[0xFF; 4], &good[7..]].concat();
        assert_eq!(decode_block(&overflow, &mut read), Err(BlockError));
        let longer = [&good[..], &[0]].concat();
        assert_eq!(decode_block(&longer, &mut read), Err(BlockError));
        assert_eq!(read.len(), 1, "what stood there before stays");
        decode_block(&good, &mut read).unwrap();
        assert_eq!(read[1..], postings);
    }

    /// Blocks whose sizes fit what they claim, so that only the claim itself gives them away.
    #[test]
    fn a_claim_beyond_the_limits_fails() {
        let block = |count: usize, slot_bits: u32, weight_bits: u8, largest: f32, weights: &[u8]| {
            let mut bytes = vec![(count - 1) as u8, slot_bits as u8, weight_bits];
            bytes.extend([0; 4]);
            bytes.extend(largest.to_le_bytes());
            bytes.extend(1.0_f32.to_le_bytes());
            bytes.extend(vec![0; packed_bytes(count - 1, slot_bits)]);
            bytes.extend(weights);
            decode_block(&bytes, &mut Vec::new())
        };
        assert_eq!(block(128, 32, 0, 0.0, &[]), Ok(()));
        assert_eq!(block(129, 32, 0, 0.0, &[]), Err(BlockError));
        for slot_bits in 33..=64 {
            assert_eq!(block(2, slot_bits, 0, 0.0, &[]), Err(BlockError));
        }
        assert_eq!(block(1, 0, 24, 5.0, &[5, 0, 0]), Ok(()));
        assert_eq!(block(1, 0, 25, 5.0, &[5, 0, 0, 0]), Err(BlockError));
        assert_eq!(block(1, 0, 24, 6.0, &[5, 0, 0]), Err(BlockError));
        assert_eq!(block(1, 0, 24, 4.0, &[5, 0, 0]), Err(BlockError));
        for weight in [f32::INFINITY, f32::NAN, -1.0] {
            assert_eq!(block(1, 0, RAW_WEIGHTS, weight, &weight.to_le_bytes()), Err(BlockError));
        }
    }

    #[test]
    fn layout_by_hand() {
        let bytes = encode_block(&[Posting { slot: 5, weight: 2.0 }, Posting { slot: 9, weight: 1.0 }], 4.0);
        let header = [1, 2, 2, 5, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 0x80, 0x40];
        assert_eq!(bytes, [&header[..], &[3], &[0b0110]].concat());
    }
}
