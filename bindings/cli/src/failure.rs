//! How a command fails: with one line that says why.

use std::fmt::Display;
use std::io;

/// What every step of a command returns.
pub(crate) type Outcome<T = ()> = Result<T, Failure>;

/// Why a command ends before it is done.
#[derive(Debug)]
pub(crate) enum Failure {
    /// What was expected, what came, what to do.
    Because(String),
    /// Whoever read the output has enough, as `head` does.
    NobodyReads,
}

impl Failure {
    pub(crate) fn because(message: impl Into<String>) -> Failure {
        Failure::Because(message.into())
    }

    /// An error of the operating system, with what was being done ("could not read …").
    pub(crate) fn io(doing: impl Display, error: &io::Error) -> Failure {
        Failure::Because(format!("{doing}: {error}"))
    }

    /// An error while something was written to where `name` says.
    pub(crate) fn writing(name: impl Display, error: &io::Error) -> Failure {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::NobodyReads,
            _ => Failure::io(format_args!("could not write {name}"), error),
        }
    }
}

impl From<vectlite::Error> for Failure {
    fn from(error: vectlite::Error) -> Failure {
        Failure::Because(error.to_string())
    }
}

/// A message of several lines as one: that of a regular expression, for instance, points at its place below it.
pub(crate) fn one_line(message: &str) -> String {
    message.split(['\n', '\r']).map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}
