//! How a search was run.

use napi_derive::napi;
use vectlite::SearchStats;

/// How a search was run.
#[napi(object, js_name = "SearchStats", object_from_js = false, use_nullable = true)]
pub struct RunStats {
    /// The steps of the plan, joined by `+`.
    pub plan: String,
    /// Whether the candidates of every source are its true best ones.
    pub exact: bool,
    /// Whether the graph was searched.
    pub used_ann: bool,
    /// Candidates that the graph gave.
    pub ann_candidate_count: f64,
    /// Vectors newer than the graph, which were scanned beside it.
    pub tail_scanned: f64,
    /// Whether the graph was tried and a scan had to answer.
    pub exact_fallback: bool,
    /// Whether the graph came from its image.
    pub ann_loaded_from_disk: bool,
    /// Vectors and texts that were scored.
    pub considered_count: f64,
    /// Records whose texts were scored to the end: those that could still get among the best.
    pub sparse_candidate_count: f64,
    /// Candidates that were asked of each source.
    pub fetch_k: f64,
    /// How dense and sparse became one.
    pub fusion: Option<String>,
    /// Whether MMR chose the hits.
    pub mmr_applied: bool,
    /// Dimensions that were compared, of all spaces together; `null` without a query vector.
    pub effective_dimension: Option<f64>,
    /// Whether `truncateDim` left some of them out.
    pub matryoshka_truncated: bool,
    /// Whether a function put the hits in order.
    pub rerank_applied: bool,
    /// Hits that it saw.
    pub rerank_count: f64,
    /// The share of the searched records that the filter accepts.
    pub selectivity: f64,
    /// Commits that this handle has replayed from the log since it was opened.
    pub wal_entries_replayed: f64,
    /// Where the time went.
    #[napi(ts_type = "SearchTimings")]
    pub timings: RunTimings,
}

/// Where the time of a search went, in microseconds.
#[napi(object, js_name = "SearchTimings", object_from_js = false)]
pub struct RunTimings {
    /// Scoring vectors.
    pub dense_us: f64,
    /// Scoring terms.
    pub sparse_us: f64,
    /// Fusion and MMR.
    pub fusion_us: f64,
    /// From the request to the response.
    pub total_us: f64,
}

impl RunStats {
    /// `reranked` hits were seen by a function of the caller's.
    pub(crate) fn of(stats: SearchStats, reranked: Option<usize>) -> RunStats {
        RunStats {
            plan: stats.plan,
            exact: stats.exact,
            used_ann: stats.used_ann,
            ann_candidate_count: stats.ann_candidate_count as f64,
            tail_scanned: stats.tail_scanned as f64,
            exact_fallback: stats.exact_fallback,
            ann_loaded_from_disk: stats.ann_loaded_from_disk,
            considered_count: stats.considered_count as f64,
            sparse_candidate_count: stats.sparse_candidate_count as f64,
            fetch_k: stats.fetch_k as f64,
            fusion: stats.fusion.map(|fusion| fusion.name().to_owned()),
            mmr_applied: stats.mmr_applied,
            effective_dimension: stats.effective_dimension.map(|dimension| dimension as f64),
            matryoshka_truncated: stats.matryoshka_truncated,
            rerank_applied: reranked.is_some(),
            rerank_count: reranked.unwrap_or_default() as f64,
            selectivity: stats.selectivity,
            wal_entries_replayed: stats.wal_entries_replayed as f64,
            timings: RunTimings {
                dense_us: stats.timings.dense_us as f64,
                sparse_us: stats.timings.sparse_us as f64,
                fusion_us: stats.timings.fusion_us as f64,
                total_us: stats.timings.total_us as f64,
            },
        }
    }
}
