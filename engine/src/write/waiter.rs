//! A thread that waits for others to write or to sync for it. Not `std::thread::park`: that token is the application's.

use std::sync::{Condvar, Mutex, PoisonError};

/// One waiting thread; whoever serves it wakes it by this name, so that a crowd never queues for one lock.
#[derive(Debug, Default)]
pub(crate) struct Waiter {
    woken: Mutex<bool>,
    bell: Condvar,
}

impl Waiter {
    /// Returns once it was woken since the last return. What it was woken for, it has to look up.
    pub(crate) fn wait(&self) {
        // A flag cannot be left half changed, so a poisoned lock means nothing here.
        let mut woken = self.woken.lock().unwrap_or_else(PoisonError::into_inner);
        while !*woken {
            woken = self.bell.wait(woken).unwrap_or_else(PoisonError::into_inner);
        }
        *woken = false;
    }

    pub(crate) fn wake(&self) {
        *self.woken.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.bell.notify_one();
    }
}
