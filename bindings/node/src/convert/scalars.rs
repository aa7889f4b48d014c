//! Strings, numbers, booleans, and what is not given.

use napi::bindgen_prelude::{BigInt, FromNapiValue, Unknown, Utf16String};
use napi::{JsValue, ValueType};
use vectlite::ErrorKind;

use super::place::Place;
use crate::error::{Failure, Result};

/// Every whole number up to here, and down to its negation, is a number of JavaScript.
pub(crate) const MAX_SAFE_INTEGER: f64 = 9_007_199_254_740_991.0;

/// `undefined` and `null` stand for an argument that is not given.
pub(crate) fn given(value: Unknown<'_>) -> Result<Option<Unknown<'_>>> {
    Ok(match value.get_type()? {
        ValueType::Undefined | ValueType::Null => None,
        _ => Some(value),
    })
}

/// "`place`: expected this, got that".
pub(crate) fn unexpected(at: Place<'_>, expected: &str, value: Unknown<'_>) -> Failure {
    match kind(value) {
        Ok(kind) => {
            Failure::own(ErrorKind::InvalidArgument, format!("{at}: expected {expected}, got {kind}"))
        }
        Err(failure) => failure,
    }
}

/// What a message calls a value.
fn kind(value: Unknown<'_>) -> Result<&'static str> {
    Ok(match value.get_type()? {
        ValueType::Undefined => "undefined",
        ValueType::Null => "null",
        ValueType::Boolean => "a boolean",
        ValueType::Number => "a number",
        ValueType::String => "a string",
        ValueType::Symbol => "a symbol",
        ValueType::Function => "a function",
        ValueType::BigInt => "a bigint",
        ValueType::Object if value.is_array()? => "an array",
        ValueType::Object if value.is_typedarray()? => "a typed array",
        ValueType::Object if value.is_promise()? => "a promise",
        _ => "an object",
    })
}

/// A string. One that holds half of a surrogate pair is no Unicode text, and would not come back as it was given.
pub(crate) fn string(at: Place<'_>, value: Unknown<'_>) -> Result<String> {
    if value.get_type()? != ValueType::String {
        return Err(unexpected(at, "a string", value));
    }
    let text = String::from_unknown(value)?;
    // Node replaces lone surrogates by this letter; only where it occurs it must be told whether it was there before.
    if text.contains(char::REPLACEMENT_CHARACTER)
        && String::from_utf16(&Utf16String::from_unknown(value)?).is_err()
    {
        return Err(Failure::invalid(format!(
            "{at}: expected Unicode text, got a string with a lone surrogate; String.prototype.toWellFormed mends it"
        )));
    }
    Ok(text)
}

pub(crate) fn function<'a>(at: Place<'_>, value: Option<Unknown<'a>>) -> Result<Option<Unknown<'a>>> {
    match value {
        Some(value) if value.get_type()? != ValueType::Function => Err(unexpected(at, "a function", value)),
        value => Ok(value),
    }
}

pub(crate) fn boolean(at: Place<'_>, value: Unknown<'_>) -> Result<bool> {
    if value.get_type()? != ValueType::Boolean {
        return Err(unexpected(at, "a boolean", value));
    }
    Ok(bool::from_unknown(value)?)
}

pub(crate) fn number(at: Place<'_>, value: Unknown<'_>) -> Result<f64> {
    if value.get_type()? != ValueType::Number {
        return Err(unexpected(at, "a number", value));
    }
    Ok(f64::from_unknown(value)?)
}

/// A count: a whole number of at least 0.
pub(crate) fn count(at: Place<'_>, value: Unknown<'_>) -> Result<usize> {
    let refused = |found: &dyn std::fmt::Display| {
        Failure::invalid(format!("{at}: expected a whole number of at least 0, got {found}"))
    };
    match value.get_type()? {
        ValueType::Number => {
            let number = f64::from_unknown(value)?;
            if number.fract() != 0.0 || !(0.0..=MAX_SAFE_INTEGER).contains(&number) {
                return Err(refused(&number));
            }
            // Exact: whole, and not beyond 2^53.
            Ok(number as usize)
        }
        ValueType::BigInt => {
            let number = bigint(value)?;
            number
                .and_then(|number| usize::try_from(number).ok())
                .ok_or_else(|| refused(&"a bigint out of range"))
        }
        _ => Err(unexpected(at, "a whole number", value)),
    }
}

/// A bigint, when it is a 64-bit integer.
pub(crate) fn bigint(value: Unknown<'_>) -> Result<Option<i64>> {
    let bigint = BigInt::from_unknown(value)?;
    let [word] = bigint.words[..] else { return Ok(None) };
    let magnitude = i128::from(word);
    Ok(i64::try_from(if bigint.sign_bit { -magnitude } else { magnitude }).ok())
}
