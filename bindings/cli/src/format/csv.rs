//! A table of text with a header. What is no text stands in its cells as JSON, and an empty cell is nothing at all.

use std::io::{self, Read, Write};

use csv::{ErrorKind, StringRecord};
use serde::Serialize;
use vectlite::{Record, Value};

use super::allowance::{Allowance, Limited};
use super::cell;
use super::columns::{self, Columns, Part};
use super::draft::Draft;
use super::{Misfit, Placed, Sink};
use crate::failure::{Failure, Outcome};

/// Reads records.
pub(super) struct Reader<R> {
    rows: csv::Reader<Limited<R>>,
    allowance: Allowance,
    names: Vec<String>,
    parts: Vec<Option<Part>>,
    /// Whether cells of metadata are text, whatever they look like.
    strings: bool,
    row: StringRecord,
    ended: bool,
}

impl<R: Read> Reader<R> {
    pub(super) fn new(stream: R, columns: &Columns) -> Result<Reader<R>, Misfit> {
        let allowance = Allowance::new();
        let mut rows = csv::Reader::from_reader(Limited::new(stream, allowance.clone()));
        let names: Vec<String> =
            rows.headers().map_err(|error| misfit(&error, 1))?.iter().map(str::to_owned).collect();
        let parts = columns.of_table(&names, true).map_err(|what| Misfit::at(1, what))?;
        let (strings, row) = (columns.strings, StringRecord::new());
        Ok(Reader { rows, allowance, names, parts, strings, row, ended: false })
    }

    fn next_record(&mut self) -> Result<Option<Placed>, Misfit> {
        self.allowance.renew();
        let before = self.rows.position().line();
        if !self.rows.read_record(&mut self.row).map_err(|error| misfit(&error, before))? {
            return Ok(None);
        }
        let line = self.row.position().map_or(before, csv::Position::line);
        let mut draft = Draft::default();
        for ((cell, name), part) in self.row.iter().zip(&self.names).zip(&self.parts) {
            if cell.is_empty() {
                continue;
            }
            match part {
                Some(part) => draft.text(*part, cell).map_err(|what| Misfit::at(line, what))?,
                None if self.strings => draft.rest(name, Value::from(cell)),
                None => {
                    if let Some(value) = cell::typed(cell) {
                        draft.rest(name, value);
                    }
                }
            }
        }
        let record = draft.finish().map_err(|what| Misfit::at(line, what))?;
        Ok(Some(Placed { line, record }))
    }
}

impl<R: Read> Iterator for Reader<R> {
    type Item = Result<Placed, Misfit>;

    fn next(&mut self) -> Option<Result<Placed, Misfit>> {
        if self.ended {
            return None;
        }
        let next = self.next_record().transpose();
        self.ended = !matches!(next, Some(Ok(_)));
        next
    }
}

/// What is wrong with a row; it began at `line`, if the error does not know better.
fn misfit(error: &csv::Error, line: u64) -> Misfit {
    let line = error.position().map_or(line, csv::Position::line).max(1);
    match error.kind() {
        ErrorKind::UnequalLengths { expected_len, len, .. } => {
            Misfit::at(line, format!("expected {expected_len} cells as in the header, got {len}"))
        }
        ErrorKind::Utf8 { err, .. } => {
            Misfit::at(line, format!("expected UTF-8, which cell {} is not", err.field() + 1))
        }
        ErrorKind::Io(error) => Misfit::at(line, format!("could not read: {error}")),
        _ => Misfit::at(line, error.to_string()),
    }
}

/// Writes records.
pub(super) struct Writer<W: Write> {
    rows: csv::Writer<W>,
    vectors: bool,
}

impl<W: Write> Writer<W> {
    pub(super) fn new(out: W, vectors: bool) -> Outcome<Writer<W>> {
        let mut rows = csv::Writer::from_writer(out);
        let mut names = vec![columns::NAMESPACE, columns::ID, columns::TEXT, columns::EMPTY_TEXT];
        if vectors {
            names.extend([columns::VECTOR, columns::VECTORS]);
        }
        names.extend([columns::SPARSE, columns::METADATA, columns::EXPIRES_AT]);
        rows.write_record(names).map_err(written)?;
        Ok(Writer { rows, vectors })
    }
}

impl<W: Write> Sink for Writer<W> {
    fn write(&mut self, record: &Record) -> Outcome {
        let text = record.text.as_deref();
        let empty = if text == Some("") { "true" } else { "" };
        let mut cells = vec![
            record.namespace.clone(),
            record.id.clone(),
            text.unwrap_or_default().to_owned(),
            empty.to_owned(),
        ];
        if self.vectors {
            cells.push(json(record, record.vector.as_ref())?);
            cells.push(json(record, Some(&record.vectors).filter(|vectors| !vectors.is_empty()))?);
        }
        cells.push(json(record, record.sparse.as_ref())?);
        cells.push(json(record, Some(&record.metadata).filter(|metadata| !metadata.is_empty()))?);
        cells.push(json(record, record.expires_at.as_ref())?);
        self.rows.write_record(&cells).map_err(written)
    }

    fn finish(mut self: Box<Self>) -> Outcome {
        self.rows.flush().map_err(|error| written(error.into()))
    }
}

/// A value as a cell; an empty one when there is none.
fn json<T: Serialize>(record: &Record, value: Option<&T>) -> Outcome<String> {
    let Some(value) = value else { return Ok(String::new()) };
    serde_json::to_string(value).map_err(|error| Failure::because(format!("record {:?}: {error}", record.id)))
}

fn written(error: csv::Error) -> Failure {
    let error = match error.into_kind() {
        ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    };
    Failure::writing("the records", &error)
}
