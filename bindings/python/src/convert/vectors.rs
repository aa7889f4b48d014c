//! One vector: a sequence of numbers, a buffer, an array of numpy.

use numpy::{PyArray1, PyArrayMethods, PyUntypedArray, PyUntypedArrayMethods};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyDict, PyFloat, PyList, PyMemoryView, PyString, PyTuple};
use vectlite::limits::MAX_DIMENSION;

use super::foreign;
use super::pace::{Making, Pace};
use super::place::Place;
use super::scalars::{number, unexpected};
use crate::error::invalid;
use crate::names::intern;

const EXPECTED: &str = "a sequence of numbers, a buffer of numbers or a numpy array";

/// A vector of 32-bit floats.
pub(crate) fn vector(at: Place<'_>, object: &Bound<'_, PyAny>, pace: &mut Pace) -> PyResult<Vec<f32>> {
    if let Ok(list) = object.cast::<PyList>() {
        return elements(at, &list.to_tuple(), pace);
    }
    if let Ok(tuple) = object.cast::<PyTuple>() {
        return elements(at, tuple, pace);
    }
    if foreign::is_array(object)? {
        return array(at, object, pace);
    }
    if is_text(object) {
        return Err(unexpected(at, EXPECTED, object));
    }
    if let Ok(view) = PyMemoryView::from(object) {
        return buffer(at, &view, pace);
    }
    let py = object.py();
    if object.hasattr(intern!(py, "__array__"))? {
        let made = object.call_method0(intern!(py, "__array__"))?;
        if foreign::is_array(&made)? {
            return array(at, &made, pace);
        }
    }
    if !is_sequence(object)? {
        return Err(unexpected(at, EXPECTED, object));
    }
    // A sequence may compute its elements and have no end: one more than any vector has is enough for a refusal.
    numbers(at, object.try_iter()?.take(MAX_DIMENSION + 1), 0, pace)
}

fn is_text(object: &Bound<'_, PyAny>) -> bool {
    object.is_instance_of::<PyString>()
        || object.is_instance_of::<PyBytes>()
        || object.is_instance_of::<PyByteArray>()
}

/// Whether this has a length and elements by position, and is no mapping.
pub(crate) fn is_sequence(object: &Bound<'_, PyAny>) -> PyResult<bool> {
    let py = object.py();
    Ok(!is_text(object)
        && !object.is_instance_of::<PyDict>()
        && object.hasattr(intern!(py, "__len__"))?
        && object.hasattr(intern!(py, "__getitem__"))?
        && !object.hasattr(intern!(py, "keys"))?)
}

/// The numbers of a tuple. Floats, which are nearly all that comes, are looked at where they are: a tuple keeps them alive, so
/// no reference is counted, which takes a third of the time that a list takes.
fn elements(at: Place<'_>, tuple: &Bound<'_, PyTuple>, pace: &mut Pace) -> PyResult<Vec<f32>> {
    let mut vector = Vec::with_capacity(tuple.len());
    let floats = tuple.iter_borrowed().take(MAX_DIMENSION);
    vector
        .extend(floats.map_while(|element| element.cast::<PyFloat>().ok().map(|float| float.value() as f32)));
    pace.count(vector.len());
    for position in vector.len()..tuple.len() {
        let element = tuple.get_borrowed_item(position)?;
        vector.push(number(at.position(position), &element)? as f32);
        pace.step(tuple.py())?;
    }
    Ok(vector)
}

fn numbers<'py>(
    at: Place<'_>,
    elements: impl Iterator<Item = PyResult<Bound<'py, PyAny>>>,
    len: usize,
    pace: &mut Pace,
) -> PyResult<Vec<f32>> {
    let mut vector = Vec::with_capacity(len);
    for (position, element) in elements.enumerate() {
        let element = element?;
        vector.push(number(at.position(position), &element)? as f32);
        pace.step(element.py())?;
    }
    Ok(vector)
}

/// An array of one dimension. Contiguous 32-bit and 64-bit floats are read where they are; numpy converts the rest.
fn array(at: Place<'_>, object: &Bound<'_, PyAny>, pace: &mut Pace) -> PyResult<Vec<f32>> {
    let untyped = object.cast::<PyUntypedArray>()?;
    if untyped.ndim() != 1 {
        let shape = untyped.shape();
        return Err(invalid(
            object.py(),
            format!("{at}: expected an array of one dimension, got one of shape {shape:?}"),
        ));
    }
    if let Ok(floats) = object.cast::<PyArray1<f32>>()
        && let Ok(floats) = floats.try_readonly()
        && let Ok(floats) = floats.as_slice()
    {
        return Ok(floats.to_vec());
    }
    if let Ok(floats) = object.cast::<PyArray1<f64>>()
        && let Ok(floats) = floats.try_readonly()
        && let Ok(floats) = floats.as_slice()
    {
        return Ok(floats.iter().map(|number| *number as f32).collect());
    }
    if kind(object)? == "O" {
        return numbers(at, object.try_iter()?, untyped.len(), pace);
    }
    check_kind(at, object)?;
    let converted = as_floats(object)?;
    let converted = converted.cast::<PyArray1<f32>>()?.try_readonly()?;
    Ok(converted.as_slice()?.to_vec())
}

fn kind(array: &Bound<'_, PyAny>) -> PyResult<String> {
    array.getattr(intern!(array.py(), "dtype"))?.getattr(intern!(array.py(), "kind"))?.extract()
}

/// Refuses arrays of anything but floats and ints.
pub(crate) fn check_kind(at: Place<'_>, array: &Bound<'_, PyAny>) -> PyResult<()> {
    if ["f", "i", "u"].contains(&kind(array)?.as_str()) {
        return Ok(());
    }
    let dtype = array.getattr(intern!(array.py(), "dtype"))?;
    Err(PyTypeError::new_err(format!("{at}: expected an array of floats or ints, got one of {dtype}")))
}

/// The array as contiguous 32-bit floats, converted by numpy.
pub(crate) fn as_floats<'py>(array: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    array.call_method1(intern!(array.py(), "astype"), ("float32", "C"))
}

/// A buffer of one dimension. 32-bit and 64-bit floats are read from its bytes; Python unpacks the rest.
fn buffer(at: Place<'_>, view: &Bound<'_, PyMemoryView>, pace: &mut Pace) -> PyResult<Vec<f32>> {
    let py = view.py();
    let dimensions: usize = view.getattr(intern!(py, "ndim"))?.extract()?;
    if dimensions != 1 {
        return Err(invalid(
            py,
            format!("{at}: expected a buffer of one dimension, got one of {dimensions} dimensions"),
        ));
    }
    let format: String = view.getattr(intern!(py, "format"))?.extract()?;
    let native = match format.strip_prefix(['@', '=']) {
        Some(native) => native,
        None if cfg!(target_endian = "little") => format.strip_prefix('<').unwrap_or(&format),
        None => &format,
    };
    if matches!(native, "f" | "d") {
        let bytes = view.call_method0(intern!(py, "tobytes"))?;
        let bytes = bytes.cast::<PyBytes>()?.as_bytes();
        return Ok(if native == "f" {
            bytes.as_chunks().0.iter().map(|number| f32::from_ne_bytes(*number)).collect()
        } else {
            bytes.as_chunks().0.iter().map(|number| f64::from_ne_bytes(*number) as f32).collect()
        });
    }
    let unpacked = view.call_method0(intern!(py, "tolist")).map_err(|_| {
        PyTypeError::new_err(format!("{at}: expected a buffer of numbers, got one of format {format:?}"))
    })?;
    let unpacked = unpacked.cast::<PyList>()?;
    numbers(at, unpacked.iter().map(Ok), unpacked.len(), pace)
}

/// What vectors come back as.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum VectorsAs {
    #[default]
    Lists,
    Arrays,
}

impl VectorsAs {
    pub(crate) fn named(py: Python<'_>, name: &str) -> PyResult<VectorsAs> {
        match name {
            "list" => Ok(VectorsAs::Lists),
            "numpy" => {
                py.import("numpy").map_err(|error| {
                    let what = format!(
                        "vectors_as: \"numpy\" needs numpy, which cannot be imported ({error}); install vectlite[numpy]"
                    );
                    invalid(py, what)
                })?;
                // Looks up what making arrays takes, now: done at the first array, a fork beside it would leave a child that waits.
                drop(PyArray1::<f32>::zeros(py, 0, false));
                Ok(VectorsAs::Arrays)
            }
            other => Err(invalid(py, format!("vectors_as: expected \"list\" or \"numpy\", got {other:?}"))),
        }
    }
}

/// A vector as a list of floats, or as an array of float32.
pub(crate) fn vector_out<'py>(vector: &[f32], making: &mut Making<'py>) -> PyResult<Bound<'py, PyAny>> {
    let py = making.py();
    match making.vectors_as {
        VectorsAs::Lists => {
            making.numbers(vector.len());
            Ok(PyList::new(py, vector.iter().map(|number| f64::from(*number)))?.into_any())
        }
        VectorsAs::Arrays => Ok(PyArray1::from_slice(py, vector).into_any()),
    }
}
