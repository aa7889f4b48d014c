//! Records.

use std::collections::BTreeMap;

use napi::bindgen_prelude::{Array, FnArgs, FromNapiValue, JsObjectValue, Object, ToNapiValue, Unknown};
use napi::{Env, JsValue, ValueType};
use napi_derive::napi;
use vectlite::Record;

use super::options::{declare, namespace, object};
use super::place::Place;
use super::plain::Plain;
use super::scalars::{given, number, string, unexpected};
use super::values::{entries, metadata, sparse};
use super::vectors::{vector, vector_out};
use crate::error::{Failure, Result};
use crate::hooks::{Hooks, any};

declare! {
    /// A record to write.
    RecordInput {
        /// Its id, unique in its namespace.
        id "id" "string",
        /// Its vector in the default space.
        vector "vector" "VectorInput | null",
        /// Values to filter by and to keep.
        metadata "metadata" "Metadata | null",
        /// Terms and their weights, added to the terms of `text`.
        sparse "sparse" "Terms | null",
        /// Its vectors in named spaces.
        vectors "vectors" "Record<string, VectorInput> | null",
        /// Its namespace; the default one is `""`.
        namespace "namespace" "string | null",
        /// Seconds until it expires.
        ttl "ttl" "number | null",
        /// Text to search for its terms.
        text "text" "string | null",
    }
}

declare! {
    /// What a record holds besides its id and its vector.
    PutOptions {
        /// Values to filter by and to keep.
        metadata "metadata" "Metadata | null",
        /// Terms and their weights, added to the terms of `text`.
        sparse "sparse" "Terms | null",
        /// Its vectors in named spaces.
        vectors "vectors" "Record<string, VectorInput> | null",
        /// Its namespace; the default one is `""`.
        namespace "namespace" "string | null",
        /// Seconds until it expires.
        ttl "ttl" "number | null",
        /// Text to search for its terms.
        text "text" "string | null",
    }
}

/// A record that was read.
#[napi(object, object_from_js = false, object_to_js = false)]
#[expect(dead_code, reason = "an interface of TypeScript; a hook makes the objects")]
pub struct StoredRecord {
    /// Its namespace; the default one is `""`.
    pub namespace: String,
    /// Its id, unique in its namespace.
    pub id: String,
    /// Its vector in the default space, as it was given.
    #[napi(ts_type = "Float32Array | null")]
    pub vector: (),
    /// Its vectors in named spaces.
    #[napi(ts_type = "Record<string, Float32Array>")]
    pub vectors: (),
    /// Terms and their weights.
    #[napi(ts_type = "Terms | null")]
    pub sparse: (),
    /// Its metadata, with sorted keys.
    #[napi(ts_type = "Metadata")]
    pub metadata: (),
    /// When it expires, in seconds since 1970.
    #[napi(ts_type = "number | null")]
    pub expires_at: (),
    /// Its text, when it has one.
    pub text: Option<String>,
}

/// The record of `insert(id, vector, options)`.
pub(crate) fn record(
    env: &Env,
    id: Unknown<'_>,
    dense: Unknown<'_>,
    options: PutOptions<'_>,
) -> Result<Record> {
    let PutOptions { metadata, sparse, vectors, namespace, ttl, text } = options;
    from_input(
        env,
        RecordInput { id: Some(id), vector: given(dense)?, metadata, sparse, vectors, namespace, ttl, text },
        None,
    )
}

/// A record of `insertMany(records, options)`, in `default` unless it names its namespace.
pub(crate) fn listed(env: &Env, at: Place<'_>, value: Unknown<'_>, default: Option<&str>) -> Result<Record> {
    object(at, value).and_then(|input| from_input(env, input, default)).map_err(|failure| failure.within(at))
}

/// The records of an iterable.
pub(crate) fn records(env: &Env, value: Unknown<'_>, default: Option<&str>) -> Result<Vec<Record>> {
    let array = array(env, Place::Root("records"), value)?;
    let mut records = Vec::new();
    for position in 0..array.get_array_length()? {
        // A scope for each: thousands of records would otherwise keep all their values alive until the end.
        records.push(scoped(env, || {
            listed(env, Place::Root("records").position(position), array.get_element(position)?, default)
        })?);
    }
    Ok(records)
}

/// Strings of an iterable, such as ids.
pub(crate) fn strings(env: &Env, at: Place<'_>, value: Unknown<'_>) -> Result<Vec<String>> {
    let array = array(env, at, value)?;
    let length = array.get_array_length()?;
    (0..length).map(|position| string(at.position(position), array.get_element(position)?)).collect()
}

/// An array, or the elements of an iterable as one.
pub(crate) fn array<'env>(env: &'env Env, at: Place<'_>, value: Unknown<'env>) -> Result<Object<'env>> {
    if value.is_array()? {
        return Ok(Object::from_unknown(value)?);
    }
    let array = Hooks::of(env)?.array.borrow_back(env)?.call(FnArgs::from((any(value)?,)))?;
    match array.get_type()? {
        ValueType::Undefined => Err(unexpected(at, "an array or another iterable", value)),
        _ => Ok(Object::from_unknown(array)?),
    }
}

/// Frees the JavaScript values that `read` makes.
pub(crate) fn scoped<T>(env: &Env, read: impl FnOnce() -> Result<T>) -> Result<T> {
    env.run_in_scope(|| Ok(read()))?
}

fn from_input(env: &Env, input: RecordInput<'_>, default: Option<&str>) -> Result<Record> {
    let id = input.id.ok_or_else(|| Failure::invalid("id: expected a string, got nothing"))?;
    let mut record = Record::new(string(Place::Root("id"), id)?);
    if let Some(namespace) = namespace(input.namespace)?.or_else(|| default.map(str::to_owned)) {
        record.namespace = namespace;
    }
    record.vector = input.vector.map(|value| vector(env, Place::Root("vector"), value)).transpose()?;
    record.vectors = input
        .vectors
        .map(|value| spaces(env, Place::Root("vectors"), value))
        .transpose()?
        .unwrap_or_default();
    record.sparse = input.sparse.map(|value| sparse(Place::Root("sparse"), value)).transpose()?;
    record.text = input.text.map(|value| string(Place::Root("text"), value)).transpose()?;
    if let Some(value) = input.metadata {
        record.metadata = metadata(Place::Root("metadata"), value)?;
    }
    record.ttl = input.ttl.map(|value| number(Place::Root("ttl"), value)).transpose()?;
    Ok(record)
}

/// Vectors by the names of their spaces.
pub(crate) fn spaces(env: &Env, at: Place<'_>, value: Unknown<'_>) -> Result<BTreeMap<String, Vec<f32>>> {
    if value.get_type()? != ValueType::Object || value.is_array()? || value.is_typedarray()? {
        return Err(unexpected(at, "an object of vectors by the names of their spaces", value));
    }
    let mut spaces = BTreeMap::new();
    for (space, value) in entries(Object::from_unknown(value)?, at)? {
        let vector = vector(env, at.key(&space), value)?;
        spaces.insert(space, vector);
    }
    Ok(spaces)
}

/// A record, or `null`.
pub(crate) fn maybe_record_out(env: &Env, record: Option<Record>) -> Result<Unknown<'_>> {
    let plain = Plain::new(env)?;
    plain.or_null(record, |record| record_out(&plain, record))
}

/// Records.
pub(crate) fn records_out(env: &Env, records: Vec<Record>) -> Result<Unknown<'_>> {
    let plain = Plain::new(env)?;
    list(env, records, |record| record_out(&plain, record))
}

/// Records, or `null` for each that there is not.
pub(crate) fn maybe_records_out(env: &Env, records: Vec<Option<Record>>) -> Result<Unknown<'_>> {
    let plain = Plain::new(env)?;
    list(env, records, |record| plain.or_null(record, |record| record_out(&plain, record)))
}

fn record_out<'env>(plain: &Plain<'env>, record: Record) -> Result<Unknown<'env>> {
    let env = plain.env;
    let made = Hooks::of(env)?.record.borrow_back(env)?.call(FnArgs::from((
        any(plain.name(&record.namespace)?.to_unknown())?,
        any(record.id.into_unknown(env)?)?,
        any(plain.or_null(record.vector, |vector| vector_out(env, &vector))?)?,
        any(plain.object(&record.vectors, |vector| vector_out(env, vector))?)?,
        any(plain.or_null(record.sparse, |terms| plain.terms(&terms))?)?,
        any(plain.metadata(&record.metadata)?)?,
        any(plain.or_null(record.expires_at, |at| Ok(at.into_unknown(env)?))?)?,
    )))?;
    if let Some(text) = record.text {
        Object::from_unknown(made)?.set("text", text)?;
    }
    Ok(made)
}

/// A list of anything.
pub(crate) fn list<'env, T>(
    env: &'env Env,
    values: Vec<T>,
    convert: impl Fn(T) -> Result<Unknown<'env>>,
) -> Result<Unknown<'env>> {
    let mut array: Array<'env> = env.create_array(u32::try_from(values.len()).unwrap_or(u32::MAX))?;
    for (position, value) in (0..).zip(values) {
        array.set(position, convert(value)?)?;
    }
    Ok(array.to_unknown())
}
