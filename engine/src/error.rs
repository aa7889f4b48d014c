//! The closed set of errors: one [`Error`] type, one [`ErrorKind`] with stable codes.
//!
//! A message says what was expected, what came and what to do. Stored-file words ("record", "page", "checksum")
//! appear only under [`ErrorKind::Corruption`]. Each binding maps the kinds one to one to its exception classes.

use std::fmt;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

use vectlite_text::StepError;

/// The result of every fallible call of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, as a closed set. [`ErrorKind::code`] is stable across versions and languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// Another process or handle holds the database for writing, or a file lock could not be had in time.
    LockContention,
    /// The handle was closed.
    Closed,
    /// A write on a handle that was opened read-only, on read-only media, or in a forked child of the process that opened it.
    ReadOnly,
    /// A vector has another dimension than its vector space.
    DimensionMismatch,
    /// An argument is outside what the call accepts.
    InvalidArgument,
    /// What should be created exists.
    AlreadyExists,
    /// What should exist does not.
    NotFound,
    /// A filter cannot be parsed or evaluated; the message names the path.
    Filter,
    /// A file holds what this library never wrote, or no longer holds what it wrote.
    Corruption,
    /// The files were written by a newer version of this library.
    UnsupportedFormat,
    /// The operating system refused an operation; [`Error::io_error`] keeps its number.
    Storage,
}

impl ErrorKind {
    /// Every kind, in the order of declaration. Tests of all languages walk this list.
    pub const ALL: [ErrorKind; 11] = [
        ErrorKind::LockContention,
        ErrorKind::Closed,
        ErrorKind::ReadOnly,
        ErrorKind::DimensionMismatch,
        ErrorKind::InvalidArgument,
        ErrorKind::AlreadyExists,
        ErrorKind::NotFound,
        ErrorKind::Filter,
        ErrorKind::Corruption,
        ErrorKind::UnsupportedFormat,
        ErrorKind::Storage,
    ];

    /// The stable code of this kind, the same string in every language.
    ///
    /// ```
    /// assert_eq!(vectlite::ErrorKind::DimensionMismatch.code(), "dimension_mismatch");
    /// ```
    pub fn code(self) -> &'static str {
        match self {
            ErrorKind::LockContention => "lock_contention",
            ErrorKind::Closed => "closed",
            ErrorKind::ReadOnly => "read_only",
            ErrorKind::DimensionMismatch => "dimension_mismatch",
            ErrorKind::InvalidArgument => "invalid_argument",
            ErrorKind::AlreadyExists => "already_exists",
            ErrorKind::NotFound => "not_found",
            ErrorKind::Filter => "filter",
            ErrorKind::Corruption => "corruption",
            ErrorKind::UnsupportedFormat => "unsupported_format",
            ErrorKind::Storage => "storage",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// An error of this library: a kind with a stable code, a message, and the cause when there is one.
///
/// ```
/// use vectlite::{ErrorKind, Metric};
///
/// let error = "hamming".parse::<Metric>().map_err(vectlite::Error::from).unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::InvalidArgument);
/// assert!(error.to_string().contains("unknown distance metric"));
/// ```
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    kind: ErrorKind,
    message: Box<str>,
    #[source]
    cause: Option<StepError>,
    committed: Option<usize>,
    position: Option<usize>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Error {
        Error { kind, message: message.into().into_boxed_str(), cause: None, committed: None, position: None }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Error {
        Error::new(ErrorKind::InvalidArgument, message)
    }

    pub(crate) fn corruption(message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Corruption, message)
    }

    /// An error of the operating system, with what was being done ("could not write …").
    pub(crate) fn io(doing: impl fmt::Display, source: io::Error) -> Error {
        let message = format!("{doing}: {source}");
        Error { cause: Some(Box::new(source)), ..Error::new(ErrorKind::Storage, message) }
    }

    pub(crate) fn closed() -> Error {
        Error::new(ErrorKind::Closed, "the database is closed; open it again to use it")
    }

    pub(crate) fn read_only() -> Error {
        Error::new(ErrorKind::ReadOnly, "the database is open read-only; open it without read_only to write")
    }

    /// A write in a forked child of the process that opened the database.
    pub(crate) fn forked() -> Error {
        Error::new(
            ErrorKind::ReadOnly,
            "the database is read-only in this process, which was forked from the one that opened it; open it after the \
             fork to write, once no other process has it open for writing",
        )
    }

    /// A read view in a forked child of the process that took it.
    pub(crate) fn forked_view() -> Error {
        Error::new(
            ErrorKind::Closed,
            "the read view belongs to the process that this one was forked from; take another one in this process",
        )
    }

    /// Text is asked for in a database that makes no terms of it.
    pub(crate) fn no_analyzer() -> Error {
        Error::invalid(
            "text: this database was created with the analyzer \"none\", which gives no terms; search with \
             sparse, or open it with the analyzer that its texts were written with",
        )
    }

    pub(crate) fn dimension_mismatch(expected: usize, found: usize) -> Error {
        Error::new(
            ErrorKind::DimensionMismatch,
            format!("dimension mismatch: expected {expected}, found {found}"),
        )
    }

    /// The kind of this error.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The stable code of this error's kind, for example `"corruption"`.
    pub fn code(&self) -> &'static str {
        self.kind.code()
    }

    /// The error of the operating system behind this one, when there is one.
    pub fn io_error(&self) -> Option<&io::Error> {
        self.cause.as_ref()?.downcast_ref()
    }

    /// What a function of the caller's failed with, a step of an analyzer or an [`Interrupt`](crate::Interrupt), when that is behind this
    /// error; else the error again.
    ///
    /// # Errors
    /// This error, when something else is behind it.
    pub fn into_step_error(self) -> std::result::Result<StepError, Error> {
        match self.cause {
            // Behind an argument that is refused there is nothing else.
            Some(cause) if self.kind == ErrorKind::InvalidArgument => Ok(cause),
            cause => Err(Error { cause, ..self }),
        }
    }

    /// A step of the caller's analyzer failed.
    pub(crate) fn step(error: StepError) -> Error {
        let message = format!("the analyzer failed: {error}");
        Error { cause: Some(error), ..Error::invalid(message) }
    }

    /// The caller wants no more of a call that waits.
    pub(crate) fn interrupted(error: StepError) -> Error {
        let message = format!("interrupted by the caller: {error}");
        Error { cause: Some(error), ..Error::invalid(message) }
    }

    /// How many records a bulk load had committed before it failed; `None` for every other error.
    pub fn committed(&self) -> Option<usize> {
        self.committed
    }

    /// The same error of a bulk load that has committed so many records.
    pub(crate) fn with_committed(mut self, records: usize) -> Error {
        self.committed = Some(records);
        self
    }

    /// Which operation of a write did not fit, from 0: of a transaction, of a call that takes many records, of the unfinished batch of a
    /// bulk load. `None` where none of them is to blame.
    ///
    /// ```
    /// # let directory = tempfile::tempdir()?;
    /// # let path = directory.path().join("notes.vdb");
    /// use vectlite::{Database, OpenOptions, Record};
    ///
    /// let db = Database::open(&path, OpenOptions::new().dimension(2))?;
    /// let records = [Record::new("a").vector([1.0, 0.0]), Record::new("b").vector([1.0])];
    /// assert_eq!(db.upsert_many(records).unwrap_err().position(), Some(1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn position(&self) -> Option<usize> {
        self.position
    }

    /// The same error of the operation at this position.
    pub(crate) fn at(mut self, position: usize) -> Error {
        self.position = Some(position);
        self
    }

    /// The same error with `context` in front of its message ("record 7: …").
    pub(crate) fn context(mut self, context: impl fmt::Display) -> Error {
        self.message = format!("{context}: {}", self.message).into_boxed_str();
        self
    }
}

impl From<vectlite_text::AnalyzerError> for Error {
    fn from(error: vectlite_text::AnalyzerError) -> Error {
        Error::invalid(error.to_string())
    }
}

impl From<vectlite_ann::UnknownMetric> for Error {
    fn from(error: vectlite_ann::UnknownMetric) -> Error {
        Error::invalid(error.to_string())
    }
}

/// A panic of a dependency that reads a damaged file becomes an error: it must not cross into the caller's code.
pub(crate) fn guarded<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    // What the closure touched is behind locks that a panic poisons, or is dropped.
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let what = panic
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_else(|| "no message".to_owned());
        Err(Error::corruption(format!(
            "reading the files ended in a panic ({what}); they are probably damaged: restore a backup or run verify"
        )))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_distinct_and_all_is_complete() {
        let mut codes: Vec<&str> = ErrorKind::ALL.iter().map(|kind| kind.code()).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), ErrorKind::ALL.len());
        assert_eq!(ErrorKind::ALL.last().map(|kind| *kind as usize), Some(ErrorKind::ALL.len() - 1));
    }
}
