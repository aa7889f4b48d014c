//! The index of one vector space: what is inserted, what is found, how much there is.

use std::collections::{BinaryHeap, HashSet};
use std::io;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use crate::codes::Codes;
use crate::extend::{Extender, Joined};
use crate::layout::Layout;
use crate::memory::{Rows, Words};
use crate::params::DEFAULT_EF_SEARCH;
use crate::scratch::Scratches;
use crate::walk::{End, Walk};
use crate::{Candidate, Error, Metric, Params, TopK, graph, order, pool, random, repair};

/// Nearest neighbours of one vector space: an HNSW graph over int8 codes.
///
/// Slots are inserted once each, in ascending order; the first that may still come is the [`frontier`](Index::frontier).
/// Any number of threads may search while others insert. What is found are candidates with approximate distances: the
/// caller scores them by the exact vectors, which it keeps, with [`rescore`].
///
/// A slot is never taken out. The caller passes a filter that knows which ones live.
#[derive(Debug)]
pub struct Index {
    pub(crate) params: Params,
    pub(crate) codes: Codes,
    pub(crate) layout: Layout,
    /// The slot of each node.
    pub(crate) slots: Rows,
    /// The node of each slot, plus one: made when it is first asked for.
    nodes: OnceLock<Words>,
    /// Held while `nodes` is made, and while a slot gets its node.
    numbering: Mutex<()>,
    /// The first slot that may still come.
    pub(crate) frontier: AtomicU64,
    /// The same, with those that are being inserted.
    appended: AtomicU64,
    pub(crate) made: Made,
    /// Nodes that stand for no slot any more.
    pub(crate) tombstones: usize,
    scratches: Scratches,
    inserting: Mutex<()>,
}

/// How many nodes became part of the graph in which way.
#[derive(Debug, Default)]
pub(crate) struct Made {
    pub(crate) seeded: AtomicUsize,
    pub(crate) twins: AtomicUsize,
    pub(crate) repaired: AtomicUsize,
}

impl Made {
    fn copy(&self) -> Made {
        let copy = |count: &AtomicUsize| AtomicUsize::new(count.load(Ordering::Relaxed));
        Made { seeded: copy(&self.seeded), twins: copy(&self.twins), repaired: copy(&self.repaired) }
    }
}

/// What an index holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct IndexStats {
    /// All nodes.
    pub nodes: usize,
    /// Nodes that stand for no slot any more, see [`Index::renumbered`].
    pub tombstones: usize,
    /// Nodes that hnsw_rs inserted.
    pub seeded: usize,
    /// Nodes that were inserted into the rows directly.
    pub extended: usize,
    /// Nodes that hang on another one with the same code and have no links.
    pub twins: usize,
    /// Nodes that a bulk load had left out of reach and that were linked to afterwards.
    pub repaired: usize,
    /// Layers above the ground.
    pub levels: usize,
    /// Bytes of codes, links and numbers.
    pub bytes: usize,
    /// The instruction set that distances are computed with.
    pub kernels: &'static str,
}

/// What a search wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Search {
    /// How many hits the caller is after; so many candidates and some more come back.
    pub k: usize,
    /// Candidates to keep on the way: more find better ones and take longer. `None`: as the index is configured.
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
    /// Closest first.
    pub candidates: Vec<Near>,
    /// How it ended.
    pub ended: Ended,
    /// Distances that were computed.
    pub evaluated: usize,
}

/// Candidates are rescored at least so many: the codes' error hardly ever hides a hit below these.
const RESCORED: usize = 32;
/// Stands where a node has no slot any more.
const NO_SLOT: u32 = u32::MAX;
/// From so many rows on an insertion is a bulk load: rows are sorted into clusters, and reachability is repaired.
const BULK: usize = 1_024;

impl Index {
    /// An empty index for finite vectors of `dimension` numbers.
    pub fn new(metric: Metric, dimension: usize, params: Params) -> Result<Index, Error> {
        Index::with_room(metric, dimension, params.validate()?, Vec::new(), 0)
    }

    /// An index of `rows`: slots, ascending, with their vectors. Uses `threads` threads.
    pub fn build(
        metric: Metric,
        dimension: usize,
        params: Params,
        rows: &[(u32, &[f32])],
        threads: usize,
    ) -> Result<Index, Error> {
        let centre = if metric == Metric::Euclidean {
            mean(dimension, rows.iter().map(|row| row.1))
        } else {
            Vec::new()
        };
        let index = Index::with_room(metric, dimension, params.validate()?, centre, rows.len())?;
        index.insert_many(rows, threads)?;
        Ok(index)
    }

    fn with_room(
        metric: Metric,
        dimension: usize,
        params: Params,
        centre: Vec<f32>,
        nodes: usize,
    ) -> Result<Index, Error> {
        let codes = Codes::new(metric, dimension, centre, nodes)?;
        let layout = Layout::new(params.m, nodes)?;
        Ok(Index::over(params, codes, layout, Rows::new(4, nodes)?, 0, Made::default(), 0))
    }

    pub(crate) fn over(
        params: Params,
        codes: Codes,
        layout: Layout,
        slots: Rows,
        frontier: u64,
        made: Made,
        tombstones: usize,
    ) -> Index {
        Index {
            params,
            codes,
            layout,
            slots,
            nodes: OnceLock::new(),
            numbering: Mutex::new(()),
            appended: AtomicU64::new(frontier),
            frontier: AtomicU64::new(frontier),
            made,
            tombstones,
            scratches: Scratches::default(),
            inserting: Mutex::new(()),
        }
    }

    /// The metric that it was made for.
    pub fn metric(&self) -> Metric {
        self.codes.metric()
    }

    /// How many numbers a vector has.
    pub fn dimension(&self) -> usize {
        self.codes.dimension()
    }

    /// How it is built and searched.
    pub fn params(&self) -> Params {
        self.params
    }

    /// The first slot that was not inserted: all slots of this vector space below it are nodes of the graph. Grows
    /// when an insertion is complete.
    pub fn frontier(&self) -> u64 {
        self.frontier.load(Ordering::Acquire)
    }

    /// How many nodes there are: one for each slot that was inserted.
    pub fn len(&self) -> usize {
        self.codes.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The slot of each node, in order of the nodes; `u32::MAX` for one that stands for no slot any more.
    pub fn slots(&self) -> impl Iterator<Item = u32> {
        (0..self.len() as u32).map(|node| self.slot(node).unwrap_or(NO_SLOT))
    }

    /// A copy for a new numbering of slots: `new_slot` gives the new number of a slot, or `None` for one that is gone.
    /// New numbers are below `frontier`, ascend as the old ones do, and are given once each. The node of a slot that is
    /// gone stays as a tombstone: searches walk over it and never return it, and filters are not asked about it. Nodes
    /// keep their numbers. Insertions wait meanwhile.
    pub fn renumbered(&self, frontier: u64, new_slot: impl Fn(u32) -> Option<u32>) -> Result<Index, Error> {
        let _inserting = self.lock_insertions();
        let nodes = self.len();
        let slots = Rows::new(4, nodes)?;
        let mut tombstones = 0;
        for slot in self.slots() {
            let new = Some(slot).filter(|slot| *slot != NO_SLOT).and_then(&new_slot);
            if let Some(slot) = new.filter(|slot| u64::from(*slot) >= frontier || *slot == NO_SLOT) {
                return Err(Error::Numbering { slot, frontier });
            }
            tombstones += usize::from(new.is_none());
            slots.push(&new.unwrap_or(NO_SLOT).to_le_bytes())?;
        }
        let (codes, layout) = (self.codes.copy(nodes)?, self.layout.copy(nodes)?);
        Ok(Index::over(self.params, codes, layout, slots, frontier, self.made.copy(), tombstones))
    }

    /// What it holds.
    pub fn stats(&self) -> IndexStats {
        let [seeded, twins, repaired] = [&self.made.seeded, &self.made.twins, &self.made.repaired]
            .map(|count| count.load(Ordering::Relaxed));
        let nodes = self.len();
        let columns = self.codes.columns();
        let row_bytes = [columns.rows, columns.facts, columns.errors].map(|rows| rows.row_bytes());
        let per_node = row_bytes.iter().sum::<usize>() + 4 * (2 * self.params.m + 4);
        IndexStats {
            nodes,
            tombstones: self.tombstones,
            seeded,
            extended: nodes.saturating_sub(seeded).saturating_sub(twins),
            twins,
            repaired,
            levels: self.layout.entry().map_or(0, |(_, level)| usize::from(level)),
            bytes: nodes * per_node + self.layout.upper_rows() as usize * 4 * self.params.m,
            kernels: self.codes.kernels(),
        }
    }

    /// Inserts one slot. The same as [`Index::insert_many`] with one row.
    pub fn insert(&self, slot: u32, vector: &[f32]) -> Result<(), Error> {
        self.insert_many(&[(slot, vector)], 1)
    }

    /// Inserts slots, ascending and none below the frontier, with their vectors. Insertions wait for each other;
    /// searches go on meanwhile.
    ///
    /// After [`Error::System`] (memory that the system would not give) some rows may have been inserted and others
    /// not: the index answers still, but takes no more; build it anew.
    pub fn insert_many(&self, rows: &[(u32, &[f32])], threads: usize) -> Result<(), Error> {
        let _inserting = self.lock_insertions();
        let frontier = self.check(rows)?;
        let Some(new) = self.append(rows, threads)? else { return Ok(()) };
        self.link(&new, threads.max(1))?;
        self.frontier.store(frontier, Ordering::Release);
        Ok(())
    }

    /// The frontier after these rows, if they may be inserted.
    fn check(&self, rows: &[(u32, &[f32])]) -> Result<u64, Error> {
        let mut frontier = self.frontier();
        for (slot, vector) in rows {
            if u64::from(*slot) < frontier || *slot == u32::MAX {
                return Err(Error::Order { slot: *slot, frontier });
            }
            self.check_vector(vector)?;
            frontier = u64::from(*slot) + 1;
        }
        Ok(frontier)
    }

    fn check_vector(&self, vector: &[f32]) -> Result<(), Error> {
        if vector.len() != self.dimension() {
            return Err(Error::Dimension { expected: self.dimension(), found: vector.len() });
        }
        // A sum of products with zero is finite only if all numbers are; it is one pass without branches.
        if vector.iter().fold(0.0, |sum, number| sum + number * 0.0) != 0.0 {
            return Err(Error::NotFinite);
        }
        Ok(())
    }

    /// Makes nodes of the rows, not linked yet. Gives their numbers.
    fn append(&self, rows: &[(u32, &[f32])], threads: usize) -> io::Result<Option<Vec<u32>>> {
        if rows.is_empty() {
            return Ok(None);
        }
        let order = if rows.len() < BULK {
            (0..rows.len() as u32).collect()
        } else {
            let vectors: Vec<&[f32]> = rows.iter().map(|row| row.1).collect();
            order::by_clusters(&self.codes, &vectors, threads)?
        };
        self.layout.reserve(self.len() + rows.len())?;
        let mut new = Vec::with_capacity(rows.len());
        for (slot, vector) in order.iter().filter_map(|at| rows.get(*at as usize)) {
            let code = self.codes.encode(vector);
            let _numbering = self.numbering.lock().unwrap_or_else(PoisonError::into_inner);
            self.appended.fetch_max(u64::from(*slot) + 1, Ordering::Relaxed);
            // The slot first: a node that can be seen has one.
            self.slots.push(&slot.to_le_bytes())?;
            let node = self.codes.push(&code)?;
            if let Some(nodes) = self.nodes.get() {
                number(nodes, *slot, node)?;
            }
            new.push(node);
        }
        Ok(Some(new))
    }

    fn link(&self, new: &[u32], threads: usize) -> io::Result<()> {
        let mut seeds = Vec::new();
        if self.layout.entry().is_none() && new.len() > 1 {
            seeds = self.seeds(new);
            graph::seed(&self.codes, &self.layout, &seeds, self.params.ef_construction, threads)?;
            self.made.seeded.fetch_add(seeds.len(), Ordering::Relaxed);
        }
        let seeded: HashSet<u32> = seeds.iter().copied().collect();
        let others: Vec<u32> = new.iter().copied().filter(|node| !seeded.contains(node)).collect();
        let extender = Extender { walk: self.walk(), ef_construction: self.params.ef_construction };
        let twins = extend(&extender, &others, threads, &self.scratches)?;
        self.made.twins.fetch_add(twins, Ordering::Relaxed);
        // It walks over everything, so it waits until that is worth it.
        if new.len() >= BULK && new.len() >= self.len() / 8 {
            self.reach_all();
        }
        Ok(())
    }

    /// The nodes that hnsw_rs inserts, in a random order: spread evenly over the clusters, no two with one code.
    fn seeds(&self, new: &[u32]) -> Vec<u32> {
        let stride = new.len() as f64 / self.params.seeds.min(new.len()) as f64;
        let spread = (0..).map(|number| (f64::from(number) * stride) as usize);
        let mut codes = HashSet::new();
        let mut seeds: Vec<u32> = spread
            .map_while(|at| new.get(at).copied())
            .filter(|node| codes.insert(self.codes.identity(*node)))
            .collect();
        seeds.sort_by_key(|node| random::mixed(u64::from(*node)));
        seeds
    }

    /// Links to every node that no way leads to any more, as later ones took their places. A bulk load that is large
    /// beside what was there does this itself; after many smaller insertions it may be called, best before an image is
    /// written. Takes some microseconds a node; insertions wait. Gives how many nodes it helped.
    pub fn repair(&self) -> usize {
        let _inserting = self.lock_insertions();
        self.reach_all()
    }

    fn reach_all(&self) -> usize {
        // Twins have no links and are reached over the node that they hang on.
        let nodes = self.len();
        let mut linked = vec![true; nodes];
        for twin in (0..nodes as u32).filter_map(|node| self.layout.twins(node, 1).next()) {
            if let Some(linked) = linked.get_mut(twin as usize) {
                *linked = false;
            }
        }
        let linked: Vec<u32> =
            (0..).zip(linked).filter(|(_, linked)| *linked).map(|(node, _)| node).collect();
        let ef = self.params.ef_construction;
        let repaired = self.scratches.with(|scratch| repair::repair(self.walk(), &linked, ef, scratch));
        self.made.repaired.fetch_add(repaired, Ordering::Relaxed);
        repaired
    }

    /// Searches everything.
    pub fn search(&self, query: &[f32], search: Search) -> Result<Found, Error> {
        if self.tombstones > 0 {
            // They must not fill the places of the living.
            let unlimited = Search { budget: usize::MAX, ..search };
            return self.search_filtered(query, unlimited, |_| true);
        }
        self.check_vector(query)?;
        let (width, keep) = self.widths(search);
        let code = self.codes.encode(query);
        let probe = self.codes.probe(&code);
        Ok(self.scratches.with(|scratch| {
            scratch.evaluated = 0;
            scratch.pool.reset(width);
            if let Some(start) = self.walk().descend(&probe, 0, scratch) {
                self.walk().beam(&probe, 0, start, width, scratch);
            }
            let nodes = self.len();
            let with_twins = scratch.pool.iter().flat_map(|(node, distance)| {
                let twins = self.layout.twins(node, nodes);
                std::iter::once(node).chain(twins).map(move |node| (node, distance))
            });
            self.found(with_twins.take(keep), Ended::Complete, scratch.evaluated)
        }))
    }

    /// Searches among the slots that pass.
    pub fn search_filtered(
        &self,
        query: &[f32],
        search: Search,
        passes: impl Fn(u32) -> bool,
    ) -> Result<Found, Error> {
        self.check_vector(query)?;
        let (width, keep) = self.widths(search);
        let code = self.codes.encode(query);
        let probe = self.codes.probe(&code);
        let passes = |node| self.slot(node).is_some_and(&passes);
        Ok(self.scratches.with(|scratch| {
            scratch.evaluated = 0;
            scratch.pool.reset(width);
            let end = match self.walk().descend(&probe, 0, scratch) {
                Some(start) => {
                    self.walk().filtered_beam(&probe, start, width, search.budget, passes, scratch)
                }
                None => End::Complete,
            };
            let ended = if end == End::Complete { Ended::Complete } else { Ended::OverBudget };
            self.found(scratch.pool.iter().take(keep), ended, scratch.evaluated)
        }))
    }

    /// The candidates among `slots` that hold the exact `k` nearest, and all that tie with them: every code is
    /// compared, and what the codes' errors leave possible is kept. Slots that are not in the index are passed over.
    pub fn scan(
        &self,
        query: &[f32],
        k: usize,
        slots: impl IntoIterator<Item = u32>,
    ) -> Result<Found, Error> {
        self.check_vector(query)?;
        let code = self.codes.encode(query);
        let probe = self.codes.probe(&code);
        let nodes = self.nodes()?;
        let mut nodes: Vec<u32> = slots.into_iter().filter_map(|slot| self.node(nodes, slot)).collect();
        in_order(&mut nodes, self.len());
        let mut best = Nearest::new(k);
        let (most, share) = self.codes.largest_slack(&probe);
        self.walk().each_fetched(&nodes, |node| {
            let distance = self.codes.distance(&probe, node);
            // Nearly all end here, and their own slack is not looked up.
            if distance * (1.0 - share) - most <= best.edge {
                best.push(node, distance, self.codes.slack(&probe, node, distance));
            }
        });
        let evaluated = nodes.len();
        Ok(self.found(best.into_sorted().into_iter(), Ended::Complete, evaluated))
    }

    /// How many candidates a beam keeps, and how many of them come back.
    fn widths(&self, search: Search) -> (usize, usize) {
        let ef = search.ef.or(self.params.ef_search).unwrap_or(DEFAULT_EF_SEARCH);
        // No wider than there are nodes, so that a huge k reserves nothing.
        let width = ef.max(search.k).min(self.len()).max(1);
        (width, search.k.max(RESCORED).min(width))
    }

    fn found(&self, near: impl Iterator<Item = (u32, f32)>, ended: Ended, evaluated: usize) -> Found {
        let candidates = near
            .filter_map(|(node, distance)| Some(Near { slot: self.slot(node)?, node, distance }))
            .collect();
        Found { candidates, ended, evaluated }
    }

    /// The slot that a node stands for, if it stands for one.
    fn slot(&self, node: u32) -> Option<u32> {
        let slot = self.slots.get(node as usize)?.first_chunk()?;
        Some(u32::from_le_bytes(*slot)).filter(|slot| *slot != NO_SLOT)
    }

    fn node(&self, nodes: &Words, slot: u32) -> Option<u32> {
        nodes.row(slot as usize)?.first()?.load(Ordering::Acquire).checked_sub(1)
    }

    /// The nodes of all slots.
    fn nodes(&self) -> io::Result<&Words> {
        if let Some(nodes) = self.nodes.get() {
            return Ok(nodes);
        }
        let _numbering = self.numbering.lock().unwrap_or_else(PoisonError::into_inner);
        if self.nodes.get().is_none() {
            let nodes = Words::new(1, self.len())?;
            // A damaged image may claim slots that were never inserted, and memory would be asked for up to them.
            let end = self.appended.load(Ordering::Relaxed);
            for node in 0..self.len() as u32 {
                if let Some(slot) = self.slot(node).filter(|slot| u64::from(*slot) < end) {
                    number(&nodes, slot, node)?;
                }
            }
            // Nobody else was here meanwhile.
            let _ = self.nodes.set(nodes);
        }
        self.nodes.get().ok_or_else(|| io::ErrorKind::Other.into())
    }

    pub(crate) fn walk(&self) -> Walk<'_> {
        Walk { codes: &self.codes, layout: &self.layout }
    }

    pub(crate) fn lock_insertions(&self) -> MutexGuard<'_, ()> {
        self.inserting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Notes the node of a slot.
fn number(nodes: &Words, slot: u32, node: u32) -> io::Result<()> {
    nodes.reserve(slot as usize + 1)?;
    if let Some([number]) = nodes.row(slot as usize) {
        number.store(node + 1, Ordering::Release);
    }
    Ok(())
}

fn extend(
    extender: &Extender<'_>,
    nodes: &[u32],
    threads: usize,
    scratches: &Scratches,
) -> io::Result<usize> {
    /// Nodes that a thread takes at a time: neighbours in number, so that they share what is in the cache.
    const BLOCK: usize = 32;
    let (next, twins) = (AtomicUsize::new(0), AtomicUsize::new(0));
    order::in_parallel(threads.min(nodes.len().div_ceil(BLOCK)), || {
        scratches.with(|scratch| {
            loop {
                let start = next.fetch_add(BLOCK, Ordering::Relaxed);
                let Some(rest) = nodes.get(start..).filter(|rest| !rest.is_empty()) else { return Ok(()) };
                for node in rest.iter().take(BLOCK) {
                    if extender.insert(*node, scratch)? == Joined::Twin {
                        twins.fetch_add(1, Ordering::Relaxed);
                    }
                }
            }
        })
    })?;
    Ok(twins.into_inner())
}

/// The nodes that may be among the `k` nearest, by distances that are known up to a slack.
struct Nearest {
    k: usize,
    /// What is farther cannot be among the `k` nearest.
    edge: f32,
    /// The `k` smallest upper ends of distances, as keys, the largest on top.
    upper: BinaryHeap<u64>,
    kept: Vec<(u32, f32, f32)>,
}

impl Nearest {
    fn new(k: usize) -> Nearest {
        let edge = if k == 0 { f32::NEG_INFINITY } else { f32::INFINITY };
        Nearest { k, edge, upper: BinaryHeap::new(), kept: Vec::new() }
    }

    #[inline]
    fn push(&mut self, node: u32, distance: f32, slack: f32) {
        if distance - slack > self.edge || self.k == 0 {
            return;
        }
        self.kept.push((node, distance, slack));
        if distance + slack < self.edge {
            self.upper.push(pool::key(0, distance + slack));
            if self.upper.len() > self.k {
                self.upper.pop();
            }
            if let Some(top) = self.upper.peek().filter(|_| self.upper.len() == self.k) {
                self.edge = pool::distance(*top);
            }
        }
        // Most of what was kept early is out of reach later.
        if self.kept.len() >= 4_096 && self.kept.len().is_power_of_two() {
            self.prune();
        }
    }

    fn prune(&mut self) {
        let edge = self.edge;
        self.kept.retain(|(_, distance, slack)| distance - slack <= edge);
    }

    fn into_sorted(mut self) -> Vec<(u32, f32)> {
        self.prune();
        self.kept.sort_unstable_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
        self.kept.into_iter().map(|(node, distance, _)| (node, distance)).collect()
    }
}

/// Sorts nodes, of `all` in all, where there are so many that memory is read faster in order.
fn in_order(nodes: &mut Vec<u32>, all: usize) {
    if nodes.len() < all / 256 || nodes.is_sorted() {
        return;
    }
    let mut words = vec![0_u64; all.div_ceil(64)];
    for node in nodes.drain(..) {
        if let Some(word) = words.get_mut(node as usize / 64) {
            *word |= 1 << (node % 64);
        }
    }
    for (start, mut word) in (0..).step_by(64).zip(words) {
        while word != 0 {
            nodes.push(start + word.trailing_zeros());
            word &= word - 1;
        }
    }
}

/// The `k` best of what was found, and what ties with them, by the scores that `score` gives: higher is better, `None`
/// drops a candidate.
pub fn rescore(found: &[Near], k: usize, mut score: impl FnMut(u32) -> Option<f64>) -> Vec<Candidate> {
    let mut best = TopK::new(k);
    for near in found {
        if let Some(score) = score(near.slot) {
            best.push(near.slot, score);
        }
    }
    best.into_sorted()
}

fn mean<'a>(dimension: usize, vectors: impl ExactSizeIterator<Item = &'a [f32]>) -> Vec<f32> {
    let count = vectors.len().max(1) as f64;
    let mut sums = vec![0.0_f64; dimension];
    for vector in vectors {
        for (sum, number) in sums.iter_mut().zip(vector) {
            *sum += f64::from(*number);
        }
    }
    // A number that is not finite is refused later, by name.
    sums.into_iter()
        .map(|sum| sum / count)
        .map(|mean| if mean.is_finite() { mean as f32 } else { 0.0 })
        .collect()
}

#[cfg(test)]
pub(crate) mod tests;
