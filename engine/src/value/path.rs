//! A dotted address in metadata, and what it finds there.

use super::{Metadata, Shortened, Value};
use crate::error::{Error, Result};
use crate::limits::{MAX_DEPTH, MAX_PATH_BYTES};

/// A dotted address: `author.name`, `tags.0`.
///
/// It finds one value or none; the first that resolves, in this order:
/// 1. In a map, the longest key that is the path or ends at one of its dots comes first, so that the literal key
///    wins over nested maps. What is left of the path goes on in that key's value.
/// 2. When it leads nowhere, the next shorter key is tried.
/// 3. In a list, the next step must be a position: decimal, from 0, without sign or leading zero.
/// 4. A list is never searched for the step: `authors.name` does not look into the elements; `$elemMatch` does.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Path(Box<str>);

impl Path {
    /// A path of at most `MAX_PATH_BYTES` bytes and `MAX_DEPTH` steps. Every text within them is a path, also the empty one:
    /// a key may be any string.
    pub(crate) fn new(path: &str) -> Result<Path> {
        if path.len() > MAX_PATH_BYTES {
            let shown = Shortened(path);
            let found = path.len();
            return Err(Error::invalid(format!(
                "path `{shown}`: expected at most {MAX_PATH_BYTES} bytes, found {found}"
            )));
        }
        let steps = path.split('.').count();
        if steps > MAX_DEPTH {
            let shown = Shortened(path);
            return Err(Error::invalid(format!(
                "path `{shown}`: expected at most {MAX_DEPTH} steps, found {steps}"
            )));
        }
        Ok(Path(path.into()))
    }

    /// The path as it was given.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The value that this path finds in `metadata`.
    pub(crate) fn resolve<'a>(&self, metadata: &'a Metadata) -> Option<&'a Value> {
        in_map(metadata, &self.0)
    }
}

// Each call leaves at least one step of the path behind, so the recursion ends after MAX_DEPTH steps; and a map is
// reached by one way of cutting the path only, so no map is looked into twice.

fn in_map<'a>(entries: &'a Metadata, path: &str) -> Option<&'a Value> {
    entries.get(path).or_else(|| {
        path.rmatch_indices('.').find_map(|(dot, _)| {
            let (key, rest) = (path.get(..dot)?, path.get(dot + 1..)?);
            in_value(entries.get(key)?, rest)
        })
    })
}

fn in_value<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    match value {
        Value::Map(entries) => in_map(entries, path),
        Value::List(elements) => in_list(elements, path),
        _ => None,
    }
}

fn in_list<'a>(elements: &'a [Value], path: &str) -> Option<&'a Value> {
    match path.split_once('.') {
        Some((step, rest)) => in_value(elements.get(position(step)?)?, rest),
        None => elements.get(position(path)?),
    }
}

/// A position has one spelling, as a key has.
fn position(step: &str) -> Option<usize> {
    let canonical = step == "0" || !step.starts_with(['0', '+']);
    if canonical { step.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    fn metadata(json: &str) -> Metadata {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn what_a_path_finds() {
        let cases: &[(&str, &str, Option<&str>)] = &[
            // The literal key.
            (r#"{"a": 1}"#, "a", Some("1")),
            (r#"{"a": null}"#, "a", Some("null")),
            (r#"{"a": 1}"#, "b", None),
            (r#"{"": 1}"#, "", Some("1")),
            (r#"{"a": 1}"#, "", None),
            (r#"{"a.b": 1, "a": {"b": 2}}"#, "a.b", Some("1")),
            (r#"{"a.": 1}"#, "a.", Some("1")),
            // Nested maps.
            (r#"{"a": {"b": 2}}"#, "a.b", Some("2")),
            (r#"{"a": {"b": {"c": 3}}}"#, "a.b.c", Some("3")),
            (r#"{"a": {"b": {"c": 3}}}"#, "a.b", Some(r#"{"c": 3}"#)),
            (r#"{"a": {"": 3}}"#, "a.", Some("3")),
            (r#"{"": {"a": 3}}"#, ".a", Some("3")),
            (r#"{"a": 1}"#, "a.b", None),
            (r#"{"a": "text"}"#, "a.0", None),
            (r#"{"a": null}"#, "a.b", None),
            // Keys that hold dots themselves, at any level; the longest first, the others after it.
            (r#"{"report.pdf": {"pages": 3}}"#, "report.pdf.pages", Some("3")),
            (r#"{"a": {"b.c": 3}}"#, "a.b.c", Some("3")),
            (r#"{"a.b": {"c": 1}, "a": {"b": {"c": 2}, "b.c": 3}}"#, "a.b.c", Some("1")),
            (r#"{"a.b": {"x": 1}, "a": {"b": {"c": 2}, "b.c": 3}}"#, "a.b.c", Some("3")),
            (r#"{"a.b": 1, "a": {"b": {"c": 2}}}"#, "a.b.c", Some("2")),
            // Positions.
            (r#"{"a": [5, 6]}"#, "a.0", Some("5")),
            (r#"{"a": [5, 6]}"#, "a.1", Some("6")),
            (r#"{"a": [5, 6]}"#, "a.2", None),
            (r#"{"a": [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]}"#, "a.10", Some("10")),
            (r#"{"a": [5, 6]}"#, "a.01", None),
            (r#"{"a": [5, 6]}"#, "a.00", None),
            (r#"{"a": [5, 6]}"#, "a.+1", None),
            (r#"{"a": [5, 6]}"#, "a.-1", None),
            (r#"{"a": [5, 6]}"#, "a.", None),
            (r#"{"a": [5, 6]}"#, "a.99999999999999999999999", None),
            (r#"{"a": [[1], [2, 3]]}"#, "a.1.0", Some("2")),
            (r#"{"a": [{"b": 1}, {"b": 2}]}"#, "a.1.b", Some("2")),
            (r#"{"a": [{"b.c": 1}]}"#, "a.0.b.c", Some("1")),
            (r#"{"a": [5]}"#, "a.0.b", None),
            (r#"{"a": [5]}"#, "a.1.b", None),
            (r#"{"a": [{"b": 1}]}"#, "a.x.b", None),
            // A position is a key like any other in a map, and lists are not searched for keys.
            (r#"{"a": {"0": 7}}"#, "a.0", Some("7")),
            (r#"{"a": [{"b": 1}]}"#, "a.b", None),
        ];
        for (json, path, expected) in cases {
            let metadata = metadata(json);
            let expected: Option<Value> = expected.map(|json| serde_json::from_str(json).unwrap());
            assert_eq!(Path::new(path).unwrap().resolve(&metadata), expected.as_ref(), "{path} in {json}");
        }
    }

    #[test]
    fn huge_paths_are_refused() {
        assert!(Path::new(&"a".repeat(MAX_PATH_BYTES)).is_ok());
        let long = Path::new(&"a".repeat(MAX_PATH_BYTES + 1)).unwrap_err();
        assert_eq!(long.kind(), ErrorKind::InvalidArgument);
        assert!(long.to_string().contains("1024 bytes, found 1025"), "{long}");

        let steps = |count: usize| vec!["a"; count].join(".");
        assert_eq!(Path::new(&steps(MAX_DEPTH)).unwrap().as_str(), steps(MAX_DEPTH));
        let deep = Path::new(&steps(MAX_DEPTH + 1)).unwrap_err();
        assert!(deep.to_string().contains("64 steps, found 65"), "{deep}");
    }
}
