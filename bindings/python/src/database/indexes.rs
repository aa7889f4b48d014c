//! How graphs are configured, and what state they are in.

use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::Database;
use crate::call::engine;
use crate::convert::Given;
use crate::index_config::{Setting, Settings, config_out, ef_search};

#[pymethods]
impl Database {
    /// How graphs are built, searched and renewed.
    fn index_config<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let db = self.open(py)?;
        config_out(py, engine(py, || db.index_config())?)
    }

    /// Changes how graphs are built, searched and renewed: what is left out stays.
    #[pyo3(
        signature = (*, m=None, ef_construction=None, ef_search=Setting::LeftOut,
                     parallel_insert_threshold=None, tombstone_rebuild_pct=None),
        text_signature = "($self, *, m=None, ef_construction=None, ef_search=..., parallel_insert_threshold=None, \
                          tombstone_rebuild_pct=None)"
    )]
    fn set_index_config(
        &self,
        py: Python<'_>,
        m: Given<'_, '_>,
        ef_construction: Given<'_, '_>,
        ef_search: Setting<'_>,
        parallel_insert_threshold: Given<'_, '_>,
        tombstone_rebuild_pct: Given<'_, '_>,
    ) -> PyResult<()> {
        let db = self.open(py)?;
        let settings =
            Settings { m, ef_construction, ef_search, parallel_insert_threshold, tombstone_rebuild_pct };
        let changes = settings.convert()?;
        engine(py, || db.set_index_config(&changes))
    }

    /// Changes how many candidates a search keeps when it does not say itself; `None` is the default.
    fn set_ef_search(&self, py: Python<'_>, n: &Bound<'_, PyAny>) -> PyResult<()> {
        let db = self.open(py)?;
        let ef = ef_search("n", n)?;
        engine(py, || db.set_ef_search(ef))
    }

    /// How many vectors live, and how many dead ones graphs still hold.
    fn tombstone_stats(&self, py: Python<'_>) -> PyResult<(u64, u64)> {
        let db = self.open(py)?;
        engine(py, || db.tombstone_stats())
    }
}
