//! Every call of the engine comes through here: without the interpreter, so that other threads run meanwhile.

use pyo3::prelude::*;

use crate::error::raised;

/// Calls the engine without the interpreter; its error becomes an exception.
///
/// What the closure owns is dropped without the interpreter too: freeing 100,000 records takes milliseconds.
pub(crate) fn engine<T: Send>(
    py: Python<'_>,
    work: impl FnOnce() -> vectlite::Result<T> + Send,
) -> PyResult<T> {
    py.detach(work).map_err(|error| raised(py, error))
}
