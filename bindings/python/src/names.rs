//! Names that are looked up again and again, as strings of Python that are made once.
//!
//! PyO3's `intern!` makes each of them at its first use and lets other threads go on meanwhile. A thread that forks at that moment has a
//! child for which the name is being made for ever, by a thread that is not there. So all of them are made when the module is
//! imported.

use std::sync::OnceLock;

use pyo3::prelude::*;
use pyo3::types::PyString;

const NAMES: [&str; 47] = [
    "__array__",
    "__float__",
    "__fspath__",
    "__getitem__",
    "__index__",
    "__iter__",
    "__len__",
    "astype",
    "bar",
    "close",
    "collect",
    "committed",
    "dense_rank",
    "dense_score",
    "disable",
    "dtype",
    "enable",
    "expires_at",
    "explain",
    "format",
    "fspath",
    "gc",
    "id",
    "isenabled",
    "isoformat",
    "item",
    "keys",
    "kind",
    "matched_terms",
    "metadata",
    "namespace",
    "ndim",
    "os",
    "rerank_score",
    "results",
    "score",
    "sparse",
    "sparse_rank",
    "sparse_score",
    "stats",
    "text",
    "tobytes",
    "tolist",
    "vectlite.bulk",
    "vector",
    "vector_name",
    "vectors",
];

static MADE: OnceLock<[Py<PyString>; NAMES.len()]> = OnceLock::new();

/// Makes them.
pub(crate) fn make(py: Python<'_>) {
    let made = NAMES.map(|name| PyString::intern(py, name).unbind());
    // A second import finds those of the first.
    let _ = MADE.set(made);
}

/// The name with this number, which [`intern`] gives.
pub(crate) fn name<'py>(py: Python<'py>, number: usize) -> &'py Bound<'py, PyString> {
    let made = MADE.get_or_init(|| NAMES.map(|name| PyString::intern(py, name).unbind()));
    made[number].bind(py)
}

/// Where a name stands among them; one that does not is an error of compilation.
pub(crate) const fn number(name: &str) -> usize {
    let mut number = 0;
    while number < NAMES.len() {
        if equal(NAMES[number].as_bytes(), name.as_bytes()) {
            return number;
        }
        number += 1;
    }
    // An index that is none, since this is asked while the crate is compiled.
    NAMES.len() + [0][NAMES.len()]
}

const fn equal(left: &[u8], right: &[u8]) -> bool {
    if left.len() != right.len() {
        return false;
    }
    let mut at = 0;
    while at < left.len() {
        if left[at] != right[at] {
            return false;
        }
        at += 1;
    }
    true
}

/// A name, written where it is used.
macro_rules! intern {
    ($py:expr, $name:literal) => {
        $crate::names::name($py, const { $crate::names::number($name) })
    };
}
pub(crate) use intern;
