//! Telling how far something long is.

use pyo3::prelude::*;
use pyo3::types::PyBool;

use crate::convert::Given;
use crate::convert::place::Place;
use crate::convert::scalars::unexpected;
use crate::names::intern;

/// Who is told how far it is.
pub(crate) struct Progress<'py> {
    told: Option<Bound<'py, PyAny>>,
    /// A bar of ours, which has to be closed.
    is_bar: bool,
    total: Option<usize>,
}

impl<'py> Progress<'py> {
    pub(crate) fn new(
        py: Python<'py>,
        given: Given<'_, 'py>,
        total: Option<usize>,
    ) -> PyResult<Progress<'py>> {
        let none = Progress { told: None, is_bar: false, total };
        let Some(given) = given else { return Ok(none) };
        if let Ok(wanted) = given.cast::<PyBool>() {
            if !wanted.is_true() {
                return Ok(none);
            }
            let bar = py.import(intern!(py, "vectlite.bulk"))?.call_method1(intern!(py, "bar"), (total,))?;
            return Ok(Progress { told: Some(bar).filter(|bar| !bar.is_none()), is_bar: true, total });
        }
        if !given.is_callable() {
            return Err(unexpected(Place::Argument("progress"), "a bool or a callable", given));
        }
        Ok(Progress { told: Some(given.clone()), is_bar: false, total })
    }

    pub(crate) fn tell(&self, done: usize) -> PyResult<()> {
        self.told.as_ref().map_or(Ok(()), |told| told.call1((done, self.total)).map(drop))
    }

    pub(crate) fn close(&self) -> PyResult<()> {
        match &self.told {
            Some(bar) if self.is_bar => bar.call_method0(intern!(bar.py(), "close")).map(drop),
            _ => Ok(()),
        }
    }
}
