//! Filters over metadata.

/// A filter over the metadata of records.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter;
