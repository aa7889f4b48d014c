//! Several operations as one commit.

use std::sync::{Arc, Mutex, PoisonError};

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyTuple};
use vectlite::Transaction as Inner;

use crate::call::analyzed;
use crate::convert::Given;
use crate::convert::pace::Pace;
use crate::convert::place::Place;
use crate::convert::records::{self, Parts, record_out};
use crate::convert::scalars::{self, number, optional_text, texts};
use crate::convert::values;
use crate::database::{Shared, unpicklable};
use crate::error::{closed, raised};

const ID: Place<'_> = Place::Argument("id");
const NAMESPACE: Place<'_> = Place::Argument("namespace");

#[doc = doc!("Transaction")]
#[pyclass(frozen, weakref, module = "vectlite")]
pub(crate) struct Transaction {
    /// Keeps the database open for a transaction that outlives its handle.
    database: Arc<Shared>,
    /// `None` once committed or rolled back.
    inner: Mutex<Option<Inner>>,
}

impl Transaction {
    pub(crate) fn new(database: Arc<Shared>, inner: Inner) -> Transaction {
        Transaction { database, inner: Mutex::new(Some(inner)) }
    }

    fn take(&self, py: Python<'_>) -> Option<Inner> {
        // Locked without the interpreter: whoever holds the lock may be waiting for it.
        py.detach(|| self.inner.lock().unwrap_or_else(PoisonError::into_inner).take())
    }

    /// Does something with the transaction, without the interpreter.
    fn with<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&mut Inner) -> vectlite::Result<T> + Send,
    ) -> PyResult<T> {
        let done = py.detach(|| self.inner.lock().unwrap_or_else(PoisonError::into_inner).as_mut().map(work));
        match done {
            Some(done) => done.map_err(|error| raised(py, error)),
            None => Err(finished(py)),
        }
    }

    /// Fails unless the transaction and its database are open, whatever the arguments are.
    fn check_open(&self, py: Python<'_>) -> PyResult<()> {
        self.database.open(py)?;
        self.with(py, |_| Ok(()))
    }
}

fn finished(py: Python<'_>) -> PyErr {
    closed(py, "the transaction is closed: it was committed or rolled back; start another one")
}

#[pymethods]
impl Transaction {
    #[doc = doc!("Transaction.insert")]
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
        self.check_open(py)?;
        let id = Some(id);
        let parts = Parts { id, vector, metadata, namespace, sparse, vectors, ttl, text, expires_at: None };
        let record = parts.record(py, None, &mut Pace::new())?;
        let records = analyzed(py, self.database.open(py)?, vec![record])?;
        self.with(py, |transaction| records.into_iter().try_for_each(|record| transaction.insert(record)))
    }

    #[doc = doc!("Transaction.upsert")]
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
        self.check_open(py)?;
        let id = Some(id);
        let parts = Parts { id, vector, metadata, namespace, sparse, vectors, ttl, text, expires_at: None };
        let record = parts.record(py, None, &mut Pace::new())?;
        let records = analyzed(py, self.database.open(py)?, vec![record])?;
        self.with(py, |transaction| records.into_iter().try_for_each(|record| transaction.upsert(record)))
    }

    #[doc = doc!("Transaction.insert_many")]
    #[pyo3(signature = (records, namespace=None))]
    fn insert_many(
        &self,
        py: Python<'_>,
        records: &Bound<'_, PyAny>,
        namespace: Given<'_, '_>,
    ) -> PyResult<usize> {
        self.check_open(py)?;
        let namespace = optional_text(NAMESPACE, namespace)?;
        let records = records::records(records, namespace.as_deref(), &mut Pace::new())?;
        let records = analyzed(py, self.database.open(py)?, records)?;
        self.with(py, |transaction| transaction.insert_many(records))
    }

    #[doc = doc!("Transaction.upsert_many")]
    #[pyo3(signature = (records, namespace=None))]
    fn upsert_many(
        &self,
        py: Python<'_>,
        records: &Bound<'_, PyAny>,
        namespace: Given<'_, '_>,
    ) -> PyResult<usize> {
        self.check_open(py)?;
        let namespace = optional_text(NAMESPACE, namespace)?;
        let records = records::records(records, namespace.as_deref(), &mut Pace::new())?;
        let records = analyzed(py, self.database.open(py)?, records)?;
        self.with(py, |transaction| transaction.upsert_many(records))
    }

    #[doc = doc!("Transaction.delete")]
    #[pyo3(signature = (id, namespace=None))]
    fn delete(&self, py: Python<'_>, id: &Bound<'_, PyAny>, namespace: Given<'_, '_>) -> PyResult<()> {
        self.check_open(py)?;
        let (id, namespace) = (scalars::text(ID, id)?, optional_text(NAMESPACE, namespace)?);
        self.with(py, |transaction| transaction.delete(&id, namespace.as_deref()))
    }

    #[doc = doc!("Transaction.delete_many")]
    #[pyo3(signature = (ids, namespace=None))]
    fn delete_many(&self, py: Python<'_>, ids: &Bound<'_, PyAny>, namespace: Given<'_, '_>) -> PyResult<()> {
        self.check_open(py)?;
        let ids = texts(Place::Argument("ids"), ids, &mut Pace::new())?;
        let namespace = optional_text(NAMESPACE, namespace)?;
        self.with(py, |transaction| transaction.delete_many(ids, namespace.as_deref()))
    }

    #[doc = doc!("Transaction.update_metadata")]
    #[pyo3(signature = (id, metadata, namespace=None))]
    fn update_metadata(
        &self,
        py: Python<'_>,
        id: &Bound<'_, PyAny>,
        metadata: &Bound<'_, PyAny>,
        namespace: Given<'_, '_>,
    ) -> PyResult<()> {
        self.check_open(py)?;
        let (id, namespace) = (scalars::text(ID, id)?, optional_text(NAMESPACE, namespace)?);
        let metadata = values::metadata(Place::Argument("metadata"), metadata, &mut Pace::new())?;
        self.with(py, |transaction| transaction.update_metadata(&id, metadata, namespace.as_deref()))
    }

    #[doc = doc!("Transaction.set_ttl")]
    #[pyo3(signature = (id, ttl, namespace=None))]
    fn set_ttl(
        &self,
        py: Python<'_>,
        id: &Bound<'_, PyAny>,
        ttl: &Bound<'_, PyAny>,
        namespace: Given<'_, '_>,
    ) -> PyResult<()> {
        self.check_open(py)?;
        let (id, namespace) = (scalars::text(ID, id)?, optional_text(NAMESPACE, namespace)?);
        let ttl = number(Place::Argument("ttl"), ttl)?;
        self.with(py, |transaction| transaction.set_ttl(&id, ttl, namespace.as_deref()))
    }

    #[doc = doc!("Transaction.get")]
    #[pyo3(signature = (id, namespace=None))]
    fn get<'py>(
        &self,
        py: Python<'py>,
        id: &Bound<'py, PyAny>,
        namespace: Given<'_, 'py>,
    ) -> PyResult<Option<Bound<'py, PyDict>>> {
        self.check_open(py)?;
        let (id, namespace) = (scalars::text(ID, id)?, optional_text(NAMESPACE, namespace)?);
        let record = self.with(py, |transaction| transaction.get(&id, namespace.as_deref()))?;
        record.map(|record| record_out(record, &mut self.database.making(py))).transpose()
    }

    #[doc = doc!("Transaction.kv_put")]
    fn kv_put(
        &self,
        py: Python<'_>,
        table: &Bound<'_, PyAny>,
        key: &Bound<'_, PyAny>,
        value: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        self.check_open(py)?;
        let (table, key) = scalars::kv_place(table, key)?;
        let value = scalars::bytes(Place::Argument("value"), value)?;
        self.with(py, |transaction| transaction.kv_put(&table, &key, &value))
    }

    #[doc = doc!("Transaction.kv_get")]
    fn kv_get<'py>(
        &self,
        py: Python<'py>,
        table: &Bound<'py, PyAny>,
        key: &Bound<'py, PyAny>,
    ) -> PyResult<Option<Bound<'py, PyBytes>>> {
        self.check_open(py)?;
        let (table, key) = scalars::kv_place(table, key)?;
        let value = self.with(py, |transaction| transaction.kv_get(&table, &key))?;
        Ok(value.map(|value| PyBytes::new(py, &value)))
    }

    #[doc = doc!("Transaction.kv_delete")]
    fn kv_delete(&self, py: Python<'_>, table: &Bound<'_, PyAny>, key: &Bound<'_, PyAny>) -> PyResult<()> {
        self.check_open(py)?;
        let (table, key) = scalars::kv_place(table, key)?;
        self.with(py, |transaction| transaction.kv_delete(&table, &key))
    }

    #[doc = doc!("Transaction.commit")]
    fn commit(&self, py: Python<'_>) -> PyResult<()> {
        let transaction = self.take(py).ok_or_else(|| finished(py))?;
        crate::call::engine(py, || transaction.commit())
    }

    #[doc = doc!("Transaction.rollback")]
    fn rollback(&self, py: Python<'_>) -> PyResult<()> {
        let transaction = self.take(py).ok_or_else(|| finished(py))?;
        py.detach(|| transaction.rollback());
        Ok(())
    }

    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        self.check_open(py)?;
        self.with(py, |transaction| Ok(transaction.len()))
    }

    /// A transaction without operations is one all the same.
    fn __bool__(&self) -> bool {
        true
    }

    fn __enter__(slf: Bound<'_, Self>) -> PyResult<Bound<'_, Self>> {
        slf.get().check_open(slf.py())?;
        Ok(slf)
    }

    /// Commits, or rolls back after an exception; nothing when that has been done by hand.
    #[pyo3(signature = (*exception))]
    fn __exit__(&self, py: Python<'_>, exception: &Bound<'_, PyTuple>) -> PyResult<()> {
        let Some(transaction) = self.take(py) else { return Ok(()) };
        let failed = exception.iter().next().is_some_and(|class| !class.is_none());
        crate::call::engine(py, || {
            if failed {
                transaction.rollback();
                return Ok(());
            }
            transaction.commit()
        })
    }

    fn __repr__(&self, py: Python<'_>) -> String {
        match self.with(py, |transaction| Ok(transaction.len())) {
            Ok(len) => format!("<vectlite.Transaction of {len} operations>"),
            Err(_) => "<vectlite.Transaction, closed>".to_owned(),
        }
    }

    fn __reduce__(&self) -> PyResult<()> {
        Err(unpicklable("Transaction", "start one in the other process"))
    }
}
