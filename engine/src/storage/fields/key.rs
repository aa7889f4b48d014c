//! The key of a value in a field index: bytes in the order of values, equal where filters call values equal.

use crate::field_type::FieldType;
use crate::limits::MAX_KEYWORD_BYTES;
use crate::value::Value;

/// The key that an index of this type has for a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Key {
    At(Vec<u8>),
    /// A string that is too long for a key.
    TooLong,
    /// A value of another type, which such an index does not hold.
    Foreign,
}

impl Key {
    pub(crate) fn of(kind: FieldType, value: &Value) -> Key {
        match (kind, value) {
            (FieldType::Keyword, Value::String(text)) if text.len() <= MAX_KEYWORD_BYTES => {
                Key::At(text.as_bytes().to_vec())
            }
            (FieldType::Keyword, Value::String(_)) => Key::TooLong,
            (FieldType::Numeric, Value::Int(number)) => Key::At(int(*number).to_vec()),
            (FieldType::Numeric, Value::Float(number)) => Key::At(float(*number).to_vec()),
            (FieldType::Bool, Value::Bool(value)) => Key::At(vec![u8::from(*value)]),
            _ => Key::Foreign,
        }
    }
}

/// Bytes of a number.
const NUMBER: usize = 10;

/// The largest float that is not more than the number, and what is left of it: less than 1,024, as floats below 2^63 are not
/// farther apart.
fn int(number: i64) -> [u8; NUMBER] {
    let near = number as f64;
    let below = if near as i128 > i128::from(number) { near.next_down() } else { near };
    let rest = i128::from(number) - below as i128;
    with_rest(below, rest as u16)
}

fn float(number: f64) -> [u8; NUMBER] {
    with_rest(number, 0)
}

/// The float so that bytes have its order, then the rest.
fn with_rest(number: f64, rest: u16) -> [u8; NUMBER] {
    // The two zeros are equal.
    let bits = (number + 0.0).to_bits();
    let ordered = if bits >> 63 == 1 { !bits } else { bits | 1 << 63 };
    let mut key = [0; NUMBER];
    let (head, tail) = key.split_at_mut(8);
    head.copy_from_slice(&ordered.to_be_bytes());
    tail.copy_from_slice(&rest.to_be_bytes());
    key
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::value::order_values;

    fn key(value: &Value) -> Vec<u8> {
        match Key::of(FieldType::Numeric, value) {
            Key::At(key) => key,
            other => panic!("{value:?} has {other:?}"),
        }
    }

    /// Numbers around the places where floats and integers part.
    fn numbers() -> impl Strategy<Value = Value> {
        let shift = (0..64_u32, -2000..2000_i64);
        let ints = shift.clone().prop_map(|(bits, near)| {
            Value::from((1_i128 << bits).saturating_add(near.into()).min(i64::MAX.into()) as i64)
        });
        let negative = shift.clone().prop_map(|(bits, near)| {
            Value::from((-(1_i128 << bits) + i128::from(near)).max(i64::MIN.into()) as i64)
        });
        let floats = shift.prop_map(|(bits, near)| Value::from((1_i128 << bits) as f64 + near as f64 / 8.0));
        let any_float =
            any::<f64>().prop_filter("NaN is never stored", |number| !number.is_nan()).prop_map(Value::from);
        prop_oneof![
            ints,
            negative,
            floats,
            any_float,
            any::<i64>().prop_map(Value::from),
            Just(Value::from(-0.0)),
            Just(Value::from(0))
        ]
    }

    proptest! {
        #[test]
        fn keys_of_numbers_have_the_order_of_numbers(left in numbers(), right in numbers()) {
            prop_assert_eq!(key(&left).cmp(&key(&right)), order_values(&left, &right));
        }
    }

    #[test]
    fn each_type_has_keys_for_its_own_values() {
        let long = "x".repeat(MAX_KEYWORD_BYTES + 1);
        assert_eq!(Key::of(FieldType::Keyword, &Value::from("ä")), Key::At("ä".as_bytes().to_vec()));
        assert_eq!(Key::of(FieldType::Keyword, &Value::from(long.as_str())), Key::TooLong);
        assert!(matches!(Key::of(FieldType::Keyword, &Value::from(&long[1..])), Key::At(_)));
        assert_eq!(Key::of(FieldType::Bool, &Value::from(true)), Key::At(vec![1]));
        for (kind, value) in [
            (FieldType::Keyword, Value::from(1)),
            (FieldType::Numeric, Value::from("1")),
            (FieldType::Numeric, Value::from(true)),
            (FieldType::Bool, Value::from(1)),
            (FieldType::Text, Value::from("a")),
            (FieldType::Keyword, Value::Null),
        ] {
            assert_eq!(Key::of(kind, &value), Key::Foreign, "{kind} {value:?}");
        }
    }
}
