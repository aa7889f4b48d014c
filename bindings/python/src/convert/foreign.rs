//! Objects of numpy and of the standard library, recognised without importing what nobody uses.

use std::sync::OnceLock;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyType};

/// A class of a module, once that module is loaded: an object of it cannot exist before. It is set with the interpreter held, so that no
/// thread can fork in between.
struct Foreign {
    module: &'static str,
    class: &'static str,
    found: OnceLock<Py<PyType>>,
}

impl Foreign {
    const fn new(module: &'static str, class: &'static str) -> Foreign {
        Foreign { module, class, found: OnceLock::new() }
    }

    fn is_class_of(&self, object: &Bound<'_, PyAny>) -> PyResult<bool> {
        let py = object.py();
        if let Some(class) = self.found.get() {
            return object.is_instance(class.bind(py));
        }
        let modules = py.import("sys")?.getattr("modules")?;
        let Some(module) = modules.cast::<PyDict>()?.get_item(self.module)? else { return Ok(false) };
        // A module that is being imported, or stands in for another, may lack the class.
        let Ok(class) = module.getattr(self.class).and_then(|class| Ok(class.cast_into::<PyType>()?)) else {
            return Ok(false);
        };
        let known = object.is_instance(&class);
        // Another thread may have been first, with the same.
        let _ = self.found.set(class.unbind());
        known
    }
}

static ARRAY: Foreign = Foreign::new("numpy", "ndarray");
static SCALAR: Foreign = Foreign::new("numpy", "generic");
static DATE: Foreign = Foreign::new("datetime", "date");
static UUID: Foreign = Foreign::new("uuid", "UUID");

/// Whether this is an array of numpy.
pub(crate) fn is_array(object: &Bound<'_, PyAny>) -> PyResult<bool> {
    ARRAY.is_class_of(object)
}

/// Whether this is a scalar of numpy.
pub(crate) fn is_scalar(object: &Bound<'_, PyAny>) -> PyResult<bool> {
    SCALAR.is_class_of(object)
}

/// Whether this is a `date`; a `datetime` is one too.
pub(crate) fn is_date(object: &Bound<'_, PyAny>) -> PyResult<bool> {
    DATE.is_class_of(object)
}

/// Whether this is a `UUID`.
pub(crate) fn is_uuid(object: &Bound<'_, PyAny>) -> PyResult<bool> {
    UUID.is_class_of(object)
}
