//! What a posting adds to a score.

use super::rounding::FOUND;
use crate::bm25::{Bm25, Corpus, idf};
use crate::list::BlockBounds;
use crate::list_block::{ListBlock, Parts};

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

/// What a list adds to scores, with one division: the same as [`Scorer::term`] but for rounding and scale.
#[derive(Debug, Clone, Copy)]
pub(super) enum Impact {
    /// `most · weight / (weight + base + slope · length)`.
    Bm25 { most: f64, base: f64, slope: f64 },
    /// The same with numbers that f32 can multiply and divide without leaving its range: four at once instead of two.
    Narrow { most: f32, base: f32, slope: f32 },
    /// `most · weight`.
    Dot { most: f64 },
}

/// In f32 a factor of at most this makes what is lost near 0 no greater than [`FOUND`].
const LARGEST_NARROW: f64 = (1 << 20) as f64;
/// Slopes that f32 holds with all of its digits, and whose products with lengths it holds: a length is at most the average times the
/// number of documents, 2^32.
const NARROW_SLOPES: std::ops::RangeInclusive<f64> = 1e-30..=1e25;

impl Impact {
    fn of(self, weight: f32, length: f32) -> f64 {
        let wide = (f64::from(weight), f64::from(length));
        match self {
            Impact::Narrow { most, base, slope } => {
                f64::from(most * (weight / (weight + (base + slope * length))))
            }
            // The least positive number makes 0 / 0 a 0.
            Impact::Bm25 { most, base, slope } => {
                most * wide.0 / (wide.0 + base + slope * wide.1 + f64::MIN_POSITIVE)
            }
            Impact::Dot { most } => most * wide.0,
        }
    }

    /// What a posting adds to the score of a document, which is found with it.
    pub(super) fn part(self, weight: f32, length: f32) -> f32 {
        self.of(weight, length) as f32 + FOUND
    }

    /// The postings of a block from the place `at` on whose slots are below `end`, with what each adds: see [`ListBlock::parts`].
    pub(super) fn parts(self, block: &ListBlock, at: usize, end: u64, parts: &mut Parts) {
        // Which one it is, is asked here and not for each posting: so it takes SIMD.
        match self {
            Impact::Narrow { most, base, slope } => {
                let impact = |weight, length| Impact::Narrow { most, base, slope }.part(weight, length);
                block.parts(at, end, impact, parts);
            }
            Impact::Bm25 { most, base, slope } => {
                let impact = |weight, length| Impact::Bm25 { most, base, slope }.part(weight, length);
                block.parts(at, end, impact, parts);
            }
            Impact::Dot { most } => {
                block.parts(at, end, |weight, length| Impact::Dot { most }.part(weight, length), parts);
            }
        }
    }

    /// The same of scores that are so many times as large.
    pub(super) fn times(self, scale: f64) -> Impact {
        match self {
            Impact::Bm25 { most, base, slope } => {
                let most = most * scale;
                if most <= LARGEST_NARROW && (slope == 0.0 || NARROW_SLOPES.contains(&slope)) {
                    let base = (base as f32).max(f32::MIN_POSITIVE);
                    return Impact::Narrow { most: most as f32, base, slope: slope as f32 };
                }
                Impact::Bm25 { most, base, slope }
            }
            Impact::Narrow { most, base, slope } => {
                Impact::Narrow { most: (f64::from(most) * scale) as f32, base, slope }
            }
            Impact::Dot { most } => Impact::Dot { most: most * scale },
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
