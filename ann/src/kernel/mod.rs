//! The inner loops, and the one place where they are chosen.
//!
//! - `scalar`: the portable kernels. They are the specification: another kernel may replace one of them when it gives
//!   the same bits.
//! - `x86`, `aarch64`: what one instruction set does faster, with the same bits.
//! - `wide`: the `f32` sums in `f64`, for the few vectors whose sums leave the range of `f32`.
//! - `tests`: what holds for every kernel.
//!
//! The kernels are chosen once, at the first use, by what the processor can do.
//!
//! Two slices given to a kernel have the same length, a code and its halves lengths that fit each other. The callers check that;
//! should they ever differ, the common prefix is read.

use std::sync::OnceLock;

#[cfg(target_arch = "aarch64")]
mod aarch64;
mod scalar;
mod wide;
#[cfg(target_arch = "x86_64")]
mod x86;

#[cfg(test)]
mod tests;

pub(crate) use wide::{
    dot as wide_dot, manhattan as wide_manhattan, squared_euclidean as wide_squared_euclidean,
    squared_norm as wide_squared_norm,
};

/// How many codes are compared with one at a time.
pub(crate) const TOGETHER: usize = 4;
/// Numbers of four bits lie in blocks of so many: byte `j` of a block of `n` bytes holds number `j` in its lower four bits and number
/// `n + j` in its upper ones. The last block may be smaller; of an odd one the last number is nobody's.
pub(crate) const BLOCK: usize = 128;

/// One kernel for each sum.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kernels {
    /// The instruction set, for people.
    pub(crate) name: &'static str,
    /// `Σ cᵢ hᵢ` of a code, which is never −128, and numbers from 0 to 15, half a byte each in blocks of [`BLOCK`].
    pub(crate) half_dot: fn(&[i8], &[u8]) -> i32,
    /// The same of one code with some halves, as long as each other.
    pub(crate) half_dots: fn(&[i8], &[&[u8]; TOGETHER]) -> [i32; TOGETHER],
    /// `Σ aᵢ bᵢ`
    pub(crate) dot: fn(&[f32], &[f32]) -> f32,
    /// `Σ (aᵢ − bᵢ)²`
    pub(crate) squared_euclidean: fn(&[f32], &[f32]) -> f32,
    /// `Σ |aᵢ − bᵢ|`
    pub(crate) manhattan: fn(&[f32], &[f32]) -> f32,
    /// `(Σ qᵢ vᵢ, Σ vᵢ²)`
    pub(crate) dot_and_squared_norm: fn(&[f32], &[f32]) -> (f32, f32),
}

/// The specification.
const PORTABLE: Kernels = Kernels {
    name: "portable",
    half_dot: scalar::half_dot,
    half_dots: |code, halves| halves.map(|half| scalar::half_dot(code, half)),
    dot: scalar::dot,
    squared_euclidean: scalar::squared_euclidean,
    manhattan: scalar::manhattan,
    dot_and_squared_norm: scalar::dot_and_squared_norm,
};

/// The best kernels of this processor.
pub(crate) fn kernels() -> &'static Kernels {
    static CHOSEN: OnceLock<Kernels> = OnceLock::new();
    CHOSEN.get_or_init(|| available().next().unwrap_or(PORTABLE))
}

/// Every set of kernels that this processor can run, the best first.
fn available() -> impl Iterator<Item = Kernels> {
    #[cfg(target_arch = "x86_64")]
    let special = [x86::avx512_vnni(), x86::avx2()];
    #[cfg(target_arch = "aarch64")]
    let special = [aarch64::dot_product(), None];
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    let special = [None, None];
    special.into_iter().flatten().chain([PORTABLE])
}

/// `Σ aᵢ bᵢ`
pub(crate) fn dot(a: &[f32], b: &[f32]) -> f32 {
    (kernels().dot)(a, b)
}

/// `Σ (aᵢ − bᵢ)²`
pub(crate) fn squared_euclidean(a: &[f32], b: &[f32]) -> f32 {
    (kernels().squared_euclidean)(a, b)
}

/// `Σ |aᵢ − bᵢ|`
pub(crate) fn manhattan(a: &[f32], b: &[f32]) -> f32 {
    (kernels().manhattan)(a, b)
}

/// `(Σ qᵢ vᵢ, Σ vᵢ²)`
pub(crate) fn dot_and_squared_norm(q: &[f32], v: &[f32]) -> (f32, f32) {
    (kernels().dot_and_squared_norm)(q, v)
}

/// `Σ vᵢ²`
pub(crate) fn squared_norm(v: &[f32]) -> f32 {
    dot(v, v)
}

/// Loops over numbers that are compiled once more for wider registers. Their bits stay, as those of the `f32` kernels.
pub(crate) trait Loops {
    /// What they come to.
    type Result;

    /// Runs them. Always inlined, or they stay as they are for any processor.
    fn run(self) -> Self::Result;
}

/// Runs loops in the widest registers of this processor.
#[inline]
pub(crate) fn widened<L: Loops>(loops: L) -> L::Result {
    #[cfg(target_arch = "x86_64")]
    return x86::widened(loops);
    #[cfg(not(target_arch = "x86_64"))]
    loops.run()
}

/// Asks for the cache lines of `bytes` ahead of their use; does nothing where that cannot be said.
#[inline]
pub(crate) fn prefetch<T>(items: &[T]) {
    #[cfg(target_arch = "x86_64")]
    x86::prefetch(items);
    #[cfg(not(target_arch = "x86_64"))]
    let _ = items;
}
