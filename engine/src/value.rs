//! Metadata: a tree of typed values under string keys, and the dotted paths into it.

use std::collections::BTreeMap;

/// The metadata of a record: keys sorted, values typed.
pub type Metadata = BTreeMap<String, Value>;

/// One value of a metadata tree.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    /// Nothing; a present null.
    #[default]
    Null,
    /// A boolean, which never equals a number.
    Bool(bool),
    /// A 64-bit signed integer; compared with floats by value, exactly beyond 2^53.
    Int(i64),
    /// A finite 64-bit float.
    Float(f64),
    /// Unicode text.
    String(String),
    /// An ordered list.
    List(Vec<Value>),
    /// A nested map with sorted keys.
    Map(Metadata),
}
