//! The index of one vector space.
//!
//! | file | says |
//! |---|---|
//! | `numbering` | which node stands for which slot |
//! | `insert` | how slots become nodes |
//! | `search` | what is wanted, what was found, and how the graph finds it |
//! | `scan` | how comparing every code finds it, or the upper half of every code |
//! | `settle` | which of what was found can be among the best, as codes have errors; scores from exact vectors |
//! | `stats` | how much there is |

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use crate::codes::Codes;
use crate::layout::Layout;
use crate::memory::{Rows, Words};
use crate::scratch::Scratches;
use crate::walk::Walk;
use crate::{Error, Metric, Params};

mod insert;
mod numbering;
mod scan;
mod search;
mod settle;
mod stats;

pub use insert::Effort;
pub use search::{Ended, Found, Near, Search};
pub use settle::rescore;
pub use stats::IndexStats;

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
            insert::mean(dimension, rows.iter().map(|row| row.1))
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

    fn check_vector(&self, vector: &[f32]) -> Result<(), Error> {
        if vector.len() != self.dimension() {
            return Err(Error::Dimension { expected: self.dimension(), found: vector.len() });
        }
        // Every number is looked at, so that the compiler takes several at a time.
        if vector.iter().fold(false, |odd, number| odd | !number.is_finite()) {
            return Err(Error::NotFinite);
        }
        Ok(())
    }

    pub(crate) fn walk(&self) -> Walk<'_> {
        Walk { codes: &self.codes, layout: &self.layout }
    }

    pub(crate) fn lock_insertions(&self) -> MutexGuard<'_, ()> {
        self.inserting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
pub(crate) mod tests;
