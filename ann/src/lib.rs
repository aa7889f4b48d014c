//! Nearest neighbours over slots and f32 slices.
//!
//! This crate knows numbers only: no record ids, no namespaces, no files.

mod metric;

pub use metric::{Metric, UnknownMetric};
