//! The typed tree itself.

use std::collections::BTreeMap;

/// The metadata of a record: keys sorted, values typed.
pub type Metadata = BTreeMap<String, Value>;

/// One value of a metadata tree.
///
/// Rust types convert into it, and serde reads and writes it as plain JSON or MessagePack.
///
/// ```
/// use vectlite::{Metadata, Value};
///
/// let metadata = Metadata::from([
///     ("year".to_owned(), Value::from(2024)),
///     ("tags".to_owned(), Value::from(vec!["rust", "search"])),
/// ]);
/// assert_eq!(metadata["year"].as_i64(), Some(2024));
/// ```
///
/// `==` compares structure: `Value::Int(1) != Value::Float(1.0)`. Filters compare by value instead.
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

impl Value {
    /// The boolean, when this is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Value::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The integer, when this is one. A float is none, even a whole one.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Value::Int(value) => Some(*value),
            _ => None,
        }
    }

    /// The float, when this is one. An integer is none, as not every integer has an equal float.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Value::Float(value) => Some(*value),
            _ => None,
        }
    }

    /// The text, when this is a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(value) => Some(value),
            _ => None,
        }
    }

    /// The elements, when this is a list.
    pub fn as_list(&self) -> Option<&[Value]> {
        match self {
            Value::List(values) => Some(values),
            _ => None,
        }
    }

    /// The entries, when this is a map.
    pub fn as_map(&self) -> Option<&Metadata> {
        match self {
            Value::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// The name of this value's type, as messages use it.
    pub(crate) fn type_name(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Int(_) => "an integer",
            Value::Float(_) => "a float",
            Value::String(_) => "a string",
            Value::List(_) => "a list",
            Value::Map(_) => "a map",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accessors_answer_for_their_own_type_only() {
        let values = [
            Value::Null,
            Value::Bool(true),
            Value::Int(3),
            Value::Float(3.0),
            Value::String("3".to_owned()),
            Value::List(vec![Value::Int(3)]),
            Value::Map(Metadata::from([("3".to_owned(), Value::Int(3))])),
        ];
        let answers: Vec<[bool; 6]> = values
            .iter()
            .map(|value| {
                [
                    value.as_bool() == Some(true),
                    value.as_i64() == Some(3),
                    value.as_f64() == Some(3.0),
                    value.as_str() == Some("3"),
                    value.as_list() == Some(&[Value::Int(3)]),
                    value.as_map().is_some_and(|entries| entries.len() == 1),
                ]
            })
            .collect();
        for (row, answer) in answers.iter().enumerate() {
            for (column, found) in answer.iter().enumerate() {
                assert_eq!(*found, row == column + 1, "value {row}, accessor {column}");
            }
        }
    }

    #[test]
    fn every_type_has_its_own_name() {
        let names = [
            (Value::Null, "null"),
            (Value::Bool(false), "a boolean"),
            (Value::Int(0), "an integer"),
            (Value::Float(0.0), "a float"),
            (Value::String(String::new()), "a string"),
            (Value::List(Vec::new()), "a list"),
            (Value::Map(Metadata::new()), "a map"),
        ];
        for (value, name) in names {
            assert_eq!(value.type_name(), name);
        }
    }
}
