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
//! | `file` | what if somebody imports this |

pub mod database;
mod edit;
mod file;
mod image;
mod input;
mod log;
mod query;
mod table;
mod write;

use crate::memory::MemoryFileSystem;
use database::use_all;

/// A target: its name, under which its seeds stand, and what it does with bytes.
pub type Target = (&'static str, fn(&[u8]));

/// All of them.
pub const TARGETS: [Target; 18] = [
    ("log", |bytes| use_all(&log::log(bytes))),
    ("change", |bytes| use_all(&log::change(bytes))),
    ("board", |bytes| use_all(&log::board(bytes))),
    ("image", |bytes| use_all(&image::image(bytes))),
    ("graph", image::graph),
    ("catalog", |bytes| use_all(&table::catalog(bytes))),
    ("records", |bytes| use_all(&table::records(bytes))),
    ("vectors", |bytes| use_all(&table::vectors(bytes))),
    ("terms", |bytes| use_all(&table::terms(bytes))),
    ("positions", |bytes| use_all(&table::positions(bytes))),
    ("slots", |bytes| use_all(&table::slots(bytes))),
    ("metadata", table::metadata),
    ("filter", query::filter),
    ("text_query", query::text_query),
    ("cursor", query::cursor),
    ("analyzer", write::analyzer),
    ("numbers", write::numbers),
    ("file", file::file),
];

/// How bytes become the files of a database.
pub type Spoiler = fn(&[u8]) -> MemoryFileSystem;

/// What the targets that use a whole database make of bytes, for who wants the files.
pub const SPOILERS: [Spoiler; 10] = [
    log::log,
    log::change,
    log::board,
    image::image,
    table::catalog,
    table::records,
    table::vectors,
    table::terms,
    table::positions,
    table::slots,
];
