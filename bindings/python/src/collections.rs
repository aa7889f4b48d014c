//! A store: a directory of databases.

use std::ffi::OsString;
use std::sync::atomic::{AtomicBool, Ordering};

use pyo3::prelude::*;
use pyo3::types::PyTuple;
use vectlite::OpenOptions;

use crate::call::{engine, outcome};
use crate::convert::Given;
use crate::convert::place::Place;
use crate::convert::scalars::{path, text};
use crate::database::{Database, unpicklable};
use crate::error::{about_file, closed, raised_by_open};
use crate::options::Options;

#[doc = doc!("Store")]
#[pyclass(frozen, weakref, module = "vectlite")]
pub(crate) struct Store {
    inner: vectlite::Store,
    /// A store holds nothing open; this only makes its end mean the same as a database's.
    closed: AtomicBool,
}

#[doc = doc!("open_store")]
#[pyfunction]
pub(crate) fn open_store(root: &Bound<'_, PyAny>) -> PyResult<Store> {
    let py = root.py();
    let directory = path(Place::Argument("root"), root)?;
    engine(py, || vectlite::Store::open(directory))
        .map(|inner| Store { inner, closed: AtomicBool::new(false) })
        .map_err(|error| about_file(error, py, root))
}

impl Store {
    fn open(&self, py: Python<'_>) -> PyResult<&vectlite::Store> {
        if self.closed.load(Ordering::Acquire) {
            return Err(closed(py, "the store is closed; open it again to use it"));
        }
        Ok(&self.inner)
    }

    fn collection(
        &self,
        name: &Bound<'_, PyAny>,
        options: &Options<'_, '_>,
        open: impl FnOnce(&vectlite::Store, &str, OpenOptions) -> vectlite::Result<vectlite::Database> + Send,
    ) -> PyResult<Database> {
        let py = name.py();
        let store = self.open(py)?;
        let collection = text(Place::Argument("name"), name)?;
        let (given, vectors_as) = (options.convert(py)?, options.vectors_as(py)?);
        outcome(py, || open(store, &collection, given))?
            .map(|db| Database::new(db, vectors_as))
            .map_err(|error| raised_by_open(py, error, options.lock_timeout.is_some()))
    }
}

#[pymethods]
impl Store {
    #[doc = doc!("Store.root")]
    #[getter]
    fn root(&self, py: Python<'_>) -> PyResult<OsString> {
        Ok(self.open(py)?.root().as_os_str().to_owned())
    }

    #[doc = doc!("Store.create_collection")]
    #[pyo3(
        signature = (name, dimension=None, lock_timeout=None, metric=None, *, analyzer=None, sync=None,
                     sparse_scoring=None, positions=None, low_memory=None, vectors_as=None, verify=None),
        text_signature = "($self, name, dimension=None, lock_timeout=None, metric=None, *, analyzer=None, \
                          sync='per_op', sparse_scoring=None, positions=None, low_memory=False, vectors_as='list', verify=False)"
    )]
    #[expect(clippy::too_many_arguments, reason = "they are Python's keywords")]
    fn create_collection<'py>(
        &self,
        name: &Bound<'py, PyAny>,
        dimension: Given<'_, 'py>,
        lock_timeout: Given<'_, 'py>,
        metric: Given<'_, 'py>,
        analyzer: Given<'_, 'py>,
        sync: Given<'_, 'py>,
        sparse_scoring: Given<'_, 'py>,
        positions: Given<'_, 'py>,
        low_memory: Given<'_, 'py>,
        vectors_as: Given<'_, 'py>,
        verify: Given<'_, 'py>,
    ) -> PyResult<Database> {
        let read_only = None;
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
        self.collection(name, &options, vectlite::Store::create_collection)
    }

    #[doc = doc!("Store.open_collection")]
    #[pyo3(
        signature = (name, dimension=None, lock_timeout=None, metric=None, *, analyzer=None, sync=None,
                     sparse_scoring=None, positions=None, low_memory=None, vectors_as=None, verify=None),
        text_signature = "($self, name, dimension=None, lock_timeout=None, metric=None, *, analyzer=None, \
                          sync='per_op', sparse_scoring=None, positions=None, low_memory=False, vectors_as='list', verify=False)"
    )]
    #[expect(clippy::too_many_arguments, reason = "they are Python's keywords")]
    fn open_collection<'py>(
        &self,
        name: &Bound<'py, PyAny>,
        dimension: Given<'_, 'py>,
        lock_timeout: Given<'_, 'py>,
        metric: Given<'_, 'py>,
        analyzer: Given<'_, 'py>,
        sync: Given<'_, 'py>,
        sparse_scoring: Given<'_, 'py>,
        positions: Given<'_, 'py>,
        low_memory: Given<'_, 'py>,
        vectors_as: Given<'_, 'py>,
        verify: Given<'_, 'py>,
    ) -> PyResult<Database> {
        let read_only = None;
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
        self.collection(name, &options, vectlite::Store::open_collection)
    }

    #[doc = doc!("Store.open_collection_read_only")]
    #[pyo3(
        signature = (name, dimension=None, lock_timeout=None, metric=None, *, analyzer=None, sparse_scoring=None,
                     positions=None, low_memory=None, vectors_as=None, verify=None),
        text_signature = "($self, name, dimension=None, lock_timeout=None, metric=None, *, analyzer=None, \
                          sparse_scoring=None, positions=None, low_memory=False, vectors_as='list', verify=False)"
    )]
    #[expect(clippy::too_many_arguments, reason = "they are Python's keywords")]
    fn open_collection_read_only<'py>(
        &self,
        name: &Bound<'py, PyAny>,
        dimension: Given<'_, 'py>,
        lock_timeout: Given<'_, 'py>,
        metric: Given<'_, 'py>,
        analyzer: Given<'_, 'py>,
        sparse_scoring: Given<'_, 'py>,
        positions: Given<'_, 'py>,
        low_memory: Given<'_, 'py>,
        vectors_as: Given<'_, 'py>,
        verify: Given<'_, 'py>,
    ) -> PyResult<Database> {
        let (read_only, sync) = (None, None);
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
        self.collection(name, &options, vectlite::Store::open_collection_read_only)
    }

    #[doc = doc!("Store.open_or_create_collection")]
    #[pyo3(
        signature = (name, dimension=None, lock_timeout=None, metric=None, *, analyzer=None, sync=None,
                     sparse_scoring=None, positions=None, low_memory=None, vectors_as=None, verify=None),
        text_signature = "($self, name, dimension=None, lock_timeout=None, metric=None, *, analyzer=None, \
                          sync='per_op', sparse_scoring=None, positions=None, low_memory=False, vectors_as='list', verify=False)"
    )]
    #[expect(clippy::too_many_arguments, reason = "they are Python's keywords")]
    fn open_or_create_collection<'py>(
        &self,
        name: &Bound<'py, PyAny>,
        dimension: Given<'_, 'py>,
        lock_timeout: Given<'_, 'py>,
        metric: Given<'_, 'py>,
        analyzer: Given<'_, 'py>,
        sync: Given<'_, 'py>,
        sparse_scoring: Given<'_, 'py>,
        positions: Given<'_, 'py>,
        low_memory: Given<'_, 'py>,
        vectors_as: Given<'_, 'py>,
        verify: Given<'_, 'py>,
    ) -> PyResult<Database> {
        let read_only = None;
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
        self.collection(name, &options, vectlite::Store::open_or_create_collection)
    }

    #[doc = doc!("Store.drop_collection")]
    fn drop_collection(&self, name: &Bound<'_, PyAny>) -> PyResult<bool> {
        let store = self.open(name.py())?;
        let collection = text(Place::Argument("name"), name)?;
        engine(name.py(), || store.drop_collection(&collection))
    }

    #[doc = doc!("Store.collections")]
    fn collections(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        let store = self.open(py)?;
        engine(py, || store.collections())
    }

    #[doc = doc!("Store.close")]
    fn close(&self) {
        self.closed.store(true, Ordering::Release);
    }

    fn __enter__(slf: Bound<'_, Self>) -> PyResult<Bound<'_, Self>> {
        slf.get().open(slf.py())?;
        Ok(slf)
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, _exception: &Bound<'_, PyTuple>) {
        self.close();
    }

    fn __repr__(&self) -> String {
        let state = if self.closed.load(Ordering::Acquire) { ", closed" } else { "" };
        format!("<vectlite.Store {:?}{state}>", self.inner.root())
    }

    fn __reduce__(&self) -> PyResult<()> {
        Err(unpicklable("Store", "open it by its root in the other process"))
    }
}
