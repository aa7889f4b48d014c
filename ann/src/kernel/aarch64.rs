//! The kernels of AArch64: NEON with the dot product extension. NEON itself is part of the architecture, so the
//! portable `f32` kernels are compiled for it already.
#![expect(unsafe_code, reason = "instructions that not every processor has, and loads by pointer")]

use std::arch::aarch64::{int8x16_t, int32x4_t, vaddq_s32, vaddvq_s32, vdupq_n_s32, vld1q_s8};
use std::arch::asm;

use super::{Kernels, PORTABLE};

/// The kernels for NEON with dot product, where the processor has it.
pub(super) fn dot_product() -> Option<Kernels> {
    std::arch::is_aarch64_feature_detected!("dotprod").then_some(Kernels {
        name: "neon-dotprod",
        // SAFETY: the function asks for NEON, which every AArch64 has, and for the extension detected just now.
        code_dot: |a, b| unsafe { code_dot(a, b) },
        // SAFETY: as above.
        code_dots: |a, others| others.map(|b| unsafe { code_dot(a, b) }),
        ..PORTABLE
    })
}

#[target_feature(enable = "neon,dotprod")]
fn code_dot(a: &[i8], b: &[i8]) -> i32 {
    let length = a.len().min(b.len());
    let (a_blocks, a_tail) = a[..length].as_chunks::<16>();
    let (b_blocks, b_tail) = b[..length].as_chunks::<16>();
    let mut sums = [vdupq_n_s32(0); 2];
    let (a_pairs, a_last) = a_blocks.as_chunks::<2>();
    let (b_pairs, b_last) = b_blocks.as_chunks::<2>();
    for (a, b) in a_pairs.iter().zip(b_pairs) {
        sums[0] = add_products(sums[0], load(&a[0]), load(&b[0]));
        sums[1] = add_products(sums[1], load(&a[1]), load(&b[1]));
    }
    for (a, b) in a_last.iter().zip(b_last) {
        sums[0] = add_products(sums[0], load(a), load(b));
    }
    if !a_tail.is_empty() {
        let mut ends = [[0; 16]; 2];
        ends[0][..a_tail.len()].copy_from_slice(a_tail);
        ends[1][..b_tail.len()].copy_from_slice(b_tail);
        sums[1] = add_products(sums[1], load(&ends[0]), load(&ends[1]));
    }
    vaddvq_s32(vaddq_s32(sums[0], sums[1]))
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
