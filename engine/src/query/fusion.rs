//! Fusion: one score from a dense and a sparse one.
//!
//! Linear fusion adds the normalised scores under weights: S. Bruch, S. Gai, A. Ingber, "An Analysis of Fusion Functions
//! for Hybrid Retrieval", ACM TOIS 42(1), 2023. It normalises by what a source can give at least (their TMM), because the
//! least score observed depends on how many candidates were asked for. Reciprocal rank fusion adds reciprocal ranks and looks
//! at no score: G. V. Cormack, C. L. A. Clarke, S. Büttcher, "Reciprocal Rank Fusion outperforms Condorcet and individual
//! Rank Learning Methods", SIGIR 2009.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use vectlite_ann::{Candidate, Metric};

use super::scale::Scale;
use crate::error::Error;

/// The least score of BM25 and of the dot product of non-negative weights.
pub(crate) const SPARSE_FLOOR: f64 = 0.0;

/// The least score of a dense source, for the metrics that have one.
pub(crate) fn dense_floor(metric: Metric) -> Option<f64> {
    match metric {
        Metric::Cosine => Some(-1.0),
        Metric::Euclidean | Metric::DotProduct | Metric::Manhattan => None,
    }
}

/// How dense and sparse scores become one. [`Fusion::Linear`] is the default.
///
/// ```
/// use vectlite::Fusion;
///
/// assert_eq!("RRF".parse::<Fusion>()?, Fusion::Rrf);
/// # Ok::<(), vectlite::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "lowercase"))]
pub enum Fusion {
    /// `dense_weight · d + sparse_weight · s`, both scores normalised to `[0, 1]` over the candidates.
    #[default]
    Linear,
    /// `dense_weight / (rrf_k + dense rank) + sparse_weight / (rrf_k + sparse rank)`, ranks from 1.
    Rrf,
}

impl Fusion {
    /// The name, as it is parsed and shown.
    pub fn name(self) -> &'static str {
        match self {
            Fusion::Linear => "linear",
            Fusion::Rrf => "rrf",
        }
    }
}

impl fmt::Display for Fusion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Fusion {
    type Err = Error;

    fn from_str(name: &str) -> Result<Fusion, Error> {
        match name.to_ascii_lowercase().as_str() {
            "linear" => Ok(Fusion::Linear),
            "rrf" => Ok(Fusion::Rrf),
            _ => Err(Error::invalid(format!("fusion: expected linear or rrf, got {name:?}"))),
        }
    }
}

/// What one source says of one hit, and what becomes of it.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ScorePart {
    /// The score that the source gave.
    pub raw: f64,
    /// The hit's place among the candidates of the source, from 1.
    pub rank: usize,
    /// The factor of this source; 1 when it was the only one asked for.
    pub weight: f64,
    /// What `raw` was normalised by; in linear fusion only.
    pub scale: Option<Scale>,
    /// `raw` on that scale, in `[0, 1]`; in linear fusion only.
    pub normalised: Option<f64>,
    /// What the source adds to the score of the hit.
    pub contribution: f64,
}

/// The candidates of one source, best first, ties already resolved; finite scores, no slot twice.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source<'a> {
    pub(crate) candidates: &'a [Candidate],
    pub(crate) weight: f64,
    /// The least score that this source can give, if there is one.
    pub(crate) floor: Option<f64>,
}

/// A candidate with its one score and where that comes from. A source that did not find it contributes nothing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Fused {
    pub(crate) slot: u32,
    pub(crate) score: f64,
    pub(crate) dense: Option<ScorePart>,
    pub(crate) sparse: Option<ScorePart>,
}

/// Every candidate of the sources once, with its score. The order is that of the dense candidates, then of those that only
/// the sparse source found; the final order needs the record keys, which this does not know.
///
/// A source is `None` when it was not asked for; one that found nothing is `Some`. With one source asked for, a score
/// is the raw score.
pub(crate) fn fuse(
    dense: Option<Source<'_>>,
    sparse: Option<Source<'_>>,
    fusion: Fusion,
    rrf_k: usize,
) -> Vec<Fused> {
    let method = (dense.is_some() && sparse.is_some()).then_some(fusion);
    let dense = dense.map(|source| source.parts(method, rrf_k)).unwrap_or_default();
    let sparse = sparse.map(|source| source.parts(method, rrf_k)).unwrap_or_default();

    let mut fused = Vec::with_capacity(dense.len().max(sparse.len()));
    let mut found = HashMap::with_capacity(dense.len());
    for (slot, part) in dense {
        found.insert(slot, fused.len());
        fused.push(Fused { slot, score: part.contribution, dense: Some(part), sparse: None });
    }
    for (slot, part) in sparse {
        match found.get(&slot).and_then(|&at| fused.get_mut(at)) {
            Some(both) => {
                both.score += part.contribution;
                both.sparse = Some(part);
            }
            None => fused.push(Fused { slot, score: part.contribution, dense: None, sparse: Some(part) }),
        }
    }
    fused
}

impl Source<'_> {
    /// The part of each candidate; `method` is `None` when this is the only source.
    fn parts(&self, method: Option<Fusion>, rrf_k: usize) -> Vec<(u32, ScorePart)> {
        let scale = Scale::of(self.candidates.iter().map(|candidate| candidate.score), self.floor);
        let part = |(position, candidate): (usize, &Candidate)| {
            let raw = candidate.score;
            let rank = position + 1;
            let plain =
                ScorePart { raw, rank, weight: 1.0, scale: None, normalised: None, contribution: raw };
            let part = match method {
                None => plain,
                Some(Fusion::Linear) => {
                    let normalised = scale.normalise(raw);
                    ScorePart {
                        weight: self.weight,
                        scale: Some(scale),
                        normalised: Some(normalised),
                        contribution: self.weight * normalised,
                        ..plain
                    }
                }
                Some(Fusion::Rrf) => ScorePart {
                    weight: self.weight,
                    contribution: self.weight / (rrf_k as f64 + rank as f64),
                    ..plain
                },
            };
            (candidate.slot, part)
        };
        self.candidates.iter().enumerate().map(part).collect()
    }
}

#[cfg(test)]
mod tests;
