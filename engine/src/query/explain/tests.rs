use vectlite_ann::Candidate;

use super::*;
use crate::query::fusion::{Fused, SPARSE_FLOOR, Source, dense_floor, fuse};

/// Computes the score again from nothing but what the explanation shows.
fn by_hand(explanation: &Explanation) -> f64 {
    let contribution = |raw: f64, part: &ScorePart| match explanation.fusion {
        None => raw,
        Some(Fusion::Rrf) => part.weight / (explanation.rrf_k.unwrap() + part.rank) as f64,
        Some(Fusion::Linear) => {
            let Scale { lo, hi } = part.scale.unwrap();
            part.weight * if hi == lo { 1.0 } else { (raw - lo) / (hi - lo) }
        }
    };
    let dense = explanation.dense.as_ref().map(|dense| {
        let sum: f64 = dense.spaces.iter().map(|space| space.weight * space.score).sum();
        contribution(if dense.spaces.is_empty() { dense.part.raw } else { sum }, &dense.part)
    });
    let sparse = explanation.sparse.as_ref().map(|sparse| {
        let raw = match &sparse.terms {
            TermScores::Bm25 { k1, b, length, average_length, documents, terms } => terms
                .iter()
                .map(|term| {
                    let (n, df, tf) = (*documents as f64, term.document_frequency as f64, term.frequency);
                    let idf = (1.0 + (n - df + 0.5) / (df + 0.5)).ln();
                    term.query_weight * idf * tf / (tf + k1 * (1.0 - b + b * length / average_length))
                })
                .sum(),
            TermScores::Dot { terms } => terms.iter().map(|term| term.query_weight * term.weight).sum(),
        };
        contribution(raw, &sparse.part)
    });
    dense.unwrap_or(0.0) + sparse.unwrap_or(0.0)
}

/// Two terms in a record of 12, of 100 records with 10.5 terms on average. The terms' scores by hand:
/// `ln(1 + 95.5 / 5.5) · 3 / (3 + x)` and `2 · ln(1 + 0.5 / 100.5) · 1 / (1 + x)`, `x` being
/// `1.2 · (0.25 + 0.75 · 12 / 10.5)`.
fn bm25() -> TermScores {
    let term = |term: &str, query_weight, document_frequency, idf, frequency, score| Bm25Term {
        term: term.to_owned(),
        query_weight,
        document_frequency,
        idf,
        frequency,
        score,
    };
    TermScores::Bm25 {
        k1: 1.2,
        b: 0.75,
        length: 12.0,
        average_length: 10.5,
        documents: 100,
        terms: vec![
            term("fox", 1.0, 5, 2.910_372_424_6, 3.0, 2.017_089_799_2),
            term("the", 2.0, 100, 0.004_962_789_3, 1.0, 0.004_262_518_5),
        ],
    }
}

const BM25_RAW: f64 = 2.017_089_799_2 + 0.004_262_518_5;

fn dot() -> TermScores {
    let term = DotTerm { term: "fox".to_owned(), query_weight: 2.0, weight: 1.25, score: 2.5 };
    TermScores::Dot { terms: vec![term] }
}

fn explanation(hit: &Fused, fusion: Option<Fusion>, terms: TermScores) -> Explanation {
    Explanation {
        score: hit.score,
        fusion,
        rrf_k: (fusion == Some(Fusion::Rrf)).then_some(60),
        dense: hit.dense.map(|part| DenseExplanation { metric: Metric::Cosine, spaces: Vec::new(), part }),
        sparse: hit.sparse.map(|part| SparseExplanation { terms, part }),
    }
}

/// Every shape of an explanation: fused or not, found by both sources or by one, BM25 or dot.
fn explanations() -> Vec<Explanation> {
    let mut all = Vec::new();
    for (terms, raw) in [(bm25(), BM25_RAW), (dot(), 2.5)] {
        // Slot 1 is found by both, 2 by the dense source only, 3 by the sparse one only.
        let dense = [(1, 0.8), (2, 0.25)].map(|(slot, score)| Candidate { slot, score });
        let sparse_only = [(3, raw)].map(|(slot, score)| Candidate { slot, score });
        let sparse = [(9, 8.0), (1, raw)].map(|(slot, score)| Candidate { slot, score });
        for sparse in [&sparse[..], &sparse_only[..]] {
            let dense = Some(Source { candidates: &dense, weight: 0.7, floor: dense_floor(Metric::Cosine) });
            let sparse = Some(Source { candidates: sparse, weight: 1.5, floor: Some(SPARSE_FLOOR) });
            for (dense, sparse, fusion) in [
                (dense, sparse, Some(Fusion::Linear)),
                (dense, sparse, Some(Fusion::Rrf)),
                (dense, None, None),
                (None, sparse, None),
            ] {
                let fused = fuse(dense, sparse, fusion.unwrap_or_default(), 60);
                // The stranger 9 only makes room above: its terms are not those explained here.
                let known = fused.iter().filter(|hit| hit.slot != 9);
                all.extend(known.map(|hit| explanation(hit, fusion, terms.clone())));
            }
        }
    }
    all
}

#[test]
fn the_score_can_be_computed_again_by_hand() {
    let all = explanations();
    assert!(all.iter().any(|explanation| explanation.dense.is_some() && explanation.sparse.is_some()));
    for explanation in all {
        let by_hand = by_hand(&explanation);
        assert!((by_hand - explanation.score).abs() < 1e-6, "{by_hand} by hand, but {explanation}");
    }
}

#[test]
fn the_fixture_is_bm25() {
    let TermScores::Bm25 { terms, .. } = bm25() else { unreachable!() };
    for term in &terms {
        let df = term.document_frequency as f64;
        assert!((term.idf - (1.0 + (100.0 - df + 0.5) / (df + 0.5)).ln()).abs() < 1e-6, "{term:?}");
        let tf = term.frequency;
        let score = term.query_weight * term.idf * tf / (tf + 1.2 * (0.25 + 0.75 * 12.0 / 10.5));
        assert!((term.score - score).abs() < 1e-6, "{term:?}: {score}");
    }
}

#[test]
fn every_shape_survives_serialization() {
    for explanation in explanations() {
        for bytes in
            [rmp_serde::to_vec(&explanation).unwrap(), rmp_serde::to_vec_named(&explanation).unwrap()]
        {
            assert_eq!(rmp_serde::from_slice::<Explanation>(&bytes).unwrap(), explanation);
        }
    }
}

#[test]
fn linear_fusion_as_text() {
    let dense = [Candidate { slot: 1, score: 0.5 }];
    let sparse = [(9, 5.0), (1, 2.5)].map(|(slot, score)| Candidate { slot, score });
    let fused = fuse(
        Some(Source { candidates: &dense, weight: 0.5, floor: Some(-1.0) }),
        Some(Source { candidates: &sparse, weight: 2.0, floor: Some(0.0) }),
        Fusion::Linear,
        60,
    );
    assert_eq!(
        explanation(&fused[0], Some(Fusion::Linear), dot()).to_string(),
        "score 1.500000 = dense 0.500000 + sparse 1.000000, fusion linear
  dense 0.500000 = weight 0.500000 · normalised 1.000000, rank 1
    1.000000 = (0.500000 − -1.000000) / (0.500000 − -1.000000), cosine 0.500000
  sparse 1.000000 = weight 2.000000 · normalised 0.500000, rank 2
    0.500000 = (2.500000 − 0.000000) / (5.000000 − 0.000000), dot 2.500000
      \"fox\" 2.500000 = 2.000000 · 1.250000"
    );
}

#[test]
fn rrf_as_text() {
    let dense = [Candidate { slot: 1, score: 0.5 }];
    let fused = fuse(
        Some(Source { candidates: &dense, weight: 0.61, floor: Some(-1.0) }),
        Some(Source { candidates: &[], weight: 2.0, floor: Some(0.0) }),
        Fusion::Rrf,
        60,
    );
    assert_eq!(
        explanation(&fused[0], Some(Fusion::Rrf), dot()).to_string(),
        "score 0.010000 = dense 0.010000, fusion rrf
  dense 0.010000 = weight 0.610000 / (60 + rank 1), cosine 0.500000"
    );
}

#[test]
fn equal_scores_as_text() {
    let dense = [Candidate { slot: 1, score: -1.0 }];
    let fused = fuse(
        Some(Source { candidates: &dense, weight: 1.0, floor: Some(-1.0) }),
        Some(Source { candidates: &[], weight: 1.0, floor: Some(0.0) }),
        Fusion::Linear,
        60,
    );
    assert_eq!(
        explanation(&fused[0], Some(Fusion::Linear), dot()).to_string(),
        "score 1.000000 = dense 1.000000, fusion linear
  dense 1.000000 = weight 1.000000 · normalised 1.000000, rank 1
    1.000000 as hi = lo = -1.000000, cosine -1.000000"
    );
}

#[test]
fn bm25_alone_as_text() {
    let sparse = [Candidate { slot: 1, score: BM25_RAW }];
    let fused =
        fuse(None, Some(Source { candidates: &sparse, weight: 1.0, floor: Some(0.0) }), Fusion::Linear, 60);
    assert_eq!(
        explanation(&fused[0], None, bm25()).to_string(),
        "score 2.021352 = sparse 2.021352
  sparse 2.021352 = bm25 2.021352, rank 1
      \"fox\" 2.017090 = 1.000000 · idf 2.910372 (in 5 of 100) · 3.000000 / (3.000000 + 1.2 · (1 − 0.75 + 0.75 · 12.000000 / 10.500000))
      \"the\" 0.004263 = 2.000000 · idf 0.004963 (in 100 of 100) · 1.000000 / (1.000000 + 1.2 · (1 − 0.75 + 0.75 · 12.000000 / 10.500000))"
    );
}
