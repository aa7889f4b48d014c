//! A hit, and the order that hits come in.

use std::cmp::Ordering;

use super::explain::Explanation;
use crate::value::Metadata;

/// A record that a search found.
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Hit {
    /// The namespace of the record; the default one is `""`.
    pub namespace: String,
    /// The record id, unique in its namespace.
    pub id: String,
    /// How well the record matches; higher is better. The fused score when a search asked for dense and sparse, otherwise the raw one.
    pub score: f64,
    /// The raw score of its vector under the metric, when the dense source found it.
    pub dense_score: Option<f64>,
    /// The raw score of its terms, when the sparse source found it.
    pub sparse_score: Option<f64>,
    /// The vector space of `dense_score`; `None` for the default one and where there is no such score.
    pub vector_name: Option<String>,
    /// The terms of the query that the record holds, sorted.
    pub matched_terms: Vec<String>,
    /// Its place among the dense candidates, from 1.
    pub dense_rank: Option<usize>,
    /// Its place among the sparse candidates, from 1.
    pub sparse_rank: Option<usize>,
    /// The metadata of the record; empty when the request left it out.
    pub metadata: Metadata,
    /// Its vector in the searched space as it was given, when asked for.
    pub vector: Option<Vec<f32>>,
    /// Its text, when asked for.
    pub text: Option<String>,
    /// Where `score` comes from, when asked for.
    pub explain: Option<Explanation>,
}

impl Hit {
    /// The order of hits: score descending, then namespace, then id, so that no two records are ever equal.
    pub fn best_first(&self, other: &Hit) -> Ordering {
        let (a, b) =
            ((self.namespace.as_str(), self.id.as_str()), (other.namespace.as_str(), other.id.as_str()));
        best_first((self.score, a), (other.score, b))
    }
}

/// The order of hits before they are hits: (score, record key).
pub(crate) fn best_first<K: Ord>(a: (f64, K), b: (f64, K)) -> Ordering {
    // Adding 0.0 makes -0.0 and 0.0 the same score.
    (b.0 + 0.0).total_cmp(&(a.0 + 0.0)).then_with(|| a.1.cmp(&b.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hit(score: f64, namespace: &str, id: &str) -> Hit {
        Hit { score, namespace: namespace.to_owned(), id: id.to_owned(), ..Hit::default() }
    }

    #[test]
    fn score_decides_then_namespace_then_id() {
        let ordered = [
            hit(2.0, "z", "z"),
            hit(0.0, "", "b"),
            hit(-0.0, "a", "a"),
            hit(0.0, "a", "b"),
            hit(-0.0, "b", ""),
            hit(-0.5, "", ""),
        ];
        for (i, a) in ordered.iter().enumerate() {
            for (j, b) in ordered.iter().enumerate() {
                assert_eq!(a.best_first(b), i.cmp(&j), "{a:?} against {b:?}");
            }
        }
    }
}
