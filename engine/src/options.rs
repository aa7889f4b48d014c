//! How a database is opened.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use vectlite_ann::Metric;
use vectlite_text::Analyzer;

use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::files::FileSystem;

/// Whether a new database stores positions when nobody says.
pub(crate) const POSITIONS_BY_DEFAULT: bool = true;

/// When a commit is synced to the medium. In every mode an acknowledged write survives a killed process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SyncMode {
    /// Before it is acknowledged: an acknowledged write survives a power cut. The default.
    #[default]
    PerOp,
    /// Once every so many commits, at least 1.
    EveryN(u32),
    /// By `flush`, `compact` and `close` only.
    OnFlush,
}

impl SyncMode {
    /// The mode with this name: `per_op`, `on_flush`, or `every_n` with its number of commits.
    ///
    /// ```
    /// use vectlite::SyncMode;
    ///
    /// assert_eq!(SyncMode::named("every_n", Some(100))?, SyncMode::EveryN(100));
    /// assert!(SyncMode::named("per_op", Some(2)).is_err());
    /// # Ok::<(), vectlite::Error>(())
    /// ```
    ///
    /// # Errors
    /// `InvalidArgument` for another name, a missing number, one too many, or one beyond `u32`.
    pub fn named(name: &str, commits: Option<usize>) -> Result<SyncMode> {
        match (name, commits.map(u32::try_from)) {
            ("per_op", None) => Ok(SyncMode::PerOp),
            ("on_flush", None) => Ok(SyncMode::OnFlush),
            ("every_n", Some(Ok(commits))) => Ok(SyncMode::EveryN(commits)),
            _ => Err(Error::invalid(format!(
                "sync: expected per_op, on_flush, or every_n with a number of commits up to {}, got {name:?}{}",
                u32::MAX,
                commits.map_or_else(String::new, |commits| format!(" with {commits}"))
            ))),
        }
    }
}

/// How sparse vectors and text are scored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SparseScoring {
    /// BM25 over frequencies, the default.
    #[default]
    Bm25,
    /// `Σ q·w`, for learned weights (SPLADE and its kin).
    Dot,
}

impl SparseScoring {
    /// The name, as it is stored and shown.
    pub fn name(self) -> &'static str {
        match self {
            SparseScoring::Bm25 => "bm25",
            SparseScoring::Dot => "dot",
        }
    }
}

impl FromStr for SparseScoring {
    type Err = Error;

    fn from_str(name: &str) -> Result<SparseScoring> {
        match name.to_ascii_lowercase().as_str() {
            "bm25" => Ok(SparseScoring::Bm25),
            "dot" => Ok(SparseScoring::Dot),
            _ => Err(Error::invalid(format!("unknown sparse_scoring {name:?}: expected bm25 or dot"))),
        }
    }
}

/// An analyzer by name or as built; see [`OpenOptions::analyzer`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum AnalyzerChoice {
    /// The preset with this name.
    Named(String),
    /// This one.
    Built(Analyzer),
}

impl From<&str> for AnalyzerChoice {
    fn from(name: &str) -> AnalyzerChoice {
        AnalyzerChoice::Named(name.to_owned())
    }
}

impl From<String> for AnalyzerChoice {
    fn from(name: String) -> AnalyzerChoice {
        AnalyzerChoice::Named(name)
    }
}

impl From<Analyzer> for AnalyzerChoice {
    fn from(analyzer: Analyzer) -> AnalyzerChoice {
        AnalyzerChoice::Built(analyzer)
    }
}

impl AnalyzerChoice {
    pub(crate) fn resolve(&self) -> Result<Analyzer> {
        match self {
            AnalyzerChoice::Built(analyzer) => Ok(analyzer.clone()),
            AnalyzerChoice::Named(name) => Ok(Analyzer::preset(name)?),
        }
    }
}

/// Options for [`Database::open`](crate::Database::open).
///
/// `dimension`, `metric`, `analyzer`, `sparse_scoring` and `positions` are fixed when a database is created. For an existing one
/// they may be left out; given, they must be what is stored.
///
/// ```
/// use vectlite::{Metric, OpenOptions, SyncMode};
///
/// let options = OpenOptions::new().dimension(384).metric(Metric::Cosine).analyzer("english").sync(SyncMode::OnFlush);
/// # let _ = options;
/// ```
#[derive(Clone)]
pub struct OpenOptions {
    pub(crate) dimension: Option<usize>,
    pub(crate) metric: Option<Metric>,
    pub(crate) analyzer: Option<AnalyzerChoice>,
    pub(crate) sparse_scoring: Option<SparseScoring>,
    pub(crate) positions: Option<bool>,
    pub(crate) read_only: bool,
    pub(crate) lock_timeout: Option<Duration>,
    pub(crate) sync: SyncMode,
    pub(crate) low_memory: bool,
    pub(crate) verify: bool,
    /// `None`: the operating system's.
    pub(crate) files: Option<Arc<dyn FileSystem>>,
    pub(crate) clock: Clock,
}

impl Default for OpenOptions {
    fn default() -> OpenOptions {
        OpenOptions::new()
    }
}

impl fmt::Debug for OpenOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenOptions")
            .field("dimension", &self.dimension)
            .field("metric", &self.metric)
            .field("analyzer", &self.analyzer)
            .field("read_only", &self.read_only)
            .field("lock_timeout", &self.lock_timeout)
            .field("sync", &self.sync)
            .field("low_memory", &self.low_memory)
            .field("verify", &self.verify)
            .finish_non_exhaustive()
    }
}

impl OpenOptions {
    /// For writing, failing at once when another process writes, syncing every commit.
    pub fn new() -> OpenOptions {
        OpenOptions {
            dimension: None,
            metric: None,
            analyzer: None,
            sparse_scoring: None,
            positions: None,
            read_only: false,
            lock_timeout: None,
            sync: SyncMode::PerOp,
            low_memory: false,
            verify: false,
            files: None,
            clock: Clock::system(),
        }
    }

    /// Dimension of the default vector space, 1 to 65,536. Needed to create a database.
    #[must_use]
    pub fn dimension(mut self, dimension: usize) -> OpenOptions {
        self.dimension = Some(dimension);
        self
    }

    /// Metric of all vector spaces; [`Metric::Cosine`] by default.
    #[must_use]
    pub fn metric(mut self, metric: Metric) -> OpenOptions {
        self.metric = Some(metric);
        self
    }

    /// How text becomes terms: a name (`"standard"`, the default, `"english"`, …, `"trigram"`, `"autocomplete"`, `"none"`) or an
    /// [`Analyzer`].
    ///
    /// An analyzer with a step from outside cannot be stored: it plugs in for one session. The database has, or is created with,
    /// the analyzer `"none"`; in this session the terms of a text are added to the sparse vector of its record, and the text of a
    /// search is analyzed by it, too. Sessions without it find these records by sparse terms only.
    #[must_use]
    pub fn analyzer(mut self, analyzer: impl Into<AnalyzerChoice>) -> OpenOptions {
        self.analyzer = Some(analyzer.into());
        self
    }

    /// How terms are scored; BM25 by default.
    #[must_use]
    pub fn sparse_scoring(mut self, scoring: SparseScoring) -> OpenOptions {
        self.sparse_scoring = Some(scoring);
        self
    }

    /// Whether the positions of frequent words are stored beside the posting lists; they are by default. Without them a phrase reads the
    /// texts of all records that hold its words, which takes several times as long for common ones, and the lists take a quarter less space. Answers are the same.
    #[must_use]
    pub fn positions(mut self, positions: bool) -> OpenOptions {
        self.positions = Some(positions);
        self
    }

    /// For reading only, beside a writer and any number of other readers. The database must exist.
    #[must_use]
    pub fn read_only(mut self, read_only: bool) -> OpenOptions {
        self.read_only = read_only;
        self
    }

    /// How long to wait for the lock; without it, opening fails at once.
    #[must_use]
    pub fn lock_timeout(mut self, timeout: Duration) -> OpenOptions {
        self.lock_timeout = Some(timeout);
        self
    }

    /// [`OpenOptions::lock_timeout`] in seconds: finite and at least 0.
    ///
    /// # Errors
    /// `InvalidArgument` for any other number.
    pub fn lock_timeout_seconds(self, seconds: f64) -> Result<OpenOptions> {
        Ok(self.lock_timeout(self::seconds("lock_timeout", seconds)?))
    }

    /// When commits are synced.
    #[must_use]
    pub fn sync(mut self, sync: SyncMode) -> OpenOptions {
        self.sync = sync;
        self
    }

    /// Leaves graphs and codes where they are mapped from `NAME.vdb.ann`, instead of copying them to memory of this process
    /// after opening: the operating system may then take that memory back and share it between processes. Searches are
    /// slower for it, by 15 to 25 % in a prototype, and much slower while pages come from the disk. Off by default.
    #[must_use]
    pub fn low_memory(mut self, low_memory: bool) -> OpenOptions {
        self.low_memory = low_memory;
        self
    }

    /// Reads all files before the database can be used, and refuses it with `Corruption` when anything is wrong with them: see
    /// [`verify`](crate::verify()). Off by default: damage is then met when what is damaged is read.
    #[must_use]
    pub fn verify(mut self, verify: bool) -> OpenOptions {
        self.verify = verify;
        self
    }

    /// Where files come from; the operating system by default. For tests that record or fail file operations.
    #[must_use]
    pub fn files(mut self, files: Arc<dyn FileSystem>) -> OpenOptions {
        self.files = Some(files);
        self
    }

    /// Where the time comes from; the system by default. For tests of expiry.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> OpenOptions {
        self.clock = clock;
        self
    }
}

/// A time that was given in seconds, as scripting languages do, to `argument`: finite and at least 0.
///
/// # Errors
/// `InvalidArgument` for any other number.
pub fn seconds(argument: &str, seconds: f64) -> Result<Duration> {
    Duration::try_from_secs_f64(seconds).map_err(|_| {
        Error::invalid(format!("{argument}: expected finite seconds of at least 0, got {seconds}"))
    })
}
