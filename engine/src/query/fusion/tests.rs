use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::error::ErrorKind;

fn ranked(scores: &[(u32, f64)]) -> Vec<Candidate> {
    scores.iter().map(|&(slot, score)| Candidate { slot, score }).collect()
}

fn source(candidates: &[Candidate], weight: f64, floor: Option<f64>) -> Option<Source<'_>> {
    Some(Source { candidates, weight, floor })
}

fn scores(fused: &[Fused]) -> BTreeMap<u32, f64> {
    let scores: BTreeMap<u32, f64> = fused.iter().map(|hit| (hit.slot, hit.score)).collect();
    assert_eq!(scores.len(), fused.len(), "a slot twice");
    scores
}

#[test]
fn linear_by_hand() {
    let dense = ranked(&[(7, 0.5), (8, 0.0), (9, -0.25)]);
    let sparse = ranked(&[(9, 8.0), (5, 2.0)]);
    let fused = fuse(
        source(&dense, 0.5, dense_floor(Metric::Cosine)),
        source(&sparse, 2.0, Some(SPARSE_FLOOR)),
        Fusion::Linear,
        60,
    );
    // dense: (x + 1) / 1.5; sparse: x / 8.
    assert_eq!(
        scores(&fused),
        BTreeMap::from([
            (7, 0.5 * 1.0),
            (8, 0.5 * (1.0 / 1.5)),
            (9, 0.5 * (0.75 / 1.5) + 2.0 * 1.0),
            (5, 2.0 * 0.25)
        ])
    );
    assert_eq!(fused.iter().map(|hit| hit.slot).collect::<Vec<_>>(), [7, 8, 9, 5]);

    let nine = fused[2];
    assert_eq!(
        nine.dense,
        Some(ScorePart {
            raw: -0.25,
            rank: 3,
            weight: 0.5,
            scale: Some(Scale { lo: -1.0, hi: 0.5 }),
            normalised: Some(0.5),
            contribution: 0.25
        })
    );
    assert_eq!(
        nine.sparse,
        Some(ScorePart {
            raw: 8.0,
            rank: 1,
            weight: 2.0,
            scale: Some(Scale { lo: 0.0, hi: 8.0 }),
            normalised: Some(1.0),
            contribution: 2.0
        })
    );
    assert_eq!((fused[0].sparse, fused[3].dense), (None, None));
}

#[test]
fn linear_without_a_least_score_uses_the_observed_one() {
    let dense = ranked(&[(1, -1.0), (2, -2.0), (3, -5.0)]);
    let sparse = ranked(&[(3, 4.0)]);
    let fused = fuse(
        source(&dense, 1.0, dense_floor(Metric::Euclidean)),
        source(&sparse, 1.0, Some(SPARSE_FLOOR)),
        Fusion::Linear,
        60,
    );
    assert_eq!(scores(&fused), BTreeMap::from([(1, 1.0), (2, 0.75), (3, 0.0 + 1.0)]));
}

#[test]
fn rrf_by_hand() {
    let dense = ranked(&[(7, 0.5), (8, 0.5), (9, -0.25)]);
    let sparse = ranked(&[(9, 8.0), (5, 2.0)]);
    let fused = fuse(source(&dense, 1.0, Some(-1.0)), source(&sparse, 3.0, Some(0.0)), Fusion::Rrf, 60);
    assert_eq!(
        scores(&fused),
        BTreeMap::from([(7, 1.0 / 61.0), (8, 1.0 / 62.0), (9, 1.0 / 63.0 + 3.0 / 61.0), (5, 3.0 / 62.0)])
    );
    assert_eq!(
        fused[2].sparse,
        Some(ScorePart {
            raw: 8.0,
            rank: 1,
            weight: 3.0,
            scale: None,
            normalised: None,
            contribution: 3.0 / 61.0
        })
    );
    let steeper = fuse(source(&dense, 1.0, Some(-1.0)), source(&sparse, 1.0, Some(0.0)), Fusion::Rrf, 1);
    assert_eq!(steeper[0].score, 0.5);
}

#[test]
fn a_single_source_keeps_its_raw_scores_whatever_the_weight() {
    let candidates = ranked(&[(3, 12.5), (1, 0.5)]);
    for fusion in [Fusion::Linear, Fusion::Rrf] {
        let dense = fuse(source(&candidates, 0.25, None), None, fusion, 60);
        assert_eq!(scores(&dense), BTreeMap::from([(3, 12.5), (1, 0.5)]));
        let part =
            ScorePart { raw: 0.5, rank: 2, weight: 1.0, scale: None, normalised: None, contribution: 0.5 };
        assert_eq!((dense[1].dense, dense[1].sparse), (Some(part), None));

        let sparse = fuse(None, source(&candidates, 0.25, None), fusion, 60);
        assert_eq!(scores(&sparse), scores(&dense));
        assert_eq!((sparse[1].dense, sparse[1].sparse), (None, Some(part)));
    }
    assert_eq!(fuse(None, None, Fusion::Linear, 60), []);
}

#[test]
fn a_source_that_was_asked_for_and_found_nothing_still_makes_it_a_fusion() {
    let dense = ranked(&[(3, 0.5), (1, -0.25)]);
    let fused = fuse(source(&dense, 2.0, Some(-1.0)), source(&[], 1.0, Some(0.0)), Fusion::Linear, 60);
    assert_eq!(scores(&fused), BTreeMap::from([(3, 2.0), (1, 2.0 * 0.5)]));
    let fused = fuse(source(&[], 1.0, None), source(&dense, 2.0, None), Fusion::Rrf, 60);
    assert_eq!(scores(&fused), BTreeMap::from([(3, 2.0 / 61.0), (1, 2.0 / 62.0)]));
    assert_eq!(fuse(source(&[], 1.0, None), source(&[], 1.0, None), Fusion::Linear, 60), []);
}

#[test]
fn only_cosine_has_a_least_score() {
    assert_eq!(dense_floor(Metric::Cosine), Some(-1.0));
    for metric in [Metric::Euclidean, Metric::DotProduct, Metric::Manhattan] {
        assert_eq!(dense_floor(metric), None);
    }
}

#[test]
fn names_are_parsed_in_any_case_and_shown_as_parsed() {
    for (name, fusion) in [("linear", Fusion::Linear), ("Linear", Fusion::Linear), ("RRF", Fusion::Rrf)] {
        assert_eq!(name.parse::<Fusion>().unwrap(), fusion);
        assert_eq!(fusion.to_string(), name.to_lowercase());
    }
    let error = "borda".parse::<Fusion>().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert_eq!(error.to_string(), "fusion: expected linear or rrf, got \"borda\"");
}

/// The definition, one slot at a time: looks up everything anew in both lists.
fn oracle(
    slot: u32,
    dense: (&[Candidate], f64, Option<f64>),
    sparse: (&[Candidate], f64, Option<f64>),
    rrf: Option<usize>,
) -> f64 {
    let contribution = |(candidates, weight, floor): (&[Candidate], f64, Option<f64>)| {
        let Some(position) = candidates.iter().position(|candidate| candidate.slot == slot) else {
            return 0.0;
        };
        if let Some(k) = rrf {
            return weight / (k + position + 1) as f64;
        }
        let hi = candidates.iter().map(|candidate| candidate.score).fold(f64::NEG_INFINITY, f64::max);
        let lo = floor.unwrap_or_else(|| {
            candidates.iter().map(|candidate| candidate.score).fold(f64::INFINITY, f64::min)
        });
        weight * if hi == lo { 1.0 } else { (candidates[position].score - lo) / (hi - lo) }
    };
    contribution(dense) + contribution(sparse)
}

/// Candidates with many shared slots and many equal scores, best first; scores are at least -1.
fn candidates() -> impl Strategy<Value = Vec<Candidate>> {
    prop::collection::btree_map(0..12u32, (-4..40i32).prop_map(|score| f64::from(score) / 4.0), 0..12)
        .prop_map(|scores| {
            let mut candidates: Vec<Candidate> =
                scores.into_iter().map(|(slot, score)| Candidate { slot, score }).collect();
            candidates.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.slot.cmp(&b.slot)));
            candidates
        })
}

proptest! {
    #[test]
    fn agrees_with_the_definition(
        dense in candidates(),
        sparse in candidates(),
        weights in (0.0..3.0f64, 0.0..3.0f64),
        floor in prop::sample::select(vec![None, Some(-1.0)]),
        rrf in prop::option::of(1..100usize),
    ) {
        let fused = fuse(
            source(&dense, weights.0, floor),
            source(&sparse, weights.1, Some(-1.0)),
            rrf.map_or(Fusion::Linear, |_| Fusion::Rrf),
            rrf.unwrap_or(60),
        );
        let all: BTreeSet<u32> = dense.iter().chain(&sparse).map(|candidate| candidate.slot).collect();
        let fused = scores(&fused);
        prop_assert_eq!(fused.keys().copied().collect::<BTreeSet<_>>(), all);
        for (slot, score) in fused {
            let expected = oracle(slot, (&dense, weights.0, floor), (&sparse, weights.1, Some(-1.0)), rrf);
            prop_assert!((score - expected).abs() < 1e-12, "slot {slot}: {score}, by definition {expected}");
        }
    }
}
