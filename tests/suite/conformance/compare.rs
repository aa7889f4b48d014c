//! Whether a result is the expected one.

use serde_json::{Map, Value as Json};

/// Keys whose values are the user's, and so are compared whole.
const WHOLE: [&str; 3] = ["metadata", "sparse", "vectors"];

/// The key below which no name is the user's.
const OURS: &str = "explain";

/// What is compared of an object: as it stands in a result, in what the user named, or in an explanation.
#[derive(Clone, Copy, PartialEq)]
enum Rule {
    NamedKeys,
    Whole,
    NamedKeysBelow,
}

impl Rule {
    fn below(self, key: &str) -> Rule {
        match self {
            Rule::NamedKeys if WHOLE.contains(&key) => Rule::Whole,
            Rule::NamedKeys if key == OURS => Rule::NamedKeysBelow,
            rule => rule,
        }
    }
}

/// Where and how `found` differs from what is expected.
pub(super) fn difference(expected: &Json, found: &Json) -> Option<String> {
    differ(expected, found, "result", Rule::NamedKeys)
}

fn differ(expected: &Json, found: &Json, at: &str, rule: Rule) -> Option<String> {
    let differs = || Some(format!("{at}: expected {expected}, found {found}"));
    match (expected, found) {
        (Json::Array(wanted), Json::Array(elements)) if wanted.len() == elements.len() => {
            wanted.iter().zip(elements).enumerate().find_map(|(place, (wanted, element))| {
                differ(wanted, element, &format!("{at}.{place}"), rule)
            })
        }
        (Json::Object(wanted), Json::Object(entries)) => objects(wanted, entries, at, rule),
        (Json::Number(_), Json::Number(_)) if same_number(expected, found) => None,
        (Json::Null | Json::Bool(_) | Json::String(_), _) if expected == found => None,
        _ => differs(),
    }
}

fn objects(wanted: &Map<String, Json>, entries: &Map<String, Json>, at: &str, rule: Rule) -> Option<String> {
    if rule == Rule::Whole
        && let Some(key) = entries.keys().find(|key| !wanted.contains_key(*key))
    {
        return Some(format!("{at}: expected no key {key:?}"));
    }
    wanted.iter().find_map(|(key, wanted)| match entries.get(key) {
        Some(entry) => differ(wanted, entry, &format!("{at}.{key}"), rule.below(key)),
        // Other languages let a `null` be met by nothing; Rust's results have every key, so a missing one is a slip.
        None => Some(format!("{at}: expected a key {key:?}")),
    })
}

/// By value and exactly: as integers where both are, else as floats that convert without loss.
fn same_number(left: &Json, right: &Json) -> bool {
    if let (Some(left), Some(right)) = (left.as_i64(), right.as_i64()) {
        return left == right;
    }
    left.as_f64() == right.as_f64()
}

#[test]
fn objects_are_compared_by_the_keys_that_are_named() {
    let differs = |expected: &str, found: &str| {
        difference(&serde_json::from_str(expected).unwrap(), &serde_json::from_str(found).unwrap()).is_some()
    };
    for (expected, found) in [
        (r#"{"a": 1}"#, r#"{"a": 1.0, "b": 2}"#),
        (r#"{"metadata": {"a": [1]}}"#, r#"{"metadata": {"a": [1]}}"#),
        (r#"[{"a": null}]"#, r#"[{"a": null}]"#),
        (r#"{"explain": {"sparse": {"x": 1}}}"#, r#"{"explain": {"sparse": {"x": 1, "y": 2}}}"#),
        ("-0.0", "0"),
    ] {
        assert!(!differs(expected, found), "{expected} {found}");
    }
    for (expected, found) in [
        (r#"{"a": 1}"#, r#"{"a": 2}"#),
        (r#"{"a": null}"#, "{}"),
        (r#"{"metadata": {}}"#, r#"{"metadata": {"a": 1}}"#),
        (r#"{"metadata": {"x": {}}}"#, r#"{"metadata": {"x": {"a": 1}}}"#),
        ("[1]", "[1, 2]"),
        ("1", "true"),
        ("1", r#""1""#),
        ("null", "0"),
        ("9007199254740993", "9007199254740992"),
        ("0.1", "0.10000000000000002"),
    ] {
        assert!(differs(expected, found), "{expected} {found}");
    }
}
