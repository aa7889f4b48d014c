//! Scores against `f64` by the book, at every scale that `f32` has.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// The table of `metric.rs`, in `f64`.
fn by_the_book(metric: Metric, q: &[f32], v: &[f32]) -> f64 {
    let pairs = || q.iter().zip(v).map(|(q, v)| (f64::from(*q), f64::from(*v)));
    let dot: f64 = pairs().map(|(q, v)| q * v).sum();
    match metric {
        Metric::Cosine => {
            let norms: f64 = pairs().map(|(q, _)| q * q).sum::<f64>().sqrt()
                * pairs().map(|(_, v)| v * v).sum::<f64>().sqrt();
            if norms == 0.0 { 0.0 } else { dot / norms }
        }
        Metric::Euclidean => -pairs().map(|(q, v)| (q - v) * (q - v)).sum::<f64>().sqrt(),
        Metric::DotProduct => dot,
        Metric::Manhattan => -pairs().map(|(q, v)| (q - v).abs()).sum::<f64>(),
    }
}

/// What the score of a metric may be off by: some roundings, of the sum of the sizes of its terms.
fn tolerance(metric: Metric, q: &[f32], v: &[f32]) -> f64 {
    let roundings = 60.0 * 2.0_f64.powi(-24);
    match metric {
        Metric::Cosine => roundings,
        Metric::Euclidean | Metric::Manhattan => roundings * by_the_book(metric, q, v).abs(),
        Metric::DotProduct => {
            let sizes = |v: &[f32]| v.iter().map(|number| number.abs()).collect::<Vec<f32>>();
            // Products below the range of f32 vanish, each by at most its smallest number.
            roundings * by_the_book(metric, &sizes(q), &sizes(v)) + q.len() as f64 * 1.5e-45
        }
    }
}

/// A vector whose numbers have one size, anywhere from the denormals to the end of `f32`; some of them zero.
fn vector_of_any_scale(length: usize) -> impl Strategy<Value = Vec<f32>> {
    let number = prop_oneof![9 => -1.0_f32..1.0, 1 => Just(0.0), 1 => Just(1.0)];
    (vec(number, length), -149..=127_i32).prop_map(|(mut vector, exponent)| {
        // In two steps, as 2^-149 itself is no normal number.
        for number in &mut vector {
            *number = *number * 2.0_f32.powi(exponent / 2) * 2.0_f32.powi(exponent - exponent / 2);
        }
        vector
    })
}

fn pair_of_any_scale() -> impl Strategy<Value = (Vec<f32>, Vec<f32>)> {
    (1..=400_usize).prop_flat_map(|length| (vector_of_any_scale(length), vector_of_any_scale(length)))
}

proptest! {
    #[test]
    fn scores_are_those_of_the_book((q, v) in pair_of_any_scale()) {
        for metric in Metric::ALL {
            let score = Scorer::new(metric, &q).score(&v);
            let expected = by_the_book(metric, &q, &v).clamp(-f64::from(f32::MAX), f64::from(f32::MAX));
            prop_assert!(score.is_finite(), "{metric}: {score}");
            let error = (f64::from(score) - expected).abs();
            prop_assert!(
                error <= tolerance(metric, &q, &v) + 1.5e-45,
                "{metric}: {score:e}, expected {expected:e}, error {error:e}"
            );
            prop_assert!(metric.lowest_score().is_none_or(|lowest| f64::from(score) >= lowest), "{metric}: {score}");
            prop_assert!(score != 0.0 || score.is_sign_positive(), "{metric}: -0.0");
        }
    }

    #[test]
    fn a_vector_is_its_own_best((q, v) in pair_of_any_scale()) {
        for metric in [Metric::Cosine, Metric::Euclidean, Metric::Manhattan] {
            let scorer = Scorer::new(metric, &q);
            prop_assert!(scorer.score(&q) >= scorer.score(&v), "{metric}");
            let own = if metric != Metric::Cosine || is_zero_norm(&q) { 0.0 } else { 1.0 };
            prop_assert_eq!(scorer.score(&q).to_bits(), f32::to_bits(own), "{}", metric);
        }
    }

    #[test]
    fn parallel_vectors_stay_within_one(q in vector_of_any_scale(37), factor in 0.5..2.0_f32) {
        // Rounding takes many of these quotients past 1 before they are clamped.
        let scaled = |factor: f32| q.iter().map(|number| number * factor).collect::<Vec<f32>>();
        prop_assert!(score(Metric::Cosine, &q, &scaled(factor)) <= 1.0);
        prop_assert!(score(Metric::Cosine, &q, &scaled(-factor)) >= -1.0);
    }

    #[test]
    fn scores_are_symmetric((q, v) in pair_of_any_scale()) {
        for metric in Metric::ALL {
            let (there, back) = (Scorer::new(metric, &q).score(&v), Scorer::new(metric, &v).score(&q));
            prop_assert_eq!(there.to_bits(), back.to_bits(), "{}", metric);
        }
    }
}

fn score(metric: Metric, q: &[f32], v: &[f32]) -> f32 {
    Scorer::new(metric, q).score(v)
}

#[test]
fn one_right_angled_triangle() {
    let (q, v) = ([1.0, 0.0], [3.0, 4.0]);
    assert_eq!(score(Metric::Cosine, &q, &v), 0.6);
    assert_eq!(score(Metric::DotProduct, &q, &v), 3.0);
    assert_eq!(score(Metric::Euclidean, &[0.0, 0.0], &v), -5.0);
    assert_eq!(score(Metric::Manhattan, &q, &v), -6.0);
    assert_eq!(Scorer::new(Metric::Manhattan, &q).metric(), Metric::Manhattan);
}

#[test]
fn zero_vectors_score_zero_under_cosine() {
    let (zero, v) = ([0.0; 3], [1.0, 2.0, 3.0]);
    assert_eq!(score(Metric::Cosine, &zero, &v), 0.0);
    assert_eq!(score(Metric::Cosine, &v, &zero), 0.0);
    assert_eq!(score(Metric::Cosine, &zero, &zero), 0.0);
    assert_eq!(score(Metric::Cosine, &[], &[]), 0.0);
    assert!(is_zero_norm(&zero) && is_zero_norm(&[]) && is_zero_norm(&[-0.0]));
    assert!(!is_zero_norm(&v) && !is_zero_norm(&[0.0, f32::from_bits(1)]));
}

#[test]
fn huge_numbers_keep_their_order() {
    // A power of two (8.5e37): its products and their sums are exact in f64, also where they cancel out.
    let big = 2.0_f32.powi(126);
    let q = [big; 384];
    let mut half = q;
    half[..192].fill(-big);
    let mut third = q;
    third[..256].fill(-big);

    assert_eq!(score(Metric::Cosine, &q, &q), 1.0);
    assert_eq!(score(Metric::Cosine, &q, &half), 0.0);
    assert_eq!(score(Metric::Cosine, &q, &third), -1.0 / 3.0);
    assert_eq!(score(Metric::Cosine, &q, &q.map(|x| -x)), -1.0);
    assert_eq!(score(Metric::Cosine, &q, &[1e-38; 384]), 1.0);

    assert_eq!(score(Metric::DotProduct, &q, &q), f32::MAX);
    assert_eq!(score(Metric::DotProduct, &q, &half), 0.0);
    assert_eq!(score(Metric::DotProduct, &q, &third), -f32::MAX);

    // A distance of 1e38 · √2 fits, though its square does not.
    let near = [1e38, 1e38, 1e38];
    let far = [1e38, 0.0, 2e38];
    assert_eq!(score(Metric::Euclidean, &near, &far), -((2.0_f64).sqrt() * f64::from(1e38_f32)) as f32);
    assert_eq!(score(Metric::Manhattan, &near, &far), -2e38);
    assert_eq!(score(Metric::Euclidean, &[f32::MAX; 4], &[-f32::MAX; 4]), -f32::MAX);
    assert_eq!(score(Metric::Manhattan, &[f32::MAX; 4], &[-f32::MAX; 4]), -f32::MAX);
}

#[test]
fn denormal_numbers_keep_their_order() {
    let smallest = f32::from_bits(1);
    let (q, near, far) = ([smallest, 0.0], [2.0 * smallest, smallest], [0.0, 3.0 * smallest]);
    assert_eq!(score(Metric::Cosine, &q, &q), 1.0);
    assert_eq!(score(Metric::Cosine, &q, &near), (2.0 / 5.0_f64.sqrt()) as f32);
    assert_eq!(score(Metric::Cosine, &q, &far), 0.0);
    assert_eq!(score(Metric::Cosine, &q, &[1e38, 0.0]), 1.0);
    for metric in [Metric::Euclidean, Metric::Manhattan] {
        let scores = [&q, &near, &far].map(|v| score(metric, &q, v));
        assert!(scores[0] > scores[1] && scores[1] > scores[2], "{metric}: {scores:?}");
    }
}

#[test]
fn a_cosine_too_small_for_f32_is_zero_without_a_sign() {
    let (smallest, large) = (f32::from_bits(1), 1e18);
    let cosine = score(Metric::Cosine, &[-smallest, 0.0, large], &[1.0, large, 0.0]);
    assert_eq!(cosine.to_bits(), 0);
}

#[test]
fn the_threshold_is_what_its_comment_says() {
    assert_eq!(f64::from(SMALLEST_SQUARES), 2.0_f64.powi(-100));
}
