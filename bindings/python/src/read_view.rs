//! One state of a database.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pyo3::prelude::*;
use pyo3::types::PyTuple;
use vectlite::ReadView as Inner;

use crate::convert::pace::Making;
use crate::database::{Shared, unpicklable};
use crate::error::closed;

#[doc = doc!("ReadView")]
#[pyclass(frozen, weakref, module = "vectlite")]
pub(crate) struct ReadView {
    /// Keeps the database open for a view that outlives its handle.
    database: Arc<Shared>,
    /// `None` once closed.
    inner: Mutex<Option<Arc<Inner>>>,
}

impl ReadView {
    pub(crate) fn new(database: Arc<Shared>, inner: Inner) -> ReadView {
        ReadView { database, inner: Mutex::new(Some(Arc::new(inner))) }
    }

    /// Held for a moment only, and by nobody who waits for the interpreter.
    fn lock(&self) -> MutexGuard<'_, Option<Arc<Inner>>> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A result of this view, to be made.
    pub(crate) fn making<'py>(&self, py: Python<'py>) -> Making<'py> {
        self.database.making(py)
    }

    /// The engine's view, if it and its database are open, whatever the arguments are.
    pub(crate) fn open(&self, py: Python<'_>) -> PyResult<Arc<Inner>> {
        self.database.open(py)?;
        let inner = self.lock().clone();
        inner.ok_or_else(|| closed(py, "the read view is closed; take another one with read_view()"))
    }
}

#[pymethods]
impl ReadView {
    #[doc = doc!("ReadView.commit_id")]
    #[getter]
    fn commit_id(&self, py: Python<'_>) -> PyResult<u64> {
        let view = self.open(py)?;
        crate::call::engine(py, || view.commit_id())
    }

    #[doc = doc!("ReadView.close")]
    fn close(&self, py: Python<'_>) {
        let inner = self.lock().take();
        py.detach(|| drop(inner));
    }

    fn __enter__(slf: Bound<'_, Self>) -> PyResult<Bound<'_, Self>> {
        slf.get().open(slf.py())?;
        Ok(slf)
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, py: Python<'_>, _exception: &Bound<'_, PyTuple>) {
        self.close(py);
    }

    fn __repr__(&self, py: Python<'_>) -> String {
        match self.commit_id(py) {
            Ok(commit) => format!("<vectlite.ReadView of commit {commit}>"),
            Err(_) => "<vectlite.ReadView, closed>".to_owned(),
        }
    }

    fn __reduce__(&self) -> PyResult<()> {
        Err(unpicklable("ReadView", "take one in the other process"))
    }
}
