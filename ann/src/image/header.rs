//! The first page of an image, and everything that can be wrong with it.

use crate::codes::Overall;
use crate::layout::{MAX_LEVEL, MAX_NODES};
use crate::{Metric, Params};

/// Sections start at multiples of this: the page of most machines, and a part of the pages of the others.
pub(super) const PAGE: usize = 4_096;
pub(super) const SECTIONS: usize = 8;
pub(super) const NAMES: [&str; SECTIONS] =
    ["centre", "codes", "facts", "ground", "towers", "upper", "twins", "slots"];

const MAGIC: [u8; 8] = *b"vlANNimg";
const VERSION: u32 = 3;
/// As the machine writes it: tells an image of the other byte order.
const ORDER: u32 = 0x0102_0304;
/// The last four bytes of the page.
const CHECKSUM_AT: usize = PAGE - 4;
const MOST_DIMENSIONS: usize = 65_536;

/// Whose image it is, and of when. The index only compares; the caller knows what the numbers mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Binding {
    /// The database that it was made for.
    pub database: [u8; 16],
    /// Under which numbering of slots.
    pub slot_epoch: u64,
    /// The commit that it was made at.
    pub commit_id: u64,
}

/// Why an image cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Damage {
    /// Another file, or another machine's.
    #[error("it is no image of this machine")]
    NotAnImage,
    /// A version that this one does not know.
    #[error("it has version {0}, and version {VERSION} is known")]
    Version(u32),
    /// Of another database, or of other slot numbers.
    #[error("it belongs to another database")]
    Foreign,
    /// Of a later commit than the database has.
    #[error("it is of commit {image}, and the database is at commit {database}")]
    Newer {
        /// The image's commit.
        image: u64,
        /// The database's.
        database: u64,
    },
    /// Shorter than it says.
    #[error("it is cut off")]
    Truncated,
    /// The header's checksum is wrong.
    #[error("its header is damaged")]
    Header,
    /// The header contradicts itself.
    #[error("its header is wrong: {0}")]
    Malformed(&'static str),
    /// A section's checksum is wrong.
    #[error("its section {0} is damaged")]
    Section(&'static str),
}

#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Section {
    pub(super) checksum: u32,
    pub(super) offset: u64,
    pub(super) bytes: u64,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Header {
    pub(super) binding: Binding,
    pub(super) metric: Metric,
    pub(super) dimension: usize,
    pub(super) params: Params,
    pub(super) centred: bool,
    pub(super) nodes: usize,
    pub(super) upper_rows: u32,
    pub(super) entry: u64,
    pub(super) frontier: u64,
    pub(super) overall: Overall,
    pub(super) made: [u64; 3],
    pub(super) tombstones: u64,
    pub(super) sections: [Section; SECTIONS],
}

impl Header {
    pub(super) fn encode(&self) -> [u8; PAGE] {
        let mut page = Vec::with_capacity(PAGE);
        page.extend_from_slice(&MAGIC);
        page.extend_from_slice(&VERSION.to_le_bytes());
        page.extend_from_slice(&ORDER.to_ne_bytes());
        page.extend_from_slice(&self.binding.database);
        let metric = Metric::ALL.iter().position(|metric| *metric == self.metric).unwrap_or_default();
        let numbers = [
            self.binding.slot_epoch,
            self.binding.commit_id,
            metric as u64,
            self.dimension as u64,
            self.params.m as u64,
            self.params.ef_construction as u64,
            self.params.ef_search.map_or(0, |ef| ef as u64),
            self.params.seeds as u64,
            u64::from(self.centred),
            self.nodes as u64,
            u64::from(self.upper_rows),
            self.entry,
            self.frontier,
            self.overall.squared_norm.to_bits(),
            u64::from(self.overall.error.to_bits()),
            u64::from(self.overall.scaled_error.to_bits()),
        ];
        let sections = self
            .sections
            .iter()
            .flat_map(|section| [u64::from(section.checksum), section.offset, section.bytes]);
        for number in numbers.into_iter().chain(self.made).chain([self.tombstones]).chain(sections) {
            page.extend_from_slice(&number.to_le_bytes());
        }
        page.resize(CHECKSUM_AT, 0);
        page.extend_from_slice(&crc32fast::hash(&page).to_le_bytes());
        let mut bytes = [0; PAGE];
        bytes.copy_from_slice(&page);
        bytes
    }

    /// Reads the first page of an image of `length` bytes; everything in it is checked.
    pub(super) fn decode(page: &[u8; PAGE], length: u64, expected: &Binding) -> Result<Header, Damage> {
        let mut reader = Reader { page, at: 0 };
        if reader.bytes::<8>() != MAGIC {
            return Err(Damage::NotAnImage);
        }
        let version = u32::from_le_bytes(reader.bytes());
        if version != VERSION {
            return Err(Damage::Version(version));
        }
        if page[CHECKSUM_AT..] != crc32fast::hash(&page[..CHECKSUM_AT]).to_le_bytes() {
            return Err(Damage::Header);
        }
        if u32::from_ne_bytes(reader.bytes()) != ORDER {
            return Err(Damage::NotAnImage);
        }
        let binding =
            Binding { database: reader.bytes(), slot_epoch: reader.number(), commit_id: reader.number() };
        if binding.database != expected.database || binding.slot_epoch != expected.slot_epoch {
            return Err(Damage::Foreign);
        }
        if binding.commit_id > expected.commit_id {
            return Err(Damage::Newer { image: binding.commit_id, database: expected.commit_id });
        }
        let metric = reader.size("metric")?;
        let metric = *Metric::ALL.get(metric).ok_or(Damage::Malformed("metric"))?;
        let dimension = reader.size("dimension")?;
        if !(1..=MOST_DIMENSIONS).contains(&dimension) {
            return Err(Damage::Malformed("dimension"));
        }
        let params = Params {
            m: reader.size("m")?,
            ef_construction: reader.size("ef_construction")?,
            ef_search: Some(reader.size("ef_search")?).filter(|ef| *ef != 0),
            // usize::MAX may have been that of a smaller machine.
            seeds: usize::try_from(reader.number()).unwrap_or(usize::MAX),
        };
        let params = params.validate().map_err(|_| Damage::Malformed("parameters"))?;
        let centred = reader.number() == 1;
        let nodes = reader.size("nodes")?;
        if nodes > MAX_NODES as usize {
            return Err(Damage::Malformed("nodes"));
        }
        let upper_rows = u32::try_from(reader.number()).ok().filter(|rows| *rows < 1 << 28);
        // A node has at most one for each layer above the lowest.
        let upper_rows = upper_rows.filter(|rows| *rows as usize <= nodes * usize::from(MAX_LEVEL));
        let upper_rows = upper_rows.ok_or(Damage::Malformed("upper rows"))?;
        let (entry, frontier) = (reader.number(), reader.number());
        let entry_exists = (entry as u32 as usize) < nodes && entry >> 32 <= u64::from(MAX_LEVEL) + 1;
        if entry != 0 && !entry_exists {
            return Err(Damage::Malformed("entry"));
        }
        if frontier > 1 << 32 {
            return Err(Damage::Malformed("frontier"));
        }
        let overall = Overall {
            squared_norm: f64::from_bits(reader.number()),
            error: f32::from_bits(reader.number() as u32),
            scaled_error: f32::from_bits(reader.number() as u32),
        };
        if !overall.squared_norm.is_finite() || overall.error.is_nan() || overall.scaled_error.is_nan() {
            return Err(Damage::Malformed("the norms or errors"));
        }
        let made = [reader.number(), reader.number(), reader.number()];
        let tombstones = reader.number();
        if tombstones > nodes as u64 {
            return Err(Damage::Malformed("tombstones"));
        }
        let sections = std::array::from_fn(|_| Section {
            checksum: reader.number() as u32,
            offset: reader.number(),
            bytes: reader.number(),
        });
        let header = Header {
            binding,
            metric,
            dimension,
            params,
            centred,
            nodes,
            upper_rows,
            entry,
            frontier,
            overall,
            made,
            tombstones,
            sections,
        };
        header.check_sections(length)?;
        Ok(header)
    }

    /// Sections have the lengths that follow from the numbers, start on pages, ascend, and end inside the image.
    fn check_sections(&self, length: u64) -> Result<(), Damage> {
        let mut end = PAGE as u64;
        for (section, expected) in self.sections.iter().zip(super::lengths(self)) {
            if section.bytes != expected {
                return Err(Damage::Malformed("the length of a section"));
            }
            if section.offset < end || section.offset % PAGE as u64 != 0 {
                return Err(Damage::Malformed("the place of a section"));
            }
            end = section
                .offset
                .checked_add(section.bytes)
                .ok_or(Damage::Malformed("the place of a section"))?;
            if end > length {
                return Err(Damage::Truncated);
            }
        }
        Ok(())
    }
}

struct Reader<'a> {
    page: &'a [u8; PAGE],
    at: usize,
}

impl Reader<'_> {
    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let bytes = self.page.get(self.at..).and_then(|rest| rest.first_chunk()).copied();
        self.at += N;
        bytes.unwrap_or([0; N])
    }

    fn number(&mut self) -> u64 {
        u64::from_le_bytes(self.bytes())
    }

    fn size(&mut self, name: &'static str) -> Result<usize, Damage> {
        usize::try_from(self.number()).map_err(|_| Damage::Malformed(name))
    }
}
