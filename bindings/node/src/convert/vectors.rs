//! Vectors: typed arrays and arrays of numbers in, `Float32Array` out.

use napi::bindgen_prelude::{
    ArrayBuffer, Float32ArraySlice, Float64ArraySlice, FnArgs, FromNapiValue, JsObjectValue, Object,
    TypedArray, TypedArrayType, Unknown,
};
use napi::{Env, JsValue, ValueType};

use vectlite::limits::MAX_DIMENSION;

use super::place::Place;
use super::records::{array, scoped};
use super::scalars::{given, number, unexpected};
use crate::error::{Failure, Result};
use crate::hooks::{Hooks, any};

const EXPECTED: &str = "a Float32Array, a Float64Array or an array of numbers";

/// A vector. A `Float32Array` is read where it lies.
pub(crate) fn vector(env: &Env, at: Place<'_>, value: Unknown<'_>) -> Result<Vec<f32>> {
    match kind(value)? {
        Some(Kind::Float32) => with_floats(at, value, |floats| Ok(floats.to_vec())),
        Some(Kind::Float64) => {
            let doubles = Float64ArraySlice::from_unknown(value)?;
            refuse_detached(at, value, doubles.len())?;
            Ok(doubles.iter().map(|double| *double as f32).collect())
        }
        Some(Kind::Array) => {
            let array = Object::from_unknown(value)?;
            if array.get_array_length()? as usize <= MAX_DIMENSION {
                // A whole array by one call; what it does not take is looked at below, element by element.
                let floats = Hooks::of(env)?.floats.borrow_back(env)?.call(FnArgs::from((any(value)?,)))?;
                if let Some(floats) = given(floats)? {
                    return with_floats(at, floats, |floats| Ok(floats.to_vec()));
                }
            }
            let mut vector = Vec::new();
            for position in 0..array.get_array_length()? {
                vector.push(number(at.position(position), array.get_element(position)?)? as f32);
            }
            Ok(vector)
        }
        None => Err(unexpected(at, EXPECTED, value)),
    }
}

/// The vectors of an iterable.
pub(crate) fn vectors(env: &Env, at: Place<'_>, value: Unknown<'_>) -> Result<Vec<Vec<f32>>> {
    let array = array(env, at, value)?;
    (0..array.get_array_length()?)
        .map(|position| scoped(env, || vector(env, at.position(position), array.get_element(position)?)))
        .collect()
}

/// Whether a value has the form of a vector, whatever it holds.
pub(crate) fn is_vector(value: Unknown<'_>) -> Result<bool> {
    Ok(value.get_type()? == ValueType::Object && (value.is_array()? || value.is_typedarray()?))
}

/// Whether a value is the one typed array that is read without converting its numbers.
pub(crate) fn is_float32(value: Unknown<'_>) -> Result<bool> {
    Ok(matches!(kind(value)?, Some(Kind::Float32)))
}

/// Calls `read` with the numbers of a `Float32Array`, where they lie.
pub(crate) fn with_floats<T>(
    at: Place<'_>,
    value: Unknown<'_>,
    read: impl FnOnce(&[f32]) -> Result<T>,
) -> Result<T> {
    let floats = Float32ArraySlice::from_unknown(value)?;
    refuse_detached(at, value, floats.len())?;
    read(&floats)
}

/// A vector, as an array of its own.
pub(crate) fn vector_out<'env>(env: &'env Env, vector: &[f32]) -> Result<Unknown<'env>> {
    Ok(Float32ArraySlice::copy_from(env, vector)?.to_unknown())
}

enum Kind {
    Float32,
    Float64,
    Array,
}

fn kind(value: Unknown<'_>) -> Result<Option<Kind>> {
    if value.get_type()? != ValueType::Object {
        return Ok(None);
    }
    if value.is_typedarray()? {
        return Ok(match TypedArray::from_unknown(value)?.typed_array_type {
            TypedArrayType::Float32 => Some(Kind::Float32),
            TypedArrayType::Float64 => Some(Kind::Float64),
            _ => None,
        });
    }
    Ok(value.is_array()?.then_some(Kind::Array))
}

/// A detached buffer reads as an empty one; that it is gone says more.
pub(super) fn refuse_detached(at: Place<'_>, value: Unknown<'_>, length: usize) -> Result<()> {
    if length == 0 {
        let buffer: Unknown<'_> = Object::from_unknown(value)?.get_named_property("buffer")?;
        if buffer.is_arraybuffer()? && ArrayBuffer::from_unknown(buffer)?.is_detached()? {
            return Err(Failure::invalid(format!(
                "{at}: expected a typed array, got one whose buffer was transferred away"
            )));
        }
    }
    Ok(())
}
