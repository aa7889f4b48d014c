//! The dense source of a search: one vector space, or the weighted sum over several.

use std::collections::HashMap;
use std::sync::Arc;

use vectlite_ann::{DEFAULT_EF_SEARCH, Metric, Scorer, TopK};

use super::explain::SpaceScore;
use super::fusion::dense_floor;
use super::plan::{DenseFacts, DenseWay};
use super::valid_request::{SpaceQuery, ValidRequest};
use crate::error::Result;
use crate::index::dense::graph::Graph;
use crate::index::dense::graphs::GraphSet;
use crate::index::dense::search::{self as index, DenseCandidates, Method};
use crate::interrupt;
use crate::limits::WIDTH_FACTOR;
use crate::storage::catalog::Space;
use crate::storage::record::Slot;
use crate::storage::slot_set::SlotSet;
use crate::storage::view::View;

/// A space that is searched.
#[derive(Debug, Clone, Copy)]
pub(super) struct Searched<'a> {
    pub(super) space: &'a Space,
    pub(super) graph: Option<&'a Arc<Graph>>,
    query: SpaceQuery<'a>,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Dense<'a> {
    view: &'a View,
    /// Those that exist, in the order of their names: scores are added in it.
    pub(super) spaces: Vec<Searched<'a>>,
    /// Whether a record without one of the spaces cannot be scored.
    needs_all: bool,
}

impl<'a> Dense<'a> {
    pub(super) fn new(view: &'a View, graphs: &'a GraphSet, request: &ValidRequest<'a>) -> Dense<'a> {
        let find = |query: &SpaceQuery<'a>| {
            let space = view.catalog.space(query.name)?;
            let graph = graphs.for_search(space.id, view.catalog.slot_epoch);
            Some(Searched { space, graph, query: *query })
        };
        let spaces: Vec<Searched<'a>> = request.dense.iter().filter_map(find).collect();
        // No distance stands for a vector that is missing. A direction that is missing is like no other: it adds nothing.
        let needs_all = match view.catalog.settings.metric {
            Metric::Cosine | Metric::DotProduct => false,
            Metric::Euclidean | Metric::Manhattan => request.dense.len() > 1,
        };
        Dense { view, spaces, needs_all }
    }

    /// The least score that it can give, if there is one.
    pub(super) fn floor(&self, request: &ValidRequest<'_>) -> Option<f64> {
        let weights: f64 = request.dense.iter().map(|query| query.weight).sum();
        dense_floor(self.view.catalog.settings.metric).map(|floor| floor * weights)
    }

    /// Whether any of the graphs came from its image.
    pub(super) fn loaded_from_disk(&self) -> bool {
        self.spaces.iter().filter_map(|searched| searched.graph).any(|graph| graph.loaded)
    }

    /// The best of the slots that `eligible` lets each space return.
    pub(super) fn search(
        &self,
        request: &ValidRequest<'_>,
        eligible: impl Fn(&Space) -> SlotSet,
    ) -> Result<(DenseWay, DenseCandidates)> {
        if self.needs_all && self.spaces.len() < request.dense.len() {
            // One of them does not exist.
            return Ok(Default::default());
        }
        let mut slots: Vec<SlotSet> = self.spaces.iter().map(|searched| eligible(searched.space)).collect();
        if self.needs_all
            && let Some(all) = slots.iter().cloned().reduce(|all, slots| all.intersection(&slots))
        {
            slots.fill(all);
        }
        let ways: Vec<DenseWay> = self
            .spaces
            .iter()
            .zip(&slots)
            .map(|(searched, slots)| searched.way(self.view, request, slots))
            .collect();
        if let ([searched], [slots], [way], false) =
            (&self.spaces[..], &slots[..], &ways[..], self.reads_vectors(request))
        {
            let found = searched.candidates(self.view, *way, slots, request.wanted)?;
            return Ok((*way, found));
        }
        match ways.iter().find(|way| !way.is_exact()) {
            None => {
                let mut found = self.sum(&slots, None, request.wanted)?;
                found.tail_scanned = found.considered;
                Ok((DenseWay::Flat, found))
            }
            Some(way) => Ok((*way, self.sum_of_candidates(&slots, &ways, request.wanted)?)),
        }
    }

    /// Whether scores come of stored vectors, whatever an index finds.
    pub(super) fn reads_vectors(&self, request: &ValidRequest<'_>) -> bool {
        is_sum(request) || self.spaces.iter().any(|searched| searched.query.truncated)
    }

    /// Candidates of each space, scored in all of them.
    fn sum_of_candidates(
        &self,
        slots: &[SlotSet],
        ways: &[DenseWay],
        wanted: usize,
    ) -> Result<DenseCandidates> {
        let mut all = DenseCandidates::default();
        let mut candidates = SlotSet::default();
        for ((searched, slots), way) in self.spaces.iter().zip(slots).zip(ways) {
            let found = searched.candidates(self.view, *way, slots, wanted)?;
            candidates.extend(&found.candidates.iter().map(|found| found.slot).collect());
            all.from_graph += found.from_graph;
            all.tail_scanned += found.tail_scanned;
            all.considered += found.considered;
            all.fell_back |= found.fell_back;
        }
        let summed = self.sum(slots, Some(&candidates), wanted)?;
        all.considered += summed.considered;
        all.candidates = summed.candidates;
        Ok(all)
    }

    /// The best sums over the spaces, of all their slots or only these.
    fn sum(&self, slots: &[SlotSet], only: Option<&SlotSet>, wanted: usize) -> Result<DenseCandidates> {
        let mut sums: HashMap<Slot, f64> = HashMap::new();
        let mut considered = 0;
        for (searched, slots) in self.spaces.iter().zip(slots) {
            let narrowed = only.map(|only| slots.intersection(only));
            let slots = narrowed.as_ref().unwrap_or(slots);
            searched.visit_scores(self.view, slots, |slot, score| {
                considered += 1;
                *sums.entry(slot).or_default() += searched.query.weight * score;
            })?;
        }
        let mut best = TopK::new(wanted);
        for (slot, score) in sums {
            best.push(slot, score);
        }
        Ok(DenseCandidates { candidates: best.into_sorted(), considered, ..DenseCandidates::default() })
    }

    /// What each of several spaces adds to the score of a slot; nothing where one is searched, unweighted.
    pub(super) fn scores(&self, request: &ValidRequest<'_>, slot: Slot) -> Result<Vec<SpaceScore>> {
        let mut scores = Vec::new();
        if !is_sum(request) {
            return Ok(scores);
        }
        for searched in &self.spaces {
            if let Some(vector) = self.view.vector(searched.space, slot)? {
                scores.push(SpaceScore {
                    vector_name: searched.query.name.to_owned(),
                    weight: searched.query.weight,
                    score: searched.score(&searched.scorer(), &vector),
                });
            }
        }
        Ok(scores)
    }
}

/// Whether a score is a weighted sum.
fn is_sum(request: &ValidRequest<'_>) -> bool {
    request.dense.len() > 1 || request.dense.iter().any(|query| query.weight != 1.0)
}

impl Searched<'_> {
    fn way(&self, view: &View, request: &ValidRequest<'_>, slots: &SlotSet) -> DenseWay {
        if self.query.truncated {
            // Codes and links are those of whole vectors.
            return DenseWay::Flat;
        }
        let wanted = request.wanted;
        let asked = request.ef_search.or(view.catalog.index_config.ef_search);
        let width =
            asked.map_or(DEFAULT_EF_SEARCH.max(wanted.saturating_mul(WIDTH_FACTOR)), |ef| ef.max(wanted));
        DenseWay::choose(&DenseFacts {
            exact: request.exact,
            live: view.catalog.vectors(self.space.id),
            eligible: slots.len(),
            nodes: self.graph.map(|graph| graph.index.len() as u64),
            verified: self.graph.is_some_and(|graph| graph.is_verified()),
            width: width as u64,
        })
    }

    fn candidates(&self, view: &View, way: DenseWay, slots: &SlotSet, k: usize) -> Result<DenseCandidates> {
        let method = match way {
            DenseWay::Flat => None,
            DenseWay::Scan => Some(Method::Scan),
            DenseWay::Skim => Some(Method::Skim),
            DenseWay::Graph { ef, budget } => Some(Method::Walk { ef, budget }),
        };
        let (space, query) = (self.space, self.query.vector);
        match (method, self.graph) {
            (Some(method), Some(graph)) => index::with_graph(view, space, graph, slots, query, k, method),
            _ => index::exact(view, space, slots, query, k),
        }
    }

    /// Calls `visit` with the score of each slot that has a vector.
    fn visit_scores(&self, view: &View, slots: &SlotSet, mut visit: impl FnMut(Slot, f64)) -> Result<()> {
        let scorer = self.scorer();
        view.visit_vectors(self.space, slots.iter(), |slot, vector| {
            interrupt::aborted()?;
            visit(slot, self.score(&scorer, vector));
            Ok(())
        })
    }

    fn scorer(&self) -> Scorer<'_> {
        Scorer::new(self.space.metric, self.query.vector)
    }

    /// The score of a stored vector, or of as many components as the query has.
    fn score(&self, scorer: &Scorer<'_>, vector: &[f32]) -> f64 {
        f64::from(scorer.score(vector.get(..self.query.vector.len()).unwrap_or(vector)))
    }
}
