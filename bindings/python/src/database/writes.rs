//! What can be written.

use pyo3::prelude::*;
use vectlite::Filter;

use super::Database;
use crate::call::engine;
use crate::convert::Given;
use crate::convert::pace::Pace;
use crate::convert::place::Place;
use crate::convert::records::{self, Parts};
use crate::convert::scalars::{number, optional_text, text, texts};
use crate::convert::values;

const ID: Place<'_> = Place::Argument("id");
const NAMESPACE: Place<'_> = Place::Argument("namespace");

#[pymethods]
impl Database {
    #[doc = doc!("Database.insert")]
    #[pyo3(signature = (id, vector=None, metadata=None, namespace=None, sparse=None, vectors=None, ttl=None, *, text=None))]
    #[expect(clippy::too_many_arguments, reason = "they are Python's keywords")]
    fn insert<'py>(
        &self,
        py: Python<'py>,
        id: Bound<'py, PyAny>,
        vector: Option<Bound<'py, PyAny>>,
        metadata: Option<Bound<'py, PyAny>>,
        namespace: Option<Bound<'py, PyAny>>,
        sparse: Option<Bound<'py, PyAny>>,
        vectors: Option<Bound<'py, PyAny>>,
        ttl: Option<Bound<'py, PyAny>>,
        text: Option<Bound<'py, PyAny>>,
    ) -> PyResult<()> {
        let db = self.open(py)?;
        let id = Some(id);
        let parts = Parts { id, vector, metadata, namespace, sparse, vectors, ttl, text, expires_at: None };
        let record = parts.record(py, None, &mut Pace::new())?;
        engine(py, || db.insert(record))
    }

    #[doc = doc!("Database.upsert")]
    #[pyo3(signature = (id, vector=None, metadata=None, namespace=None, sparse=None, vectors=None, ttl=None, *, text=None))]
    #[expect(clippy::too_many_arguments, reason = "they are Python's keywords")]
    fn upsert<'py>(
        &self,
        py: Python<'py>,
        id: Bound<'py, PyAny>,
        vector: Option<Bound<'py, PyAny>>,
        metadata: Option<Bound<'py, PyAny>>,
        namespace: Option<Bound<'py, PyAny>>,
        sparse: Option<Bound<'py, PyAny>>,
        vectors: Option<Bound<'py, PyAny>>,
        ttl: Option<Bound<'py, PyAny>>,
        text: Option<Bound<'py, PyAny>>,
    ) -> PyResult<()> {
        let db = self.open(py)?;
        let id = Some(id);
        let parts = Parts { id, vector, metadata, namespace, sparse, vectors, ttl, text, expires_at: None };
        let record = parts.record(py, None, &mut Pace::new())?;
        engine(py, || db.upsert(record))
    }

    #[doc = doc!("Database.insert_many")]
    #[pyo3(signature = (records, namespace=None))]
    fn insert_many(
        &self,
        py: Python<'_>,
        records: &Bound<'_, PyAny>,
        namespace: Given<'_, '_>,
    ) -> PyResult<usize> {
        let db = self.open(py)?;
        let namespace = optional_text(NAMESPACE, namespace)?;
        let records = records::records(records, namespace.as_deref(), &mut Pace::new())?;
        engine(py, || db.insert_many(records))
    }

    #[doc = doc!("Database.upsert_many")]
    #[pyo3(signature = (records, namespace=None))]
    fn upsert_many(
        &self,
        py: Python<'_>,
        records: &Bound<'_, PyAny>,
        namespace: Given<'_, '_>,
    ) -> PyResult<usize> {
        let db = self.open(py)?;
        let namespace = optional_text(NAMESPACE, namespace)?;
        let records = records::records(records, namespace.as_deref(), &mut Pace::new())?;
        engine(py, || db.upsert_many(records))
    }

    #[doc = doc!("Database.update_metadata")]
    #[pyo3(signature = (id, metadata, namespace=None))]
    fn update_metadata(
        &self,
        py: Python<'_>,
        id: &Bound<'_, PyAny>,
        metadata: &Bound<'_, PyAny>,
        namespace: Given<'_, '_>,
    ) -> PyResult<bool> {
        let db = self.open(py)?;
        let (id, namespace) = (text(ID, id)?, optional_text(NAMESPACE, namespace)?);
        let at = Place::Argument("metadata");
        let metadata = values::metadata(at, metadata, &mut Pace::new())?;
        engine(py, || db.update_metadata(&id, metadata, namespace.as_deref()))
    }

    #[doc = doc!("Database.delete")]
    #[pyo3(signature = (id, namespace=None))]
    fn delete(&self, py: Python<'_>, id: &Bound<'_, PyAny>, namespace: Given<'_, '_>) -> PyResult<bool> {
        let db = self.open(py)?;
        let (id, namespace) = (text(ID, id)?, optional_text(NAMESPACE, namespace)?);
        engine(py, || db.delete(&id, namespace.as_deref()))
    }

    #[doc = doc!("Database.delete_many")]
    #[pyo3(signature = (ids, namespace=None))]
    fn delete_many(
        &self,
        py: Python<'_>,
        ids: &Bound<'_, PyAny>,
        namespace: Given<'_, '_>,
    ) -> PyResult<usize> {
        let db = self.open(py)?;
        let ids = texts(Place::Argument("ids"), ids, &mut Pace::new())?;
        let namespace = optional_text(NAMESPACE, namespace)?;
        engine(py, || db.delete_many(ids, namespace.as_deref()))
    }

    #[doc = doc!("Database.delete_by_filter")]
    #[pyo3(signature = (filter, namespace=None))]
    fn delete_by_filter(
        &self,
        py: Python<'_>,
        filter: &Bound<'_, PyAny>,
        namespace: Given<'_, '_>,
    ) -> PyResult<usize> {
        let db = self.open(py)?;
        let at = Place::Argument("filter");
        let filter = values::filter(at, filter, &mut Pace::new())?;
        let namespace = optional_text(NAMESPACE, namespace)?;
        engine(py, move || db.delete_by_filter(&Filter::parse(&filter)?, namespace.as_deref()))
    }

    #[doc = doc!("Database.set_ttl")]
    #[pyo3(signature = (id, ttl, namespace=None))]
    fn set_ttl(
        &self,
        py: Python<'_>,
        id: &Bound<'_, PyAny>,
        ttl: &Bound<'_, PyAny>,
        namespace: Given<'_, '_>,
    ) -> PyResult<bool> {
        let db = self.open(py)?;
        let (id, namespace) = (text(ID, id)?, optional_text(NAMESPACE, namespace)?);
        let ttl = number(Place::Argument("ttl"), ttl)?;
        engine(py, || db.set_ttl(&id, ttl, namespace.as_deref()))
    }

    #[doc = doc!("Database.clear_ttl")]
    #[pyo3(signature = (id, namespace=None))]
    fn clear_ttl(&self, py: Python<'_>, id: &Bound<'_, PyAny>, namespace: Given<'_, '_>) -> PyResult<bool> {
        let db = self.open(py)?;
        let (id, namespace) = (text(ID, id)?, optional_text(NAMESPACE, namespace)?);
        engine(py, || db.clear_ttl(&id, namespace.as_deref()))
    }
}
