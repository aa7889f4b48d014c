//! The portable kernels: the specification of every sum.
//!
//! Sums of codes are whole numbers, so their order does not matter. For `f32`:
//!
//! 1. Element `i` belongs to lane `i mod 16`. A lane starts at `+0.0` and adds its terms in ascending `i`.
//! 2. Every operation rounds by itself: a product is rounded before it is added, there is no fused multiply-add.
//! 3. The lanes fold by halves: lane `j` takes in lane `j + 8`, then `j + 4`, then `j + 2`, then `j + 1`.
//!
//! Sixteen lanes are one AVX-512 register, two of AVX2, four of SSE2 and NEON, and the fold is what these registers
//! do when they are halved, so every instruction set can give the same bits without a detour. A kernel may fill up
//! the last block with zeros: their terms are `+0.0`, and a lane is never `-0.0`, so adding them changes no bit.
#![expect(
    clippy::indexing_slicing,
    reason = "the arrays have a constant length; slices are cut to the shorter one first"
)]

use super::BLOCK;

/// Partial sums of a kernel.
const LANES: usize = 16;

/// `Σ cᵢ hᵢ` of a code and numbers of four bits. Wraps beyond `i32`, which takes more than a million dimensions.
pub(crate) fn half_dot(code: &[i8], half: &[u8]) -> i32 {
    debug_assert_eq!(code.len().div_ceil(2), half.len(), "a kernel was given slices of different lengths");
    let mut sum = 0_i32;
    for (code, half) in code.chunks(BLOCK).zip(half.chunks(BLOCK / 2)) {
        let (lower, upper) = code.split_at(half.len().min(code.len()));
        for (code, byte) in lower.iter().zip(half) {
            sum = sum.wrapping_add(i32::from(*code) * i32::from(byte & 0x0F));
        }
        for (code, byte) in upper.iter().zip(half) {
            sum = sum.wrapping_add(i32::from(*code) * i32::from(byte >> 4));
        }
    }
    sum
}

/// `Σ aᵢ bᵢ`
#[inline(always)]
pub(crate) fn dot(a: &[f32], b: &[f32]) -> f32 {
    let [dot] = sums(a, b, |a, b| [a * b]);
    dot
}

/// `Σ (aᵢ − bᵢ)²`
#[inline(always)]
pub(crate) fn squared_euclidean(a: &[f32], b: &[f32]) -> f32 {
    let [squares] = sums(a, b, |a, b| [(a - b) * (a - b)]);
    squares
}

/// `Σ |aᵢ − bᵢ|`
#[inline(always)]
pub(crate) fn manhattan(a: &[f32], b: &[f32]) -> f32 {
    let [distance] = sums(a, b, |a, b| [(a - b).abs()]);
    distance
}

/// `(Σ qᵢ vᵢ, Σ vᵢ²)`: what cosine needs, in one pass over `v`. Each sum has the bits of the kernel for it alone.
#[inline(always)]
pub(crate) fn dot_and_squared_norm(q: &[f32], v: &[f32]) -> (f32, f32) {
    let [dot, squared_norm] = sums(q, v, |q, v| [q * v, v * v]);
    (dot, squared_norm)
}

/// `N` sums over the pairs of `a` and `b`. Inlined, so that each kernel is a loop of its own for the vectorizer.
#[inline(always)]
fn sums<const N: usize>(a: &[f32], b: &[f32], terms: impl Fn(f32, f32) -> [f32; N]) -> [f32; N] {
    debug_assert_eq!(a.len(), b.len(), "a kernel was given slices of different lengths");
    let length = a.len().min(b.len());
    let (a_blocks, a_tail) = a[..length].as_chunks::<LANES>();
    let (b_blocks, b_tail) = b[..length].as_chunks::<LANES>();

    let mut lanes = [[0.0; LANES]; N];
    for (a, b) in a_blocks.iter().zip(b_blocks) {
        add_block(&mut lanes, a, b, &terms);
    }
    if !a_tail.is_empty() {
        add_block(&mut lanes, &filled_up(a_tail), &filled_up(b_tail), &terms);
    }
    lanes.map(fold)
}

#[inline(always)]
fn add_block<const N: usize>(
    lanes: &mut [[f32; LANES]; N],
    a: &[f32; LANES],
    b: &[f32; LANES],
    terms: impl Fn(f32, f32) -> [f32; N],
) {
    for lane in 0..LANES {
        let terms = terms(a[lane], b[lane]);
        for sum in 0..N {
            lanes[sum][lane] += terms[sum];
        }
    }
}

/// The halves of so many whole blocks, and those of what is left: the last block of 127 numbers is as long as a whole one.
#[inline]
pub(super) fn half_blocks(half: &[u8], blocks: usize) -> (&[[u8; BLOCK / 2]], &[u8]) {
    let (whole, rest) = half.split_at(half.len().min(blocks * (BLOCK / 2)));
    (whole.as_chunks().0, rest)
}

/// The last, incomplete block of a code and of halves with zeros behind them: both have their numbers where a whole block has them,
/// so that its kernel gives the sum.
#[inline]
pub(super) fn filled_up_block(code: &[i8], half: &[u8]) -> ([i8; BLOCK], [u8; BLOCK / 2]) {
    let (mut whole_code, mut whole_half) = ([0; BLOCK], [0; BLOCK / 2]);
    let bytes = half.len().min(BLOCK / 2);
    whole_half[..bytes].copy_from_slice(&half[..bytes]);
    let (lower, upper) = code.split_at(bytes.min(code.len()));
    for (to, from) in whole_code.iter_mut().zip(lower) {
        *to = *from;
    }
    for (to, from) in whole_code.iter_mut().skip(BLOCK / 2).zip(upper) {
        *to = *from;
    }
    (whole_code, whole_half)
}

/// The last, incomplete block with zeros behind it. With a loop of its own for the tail the vectorizer no longer
/// keeps the lanes in registers (four times slower).
#[inline(always)]
fn filled_up(tail: &[f32]) -> [f32; LANES] {
    let mut block = [0.0; LANES];
    for (to, from) in block.iter_mut().zip(tail) {
        *to = *from;
    }
    block
}

/// The fixed reduction tree: halves are added until one lane is left.
#[inline(always)]
fn fold(mut lanes: [f32; LANES]) -> f32 {
    let mut half = LANES / 2;
    while half > 0 {
        for lane in 0..half {
            lanes[lane] += lanes[lane + half];
        }
        half /= 2;
    }
    lanes[0]
}
