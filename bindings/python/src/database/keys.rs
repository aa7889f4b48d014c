//! The keys of a database's records.

use std::sync::{Arc, Mutex, PoisonError};

use pyo3::prelude::*;
use pyo3::types::PyTuple;

use super::Shared;
use crate::call::engine;
use crate::convert::place::Place;
use crate::convert::scalars::{text, unexpected};

/// Keys read ahead at a time.
const PAGE: usize = 256;

/// An iterator over the keys, (namespace, id), of all records. Records that are written meanwhile appear if they come
/// behind its position.
#[pyclass(frozen, module = "vectlite._core")]
pub(crate) struct Keys {
    database: Arc<Shared>,
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
        Keys { database, position: Mutex::new(Position { ahead: Vec::new(), next: Next::Start }) }
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
        engine(py, || self.position.lock().unwrap_or_else(PoisonError::into_inner).advance(db))
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
