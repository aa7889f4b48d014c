//! A table of typed columns, in a file that keeps them apart.
//!
//! | question | file |
//! |---|---|
//! | which rows become which records | [`read`] |
//! | what is a typed value as metadata, and as a vector | [`value`] |
//! | which columns does an export write | [`write`] |

pub(super) mod read;
mod value;
pub(super) mod write;
