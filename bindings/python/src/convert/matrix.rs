//! Many vectors in one argument: a two-dimensional array, or a sequence of vectors.

use numpy::{PyArray2, PyArrayMethods, PyReadonlyArray2, PyUntypedArray, PyUntypedArrayMethods};
use pyo3::prelude::*;
use pyo3::types::PyMemoryView;

use super::foreign;
use super::pace::{Pace, free};
use super::place::Place;
use super::scalars::unexpected;
use super::vectors::{check_kind, is_sequence, vector};
use crate::error::invalid;
use crate::names::intern;

/// Many vectors, read row by row.
pub(crate) enum Matrix<'py> {
    /// Contiguous 32-bit floats, read where they are: the array, its rows, its columns.
    Floats(PyReadonlyArray2<'py, f32>, usize, usize),
    /// Everything else that has a length and rows by position.
    Rows(Bound<'py, PyAny>),
}

impl<'py> Matrix<'py> {
    pub(crate) fn new(at: Place<'_>, object: &Bound<'py, PyAny>) -> PyResult<Matrix<'py>> {
        let py = object.py();
        if foreign::is_array(object)? {
            return Matrix::of_array(at, object);
        }
        if let Ok(view) = PyMemoryView::from(object)
            && view.getattr(intern!(py, "ndim"))?.extract::<usize>()? == 2
        {
            return Ok(Matrix::Rows(view.call_method0(intern!(py, "tolist"))?));
        }
        if object.hasattr(intern!(py, "__array__"))? {
            let made = object.call_method0(intern!(py, "__array__"))?;
            if foreign::is_array(&made)? {
                return Matrix::of_array(at, &made);
            }
        }
        if is_sequence(object)? {
            return Ok(Matrix::Rows(object.clone()));
        }
        Err(unexpected(at, "a two-dimensional array or a sequence of vectors", object))
    }

    fn of_array(at: Place<'_>, object: &Bound<'py, PyAny>) -> PyResult<Matrix<'py>> {
        let shape = object.cast::<PyUntypedArray>()?.shape().to_vec();
        let [rows, columns] = shape[..] else {
            return Err(invalid(
                object.py(),
                format!("{at}: expected an array of two dimensions, got one of shape {shape:?}"),
            ));
        };
        if let Ok(floats) = object.cast::<PyArray2<f32>>()
            && let Ok(floats) = floats.try_readonly()
            && floats.as_slice().is_ok()
            && floats.is_c_contiguous()
        {
            return Ok(Matrix::Floats(floats, rows, columns));
        }
        check_kind(at, object)?;
        Ok(Matrix::Rows(object.clone()))
    }

    /// How many vectors there are.
    pub(crate) fn len(&self) -> PyResult<usize> {
        match self {
            Matrix::Floats(_, rows, _) => Ok(*rows),
            Matrix::Rows(rows) => rows.len(),
        }
    }

    /// All of the vectors.
    pub(crate) fn all(&self, py: Python<'py>, at: Place<'_>, pace: &mut Pace) -> PyResult<Vec<Vec<f32>>> {
        let mut read = Vec::new();
        for position in 0..self.len()? {
            match self.row(at, position, pace).and_then(|row| pace.step(py).map(|()| row)) {
                Ok(row) => read.push(row),
                Err(error) => {
                    free(py, read);
                    return Err(error);
                }
            }
        }
        Ok(read)
    }

    /// One of the vectors.
    pub(crate) fn row(&self, at: Place<'_>, position: usize, pace: &mut Pace) -> PyResult<Vec<f32>> {
        match self {
            Matrix::Floats(floats, _, columns) => {
                let start = position * columns;
                let row = floats.as_slice()?.get(start..start + columns).unwrap_or_default();
                Ok(row.to_vec())
            }
            Matrix::Rows(rows) => vector(at.position(position), &rows.get_item(position)?, pace),
        }
    }
}
