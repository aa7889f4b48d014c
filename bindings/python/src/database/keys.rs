//! The keys of a database's records.

use std::process;
use std::sync::{Arc, Mutex, MutexGuard, TryLockError};
use std::thread;
use std::time::Duration;

use pyo3::prelude::*;
use pyo3::types::PyTuple;

use super::Shared;
use crate::convert::place::Place;
use crate::convert::scalars::{text, unexpected};
use crate::error::{closed, raised};

/// Between two attempts to go on where another thread is: long against the attempt, short against a page.
const RETRY: Duration = Duration::from_micros(50);

/// Keys read ahead at a time.
const PAGE: usize = 256;

#[doc = doc!("Keys")]
#[pyclass(frozen, module = "vectlite._core")]
pub(crate) struct Keys {
    database: Arc<Shared>,
    /// Where it was made; a child that is forked from there has its memory, but not its threads.
    process: u32,
    position: Mutex<Position>,
}

struct Position {
    /// Read and not yet returned, the next one last.
    ahead: Vec<(String, String)>,
    /// Where the next page begins.
    next: Next,
}

enum Next {
    Start,
    Behind(String),
    End,
}

impl Keys {
    pub(super) fn new(database: Arc<Shared>) -> Keys {
        let process = process::id();
        Keys { database, process, position: Mutex::new(Position { ahead: Vec::new(), next: Next::Start }) }
    }
}

impl Keys {
    /// `None` when a thread that is not in this process was at it when this was forked: nobody will let go of it.
    fn lock(&self) -> Option<MutexGuard<'_, Position>> {
        loop {
            match self.position.try_lock() {
                Ok(position) => return Some(position),
                Err(TryLockError::Poisoned(poisoned)) => return Some(poisoned.into_inner()),
                Err(TryLockError::WouldBlock) if process::id() != self.process => return None,
                Err(TryLockError::WouldBlock) => thread::sleep(RETRY),
            }
        }
    }
}

impl Position {
    fn advance(&mut self, db: &vectlite::Database) -> vectlite::Result<Option<(String, String)>> {
        if self.ahead.is_empty() {
            let cursor = match &self.next {
                Next::Start => None,
                Next::Behind(cursor) => Some(cursor.as_str()),
                Next::End => return Ok(None),
            };
            let (records, next) = db.list_cursor(None, None, PAGE, cursor)?;
            self.ahead = records.into_iter().rev().map(|record| (record.namespace, record.id)).collect();
            self.next = next.map_or(Next::End, Next::Behind);
        }
        Ok(self.ahead.pop())
    }
}

#[pymethods]
impl Keys {
    fn __iter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<(String, String)>> {
        let db = self.database.open(py)?;
        // Locked without the interpreter: whoever holds the lock may be waiting for it.
        match py.detach(|| self.lock().map(|mut position| position.advance(db))) {
            Some(next) => next.map_err(|error| raised(py, error)),
            None => {
                Err(closed(py, "the iterator was in use when this process was forked; start another one"))
            }
        }
    }
}

/// A key: an id in the default namespace, or (namespace, id).
pub(super) fn key(given: &Bound<'_, PyAny>) -> PyResult<(Option<String>, String)> {
    let at = Place::Argument("key");
    let Ok(pair) = given.cast::<PyTuple>() else { return Ok((None, text(at, given)?)) };
    let Ok((namespace, id)) = pair.extract::<(Bound<'_, PyAny>, Bound<'_, PyAny>)>() else {
        return Err(unexpected(at, "a str or a (namespace, id)", given));
    };
    Ok((Some(text(at.position(0), &namespace)?), text(at.position(1), &id)?))
}
