//! Keeping a database in shape.

use std::ffi::OsString;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use vectlite::GraphStats;

use super::Database;
use crate::call::engine;
use crate::convert::Given;
use crate::convert::place::Place;
use crate::convert::scalars::{count, flag, number, path};
use crate::error::{about_file, raised};
use crate::transaction::Transaction;
use crate::verify::{report_out, verify_options};

#[pymethods]
impl Database {
    #[doc = doc!("Database.transaction")]
    fn transaction(&self, py: Python<'_>) -> PyResult<Transaction> {
        let db = self.open(py)?;
        let transaction = engine(py, || db.transaction())?;
        Ok(Transaction::new(self.shared().clone(), transaction))
    }

    #[doc = doc!("Database.flush")]
    fn flush(&self, py: Python<'_>) -> PyResult<()> {
        let db = self.open(py)?;
        engine(py, || db.flush())
    }

    #[doc = doc!("Database.compact")]
    #[pyo3(signature = (erase=None), text_signature = "($self, erase=False)")]
    fn compact<'py>(&self, py: Python<'py>, erase: Given<'_, 'py>) -> PyResult<Bound<'py, PyDict>> {
        let db = self.open(py)?;
        let erase = erase.map(|given| flag(Place::Argument("erase"), given)).transpose()?;
        let erase = erase.unwrap_or_default();
        let report = engine(py, || if erase { db.compact_and_erase() } else { db.compact() })?;
        let dict = PyDict::new(py);
        dict.set_item("records", report.records)?;
        dict.set_item("dropped", report.dropped)?;
        dict.set_item("bytes_before", report.bytes_before)?;
        dict.set_item("bytes_after", report.bytes_after)?;
        dict.set_item("shrunk", report.shrunk)?;
        Ok(dict)
    }

    #[doc = doc!("Database.snapshot")]
    fn snapshot(&self, py: Python<'_>, dest: &Bound<'_, PyAny>) -> PyResult<()> {
        let db = self.open(py)?;
        let file = path(Place::Argument("dest"), dest)?;
        engine(py, || db.snapshot(file)).map_err(|error| about_file(error, py, dest))
    }

    #[doc = doc!("Database.refresh")]
    fn refresh(&self, py: Python<'_>) -> PyResult<u64> {
        let db = self.open(py)?;
        engine(py, || db.refresh())
    }

    #[doc = doc!("Database.wait_for")]
    fn wait_for(
        &self,
        py: Python<'_>,
        commit_id: &Bound<'_, PyAny>,
        timeout: &Bound<'_, PyAny>,
    ) -> PyResult<bool> {
        let db = self.open(py)?;
        let commit = count(Place::Argument("commit_id"), commit_id)? as u64;
        let given = number(Place::Argument("timeout"), timeout)?;
        let timeout = vectlite::seconds("timeout", given).map_err(|error| raised(py, error))?;
        engine(py, || db.wait_for(commit, timeout))
    }

    #[doc = doc!("Database.backup")]
    fn backup(&self, py: Python<'_>, dest_dir: &Bound<'_, PyAny>) -> PyResult<OsString> {
        let db = self.open(py)?;
        let directory = path(Place::Argument("dest_dir"), dest_dir)?;
        engine(py, || db.backup(directory))
            .map(|copy| copy.into_os_string())
            .map_err(|error| about_file(error, py, dest_dir))
    }

    #[doc = doc!("Database.verify")]
    #[pyo3(signature = (deep=None, repair_to=None), text_signature = "($self, deep=False, repair_to=None)")]
    fn verify<'py>(
        &self,
        py: Python<'py>,
        deep: Given<'_, 'py>,
        repair_to: Given<'_, 'py>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let db = self.open(py)?;
        let options = verify_options(deep, repair_to)?;
        let report = engine(py, || db.verify(&options)).map_err(|error| match repair_to {
            Some(dest) => about_file(error, py, dest),
            None => error,
        })?;
        report_out(py, report)
    }

    #[doc = doc!("Database.stats")]
    fn stats<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let db = self.open(py)?;
        let stats = engine(py, || db.stats())?;
        let dict = PyDict::new(py);
        dict.set_item("records", stats.records)?;
        dict.set_item("dead", stats.dead)?;
        dict.set_item("commit_id", stats.commit_id)?;
        dict.set_item("checkpoint", stats.checkpoint)?;
        dict.set_item("vdb_bytes", stats.vdb_bytes)?;
        dict.set_item("wal_bytes", stats.wal_bytes)?;
        dict.set_item("wal_entries_replayed", stats.wal_entries_replayed)?;
        dict.set_item("ann_bytes", stats.ann_bytes)?;
        let graphs = PyList::empty(py);
        for graph in stats.graphs {
            graphs.append(graph_out(py, graph)?)?;
        }
        dict.set_item("graphs", graphs)?;
        Ok(dict)
    }
}

fn graph_out(py: Python<'_>, graph: GraphStats) -> PyResult<Bound<'_, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("space", graph.space)?;
    dict.set_item("nodes", graph.nodes)?;
    dict.set_item("dead", graph.dead)?;
    dict.set_item("tail", graph.tail)?;
    dict.set_item("seeded", graph.seeded)?;
    dict.set_item("extended", graph.extended)?;
    dict.set_item("twins", graph.twins)?;
    dict.set_item("repaired", graph.repaired)?;
    dict.set_item("levels", graph.levels)?;
    dict.set_item("bytes", graph.bytes)?;
    dict.set_item("loaded_from_disk", graph.loaded_from_disk)?;
    dict.set_item("kernels", graph.kernels)?;
    Ok(dict)
}
