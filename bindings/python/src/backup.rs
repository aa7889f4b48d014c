//! Databases that are made of copies.

use pyo3::prelude::*;

use crate::call::engine;
use crate::convert::Given;
use crate::convert::place::Place;
use crate::convert::scalars::path;
use crate::database::Database;
use crate::error::about_files;
use crate::options::Options;

#[doc = doc!("restore")]
#[pyfunction]
#[pyo3(
    signature = (source, dest, *, analyzer=None, sync=None, low_memory=None, vectors_as=None),
    text_signature = "(source, dest, *, analyzer=None, sync='per_op', low_memory=False, vectors_as='list')"
)]
pub(crate) fn restore(
    source: &Bound<'_, PyAny>,
    dest: &Bound<'_, PyAny>,
    analyzer: Given<'_, '_>,
    sync: Given<'_, '_>,
    low_memory: Given<'_, '_>,
    vectors_as: Given<'_, '_>,
) -> PyResult<Database> {
    let py = source.py();
    let given = Options { analyzer, sync, low_memory, vectors_as, ..Options::default() };
    let (options, vectors_as) = (given.convert(py)?, given.vectors_as(py)?);
    let from = path(Place::Argument("source"), source)?;
    let to = path(Place::Argument("dest"), dest)?;
    engine(py, || vectlite::restore(from, to, options))
        .map(|db| Database::new(db, vectors_as))
        .map_err(|error| about_files(error, py, source, dest))
}
