//! One state of a database.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use napi::Env;
use napi_derive::napi;
use vectlite::ErrorKind;

use crate::error::{Failure, Result};

/// One state of a database, made by `database.readView()`: what is written afterwards does not change what it answers, and what
/// expires afterwards stays.
///
/// So counts agree with lists, and pages with each other. For that a search is exact here, unless `efSearch` is given: a graph
/// goes on growing, and the next page could come of another walk.
///
/// It keeps what it shows, so hold it for as long as pages are turned, and close it. Once it or its database is closed, everything
/// else fails.
#[napi]
pub struct ReadView {
    /// Keeps the database open for a view that outlives its handle.
    _database: Arc<vectlite::Database>,
    /// `None` once closed.
    inner: Mutex<Option<Arc<vectlite::ReadView>>>,
}

impl ReadView {
    pub(crate) fn new(database: Arc<vectlite::Database>, inner: vectlite::ReadView) -> ReadView {
        ReadView { _database: database, inner: Mutex::new(Some(Arc::new(inner))) }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Arc<vectlite::ReadView>>> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The engine's view, as calls take it along.
    pub(crate) fn engine(&self) -> Result<Arc<vectlite::ReadView>> {
        let inner = self.lock().clone();
        inner.ok_or_else(|| {
            Failure::own(ErrorKind::Closed, "the read view is closed; take another one with readView()")
        })
    }

    pub(crate) fn check_open(&self) -> Result<()> {
        Ok(self.engine()?.check_open()?)
    }
}

#[napi]
impl ReadView {
    /// Position of the last commit that it shows.
    #[napi(getter)]
    pub fn commit_id(&self, env: &Env) -> napi::Result<f64> {
        let commit = || Ok(self.engine()?.commit_id()? as f64);
        commit().map_err(|failure: Failure| failure.thrown(env))
    }

    /// Lets go of it. Closing twice is fine.
    #[napi]
    pub fn close(&self) {
        drop(self.lock().take());
    }
}
