//! What a cell of CSV is, which has no type: a number, a truth, a list or dict as JSON, or text.

use vectlite::Value;

/// The value of a cell; `None` for an empty one. Whatever does not come out as it stands stays text: `007` and numbers beyond 64 bits.
pub(super) fn typed(cell: &str) -> Option<Value> {
    let text = || Value::String(cell.to_owned());
    Some(match cell.as_bytes().first()? {
        b'-' | b'0'..=b'9' => number(cell).unwrap_or_else(text),
        b't' if cell == "true" => Value::Bool(true),
        b'f' if cell == "false" => Value::Bool(false),
        b'[' | b'{' => serde_json::from_str(cell).unwrap_or_else(|_| text()),
        _ => text(),
    })
}

/// An integer or a float, written as JSON writes them.
fn number(cell: &str) -> Option<Value> {
    // JSON has no leading zeros, no sign in front but a minus, and no infinities; integers beyond 64 bits become floats there.
    let whole = cell.bytes().all(|byte| byte == b'-' || byte.is_ascii_digit());
    match serde_json::from_str(cell).ok()? {
        Value::Int(integer) => Some(Value::Int(integer)),
        // A zero with a sign is a float, as in JSON.
        Value::Float(float) if !whole || float == 0.0 => Some(Value::Float(float)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_what_it_looks_like() {
        let list = Value::from(vec![1, 2]);
        for (cell, value) in [
            ("12", Value::Int(12)),
            ("-7", Value::Int(-7)),
            ("9223372036854775807", Value::Int(i64::MAX)),
            ("1.50", Value::Float(1.5)),
            ("1e3", Value::Float(1000.0)),
            ("true", Value::Bool(true)),
            ("false", Value::Bool(false)),
            ("[1, 2]", list),
        ] {
            assert_eq!(typed(cell), Some(value), "{cell}");
        }
        assert_eq!(typed(""), None);
    }

    #[test]
    fn what_would_change_stays_text() {
        for cell in [
            "007",
            "9223372036854775808",
            "1e999",
            "NaN",
            "inf",
            "+5",
            "1_000",
            "True",
            "0x10",
            "-",
            "[1",
            "2024-01-31",
            " 1",
        ] {
            assert_eq!(typed(cell), Some(Value::from(cell)), "{cell}");
        }
    }
}
