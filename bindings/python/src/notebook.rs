//! How a notebook shows what is open: Python writes the page, `vectlite.notebook`.

use pyo3::prelude::*;

use crate::collections::Store;
use crate::database::Database;
use crate::read_view::ReadView;
use crate::transaction::Transaction;

/// Defines the method that notebooks ask for.
macro_rules! shown {
    ($($class:ident)*) => {$(
        #[pymethods]
        impl $class {
            /// This as a table, for a notebook.
            fn _repr_html_<'py>(slf: Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
                slf.py().import("vectlite.notebook")?.call_method1("handle_html", (slf,))
            }
        }
    )*};
}

shown! { Database ReadView Store Transaction }
