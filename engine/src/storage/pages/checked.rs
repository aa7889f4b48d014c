//! A backend of redb that compares every page with the checksum under which its parent knows it.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;
use std::io;
use std::ops::Bound;
use std::sync::{PoisonError, RwLock};

use redb::{BackendError, StorageBackend};

use super::layout::{Child, FIRST_PAGE_BYTES, Geometry, Tree, checksum, children, covered, roots};

/// Roots that are remembered: those of the two commit slots, of some commits back, as a read that began a moment ago may
/// still ask for them.
const ROOTS: usize = 16;

/// Over the file's own backend. A page that is not what was written there comes to redb without its type, which no page is:
/// redb then refuses it, each time that it meets it, and goes on with all others. (An error here would be the last answer that
/// redb gives before it is opened again.)
///
/// What a page must be is known from where redb learned of it: whoever reads a page has read its parent, unless it wrote it.
/// So a map from places to checksums, filled from the pages that go by, knows every page that redb asks for. 32 bytes a page:
/// below a hundredth of the file.
pub(crate) struct CheckedPages<B> {
    inner: B,
    known: RwLock<Known>,
}

#[derive(Default)]
struct Known {
    geometry: Option<Geometry>,
    /// Trees that differ: there are some ten, and a page needs a byte instead of twenty.
    trees: Vec<Tree>,
    /// By the number of the first 4 KiB of a page.
    pages: HashMap<u64, Page>,
    /// Apart, because a slot that is read while it changes may name a root that is no more, and the page there may be
    /// another's by now.
    roots: Vec<Child>,
}

#[derive(Debug, Clone, Copy)]
enum Page {
    /// Read from a parent; the tree by its number in [`Known::trees`].
    Named { checksum: u64, tree: u8 },
    /// Written by this process: the checksum is that of all its bytes, since a page is often written before its parent.
    Written { checksum: u64 },
}

/// Half of a checksum: one in 2^64 damaged pages passes.
fn half(checksum: u128) -> u64 {
    checksum as u64
}

impl Known {
    fn learn(&mut self, child: &Child) {
        let tree = self.trees.iter().position(|tree| *tree == child.tree).unwrap_or_else(|| {
            self.trees.push(child.tree);
            self.trees.len() - 1
        });
        // More than a file of ours ever has: those of a stranger's go by unchecked.
        let Ok(tree) = u8::try_from(tree) else { return };
        let named = Page::Named { checksum: half(child.checksum), tree };
        match self.pages.entry(child.offset / FIRST_PAGE_BYTES) {
            Entry::Vacant(place) => _ = place.insert(named),
            // What this process wrote is newer than any parent that it reads.
            Entry::Occupied(mut place) => {
                if let Page::Named { .. } = place.get() {
                    place.insert(named);
                }
            }
        }
    }

    fn learn_roots(&mut self, first_page: &[u8]) {
        if self.geometry.is_none() {
            self.geometry = Geometry::of(first_page);
        }
        for root in roots(first_page) {
            if !self.roots.contains(&root) {
                self.roots.push(root);
            }
        }
        let old = self.roots.len().saturating_sub(ROOTS);
        self.roots.drain(..old);
    }

    /// Whether the page at `offset` may be these bytes, and of which tree it is.
    fn verdict(&self, offset: u64, page: &[u8]) -> Verdict {
        let matches = |expected: u64, tree: Tree| {
            covered(page, tree).is_some_and(|covered| half(checksum(covered)) == expected)
        };
        let mut verdict = Verdict::Unknown;
        match self.pages.get(&(offset / FIRST_PAGE_BYTES)) {
            Some(Page::Written { checksum: expected }) if half(checksum(page)) == *expected => {
                return Verdict::Sound(None);
            }
            Some(Page::Named { checksum: expected, tree }) => {
                let tree = self.trees.get(usize::from(*tree)).copied();
                if let Some(tree) = tree.filter(|tree| matches(*expected, *tree)) {
                    return Verdict::Sound(Some(tree));
                }
                verdict = Verdict::Damaged;
            }
            Some(Page::Written { .. }) => verdict = Verdict::Damaged,
            None => {}
        }
        for root in self.roots.iter().filter(|root| root.offset == offset) {
            if matches(half(root.checksum), root.tree) {
                return Verdict::Sound(Some(root.tree));
            }
            verdict = Verdict::Damaged;
        }
        verdict
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// What was written, with the tree where it was learned from a parent.
    Sound(Option<Tree>),
    /// Something else.
    Damaged,
    /// Nobody has spoken of this page.
    Unknown,
}

impl<B> fmt::Debug for CheckedPages<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CheckedPages").finish_non_exhaustive()
    }
}

impl<B> CheckedPages<B> {
    /// Nothing is known yet; redb begins with the first page, which names the roots.
    pub(crate) fn new(inner: B) -> CheckedPages<B> {
        CheckedPages { inner, known: RwLock::default() }
    }

    fn check(&self, offset: u64, page: &mut [u8]) {
        if offset < FIRST_PAGE_BYTES {
            if offset == 0 {
                self.known.write().unwrap_or_else(PoisonError::into_inner).learn_roots(page);
            }
            return;
        }
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        match known.verdict(offset, page) {
            Verdict::Sound(Some(tree)) => {
                let Some(geometry) = known.geometry else { return };
                drop(known);
                let children = children(page, tree, geometry);
                if !children.is_empty() {
                    let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
                    children.iter().for_each(|child| known.learn(child));
                }
            }
            Verdict::Damaged => {
                if let Some(page_type) = page.first_mut() {
                    *page_type = 0;
                }
            }
            Verdict::Sound(None) | Verdict::Unknown => {}
        }
    }
}

impl<B: StorageBackend> StorageBackend for CheckedPages<B> {
    fn len(&self) -> io::Result<u64> {
        self.inner.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        match self.inner.read(offset, out) {
            // A page that is not there any more is a damaged one: the rest of the file is still of use.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof && offset >= FIRST_PAGE_BYTES => {
                out.fill(0);
            }
            read => read?,
        }
        self.check(offset, out);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.inner.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.inner.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let written = self.inner.write(offset, data);
        if offset >= FIRST_PAGE_BYTES {
            let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
            match &written {
                Ok(()) => {
                    let page = Page::Written { checksum: half(checksum(data)) };
                    known.pages.insert(offset / FIRST_PAGE_BYTES, page);
                }
                // Any part of it may be there.
                Err(_) => _ = known.pages.remove(&(offset / FIRST_PAGE_BYTES)),
            }
        }
        written
    }

    fn close(&self) -> io::Result<()> {
        self.inner.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.inner.try_lock_range(start, end)
    }

    fn try_lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.inner.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.inner.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.inner.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.inner.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.inner.query_lock_range(start, end)
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::Arc;

    use redb::backends::InMemoryBackend;
    use redb::{Builder, Database, ReadableDatabase, ReadableTable, TableDefinition};

    use super::*;

    const FIXED: TableDefinition<u64, u64> = TableDefinition::new("fixed");
    const NAMED: TableDefinition<(u32, &str), &[u8]> = TableDefinition::new("named");
    const SHORT: TableDefinition<&str, u16> = TableDefinition::new("short");
    const WIDE: TableDefinition<(u16, u32), &[u8]> = TableDefinition::new("wide");

    /// A file that outlives the handles over it, and counts pages that nobody had spoken of.
    #[derive(Debug, Clone, Default)]
    struct Medium(Arc<InMemoryBackend>);

    impl Medium {
        fn bytes(&self) -> Vec<u8> {
            let mut bytes = vec![0; self.0.len().unwrap() as usize];
            self.0.read(0, &mut bytes).unwrap();
            bytes
        }

        fn of(bytes: &[u8]) -> Medium {
            let medium = Medium::default();
            medium.0.set_len(bytes.len() as u64).unwrap();
            medium.0.write(0, bytes).unwrap();
            medium
        }

        fn open(&self) -> Result<Database, redb::DatabaseError> {
            Builder::new().set_cache_size(0).create_with_backend(CheckedPages::new(self.clone()))
        }
    }

    impl StorageBackend for Medium {
        fn len(&self) -> io::Result<u64> {
            self.0.len()
        }
        fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
            self.0.read(offset, out)
        }
        fn set_len(&self, len: u64) -> io::Result<()> {
            self.0.set_len(len)
        }
        fn sync_data(&self) -> io::Result<()> {
            Ok(())
        }
        fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
            self.0.write(offset, data)
        }
    }

    fn fill(database: &Database, round: u64) {
        let mut write = database.begin_write().unwrap();
        write.set_quick_repair(true);
        for number in (0..600).filter(|number| number % (round + 1) == 0) {
            let name = format!("name {number}");
            write.open_table(FIXED).unwrap().insert(number, number * round).unwrap();
            let value = vec![round as u8; number as usize % 90];
            write.open_table(NAMED).unwrap().insert((number as u32, &*name), &value[..]).unwrap();
            write.open_table(SHORT).unwrap().insert(&*name, number as u16).unwrap();
        }
        for number in 0..9 {
            let value = vec![number as u8; 30_000];
            write.open_table(WIDE).unwrap().insert((round as u16, number), &value[..]).unwrap();
        }
        write.commit().unwrap();
    }

    type Content = (Vec<(u64, u64)>, Vec<Vec<u8>>, Vec<u16>, Vec<Vec<u8>>);

    /// Everything, or nothing where it cannot be read.
    fn content(medium: &Medium) -> Option<Content> {
        // Where redb does not expect to meet a damaged page it panics, which the façade turns into an error.
        let read = || -> Result<Content, redb::Error> {
            let database = medium.open()?;
            let read = database.begin_read()?;
            let mut content = Content::default();
            for entry in read.open_table(FIXED)?.iter()? {
                let (key, value) = entry?;
                content.0.push((key.value(), value.value()));
            }
            for entry in read.open_table(NAMED)?.iter()? {
                content.1.push(entry?.1.value().to_vec());
            }
            for entry in read.open_table(SHORT)?.iter()? {
                content.2.push(entry?.1.value());
            }
            for entry in read.open_table(WIDE)?.iter()? {
                content.3.push(entry?.1.value().to_vec());
            }
            Ok(content)
        };
        catch_unwind(AssertUnwindSafe(read)).ok()?.ok()
    }

    /// Several commits, the last of them reading what was written before through a cache of nothing.
    fn filled() -> Medium {
        let medium = Medium::default();
        for round in 0..3 {
            let database = medium.open().unwrap();
            fill(&database, round);
            fill(&database, round + 3);
        }
        medium
    }

    #[test]
    fn every_changed_byte_of_a_page_in_use_is_noticed() {
        let medium = filled();
        let expected = content(&medium).unwrap();
        let bytes = medium.bytes();
        let (mut noticed, mut harmless) = (0, 0);
        for page in 1..bytes.len() / 4096 {
            // The head, the pairs' ends or children, and what is in the middle.
            for at in [0, 2, 8, 30, 300, 1500] {
                let mut damaged = bytes.clone();
                damaged[page * 4096 + at] ^= 0x10;
                match content(&Medium::of(&damaged)) {
                    None => noticed += 1,
                    // A free page, an old one, the rest of a page, or one of redb's own.
                    Some(content) => {
                        assert!(content == expected, "page {page}, byte {at}");
                        harmless += 1;
                    }
                }
            }
        }
        println!("{noticed} noticed, {harmless} harmless");
        assert!(noticed > 200, "{noticed}");
    }

    #[test]
    fn pages_that_changed_places_are_noticed() {
        let medium = filled();
        let expected = content(&medium).unwrap();
        let bytes = medium.bytes();
        let mut noticed = 0;
        for page in 1..bytes.len() / 4096 - 1 {
            let mut damaged = bytes.clone();
            damaged[page * 4096..(page + 2) * 4096].rotate_left(4096);
            match content(&Medium::of(&damaged)) {
                None => noticed += 1,
                Some(content) => assert!(content == expected, "page {page}"),
            }
        }
        assert!(noticed > 30, "{noticed}");
    }

    #[test]
    fn a_page_that_redb_reads_was_spoken_of_before() {
        let medium = filled();
        let backend = CheckedPages::new(medium.clone());
        let mut header = vec![0; 4096];
        backend.read(0, &mut header).unwrap();
        let (mut seen, mut places) = (0, Known::default());
        places.learn_roots(&header);
        let mut ahead: Vec<u64> = places.roots.iter().map(|root| root.offset).collect();
        while let Some(offset) = ahead.pop() {
            let mut page = vec![0; 1 << 15];
            let end = (medium.len().unwrap() - offset).min(page.len() as u64);
            page.truncate(end as usize);
            backend.read(offset, &mut page).unwrap();
            let known = backend.known.read().unwrap();
            let verdict = known.verdict(offset, &page);
            let Verdict::Sound(Some(tree)) = verdict else { panic!("page at {offset}: {verdict:?}") };
            ahead.extend(children(&page, tree, known.geometry.unwrap()).iter().map(|child| child.offset));
            seen += 1;
        }
        assert!(seen > 60, "{seen}");
    }
}
