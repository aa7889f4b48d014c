//! What is given as JSON on the command line.

use serde::de::DeserializeOwned;
use std::fs::File;
use std::io::Read;
use vectlite::{Filter, Value};

use crate::failure::{Failure, Outcome};

/// Most bytes of a vector in a file or on stdin: the longest vector takes some 25 for each of its 65,536 numbers.
const MAX_VECTOR_BYTES: u64 = 4 << 20;

/// A filter.
pub(crate) fn filter(text: &str) -> Outcome<Filter> {
    Ok(Filter::parse(&read::<Value>("--filter", "a filter as JSON, e.g. '{\"year\": 2020}'", text)?)?)
}

/// What an option was given as JSON.
pub(crate) fn read<T: DeserializeOwned>(option: &str, expected: &str, text: &str) -> Outcome<T> {
    serde_json::from_str(text)
        .map_err(|error| Failure::because(format!("{option}: expected {expected}, got {error}")))
}

/// A vector: JSON, `@FILE` with JSON in it, or `-` for JSON on stdin.
pub(crate) fn vector(text: &str, input: &mut dyn Read) -> Outcome<Vec<f32>> {
    let read_from = |name: &str, reader: &mut dyn Read| {
        let mut json = String::new();
        let read = reader.take(MAX_VECTOR_BYTES + 1).read_to_string(&mut json);
        let read =
            read.map_err(|error| Failure::io(format_args!("--vector: could not read {name}"), &error))?;
        if read as u64 > MAX_VECTOR_BYTES {
            return Err(Failure::because(format!(
                "--vector: expected one vector of at most {MAX_VECTOR_BYTES} bytes in {name}, which holds more"
            )));
        }
        Ok(json)
    };
    let json = match text.strip_prefix('@') {
        Some(path) => {
            let opened = File::open(path);
            let mut file = opened
                .map_err(|error| Failure::io(format_args!("--vector: could not open {path}"), &error))?;
            read_from(path, &mut file)?
        }
        None if text == "-" => read_from("stdin", input)?,
        None => text.to_owned(),
    };
    read("--vector", "a list of numbers as JSON, @FILE, or - for stdin", &json)
}
