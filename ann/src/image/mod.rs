//! An index as a file that is mapped, not read.
//!
//! ```text
//! page 0      header: who it belongs to, what the index is, where the sections are; a CRC-32 of itself
//! then        each section from a page boundary on, with a CRC-32 of its own in the header
//! ```
//!
//! Opening checks the header and that the sections have the lengths that follow from it, and reads nothing else: it
//! takes the time of a system call. What the sections hold is taken as a claim by everyone who reads it, so damage
//! costs candidates, not more; [`Index::read_image`] reads all of it, checks the checksums on the way, and is for the
//! background.
//!
//! Numbers in the header are little-endian. Links and rows of `f32` are in the order of the machine that wrote them,
//! and an image from a machine of the other order is refused. Which slots are alive is not part of an image.
#![expect(clippy::indexing_slicing, reason = "both ends are cut to the length of the array")]

#[cfg(feature = "mmap")]
use std::fs::File;
use std::io::{self, Read, Write};
#[cfg(feature = "mmap")]
use std::io::{Seek, SeekFrom};
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::codes::{self, Codes, Columns};
use crate::index::Made;
use crate::layout::{Layout, Links};
use crate::memory::{Region, Rows, Words};
use crate::{Error, Index};

mod header;
#[cfg(test)]
#[cfg(feature = "mmap")]
mod tests;

pub use header::{Binding, Damage};
use header::{Header, PAGE, SECTIONS, Section};

/// What a section is made of.
enum Source<'a> {
    Bytes(Vec<u8>),
    Rows(&'a Rows, usize),
    Words(&'a Words, usize),
}

impl Source<'_> {
    /// Hands the bytes over, piece by piece.
    fn pieces(&self, mut with: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        match self {
            Source::Bytes(bytes) => with(bytes),
            Source::Rows(rows, count) => rows.runs(*count).try_for_each(with),
            Source::Words(words, count) => words.copies(*count).try_for_each(|copy| with(&copy)),
        }
    }
}

impl Index {
    /// Writes an image: a header page and sections from page boundaries on. Gives its length in bytes. Insertions wait
    /// until it is written, searches do not.
    pub fn write_image(&self, binding: &Binding, out: &mut impl Write) -> Result<u64, Error> {
        let _inserting = self.lock_insertions();
        let nodes = self.len();
        let columns = self.codes.columns();
        let upper_rows = self.layout.upper_rows();
        let [ground, towers, upper, twins] = self.layout.columns();
        let sources: [Source<'_>; SECTIONS] = [
            Source::Bytes(bytemuck::cast_slice(self.codes.centre()).to_vec()),
            Source::Rows(columns.rows, nodes),
            Source::Rows(columns.facts, nodes),
            Source::Words(ground, nodes),
            Source::Words(towers, nodes),
            Source::Words(upper, upper_rows as usize),
            Source::Words(twins, nodes),
            Source::Rows(&self.slots, nodes),
        ];
        let mut sections = [Section::default(); SECTIONS];
        let mut offset = PAGE as u64;
        for (section, source) in sections.iter_mut().zip(&sources) {
            let mut checksum = crc32fast::Hasher::new();
            section.offset = offset;
            source.pieces(|piece| {
                checksum.update(piece);
                section.bytes += piece.len() as u64;
                Ok(())
            })?;
            section.checksum = checksum.finalize();
            offset = (offset + section.bytes).next_multiple_of(PAGE as u64);
        }
        let count = |number: &AtomicUsize| number.load(Ordering::Relaxed) as u64;
        let header = Header {
            binding: *binding,
            metric: self.metric(),
            dimension: self.dimension(),
            params: self.params,
            centred: !self.codes.centre().is_empty(),
            nodes,
            upper_rows,
            entry: self.layout.entry_word(),
            frontier: self.frontier(),
            overall: self.codes.overall(),
            made: [count(&self.made.seeded), count(&self.made.twins), count(&self.made.repaired)],
            tombstones: self.tombstones as u64,
            sections,
        };
        out.write_all(&header.encode())?;
        for (section, source) in sections.iter().zip(&sources) {
            source.pieces(|piece| out.write_all(piece))?;
            let end = section.bytes.next_multiple_of(PAGE as u64);
            out.write_all(&[0; PAGE][..(end - section.bytes) as usize])?;
        }
        Ok(offset)
    }

    /// Opens an image of `length` bytes that starts at `offset` (a multiple of 4,096) of a file, by a private mapping:
    /// what is inserted later stays in memory. `expected` says whose image it must be; one of an earlier commit is fine.
    /// The file must not be changed in place as long as the index lives; replacing it by another of the same name is
    /// fine.
    #[cfg(feature = "mmap")]
    pub fn open_image(file: &File, offset: u64, length: u64, expected: &Binding) -> Result<Index, Error> {
        if !offset.is_multiple_of(PAGE as u64) {
            return Err(Damage::Malformed("the place of the image").into());
        }
        // Memory that is mapped beyond the end of a file cannot be read.
        let end = offset.checked_add(length).filter(|_| length >= PAGE as u64).ok_or(Damage::Truncated)?;
        let bytes = usize::try_from(length).map_err(|_| Damage::Malformed("the length of the image"))?;
        if end > (&*file).seek(SeekFrom::End(0))? {
            return Err(Damage::Truncated.into());
        }
        let mut region = Region::map(file, offset, bytes)?;
        let page = region.bytes().and_then(|bytes| bytes.first_chunk::<PAGE>()).ok_or(Damage::Truncated)?;
        let header = Header::decode(page, length, expected)?;
        let parts = header.sections.map(|section| (section.offset as usize, section.bytes as usize));
        let regions = region.disjoint(&parts).ok_or(Damage::Malformed("sections overlap"))?;
        assemble(&header, regions)
    }

    /// Reads an image of `length` bytes into memory of its own, with huge pages where there are any, and checks all of
    /// its checksums.
    pub fn read_image(image: &mut impl Read, length: u64, expected: &Binding) -> Result<Index, Error> {
        let mut regions = Vec::with_capacity(SECTIONS);
        let header = each_section(image, length, expected, |image, section| {
            // No longer than the image, as the header was checked.
            let mut region = Region::zeroed(section.bytes as usize)?;
            let room = region.bytes_mut().ok_or(Damage::Malformed("a section that is shared"))?;
            read(image, room)?;
            let checksum = crc32fast::hash(room);
            regions.push(region);
            Ok(checksum)
        })?;
        assemble(&header, regions)
    }

    /// Reads an image of `length` bytes through and checks all of its checksums; keeps nothing of it.
    pub fn check_image(image: &mut impl Read, length: u64, expected: &Binding) -> Result<(), Error> {
        let mut room = vec![0; CHECKED_AT_ONCE];
        each_section(image, length, expected, |image, section| {
            let mut checksum = crc32fast::Hasher::new();
            let mut rest = section.bytes;
            while rest > 0 {
                let piece = &mut room[..CHECKED_AT_ONCE.min(usize::try_from(rest).unwrap_or(usize::MAX))];
                read(image, piece)?;
                checksum.update(piece);
                rest -= piece.len() as u64;
            }
            Ok(checksum.finalize())
        })?;
        Ok(())
    }
}

const CHECKED_AT_ONCE: usize = 256 << 10;

/// Reads the header of an image, then each section by `checksum`, which reads it to its end and gives its checksum.
fn each_section<R: Read>(
    image: &mut R,
    length: u64,
    expected: &Binding,
    mut checksum: impl FnMut(&mut R, &Section) -> Result<u32, Error>,
) -> Result<Header, Error> {
    let mut page = [0; PAGE];
    read(image, &mut page)?;
    let header = Header::decode(&page, length, expected)?;
    let mut at = PAGE as u64;
    for (section, name) in header.sections.iter().zip(header::NAMES) {
        skip(image, section.offset - at)?;
        if checksum(image, section)? != section.checksum {
            return Err(Damage::Section(name).into());
        }
        at = section.offset + section.bytes;
    }
    Ok(header)
}

fn read(image: &mut impl Read, room: &mut [u8]) -> Result<(), Error> {
    image.read_exact(room).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => Damage::Truncated.into(),
        _ => Error::System(error),
    })
}

/// Less than a page lies between two sections of an honest image, but it is not for us to rely on that.
fn skip(image: &mut impl Read, bytes: u64) -> Result<(), Error> {
    let skipped = io::copy(&mut image.by_ref().take(bytes), &mut io::sink())?;
    if skipped == bytes { Ok(()) } else { Err(Damage::Truncated.into()) }
}

/// The index over its sections, which have the lengths that follow from the header.
fn assemble(header: &Header, regions: Vec<Region>) -> Result<Index, Error> {
    let regions: Result<[Region; SECTIONS], _> = regions.try_into();
    let Ok([centre, rows, facts, ground, towers, upper, twins, slots]) = regions else {
        return Err(Damage::Malformed("the number of sections").into());
    };
    let centre = if header.centred { centre_of(centre.into_vec()) } else { Vec::new() };
    let m = header.params.m;
    let columns = Columns { rows, facts };
    let codes = Codes::open(header.metric, header.dimension, centre, header.overall, columns);
    let layout = Layout::open(
        m,
        Links {
            ground: Words::over(2 * m, ground),
            towers: Words::over(1, towers),
            upper: Words::over(m, upper),
            twins: Words::over(1, twins),
            upper_rows: header.upper_rows,
            entry: header.entry,
        },
    );
    let [seeded, twins, repaired] = header.made.map(|count| AtomicUsize::new(count as usize));
    let made = Made { seeded, twins, repaired };
    let (slots, tombstones) = (Rows::full(4, slots), header.tombstones as usize);
    Ok(Index::over(header.params, codes, layout, slots, header.frontier, made, tombstones))
}

/// Numbers that damage made odd become 0: distances must stay numbers.
fn centre_of(bytes: Vec<u8>) -> Vec<f32> {
    let (numbers, _) = bytes.as_chunks::<4>();
    let numbers = numbers.iter().map(|bytes| f32::from_ne_bytes(*bytes));
    numbers.map(|number| if number.is_finite() { number } else { 0.0 }).collect()
}

/// Bytes of each section, in order.
fn lengths(header: &Header) -> [u64; SECTIONS] {
    let nodes = header.nodes as u64;
    let (metric, dimension) = (header.metric, header.dimension);
    let m = header.params.m as u64;
    [
        if header.centred { 4 * dimension as u64 } else { 0 },
        nodes * codes::row_bytes(metric, dimension) as u64,
        nodes * codes::facts_bytes(metric) as u64,
        nodes * 8 * m,
        nodes * 4,
        u64::from(header.upper_rows) * 4 * m,
        nodes * 4,
        nodes * 4,
    ]
}
