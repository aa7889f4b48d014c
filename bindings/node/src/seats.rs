//! Seats for work that only computes: one fewer than the machine has cores, so that the event loop keeps one.
//!
//! libuv's pool has four threads, whatever the machine. On two cores four searches at a time make the event loop wait for its
//! turn, and are no sooner done. Work that waits for a disk takes no seat: commits are the cheaper the more of them wait together.

use std::sync::{Condvar, LazyLock, Mutex, MutexGuard, PoisonError};
use std::thread::available_parallelism;

static SEATS: LazyLock<Seats> = LazyLock::new(|| Seats {
    free: Mutex::new(available_parallelism().map_or(1, |cores| cores.get().saturating_sub(1).max(1))),
    freed: Condvar::new(),
});

struct Seats {
    free: Mutex<usize>,
    freed: Condvar,
}

impl Seats {
    fn lock(&self) -> MutexGuard<'_, usize> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A seat, until it is dropped.
pub(crate) struct Seat(());

impl Seat {
    /// Waits for a seat.
    pub(crate) fn take() -> Seat {
        let free = SEATS.freed.wait_while(SEATS.lock(), |free| *free == 0);
        *free.unwrap_or_else(PoisonError::into_inner) -= 1;
        Seat(())
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        *SEATS.lock() += 1;
        SEATS.freed.notify_one();
    }
}
