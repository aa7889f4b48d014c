//! The plan: how a search will run. Pure functions of what was asked for and what there is.

use crate::limits::{
    DISTANCES_PER_CANDIDATE, GRAPH_FROM, SKIM_FROM, SKIMMED_PER_DISTANCE, SKIMMED_PER_VECTOR,
};

/// What decides which sources are searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Facts {
    /// Whether the request carries a query vector.
    pub(crate) wants_dense: bool,
    /// Whether the request carries text or sparse terms.
    pub(crate) wants_sparse: bool,
    /// How many of the best hits are needed: `offset + k`, 0 when `k` is 0.
    pub(crate) window: usize,
    /// Whether the request carries a filter.
    pub(crate) filtered: bool,
    /// Live vectors of the searched space in the searched namespaces.
    pub(crate) live_vectors: u64,
    /// Live records with terms in the searched namespaces.
    pub(crate) live_texts: u64,
}

/// Which sources are searched, and what comes first.
///
/// With `filter_first` the slots that match are known before any is scored: so k is guaranteed, and the sources are searched in the way
/// that is cheapest for as many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) filter_first: bool,
    pub(crate) dense: bool,
    pub(crate) sparse: bool,
}

impl Plan {
    /// Nothing was asked for, or nothing stored can match.
    pub(crate) const EMPTY: Plan = Plan { filter_first: false, dense: false, sparse: false };

    /// The plan for these facts. A source that holds nothing is not searched; that it was asked for still counts in fusion.
    pub(crate) fn choose(facts: &Facts) -> Plan {
        let dense = facts.wants_dense && facts.live_vectors > 0;
        let sparse = facts.wants_sparse && facts.live_texts > 0;
        if facts.window == 0 || !(dense || sparse) {
            return Plan::EMPTY;
        }
        Plan { filter_first: facts.filtered, dense, sparse }
    }

    /// The steps in their order, as statistics show them, with the way of the dense one. Stable: users match on these names.
    pub(crate) fn name(self, filter: FilterWay, dense: DenseWay) -> String {
        let dense = self.dense.then(|| dense.name());
        let index = (self.filter_first && filter.by_index).then_some("index");
        // Where nothing is left to look at, an index has answered.
        let filter = (self.filter_first && (filter.by_record || !filter.by_index)).then_some("filter");
        let steps = [index, filter, dense, self.sparse.then_some("text")];
        let steps: Vec<&str> = steps.into_iter().flatten().collect();
        if steps.is_empty() { "empty".to_owned() } else { steps.join("+") }
    }
}

/// How the slots that match were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct FilterWay {
    /// Field indexes were asked.
    pub(crate) by_index: bool,
    /// The filter was evaluated on records.
    pub(crate) by_record: bool,
}

/// What decides how vectors are searched, once it is known which ones may be returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DenseFacts {
    /// Whether the answer has to be the true one.
    pub(crate) exact: bool,
    /// Live vectors of the space in all namespaces.
    pub(crate) live: u64,
    /// Vectors that may be returned.
    pub(crate) eligible: u64,
    /// Nodes of the graph; `None` without one.
    pub(crate) nodes: Option<u64>,
    /// Whether the graph's checksums were compared.
    pub(crate) verified: bool,
    /// Candidates that a walk keeps which no filter narrows.
    pub(crate) width: u64,
}

/// How vectors are searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum DenseWay {
    /// Every vector is scored.
    #[default]
    Flat,
    /// Every code is compared, and every vector scored that could be among the best.
    Scan,
    /// The upper half of every code is compared, and what its noise leaves among the best looked at more closely.
    Skim,
    /// The graph is followed, `ef` candidates wide. It gives up after so many distances: then a scan had been done.
    Graph { ef: usize, budget: usize },
}

impl DenseWay {
    /// The cheapest way, the costs counted in codes that a skim compares.
    ///
    /// A walk for `ef` candidates computes some [`DISTANCES_PER_CANDIDATE`] for each of them, and more by as much as a filter lets fewer
    /// nodes pass. As it looks at more nodes, a filtered walk finds more of the best than one of everything does that is as wide; with `√s`
    /// of the candidates, where `s` is the share that passes, it still finds as much (*measured*, `design.md`).
    pub(crate) fn choose(facts: &DenseFacts) -> DenseWay {
        let Some(nodes) = facts.nodes.filter(|nodes| *nodes > 0) else { return DenseWay::Flat };
        if facts.exact {
            // Codes that a damaged image holds would prove nothing.
            return if facts.verified { DenseWay::Scan } else { DenseWay::Flat };
        }
        if facts.live < GRAPH_FROM {
            return DenseWay::Flat;
        }
        let selectivity = facts.eligible.min(nodes) as f64 / nodes as f64;
        let ef = (facts.width as f64 * selectivity.sqrt()).ceil();
        let walk = ef / selectivity * DISTANCES_PER_CANDIDATE * SKIMMED_PER_DISTANCE;
        let everything = facts.eligible >= nodes;
        // The codes of a graph that is not verified yet prove nothing: without a walk, vectors are read.
        let each = if facts.verified { 1.0 } else { SKIMMED_PER_VECTOR };
        let otherwise = facts.eligible as f64 * each;
        if everything || walk <= otherwise {
            let budget = otherwise / SKIMMED_PER_DISTANCE;
            return DenseWay::Graph { ef: ef as usize, budget: budget.ceil() as usize };
        }
        match facts.verified {
            true if facts.eligible >= SKIM_FROM => DenseWay::Skim,
            true => DenseWay::Scan,
            false => DenseWay::Flat,
        }
    }

    /// Whether the answer is the true one.
    pub(crate) fn is_exact(self) -> bool {
        matches!(self, DenseWay::Flat | DenseWay::Scan)
    }

    fn name(self) -> &'static str {
        match self {
            DenseWay::Flat | DenseWay::Scan => "exact",
            DenseWay::Skim => "skim",
            DenseWay::Graph { .. } => "graph",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every combination of the facts that decide, and the name of its plan: wants dense, wants sparse, has
    /// vectors, has texts → without a filter, with one.
    const TABLE: [([bool; 4], &str, &str); 16] = {
        const YES: bool = true;
        const NO: bool = false;
        [
            ([NO, NO, NO, NO], "empty", "empty"),
            ([NO, NO, NO, YES], "empty", "empty"),
            ([NO, NO, YES, NO], "empty", "empty"),
            ([NO, NO, YES, YES], "empty", "empty"),
            ([NO, YES, NO, NO], "empty", "empty"),
            ([NO, YES, NO, YES], "text", "filter+text"),
            ([NO, YES, YES, NO], "empty", "empty"),
            ([NO, YES, YES, YES], "text", "filter+text"),
            ([YES, NO, NO, NO], "empty", "empty"),
            ([YES, NO, NO, YES], "empty", "empty"),
            ([YES, NO, YES, NO], "exact", "filter+exact"),
            ([YES, NO, YES, YES], "exact", "filter+exact"),
            ([YES, YES, NO, NO], "empty", "empty"),
            ([YES, YES, NO, YES], "text", "filter+text"),
            ([YES, YES, YES, NO], "exact", "filter+exact"),
            ([YES, YES, YES, YES], "exact+text", "filter+exact+text"),
        ]
    };

    fn facts(row: [bool; 4], count: u64, window: usize, filtered: bool) -> Facts {
        let [wants_dense, wants_sparse, vectors, texts] = row;
        let (live_vectors, live_texts) = (u64::from(vectors) * count, u64::from(texts) * count);
        Facts { wants_dense, wants_sparse, window, filtered, live_vectors, live_texts }
    }

    #[test]
    fn the_plan_is_what_the_table_says() {
        let name = |row, count, window, filtered, way| {
            Plan::choose(&facts(row, count, window, filtered)).name(FilterWay::default(), way)
        };
        for (row, unfiltered, filtered) in TABLE {
            for count in [1, 127, 128, u64::MAX] {
                for window in [1, 10, usize::MAX] {
                    for exact in [DenseWay::Flat, DenseWay::Scan] {
                        assert_eq!(name(row, count, window, false, exact), unfiltered, "{row:?}");
                        assert_eq!(name(row, count, window, true, exact), filtered, "{row:?}");
                    }
                    let graph = DenseWay::Graph { ef: 1, budget: 1 };
                    let walked = |name: &str| name.replace("exact", "graph");
                    assert_eq!(name(row, count, window, false, graph), walked(unfiltered), "{row:?}");
                    assert_eq!(name(row, count, window, true, graph), walked(filtered), "{row:?}");
                }
                assert_eq!(Plan::choose(&facts(row, count, 0, false)), Plan::EMPTY);
                assert_eq!(Plan::choose(&facts(row, count, 0, true)), Plan::EMPTY);
            }
        }
    }

    #[test]
    fn the_plan_says_how_the_filter_was_answered() {
        let plan = Plan { filter_first: true, dense: true, sparse: false };
        let name = |by_index, by_record| plan.name(FilterWay { by_index, by_record }, DenseWay::Skim);
        assert_eq!(name(false, true), "filter+skim");
        assert_eq!(name(true, true), "index+filter+skim");
        assert_eq!(name(true, false), "index+skim");
        let unfiltered = Plan { filter_first: false, ..plan };
        assert_eq!(unfiltered.name(FilterWay { by_index: true, by_record: true }, DenseWay::Skim), "skim");
    }

    #[test]
    fn what_looks_at_everything_closely_is_exact() {
        assert!(DenseWay::Flat.is_exact() && DenseWay::Scan.is_exact());
        assert!(!DenseWay::Skim.is_exact() && !DenseWay::Graph { ef: 1, budget: 1 }.is_exact());
    }

    /// 100,000 vectors, all of them in the graph, at the default width.
    const LARGE: DenseFacts = DenseFacts {
        exact: false,
        live: 100_000,
        eligible: 100_000,
        nodes: Some(100_000),
        verified: true,
        width: 64,
    };

    #[test]
    fn all_of_many_vectors_are_searched_by_the_graph_and_few_by_a_scan() {
        let way = |eligible| DenseWay::choose(&DenseFacts { eligible, ..LARGE });
        assert_eq!(way(100_000), DenseWay::Graph { ef: 64, budget: 40_000 });
        // 64 · √0.5 and 64 · √0.11.
        assert_eq!(way(50_000), DenseWay::Graph { ef: 46, budget: 20_000 });
        assert_eq!(way(11_000), DenseWay::Graph { ef: 22, budget: 4_400 });
        for few in [9_000, 5_000, SKIM_FROM] {
            assert_eq!(way(few), DenseWay::Skim, "{few}");
        }
        for fewer in [SKIM_FROM - 1, 500, 1, 0] {
            assert_eq!(way(fewer), DenseWay::Scan, "{fewer}");
        }
        // The more candidates, the earlier the scan.
        let way = |eligible, width| DenseWay::choose(&DenseFacts { eligible, width, ..LARGE });
        assert_eq!(way(50_000, 2_000), DenseWay::Skim);
        assert_eq!(way(100_000, u64::MAX), DenseWay::Graph { ef: usize::MAX, budget: 40_000 });
    }

    #[test]
    fn small_spaces_and_exact_requests_are_exact() {
        let way = |facts: DenseFacts| DenseWay::choose(&facts);
        assert_eq!(way(DenseFacts { nodes: None, ..LARGE }), DenseWay::Flat);
        assert_eq!(way(DenseFacts { nodes: Some(0), ..LARGE }), DenseWay::Flat);
        assert_eq!(way(DenseFacts { exact: true, ..LARGE }), DenseWay::Scan);
        let small = DenseFacts { live: 127, eligible: 127, nodes: Some(127), ..LARGE };
        assert_eq!(way(small), DenseWay::Flat);
        let just_enough = DenseFacts { live: 128, eligible: 128, nodes: Some(128), ..LARGE };
        assert_eq!(way(just_enough), DenseWay::Graph { ef: 64, budget: 52 });
    }

    #[test]
    fn codes_that_were_not_verified_prove_nothing() {
        let unverified = DenseFacts { verified: false, ..LARGE };
        assert_eq!(DenseWay::choose(&DenseFacts { exact: true, ..unverified }), DenseWay::Flat);
        assert_eq!(DenseWay::choose(&DenseFacts { eligible: 500, ..unverified }), DenseWay::Flat);
        assert_eq!(DenseWay::choose(&unverified), DenseWay::Graph { ef: 64, budget: 1_000_000 });
        // A walk is cheaper than reading vectors where it is dearer than comparing codes.
        let few = DenseFacts { eligible: 5_000, ..unverified };
        assert_eq!(DenseWay::choose(&few), DenseWay::Graph { ef: 15, budget: 50_000 });
    }
}
