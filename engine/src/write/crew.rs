//! The crew: writers who come while others sync. One of them leads: it waits for the crew before, and logs and syncs once
//! for all. A crowd of writers costs one turn of the writer lock, one sync and one wake-up, whoever is in it.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use super::batch::Operation;
use super::group::poisoned;
use super::turn::Done;
use crate::error::Result;
use crate::interrupt::{self, Abort};
use crate::storage::wal::CommitId;
use crate::sync::atomic::{AtomicU64, Ordering};
use crate::sync::{Condvar, Mutex, MutexGuard, OnceLock};

/// A leader waits for more of its crew at most one in so many parts of what a sync takes.
const PATIENCE: u32 = 2;

/// A writer's operations, and what became of them.
#[derive(Debug)]
pub(super) struct Ticket {
    pub(super) operations: Vec<Operation>,
    /// Set when the writer wants no more of it.
    pub(super) abort: Option<Abort>,
    outcome: Mutex<Option<Result<Done>>>,
}

impl Ticket {
    pub(super) fn new(operations: Vec<Operation>) -> Arc<Ticket> {
        Arc::new(Ticket { operations, abort: interrupt::abort(), outcome: Mutex::new(None) })
    }

    pub(super) fn settle(&self, outcome: Result<Done>) {
        *self.outcome.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
    }

    /// What became of the operations, once the crew is done. Nothing did only if a thread that staged for all panicked.
    pub(super) fn take(&self) -> Result<Done> {
        let outcome = self.outcome.lock().unwrap_or_else(PoisonError::into_inner).take();
        outcome.unwrap_or_else(|| Err(poisoned()))
    }
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Crew {
    /// The last commit that was made for one of it; 0 for none.
    last: AtomicU64,
    /// Set when the next crew may be led.
    over: OnceLock<()>,
    /// Whether its commits are as durable as the sync mode promises. Set once, which wakes everybody.
    kept: OnceLock<bool>,
}

impl Crew {
    /// Waits until the leader is done. Whether the commits of the crew are what the sync mode promises.
    pub(super) fn wait(&self) -> bool {
        *self.kept.wait()
    }

    pub(super) fn note(&self, commit: CommitId) {
        self.last.fetch_max(commit, Ordering::Relaxed);
    }

    /// The last commit that was made for one of it.
    pub(super) fn last(&self) -> Option<CommitId> {
        Some(self.last.load(Ordering::Relaxed)).filter(|last| *last > 0)
    }

    /// Wakes the next leader, so that the disk does not wait for it, then everybody. Only the first call counts.
    fn end(&self, kept: bool) {
        // A second call comes from the drop of a leader that has told already.
        let _ = self.over.set(());
        let _ = self.kept.set(kept);
    }
}

/// Where crews form.
#[derive(Debug, Default)]
pub(super) struct Crews {
    state: Mutex<State>,
    /// Wakes a leader that waits for its crew to come.
    bell: Condvar,
    /// Held by the thread that stages.
    staging: Mutex<()>,
}

#[derive(Debug, Default)]
struct State {
    /// The crew that takes members.
    open: Arc<Crew>,
    /// Who came and was not staged yet, all of the open crew.
    tickets: Vec<Arc<Ticket>>,
    /// Members of the open crew.
    size: usize,
    /// How many a leader waits for; 0 when none does.
    awaited: usize,
    /// Whether a leader waits for its turn to stage: nobody else may take it.
    closing: bool,
    /// The crew before the open one; `None` before the first.
    previous: Option<Arc<Crew>>,
    /// How many members it had.
    previous_size: usize,
}

/// A place in a crew.
#[derive(Debug)]
pub(super) enum Place<'a> {
    Leader(Leader<'a>),
    Member(Arc<Crew>),
}

impl Crews {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Every change of it is whole before anything can panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The first to come leads.
    pub(super) fn join(&self, ticket: &Arc<Ticket>) -> Place<'_> {
        let mut state = self.lock();
        state.tickets.push(Arc::clone(ticket));
        state.size += 1;
        let crew = Arc::clone(&state.open);
        if state.size == 1 {
            return Place::Leader(Leader { crews: self, crew, previous: state.previous.take() });
        }
        if state.size == state.awaited {
            self.bell.notify_one();
        }
        Place::Member(crew)
    }

    /// Stages what has come, unless some thread is at it or a leader wants to be; what is left then is staged by its leader.
    pub(super) fn help(&self, stage: impl FnOnce(&Crew, &[Arc<Ticket>])) {
        if self.lock().closing {
            return;
        }
        if let Ok(_staging) = self.staging.try_lock() {
            let mut state = self.lock();
            let tickets = std::mem::take(&mut state.tickets);
            let crew = Arc::clone(&state.open);
            drop(state);
            stage(&crew, &tickets);
        }
    }
}

/// The duties of the thread that leads a crew. Dropped in a panic it leaves nobody waiting.
#[derive(Debug)]
pub(super) struct Leader<'a> {
    crews: &'a Crews,
    crew: Arc<Crew>,
    previous: Option<Arc<Crew>>,
}

impl Leader<'_> {
    /// Waits for the crew before, then until half of all who write are here, that for a part of a sync at most: while these are synced the
    /// others can stage, and neither processor nor disk waits for the other.
    pub(super) fn gather(&mut self, sync_time: Duration) {
        if let Some(previous) = self.previous.take() {
            previous.over.wait();
        }
        let mut state = self.crews.lock();
        state.awaited = (state.previous_size + state.size) / 2;
        if state.size < state.awaited {
            let bell = &self.crews.bell;
            let waits = |state: &mut State| state.size < state.awaited;
            let come = bell.wait_timeout_while(state, sync_time / PATIENCE, waits);
            state = come.unwrap_or_else(PoisonError::into_inner).0;
        }
        state.awaited = 0;
    }

    /// Nobody joins any more; stages those who are left, after which all are staged.
    pub(super) fn close(&self, stage: impl FnOnce(&Crew, &[Arc<Ticket>])) {
        // First of all, or those who come while this thread waits for its turn would all be in the crew.
        let tickets = self.shut();
        // Nothing is guarded by it that a panic could have left half changed.
        let _staging = self.crews.staging.lock().unwrap_or_else(PoisonError::into_inner);
        self.crews.lock().closing = false;
        stage(&self.crew, &tickets);
    }

    /// Opens the next crew; returns who was not staged yet.
    fn shut(&self) -> Vec<Arc<Ticket>> {
        let mut state = self.crews.lock();
        state.previous = Some(std::mem::take(&mut state.open));
        state.previous_size = state.size;
        state.size = 0;
        state.closing = true;
        std::mem::take(&mut state.tickets)
    }

    pub(super) fn crew(&self) -> &Arc<Crew> {
        &self.crew
    }

    /// Wakes the crew.
    pub(super) fn end(self, kept: bool) {
        self.crew.end(kept);
    }
}

impl Drop for Leader<'_> {
    fn drop(&mut self) {
        if self.crew.kept.get().is_some() {
            return;
        }
        if Arc::ptr_eq(&self.crews.lock().open, &self.crew) {
            // They find that nothing became of their operations.
            drop(self.shut());
            self.crews.lock().closing = false;
        }
        self.crew.end(false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leader_that_panics_leaves_nobody_waiting() {
        let crews = Crews::default();
        let [first, second, third] = [0; 3].map(|_| Ticket::new(Vec::new()));
        let Place::Leader(leader) = crews.join(&first) else { panic!("the first to come leads") };
        let Place::Member(crew) = crews.join(&second) else { panic!("the second is a member") };
        drop(leader);
        assert_eq!(crew.kept.get(), Some(&false), "its members are woken, and told");
        assert!(second.take().is_err());
        let Place::Leader(mut next) = crews.join(&third) else { panic!("another crew forms") };
        next.gather(Duration::ZERO);
        next.close(|_, tickets| assert_eq!(tickets.len(), 1, "nobody is staged twice"));
        next.end(true);
    }
}
