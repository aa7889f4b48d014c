//! Bytes that mean nothing here, `Uint8Array` in and out, and where an application keeps them.

use napi::bindgen_prelude::{
    FromNapiValue, Null, ToNapiValue, TypedArray, TypedArrayType, Uint8ArraySlice, Unknown,
};
use napi::{Env, JsValue, ValueType};

use super::place::Place;
use super::scalars::{string, unexpected};
use super::vectors::refuse_detached;
use crate::error::Result;

/// The bytes of a `Uint8Array`, which a `Buffer` is.
pub(crate) fn bytes(at: Place<'_>, value: Unknown<'_>) -> Result<Vec<u8>> {
    let is_bytes = value.get_type()? == ValueType::Object
        && value.is_typedarray()?
        && TypedArray::from_unknown(value)?.typed_array_type == TypedArrayType::Uint8;
    if !is_bytes {
        return Err(unexpected(at, "a Uint8Array", value));
    }
    let bytes = Uint8ArraySlice::from_unknown(value)?;
    refuse_detached(at, value, bytes.len())?;
    Ok(bytes.to_vec())
}

/// A table and a key of the application's own.
pub(crate) fn kv_place(table: Unknown<'_>, key: Unknown<'_>) -> Result<(String, String)> {
    Ok((string(Place::Root("table"), table)?, string(Place::Root("key"), key)?))
}

/// An answer of bytes, or nothing.
pub(crate) fn maybe_bytes_out(env: &Env, bytes: Option<Vec<u8>>) -> Result<Unknown<'_>> {
    match bytes {
        Some(bytes) => bytes_out(env, bytes),
        None => Ok(Null.into_unknown(env)?),
    }
}

/// An answer of keys and the bytes under each.
pub(crate) fn pairs_out(env: &Env, pairs: Vec<(String, Vec<u8>)>) -> Result<Unknown<'_>> {
    let mut list = env.create_array(pairs.len() as u32)?;
    for (position, (key, value)) in (0..).zip(pairs) {
        let mut pair = env.create_array(2)?;
        pair.set(0, key)?;
        pair.set(1, bytes_out(env, value)?)?;
        list.set(position, pair)?;
    }
    Ok(list.to_unknown())
}

fn bytes_out(env: &Env, bytes: Vec<u8>) -> Result<Unknown<'_>> {
    Ok(Uint8ArraySlice::copy_from(env, bytes)?.to_unknown())
}
