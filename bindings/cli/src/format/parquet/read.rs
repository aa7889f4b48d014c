//! Records of a Parquet file: a batch of rows in memory at a time.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};

use arrow_array::{RecordBatch, RecordBatchReader};
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};

use super::super::columns::{Columns, Part};
use super::super::draft::Draft;
use super::super::{Misfit, Placed};
use super::value;

/// Rows that are decoded at a time: of the longest vectors they take 64 MiB.
const BATCH_ROWS: usize = 256;

/// Reads records.
pub(in crate::format) struct Reader {
    batches: ParquetRecordBatchReader,
    names: Vec<String>,
    parts: Vec<Option<Part>>,
    batch: Option<RecordBatch>,
    /// The next row of the batch.
    row: usize,
    /// Rows of the batches before.
    before: usize,
    ended: bool,
}

impl Reader {
    pub(in crate::format) fn new(file: File, columns: &Columns) -> Result<Reader, Misfit> {
        let batches = guarded(|| {
            let builder =
                ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| error.to_string())?;
            builder.with_batch_size(BATCH_ROWS).build().map_err(|error| error.to_string())
        });
        let batches = batches.map_err(|what| Misfit::whole(format!("expected a Parquet file: {what}")))?;
        let names: Vec<String> = batches.schema().fields().iter().map(|field| field.name().clone()).collect();
        let parts = columns.of_table(&names, false).map_err(Misfit::whole)?;
        Ok(Reader { batches, names, parts, batch: None, row: 0, before: 0, ended: false })
    }

    fn next_record(&mut self) -> Result<Option<Placed>, Misfit> {
        while self.batch.as_ref().is_none_or(|batch| self.row >= batch.num_rows()) {
            self.before += self.batch.as_ref().map_or(0, RecordBatch::num_rows);
            let next = guarded(|| self.batches.next().transpose().map_err(|error| error.to_string()));
            self.batch = next.map_err(|what| Misfit::at(self.line(), format!("could not read: {what}")))?;
            self.row = 0;
            if self.batch.is_none() {
                return Ok(None);
            }
        }
        let Some(batch) = &self.batch else { return Ok(None) };
        let record = record(batch, self.row, &self.names, &self.parts);
        let record = record.map_err(|what| Misfit::at(self.line(), what))?;
        let line = self.line();
        self.row += 1;
        Ok(Some(Placed { line, record }))
    }

    /// The number of the next row, from 1.
    fn line(&self) -> u64 {
        (self.before + self.row + 1) as u64
    }
}

impl Iterator for Reader {
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

fn record(
    batch: &RecordBatch,
    row: usize,
    names: &[String],
    parts: &[Option<Part>],
) -> Result<vectlite::Record, String> {
    let mut draft = Draft::default();
    for ((column, name), part) in batch.columns().iter().zip(names).zip(parts) {
        let of_column = |what: String| format!("{name}: {what}");
        match part {
            Some(Part::Vector) => {
                if let Some(vector) = value::vector(column, row).map_err(of_column)? {
                    draft.vector(vector);
                }
            }
            Some(part) => {
                if let Some(value) = value::value(column, row).map_err(of_column)? {
                    draft.value(*part, value)?;
                }
            }
            None => {
                if let Some(value) = value::value(column, row).map_err(of_column)? {
                    draft.rest(name, value);
                }
            }
        }
    }
    draft.finish()
}

/// A damaged file may end in a panic of the reader; it is an error as any other.
fn guarded<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err("the file is damaged".to_owned()))
}
