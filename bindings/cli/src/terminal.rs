//! What a command says: answers as JSON, messages and progress beside.

use std::io::Write;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use crate::failure::{Failure, Outcome};
use crate::streams::Streams;

/// The streams of a command and how they are used.
pub(crate) struct Terminal<'s> {
    pub(crate) streams: &'s mut Streams,
    quiet: bool,
    pretty: bool,
}

impl<'s> Terminal<'s> {
    pub(crate) fn new(streams: &'s mut Streams, quiet: bool, pretty: bool) -> Terminal<'s> {
        let pretty = pretty || streams.output_is_terminal;
        Terminal { streams, quiet, pretty }
    }

    /// The answer of a command: one object.
    pub(crate) fn answer(&mut self, answer: &impl Serialize) -> Outcome {
        let json = if self.pretty { serde_json::to_vec_pretty(answer) } else { serde_json::to_vec(answer) };
        self.write(json)
    }

    /// One of many answers: an object on a line of its own, whoever reads.
    pub(crate) fn line(&mut self, answer: &impl Serialize) -> Outcome {
        self.write(serde_json::to_vec(answer))
    }

    fn write(&mut self, json: serde_json::Result<Vec<u8>>) -> Outcome {
        let mut json = json.map_err(|error| Failure::because(format!("the answer is no JSON: {error}")))?;
        json.push(b'\n');
        self.streams.output.write_all(&json).map_err(|error| Failure::writing("stdout", &error))
    }

    /// A message for who looks on.
    pub(crate) fn tell(&mut self, message: &str) {
        if !self.quiet {
            // Who does not want messages to arrive is not disturbed by one.
            let _ = writeln!(self.streams.errors, "{message}");
        }
    }

    /// A bar on stderr, of so many bytes or things if that is known; none unless a person looks on.
    pub(crate) fn progress(&self, what: &str, total: Option<u64>, unit: Unit) -> ProgressBar {
        let target = if self.quiet || !self.streams.errors_are_terminal {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr()
        };
        let bar = ProgressBar::with_draw_target(total, target).with_message(what.to_owned());
        let template = match (unit, total) {
            (Unit::Bytes, Some(_)) => "{msg} {wide_bar} {bytes}/{total_bytes} {eta}",
            (Unit::Bytes, None) => "{msg} {bytes} in {elapsed}",
            (Unit::Records, Some(_)) => "{msg} {wide_bar} {pos}/{len} {eta}",
            (Unit::Records, None) => "{msg} {pos} in {elapsed}",
        };
        // The templates are ours, and right.
        bar.with_style(
            ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()),
        )
    }
}

/// What progress is counted in.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Unit {
    Bytes,
    Records,
}
