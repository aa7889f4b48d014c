//! A database inside an application's own redb file: searched and written in the application's own transactions.
//!
//! | question | file |
//! |---|---|
//! | how is it attached | here, with [`options`] |
//! | what can be written in a transaction | [`writes`]; how is it staged there | [`staged`] |
//! | what does a transaction see | [`reads`]; where does that view come from | [`shown`] |
//! | how is it kept in shape: checkpoints, compaction, graphs; is it sound | [`upkeep`] |

mod options;
mod reads;
mod shown;
mod staged;
mod upkeep;
mod writes;

use std::fmt;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use vectlite_ann::Metric;
use vectlite_text::Analyzer;

use crate::clock::Clock;
use crate::database::{check_options, check_stored, session, settings_of_new};
use crate::error::{Error, ErrorKind, Result, guarded};
use crate::files::FileSystem;
use crate::index::dense::graphs::Graphs;
use crate::index::dense::image::Image;
use crate::process::Process;
use crate::storage::catalog::DEFAULT_SPACE;
use crate::storage::create;
use crate::storage::operations::{self, Database, History, ReadOnlyDatabase, ReadableDatabase};
use crate::storage::reader::storage_error;
use crate::storage::real_files::files_of;
use crate::storage::settings::Settings;
use crate::storage::tables::Prefixed;
use crate::storage::view::View;
use crate::write::indexer::{self, Indexer};

pub use options::AttachOptions;
pub use reads::ReadsAttached;
use shown::Shown;
use staged::Staged;
use upkeep::Compacted;

/// Attaches vectlite to an application's redb database: creates its tables there, if they are missing, in a transaction of its own.
///
/// `database` is a reference to it or an [`Arc`] of it. What is attached has no log and no lock of its own: its records are written in
/// the application's transactions, and become visible and durable with them.
///
/// ```
/// # let directory = tempfile::tempdir()?;
/// use vectlite::redb::{Database, ReadableDatabase, TableDefinition};
/// use vectlite::{AttachOptions, Record, SearchRequest, attach};
///
/// const NOTES: TableDefinition<&str, &str> = TableDefinition::new("notes");
///
/// let db = Database::create(directory.path().join("notes.redb"))?;
/// let index = attach(&db, AttachOptions::new().dimension(3).analyzer("english"))?;
///
/// let write = db.begin_write()?;
/// write.open_table(NOTES)?.insert("milk", "buy oat milk")?;
/// index.upsert_in(&write, Record::new("milk").vector([0.9, 0.1, 0.0]).text("buy oat milk"))?;
/// write.commit()?;
///
/// let read = db.begin_read()?;
/// let found = index.search_in(&read, &SearchRequest::new().vector([1.0, 0.0, 0.0]).text("milk"))?;
/// let note = read.open_table(NOTES)?.get(found.hits[0].id.as_str())?.map(|note| note.value().to_owned());
/// assert_eq!(note.as_deref(), Some("buy oat milk"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// `InvalidArgument` for options that do not fit what is stored or for a missing `dimension`; `UnsupportedFormat`, `Corruption`,
/// `Storage`. It waits while another transaction writes.
pub fn attach<D>(database: D, options: AttachOptions) -> Result<Attached<D>>
where
    D: Deref<Target = Database>,
{
    guarded(|| {
        check(&options)?;
        let read = database.begin_read().map_err(storage_error)?;
        if operations::read(Prefixed::new(&read, &options.prefix))?.is_none() {
            let (settings, dimension) = settings_of_new(&options.prefix, &options.database)?;
            let write = database.begin_write().map_err(storage_error)?;
            // Another thread may have been here first.
            let again = database.begin_read().map_err(storage_error)?;
            if operations::read(Prefixed::new(&again, &options.prefix))?.is_none() {
                operations::create(Prefixed::new(&write, &options.prefix), settings, dimension)?;
                write.commit().map_err(storage_error)?;
            }
        }
        Attached::new(database, options, true)
    })
}

/// Attaches to a database that this process has open for reading only: what another process has attached to it can be searched here.
///
/// # Errors
/// `NotFound` when nothing is attached to it yet; as [`attach`].
pub fn attach_read_only<D>(database: D, options: AttachOptions) -> Result<Attached<D>>
where
    D: Deref<Target = ReadOnlyDatabase>,
{
    guarded(|| {
        check(&options)?;
        Attached::new(database, options, false)
    })
}

fn check(options: &AttachOptions) -> Result<()> {
    check_options(&options.database)?;
    if options.prefix.is_empty() {
        return Err(Error::invalid(
            "prefix: expected at least one character, got an empty string; it keeps our tables apart from yours",
        ));
    }
    Ok(())
}

/// What [`attach`] gives. `Send` and `Sync`: share it by reference or in an [`Arc`].
///
/// Dropping it ends its thread, which keeps the graphs, and writes their image if it has one. It has nothing else to lose: whatever a
/// transaction has committed is in the application's file.
pub struct Attached<D>
where
    D: Deref,
    D::Target: ReadableDatabase + Sized,
{
    database: D,
    shared: Arc<Shared>,
}

/// What threads share; without the database, whose last handle is the application's.
#[derive(Debug)]
struct Shared {
    process: Process,
    /// What the names of all tables begin with.
    prefix: String,
    /// What events tell it by.
    name: PathBuf,
    dimension: usize,
    settings: Arc<Settings>,
    /// The analyzer of this session, when it is not the stored one.
    session: Option<Analyzer>,
    clock: Clock,
    checkpoint_bytes: u64,
    files: Arc<dyn FileSystem>,
    image: Option<PathBuf>,
    /// Whether it may write: its image, too.
    writes: bool,
    graphs: Arc<Graphs>,
    indexer: Indexer,
    state: Mutex<State>,
}

/// What is kept in memory of what transactions show.
#[derive(Debug)]
struct State {
    shown: Shown,
    /// What the transaction that writes now has written, or one that is over.
    staged: Option<Staged>,
    /// What a compaction has made of the slots, until it is shown.
    compacted: Option<Compacted>,
    /// What the graphs belong to. What shows another history is searched without them.
    history: History,
    /// How many wait for graphs of the newest state, which is kept for them.
    holds: usize,
}

impl<D> fmt::Debug for Attached<D>
where
    D: Deref,
    D::Target: ReadableDatabase + Sized,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attached")
            .field("prefix", &self.shared.prefix)
            .field("dimension", &self.shared.dimension)
            .field("metric", &self.shared.settings.metric)
            .finish_non_exhaustive()
    }
}

impl<D> Attached<D>
where
    D: Deref,
    D::Target: ReadableDatabase + Sized,
{
    fn new(database: D, options: AttachOptions, writes: bool) -> Result<Attached<D>> {
        let read = database.begin_read().map_err(storage_error)?;
        let prefixed = Prefixed::new(&read, &options.prefix);
        let Some(stand) = operations::read(prefixed)? else {
            return Err(Error::new(
                ErrorKind::NotFound,
                format!(
                    "nothing with the prefix {:?} is attached to the database; attach it once for writing",
                    options.prefix
                ),
            ));
        };
        let history = stand.history;
        let (shown, view) = Shown::new(prefixed, &stand)?;
        check_stored(&view, &options.database)?;
        let files = files_of(&options.database);
        let image = options
            .image
            .as_deref()
            .map(|path| open_image(files.as_ref(), path, &view, writes))
            .transpose()?;
        let image = image.flatten();
        let graphs = Arc::new(Graphs::new(view.catalog.slot_epoch));
        if let Some(image) = &image {
            graphs.start_epoch(image.slot_epoch(), image.graphs(&view));
        }
        let shared = Arc::new(Shared {
            process: Process::this(),
            name: options.image.clone().unwrap_or_else(|| PathBuf::from(&options.prefix)),
            prefix: options.prefix,
            dimension: view.catalog.space_by_id(DEFAULT_SPACE).map_or(0, |space| space.dimension),
            settings: Arc::clone(&view.catalog.settings),
            session: session(&options.database)?,
            clock: options.database.clock.clone(),
            checkpoint_bytes: options.checkpoint_bytes,
            files,
            image: options.image,
            writes,
            graphs,
            indexer: Indexer::default(),
            state: Mutex::new(State { shown, staged: None, compacted: None, history, holds: 0 }),
        });
        indexer::start(&shared, image, options.database.low_memory)?;
        Ok(Attached { database, shared })
    }
}

/// The image, if there is one that belongs to what the view shows. Another one is removed: it may be of commits that the application has
/// taken back, whose numbers others will have.
fn open_image(files: &dyn FileSystem, path: &Path, view: &View, writes: bool) -> Result<Option<Image>> {
    let opened = Image::open(files, path, view);
    if opened.is_ok() || !writes {
        return Ok(opened.unwrap_or_default());
    }
    remove_image(files, path)?;
    Ok(None)
}

/// For good, also when the power goes.
fn remove_image(files: &dyn FileSystem, path: &Path) -> Result<()> {
    create::remove(files, path)?;
    create::sync_name(files, path)
}

impl<D> Attached<D>
where
    D: Deref,
    D::Target: ReadableDatabase + Sized,
{
    /// What the names of its tables begin with.
    pub fn prefix(&self) -> &str {
        &self.shared.prefix
    }

    /// The dimension of the default vector space.
    pub fn dimension(&self) -> usize {
        self.shared.dimension
    }

    /// The metric of all vector spaces.
    pub fn metric(&self) -> Metric {
        self.shared.settings.metric
    }

    /// How text becomes terms: the stored analyzer, or the one of this session that cannot be stored.
    pub fn analyzer(&self) -> &Analyzer {
        self.shared.session.as_ref().unwrap_or(&self.shared.settings.analyzer)
    }
}

impl<D> Drop for Attached<D>
where
    D: Deref,
    D::Target: ReadableDatabase + Sized,
{
    fn drop(&mut self) {
        // The threads of a forked child are not there to be waited for.
        if self.shared.process.is_this() {
            if self.shared.image.is_some() {
                // An image is written of a state that is at hand. Without it, graphs are built again.
                let _ = guarded(|| {
                    let read = self.database.begin_read().map_err(storage_error)?;
                    self.shared.show(&mut *self.shared.lock()?, &read).map(drop)
                });
            }
            self.shared.indexer.close();
        }
    }
}

impl Shared {
    fn lock(&self) -> Result<MutexGuard<'_, State>> {
        if !self.process.is_this() {
            return Err(Error::new(
                ErrorKind::Closed,
                "this process was forked from the one that attached; attach again in this process, to a database that it opens itself",
            ));
        }
        self.state.lock().map_err(|_| {
            Error::new(ErrorKind::Storage, "an earlier call was cut off by a panic; attach again")
        })
    }
}
