//! Hits, and how they were found.

use serde::Serialize;
use vectlite::{Explanation, Hit, Metadata, SearchResponse, SearchStats};

/// What a search asked for beside key, scores and metadata: only that becomes a key of each hit.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Asked {
    pub(crate) vector: bool,
    pub(crate) text: bool,
    pub(crate) explain: bool,
}

/// The answer of a search.
#[derive(Debug, Serialize)]
pub(crate) struct Response {
    results: Vec<HitLine>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stats: Option<Statistics>,
}

impl Response {
    pub(crate) fn of(response: SearchResponse, asked: Asked, stats: bool) -> Response {
        Response {
            results: response.hits.into_iter().map(|hit| HitLine::of(hit, asked)).collect(),
            stats: stats.then(|| Statistics::from(response.stats)),
        }
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct HitLine {
    namespace: String,
    id: String,
    score: f64,
    dense_score: Option<f64>,
    sparse_score: Option<f64>,
    vector_name: Option<String>,
    matched_terms: Vec<String>,
    dense_rank: Option<usize>,
    sparse_rank: Option<usize>,
    metadata: Metadata,
    #[serde(skip_serializing_if = "Option::is_none")]
    vector: Option<Option<Vec<f32>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<Option<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    explain: Option<Option<Explanation>>,
}

impl HitLine {
    /// Whether it is the record with this id.
    pub(crate) fn is(&self, id: &str) -> bool {
        self.id == id
    }

    pub(crate) fn of(hit: Hit, asked: Asked) -> HitLine {
        HitLine {
            namespace: hit.namespace,
            id: hit.id,
            score: hit.score,
            dense_score: hit.dense_score,
            sparse_score: hit.sparse_score,
            vector_name: hit.vector_name,
            matched_terms: hit.matched_terms,
            dense_rank: hit.dense_rank,
            sparse_rank: hit.sparse_rank,
            metadata: hit.metadata,
            vector: asked.vector.then_some(hit.vector),
            text: asked.text.then_some(hit.text),
            explain: asked.explain.then_some(hit.explain),
        }
    }
}

/// How it was searched. No function of a caller's orders hits here, which the two keys say.
#[derive(Debug, Serialize)]
struct Statistics {
    #[serde(flatten)]
    stats: SearchStats,
    rerank_applied: bool,
    rerank_count: usize,
}

impl From<SearchStats> for Statistics {
    fn from(stats: SearchStats) -> Statistics {
        Statistics { stats, rerank_applied: false, rerank_count: 0 }
    }
}
