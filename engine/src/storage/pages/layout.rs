//! The bytes of redb's file format 3, as far as checksums need them: redb's `docs/design.md`, and its `tree_store/btree_base.rs`,
//! `page_store/header.rs` and `table_tree_base.rs` of the version that `Cargo.toml` names. Little-endian.
//!
//! | page | holds |
//! |---|---|
//! | first | 9 bytes magic, god byte, 2 zeros, `u32` bytes a page, `u32` header pages and `u32` data pages a region; at 64 and 192 a commit slot |
//! | commit slot, 128 bytes | version, whether there is a user root, whether a system root; at 8 and 40 the roots; at 112 a checksum of what is before |
//! | root | `u64` page number, `u128` checksum, `u64` length |
//! | leaf | 1, 0, `u16` pairs; the ends of keys, the ends of values (`u32` each, unless of a fixed width); keys; values |
//! | branch | 2, 0, `u16` keys, 4 zeros; `u128` checksum of each child; `u64` number of each child; the ends of keys; keys |
//! | table definition (a value of a tree of tables) | type 3, `u64` length, whether there is a root, root, whether keys have a fixed width, `u32`, the same of values |
//!
//! A page number is 20 bits index, 20 bits region, 19 bits nothing, 5 bits order: the page has 2^order pages of 4 KiB, and its
//! index counts pages of that size. A checksum is the XXH3-128 of a page from its start to the end of the last key or value.

/// Where the first page ends.
pub(super) const FIRST_PAGE_BYTES: u64 = 4096;
const MAGIC: &[u8] = b"redb\x1A\x0A\xA9\x0D\x0A";
const GOD_BYTE: usize = 9;
const PRIMARY_BIT: u8 = 1;
const SLOTS: [usize; 2] = [64, 192];
const SLOT_BYTES: usize = 128;
const SLOT_CHECKSUM: usize = 112;
const ROOT_BYTES: usize = 32;
/// What redb writes in place of a checksum until the commit; such a page is never read by another process.
const DEFERRED: u128 = 999;
const LEAF: u8 = 1;
const BRANCH: u8 = 2;
const NORMAL_TABLE: u8 = 3;

/// What one must know of a tree to find its way in its pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Tree {
    /// Bytes of a key and of a value, where all have the same.
    key_width: Option<u32>,
    value_width: Option<u32>,
    /// Whether its values are definitions of tables.
    of_tables: bool,
}

const OF_TABLES: Tree = Tree { key_width: None, value_width: None, of_tables: true };

/// What a page says of another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Child {
    /// Where it begins in the file.
    pub(super) offset: u64,
    pub(super) checksum: u128,
    pub(super) tree: Tree,
}

/// XXH3 with 128 bits, as redb computes it.
pub(super) fn checksum(bytes: &[u8]) -> u128 {
    twox_hash::XxHash3_128::oneshot(bytes)
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}

fn u16_at(bytes: &[u8], at: usize) -> Option<usize> {
    array(bytes, at).map(|bytes| usize::from(u16::from_le_bytes(bytes)))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    array(bytes, at).map(u32::from_le_bytes)
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    array(bytes, at).map(u64::from_le_bytes)
}

fn u128_at(bytes: &[u8], at: usize) -> Option<u128> {
    array(bytes, at).map(u128::from_le_bytes)
}

fn width(width: Option<u32>) -> Option<usize> {
    width.and_then(|width| usize::try_from(width).ok())
}

/// Where pages lie: fixed when a file is created.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Geometry {
    page_bytes: u64,
    header_pages: u64,
    data_pages: u64,
}

impl Geometry {
    /// `None` for bytes that are not the beginning of a file of redb.
    pub(super) fn of(first_page: &[u8]) -> Option<Geometry> {
        let at = GOD_BYTE + 3;
        let word = |number: usize| u32_at(first_page, at + 4 * number).map(u64::from);
        first_page.starts_with(MAGIC).then_some(())?;
        Some(Geometry { page_bytes: word(0)?, header_pages: word(1)?, data_pages: word(2)? })
    }

    /// Where the page of this number begins. Numbers of damaged files may lie anywhere, and beyond any file.
    fn offset(&self, number: u64) -> Option<u64> {
        let order = number >> 59;
        let index = number & (0xF_FFFF >> order);
        let region = (number >> 20) & 0xF_FFFF;
        let region_pages = self.header_pages.checked_add(self.data_pages)?;
        let before = region.checked_mul(region_pages)?.checked_add(self.header_pages)?;
        let pages = before.checked_add(index.checked_mul(1 << order)?)?.checked_add(1)?;
        pages.checked_mul(self.page_bytes)
    }

    fn child(&self, number: u64, checksum: u128, tree: Tree) -> Option<Child> {
        let offset = self.offset(number)?;
        (checksum != DEFERRED).then_some(Child { offset, checksum, tree })
    }
}

/// The trees of tables that the newest commit slot names; that of the other one where the newest does not verify.
pub(super) fn roots(first_page: &[u8]) -> Vec<Child> {
    let Some(geometry) = Geometry::of(first_page) else { return Vec::new() };
    let [first, second] = SLOTS.map(|at| {
        let slot = first_page.get(at..at + SLOT_BYTES)?;
        let stored = u128_at(slot, SLOT_CHECKSUM)?;
        (slot.get(..SLOT_CHECKSUM).map(checksum) == Some(stored)).then_some(slot)
    });
    // A reader is served the slot that is not the primary one while a writer is at its commit, so both may be read.
    let primary_is_second = first_page.get(GOD_BYTE).is_some_and(|god| god & PRIMARY_BIT != 0);
    let slots = if primary_is_second { [second, first] } else { [first, second] };
    let root = |slot: &[u8], number: usize| {
        let at = 8 + number * ROOT_BYTES;
        let is_there = *slot.get(1 + number)? != 0;
        is_there.then_some(())?;
        geometry.child(u64_at(slot, at)?, u128_at(slot, at + 8)?, OF_TABLES)
    };
    slots.into_iter().flatten().flat_map(|slot| [root(slot, 0), root(slot, 1)]).flatten().collect()
}

/// The bytes that the checksum of a page covers; `None` for bytes that are not a page of this tree.
pub(super) fn covered(page: &[u8], tree: Tree) -> Option<&[u8]> {
    let count = u16_at(page, 2)?;
    let last = count.checked_sub(1)?;
    let end = match *page.first()? {
        LEAF => Leaf::of(page, tree)?.value_end(last)?,
        BRANCH => {
            let ends = 8 + 24 * (count + 1);
            match width(tree.key_width) {
                Some(width) => ends.checked_add(width.checked_mul(count)?)?,
                None => u32_at(page, ends + 4 * last).and_then(|end| usize::try_from(end).ok())?,
            }
        }
        _ => return None,
    };
    page.get(..end)
}

/// What a page that verified says of others.
pub(super) fn children(page: &[u8], tree: Tree, geometry: Geometry) -> Vec<Child> {
    let count = u16_at(page, 2).unwrap_or(0);
    match page.first() {
        Some(&BRANCH) => {
            let numbers = 8 + 16 * (count + 1);
            let child = |at: usize| {
                geometry.child(u64_at(page, numbers + 8 * at)?, u128_at(page, 8 + 16 * at)?, tree)
            };
            (0..=count).filter_map(child).collect()
        }
        Some(&LEAF) if tree.of_tables => {
            let Some(leaf) = Leaf::of(page, tree) else { return Vec::new() };
            (0..count).filter_map(|number| root_of_table(leaf.value(number)?, geometry)).collect()
        }
        _ => Vec::new(),
    }
}

/// `None` for an empty table, and for a multimap, of which there is none in our files.
fn root_of_table(definition: &[u8], geometry: Geometry) -> Option<Child> {
    let fixed = |at: usize| {
        let is_fixed = *definition.get(at)? != 0;
        Some(if is_fixed { Some(u32_at(definition, at + 1)?) } else { None })
    };
    let has_root = *definition.get(9)? != 0;
    (definition.first() == Some(&NORMAL_TABLE) && has_root).then_some(())?;
    let widths = 10 + ROOT_BYTES;
    let tree = Tree { key_width: fixed(widths)?, value_width: fixed(widths + 5)?, of_tables: false };
    geometry.child(u64_at(definition, 10)?, u128_at(definition, 18)?, tree)
}

/// A page of keys and values.
struct Leaf<'p> {
    page: &'p [u8],
    tree: Tree,
    pairs: usize,
}

impl<'p> Leaf<'p> {
    fn of(page: &'p [u8], tree: Tree) -> Option<Leaf<'p>> {
        Some(Leaf { page, tree, pairs: u16_at(page, 2)? })
    }

    fn end(&self, number: usize) -> Option<usize> {
        u32_at(self.page, 4 + 4 * number).and_then(|end| usize::try_from(end).ok())
    }

    /// Where the keys end.
    fn keys_end(&self) -> Option<usize> {
        let Some(width) = width(self.tree.key_width) else { return self.end(self.pairs.checked_sub(1)?) };
        let ends = if self.tree.value_width.is_none() { 4 * self.pairs } else { 0 };
        width.checked_mul(self.pairs)?.checked_add(4 + ends)
    }

    fn value_end(&self, number: usize) -> Option<usize> {
        match width(self.tree.value_width) {
            Some(width) => self.keys_end()?.checked_add(width.checked_mul(number + 1)?),
            None => self.end(number + if self.tree.key_width.is_none() { self.pairs } else { 0 }),
        }
    }

    fn value(&self, number: usize) -> Option<&'p [u8]> {
        let start = match number.checked_sub(1) {
            Some(before) => self.value_end(before)?,
            None => self.keys_end()?,
        };
        self.page.get(start..self.value_end(number)?)
    }
}
