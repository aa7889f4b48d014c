//! THE write path: stage under the writer lock, append to the log, wait for the shared sync, be visible.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};

use super::batch::Operation;
use super::group::{Group, poisoned};
use super::stage::Stage;
use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::limits::CHECKPOINT_BYTES;
use crate::options::SyncMode;
use crate::storage::catalog::Catalog;
use crate::storage::change;
use crate::storage::files::FileSystem;
use crate::storage::lock::LockFile;
use crate::storage::open::WriterFile;
use crate::storage::paths::Paths;
use crate::storage::view::View;
use crate::storage::wal::{Appended, CommitId, Log};

/// The writer of a database: one in a process, and one process.
#[derive(Debug)]
pub(crate) struct Writer {
    pub(super) paths: Paths,
    pub(super) files: Arc<dyn FileSystem>,
    pub(super) clock: Clock,
    sync: SyncMode,
    pub(super) log: Log,
    pub(super) group: Group,
    pub(super) state: Mutex<State>,
    /// `.vdb`; `None` once closed. Held through a checkpoint, which orders checkpoints. Locked before `state`.
    pub(super) file: Mutex<Option<WriterFile>>,
    /// Wakes the thread that runs checkpoints; the flag says that the writer is going away.
    pub(super) bell: Condvar,
    /// Commits since the last sync, in the mode that counts them.
    unsynced: AtomicU32,
    /// Commits that opening found in the log.
    pub(crate) replayed: u64,
    /// Held for as long as the writer lives. Last, so that it is released last.
    _lock: Option<LockFile>,
}

/// What the writer lock guards.
#[derive(Debug)]
pub(super) struct State {
    /// The newest state: every commit in the log, visible or not.
    pub(super) view: View,
    /// Catalog and commit of the frozen memtable, as of the freeze.
    pub(super) frozen: Option<(Catalog, CommitId)>,
    pub(super) closed: bool,
}

/// What a writer is made of; see `database::open`.
pub(crate) struct WriterParts {
    pub(crate) paths: Paths,
    pub(crate) files: Arc<dyn FileSystem>,
    pub(crate) clock: Clock,
    pub(crate) sync: SyncMode,
    pub(crate) log: Log,
    pub(crate) file: WriterFile,
    pub(crate) view: View,
    pub(crate) replayed: u64,
    pub(crate) lock: Option<LockFile>,
}

impl Writer {
    pub(crate) fn new(parts: WriterParts) -> Writer {
        Writer {
            paths: parts.paths,
            files: parts.files,
            clock: parts.clock,
            sync: parts.sync,
            log: parts.log,
            group: Group::new(parts.view.clone()),
            state: Mutex::new(State { view: parts.view, frozen: None, closed: false }),
            file: Mutex::new(Some(parts.file)),
            bell: Condvar::new(),
            unsynced: AtomicU32::new(0),
            replayed: parts.replayed,
            _lock: parts.lock,
        }
    }

    /// What readers of this process see.
    pub(crate) fn view(&self) -> Result<Arc<View>> {
        self.group.current()
    }

    pub(super) fn lock_state(&self) -> Result<MutexGuard<'_, State>> {
        let state = self.state.lock().map_err(|_| poisoned())?;
        if state.closed { Err(Error::closed()) } else { Ok(state) }
    }

    /// The newest state, for a transaction to stage on.
    pub(crate) fn newest(&self) -> Result<View> {
        Ok(self.lock_state()?.view.clone())
    }

    /// Commits the operations, all or nothing, and returns how many records each concerned. On return the commit is
    /// visible, and in mode `per_op` durable. Operations that change nothing make no commit.
    pub(crate) fn commit(&self, operations: &[Operation]) -> Result<Vec<usize>> {
        let (commit, counts) = loop {
            if let Some(done) = self.append(operations)? {
                break done;
            }
            self.make_room()?;
        };
        match (commit, self.sync) {
            (None, _) | (Some(_), SyncMode::OnFlush) => {}
            (Some(commit), SyncMode::PerOp) => self.group.sync_through(commit, &self.log)?,
            (Some(commit), SyncMode::EveryN(n)) => {
                if self.unsynced.fetch_add(1, Ordering::Relaxed) + 1 >= n {
                    self.unsynced.store(0, Ordering::Relaxed);
                    self.group.sync_through(commit, &self.log)?;
                }
            }
        }
        Ok(counts)
    }

    /// Stages and appends, under the writer lock. `None` when the log is full.
    fn append(&self, operations: &[Operation]) -> Result<Option<(Option<CommitId>, Vec<usize>)>> {
        let mut state = self.lock_state()?;
        let mut stage = Stage::new(state.view.clone(), self.clock.now());
        let counts =
            operations.iter().map(|operation| stage.stage(operation)).collect::<Result<Vec<usize>>>()?;
        let Stage { mut view, changes, .. } = stage;
        if changes.is_empty() {
            return Ok(Some((None, counts)));
        }
        view.commit += 1;
        let commit = view.commit;
        let segment_bytes = match self.log.append(commit, &change::encode(&changes)?)? {
            Appended::Full => return Ok(None),
            Appended::Written { segment_bytes } => segment_bytes,
        };
        state.view = view.clone();
        match self.sync {
            SyncMode::PerOp => self.group.enqueue(view)?,
            SyncMode::EveryN(_) | SyncMode::OnFlush => self.group.publish_unsynced(view, &self.log)?,
        }
        if segment_bytes.max(state.view.active.bytes()) >= CHECKPOINT_BYTES && self.freeze(&mut state)? {
            self.bell.notify_all();
        }
        Ok(Some((Some(commit), counts)))
    }

    /// The log is full: lets the other segment take over, or waits until a checkpoint has emptied it.
    fn make_room(&self) -> Result<()> {
        let mut state = self.lock_state()?;
        if self.freeze(&mut state)? {
            self.bell.notify_all();
            return Ok(());
        }
        drop(state);
        self.checkpoint().map(drop)
    }

    /// Sets the memtable aside for a checkpoint; later commits go to a new one and to the other segment of the log.
    /// `false` while an earlier one still waits for its checkpoint.
    pub(super) fn freeze(&self, state: &mut State) -> Result<bool> {
        if state.frozen.is_some() || !self.log.switch()? {
            return Ok(false);
        }
        if !state.view.active.is_empty() {
            state.frozen = Some((state.view.catalog.clone(), state.view.commit));
            state.view.frozen = Some(std::mem::take(&mut state.view.active));
        }
        Ok(true)
    }
}
