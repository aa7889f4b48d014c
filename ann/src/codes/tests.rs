//! Distances of codes against `f64` by the book and against the scorer, at every scale that `f32` has.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::Scorer;

fn vectors(dimension: usize) -> impl Strategy<Value = Vec<Vec<f32>>> {
    let number = prop_oneof![8 => -1.0_f32..1.0, 1 => Just(0.0), 1 => Just(1.0)];
    let one = (vec(number, dimension), -140..=126_i32, 0..4_u8).prop_map(|(vector, exponent, kind)| {
        let exponent = if kind == 0 { exponent } else { exponent % 4 };
        vector
            .into_iter()
            .map(|number| number * 2.0_f32.powi(exponent / 2) * 2.0_f32.powi(exponent - exponent / 2))
            .collect()
    });
    vec(one, 2..6)
}

fn coded(metric: Metric, dimension: usize, vectors: &[Vec<f32>]) -> Codes {
    let centre = if metric == Metric::Euclidean { vec![0.25; dimension] } else { Vec::new() };
    let codes = Codes::new(metric, dimension, centre, 0).unwrap();
    for (node, vector) in (0..).zip(vectors) {
        assert_eq!(codes.push(&codes.encode(vector)).unwrap(), node);
    }
    codes
}

/// A distance that falls as the score rises, comparable with those of the codes.
fn true_distance(metric: Metric, query: &[f32], vector: &[f32]) -> f64 {
    let score = f64::from(Scorer::new(metric, query).score(vector));
    if metric == Metric::Cosine { 1.0 - score } else { -score }
}

/// Of one node, and of a group of it and others.
fn refined(codes: &Codes, query: &[f32], node: u32, distance: f32) -> (f32, f32) {
    let mut all = Vec::new();
    for count in [1, TOGETHER] {
        let near = vec![(node, distance); count];
        codes.each_refined(&codes.query(query), &near, Bound::Certain, |_, distance, slack| {
            all.push((distance, slack));
        });
    }
    assert!(all.iter().all(|refined| *refined == all[0]) && all.len() == 1 + TOGETHER);
    all[0]
}

proptest! {
    #[test]
    fn the_bound_holds((dimension, vectors) in (1..=100_usize).prop_flat_map(|d| (Just(d), vectors(d)))) {
        for metric in Metric::ALL {
            let codes = coded(metric, dimension, &vectors);
            for query in &vectors {
                let code = codes.encode(query);
                for (node, vector) in (0..).zip(&vectors) {
                    let distance = codes.distance(&code.probe(), node);
                    let slack = codes.slack(&code.probe(), node, distance);
                    let (most, share) = codes.largest_slack(&code.probe());
                    prop_assert!(distance * (1.0 - share) - most <= distance - slack);
                    prop_assert!(distance.is_finite() && slack >= 0.0, "{metric} {distance} {slack}");
                    let expected = true_distance(metric, query, vector);
                    let error = (f64::from(distance) - expected).abs();
                    prop_assert!(error <= f64::from(slack), "{metric}: {distance:e} for {expected:e}, slack {slack:e}");
                    let (distance, slack) = refined(&codes, query, node, distance);
                    prop_assert!(distance.is_finite() && slack >= 0.0, "{metric} {distance} {slack}");
                    let error = (f64::from(distance) - expected).abs();
                    prop_assert!(error <= f64::from(slack), "{metric}: refined {distance:e} for {expected:e}, slack {slack:e}");
                    let score = Scorer::new(metric, query).score(vector);
                    prop_assert!(codes.score(distance - slack) >= score && codes.score(distance + slack) <= score);
                }
            }
        }
    }

    #[test]
    fn distances_between_nodes_are_finite_symmetric_and_not_negative(
        (dimension, vectors) in (1..=70_usize).prop_flat_map(|d| (Just(d), vectors(d)))
    ) {
        for metric in Metric::ALL {
            let codes = coded(metric, dimension, &vectors);
            for a in 0..vectors.len() as u32 {
                let mut room = Room::default();
                let probe = codes.node(a, &mut room).unwrap();
                for b in 0..vectors.len() as u32 {
                    let there = codes.distance(&probe, b);
                    let back = codes.distance(&codes.node(b, &mut Room::default()).unwrap(), a);
                    prop_assert!((0.0..=f32::MAX).contains(&there), "{metric}: {there}");
                    prop_assert!((there - back).abs() <= there * 1e-6, "{metric}: {there} {back}");
                }
            }
        }
    }
}

#[test]
fn ordinary_vectors_lose_little() {
    let mut state = 7_u64;
    let mut vector = || (0..384).map(|_| crate::random::gaussian(&mut state) as f32).collect::<Vec<f32>>();
    let vectors: Vec<Vec<f32>> = (0..50).map(|_| vector()).collect();
    for metric in Metric::ALL {
        let codes = coded(metric, 384, &vectors);
        let code = codes.encode(&vectors[0]);
        for (node, vector) in (0..).zip(&vectors).skip(1) {
            let distance = f64::from(codes.distance(&code.probe(), node));
            let expected = true_distance(metric, &vectors[0], vector);
            // Norms are about 20, dot products vary by about 20.
            let scale = match metric {
                Metric::Cosine => 1.0,
                Metric::Manhattan => 400.0,
                _ => 20.0,
            };
            assert!((distance - expected).abs() < 0.05 * scale, "{metric}: {distance} for {expected}");
            let (refined, slack) = refined(&codes, &vectors[0], node, distance as f32);
            assert!(
                (f64::from(refined) - expected).abs() < 0.03 * scale,
                "{metric}: {refined} for {expected}"
            );
            let before = codes.slack(&code.probe(), node, distance as f32);
            assert!(metric == Metric::Manhattan || slack < before * 0.7, "{metric}: {slack} {before}");
        }
    }
}

#[test]
fn the_order_of_dot_products_is_that_of_distances_on_the_sphere() {
    let mut state = 11_u64;
    let vectors: Vec<Vec<f32>> = (0..60)
        .map(|_| {
            let size = crate::random::gaussian(&mut state).exp();
            (0..16).map(|_| (crate::random::gaussian(&mut state) * size) as f32).collect()
        })
        .collect();
    let codes = coded(Metric::DotProduct, 16, &vectors);
    // A query with no last coordinate: the same as one that lies on the sphere's equator.
    let query = codes.encode(&vectors[0]);
    let plain = query.probe();
    let on_sphere = Probe { sphere: Some((codes.largest(), 0.0)), ..plain };
    let order = |probe: &Probe<'_>| {
        let mut nodes: Vec<u32> = (0..60).collect();
        nodes.sort_by(|a, b| codes.distance(probe, *a).total_cmp(&codes.distance(probe, *b)));
        nodes
    };
    assert_eq!(order(&plain), order(&on_sphere));
}

#[test]
fn odd_vectors_have_codes() {
    for metric in Metric::ALL {
        for dimension in [1, 4_096] {
            let vectors: Vec<Vec<f32>> =
                [0.0, 1.0, -1.0, f32::MAX, -f32::MAX, f32::MIN_POSITIVE, f32::from_bits(1)]
                    .iter()
                    .map(|number| vec![*number; dimension])
                    .collect();
            let codes = coded(metric, dimension, &vectors);
            for a in 0..codes.len() as u32 {
                for b in 0..codes.len() as u32 {
                    let distance = codes.distance(&codes.node(a, &mut Room::default()).unwrap(), b);
                    assert!((0.0..=f32::MAX).contains(&distance), "{metric} {dimension}: {distance}");
                }
            }
            assert_eq!(codes.distance(&codes.node(0, &mut Room::default()).unwrap(), 7), f32::MAX);
            assert!(codes.node(7, &mut Room::default()).is_none());
        }
    }
}

/// What upper halves say is blurred, by as much as [`Codes::blur`] says: also where few components carry everything.
#[test]
fn upper_halves_blur_as_much_as_is_said() {
    for nonzero in [3, 12, 256_usize] {
        for metric in [Metric::Cosine, Metric::Euclidean, Metric::DotProduct] {
            let mut state = 13_u64;
            // What `coded` subtracts.
            let nothing = if metric == Metric::Euclidean { 0.25 } else { 0.0 };
            let mut vector = |_: usize| -> Vec<f32> {
                let mut vector = vec![nothing; 256];
                vector[..nonzero].fill_with(|| crate::random::gaussian(&mut state) as f32 + nothing);
                vector
            };
            let vectors: Vec<Vec<f32>> = (0..60).map(&mut vector).collect();
            let codes = coded(metric, 256, &vectors);
            let (mut beyond, mut differences, mut room) = (0, Vec::new(), Vec::new());
            for (a, vector) in (0..60).zip(&vectors) {
                let query = codes.query(vector);
                let fine = query.probe();
                let coarse = codes.coarse(fine);
                let blur = codes.blur(&coarse);
                assert_eq!(codes.blur(&fine).of(0.5), 0.5);
                // It is said of nodes like the probe, which are those near it.
                let mut near: Vec<(f32, u32)> =
                    (0..60).filter(|b| *b != a).map(|b| (codes.distance(&fine, b), b)).collect();
                near.sort_by(|a, b| a.0.total_cmp(&b.0));
                for (clear, b) in near.into_iter().take(10) {
                    let blurred = codes.distance(&coarse, b);
                    beyond += usize::from(clear > blur.of(blurred) || blurred > blur.of(clear));
                    differences.push(f64::from((blurred - clear).abs()));
                    room.push(f64::from(blur.of(clear) - clear));
                }
            }
            let mean = |numbers: &[f64]| numbers.iter().sum::<f64>() / numbers.len() as f64;
            let (difference, room) = (mean(&differences), mean(&room));
            assert!(
                beyond * 33 < differences.len(),
                "{metric}, {nonzero}: {beyond} of {}",
                differences.len()
            );
            assert!(room < 60.0 * difference, "{metric}, {nonzero}: room {room} for {difference}");
        }
    }
}

#[test]
fn a_damaged_scale_gives_a_distance_all_the_same() {
    let codes = Codes::new(Metric::Cosine, 4, Vec::new(), 1).unwrap();
    let query = codes.query(&[1.0, 0.0, 0.0, 0.0]);
    let by_scale = |scale: f32, dot: i32| cosine(&query.probe(), scale, dot);
    assert_eq!(by_scale(f32::NAN, 1), f32::MAX);
    assert_eq!(by_scale(f32::INFINITY, 0), f32::MAX);
    assert_eq!(by_scale(f32::NEG_INFINITY, 1), f32::MAX);
    assert_eq!(by_scale(f32::INFINITY, 1), 0.0);
    assert_eq!(by_scale(0.0, 1), 1.0);
}
