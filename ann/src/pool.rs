//! The best nodes of a beam, sorted, and which of them were looked behind.

/// The best `width` nodes so far, closest first.
///
/// A node is one number: its distance, as a whole number in the same order, above the node and the mark. Comparing
/// two numbers orders by distance, and the list stays sorted by moving a few hundred bytes.
#[derive(Debug, Default)]
pub(crate) struct Pool {
    keys: Vec<u64>,
    width: usize,
    /// Nodes in front of here are marked.
    cursor: usize,
}

/// In a key: links of the node were followed.
const FOLLOWED: u64 = 1;

impl Pool {
    /// Empties the pool and lets it keep `width` nodes.
    pub(crate) fn reset(&mut self, width: usize) {
        self.keys.clear();
        self.width = width;
        self.cursor = 0;
    }

    /// Takes a node in if it is among the best. Says whether it was.
    #[inline]
    pub(crate) fn push(&mut self, node: u32, distance: f32) -> bool {
        let key = key(node, distance);
        if self.keys.len() == self.width {
            match self.keys.last() {
                Some(last) if key < *last => self.keys.pop(),
                _ => return false,
            };
        }
        let at = self.keys.partition_point(|other| *other < key);
        self.keys.insert(at, key);
        self.cursor = self.cursor.min(at);
        true
    }

    /// Whether a node at this distance would be taken in.
    #[inline]
    pub(crate) fn admits(&self, distance: f32) -> bool {
        self.keys.len() < self.width || self.keys.last().is_some_and(|last| key(0, distance) < *last)
    }

    /// The closest node whose links were not followed yet; marks it.
    #[inline]
    pub(crate) fn follow_next(&mut self) -> Option<u32> {
        self.skip_followed();
        let key = self.keys.get_mut(self.cursor)?;
        *key |= FOLLOWED;
        let node = node(*key);
        self.skip_followed();
        Some(node)
    }

    /// The node that [`Pool::follow_next`] would give now.
    #[inline]
    pub(crate) fn upcoming(&self) -> Option<u32> {
        self.keys.get(self.cursor).map(|key| node(*key))
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

    proptest! {
        #[test]
        fn keeps_the_closest_and_follows_each_once(
            width in 1..20_usize,
            pushes in vec((0..1_000_u32, -8..8_i8, any::<bool>()), 0..60),
        ) {
            let mut pool = Pool::default();
            pool.reset(width);
            let mut model: Vec<(f32, u32, bool)> = Vec::new();
            for (number, (_, distance, follow)) in (0..).zip(pushes) {
                let distance = f32::from(distance) / 3.0;
                model.push((distance, number, false));
                model.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
                model.truncate(width);
                prop_assert_eq!(pool.push(number, distance), model.iter().any(|entry| entry.1 == number));
                if follow {
                    let open = model.iter_mut().find(|entry| !entry.2);
                    let expected = open.map(|entry| { entry.2 = true; entry.1 });
                    prop_assert_eq!(pool.follow_next(), expected);
                }
                let expected: Vec<(u32, f32)> = model.iter().map(|entry| (entry.1, entry.0)).collect();
                prop_assert_eq!(pool.iter().collect::<Vec<_>>(), expected);
                prop_assert_eq!(pool.keys.len(), model.len());
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
