//! What can be read.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList};
use vectlite::limits::DEFAULT_PAGE;
use vectlite::{Filter, Value};

use super::Database;
use super::keys::{self, Keys};
use crate::call::engine;
use crate::convert::Given;
use crate::convert::pace::Pace;
use crate::convert::place::Place;
use crate::convert::records::{record_out, records_out};
use crate::convert::scalars::{self, count, optional_text, text, texts};
use crate::convert::values;
use crate::read_view::ReadView;

const NAMESPACE: Place<'_> = Place::Argument("namespace");

/// A filter that may be left out, to be parsed without the interpreter.
fn optional_filter(filter: Given<'_, '_>) -> PyResult<Option<Value>> {
    let at = Place::Argument("filter");
    filter.map(|filter| values::filter(at, filter, &mut Pace::new())).transpose()
}

fn parsed(filter: Option<Value>) -> vectlite::Result<Option<Filter>> {
    filter.as_ref().map(Filter::parse).transpose()
}

/// What a database answers, and one state of it likewise: Python's keywords stand here once.
macro_rules! reads {
    ($class:ident) => {
        #[pymethods]
        impl $class {
            #[doc = doc!("_Reads.get")]
            #[pyo3(signature = (id, namespace=None))]
            fn get<'py>(
                &self,
                py: Python<'py>,
                id: &Bound<'py, PyAny>,
                namespace: Given<'_, 'py>,
            ) -> PyResult<Option<Bound<'py, PyDict>>> {
                let db = self.open(py)?;
                let (id, namespace) = (text(Place::Argument("id"), id)?, optional_text(NAMESPACE, namespace)?);
                let record = engine(py, || db.get(&id, namespace.as_deref()))?;
                record.map(|record| record_out(record, &mut self.making(py))).transpose()
            }

            #[doc = doc!("_Reads.get_many")]
            #[pyo3(signature = (ids, namespace=None))]
            fn get_many<'py>(
                &self,
                py: Python<'py>,
                ids: &Bound<'py, PyAny>,
                namespace: Given<'_, 'py>,
            ) -> PyResult<Bound<'py, PyList>> {
                let db = self.open(py)?;
                let ids = texts(Place::Argument("ids"), ids, &mut Pace::new())?;
                let namespace = optional_text(NAMESPACE, namespace)?;
                let records = engine(py, || db.get_many(ids, namespace.as_deref()))?;
                let mut making = self.making(py);
                let list = PyList::empty(py);
                for record in records {
                    list.append(record.map(|record| record_out(record, &mut making)).transpose()?)?;
                    making.step()?;
                }
                Ok(list)
            }

            #[doc = doc!("_Reads.exists")]
            #[pyo3(signature = (id, namespace=None))]
            fn exists(&self, py: Python<'_>, id: &Bound<'_, PyAny>, namespace: Given<'_, '_>) -> PyResult<bool> {
                let db = self.open(py)?;
                let (id, namespace) = (text(Place::Argument("id"), id)?, optional_text(NAMESPACE, namespace)?);
                engine(py, || db.exists(&id, namespace.as_deref()))
            }

            #[doc = doc!("_Reads.highlight")]
            #[pyo3(signature = (id, text, namespace=None, *, before=None, after=None),
                text_signature = "($self, id, text, namespace=None, *, before='<mark>', after='</mark>')")]
            fn highlight(
                &self,
                py: Python<'_>,
                id: &Bound<'_, PyAny>,
                text: &Bound<'_, PyAny>,
                namespace: Given<'_, '_>,
                before: Given<'_, '_>,
                after: Given<'_, '_>,
            ) -> PyResult<Option<String>> {
                let db = self.open(py)?;
                let id = scalars::text(Place::Argument("id"), id)?;
                let query = scalars::text(Place::Argument("text"), text)?;
                let namespace = optional_text(NAMESPACE, namespace)?;
                let before = optional_text(Place::Argument("before"), before)?;
                let after = optional_text(Place::Argument("after"), after)?;
                let (before, after) = (before.as_deref().unwrap_or("<mark>"), after.as_deref().unwrap_or("</mark>"));
                engine(py, || {
                    let found = db.highlight(&id, &query, namespace.as_deref())?;
                    Ok(found.map(|found| found.marked(before, after)))
                })
            }

            #[doc = doc!("_Reads.count")]
            #[pyo3(signature = (namespace=None, filter=None))]
            fn count(&self, py: Python<'_>, namespace: Given<'_, '_>, filter: Given<'_, '_>) -> PyResult<u64> {
                let db = self.open(py)?;
                let (namespace, filter) = (optional_text(NAMESPACE, namespace)?, optional_filter(filter)?);
                engine(py, || db.count(namespace.as_deref(), parsed(filter)?.as_ref()))
            }

            #[doc = doc!("_Reads.list")]
            #[pyo3(
                signature = (namespace=None, filter=None, limit=None, offset=None),
                text_signature = "($self, namespace=None, filter=None, limit=0, offset=0)"
            )]
            fn list<'py>(
                &self,
                py: Python<'py>,
                namespace: Given<'_, 'py>,
                filter: Given<'_, 'py>,
                limit: Given<'_, 'py>,
                offset: Given<'_, 'py>,
            ) -> PyResult<Bound<'py, PyList>> {
                let db = self.open(py)?;
                let (namespace, filter) = (optional_text(NAMESPACE, namespace)?, optional_filter(filter)?);
                let limit = limit.map_or(Ok(0), |limit| count(Place::Argument("limit"), limit))?;
                let offset = offset.map_or(Ok(0), |offset| count(Place::Argument("offset"), offset))?;
                let records = engine(py, || db.list(namespace.as_deref(), parsed(filter)?.as_ref(), limit, offset))?;
                records_out(records, &mut self.making(py))
            }

            #[doc = doc!("_Reads.list_cursor")]
            #[pyo3(signature = (namespace=None, filter=None, limit=None, cursor=None),
                text_signature = "($self, namespace=None, filter=None, limit=100, cursor=None)")]
            fn list_cursor<'py>(
                &self,
                py: Python<'py>,
                namespace: Given<'_, 'py>,
                filter: Given<'_, 'py>,
                limit: Given<'_, 'py>,
                cursor: Given<'_, 'py>,
            ) -> PyResult<(Bound<'py, PyList>, Option<String>)> {
                let db = self.open(py)?;
                let (namespace, filter) = (optional_text(NAMESPACE, namespace)?, optional_filter(filter)?);
                let limit = limit.map_or(Ok(DEFAULT_PAGE), |limit| count(Place::Argument("limit"), limit))?;
                let cursor = optional_text(Place::Argument("cursor"), cursor)?;
                let (records, next) = engine(py, || {
                    db.list_cursor(namespace.as_deref(), parsed(filter)?.as_ref(), limit, cursor.as_deref())
                })?;
                Ok((records_out(records, &mut self.making(py))?, next))
            }

            #[doc = doc!("_Reads.kv_get")]
            fn kv_get<'py>(
                &self,
                py: Python<'py>,
                table: &Bound<'py, PyAny>,
                key: &Bound<'py, PyAny>,
            ) -> PyResult<Option<Bound<'py, PyBytes>>> {
                let db = self.open(py)?;
                let (table, key) = scalars::kv_place(table, key)?;
                let value = engine(py, || db.kv_get(&table, &key))?;
                Ok(value.map(|value| PyBytes::new(py, &value)))
            }

            #[doc = doc!("_Reads.kv_scan")]
            #[pyo3(signature = (table, prefix=None), text_signature = "($self, table, prefix='')")]
            fn kv_scan<'py>(
                &self,
                py: Python<'py>,
                table: &Bound<'py, PyAny>,
                prefix: Given<'_, 'py>,
            ) -> PyResult<Bound<'py, PyList>> {
                let db = self.open(py)?;
                let table = text(Place::Argument("table"), table)?;
                let prefix = optional_text(Place::Argument("prefix"), prefix)?.unwrap_or_default();
                let mut making = self.making(py);
                let list = PyList::empty(py);
                for (key, value) in engine(py, || db.kv_scan(&table, &prefix))? {
                    list.append((key, PyBytes::new(py, &value)))?;
                    making.step()?;
                }
                Ok(list)
            }

            #[doc = doc!("_Reads.namespaces")]
            fn namespaces(&self, py: Python<'_>) -> PyResult<Vec<String>> {
                let db = self.open(py)?;
                engine(py, || db.namespaces())
            }

            fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
                let db = self.open(py)?;
                engine(py, || db.count(None, None)).map(|count| count as usize)
            }

            /// Whether there is a record with this id in the default namespace, or with this (namespace, id).
            fn __contains__(&self, py: Python<'_>, key: &Bound<'_, PyAny>) -> PyResult<bool> {
                let db = self.open(py)?;
                let (namespace, id) = keys::key(key)?;
                engine(py, || db.exists(&id, namespace.as_deref()))
            }
        }
    };
}

reads! { Database }
reads! { ReadView }

#[pymethods]
impl Database {
    #[doc = doc!("Database.read_view")]
    fn read_view(&self, py: Python<'_>) -> PyResult<ReadView> {
        let db = self.open(py)?;
        Ok(ReadView::new(Arc::clone(self.shared()), engine(py, || db.read_view())?))
    }

    /// The keys of all records, (namespace, id), in their order.
    fn __iter__(&self, py: Python<'_>) -> PyResult<Keys> {
        self.open(py)?;
        Ok(Keys::new(self.shared().clone()))
    }
}
