//! THE search path: a request on a view, step by step.

use std::collections::HashMap;
use std::time::Instant;

use vectlite_ann::Candidate;
use vectlite_text::{Held, Scoring};

use super::dense::Dense;
use super::explain::{Bm25Term, DenseExplanation, DotTerm, Explanation, SparseExplanation, TermScores};
use super::fusion::{Fused, SPARSE_FLOOR, Source, fuse};
use super::hit::Hit;
use super::keys::RecordKeys;
use super::mmr::{self, Member};
use super::plan::{DenseWay, Facts, FilterWay, Plan};
use super::rank::rank;
use super::request::SearchRequest;
use super::stats::{SearchResponse, SearchStats};
use super::valid_request::{Scope, SpaceFacts, SparseQuery, ValidRequest};
use crate::clock::Millis;
use crate::error::{Error, Result};
use crate::filter::Filter;
use crate::index::dense::graphs::GraphSet;
use crate::index::dense::search::DenseCandidates;
use crate::index::sparse::{SparseCandidates, Term, Terms};
use crate::index::text_query::TextQuery;
use crate::read::get::namespace_name;
use crate::read::matching::{Matching, matching};
use crate::record::add_terms;
use crate::storage::catalog::{Population, Space};
use crate::storage::record::{NamespaceId, Slot};
use crate::storage::slot_set::SlotSet;
use crate::storage::view::View;

/// Runs a search: validate → plan → candidates → fusion → order → hits.
pub(crate) fn search(
    view: &View,
    graphs: &GraphSet,
    request: &SearchRequest,
    now: Millis,
) -> Result<SearchResponse> {
    search_by(view, graphs, request, request.query_vector(), now)
}

/// The same by another vector than the request's own.
pub(super) fn search_by(
    view: &View,
    graphs: &GraphSet,
    request: &SearchRequest,
    vector: Option<&[f32]>,
    now: Millis,
) -> Result<SearchResponse> {
    let started = Instant::now();
    let facts = |name: &str| SpaceFacts {
        metric: view.catalog.settings.metric,
        dimension: view.catalog.space(name).map(|space| space.dimension),
    };
    let request = request.validate(vector, facts)?;
    let mut search = Search::new(view, graphs, request, now)?;
    let mut response = search.run()?;
    response.stats.timings.total_us = micros(started);
    Ok(response)
}

fn micros(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX)
}

/// One search on its way.
struct Search<'a> {
    view: &'a View,
    dense: Dense<'a>,
    request: ValidRequest<'a>,
    /// The vector space of MMR's likeness and of the vectors that hits bring along.
    space: Option<&'a Space>,
    /// The query's terms.
    terms: Terms,
    /// Slots that have expired and are not swept yet.
    expired: SlotSet,
    /// Slots that the filter lets pass; `None` without a filter.
    matching: Option<SlotSet>,
    keys: RecordKeys,
    /// Terms that the sparse candidates hold.
    held: Vec<Held>,
    stats: SearchStats,
    now: Millis,
}

impl<'a> Search<'a> {
    fn new(
        view: &'a View,
        graphs: &'a GraphSet,
        request: ValidRequest<'a>,
        now: Millis,
    ) -> Result<Search<'a>> {
        let namespaces: Vec<NamespaceId> = match request.scope {
            Scope::Namespace(name) => view.catalog.namespace_id(name).into_iter().collect(),
            Scope::All => view.catalog.namespaces().map(|(id, _)| id).collect(),
        };
        if let Some(filter) = request.filter {
            filter.check()?;
        }
        let terms = Terms::open(view, &namespaces, text_query(view, &request)?)?;
        let expired = view.expired_slots(now)?;
        let stats = SearchStats { selectivity: 1.0, ..SearchStats::default() };
        let (dense, space) = (Dense::new(view, graphs, &request), view.catalog.space(request.space));
        let (matching, keys, held) = (None, RecordKeys::default(), Vec::new());
        Ok(Search { view, dense, request, space, terms, expired, matching, keys, held, stats, now })
    }

    fn run(&mut self) -> Result<SearchResponse> {
        let plan = Plan::choose(&Facts {
            wants_dense: !self.request.dense.is_empty(),
            wants_sparse: self.request.sparse.is_some(),
            window: self.request.window,
            filtered: self.request.filter.is_some(),
            live_vectors: self.live_vectors(),
            live_texts: self.live(Population::Text),
        });
        let filter = match self.request.filter.filter(|_| plan.filter_first) {
            Some(filter) => self.match_filter(filter)?,
            None => FilterWay::default(),
        };
        let started = Instant::now();
        let (way, dense) = if plan.dense {
            self.dense.search(&self.request, |space| self.eligible(Population::Space(space.id)))?
        } else {
            Default::default()
        };
        self.stats.timings.dense_us = micros(started);
        let started = Instant::now();
        let sparse = if plan.sparse { self.sparse()? } else { SparseCandidates::default() };
        self.stats.timings.sparse_us = micros(started);

        let started = Instant::now();
        self.describe(plan, filter, way, &dense);
        self.stats.considered_count = dense.considered + sparse.scored;
        self.stats.sparse_candidate_count = sparse.scored;
        (self.keys, self.held) = (RecordKeys::new(dense.keys), sparse.held);
        let wanted = self.request.wanted;
        let dense = self.rank(dense.candidates, wanted)?;
        let sparse = self.rank(sparse.candidates, wanted)?;
        let chosen = self.order(&dense, &sparse)?;
        self.stats.timings.fusion_us = micros(started);

        let hits = chosen.iter().map(|fused| self.hit(fused)).collect::<Result<Vec<Hit>>>()?;
        Ok(SearchResponse { hits, stats: std::mem::take(&mut self.stats) })
    }

    /// Live slots of a population in the searched namespaces.
    fn live(&self, population: Population) -> u64 {
        self.live_slots(population).map_or(0, SlotSet::len)
    }

    /// The same of the vector spaces together.
    fn live_vectors(&self) -> u64 {
        self.dense.spaces.iter().map(|searched| self.live(Population::Space(searched.space.id))).sum()
    }

    fn live_slots(&self, population: Population) -> Option<&'a SlotSet> {
        self.view.catalog.live_of(self.namespace(), population)
    }

    /// The searched namespace; `None`: all of them.
    fn namespace(&self) -> Option<&'a str> {
        match self.request.scope {
            Scope::Namespace(name) => Some(name),
            Scope::All => None,
        }
    }

    /// Finds the slots that the filter lets pass.
    fn match_filter(&mut self, filter: &Filter) -> Result<FilterWay> {
        let Matching { slots, by_index, by_record } =
            matching(self.view, self.namespace(), filter, &self.expired, self.now)?;
        let records = self.live(Population::Records);
        self.stats.selectivity = if records == 0 { 0.0 } else { slots.len() as f64 / records as f64 };
        self.matching = Some(slots);
        Ok(FilterWay { by_index, by_record })
    }

    /// The slots of a population that this search may return.
    fn eligible(&self, population: Population) -> SlotSet {
        let slots = self.live_slots(population).cloned().unwrap_or_default();
        let slots = match &self.matching {
            // What the filter let pass has not expired.
            Some(matching) => slots.intersection(matching),
            None if self.expired.is_empty() => slots,
            None => slots.difference(&self.expired),
        };
        self.terms.conditions.apply(slots)
    }

    fn rank(&self, candidates: Vec<Candidate>, keep: usize) -> Result<Vec<Candidate>> {
        rank(candidates, keep, |slot| {
            let record = self.keys.get(self.view, slot)?;
            Ok((namespace_name(self.view, &record)?, record))
        })
    }

    fn sparse(&self) -> Result<SparseCandidates> {
        let slots = self.eligible(Population::Text);
        self.terms.search(self.view, self.request.wanted, |slot| slots.contains(slot))
    }

    /// Fuses, orders, diversifies and cuts to the hits asked for.
    fn order(&mut self, dense: &[Candidate], sparse: &[Candidate]) -> Result<Vec<Fused>> {
        let request = &self.request;
        let floor = self.dense.floor(request);
        let dense = Source { candidates: dense, weight: request.dense_weight, floor };
        let sparse = Source { candidates: sparse, weight: request.sparse_weight, floor: Some(SPARSE_FLOOR) };
        let fused = fuse(
            (!request.dense.is_empty()).then_some(dense),
            request.sparse.is_some().then_some(sparse),
            request.fusion,
            request.rrf_k,
        );
        let by_slot: HashMap<Slot, Fused> = fused.iter().map(|fused| (fused.slot, *fused)).collect();
        let candidates = fused
            .iter()
            .filter(|fused| request.min_score.is_none_or(|least| fused.score >= least))
            .map(|fused| Candidate { slot: fused.slot, score: fused.score })
            .collect();
        let keep = if request.mmr_lambda.is_some() { request.fetch_k } else { request.window };
        let mut ordered = self.rank(candidates, keep)?;
        if let Some(lambda) = request.mmr_lambda {
            ordered = self.diversify(&ordered, lambda)?;
            self.stats.mmr_applied = true;
        }
        let chosen = ordered.iter().skip(self.request.offset).take(self.request.k);
        Ok(chosen.filter_map(|candidate| by_slot.get(&candidate.slot).copied()).collect())
    }

    fn diversify(&self, pool: &[Candidate], lambda: f64) -> Result<Vec<Candidate>> {
        let mut vectors = HashMap::with_capacity(pool.len());
        if let Some(space) = self.space {
            let slots: SlotSet = pool.iter().map(|candidate| candidate.slot).collect();
            let compared = self.request.dense.iter().find(|query| query.name == self.request.space);
            let compared = compared.map_or(space.dimension, |query| query.vector.len());
            self.view.visit_vectors(space, slots.iter(), |slot, vector| {
                vectors.insert(slot, vector.iter().take(compared).copied().collect::<Vec<f32>>());
                Ok(())
            })?;
        }
        let members: Vec<Member<'_>> = pool
            .iter()
            .map(|candidate| Member {
                score: candidate.score,
                vector: vectors.get(&candidate.slot).map(Vec::as_slice),
            })
            .collect();
        let chosen = mmr::select(&members, lambda, self.request.window);
        Ok(chosen.into_iter().filter_map(|position| pool.get(position).copied()).collect())
    }

    fn describe(&mut self, plan: Plan, filter: FilterWay, way: DenseWay, dense: &DenseCandidates) {
        let request = &self.request;
        self.stats.plan = plan.name(filter, way);
        // The best of each space need not hold the best sums.
        let found_all = !self.dense.reads_vectors(request) && (dense.fell_back || dense.from_graph == 0);
        self.stats.exact = way.is_exact() || found_all;
        self.stats.used_ann = !way.is_exact();
        self.stats.ann_candidate_count = dense.from_graph;
        self.stats.exact_fallback = dense.fell_back;
        self.stats.tail_scanned = dense.tail_scanned;
        self.stats.ann_loaded_from_disk = self.dense.loaded_from_disk();
        self.stats.fetch_k = request.fetch_k;
        let searched = &request.dense;
        self.stats.fusion = (!searched.is_empty() && request.sparse.is_some()).then_some(request.fusion);
        let dimension = searched.iter().map(|query| query.vector.len()).sum();
        self.stats.effective_dimension = (!searched.is_empty()).then_some(dimension);
        self.stats.matryoshka_truncated = searched.iter().any(|query| query.truncated);
    }

    fn hit(&self, fused: &Fused) -> Result<Hit> {
        let include = self.request.include;
        // Its text is read from storage only if somebody asks for it.
        let document = if include.text { Some(self.view.document(fused.slot)?) } else { None };
        let record = match &document {
            Some(document) => document.record.clone(),
            None => self.keys.get(self.view, fused.slot)?,
        };
        let mut hit = Hit {
            namespace: namespace_name(self.view, &record)?,
            id: record.id.to_string(),
            score: fused.score,
            dense_score: fused.dense.map(|part| part.raw),
            sparse_score: fused.sparse.map(|part| part.raw),
            dense_rank: fused.dense.map(|part| part.rank),
            sparse_rank: fused.sparse.map(|part| part.rank),
            ..Hit::default()
        };
        if let ([query], Some(_)) = (&self.request.dense[..], fused.dense)
            && !query.name.is_empty()
        {
            hit.vector_name = Some(query.name.to_owned());
        }
        let held = self.terms.held_by(fused.slot, &self.held)?;
        hit.matched_terms = held.iter().map(|(term, _)| term.name.clone()).collect();
        if include.metadata {
            hit.metadata = self.view.row_of(fused.slot, &record)?.metadata.as_ref().clone();
        }
        if include.text {
            hit.text = document.and_then(|document| document.text.as_ref().map(|text| text.to_string()));
        }
        if include.vector
            && let Some(space) = self.space
        {
            hit.vector = self.view.vector(space, fused.slot)?;
        }
        if self.request.explain {
            hit.explain = Some(self.explain(fused, &held)?);
        }
        Ok(hit)
    }

    fn explain(&self, fused: &Fused, held: &[(&Term, f32)]) -> Result<Explanation> {
        let metric = self.view.catalog.settings.metric;
        let fusion = self.stats.fusion;
        let dense = |part| {
            self.dense.scores(&self.request, fused.slot).map(|spaces| DenseExplanation {
                metric,
                spaces,
                part,
            })
        };
        Ok(Explanation {
            score: fused.score,
            fusion,
            rrf_k: (fusion == Some(super::Fusion::Rrf)).then_some(self.request.rrf_k),
            dense: fused.dense.map(dense).transpose()?,
            sparse: fused
                .sparse
                .map(|part| SparseExplanation { terms: self.term_scores(fused.slot, held), part }),
        })
    }

    fn term_scores(&self, slot: Slot, held: &[(&Term, f32)]) -> TermScores {
        match self.terms.scoring {
            Scoring::Dot => TermScores::Dot {
                terms: held
                    .iter()
                    .map(|(term, weight)| {
                        let (query_weight, weight) = (f64::from(term.query_weight), f64::from(*weight));
                        DotTerm {
                            term: term.name.clone(),
                            query_weight,
                            weight,
                            score: query_weight * weight,
                        }
                    })
                    .collect(),
            },
            Scoring::Bm25 { bm25, corpus } => {
                let length = f64::from(self.view.catalog.lengths.get(slot));
                let average_length = corpus.average_length();
                let terms = held
                    .iter()
                    .map(|(term, frequency)| {
                        let idf = vectlite_text::idf(corpus.documents, term.document_frequency);
                        let (query_weight, frequency) = (f64::from(term.query_weight), f64::from(*frequency));
                        let score = bm25.score(query_weight, idf, frequency, length, average_length);
                        Bm25Term {
                            term: term.name.clone(),
                            query_weight,
                            document_frequency: term.document_frequency,
                            idf,
                            frequency,
                            score,
                        }
                    })
                    .collect();
                let documents = corpus.documents;
                TermScores::Bm25 { k1: bm25.k1, b: bm25.b, length, average_length, documents, terms }
            }
        }
    }
}

/// What the text asks for by the stored analyzer, plus the sparse vector, summed by term.
fn text_query(view: &View, request: &ValidRequest<'_>) -> Result<TextQuery> {
    let Some(SparseQuery { text, terms }) = request.sparse else { return Ok(TextQuery::default()) };
    let analyzer = &view.catalog.settings.analyzer;
    if text.is_some() && !analyzer.indexes_text() {
        return Err(Error::no_analyzer());
    }
    let fields = &view.catalog.fields;
    let query = text.map(|text| TextQuery::of_text(text, analyzer, fields)).transpose()?;
    let mut query = query.unwrap_or_default();
    if query.only_narrows && request.dense.is_empty() && terms.is_none() {
        return Err(Error::invalid(
            "text: it only says what must not be there, or what fields have; add a word to search for, or a query vector",
        ));
    }
    let terms = terms.into_iter().flatten().map(|(term, weight)| (term.clone(), *weight));
    add_terms(&mut query.weighted, terms);
    Ok(query)
}
