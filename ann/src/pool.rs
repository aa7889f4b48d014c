//! The best nodes of a beam, sorted, and which of them were looked behind.

use crate::codes::Reach;

/// What a pool keeps and follows.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Bounds {
    /// So many nodes at most.
    pub(crate) width: usize,
    /// So many whatever their distance; at most `width`.
    pub(crate) least: usize,
    /// Others, and those that are followed, are in reach of the node at this place, counted from 1. `None`: no matter how far.
    pub(crate) reach: Option<(usize, Reach)>,
}

impl Bounds {
    /// The best so many, all of them followed.
    pub(crate) fn best(width: usize) -> Bounds {
        Bounds { width, least: width, reach: None }
    }
}

/// The best nodes so far, closest first.
///
/// A node is one number: its distance, as a whole number in the same order, above the node and the mark. Comparing
/// two numbers orders by distance, and the list stays sorted by moving a few hundred bytes.
#[derive(Debug, Default)]
pub(crate) struct Pool {
    keys: Vec<u64>,
    bounds: Bounds,
    /// Nodes in front of here are marked.
    cursor: usize,
    /// The largest key in reach: it only falls.
    limit: u64,
}

/// In a key: links of the node were followed.
const FOLLOWED: u64 = 1;

impl Pool {
    /// Empties the pool and gives it bounds.
    pub(crate) fn reset(&mut self, bounds: Bounds) {
        self.keys.clear();
        self.bounds = bounds;
        self.cursor = 0;
        self.limit = u64::MAX;
    }

    /// Takes a node in if it is among the best. Says whether it was.
    #[inline]
    pub(crate) fn push(&mut self, node: u32, distance: f32) -> bool {
        let key = key(node, distance);
        if !self.takes(key) {
            return false;
        }
        if self.keys.len() == self.bounds.width {
            self.keys.pop();
        }
        let at = self.keys.partition_point(|other| *other < key);
        self.keys.insert(at, key);
        self.cursor = self.cursor.min(at);
        if let Some((rank, reach)) = self.bounds.reach
            && at < rank
            && let Some(ranked) = self.keys.get(rank - 1)
        {
            self.limit = last_key(reach.of(self::distance(*ranked)));
        }
        true
    }

    #[inline]
    fn takes(&self, key: u64) -> bool {
        let kept = self.keys.len();
        kept < self.bounds.least
            || (key <= self.limit
                && (kept < self.bounds.width || self.keys.last().is_some_and(|last| key < *last)))
    }

    /// Whether a node at this distance would be taken in.
    #[inline]
    pub(crate) fn admits(&self, distance: f32) -> bool {
        self.takes(key(0, distance))
    }

    /// The closest node whose links were not followed yet; marks it. `None` when there is none, or enough nodes and none in reach.
    #[inline]
    pub(crate) fn follow_next(&mut self) -> Option<u32> {
        self.skip_followed();
        let short = self.keys.len() < self.bounds.least;
        let key = self.keys.get_mut(self.cursor).filter(|key| short || **key <= self.limit)?;
        *key |= FOLLOWED;
        let node = node(*key);
        self.skip_followed();
        Some(node)
    }

    /// Whether nodes may be missing that are as good as the one at place `rank`, counted from 1, for all that the distances tell: every
    /// place is taken, the last one by such a node.
    pub(crate) fn is_saturated(&self, rank: usize, blurred: Reach) -> bool {
        let (Some(ranked), Some(last)) = (self.at(rank), self.keys.last()) else { return false };
        self.keys.len() == self.bounds.width && distance(*last) < blurred.of(ranked.1)
    }

    /// The node at a place, counted from 1, and its distance.
    pub(crate) fn at(&self, place: usize) -> Option<(u32, f32)> {
        self.keys.get(place.checked_sub(1)?).map(|key| (node(*key), distance(*key)))
    }

    fn skip_followed(&mut self) {
        while self.keys.get(self.cursor).is_some_and(|key| key & FOLLOWED != 0) {
            self.cursor += 1;
        }
    }

    /// Nodes and distances, closest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, f32)> {
        self.keys.iter().map(|key| (node(*key), distance(*key)))
    }
}

/// Orders as distances do, then as nodes do.
#[inline]
pub(crate) fn key(node: u32, distance: f32) -> u64 {
    let bits = distance.to_bits();
    // Negative numbers descend in their bits: all of these are turned, of the others the sign alone.
    let ordered = bits ^ (((bits as i32 >> 31) as u32) | 1 << 31);
    u64::from(ordered) << 32 | u64::from(node) << 1
}

/// The largest key of a node at this distance.
#[inline]
fn last_key(distance: f32) -> u64 {
    key(0, distance) | u64::from(u32::MAX)
}

#[inline]
pub(crate) fn node(key: u64) -> u32 {
    key as u32 >> 1
}

#[inline]
pub(crate) fn distance(key: u64) -> f32 {
    let ordered = (key >> 32) as u32;
    f32::from_bits(ordered ^ (((!ordered as i32 >> 31) as u32) | 1 << 31))
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    /// All nodes that came, each with whether its links were followed.
    #[derive(Default)]
    struct Model {
        kept: Vec<(f32, u32, bool)>,
        /// The largest distance in reach.
        limit: f32,
    }

    impl Model {
        fn push(&mut self, node: u32, distance: f32, bounds: Bounds) -> bool {
            if self.kept.len() >= bounds.least && distance > self.limit {
                return false;
            }
            self.kept.push((distance, node, false));
            self.kept.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            self.kept.truncate(bounds.width);
            if let Some((rank, reach)) = bounds.reach
                && let Some(ranked) = self.kept.get(rank - 1)
            {
                self.limit = reach.of(ranked.0);
            }
            self.kept.iter().any(|entry| entry.1 == node)
        }

        fn follow_next(&mut self, bounds: Bounds) -> Option<u32> {
            let short = self.kept.len() < bounds.least;
            let open = self.kept.iter_mut().find(|entry| !entry.2);
            let open = open.filter(|entry| short || entry.0 <= self.limit)?;
            open.2 = true;
            Some(open.1)
        }
    }

    proptest! {
        #[test]
        fn keeps_the_closest_and_follows_each_once(
            width in 1..20_usize,
            least in 0..20_usize,
            rank in 0..12_usize,
            pushes in vec((-8..24_i8, any::<bool>()), 0..80),
        ) {
            let reach = (rank > 0).then_some((rank, Reach::times(1.5)));
            let bounds = Bounds { width, least: least.min(width), reach };
            let mut pool = Pool::default();
            pool.reset(bounds);
            let mut model = Model { limit: f32::MAX, ..Model::default() };
            for (number, (distance, follow)) in (0..).zip(pushes) {
                // Negative ones, too, as under dot product.
                let distance = f32::from(distance) / 3.0;
                prop_assert_eq!(pool.push(number, distance), model.push(number, distance, bounds));
                if follow {
                    prop_assert_eq!(pool.follow_next(), model.follow_next(bounds));
                }
                let expected: Vec<(u32, f32)> = model.kept.iter().map(|entry| (entry.1, entry.0)).collect();
                prop_assert_eq!(pool.iter().collect::<Vec<_>>(), expected);
                prop_assert_eq!(pool.keys.len(), model.kept.len());
            }
        }

        #[test]
        fn keys_order_as_distances_do(a in any::<f32>(), b in any::<f32>(), node_a: u32, node_b: u32) {
            prop_assume!(!a.is_nan() && !b.is_nan());
            let (node_a, node_b) = (node_a >> 1, node_b >> 1);
            let expected = a.total_cmp(&b).then(node_a.cmp(&node_b));
            prop_assert_eq!(key(node_a, a).cmp(&key(node_b, b)), expected);
            prop_assert_eq!((node(key(node_a, a)), distance(key(node_a, a)).to_bits()), (node_a, a.to_bits()));
        }
    }
}
