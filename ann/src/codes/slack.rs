//! By how much a distance may be wrong.
//!
//! A code is `v` divided by its scale and rounded, so its error is its scale times the length of what rounding left.
//! That length hardly differs from vector to vector: the largest of all is kept, and the error of a node follows from
//! its scale, which was read for its distance anyway.
#![expect(
    clippy::indexing_slicing,
    reason = "the arrays have a constant length, and the closures are called below it"
)]

use std::sync::atomic::{AtomicU32, Ordering};

use super::encode::FINER;
use super::{Code, Codes, Probe, Query, TOGETHER};
use crate::Metric;

/// What is known of all nodes together.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Overall {
    /// The largest `‖s c‖²`.
    pub(crate) squared_norm: f64,
    /// The longest way between a vector and its code.
    pub(crate) error: f32,
    /// The longest such way divided by the scale of the code.
    pub(crate) scaled_error: f32,
}

/// Errors, as the bits of numbers: these ascend as non-negative numbers do.
#[derive(Debug)]
pub(super) struct Errors {
    error: AtomicU32,
    scaled: AtomicU32,
}

impl Errors {
    pub(super) fn new(overall: &Overall) -> Errors {
        let bits = |number: f32| AtomicU32::new(number.max(0.0).to_bits());
        Errors { error: bits(overall.error), scaled: bits(overall.scaled_error) }
    }

    /// Takes the errors of a code in, which nobody has seen yet.
    pub(super) fn note(&self, code: &Code) {
        self.error.fetch_max(code.error.to_bits(), Ordering::Relaxed);
        if code.scale >= f32::MIN_POSITIVE {
            let scaled = f64::from(code.error) / f64::from(code.scale) * 1.000_001;
            self.scaled.fetch_max((scaled as f32).to_bits(), Ordering::Relaxed);
        }
    }

    /// Of norms it says nothing.
    pub(super) fn overall(&self) -> Overall {
        let number = |bits: &AtomicU32| f32::from_bits(bits.load(Ordering::Relaxed));
        Overall { squared_norm: 0.0, error: number(&self.error), scaled_error: number(&self.scaled) }
    }
}

/// How sure a slack is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bound {
    /// The error never exceeds it: as if all of a code's error lay along the other vector.
    Certain,
    /// Hardly any error exceeds it: [`LIKELY`] standard deviations of what rounding leaves along the other vector, whatever that is.
    /// Enough for searches that miss some of the best anyway.
    Likely,
}

/// See [`Bound::Likely`]: one in a billion is larger.
const LIKELY: f64 = 6.0;
/// The standard deviation of what rounding to whole numbers leaves: `1 / √12`.
const ROUNDED: f64 = 0.288_675_134_594_812_9;

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
        let error = f64::from(self.errors.overall().error);
        // Under cosine, the distance 1 has the largest slack.
        let distance = if self.metric == Metric::Cosine { 1.0 } else { 0.0 };
        let probe = (probe.squares.sqrt(), f64::from(probe.error));
        (self.slack_of(probe, (self.largest().sqrt(), error), distance), share)
    }

    /// Calls `with` with each node, its distance without the error of the query's code, and the slack of that, which is the smaller.
    pub(crate) fn each_refined(
        &self,
        query: &Query,
        near: &[(u32, f32)],
        bound: Bound,
        mut with: impl FnMut(u32, f32, f32),
    ) {
        let (groups, others) = near.as_chunks::<TOGETHER>();
        for group in groups {
            let products = self.coded_rows(&group.map(|near| near.0)).map(|rows| {
                let (dots, rest) = (self.dots(&query.probe(), rows), self.dots(&query.rest(), rows));
                std::array::from_fn::<_, TOGETHER, _>(|at| f64::from(dots[at]) + f64::from(rest[at]) / FINER)
            });
            for (at, (node, distance)) in group.iter().enumerate() {
                let (refined, slack) =
                    self.refined(query, *node, *distance, products.map(|products| products[at]), bound);
                with(*node, refined, slack);
            }
        }
        for (node, distance) in others {
            let row = self.rows.get(*node as usize).filter(|_| self.metric != Metric::Manhattan);
            let product = row.map(|row| {
                f64::from(self.dot(&query.probe(), row)) + f64::from(self.dot(&query.rest(), row)) / FINER
            });
            let (refined, slack) = self.refined(query, *node, *distance, product, bound);
            with(*node, refined, slack);
        }
    }

    /// From the product of the codes, where there is one, or from what the distance was before.
    #[inline]
    fn refined(
        &self,
        query: &Query,
        node: u32,
        distance: f32,
        product: Option<f64>,
        bound: Bound,
    ) -> (f32, f32) {
        let (scale, squares) = self.facts(node);
        let distance = product.map_or(distance, |product| {
            let product = scale * query.scale * product;
            super::finite(match self.metric {
                Metric::Cosine => (1.0 - product).max(0.0),
                Metric::DotProduct => -product,
                _ => (query.squares + squares - 2.0 * product).max(0.0).sqrt(),
            })
        });
        let certain = self.error(scale);
        let error = match bound {
            Bound::Certain => certain,
            Bound::Likely => (LIKELY * ROUNDED * scale).min(certain),
        };
        let probe = (query.squares.sqrt(), query.rest_error);
        (distance, self.slack_of(probe, (squares.sqrt(), error), f64::from(distance)))
    }

    /// The largest error of a node with this scale.
    fn error(&self, scale: f64) -> f64 {
        let overall = self.errors.overall();
        (scale * f64::from(overall.scaled_error) + VANISHED).min(f64::from(overall.error))
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
