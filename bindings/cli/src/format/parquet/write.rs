//! Records as a Parquet file: vectors as lists of floats, what has no fixed columns as JSON.

use std::io::{self, Write};
use std::mem;
use std::sync::Arc;

use arrow_array::builder::{Float32Builder, Float64Builder, ListBuilder, StringBuilder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::schema::types::ColumnPath;
use serde::Serialize;
use vectlite::Record;

use super::super::Sink;
use super::super::columns::{EXPIRES_AT, ID, METADATA, NAMESPACE, SPARSE, TEXT, VECTOR, VECTORS};
use crate::failure::{Failure, Outcome};

/// Bytes of a row group: the writer holds one in memory, and so does many a reader.
const GROUP_BYTES: usize = 32 << 20;
/// Bytes of records that go to the writer at a time.
const BATCH_BYTES: usize = 4 << 20;
/// What pyarrow calls the elements of a list.
const ELEMENT: &str = "element";

/// Writes records.
pub(in crate::format) struct Writer<W: Write + Send> {
    rows: ArrowWriter<W>,
    schema: Arc<Schema>,
    vectors: bool,
    columns: Columns,
    /// About how many the columns hold.
    bytes: usize,
}

/// The cells of rows that are not written yet.
struct Columns {
    namespace: StringBuilder,
    id: StringBuilder,
    text: StringBuilder,
    vector: ListBuilder<Float32Builder>,
    vectors: StringBuilder,
    sparse: StringBuilder,
    metadata: StringBuilder,
    expires_at: Float64Builder,
}

fn element() -> Arc<Field> {
    Arc::new(Field::new(ELEMENT, DataType::Float32, false))
}

impl Columns {
    fn new() -> Columns {
        Columns {
            namespace: StringBuilder::new(),
            id: StringBuilder::new(),
            text: StringBuilder::new(),
            vector: ListBuilder::new(Float32Builder::new()).with_field(element()),
            vectors: StringBuilder::new(),
            sparse: StringBuilder::new(),
            metadata: StringBuilder::new(),
            expires_at: Float64Builder::new(),
        }
    }
}

impl<W: Write + Send> Writer<W> {
    pub(in crate::format) fn new(out: W, vectors: bool) -> Outcome<Writer<W>> {
        let text = |name: &str, nullable| Field::new(name, DataType::Utf8, nullable);
        let mut fields = vec![text(NAMESPACE, false), text(ID, false), text(TEXT, true)];
        if vectors {
            fields.extend([Field::new(VECTOR, DataType::List(element()), true), text(VECTORS, true)]);
        }
        let expires_at = Field::new(EXPIRES_AT, DataType::Float64, true);
        fields.extend([text(SPARSE, true), text(METADATA, true), expires_at]);
        let schema = Arc::new(Schema::new(fields));
        // Numbers of vectors hardly repeat: a dictionary of them would be given up, a page too late.
        let numbers = ColumnPath::from(vec![VECTOR.to_owned(), "list".to_owned(), ELEMENT.to_owned()]);
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_max_row_group_bytes(Some(GROUP_BYTES))
            .set_column_dictionary_enabled(numbers, false)
            .build();
        let rows = ArrowWriter::try_new(out, Arc::clone(&schema), Some(properties)).map_err(written)?;
        Ok(Writer { rows, schema, vectors, columns: Columns::new(), bytes: 0 })
    }

    fn write_batch(&mut self) -> Outcome {
        let mut columns = mem::replace(&mut self.columns, Columns::new());
        self.bytes = 0;
        let mut arrays: Vec<ArrayRef> = vec![
            Arc::new(columns.namespace.finish()),
            Arc::new(columns.id.finish()),
            Arc::new(columns.text.finish()),
        ];
        if self.vectors {
            arrays.push(Arc::new(columns.vector.finish()));
            arrays.push(Arc::new(columns.vectors.finish()));
        }
        arrays.push(Arc::new(columns.sparse.finish()));
        arrays.push(Arc::new(columns.metadata.finish()));
        arrays.push(Arc::new(columns.expires_at.finish()));
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), arrays)
            .map_err(|error| Failure::because(format!("the records are no table: {error}")))?;
        self.rows.write(&batch).map_err(written)
    }
}

impl<W: Write + Send> Sink for Writer<W> {
    fn write(&mut self, record: &Record) -> Outcome {
        let columns = &mut self.columns;
        columns.namespace.append_value(&record.namespace);
        columns.id.append_value(&record.id);
        columns.text.append_option(record.text.as_deref());
        if self.vectors {
            if let Some(vector) = &record.vector {
                columns.vector.values().append_slice(vector);
            }
            columns.vector.append(record.vector.is_some());
            let spaces = Some(&record.vectors).filter(|vectors| !vectors.is_empty());
            columns.vectors.append_option(json(record, spaces)?);
        }
        columns.sparse.append_option(json(record, record.sparse.as_ref())?);
        let metadata = Some(&record.metadata).filter(|metadata| !metadata.is_empty());
        let metadata = json(record, metadata)?;
        columns.metadata.append_option(metadata.as_deref());
        columns.expires_at.append_option(record.expires_at);
        let vector = record.vector.as_ref().map_or(0, Vec::len) * size_of::<f32>();
        let text = record.text.as_ref().map_or(0, String::len) + metadata.map_or(0, |json| json.len());
        self.bytes += record.id.len() + vector + text;
        if self.bytes >= BATCH_BYTES { self.write_batch() } else { Ok(()) }
    }

    fn finish(mut self: Box<Self>) -> Outcome {
        self.write_batch()?;
        self.rows.close().map(drop).map_err(written)
    }
}

fn json<T: Serialize>(record: &Record, value: Option<&T>) -> Outcome<Option<String>> {
    let json = value.map(serde_json::to_string).transpose();
    json.map_err(|error| Failure::because(format!("record {:?}: {error}", record.id)))
}

fn written(error: ParquetError) -> Failure {
    let error = match error {
        ParquetError::External(error) => match error.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(error) => io::Error::other(error),
        },
        other => io::Error::other(other),
    };
    Failure::writing("the records", &error)
}
