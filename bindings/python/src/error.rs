//! Errors: one to one from `ErrorKind` to the classes of `vectlite.error`.

use pyo3::exceptions::PyOSError;
use pyo3::prelude::*;
use pyo3::types::PyType;
use vectlite::{Error, ErrorKind, StepError};

/// Where the classes are: in Python, as some of them inherit from several built-in ones.
const MODULE: &str = "vectlite.error";

/// The class that a kind is raised as.
fn class_name(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::LockContention => "VectLiteLockError",
        ErrorKind::Closed => "ClosedError",
        ErrorKind::ReadOnly => "ReadOnlyError",
        ErrorKind::DimensionMismatch => "DimensionMismatchError",
        ErrorKind::InvalidArgument => "InvalidArgumentError",
        ErrorKind::AlreadyExists => "AlreadyExistsError",
        ErrorKind::NotFound => "NotFoundError",
        ErrorKind::Filter => "FilterError",
        ErrorKind::Corruption => "CorruptionError",
        ErrorKind::UnsupportedFormat => "UnsupportedFormatError",
        ErrorKind::Storage => "StorageError",
    }
}

fn class<'py>(py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyType>> {
    Ok(py.import(MODULE)?.getattr(name)?.cast_into()?)
}

#[doc = doc!("error_classes")]
#[pyfunction]
pub(crate) fn error_classes(py: Python<'_>) -> PyResult<Vec<(&'static str, Bound<'_, PyType>)>> {
    ErrorKind::ALL.iter().map(|kind| Ok((kind.code(), class(py, class_name(*kind))?))).collect()
}

/// The exception of an error of the engine; what a function of the caller's raised is that exception itself.
pub(crate) fn raised(py: Python<'_>, error: Error) -> PyErr {
    let committed = error.committed();
    match error.into_step_error() {
        Ok(step) => {
            let exception = raised_by_step(py, step);
            if let Some(records) = committed {
                // Not every exception takes attributes; what it says itself matters more.
                let _ = exception.value(py).setattr("committed", records);
            }
            exception
        }
        Err(error) => exception(py, class_name(error.kind()), &error).unwrap_or_else(|failure| failure),
    }
}

/// What a function in an analyzer raised.
pub(crate) fn raised_by_step(py: Python<'_>, error: StepError) -> PyErr {
    match error.downcast::<PyErr>() {
        Ok(exception) => *exception,
        Err(error) => invalid(py, error.to_string()),
    }
}

/// The exception of an error of opening, where the caller may have waited for the lock.
pub(crate) fn raised_by_open(py: Python<'_>, error: Error, waited: bool) -> PyErr {
    if error.kind() != ErrorKind::LockContention || !waited {
        return raised(py, error);
    }
    exception(py, "LockTimeoutError", &error).unwrap_or_else(|failure| failure)
}

/// The same exception, as one about the file that the caller named.
pub(crate) fn about_file(error: PyErr, py: Python<'_>, path: &Bound<'_, PyAny>) -> PyErr {
    if error.is_instance_of::<PyOSError>(py) {
        // The exception matters more than its filename.
        let _ = error.value(py).setattr("filename", path);
    }
    error
}

/// The same exception, as one about two files that the caller named: as `os.rename` does.
pub(crate) fn about_files(
    error: PyErr,
    py: Python<'_>,
    from: &Bound<'_, PyAny>,
    to: &Bound<'_, PyAny>,
) -> PyErr {
    let error = about_file(error, py, from);
    if error.is_instance_of::<PyOSError>(py) {
        let _ = error.value(py).setattr("filename2", to);
    }
    error
}

fn exception(py: Python<'_>, name: &str, error: &Error) -> PyResult<PyErr> {
    let value = class(py, name)?.call1((error.to_string(),))?;
    if let Some(number) = error.io_error().and_then(std::io::Error::raw_os_error) {
        value.setattr("errno", number)?;
        value.setattr("strerror", py.import("os")?.call_method1("strerror", (number,))?)?;
    }
    if let Some(records) = error.committed() {
        value.setattr("committed", records)?;
    }
    Ok(PyErr::from_value(value))
}

/// What cannot be converted into what the engine takes: a value that its type cannot hold.
pub(crate) fn invalid(py: Python<'_>, message: String) -> PyErr {
    own(py, ErrorKind::InvalidArgument, message)
}

/// Something of the binding's own was closed: a store, a transaction.
pub(crate) fn closed(py: Python<'_>, message: &str) -> PyErr {
    own(py, ErrorKind::Closed, message.to_owned())
}

fn own(py: Python<'_>, kind: ErrorKind, message: String) -> PyErr {
    class(py, class_name(kind)).map_or_else(|failure| failure, |class| PyErr::from_type(class, (message,)))
}
