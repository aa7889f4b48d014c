//! A block of 1 to 128 postings as bytes: slots as deltas, weights as integers where they are, both bit-packed.
//!
//! ```text
//! count − 1 u8 | slot bits u8 | weight bits u8 | first slot varint
//! packed slots: (slot − previous slot − 1), slot bits each; a block of 128 begins with a 0 for the first slot
//! packed weights: (weight − 1), weight bits each, when all are integers from 1 to 2^24; f32 each when weight bits = 255;
//!     when weight bits = 128 + bits: least u16 | (upper 16 bits of the f32 − least), bits each
//! ```
//!
//! Little endian; how numbers are packed is in [`crate::packed`].
//!
//! D. Lemire, L. Boytsov, "Decoding billions of integers per second through vectorization", 2015.

use bitpacking::{BitPacker, BitPacker4x};

use crate::packed::{GROUP, bits, pack, packed_bytes, read_group, unpack};
use crate::posting::Posting;

/// Most postings in a block: as many as one SIMD unpacking gives.
pub const BLOCK_POSTINGS: usize = GROUP;

/// Bytes before the first slot.
const HEADER_BYTES: usize = 3;
/// The mark of weights that are stored as f32.
const RAW_WEIGHTS: u8 = 255;
/// The mark of weights whose lower 16 bits are 0, added to how many bits each of them takes.
const UPPER_WEIGHTS: u8 = 128;
/// Bits of an f32 that such weights have.
const UPPER_BITS: u32 = 16;
/// The upper bits of weights are below this: finite, and not negative.
const UPPER_LIMIT: u32 = f32::INFINITY.to_bits() >> UPPER_BITS;
/// How much [`Block::round`] changes a weight at most, in proportion: 8 bits are left of its 24.
pub(crate) const ROUNDING: f32 = 1.0 / 256.0;
/// Integers up to 2 to this are exact in f32.
const MAX_INTEGER_BITS: u8 = 24;
const MAX_SLOT_BITS: u8 = 32;
/// Bits of a varint's byte that count; the highest says whether another follows.
const VARINT_BITS: u32 = 7;

/// Bytes that no block encodes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the bytes are not a block of postings")]
pub struct BlockError;

/// The postings of a block, ascending by slot, as they are gathered.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Block {
    postings: Vec<Posting>,
}

impl Block {
    /// How many postings there are.
    pub fn len(&self) -> usize {
        self.postings.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.postings.is_empty()
    }

    /// The postings, ascending.
    pub fn iter(&self) -> impl Iterator<Item = Posting> + '_ {
        self.postings.iter().copied()
    }

    /// Adds a posting behind the others; its slot must be above theirs.
    pub fn push(&mut self, posting: Posting) {
        self.postings.push(posting);
    }

    /// The first slot and the last one.
    pub fn ends(&self) -> Option<(u32, u32)> {
        Some((self.postings.first()?.slot, self.postings.last()?.slot))
    }

    /// Takes all postings out.
    pub fn clear(&mut self) {
        self.postings.clear();
    }

    /// Rounds weights to the nearest number whose lower 16 bits are 0 (the format bfloat16), of which a block takes a third of the
    /// bytes. Integers stay what they are: they take little as well; so do weights too small for their rounding to be in proportion.
    /// To round again changes nothing.
    pub fn round(&mut self) {
        let fine = |posting: &Posting| posting.weight == 0.0 || posting.weight.is_normal();
        if self.iter().all(|posting| integer(posting.weight).is_some()) || !self.postings.iter().all(fine) {
            return;
        }
        for posting in &mut self.postings {
            posting.weight = rounded(posting.weight);
        }
    }
}

/// Appends 1 to [`BLOCK_POSTINGS`] postings, ascending by slot, to `bytes`; postings beyond are left out.
pub fn encode_block(block: &Block, bytes: &mut Vec<u8>) {
    let postings = block.postings.get(..block.len().min(BLOCK_POSTINGS)).unwrap_or_default();
    let (count, slots) = (postings.len(), postings.iter().map(|posting| posting.slot));
    let Some(first) = postings.first().map(|posting| posting.slot) else { return };
    let before = std::iter::once(first.wrapping_sub(1)).chain(slots.clone());
    let mut deltas: Vec<u32> =
        slots.zip(before).map(|(slot, before)| slot.wrapping_sub(before).wrapping_sub(1)).collect();
    if count < BLOCK_POSTINGS {
        deltas.remove(0);
    }
    let slot_bits = bits(&deltas);
    let integers: Option<Vec<u32>> = postings.iter().map(|posting| integer(posting.weight)).collect();
    let uppers: Option<Vec<u32>> = postings.iter().map(|posting| upper(posting.weight)).collect();
    let least = uppers.iter().flatten().copied().min().unwrap_or_default();
    let above: Option<Vec<u32>> = uppers.map(|uppers| uppers.iter().map(|upper| upper - least).collect());
    let weight_bits = match (&integers, &above) {
        (Some(integers), _) => bits(integers),
        (None, Some(above)) => UPPER_WEIGHTS + bits(above),
        (None, None) => RAW_WEIGHTS,
    };

    bytes.extend([(count - 1) as u8, slot_bits, weight_bits]);
    write_varint(first, bytes);
    pack(&deltas, slot_bits, bytes);
    match (integers, above) {
        (Some(integers), _) => pack(&integers, weight_bits, bytes),
        (None, Some(above)) => {
            bytes.extend_from_slice(&(least as u16).to_le_bytes());
            pack(&above, weight_bits - UPPER_WEIGHTS, bytes);
        }
        (None, None) => {
            postings.iter().for_each(|posting| bytes.extend_from_slice(&posting.weight.to_le_bytes()));
        }
    }
}

/// Reads a block into `block`, in place of what it held.
///
/// # Errors
/// [`BlockError`] for bytes that [`encode_block`] never writes; `block` is empty then.
pub fn decode_block(bytes: &[u8], block: &mut Block) -> Result<(), BlockError> {
    block.clear();
    let len = encoded_len(bytes)?;
    let (mut slots, mut weights) = ([0; BLOCK_POSTINGS], [0.0; BLOCK_POSTINGS]);
    let (Some(slots), Some(weights)) = (slots.get_mut(..len), weights.get_mut(..len)) else {
        return Err(BlockError);
    };
    decode_columns(bytes, slots, weights)?;
    let postings = slots.iter().zip(weights).map(|(slot, weight)| Posting { slot: *slot, weight: *weight });
    block.postings.extend(postings);
    Ok(())
}

/// How many postings the bytes say that they hold.
pub(crate) fn encoded_len(bytes: &[u8]) -> Result<usize, BlockError> {
    let len = usize::from(*bytes.first().ok_or(BlockError)?) + 1;
    if len > BLOCK_POSTINGS { Err(BlockError) } else { Ok(len) }
}

/// [`decode_block`] into columns of [`encoded_len`] places each. After an error they hold anything.
pub(crate) fn decode_columns(bytes: &[u8], slots: &mut [u32], weights: &mut [f32]) -> Result<(), BlockError> {
    let ([_, slot_bits, weight_bits], body) = bytes.split_first_chunk::<HEADER_BYTES>().ok_or(BlockError)?;
    if *slot_bits > MAX_SLOT_BITS {
        return Err(BlockError);
    }
    let (first, body) = read_varint(body)?;
    let deltas = if slots.len() == BLOCK_POSTINGS { BLOCK_POSTINGS } else { slots.len().saturating_sub(1) };
    let (packed, rest) = body.split_at_checked(packed_bytes(deltas, *slot_bits)).ok_or(BlockError)?;
    read_slots(first, packed, *slot_bits, slots)?;
    read_weights(rest, *weight_bits, weights)
}

fn read_slots(first: u32, packed: &[u8], bits: u8, slots: &mut [u32]) -> Result<(), BlockError> {
    if slots.len() == BLOCK_POSTINGS {
        BitPacker4x::new().decompress_strictly_sorted(first.checked_sub(1), packed, slots, bits);
        // Sums beyond 32 bits wrap. All are compared, whatever the first ones say: that takes SIMD.
        let descends = slots.array_windows().fold(false, |any, [left, right]| any | (left >= right));
        return if slots.first() == Some(&first) && !descends { Ok(()) } else { Err(BlockError) };
    }
    let Some((place, others)) = slots.split_first_mut() else { return Err(BlockError) };
    *place = first;
    let mut slot = first;
    let deltas = unpack(packed, bits, others.len());
    for (place, delta) in others.iter_mut().zip(deltas) {
        slot = slot.checked_add(delta).and_then(|slot| slot.checked_add(1)).ok_or(BlockError)?;
        *place = slot;
    }
    Ok(())
}

fn read_weights(bytes: &[u8], bits: u8, weights: &mut [f32]) -> Result<(), BlockError> {
    let count = weights.len();
    if bits == RAW_WEIGHTS {
        let (raw, rest) = bytes.as_chunks::<4>();
        if raw.len() != count || !rest.is_empty() {
            return Err(BlockError);
        }
        weights.iter_mut().zip(raw).for_each(|(place, weight)| *place = f32::from_le_bytes(*weight));
        let valid = weights.iter().all(|weight| weight.is_finite() && *weight >= 0.0);
        return if valid { Ok(()) } else { Err(BlockError) };
    }
    if bits >= UPPER_WEIGHTS {
        return read_uppers(bytes, bits - UPPER_WEIGHTS, weights);
    }
    if bits > MAX_INTEGER_BITS || bytes.len() != packed_bytes(count, bits) {
        return Err(BlockError);
    }
    // Signed numbers take one instruction to convert, and these are far below 2^31.
    let weight = |integer: u32| (integer as i32 + 1) as f32;
    if bits == 0 {
        weights.fill(weight(0));
    } else if count == BLOCK_POSTINGS {
        let mut integers = [0; BLOCK_POSTINGS];
        BitPacker4x::new().decompress(bytes, &mut integers, bits);
        weights.iter_mut().zip(&integers).for_each(|(place, integer)| *place = weight(*integer));
    } else {
        weights
            .iter_mut()
            .zip(unpack(bytes, bits, count))
            .for_each(|(place, integer)| *place = weight(integer));
    }
    Ok(())
}

/// Weights by their upper bits.
fn read_uppers(bytes: &[u8], bits: u8, weights: &mut [f32]) -> Result<(), BlockError> {
    let (least, packed) = bytes.split_first_chunk().ok_or(BlockError)?;
    let least = u32::from(u16::from_le_bytes(*least));
    if u32::from(bits) > UPPER_BITS {
        return Err(BlockError);
    }
    let mut above = Vec::with_capacity(weights.len());
    let rest = read_group(packed, bits, weights.len(), &mut above).ok_or(BlockError)?;
    for (weight, above) in weights.iter_mut().zip(&above) {
        *weight = f32::from_bits((least + above) << UPPER_BITS);
    }
    let valid = rest.is_empty() && above.iter().all(|above| least + above < UPPER_LIMIT);
    if valid { Ok(()) } else { Err(BlockError) }
}

/// The upper bits of a weight that has no others.
fn upper(weight: f32) -> Option<u32> {
    let (upper, lower) = (weight.to_bits() >> UPPER_BITS, weight.to_bits() << UPPER_BITS);
    (lower == 0 && upper < UPPER_LIMIT).then_some(upper)
}

/// See [`Block::round`].
fn rounded(weight: f32) -> f32 {
    let half = 1 << (UPPER_BITS - 1);
    // The largest numbers are rounded down, or they would not be finite.
    let upper = (weight.to_bits().saturating_add(half) >> UPPER_BITS).min(UPPER_LIMIT - 1);
    f32::from_bits(upper << UPPER_BITS)
}

/// A weight less one, when it is an integer that f32 holds exactly.
fn integer(weight: f32) -> Option<u32> {
    let limit = (1_u32 << MAX_INTEGER_BITS) as f32;
    let fits = (1.0..=limit).contains(&weight) && weight.fract() == 0.0;
    fits.then(|| weight as u32 - 1)
}

fn write_varint(mut number: u32, bytes: &mut Vec<u8>) {
    while number >= 1 << VARINT_BITS {
        bytes.push(number as u8 | 1 << VARINT_BITS);
        number >>= VARINT_BITS;
    }
    bytes.push(number as u8);
}

/// A number and what follows it.
fn read_varint(bytes: &[u8]) -> Result<(u32, &[u8]), BlockError> {
    let mut number = 0_u64;
    for (place, byte) in bytes.iter().enumerate().take(u32::BITS.div_ceil(VARINT_BITS) as usize) {
        number |= u64::from(byte & !(1 << VARINT_BITS)) << (VARINT_BITS as usize * place);
        if byte >> VARINT_BITS == 0 {
            let rest = bytes.get(place + 1..).unwrap_or_default();
            return u32::try_from(number).map(|number| (number, rest)).map_err(|_| BlockError);
        }
    }
    Err(BlockError)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn block(postings: impl IntoIterator<Item = (u32, f32)>) -> Block {
        let mut block = Block::default();
        postings.into_iter().for_each(|(slot, weight)| block.push(Posting { slot, weight }));
        block
    }

    fn encoded(block: &Block) -> Vec<u8> {
        let mut bytes = Vec::new();
        encode_block(block, &mut bytes);
        bytes
    }

    /// Full blocks are a format of their own, so they come often.
    fn blocks(weight: impl Strategy<Value = f32> + Clone, slots: u32) -> impl Strategy<Value = Block> {
        let map = |weight, sizes| proptest::collection::btree_map(0..=slots, weight, sizes);
        let full = BLOCK_POSTINGS..=BLOCK_POSTINGS;
        prop_oneof![map(weight.clone(), 1..=BLOCK_POSTINGS), map(weight, full)]
            .prop_map(|postings: BTreeMap<u32, f32>| block(postings))
    }

    fn round_trip(block: &Block) -> Vec<u8> {
        let bytes = encoded(block);
        let mut read = self::block([(7, 7.0)]);
        decode_block(&bytes, &mut read).unwrap();
        assert_eq!(&read, block);
        bytes
    }

    proptest! {
        #[test]
        fn frequencies_round_trip(block in blocks((1..2_000_u32).prop_map(|n| n as f32), u32::MAX)) {
            round_trip(&block);
        }

        #[test]
        fn weights_round_trip(block in blocks(0.0..1e9_f32, 5_000)) {
            round_trip(&block);
        }

        #[test]
        fn rounded_weights_are_near_and_take_less(
            block in blocks(prop_oneof![0.0..9.0_f32, 1e-30..1e30_f32, Just(0.0), Just(f32::MAX)], 5_000),
        ) {
            let mut rounded = block.clone();
            rounded.round();
            for (weight, near) in block.iter().zip(rounded.iter()).map(|(left, right)| (left.weight, right.weight)) {
                let off = (f64::from(weight) - f64::from(near)).abs();
                prop_assert!(off <= f64::from(ROUNDING) * f64::from(weight), "{} became {}", weight, near);
            }
            let mut again = rounded.clone();
            again.round();
            prop_assert_eq!(&again, &rounded);
            let (bytes, before) = (round_trip(&rounded), round_trip(&block));
            prop_assert!(bytes.len() <= before.len() + 2, "{} bytes instead of {}", bytes.len(), before.len());
        }

        #[test]
        fn any_bytes_decode_or_fail(
            full: bool,
            slot_bits in 0..34_u8,
            weight_bits in prop_oneof![0..26_u8, UPPER_WEIGHTS..UPPER_WEIGHTS + 18, Just(RAW_WEIGHTS)],
            rest in proptest::collection::vec(any::<u8>(), 0..1_100),
            sized: bool,
        ) {
            let count = if full { BLOCK_POSTINGS } else { rest.len() % 140 + 1 };
            let mut bytes = vec![(count - 1) as u8, slot_bits, weight_bits];
            bytes.extend(&rest);
            if sized {
                // As long as the header says, so that more than the sizes is looked at.
                let weights = match weight_bits {
                    RAW_WEIGHTS => packed_bytes(count, 32),
                    UPPER_WEIGHTS.. => 2 + packed_bytes(count, weight_bits - UPPER_WEIGHTS),
                    bits => packed_bytes(count, bits),
                };
                bytes[HEADER_BYTES..].fill_with(|| 5);
                bytes.resize(HEADER_BYTES + 1 + packed_bytes(count, slot_bits) + weights, 0xC3);
            }
            let mut block = Block::default();
            if decode_block(&bytes, &mut block).is_ok() {
                prop_assert!(block.postings.windows(2).all(|pair| pair[0].slot < pair[1].slot));
                prop_assert!(block.iter().all(|posting| posting.weight.is_finite() && posting.weight >= 0.0));
            } else {
                prop_assert!(block.is_empty());
            }
        }

        #[test]
        fn a_cut_block_fails(block in blocks((1..9_u32).prop_map(|n| n as f32), 9_000)) {
            let bytes = encoded(&block);
            for len in 0..bytes.len() {
                prop_assert!(decode_block(&bytes[..len], &mut Block::default()).is_err());
            }
        }
    }

    #[test]
    fn a_dense_block_takes_about_a_byte_a_posting() {
        let dense = block((0..128).map(|n| (1_000 + 20 * n, 1.0 + (n % 3) as f32)));
        assert_eq!(round_trip(&dense).len(), 5 + 128 * 5 / 8 + 128 * 2 / 8);
        let ones = block((0..100).map(|n| (7 + n, 1.0)));
        assert_eq!(round_trip(&ones).len(), 4, "neither deltas nor weights take a bit");
    }

    #[test]
    fn the_edges_of_slots_and_weights_round_trip() {
        let slots = [0, 1, u32::MAX - 1, u32::MAX];
        let weights =
            [0.0, -0.0, 1.0, 16_777_215.0, 16_777_216.0, 16_777_218.0, 0.5, f32::MAX, f32::MIN_POSITIVE];
        for weight in weights {
            let few = block(slots.map(|slot| (slot, weight)));
            let full = block((0..127).chain([u32::MAX]).map(|slot| (slot, weight)));
            for block in [few, full, block([(u32::MAX, weight)])] {
                let mut read = Block::default();
                decode_block(&encoded(&block), &mut read).unwrap();
                assert_eq!(read, block);
                assert!(read.iter().all(|read| read.weight.to_bits() == weight.to_bits()), "{weight}");
            }
        }
    }

    #[test]
    fn learned_weights_take_about_a_byte_and_a_quarter() {
        let mut learned = block((0..128).map(|n| (9 + n, 0.1 + n as f32 / 50.0)));
        learned.round();
        let bytes = round_trip(&learned);
        assert_eq!((bytes[2], bytes.len()), (UPPER_WEIGHTS + 10, 4 + 2 + 128 * 10 / 8));
        let mut tiny = block([(1, 0.3), (2, f32::MIN_POSITIVE / 2.0)]);
        tiny.round();
        assert_eq!(
            tiny.iter().next().unwrap().weight,
            0.3,
            "beside one that cannot be rounded in proportion"
        );
    }

    #[test]
    fn upper_bits_of_no_weight_fail() {
        let good = encoded(&block([(5, 2.0), (9, 1.5)]));
        assert_eq!(good[HEADER_BYTES - 1], UPPER_WEIGHTS + 7);
        let least = good.len() - 4;
        let infinite = (UPPER_LIMIT as u16 - 0x40).to_le_bytes();
        for (what, at, bytes) in [
            ("infinite", least, infinite.as_slice()),
            ("negative", least + 1, &[0xBF]),
            ("too wide", HEADER_BYTES - 1, &[UPPER_WEIGHTS + 17]),
            ("too many", HEADER_BYTES - 1, &[UPPER_WEIGHTS]),
        ] {
            let mut bad = good.clone();
            bad[at..at + bytes.len()].copy_from_slice(bytes);
            assert_eq!(decode_block(&bad, &mut Block::default()), Err(BlockError), "{what}");
        }
    }

    #[test]
    fn a_block_that_lies_fails() {
        let few = block([(5, 2.0), (9, 1.6)]);
        let full = block((0..128).map(|n| (5 + 2 * n, 1.6)));
        for good in [few, full] {
            let good = encoded(&good);
            let last = good.len() - 1;
            let lies =
                [("count", 0, 200), ("slot bits", 1, 33), ("weight bits", 2, 25), ("sign", last, 0xBF)];
            for (what, at, value) in lies {
                let mut bytes = good.clone();
                bytes[at] = value;
                assert_eq!(decode_block(&bytes, &mut Block::default()), Err(BlockError), "{what}");
            }
            let at_the_end_of_slots = [&good[..3], &[0xFF, 0xFF, 0xFF, 0xFF, 0x0F], &good[4..]].concat();
            assert_eq!(decode_block(&at_the_end_of_slots, &mut Block::default()), Err(BlockError));
            for first in [&[0xFF, 0xFF, 0xFF, 0xFF, 0x1F][..], &[0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0]] {
                let beyond_32_bits = [&good[..3], first, &good[4..]].concat();
                assert_eq!(decode_block(&beyond_32_bits, &mut Block::default()), Err(BlockError));
            }
            let longer = [&good[..], &[0]].concat();
            assert_eq!(decode_block(&longer, &mut Block::default()), Err(BlockError));
        }
    }

    #[test]
    fn weights_that_are_none_fail() {
        for weight in [f32::INFINITY, f32::NAN, -1.0] {
            let bytes = [&[0, 0, RAW_WEIGHTS, 5][..], &weight.to_le_bytes()].concat();
            assert_eq!(decode_block(&bytes, &mut Block::default()), Err(BlockError), "{weight}");
        }
    }

    #[test]
    fn layout_by_hand() {
        assert_eq!(encoded(&block([(5, 2.0), (9, 1.0)])), [1, 2, 1, 5, 3, 0b01]);
        assert_eq!(encoded(&block([(300, 0.1)])), [0, 0, 255, 0xAC, 2, 0xCD, 0xCC, 0xCC, 0x3D]);
        // The upper halves of 1.0 and of 0.5 are 0x3F80 and 0x3F00.
        let upper = [1, 2, 128 + 8, 5, 3, 0x00, 0x3F, 0x80, 0x00];
        assert_eq!(encoded(&block([(5, 1.0), (9, 0.5)])), upper);
        // Four lanes abreast: number 4 · i + lane stands at bit i · bits of its lane, lanes are words of 32 bits.
        let full = encoded(&block((0..128).map(|n| (9 + n + n / 64, if n == 1 { 3.0 } else { 1.0 }))));
        let (header, packed) = full.split_at(4);
        assert_eq!(header, [127, 1, 2, 9]);
        let mut expected = [0; 16 + 32];
        // The one gap is before number 64: lane 0, bit 16.
        expected[2] = 1;
        // The weight 3 is stored as 2: lane 1, bits 0 and 1.
        expected[16 + 4] = 2;
        assert_eq!(packed, expected);
    }
}
