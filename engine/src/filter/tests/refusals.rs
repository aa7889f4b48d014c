//! What has no meaning is refused, and the message names the place.

use std::collections::BTreeMap;

use super::{filter, refusal, value};
use crate::filter::Filter;
use crate::limits::{
    MAX_COMPILED_PATTERN_BYTES, MAX_DEPTH, MAX_FILTER_VALUES, MAX_PATH_BYTES, MAX_PATTERN_BYTES, MAX_PATTERNS,
};
use crate::value::Value;

#[test]
fn the_message_names_the_place_and_what_was_expected() {
    let cases = [
        // Not a filter.
        ("{}", "filter: expected a condition, found an empty map"),
        ("null", "filter: expected a filter (a map), found null"),
        ("[]", "filter: expected a filter (a map), found a list"),
        (r#"{"$and": [{"a": 1}, {}]}"#, "filter at `$and.1`: expected a condition, found an empty map"),
        (r#"{"$not": {}}"#, "filter at `$not`: expected a condition"),
        (r#"{"$not": [{"a": 1}]}"#, "filter at `$not`: expected a filter (a map), found a list"),
        (r#"{"$not": 1}"#, "filter at `$not`: expected a filter (a map), found an integer"),
        (r#"{"$or": {"a": 1}}"#, "filter at `$or`: expected a list of filters, found a map"),
        (r#"{"$or": []}"#, "filter at `$or`: expected at least one filter, found an empty list"),
        (r#"{"$and": []}"#, "filter at `$and`: expected at least one filter"),
        (r#"{"$nor": []}"#, "filter at `$nor`: expected at least one filter"),
        (r#"{"$or": [{"a": 1}, 5]}"#, "filter at `$or.1`: expected a filter (a map), found an integer"),
        // Operators that are unknown, or in the wrong place.
        (
            r#"{"$foo": 1}"#,
            "filter at `$foo`: unknown operator `$foo`: expected a field or one of $and $nor $not $or",
        ),
        (r#"{"$": 1}"#, "unknown operator `$`"),
        (r#"{"$gt": 1}"#, "filter at `$gt`: `$gt` needs a field"),
        (r#"{"$elemMatch": {"$gt": 1}}"#, "`$elemMatch` needs a field"),
        (
            r#"{"$or": [{"a": {"$foo": 1}}]}"#,
            "filter at `$or.0.a.$foo`: unknown operator `$foo`: expected one of $eq $ne",
        ),
        (r#"{"a": {"$regex": "x", "$options": "i"}}"#, "filter at `a.$options`: unknown operator"),
        (r#"{"a": {"$gt": 1, "b": 2}}"#, "filter at `a.b`: unknown operator `b`"),
        (r#"{"a": {"$or": [{"$gt": 1}]}}"#, "filter at `a.$or`: `$or` combines filters"),
        (r#"{"a": {"$and": []}}"#, "filter at `a.$and`: `$and` combines filters"),
        (r#"{"a": {"$nor": []}}"#, "filter at `a.$nor`: `$nor` combines filters"),
        (r#"{"a": {"b": {"$gt": 1}}}"#, "filter at `a.b.$gt`: an operator inside a value"),
        (r#"{"a": [1, {"$gt": 1}]}"#, "filter at `a.1.$gt`: an operator inside a value"),
        // Operands of a wrong type.
        (r#"{"a": {"$in": 1}}"#, "filter at `a.$in`: expected a list, found an integer"),
        (r#"{"a": {"$nin": "x"}}"#, "filter at `a.$nin`: expected a list, found a string"),
        (r#"{"a": {"$all": {"0": 1}}}"#, "filter at `a.$all`: expected a list, found a map"),
        (r#"{"a": {"$gt": null}}"#, "filter at `a.$gt`: expected a number or a string, found null"),
        (r#"{"a": {"$gte": true}}"#, "filter at `a.$gte`: expected a number or a string, found a boolean"),
        (r#"{"a": {"$lt": [1]}}"#, "filter at `a.$lt`: expected a number or a string, found a list"),
        (r#"{"a": {"$lte": {}}}"#, "filter at `a.$lte`: expected a number or a string, found a map"),
        (r#"{"a": {"$size": "2"}}"#, "filter at `a.$size`: expected a whole number, found a string"),
        (r#"{"a": {"$size": -1}}"#, "filter at `a.$size`: expected a whole number from 0"),
        (r#"{"a": {"$size": 1.5}}"#, "filter at `a.$size`: expected a whole number from 0"),
        (r#"{"a": {"$size": -0.5}}"#, "filter at `a.$size`: expected a whole number from 0"),
        (r#"{"a": {"$size": 1e300}}"#, "filter at `a.$size`: expected a whole number from 0"),
        (r#"{"a": {"$exists": 1}}"#, "filter at `a.$exists`: expected true or false, found an integer"),
        (r#"{"a": {"$exists": null}}"#, "filter at `a.$exists`: expected true or false, found null"),
        (r#"{"a": {"$regex": 1}}"#, "filter at `a.$regex`: expected a string, found an integer"),
        (r#"{"a": {"$regex": "("}}"#, "filter at `a.$regex`: regex parse error"),
        (r#"{"a": {"$prefix": ["x"]}}"#, "filter at `a.$prefix`: expected a string, found a list"),
        (r#"{"a": {"$not": 1}}"#, "filter at `a.$not`: expected a map of operators, found an integer"),
        (r#"{"a": {"$not": {}}}"#, "filter at `a.$not`: expected an operator, found an empty map"),
        (r#"{"a": {"$not": {"b": 1}}}"#, "filter at `a.$not.b`: unknown operator `b`"),
        (
            r#"{"a": {"$elemMatch": 1}}"#,
            "filter at `a.$elemMatch`: expected operators or a filter (a map), found an integer",
        ),
        (
            r#"{"a": {"$elemMatch": {}}}"#,
            "filter at `a.$elemMatch`: expected an operator, found an empty map",
        ),
        (
            r#"{"a": {"$elemMatch": {"$not": 1}}}"#,
            "filter at `a.$elemMatch.$not`: expected a map of operators",
        ),
        (r#"{"a": {"$elemMatch": {"$gt": 1, "x": 2}}}"#, "filter at `a.$elemMatch.x`: unknown operator `x`"),
        (
            r#"{"a": {"$elemMatch": {"$not": {"$gt": 1}, "x": 1}}}"#,
            "filter at `a.$elemMatch.$not.$gt`: `$gt` needs a field",
        ),
        (r#"{"a": {"$elemMatch": {"$foo": 1}}}"#, "filter at `a.$elemMatch.$foo`: unknown operator `$foo`"),
    ];
    for (json, expected) in cases {
        let message = refusal(&value(json));
        assert!(message.contains(expected), "{json}: {message}");
    }
}

#[test]
fn operands_must_be_finite() {
    for float in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let inner = Value::from(BTreeMap::from([("$in".to_owned(), Value::from(vec![0.0, float]))]));
        let message = refusal(&Value::from(BTreeMap::from([("a".to_owned(), inner)])));
        assert_eq!(message, format!("filter at `a.$in.1`: expected a finite number, found {float}"));
    }
}

/// `levels` times `{"$not": …}` around `inner`.
fn negated(levels: usize, inner: Value) -> Value {
    (0..levels).fold(inner, |inner, _| Value::from(BTreeMap::from([("$not".to_owned(), inner)])))
}

#[test]
fn nesting_ends_at_the_limit() {
    // {"a": {"$eq": 1}} has two levels itself.
    let largest = negated(MAX_DEPTH - 2, value(r#"{"a": 1}"#));
    assert!(Filter::parse(&largest).is_ok());
    // One more only when written out: counted all the same, so that what is parsed can be written and parsed again.
    let message = refusal(&negated(MAX_DEPTH - 1, value(r#"{"a": 1}"#)));
    assert!(message.contains("at most 64 levels of nested maps and lists, found 65"), "{message}");
    for levels in [MAX_DEPTH, 10_000] {
        let filter = negated(levels, value(r#"{"a": 1}"#));
        let message = refusal(&filter);
        assert!(message.starts_with("filter at `$not.$not."), "{message}");
        assert!(message.contains("at most 64 levels"), "{message}");
        // Its drop recurses; that is the business of whoever could build it.
        std::mem::forget(filter);
    }
    for operator in ["$eq", "$in", "$and", "$elemMatch"] {
        let list = (0..10_000).fold(Value::Null, |inner, _| Value::List(vec![inner]));
        let operand = BTreeMap::from([(operator.to_owned(), list)]);
        let filter = Value::from(BTreeMap::from([("a".to_owned(), Value::from(operand))]));
        let message = refusal(&filter);
        assert!(message.contains("at most 64 levels"), "{message}");
        std::mem::forget(filter);
    }
}

#[test]
fn the_number_of_values_ends_at_the_limit() {
    let with_operands = |count: usize| {
        let operands: Vec<Value> = (0..count as i64).map(Value::Int).collect();
        let operator = BTreeMap::from([("$in".to_owned(), Value::List(operands))]);
        Value::from(BTreeMap::from([("a".to_owned(), Value::from(operator))]))
    };
    // Two maps and the list count as well.
    assert!(Filter::parse(&with_operands(MAX_FILTER_VALUES - 3)).is_ok());
    let message = refusal(&with_operands(MAX_FILTER_VALUES - 2));
    assert!(message.starts_with("filter at `a.$in.262141`: expected at most 262144 values"), "{message}");
    // Short forms that are too many only when written out.
    let short: BTreeMap<String, Value> =
        (0..MAX_FILTER_VALUES / 2).map(|i| (i.to_string(), Value::Null)).collect();
    assert!(refusal(&Value::from(short)).contains("at most 262144 values, found"));
}

#[test]
fn regular_expressions_are_bounded() {
    let pattern = |pattern: String| {
        let operator = BTreeMap::from([("$regex".to_owned(), Value::from(pattern))]);
        Value::from(BTreeMap::from([("a".to_owned(), Value::from(operator))]))
    };
    assert!(Filter::parse(&pattern("x".repeat(MAX_PATTERN_BYTES))).is_ok());
    let message = refusal(&pattern("x".repeat(MAX_PATTERN_BYTES + 1)));
    assert!(
        message.contains("`a.$regex`: expected a regular expression of at most 4096 bytes, found 4097"),
        "{message}"
    );

    assert!(Filter::parse(&pattern(r"^\w{3,64}$".to_owned())).is_ok());
    let message = refusal(&pattern(r"\w{1000}".to_owned()));
    assert!(message.contains(&format!("size limit of {MAX_COMPILED_PATTERN_BYTES}")), "{message}");
    assert!(refusal(&pattern("(".repeat(MAX_PATTERN_BYTES))).contains("`a.$regex`"));

    let many = |count: usize| {
        let filters = vec![pattern("x".to_owned()); count];
        Value::from(BTreeMap::from([("$or".to_owned(), Value::List(filters))]))
    };
    assert!(Filter::parse(&many(MAX_PATTERNS)).is_ok());
    let message = refusal(&many(MAX_PATTERNS + 1));
    assert!(message.contains("`$or.32.a.$regex`: expected at most 32 regular expressions"), "{message}");
}

#[test]
fn huge_paths_are_refused() {
    let with_path = |path: String| Value::from(BTreeMap::from([(path, Value::Null)]));
    assert!(Filter::parse(&with_path("x".repeat(MAX_PATH_BYTES))).is_ok());
    let message = refusal(&with_path("x".repeat(1 << 20)));
    assert!(message.contains("at most 1024 bytes, found 1048576"), "{message}");
    assert!(message.len() < 500, "{} bytes", message.len());
    assert!(refusal(&with_path("x.".repeat(MAX_DEPTH))).contains("at most 64 steps, found 65"));
    assert!(refusal(&with_path(format!("${}", "x".repeat(1 << 20)))).len() < 500);
}

#[test]
fn a_text_of_json_is_refused_as_its_value_is() {
    let error = serde_json::from_str::<Filter>(r#"{"a": {"$foo": 1}}"#).unwrap_err();
    assert!(error.to_string().contains("filter at `a.$foo`"), "{error}");
    let error = serde_json::from_str::<Filter>(r#"{"a": 1, "a": 2}"#).unwrap_err();
    assert!(error.to_string().contains("each key once"), "{error}");
    assert_eq!(serde_json::from_str::<Filter>(r#"{"a": 1}"#).unwrap(), filter(r#"{"a": 1}"#));
}
