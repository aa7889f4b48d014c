//! What may be stored: bounded depth, bounded size, finite numbers.

use super::{Location, Metadata, Value};
use crate::error::{Error, Result};
use crate::limits::{MAX_DEPTH, MAX_METADATA_BYTES};

/// Checks that `metadata` may be stored; the message names the place that may not.
///
/// At most `MAX_DEPTH` levels of maps and lists with the metadata itself as the first, finite floats, and at most
/// `MAX_METADATA_BYTES` bytes when encoded. The size is that of the MessagePack form, to the byte, without encoding it.
pub(crate) fn validate(metadata: &Metadata) -> Result<()> {
    let mut size = map_bytes(metadata);
    let root = Location::Root;
    if size > MAX_METADATA_BYTES {
        return Err(Error::invalid(format!("metadata: {}", too_large(size))));
    }
    for (key, value) in metadata {
        walk(value, root.key(key), MAX_DEPTH - 1, &mut |value| {
            size = size.saturating_add(own_bytes(value));
            if size > MAX_METADATA_BYTES { Err(too_large(size)) } else { Ok(()) }
        })
        .map_err(|fault| Error::invalid(format!("metadata at {fault}")))?;
    }
    Ok(())
}

fn too_large(size: usize) -> String {
    format!("expected at most {MAX_METADATA_BYTES} bytes when encoded, found {size} so far; store less")
}

/// Visits `value` and everything in it, parents first, and refuses floats that are not finite and more than `levels`
/// levels of maps and lists. A fault reads "`place`: what is wrong".
pub(crate) fn walk(
    value: &Value,
    at: Location<'_>,
    levels: usize,
    visit: &mut dyn FnMut(&Value) -> Result<(), String>,
) -> Result<(), String> {
    let fault = |what: String| if at.is_root() { what } else { format!("`{at}`: {what}") };
    visit(value).map_err(fault)?;
    match value {
        Value::Float(float) if !float.is_finite() => {
            Err(fault(format!("expected a finite number, found {float}")))
        }
        Value::List(_) | Value::Map(_) if levels == 0 => {
            Err(fault(format!("expected at most {MAX_DEPTH} levels of nested maps and lists")))
        }
        Value::List(elements) => elements
            .iter()
            .enumerate()
            .try_for_each(|(position, element)| walk(element, at.position(position), levels - 1, visit)),
        Value::Map(entries) => {
            entries.iter().try_for_each(|(key, value)| walk(value, at.key(key), levels - 1, visit))
        }
        _ => Ok(()),
    }
}

/// Bytes of one value in MessagePack, without its elements; the keys of a map count as its own.
fn own_bytes(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) => 1,
        Value::Int(int) => match *int {
            -0x20..0x80 => 1,
            -0x80..0x100 => 2,
            -0x8000..0x1_0000 => 3,
            -0x8000_0000..0x1_0000_0000 => 5,
            _ => 9,
        },
        Value::Float(_) => 9,
        Value::String(text) => string_bytes(text),
        Value::List(elements) => header_bytes(elements.len()),
        Value::Map(entries) => map_bytes(entries),
    }
}

fn string_bytes(text: &str) -> usize {
    let header = match text.len() {
        0..0x20 => 1,
        0x20..0x100 => 2,
        0x100..0x1_0000 => 3,
        _ => 5,
    };
    text.len().saturating_add(header)
}

fn map_bytes(entries: &Metadata) -> usize {
    entries.keys().fold(header_bytes(entries.len()), |sum, key| sum.saturating_add(string_bytes(key)))
}

fn header_bytes(count: usize) -> usize {
    match count {
        0..0x10 => 1,
        0x10..0x1_0000 => 3,
        _ => 5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    fn under(key: &str, value: impl Into<Value>) -> Metadata {
        Metadata::from([(key.to_owned(), value.into())])
    }

    /// `levels` lists around a null.
    fn nested(levels: usize) -> Value {
        (0..levels).fold(Value::Null, |inner, _| Value::List(vec![inner]))
    }

    fn refusal(metadata: &Metadata) -> String {
        let error = validate(metadata).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        error.to_string()
    }

    #[test]
    fn ordinary_metadata_passes() {
        assert!(validate(&Metadata::new()).is_ok());
        let metadata = serde_json::from_str(r#"{"a": [1, 2.5, null, true, {"b": "c"}], "d": {}}"#).unwrap();
        assert!(validate(&metadata).is_ok());
    }

    #[test]
    fn nesting_ends_at_the_limit_with_the_metadata_as_its_first_level() {
        assert!(validate(&under("a", nested(MAX_DEPTH - 1))).is_ok());
        let message = refusal(&under("a", nested(MAX_DEPTH)));
        assert!(message.starts_with("metadata at `a.0.0."), "{message}");
        assert!(message.contains("at most 64 levels"), "{message}");
        // Far beyond, and through maps: refused without walking down.
        let maps = (0..5_000).fold(Value::Null, |inner, _| Value::Map(under("m", inner)));
        assert!(refusal(&under("a", maps)).contains("at most 64 levels"));
    }

    #[test]
    fn floats_must_be_finite_and_the_message_says_where() {
        for float in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let message = refusal(&under("a", Value::Map(under("b", vec![1.0, float]))));
            assert_eq!(message, format!("metadata at `a.b.1`: expected a finite number, found {float}"));
        }
    }

    #[test]
    fn the_size_is_that_of_the_encoding() {
        let mut values: Vec<Value> = vec![Value::Null, Value::from(true), Value::from(0.0)];
        for power in 0..64 {
            let edge = 1_i64.checked_shl(power).unwrap();
            values.extend(
                [edge, edge.wrapping_sub(1), edge.wrapping_neg(), (!edge).wrapping_add(0)].map(Value::Int),
            );
        }
        for length in [0, 31, 32, 255, 256, 65_535, 65_536] {
            values.push(Value::from("x".repeat(length)));
        }
        for count in [0, 15, 16, 65_535, 65_536] {
            values.push(Value::List(vec![Value::Null; count]));
            values.push(Value::Map((0..count).map(|i| (i.to_string(), Value::Null)).collect()));
        }
        for value in values {
            let mut size = 0;
            walk(&value, Location::Root, MAX_DEPTH, &mut |value| {
                size += own_bytes(value);
                Ok(())
            })
            .unwrap();
            let encoded = rmp_serde::to_vec(&value).unwrap().len();
            assert_eq!(size, encoded, "{} of {encoded} bytes", value.type_name());
        }
    }

    #[test]
    fn metadata_may_fill_the_limit_and_no_more() {
        // A map header, a key of one byte with its header, and the header of a long string.
        let overhead = 1 + 2 + 5;
        assert!(validate(&under("a", "x".repeat(MAX_METADATA_BYTES - overhead))).is_ok());
        let message = refusal(&under("a", "x".repeat(MAX_METADATA_BYTES - overhead + 1)));
        assert!(message.starts_with("metadata at `a`: expected at most 1048576 bytes"), "{message}");
        assert!(message.contains("found 1048577 so far"), "{message}");

        let key_overhead = 1 + 5 + 1;
        assert!(validate(&under(&"k".repeat(MAX_METADATA_BYTES - key_overhead), Value::Null)).is_ok());
        let message = refusal(&under(&"k".repeat(MAX_METADATA_BYTES - 5), Value::Null));
        assert!(message.starts_with("metadata: expected at most"), "{message}");
        assert!(validate(&under(&"k".repeat(MAX_METADATA_BYTES - key_overhead + 1), Value::Null)).is_err());
    }

    #[test]
    fn keys_of_nested_maps_count() {
        let inner = under(&"k".repeat(MAX_METADATA_BYTES), Value::Null);
        assert!(refusal(&under("a", Value::Map(inner))).starts_with("metadata at `a`: expected at most"));
    }
}
