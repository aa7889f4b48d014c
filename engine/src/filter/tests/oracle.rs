//! The meaning once more, read straight from the value: no tree, no sorting, nothing shared with the code under test but
//! the `regex` crate. Made for filters that the parser accepts.

use regex::Regex;

use crate::value::{Metadata, Value};

pub(super) fn matches(filter: &Value, record: &Metadata) -> bool {
    let conditions = filter.as_map().unwrap();
    conditions.iter().all(|(key, operand)| match key.as_str() {
        "$and" => list(operand).iter().all(|filter| matches(filter, record)),
        "$or" => list(operand).iter().any(|filter| matches(filter, record)),
        "$nor" => !list(operand).iter().any(|filter| matches(filter, record)),
        "$not" => !matches(operand, record),
        path => field(operand, find(&Value::Map(record.clone()), path).as_ref()),
    })
}

fn list(value: &Value) -> &[Value] {
    value.as_list().unwrap()
}

/// All ways to cut the path, in order, the one with the longest first key first.
fn find(value: &Value, path: &str) -> Option<Value> {
    let steps: Vec<&str> = path.split('.').collect();
    (1..=steps.len()).rev().find_map(|taken| {
        let (step, rest) = (steps[..taken].join("."), steps[taken..].join("."));
        let found = match value {
            Value::Map(entries) => entries.get(&step).cloned(),
            Value::List(elements) => elements
                .iter()
                .enumerate()
                .find(|(position, _)| position.to_string() == step)
                .map(|(_, v)| v.clone()),
            _ => None,
        }?;
        if taken == steps.len() { Some(found) } else { find(&found, &rest) }
    })
}

fn field(operand: &Value, found: Option<&Value>) -> bool {
    match operand {
        Value::Map(entries) if entries.keys().any(|key| key.starts_with('$')) => operators(operand, found),
        _ => found.is_some_and(|value| equal(value, operand)),
    }
}

fn operators(operand: &Value, found: Option<&Value>) -> bool {
    operand.as_map().unwrap().iter().all(|(operator, operand)| match (operator.as_str(), found) {
        ("$exists", _) => operand.as_bool() == Some(found.is_some()),
        ("$not", _) => !operators(operand, found),
        (_, None) => false,
        ("$eq", Some(value)) => equal(value, operand),
        ("$ne", Some(value)) => !equal(value, operand),
        ("$in", Some(value)) => list(operand).iter().any(|operand| equal(value, operand)),
        ("$nin", Some(value)) => !list(operand).iter().any(|operand| equal(value, operand)),
        ("$gt", Some(value)) => less(operand, value),
        ("$gte", Some(value)) => less(operand, value) || ordered(value) && equal(operand, value),
        ("$lt", Some(value)) => less(value, operand),
        ("$lte", Some(value)) => less(value, operand) || ordered(value) && equal(value, operand),
        ("$contains", Some(Value::String(text))) => operand.as_str().is_some_and(|part| text.contains(part)),
        ("$contains", Some(Value::List(elements))) => elements.iter().any(|element| equal(element, operand)),
        ("$all", Some(Value::List(elements))) => {
            list(operand).iter().all(|operand| elements.iter().any(|element| equal(element, operand)))
        }
        ("$size", Some(Value::List(elements))) => equal(&Value::Int(elements.len() as i64), operand),
        ("$elemMatch", Some(Value::List(elements))) => elements.iter().any(|element| {
            if !asks_maps(operand) {
                return operators(operand, Some(element));
            }
            element.as_map().is_some_and(|entries| matches(operand, entries))
        }),
        ("$regex", Some(Value::String(text))) => {
            Regex::new(operand.as_str().unwrap()).unwrap().is_match(text)
        }
        ("$prefix", Some(Value::String(text))) => text.find(operand.as_str().unwrap()) == Some(0),
        _ => false,
    })
}

/// Whether a path or a connective other than `$not` stands outermost, below any number of `$not`.
fn asks_maps(operand: &Value) -> bool {
    operand.as_map().unwrap().iter().any(|(key, inner)| match key.as_str() {
        "$and" | "$or" | "$nor" => true,
        "$not" => asks_maps(inner),
        other => !other.starts_with('$'),
    })
}

fn ordered(value: &Value) -> bool {
    matches!(value, Value::Int(_) | Value::Float(_) | Value::String(_))
}

fn less(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::String(left), Value::String(right)) => left.chars().lt(right.chars()),
        _ => number(left).zip(number(right)).is_some_and(|(left, right)| left < right),
    }
}

fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::List(left), Value::List(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| equal(left, right))
        }
        (Value::Map(left), Value::Map(right)) => {
            left.len() == right.len()
                && left.iter().all(|(key, left)| right.get(key).is_some_and(|right| equal(left, right)))
        }
        _ => match (number(left), number(right)) {
            (Some(left), Some(right)) => left == right,
            _ => left == right,
        },
    }
}

/// A number as its whole part, rounded down, and the rest; compared in this order. Floats beyond 128 bits, which would
/// saturate, are not in use here.
fn number(value: &Value) -> Option<(i128, f64)> {
    match value {
        Value::Int(int) => Some((i128::from(*int), 0.0)),
        Value::Float(float) => Some((float.floor() as i128, float - float.floor())),
        _ => None,
    }
}
