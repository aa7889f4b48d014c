//! The kernels of x86-64: AVX2, and AVX-512 with VNNI.
//!
//! The `f32` kernels are the portable ones, compiled once more for wider registers: the compiler may not reorder or
//! fuse their operations, so the bits stay.
#![expect(unsafe_code, reason = "instructions that not every processor has, and loads by pointer")]

use std::arch::x86_64::{
    __m128i, __m256i, __m512i, _MM_HINT_T0, _mm_add_epi32, _mm_cvtsi128_si32, _mm_extract_epi32,
    _mm_prefetch, _mm_shuffle_epi32, _mm256_abs_epi8, _mm256_add_epi32, _mm256_castsi256_si128,
    _mm256_extracti128_si256, _mm256_hadd_epi32, _mm256_loadu_si256, _mm256_madd_epi16, _mm256_maddubs_epi16,
    _mm256_set1_epi16, _mm256_setzero_si256, _mm256_sign_epi8, _mm512_dpbusd_epi32, _mm512_loadu_si512,
    _mm512_maskz_loadu_epi8, _mm512_reduce_add_epi32, _mm512_set1_epi8, _mm512_setzero_si512,
    _mm512_sub_epi32, _mm512_xor_si512,
};

use super::{Kernels, TOGETHER, scalar};

/// The kernels for AVX2, where the processor has it.
pub(super) fn avx2() -> Option<Kernels> {
    std::arch::is_x86_feature_detected!("avx2").then_some(Kernels {
        name: "avx2",
        // SAFETY: this function and the next five ask for AVX2 alone, and it was detected just now.
        code_dot: |a, b| unsafe { code_dot_avx2(a, b) },
        // SAFETY: as above.
        code_dots: |a, others| unsafe { code_dots_avx2(a, others) },
        // SAFETY: as above.
        dot: |a, b| unsafe { dot_avx2(a, b) },
        // SAFETY: as above.
        squared_euclidean: |a, b| unsafe { squared_euclidean_avx2(a, b) },
        // SAFETY: as above.
        manhattan: |a, b| unsafe { manhattan_avx2(a, b) },
        // SAFETY: as above.
        dot_and_squared_norm: |q, v| unsafe { dot_and_squared_norm_avx2(q, v) },
    })
}

/// The kernels for AVX-512 with VNNI, where the processor has both.
pub(super) fn avx512_vnni() -> Option<Kernels> {
    let detected = std::arch::is_x86_feature_detected!("avx512f")
        && std::arch::is_x86_feature_detected!("avx512bw")
        && std::arch::is_x86_feature_detected!("avx512vnni");
    let avx2 = avx2().filter(|_| detected)?;
    Some(Kernels {
        name: "avx512-vnni",
        // SAFETY: the function asks for AVX-512 F, BW and VNNI, and they were detected just now.
        code_dot: |a, b| unsafe { code_dot_vnni(a, b) },
        // SAFETY: as above.
        code_dots: |a, others| unsafe { code_dots_vnni(a, others) },
        ..avx2
    })
}

/// `|a| · (b with the sign of a)`, as `maddubs` multiplies unsigned by signed bytes. Two products of codes are at most
/// 2 · 127² = 32,258 and fit into the 16 bits that it adds them in.
#[target_feature(enable = "avx2")]
fn code_dot_avx2(a: &[i8], b: &[i8]) -> i32 {
    let length = a.len().min(b.len());
    let (a_blocks, a_tail) = a[..length].as_chunks::<32>();
    let (b_blocks, b_tail) = b[..length].as_chunks::<32>();
    let mut sums = [_mm256_setzero_si256(); 2];
    let (a_pairs, a_last) = a_blocks.as_chunks::<2>();
    let (b_pairs, b_last) = b_blocks.as_chunks::<2>();
    for (a, b) in a_pairs.iter().zip(b_pairs) {
        sums[0] = _mm256_add_epi32(sums[0], products(load(&a[0]), load(&b[0])));
        sums[1] = _mm256_add_epi32(sums[1], products(load(&a[1]), load(&b[1])));
    }
    for (a, b) in a_last.iter().zip(b_last) {
        sums[0] = _mm256_add_epi32(sums[0], products(load(a), load(b)));
    }
    if !a_tail.is_empty() {
        let mut ends = [[0; 32]; 2];
        ends[0][..a_tail.len()].copy_from_slice(a_tail);
        ends[1][..b_tail.len()].copy_from_slice(b_tail);
        sums[1] = _mm256_add_epi32(sums[1], products(load(&ends[0]), load(&ends[1])));
    }
    let sum = _mm256_add_epi32(sums[0], sums[1]);
    let sum = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256::<1>(sum));
    let sum = _mm_add_epi32(sum, _mm_shuffle_epi32::<0b00_00_11_10>(sum));
    let sum: __m128i = _mm_add_epi32(sum, _mm_shuffle_epi32::<0b00_00_00_01>(sum));
    _mm_cvtsi128_si32(sum)
}

/// Four sums at once: `|a|` is taken once, and the sums are folded together.
#[target_feature(enable = "avx2")]
fn code_dots_avx2(a: &[i8], others: [&[i8]; TOGETHER]) -> [i32; TOGETHER] {
    let length = others.iter().fold(a.len(), |length, other| length.min(other.len()));
    if length == 0 || !length.is_multiple_of(32) {
        return others.map(|b| code_dot_avx2(a, b));
    }
    let [(a, _), (b, _), (c, _), (d, _), (e, _)] =
        [a, others[0], others[1], others[2], others[3]].map(|code| code[..length].as_chunks::<32>());
    let ones = _mm256_set1_epi16(1);
    let mut sums = [_mm256_setzero_si256(); TOGETHER];
    for ((((a, b), c), d), e) in a.iter().zip(b).zip(c).zip(d).zip(e) {
        let a = load(a);
        let sizes = _mm256_abs_epi8(a);
        for (sum, other) in sums.iter_mut().zip([b, c, d, e]) {
            let pairs = _mm256_maddubs_epi16(sizes, _mm256_sign_epi8(load(other), a));
            *sum = _mm256_add_epi32(*sum, _mm256_madd_epi16(pairs, ones));
        }
    }
    let low = _mm256_hadd_epi32(sums[0], sums[1]);
    let high = _mm256_hadd_epi32(sums[2], sums[3]);
    let sums = _mm256_hadd_epi32(low, high);
    let sums = _mm_add_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256::<1>(sums));
    [
        _mm_extract_epi32::<0>(sums),
        _mm_extract_epi32::<1>(sums),
        _mm_extract_epi32::<2>(sums),
        _mm_extract_epi32::<3>(sums),
    ]
}

#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
fn code_dots_vnni(a: &[i8], others: [&[i8]; TOGETHER]) -> [i32; TOGETHER] {
    let [b, c, d, e] = others;
    [code_dot_vnni(a, b), code_dot_vnni(a, c), code_dot_vnni(a, d), code_dot_vnni(a, e)]
}

#[target_feature(enable = "avx2")]
#[inline]
fn load(block: &[i8; 32]) -> __m256i {
    // SAFETY: the block is 32 bytes that may be read, and the load asks for no alignment.
    unsafe { _mm256_loadu_si256(block.as_ptr().cast()) }
}

/// The 32 products of two blocks, in eight sums.
#[target_feature(enable = "avx2")]
#[inline]
fn products(a: __m256i, b: __m256i) -> __m256i {
    let pairs = _mm256_maddubs_epi16(_mm256_abs_epi8(a), _mm256_sign_epi8(b, a));
    _mm256_madd_epi16(pairs, _mm256_set1_epi16(1))
}

/// `Σ (a + 128) b − Σ 128 b`, as `dpbusd` multiplies unsigned by signed bytes. Both sums wrap alike, so their
/// difference is exact.
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
fn code_dot_vnni(a: &[i8], b: &[i8]) -> i32 {
    let length = a.len().min(b.len());
    let (a_blocks, a_tail) = a[..length].as_chunks::<64>();
    let (b_blocks, b_tail) = b[..length].as_chunks::<64>();
    let offset: __m512i = _mm512_set1_epi8(i8::MIN);
    let mut sums = [_mm512_setzero_si512(); 2];
    for (a, b) in a_blocks.iter().zip(b_blocks) {
        // SAFETY: each block is 64 bytes that may be read, and the loads ask for no alignment.
        let (a, b) =
            unsafe { (_mm512_loadu_si512(a.as_ptr().cast()), _mm512_loadu_si512(b.as_ptr().cast())) };
        sums[0] = _mm512_dpbusd_epi32(sums[0], _mm512_xor_si512(a, offset), b);
        sums[1] = _mm512_dpbusd_epi32(sums[1], offset, b);
    }
    if !a_tail.is_empty() {
        let mask = u64::MAX >> (64 - a_tail.len());
        // SAFETY: the mask admits as many bytes as the tails have, which are as long as each other; bytes outside of
        // the mask are not read.
        let (a, b) = unsafe {
            (_mm512_maskz_loadu_epi8(mask, a_tail.as_ptr()), _mm512_maskz_loadu_epi8(mask, b_tail.as_ptr()))
        };
        sums[0] = _mm512_dpbusd_epi32(sums[0], _mm512_xor_si512(a, offset), b);
        sums[1] = _mm512_dpbusd_epi32(sums[1], offset, b);
    }
    _mm512_reduce_add_epi32(_mm512_sub_epi32(sums[0], sums[1]))
}

#[target_feature(enable = "avx2")]
fn dot_avx2(a: &[f32], b: &[f32]) -> f32 {
    scalar::dot(a, b)
}

#[target_feature(enable = "avx2")]
fn squared_euclidean_avx2(a: &[f32], b: &[f32]) -> f32 {
    scalar::squared_euclidean(a, b)
}

#[target_feature(enable = "avx2")]
fn manhattan_avx2(a: &[f32], b: &[f32]) -> f32 {
    scalar::manhattan(a, b)
}

#[target_feature(enable = "avx2")]
fn dot_and_squared_norm_avx2(q: &[f32], v: &[f32]) -> (f32, f32) {
    scalar::dot_and_squared_norm(q, v)
}

/// Asks for every cache line of `items`.
#[inline]
pub(super) fn prefetch<T>(items: &[T]) {
    const LINE: usize = 64;
    let start: *const i8 = items.as_ptr().cast();
    for offset in (0..size_of_val(items)).step_by(LINE) {
        // SAFETY: a prefetch reads nothing and never faults; SSE is part of x86-64.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(start.wrapping_add(offset)) };
    }
}
