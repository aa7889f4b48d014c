//! What the addon asks of JavaScript: the functions of `lib/hooks.js`, which hands them over when it is loaded.
//!
//! Some things are JavaScript's own: subclasses of `Error`, iteration, promises that end early. And an object literal
//! there is several times cheaper than as many properties set from here.

use napi::bindgen_prelude::{
    External, FnArgs, FromNapiValue, Function, FunctionRef, JsObjectValue, Object, ToNapiValue, Undefined,
    Unknown,
};
use napi::{Env, Error, Result, Status};
use napi_derive::napi;

use crate::bulk::BulkLoad;
use crate::call::Task;
use crate::database::fields::IndexBuild;

type Hook<Arguments> = FunctionRef<FnArgs<Arguments>, Unknown<'static>>;
/// A value as an argument of a hook.
pub(crate) type Any = Unknown<'static>;

/// The values of a hit, in the order of its keys.
pub(crate) type HitValues = (Any, Any, Any, Any, Any, Any, Any, Any, Any, Any);
/// The values of a record, in the order of its keys.
pub(crate) type RecordValues = (Any, Any, Any, Any, Any, Any, Any);
/// Eight keys, each with its value; `undefined` behind the last one.
pub(crate) type Pairs = (Any, Any, Any, Any, Any, Any, Any, Any, Any, Any, Any, Any, Any, Any, Any, Any);
/// Records, ids, vectors, metadata, progress and signal of a bulk load.
pub(crate) type Load = (External<BulkLoad>, Any, Any, Any, Any, Any, Any);
/// Progress and signal of the building of a field index.
pub(crate) type Build = (External<IndexBuild>, Any, Any);

/// The hooks of one environment: each worker thread has its own.
pub(crate) struct Hooks {
    /// (code, message, errno, committed) → an error.
    pub(crate) error: Hook<(&'static str, String, Option<i32>, Option<f64>)>,
    /// (signal, task) → the promise of the task, which the signal can end early; `undefined` for no signal.
    pub(crate) abortable: Hook<(Any, External<Task>)>,
    /// (iterable) → its elements as an array; `undefined` for what cannot be iterated.
    pub(crate) array: Hook<(Any,)>,
    /// (load, records, ids, vectors, metadata, progress, no signal) → how many records were committed.
    pub(crate) bulk: Hook<Load>,
    /// The same off the main thread: (load, …, signal) → its promise.
    pub(crate) bulk_async: Hook<Load>,
    /// (build, progress, no signal) → whether there was something to build.
    pub(crate) index: Hook<Build>,
    /// The same off the main thread: (build, …, signal) → its promise.
    pub(crate) index_async: Hook<Build>,
    /// Keys and values → an object.
    pub(crate) pairs: Hook<Pairs>,
    /// An array of numbers → a `Float32Array`; `undefined` for an array that holds something else.
    pub(crate) floats: Hook<(Any,)>,
    /// (function, text, found, first place, end of places, kind) → what was found in the function's order, or its promise.
    pub(crate) rerank: Hook<(Any, Any, Any, f64, f64, &'static str)>,
    /// The values of a hit, in the order of its keys, → the hit.
    pub(crate) hit: Hook<HitValues>,
    /// The values of a record, in the order of its keys, → the record.
    pub(crate) record: Hook<RecordValues>,
}

impl Hooks {
    pub(crate) fn of(env: &Env) -> Result<&'static Hooks> {
        let hooks = env.get_instance_data::<Hooks>()?;
        hooks.map(|hooks| &*hooks).ok_or_else(|| {
            Error::new(
                Status::GenericFailure,
                "the addon was loaded without the package around it; require(\"vectlite\")",
            )
        })
    }
}

/// Takes the hooks over; the package calls it once when it is loaded.
#[napi(skip_typescript)]
pub fn register(env: &Env, hooks: Object<'_>) -> Result<()> {
    fn hook<Arguments>(hooks: &Object<'_>, name: &str) -> Result<Hook<Arguments>>
    where
        FnArgs<Arguments>: napi::bindgen_prelude::JsValuesTupleIntoVec,
    {
        let hook: Function<'_, FnArgs<Arguments>, Unknown<'static>> =
            hooks.get_named_property_unchecked(name)?;
        hook.create_ref()
    }
    let registered = Hooks {
        error: hook(&hooks, "error")?,
        abortable: hook(&hooks, "abortable")?,
        array: hook(&hooks, "array")?,
        bulk: hook(&hooks, "bulk")?,
        bulk_async: hook(&hooks, "bulkAsync")?,
        index: hook(&hooks, "index")?,
        index_async: hook(&hooks, "indexAsync")?,
        pairs: hook(&hooks, "pairs")?,
        floats: hook(&hooks, "floats")?,
        rerank: hook(&hooks, "rerank")?,
        hit: hook(&hooks, "hit")?,
        record: hook(&hooks, "record")?,
    };
    env.set_instance_data(registered, (), |_| ())
}

/// A value as an argument of a hook.
pub(crate) fn any(value: Unknown<'_>) -> Result<Any> {
    Unknown::from_unknown(value)
}

/// The same of what was not given.
pub(crate) fn any_or_undefined(env: &Env, value: Option<Unknown<'_>>) -> Result<Any> {
    match value {
        Some(value) => any(value),
        None => any(Undefined::into_unknown((), env)?),
    }
}
