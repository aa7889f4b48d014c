//! How large a filter is, measured on the value it is written as: the limits mean the same for parsed and built filters.

use super::condition::{Condition, Element, Test};
use crate::error::{Error, ErrorKind, Result};
use crate::limits::{MAX_DEPTH, MAX_FILTER_VALUES, MAX_PATTERNS};
use crate::value::Value;

/// The size of a filter, or of a part of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Weight {
    /// Levels of maps and lists, one in the other.
    depth: usize,
    /// Operands, maps and lists.
    values: usize,
    /// Regular expressions.
    patterns: usize,
}

impl Weight {
    const SCALAR: Weight = Weight { depth: 0, values: 1, patterns: 0 };
    const PATTERN: Weight = Weight { depth: 0, values: 1, patterns: 1 };

    /// A map or list around its elements.
    fn around(elements: impl IntoIterator<Item = Weight>) -> Weight {
        elements.into_iter().fold(Weight { depth: 1, values: 1, patterns: 0 }, |sum, element| Weight {
            depth: sum.depth.max(1 + element.depth),
            values: sum.values.saturating_add(element.values),
            patterns: sum.patterns.saturating_add(element.patterns),
        })
    }

    /// `{"$and": [...]}`, `{"$or": [...]}` around these.
    pub(super) fn list_of(conditions: impl IntoIterator<Item = Weight>) -> Weight {
        Weight::around([Weight::around(conditions)])
    }

    /// `{"$not": ...}` around this.
    pub(super) fn negated(self) -> Weight {
        Weight::around([self])
    }

    /// This list of conditions with one more at its end.
    pub(super) fn appended(self, condition: Weight) -> Weight {
        Weight {
            depth: self.depth.max(2 + condition.depth),
            values: self.values.saturating_add(condition.values),
            patterns: self.patterns.saturating_add(condition.patterns),
        }
    }

    pub(super) fn of_condition(condition: &Condition) -> Weight {
        match condition {
            Condition::And(conditions) | Condition::Or(conditions) => {
                Weight::list_of(conditions.iter().map(Weight::of_condition))
            }
            Condition::Not(condition) => Weight::of_condition(condition).negated(),
            Condition::Field { tests, .. } => Weight::around([Weight::of_tests(tests)]),
        }
    }

    fn of_tests(tests: &[Test]) -> Weight {
        Weight::around(tests.iter().map(Weight::of_test))
    }

    fn of_test(test: &Test) -> Weight {
        match test {
            Test::Eq(operand) | Test::Ne(operand) | Test::Contains(operand) => Weight::of_value(operand),
            Test::In(operands) | Test::Nin(operands) | Test::All(operands) => {
                Weight::around(operands.as_slice().iter().map(Weight::of_value))
            }
            Test::Compare(..) | Test::Size(_) | Test::Exists(_) | Test::Prefix(_) => Weight::SCALAR,
            Test::Regex(_) => Weight::PATTERN,
            Test::Not(tests) | Test::ElemMatch(Element::Tests(tests)) => Weight::of_tests(tests),
            Test::ElemMatch(Element::Map(condition)) => Weight::of_condition(condition),
        }
    }

    fn of_value(value: &Value) -> Weight {
        match value {
            Value::List(elements) => Weight::around(elements.iter().map(Weight::of_value)),
            Value::Map(entries) => Weight::around(entries.values().map(Weight::of_value)),
            _ => Weight::SCALAR,
        }
    }

    /// Refuses what is beyond a limit.
    pub(super) fn check(self) -> Result<Weight> {
        let Weight { depth, values, patterns } = self;
        let too_large = |what: &str, limit: usize, found: usize| {
            Err(Error::new(
                ErrorKind::Filter,
                format!("filter: expected at most {limit} {what}, found {found} (written out in full)"),
            ))
        };
        if depth > MAX_DEPTH {
            return too_large("levels of nested maps and lists", MAX_DEPTH, depth);
        }
        if values > MAX_FILTER_VALUES {
            return too_large("values", MAX_FILTER_VALUES, values);
        }
        if patterns > MAX_PATTERNS {
            return too_large("regular expressions", MAX_PATTERNS, patterns);
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::Filter;

    fn weight(json: &str) -> Weight {
        let value: Value = serde_json::from_str(json).unwrap();
        Weight::of_condition(Filter::parse(&value).unwrap().condition().unwrap())
    }

    /// The same measured on a value, which knows no patterns.
    fn measured(value: &Value) -> (usize, usize) {
        let elements: Vec<&Value> = match value {
            Value::List(elements) => elements.iter().collect(),
            Value::Map(entries) => entries.values().collect(),
            _ => return (0, 1),
        };
        let inner: Vec<(usize, usize)> = elements.into_iter().map(measured).collect();
        let depth = inner.iter().map(|(depth, _)| *depth).max().unwrap_or(0);
        (depth + 1, 1 + inner.iter().map(|(_, values)| values).sum::<usize>())
    }

    #[test]
    fn a_filter_weighs_what_its_written_form_weighs() {
        let filters = [
            r#"{"a": 1}"#,
            r#"{"a": {"b": [1, [], {"c": {}}]}, "d": null}"#,
            r#"{"a": {"$gt": 1, "$lte": 5, "$ne": [1, 2], "$size": 1, "$exists": true, "$prefix": "x"}}"#,
            r#"{"a": {"$in": [1, [2, 3]], "$nin": [], "$all": [4], "$contains": [5]}}"#,
            r#"{"$or": [{"a": 1}, {"$not": {"b": 2}}, {"$nor": [{"c": 3}]}, {"$and": [{"d": {"$not": {"$gt": 4}}}]}]}"#,
            r#"{"a": {"$elemMatch": {"b": 1, "c": {"$elemMatch": {"$gt": 1, "$lt": 3}}}}}"#,
            r#"{"a": {"$regex": "x"}, "$or": [{"b": {"$regex": "y"}}, {"c": {"$not": {"$regex": "z"}}}]}"#,
        ];
        for json in filters {
            let value: Value = serde_json::from_str(json).unwrap();
            let written = Filter::parse(&value).unwrap().to_value().unwrap();
            let (depth, values) = measured(&written);
            let patterns = json.matches("$regex").count();
            assert_eq!(weight(json), Weight { depth, values, patterns }, "{json}");
        }
    }

    #[test]
    fn each_limit_is_refused_one_beyond() {
        let largest = Weight { depth: MAX_DEPTH, values: MAX_FILTER_VALUES, patterns: MAX_PATTERNS };
        assert_eq!(largest.check().unwrap(), largest);
        for (beyond, word) in [
            (Weight { depth: MAX_DEPTH + 1, ..largest }, "64 levels of nested maps and lists, found 65"),
            (Weight { values: MAX_FILTER_VALUES + 1, ..largest }, "262144 values, found 262145"),
            (Weight { patterns: MAX_PATTERNS + 1, ..largest }, "64 regular expressions, found 65"),
        ] {
            let error = beyond.check().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Filter);
            assert!(error.to_string().contains(word), "{error}");
        }
    }
}
