//! Metadata: a tree of typed values under string keys, and the dotted paths into it.
//!
//! | file | holds |
//! |---|---|
//! | `tree` | [`Value`] and [`Metadata`] |
//! | `convert` | from Rust types into a value |
//! | `compare` | equality and order as filters and field indexes mean them |
//! | `path` | a dotted address, and what it finds |
//! | `serialize` | JSON, MessagePack and every other self-describing format |
//! | `validate` | what may be stored |
//! | `location` | how a message names a place in a tree |

mod compare;
mod convert;
mod location;
mod path;
mod serialize;
mod tree;
mod validate;

pub(crate) use compare::{compare_numbers, order_values, same_value};
pub(crate) use location::{Location, Shortened};
pub(crate) use path::Path;
pub use tree::{Metadata, Value};
pub(crate) use validate::{validate, walk};
