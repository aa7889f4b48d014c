//! How far a search follows links behind the best nodes it has.

use super::{Codes, Grain, Probe, finite};
use crate::Metric;

/// Nodes whose squared distance is up to so many times that of a node among the best may lead to better ones. Larger factors from
/// better nodes on take as many distances for as much (*measured* from 1.06 to 1.16).
const FARTHER: f64 = 1.08;
/// Standard deviations of the noise that codes add to a distance: closer together than that, nobody is known to be farther.
const DEVIATIONS: f64 = 4.0;
/// The same for the noise of upper halves, which is 16 times as large.
const COARSE_DEVIATIONS: f64 = 1.0;
/// Standard deviations of that noise: a node that is so much farther than another by the upper halves may be closer by the codes.
const BLURRED: f64 = 4.0;

/// From the distance of a node to the largest of those that are still worth following.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Reach {
    factor: f64,
    /// In the unit of what `factor` is applied to.
    more: f64,
    /// Whether it is applied to the square of a distance, not to the distance.
    squared: bool,
}

impl Reach {
    /// So many times a distance.
    #[cfg(test)]
    pub(crate) fn times(factor: f64) -> Reach {
        Reach { factor, more: 0.0, squared: false }
    }

    /// The largest distance that is in reach from `distance`.
    pub(crate) fn of(&self, distance: f32) -> f32 {
        let distance = f64::from(distance);
        finite(if self.squared {
            (self.factor * distance * distance + self.more).sqrt()
        } else {
            self.factor * distance + self.more
        })
    }
}

impl Codes {
    /// That of a query.
    ///
    /// Under every metric with an angle it is the same in squared euclidean distance: `1 − cos` is half of it, and
    /// `−v·q` too but for a number that belongs to the query (see the module for the sphere).
    pub(crate) fn reach(&self, probe: &Probe<'_>) -> Reach {
        let (norm, largest) = match self.metric {
            Metric::Cosine => (1.0, 1.0),
            _ => (probe.squares.sqrt(), self.largest().sqrt()),
        };
        // An error of some length in any direction, seen along one of them.
        let errors = f64::from(self.errors.overall().error) * norm + f64::from(probe.error) * largest;
        let noise = DEVIATIONS * errors / (self.dimension as f64).sqrt()
            + COARSE_DEVIATIONS * self.coarse_noise(probe);
        let reach = |factor, more, squared| Reach { factor, more, squared };
        match self.metric_of(probe) {
            Metric::Cosine => reach(FARTHER, noise, false),
            Metric::Euclidean => reach(FARTHER, 2.0 * noise, true),
            Metric::DotProduct => {
                let squares = probe.squares + self.largest();
                reach(FARTHER, (FARTHER - 1.0) * squares / 2.0 + noise, false)
            }
            Metric::Manhattan => reach(FARTHER.sqrt(), 0.0, false),
        }
    }

    /// What the distances from a probe are: those between nodes under dot product are euclidean ones.
    fn metric_of(&self, probe: &Probe<'_>) -> Metric {
        if probe.sphere.is_some() { Metric::Euclidean } else { self.metric }
    }

    /// From a distance to the largest of those that may be none by the whole codes, as far as the probe tells.
    pub(crate) fn blur(&self, probe: &Probe<'_>) -> Reach {
        let noise = BLURRED * self.coarse_noise(probe);
        match self.metric_of(probe) {
            Metric::Euclidean => Reach { factor: 1.0, more: 2.0 * noise, squared: true },
            _ => Reach { factor: 1.0, more: noise, squared: false },
        }
    }

    /// The standard deviation of what lower halves add to a product with the probe, if it looks at upper ones: for nodes that are like
    /// the probe, as those that are near it are. Where most components are zero, for one, the others lose more than all would.
    fn coarse_noise(&self, probe: &Probe<'_>) -> f64 {
        if probe.grain == Grain::Fine {
            return 0.0;
        }
        // In the probe's scale, in which a node like it has its code; what has a large product may be the longest of all.
        let alike = probe.scale * probe.scale * f64::from(probe.sums.lower_halves).sqrt();
        match self.metric_of(probe) {
            Metric::DotProduct if probe.squares > 0.0 => alike * (self.largest() / probe.squares).sqrt(),
            _ => alike,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reach_is_the_same_angle_under_every_metric_with_one() {
        // Two of 64 dimensions: in few, the noise of codes reaches far.
        let unit = |angle: f32| {
            let mut unit = [0.0; 64];
            (unit[0], unit[1]) = (angle.cos(), angle.sin());
            unit
        };
        let query = unit(0.0);
        let codes = |metric| {
            let codes = Codes::new(metric, 64, Vec::new(), 3).unwrap();
            for angle in [0.5, 0.51, 0.54_f32] {
                codes.push(&codes.encode(&unit(angle))).unwrap();
            }
            codes
        };
        // 0.51 squared is 1.04 times 0.5 squared, 0.54 squared is 1.17 times that: one is in reach, the other is not.
        for metric in [Metric::Cosine, Metric::Euclidean, Metric::DotProduct] {
            let codes = codes(metric);
            let query = codes.query(&query);
            let probe = query.probe();
            let reach = codes.reach(&probe);
            let of_first = reach.of(codes.distance(&probe, 0));
            assert!(codes.distance(&probe, 1) <= of_first, "{metric}");
            assert!(codes.distance(&probe, 2) > of_first, "{metric}");
        }
    }

    #[test]
    fn whatever_the_numbers_it_is_finite_or_everything() {
        for distance in [0.0, -1.0, f32::MAX, f32::MIN, f32::MIN_POSITIVE, f32::NAN] {
            for (factor, more, squared) in
                [(1.08, f64::MAX, false), (1.08, f64::INFINITY, true), (1.0, f64::NAN, false)]
            {
                assert!(Reach { factor, more, squared }.of(distance).is_finite());
            }
        }
    }
}
