//! How a database is opened: the options of `open` and of a store's collections.

use pyo3::prelude::*;
use pyo3::types::PyString;
use vectlite::{Metric, OpenOptions, SparseScoring, SyncMode};

use crate::analyzers::Analyzer;
use crate::convert::Given;
use crate::convert::place::Place;
use crate::convert::scalars::{count, flag, number, text, unexpected};
use crate::convert::vectors::VectorsAs;
use crate::error::raised;

/// The options as they were given.
#[derive(Default)]
pub(crate) struct Options<'a, 'py> {
    pub(crate) dimension: Given<'a, 'py>,
    pub(crate) read_only: Given<'a, 'py>,
    pub(crate) lock_timeout: Given<'a, 'py>,
    pub(crate) metric: Given<'a, 'py>,
    pub(crate) analyzer: Given<'a, 'py>,
    pub(crate) sync: Given<'a, 'py>,
    pub(crate) sparse_scoring: Given<'a, 'py>,
    pub(crate) positions: Given<'a, 'py>,
    pub(crate) low_memory: Given<'a, 'py>,
    pub(crate) vectors_as: Given<'a, 'py>,
    pub(crate) verify: Given<'a, 'py>,
}

impl Options<'_, '_> {
    pub(crate) fn convert(&self, py: Python<'_>) -> PyResult<OpenOptions> {
        let mut options = OpenOptions::new();
        if let Some(given) = self.dimension {
            options = options.dimension(count(Place::Argument("dimension"), given)?);
        }
        if let Some(given) = self.read_only {
            options = options.read_only(flag(Place::Argument("read_only"), given)?);
        }
        if let Some(given) = self.lock_timeout {
            let seconds = number(Place::Argument("lock_timeout"), given)?;
            options = options.lock_timeout_seconds(seconds).map_err(|error| raised(py, error))?;
        }
        if let Some(given) = self.metric {
            let name = text(Place::Argument("metric"), given)?;
            let metric = name.parse::<Metric>().map_err(|unknown| raised(py, unknown.into()))?;
            options = options.metric(metric);
        }
        if let Some(given) = self.analyzer {
            options = match given.cast::<Analyzer>() {
                Ok(built) => options.analyzer(built.get().inner().clone()),
                Err(_) if given.is_instance_of::<PyString>() => {
                    options.analyzer(text(Place::Argument("analyzer"), given)?)
                }
                Err(_) => {
                    return Err(unexpected(Place::Argument("analyzer"), "a str or an Analyzer", given));
                }
            };
        }
        if let Some(given) = self.sync {
            options = options.sync(sync(given)?);
        }
        if let Some(given) = self.sparse_scoring {
            let name = text(Place::Argument("sparse_scoring"), given)?;
            options = options.sparse_scoring(name.parse::<SparseScoring>().map_err(|e| raised(py, e))?);
        }
        if let Some(given) = self.positions {
            options = options.positions(flag(Place::Argument("positions"), given)?);
        }
        if let Some(given) = self.low_memory {
            options = options.low_memory(flag(Place::Argument("low_memory"), given)?);
        }
        if let Some(given) = self.verify {
            options = options.verify(flag(Place::Argument("verify"), given)?);
        }
        Ok(options)
    }
}

impl Options<'_, '_> {
    /// What vectors come back as.
    pub(crate) fn vectors_as(&self, py: Python<'_>) -> PyResult<VectorsAs> {
        self.vectors_as.map_or(Ok(VectorsAs::Lists), |given| {
            VectorsAs::named(py, &text(Place::Argument("vectors_as"), given)?)
        })
    }
}

/// A name, or a name and a number of commits.
fn sync(given: &Bound<'_, PyAny>) -> PyResult<SyncMode> {
    let at = Place::Argument("sync");
    let (name, commits) = if given.is_instance_of::<PyString>() {
        (text(at, given)?, None)
    } else if let Ok((name, commits)) = given.extract::<(Bound<'_, PyAny>, Bound<'_, PyAny>)>() {
        (text(at.position(0), &name)?, Some(count(at.position(1), &commits)?))
    } else {
        return Err(unexpected(at, "a str or (\"every_n\", n)", given));
    };
    SyncMode::named(&name, commits).map_err(|error| raised(given.py(), error))
}
