//! BM25 in Lucene's form: no factor `(k1 + 1)`, an idf that is never negative, exact lengths.
//!
//! S. Robertson, H. Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009; Lucene's
//! `BM25Similarity` for the variant:
//!
//! ```text
//! score = Σ query_weight · idf · tf / (tf + k1 · (1 − b + b · length / average_length))
//! idf   = ln(1 + (N − df + 0.5) / (df + 0.5))
//! ```

/// The two constants of the formula.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bm25 {
    /// How fast a repeated term stops counting; 1.2 by default.
    pub k1: f64,
    /// How much the length of a document counts, from 0 to 1; 0.75 by default.
    pub b: f64,
}

impl Default for Bm25 {
    fn default() -> Bm25 {
        Bm25 { k1: 1.2, b: 0.75 }
    }
}

/// What the formula needs to know of all searched documents.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Corpus {
    /// Documents with at least one term.
    pub documents: u64,
    /// The sum of their lengths.
    pub total_length: f64,
}

impl Corpus {
    /// The average length of a document; 0 for an empty corpus.
    pub fn average_length(&self) -> f64 {
        if self.documents == 0 { 0.0 } else { self.total_length / self.documents as f64 }
    }
}

/// How much a term tells: large for rare terms, never negative.
///
/// ```
/// assert!(vectlite_text::idf(1_000, 1) > vectlite_text::idf(1_000, 900));
/// ```
pub fn idf(documents: u64, document_frequency: u64) -> f64 {
    let (n, df) = (documents as f64, document_frequency as f64);
    // A document frequency above the number of documents cannot be; clamped, it only makes the term tell nothing.
    (1.0 + ((n - df).max(0.0) + 0.5) / (df + 0.5)).ln()
}

impl Bm25 {
    /// What one term adds to a document's score.
    pub fn score(
        &self,
        query_weight: f64,
        idf: f64,
        frequency: f64,
        length: f64,
        average_length: f64,
    ) -> f64 {
        if frequency <= 0.0 {
            return 0.0;
        }
        let relative_length = if average_length > 0.0 { length / average_length } else { 1.0 };
        let norm = self.k1 * (1.0 - self.b + self.b * relative_length);
        query_weight * idf * frequency / (frequency + norm)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(left: f64, right: f64) {
        assert!((left - right).abs() < 1e-12, "{left} is not {right}");
    }

    #[test]
    fn idf_by_hand() {
        close(idf(10, 3), (1.0_f64 + 7.5 / 3.5).ln());
        close(idf(1, 1), (1.0_f64 + 0.5 / 1.5).ln());
        close(idf(0, 0), 2.0_f64.ln());
        close(idf(5, 9), (1.0_f64 + 0.5 / 9.5).ln());
    }

    #[test]
    fn score_by_hand() {
        let bm25 = Bm25::default();
        // norm = 1.2 · (0.25 + 0.75 · 8 / 4) = 2.1
        close(bm25.score(2.0, 1.5, 3.0, 8.0, 4.0), 2.0 * 1.5 * 3.0 / 5.1);
        // A document of average length: norm = k1.
        close(bm25.score(1.0, 1.0, 1.0, 4.0, 4.0), 1.0 / 2.2);
        close(Bm25 { k1: 2.0, b: 0.0 }.score(1.0, 1.0, 2.0, 100.0, 1.0), 0.5);
        close(Bm25 { k1: 1.0, b: 1.0 }.score(1.0, 1.0, 2.0, 4.0, 1.0), 2.0 / 6.0);
    }

    #[test]
    fn edges_are_finite() {
        let bm25 = Bm25::default();
        close(bm25.score(1.0, 1.0, 0.0, 0.0, 0.0), 0.0);
        close(bm25.score(1.0, 1.0, -1.0, 1.0, 1.0), 0.0);
        close(bm25.score(1.0, 1.0, 1.0, 0.0, 0.0), 1.0 / 2.2);
        let flat = Bm25 { k1: 0.0, b: 0.5 };
        close(flat.score(1.0, 3.0, 7.0, 2.0, 9.0), 3.0);
        close(flat.score(1.0, 3.0, 0.0, 2.0, 9.0), 0.0);
    }

    #[test]
    fn average_length_by_hand() {
        close(Corpus { documents: 4, total_length: 10.0 }.average_length(), 2.5);
        close(Corpus::default().average_length(), 0.0);
    }
}
