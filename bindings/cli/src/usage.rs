//! What is bad about arguments, in one line; help and version, which are asked for in the same way.

use std::io::Write;

use clap::error::ErrorKind;

use crate::failure::{Failure, Outcome};
use crate::streams::Streams;

/// Writes help or the version, or fails with what is bad.
pub(crate) fn outcome(error: &clap::Error, streams: &mut Streams) -> Outcome {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            write!(streams.output, "{}", error.render()).map_err(|error| Failure::writing("stdout", &error))
        }
        _ => Err(Failure::Because(complaint(&error.render().to_string()))),
    }
}

/// The first lines of clap's message, as one: what stands below them is how to use the command, which help tells better.
fn complaint(message: &str) -> String {
    let message = message.strip_prefix("error: ").unwrap_or(message);
    let (mut what, mut help) = (Vec::new(), "vectlite --help".to_owned());
    for line in message.lines().map(str::trim) {
        match line.strip_prefix("Usage: ") {
            Some(usage) => {
                // "vectlite import [OPTIONS] …": the words before the first placeholder.
                let command = usage.split(' ').take_while(|word| !word.starts_with(['[', '<', '-']));
                help = format!("{} --help", command.collect::<Vec<_>>().join(" "));
                break;
            }
            None if line.is_empty() || line.starts_with("For more information") => {}
            None => what.push(line),
        }
    }
    format!("{}; see {help}", what.join(" ").replace(" tip: ", "; "))
}
