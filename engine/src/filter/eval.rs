//! The meaning of filters. Every shortcut through an index must find what this finds.

use std::cmp::Ordering;

use super::condition::{Condition, Element, Relation, Test};
use crate::value::{Metadata, Value, compare_numbers, same_value};

/// Whether a record with this metadata meets the condition.
pub(crate) fn matches(condition: &Condition, metadata: &Metadata) -> bool {
    match condition {
        Condition::And(conditions) => conditions.iter().all(|condition| matches(condition, metadata)),
        Condition::Or(conditions) => conditions.iter().any(|condition| matches(condition, metadata)),
        Condition::Not(condition) => !matches(condition, metadata),
        Condition::Field { path, tests } => {
            let found = path.resolve(metadata);
            tests.iter().all(|test| passes(test, found))
        }
    }
}

/// Whether what a path found passes; only the first two tests have an answer for nothing.
fn passes(test: &Test, found: Option<&Value>) -> bool {
    match (test, found) {
        (Test::Exists(expected), _) => found.is_some() == *expected,
        (Test::Not(tests), _) => !tests.iter().all(|test| passes(test, found)),
        (_, None) => false,
        (Test::Eq(operand), Some(value)) => same_value(value, operand),
        (Test::Ne(operand), Some(value)) => !same_value(value, operand),
        (Test::In(operands), Some(value)) => operands.contains(value),
        (Test::Nin(operands), Some(value)) => !operands.contains(value),
        (Test::Compare(relation, operand), Some(value)) => {
            order(value, operand).is_some_and(|order| relation.accepts(order))
        }
        (Test::Contains(Value::String(operand)), Some(Value::String(text))) => {
            text.contains(operand.as_str())
        }
        (Test::Regex(pattern), Some(Value::String(text))) => pattern.is_match(text),
        (Test::Prefix(prefix), Some(Value::String(text))) => text.starts_with(prefix.as_str()),
        (Test::Contains(operand), Some(Value::List(elements))) => {
            elements.iter().any(|element| same_value(element, operand))
        }
        (Test::All(operands), Some(Value::List(elements))) => operands.all_in(elements),
        (Test::Size(size), Some(Value::List(elements))) => usize::try_from(*size) == Ok(elements.len()),
        (Test::ElemMatch(element), Some(Value::List(elements))) => {
            elements.iter().any(|value| element.accepts(value))
        }
        _ => false,
    }
}

/// Numbers by value, strings by code point (the order of their UTF-8 bytes); other types have no order.
fn order(value: &Value, operand: &Value) -> Option<Ordering> {
    match (value, operand) {
        (Value::String(value), Value::String(operand)) => Some(value.cmp(operand)),
        _ => compare_numbers(value, operand),
    }
}

impl Relation {
    fn accepts(self, order: Ordering) -> bool {
        match self {
            Relation::Gt => order.is_gt(),
            Relation::Gte => order.is_ge(),
            Relation::Lt => order.is_lt(),
            Relation::Lte => order.is_le(),
        }
    }
}

impl Element {
    fn accepts(&self, value: &Value) -> bool {
        match (self, value) {
            (Element::Tests(tests), _) => tests.iter().all(|test| passes(test, Some(value))),
            (Element::Map(condition), Value::Map(entries)) => matches(condition, entries),
            (Element::Map(_), _) => false,
        }
    }
}
