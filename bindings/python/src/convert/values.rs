//! Metadata, filters and sparse vectors.
//!
//! Reading ends where the engine refuses anyway: deeper levels and further values than its limits are left out,
//! and what is left is still beyond them, so that the engine refuses it in its own words. That is how a list that
//! holds itself comes to an end.

use std::collections::BTreeMap;

use pyo3::exceptions::PyOverflowError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};
use vectlite::limits::{MAX_DEPTH, MAX_FILTER_VALUES, MAX_METADATA_BYTES};
use vectlite::{Metadata, Value};

use super::foreign;
use super::pace::{Making, Pace};
use super::place::Place;
use super::scalars::{number, text, unexpected, utf8};
use crate::error::invalid;
use crate::names::intern;

const EXPECTED: &str = "a str, int, float, bool, None, list, tuple, dict, date, datetime or UUID";

/// Metadata: a dict.
pub(crate) fn metadata(at: Place<'_>, object: &Bound<'_, PyAny>, pace: &mut Pace) -> PyResult<Metadata> {
    let Ok(entries) = object.cast::<PyDict>() else { return Err(unexpected(at, "a dict", object)) };
    // Each value takes a byte at least.
    Tree { pace, left: MAX_METADATA_BYTES + 1, text_counts: true }.map(at, entries, MAX_DEPTH)
}

/// A filter as a value, which the engine parses: a dict.
pub(crate) fn filter(at: Place<'_>, object: &Bound<'_, PyAny>, pace: &mut Pace) -> PyResult<Value> {
    let Ok(entries) = object.cast::<PyDict>() else { return Err(unexpected(at, "a dict", object)) };
    let mut tree = Tree { pace, left: MAX_FILTER_VALUES + 1, text_counts: false };
    tree.map(at, entries, MAX_DEPTH).map(Value::Map)
}

/// A sparse vector: a dict from terms to numbers.
pub(crate) fn terms(
    at: Place<'_>,
    object: &Bound<'_, PyAny>,
    pace: &mut Pace,
) -> PyResult<BTreeMap<String, f32>> {
    let mut terms = BTreeMap::new();
    for (term, weight) in entries(at, object)? {
        let weight = number(at.key(&term), &weight)? as f32;
        terms.insert(term, weight);
        pace.step(object.py())?;
    }
    Ok(terms)
}

/// The entries of a dict with keys of type str, as they are now: other threads may change the dict meanwhile.
pub(crate) fn entries<'py>(
    at: Place<'_>,
    object: &Bound<'py, PyAny>,
) -> PyResult<Vec<(String, Bound<'py, PyAny>)>> {
    let Ok(dict) = object.cast::<PyDict>() else { return Err(unexpected(at, "a dict", object)) };
    let items = dict.items();
    let mut entries = Vec::with_capacity(items.len());
    for item in items.iter() {
        let (key, value) = item.extract::<(Bound<'py, PyAny>, Bound<'py, PyAny>)>()?;
        entries.push((text_of_key(at, &key)?, value));
    }
    Ok(entries)
}

fn text_of_key(at: Place<'_>, key: &Bound<'_, PyAny>) -> PyResult<String> {
    let Ok(string) = key.cast::<PyString>() else { return Err(unexpected(at, "keys of type str", key)) };
    utf8(at, string)
}

/// A tree that is being read.
struct Tree<'p> {
    pace: &'p mut Pace,
    /// What may still be read: values, and bytes of text where these count.
    left: usize,
    text_counts: bool,
}

impl Tree<'_> {
    fn map(&mut self, at: Place<'_>, dict: &Bound<'_, PyDict>, levels: usize) -> PyResult<Metadata> {
        let mut map = Metadata::new();
        if levels == 0 {
            return Ok(map);
        }
        for item in dict.items().iter() {
            if self.left == 0 {
                break;
            }
            let (key, value) = item.extract::<(Bound<'_, PyAny>, Bound<'_, PyAny>)>()?;
            let key = text_of_key(at, &key)?;
            self.read_text(&key);
            let value = self.value(at.key(&key), &value, levels)?;
            map.insert(key, value);
        }
        Ok(map)
    }

    fn list<'py>(
        &mut self,
        at: Place<'_>,
        elements: impl Iterator<Item = Bound<'py, PyAny>>,
        levels: usize,
    ) -> PyResult<Value> {
        let mut list = Vec::new();
        if levels > 0 {
            for (position, element) in elements.enumerate() {
                if self.left == 0 {
                    break;
                }
                list.push(self.value(at.position(position), &element, levels)?);
            }
        }
        Ok(Value::List(list))
    }

    /// A value that stands in a map or list of the lowest of `levels` levels.
    fn value(&mut self, at: Place<'_>, object: &Bound<'_, PyAny>, levels: usize) -> PyResult<Value> {
        self.left = self.left.saturating_sub(1);
        self.pace.step(object.py())?;
        if object.is_none() {
            Ok(Value::Null)
        } else if let Ok(string) = object.cast::<PyString>() {
            let text = utf8(at, string)?;
            self.read_text(&text);
            Ok(Value::String(text))
        } else if let Ok(bool) = object.cast::<PyBool>() {
            Ok(Value::Bool(bool.is_true()))
        } else if object.is_instance_of::<PyInt>() {
            integer(at, object).map(Value::Int)
        } else if let Ok(float) = object.cast::<PyFloat>() {
            Ok(Value::Float(float.value()))
        } else if let Ok(list) = object.cast::<PyList>() {
            self.list(at, list.iter(), levels - 1)
        } else if let Ok(tuple) = object.cast::<PyTuple>() {
            self.list(at, tuple.iter(), levels - 1)
        } else if let Ok(dict) = object.cast::<PyDict>() {
            self.map(at, dict, levels - 1).map(Value::Map)
        } else {
            self.foreign(at, object, levels)
        }
    }

    fn foreign(&mut self, at: Place<'_>, object: &Bound<'_, PyAny>, levels: usize) -> PyResult<Value> {
        let py = object.py();
        if foreign::is_scalar(object)? {
            let item = object.call_method0(intern!(py, "item"))?;
            // Some, such as longdouble, have no counterpart and return themselves.
            if foreign::is_scalar(&item)? {
                return Err(unexpected(at, EXPECTED, object));
            }
            return self.value(at, &item, levels);
        }
        if foreign::is_date(object)? {
            return text(at, &object.call_method0(intern!(py, "isoformat"))?).map(Value::String);
        }
        if foreign::is_uuid(object)? {
            return text(at, object.str()?.as_any()).map(Value::String);
        }
        Err(unexpected(at, EXPECTED, object))
    }

    fn read_text(&mut self, text: &str) {
        if self.text_counts {
            self.left = self.left.saturating_sub(text.len());
        }
    }
}

fn integer(at: Place<'_>, object: &Bound<'_, PyAny>) -> PyResult<i64> {
    object.extract::<i64>().map_err(|error| {
        if error.is_instance_of::<PyOverflowError>(object.py()) {
            let (least, most) = (i64::MIN, i64::MAX);
            let what =
                format!("{at}: expected an int from {least} to {most}, got one beyond; store it as a str");
            return invalid(object.py(), what);
        }
        error
    })
}

/// Metadata as a dict.
pub(crate) fn metadata_out<'py>(
    metadata: &Metadata,
    making: &mut Making<'py>,
) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(making.py());
    for (key, value) in metadata {
        dict.set_item(key, value_out(value, making)?)?;
    }
    Ok(dict)
}

fn value_out<'py>(value: &Value, making: &mut Making<'py>) -> PyResult<Bound<'py, PyAny>> {
    let py = making.py();
    making.step()?;
    Ok(match value {
        Value::Null => py.None().into_bound(py),
        Value::Bool(value) => PyBool::new(py, *value).to_owned().into_any(),
        Value::Int(value) => value.into_pyobject(py)?.into_any(),
        Value::Float(value) => PyFloat::new(py, *value).into_any(),
        Value::String(value) => {
            making.text(value.len());
            PyString::new(py, value).into_any()
        }
        Value::List(values) => {
            let list = PyList::empty(py);
            for value in values {
                list.append(value_out(value, making)?)?;
            }
            list.into_any()
        }
        Value::Map(entries) => metadata_out(entries, making)?.into_any(),
    })
}

/// A sparse vector as a dict.
pub(crate) fn terms_out<'py>(
    terms: &BTreeMap<String, f32>,
    making: &mut Making<'py>,
) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(making.py());
    for (term, weight) in terms {
        dict.set_item(term, f64::from(*weight))?;
        making.step()?;
    }
    Ok(dict)
}
