//! Errors: one to one from `ErrorKind` to the classes of `lib/error.js`, by code.

use std::io;

use napi::bindgen_prelude::FnArgs;
use napi::{Env, Status};
use napi_derive::napi;
use vectlite::{AnalyzerError, ErrorKind};

use crate::functions;
use crate::hooks::Hooks;

pub(crate) type Result<T, E = Failure> = std::result::Result<T, E>;

/// What a call can end with.
pub(crate) enum Failure {
    /// An error of the engine.
    Engine(vectlite::Error),
    /// Something that could not be converted into what the engine takes.
    Own { kind: ErrorKind, message: String, committed: Option<usize> },
    /// What JavaScript threw while it was asked, which is thrown on.
    Thrown(napi::Error),
}

impl From<vectlite::Error> for Failure {
    fn from(error: vectlite::Error) -> Failure {
        Failure::Engine(error)
    }
}

impl From<AnalyzerError> for Failure {
    fn from(error: AnalyzerError) -> Failure {
        Failure::Engine(error.into())
    }
}

impl From<napi::Error> for Failure {
    fn from(error: napi::Error) -> Failure {
        Failure::Thrown(error)
    }
}

impl Failure {
    pub(crate) fn own(kind: ErrorKind, message: impl Into<String>) -> Failure {
        Failure::Own { kind, message: message.into(), committed: None }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Failure {
        Failure::own(ErrorKind::InvalidArgument, message)
    }

    /// The same failure with where it happened in front of its message.
    pub(crate) fn within(self, place: impl std::fmt::Display) -> Failure {
        match self {
            Failure::Own { kind, message, committed } => {
                Failure::Own { kind, message: format!("{place}: {message}"), committed }
            }
            failure => failure,
        }
    }

    /// The same failure of a bulk load that had committed this many records; the engine's say so themselves.
    pub(crate) fn after(mut self, count: usize) -> Failure {
        if let Failure::Own { committed, .. } = &mut self {
            *committed = Some(count);
        }
        self
    }

    /// What a method of the addon returns to throw the error object of this failure, or to reject with it.
    pub(crate) fn thrown(self, env: &Env) -> napi::Error {
        match self {
            Failure::Engine(error) => match error.into_step_error() {
                Ok(error) => functions::failed(error).thrown(env),
                Err(error) => {
                    let errno = error.io_error().and_then(io::Error::raw_os_error);
                    error_object(env, error.kind(), &error.to_string(), errno, error.committed())
                }
            },
            Failure::Own { kind, message, committed } => error_object(env, kind, &message, None, committed),
            Failure::Thrown(error) => error,
        }
    }
}

fn error_object(
    env: &Env,
    kind: ErrorKind,
    message: &str,
    errno: Option<i32>,
    committed: Option<usize>,
) -> napi::Error {
    let made = Hooks::of(env).and_then(|hooks| {
        let committed = committed.map(|count| count as f64);
        let arguments = FnArgs::from((kind.code(), message.to_owned(), errno, committed));
        hooks.error.borrow_back(env)?.call(arguments)
    });
    match made {
        Ok(object) => napi::Error::from_unknown_without_coercion(object),
        // The environment is going down.
        Err(error) => napi::Error::new(Status::GenericFailure, format!("{message} ({error})")),
    }
}

/// The code of every error, in the order of the engine's list. Each has its class.
#[napi(ts_return_type = "string[]")]
pub fn error_codes() -> Vec<&'static str> {
    ErrorKind::ALL.iter().map(|kind| kind.code()).collect()
}
