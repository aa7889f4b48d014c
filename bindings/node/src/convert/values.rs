//! Metadata, filters and sparse vectors: trees of plain values, from JavaScript. `plain` is the way back.
//!
//! | JavaScript | engine |
//! |---|---|
//! | whole number within ±(2^53 − 1), but not −0 | int |
//! | bigint of 64 bits | int; comes back as a bigint beyond ±(2^53 − 1) |
//! | any other number | float |
//! | Date | its ISO 8601 text |
//! | array, plain object | list, map |
//! | key with the value `undefined` | is not given; in a filter an error, as a filter without it keeps more records |

use std::collections::BTreeMap;

use napi::bindgen_prelude::{Date, FromNapiValue, Function, JsObjectValue, Object, Unknown};
use napi::{JsValue, KeyCollectionMode, KeyConversion, KeyFilter, ValueType};
use vectlite::limits::{MAX_DEPTH, MAX_FILTER_VALUES, MAX_METADATA_BYTES};
use vectlite::{ErrorKind, Filter, Metadata, Value};

use super::place::Place;
use super::scalars::{self, MAX_SAFE_INTEGER, bigint, given, string, unexpected};
use crate::error::{Failure, Result};

/// Metadata; nothing given is empty metadata.
pub(crate) fn metadata(at: Place<'_>, value: Unknown<'_>) -> Result<Metadata> {
    let mut reader = Reader { left: MAX_METADATA_BYTES, in_filter: false };
    match given(value)? {
        None => Ok(Metadata::new()),
        Some(value) => reader.map(value, at, MAX_DEPTH),
    }
}

/// A filter.
pub(crate) fn filter(at: Place<'_>, value: Unknown<'_>) -> Result<Filter> {
    let mut reader = Reader { left: MAX_FILTER_VALUES, in_filter: true };
    Ok(Filter::parse(&reader.value(value, at, MAX_DEPTH)?)?)
}

/// Terms and their weights.
pub(crate) fn sparse(at: Place<'_>, value: Unknown<'_>) -> Result<BTreeMap<String, f32>> {
    let object =
        plain_object(value)?.ok_or_else(|| unexpected(at, "an object of terms and weights", value))?;
    entries(object, at)?
        .into_iter()
        // The engine's weights are f32.
        .map(|(term, weight)| {
            let weight = scalars::number(at.key(&term), weight)? as f32;
            Ok((term, weight))
        })
        .collect()
}

/// Names and a factor for each.
pub(crate) fn factors(at: Place<'_>, value: Unknown<'_>) -> Result<BTreeMap<String, f64>> {
    let object =
        plain_object(value)?.ok_or_else(|| unexpected(at, "an object of names and numbers", value))?;
    let factor = |(name, factor): (String, Unknown<'_>)| {
        let factor = scalars::number(at.key(&name), factor)?;
        Ok((name, factor))
    };
    entries(object, at)?.into_iter().map(factor).collect()
}

/// One walk over one argument. What bounds it is the engine's own limit, which a cyclic or much shared value would
/// exceed only after filling the memory.
struct Reader {
    /// Values, in metadata with the bytes of their strings, that may still come.
    left: usize,
    in_filter: bool,
}

impl Reader {
    fn refuse(&self, at: Place<'_>, what: &str) -> Failure {
        let kind = if self.in_filter { ErrorKind::Filter } else { ErrorKind::InvalidArgument };
        Failure::own(kind, format!("{at}: {what}"))
    }

    fn take(&mut self, cost: usize, at: Place<'_>) -> Result<()> {
        self.left = self.left.checked_sub(cost).ok_or_else(|| {
            let limit = if self.in_filter {
                format!("{MAX_FILTER_VALUES} values in one filter; split it")
            } else {
                format!("{MAX_METADATA_BYTES} bytes when encoded; store less")
            };
            self.refuse(at, &format!("expected at most {limit}"))
        })?;
        Ok(())
    }

    fn deeper(&self, levels: usize, at: Place<'_>) -> Result<usize> {
        levels.checked_sub(1).ok_or_else(|| {
            self.refuse(at, &format!("expected at most {MAX_DEPTH} levels of nested maps and lists"))
        })
    }

    fn text(&mut self, at: Place<'_>, value: Unknown<'_>) -> Result<String> {
        let text = string(at, value)?;
        if !self.in_filter {
            self.take(text.len(), at)?;
        }
        Ok(text)
    }

    fn value(&mut self, value: Unknown<'_>, at: Place<'_>, levels: usize) -> Result<Value> {
        self.take(1, at)?;
        Ok(match value.get_type()? {
            ValueType::Null => Value::Null,
            ValueType::Boolean => Value::Bool(bool::from_unknown(value)?),
            ValueType::Number => number(f64::from_unknown(value)?),
            ValueType::BigInt => Value::Int(bigint(value)?.ok_or_else(|| {
                Failure::invalid(format!("{at}: expected an integer of 64 bits, got a larger bigint"))
            })?),
            ValueType::String => Value::String(self.text(at, value)?),
            ValueType::Object if value.is_array()? => self.list(Object::from_unknown(value)?, at, levels)?,
            ValueType::Object if value.is_date()? => Value::String(iso_date(at, value)?),
            ValueType::Object => Value::Map(self.map(value, at, levels)?),
            _ => return Err(unexpected(at, "a plain value", value)),
        })
    }

    fn list(&mut self, array: Object<'_>, at: Place<'_>, levels: usize) -> Result<Value> {
        let levels = self.deeper(levels, at)?;
        let mut list = Vec::new();
        for position in 0..array.get_array_length()? {
            list.push(self.value(array.get_element(position)?, at.position(position), levels)?);
        }
        Ok(Value::List(list))
    }

    fn map(&mut self, value: Unknown<'_>, at: Place<'_>, levels: usize) -> Result<Metadata> {
        let levels = self.deeper(levels, at)?;
        let object = plain_object(value)?.ok_or_else(|| unexpected(at, "a plain object", value))?;
        let mut map = Metadata::new();
        for (key, value) in entries(object, at)? {
            let at = at.key(&key);
            if !self.in_filter {
                self.take(key.len(), at)?;
                if value.get_type()? == ValueType::Undefined {
                    continue;
                }
            }
            let value = self.value(value, at, levels)?;
            map.insert(key, value);
        }
        Ok(map)
    }
}

fn number(number: f64) -> Value {
    let is_whole = number.fract() == 0.0 && number.abs() <= MAX_SAFE_INTEGER;
    // -0 as an integer would come back as 0.
    if is_whole && !(number == 0.0 && number.is_sign_negative()) {
        Value::Int(number as i64)
    } else {
        Value::Float(number)
    }
}

fn iso_date(at: Place<'_>, value: Unknown<'_>) -> Result<String> {
    if Date::from_unknown(value)?.value_of()?.is_nan() {
        return Err(Failure::invalid(format!("{at}: expected a date, got an invalid one")));
    }
    let date = Object::from_unknown(value)?;
    let to_iso: Function<'_, (), Unknown<'_>> = date.get_named_property("toISOString")?;
    string(at, to_iso.apply(date, ())?)
}

/// The object, when it is a plain one: made by `{}` or `Object.create(null)`, in any realm, so that objects from a test
/// runner's context count. Instances of classes would lose what they are.
pub(crate) fn plain_object(value: Unknown<'_>) -> Result<Option<Object<'_>>> {
    if value.get_type()? != ValueType::Object || value.is_array()? {
        return Ok(None);
    }
    let object = Object::from_unknown(value)?;
    let is_plain = match given(object.get_prototype()?)? {
        None => true,
        // The root of all prototypes is the only one without a prototype of its own.
        Some(prototype) => given(Object::from_unknown(prototype)?.get_prototype()?)?.is_none(),
    };
    Ok(is_plain.then_some(object))
}

/// The own enumerable entries of an object, those under symbols left out.
pub(crate) fn entries<'env>(object: Object<'env>, at: Place<'_>) -> Result<Vec<(String, Unknown<'env>)>> {
    let keys = object.get_all_property_names(
        KeyCollectionMode::OwnOnly,
        KeyFilter::Enumerable,
        KeyConversion::NumbersToStrings,
    )?;
    let count = keys.get_array_length()?;
    // Not reserved by the count alone: a proxy may say anything.
    let mut entries = Vec::new();
    for position in 0..count {
        let key: Unknown<'_> = keys.get_element(position)?;
        if key.get_type()? == ValueType::String {
            entries.push((string(at, key)?, object.get_property(key)?));
        }
    }
    Ok(entries)
}
