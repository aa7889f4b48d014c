//! Every call of the engine comes through here: without the interpreter, so that other threads run meanwhile.

use pyo3::prelude::*;
use vectlite::{Database, Record, StepError};

use crate::error::raised;
use crate::messages;

/// Calls the engine without the interpreter; its error becomes an exception. Ctrl-C ends what waits.
///
/// What the closure owns is dropped without the interpreter too: freeing 100,000 records takes milliseconds.
pub(crate) fn engine<T: Send>(
    py: Python<'_>,
    work: impl FnOnce() -> vectlite::Result<T> + Send,
) -> PyResult<T> {
    outcome(py, work)?.map_err(|error| raised(py, error))
}

/// The same for a call whose error the caller turns into an exception.
pub(crate) fn outcome<T: Send>(
    py: Python<'_>,
    work: impl FnOnce() -> vectlite::Result<T> + Send,
) -> PyResult<vectlite::Result<T>> {
    let done = py.detach(|| vectlite::interruptible(signalled, work));
    messages::tell(py)?;
    Ok(done)
}

/// Runs the handlers of signals that have come; fails with what one of them raised. They run in Python's main thread only.
fn signalled() -> Result<(), StepError> {
    Python::attach(|py| py.check_signals()).map_err(|exception| Box::new(exception) as StepError)
}

/// Analyzes texts by functions of the caller's, if the session has some: before a lock is taken that they could want, too.
pub(crate) fn analyzed(py: Python<'_>, db: &Database, mut records: Vec<Record>) -> PyResult<Vec<Record>> {
    engine(py, move || {
        records.iter_mut().try_for_each(|record| db.analyze(record))?;
        Ok(records)
    })
}
