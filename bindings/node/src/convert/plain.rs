//! Metadata and terms as plain objects.

use std::cell::RefCell;
use std::collections::BTreeMap;

use napi::bindgen_prelude::{
    BigInt, FnArgs, FromNapiValue, Function, JsObjectValue, Null, Object, ToNapiValue, Undefined, Unknown,
};
use napi::{Env, JsString, JsValue, Property, PropertyAttributes};
use vectlite::{Metadata, Value};

use super::scalars::MAX_SAFE_INTEGER;
use crate::error::Result;
use crate::hooks::{Any, Hooks, Pairs, any};

/// Most names that are kept: records share a few keys, and who has more of them gains nothing.
const MAX_NAMES: usize = 32;

/// Makes plain objects. It keeps their keys, as making a string is what costs most about a small value.
pub(crate) struct Plain<'env> {
    pub(crate) env: &'env Env,
    null: Unknown<'env>,
    undefined: Unknown<'env>,
    pairs: Function<'env, FnArgs<Pairs>, Any>,
    /// Few enough to be found one after the other.
    names: RefCell<Vec<(String, JsString<'env>)>>,
}

impl<'env> Plain<'env> {
    pub(crate) fn new(env: &'env Env) -> Result<Plain<'env>> {
        Ok(Plain {
            env,
            null: Null.into_unknown(env)?,
            undefined: Undefined::into_unknown((), env)?,
            pairs: Hooks::of(env)?.pairs.borrow_back(env)?,
            names: RefCell::default(),
        })
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
        if let Some((_, kept)) = names.iter().find(|(kept, _)| kept == name) {
            return Ok(*kept);
        }
        let made = self.env.create_string(name)?;
        if names.len() < MAX_NAMES {
            names.push((name.to_owned(), made));
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

    /// An object with these entries: the first few by the hook, the others by one call each.
    pub(crate) fn object<V>(
        &self,
        entries: &BTreeMap<String, V>,
        convert: impl Fn(&V) -> Result<Unknown<'env>>,
    ) -> Result<Unknown<'env>> {
        let mut entries = entries.iter();
        let mut next = || -> Result<(Any, Any)> {
            match entries.next() {
                Some((key, value)) => Ok((any(self.name(key)?.to_unknown())?, any(convert(value)?)?)),
                None => Ok((any(self.undefined)?, any(self.undefined)?)),
            }
        };
        let ((a, av), (b, bv), (c, cv), (d, dv)) = (next()?, next()?, next()?, next()?);
        let ((e, ev), (f, fv), (g, gv), (h, hv)) = (next()?, next()?, next()?, next()?);
        let first = (a, av, b, bv, c, cv, d, dv, e, ev, f, fv, g, gv, h, hv);
        let mut object = Object::from_unknown(self.pairs.call(FnArgs::from(first))?)?;
        for (key, value) in entries {
            let value = convert(value)?;
            let property = Property::new().with_utf8_name(key)?.with_value(&value);
            // Defined, not set: what `__proto__` is set to, an object inherits from.
            let ordinary = PropertyAttributes::Enumerable
                | PropertyAttributes::Writable
                | PropertyAttributes::Configurable;
            object.define_properties(&[property.with_property_attributes(ordinary)])?;
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
