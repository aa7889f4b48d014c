//! Walking over the links: downhill from the top, then as a beam.

use std::cmp::Reverse;

use crate::codes::{self, Codes, Probe};
use crate::layout::{Layout, links};
use crate::pool::{self, Bounds, Pool};
use crate::scratch::Scratch;

/// The graph that is walked over.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Walk<'a> {
    pub(crate) codes: &'a Codes,
    pub(crate) layout: &'a Layout,
}

/// A node and its distance from the probe.
pub(crate) type Near = (u32, f32);

/// How a filtered beam ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// Nothing closer is in reach.
    Complete,
    /// The budget was used up before.
    OverBudget,
}

/// Of a list of nodes, the codes of so many are on their way while one group is compared: with 8 the processor waits, with 24 no
/// scan is faster (*measured*, `design.md`).
const ON_THE_WAY: usize = 16;

/// So many nodes are compared at a time.
const TOGETHER: usize = codes::TOGETHER;
impl Walk<'_> {
    /// Goes from the entry down to `layer`, in each layer above it to a node that has no closer neighbour there.
    pub(crate) fn descend(&self, probe: &Probe<'_>, layer: u8, scratch: &mut Scratch) -> Option<Near> {
        let (entry, level) = self.layout.entry()?;
        let mut best = (entry, self.codes.distance(probe, entry));
        for layer in (layer + 1..=level).rev() {
            self.downhill(probe, layer, &mut best, scratch);
        }
        Some(best)
    }

    /// Steps to a closer neighbour as long as there is one.
    pub(crate) fn downhill(&self, probe: &Probe<'_>, layer: u8, best: &mut Near, scratch: &mut Scratch) {
        let Scratch { visited, fresh, evaluated, .. } = scratch;
        visited.start(self.codes.len());
        visited.mark(best.0);
        loop {
            let from = best.0;
            let Some(row) = self.layout.row(layer, from) else { return };
            let count = visited.fresh(links(row), &mut fresh.0);
            *evaluated += count;
            self.each_distance(probe, fresh.0.get(..count).unwrap_or_default(), |node, distance| {
                if distance < best.1 {
                    *best = (node, distance);
                    self.layout.prefetch(layer, node);
                }
            });
            // Distances only fall, so this ends.
            if best.0 == from {
                return;
            }
        }
    }

    /// The closest nodes that a beam from `start` finds in a layer, left in the pool of the scratch.
    pub(crate) fn beam(
        &self,
        probe: &Probe<'_>,
        layer: u8,
        start: Near,
        bounds: Bounds,
        scratch: &mut Scratch,
    ) {
        scratch.visited.start(self.codes.len());
        scratch.pool.reset(bounds);
        scratch.visited.mark(start.0);
        scratch.pool.push(start.0, start.1);
        let Scratch { visited, fresh, asked, pool, evaluated, .. } = scratch;
        // While the neighbours of one node are compared, the codes of the next one's are on their way.
        let mut waiting = 0;
        loop {
            let next = pool.follow_next();
            let row = next.and_then(|node| self.layout.row(layer, node));
            let count = row.map_or(0, |row| visited.fresh(links(row), &mut fresh.0));
            if next.is_none() && waiting == 0 {
                return;
            }
            self.ask_for(probe, fresh.0.get(..count).unwrap_or_default());
            self.compare(probe, asked.0.get(..waiting).unwrap_or_default(), |node, distance| {
                if pool.push(node, distance) {
                    self.layout.prefetch(layer, node);
                }
            });
            *evaluated += count;
            std::mem::swap(fresh, asked);
            waiting = count;
        }
    }

    /// As [`Walk::beam`] in layer 0, but the pool keeps nodes that pass alone, with their twins that do: the beam goes
    /// on over all nodes until it has as many of those as the bounds ask for. It gives up when it computed `budget` distances.
    pub(crate) fn filtered_beam(
        &self,
        probe: &Probe<'_>,
        start: Near,
        bounds: Bounds,
        budget: usize,
        passes: impl Fn(u32) -> bool,
        scratch: &mut Scratch,
    ) -> End {
        let nodes = self.codes.len();
        scratch.visited.start(nodes);
        scratch.pool.reset(bounds);
        scratch.open.clear();
        let Scratch { visited, pool, open, fresh, asked, evaluated, .. } = scratch;
        let started = *evaluated;
        let take = |node: u32,
                    distance: f32,
                    pool: &mut Pool,
                    open: &mut std::collections::BinaryHeap<Reverse<u64>>,
                    evaluated: &mut usize| {
            self.layout.prefetch(0, node);
            open.push(Reverse(pool::key(node, distance)));
            if passes(node) {
                pool.push(node, distance);
            }
            for twin in self.layout.twins(node, nodes) {
                if !pool.admits(distance) {
                    break;
                }
                *evaluated += 1;
                if passes(twin) {
                    pool.push(twin, distance);
                }
            }
        };
        visited.mark(start.0);
        take(start.0, start.1, pool, open, evaluated);
        let mut waiting = 0;
        loop {
            if *evaluated - started > budget {
                return End::OverBudget;
            }
            let next = open.peek().filter(|Reverse(key)| pool.admits(pool::distance(*key))).copied();
            if next.is_none() && waiting == 0 {
                return End::Complete;
            }
            if next.is_some() {
                open.pop();
            }
            let row = next.and_then(|Reverse(key)| self.layout.row(0, pool::node(key)));
            let count = row.map_or(0, |row| visited.fresh(links(row), &mut fresh.0));
            self.ask_for(probe, fresh.0.get(..count).unwrap_or_default());
            self.compare(probe, asked.0.get(..waiting).unwrap_or_default(), |node, distance| {
                *evaluated += 1;
                if pool.admits(distance) {
                    take(node, distance, pool, open, evaluated);
                }
            });
            std::mem::swap(fresh, asked);
            waiting = count;
        }
    }

    /// Calls `with` with each node and its distance.
    #[inline]
    pub(crate) fn each_distance(&self, probe: &Probe<'_>, nodes: &[u32], mut with: impl FnMut(u32, f32)) {
        self.ask_for(probe, nodes.get(..ON_THE_WAY).unwrap_or(nodes));
        let ahead =
            nodes.get(ON_THE_WAY..).unwrap_or_default().chunks(TOGETHER).chain(std::iter::repeat(&[][..]));
        for (group, ahead) in nodes.chunks(TOGETHER).zip(ahead) {
            self.ask_for(probe, ahead);
            self.compare(probe, group, &mut with);
        }
    }

    /// Asks for the codes of nodes, of all at once: the processor then waits for the memory of one only.
    #[inline]
    fn ask_for(&self, probe: &Probe<'_>, nodes: &[u32]) {
        nodes.iter().for_each(|node| self.codes.prefetch(*node, probe.grain()));
    }

    #[inline]
    fn compare(&self, probe: &Probe<'_>, nodes: &[u32], mut with: impl FnMut(u32, f32)) {
        let (groups, rest) = nodes.as_chunks::<TOGETHER>();
        for group in groups {
            let distances = self.codes.distances(probe, group);
            for (node, distance) in group.iter().zip(distances) {
                with(*node, distance);
            }
        }
        for node in rest {
            with(*node, self.codes.distance(probe, *node));
        }
    }
}
