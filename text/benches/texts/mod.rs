//! The real texts that the benchmarks run on.

use std::fs;
use std::path::{Path, PathBuf};

pub(crate) type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// Where they are: in `$VECTLITE_DATA`, by default in `../shared/data` beside the checkout.
pub(crate) fn folder() -> PathBuf {
    std::env::var_os("VECTLITE_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"), PathBuf::from)
        .join("wordnet-minilm")
}

/// The texts of a file, a row of JSON a line.
pub(crate) fn read(path: &Path) -> Outcome<Vec<String>> {
    let text = |line: &str| -> Outcome<String> {
        let row: serde_json::Value = serde_json::from_str(line)?;
        Ok(row["text"].as_str().ok_or("a row without a text")?.to_owned())
    };
    fs::read_to_string(path)?.lines().map(text).collect()
}
