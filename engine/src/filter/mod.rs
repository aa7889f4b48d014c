//! Filters: which records a read sees, by their metadata.
//!
//! | file | holds |
//! |---|---|
//! | `builder` | [`Filter`], what users hold, and its functions |
//! | `condition` | the tree that a filter is |
//! | `values` | many operands, found by binary search |
//! | `parse` | from a value (a dict, an object, JSON) into the tree; refuses what has no meaning |
//! | `write` | from the tree back into a value |
//! | `serialize` | from and to JSON, MessagePack and their like |
//! | `weight` | how large a tree is, for the limits |
//! | `eval` | the meaning: does a record match |
//! | `candidates` | the shortcut: what field indexes know of it |
//!
//! The rules for users stand in `engine/docs/query-semantics.md`.

mod builder;
pub(crate) mod candidates;
mod condition;
mod eval;
mod parse;
#[cfg(feature = "serde")]
mod serialize;
#[cfg(test)]
pub(crate) mod tests;
mod values;
mod weight;
mod write;

pub use builder::Filter;
