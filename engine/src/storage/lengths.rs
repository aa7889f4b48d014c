//! The text length of every slot (the sum of its terms' frequencies), in chunks that are shared until they change.

use std::sync::Arc;

use rpds::VectorSync;

use super::codec::{Decoder, Encoder, decode_floats, unseal};
use super::record::Slot;
use super::tables::key;
use crate::error::Result;

const TABLE: &str = "lengths";
/// Slots in a chunk: 4 KiB, one redb page run, and what a commit with text copies.
const CHUNK_SLOTS: usize = 1_024;

type Chunk = Arc<[f32]>;

/// Slot → text length; 0 where a slot has no text.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lengths {
    chunks: VectorSync<Option<Chunk>>,
}

fn position(slot: Slot) -> (usize, usize) {
    (slot as usize / CHUNK_SLOTS, slot as usize % CHUNK_SLOTS)
}

impl Lengths {
    pub(crate) fn get(&self, slot: Slot) -> f32 {
        let (number, offset) = position(slot);
        let chunk = self.chunks.get(number).and_then(Option::as_ref);
        chunk.and_then(|chunk| chunk.get(offset)).copied().unwrap_or(0.0)
    }

    /// [`Lengths::get`] for slots of which many that follow each other are near to each other.
    pub(crate) fn near(&self) -> impl FnMut(Slot) -> f32 + '_ {
        let mut last: (usize, Option<&Chunk>) = (usize::MAX, None);
        move |slot| {
            let (number, offset) = position(slot);
            if last.0 != number {
                last = (number, self.chunks.get(number).and_then(Option::as_ref));
            }
            last.1.and_then(|chunk| chunk.get(offset)).copied().unwrap_or(0.0)
        }
    }

    pub(crate) fn set(&mut self, slot: Slot, length: f32) {
        let (number, offset) = position(slot);
        while self.chunks.len() <= number {
            self.chunks.push_back_mut(None);
        }
        let Some(entry) = self.chunks.get_mut(number) else { return };
        let chunk = entry.get_or_insert_with(|| Arc::from(vec![0.0; CHUNK_SLOTS]));
        if let Some(place) = Arc::make_mut(chunk).get_mut(offset) {
            *place = length;
        }
    }

    /// The chunks that differ from `base`, encoded for the table `lengths`.
    pub(crate) fn changes_since(&self, base: &Lengths) -> Vec<(u32, Vec<u8>)> {
        let mut changes = Vec::new();
        for (number, chunk) in self.chunks.iter().enumerate() {
            let Some(chunk) = chunk else { continue };
            let old = base.chunks.get(number).and_then(Option::as_ref);
            if old.is_some_and(|old| Arc::ptr_eq(old, chunk)) {
                continue;
            }
            let mut encoder = Encoder::sealed();
            encoder.floats(chunk);
            changes.push((number as u32, encoder.seal(TABLE, &key::number(number as u32))));
        }
        changes
    }

    /// Puts a stored chunk in its place, which is of slots below `next`.
    pub(crate) fn adopt(&mut self, number: u32, value: &[u8], next: Slot) -> Result<()> {
        let body = unseal(TABLE, &key::number(number), value)?;
        if body.len() != CHUNK_SLOTS * 4 || number as usize >= (next as usize).div_ceil(CHUNK_SLOTS) {
            return Err(Decoder::new("a chunk of text lengths", body).malformed());
        }
        while self.chunks.len() <= number as usize {
            self.chunks.push_back_mut(None);
        }
        if let Some(entry) = self.chunks.get_mut(number as usize) {
            *entry = Some(Arc::from(decode_floats(body)));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn set_get_and_round_trip() {
        let mut lengths = Lengths::default();
        let before = lengths.clone();
        for slot in [0, 1, 1_023, 1_024, 5_000] {
            lengths.set(slot, slot as f32 + 0.5);
        }
        assert_eq!(before.get(0), 0.0);
        assert_eq!(lengths.get(2_000), 0.0);
        let mut read = Lengths::default();
        for (number, value) in lengths.changes_since(&before) {
            read.adopt(number, &value, 5_001).unwrap();
        }
        for slot in [0, 1, 2, 1_023, 1_024, 5_000, 9_999] {
            assert_eq!(read.get(slot), lengths.get(slot));
        }
        assert!(lengths.changes_since(&lengths.clone()).is_empty());
        let (number, value) = lengths.changes_since(&before).pop().unwrap();
        assert!(
            Lengths::default().adopt(number, &value, 1_024 * number).is_err(),
            "a chunk behind all slots"
        );
    }
}
