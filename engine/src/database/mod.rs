//! The handle that users hold: a database, open for writing or for reading.
//!
//! | question | file |
//! |---|---|
//! | how is it created, opened, recovered | [`open`]; in a forked child, again: [`fork`] |
//! | what can be written | [`writes`] |
//! | what can be read and searched | [`reads`], all of it of one moment: [`read_view`]; searched alike: [`searchable`] |
//! | which fields are indexed, how are its graphs configured | [`indexes`] |
//! | how is it kept in shape: flush, compact, snapshot, close | [`upkeep`] |

mod fork;
mod indexes;
#[cfg(test)]
#[cfg(not(any(feature = "ann", feature = "text")))]
mod left_out;
mod open;
#[cfg(all(test, feature = "shuttle"))]
mod orders;
mod read_view;
mod reads;
mod searchable;
mod upkeep;
mod writes;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use vectlite_ann::Metric;
use vectlite_text::Analyzer;

use crate::clock::Clock;
use crate::error::{Error, Result, guarded};
use crate::files::FileSystem;
use crate::process::Process;
use crate::read::follow::Follower;
use crate::storage::settings::Settings;
use crate::write::commit::Writer;

use fork::Opening;
pub(crate) use indexes::statistics;
pub(crate) use open::{check_options, check_stored, session, settings_of_new};
pub use read_view::ReadView;
use read_view::ReadViews;
pub use searchable::Searchable;
pub use upkeep::DatabaseStats;

/// A database: the files `NAME.vdb`, `NAME.vdb.wal` and `NAME.vdb.lock`, open in this process.
///
/// It is `Send` and `Sync`: share it by reference or in an [`Arc`]. One write runs at a time; reads never wait for
/// it. Dropping it closes it; [`Database::close`] tells when that fails.
///
/// ```
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("notes.vdb");
/// use vectlite::{Database, Filter, OpenOptions, Record, SearchRequest, Value};
///
/// let db = Database::open(&path, OpenOptions::new().dimension(3))?;
/// db.upsert(
///     Record::new("milk").vector([0.9, 0.1, 0.0]).text("buy oat milk").metadata([("done", Value::from(false))]),
/// )?;
/// let request = SearchRequest::new().vector([1.0, 0.0, 0.0]).text("milk").filter(Filter::eq("done", false));
/// assert_eq!(db.search(&request)?.hits[0].id, "milk");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Database {
    opening: Box<Opening>,
    dimension: usize,
    settings: Arc<Settings>,
    /// The analyzer of this session, when it is not the stored one.
    session: Option<Analyzer>,
    clock: Clock,
    files: Arc<dyn FileSystem>,
    /// `None` once closed.
    handle: ArcSwapOption<Handle>,
}

/// What one process has open.
#[derive(Debug)]
struct Handle {
    process: Process,
    role: Role,
    views: ReadViews,
}

/// What a database is open as.
#[derive(Debug)]
enum Role {
    Writer(Arc<Writer>),
    Reader(Arc<Follower>),
}

impl Handle {
    fn new(role: Role) -> Handle {
        Handle { process: Process::this(), role, views: ReadViews::default() }
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database")
            .field("path", &self.opening.paths.vdb)
            .field("dimension", &self.dimension)
            .field("metric", &self.settings.metric)
            .field("read_only", &self.read_only())
            .field("closed", &self.handle.load().is_none())
            .finish()
    }
}

impl Database {
    /// The absolute path of `NAME.vdb`.
    pub fn path(&self) -> &Path {
        &self.opening.paths.vdb
    }

    /// The absolute path of `NAME.vdb.wal`.
    pub fn wal_path(&self) -> PathBuf {
        self.opening.paths.wal.clone()
    }

    /// The dimension of the default vector space.
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// The metric of all vector spaces.
    pub fn metric(&self) -> Metric {
        self.settings.metric
    }

    /// How text becomes terms: the stored analyzer, or the one of this session that cannot be stored.
    pub fn analyzer(&self) -> &Analyzer {
        self.session.as_ref().unwrap_or(&self.settings.analyzer)
    }

    /// Whether this handle can only read: it was opened so, or by a process that this one was forked from.
    pub fn read_only(&self) -> bool {
        self.opening.options.read_only || self.is_forked()
    }

    /// Whether this handle is still open: what a binding asks before it looks at arguments.
    ///
    /// # Errors
    /// `Closed`.
    pub fn check_open(&self) -> Result<()> {
        if self.handle.load().is_none() { Err(Error::closed()) } else { Ok(()) }
    }

    fn handle(&self) -> Result<Arc<Handle>> {
        let handle = self.handle.load_full().ok_or_else(Error::closed)?;
        if handle.process.is_this() { Ok(handle) } else { self.open_again(handle) }
    }

    /// The newest state. Every read and search of every language goes on from here.
    fn newest(&self) -> Result<ReadView> {
        guarded(|| {
            let handle = self.handle()?;
            self.newest_of(&handle)
        })
    }

    fn newest_of(&self, handle: &Handle) -> Result<ReadView> {
        let (view, graphs) = match &handle.role {
            Role::Writer(writer) => (writer.view()?, writer.graphs.set()),
            Role::Reader(follower) => (follower.view()?, follower.graphs().set()),
        };
        Ok(ReadView::new(view, graphs, self.clock.now(), self.session.as_ref()))
    }

    /// Runs a write. Every write of every language comes through here.
    fn write<T>(&self, write: impl FnOnce(&Arc<Writer>) -> Result<T>) -> Result<T> {
        guarded(|| {
            if self.is_forked() && !self.opening.options.read_only {
                // Without a handle of this process's, which would be for reading.
                return self.check_open().and(Err(Error::forked()));
            }
            match &self.handle()?.role {
                Role::Writer(writer) => write(writer),
                Role::Reader(_) => Err(Error::read_only()),
            }
        })
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // Nobody is left to be told; whatever was acknowledged is in the log.
        let _ = self.close();
    }
}
