//! A database in a forked child of the process that opened it: it is opened again, by its path and for reading, when it is
//! first used there. Why nothing of the parent's handle will do: see [`crate::process`].

use std::mem;
use std::sync::Arc;

use super::{Database, Handle, Role, open};
use crate::error::{Error, Result};
use crate::options::OpenOptions;
use crate::process::Process;
use crate::storage::paths::Paths;

/// How a database was opened: what it takes to do it again.
pub(super) struct Opening {
    pub(super) paths: Paths,
    pub(super) options: OpenOptions,
    pub(super) by: Process,
}

impl Database {
    /// Whether this is a forked child of the process that opened it.
    pub(super) fn is_forked(&self) -> bool {
        !self.opening.by.is_this()
    }

    /// A handle of this process in place of one that a parent of it opened.
    pub(super) fn open_again(&self, inherited: Arc<Handle>) -> Result<Arc<Handle>> {
        let follower = open::follower(&self.opening.paths, &self.opening.options)?;
        let own = Arc::new(Handle::new(Role::Reader(follower)));
        let expected = Some(inherited);
        // Without a lock, since in a child of this child it could be held by a thread that is not there. Another thread
        // that came first has opened a handle that is as good.
        let before = self.handle.compare_and_swap(&expected, Some(Arc::clone(&own)));
        let came_first = match before.as_ref() {
            Some(before) if expected.as_ref().is_some_and(|expected| Arc::ptr_eq(before, expected)) => None,
            Some(other) => Some(Arc::clone(other)),
            None => return Err(Error::closed()),
        };
        // The parent's: never dropped here.
        mem::forget(expected);
        Ok(came_first.unwrap_or(own))
    }
}
