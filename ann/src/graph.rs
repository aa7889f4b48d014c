//! The start of a graph, built by hnsw_rs and frozen into our rows. The only file that knows this crate.
//!
//! hnsw_rs copies the vectors it is given. Ours have no size: a "vector" is a slice of units, and its length says
//! which node it stands for. The distance resolves the two nodes among the codes, so hnsw_rs holds links only.
//!
//! What its version 0.3.5 does with odd input, and why none of it happens here:
//!
//! | it | here |
//! |---|---|
//! | exits the process for m > 256 | m is at most 64 |
//! | panics for NaN and negative distances | distances between nodes are finite and not negative |
//! | leaves points apart that were inserted before the first one became the entry | the first is inserted alone |
//! | links nodes in layers above their own, while the top layer is young | such links are left out |
//! | cuts reverse links to the nearest | reachability is repaired after every bulk build |
//! | works, and frees its memory, in rayon's global pool | both happen in a private one |
#![expect(clippy::indexing_slicing, reason = "there are as many units as the largest node says")]

use std::cell::RefCell;
use std::io;

use hnsw_rs::prelude::{Distance, Hnsw};
use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};

use crate::codes::{Codes, Room};
use crate::layout::{Layout, MAX_LEVEL, set_links};

/// The element of a "vector" whose length, less one, is its node.
#[derive(Clone, Copy)]
struct Unit;

struct ByCode<'a>(&'a Codes);

thread_local! {
    /// Where the code of a node is put together: hnsw_rs compares it with one node after the other. The threads belong to one graph.
    static ROOM: RefCell<Room> = RefCell::default();
}

impl Distance<Unit> for ByCode<'_> {
    fn eval(&self, a: &[Unit], b: &[Unit]) -> f32 {
        let [a, b] = [a, b].map(|vector| vector.len().saturating_sub(1) as u32);
        ROOM.with_borrow_mut(|room| {
            self.0.node(a, room).map_or(f32::MAX, |probe| self.0.distance(&probe, b)).max(0.0)
        })
    }
}

/// Inserts `nodes`, no two of which have the same code, into an empty layout.
pub(crate) fn seed(
    codes: &Codes,
    layout: &Layout,
    nodes: &[u32],
    ef_construction: usize,
    threads: usize,
) -> io::Result<()> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads.max(1))
        .thread_name(|number| format!("vectlite-seed-{number}"))
        .build()
        .map_err(io::Error::other)?;
    // The closure owns the graph, so it is dropped inside as well.
    pool.install(|| {
        let units = vec![Unit; nodes.iter().max().map_or(0, |last| *last as usize + 1)];
        let point = |node: &u32| (&units[..=*node as usize], *node as usize);
        let graph = Hnsw::<Unit, ByCode<'_>>::new(
            layout.m(),
            nodes.len(),
            usize::from(MAX_LEVEL) + 1,
            ef_construction,
            ByCode(codes),
        );
        if let Some((first, others)) = nodes.split_first() {
            graph.insert(point(first));
            others.par_iter().for_each(|node| graph.insert(point(node)));
        }
        freeze(&graph, layout)
    })
}

/// Takes the levels and links over.
fn freeze(graph: &Hnsw<'_, Unit, ByCode<'_>>, layout: &Layout) -> io::Result<()> {
    let points = graph.get_point_indexation();
    for level in 0..=MAX_LEVEL {
        for point in points.get_layer_iterator(usize::from(level)) {
            layout.raise(point.get_origin_id() as u32, level)?;
        }
    }
    for level in 0..=MAX_LEVEL {
        for point in points.get_layer_iterator(usize::from(level)) {
            let node = point.get_origin_id() as u32;
            for (layer, neighbours) in (0..=level).zip(point.get_neighborhood_id()) {
                let Some(row) = layout.row(layer, node) else { continue };
                let others = neighbours.iter().map(|neighbour| neighbour.get_origin_id() as u32);
                set_links(row, others.filter(|other| *other != node && layout.level(*other) >= layer));
            }
            layout.enter_at(node, level);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
