//! Objects of options: each is declared once, for TypeScript and for reading. An unknown key is an error.

use napi::bindgen_prelude::{FromNapiValue, Object, Unknown};
use napi::{JsValue, ValueType};

use super::place::Place;
use super::scalars::{count, given, string, unexpected};
use super::values::entries;
use crate::error::{Failure, Result};

/// What every `Async` method takes besides.
const SIGNAL: &str = "signal";

/// A set of options, as it was given.
pub(crate) trait Options<'env>: Default {
    const KEYS: &'static [&'static str];

    /// Those of them whose `null` is a value, and not the same as leaving them out.
    const NULLS: &'static [&'static str];

    /// Takes an option; `false` when there is none with this key.
    fn set(&mut self, key: &str, value: Unknown<'env>) -> bool;
}

/// Options of a method, with the signal of its `Async` twin.
pub(crate) fn options<'env, O: Options<'env>>(value: Unknown<'env>) -> Result<(O, Option<Unknown<'env>>)> {
    let mut options = O::default();
    let mut signal = None;
    let at = Place::Root("options");
    if let Some(value) = given(value)? {
        for (key, value) in fields::<O>(at, value)? {
            if key == SIGNAL {
                signal = Some(value);
            } else if !options.set(&key, value) {
                return Err(unknown::<O>(at, "option", &key, &[SIGNAL]));
            }
        }
    }
    Ok((options, signal))
}

/// An object whose keys are all known, such as a record.
pub(crate) fn object<'env, O: Options<'env>>(at: Place<'_>, value: Unknown<'env>) -> Result<O> {
    let mut options = O::default();
    for (key, value) in fields::<O>(at, value)? {
        if !options.set(&key, value) {
            return Err(unknown::<O>(at, "key", &key, &[]));
        }
    }
    Ok(options)
}

/// The entries that are given.
fn fields<'env, O: Options<'env>>(
    at: Place<'_>,
    value: Unknown<'env>,
) -> Result<Vec<(String, Unknown<'env>)>> {
    if value.get_type()? != ValueType::Object || value.is_array()? || value.is_typedarray()? {
        return Err(unexpected(at, "an object", value));
    }
    let mut fields = Vec::new();
    for (key, value) in entries(Object::from_unknown(value)?, at)? {
        if given(value)?.is_some() || value.get_type()? == ValueType::Null && O::NULLS.contains(&key.as_str())
        {
            fields.push((key, value));
        }
    }
    Ok(fields)
}

fn unknown<'env, O: Options<'env>>(at: Place<'_>, what: &str, key: &str, more: &[&str]) -> Failure {
    let known: Vec<&str> = O::KEYS.iter().chain(more).copied().collect();
    let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    Failure::invalid(format!(
        "{at}: unknown {what} {:?}; expected {known}",
        key.chars().take(80).collect::<String>()
    ))
}

/// Declares options: an interface of TypeScript, and how it is read. `null = "key"` behind an option says that its `null` is
/// a value.
macro_rules! declare {
    ($(#[$meta:meta])* $name:ident {
        $( $(#[$field_meta:meta])* $field:ident $key:tt $type:tt $(null = $null:tt)?, )*
    }) => {
        $(#[$meta])*
        #[napi_derive::napi(object, object_from_js = false, object_to_js = false)]
        #[derive(Default)]
        pub struct $name<'env> { $(
            $(#[$field_meta])*
            #[napi(js_name = $key, ts_type = $type)]
            pub $field: Option<napi::bindgen_prelude::Unknown<'env>>,
        )* }

        impl<'env> crate::convert::options::Options<'env> for $name<'env> {
            const KEYS: &'static [&'static str] = &[$($key),*];
            const NULLS: &'static [&'static str] = &[$($($null,)?)*];

            fn set(&mut self, key: &str, value: napi::bindgen_prelude::Unknown<'env>) -> bool {
                match key {
                    $($key => self.$field = Some(value),)*
                    _ => return false,
                }
                true
            }
        }
    };
}
pub(crate) use declare;

declare! {
    /// Where a record is.
    NamespaceOptions {
        /// Its namespace; the default one is `""`.
        namespace "namespace" "string | null",
    }
}

declare! {
    /// Which records are meant.
    SelectOptions {
        /// The namespace; all of them when it is left out.
        namespace "namespace" "string | null",
        /// What their metadata must be.
        filter "filter" "Filter | null",
    }
}

/// No options but the signal.
#[derive(Default)]
pub(crate) struct NoOptions;

impl<'env> Options<'env> for NoOptions {
    const KEYS: &'static [&'static str] = &[];
    const NULLS: &'static [&'static str] = &[];

    fn set(&mut self, _: &str, _: Unknown<'env>) -> bool {
        false
    }
}

/// The namespace in options, when it is given.
pub(crate) fn namespace(value: Option<Unknown<'_>>) -> Result<Option<String>> {
    value.map(|value| string(Place::Root("namespace"), value)).transpose()
}

/// A count in options, when it is given.
pub(crate) fn count_of(name: &str, value: Option<Unknown<'_>>) -> Result<Option<usize>> {
    value.map(|value| count(Place::Root(name), value)).transpose()
}
