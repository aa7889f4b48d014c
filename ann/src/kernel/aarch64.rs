//! The kernels of AArch64: NEON with the dot product extension. NEON itself is part of the architecture, so the
//! portable `f32` kernels are compiled for it already.
#![expect(unsafe_code, reason = "instructions that not every processor has, and loads by pointer")]

use std::arch::aarch64::{
    int8x16_t, int32x4_t, vaddq_s32, vaddvq_s32, vandq_u8, vdupq_n_s32, vdupq_n_u8, vld1q_s8, vld1q_u8,
    vreinterpretq_s8_u8, vshrq_n_u8,
};
use std::arch::asm;

use super::{BLOCK, Kernels, PORTABLE, scalar};

/// The kernels for NEON with dot product, where the processor has it.
pub(super) fn dot_product() -> Option<Kernels> {
    std::arch::is_aarch64_feature_detected!("dotprod").then_some(Kernels {
        name: "neon-dotprod",
        // SAFETY: the function asks for NEON, which every AArch64 has, and for the extension detected just now.
        half_dot: |code, half| unsafe { half_dot(code, half) },
        // SAFETY: as above.
        half_dots: |code, halves| halves.map(|half| unsafe { half_dot(code, half) }),
        ..PORTABLE
    })
}

#[target_feature(enable = "neon,dotprod")]
fn half_dot(code: &[i8], half: &[u8]) -> i32 {
    let (blocks, tail) = code.as_chunks::<BLOCK>();
    let (half_blocks, half_tail) = scalar::half_blocks(half, blocks.len());
    let mut sums = [vdupq_n_s32(0); 2];
    for (code, half) in blocks.iter().zip(half_blocks) {
        sums = add_block(sums, code, half);
    }
    if !tail.is_empty() {
        let (code, half) = scalar::filled_up_block(tail, half_tail);
        sums = add_block(sums, &code, &half);
    }
    vaddvq_s32(vaddq_s32(sums[0], sums[1]))
}

#[target_feature(enable = "neon,dotprod")]
#[inline]
fn add_block(mut sums: [int32x4_t; 2], code: &[i8; BLOCK], half: &[u8; BLOCK / 2]) -> [int32x4_t; 2] {
    let (lower, upper) = code.split_at(BLOCK / 2);
    let (lower, _) = lower.as_chunks::<16>();
    let (upper, _) = upper.as_chunks::<16>();
    let (bytes, _) = half.as_chunks::<16>();
    for ((lower, upper), bytes) in lower.iter().zip(upper).zip(bytes) {
        // SAFETY: the block is 16 bytes that may be read.
        let bytes = unsafe { vld1q_u8(bytes.as_ptr()) };
        let (low, high) = (vandq_u8(bytes, vdupq_n_u8(0x0F)), vshrq_n_u8::<4>(bytes));
        sums[0] = add_products(sums[0], vreinterpretq_s8_u8(low), load(lower));
        sums[1] = add_products(sums[1], vreinterpretq_s8_u8(high), load(upper));
    }
    sums
}

/// Each of the four sums takes in four products. The intrinsic for it (`vdotq_s32`) is not stable yet.
#[target_feature(enable = "neon,dotprod")]
#[inline]
fn add_products(mut sums: int32x4_t, a: int8x16_t, b: int8x16_t) -> int32x4_t {
    // SAFETY: the instruction works on registers alone; the dot product extension is enabled here.
    unsafe {
        asm!(
            "sdot {sums:v}.4s, {a:v}.16b, {b:v}.16b",
            sums = inout(vreg) sums,
            a = in(vreg) a,
            b = in(vreg) b,
            options(pure, nomem, nostack, preserves_flags),
        );
    }
    sums
}

#[target_feature(enable = "neon")]
#[inline]
fn load(block: &[i8; 16]) -> int8x16_t {
    // SAFETY: the block is 16 bytes that may be read.
    unsafe { vld1q_s8(block.as_ptr()) }
}
