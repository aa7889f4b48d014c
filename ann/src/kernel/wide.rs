//! The sums in `f64`, one term after the other.
//!
//! Nothing overflows or vanishes here: the square of the largest `f32` is 10⁷⁷, of the smallest 10⁻⁹⁰, and `f64`
//! reaches from 10⁻³⁰⁸ to 10³⁰⁸. The order of the terms is fixed, so the bits are the same on every machine.

/// `Σ aᵢ bᵢ`
pub(crate) fn dot(a: &[f32], b: &[f32]) -> f64 {
    sum(a, b, |a, b| a * b)
}

/// `Σ (aᵢ − bᵢ)²`
pub(crate) fn squared_euclidean(a: &[f32], b: &[f32]) -> f64 {
    sum(a, b, |a, b| (a - b) * (a - b))
}

/// `Σ |aᵢ − bᵢ|`
pub(crate) fn manhattan(a: &[f32], b: &[f32]) -> f64 {
    sum(a, b, |a, b| (a - b).abs())
}

/// `Σ vᵢ²`
pub(crate) fn squared_norm(v: &[f32]) -> f64 {
    dot(v, v)
}

fn sum(a: &[f32], b: &[f32], term: impl Fn(f64, f64) -> f64) -> f64 {
    // From +0.0: an empty iterator would otherwise sum to -0.0.
    a.iter().zip(b).fold(0.0, |sum, (a, b)| sum + term(f64::from(*a), f64::from(*b)))
}
