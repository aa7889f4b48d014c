//! A JSON object a line: the dicts of records as the library takes them and gives them.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{BufRead, BufReader, Read, Write};
use std::marker::PhantomData;

use serde::de::{self, DeserializeSeed, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use vectlite::{Metadata, Record, Value};

use super::allowance::{Allowance, Limited};
use super::columns::{Columns, Part, Rest};
use super::draft::{dict, merge};
use super::{Misfit, Placed, Sink};
use crate::failure::{Failure, Outcome};
use crate::shape::record::RecordLine;

/// Bytes that are read from the operating system at a time.
const BUFFER_BYTES: usize = 128 << 10;
/// What some editors write in front of a text in UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Reads records.
pub(super) struct Reader<R> {
    stream: BufReader<Limited<R>>,
    allowance: Allowance,
    columns: Columns,
    line: u64,
    bytes: Vec<u8>,
    ended: bool,
}

impl<R: Read> Reader<R> {
    pub(super) fn new(stream: R, columns: &Columns) -> Reader<R> {
        let allowance = Allowance::new();
        let stream = BufReader::with_capacity(BUFFER_BYTES, Limited::new(stream, allowance.clone()));
        Reader { stream, allowance, columns: columns.clone(), line: 0, bytes: Vec::new(), ended: false }
    }

    /// The next line that holds something.
    fn next_line(&mut self) -> Result<Option<&[u8]>, Misfit> {
        loop {
            self.allowance.renew();
            self.bytes.clear();
            self.line += 1;
            let read = self.stream.read_until(b'\n', &mut self.bytes);
            if read.map_err(|error| Misfit::at(self.line, format!("could not read: {error}")))? == 0 {
                return Ok(None);
            }
            if self.line == 1 && self.bytes.starts_with(BYTE_ORDER_MARK) {
                self.bytes.drain(..BYTE_ORDER_MARK.len());
            }
            if !self.bytes.trim_ascii().is_empty() {
                return Ok(Some(self.bytes.trim_ascii_end()));
            }
        }
    }

    fn next_record(&mut self) -> Result<Option<Placed>, Misfit> {
        let columns = self.columns.clone();
        let Some(bytes) = self.next_line()? else { return Ok(None) };
        let read = record(bytes, &columns);
        read.map(|record| Some(Placed { line: self.line, record }))
            .map_err(|what| Misfit::at(self.line, what))
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

/// The record of a line.
fn record(line: &[u8], columns: &Columns) -> Result<Record, String> {
    let mut json = serde_json::Deserializer::from_slice(line);
    let read = AsRecord(columns).deserialize(&mut json).and_then(|record| json.end().map(|()| record));
    read.map_err(|error| {
        // There is one line, and its number stands in front.
        let place = format!(" at line {} column {}", error.line(), error.column());
        match error.to_string().strip_suffix(&place) {
            Some(what) => format!("{what} (column {})", error.column()),
            None => error.to_string(),
        }
    })
}

/// Reads a record; which keys there may be is what the columns say.
struct AsRecord<'c>(&'c Columns);

impl<'de> DeserializeSeed<'de> for AsRecord<'_> {
    type Value = Record;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Record, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for AsRecord<'_> {
    type Value = Record;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a record as a JSON object, with at least an id")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Record, A::Error> {
        let mut record = Record::default();
        let mut id = None;
        let mut rest = Metadata::new();
        let mut seen = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            if seen.contains(&key) {
                return Err(de::Error::custom(format!("expected each key once, found {key:?} again")));
            }
            let of_key = |error: A::Error| de::Error::custom(format!("{key}: {error}"));
            match self.0.part(&key) {
                Some(Part::Id) => id = map.next_value::<Option<String>>().map_err(of_key)?,
                Some(Part::Namespace) => {
                    record.namespace =
                        map.next_value::<Option<String>>().map_err(of_key)?.unwrap_or_default();
                }
                Some(Part::Vector) => record.vector = map.next_value().map_err(of_key)?,
                Some(Part::Vectors) => {
                    let vectors = map.next_value::<Option<Unique<Vec<f32>>>>().map_err(of_key)?;
                    record.vectors = vectors.map(|vectors| vectors.0).unwrap_or_default();
                }
                Some(Part::Sparse) => {
                    let terms = map.next_value::<Option<Unique<f32>>>().map_err(of_key)?;
                    record.sparse = terms.map(|terms| terms.0);
                }
                Some(Part::Text) => record.text = map.next_value().map_err(of_key)?,
                Some(Part::Metadata) => {
                    if let Some(value) = map.next_value::<Option<Value>>().map_err(of_key)? {
                        record.metadata = dict(value).map_err(de::Error::custom)?;
                    }
                }
                Some(Part::Ttl) => record.ttl = map.next_value().map_err(of_key)?,
                Some(Part::ExpiresAt) => record.expires_at = map.next_value().map_err(of_key)?,
                Some(Part::EmptyText) | None if self.0.rest == Rest::Metadata => {
                    rest.insert(key.clone(), map.next_value().map_err(of_key)?);
                }
                Some(Part::EmptyText) | None => {
                    return Err(de::Error::custom(format!(
                        "{key}: unknown key of a record; --rest-to-metadata makes it metadata"
                    )));
                }
            }
            seen.push(key);
        }
        record.id =
            id.ok_or_else(|| de::Error::custom(format!("expected a key {:?}, got none", self.0.id)))?;
        merge(&mut record.metadata, rest).map_err(de::Error::custom)?;
        Ok(record)
    }
}

/// A map whose keys come once: of two values one would be lost.
pub(super) struct Unique<V>(pub(super) BTreeMap<String, V>);

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Unique<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Unique<V>, D::Error> {
        struct Entries<V>(PhantomData<V>);

        impl<'de, V: Deserialize<'de>> Visitor<'de> for Entries<V> {
            type Value = Unique<V>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Unique<V>, A::Error> {
                let mut entries = BTreeMap::new();
                while let Some((key, value)) = map.next_entry::<String, V>()? {
                    if entries.contains_key(&key) {
                        return Err(de::Error::custom(format!(
                            "expected each key once, found {key:?} again"
                        )));
                    }
                    entries.insert(key, value);
                }
                Ok(Unique(entries))
            }
        }

        deserializer.deserialize_map(Entries(PhantomData))
    }
}

/// Writes records.
pub(super) struct Writer<W> {
    out: W,
    vectors: bool,
    line: Vec<u8>,
}

impl<W: Write> Writer<W> {
    pub(super) fn new(out: W, vectors: bool) -> Writer<W> {
        Writer { out, vectors, line: Vec::new() }
    }
}

impl<W: Write> Sink for Writer<W> {
    fn write(&mut self, record: &Record) -> Outcome {
        self.line.clear();
        serde_json::to_writer(&mut self.line, &RecordLine::of(record, self.vectors))
            .map_err(|error| Failure::because(format!("record {:?}: {error}", record.id)))?;
        self.line.push(b'\n');
        self.out.write_all(&self.line).map_err(|error| Failure::writing("the records", &error))
    }

    fn finish(mut self: Box<Self>) -> Outcome {
        self.out.flush().map_err(|error| Failure::writing("the records", &error))
    }
}
