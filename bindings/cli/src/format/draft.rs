//! A record that is put together from the cells of a row.

use serde::de::DeserializeOwned;
use vectlite::{Metadata, Record, Value};

use super::columns::Part;
use super::jsonl::Unique;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Draft {
    record: Record,
    has_id: bool,
    /// Of columns that are no part of a record.
    rest: Metadata,
}

impl Draft {
    /// A part that was given as text, of a cell or of a column of strings: what is no string itself is JSON.
    pub(super) fn text(&mut self, part: Part, text: &str) -> Result<(), String> {
        let record = &mut self.record;
        match part {
            Part::Id => {
                self.has_id = true;
                record.id = text.to_owned();
            }
            Part::Namespace => record.namespace = text.to_owned(),
            Part::Text => record.text = Some(text.to_owned()),
            Part::EmptyText => {
                if json::<bool>("empty_text: expected true or nothing", text)? {
                    record.text.get_or_insert_default();
                }
            }
            Part::Vector => record.vector = Some(json("vector: expected a list of numbers as JSON", text)?),
            Part::Vectors => {
                record.vectors =
                    json::<Unique<_>>("vectors: expected lists of numbers by name as JSON", text)?.0;
            }
            Part::Sparse => {
                record.sparse = Some(json::<Unique<_>>("sparse: expected weights of terms as JSON", text)?.0);
            }
            Part::Metadata => record.metadata = dict(json("metadata: expected a dict as JSON", text)?)?,
            Part::Ttl => record.ttl = Some(json("ttl: expected seconds", text)?),
            Part::ExpiresAt => {
                record.expires_at = Some(json("expires_at: expected seconds since 1970", text)?)
            }
        }
        Ok(())
    }

    /// The vector.
    #[cfg(feature = "parquet")]
    pub(super) fn vector(&mut self, vector: Vec<f32>) {
        self.record.vector = Some(vector);
    }

    /// A part that came as a typed value.
    #[cfg(feature = "parquet")]
    pub(super) fn value(&mut self, part: Part, value: Value) -> Result<(), String> {
        match (part, value) {
            (_, Value::String(text)) => self.text(part, &text),
            (Part::Id, Value::Int(id)) => self.text(part, &id.to_string()),
            (Part::Metadata, value @ Value::Map(_)) => {
                self.record.metadata = dict(value)?;
                Ok(())
            }
            // What can be said in JSON is read from there.
            (Part::Vectors | Part::Sparse | Part::Ttl | Part::ExpiresAt, value) => {
                let json = serde_json::to_string(&value).map_err(|error| error.to_string())?;
                self.text(part, &json)
            }
            (part, value) => Err(format!("{part:?}: expected a string, got {value:?}").to_lowercase()),
        }
    }

    /// A value of a column that is no part of a record.
    pub(super) fn rest(&mut self, name: &str, value: Value) {
        self.rest.insert(name.to_owned(), value);
    }

    pub(super) fn finish(mut self) -> Result<Record, String> {
        if !self.has_id {
            return Err("id: expected one, got an empty cell".to_owned());
        }
        merge(&mut self.record.metadata, self.rest)?;
        Ok(self.record)
    }
}

/// Adds what stood beside the metadata to it.
pub(super) fn merge(metadata: &mut Metadata, rest: Metadata) -> Result<(), String> {
    for (key, value) in rest {
        if metadata.contains_key(&key) {
            return Err(format!("{key:?} stands in metadata and beside it; expected it once"));
        }
        metadata.insert(key, value);
    }
    Ok(())
}

/// A value as metadata.
pub(super) fn dict(value: Value) -> Result<Metadata, String> {
    match value {
        Value::Map(metadata) => Ok(metadata),
        _ => Err("metadata: expected a dict with string keys".to_owned()),
    }
}

fn json<T: DeserializeOwned>(expected: &str, text: &str) -> Result<T, String> {
    serde_json::from_str(text).map_err(|error| format!("{expected}, got {error}"))
}
