//! The plan: how a search will run. A pure function of what was asked for and what there is.

/// What the decision depends on.
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

/// How a search will run.
///
/// With `filter_first` the filter is evaluated on every live record of the searched namespaces, and only the slots that match
/// are scored: without field indexes that is the one order in which k is guaranteed and the scan is no larger than it
/// must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plan {
    /// Nothing was asked for, or nothing stored can match.
    Empty,
    /// Every vector is scored.
    Exact { filter_first: bool },
    /// The posting lists of the query's terms are scored.
    Text { filter_first: bool },
    /// Both, and their fusion.
    Hybrid { filter_first: bool },
}

impl Plan {
    /// The plan for these facts. A source that holds nothing is not searched; that it was asked for still counts in fusion.
    pub(crate) fn choose(facts: &Facts) -> Plan {
        let filter_first = facts.filtered;
        let dense = facts.wants_dense && facts.live_vectors > 0;
        let sparse = facts.wants_sparse && facts.live_texts > 0;
        match (dense, sparse) {
            _ if facts.window == 0 => Plan::Empty,
            (false, false) => Plan::Empty,
            (true, false) => Plan::Exact { filter_first },
            (false, true) => Plan::Text { filter_first },
            (true, true) => Plan::Hybrid { filter_first },
        }
    }

    /// The steps in their order, as statistics show them. Stable: users match on these names.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Plan::Empty => "empty",
            Plan::Exact { filter_first: false } => "exact",
            Plan::Exact { filter_first: true } => "filter+exact",
            Plan::Text { filter_first: false } => "text",
            Plan::Text { filter_first: true } => "filter+text",
            Plan::Hybrid { filter_first: false } => "exact+text",
            Plan::Hybrid { filter_first: true } => "filter+exact+text",
        }
    }

    /// Whether vectors are scored.
    pub(crate) fn has_dense(self) -> bool {
        matches!(self, Plan::Exact { .. } | Plan::Hybrid { .. })
    }

    /// Whether posting lists are scored.
    pub(crate) fn has_sparse(self) -> bool {
        matches!(self, Plan::Text { .. } | Plan::Hybrid { .. })
    }

    /// Whether the filter decides which slots are scored.
    pub(crate) fn has_filter(self) -> bool {
        match self {
            Plan::Empty => false,
            Plan::Exact { filter_first } | Plan::Text { filter_first } | Plan::Hybrid { filter_first } => {
                filter_first
            }
        }
    }

    /// Whether the candidates of each source are its true best ones. No arm stands for all the others: a plan that
    /// approximates has to say so here.
    pub(crate) fn is_exact(self) -> bool {
        match self {
            Plan::Empty | Plan::Exact { .. } | Plan::Text { .. } | Plan::Hybrid { .. } => true,
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
        for (row, unfiltered, filtered) in TABLE {
            for count in [1, 127, 128, u64::MAX] {
                for window in [1, 10, usize::MAX] {
                    assert_eq!(Plan::choose(&facts(row, count, window, false)).name(), unfiltered, "{row:?}");
                    assert_eq!(Plan::choose(&facts(row, count, window, true)).name(), filtered, "{row:?}");
                }
                assert_eq!(Plan::choose(&facts(row, count, 0, false)), Plan::Empty);
                assert_eq!(Plan::choose(&facts(row, count, 0, true)), Plan::Empty);
            }
        }
    }

    #[test]
    fn a_name_tells_the_steps() {
        let mut names = Vec::new();
        for filter_first in [false, true] {
            for plan in [
                Plan::Empty,
                Plan::Exact { filter_first },
                Plan::Text { filter_first },
                Plan::Hybrid { filter_first },
            ] {
                let steps: Vec<&str> = plan.name().split('+').collect();
                assert_eq!(steps.contains(&"exact"), plan.has_dense(), "{plan:?}");
                assert_eq!(steps.contains(&"text"), plan.has_sparse(), "{plan:?}");
                assert_eq!(steps.first() == Some(&"filter"), plan.has_filter(), "{plan:?}");
                assert_eq!(steps == ["empty"], plan == Plan::Empty);
                assert!(plan.is_exact());
                names.push((plan, plan.name()));
            }
        }
        for (a, name_a) in &names {
            for (b, name_b) in &names {
                assert_eq!(a == b, name_a == name_b);
            }
        }
    }
}
