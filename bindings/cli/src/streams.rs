//! Where a command reads from and writes to.

use std::fmt;
use std::io::{self, BufWriter, IsTerminal, Read, Write};

use crate::failure::{Failure, Outcome};

/// Bytes of answers that are gathered before the operating system is called: a page of records.
const OUTPUT_BYTES: usize = 64 << 10;

/// Input, output and messages of one command; those of the process, or others in their place.
pub struct Streams {
    /// What `-` stands for where a file is read.
    pub input: Box<dyn Read>,
    /// Answers: JSON and nothing else.
    pub output: Box<dyn Write + Send>,
    /// Messages and errors.
    pub errors: Box<dyn Write>,
    /// Whether a person looks at the output: answers are then written over several lines.
    pub output_is_terminal: bool,
    /// Whether a person looks at the messages: progress is then shown.
    pub errors_are_terminal: bool,
}

impl fmt::Debug for Streams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Streams")
            .field("output_is_terminal", &self.output_is_terminal)
            .field("errors_are_terminal", &self.errors_are_terminal)
            .finish_non_exhaustive()
    }
}

impl Streams {
    /// Those of the process.
    pub fn of_process() -> Streams {
        Streams {
            input: Box::new(io::stdin()),
            output: Box::new(BufWriter::with_capacity(OUTPUT_BYTES, io::stdout())),
            errors: Box::new(io::stderr()),
            output_is_terminal: io::stdout().is_terminal(),
            errors_are_terminal: io::stderr().is_terminal(),
        }
    }

    pub(crate) fn flush(&mut self) -> Outcome {
        self.output.flush().map_err(|error| Failure::writing("stdout", &error))
    }
}
