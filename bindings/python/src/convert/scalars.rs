//! Strings, bytes, numbers, booleans, paths.

use std::ffi::OsString;
use std::path::PathBuf;

use pyo3::exceptions::{PyOverflowError, PyTypeError, PyUnicodeEncodeError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyByteArray, PyBytes, PyFloat, PyInt, PyIterator, PyMemoryView, PyString};

use super::pace::{Pace, free};
use super::place::Place;
use crate::error::invalid;
use crate::names::intern;

/// The `TypeError` of an argument: where, what was expected, what came.
pub(crate) fn unexpected(at: Place<'_>, expected: &str, found: &Bound<'_, PyAny>) -> PyErr {
    let name = found.get_type().name().map_or_else(|_| "another type".to_owned(), |name| name.to_string());
    PyTypeError::new_err(format!("{at}: expected {expected}, got {name}"))
}

/// A string.
pub(crate) fn text(at: Place<'_>, value: &Bound<'_, PyAny>) -> PyResult<String> {
    let Ok(string) = value.cast::<PyString>() else { return Err(unexpected(at, "a str", value)) };
    utf8(at, string)
}

/// A string as UTF-8, which lone surrogates have no place in.
pub(crate) fn utf8(at: Place<'_>, string: &Bound<'_, PyString>) -> PyResult<String> {
    string.to_cow().map(|text| text.into_owned()).map_err(|error| surrogates(at, string.py(), error))
}

fn surrogates(at: Place<'_>, py: Python<'_>, error: PyErr) -> PyErr {
    if error.is_instance_of::<PyUnicodeEncodeError>(py) {
        return invalid(
            py,
            format!("{at}: expected valid Unicode, got a str with a lone surrogate ({error})"),
        );
    }
    error
}

/// A string, or nothing.
pub(crate) fn optional_text(at: Place<'_>, value: Option<&Bound<'_, PyAny>>) -> PyResult<Option<String>> {
    value.map(|value| text(at, value)).transpose()
}

/// Several strings: any iterable of them but a string itself.
pub(crate) fn texts(at: Place<'_>, values: &Bound<'_, PyAny>, pace: &mut Pace) -> PyResult<Vec<String>> {
    let mut read = Vec::new();
    for value in iterate(at, "an iterable of str", values)? {
        let place = at.position(read.len());
        match value.and_then(|value| text(place, &value)) {
            Ok(text) => read.push(text),
            Err(error) => {
                free(values.py(), read);
                return Err(error);
            }
        }
        pace.step(values.py())?;
    }
    Ok(read)
}

/// The elements of an iterable; strings and bytes, whose elements nobody means, are none.
pub(crate) fn iterate<'py>(
    at: Place<'_>,
    expected: &str,
    values: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyIterator>> {
    let py = values.py();
    let is_text = values.is_instance_of::<PyString>() || values.is_instance_of::<PyBytes>();
    if is_text || !values.hasattr(intern!(py, "__iter__"))? && !values.hasattr(intern!(py, "__getitem__"))? {
        return Err(unexpected(at, expected, values));
    }
    values.try_iter()
}

/// Bytes that mean nothing here.
pub(crate) fn bytes(at: Place<'_>, value: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    if let Ok(bytes) = value.cast::<PyBytes>() {
        return Ok(bytes.as_bytes().to_vec());
    }
    if value.is_instance_of::<PyByteArray>() || value.is_instance_of::<PyMemoryView>() {
        // What they show may be changed meanwhile by other threads: this makes a copy of one moment.
        let copy = value.py().get_type::<PyBytes>().call1((value,))?;
        return copy.extract::<Vec<u8>>();
    }
    Err(unexpected(at, "bytes, a bytearray or a memoryview", value))
}

/// A table and a key of the application's own.
pub(crate) fn kv_place(table: &Bound<'_, PyAny>, key: &Bound<'_, PyAny>) -> PyResult<(String, String)> {
    Ok((text(Place::Argument("table"), table)?, text(Place::Argument("key"), key)?))
}

/// A boolean, and nothing that is only true or false by convention.
pub(crate) fn flag(at: Place<'_>, value: &Bound<'_, PyAny>) -> PyResult<bool> {
    value.extract::<bool>().map_err(|_| unexpected(at, "a bool", value))
}

/// A whole number from 0.
pub(crate) fn count(at: Place<'_>, value: &Bound<'_, PyAny>) -> PyResult<usize> {
    let py = value.py();
    if value.is_instance_of::<PyBool>() || !value.hasattr(intern!(py, "__index__"))? {
        return Err(unexpected(at, "an int", value));
    }
    value.extract::<usize>().map_err(|error| {
        if error.is_instance_of::<PyOverflowError>(py) {
            return invalid(
                py,
                format!("{at}: expected an int from 0 to {}, got {}", usize::MAX, shown(value)),
            );
        }
        error
    })
}

/// A number, as a float.
pub(crate) fn number(at: Place<'_>, value: &Bound<'_, PyAny>) -> PyResult<f64> {
    if let Ok(float) = value.cast::<PyFloat>() {
        return Ok(float.value());
    }
    let py = value.py();
    // Vectors of ints come here; the questions below cost more than the answer.
    let is_number = value.is_exact_instance_of::<PyInt>()
        || value.hasattr(intern!(py, "__float__"))?
        || value.hasattr(intern!(py, "__index__"))?;
    if value.is_instance_of::<PyBool>() || !is_number {
        return Err(unexpected(at, "a number", value));
    }
    value.extract::<f64>().map_err(|error| {
        if error.is_instance_of::<PyOverflowError>(py) {
            return invalid(py, format!("{at}: expected a number that a float can hold, got a larger int"));
        }
        error
    })
}

/// An int for a message: one with thousands of digits cannot be printed, and should not be.
fn shown(value: &Bound<'_, PyAny>) -> String {
    match value.extract::<i128>() {
        Ok(int) => int.to_string(),
        Err(_) => "one of more digits".to_owned(),
    }
}

/// A path: a string or an `os.PathLike`.
pub(crate) fn path(at: Place<'_>, value: &Bound<'_, PyAny>) -> PyResult<PathBuf> {
    let py = value.py();
    let is_path = value.is_instance_of::<PyString>() || value.hasattr(intern!(py, "__fspath__"))?;
    if !is_path {
        return Err(unexpected(at, "a str or an os.PathLike", value));
    }
    let name = py.import(intern!(py, "os"))?.call_method1(intern!(py, "fspath"), (value,))?;
    if !name.is_instance_of::<PyString>() {
        return Err(unexpected(at, "a path of str", &name));
    }
    name.extract::<OsString>().map(PathBuf::from).map_err(|error| surrogates(at, py, error))
}
