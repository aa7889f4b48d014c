//! New nodes: chosen links there, links back, and a way in for everyone. After Malkov and Yashunin, algorithms 1 and 4.
//!
//! A node first chooses its links in all its layers, then writes them, and only then is linked to by others, from layer
//! 0 upwards. Whoever reaches it therefore finds a way on, also those who search while it is inserted.
#![expect(clippy::indexing_slicing, reason = "the place comes from a range over the list itself")]

use std::io;
use std::sync::atomic::Ordering;

use crate::codes::{Probe, Room, TOGETHER};
use crate::layout::{MAX_LEVEL, links, set_links};
use crate::pool::{self, Bounds};
use crate::random;
use crate::scratch::Scratch;
use crate::walk::{Near, Walk};

/// Inserts nodes whose codes exist.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Extender<'a> {
    pub(crate) walk: Walk<'a>,
    pub(crate) ef_construction: usize,
}

/// See [`Extender::nearest`]. A graph of 100,000 sentence embeddings takes 5 s instead of 6.8 to build, and recall for as many distances
/// is the same; with 8 it takes 3.9 s, and with 12 3.2 s, which costs recall (*measured*, `design.md`).
const RANKED: usize = 5;

/// How a node became part of the graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Joined {
    /// With links of its own.
    Linked,
    /// Hung on a node with the same code.
    Twin,
}

/// The level of a node: `m` times as many nodes in each layer as in the one above. It depends on the node's number
/// alone, so the same nodes have the same levels in every build.
pub(crate) fn level(node: u32, m: usize) -> u8 {
    let level = -random::unit(u64::from(node)).ln() / (m as f64).ln();
    level.min(f64::from(MAX_LEVEL)) as u8
}

impl Extender<'_> {
    /// Inserts one node. Its row exists already; several threads may insert different nodes at once.
    pub(crate) fn insert(&self, node: u32, scratch: &mut Scratch) -> io::Result<Joined> {
        let Walk { codes, layout } = self.walk;
        let mut room = Room::default();
        let Some(probe) = codes.node(node, &mut room) else { return Ok(Joined::Linked) };
        let wanted = level(node, layout.m());
        let Some((mut nearest, _)) = self.walk.descend(&codes.coarse(probe), wanted, scratch) else {
            layout.raise(node, wanted)?;
            layout.enter_at(node, layout.level(node));
            return Ok(Joined::Linked);
        };
        let (_, top) = layout.entry().unwrap_or_default();
        let mut chosen: Vec<Vec<Near>> = Vec::with_capacity(usize::from(wanted.min(top)) + 1);
        for layer in (0..=wanted.min(top)).rev() {
            let mut found = self.nearest(&probe, layer, nearest, scratch);
            found.retain(|near| near.0 != node);
            let Some(closest) = found.first() else { continue };
            nearest = closest.0;
            if layer == 0
                && let Some((same, _)) = found.iter().find(|near| codes.same(near.0, node))
            {
                // Distances of equal codes are not always exactly 0, but then nearly.
                layout.hang(node, *same);
                return Ok(Joined::Twin);
            }
            chosen.push(self.select(&found, layout.m()));
        }
        layout.raise(node, wanted)?;
        let level = layout.level(node);
        for (layer, links) in (0..=level).zip(chosen.iter().rev()) {
            if let Some(row) = layout.row(layer, node) {
                set_links(row, links.iter().map(|near| near.0));
            }
        }
        for (layer, links) in (0..=level).zip(chosen.iter().rev()) {
            let mut kept = false;
            for near in links {
                kept |= self.link_back(layer, near.0, (node, near.1));
            }
            if !kept && layer == 0 {
                self.let_in(node, links);
            }
        }
        layout.enter_at(node, level);
        Ok(Joined::Linked)
    }

    /// The closest nodes in a layer by their whole codes, closest first: those that a beam finds by upper halves, or by whole codes where
    /// halves cannot tell the best `m` from others. The beam keeps `ef_construction` nodes and follows, as that of a search does, what is in
    /// reach of the one at place `ef_construction / RANKED`.
    fn nearest(&self, probe: &Probe<'_>, layer: u8, start: u32, scratch: &mut Scratch) -> Vec<Near> {
        let Walk { codes, layout } = self.walk;
        let (width, rank) = (self.ef_construction, layout.m());
        let mut look = codes.coarse(*probe);
        loop {
            let start = (start, codes.distance(&look, start));
            let reach = Some((width.div_ceil(RANKED), codes.reach(&look)));
            self.walk.beam(&look, layer, start, Bounds { width, least: rank, reach }, scratch);
            if !scratch.pool.is_saturated(rank, codes.blur(&look)) {
                break;
            }
            look = *probe;
        }
        let nodes: Vec<u32> = scratch.pool.iter().map(|near| near.0).collect();
        let mut nearest = Vec::with_capacity(nodes.len());
        self.walk.each_distance(probe, &nodes, |node, distance| nearest.push((node, distance)));
        nearest.sort_unstable_by_key(|(node, distance)| pool::key(*node, *distance));
        nearest
    }

    /// Chooses up to `most` of the candidates, sorted by distance: one is left out when it is closer to a chosen one
    /// than to the node itself, as the way there leads over that one.
    pub(crate) fn select(&self, candidates: &[Near], most: usize) -> Vec<Near> {
        let codes = self.walk.codes;
        let mut chosen: Vec<Near> = Vec::with_capacity(most);
        let mut room = Room::default();
        for candidate in candidates {
            if chosen.len() == most {
                break;
            }
            let Some(probe) = codes.node(candidate.0, &mut room) else { continue };
            let (groups, others) = chosen.as_chunks::<TOGETHER>();
            let closer = |distance: f32| distance < candidate.1;
            let near_a_group = |group: &[Near; TOGETHER]| {
                codes.distances(&probe, &group.map(|other| other.0)).into_iter().any(closer)
            };
            if !groups.iter().any(near_a_group)
                && !others.iter().any(|other| closer(codes.distance(&probe, other.0)))
            {
                chosen.push(*candidate);
            }
        }
        chosen
    }

    /// Adds a link to a node; when its row is full, the best of all are selected. Says whether the link is there now.
    fn link_back(&self, layer: u8, from: u32, to: Near) -> bool {
        let Walk { codes, layout } = self.walk;
        let _changing = layout.lock(from);
        let Some(row) = layout.row(layer, from) else { return false };
        let mut all: Vec<Near> = Vec::with_capacity(row.len() + 1);
        for link in links(row) {
            if link == to.0 {
                return true;
            }
            all.push((link, 0.0));
        }
        if let Some(free) = row.get(all.len()) {
            free.store(to.0 + 1, Ordering::Release);
            return true;
        }
        let mut room = Room::default();
        let Some(probe) = codes.node(from, &mut room) else { return false };
        for (node, distance) in &mut all {
            *distance = codes.distance(&probe, *node);
        }
        all.push(to);
        all.sort_unstable_by_key(|(node, distance)| pool::key(*node, *distance));
        let selected = self.select(&all, row.len());
        set_links(row, selected.iter().map(|near| near.0));
        selected.iter().any(|near| near.0 == to.0)
    }

    /// Makes one of `neighbours` link to a node that none of them kept, in place of a link that another of its links
    /// leads to as well.
    fn let_in(&self, node: u32, neighbours: &[Near]) {
        let layout = self.walk.layout;
        for (from, _) in neighbours {
            let _changing = layout.lock(*from);
            let Some(row) = layout.row(0, *from) else { continue };
            let held: Vec<u32> = links(row).collect();
            let spare = (0..held.len()).rev().find(|at| {
                held.iter().enumerate().any(|(other, over)| {
                    other != *at
                        && layout.row(0, *over).is_some_and(|row| links(row).any(|link| link == held[*at]))
                })
            });
            if let Some(link) = spare.and_then(|spare| row.get(spare)) {
                link.store(node + 1, Ordering::Release);
                return;
            }
        }
    }
}
