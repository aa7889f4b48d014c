//! Which fields are indexed, how graphs are configured, and what state those are in.

use pyo3::prelude::*;
use pyo3::types::PyDict;

use vectlite::{FieldType, IndexBuild};

use super::Database;
use crate::call::engine;
use crate::convert::Given;
use crate::convert::place::Place;
use crate::convert::scalars::text;
use crate::error::raised;
use crate::index_config::{Setting, Settings, config_out, ef_search};
use crate::progress::Progress;

/// Tells what there is to tell, until the index is there. After an exception the building goes on untold.
fn tell(py: Python<'_>, build: &mut IndexBuild, progress: &Progress<'_>) -> PyResult<()> {
    while let Some((done, _)) = engine(py, || Ok(build.next()))? {
        py.check_signals()?;
        progress.tell(done as usize)?;
    }
    Ok(())
}

#[pymethods]
impl Database {
    #[doc = doc!("Database.create_index")]
    #[pyo3(signature = (field, r#type, *, progress=None))]
    fn create_index<'py>(
        &self,
        py: Python<'py>,
        field: &Bound<'py, PyAny>,
        r#type: &Bound<'py, PyAny>,
        progress: Given<'_, 'py>,
    ) -> PyResult<bool> {
        let db = self.open(py)?;
        let field = text(Place::Argument("field"), field)?;
        let kind = text(Place::Argument("type"), r#type)?.parse();
        let kind: FieldType = kind.map_err(|error| raised(py, error))?;
        let records = if progress.is_some() { engine(py, || db.count(None, None))? } else { 0 };
        let progress = Progress::new(py, progress, Some(records as usize))?;
        let mut build = engine(py, || db.start_index(&field, kind))?;
        let told = tell(py, &mut build, &progress);
        let closed = progress.close();
        told.and(closed)?;
        engine(py, || build.finish())
    }

    #[doc = doc!("Database.drop_index")]
    fn drop_index(&self, py: Python<'_>, field: &Bound<'_, PyAny>) -> PyResult<bool> {
        let db = self.open(py)?;
        let field = text(Place::Argument("field"), field)?;
        engine(py, || db.drop_index(&field))
    }

    #[doc = doc!("Database.list_indexes")]
    fn list_indexes(&self, py: Python<'_>) -> PyResult<Vec<(String, &'static str)>> {
        let db = self.open(py)?;
        let indexes = engine(py, || db.list_indexes())?;
        Ok(indexes.into_iter().map(|(field, kind)| (field, kind.name())).collect())
    }

    #[doc = doc!("Database.index_config")]
    fn index_config<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let db = self.open(py)?;
        config_out(py, engine(py, || db.index_config())?)
    }

    #[doc = doc!("Database.set_index_config")]
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

    #[doc = doc!("Database.set_ef_search")]
    fn set_ef_search(&self, py: Python<'_>, n: &Bound<'_, PyAny>) -> PyResult<()> {
        let db = self.open(py)?;
        let ef = ef_search("n", n)?;
        engine(py, || db.set_ef_search(ef))
    }

    #[doc = doc!("Database.tombstone_stats")]
    fn tombstone_stats(&self, py: Python<'_>) -> PyResult<(u64, u64)> {
        let db = self.open(py)?;
        engine(py, || db.tombstone_stats())
    }
}
