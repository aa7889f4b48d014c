//! The command line of vectlite, as a library: the binary, the Python console script and `npx vectlite` call `run`.
//!
//! | question | file |
//! |---|---|
//! | which commands are there, which options do all of them have | `arguments` |
//! | what does each of them do | `command` |
//! | what is bad about arguments, in one line | `usage` |
//! | how does a command fail | `failure` |
//! | where do answers, messages and progress go | `streams`, `terminal` |
//! | how is a database opened, which records of it are meant | `opening`, `selection` |
//! | what is given as JSON on the command line | `json` |
//! | which keys does an answer have | `shape` |
//! | how are records written to files and read from them | `format` |
//!
//! It converts, calls the engine and prints: defaults, limits, validation and ranking are the engine's.

mod arguments;
mod bench;
mod command;
mod demo;
mod failure;
mod format;
mod json;
mod opening;
mod selection;
mod shape;
mod streams;
mod terminal;
mod usage;

use std::ffi::OsString;
use std::io::Write;

use clap::Parser;

use arguments::Arguments;
use failure::Failure;
pub use format::{read_records, write_records};
pub use streams::Streams;
use terminal::Terminal;

/// What the process exits with when a command did what it should.
const SUCCESS: u8 = 0;
/// What it exits with when not, whatever the reason.
const FAILURE: u8 = 1;

/// Runs a command and returns the exit code: 0, or 1 with `error: …` on `streams.errors`. The name of the program is not among the
/// arguments. JSON goes to `streams.output`, everything else to `streams.errors`; whoever closes the output early ends the command quietly.
///
/// ```
/// use vectlite_cli::{Streams, run};
///
/// let mut streams = Streams { output: Box::new(Vec::new()), ..Streams::of_process() };
/// assert_eq!(run(["--version"], &mut streams), 0);
/// ```
pub fn run<A: Into<OsString> + Clone>(arguments: impl IntoIterator<Item = A>, streams: &mut Streams) -> u8 {
    let outcome = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => {
            let mut terminal = Terminal::new(streams, arguments.quiet, arguments.pretty);
            arguments.command.run(&mut terminal)
        }
        Err(error) => usage::outcome(&error, streams),
    };
    match outcome.and_then(|()| streams.flush()) {
        Ok(()) | Err(Failure::NobodyReads) => SUCCESS,
        Err(Failure::Because(message)) => {
            // What was answered before belongs before the message, where both go to one place; nobody is left to be told of a failure.
            let _ = streams.flush();
            let _ = writeln!(streams.errors, "error: {}", failure::one_line(&message));
            FAILURE
        }
    }
}
