//! Group commit: one sync for every writer that waits, and the order in which views become visible.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use arc_swap::ArcSwapOption;

use super::waiter::Waiter;
use crate::error::{Error, ErrorKind, Result};
use crate::storage::reader::Snapshot;
use crate::storage::view::View;
use crate::storage::wal::{CommitId, Log};

/// See the module. Locked after the writer's state, never before.
#[derive(Debug)]
pub(crate) struct Group {
    state: Mutex<State>,
    /// A copy of `State::durable` that a woken writer reads without the lock: all of them wake at once.
    durable: AtomicU64,
    /// What readers take; `None` once the database is closed.
    current: ArcSwapOption<View>,
}

#[derive(Debug)]
struct State {
    /// The last commit that was appended to the log.
    appended: CommitId,
    /// The last commit that is on the medium.
    durable: CommitId,
    /// Whether some writer is syncing, for all who wait.
    syncing: bool,
    /// A sync failed; nothing is acknowledged any more.
    failed: bool,
    /// Writers that wait for a commit. Each is woken by name, so that none has to queue for the lock again.
    waiting: Vec<(CommitId, Arc<Waiter>)>,
    /// Views that wait for their commit to become durable, ascending.
    pending: VecDeque<Arc<View>>,
}

impl Group {
    pub(crate) fn new(view: View) -> Group {
        let commit = view.commit;
        Group {
            state: Mutex::new(State {
                appended: commit,
                durable: commit,
                syncing: false,
                failed: false,
                waiting: Vec::new(),
                pending: VecDeque::new(),
            }),
            durable: AtomicU64::new(commit),
            current: ArcSwapOption::from_pointee(view),
        }
    }

    fn lock(&self) -> Result<MutexGuard<'_, State>> {
        self.state.lock().map_err(|_| poisoned())
    }

    /// What readers see now.
    pub(crate) fn current(&self) -> Result<Arc<View>> {
        self.current.load_full().ok_or_else(Error::closed)
    }

    /// Readers see nothing from here on; views that were taken stay whole.
    pub(crate) fn close(&self) {
        self.current.store(None);
    }

    /// Commits stand in the log; the view of the last one becomes visible with the sync that covers it, which wakes those
    /// who wait for theirs.
    pub(crate) fn enqueue(&self, view: View, waiting: Vec<(CommitId, Arc<Waiter>)>) -> Result<()> {
        let mut state = self.lock()?;
        state.appended = view.commit;
        state.waiting.extend(waiting);
        state.pending.push_back(Arc::new(view));
        Ok(())
    }

    /// Commits stand in the log and become visible at once.
    pub(crate) fn publish_unsynced(&self, view: View, log: &Log) -> Result<()> {
        let mut state = self.lock()?;
        state.appended = view.commit;
        log.publish(view.commit, state.durable)?;
        self.current.store(Some(Arc::new(view)));
        Ok(())
    }

    /// Returns when `commit` is on the medium and visible. Whoever finds nobody syncing syncs for all.
    pub(crate) fn sync_through(&self, commit: CommitId, waiter: &Arc<Waiter>, log: &Log) -> Result<()> {
        while self.durable.load(Ordering::Acquire) < commit {
            let mut state = self.lock()?;
            if state.failed {
                return Err(sync_failed());
            }
            if state.durable >= commit {
                break;
            }
            if state.syncing {
                if !state.waiting.iter().any(|(_, known)| Arc::ptr_eq(known, waiter)) {
                    state.waiting.push((commit, Arc::clone(waiter)));
                }
                drop(state);
                // Woken by whoever syncs; a wake-up for nothing only takes another turn.
                waiter.wait();
                continue;
            }
            state.syncing = true;
            let reached = state.appended;
            drop(state);
            self.finish_sync(log.sync(), reached, log)?;
        }
        Ok(())
    }

    /// Shows what a sync has made durable and wakes those who waited for it, and one more to sync for the rest.
    fn finish_sync(&self, synced: Result<()>, reached: CommitId, log: &Log) -> Result<()> {
        let mut state = self.lock()?;
        state.syncing = false;
        let result = synced.and_then(|()| self.advance(&mut state, reached, log));
        state.failed |= result.is_err();
        let everybody = state.failed;
        let mut woken = Vec::with_capacity(state.waiting.len());
        let mut successor = None;
        state.waiting.retain(|(commit, writer)| {
            if everybody || *commit <= reached {
                woken.push(Arc::clone(writer));
                return false;
            }
            if successor.is_none() {
                successor = Some(Arc::clone(writer));
                return false;
            }
            true
        });
        drop(state);
        for writer in successor.into_iter().chain(woken) {
            writer.wake();
        }
        result
    }

    /// Everything up to `reached` is durable: shows it.
    fn advance(&self, state: &mut State, reached: CommitId, log: &Log) -> Result<()> {
        state.durable = state.durable.max(reached);
        let mut newest = None;
        while let Some(view) = state.pending.pop_front_if(|view| view.commit <= reached) {
            newest = Some(view);
        }
        if let Some(view) = newest {
            self.current.store(Some(view));
        }
        log.publish(reached, reached)?;
        self.durable.store(state.durable, Ordering::Release);
        Ok(())
    }

    /// Puts every view, visible or waiting, over a newer snapshot that holds what they had frozen.
    pub(crate) fn rebase(&self, snapshot: &Arc<Snapshot>) -> Result<()> {
        let mut state = self.lock()?;
        for view in &mut state.pending {
            *view = Arc::new(view.rebased(snapshot));
        }
        let current = self.current()?;
        self.current.store(Some(Arc::new(current.rebased(snapshot))));
        Ok(())
    }

    /// Shows a view that holds the same commit in another form: after slots were renumbered.
    pub(crate) fn replace(&self, view: View) {
        self.current.store(Some(Arc::new(view)));
    }
}

pub(crate) fn sync_failed() -> Error {
    Error::new(
        ErrorKind::Storage,
        "an earlier sync of the log failed, so nothing more can be promised; close the database and open it again",
    )
}

/// A thread panicked while it held the writer's state.
pub(crate) fn poisoned() -> Error {
    Error::new(
        ErrorKind::Storage,
        "an earlier write was cut off by a panic; close the database and open it again, nothing acknowledged is lost",
    )
}
