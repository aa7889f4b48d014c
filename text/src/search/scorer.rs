//! What a posting adds to a score.

use crate::bm25::{Bm25, Corpus, idf};
use crate::list::BlockBounds;

/// How a document's score is made of its terms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Scoring {
    /// BM25 over these statistics.
    Bm25 {
        /// The constants.
        bm25: Bm25,
        /// The searched documents.
        corpus: Corpus,
    },
    /// `Σ query weight · document weight`.
    Dot,
}

/// What a list adds to scores, with one division: the same as [`Scorer::term`] but for rounding.
#[derive(Debug, Clone, Copy)]
pub(super) enum Impact {
    /// `most · weight / (weight + base + slope · length)`.
    Bm25 { most: f64, base: f64, slope: f64 },
    /// `most · weight`.
    Dot { most: f64 },
}

impl Impact {
    pub(super) fn of(self, weight: f32, length: f32) -> f64 {
        let (weight, length) = (f64::from(weight), f64::from(length));
        match self {
            // The least positive number makes 0 / 0 a 0.
            Impact::Bm25 { most, base, slope } => {
                most * weight / (weight + base + slope * length + f64::MIN_POSITIVE)
            }
            Impact::Dot { most } => most * weight,
        }
    }

    /// The most that a posting within the bounds adds: BM25 grows with the frequency and falls with the length.
    pub(super) fn bound(self, bounds: &BlockBounds) -> f64 {
        let [low, high] = bounds.corners;
        self.of(low.weight, low.length).max(self.of(high.weight, high.length))
    }
}

/// A [`Scoring`] with what is the same for all documents.
pub(super) struct Scorer<'a> {
    scoring: &'a Scoring,
    average_length: f64,
}

impl Scorer<'_> {
    pub(super) fn new(scoring: &Scoring) -> Scorer<'_> {
        let average_length = match scoring {
            Scoring::Bm25 { corpus, .. } => corpus.average_length(),
            Scoring::Dot => 0.0,
        };
        Scorer { scoring, average_length }
    }

    pub(super) fn idf(&self, document_frequency: u64) -> f64 {
        match self.scoring {
            Scoring::Bm25 { corpus, .. } => idf(corpus.documents, document_frequency),
            Scoring::Dot => 1.0,
        }
    }

    /// What a term adds to a document's score.
    pub(super) fn term(&self, query_weight: f64, idf: f64, weight: f32, length: f32) -> f64 {
        let (weight, length) = (f64::from(weight), f64::from(length));
        match self.scoring {
            Scoring::Bm25 { bm25, .. } => bm25.score(query_weight, idf, weight, length, self.average_length),
            Scoring::Dot => query_weight * weight,
        }
    }

    /// What a list adds to scores, for many documents.
    pub(super) fn impact(&self, query_weight: f64, idf: f64) -> Impact {
        match self.scoring {
            Scoring::Dot => Impact::Dot { most: query_weight },
            Scoring::Bm25 { bm25: Bm25 { k1, b }, .. } => {
                let most = query_weight * idf;
                if self.average_length > 0.0 {
                    Impact::Bm25 { most, base: k1 * (1.0 - b), slope: k1 * b / self.average_length }
                } else {
                    Impact::Bm25 { most, base: *k1, slope: 0.0 }
                }
            }
        }
    }
}
