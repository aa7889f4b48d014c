//! The configuration of graphs, as keywords and as a dict.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyEllipsis};
use vectlite::{IndexChanges, IndexConfig};

use crate::convert::Given;
use crate::convert::place::Place;
use crate::convert::scalars::count;

/// A keyword whose `None` is a value, so that leaving it out is something else; `...` says it, too.
pub(crate) enum Setting<'py> {
    LeftOut,
    To(Bound<'py, PyAny>),
}

impl<'py> FromPyObject<'_, 'py> for Setting<'py> {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Setting<'py>> {
        Ok(if object.is_instance_of::<PyEllipsis>() {
            Setting::LeftOut
        } else {
            Setting::To(object.to_owned())
        })
    }
}

/// The options of a configuration, as they were given.
pub(crate) struct Settings<'a, 'py> {
    pub(crate) m: Given<'a, 'py>,
    pub(crate) ef_construction: Given<'a, 'py>,
    pub(crate) ef_search: Setting<'py>,
    pub(crate) parallel_insert_threshold: Given<'a, 'py>,
    pub(crate) tombstone_rebuild_pct: Given<'a, 'py>,
}

impl Settings<'_, '_> {
    pub(crate) fn convert(&self) -> PyResult<IndexChanges> {
        let mut changes = IndexChanges::new();
        if let Setting::To(given) = &self.ef_search {
            changes = changes.ef_search(ef_search("ef_search", given)?);
        }
        for (name, given, build) in [
            ("m", self.m, IndexChanges::m as fn(IndexChanges, usize) -> IndexChanges),
            ("ef_construction", self.ef_construction, IndexChanges::ef_construction),
            (
                "parallel_insert_threshold",
                self.parallel_insert_threshold,
                IndexChanges::parallel_insert_threshold,
            ),
            ("tombstone_rebuild_pct", self.tombstone_rebuild_pct, IndexChanges::tombstone_rebuild_pct),
        ] {
            if let Some(given) = given {
                changes = build(changes, count(Place::Argument(name), given)?);
            }
        }
        Ok(changes)
    }
}

/// A number of candidates, or `None` for the default.
pub(crate) fn ef_search(name: &str, given: &Bound<'_, PyAny>) -> PyResult<Option<usize>> {
    if given.is_none() { Ok(None) } else { count(Place::Argument(name), given).map(Some) }
}

/// A configuration as a dict.
pub(crate) fn config_out(py: Python<'_>, config: IndexConfig) -> PyResult<Bound<'_, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("m", config.m)?;
    dict.set_item("ef_construction", config.ef_construction)?;
    dict.set_item("ef_search", config.ef_search)?;
    dict.set_item("parallel_insert_threshold", config.parallel_insert_threshold)?;
    dict.set_item("tombstone_rebuild_pct", config.tombstone_rebuild_pct)?;
    Ok(dict)
}
