//! Creating, opening and recovering a database.

use std::fmt::Display;
use std::io;
use std::mem;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use arc_swap::ArcSwapOption;
use vectlite_text::Analyzer;

use super::fork::Opening;
use super::{Database, Handle, Role};
use crate::error::{Error, ErrorKind, Result, guarded};
use crate::events;
use crate::files::{self, FileFacts};
use crate::index::dense::graphs::Graphs;
use crate::index::dense::image::Image;
use crate::index::maintain;
use crate::interrupt;
use crate::limits::{MAX_DIMENSION, RECOVERY_GRACE};
use crate::options::{AnalyzerChoice, OpenOptions, POSITIONS_BY_DEFAULT, SyncMode};
use crate::process::Process;
use crate::read::follow::Follower;
use crate::storage::catalog::DEFAULT_SPACE;
use crate::storage::create;
use crate::storage::lock::{self, LockFile, Purpose};
use crate::storage::open::{ReaderFile, WriterFile};
use crate::storage::paths::Paths;
use crate::storage::real_files::files_of;
use crate::storage::settings::Settings;
use crate::storage::view::View;
use crate::storage::wal::{Board, CommitId, Log, LogReader};
use crate::verify::VerifyOptions;
use crate::write::commit::{Writer, WriterParts};
use crate::write::indexer;

/// Between two attempts to get a lock: short against a person's patience, long against the attempt itself.
const RETRY: Duration = Duration::from_millis(5);

impl Database {
    /// Opens a database. For writing, a missing one is created, its directories too; that needs `dimension`.
    ///
    /// # Errors
    /// `LockContention` while another handle writes, `NotFound` for a missing database when read-only,
    /// `InvalidArgument` for options that do not fit what is stored or for a missing `dimension`, `Corruption` for
    /// files that are not a database or are damaged, `UnsupportedFormat` for those of a newer version, `Storage`.
    pub fn open(path: impl AsRef<Path>, options: OpenOptions) -> Result<Database> {
        guarded(|| {
            check_options(&options)?;
            let paths = Paths::of("path", path.as_ref())?;
            let facts = inspect(&paths, &options)?;
            if facts.is_some_and(|facts| facts.is_directory) {
                return Err(Error::invalid(format!(
                    "path: {} is a directory, expected a file",
                    paths.vdb.display()
                )));
            }
            // An empty file is what a tool leaves that makes temporary names.
            let exists = facts.is_some_and(|facts| facts.len > 0);
            if options.read_only {
                if !exists {
                    return Err(Error::new(
                        ErrorKind::NotFound,
                        format!(
                            "{} does not exist; open it for writing once to create it",
                            paths.vdb.display()
                        ),
                    ));
                }
                return verified(open_reader(&paths, &options)?, &options);
            }
            if !exists {
                // What cannot be created leaves nothing behind, no directory and no lock file.
                settings_of_new(paths.vdb.display(), &options)?;
                if let Some(directory) = paths.vdb.parent() {
                    create::directories(files_of(&options).as_ref(), directory)?;
                }
            }
            verified(open_writer(&paths, &options)?, &options)
        })
    }
}

/// The database, unless it was to be verified and is not sound.
fn verified(db: Database, options: &OpenOptions) -> Result<Database> {
    if options.verify {
        db.verify(&VerifyOptions::new())?.check()?;
    }
    Ok(db)
}

fn inspect(paths: &Paths, options: &OpenOptions) -> Result<Option<FileFacts>> {
    match files_of(options).inspect(&paths.vdb) {
        Ok(facts) => Ok(facts),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => Err(Error::invalid(format!(
            "path: {} lies below a file, expected directories",
            paths.vdb.display()
        ))),
        Err(error) => Err(Error::io(format!("could not look at {}", paths.vdb.display()), error)),
    }
}

pub(crate) fn check_options(options: &OpenOptions) -> Result<()> {
    if let Some(dimension) = options.dimension
        && !(1..=MAX_DIMENSION).contains(&dimension)
    {
        return Err(Error::invalid(format!("dimension: expected 1 to {MAX_DIMENSION}, got {dimension}")));
    }
    if options.sync == SyncMode::EveryN(0) {
        return Err(Error::invalid("sync: expected every_n with at least 1 commit, got 0"));
    }
    Ok(())
}

fn open_writer(paths: &Paths, options: &OpenOptions) -> Result<Database> {
    let writer = retry(paths, options, || writer(paths, options, Purpose::Write))?;
    let view = writer.view()?;
    check_stored(&view, options)?;
    let writer = Arc::new(writer);
    Writer::start_checkpoints(&writer)?;
    let image = Image::open(files_of(options).as_ref(), &paths.ann, &view).unwrap_or_else(|why| {
        events::image_dropped(&paths.ann, &why);
        None
    });
    if let Some(image) = &image {
        writer.graphs.start_epoch(image.slot_epoch(), image.graphs(&view));
    }
    indexer::start(&writer, image, options.low_memory)?;
    database(paths, options, &view, Role::Writer(writer))
}

fn database(paths: &Paths, options: &OpenOptions, view: &View, role: Role) -> Result<Database> {
    Ok(Database {
        opening: Box::new(Opening { paths: paths.clone(), options: options.clone(), by: Process::this() }),
        dimension: view.catalog.space_by_id(DEFAULT_SPACE).map_or(0, |space| space.dimension),
        settings: Arc::clone(&view.catalog.settings),
        session: session(options)?,
        clock: options.clock.clone(),
        files: files_of(options),
        handle: ArcSwapOption::from_pointee(Handle::new(role)),
    })
}

/// Tries until the lock is free, the time is up, or something else is wrong.
fn retry<T>(paths: &Paths, options: &OpenOptions, mut attempt: impl FnMut() -> Result<T>) -> Result<T> {
    let started = Instant::now();
    let mut said = false;
    loop {
        let error = match attempt() {
            Err(error) if error.kind() == ErrorKind::LockContention => error,
            done => return done,
        };
        let holder = lock::holder(files_of(options).as_ref(), &paths.lock);
        // Who is not yet at the log has not said yet what it is, and may be a reader that recovers, too.
        let recovering = holder.as_ref().is_some_and(|(_, purpose)| *purpose == Purpose::Recover)
            || !LogReader::has_writer(files_of(options).as_ref(), &paths.wal);
        let grace = if recovering || options.read_only { RECOVERY_GRACE } else { Duration::ZERO };
        let patience = options.lock_timeout.unwrap_or_default().max(grace);
        if started.elapsed() >= patience {
            let who = holder.map_or_else(String::new, |(text, _)| format!(" (held by {text})"));
            return Err(Error::new(
                ErrorKind::LockContention,
                format!(
                    "lock contention: {} is open for writing{who}; close it there, open with read_only, or give a \
                     lock_timeout ({error})",
                    paths.vdb.display()
                ),
            ));
        }
        if grace < patience && !mem::replace(&mut said, true) {
            let who = holder.map_or_else(String::new, |(text, _)| format!(" (held by {text})"));
            events::waits_for_lock(&paths.vdb, &who);
        }
        interrupt::check()?;
        thread::sleep(RETRY);
    }
}

/// Takes the locks, creates what is missing, and brings the newest state back: `.vdb` and the log behind it.
pub(super) fn writer(paths: &Paths, options: &OpenOptions, purpose: Purpose) -> Result<Writer> {
    let files = files_of(options);
    let files = files.as_ref();
    let held = LockFile::shared(files, &paths.lock)?;
    if inspect(paths, options)?.is_none_or(|facts| facts.len == 0) {
        create_empty(paths, options)?;
    }
    let file = WriterFile::open(files, &paths.vdb)?;
    // A process that was killed may have left names in memory only: that of a compacted file, or of the log. A power cut would
    // take them back, and with them the commits that follow here, or leave these to the file from before the compaction.
    create::sync_name(files, &paths.vdb)?;
    if let Some(held) = &held {
        held.name_holder(purpose, options.clock.now());
    }
    let mut view = View::of(Arc::new(file.snapshot()?));
    let (uuid, checkpoint) = (view.catalog.uuid, view.commit);
    let mut replayed = 0;
    let mut replay = |commit, body: &[u8]| {
        maintain::replay(body, &mut view)?;
        view.settle(commit);
        replayed += 1;
        Ok(())
    };
    let board = LockFile::board(held.as_ref());
    let log = match Log::open(files, &paths.wal, uuid, checkpoint, &board, &mut replay) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            // A crash between the creation of the two files, or a database that was copied without its empty log.
            Log::create(files, &paths.wal, uuid, checkpoint)?;
            Log::open(files, &paths.wal, uuid, checkpoint, &board, &mut replay)?
        }
        opened => opened?,
    };
    // A crash may have come between the renaming of a compacted file and this number: readers then learn it here,
    // before there is a commit that their old file does not fit.
    log.publish_file_epoch(view.catalog.slot_epoch)?;
    let writer = Writer::new(WriterParts {
        paths: paths.clone(),
        files: files_of(options),
        clock: options.clock.clone(),
        session: session(options)?,
        sync: options.sync,
        log,
        file,
        graphs: Arc::new(Graphs::new(view.catalog.slot_epoch)),
        view,
        replayed,
        lock: held,
    });
    if replayed > 0 {
        events::recovered(&paths.vdb, replayed, writer.newest()?.commit);
        // What the crash left in the log goes into `.vdb`, so that both segments are free again.
        writer.checkpoint_replayed()?;
    }
    Ok(writer)
}

fn create_empty(paths: &Paths, options: &OpenOptions) -> Result<()> {
    let (settings, dimension) = settings_of_new(paths.vdb.display(), options)?;
    create::empty(files_of(options).as_ref(), &paths.vdb, settings, dimension)
}

/// The settings and the dimension of a database that is created with these options.
/// What a database that does not exist yet will be; `name` is for the message.
pub(crate) fn settings_of_new(name: impl Display, options: &OpenOptions) -> Result<(Settings, usize)> {
    let dimension = options.dimension.ok_or_else(|| {
        Error::invalid(format!(
            "dimension: {name} does not exist, and creating it needs the dimension of its vectors"
        ))
    })?;
    let analyzer = options.analyzer.as_ref().map_or_else(|| Ok(Analyzer::default()), stored_form)?;
    let settings = Settings {
        metric: options.metric.unwrap_or_default(),
        analyzer,
        sparse_scoring: options.sparse_scoring.unwrap_or_default(),
        positions: options.positions.unwrap_or(POSITIONS_BY_DEFAULT),
    };
    Ok((settings, dimension))
}

/// The analyzer of this session: one that cannot be stored, as a step of it came from outside.
pub(crate) fn session(options: &OpenOptions) -> Result<Option<Analyzer>> {
    let given = options.analyzer.as_ref().map(|choice| choice.resolve()).transpose()?;
    Ok(given.filter(|analyzer| analyzer.definition().is_none()))
}

/// What a database stores for this analyzer: `none` where it cannot be stored, as then the text gives no terms without it.
fn stored_form(choice: &AnalyzerChoice) -> Result<Analyzer> {
    let given = choice.resolve()?;
    if given.definition().is_some() { Ok(given) } else { Ok(Analyzer::preset("none")?) }
}

/// An option that is fixed at creation may be left out; given, it must be what is stored.
pub(crate) fn check_stored(view: &View, options: &OpenOptions) -> Result<()> {
    let stored = &view.catalog.settings;
    let dimension = view.catalog.space_by_id(DEFAULT_SPACE).map_or(0, |space| space.dimension);
    if let Some(given) = options.dimension.filter(|given| *given != dimension) {
        return Err(Error::dimension_mismatch(dimension, given).context("the database exists"));
    }
    if let Some(given) = options.metric.filter(|given| *given != stored.metric) {
        return Err(differs("metric", stored.metric.name(), given.name()));
    }
    if let Some(given) = options.sparse_scoring.filter(|given| *given != stored.sparse_scoring) {
        return Err(differs("sparse_scoring", stored.sparse_scoring.name(), given.name()));
    }
    if let Some(given) = options.positions.filter(|given| *given != stored.positions) {
        return Err(differs("positions", &stored.positions.to_string(), &given.to_string()));
    }
    if let Some(choice) = &options.analyzer
        && stored_form(choice)? != stored.analyzer
    {
        let given = choice.resolve()?;
        return Err(differs("analyzer", &format!("{:?}", stored.analyzer), &format!("{given:?}")));
    }
    Ok(())
}

fn differs(option: &str, stored: &str, given: &str) -> Error {
    Error::invalid(format!(
        "{option}: the database was created with {stored}, got {given}; leave the option out, or create another one"
    ))
}

fn open_reader(paths: &Paths, options: &OpenOptions) -> Result<Database> {
    let (follower, view) = retry(paths, options, || reader(paths, options))?;
    check_stored(&view, options)?;
    database(paths, options, &view, Role::Reader(follower))
}

/// Opens the files of a database for reading, whatever it was opened for in another process.
pub(super) fn follower(paths: &Paths, options: &OpenOptions) -> Result<Arc<Follower>> {
    let options = options.clone().read_only(true);
    retry(paths, &options, || reader(paths, &options)).map(|(follower, _)| follower)
}

/// Opens the files for reading, repairing them first when a writer has crashed and left nobody to do it. However long that takes, the files
/// are looked at again behind it, and are contended only if another writer has crashed meanwhile.
fn reader(paths: &Paths, options: &OpenOptions) -> Result<(Arc<Follower>, View)> {
    for _ in 0..2 {
        if let Some(opened) = read_or_repair(paths, options)? {
            return Ok(opened);
        }
    }
    Err(Error::new(
        ErrorKind::LockContention,
        "lock contention: a writer has crashed again while the files were repaired; try again",
    ))
}

/// `None` when the files had to be repaired, and are.
fn read_or_repair(paths: &Paths, options: &OpenOptions) -> Result<Option<(Arc<Follower>, View)>> {
    let files = files_of(options);
    let files = files.as_ref();
    let held = LockFile::shared(files, &paths.lock)?;
    let opened = match ReaderFile::open(files, &paths.vdb)? {
        Some(file) => {
            let (log, view, clean) = read_state(paths, options, &file, LockFile::board(held.as_ref()))?;
            if clean {
                let follower = Follower::new(
                    paths.clone(),
                    files_of(options),
                    file,
                    log,
                    view.clone(),
                    held,
                    options.low_memory,
                )?;
                return Ok(Some((follower, view)));
            }
            Some((file, log, view))
        }
        None => None,
    };
    // A writer died: what it logged is not all published, or redb wants a repair. Write for a moment, as the next
    // writer would.
    drop(held);
    match writer(paths, options, Purpose::Recover) {
        Ok(writer) => {
            writer.close()?;
            Ok(None)
        }
        Err(error) if is_unwritable(&error) => read_unwritable(paths, options, opened).map(Some),
        Err(error) => Err(error),
    }
}

type ReadState = (Option<LogReader>, View, bool);

/// The log and the newest view, and whether nothing is left for a recovery to do.
fn read_state(paths: &Paths, options: &OpenOptions, file: &ReaderFile, board: Board) -> Result<ReadState> {
    let mut view = View::of(Arc::new(file.snapshot()?));
    let log = match LogReader::open(files_of(options).as_ref(), &paths.wal, view.catalog.uuid, board) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok((None, view, true)),
        log => log?,
    };
    if log.writer_is_alive()? {
        return Ok((Some(log), view, true));
    }
    let checkpoint = view.commit;
    let last = log.read_tail(checkpoint, &mut |commit, body| {
        maintain::replay(body, &mut view)?;
        view.settle(commit);
        Ok(())
    });
    let last = match last {
        Err(_) if has_gone_on(paths, options, (file, checkpoint), &log)? => {
            return Err(Error::new(
                ErrorKind::LockContention,
                "lock contention: a writer was closing the database; try again",
            ));
        }
        last => last?,
    };
    // After a power cut the numbers may promise commits that the log has lost: only a recovery sets them back.
    let promised = log.published().map_or(CommitId::MAX, |published| published.visible);
    Ok((Some(log), view, last <= checkpoint && promised <= last))
}

/// Whether a writer has been at the files since `.vdb` was found to hold the commits up to `checkpoint`: between that and the look
/// whether a writer is alive it may have moved commits from the log to `.vdb` and gone, and the next may have come.
fn has_gone_on(
    paths: &Paths,
    options: &OpenOptions,
    (file, checkpoint): (&ReaderFile, CommitId),
    log: &LogReader,
) -> Result<bool> {
    if matches!(file, ReaderFile::InMemory(_)) {
        // Nobody can write here.
        return Ok(false);
    }
    let now = ReaderFile::open(files_of(options).as_ref(), &paths.vdb)?;
    let now = now.map(|file| file.snapshot()).transpose()?;
    Ok(now.is_none_or(|now| now.commit != checkpoint) || log.writer_is_alive()?)
}

/// Whether the media or the rights, not the files' content, keep us from writing.
fn is_unwritable(error: &Error) -> bool {
    error.io_error().is_some_and(files::is_unwritable)
}

/// Reads files that a crash left in need of a repair that cannot be written: in memory.
fn read_unwritable(
    paths: &Paths,
    options: &OpenOptions,
    opened: Option<(ReaderFile, Option<LogReader>, View)>,
) -> Result<(Arc<Follower>, View)> {
    let (file, view) = match opened {
        Some((file, _, view)) => (file, view),
        None => {
            let file = ReaderFile::repaired_in_memory(files_of(options).as_ref(), &paths.vdb)?;
            let (_, view, _) = read_state(paths, options, &file, Board::default())?;
            (file, view)
        }
    };
    // Nobody can write here: there is no log to follow, and no lock to hold.
    let follower =
        Follower::new(paths.clone(), files_of(options), file, None, view.clone(), None, options.low_memory)?;
    Ok((follower, view))
}
