//! Metadata and terms as plain objects.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};

use napi::bindgen_prelude::{BigInt, JsObjectValue, Null, Object, ToNapiValue, Unknown};
use napi::{Env, JsString, JsValue, Property, PropertyAttributes};
use vectlite::{Metadata, Value};

use super::scalars::MAX_SAFE_INTEGER;
use crate::error::Result;

/// Most names that are kept: records share a few keys, and who has more of them gains nothing.
const MAX_NAMES: usize = 64;

/// Makes plain objects. It keeps their keys, as making a string is what costs most about a small object.
pub(crate) struct Plain<'env> {
    pub(crate) env: &'env Env,
    null: Unknown<'env>,
    names: RefCell<HashMap<String, JsString<'env>>>,
}

impl<'env> Plain<'env> {
    pub(crate) fn new(env: &'env Env) -> Result<Plain<'env>> {
        Ok(Plain { env, null: Null.into_unknown(env)?, names: RefCell::default() })
    }

    /// A value, or `null` where there is none.
    pub(crate) fn or_null<T>(
        &self,
        value: Option<T>,
        convert: impl FnOnce(T) -> Result<Unknown<'env>>,
    ) -> Result<Unknown<'env>> {
        value.map_or(Ok(self.null), convert)
    }

    /// A string that comes again and again, such as a key or a namespace.
    pub(crate) fn name(&self, name: &str) -> Result<JsString<'env>> {
        let mut names = self.names.borrow_mut();
        if let Some(kept) = names.get(name) {
            return Ok(*kept);
        }
        let made = self.env.create_string(name)?;
        if names.len() < MAX_NAMES {
            names.insert(name.to_owned(), made);
        }
        Ok(made)
    }

    /// Metadata.
    pub(crate) fn metadata(&self, metadata: &Metadata) -> Result<Unknown<'env>> {
        self.object(metadata, |value| self.value(value))
    }

    /// Terms and their weights.
    pub(crate) fn terms(&self, terms: &BTreeMap<String, f32>) -> Result<Unknown<'env>> {
        self.object(terms, |weight| Ok(f64::from(*weight).into_unknown(self.env)?))
    }

    /// An object with these entries.
    pub(crate) fn object<V>(
        &self,
        entries: &BTreeMap<String, V>,
        convert: impl Fn(&V) -> Result<Unknown<'env>>,
    ) -> Result<Unknown<'env>> {
        let mut object = Object::new(self.env)?;
        for (key, value) in entries {
            let value = convert(value)?;
            if key == "__proto__" {
                // Setting it would change what the object inherits from.
                let property = Property::new().with_utf8_name(key)?.with_value(&value);
                let ordinary = PropertyAttributes::Enumerable
                    | PropertyAttributes::Writable
                    | PropertyAttributes::Configurable;
                object.define_properties(&[property.with_property_attributes(ordinary)])?;
            } else {
                object.set_property(self.name(key)?, value)?;
            }
        }
        Ok(object.to_unknown())
    }

    fn value(&self, value: &Value) -> Result<Unknown<'env>> {
        let env = self.env;
        Ok(match value {
            Value::Null => self.null,
            Value::Bool(value) => value.into_unknown(env)?,
            Value::Int(value) if value.unsigned_abs() <= MAX_SAFE_INTEGER as u64 => {
                (*value as f64).into_unknown(env)?
            }
            Value::Int(value) => BigInt::from(*value).into_unknown(env)?,
            Value::Float(value) => value.into_unknown(env)?,
            Value::String(value) => value.as_str().into_unknown(env)?,
            Value::List(values) => {
                // A list that long cannot be stored.
                let mut array = env.create_array(u32::try_from(values.len()).unwrap_or(u32::MAX))?;
                for (position, value) in (0..).zip(values) {
                    array.set(position, self.value(value)?)?;
                }
                array.to_unknown()
            }
            Value::Map(entries) => self.metadata(entries)?,
        })
    }
}
