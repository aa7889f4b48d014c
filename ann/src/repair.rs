//! After a bulk build: every node can be reached.
//!
//! Rows are cut to the closest links, so a node can lose all that lead to it. From the entry, links of layer 0 are
//! followed to all nodes in reach; by which link each was reached first makes a tree. A node out of reach is linked to
//! from a near node in reach, in a free place or in place of a link that is not part of the tree, so nobody is lost
//! for it; what can be reached from there joins the tree.

use std::sync::atomic::Ordering;

use crate::codes::Room;
use crate::layout::{Layout, links};
use crate::pool::Bounds;
use crate::scratch::Scratch;
use crate::walk::Walk;

/// Nodes in reach, and by which node each was reached.
struct Tree<'a> {
    layout: &'a Layout,
    /// The node before, plus one; 0 out of reach. The entry has itself.
    parents: Vec<u32>,
    last_attached: Option<u32>,
}

/// Links to every one of `nodes` that cannot be reached from the entry. Nobody inserts meanwhile. Gives how many.
pub(crate) fn repair(walk: Walk<'_>, nodes: &[u32], ef: usize, scratch: &mut Scratch) -> usize {
    let Some((entry, _)) = walk.layout.entry() else { return 0 };
    let mut tree = Tree { layout: walk.layout, parents: vec![0; walk.codes.len()], last_attached: None };
    tree.grow(entry, entry);
    let mut repaired = 0;
    for node in nodes {
        if tree.parents.get(*node as usize).is_none_or(|parent| *parent != 0) {
            continue;
        }
        let mut room = Room::default();
        let Some(probe) = walk.codes.node(*node, &mut room) else { continue };
        if let Some(start) = walk.descend(&probe, 0, scratch) {
            walk.beam(&probe, 0, start, Bounds::best(ef), scratch);
        }
        let near: Vec<u32> = scratch.pool.iter().map(|near| near.0).collect();
        if near.into_iter().chain(tree.last_attached).chain([entry]).any(|from| tree.attach(from, *node)) {
            repaired += 1;
        }
    }
    repaired
}

/// How many of `nodes` cannot be reached.
#[cfg(test)]
pub(crate) fn unreachable(walk: Walk<'_>, nodes: &[u32]) -> usize {
    let mut tree = Tree { layout: walk.layout, parents: vec![0; walk.codes.len()], last_attached: None };
    if let Some((entry, _)) = walk.layout.entry() {
        tree.grow(entry, entry);
    }
    nodes.iter().filter(|node| tree.parents[**node as usize] == 0).count()
}

impl Tree<'_> {
    /// Adds a node, which `parent` links to, and all that it reaches.
    fn grow(&mut self, node: u32, parent: u32) {
        let mut waiting = vec![(node, parent)];
        while let Some((node, parent)) = waiting.pop() {
            match self.parents.get_mut(node as usize) {
                Some(known) if *known == 0 => *known = parent + 1,
                _ => continue,
            }
            if let Some(row) = self.layout.row(0, node) {
                waiting.extend(links(row).map(|next| (next, node)));
            }
        }
    }

    /// Links from a node in reach to one out of reach, if there is a place.
    fn attach(&mut self, from: u32, to: u32) -> bool {
        if from == to || self.parents.get(from as usize).is_none_or(|parent| *parent == 0) {
            return false;
        }
        let Some(row) = self.layout.row(0, from) else { return false };
        let held: Vec<u32> = links(row).collect();
        let is_branch = |node: u32| self.parents.get(node as usize).is_some_and(|parent| *parent == from + 1);
        let place = if held.len() < row.len() {
            Some(held.len())
        } else {
            held.iter().rposition(|node| !is_branch(*node))
        };
        let Some(link) = place.and_then(|place| row.get(place)) else { return false };
        link.store(to + 1, Ordering::Release);
        self.last_attached = Some(to);
        self.grow(to, from);
        true
    }
}
