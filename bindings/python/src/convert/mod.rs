//! The boundary: what Python gives becomes what the engine takes, and back.
//!
//! | file | converts |
//! |---|---|
//! | `place` | (names a place in an argument, for messages) |
//! | `pace` | (gives the interpreter up in long conversions) |
//! | `foreign` | (recognises objects of numpy and of the standard library) |
//! | `scalars` | strings, bytes, numbers, booleans, paths |
//! | `vectors` | one vector: sequences, buffers, arrays |
//! | `matrix` | many vectors in one argument |
//! | `values` | metadata, filters, sparse vectors |
//! | `records` | records |
//! | `hits` | hits and search statistics |
//! | `explain` | where a score comes from |

pub(crate) mod explain;
pub(crate) mod foreign;
pub(crate) mod hits;
pub(crate) mod matrix;
pub(crate) mod pace;
pub(crate) mod place;
pub(crate) mod records;
pub(crate) mod scalars;
pub(crate) mod values;
pub(crate) mod vectors;

use pyo3::prelude::*;

/// An argument that may be left out: not given, or `None`.
pub(crate) type Given<'a, 'py> = Option<&'a Bound<'py, PyAny>>;
