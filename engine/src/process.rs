//! Which process something belongs to, as a fork makes two of it.
//!
//! A fork copies the memory, but of the threads only the one that forked; files and their locks stay shared. In the child a mutex
//! may be held by a thread that is not there, and to unlock a file, end a snapshot or write would do it to the parent. So what
//! was open before the fork is neither used nor dropped in the child: it is left where it is.

use std::mem;
use std::process;
use std::sync::Arc;

/// A process, by its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Process(u32);

impl Process {
    /// The one that asks.
    pub(crate) fn this() -> Process {
        Process(process::id())
    }

    /// Whether it is the one that asks: it is not in a child that was forked from it.
    pub(crate) fn is_this(self) -> bool {
        self == Process::this()
    }
}

/// A value that the process that made it alone uses and drops; in a forked child it is out of reach, and stays.
#[derive(Debug)]
pub(crate) struct Owned<T> {
    process: Process,
    value: Arc<T>,
}

impl<T> Owned<T> {
    pub(crate) fn new(value: T) -> Owned<T> {
        Owned { process: Process::this(), value: Arc::new(value) }
    }

    /// `None` in a forked child.
    pub(crate) fn get(&self) -> Option<&T> {
        self.process.is_this().then(|| self.value.as_ref())
    }
}

impl<T> Drop for Owned<T> {
    fn drop(&mut self) {
        if !self.process.is_this() {
            // One count more than there are holders, so that the last of them does not drop it.
            mem::forget(Arc::clone(&self.value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Told<'a>(&'a std::cell::Cell<bool>);

    impl Drop for Told<'_> {
        fn drop(&mut self) {
            self.0.set(true);
        }
    }

    #[test]
    fn what_another_process_owns_is_out_of_reach_and_never_dropped() {
        let dropped = std::cell::Cell::new(false);
        let mut owned = Owned::new(Told(&dropped));
        assert!(owned.get().is_some());
        owned.process = Process(Process::this().0 + 1);
        assert!(owned.get().is_none());
        drop(owned);
        assert!(!dropped.get());
        drop(Owned::new(Told(&dropped)));
        assert!(dropped.get());
    }
}
