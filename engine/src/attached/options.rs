//! How something is attached.

use std::path::PathBuf;
use std::sync::Arc;

use vectlite_ann::Metric;

use crate::clock::Clock;
use crate::files::FileSystem;
use crate::limits::CHECKPOINT_BYTES;
use crate::options::{AnalyzerChoice, OpenOptions, SparseScoring};

/// What the names of the tables begin with when nobody says.
const PREFIX: &str = "vectlite_";

/// Options for [`attach`](crate::attach).
///
/// `dimension`, `metric`, `analyzer`, `sparse_scoring` and `positions` mean what they mean in [`OpenOptions`], and are fixed when the tables are
/// created. Several things can be attached to one database, each under a prefix of its own.
///
/// ```
/// use vectlite::AttachOptions;
///
/// let options = AttachOptions::new().prefix("notes_").dimension(384).analyzer("english").image("notes.ann");
/// # let _ = options;
/// ```
#[derive(Debug, Clone)]
pub struct AttachOptions {
    pub(super) prefix: String,
    pub(super) image: Option<PathBuf>,
    pub(super) checkpoint_bytes: u64,
    /// All that a database of files has, too.
    pub(super) database: OpenOptions,
}

impl Default for AttachOptions {
    fn default() -> AttachOptions {
        AttachOptions::new()
    }
}

impl AttachOptions {
    /// Under the prefix `vectlite_`, with graphs in memory only.
    pub fn new() -> AttachOptions {
        AttachOptions {
            prefix: PREFIX.to_owned(),
            image: None,
            checkpoint_bytes: CHECKPOINT_BYTES,
            database: OpenOptions::new(),
        }
    }

    fn with(mut self, change: impl FnOnce(OpenOptions) -> OpenOptions) -> AttachOptions {
        self.database = change(self.database);
        self
    }

    /// What the names of the tables begin with, at least one character. The application opens no table whose name begins so.
    #[must_use]
    pub fn prefix(mut self, prefix: impl Into<String>) -> AttachOptions {
        self.prefix = prefix.into();
        self
    }

    /// Dimension of the default vector space, 1 to 65,536. Needed to create the tables.
    #[must_use]
    pub fn dimension(self, dimension: usize) -> AttachOptions {
        self.with(|options| options.dimension(dimension))
    }

    /// See [`OpenOptions::metric`].
    #[must_use]
    pub fn metric(self, metric: Metric) -> AttachOptions {
        self.with(|options| options.metric(metric))
    }

    /// See [`OpenOptions::analyzer`].
    #[must_use]
    pub fn analyzer(self, analyzer: impl Into<AnalyzerChoice>) -> AttachOptions {
        self.with(|options| options.analyzer(analyzer))
    }

    /// See [`OpenOptions::sparse_scoring`].
    #[must_use]
    pub fn sparse_scoring(self, scoring: SparseScoring) -> AttachOptions {
        self.with(|options| options.sparse_scoring(scoring))
    }

    /// See [`OpenOptions::positions`].
    #[must_use]
    pub fn positions(self, positions: bool) -> AttachOptions {
        self.with(|options| options.positions(positions))
    }

    /// The file in which graphs are kept from one start to the next. Without one they are built again when something is attached, and
    /// searches scan meanwhile. It can be deleted while nothing is attached. Who attaches for writing writes it, who attaches for reading
    /// reads it.
    #[must_use]
    pub fn image(mut self, path: impl Into<PathBuf>) -> AttachOptions {
        self.image = Some(path.into());
        self
    }

    /// See [`OpenOptions::low_memory`].
    #[must_use]
    pub fn low_memory(self, low_memory: bool) -> AttachOptions {
        self.with(|options| options.low_memory(low_memory))
    }

    /// How much may gather in memory and in the table `operations` before the next transaction that writes moves it to the other tables, in
    /// bytes of memory; 16 MiB by default. That transaction takes as long as a checkpoint does besides; see
    /// [`Attached::checkpoint_in`](crate::Attached::checkpoint_in) to choose the moment.
    #[must_use]
    pub fn checkpoint_bytes(mut self, bytes: u64) -> AttachOptions {
        self.checkpoint_bytes = bytes;
        self
    }

    /// Where the file of the image comes from; the operating system by default. For tests.
    #[must_use]
    pub fn files(self, files: Arc<dyn FileSystem>) -> AttachOptions {
        self.with(|options| options.files(files))
    }

    /// See [`OpenOptions::clock`].
    #[must_use]
    pub fn clock(self, clock: Clock) -> AttachOptions {
        self.with(|options| options.clock(clock))
    }
}
