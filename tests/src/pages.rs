//! The bytes of a file in memory, in pages that copies share: a copy of a large file costs as little as what changes in it.

use std::sync::Arc;

const PAGE: usize = 4096;

/// Missing pages, and bytes behind the end in the last one, are zeros.
#[derive(Debug, Clone, Default)]
pub struct Pages {
    len: u64,
    pages: Vec<Option<Arc<[u8; PAGE]>>>,
}

impl Pages {
    /// How many bytes there are.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Fills `out` from `offset` on; `false` when the file ends before.
    pub fn read(&self, offset: u64, out: &mut [u8]) -> bool {
        if offset.saturating_add(out.len() as u64) > self.len {
            return false;
        }
        let mut at = offset as usize;
        let mut rest = out;
        while !rest.is_empty() {
            let within = at % PAGE;
            let (part, behind) = rest.split_at_mut((PAGE - within).min(rest.len()));
            match self.pages.get(at / PAGE) {
                Some(Some(page)) => part.copy_from_slice(&page[within..within + part.len()]),
                _ => part.fill(0),
            }
            at += part.len();
            rest = behind;
        }
        true
    }

    /// Writes `data` at `offset`; the file grows when it ends before.
    pub fn write(&mut self, offset: u64, data: &[u8]) {
        let mut at = offset as usize;
        let end = at + data.len();
        if end as u64 > self.len {
            self.set_len(end as u64);
        }
        let mut rest = data;
        while !rest.is_empty() {
            let within = at % PAGE;
            let (part, behind) = rest.split_at((PAGE - within).min(rest.len()));
            let page = self.pages[at / PAGE].get_or_insert_with(|| Arc::new([0; PAGE]));
            Arc::make_mut(page)[within..within + part.len()].copy_from_slice(part);
            at += part.len();
            rest = behind;
        }
    }

    /// Cuts the file, or grows it by zeros.
    pub fn set_len(&mut self, len: u64) {
        let within = len as usize % PAGE;
        self.pages.resize((len as usize).div_ceil(PAGE), None);
        if len < self.len
            && within > 0
            && let Some(Some(page)) = self.pages.last_mut()
        {
            Arc::make_mut(page)[within..].fill(0);
        }
        self.len = len;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    #[test]
    fn pages_are_as_a_vector_of_bytes() {
        let mut random = Random::new(1);
        let (mut pages, mut bytes) = (Pages::default(), Vec::new());
        for _ in 0..2_000 {
            let (offset, len) = (random.below(20_000) as usize, random.below(9_000) as usize);
            let copy = pages.clone();
            if random.below(3) > 0 {
                let data = vec![random.below(255) as u8 + 1; len];
                pages.write(offset as u64, &data);
                bytes.resize(bytes.len().max(offset + len), 0);
                bytes[offset..offset + len].copy_from_slice(&data);
            } else {
                pages.set_len(offset as u64);
                bytes.resize(offset, 0);
            }
            let mut read = vec![9; bytes.len()];
            assert!(pages.read(0, &mut read) && pages.len() == bytes.len() as u64);
            assert_eq!(read, bytes);
            assert!(!pages.read(1, &mut read) || read.is_empty());
            // What was copied stays as it was.
            pages = if random.below(20) == 0 { copy } else { pages };
            bytes = vec![0; pages.len() as usize];
            assert!(pages.read(0, &mut bytes));
        }
    }
}
