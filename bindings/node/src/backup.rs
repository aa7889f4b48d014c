//! Databases that are made of copies.

use napi::Env;
use napi::bindgen_prelude::Unknown;
use napi_derive::napi;

use crate::call::{self, Call};
use crate::convert::options::{declare, options};
use crate::convert::place::Place;
use crate::convert::scalars::string;
use crate::database::database_out;
use crate::database::open::{OpenOptions, opened_as};
use crate::error::Result;

declare! {
    /// How a database that was restored is opened; see `OpenOptions`. What is fixed at creation is that of the source.
    RestoreOptions {
        /// How text becomes terms, when that is done by functions: else it is stored.
        analyzer "analyzer" "string | Analyzer | null",
        /// When a commit is synced: before it is acknowledged (the default), every n commits, or by `flush` only.
        sync "sync" "'per_op' | 'on_flush' | readonly ['every_n', number] | null",
        /// Leaves graphs where they are mapped from the file `NAME.vdb.ann`, instead of copying them to memory of this process.
        low_memory "lowMemory" "boolean | null",
    }
}

/// Makes a database at `dest` of a backup, a snapshot or any other database, and opens it. `source` is its file, or the directory
/// that `backup` wrote.
///
/// A database that is at `dest` already is replaced, if nobody has it open: else that is a `VectLiteLockError`. The new one is
/// written beside it and read again before it takes its place, so a damaged source, a `CorruptionError`, costs nothing.
#[napi(
    ts_args_type = "source: string, dest: string, options?: RestoreOptions | null",
    ts_return_type = "Database"
)]
pub fn restore<'env>(
    env: &'env Env,
    source: Unknown<'env>,
    dest: Unknown<'env>,
    given: Unknown<'env>,
) -> napi::Result<Unknown<'env>> {
    call::now(env, restoring(source, dest, given))
}

/// Makes a database at `dest` of a backup, a snapshot or any other database, and opens it. `source` is its file, or the directory
/// that `backup` wrote.
///
/// A database that is at `dest` already is replaced, if nobody has it open: else that is a `VectLiteLockError`. The new one is
/// written beside it and read again before it takes its place, so a damaged source, a `CorruptionError`, costs nothing.
///
/// Off the main thread.
#[napi(
    ts_args_type = "source: string, dest: string, options?: (RestoreOptions & Abortable) | null",
    ts_return_type = "Promise<Database>"
)]
pub fn restore_async<'env>(
    env: &'env Env,
    source: Unknown<'env>,
    dest: Unknown<'env>,
    given: Unknown<'env>,
) -> napi::Result<Unknown<'env>> {
    call::later(env, restoring(source, dest, given))
}

fn restoring<'a>(
    source: Unknown<'a>,
    dest: Unknown<'a>,
    given: Unknown<'a>,
) -> Result<Call<'a, vectlite::Database>> {
    let source = string(Place::Root("source"), source)?;
    let dest = string(Place::Root("dest"), dest)?;
    let (RestoreOptions { analyzer, sync, low_memory }, signal) = options(given)?;
    let options = opened_as(OpenOptions { analyzer, sync, low_memory, ..OpenOptions::default() })?;
    Ok(Call::new(signal, move || Ok(vectlite::restore(source, dest, options)?), database_out))
}
