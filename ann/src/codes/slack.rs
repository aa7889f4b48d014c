//! By how much a distance may be wrong.
//!
//! A code is `v` divided by its scale and rounded, so its error is its scale times the length of what rounding left.
//! That length hardly differs from vector to vector: the largest of all is kept, and the error of a node follows from
//! its scale, which was read for its distance anyway.

use std::sync::atomic::{AtomicU32, Ordering};

use super::encode::FINER;
use super::{Code, Codes, Probe, Query};
use crate::Metric;

/// What is largest of all nodes.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Largest {
    /// Of `‖s c‖²`.
    pub(crate) squared_norm: f64,
    /// Of what is between a vector and its code.
    pub(crate) error: f32,
    /// Of that divided by the scale of the code.
    pub(crate) scaled_error: f32,
}

/// The largest errors, as the bits of numbers: these ascend as non-negative numbers do.
#[derive(Debug)]
pub(super) struct Errors {
    error: AtomicU32,
    scaled: AtomicU32,
}

impl Errors {
    pub(super) fn new(largest: &Largest) -> Errors {
        let bits = |number: f32| AtomicU32::new(number.max(0.0).to_bits());
        Errors { error: bits(largest.error), scaled: bits(largest.scaled_error) }
    }

    /// Takes the errors of a code in, which nobody has seen yet.
    pub(super) fn note(&self, code: &Code) {
        self.error.fetch_max(code.error.to_bits(), Ordering::Relaxed);
        if code.scale >= f32::MIN_POSITIVE {
            let scaled = f64::from(code.error) / f64::from(code.scale) * 1.000_001;
            self.scaled.fetch_max((scaled as f32).to_bits(), Ordering::Relaxed);
        }
    }

    /// The largest errors; of norms it says nothing.
    pub(super) fn largest(&self) -> Largest {
        let number = |bits: &AtomicU32| f32::from_bits(bits.load(Ordering::Relaxed));
        Largest { squared_norm: 0.0, error: number(&self.error), scaled_error: number(&self.scaled) }
    }
}

impl Codes {
    /// By how much the true distance of a node (by the `f32` vectors, as a [`crate::Scorer`] computes it) may differ
    /// from `distance`, which is that of its code, at most.
    pub(crate) fn slack(&self, probe: &Probe<'_>, node: u32, distance: f32) -> f32 {
        let (scale, squares) = self.facts(node);
        let probe = (probe.squares.sqrt(), f64::from(probe.error));
        self.slack_of(probe, (squares.sqrt(), self.error(scale)), f64::from(distance))
    }

    /// What bounds the slack of every node: a number, and a share of the distance.
    pub(crate) fn largest_slack(&self, probe: &Probe<'_>) -> (f32, f32) {
        let share = match self.metric {
            Metric::Cosine | Metric::DotProduct => 0.0,
            Metric::Euclidean | Metric::Manhattan => 2.0 * ROUNDING as f32,
        };
        let error = f64::from(self.errors.largest().error);
        // Under cosine, the distance 1 has the largest slack.
        let distance = if self.metric == Metric::Cosine { 1.0 } else { 0.0 };
        let probe = (probe.squares.sqrt(), f64::from(probe.error));
        (self.slack_of(probe, (self.largest().sqrt(), error), distance), share)
    }

    /// A distance without the error of the query's code, and its slack, which then is the smaller.
    pub(crate) fn refined(&self, query: &Query, node: u32, distance: f32) -> (f32, f32) {
        let (scale, squares) = self.facts(node);
        let distance = match (self.metric, self.rows.get(node as usize)) {
            (Metric::Manhattan, _) | (_, None) => distance,
            (metric, Some(row)) => {
                let dot = |code: &[u8]| {
                    f64::from((self.kernels.code_dot)(bytemuck::cast_slice(code), bytemuck::cast_slice(row)))
                };
                let product = scale * query.scale * (dot(query.probe().row) + dot(&query.rest) / FINER);
                super::finite(match metric {
                    Metric::Cosine => (1.0 - product).max(0.0),
                    Metric::DotProduct => -product,
                    _ => (query.squares + squares - 2.0 * product).max(0.0).sqrt(),
                })
            }
        };
        let probe = (query.squares.sqrt(), query.rest_error);
        (distance, self.slack_of(probe, (squares.sqrt(), self.error(scale)), f64::from(distance)))
    }

    /// The largest error of a node with this scale.
    fn error(&self, scale: f64) -> f64 {
        let largest = self.errors.largest();
        (scale * f64::from(largest.scaled_error) + VANISHED).min(f64::from(largest.error))
    }

    /// The score that a [`crate::Scorer`] gives at a distance.
    pub(crate) fn score(&self, distance: f32) -> f32 {
        match self.metric {
            Metric::Cosine => 1.0 - distance,
            Metric::Euclidean | Metric::DotProduct | Metric::Manhattan => -distance,
        }
    }

    /// From the norms and errors of the query's code and the node's.
    fn slack_of(
        &self,
        (probe_norm, probe_error): (f64, f64),
        (norm, error): (f64, f64),
        distance: f64,
    ) -> f32 {
        let probe_norm = probe_norm + probe_error;
        let slack = match self.metric {
            Metric::Cosine => {
                // Of the node's error, what lies along its code turns into half of its square. The rest is across, and
                // of the query only that part counts which is across as well.
                let along = ((1.0 - distance).abs() - probe_error - ROUNDING).clamp(0.0, 1.0);
                probe_error + error * (1.0 - along * along).sqrt() + error * error / 2.0 + ROUNDING
            }
            Metric::Euclidean => {
                probe_error
                    + error
                    + ROUNDING * (distance + probe_error + error)
                    + CANCELLED * (probe_norm + norm)
            }
            Metric::DotProduct => {
                probe_error * norm + probe_norm * error + ROUNDING * probe_norm * (norm + error)
            }
            Metric::Manhattan => ROUNDING * distance,
        };
        // The smallest normal number: what vanishes below it.
        (slack * 1.000_001 + f64::from(f32::MIN_POSITIVE)) as f32
    }
}

/// More than the scorer's own rounding, relative to the sum of the sizes of its terms.
const ROUNDING: f64 = 1e-5;
/// More than what is lost where large squares cancel in `f64`, relative to their roots.
const CANCELLED: f64 = 1e-7;
/// More than the error of a code whose scale is no normal number, and says nothing.
const VANISHED: f64 = 1e-33;
