//! vectlite's side of `tests/compare`: answers and speeds, written as JSON into a work directory for Python to judge.
//!
//! | call | reads from DIR | writes into DIR |
//! |---|---|---|
//! | `compare answers DIR` | `base.f32 queries.f32 texts.json queries.json` | `dense.json text.json text_terms.json query_terms.json` |
//! | `compare writes DIR` | nothing | `writes.json` |
//!
//! `compare tables FILE OUT` writes to OUT, as JSON too, what the tables of the closed database FILE take.

mod answers;
mod bare_file;
mod sqlite;
mod tables;
mod writes;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

/// The length of every vector of the data set, and of the payload that is written.
const DIMENSION: usize = 384;

/// What every step here returns: the caller is a script, so the cause as a sentence is enough.
type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let done = match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["answers", dir] => answers::write(Path::new(dir)),
        ["writes", dir] => writes::measure(Path::new(dir)),
        ["tables", file, out] => tables::measure(Path::new(file), Path::new(out)),
        _ => Err("usage: compare answers DIR | compare writes DIR | compare tables FILE OUT".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The path `DIR/NAME` with whatever an earlier run left there, under this name and names that continue it, removed.
fn fresh_path(dir: &Path, name: &str) -> Outcome<PathBuf> {
    fs::create_dir_all(dir)?;
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(name) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(dir.join(name))
}
