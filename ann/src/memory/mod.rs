//! Memory in which rows never move, whether they lie in an image or not.
//!
//! | type | is | is shared between |
//! |---|---|---|
//! | `Pages`, in `mapped` or, without the feature `mmap`, in `allocated` | what the system gives | parts of it |
//! | [`Region`] | a run of bytes there | the columns of one image |
//! | [`Rows`] | rows of bytes, appended and then never changed | one appender and any number of readers |
//! | [`Words`] | rows of atomic words, all zero at first | everyone |
//!
//! A column has a first chunk of any size (a bulk load, a section of an image) and further ones, each twice as large
//! as the one before, so a row is found by its number alone and growing moves nothing. Mapped memory that was never written
//! costs address space only.
#![expect(unsafe_code, reason = "rows are read while others are appended, and images are mapped")]
#![expect(clippy::indexing_slicing, reason = "both slices are as long as the shorter one, or longer")]

use std::fmt;
#[cfg(feature = "mmap")]
use std::fs::File;
use std::io;
use std::slice;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

#[cfg(not(feature = "mmap"))]
mod allocated;
#[cfg(feature = "mmap")]
mod mapped;

#[cfg(not(feature = "mmap"))]
use allocated::Pages;
#[cfg(feature = "mmap")]
use mapped::Pages;

/// A run of bytes: zeros, or a private copy of (a part of) a file, of which unchanged pages stay the file's.
#[derive(Clone)]
pub(crate) struct Region {
    pages: Arc<Pages>,
    offset: usize,
    bytes: usize,
}

impl Region {
    /// Memory of our own, all zero.
    pub(crate) fn zeroed(bytes: usize) -> io::Result<Region> {
        Ok(Region { pages: Arc::new(Pages::zeroed(bytes)?), offset: 0, bytes })
    }

    /// A part of a file, which must have it, by a private mapping: what is written here reaches no file. Where `offset` is no page of the
    /// machine, a little more is mapped in front. What it holds must not change under us: an image is written beside and renamed, so a file
    /// that was opened stays as it is.
    #[cfg(feature = "mmap")]
    pub(crate) fn map(file: &File, offset: u64, bytes: usize) -> io::Result<Region> {
        Ok(Region { pages: Arc::new(Pages::of(file, offset, bytes)?), offset: 0, bytes })
    }

    /// The bytes of a region that nobody else holds a part of yet.
    #[cfg(any(feature = "mmap", test))]
    pub(crate) fn bytes(&mut self) -> Option<&[u8]> {
        Arc::get_mut(&mut self.pages)?;
        // SAFETY: the range lies in the pages (all constructors see to it), which are there as long as `self` is;
        // the check above says that no column shares it, and columns are all that writes.
        Some(unsafe { slice::from_raw_parts(self.start(), self.bytes) })
    }

    /// The same, to be filled.
    pub(crate) fn bytes_mut(&mut self) -> Option<&mut [u8]> {
        Arc::get_mut(&mut self.pages)?;
        // SAFETY: as in `bytes`; all kinds of pages may be written, and `self` is borrowed for as long as the
        // slice lives.
        Some(unsafe { slice::from_raw_parts_mut(self.start(), self.bytes) })
    }

    /// A copy of the bytes of a region that no column is made of.
    pub(crate) fn into_vec(self) -> Vec<u8> {
        // SAFETY: the range lies in the pages, and parts that are not columns are never written.
        unsafe { slice::from_raw_parts(self.start(), self.bytes) }.to_vec()
    }

    /// How long it is.
    pub(crate) fn len(&self) -> usize {
        self.bytes
    }

    /// A part, `None` when it is not inside. Parts that become columns must not overlap: see [`Region::disjoint`].
    #[cfg(any(feature = "mmap", test))]
    fn part(&self, offset: usize, bytes: usize) -> Option<Region> {
        let end = offset.checked_add(bytes)?;
        (end <= self.bytes).then(|| Region {
            pages: Arc::clone(&self.pages),
            offset: self.offset + offset,
            bytes,
        })
    }

    /// Consumes the region and gives its parts, given by start and length; `None` unless they ascend without overlap
    /// and lie inside. So no byte belongs to two columns.
    #[cfg(any(feature = "mmap", test))]
    pub(crate) fn disjoint(self, parts: &[(usize, usize)]) -> Option<Vec<Region>> {
        let mut end = 0;
        let mut regions = Vec::with_capacity(parts.len());
        for (offset, bytes) in parts {
            if *offset < end {
                return None;
            }
            regions.push(self.part(*offset, *bytes)?);
            end = offset.checked_add(*bytes)?;
        }
        Some(regions)
    }

    fn start(&self) -> *mut u8 {
        self.pages.start().wrapping_add(self.offset)
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Region").field("bytes", &self.bytes).finish_non_exhaustive()
    }
}

/// Where the rows of a column are.
#[derive(Debug)]
struct Chunks {
    row_bytes: usize,
    first_rows: usize,
    first: Region,
    /// Chunk `k` has `2^(shift + k)` rows.
    further: [OnceLock<Region>; 33],
    shift: u32,
}

impl Chunks {
    fn new(row_bytes: usize, first: Region) -> Chunks {
        let first_rows = first.len().checked_div(row_bytes).unwrap_or(0);
        // The second chunk is an eighth of the first, and never so small that growing is all there is to do.
        let shift = (first_rows / 8).max((64 << 10) / row_bytes.max(1)).max(64).ilog2().min(31);
        Chunks { row_bytes, first_rows, first, further: [const { OnceLock::new() }; 33], shift }
    }

    /// The chunk of a row behind the first chunk, and the row's place in it.
    fn further(&self, row: usize) -> (usize, usize) {
        let position = row - self.first_rows + (1 << self.shift);
        let power = position.ilog2();
        ((power - self.shift) as usize, position - (1 << power))
    }

    /// Where a row starts; `None` when no memory is there.
    #[inline]
    fn start(&self, row: usize) -> Option<*mut u8> {
        let (region, place) = if row < self.first_rows {
            (&self.first, row)
        } else {
            let (chunk, place) = self.further(row);
            (self.further.get(chunk)?.get()?, place)
        };
        Some(region.start().wrapping_add(place * self.row_bytes))
    }

    /// Sees to it that rows below `rows` have memory.
    fn reserve(&self, rows: usize) -> io::Result<()> {
        let Some(last) = rows.checked_sub(1).filter(|last| *last >= self.first_rows) else { return Ok(()) };
        let too_many = || io::Error::new(io::ErrorKind::OutOfMemory, "too many rows");
        let (chunk, _) = self.further(last);
        for (number, chunk) in self.further.get(..=chunk).ok_or_else(too_many)?.iter().enumerate() {
            if chunk.get().is_none() {
                let bytes =
                    self.row_bytes.checked_mul(1 << (self.shift as usize + number)).ok_or_else(too_many)?;
                let region = Region::zeroed(bytes)?;
                // Should two threads come here at once, one region is dropped unused.
                let _ = chunk.set(region);
            }
        }
        Ok(())
    }
}

/// Rows of bytes, appended one at a time and never changed. Readers see a row once it is counted by [`Rows::len`].
#[derive(Debug)]
pub(crate) struct Rows {
    chunks: Chunks,
    /// Rows that are written and may be read. Grows only.
    len: AtomicUsize,
    appending: Mutex<()>,
}

impl Rows {
    /// No rows yet, and memory for `expected`.
    pub(crate) fn new(row_bytes: usize, expected: usize) -> io::Result<Rows> {
        let bytes = row_bytes.checked_mul(expected).ok_or(io::ErrorKind::OutOfMemory)?;
        Ok(Rows::over(row_bytes, Region::zeroed(bytes)?, 0))
    }

    /// A copy of the first `rows` rows.
    pub(crate) fn copy(&self, rows: usize) -> io::Result<Rows> {
        let copy = self.runs(rows).map(<[u8]>::len).sum();
        let mut region = Region::zeroed(copy)?;
        let mut room = region.bytes_mut().unwrap_or_default();
        for run in self.runs(rows) {
            let Some((to, rest)) = room.split_at_mut_checked(run.len()) else { break };
            to.copy_from_slice(run);
            room = rest;
        }
        Ok(Rows::full(self.row_bytes(), region))
    }

    /// The rows that fill `region`, which no other column may share.
    pub(crate) fn full(row_bytes: usize, region: Region) -> Rows {
        let rows = region.len().checked_div(row_bytes).unwrap_or(0);
        Rows::over(row_bytes, region, rows)
    }

    fn over(row_bytes: usize, region: Region, len: usize) -> Rows {
        Rows { chunks: Chunks::new(row_bytes, region), len: AtomicUsize::new(len), appending: Mutex::new(()) }
    }

    /// Bytes of a row.
    pub(crate) fn row_bytes(&self) -> usize {
        self.chunks.row_bytes
    }

    /// How many rows there are.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.len.load(Ordering::Acquire)
    }

    /// One row; `None` beyond the last.
    #[inline]
    pub(crate) fn get(&self, row: usize) -> Option<&[u8]> {
        if row >= self.len() {
            return None;
        }
        let start = self.chunks.start(row)?;
        // SAFETY: the row lies inside its chunk, which is never unmapped while `self` lives. It was written before
        // `len` was stored with release, `len` was loaded with acquire, and rows below `len` are never written again.
        Some(unsafe { slice::from_raw_parts(start, self.chunks.row_bytes) })
    }

    /// Some rows at once; `None` when one of them is beyond the last. What one row has to be asked is asked once here, where all lie in
    /// the first chunk.
    #[inline(always)]
    pub(crate) fn get_all<const N: usize>(&self, rows: &[u32; N]) -> Option<[&[u8]; N]> {
        let last = rows.iter().fold(0, |last, row| last.max(*row)) as usize;
        if last >= self.len() {
            return None;
        }
        if last >= self.chunks.first_rows {
            let mut found = [&[][..]; N];
            for (found, row) in found.iter_mut().zip(rows) {
                *found = self.get(*row as usize)?;
            }
            return Some(found);
        }
        let (start, bytes) = (self.chunks.first.start(), self.chunks.row_bytes);
        // SAFETY: as in `get`, for rows of the first chunk: none is greater than `last`, which lies in it and below `len`.
        Some(
            rows.map(|row| unsafe { slice::from_raw_parts(start.wrapping_add(row as usize * bytes), bytes) }),
        )
    }

    /// Appends a row, cut or filled up with zeros to the length of a row. Gives its number.
    pub(crate) fn push(&self, bytes: &[u8]) -> io::Result<usize> {
        let _appending = self.appending.lock().unwrap_or_else(PoisonError::into_inner);
        let row = self.len.load(Ordering::Relaxed);
        self.chunks.reserve(row + 1)?;
        let start = self.chunks.start(row).ok_or(io::ErrorKind::OutOfMemory)?;
        // SAFETY: the row lies inside its chunk; readers stay below `len`, other appenders wait for the lock, so
        // nobody else touches it; its bytes are zero or whatever the image had, initialized in any case.
        let room = unsafe { slice::from_raw_parts_mut(start, self.chunks.row_bytes) };
        let length = bytes.len().min(room.len());
        room[..length].copy_from_slice(&bytes[..length]);
        self.len.store(row + 1, Ordering::Release);
        Ok(row)
    }

    /// The first `rows` rows as runs of bytes, as long as a chunk each.
    pub(crate) fn runs(&self, rows: usize) -> impl Iterator<Item = &[u8]> {
        let rows = rows.min(self.len());
        let mut at = 0;
        std::iter::from_fn(move || {
            let start = self.chunks.start(at).filter(|_| at < rows)?;
            let end = if at < self.chunks.first_rows {
                self.chunks.first_rows
            } else {
                let (chunk, place) = self.chunks.further(at);
                at - place + (1 << (self.chunks.shift as usize + chunk))
            };
            let count = end.min(rows) - at;
            at += count;
            // SAFETY: as in `get`, for rows of one chunk, which lie side by side.
            Some(unsafe { slice::from_raw_parts(start, count * self.chunks.row_bytes) })
        })
    }
}

/// Rows of atomic words, all zero until something is stored.
#[derive(Debug)]
pub(crate) struct Words {
    chunks: Chunks,
    width: usize,
}

impl Words {
    /// Memory for `expected` rows of `width` words.
    pub(crate) fn new(width: usize, expected: usize) -> io::Result<Words> {
        let bytes = (4 * width).checked_mul(expected).ok_or(io::ErrorKind::OutOfMemory)?;
        Ok(Words::over(width, Region::zeroed(bytes)?))
    }

    /// The rows in `region`, which no other column may share and which starts where words may: pages do, also those of the allocator.
    pub(crate) fn over(width: usize, region: Region) -> Words {
        Words { chunks: Chunks::new(4 * width, region), width }
    }

    /// A copy of the first `rows` rows.
    pub(crate) fn copy(&self, rows: usize) -> io::Result<Words> {
        let copy = Words::new(self.width, rows)?;
        for row in 0..rows {
            for (to, from) in copy.row(row).into_iter().flatten().zip(self.row(row).into_iter().flatten()) {
                to.store(from.load(Ordering::Acquire), Ordering::Release);
            }
        }
        Ok(copy)
    }

    /// One row; `None` where there is no memory.
    #[inline]
    pub(crate) fn row(&self, row: usize) -> Option<&[AtomicU32]> {
        let start = self.chunks.start(row)?;
        debug_assert_eq!(start.align_offset(align_of::<AtomicU32>()), 0, "words start where they may");
        // SAFETY: the row lies inside its chunk, which is never unmapped while `self` lives; the words are
        // initialized (zero, or what the image had) and touched as atomics only. Regions of words start
        // where pages do (of the machine, or at a cache line), and rows are multiples of four bytes, so the address is aligned.
        Some(unsafe { slice::from_raw_parts(start.cast::<AtomicU32>(), self.width) })
    }

    /// Copies of the first `rows` rows, some at a time.
    pub(crate) fn copies(&self, rows: usize) -> impl Iterator<Item = Vec<u8>> {
        const TOGETHER: usize = 1_024;
        (0..rows).step_by(TOGETHER).map(move |start| {
            let rows = (start..rows.min(start + TOGETHER)).filter_map(|row| self.row(row));
            rows.flatten().flat_map(|word| word.load(Ordering::Acquire).to_ne_bytes()).collect()
        })
    }

    /// Sees to it that rows below `rows` exist.
    pub(crate) fn reserve(&self, rows: usize) -> io::Result<()> {
        self.chunks.reserve(rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_keep_their_place_while_others_are_appended() {
        for (row_bytes, expected) in [(1, 0), (3, 7), (384, 100), (5, 1000)] {
            let rows = Rows::new(row_bytes, expected).unwrap();
            let row =
                |number: usize| (0..row_bytes).map(|byte| (number * 7 + byte) as u8).collect::<Vec<u8>>();
            let mut addresses = Vec::new();
            for number in 0..3_000 {
                assert_eq!(rows.push(&row(number)).unwrap(), number);
                addresses.push(rows.get(number).unwrap().as_ptr());
                assert!(rows.get(number + 1).is_none());
            }
            for (number, address) in addresses.into_iter().enumerate() {
                assert_eq!(rows.get(number).unwrap(), row(number));
                assert_eq!(rows.get(number).unwrap().as_ptr(), address);
            }
            // In the first chunk, across its end, behind it; and beyond the last.
            for numbers in [[0, 2, 1], [0, 99, 2_999], [1_001, 2_000, 1_500], [6, 7, 8]] {
                let found = rows.get_all(&numbers).unwrap();
                assert!(found.iter().zip(numbers).all(|(found, number)| *found == row(number as usize)));
            }
            assert!(rows.get_all(&[0, 3_000]).is_none());
            let all: Vec<u8> = (0..2_500).flat_map(row).collect();
            assert_eq!(rows.runs(2_500).collect::<Vec<_>>().concat(), all);
            assert_eq!(rows.runs(9_999).map(<[u8]>::len).sum::<usize>(), 3_000 * row_bytes);
            let copy = rows.copy(2_500).unwrap();
            assert_eq!(copy.push(&row(9)).unwrap(), 2_500);
            assert_eq!(copy.runs(9_999).collect::<Vec<_>>().concat(), [all, row(9)].concat());
        }
    }

    #[test]
    fn readers_see_whole_rows_only() {
        let rows = Rows::new(64, 0).unwrap();
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    let mut seen = 0;
                    while seen < 20_000 {
                        seen = rows.len();
                        if let Some(last) = seen.checked_sub(1) {
                            let row = rows.get(last).unwrap();
                            assert!(row.iter().all(|byte| *byte == last as u8 | 1), "row {last}: {row:?}");
                        }
                    }
                });
            }
            for number in 0..20_000_usize {
                rows.push(&[number as u8 | 1; 64]).unwrap();
            }
        });
    }

    #[test]
    fn words_are_zero_until_stored_and_rows_without_memory_are_none() {
        let words = Words::new(4, 10).unwrap();
        assert!(words.row(9).unwrap().iter().all(|word| word.load(Ordering::Relaxed) == 0));
        assert!(words.row(10).is_none() && words.row(usize::MAX >> 8).is_none());
        words.reserve(100_000).unwrap();
        for row in 0..100_000 {
            words.row(row).unwrap()[3].store(row as u32, Ordering::Relaxed);
        }
        for words in [&words, &words.copy(100_000).unwrap()] {
            assert!((0..100_000).all(|row| words.row(row).unwrap()[3].load(Ordering::Relaxed) == row as u32));
        }
    }

    #[test]
    fn parts_of_a_region_never_overlap() {
        let region = || {
            let mut region = Region::zeroed(150).unwrap();
            let bytes = region.bytes_mut().unwrap();
            bytes[..100].fill(1);
            bytes[100..].fill(2);
            region
        };
        assert_eq!(region().bytes().unwrap().iter().map(|byte| u32::from(*byte)).sum::<u32>(), 200);
        assert!(region().disjoint(&[(0, 100), (99, 2)]).is_none());
        assert!(region().disjoint(&[(0, 151)]).is_none());
        assert!(region().disjoint(&[(usize::MAX, 2)]).is_none());
        let parts = region().disjoint(&[(0, 100), (100, 50)]).unwrap();
        assert_eq!(parts.iter().map(Region::len).collect::<Vec<_>>(), [100, 50]);
        let rows = Rows::full(25, parts.into_iter().nth(1).unwrap());
        assert_eq!((rows.len(), rows.get(1)), (2, Some(&[2; 25][..])));
        assert_eq!(rows.push(&[3; 25]).unwrap(), 2);
        assert_eq!(rows.runs(3).collect::<Vec<_>>().concat()[49..52], [2, 3, 3]);
    }
}
