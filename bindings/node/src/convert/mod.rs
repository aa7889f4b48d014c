//! The boundary: what JavaScript gives becomes what the engine takes, and back. Nothing else touches JavaScript values.
//!
//! | file | converts |
//! |---|---|
//! | `place` | (names a place in an argument, for messages) |
//! | `scalars` | strings, numbers, booleans, and what is not given |
//! | `options` | objects of options, which refuse unknown keys |
//! | `bytes` | bytes that mean nothing here |
//! | `vectors` | typed arrays and arrays of numbers |
//! | `values` | metadata, filters, sparse vectors |
//! | `plain` | metadata and terms, on their way back |
//! | `records` | records |
//! | `hits` | hits and responses |
//! | `explain` | where a score comes from |
//! | `stats` | how a search was run |

pub(crate) mod bytes;
pub(crate) mod explain;
pub(crate) mod hits;
pub(crate) mod options;
pub(crate) mod place;
pub(crate) mod plain;
pub(crate) mod records;
pub(crate) mod scalars;
pub(crate) mod stats;
pub(crate) mod values;
pub(crate) mod vectors;
