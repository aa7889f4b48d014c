//! Group commit: one sync for every writer that waits, and the order in which views become visible.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwapOption;

use crate::error::{Error, ErrorKind, Result};
use crate::storage::reader::Snapshot;
use crate::storage::view::View;
use crate::storage::wal::{CommitId, Log};
use crate::sync::atomic::{AtomicU64, Ordering};
use crate::sync::{Mutex, MutexGuard};

/// See the module. Locked after the writer's state, never before.
#[derive(Debug)]
pub(crate) struct Group {
    state: Mutex<State>,
    /// Held through a sync: there is one at a time, and who comes next may find that it covered its commit.
    syncing: Mutex<()>,
    /// What the last sync took, in nanoseconds.
    sync_nanos: AtomicU64,
    /// What readers take; `None` once the database is closed.
    current: ArcSwapOption<View>,
}

#[derive(Debug)]
struct State {
    /// The last commit that was appended to the log.
    appended: CommitId,
    /// The last commit that is on the medium.
    durable: CommitId,
    /// A sync failed; nothing is acknowledged any more.
    failed: bool,
    /// Views that wait for their commit to become durable, ascending.
    pending: VecDeque<Arc<View>>,
}

/// Views that nobody takes any more. To drop one takes some microseconds: whoever gets them wakes others first.
#[derive(Debug, Default)]
pub(crate) struct Retired(#[expect(dead_code, reason = "kept to be dropped")] Vec<Option<Arc<View>>>);

impl Group {
    pub(crate) fn new(view: View) -> Group {
        let commit = view.commit;
        Group {
            state: Mutex::new(State {
                appended: commit,
                durable: commit,
                failed: false,
                pending: VecDeque::new(),
            }),
            syncing: Mutex::new(()),
            sync_nanos: AtomicU64::new(0),
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

    /// Commits stand in the log. The view of the last one becomes visible with the sync that covers it, or, where readers
    /// need not wait for that, at once.
    pub(crate) fn enqueue(&self, view: View, hidden: bool, log: &Log) -> Result<()> {
        let mut state = self.lock()?;
        state.appended = view.commit;
        if hidden {
            state.pending.push_back(Arc::new(view));
            return Ok(());
        }
        log.publish(view.commit, state.durable)?;
        self.current.store(Some(Arc::new(view)));
        Ok(())
    }

    /// Returns when `commit` is on the medium and visible.
    pub(crate) fn sync_through(&self, commit: CommitId, log: &Log) -> Result<Retired> {
        let _syncing = self.syncing.lock().map_err(|_| poisoned())?;
        let state = self.lock()?;
        if state.failed {
            return Err(sync_failed());
        }
        if state.durable >= commit {
            return Ok(Retired::default());
        }
        let reached = state.appended;
        drop(state);
        let started = Instant::now();
        let synced = log.sync();
        let nanos = u64::try_from(started.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.sync_nanos.store(nanos, Ordering::Relaxed);
        let mut state = self.lock()?;
        let result = synced.and_then(|()| self.advance(&mut state, reached, log));
        state.failed |= result.is_err();
        result
    }

    /// What the last sync took.
    pub(crate) fn sync_time(&self) -> Duration {
        Duration::from_nanos(self.sync_nanos.load(Ordering::Relaxed))
    }

    /// Everything up to `reached` is durable: shows it.
    fn advance(&self, state: &mut State, reached: CommitId, log: &Log) -> Result<Retired> {
        state.durable = state.durable.max(reached);
        let mut covered = Vec::new();
        while let Some(view) = state.pending.pop_front_if(|view| view.commit <= reached) {
            covered.push(Some(view));
        }
        if let Some(newest) = covered.pop() {
            covered.push(self.current.swap(newest));
        }
        log.publish(reached, reached)?;
        Ok(Retired(covered))
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
