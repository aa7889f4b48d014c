//! A list that only grows, with cheap copies: copies share every place they have in common, and the memory behind their end.

use std::array;
use std::sync::{Arc, OnceLock};

use rpds::VectorSync;

/// Places in a chunk. One in so many additions makes a new one.
const CHUNK: usize = 64;

/// Places that are taken once, in order. Where copies of a list go on differently, the first takes the next place here and the others
/// take their part of the chunk elsewhere; what nobody's list reaches any more stays until the chunk goes.
#[derive(Debug)]
struct Chunk<T>([OnceLock<T>; CHUNK]);

impl<T> Chunk<T> {
    fn new() -> Arc<Chunk<T>> {
        Arc::new(Chunk(array::from_fn(|_| OnceLock::new())))
    }
}

/// See the module. Addition takes constant time and copies nothing but on a fork, where it copies at most a chunk.
#[derive(Debug, Clone)]
pub(crate) struct GrowingList<T> {
    full: VectorSync<Arc<Chunk<T>>>,
    /// The one behind those; `None` while the list ends with a full one.
    last: Option<Arc<Chunk<T>>>,
    len: usize,
}

impl<T> Default for GrowingList<T> {
    fn default() -> GrowingList<T> {
        GrowingList { full: VectorSync::new_sync(), last: None, len: 0 }
    }
}

impl<T: Clone> GrowingList<T> {
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(crate) fn push(&mut self, value: T) {
        let place = self.len % CHUNK;
        let mut chunk = self.last.take().unwrap_or_else(Chunk::new);
        if let Err(value) = set(&chunk, place, value) {
            // A copy of this list went another way.
            let own = Chunk::new();
            for (place, value) in chunk.0.iter().take(place).filter_map(OnceLock::get).enumerate() {
                // Nobody else has this chunk.
                let _ = set(&own, place, value.clone());
            }
            let _ = set(&own, place, value);
            chunk = own;
        }
        self.len += 1;
        if self.len.is_multiple_of(CHUNK) {
            self.full.push_back_mut(chunk);
        } else {
            self.last = Some(chunk);
        }
    }

    pub(crate) fn get(&self, index: usize) -> Option<&T> {
        if index >= self.len {
            return None;
        }
        let chunk = self.full.get(index / CHUNK).or(self.last.as_ref())?;
        chunk.0.get(index % CHUNK)?.get()
    }

    /// From the first on.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        let chunks = self.full.iter().chain(&self.last);
        chunks.flat_map(|chunk| &chunk.0).take(self.len).filter_map(OnceLock::get)
    }
}

/// Takes a place; gives the value back if it is taken.
fn set<T>(chunk: &Chunk<T>, place: usize, value: T) -> Result<(), T> {
    match chunk.0.get(place) {
        Some(cell) => cell.set(value),
        None => Err(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_go_their_own_ways() {
        for seed in 1..50_u64 {
            let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
            let mut lists = vec![(GrowingList::default(), Vec::new())];
            for value in 0..1_000_u64 {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                let at = state as usize % lists.len();
                if state.is_multiple_of(97) && lists.len() < 6 {
                    let copy = lists[at].clone();
                    lists.push(copy);
                }
                let (list, model) = &mut lists[at];
                list.push(value);
                model.push(value);
            }
            for (list, model) in &lists {
                assert!(list.iter().eq(model), "seed {seed}");
                assert_eq!(list.len(), model.len(), "seed {seed}");
                assert_eq!(list.is_empty(), model.is_empty(), "seed {seed}");
                for (index, value) in model.iter().enumerate() {
                    assert_eq!(list.get(index), Some(value), "seed {seed}");
                }
                assert_eq!(list.get(model.len()), None, "seed {seed}");
            }
        }
    }

    #[test]
    fn an_addition_shares_the_chunk() {
        let mut list: GrowingList<Arc<u64>> = GrowingList::default();
        let value = Arc::new(7);
        let mut copies = Vec::new();
        for _ in 0..CHUNK {
            list.push(Arc::clone(&value));
            copies.push(list.clone());
        }
        assert_eq!(
            Arc::strong_count(&value),
            CHUNK + 1,
            "one of each in the list, however many copies it has"
        );
    }
}
