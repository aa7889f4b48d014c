//! Every call of the engine comes through here: without the interpreter, so that other threads run meanwhile.

use pyo3::prelude::*;
use vectlite::{Database, Record};

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

/// Analyzes texts by functions of the caller's, if the session has some: before a lock is taken that they could want, too.
pub(crate) fn analyzed(py: Python<'_>, db: &Database, mut records: Vec<Record>) -> PyResult<Vec<Record>> {
    engine(py, move || {
        records.iter_mut().try_for_each(|record| db.analyze(record))?;
        Ok(records)
    })
}
