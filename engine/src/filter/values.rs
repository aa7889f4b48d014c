//! The operands of `$in`, `$nin` and `$all`: each one once, sorted, found by binary search.

use crate::value::{Value, order_values, same_value};

/// Different values in the order of [`order_values`]. Sorted rather than hashed: field indexes are read in this order,
/// and 17 comparisons find one of 100,000.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Values(Vec<Value>);

impl Values {
    /// Of values that are equal for filters, such as `1` and `1.0`, the first one stays.
    pub(crate) fn new(mut values: Vec<Value>) -> Values {
        values.sort_by(order_values);
        values.dedup_by(|later, kept| same_value(later, kept));
        Values(values)
    }

    pub(crate) fn as_slice(&self) -> &[Value] {
        &self.0
    }

    pub(crate) fn position(&self, value: &Value) -> Option<usize> {
        self.0.binary_search_by(|operand| order_values(operand, value)).ok()
    }

    pub(crate) fn contains(&self, value: &Value) -> bool {
        self.position(value).is_some()
    }

    /// Whether each operand occurs among `elements`, in one pass over them.
    pub(crate) fn all_in(&self, elements: &[Value]) -> bool {
        let mut missing = self.0.len();
        if elements.len() < missing {
            return false;
        }
        let mut seen = vec![false; missing];
        for element in elements {
            if missing == 0 {
                break;
            }
            if let Some(flag) = self.position(element).and_then(|position| seen.get_mut(position)) {
                missing -= usize::from(!std::mem::replace(flag, true));
            }
        }
        missing == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(json: &str) -> Vec<Value> {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn equal_values_are_kept_once_in_order() {
        let values = Values::new(list(r#"["b", 2.0, "a", 2, 1.5, null, true, "b", [1], [1.0]]"#));
        assert_eq!(values.as_slice(), list(r#"[null, true, 1.5, 2.0, "a", "b", [1]]"#));
    }

    #[test]
    fn values_are_found_by_value() {
        let values = Values::new(list(r#"[3, 1, "x", [1, 2]]"#));
        let found = list(r#"[1.0, 3, "x", [1.0, 2.0]]"#);
        assert_eq!(
            found.iter().map(|value| values.position(value)).collect::<Vec<_>>(),
            (0..4).map(Some).collect::<Vec<_>>()
        );
        for absent in list(r#"[null, true, 2, 1.5, "", "y", [], [1], {}]"#) {
            assert!(!values.contains(&absent), "{absent:?}");
        }
    }

    #[test]
    fn all_in_counts_each_operand_once() {
        let cases = [
            ("[]", "[]", true),
            ("[]", "[1]", true),
            ("[1]", "[]", false),
            ("[1, 1.0]", "[1]", true),
            ("[1, 2]", "[1, 1]", false),
            ("[1, 2]", "[2, 3, 1]", true),
            ("[1, 2]", "[2.0, 1.0]", true),
            ("[1, 2]", "[2, 3, 4]", false),
        ];
        for (operands, elements, expected) in cases {
            assert_eq!(
                Values::new(list(operands)).all_in(&list(elements)),
                expected,
                "{operands} in {elements}"
            );
        }
    }
}
