//! How a search was run: what a response tells beside its hits.

use super::{Fusion, Hit};

/// Hits and how they were found.
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SearchResponse {
    /// The hits, best first; under MMR in the order of choice.
    pub hits: Vec<Hit>,
    /// How they were found.
    pub stats: SearchStats,
}

/// How a search was run.
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct SearchStats {
    /// The steps of the plan, joined by `+`: `index` when field indexes answered a part of the filter or
    /// all of it, `filter` when records were looked at for it, then `exact`, `skim` or `graph`, then `text`; or `empty`.
    pub plan: String,
    /// Whether the candidates of every source are its true best ones.
    pub exact: bool,
    /// Whether the graph was followed, or the upper halves of its codes compared: then some of the best may be missing.
    pub used_ann: bool,
    /// Candidates that either of them gave.
    pub ann_candidate_count: usize,
    /// Vectors newer than the graph, which were scanned beside it.
    pub tail_scanned: usize,
    /// Whether the graph was tried and a scan had to answer.
    pub exact_fallback: bool,
    /// Whether the graph came from its image instead of being built by this handle.
    pub ann_loaded_from_disk: bool,
    /// Vectors and texts that were scored; a record scored by both sources counts twice.
    pub considered_count: usize,
    /// Records whose texts were scored to the end: those that could still get among the best.
    pub sparse_candidate_count: usize,
    /// Candidates that were asked of each source.
    pub fetch_k: usize,
    /// How dense and sparse became one; `None` when only one source was asked for.
    pub fusion: Option<Fusion>,
    /// Whether MMR chose the hits.
    pub mmr_applied: bool,
    /// Dimensions that were compared, of all spaces together; `None` without a query vector.
    pub effective_dimension: Option<usize>,
    /// Whether `truncate_dim` left some of them out.
    pub matryoshka_truncated: bool,
    /// The share of the searched records that the filter accepts; 1 without a filter.
    pub selectivity: f64,
    /// Commits that this handle has replayed from the log since it was opened.
    pub wal_entries_replayed: u64,
    /// Where the time went.
    pub timings: SearchTimings,
}

/// Where the time of a search went, in microseconds. The steps leave out what is none of them: validation, the
/// filter, the reading of the hits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct SearchTimings {
    /// Scoring vectors.
    pub dense_us: u64,
    /// Scoring terms.
    pub sparse_us: u64,
    /// Fusion and MMR.
    pub fusion_us: u64,
    /// From the request to the response.
    pub total_us: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stats_keep_their_names_and_values_in_a_round_trip() {
        let stats = SearchStats {
            plan: "filter+exact".to_owned(),
            fusion: Some(Fusion::Rrf),
            selectivity: 0.25,
            timings: SearchTimings { total_us: 12, ..SearchTimings::default() },
            ..SearchStats::default()
        };
        let bytes = rmp_serde::to_vec_named(&stats).unwrap();
        for name in ["plan", "rrf", "selectivity", "total_us"] {
            assert!(bytes.windows(name.len()).any(|window| window == name.as_bytes()), "{name}");
        }
        assert_eq!(rmp_serde::from_slice::<SearchStats>(&bytes).unwrap(), stats);
    }
}
