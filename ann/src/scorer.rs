//! One query and one metric: what scores vectors.

use crate::Metric;
use crate::kernel;

/// Below this, `f32` squares have lost their precision: each may be off by 2⁻¹⁵⁰ where `f32` ends, 65,536 of them by
/// 2⁻¹³⁴. At 2⁻¹⁰⁰ that is far less than the rounding of the sum; below it the sums are taken in `f64`.
const SMALLEST_SQUARES: f32 = f32::from_bits(27 << 23); // 2⁻¹⁰⁰: biased exponent 27, mantissa 0

/// Scores vectors against one query: higher is better, see the table in [`Metric`]'s module.
///
/// For finite numbers a score is always finite and never `-0.0`. Where the sums leave the range of `f32` (numbers
/// around 1e20 and up, or below 1e-15), they are taken again in `f64`, and a score beyond the range of `f32` becomes
/// its nearest end.
///
/// ```
/// use vectlite_ann::{Metric, Scorer};
///
/// let euclidean = Scorer::new(Metric::Euclidean, &[0.0, 0.0]);
/// assert_eq!(euclidean.score(&[3.0, 4.0]), -5.0);
///
/// let dot = Scorer::new(Metric::DotProduct, &[1e30, 1e30]);
/// assert_eq!(dot.score(&[1e30, -1e30]), 0.0);
/// assert_eq!(dot.score(&[1e30, 1e30]), f32::MAX);
/// ```
#[derive(Debug, Clone)]
pub struct Scorer<'q> {
    metric: Metric,
    query: &'q [f32],
    /// `Σ qᵢ²`, as the kernel and as `f64` give it.
    squared_norm: f32,
    wide_squared_norm: f64,
}

impl<'q> Scorer<'q> {
    /// A scorer for `query`, whose numbers are finite. Under cosine a zero query scores 0 with everything; see
    /// [`is_zero_norm`].
    pub fn new(metric: Metric, query: &'q [f32]) -> Scorer<'q> {
        Scorer {
            metric,
            query,
            squared_norm: kernel::squared_norm(query),
            wide_squared_norm: kernel::wide_squared_norm(query),
        }
    }

    /// The metric of the scores.
    pub fn metric(&self) -> Metric {
        self.metric
    }

    /// The score of `vector`, which is as long as the query and finite.
    pub fn score(&self, vector: &[f32]) -> f32 {
        match self.metric {
            Metric::Cosine => self.cosine(vector),
            Metric::DotProduct => self.dot(vector),
            Metric::Euclidean => negated(self.euclidean(vector)),
            Metric::Manhattan => negated(self.manhattan(vector)),
        }
    }

    /// The quotient is taken in `f64`, where the product of two `f32` is exact and so is the root of a square: a
    /// vector scores exactly 1 against itself.
    fn cosine(&self, vector: &[f32]) -> f32 {
        let (dot, squared_norm) = kernel::dot_and_squared_norm(self.query, vector);
        let cosine = if dot.is_finite() && is_precise(squared_norm) && is_precise(self.squared_norm) {
            f64::from(dot) / (f64::from(self.squared_norm) * f64::from(squared_norm)).sqrt()
        } else {
            let squared_norms = self.wide_squared_norm * kernel::wide_squared_norm(vector);
            if squared_norms == 0.0 {
                return 0.0;
            }
            kernel::wide_dot(self.query, vector) / squared_norms.sqrt()
        };
        // A quotient just above -0.0 in f64 may round to -0.0 in f32; adding +0.0 takes the sign away.
        cosine.clamp(-1.0, 1.0) as f32 + 0.0
    }

    fn dot(&self, vector: &[f32]) -> f32 {
        let dot = kernel::dot(self.query, vector);
        if dot.is_finite() { dot } else { narrowed(kernel::wide_dot(self.query, vector)) }
    }

    fn euclidean(&self, vector: &[f32]) -> f32 {
        let squares = kernel::squared_euclidean(self.query, vector);
        if is_precise(squares) {
            squares.sqrt()
        } else {
            narrowed(kernel::wide_squared_euclidean(self.query, vector).sqrt())
        }
    }

    fn manhattan(&self, vector: &[f32]) -> f32 {
        let distance = kernel::manhattan(self.query, vector);
        if distance.is_finite() { distance } else { narrowed(kernel::wide_manhattan(self.query, vector)) }
    }
}

/// Whether every number of `vector` is zero: it has no direction, so cosine is not defined for it. Decided on the
/// numbers, not on their squares, which vanish in `f32` below 1e-23.
///
/// ```
/// assert!(vectlite_ann::is_zero_norm(&[0.0, -0.0]));
/// assert!(!vectlite_ann::is_zero_norm(&[0.0, 1e-45]));
/// ```
pub fn is_zero_norm(vector: &[f32]) -> bool {
    vector.iter().all(|number| *number == 0.0)
}

/// Whether a sum of squares lies where `f32` neither overflowed nor lost precision to underflow.
fn is_precise(squares: f32) -> bool {
    (SMALLEST_SQUARES..=f32::MAX).contains(&squares)
}

/// The nearest finite `f32`.
fn narrowed(wide: f64) -> f32 {
    wide.clamp(-f64::from(f32::MAX), f64::from(f32::MAX)) as f32
}

/// The score of a distance. Subtracted, not negated: the distance 0 scores `0.0`, not `-0.0`.
fn negated(distance: f32) -> f32 {
    0.0 - distance
}

#[cfg(test)]
mod tests;
