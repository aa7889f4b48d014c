//! Whether a database is sound: everything that its files hold, read anew and compared with each other.
//!
//! | question | file |
//! |---|---|
//! | what is asked for, what is told | here |
//! | does one thing point to another that is there: keys, slots, vectors, expiries | [`references`] |
//! | is what is derived what the records give: postings, positions, lengths, field indexes | [`derived`] |
//! | what can be saved of a damaged database, into a new one | [`salvage`] |
//!
//! What is attached to an application's file is looked at likewise. Values and pages are read in `storage/values`, the image in `index/dense/image`.

mod derived;
mod references;
mod salvage;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::database::Database;
use crate::error::{Error, ErrorKind, Result, guarded};
use crate::files::FileSystem;
use crate::index::dense::image;
use crate::index::maintain;
use crate::interrupt;
use crate::options::OpenOptions;
use crate::storage::lock::LockFile;
use crate::storage::open::{ReaderFile, integrity};
use crate::storage::paths::Paths;
use crate::storage::real_files::files_of;
use crate::storage::values;
use crate::storage::view::View;
use crate::storage::wal::LogReader;

/// Problems that a report lists; the others are counted. One damaged page is behind hundreds of them.
const MAX_PROBLEMS: usize = 100;

/// What [`verify`] does.
///
/// ```
/// let options = vectlite::VerifyOptions::new().deep(true);
/// # let _ = options;
/// ```
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct VerifyOptions {
    deep: bool,
    repair_to: Option<PathBuf>,
    files: Option<Arc<dyn FileSystem>>,
}

impl std::fmt::Debug for VerifyOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VerifyOptions")
            .field("deep", &self.deep)
            .field("repair_to", &self.repair_to)
            .finish_non_exhaustive()
    }
}

impl VerifyOptions {
    /// Every page and every value is read, and what points to something finds it.
    pub fn new() -> VerifyOptions {
        VerifyOptions::default()
    }

    /// Besides, what is derived is derived anew from the records and compared (terms and where they stand, lengths, field indexes,
    /// rows of the image), and redb checks which of its pages are free. Takes about as long as loading the records did, without graphs.
    #[must_use]
    pub fn deep(mut self, deep: bool) -> VerifyOptions {
        self.deep = deep;
        self
    }

    /// Writes what can be read to a new database at this path, where there must be none, and derives everything else anew.
    #[must_use]
    pub fn repair_to(mut self, path: impl Into<PathBuf>) -> VerifyOptions {
        self.repair_to = Some(path.into());
        self
    }

    /// Where files come from; the operating system by default.
    #[must_use]
    pub fn files(mut self, files: Arc<dyn FileSystem>) -> VerifyOptions {
        self.files = Some(files);
        self
    }

    /// Whether [`VerifyOptions::deep`] was asked for.
    pub(crate) fn is_deep(&self) -> bool {
        self.deep
    }

    fn open_options(&self) -> OpenOptions {
        match &self.files {
            Some(files) => OpenOptions::new().files(Arc::clone(files)),
            None => OpenOptions::new(),
        }
    }
}

/// One of a database's files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DatabaseFile {
    /// `NAME.vdb`.
    Vdb,
    /// `NAME.vdb.wal`.
    Wal,
    /// `NAME.vdb.ann`. Damage there costs a rebuild and no record.
    Ann,
}

impl DatabaseFile {
    /// Its extension: the name in every language.
    pub fn name(self) -> &'static str {
        match self {
            DatabaseFile::Vdb => "vdb",
            DatabaseFile::Wal => "wal",
            DatabaseFile::Ann => "ann",
        }
    }
}

/// Something that is not as it must be.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// Where it is.
    pub file: DatabaseFile,
    /// `Corruption`, or `Storage` for what the operating system would not read.
    pub kind: ErrorKind,
    /// What was expected, and what is there: table and key where they are known.
    pub what: String,
}

/// A record that was saved without a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct IncompleteRecord {
    /// Its namespace.
    pub namespace: String,
    /// Its id.
    pub id: String,
    /// What could not be read: `metadata`, `text`, or the name of a vector space in quotation marks.
    pub missing: Vec<String>,
}

/// What became of a damaged database.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Repair {
    /// Records that were saved, incomplete ones among them.
    pub records: u64,
    /// Live slots of which nothing could be read.
    pub lost: u64,
    /// Records that were saved without a part.
    pub incomplete: Vec<IncompleteRecord>,
    /// Values of the application's own tables that were saved.
    pub kv_saved: u64,
    /// Those that could not be read; one more when their table could not be followed to its end, for all that stood behind.
    pub kv_lost: u64,
}

/// What [`verify`] found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct VerifyReport {
    /// Whether what is derived was derived anew, too.
    pub deep: bool,
    /// The last commit in `.vdb` or in the log.
    pub commit_id: u64,
    /// Live records in `.vdb`.
    pub records: u64,
    /// Table values that were read and decoded, and their bytes.
    pub values: u64,
    /// See `values`.
    pub bytes: u64,
    /// Commits that were read in the log, behind those of `.vdb`.
    pub log_commits: u64,
    /// Graphs in the image.
    pub graphs: u64,
    /// The first hundred problems.
    pub problems: Vec<Problem>,
    /// How many there are.
    pub problem_count: u64,
    /// What was saved, when that was asked for.
    pub repair: Option<Repair>,
}

impl VerifyReport {
    /// Whether there is no problem.
    pub fn is_sound(&self) -> bool {
        self.problem_count == 0
    }

    /// The first problem as an error, if there is one.
    ///
    /// # Errors
    /// `Corruption`, or `Storage` where the operating system would not read.
    pub fn check(&self) -> Result<()> {
        match self.problems.first() {
            None => Ok(()),
            Some(Problem { file, kind, what }) => Err(Error::new(
                *kind,
                format!(
                    "the database is damaged ({} problems; the first in .{}: {what}); restore a backup, or save what can \
                     be read with verify and repair_to",
                    self.problem_count,
                    file.name(),
                ),
            )),
        }
    }
}

/// Collects problems.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    problems: Vec<Problem>,
    count: u64,
}

impl Findings {
    fn note(&mut self, file: DatabaseFile, error: Error) {
        self.count += 1;
        if self.problems.len() < MAX_PROBLEMS {
            let is_refused = error.kind() == ErrorKind::Storage;
            let kind = if is_refused { ErrorKind::Storage } else { ErrorKind::Corruption };
            self.problems.push(Problem { file, kind, what: error.to_string() });
        }
    }

    /// What came out; the error is a problem. So is a panic over damaged bytes.
    fn take<T>(&mut self, file: DatabaseFile, work: impl FnOnce() -> Result<T>) -> Option<T> {
        guarded(work).map_err(|error| self.note(file, error)).ok()
    }
}

/// Reads all files of the database at `path` and tells what is wrong with them; also of one that cannot be opened any more. Others
/// may read and write it meanwhile: what is verified is the state of one moment.
///
/// # Errors
/// `NotFound` when there is no database; `AlreadyExists` when there is something at `repair_to`; `LockContention`; `Storage` and
/// `Corruption` when not even the names of namespaces and vector spaces can be read to save what is left. Damage is no error: it is in the report.
///
/// ```
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("notes.vdb");
/// use vectlite::{Database, OpenOptions, Record, VerifyOptions, verify};
///
/// let db = Database::open(&path, OpenOptions::new().dimension(2))?;
/// db.upsert(Record::new("a").vector([1.0, 2.0]).text("some words"))?;
/// db.close()?;
/// let report = verify(&path, &VerifyOptions::new().deep(true))?;
/// assert!(report.is_sound());
/// assert_eq!(report.records, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn verify(path: impl AsRef<Path>, options: &VerifyOptions) -> Result<VerifyReport> {
    guarded(|| {
        match Database::open(path.as_ref(), options.open_options().read_only(true)) {
            Ok(db) => db.verify(options),
            // What is left is looked at without it.
            Err(error) if error.kind() == ErrorKind::Corruption => {
                let paths = Paths::of("path", path.as_ref())?;
                verify_files(&paths, &files_of(&options.open_options()), options, None)
            }
            Err(error) => Err(error),
        }
    })
}

/// See [`verify`]. `newest` is what an open handle shows; without one, what the files give.
pub(crate) fn verify_files(
    paths: &Paths,
    files: &Arc<dyn FileSystem>,
    options: &VerifyOptions,
    newest: Option<&View>,
) -> Result<VerifyReport> {
    if let Some(dest) = &options.repair_to {
        salvage::check_dest(dest, files.as_ref())?;
    }
    let held = LockFile::shared(files.as_ref(), &paths.lock)?;
    let mut findings = Findings::default();
    let mut report = VerifyReport { deep: options.deep, ..VerifyReport::default() };
    // Opened anew: what an open handle has in its cache may not be what the medium has.
    let file = findings.take(DatabaseFile::Vdb, || match ReaderFile::open(files.as_ref(), &paths.vdb)? {
        Some(file) => Ok(file),
        None => ReaderFile::repaired_in_memory(files.as_ref(), &paths.vdb),
    });
    let stored = file
        .as_ref()
        .and_then(|file| findings.take(DatabaseFile::Vdb, || Ok(View::of(Arc::new(file.snapshot()?)))));
    if let Some(view) = &stored {
        check_tables(view, options.deep, &mut findings, &mut report);
        check_log(paths, files.as_ref(), LockFile::board(held.as_ref()), view, &mut findings, &mut report);
        check_image((files.as_ref(), &paths.ann), view, &mut findings, &mut report);
    }
    if options.deep && stored.is_some() {
        findings.take(DatabaseFile::Vdb, || integrity(files.as_ref(), &paths.vdb));
    }
    // What was cut off is no damage; the flag stays set.
    interrupt::aborted()?;
    if let Some(dest) = &options.repair_to {
        let rest = match (newest, stored) {
            (Some(view), _) => view.clone(),
            (None, Some(stored)) => salvage::with_log(stored, paths, files.as_ref()),
            (None, None) => {
                let file = file.as_ref().ok_or_else(|| salvage::hopeless(&findings.problems))?;
                salvage::with_log(View::of(Arc::new(file.salvaged()?)), paths, files.as_ref())
            }
        };
        report.repair = Some(salvage::save(&rest, dest, options.open_options(), files.as_ref())?);
    }
    (report.problems, report.problem_count) = (findings.problems, findings.count);
    Ok(report)
}

/// What is attached to an application's file, as far as this place looks at it: the tables in place of `.vdb`, the table `operations` in
/// place of the log.
pub(crate) trait Attachment {
    /// What the last checkpoint has left.
    fn stored(&self) -> Result<View>;
    /// Applies the commits behind it, and hands over what each has led to.
    fn replay(&self, view: &mut View, each: &mut dyn FnMut(&View)) -> Result<()>;
}

/// See [`crate::Attached::verify_in`].
pub(crate) fn verify_attached(
    attachment: &impl Attachment,
    image: Option<(&dyn FileSystem, &Path)>,
    options: &VerifyOptions,
) -> Result<VerifyReport> {
    if let Some(dest) = &options.repair_to {
        salvage::check_dest(dest, files_of(&options.open_options()).as_ref())?;
    }
    let mut findings = Findings::default();
    let mut report = VerifyReport { deep: options.deep, ..VerifyReport::default() };
    let stored = findings.take(DatabaseFile::Vdb, || attachment.stored());
    let mut newest = stored.clone();
    if let Some(view) = &stored {
        check_tables(view, options.deep, &mut findings, &mut report);
        findings.take(DatabaseFile::Wal, || {
            attachment.replay(&mut view.clone(), &mut |state| {
                report.commit_id = state.commit;
                report.log_commits += 1;
                newest = Some(state.clone());
            })
        });
        if let Some(image) = image {
            check_image(image, view, &mut findings, &mut report);
        }
    }
    interrupt::aborted()?;
    if let Some(dest) = &options.repair_to {
        let newest = newest.ok_or_else(|| salvage::hopeless(&findings.problems))?;
        let files = files_of(&options.open_options());
        report.repair = Some(salvage::save(&newest, dest, options.open_options(), files.as_ref())?);
    }
    (report.problems, report.problem_count) = (findings.problems, findings.count);
    Ok(report)
}

fn check_tables(view: &View, deep: bool, findings: &mut Findings, report: &mut VerifyReport) {
    report.commit_id = view.commit;
    report.records = view.catalog.live_and_dead().0;
    let amount = values::read_all(&view.snapshot, &mut |error| findings.note(DatabaseFile::Vdb, error));
    (report.values, report.bytes) = (amount.values, amount.bytes);
    references::check(view, findings);
    if deep && interrupt::aborted().is_ok() {
        derived::check(view, findings);
    }
}

fn check_image(
    (files, path): (&dyn FileSystem, &Path),
    view: &View,
    findings: &mut Findings,
    report: &mut VerifyReport,
) {
    report.graphs =
        image::check(files, path, view, report.deep, &mut |what| findings.note(DatabaseFile::Ann, what));
}

/// The log must hold every commit behind `.vdb` that readers were shown.
fn check_log(
    paths: &Paths,
    files: &dyn FileSystem,
    board: crate::storage::wal::Board,
    stored: &View,
    findings: &mut Findings,
    report: &mut VerifyReport,
) {
    let opened = LogReader::open(files, &paths.wal, stored.catalog.uuid, board);
    // A database that was copied without its log, or to read-only media, may have none.
    if opened.as_ref().is_err_and(|error| error.kind() == ErrorKind::NotFound) {
        return;
    }
    let mut view = stored.clone();
    let mut commits = 0;
    let read = findings.take(DatabaseFile::Wal, || {
        let mut log = opened?;
        let promised = log.published()?;
        // That a checkpoint takes commits away meanwhile is no damage.
        let _ = log.read(stored.commit, promised.visible.max(stored.commit), &mut |commit, body| {
            maintain::replay(body, &mut view)?;
            view.settle(commit);
            commits += 1;
            Ok(())
        })?;
        Ok(())
    });
    if read.is_some() {
        report.commit_id = view.commit;
    }
    report.log_commits = commits;
}
