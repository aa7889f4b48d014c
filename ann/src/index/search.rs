//! What is wanted, what was found, and how the graph finds it.

use super::Index;
use crate::Error;
use crate::codes::{Bound, Grain, Probe};
use crate::params::DEFAULT_EF_SEARCH;
use crate::pool::Bounds;
use crate::scratch::Scratch;
use crate::walk::{self, End, Walk};

/// What a search wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Search {
    /// How many hits the caller is after; so many candidates come back, and more where codes do not tell which are best.
    pub k: usize,
    /// How widely to search, about as many candidates on the way; never below `k`. More find better ones and take longer. `None`: as
    /// the index is configured.
    pub ef: Option<usize>,
    /// Distances after which a filtered search gives up: [`Ended::OverBudget`].
    pub budget: usize,
}

impl Search {
    /// For `k` hits, as the index is configured, without a budget.
    pub fn new(k: usize) -> Search {
        Search { k, ef: None, budget: usize::MAX }
    }
}

/// A slot and its approximate distance from the query: lower is closer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Near {
    /// Whose vector it is.
    pub slot: u32,
    /// Its node: nodes are numbered from 0 in the order of [`Index::slots`], and keep their numbers.
    pub node: u32,
    /// By the codes. Comparable within one answer.
    pub distance: f32,
    /// What a [`Scorer`](crate::Scorer) gives its vector is not more.
    pub ceiling: f32,
}

/// How a search ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// As it should. Fewer candidates than asked for: the filter passes so few, or they are out of reach, so the
    /// caller scans when it knows of more.
    Complete,
    /// The budget was used up: the candidates are what was found by then, a scan is the better plan.
    OverBudget,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Closest first. Of what the search came across (the best 32 of it at least), all that can be among the `k` best:
    /// what the errors of codes rule out is left out.
    pub candidates: Vec<Near>,
    /// How it ended.
    pub ended: Ended,
    /// Distances that were computed.
    pub evaluated: usize,
}

/// The best so many of a search are looked at more closely, at least: the codes' error hardly ever hides a hit below
/// these. More where upper halves leave it open.
const SETTLED: usize = 32;

/// A beam of width `ef` would follow every node among the `ef` best. This one follows what is in reach of the node at place
/// `ef / RANKED`: few where the best stand out, up to `WIDEST` times `ef` where all are about as far. On sentence embeddings it
/// finds more with as many distances from an `ef` of 24 on, and takes an eighth to a fifth fewer to find as much (*measured*,
/// `design.md`). After "Distance Adaptive Beam Search for Provably Accurate Graph-Based Nearest Neighbor Search" (NeurIPS 2025),
/// where the place is `k`; with `ef` in it, one knob still reaches every recall at every `k`.
const RANKED: usize = 3;
/// But no better place than `k / RANKED_OF_K`: the hits themselves must be followed.
const RANKED_OF_K: usize = 2;
/// See [`RANKED`]: 5 / 2.
const WIDEST: (usize, usize) = (5, 2);

impl Index {
    /// Searches everything.
    pub fn search(&self, query: &[f32], search: Search) -> Result<Found, Error> {
        if self.tombstones > 0 {
            // They must not fill the places of the living.
            let unlimited = Search { budget: usize::MAX, ..search };
            return self.search_filtered(query, unlimited, |_| true);
        }
        let twins = self.len();
        self.search_with(query, search, twins, |walk, probe, start, bounds, scratch| {
            walk.beam(probe, 0, start, bounds, scratch);
            End::Complete
        })
    }

    /// Searches among the slots that pass.
    pub fn search_filtered(
        &self,
        query: &[f32],
        search: Search,
        passes: impl Fn(u32) -> bool,
    ) -> Result<Found, Error> {
        let passes = |node| self.slot(node).is_some_and(&passes);
        self.search_with(query, search, 0, |walk, probe, start, bounds, scratch| {
            walk.filtered_beam(probe, start, bounds, search.budget, passes, scratch)
        })
    }

    /// Searches by a beam: by the upper halves of codes, and again by whole codes where halves cannot tell the best from others. Of
    /// each node that was found, up to so many `twins` come along.
    fn search_with(
        &self,
        query: &[f32],
        search: Search,
        twins: usize,
        beam: impl Fn(Walk<'_>, &Probe<'_>, walk::Near, Bounds, &mut Scratch) -> End,
    ) -> Result<Found, Error> {
        self.check_vector(query)?;
        let query = self.codes.query(query);
        Ok(self.scratches.with(|scratch| {
            scratch.evaluated = 0;
            let mut probe = self.codes.coarse(query.probe());
            let (bounds, blur, end) = loop {
                let (bounds, blur) = (self.bounds(search, &probe), self.codes.blur(&probe));
                scratch.pool.reset(bounds);
                let start = self.walk().descend(&probe, 0, scratch);
                let end =
                    start.map_or(End::Complete, |start| beam(self.walk(), &probe, start, bounds, scratch));
                if end == End::OverBudget || !scratch.pool.is_saturated(search.k, blur) {
                    break (bounds, blur, end);
                }
                probe = query.probe();
            };
            for (node, _) in scratch.pool.iter().take(bounds.least) {
                self.layout.prefetch_twins(node);
                self.prefetch_slot(node);
                self.codes.prefetch(node, Grain::Fine);
            }
            let edge = scratch.pool.at(search.k).map_or(f32::MAX, |(_, distance)| blur.of(distance));
            let with_twins = scratch.pool.iter().flat_map(|(node, distance)| {
                let twins = self.layout.twins(node, twins);
                std::iter::once(node).chain(twins).map(move |node| (node, distance))
            });
            let near = with_twins.take(bounds.width).enumerate();
            let near = near.take_while(|(at, (_, distance))| *at < bounds.least || *distance <= edge);
            let mut candidates = self.settled(&query, near.map(|(_, near)| near), search.k, Bound::Likely);
            candidates.truncate(bounds.least);
            Found {
                candidates,
                ended: if end == End::Complete { Ended::Complete } else { Ended::OverBudget },
                evaluated: scratch.evaluated,
            }
        }))
    }

    /// What a beam keeps and follows. Of it, the `least` best are settled.
    fn bounds(&self, search: Search, probe: &Probe<'_>) -> Bounds {
        let ef = search.ef.or(self.params.ef_search).unwrap_or(DEFAULT_EF_SEARCH).max(search.k).max(1);
        let width = ef.saturating_mul(WIDEST.0) / WIDEST.1;
        let rank = ef.div_ceil(RANKED).max(search.k.div_ceil(RANKED_OF_K));
        let reach = Some((rank, self.codes.reach(probe)));
        Bounds { width, least: search.k.max(SETTLED).min(width), reach }
    }
}
