//! Whether a database is sound, and what can be saved of it.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use vectlite::{Repair, VerifyOptions, VerifyReport};

use crate::call::engine;
use crate::convert::Given;
use crate::convert::place::Place;
use crate::convert::scalars::{flag, path};
use crate::error::{about_file, about_files};

#[doc = doc!("verify")]
#[pyfunction]
#[pyo3(
    signature = (path, deep=None, repair_to=None),
    text_signature = "(path, deep=False, repair_to=None)"
)]
pub(crate) fn verify<'py>(
    path: &Bound<'py, PyAny>,
    deep: Given<'_, 'py>,
    repair_to: Given<'_, 'py>,
) -> PyResult<Bound<'py, PyDict>> {
    let py = path.py();
    let file = self::path(Place::Argument("path"), path)?;
    let options = verify_options(deep, repair_to)?;
    let report = engine(py, || vectlite::verify(file, &options)).map_err(|error| match repair_to {
        Some(dest) => about_files(error, py, path, dest),
        None => about_file(error, py, path),
    })?;
    report_out(py, report)
}

/// What is verified, as it was given.
pub(crate) fn verify_options(deep: Given<'_, '_>, repair_to: Given<'_, '_>) -> PyResult<VerifyOptions> {
    let mut options = VerifyOptions::new();
    if let Some(given) = deep {
        options = options.deep(flag(Place::Argument("deep"), given)?);
    }
    if let Some(given) = repair_to {
        options = options.repair_to(path(Place::Argument("repair_to"), given)?);
    }
    Ok(options)
}

/// What was found as a dict.
pub(crate) fn report_out(py: Python<'_>, report: VerifyReport) -> PyResult<Bound<'_, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("sound", report.is_sound())?;
    dict.set_item("deep", report.deep)?;
    dict.set_item("commit_id", report.commit_id)?;
    dict.set_item("records", report.records)?;
    dict.set_item("values", report.values)?;
    dict.set_item("bytes", report.bytes)?;
    dict.set_item("log_commits", report.log_commits)?;
    dict.set_item("graphs", report.graphs)?;
    let problems = PyList::empty(py);
    for problem in report.problems {
        let entry = PyDict::new(py);
        entry.set_item("file", problem.file.name())?;
        entry.set_item("what", problem.what)?;
        problems.append(entry)?;
    }
    dict.set_item("problems", problems)?;
    dict.set_item("problem_count", report.problem_count)?;
    dict.set_item("repair", report.repair.map(|repair| repair_out(py, repair)).transpose()?)?;
    Ok(dict)
}

fn repair_out(py: Python<'_>, repair: Repair) -> PyResult<Bound<'_, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("records", repair.records)?;
    dict.set_item("lost", repair.lost)?;
    let incomplete = PyList::empty(py);
    for record in repair.incomplete {
        let entry = PyDict::new(py);
        entry.set_item("namespace", record.namespace)?;
        entry.set_item("id", record.id)?;
        entry.set_item("missing", record.missing)?;
        incomplete.append(entry)?;
    }
    dict.set_item("incomplete", incomplete)?;
    dict.set_item("kv_saved", repair.kv_saved)?;
    dict.set_item("kv_lost", repair.kv_lost)?;
    Ok(dict)
}
