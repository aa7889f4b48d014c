//! Where a score comes from: the formula of a hit with every number in it.
//!
//! An [`Explanation`] is enough to compute the score again by hand, and says itself how:
//!
//! | step | formula |
//! |---|---|
//! | score | the sum of the [`contribution`](ScorePart::contribution)s |
//! | contribution | one source asked for: `raw`; linear: `weight · normalised`; RRF: `weight / (rrf_k + rank)` |
//! | normalised | `(raw − lo) / (hi − lo)`, 1 when `hi = lo` |
//! | raw, several vector spaces | `Σ weight · score` |
//! | raw, BM25 | `Σ query_weight · idf · f / (f + k1 · (1 − b + b · length / average_length))`, `f` being the frequency |
//! | idf | `ln(1 + (documents − df + 0.5) / (df + 0.5))`, `df` being the document frequency |
//! | raw, dot | `Σ query_weight · weight` |

mod display;
#[cfg(feature = "serde")]
mod metric_name;

use vectlite_ann::Metric;

pub use super::fusion::ScorePart;
pub use super::scale::Scale;
use crate::query::fusion::Fusion;

/// Where the score of a hit comes from. Its `Display` writes the formula with its numbers.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Explanation {
    /// The score of the hit.
    pub score: f64,
    /// How the two parts became one; `None` when only one source was asked for.
    pub fusion: Option<Fusion>,
    /// The constant of RRF; in that fusion only.
    pub rrf_k: Option<usize>,
    /// The dense part; `None` when that source did not find the record, which then adds nothing.
    pub dense: Option<DenseExplanation>,
    /// The sparse part; `None` when that source did not find the record, which then adds nothing.
    pub sparse: Option<SparseExplanation>,
}

/// What the vectors add to a score.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct DenseExplanation {
    /// What the raw score measures.
    #[cfg_attr(feature = "serde", serde(with = "metric_name"))]
    pub metric: Metric,
    /// The scores in each vector space, whose weighted sum is the raw one; empty where one space is searched, unweighted.
    pub spaces: Vec<SpaceScore>,
    /// The raw score, and what becomes of it.
    pub part: ScorePart,
}

/// The score of a record in one of several vector spaces.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SpaceScore {
    /// The vector space; the default one is `""`.
    pub vector_name: String,
    /// Its factor.
    pub weight: f64,
    /// The score of the record's vector there.
    pub score: f64,
}

/// What the terms add to a score.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SparseExplanation {
    /// How the terms make up the raw score.
    pub terms: TermScores,
    /// The raw score, and what becomes of it.
    pub part: ScorePart,
}

/// The sum over the matched terms that is the raw sparse score.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "lowercase"))]
pub enum TermScores {
    /// BM25 in Lucene's form.
    Bm25 {
        /// How fast a repeated term stops counting.
        k1: f64,
        /// How much the length of a record counts.
        b: f64,
        /// The length of the record, in terms.
        length: f64,
        /// The average length of the searched records.
        average_length: f64,
        /// How many records with terms were searched.
        documents: u64,
        /// The matched terms.
        terms: Vec<Bm25Term>,
    },
    /// The dot product of the weights.
    Dot {
        /// The matched terms.
        terms: Vec<DotTerm>,
    },
}

/// One matched term under BM25.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Bm25Term {
    /// The term, as the analyzer made it.
    pub term: String,
    /// Its weight in the query: how often it occurs there.
    pub query_weight: f64,
    /// How many of the searched records hold it.
    pub document_frequency: u64,
    /// How much it tells: large for rare terms.
    pub idf: f64,
    /// How often it occurs in the record.
    pub frequency: f64,
    /// What it adds.
    pub score: f64,
}

/// One matched term under the dot product.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct DotTerm {
    /// The term.
    pub term: String,
    /// Its weight in the query.
    pub query_weight: f64,
    /// Its weight in the record.
    pub weight: f64,
    /// What it adds.
    pub score: f64,
}

#[cfg(test)]
mod tests;
