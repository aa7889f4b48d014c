//! redb over a file that cannot be written.

use std::collections::BTreeMap;
use std::io;
use std::ops::Bound;
use std::sync::{PoisonError, RwLock};

use redb::{BackendError, StorageBackend};

use super::files::File;

/// Bytes per piece of the overlay: redb's own page, so that its writes rarely copy anything first.
const PAGE_BYTES: usize = 4096;

/// A file on read-only media that redb may "write": what is written stays in memory, reads see it over the file,
/// and everything is gone when it is closed.
///
/// redb needs this after a crash, when a file must be repaired before it can be read. Locks always succeed: nobody
/// can write to the medium, so there is nobody to exclude.
#[derive(Debug)]
pub(crate) struct CopyOnWrite {
    file: Box<dyn File>,
    overlay: RwLock<Overlay>,
}

struct Overlay {
    len: u64,
    /// How far the file shows through: its length, or less once redb has cut it.
    visible: u64,
    /// Pages that were written, by their number.
    pages: BTreeMap<u64, Box<[u8; PAGE_BYTES]>>,
}

impl std::fmt::Debug for Overlay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Overlay").field("len", &self.len).field("pages", &self.pages.len()).finish()
    }
}

impl CopyOnWrite {
    /// An overlay over `file` as it is now.
    pub(crate) fn new(file: Box<dyn File>) -> io::Result<CopyOnWrite> {
        let len = file.len()?;
        Ok(CopyOnWrite { file, overlay: RwLock::new(Overlay { len, visible: len, pages: BTreeMap::new() }) })
    }

    /// Fills `out` from the file below the overlay; what it does not show reads as zeros.
    fn read_file(&self, visible: u64, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let shown = visible.saturating_sub(offset).min(out.len() as u64);
        let shown = usize::try_from(shown).unwrap_or(out.len());
        let (from_file, beyond) = out.split_at_mut(shown);
        beyond.fill(0);
        self.file.read_at(offset, from_file)
    }
}

/// The pieces of `offset..offset + len`, page by page: page number, where in the page, how many bytes.
fn pieces(offset: u64, len: usize) -> impl Iterator<Item = (u64, usize, usize)> {
    let mut done = 0;
    std::iter::from_fn(move || {
        let at = offset + done as u64;
        // Below PAGE_BYTES, so it fits.
        let within = (at % PAGE_BYTES as u64) as usize;
        let take = (PAGE_BYTES - within).min(len - done);
        done += take;
        (take > 0).then_some((at / PAGE_BYTES as u64, within, take))
    })
}

fn check_end(offset: u64, len: usize, end: u64) -> io::Result<()> {
    match offset.checked_add(len as u64) {
        Some(needed) if needed <= end => Ok(()),
        _ => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

impl StorageBackend for CopyOnWrite {
    fn len(&self) -> io::Result<u64> {
        Ok(self.overlay.read().unwrap_or_else(PoisonError::into_inner).len)
    }

    fn read(&self, offset: u64, mut out: &mut [u8]) -> io::Result<()> {
        let overlay = self.overlay.read().unwrap_or_else(PoisonError::into_inner);
        check_end(offset, out.len(), overlay.len)?;
        for (page, within, take) in pieces(offset, out.len()) {
            let (piece, rest) = out.split_at_mut(take);
            match overlay.pages.get(&page).and_then(|page| page.get(within..within + take)) {
                Some(written) => piece.copy_from_slice(written),
                None => self.read_file(overlay.visible, page * PAGE_BYTES as u64 + within as u64, piece)?,
            }
            out = rest;
        }
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut overlay = self.overlay.write().unwrap_or_else(PoisonError::into_inner);
        overlay.len = len;
        // What is cut off must read as zeros if the length grows again.
        overlay.visible = overlay.visible.min(len);
        overlay.pages.split_off(&len.div_ceil(PAGE_BYTES as u64));
        let within = (len % PAGE_BYTES as u64) as usize;
        if let Some(cut) =
            overlay.pages.get_mut(&(len / PAGE_BYTES as u64)).and_then(|page| page.get_mut(within..))
        {
            cut.fill(0);
        }
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, mut data: &[u8]) -> io::Result<()> {
        let mut overlay = self.overlay.write().unwrap_or_else(PoisonError::into_inner);
        check_end(offset, data.len(), u64::MAX)?;
        overlay.len = overlay.len.max(offset + data.len() as u64);
        for (number, within, take) in pieces(offset, data.len()) {
            let (piece, rest) = data.split_at(take);
            if !overlay.pages.contains_key(&number) {
                let mut page = Box::new([0; PAGE_BYTES]);
                self.read_file(overlay.visible, number * PAGE_BYTES as u64, &mut page[..])?;
                overlay.pages.insert(number, page);
            }
            let target = overlay.pages.get_mut(&number).and_then(|page| page.get_mut(within..within + take));
            if let Some(target) = target {
                target.copy_from_slice(piece);
            }
            data = rest;
        }
        Ok(())
    }

    fn try_lock_range(&self, _: Bound<u64>, _: Bound<u64>) -> Result<bool, BackendError> {
        Ok(true)
    }

    fn try_lock_shared_range(&self, _: Bound<u64>, _: Bound<u64>) -> Result<bool, BackendError> {
        Ok(true)
    }

    fn lock_range(&self, _: Bound<u64>, _: Bound<u64>) -> Result<(), BackendError> {
        Ok(())
    }

    fn lock_shared_range(&self, _: Bound<u64>, _: Bound<u64>) -> Result<(), BackendError> {
        Ok(())
    }

    fn unlock_range(&self, _: Bound<u64>, _: Bound<u64>) -> Result<(), BackendError> {
        Ok(())
    }

    fn query_lock_range(&self, _: Bound<u64>, _: Bound<u64>) -> Result<bool, BackendError> {
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use proptest::prelude::*;
    use redb::{Database, ReadableDatabase, ReadableTableMetadata, TableDefinition};

    use super::super::files::{FileSystem, OpenMode, RealFileSystem};
    use super::*;

    const TABLE: TableDefinition<u64, &[u8]> = TableDefinition::new("numbers");

    fn over(path: &std::path::Path) -> CopyOnWrite {
        CopyOnWrite::new(RealFileSystem.open(path, OpenMode::Read).unwrap()).unwrap()
    }

    fn put(database: &Database, keys: std::ops::Range<u64>) {
        let write = database.begin_write().unwrap();
        for key in keys {
            write.open_table(TABLE).unwrap().insert(key, &[1_u8; 3000][..]).unwrap();
        }
        write.commit().unwrap();
    }

    #[test]
    fn redb_repairs_and_writes_in_memory_only() {
        let directory = tempfile::tempdir().unwrap();
        let (path, crashed) = (directory.path().join("live.vdb"), directory.path().join("crashed.vdb"));
        let live = Database::create(&path).unwrap();
        put(&live, 0..20);
        // The bytes of a database that was never closed: a read-only open refuses them.
        fs::copy(&path, &crashed).unwrap();
        let before = fs::read(&crashed).unwrap();
        assert!(Database::builder().open_read_only(&crashed).is_err());

        let database = Database::builder().create_with_backend(over(&crashed)).unwrap();
        put(&database, 20..200);
        assert_eq!(database.begin_read().unwrap().open_table(TABLE).unwrap().len().unwrap(), 200);
        drop(database);
        assert_eq!(fs::read(&crashed).unwrap(), before);
    }

    proptest! {
        /// Any writes and cuts leave what a plain vector would hold.
        #[test]
        fn behaves_like_a_vector(
            start in 0_usize..20_000,
            steps in prop::collection::vec((any::<bool>(), 0_u64..30_000, 0_usize..9_000), 1..20),
        ) {
            let file = tempfile::NamedTempFile::new().unwrap();
            let mut model: Vec<u8> = (0..start).map(|at| (at % 251) as u8).collect();
            fs::write(file.path(), &model).unwrap();
            let backend = over(file.path());
            for (step, (is_write, offset, len)) in steps.into_iter().enumerate() {
                if is_write {
                    let data = vec![step as u8 + 1; len];
                    backend.write(offset, &data).unwrap();
                    let end = offset as usize + len;
                    model.resize(model.len().max(end), 0);
                    model[offset as usize..end].copy_from_slice(&data);
                } else {
                    backend.set_len(offset).unwrap();
                    model.resize(offset as usize, 0);
                }
                let mut whole = vec![0; model.len()];
                backend.read(0, &mut whole).unwrap();
                prop_assert_eq!(backend.len().unwrap(), model.len() as u64);
                prop_assert!(whole == model);
            }
            prop_assert!(backend.read(model.len() as u64, &mut [0]).is_err());
        }
    }
}
