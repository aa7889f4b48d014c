//! The kernels of x86-64: AVX2, and AVX-512 with VNNI.
//!
//! The `f32` kernels are the portable ones, compiled once more for wider registers: the compiler may not reorder or
//! fuse their operations, so the bits stay.
#![expect(unsafe_code, reason = "instructions that not every processor has, and loads by pointer")]
#![expect(
    clippy::indexing_slicing,
    reason = "the arrays have a constant length; slices are cut to the shorter one"
)]

use std::arch::x86_64::{
    __m128i, __m256i, __m512i, _MM_HINT_T0, _mm_add_epi32, _mm_cvtsi128_si32, _mm_extract_epi32,
    _mm_prefetch, _mm_shuffle_epi32, _mm256_add_epi16, _mm256_add_epi32, _mm256_and_si256,
    _mm256_castsi256_si128, _mm256_extracti128_si256, _mm256_loadu_si256, _mm256_madd_epi16,
    _mm256_maddubs_epi16, _mm256_set1_epi8, _mm256_set1_epi16, _mm256_setzero_si256, _mm256_srli_epi16,
    _mm512_add_epi32, _mm512_and_si512, _mm512_castsi512_si256, _mm512_dpbusd_epi32,
    _mm512_extracti64x4_epi64, _mm512_loadu_si512, _mm512_maskz_loadu_epi8, _mm512_reduce_add_epi32,
    _mm512_set1_epi8, _mm512_setzero_si512, _mm512_srli_epi16, _mm512_unpackhi_epi32, _mm512_unpackhi_epi64,
    _mm512_unpacklo_epi32, _mm512_unpacklo_epi64,
};

use super::{BLOCK, Kernels, Loops, TOGETHER, scalar};

/// The kernels for AVX2, where the processor has it.
pub(super) fn avx2() -> Option<Kernels> {
    std::arch::is_x86_feature_detected!("avx2").then_some(Kernels {
        name: "avx2",
        // SAFETY: this function and the next five ask for AVX2 alone, and it was detected just now.
        half_dot: |code, half| unsafe { half_dot_avx2(code, half) },
        // SAFETY: as above.
        half_dots: |code, halves| unsafe { half_dots_avx2(code, *halves) },
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
        half_dot: |code, half| unsafe { half_dot_vnni(code, half) },
        // SAFETY: as above.
        half_dots: |code, halves| unsafe { half_dots_vnni(code, halves) },
        ..avx2
    })
}

#[target_feature(enable = "avx2")]
fn half_dot_avx2(code: &[i8], half: &[u8]) -> i32 {
    half_dots_avx2(code, [half; 1])[0]
}

/// The products of a pair are at most 2 · 15 · 127, those of four pairs fit 16 bits as well.
#[target_feature(enable = "avx2")]
#[inline]
fn half_dots_avx2<const N: usize>(code: &[i8], halves: [&[u8]; N]) -> [i32; N] {
    let (blocks, tail) = code.as_chunks::<BLOCK>();
    let halves = halves.map(|half| scalar::half_blocks(half, blocks.len()));
    let mut sums = [_mm256_setzero_si256(); N];
    for (at, code) in blocks.iter().enumerate() {
        let code = quarters(code);
        for (sum, (half, _)) in sums.iter_mut().zip(halves) {
            if let Some(half) = half.get(at) {
                *sum = _mm256_add_epi32(*sum, products(code, half));
            }
        }
    }
    if !tail.is_empty() {
        for (sum, (_, half)) in sums.iter_mut().zip(halves) {
            let (code, half) = scalar::filled_up_block(tail, half);
            *sum = _mm256_add_epi32(*sum, products(quarters(&code), &half));
        }
    }
    sums.map(|sum| {
        let sum = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256::<1>(sum));
        let sum = _mm_add_epi32(sum, _mm_shuffle_epi32::<0b00_00_11_10>(sum));
        let sum: __m128i = _mm_add_epi32(sum, _mm_shuffle_epi32::<0b00_00_00_01>(sum));
        _mm_cvtsi128_si32(sum)
    })
}

#[target_feature(enable = "avx2")]
#[inline]
fn quarters(code: &[i8; BLOCK]) -> [__m256i; 4] {
    let start: *const __m256i = code.as_ptr().cast();
    // SAFETY: a block is four times 32 bytes that may be read, and the loads ask for no alignment.
    std::array::from_fn(|at| unsafe { _mm256_loadu_si256(start.add(at)) })
}

/// The 128 products of two blocks, in eight sums.
#[target_feature(enable = "avx2")]
#[inline]
fn products(code: [__m256i; 4], half: &[u8; BLOCK / 2]) -> __m256i {
    let start: *const __m256i = half.as_ptr().cast();
    // SAFETY: a block is twice 32 bytes that may be read, and the loads ask for no alignment.
    let bytes: [__m256i; 2] = std::array::from_fn(|at| unsafe { _mm256_loadu_si256(start.add(at)) });
    let mask = _mm256_set1_epi8(0x0F);
    let mut pairs = _mm256_setzero_si256();
    for at in 0..2 {
        let (low, high) =
            (_mm256_and_si256(bytes[at], mask), _mm256_and_si256(_mm256_srli_epi16::<4>(bytes[at]), mask));
        pairs = _mm256_add_epi16(pairs, _mm256_maddubs_epi16(low, code[at]));
        pairs = _mm256_add_epi16(pairs, _mm256_maddubs_epi16(high, code[at + 2]));
    }
    _mm256_madd_epi16(pairs, _mm256_set1_epi16(1))
}

#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
fn half_dot_vnni(code: &[i8], half: &[u8]) -> i32 {
    let (blocks, tail) = code.as_chunks::<BLOCK>();
    let (half_blocks, half_tail) = scalar::half_blocks(half, blocks.len());
    let mut sum = _mm512_setzero_si512();
    for (code, half) in blocks.iter().zip(half_blocks) {
        sum = add_block(sum, wide_halves(code), half);
    }
    _mm512_reduce_add_epi32(add_tail(sum, tail, half_tail))
}

/// Four sums at once: they go through their blocks together, and are folded together: two by two, then the four lanes of a register.
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
fn half_dots_vnni(code: &[i8], halves: &[&[u8]; TOGETHER]) -> [i32; TOGETHER] {
    let (blocks, tail) = code.as_chunks::<BLOCK>();
    let [a, b, c, d] = halves.map(|half| scalar::half_blocks(half, blocks.len()));
    let mut sums = [_mm512_setzero_si512(); TOGETHER];
    for ((((code, a), b), c), d) in blocks.iter().zip(a.0).zip(b.0).zip(c.0).zip(d.0) {
        let code = wide_halves(code);
        sums[0] = add_block(sums[0], code, a);
        sums[1] = add_block(sums[1], code, b);
        sums[2] = add_block(sums[2], code, c);
        sums[3] = add_block(sums[3], code, d);
    }
    if !tail.is_empty() {
        sums[0] = add_tail(sums[0], tail, a.1);
        sums[1] = add_tail(sums[1], tail, b.1);
        sums[2] = add_tail(sums[2], tail, c.1);
        sums[3] = add_tail(sums[3], tail, d.1);
    }
    let [a, b, c, d] = sums;
    let ab = _mm512_add_epi32(_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b));
    let cd = _mm512_add_epi32(_mm512_unpacklo_epi32(c, d), _mm512_unpackhi_epi32(c, d));
    let sums = _mm512_add_epi32(_mm512_unpacklo_epi64(ab, cd), _mm512_unpackhi_epi64(ab, cd));
    let sums = _mm256_add_epi32(_mm512_castsi512_si256(sums), _mm512_extracti64x4_epi64::<1>(sums));
    let sums = _mm_add_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256::<1>(sums));
    [
        _mm_extract_epi32::<0>(sums),
        _mm_extract_epi32::<1>(sums),
        _mm_extract_epi32::<2>(sums),
        _mm_extract_epi32::<3>(sums),
    ]
}

#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
#[inline]
fn wide_halves(code: &[i8; BLOCK]) -> [__m512i; 2] {
    let start: *const __m512i = code.as_ptr().cast();
    // SAFETY: a block is twice 64 bytes that may be read, and the loads ask for no alignment.
    unsafe { [_mm512_loadu_si512(start), _mm512_loadu_si512(start.add(1))] }
}

#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
#[inline]
fn add_block(sum: __m512i, code: [__m512i; 2], half: &[u8; BLOCK / 2]) -> __m512i {
    // SAFETY: a block is 64 bytes that may be read, and the load asks for no alignment.
    add_products(sum, code, unsafe { _mm512_loadu_si512(half.as_ptr().cast()) })
}

/// `dpbusd` multiplies unsigned by signed bytes: numbers of four bits, by a code.
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
#[inline]
fn add_products(sum: __m512i, [lower, upper]: [__m512i; 2], half: __m512i) -> __m512i {
    let mask = _mm512_set1_epi8(0x0F);
    let sum = _mm512_dpbusd_epi32(sum, _mm512_and_si512(half, mask), lower);
    _mm512_dpbusd_epi32(sum, _mm512_and_si512(_mm512_srli_epi16::<4>(half), mask), upper)
}

/// The last, incomplete block; an empty one adds nothing.
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
#[inline]
fn add_tail(sum: __m512i, code: &[i8], half: &[u8]) -> __m512i {
    let half = &half[..half.len().min(code.len())];
    let (lower, upper) = code.split_at(half.len());
    let upper = &upper[..upper.len().min(half.len())];
    // SAFETY: a mask admits as many bytes as its slice has, which are at most 64; bytes outside of the mask are not read.
    let (lower, upper, half) = unsafe {
        (
            _mm512_maskz_loadu_epi8(first(lower.len()), lower.as_ptr()),
            _mm512_maskz_loadu_epi8(first(upper.len()), upper.as_ptr()),
            _mm512_maskz_loadu_epi8(first(half.len()), half.as_ptr().cast()),
        )
    };
    add_products(sum, [lower, upper], half)
}

/// A mask of the first `bytes` of up to 64.
#[inline]
fn first(bytes: usize) -> u64 {
    u64::MAX.checked_shr(64_u32.saturating_sub(bytes as u32)).unwrap_or(0)
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

/// Runs loops that are compiled for AVX2, where the processor has it.
#[inline]
pub(super) fn widened<L: Loops>(loops: L) -> L::Result {
    #[target_feature(enable = "avx2")]
    fn with_avx2<L: Loops>(loops: L) -> L::Result {
        loops.run()
    }
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: the function asks for AVX2 alone, and it was detected just now.
        unsafe { with_avx2(loops) }
    } else {
        loops.run()
    }
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
