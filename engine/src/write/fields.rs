//! Making and dropping field indexes: a commit like any other, and the checkpoint that builds what it asks for.

use std::fmt;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::thread::{self, JoinHandle};

use super::batch::Operation;
use super::commit::Writer;
use crate::error::{Error, ErrorKind, Result, guarded};
use crate::field_type::FieldType;
use crate::value::Path;

/// A field index that is being built, made by [`Database::start_index`](crate::Database::start_index): an iterator of how many records
/// are done, and of how many, that ends when the index is there. Dropped, the building goes on.
///
/// ```
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("notes.vdb");
/// use vectlite::{Database, FieldType, OpenOptions, Record};
///
/// let db = Database::open(&path, OpenOptions::new().dimension(2))?;
/// db.upsert_many((0..5_000).map(|n| Record::new(format!("r{n}")).metadata([("size", n.into())])))?;
/// let mut build = db.start_index("size", FieldType::Numeric)?;
/// let last = build.by_ref().inspect(|(done, all)| println!("{done} of {all}")).last();
/// assert_eq!(last, Some((5_000, 5_000)));
/// assert!(build.finish()?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct IndexBuild {
    news: Receiver<(u64, u64)>,
    /// `None` when there was nothing to do.
    thread: Option<JoinHandle<Result<()>>>,
}

impl IndexBuild {
    /// Waits until the index is there; `false` when it had been there before.
    ///
    /// # Errors
    /// `Closed`, `Corruption`, `Storage`: the index is built with the next checkpoint, as long as filters look at records.
    pub fn finish(self) -> Result<bool> {
        let Some(thread) = self.thread else { return Ok(false) };
        let result = thread.join();
        let failed = || {
            Error::new(
                ErrorKind::Storage,
                "the thread that built the index panicked; open the database again",
            )
        };
        result.map_err(|_| failed())?.map(|()| true)
    }
}

impl Iterator for IndexBuild {
    type Item = (u64, u64);

    fn next(&mut self) -> Option<(u64, u64)> {
        self.news.recv().ok()
    }
}

impl fmt::Debug for IndexBuild {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IndexBuild").finish_non_exhaustive()
    }
}

impl Writer {
    /// Adds a field index, and builds it in a thread of its own: who asks is then free to listen, and to use the database.
    pub(crate) fn start_index(self: &Arc<Writer>, path: Path, kind: FieldType) -> Result<IndexBuild> {
        let (tell, news) = channel();
        if self.commit(vec![Operation::CreateIndex { path, kind }])?.iter().sum::<usize>() == 0 {
            return Ok(IndexBuild { news, thread: None });
        }
        let writer = Arc::clone(self);
        let build = move || {
            // Nobody has to listen.
            let mut tell = |done, all| _ = tell.send((done, all));
            guarded(|| writer.checkpoint_telling(&mut tell).map(drop))
        };
        let thread = thread::Builder::new().name("vectlite-index".to_owned()).spawn(build);
        let thread =
            thread.map_err(|error| Error::io("could not start the thread that builds an index", error))?;
        Ok(IndexBuild { news, thread: Some(thread) })
    }

    /// Takes a field index away; `false` when there is none. Its room in `.vdb` is free after the next checkpoint.
    pub(crate) fn drop_index(&self, path: Path) -> Result<bool> {
        Ok(self.commit(vec![Operation::DropIndex { path }])?.iter().sum::<usize>() > 0)
    }
}
