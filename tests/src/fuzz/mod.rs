//! Fuzz targets: what a file or a caller can hold, as functions of bytes. `tests/fuzz` drives them by libFuzzer, and
//! `tests/suite/fuzz.rs` by the committed seeds and mutations of them.
//!
//! A target panics on a finding: on a panic in the library (which `Database` turns into an error that says so), on an error of a kind
//! that the input cannot deserve, on an answer that a naive reading contradicts. Time and memory are watched by who runs it.
//!
//! | file | question |
//! |---|---|
//! | `input`, `edit` | what do the bytes mean; how do they change something sound |
//! | `database` | what is spoiled, and what is asked of it then |
//! | `log`, `image`, `table` | what if a file holds this, with checksums that are right |
//! | `query`, `write` | what if a caller gives this |

mod database;
mod edit;
mod image;
mod input;
mod log;
mod query;
mod table;
mod write;

/// A target: its name, under which its seeds stand, and what it does with bytes.
pub type Target = (&'static str, fn(&[u8]));

/// All of them.
pub const TARGETS: [Target; 17] = [
    ("log", log::log),
    ("change", log::change),
    ("board", log::board),
    ("image", image::image),
    ("graph", image::graph),
    ("catalog", table::catalog),
    ("records", table::records),
    ("vectors", table::vectors),
    ("terms", table::terms),
    ("positions", table::positions),
    ("slots", table::slots),
    ("metadata", table::metadata),
    ("filter", query::filter),
    ("text_query", query::text_query),
    ("cursor", query::cursor),
    ("analyzer", write::analyzer),
    ("numbers", write::numbers),
];
