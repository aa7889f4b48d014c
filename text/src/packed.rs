//! Up to 128 numbers in as many bits each as the largest one needs.
//!
//! Little endian. 128 numbers are packed four lanes abreast, as the crate `bitpacking` does in its `BitPacker4x`, which unpacks
//! them with SIMD; fewer one behind the other from the lowest bit of the first byte on, the run ending at a byte.

use bitpacking::{BitPacker, BitPacker4x};

/// As many numbers as one SIMD unpacking gives.
pub(crate) const GROUP: usize = BitPacker4x::BLOCK_LEN;

/// Bits of the largest number.
pub(crate) fn bits(numbers: &[u32]) -> u8 {
    (u32::BITS - numbers.iter().fold(0, |all, number| all | number).leading_zeros()) as u8
}

/// Bytes that so many numbers of so many bits take.
pub(crate) fn packed_bytes(count: usize, bits: u8) -> usize {
    (count * usize::from(bits)).div_ceil(8)
}

/// Appends up to 128 numbers of at most so many bits.
pub(crate) fn pack(numbers: &[u32], bits: u8, bytes: &mut Vec<u8>) {
    if numbers.len() == GROUP {
        let start = bytes.len();
        bytes.resize(start + packed_bytes(GROUP, bits), 0);
        if let Some(packed) = bytes.get_mut(start..) {
            BitPacker4x::new().compress(numbers, packed, bits);
        }
        return;
    }
    let (mut buffer, mut filled) = (0_u64, 0);
    for number in numbers {
        buffer |= u64::from(*number) << filled;
        filled += u32::from(bits);
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

/// Fewer numbers than 128, which [`pack`] wrote.
pub(crate) fn unpack(bytes: &[u8], bits: u8, count: usize) -> impl Iterator<Item = u32> + '_ {
    let bits = usize::from(bits);
    let mask = (1_u64 << bits) - 1;
    (0..count).map(move |number| {
        let start = number * bits;
        // Eight bytes hold any number, wherever in the first of them it begins: 7 + 32 bits.
        let ahead = bytes.get(start / 8..).unwrap_or_default();
        let word = ahead.first_chunk().map_or_else(|| short_word(ahead), |word| u64::from_le_bytes(*word));
        (word >> (start % 8) & mask) as u32
    })
}

/// Appends up to 128 numbers, which [`pack`] wrote, to `numbers`; gives the bytes behind them, `None` when there are too few.
pub(crate) fn read_group<'a>(
    bytes: &'a [u8],
    bits: u8,
    len: usize,
    numbers: &mut Vec<u32>,
) -> Option<&'a [u8]> {
    if u32::from(bits) > u32::BITS {
        return None;
    }
    let (packed, rest) = bytes.split_at_checked(packed_bytes(len, bits))?;
    if len == GROUP {
        let mut group = [0; GROUP];
        BitPacker4x::new().decompress(packed, &mut group, bits);
        numbers.extend(group);
    } else {
        numbers.extend(unpack(packed, bits, len));
    }
    Some(rest)
}

/// Fewer than eight bytes, zeros behind them.
fn short_word(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
}
