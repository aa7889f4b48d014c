//! Scores on a common scale: min-max normalisation to `[0, 1]`.

/// The interval that is mapped to `[0, 1]`: `(x − lo) / (hi − lo)`, and 1 for every score when `hi = lo`.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Scale {
    /// The score that becomes 0.
    pub lo: f64,
    /// The score that becomes 1: the largest one observed.
    pub hi: f64,
}

impl Scale {
    /// The scale of these scores, all finite. `floor` is the least score that its source can give, which makes a
    /// normalised score independent of the worst candidate; a source without one uses the least score observed. A score
    /// below `floor` (a rounding error beyond −1) moves it, so that nothing leaves `[0, 1]`.
    pub(crate) fn of(scores: impl IntoIterator<Item = f64>, floor: Option<f64>) -> Scale {
        let start = Scale { lo: floor.unwrap_or(f64::INFINITY), hi: f64::NEG_INFINITY };
        scores.into_iter().fold(start, |scale, x| Scale { lo: scale.lo.min(x), hi: scale.hi.max(x) })
    }

    /// Where `x`, one of the scores this scale was made of, lies in `[0, 1]`.
    pub(crate) fn normalise(self, x: f64) -> f64 {
        if self.hi > self.lo { (x - self.lo) / (self.hi - self.lo) } else { 1.0 }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_floor_is_the_zero_and_the_best_is_the_one() {
        let cosine = Scale::of([0.5, 0.0, -0.25], Some(-1.0));
        assert_eq!(cosine, Scale { lo: -1.0, hi: 0.5 });
        assert_eq!(cosine.normalise(0.5), 1.0);
        assert_eq!(cosine.normalise(-0.25), 0.5);
        assert_eq!(cosine.normalise(-1.0), 0.0);
    }

    #[test]
    fn without_a_floor_the_worst_is_the_zero() {
        let euclidean = Scale::of([-1.0, -2.0, -5.0], None);
        assert_eq!(euclidean, Scale { lo: -5.0, hi: -1.0 });
        assert_eq!(euclidean.normalise(-2.0), 0.75);
        assert_eq!(euclidean.normalise(-5.0), 0.0);
    }

    #[test]
    fn equal_scores_are_all_one() {
        assert_eq!(Scale::of([-3.0, -3.0], None).normalise(-3.0), 1.0);
        assert_eq!(Scale::of([-1.0], Some(-1.0)).normalise(-1.0), 1.0);
        assert_eq!(Scale::of([0.0, 0.0], Some(0.0)).normalise(0.0), 1.0);
    }

    proptest! {
        #[test]
        fn the_result_stays_in_the_unit_interval_and_keeps_the_order(
            scores in prop::collection::vec(-1e30f64..1e30, 1..20),
            floor in prop::option::of(-1e30f64..1e30),
        ) {
            let scale = Scale::of(scores.iter().copied(), floor);
            for a in &scores {
                prop_assert!((0.0..=1.0).contains(&scale.normalise(*a)));
                for b in &scores {
                    prop_assert!(a > b || scale.normalise(*a) <= scale.normalise(*b));
                }
            }
        }
    }
}
