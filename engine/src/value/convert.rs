//! From Rust types into a [`Value`]. Only conversions that lose nothing; a float may still be refused by `validate`.

use super::{Metadata, Value};

impl From<bool> for Value {
    fn from(value: bool) -> Value {
        Value::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Value {
        Value::Int(value)
    }
}

impl From<i32> for Value {
    fn from(value: i32) -> Value {
        Value::Int(value.into())
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Value {
        Value::Int(value.into())
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Value {
        Value::Float(value)
    }
}

impl From<f32> for Value {
    fn from(value: f32) -> Value {
        Value::Float(value.into())
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Value {
        Value::String(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Value {
        Value::String(value)
    }
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(values: Vec<T>) -> Value {
        Value::List(values.into_iter().map(Into::into).collect())
    }
}

impl From<Metadata> for Value {
    fn from(entries: Metadata) -> Value {
        Value::Map(entries)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Value {
        value.map_or(Value::Null, Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rust_type_becomes_the_value_of_its_kind() {
        assert_eq!(Value::from(true), Value::Bool(true));
        assert_eq!(Value::from(i64::MIN), Value::Int(i64::MIN));
        assert_eq!(Value::from(-7_i32), Value::Int(-7));
        assert_eq!(Value::from(u32::MAX), Value::Int(4_294_967_295));
        assert_eq!(Value::from(0.1_f64), Value::Float(0.1));
        assert_eq!(Value::from(0.5_f32), Value::Float(0.5));
        assert_eq!(Value::from("é"), Value::String("é".to_owned()));
        assert_eq!(Value::from("é".to_owned()), Value::String("é".to_owned()));
        assert_eq!(Value::from(vec![1, 2]), Value::List(vec![Value::Int(1), Value::Int(2)]));
        assert_eq!(Value::from(Metadata::new()), Value::Map(Metadata::new()));
        assert_eq!(Value::from(Some("x")), Value::String("x".to_owned()));
        assert_eq!(Value::from(None::<i64>), Value::Null);
    }
}
