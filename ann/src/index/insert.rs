//! New slots: from rows to nodes that are linked.

use std::collections::HashSet;
use std::io;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::{Index, numbering};
use crate::extend::{Extender, Joined};
use crate::scratch::Scratches;
use crate::{Error, order, repair};
#[cfg(feature = "hnsw")]
use crate::{graph, random};

/// From so many rows on an insertion is a bulk load: rows are sorted into clusters, and reachability is repaired.
const BULK: usize = 1_024;

/// How a portion of rows is inserted.
#[derive(Debug, Clone, Copy)]
pub struct Effort<'a> {
    /// Threads that link new nodes.
    pub threads: usize,
    /// Set by whoever wants it to end: within some milliseconds, and the index takes no more then.
    pub stop: &'a AtomicBool,
    /// Whether no other portion follows: then, after a large one, what has come out of reach is linked to again.
    pub last: bool,
}

impl Index {
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
        self.insert_portion(rows, Effort { threads, stop: &AtomicBool::new(false), last: true })
    }

    /// The same for a portion of a larger load.
    ///
    /// After [`Error::Stopped`] as after [`Error::System`].
    pub fn insert_portion(&self, rows: &[(u32, &[f32])], effort: Effort<'_>) -> Result<(), Error> {
        let _inserting = self.lock_insertions();
        let frontier = self.check(rows)?;
        let Some(new) = self.append(rows, effort.threads)? else { return Ok(()) };
        self.link(&new, effort)?;
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
                numbering::number(nodes, *slot, node)?;
            }
            new.push(node);
        }
        Ok(Some(new))
    }

    fn link(&self, new: &[u32], effort: Effort<'_>) -> Result<(), Error> {
        let threads = effort.threads.max(1);
        let begins = self.layout.entry().is_none() && new.len() > 1;
        let started = if begins { self.start(new, threads)? } else { HashSet::new() };
        let others: Vec<u32> = new.iter().copied().filter(|node| !started.contains(node)).collect();
        let extender = self.extender();
        let twins = extend(&extender, &others, threads, effort.stop, &self.scratches)?;
        self.made.twins.fetch_add(twins, Ordering::Relaxed);
        if effort.stop.load(Ordering::Relaxed) {
            return Err(Error::Stopped);
        }
        // It walks over everything, so it waits until that is worth it.
        if effort.last && new.len() >= BULK && new.len() >= self.len() / 8 {
            self.reach_all();
        }
        Ok(())
    }

    fn extender(&self) -> Extender<'_> {
        Extender { walk: self.walk(), ef_construction: self.params.ef_construction }
    }

    /// The start of a graph by hnsw_rs: links some of the nodes, and says which.
    #[cfg(feature = "hnsw")]
    fn start(&self, new: &[u32], threads: usize) -> io::Result<HashSet<u32>> {
        let seeds = self.seeds(new);
        graph::seed(&self.codes, &self.layout, &seeds, self.params.ef_construction, threads)?;
        self.made.seeded.fetch_add(seeds.len(), Ordering::Relaxed);
        Ok(seeds.into_iter().collect())
    }

    /// The start of a graph: its first node, inserted alone, as two that begin at once would not know of each other.
    #[cfg(not(feature = "hnsw"))]
    fn start(&self, new: &[u32], _threads: usize) -> io::Result<HashSet<u32>> {
        let Some(first) = new.first() else { return Ok(HashSet::new()) };
        self.scratches.with(|scratch| self.extender().insert(*first, scratch))?;
        Ok(HashSet::from([*first]))
    }

    /// The nodes that hnsw_rs inserts, in a random order: spread evenly over the clusters, no two with one code.
    #[cfg(feature = "hnsw")]
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
}

fn extend(
    extender: &Extender<'_>,
    nodes: &[u32],
    threads: usize,
    stop: &AtomicBool,
    scratches: &Scratches,
) -> io::Result<usize> {
    /// Nodes that a thread takes at a time: neighbours in number, so that they share what is in the cache.
    const BLOCK: usize = 32;
    let (next, twins) = (AtomicUsize::new(0), AtomicUsize::new(0));
    order::in_parallel(threads.min(nodes.len().div_ceil(BLOCK)), || {
        scratches.with(|scratch| {
            while !stop.load(Ordering::Relaxed) {
                let start = next.fetch_add(BLOCK, Ordering::Relaxed);
                let Some(rest) = nodes.get(start..).filter(|rest| !rest.is_empty()) else { return Ok(()) };
                for node in rest.iter().take(BLOCK) {
                    if extender.insert(*node, scratch)? == Joined::Twin {
                        twins.fetch_add(1, Ordering::Relaxed);
                    }
                }
            }
            Ok(())
        })
    })?;
    Ok(twins.into_inner())
}

/// The mean of some vectors.
pub(super) fn mean<'a>(dimension: usize, vectors: impl ExactSizeIterator<Item = &'a [f32]>) -> Vec<f32> {
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
