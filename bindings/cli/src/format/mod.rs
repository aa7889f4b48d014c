//! Files of records: what they can be, how they are read and written, one record at a time.
//!
//! | question | file |
//! |---|---|
//! | a JSON object a line | [`jsonl`] |
//! | a table of text | [`csv`]; what a cell without a type is: [`cell`] |
//! | a table of typed columns | [`parquet`] |
//! | which column or key is which part of a record | [`columns`] |
//! | how do cells become a record | [`draft`] |
//! | what if a record never ends | [`allowance`] |

mod allowance;
mod cell;
mod columns;
mod csv;
mod draft;
mod jsonl;
#[cfg(feature = "parquet")]
mod parquet;

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use clap::ValueEnum;
use vectlite::Record;

pub(crate) use columns::{Columns, Rest};

use crate::failure::{Failure, Outcome};

/// What a file of records can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A JSON object a line
    Jsonl,
    /// A table of text with a header
    Csv,
    /// A table of typed columns
    Parquet,
}

impl Format {
    /// What was asked for, or what the name of the file says.
    pub(crate) fn of(given: Option<Format>, path: &Path) -> Outcome<Format> {
        if let Some(format) = given {
            return Ok(format);
        }
        let extension = path.extension().map(|extension| extension.to_string_lossy().to_lowercase());
        match extension.as_deref() {
            Some("jsonl" | "ndjson") => Ok(Format::Jsonl),
            Some("csv") => Ok(Format::Csv),
            Some("parquet" | "pq") => Ok(Format::Parquet),
            // Of a stream of unknown name it is what dump writes.
            None if is_stream(path) => Ok(Format::Jsonl),
            _ => Err(Failure::because(format!(
                "{}: expected a name that ends in .jsonl, .csv or .parquet; say --format for another one",
                path.display()
            ))),
        }
    }
}

/// Whether a path means stdin or stdout.
pub(crate) fn is_stream(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// A record, and where it stands in its file: its line, in Parquet its row, from 1.
#[derive(Debug)]
pub(crate) struct Placed {
    pub(crate) line: u64,
    pub(crate) record: Record,
}

/// What is wrong in a file.
#[derive(Debug)]
pub(crate) struct Misfit {
    /// The line, in Parquet the row; `None` when no place is to blame.
    pub(crate) line: Option<u64>,
    pub(crate) what: String,
}

impl Misfit {
    fn at(line: u64, what: impl Into<String>) -> Misfit {
        Misfit { line: Some(line), what: what.into() }
    }

    /// What is wrong with the file as a whole.
    fn whole(what: impl Into<String>) -> Misfit {
        Misfit { line: None, what: what.into() }
    }

    /// With the name of the file, as compilers write it.
    pub(crate) fn in_file(&self, name: &str) -> String {
        match self.line {
            Some(line) => format!("{name}:{line}: {}", self.what),
            None => format!("{name}: {}", self.what),
        }
    }
}

/// The records of a file, in its order; nothing comes behind a misfit.
pub(crate) type Source<'s> = Box<dyn Iterator<Item = Result<Placed, Misfit>> + 's>;

/// The records of a stream of text.
pub(crate) fn read_stream<'s>(
    format: Format,
    stream: impl Read + 's,
    columns: &Columns,
) -> Result<Source<'s>, Misfit> {
    match format {
        Format::Jsonl => Ok(Box::new(jsonl::Reader::new(stream, columns))),
        Format::Csv => Ok(Box::new(csv::Reader::new(stream, columns)?)),
        Format::Parquet => {
            Err(Misfit::whole("Parquet is read from both ends of a file; give a file instead of a stream"))
        }
    }
}

/// The records of a Parquet file.
pub(crate) fn read_parquet(file: File, columns: &Columns) -> Result<Source<'static>, Misfit> {
    #[cfg(feature = "parquet")]
    return Ok(Box::new(parquet::read::Reader::new(file, columns)?));
    #[cfg(not(feature = "parquet"))]
    {
        let _ = (file, columns);
        Err(Misfit::whole(WITHOUT_PARQUET))
    }
}

/// What the packages of Python and Node say.
#[cfg(not(feature = "parquet"))]
const WITHOUT_PARQUET: &str = "Parquet is not part of this package; the standalone binary has it (cargo install vectlite-cli), and JSONL and \
                               CSV work everywhere";

/// Takes records and writes them to a file.
pub(crate) trait Sink {
    fn write(&mut self, record: &Record) -> Outcome;

    /// Writes what is left; the file is not whole before.
    fn finish(self: Box<Self>) -> Outcome;
}

/// A sink of this format; `vectors` tells whether vectors are written.
pub(crate) fn write_to<'s>(
    format: Format,
    out: impl Write + Send + 's,
    vectors: bool,
) -> Outcome<Box<dyn Sink + 's>> {
    match format {
        Format::Jsonl => Ok(Box::new(jsonl::Writer::new(out, vectors))),
        Format::Csv => Ok(Box::new(csv::Writer::new(out, vectors)?)),
        #[cfg(feature = "parquet")]
        Format::Parquet => Ok(Box::new(parquet::write::Writer::new(out, vectors)?)),
        #[cfg(not(feature = "parquet"))]
        Format::Parquet => Err(Failure::because(WITHOUT_PARQUET)),
    }
}

/// The records of a text as `import` reads them, each or what is wrong with it (`NAME:LINE: …`), for tests that try any bytes.
///
/// # Errors
/// For another name of a format than `jsonl` and `csv`, and for a header that cannot be.
pub fn read_records<'s>(
    format: &str,
    name: &'s str,
    stream: impl Read + 's,
) -> Result<impl Iterator<Item = Result<Record, String>> + 's, String> {
    let format = Format::from_str(format, false)?;
    let source = read_stream(format, stream, &Columns::default()).map_err(|misfit| misfit.in_file(name))?;
    Ok(source.map(move |placed| placed.map(|placed| placed.record).map_err(|misfit| misfit.in_file(name))))
}

/// Writes records as `export` does, for the same tests.
///
/// # Errors
/// For an unknown name of a format, and when the stream takes no more.
pub fn write_records<'r>(
    format: &str,
    out: impl Write + Send,
    records: impl IntoIterator<Item = &'r Record>,
) -> io::Result<()> {
    let format = Format::from_str(format, false).map_err(io::Error::other)?;
    let write = || -> Outcome {
        let mut sink = write_to(format, out, true)?;
        for record in records {
            sink.write(record)?;
        }
        sink.finish()
    };
    write().map_err(|failure| io::Error::other(format!("{failure:?}")))
}
