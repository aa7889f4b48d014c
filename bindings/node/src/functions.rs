//! Functions of JavaScript as steps of an analyzer.
//!
//! They run on JavaScript's thread only. So whatever is analyzed by them is analyzed there, before work goes to the pool.

use std::borrow::Cow;
use std::cell::Cell;

use napi::bindgen_prelude::{FnArgs, FromNapiValue, Function, Unknown};
use napi::{Env, ValueType, sys};
use vectlite::{Database, Record, SearchRequest, Searchable, StepError};

use crate::convert::place::Place;
use crate::convert::records::scoped;
use crate::convert::scalars::unexpected;
use crate::error::{Failure, Result};

thread_local! {
    /// Where functions may be called, while that is so.
    static ENV: Cell<Option<sys::napi_env>> = const { Cell::new(None) };
}

/// Does something that may call functions.
pub(crate) fn calling<T>(env: &Env, work: impl FnOnce() -> T) -> T {
    let outer = ENV.replace(Some(env.raw()));
    let done = work();
    ENV.set(outer);
    done
}

/// A function as a step; `read` makes tokens of what it returned.
pub(crate) fn called(
    function: Unknown<'_>,
    read: fn(&Env, Unknown<'_>) -> Result<Vec<String>>,
) -> Result<impl Fn(&str) -> Result<Vec<String>, StepError> + Send + Sync + 'static> {
    if function.get_type()? != ValueType::Function {
        return Err(unexpected(Place::Root("function"), "a function", function));
    }
    let function =
        Function::<'_, FnArgs<(String,)>, Unknown<'static>>::from_unknown(function)?.create_ref()?;
    Ok(move |text: &str| {
        let Some(env) = ENV.get().map(Env::from) else {
            return Err("an analyzer with functions works on the thread of JavaScript only".into());
        };
        let returned = scoped(&env, || {
            let returned = function.borrow_back(&env)?.call(FnArgs::from((text.to_owned(),)))?;
            read(&env, returned)
        });
        returned.map_err(|failure| failure.thrown(&env).into())
    })
}

/// A record with its text analyzed, if that is done by functions.
pub(crate) fn analyzed(env: &Env, db: &Database, mut record: Record) -> Result<Record> {
    calling(env, || db.analyze(&mut record))?;
    Ok(record)
}

/// Records, likewise.
pub(crate) fn all_analyzed(env: &Env, db: &Database, mut records: Vec<Record>) -> Result<Vec<Record>> {
    calling(env, || records.iter_mut().try_for_each(|record| db.analyze(record)))?;
    Ok(records)
}

/// A request, likewise.
pub(crate) fn analyzed_request(
    env: &Env,
    searched: &impl Searchable,
    request: SearchRequest,
) -> Result<SearchRequest> {
    let analyzed = match calling(env, || searched.analyzed(&request))? {
        Cow::Owned(analyzed) => Some(analyzed),
        Cow::Borrowed(_) => None,
    };
    Ok(analyzed.unwrap_or(request))
}

/// What an analysis by functions comes to.
pub(crate) fn attempt<T>(
    env: &Env,
    analyzer: &vectlite::Analyzer,
    analyze: impl FnOnce(&vectlite::Analyzer) -> T,
) -> Result<T> {
    calling(env, || analyzer.attempt(analyze)).map_err(failed)
}

/// What a step failed with: what JavaScript threw.
pub(crate) fn failed(error: StepError) -> Failure {
    match error.downcast::<napi::Error>() {
        Ok(thrown) => Failure::Thrown(*thrown),
        Err(error) => Failure::invalid(error.to_string()),
    }
}
