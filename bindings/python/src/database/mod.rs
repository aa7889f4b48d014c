//! The handle that users hold.
//!
//! | question | file |
//! |---|---|
//! | how is it opened, closed, shown | here |
//! | what can be written | [`writes`] |
//! | what can be read | [`reads`], [`keys`] |
//! | which fields are indexed, how are its graphs configured | [`indexes`] |
//! | how is it kept in shape | [`upkeep`] |

mod indexes;
pub(crate) mod keys;
mod reads;
mod upkeep;
mod writes;

use std::ffi::OsString;
use std::sync::Arc;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::analyzers::Analyzer;
use crate::call::{engine, outcome};
use crate::convert::Given;
use crate::convert::pace::Making;
use crate::convert::place::Place;
use crate::convert::scalars;
use crate::convert::vectors::VectorsAs;
use crate::error::{about_file, raised, raised_by_open};
use crate::options::Options;

#[doc = doc!("Database")]
#[pyclass(frozen, weakref, module = "vectlite")]
pub(crate) struct Database {
    shared: Arc<Shared>,
}

/// What the handle and its transactions share.
pub(crate) struct Shared {
    db: vectlite::Database,
    /// What vectors come back as.
    vectors_as: VectorsAs,
}

impl Drop for Shared {
    fn drop(&mut self) {
        // Closing writes to the disk; nobody is left to be told that it failed, and the log holds what matters.
        let close = || drop(self.db.close());
        if Python::try_attach(|py| py.detach(close)).is_none() {
            close();
        }
    }
}

impl Shared {
    /// The engine's handle, if it is open: a closed database says so whatever the arguments are.
    pub(crate) fn open(&self, py: Python<'_>) -> PyResult<&vectlite::Database> {
        self.db.check_open().map_err(|error| raised(py, error))?;
        Ok(&self.db)
    }

    /// A result of this database, to be made.
    pub(crate) fn making<'py>(&self, py: Python<'py>) -> Making<'py> {
        Making::new(py).vectors_as(self.vectors_as)
    }
}

impl Database {
    pub(crate) fn new(db: vectlite::Database, vectors_as: VectorsAs) -> Database {
        Database { shared: Arc::new(Shared { db, vectors_as }) }
    }

    /// A result of this database, to be made.
    pub(crate) fn making<'py>(&self, py: Python<'py>) -> Making<'py> {
        self.shared.making(py)
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    pub(crate) fn open(&self, py: Python<'_>) -> PyResult<&vectlite::Database> {
        self.shared.open(py)
    }
}

#[doc = doc!("open")]
#[pyfunction]
#[pyo3(
    signature = (path, dimension=None, read_only=None, lock_timeout=None, metric=None, *, analyzer=None, sync=None,
                 sparse_scoring=None, positions=None, low_memory=None, vectors_as=None, verify=None),
    text_signature = "(path, dimension=None, read_only=False, lock_timeout=None, metric=None, *, analyzer=None, \
                      sync='per_op', sparse_scoring=None, positions=None, low_memory=False, vectors_as='list', verify=False)"
)]
#[expect(clippy::too_many_arguments, reason = "they are Python's keywords")]
pub(crate) fn open(
    path: &Bound<'_, PyAny>,
    dimension: Given<'_, '_>,
    read_only: Given<'_, '_>,
    lock_timeout: Given<'_, '_>,
    metric: Given<'_, '_>,
    analyzer: Given<'_, '_>,
    sync: Given<'_, '_>,
    sparse_scoring: Given<'_, '_>,
    positions: Given<'_, '_>,
    low_memory: Given<'_, '_>,
    vectors_as: Given<'_, '_>,
    verify: Given<'_, '_>,
) -> PyResult<Database> {
    let py = path.py();
    let options = Options {
        dimension,
        read_only,
        lock_timeout,
        metric,
        analyzer,
        sync,
        sparse_scoring,
        positions,
        low_memory,
        vectors_as,
        verify,
    };
    let (options, vectors_as) = (options.convert(py)?, options.vectors_as(py)?);
    let file = scalars::path(Place::Argument("path"), path)?;
    outcome(py, || vectlite::Database::open(file, options))?
        .map(|db| Database::new(db, vectors_as))
        .map_err(|error| about_file(raised_by_open(py, error, lock_timeout.is_some()), py, path))
}

#[pymethods]
impl Database {
    #[doc = doc!("Database.path")]
    #[getter]
    fn path(&self, py: Python<'_>) -> PyResult<OsString> {
        Ok(self.open(py)?.path().as_os_str().to_owned())
    }

    #[doc = doc!("Database.wal_path")]
    #[getter]
    fn wal_path(&self, py: Python<'_>) -> PyResult<OsString> {
        Ok(self.open(py)?.wal_path().into_os_string())
    }

    #[doc = doc!("Database.dimension")]
    #[getter]
    fn dimension(&self, py: Python<'_>) -> PyResult<usize> {
        Ok(self.open(py)?.dimension())
    }

    #[doc = doc!("Database.metric")]
    #[getter]
    fn metric(&self, py: Python<'_>) -> PyResult<&'static str> {
        Ok(self.open(py)?.metric().name())
    }

    #[doc = doc!("Database.read_only")]
    #[getter]
    fn read_only(&self, py: Python<'_>) -> PyResult<bool> {
        Ok(self.open(py)?.read_only())
    }

    #[doc = doc!("Database.analyzer")]
    #[getter]
    fn analyzer(&self, py: Python<'_>) -> PyResult<Analyzer> {
        Ok(Analyzer::new(self.open(py)?.analyzer().clone()))
    }

    #[doc = doc!("Database.commit_id")]
    #[getter]
    fn commit_id(&self, py: Python<'_>) -> PyResult<u64> {
        let db = self.open(py)?;
        engine(py, || db.commit_id())
    }

    #[doc = doc!("Database.close")]
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        engine(py, || self.shared.db.close())
    }

    fn __enter__(slf: Bound<'_, Self>) -> PyResult<Bound<'_, Self>> {
        slf.get().open(slf.py())?;
        Ok(slf)
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, py: Python<'_>, _exception: &Bound<'_, PyTuple>) -> PyResult<()> {
        self.close(py)
    }

    fn __repr__(&self) -> String {
        let db = &self.shared.db;
        let state = if db.check_open().is_err() {
            ", closed"
        } else if db.read_only() {
            ", read-only"
        } else {
            ""
        };
        format!(
            "<vectlite.Database {:?}, dimension {}, {}{state}>",
            db.path(),
            db.dimension(),
            db.metric().name()
        )
    }

    fn __reduce__(&self) -> PyResult<()> {
        Err(unpicklable("Database", "open it by its path in the other process"))
    }
}

/// What holds open files cannot go to another process, nor be copied.
pub(crate) fn unpicklable(class: &str, instead: &str) -> PyErr {
    PyTypeError::new_err(format!("cannot pickle or copy a {class}: it holds open files; {instead}"))
}
