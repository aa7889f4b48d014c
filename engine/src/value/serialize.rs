//! [`Value`] through serde: the plain forms of JSON, MessagePack and every other self-describing format.
//!
//! Reading trusts nothing: nesting ends at `MAX_DEPTH`, a length that a file announces reserves only
//! [`RESERVED_ELEMENTS`], integers beyond `i64`, floats that are not finite and keys that come twice are errors.

use std::fmt;

use serde::de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde::ser::{self, SerializeMap, SerializeSeq};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Metadata, Shortened, Value};
use crate::limits::MAX_DEPTH;

/// Elements that a list reserves on the word of its header. Longer lists grow as their elements really come.
const RESERVED_ELEMENTS: usize = 64;

fn too_deep() -> String {
    format!("expected at most {MAX_DEPTH} levels of nested maps and lists")
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Nested { value: self, levels: MAX_DEPTH }.serialize(serializer)
    }
}

/// A value and how many levels of maps and lists it may still open.
struct Nested<'a> {
    value: &'a Value,
    levels: usize,
}

impl Serialize for Nested<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let inner = || self.levels.checked_sub(1).ok_or_else(|| ser::Error::custom(too_deep()));
        match self.value {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Int(value) => serializer.serialize_i64(*value),
            // JSON would write null instead, and MessagePack would store what no read accepts.
            Value::Float(value) if !value.is_finite() => {
                Err(ser::Error::custom(format!("expected a finite number, found {value}")))
            }
            Value::Float(value) => serializer.serialize_f64(*value),
            Value::String(value) => serializer.serialize_str(value),
            Value::List(values) => {
                let levels = inner()?;
                let mut list = serializer.serialize_seq(Some(values.len()))?;
                for value in values {
                    list.serialize_element(&Nested { value, levels })?;
                }
                list.end()
            }
            Value::Map(entries) => {
                let levels = inner()?;
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                for (key, value) in entries {
                    map.serialize_entry(key, &Nested { value, levels })?;
                }
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
        Levels(MAX_DEPTH).deserialize(deserializer)
    }
}

/// Reads a value that may open this many levels of maps and lists.
#[derive(Clone, Copy)]
struct Levels(usize);

impl Levels {
    fn inner<E: de::Error>(self) -> Result<Levels, E> {
        self.0.checked_sub(1).map(Levels).ok_or_else(|| E::custom(too_deep()))
    }
}

impl<'de> DeserializeSeed<'de> for Levels {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Levels {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "null, a boolean, a 64-bit integer, a finite float, a string, a list or a map with string keys",
        )
    }

    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Int(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Value, E> {
        let out_of_range = || {
            E::custom(format!("expected an integer up to {}, found {value}; store it as a string", i64::MAX))
        };
        i64::try_from(value).map(Value::Int).map_err(|_| out_of_range())
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        if value.is_finite() {
            Ok(Value::Float(value))
        } else {
            Err(E::custom(format!("expected a finite number, found {value}")))
        }
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E: de::Error>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let inner = self.inner()?;
        let mut values = Vec::with_capacity(list.size_hint().unwrap_or(0).min(RESERVED_ELEMENTS));
        while let Some(value) = list.next_element_seed(inner)? {
            values.push(value);
        }
        Ok(Value::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let inner = self.inner()?;
        let mut entries = Metadata::new();
        while let Some(key) = map.next_key::<String>()? {
            // Of two values one would be lost, and with it a condition of a filter.
            if entries.contains_key(&key) {
                return Err(de::Error::custom(format!(
                    "expected each key once, found `{}` again",
                    Shortened(&key)
                )));
            }
            let value = map.next_value_seed(inner)?;
            entries.insert(key, value);
        }
        Ok(Value::Map(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from_json(json: &str) -> Result<Value, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    fn from_bytes(bytes: &[u8]) -> Result<Value, String> {
        rmp_serde::from_slice(bytes).map_err(|error| error.to_string())
    }

    /// `levels` lists around a null.
    fn nested(levels: usize) -> Value {
        (0..levels).fold(Value::Null, |inner, _| Value::List(vec![inner]))
    }

    #[test]
    fn both_formats_give_back_what_they_were_given() {
        let values = [
            Value::Null,
            Value::from(true),
            Value::from(i64::MIN),
            Value::from(-33),
            Value::from(0),
            Value::from(i64::MAX),
            Value::from(1.0),
            Value::from(-0.0),
            Value::from(f64::MAX),
            Value::from(f64::MIN_POSITIVE),
            Value::from("zwölf \u{1f980} \0"),
            Value::from(Vec::<i64>::new()),
            Value::from(Metadata::new()),
            Value::from(vec![Some(1), None]),
            Value::from((0..200).collect::<Vec<i32>>()),
            Value::from(Metadata::from([
                ("".to_owned(), Value::from(vec![0.5])),
                ("k".to_owned(), Value::Null),
            ])),
            nested(MAX_DEPTH),
        ];
        for value in values {
            assert_eq!(from_json(&serde_json::to_string(&value).unwrap()).as_ref(), Ok(&value));
            assert_eq!(from_bytes(&rmp_serde::to_vec(&value).unwrap()).as_ref(), Ok(&value));
        }
    }

    #[test]
    fn json_is_plain() {
        let json = r#"{"a":[null,true,-1,1.5,"x"],"b":{}}"#;
        assert_eq!(serde_json::to_string(&from_json(json).unwrap()).unwrap(), json);
    }

    #[test]
    fn options_and_short_floats_of_other_writers_are_read() {
        assert_eq!(from_bytes(&rmp_serde::to_vec(&Some(7_u8)).unwrap()), Ok(Value::Int(7)));
        assert_eq!(from_bytes(&rmp_serde::to_vec(&0.5_f32).unwrap()), Ok(Value::Float(0.5)));
        let none = de::value::UnitDeserializer::<de::value::Error>::new();
        assert_eq!(Value::deserialize(none), Ok(Value::Null));
        assert_eq!(Levels(0).visit_none::<de::value::Error>(), Ok(Value::Null));
        let some = de::value::I64Deserializer::<de::value::Error>::new(3);
        assert_eq!(Levels(0).visit_some(some), Ok(Value::Int(3)));
    }

    #[test]
    fn integers_beyond_64_signed_bits_are_refused() {
        assert_eq!(from_json("9223372036854775807"), Ok(Value::Int(i64::MAX)));
        let message = from_json("9223372036854775808").unwrap_err();
        assert!(
            message.contains("an integer up to 9223372036854775807, found 9223372036854775808"),
            "{message}"
        );
        assert!(from_bytes(&rmp_serde::to_vec(&u64::MAX).unwrap()).is_err());
    }

    #[test]
    fn floats_that_are_not_finite_are_refused_both_ways() {
        for float in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let message = from_bytes(&rmp_serde::to_vec(&float).unwrap()).unwrap_err();
            assert!(message.contains("expected a finite number"), "{message}");
            assert!(rmp_serde::to_vec(&Value::from(float)).is_err());
            assert!(serde_json::to_string(&Value::from(float)).is_err());
        }
    }

    #[test]
    fn nesting_ends_at_the_limit_both_ways() {
        assert!(serde_json::to_string(&nested(MAX_DEPTH + 1)).unwrap_err().to_string().contains("64 levels"));
        let map = |inner| Value::from(Metadata::from([("m".to_owned(), inner)]));
        assert!(rmp_serde::to_vec(&map(nested(MAX_DEPTH))).is_err());
        assert!(rmp_serde::to_vec(&(0..=MAX_DEPTH).fold(Value::Null, |inner, _| map(inner))).is_err());
        // 0x91 is a list of one, 0x81 0xa0 a map of one under the empty key, 0xc0 null.
        for opening in [&[0x91_u8][..], &[0x81, 0xa0]] {
            let bytes = |levels: usize| [opening.repeat(levels), vec![0xc0]].concat();
            assert!(from_bytes(&bytes(MAX_DEPTH)).is_ok());
            for levels in [MAX_DEPTH + 1, 1_000_000] {
                let message = from_bytes(&bytes(levels)).unwrap_err();
                assert!(message.contains("at most 64 levels"), "{message}");
            }
        }
    }

    #[test]
    fn announced_lengths_are_not_believed() {
        // A list, a map and a string that announce four billion elements and end.
        for bytes in [
            &[0xdd, 0xff, 0xff, 0xff, 0xff, 0xc0][..],
            &[0xdf, 0xff, 0xff, 0xff, 0xff],
            &[0xdb, 0xff, 0xff, 0xff, 0xff],
        ] {
            assert!(from_bytes(bytes).is_err());
        }
    }

    #[test]
    fn what_is_no_value_is_refused_with_the_list_of_what_is() {
        // Bytes, an extension, a map with an integer as key, a key that comes twice.
        let message = from_bytes(&[0xc4, 0x01, 0x00]).unwrap_err();
        assert!(message.contains("expected null, a boolean, a 64-bit integer"), "{message}");
        assert!(from_bytes(&[0xd4, 0x01, 0x00]).is_err());
        assert!(from_bytes(&[0x81, 0x01, 0xc0]).is_err());
        let message = from_json(r#"{"a": 1, "b": 2, "a": 3}"#).unwrap_err();
        assert!(message.contains("expected each key once, found `a` again"), "{message}");
    }
}
