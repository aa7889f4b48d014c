//! A call that is ready to run: on the spot, or on libuv's pool as the `Async` twin of a method does.
//!
//! Its arguments are converted before and its answer after, both on JavaScript's thread; the work between them touches
//! no JavaScript.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use napi::bindgen_prelude::{External, FnArgs, Null, ToNapiValue, Undefined, Unknown};
use napi::{Env, JsValue, ScopedTask, ValueType};
use napi_derive::napi;

use crate::convert::place::Place;
use crate::convert::scalars::unexpected;
use crate::error::{Failure, Result};
use crate::hooks::{Hooks, any};
use crate::seats::Seat;

type Work<T> = Box<dyn FnOnce() -> Result<T> + Send>;
type Answer<T> = for<'env> fn(&'env Env, T) -> Result<Unknown<'env>>;

/// Work, and how its result becomes a JavaScript value.
pub(crate) struct Call<'a, T> {
    work: Work<T>,
    answer: Answer<T>,
    signal: Option<Unknown<'a>>,
    /// Whether it only computes, and waits for no disk.
    computes: bool,
}

impl<'a, T: Send + 'static> Call<'a, T> {
    pub(crate) fn new(
        signal: Option<Unknown<'a>>,
        work: impl FnOnce() -> Result<T> + Send + 'static,
        answer: Answer<T>,
    ) -> Call<'a, T> {
        Call { work: Box::new(work), answer, signal, computes: false }
    }

    /// Work that only computes: of its kind no more runs on the pool at a time than leaves the event loop a core.
    pub(crate) fn computing(self) -> Call<'a, T> {
        Call { computes: true, ..self }
    }
}

/// Runs a call on the spot.
pub(crate) fn now<'env, T: Send + 'static>(
    env: &'env Env,
    call: Result<Call<'_, T>>,
) -> napi::Result<Unknown<'env>> {
    let run = || {
        let Call { work, answer, signal, .. } = call?;
        if signal.is_some() {
            return Err(no_signal());
        }
        let answer = answer(env, work()?)?;
        // Only here is it known that nobody waits; of all answers, those of a `rerank` alone can be promises.
        if answer.is_promise()? {
            return Err(Failure::invalid(
                "rerank: expected hits, got a promise, which only the Async methods wait for",
            ));
        }
        Ok(answer)
    };
    run().map_err(|failure| failure.thrown(env))
}

/// What a method says that was given a signal and is done before one could come.
pub(crate) fn no_signal() -> Failure {
    Failure::invalid("signal: expected none, as only the Async twin of a method can be aborted")
}

/// Runs a call on the pool; the promise of its answer.
pub(crate) fn later<'env, T: Send + 'static>(
    env: &'env Env,
    call: Result<Call<'_, T>>,
) -> napi::Result<Unknown<'env>> {
    let run = || {
        let Call { work, answer, signal, computes } = call?;
        let Some(signal) = signal else {
            let pooled = Pooled { work: Some(work), answer, computes, abort: None };
            return Ok(env.spawn(pooled)?.promise_object().to_unknown());
        };
        let abort = Arc::new(AtomicBool::new(false));
        let pooled = Pooled { work: Some(work), answer, computes, abort: Some(Arc::clone(&abort)) };
        let start: Start = Box::new(|env| Ok(env.spawn(pooled)?.promise_object().to_unknown()));
        let task = External::new(Task { start: Some(start), abort });
        let promise = Hooks::of(env)?.abortable.borrow_back(env)?.call(FnArgs::from((any(signal)?, task)))?;
        match promise.get_type()? {
            ValueType::Undefined => Err(unexpected(Place::Root("signal"), "an AbortSignal", signal)),
            _ => Ok(promise),
        }
    };
    run().map_err(|failure| failure.thrown(env))
}

/// A call on its way through the pool.
struct Pooled<T> {
    work: Option<Work<T>>,
    answer: Answer<T>,
    computes: bool,
    /// Set when the signal comes.
    abort: Option<Arc<AtomicBool>>,
}

impl<'env, T: Send + 'static> ScopedTask<'env> for Pooled<T> {
    /// `None` when it was aborted before it started.
    type Output = Option<Result<T>>;
    type JsValue = Unknown<'env>;

    fn compute(&mut self) -> napi::Result<Self::Output> {
        let _seat = self.computes.then(Seat::take);
        let Some(abort) = &self.abort else { return Ok(self.work.take().map(|work| work())) };
        if abort.load(Ordering::Acquire) {
            return Ok(None);
        }
        // What it ends with is told to nobody: the promise was rejected when the signal came.
        Ok(self.work.take().map(|work| vectlite::abortable(abort, work)))
    }

    fn resolve(&mut self, env: &'env Env, output: Self::Output) -> napi::Result<Unknown<'env>> {
        let answer = match output {
            Some(result) => result.and_then(|value| (self.answer)(env, value)),
            // Nobody waits: the promise was rejected when the signal came.
            None => Undefined::into_unknown((), env).map_err(Failure::from),
        };
        answer.map_err(|failure| failure.thrown(env))
    }
}

type Start = Box<dyn for<'env> FnOnce(&'env Env) -> napi::Result<Unknown<'env>>>;

/// A call that a signal may end, as the hook `abortable` sees it.
pub(crate) struct Task {
    start: Option<Start>,
    abort: Arc<AtomicBool>,
}

/// Sends a task to the pool.
#[napi(skip_typescript)]
pub fn start_task<'env>(env: &'env Env, task: &mut External<Task>) -> napi::Result<Unknown<'env>> {
    match task.start.take() {
        Some(start) => start(env),
        None => Undefined::into_unknown((), env),
    }
}

/// Ends a task, or keeps the pool from starting it.
#[napi(skip_typescript)]
pub fn abort_task(task: &External<Task>) {
    task.abort.store(true, Ordering::Release);
}

/// An answer that says nothing.
pub(crate) fn nothing<'env>(env: &'env Env, (): ()) -> Result<Unknown<'env>> {
    Ok(Undefined::into_unknown((), env)?)
}

/// An answer of yes or no.
pub(crate) fn truth(env: &Env, value: bool) -> Result<Unknown<'_>> {
    Ok(value.into_unknown(env)?)
}

/// An answer that is a count; no count of records, bytes or commits reaches 2^53.
pub(crate) fn count(env: &Env, value: usize) -> Result<Unknown<'_>> {
    Ok((value as f64).into_unknown(env)?)
}

/// An answer that is a text, or nothing.
pub(crate) fn maybe_text(env: &Env, text: Option<String>) -> Result<Unknown<'_>> {
    Ok(match text {
        Some(text) => text.into_unknown(env)?,
        None => Null.into_unknown(env)?,
    })
}

/// An answer that is a list of names.
pub(crate) fn names(env: &Env, names: Vec<String>) -> Result<Unknown<'_>> {
    Ok(names.into_unknown(env)?)
}

/// Defines a method and its `Async` twin over one conversion: documentation, names, arguments, their types and the types
/// of the results. On a closed handle both fail as such, whatever the arguments are.
macro_rules! twins {
    ($class:ident { $(
        $(#[$doc:meta])*
        $now:ident $later:ident ($($argument:ident),* $(,)?)
            $arguments:tt $result:tt, $arguments_later:tt $result_later:tt = $call:ident;
    )* }) => {
        #[napi_derive::napi]
        impl $class { $(
            $(#[$doc])*
            #[napi(ts_args_type = $arguments, ts_return_type = $result)]
            pub fn $now<'env>(
                &self, env: &'env napi::Env, $($argument: napi::bindgen_prelude::Unknown<'env>),*
            ) -> napi::Result<napi::bindgen_prelude::Unknown<'env>> {
                crate::call::now(env, self.check_open().and_then(|()| self.$call(env, $($argument),*)))
            }

            $(#[$doc])*
            ///
            /// Off the main thread.
            #[napi(ts_args_type = $arguments_later, ts_return_type = $result_later)]
            pub fn $later<'env>(
                &self, env: &'env napi::Env, $($argument: napi::bindgen_prelude::Unknown<'env>),*
            ) -> napi::Result<napi::bindgen_prelude::Unknown<'env>> {
                crate::call::later(env, self.check_open().and_then(|()| self.$call(env, $($argument),*)))
            }
        )* }
    };
}
pub(crate) use twins;
