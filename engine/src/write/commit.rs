//! THE write path: join a crew, stage under the writer lock, append to the log, sync once for the crew, be visible.

use std::mem;
use std::path::Path;
use std::sync::{Arc, Weak};
use std::thread::JoinHandle;
use std::time::Duration;

use vectlite_text::Analyzer;

use super::batch::Operation;
use super::crew::{Crew, Crews, Leader, Place, Ticket};
use super::group::{Group, poisoned, sync_failed};
use super::indexer::{Indexed, Indexer};
use super::turn::{Bodies, Kept, Turn};
use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::files::FileSystem;
use crate::index::dense::graphs::Graphs;
use crate::interrupt;
use crate::limits::{CHECKPOINT_BYTES, MEMTABLE_BYTES};
use crate::options::SyncMode;
use crate::process::Process;
use crate::storage::catalog::Catalog;
use crate::storage::lock::LockFile;
use crate::storage::open::WriterFile;
use crate::storage::paths::Paths;
use crate::storage::view::View;
use crate::storage::wal::{CommitId, Log};
use crate::sync::atomic::{AtomicU32, Ordering};
use crate::sync::{Condvar, Mutex, MutexGuard};

/// The writer of a database: one in a process, and one process.
#[derive(Debug)]
pub(crate) struct Writer {
    process: Process,
    pub(super) paths: Paths,
    pub(super) files: Arc<dyn FileSystem>,
    pub(super) clock: Clock,
    /// The analyzer of this session, when it is not the stored one.
    pub(crate) session: Option<Analyzer>,
    sync: SyncMode,
    pub(crate) log: Log,
    pub(super) group: Group,
    crews: Crews,
    pub(super) state: Mutex<State>,
    /// `.vdb`; `None` once closed. Held through a checkpoint, which orders checkpoints. Locked before `state`.
    pub(super) file: Mutex<Option<WriterFile>>,
    /// Wakes the thread that runs checkpoints; the flag says that the writer is going away.
    pub(super) bell: Condvar,
    /// Wakes those who wait for a checkpoint.
    pub(super) room: Condvar,
    /// The thread that runs checkpoints.
    pub(super) thread: Mutex<Option<JoinHandle<()>>>,
    pub(crate) graphs: Arc<Graphs>,
    pub(super) indexer: Indexer,
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
    /// Memory for the log records of the next turn.
    bodies: Bodies,
}

/// What a writer is made of; see `database::open`.
pub(crate) struct WriterParts {
    pub(crate) paths: Paths,
    pub(crate) files: Arc<dyn FileSystem>,
    pub(crate) clock: Clock,
    pub(crate) session: Option<Analyzer>,
    pub(crate) sync: SyncMode,
    pub(crate) log: Log,
    pub(crate) file: WriterFile,
    pub(crate) view: View,
    pub(crate) graphs: Arc<Graphs>,
    pub(crate) replayed: u64,
    pub(crate) lock: Option<LockFile>,
}

impl Indexed for Writer {
    fn indexer(&self) -> &Indexer {
        &self.indexer
    }

    fn graphs(&self) -> &Arc<Graphs> {
        &self.graphs
    }

    fn newest(&self) -> Result<Option<Arc<View>>> {
        self.view().map(Some)
    }

    fn name(&self) -> &Path {
        &self.paths.vdb
    }

    fn image(&self) -> Option<(&dyn FileSystem, &Path)> {
        Some((self.files.as_ref(), &self.paths.ann))
    }

    fn make_durable(&self, commit: CommitId) -> Result<()> {
        self.group.sync_through(commit, &self.log).map(drop)
    }
}

impl Writer {
    pub(crate) fn new(parts: WriterParts) -> Writer {
        Writer {
            process: Process::this(),
            paths: parts.paths,
            files: parts.files,
            clock: parts.clock,
            session: parts.session,
            sync: parts.sync,
            log: parts.log,
            group: Group::new(parts.view.clone()),
            crews: Crews::default(),
            state: Mutex::new(State {
                view: parts.view,
                frozen: None,
                closed: false,
                bodies: Bodies::default(),
            }),
            file: Mutex::new(Some(parts.file)),
            bell: Condvar::default(),
            room: Condvar::default(),
            thread: Mutex::new(None),
            graphs: parts.graphs,
            indexer: Indexer::default(),
            unsynced: AtomicU32::new(0),
            replayed: parts.replayed,
            _lock: parts.lock,
        }
    }

    /// The writer that a transaction or a bulk load goes to.
    pub(super) fn of(writer: &Weak<Writer>) -> Result<Arc<Writer>> {
        let writer = writer.upgrade().ok_or_else(Error::closed)?;
        if writer.process.is_this() {
            return Ok(writer);
        }
        // Its locks may be held by threads that are not in this process.
        mem::forget(writer);
        Err(Error::forked())
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
    pub(crate) fn commit(&self, operations: Vec<Operation>) -> Result<Vec<usize>> {
        let ticket = Ticket::new(operations);
        let place = self.crews.join(&ticket);
        if self.sync == SyncMode::PerOp {
            // Those before us may be syncing: what can be done meanwhile is done.
            self.crews.help(|crew, tickets| self.stage_all(crew, tickets));
        }
        let kept = match place {
            Place::Leader(leader) => self.lead(leader),
            Place::Member(crew) => {
                if crew.wait() {
                    Ok(())
                } else {
                    Err(sync_failed())
                }
            }
        };
        let done = ticket.take()?;
        match (done.commit, self.sync) {
            (None, _) | (_, SyncMode::OnFlush) => {}
            (Some(_), SyncMode::PerOp) => kept?,
            (Some(commit), SyncMode::EveryN(n)) => self.sync_every(n, commit)?,
        }
        Ok(done.counts)
    }

    /// Does for a crew what one does for all.
    fn lead(&self, mut leader: Leader<'_>) -> Result<()> {
        if self.sync == SyncMode::PerOp {
            leader.gather(self.group.sync_time());
        }
        leader.close(|crew, tickets| self.stage_all(crew, tickets));
        let last = leader.crew().last().filter(|_| self.sync == SyncMode::PerOp);
        let kept = last.map(|commit| self.group.sync_through(commit, &self.log)).transpose();
        leader.end(kept.is_ok());
        kept.map(drop)
    }

    fn sync_every(&self, n: u32, commit: CommitId) -> Result<()> {
        if self.unsynced.fetch_add(1, Ordering::Relaxed) + 1 < n {
            return Ok(());
        }
        self.unsynced.store(0, Ordering::Relaxed);
        self.group.sync_through(commit, &self.log).map(drop)
    }

    /// Settles every ticket.
    fn stage_all(&self, crew: &Crew, tickets: &[Arc<Ticket>]) {
        let mut rest = tickets;
        while let Some((first, others)) = rest.split_first() {
            let met = match self.stage_turn(rest) {
                Ok((0, _)) => self.make_room(),
                Ok((settled, commit)) => {
                    commit.into_iter().for_each(|commit| crew.note(commit));
                    rest = rest.get(settled..).unwrap_or_default();
                    continue;
                }
                Err(error) => Err(error),
            };
            if let Err(error) = met {
                first.settle(Err(error));
                rest = others;
            }
        }
    }

    /// Stages and appends, under one turn of the writer lock, what the tickets ask for: a commit each, or none where it
    /// fails. Returns how many it settled, fewer than all when the log or memory is full, and the last commit.
    fn stage_turn(&self, tickets: &[Arc<Ticket>]) -> Result<(usize, Option<CommitId>)> {
        let mut state = self.lock_state()?;
        if state.frozen.is_some() && state.view.active.bytes() >= MEMTABLE_BYTES {
            return Ok((0, None));
        }
        let bodies = mem::take(&mut state.bodies);
        let mut turn = Turn::new(&state.view, self.clock.now(), bodies);
        tickets.iter().try_for_each(|ticket| {
            // Whoever stages does it for others as well.
            interrupt::on_behalf(ticket.abort.clone(), || turn.stage(&ticket.operations))
        })?;
        let appended = self.log.append(state.view.commit + 1, &turn.bodies())?;
        let Kept { view, outcomes, bodies } = turn.keep(appended.commits)?;
        state.bodies = bodies;
        let settled = outcomes.len();
        let commit = (view.commit > state.view.commit).then_some(view.commit);
        state.view = view;
        if commit.is_some() {
            self.group.enqueue(state.view.clone(), self.sync == SyncMode::PerOp, &self.log)?;
        }
        tickets.iter().zip(outcomes).for_each(|(ticket, outcome)| ticket.settle(outcome));
        if appended.segment_bytes.max(state.view.active.bytes()) >= CHECKPOINT_BYTES
            && self.freeze(&mut state)?
        {
            self.bell.notify_all();
        }
        Ok((settled, commit))
    }

    /// The log or memory is full: lets the other segment take over, or waits until a checkpoint has emptied it.
    fn make_room(&self) -> Result<()> {
        /// How long the checkpoint that is under way is waited for before one more is made, which tells what is wrong.
        const PATIENCE: Duration = Duration::from_secs(1);
        let state = self.lock_state()?;
        let waited =
            self.room.wait_timeout_while(state, PATIENCE, |state| state.frozen.is_some() && !state.closed);
        let (mut state, _) = waited.map_err(|_| poisoned())?;
        if self.freeze(&mut state)? {
            self.bell.notify_all();
            return Ok(());
        }
        drop(state);
        // Not `checkpoint`, which would queue up behind this very thread to sweep.
        self.checkpoint_telling(&mut |_, _| {}).map(drop)
    }

    /// Sets the memtable aside for a checkpoint; later commits go to a new one and to the other segment of the log.
    /// `false` while an earlier one still waits for its checkpoint.
    pub(super) fn freeze(&self, state: &mut State) -> Result<bool> {
        if state.frozen.is_some() || !self.log.switch()? {
            return Ok(false);
        }
        if !state.view.active.is_empty() {
            state.frozen = Some((state.view.catalog.clone(), state.view.commit));
            state.view.frozen = Some(mem::take(&mut state.view.active));
        }
        Ok(true)
    }
}
