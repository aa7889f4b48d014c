//! The handle that users hold: a database, open for writing or for reading.
//!
//! | question | file |
//! |---|---|
//! | how is it opened | `open` |
//! | what can be written | `writes` |
//! | what can be read | `reads` |
//! | what can be searched | `search` beside this folder |
//! | which fields are indexed | `fields` |
//! | how are its graphs configured, and what is their state | `indexes` |
//! | how is it kept in shape | `upkeep` |

pub(crate) mod fields;
mod indexes;
pub(crate) mod open;
mod reads;
mod upkeep;
mod writes;

use std::sync::Arc;

use napi::Env;
use napi::bindgen_prelude::{ToNapiValue, Unknown};
use napi_derive::napi;

use crate::analyzers::Analyzer;
use crate::error::{Failure, Result};

/// A database, open in this process: made by `open`, `openAsync` and the methods of a `Store`.
///
/// Methods whose names end in `Async` do the same off the main thread; they return a promise and take a `signal`. A
/// signal that comes before the work has started keeps it from being done; later, it only ends the waiting.
#[napi]
pub struct Database {
    pub(crate) inner: Arc<vectlite::Database>,
}

#[napi]
impl Database {
    /// The absolute path of its file.
    #[napi(getter)]
    pub fn path(&self, env: &Env) -> napi::Result<String> {
        self.fact(env, |db| db.path().to_string_lossy().into_owned())
    }

    /// The absolute path of its log.
    #[napi(getter)]
    pub fn wal_path(&self, env: &Env) -> napi::Result<String> {
        self.fact(env, |db| db.wal_path().to_string_lossy().into_owned())
    }

    /// The dimension of the default vector space.
    #[napi(getter)]
    pub fn dimension(&self, env: &Env) -> napi::Result<f64> {
        self.fact(env, |db| db.dimension() as f64)
    }

    /// The metric of all vector spaces.
    #[napi(getter, ts_return_type = "'cosine' | 'euclidean' | 'dotproduct' | 'manhattan'")]
    pub fn metric(&self, env: &Env) -> napi::Result<&'static str> {
        self.fact(env, |db| db.metric().name())
    }

    /// Whether this handle can only read.
    #[napi(getter)]
    pub fn read_only(&self, env: &Env) -> napi::Result<bool> {
        self.fact(env, vectlite::Database::read_only)
    }

    /// How text becomes terms.
    #[napi(getter)]
    pub fn analyzer(&self, env: &Env) -> napi::Result<Analyzer> {
        self.fact(env, |db| Analyzer::from(db.analyzer().clone()))
    }

    /// Position of the last visible commit; 0 before the first.
    #[napi(getter)]
    pub fn commit_id(&self, env: &Env) -> napi::Result<f64> {
        self.inner.commit_id().map(|id| id as f64).map_err(|error| Failure::from(error).thrown(env))
    }

    /// Something that needs no reading, of a database that is still open.
    fn fact<T>(&self, env: &Env, fact: impl FnOnce(&vectlite::Database) -> T) -> napi::Result<T> {
        self.check_open().map_err(|failure| failure.thrown(env))?;
        Ok(fact(&self.inner))
    }

    /// The engine's handle, as calls take it along.
    pub(crate) fn engine(&self) -> Result<Arc<vectlite::Database>> {
        Ok(Arc::clone(&self.inner))
    }

    pub(crate) fn check_open(&self) -> Result<()> {
        Ok(self.inner.check_open()?)
    }
}

impl From<vectlite::Database> for Database {
    fn from(inner: vectlite::Database) -> Database {
        Database { inner: Arc::new(inner) }
    }
}

/// A database that was opened.
pub(crate) fn database_out(env: &Env, inner: vectlite::Database) -> Result<Unknown<'_>> {
    Ok(Database::from(inner).into_unknown(env)?)
}
