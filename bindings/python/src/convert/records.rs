//! Records: from arguments and dicts, and back into dicts.

use std::collections::BTreeMap;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyIterator, PyList};
use vectlite::Record;

use super::pace::{Making, Pace, free};
use super::place::Place;
use super::scalars::{iterate, number, optional_text, text, unexpected};
use super::values::{entries, metadata, metadata_out, terms, terms_out};
use super::vectors::{vector, vector_out};
use crate::error::invalid;
use crate::names::intern;

/// The keys of a record, as a message lists them.
const KEYS: &str = "id, vector, metadata, sparse, vectors, namespace, ttl, text, expires_at";

/// The parts of a record as they were given: by the arguments of a call, or under the keys of a dict.
#[derive(Default)]
pub(crate) struct Parts<'py> {
    pub(crate) id: Option<Bound<'py, PyAny>>,
    pub(crate) vector: Option<Bound<'py, PyAny>>,
    pub(crate) metadata: Option<Bound<'py, PyAny>>,
    pub(crate) namespace: Option<Bound<'py, PyAny>>,
    pub(crate) sparse: Option<Bound<'py, PyAny>>,
    pub(crate) vectors: Option<Bound<'py, PyAny>>,
    pub(crate) ttl: Option<Bound<'py, PyAny>>,
    pub(crate) text: Option<Bound<'py, PyAny>>,
    /// In dicts only, so that a record that was read can be written again.
    pub(crate) expires_at: Option<Bound<'py, PyAny>>,
}

impl<'py> Parts<'py> {
    /// The part under a key of a record's dict; none when there is no such part.
    fn part(&mut self, key: &str) -> Option<&mut Option<Bound<'py, PyAny>>> {
        Some(match key {
            "id" => &mut self.id,
            "vector" => &mut self.vector,
            "metadata" => &mut self.metadata,
            "namespace" => &mut self.namespace,
            "sparse" => &mut self.sparse,
            "vectors" => &mut self.vectors,
            "ttl" => &mut self.ttl,
            "text" => &mut self.text,
            "expires_at" => &mut self.expires_at,
            _ => return None,
        })
    }

    /// The record; `at` is where its dict stands, nowhere when the parts were arguments.
    pub(crate) fn record(self, py: Python<'py>, at: Option<Place<'_>>, pace: &mut Pace) -> PyResult<Record> {
        let place = |name| at.as_ref().map_or(Place::Argument(name), |at| at.key(name));
        let Some(id) = self.id else {
            return Err(invalid(py, format!("{}: expected a str, got nothing", place("id"))));
        };
        let mut record = Record::new(text(place("id"), &id)?);
        if let Some(given) = self.vector {
            record.vector = Some(vector(place("vector"), &given, pace)?);
        }
        if let Some(given) = self.metadata {
            record.metadata = metadata(place("metadata"), &given, pace)?;
        }
        if let Some(given) = self.namespace {
            record.namespace = text(place("namespace"), &given)?;
        }
        if let Some(given) = self.sparse {
            record.sparse = Some(terms(place("sparse"), &given, pace)?);
        }
        if let Some(given) = self.vectors {
            record.vectors = spaces(place("vectors"), &given, pace)?;
        }
        record.ttl = self.ttl.map(|given| number(place("ttl"), &given)).transpose()?;
        record.text = optional_text(place("text"), self.text.as_ref())?;
        record.expires_at = self.expires_at.map(|given| number(place("expires_at"), &given)).transpose()?;
        Ok(record)
    }
}

/// Vectors by the names of their spaces: a dict.
pub(crate) fn spaces(
    at: Place<'_>,
    object: &Bound<'_, PyAny>,
    pace: &mut Pace,
) -> PyResult<BTreeMap<String, Vec<f32>>> {
    let given = entries(at, object)?.into_iter();
    given.map(|(space, value)| Ok((space.clone(), vector(at.key(&space), &value, pace)?))).collect()
}

/// A record from a dict; `namespace` is for one that does not say.
pub(crate) fn record(
    at: Place<'_>,
    object: &Bound<'_, PyAny>,
    namespace: Option<&str>,
    pace: &mut Pace,
) -> PyResult<Record> {
    let py = object.py();
    let Ok(dict) = object.cast::<PyDict>() else { return Err(unexpected(at, "a dict", object)) };
    let mut parts = Parts::default();
    for (key, value) in entries(at, dict)? {
        let Some(part) = parts.part(&key) else {
            let place = at.key(&key);
            return Err(invalid(py, format!("{place}: unknown key of a record, expected {KEYS}")));
        };
        *part = Some(value).filter(|value| !value.is_none());
    }
    let has_namespace = parts.namespace.is_some();
    let mut record = parts.record(py, Some(at), pace)?;
    if let Some(namespace) = namespace.filter(|_| !has_namespace) {
        namespace.clone_into(&mut record.namespace);
    }
    Ok(record)
}

/// The iterator of an argument that holds many records.
pub(crate) fn iterate_records<'py>(
    at: Place<'_>,
    records: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyIterator>> {
    let expected = "an iterable of dicts";
    if records.is_instance_of::<PyDict>() {
        return Err(unexpected(at, expected, records));
    }
    iterate(at, expected, records)
}

/// All records of an argument.
pub(crate) fn records(
    records: &Bound<'_, PyAny>,
    namespace: Option<&str>,
    pace: &mut Pace,
) -> PyResult<Vec<Record>> {
    let at = Place::Argument("records");
    let mut read = Vec::new();
    for item in iterate_records(at, records)? {
        let place = at.position(read.len());
        match item.and_then(|item| record(place, &item, namespace, pace)) {
            Ok(record) => read.push(record),
            Err(error) => {
                free(records.py(), read);
                return Err(error);
            }
        }
        pace.step(records.py())?;
    }
    Ok(read)
}

/// A record as a dict.
pub(crate) fn record_out<'py>(record: Record, making: &mut Making<'py>) -> PyResult<Bound<'py, PyDict>> {
    let py = making.py();
    let dict = PyDict::new(py);
    dict.set_item(intern!(py, "namespace"), record.namespace)?;
    dict.set_item(intern!(py, "id"), record.id)?;
    let vector = record.vector.map(|vector| vector_out(&vector, making)).transpose()?;
    dict.set_item(intern!(py, "vector"), vector)?;
    let vectors = PyDict::new(py);
    for (space, vector) in record.vectors {
        vectors.set_item(space, vector_out(&vector, making)?)?;
    }
    dict.set_item(intern!(py, "vectors"), vectors)?;
    let sparse = record.sparse.map(|terms| terms_out(&terms, making)).transpose()?;
    dict.set_item(intern!(py, "sparse"), sparse)?;
    dict.set_item(intern!(py, "metadata"), metadata_out(&record.metadata, making)?)?;
    dict.set_item(intern!(py, "expires_at"), record.expires_at)?;
    if let Some(text) = record.text {
        making.text(text.len());
        dict.set_item(intern!(py, "text"), text)?;
    }
    making.step()?;
    Ok(dict)
}

/// Records as a list of dicts.
pub(crate) fn records_out<'py>(
    records: Vec<Record>,
    making: &mut Making<'py>,
) -> PyResult<Bound<'py, PyList>> {
    let list = PyList::empty(making.py());
    for record in records {
        list.append(record_out(record, making)?)?;
    }
    Ok(list)
}
