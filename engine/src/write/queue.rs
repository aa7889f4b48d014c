//! The queue in front of the writer lock. The thread at its head stages for everybody who came meanwhile: a crowd of
//! writers costs one turn of the lock, one new view and one wake-up each, instead of a lock handed from thread to thread.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::batch::Operation;
use super::group::poisoned;
use super::turn::Done;
use super::waiter::Waiter;
use crate::error::Result;

/// Commits that one head stages before it attends to its own: it is a caller, too, and waits for its acknowledgement.
const MOST_AT_ONCE: usize = 64;

/// A writer's operations, and where it waits for what becomes of them.
#[derive(Debug)]
pub(super) struct Ticket {
    pub(super) operations: Vec<Operation>,
    pub(super) waiter: Arc<Waiter>,
    outcome: Mutex<Option<Result<Done>>>,
    /// Whether it is this thread's turn to stage for all.
    is_head: AtomicBool,
}

impl Ticket {
    pub(super) fn settle(&self, outcome: Result<Done>) {
        *self.outcome.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
    }

    /// Whether its own thread is the one that stages for all.
    pub(super) fn is_head(&self) -> bool {
        self.is_head.load(Ordering::Acquire)
    }

    fn appoint(&self) {
        self.is_head.store(true, Ordering::Release);
    }

    fn take(&self) -> Option<Result<Done>> {
        self.outcome.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Queue {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    tickets: VecDeque<Arc<Ticket>>,
    /// Whether some thread stages for all, or has been told to.
    has_head: bool,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Every change of it is whole before anything can panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands in operations and returns what became of them. `stage` is called on the thread at the head, with the
    /// tickets whose turn it is, and settles each of them; it wakes nobody whose commit still waits for a sync.
    pub(super) fn hand_in(
        &self,
        operations: Vec<Operation>,
        mut stage: impl FnMut(&[Arc<Ticket>]),
    ) -> (Result<Done>, Arc<Waiter>) {
        let waiter = Arc::new(Waiter::default());
        let ticket = Arc::new(Ticket {
            operations,
            waiter: Arc::clone(&waiter),
            outcome: Mutex::new(None),
            is_head: AtomicBool::new(false),
        });
        let mut state = self.lock();
        state.tickets.push_back(Arc::clone(&ticket));
        if !state.has_head {
            state.has_head = true;
            ticket.appoint();
        }
        drop(state);
        loop {
            if ticket.is_head() {
                self.serve(&mut stage);
            }
            if let Some(outcome) = ticket.take() {
                return (outcome, waiter);
            }
            waiter.wait();
        }
    }

    /// Stages until nobody waits, or until others have had enough turns; then the next one becomes the head.
    fn serve(&self, stage: &mut impl FnMut(&[Arc<Ticket>])) {
        let mut staged = 0;
        loop {
            let mut state = self.lock();
            if staged >= MOST_AT_ONCE
                && let Some(next) = state.tickets.front()
            {
                next.appoint();
                return next.waiter.wake();
            }
            let service = Service { queue: self, tickets: state.tickets.drain(..).collect(), ended: false };
            if service.tickets.is_empty() {
                state.has_head = false;
                return service.end();
            }
            drop(state);
            stage(&service.tickets);
            staged += service.tickets.len();
            service.end();
        }
    }
}

/// Tickets that are being served. A panic of the head must not leave anybody waiting.
struct Service<'a> {
    queue: &'a Queue,
    tickets: Vec<Arc<Ticket>>,
    ended: bool,
}

impl Service<'_> {
    fn end(mut self) {
        self.ended = true;
    }
}

impl Drop for Service<'_> {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        let mut state = self.queue.lock();
        state.has_head = false;
        let waiting: Vec<Arc<Ticket>> = state.tickets.drain(..).collect();
        drop(state);
        for ticket in self.tickets.iter().chain(&waiting) {
            let mut outcome = ticket.outcome.lock().unwrap_or_else(PoisonError::into_inner);
            outcome.get_or_insert_with(|| Err(poisoned()));
            drop(outcome);
            ticket.waiter.wake();
        }
    }
}
