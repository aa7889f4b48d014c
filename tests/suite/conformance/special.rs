//! Values that JSON has no word for: `{"$float": "nan"}`, `{"$int": "9007199254740993"}`, `{"$repeat": ["x", 2000]}`,
//! `{"$surrogate": true}`, `{"$bytes": "00ff"}`.

use serde_json::Value as Json;
use vectlite::Value;

/// The key and the operand of a special value.
fn special(json: &Json) -> Option<(&str, &Json)> {
    let map = json.as_object().filter(|map| map.len() == 1)?;
    let (key, operand) = map.iter().next()?;
    ["$float", "$int", "$repeat", "$surrogate"].contains(&key.as_str()).then_some((key, operand))
}

/// Whether a value that Rust's types do not hold is somewhere in it.
pub(super) fn is_beyond_rust(json: &Json) -> bool {
    match (special(json), json) {
        (Some(("$surrogate", _)), _) => true,
        (Some(("$int", digits)), _) => digits.as_str().is_some_and(|digits| digits.parse::<i64>().is_err()),
        (Some(_), _) => false,
        (None, Json::Array(elements)) => elements.iter().any(is_beyond_rust),
        (None, Json::Object(entries)) => entries.values().any(is_beyond_rust),
        (None, _) => false,
    }
}

/// The value that is meant.
pub(super) fn value(json: &Json) -> Result<Value, String> {
    if special(json).is_some() {
        return match (int(json), float(json)) {
            (Ok(int), _) => Ok(Value::Int(int)),
            (_, Ok(float)) => Ok(Value::Float(float)),
            _ => string(json).map(Value::String),
        };
    }
    Ok(match json {
        Json::Null => Value::Null,
        Json::Bool(bool) => Value::Bool(*bool),
        Json::Number(number) if number.is_f64() => Value::Float(float(json)?),
        Json::Number(_) => Value::Int(int(json)?),
        Json::String(string) => Value::String(string.clone()),
        Json::Array(elements) => Value::List(elements.iter().map(value).collect::<Result<_, String>>()?),
        Json::Object(entries) => Value::Map(
            entries
                .iter()
                .map(|(key, entry)| Ok((key.clone(), value(entry)?)))
                .collect::<Result<_, String>>()?,
        ),
    })
}

/// A string, written out or repeated.
pub(super) fn string(json: &Json) -> Result<String, String> {
    match (special(json), json) {
        (Some(("$repeat", operand)), _) => {
            let parts = operand.as_array().map(Vec::as_slice).unwrap_or_default();
            match parts {
                [Json::String(text), Json::Number(times)] => {
                    let times = times.as_u64().and_then(|times| usize::try_from(times).ok());
                    times.map(|times| text.repeat(times)).ok_or_else(|| format!("{json}: how often?"))
                }
                _ => Err(format!("{json}: expected a string and a number")),
            }
        }
        (None, Json::String(string)) => Ok(string.clone()),
        _ => Err(format!("{json}: expected a string")),
    }
}

/// Bytes that are written in hexadecimal digits.
pub(super) fn bytes(json: &Json) -> Result<Vec<u8>, String> {
    let wrong = || format!("{json}: expected {{\"$bytes\": hexadecimal digits}}");
    let digits =
        json.as_object().filter(|map| map.len() == 1).and_then(|map| map.get("$bytes")).ok_or_else(wrong)?;
    let digits = string(digits)?;
    let pairs = digits.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).ok());
    let bytes = pairs.map(|pair| u8::from_str_radix(pair.filter(|pair| pair.len() == 2)?, 16).ok());
    bytes.collect::<Option<_>>().ok_or_else(wrong)
}

/// Bytes as an expected result has them.
pub(super) fn bytes_out(bytes: &[u8]) -> Json {
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    serde_json::json!({"$bytes": digits})
}

/// An integer of 64 bits.
pub(super) fn int(json: &Json) -> Result<i64, String> {
    let int = match special(json) {
        Some(("$int", operand)) => operand.as_str().and_then(|digits| digits.parse().ok()),
        Some(_) => None,
        None => json.as_i64(),
    };
    int.ok_or_else(|| format!("{json}: expected an integer"))
}

/// A float, or an integer as one.
pub(super) fn float(json: &Json) -> Result<f64, String> {
    let float = match special(json) {
        Some(("$float", operand)) => match operand.as_str() {
            Some("nan") => Some(f64::NAN),
            Some("inf") => Some(f64::INFINITY),
            Some("-inf") => Some(f64::NEG_INFINITY),
            Some("-0") => Some(-0.0),
            _ => None,
        },
        Some(_) => None,
        None => json.as_f64(),
    };
    float.ok_or_else(|| format!("{json}: expected a number"))
}

/// An expected result with its special values as plain JSON. Results are finite, so only `-0` is left of the floats.
pub(super) fn plain(json: &Json) -> Result<Json, String> {
    match json {
        Json::Object(_) if special(json).is_some() => {
            serde_json::to_value(value(json)?).map_err(|error| format!("{json}: {error}"))
        }
        Json::Object(entries) => {
            entries.iter().map(|(key, entry)| Ok((key.clone(), plain(entry)?))).collect()
        }
        Json::Array(elements) => elements.iter().map(plain).collect(),
        _ => Ok(json.clone()),
    }
}

#[test]
fn special_values_are_what_they_are_written_for() {
    let json = |text: &str| serde_json::from_str::<Json>(text).unwrap();
    assert_eq!(value(&json(r#"{"$int": "9007199254740993"}"#)).unwrap(), Value::Int(9_007_199_254_740_993));
    assert!(value(&json(r#"{"$float": "nan"}"#)).unwrap().as_f64().unwrap().is_nan());
    assert_eq!(value(&json(r#"{"$repeat": ["ab", 2]}"#)).unwrap(), Value::from("abab"));
    assert_eq!(value(&json(r#"[1, 1.0]"#)).unwrap(), Value::List(vec![Value::Int(1), Value::Float(1.0)]));
    assert!(is_beyond_rust(&json(r#"[{"a": {"$surrogate": true}}]"#)));
    assert!(is_beyond_rust(&json(r#"{"$int": "9223372036854775808"}"#)));
    assert!(!is_beyond_rust(&json(r#"{"$int": "9223372036854775807"}"#)));
    assert!(value(&json(r#"{"$float": "large"}"#)).is_err());
    assert_eq!(bytes(&json(r#"{"$bytes": "00ff"}"#)).unwrap(), [0, 255]);
    assert_eq!(bytes(&json(r#"{"$bytes": {"$repeat": ["0a", 3]}}"#)).unwrap(), [10, 10, 10]);
    assert_eq!(bytes_out(&[0, 255]), json(r#"{"$bytes": "00ff"}"#));
    assert!(bytes(&json(r#"{"$bytes": "0"}"#)).is_err() && bytes(&json(r#""00""#)).is_err());
}
