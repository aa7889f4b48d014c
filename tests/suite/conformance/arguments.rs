//! The arguments of a call, taken one by one; what nobody takes has been misspelt.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};
use vectlite::{Filter, Metadata, Record, Value};

use super::run::Stop;
use super::special;

/// What is left of the arguments of a call.
pub(super) struct Arguments(Map<String, Json>);

impl Arguments {
    pub(super) fn new(given: &Map<String, Json>) -> Arguments {
        // `null` is what is not given, but it must have a name that somebody knows: it stays until it is taken.
        Arguments(given.clone())
    }

    /// That every argument was taken.
    pub(super) fn done(&self) -> Result<(), String> {
        match self.0.keys().next() {
            None => Ok(()),
            Some(name) => Err(format!("the case gives an argument {name:?} that the call does not have")),
        }
    }

    pub(super) fn take(&mut self, name: &str) -> Option<Json> {
        self.0.remove(name).filter(|json| !json.is_null())
    }

    fn read<T>(
        &mut self,
        name: &str,
        read: impl Fn(&Json) -> Result<T, String>,
    ) -> Result<Option<T>, String> {
        self.take(name).map(|json| read(&json)).transpose().map_err(|error| format!("{name}: {error}"))
    }

    fn need<T>(&mut self, name: &str, read: impl Fn(&Json) -> Result<T, String>) -> Result<T, String> {
        self.read(name, read)?.ok_or_else(|| format!("the case does not give the argument {name:?}"))
    }

    pub(super) fn string(&mut self, name: &str) -> Result<Option<String>, String> {
        self.read(name, special::string)
    }

    pub(super) fn needed_string(&mut self, name: &str) -> Result<String, String> {
        self.need(name, special::string)
    }

    pub(super) fn strings(&mut self, name: &str) -> Result<Option<Vec<String>>, String> {
        self.read(name, |json| list(json)?.iter().map(special::string).collect())
    }

    pub(super) fn needed_strings(&mut self, name: &str) -> Result<Vec<String>, String> {
        self.strings(name)?.ok_or_else(|| format!("the case does not give the argument {name:?}"))
    }

    pub(super) fn float(&mut self, name: &str) -> Result<Option<f64>, String> {
        self.read(name, special::float)
    }

    pub(super) fn needed_bytes(&mut self, name: &str) -> Result<Vec<u8>, String> {
        self.need(name, special::bytes)
    }

    pub(super) fn needed_float(&mut self, name: &str) -> Result<f64, String> {
        self.need(name, special::float)
    }

    pub(super) fn count(&mut self, name: &str) -> Result<Option<usize>, String> {
        self.read(name, |json| usize::try_from(special::int(json)?).map_err(|error| error.to_string()))
    }

    /// A count for which `null` is a value of its own.
    pub(super) fn count_or_null(&mut self, name: &str) -> Result<Option<Option<usize>>, String> {
        let is_given = self.0.contains_key(name);
        let count = self.count(name)?;
        Ok(is_given.then_some(count))
    }

    pub(super) fn flag(&mut self, name: &str) -> Result<Option<bool>, String> {
        self.read(name, |json| json.as_bool().ok_or_else(|| format!("{json}: expected true or false")))
    }

    pub(super) fn vector(&mut self, name: &str) -> Result<Option<Vec<f32>>, String> {
        self.read(name, vector)
    }

    pub(super) fn needed_vectors(&mut self, name: &str) -> Result<Vec<Vec<f32>>, String> {
        self.need(name, |json| list(json)?.iter().map(vector).collect())
    }

    /// Vectors by the names of their spaces.
    pub(super) fn vectors(&mut self, name: &str) -> Result<Option<BTreeMap<String, Vec<f32>>>, String> {
        self.read(name, |json| {
            entries(json)?.iter().map(|(space, numbers)| Ok((space.clone(), vector(numbers)?))).collect()
        })
    }

    /// Numbers by the names of what they are for.
    pub(super) fn factors(&mut self, name: &str) -> Result<Option<BTreeMap<String, f64>>, String> {
        self.read(name, |json| {
            entries(json)?.iter().map(|(what, factor)| Ok((what.clone(), special::float(factor)?))).collect()
        })
    }

    pub(super) fn weights(&mut self, name: &str) -> Result<Option<BTreeMap<String, f32>>, String> {
        self.read(name, weights)
    }

    pub(super) fn metadata(&mut self, name: &str) -> Result<Option<Metadata>, String> {
        self.read(name, metadata)
    }

    pub(super) fn filter(&mut self, name: &str) -> Result<Option<Filter>, Stop> {
        match self.read(name, special::value)? {
            Some(value) => Ok(Some(Filter::parse(&value)?)),
            None => Ok(None),
        }
    }

    /// A record whose fields are the arguments themselves, as of `upsert`.
    pub(super) fn record(&mut self) -> Result<Record, String> {
        let mut record = Record::new(self.needed_string("id")?);
        record.namespace = self.string("namespace")?.unwrap_or_default();
        record.vector = self.vector("vector")?;
        record.metadata = self.metadata("metadata")?.unwrap_or_default();
        record.sparse = self.weights("sparse")?;
        record.text = self.string("text")?;
        record.ttl = self.float("ttl")?;
        record.vectors = self.vectors("vectors")?.unwrap_or_default();
        Ok(record)
    }

    /// A list of records; those without a namespace of their own are in the one of the call.
    pub(super) fn records(&mut self) -> Result<Vec<Record>, String> {
        let default = self.string("namespace")?;
        let records = self.take("records").ok_or("the case does not give the argument \"records\"")?;
        let mut all = Vec::new();
        for json in list(&records)? {
            let mut fields = Arguments(entries(json)?.clone());
            let own = fields.0.get("namespace").is_some_and(|namespace| !namespace.is_null());
            let mut record = fields.record()?;
            fields.done()?;
            if let Some(default) = default.as_ref().filter(|_| !own) {
                record.namespace.clone_from(default);
            }
            all.push(record);
        }
        Ok(all)
    }

    /// The columns of `bulk_ingest_array` as records.
    pub(super) fn columns(&mut self) -> Result<Vec<Record>, String> {
        let namespace = self.string("namespace")?.unwrap_or_default();
        let ids = self.needed_strings("ids")?;
        let vectors = self.needed_vectors("vectors")?;
        let metadata = self.read("metadata", |json| {
            list(json)?.iter().map(metadata_or_none).collect::<Result<Vec<_>, _>>()
        })?;
        let rows = metadata.unwrap_or_else(|| vec![Metadata::new(); ids.len()]);
        if ids.len() != vectors.len() || ids.len() != rows.len() {
            return Err("Rust has no columns, so their lengths cannot differ".to_owned());
        }
        let columns = ids.into_iter().zip(vectors).zip(rows);
        Ok(columns
            .map(|((id, vector), metadata)| {
                let mut record = Record::new(id).namespace(namespace.clone()).vector(vector);
                record.metadata = metadata;
                record
            })
            .collect())
    }
}

fn list(json: &Json) -> Result<&Vec<Json>, String> {
    json.as_array().ok_or_else(|| format!("{json}: expected a list"))
}

fn entries(json: &Json) -> Result<&Map<String, Json>, String> {
    json.as_object().ok_or_else(|| format!("{json}: expected an object"))
}

/// Numbers in single precision, each the nearest one.
fn vector(json: &Json) -> Result<Vec<f32>, String> {
    list(json)?.iter().map(|number| special::float(number).map(|number| number as f32)).collect()
}

fn weights(json: &Json) -> Result<BTreeMap<String, f32>, String> {
    entries(json)?.iter().map(|(term, weight)| Ok((term.clone(), special::float(weight)? as f32))).collect()
}

fn metadata(json: &Json) -> Result<Metadata, String> {
    match special::value(json)? {
        Value::Map(entries) => Ok(entries),
        other => Err(format!("{other:?}: expected an object")),
    }
}

fn metadata_or_none(json: &Json) -> Result<Metadata, String> {
    if json.is_null() { Ok(Metadata::new()) } else { metadata(json) }
}
