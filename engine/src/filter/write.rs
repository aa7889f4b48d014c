//! From the tree back into a value: always the explicit form, so that no operand can be read as an operator.

use super::condition::{Condition, Element, Relation, Test};
use super::values::Values;
use crate::value::{Metadata, Value};

/// The value that `parse` reads as this condition.
pub(super) fn write(condition: &Condition) -> Value {
    match condition {
        Condition::And(conditions) => entry("$and", write_list(conditions)),
        Condition::Or(conditions) => entry("$or", write_list(conditions)),
        Condition::Not(condition) => entry("$not", write(condition)),
        Condition::Field { path, tests } => entry(path.as_str(), write_tests(tests)),
    }
}

fn entry(key: &str, value: Value) -> Value {
    Value::Map(Metadata::from([(key.to_owned(), value)]))
}

fn write_list(conditions: &[Condition]) -> Value {
    Value::List(conditions.iter().map(write).collect())
}

fn write_tests(tests: &[Test]) -> Value {
    let operators = tests.iter().map(|test| {
        let (operator, operand) = write_test(test);
        (operator.to_owned(), operand)
    });
    Value::Map(operators.collect())
}

fn write_test(test: &Test) -> (&'static str, Value) {
    match test {
        Test::Eq(operand) => ("$eq", operand.clone()),
        Test::Ne(operand) => ("$ne", operand.clone()),
        Test::In(operands) => ("$in", write_values(operands)),
        Test::Nin(operands) => ("$nin", write_values(operands)),
        Test::Compare(Relation::Gt, operand) => ("$gt", operand.clone()),
        Test::Compare(Relation::Gte, operand) => ("$gte", operand.clone()),
        Test::Compare(Relation::Lt, operand) => ("$lt", operand.clone()),
        Test::Compare(Relation::Lte, operand) => ("$lte", operand.clone()),
        Test::Contains(operand) => ("$contains", operand.clone()),
        Test::All(operands) => ("$all", write_values(operands)),
        Test::Size(size) => ("$size", Value::Int(*size)),
        Test::ElemMatch(Element::Tests(tests)) => ("$elemMatch", write_tests(tests)),
        Test::ElemMatch(Element::Map(condition)) => ("$elemMatch", write(condition)),
        Test::Exists(expected) => ("$exists", Value::Bool(*expected)),
        Test::Regex(pattern) => ("$regex", Value::from(pattern.as_str())),
        Test::Prefix(prefix) => ("$prefix", Value::from(prefix.as_str())),
        Test::Not(tests) => ("$not", write_tests(tests)),
    }
}

fn write_values(values: &Values) -> Value {
    Value::List(values.as_slice().to_vec())
}
