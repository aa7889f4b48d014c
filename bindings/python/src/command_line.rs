//! The command line, for the console script.

use std::ffi::OsString;

use pyo3::prelude::*;
use vectlite_cli::Streams;

#[doc = doc!("_run_command")]
#[pyfunction(name = "_run_command")]
pub(crate) fn run_command(py: Python<'_>, arguments: Vec<OsString>) -> u8 {
    py.detach(|| vectlite_cli::run(arguments, &mut Streams::of_process()))
}
