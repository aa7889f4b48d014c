//! Equality and order by value, as filters and field indexes mean them.

use std::cmp::Ordering;

use super::Value;

/// 2^63: the first float above every `i64`, and exact. Its negation is `i64::MIN`.
const TWO_POW_63: f64 = 9_223_372_036_854_775_808.0;

/// Compares two numbers by value; `None` unless both are numbers, or when one is NaN.
///
/// Exact beyond 2^53, where a conversion of the integer to a float would round it onto its neighbours.
pub(crate) fn compare_numbers(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Int(left), Value::Int(right)) => Some(left.cmp(right)),
        (Value::Float(left), Value::Float(right)) => left.partial_cmp(right),
        (Value::Int(left), Value::Float(right)) => compare_int_float(*left, *right),
        (Value::Float(left), Value::Int(right)) => compare_int_float(*right, *left).map(Ordering::reverse),
        _ => None,
    }
}

fn compare_int_float(int: i64, float: f64) -> Option<Ordering> {
    if float.is_nan() {
        return None;
    }
    if float >= TWO_POW_63 {
        return Some(Ordering::Less);
    }
    if float < -TWO_POW_63 {
        return Some(Ordering::Greater);
    }
    // Now the whole part fits an i64 without rounding, and only the fraction is left to decide a tie.
    let whole = float.trunc();
    let by_fraction = 0.0_f64.partial_cmp(&(float - whole))?;
    Some(int.cmp(&(whole as i64)).then(by_fraction))
}

/// Whether a filter calls the two equal: numbers by value, booleans only with booleans, lists and maps whole.
///
/// Distinct from `==`, under which `Int(1)` and `Float(1.0)` differ.
pub(crate) fn same_value(left: &Value, right: &Value) -> bool {
    order_values(left, right) == Ordering::Equal
}

/// A total order over all values, equal exactly where [`same_value`] is.
///
/// Types in the order null, boolean, number, string, list, map; strings by code point; lists and maps entry by entry.
/// NaN, which is never stored and no filter can hold, stands behind all numbers, so that the order is total.
pub(crate) fn order_values(left: &Value, right: &Value) -> Ordering {
    match (left, right) {
        (Value::Bool(left), Value::Bool(right)) => left.cmp(right),
        // UTF-8 keeps the order of code points.
        (Value::String(left), Value::String(right)) => left.as_bytes().cmp(right.as_bytes()),
        (Value::List(left), Value::List(right)) => {
            let difference = left.iter().zip(right).map(|(left, right)| order_values(left, right));
            first_difference(difference).then(left.len().cmp(&right.len()))
        }
        (Value::Map(left), Value::Map(right)) => {
            let difference = left.iter().zip(right).map(|((left_key, left), (right_key, right))| {
                left_key.cmp(right_key).then_with(|| order_values(left, right))
            });
            first_difference(difference).then(left.len().cmp(&right.len()))
        }
        _ => rank(left).cmp(&rank(right)).then_with(|| {
            // Equal ranks are two nulls or two numbers here.
            compare_numbers(left, right).unwrap_or_else(|| is_nan(left).cmp(&is_nan(right)))
        }),
    }
}

fn first_difference(mut orders: impl Iterator<Item = Ordering>) -> Ordering {
    orders.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

fn rank(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Int(_) | Value::Float(_) => 2,
        Value::String(_) => 3,
        Value::List(_) => 4,
        Value::Map(_) => 5,
    }
}

fn is_nan(value: &Value) -> bool {
    value.as_f64().is_some_and(f64::is_nan)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Metadata;

    const TWO_POW_53: i64 = 1 << 53;

    /// All values of one row are equal, and less than all values of the next row.
    fn ladder() -> Vec<Vec<Value>> {
        let map = |key: &str, value: Value| Value::from(Metadata::from([(key.to_owned(), value)]));
        vec![
            vec![Value::Null],
            vec![Value::from(false)],
            vec![Value::from(true)],
            vec![Value::from(f64::NEG_INFINITY)],
            vec![Value::from(-1e300)],
            vec![Value::from(-9_223_372_036_854_777_856.0)],
            vec![Value::from(i64::MIN), Value::from(-9_223_372_036_854_775_808.0)],
            vec![Value::from(i64::MIN + 1)],
            vec![Value::from(-TWO_POW_53 - 1)],
            vec![Value::from(-TWO_POW_53), Value::from(-9_007_199_254_740_992.0)],
            vec![Value::from(-2)],
            vec![Value::from(-1.5)],
            vec![Value::from(-1), Value::from(-1.0)],
            vec![Value::from(-0.5)],
            vec![Value::from(0), Value::from(0.0), Value::from(-0.0)],
            vec![Value::from(f64::MIN_POSITIVE)],
            vec![Value::from(1), Value::from(1.0)],
            vec![Value::from(1.5)],
            vec![Value::from(2)],
            vec![Value::from(TWO_POW_53 - 1)],
            vec![Value::from(TWO_POW_53), Value::from(9_007_199_254_740_992.0)],
            vec![Value::from(TWO_POW_53 + 1)],
            vec![Value::from(TWO_POW_53 + 2), Value::from(9_007_199_254_740_994.0)],
            vec![Value::from(i64::MAX - 1)],
            vec![Value::from(i64::MAX)],
            vec![Value::from(9_223_372_036_854_775_808.0)],
            vec![Value::from(f64::INFINITY)],
            vec![Value::from(f64::NAN)],
            vec![Value::from("")],
            vec![Value::from("Z")],
            vec![Value::from("a")],
            vec![Value::from("\u{ffff}")],
            vec![Value::from("\u{10000}")],
            vec![Value::from(Vec::<i64>::new())],
            vec![Value::from(vec![1]), Value::from(vec![1.0])],
            vec![Value::from(vec![1, 2]), Value::from(vec![1.0, 2.0])],
            vec![Value::from(vec![2])],
            vec![Value::from(Metadata::new())],
            vec![map("a", Value::from(1)), map("a", Value::from(1.0))],
            vec![map("a", Value::from(2))],
            vec![map("b", Value::from(0))],
        ]
    }

    #[test]
    fn the_order_is_the_ladder() {
        let ladder = ladder();
        for (i, left_row) in ladder.iter().enumerate() {
            for (j, right_row) in ladder.iter().enumerate() {
                for left in left_row {
                    for right in right_row {
                        assert_eq!(order_values(left, right), i.cmp(&j), "{left:?} {right:?}");
                        assert_eq!(same_value(left, right), i == j, "{left:?} {right:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn numbers_compare_with_numbers_only_and_nan_with_nothing() {
        let (int, float, nan) = (Value::from(1), Value::from(1.0), Value::from(f64::NAN));
        assert_eq!(compare_numbers(&int, &float), Some(Ordering::Equal));
        assert_eq!(compare_numbers(&int, &nan), None);
        assert_eq!(compare_numbers(&nan, &float), None);
        assert_eq!(compare_numbers(&int, &Value::from(true)), None);
        assert_eq!(compare_numbers(&Value::from("1"), &Value::from("1")), None);
        assert_eq!(compare_numbers(&Value::Null, &Value::Null), None);
    }

    #[test]
    fn a_longer_map_differs_from_its_beginning() {
        let short = Metadata::from([("a".to_owned(), Value::from(1))]);
        let mut long = short.clone();
        long.insert("b".to_owned(), Value::Null);
        assert_eq!(order_values(&Value::from(short), &Value::from(long)), Ordering::Less);
    }
}
