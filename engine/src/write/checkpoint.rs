//! Moving commits into `.vdb`: the checkpoint, the rewrite that drops what is dead, the thread behind both, the end.

use std::path::Path;
use std::sync::{Arc, Weak};
use std::thread;

use super::batch::Operation;
use super::commit::Writer;
use super::group::poisoned;
use super::indexer::Rebuild;
use crate::error::{Error, Result};
use crate::events;
use crate::index::dense::build;
use crate::limits::{COMPACT_FREE_BYTES, COMPACT_FREE_PCT};
use crate::storage::create::{self, Identity};
use crate::storage::open::WriterFile;
use crate::storage::paths::beside;
use crate::storage::reader::Snapshot;
use crate::storage::view::View;
use crate::storage::wal::CommitId;
use crate::storage::writer::Progress;
use crate::sync::MutexGuard;

/// What a compaction did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct CompactReport {
    /// Records that the database holds.
    pub records: u64,
    /// Versions of records that were dropped: deleted or overwritten ones.
    pub dropped: u64,
    /// Bytes of `.vdb` before.
    pub bytes_before: u64,
    /// Bytes of `.vdb` after.
    pub bytes_after: u64,
    /// Whether `.vdb` was written anew.
    pub shrunk: bool,
}

impl Writer {
    pub(super) fn lock_file(&self) -> Result<MutexGuard<'_, Option<WriterFile>>> {
        self.file.lock().map_err(|_| poisoned())
    }

    /// Removes expired records, then moves every commit into `.vdb`. Returns the last one that is there.
    pub(crate) fn checkpoint(&self) -> Result<CommitId> {
        self.commit_sweep()?;
        self.checkpoint_telling(&mut |_, _| {})
    }

    /// The same without the first, with news of the field indexes that it builds.
    pub(super) fn checkpoint_telling(&self, progress: Progress<'_>) -> Result<CommitId> {
        let file = self.lock_file()?;
        self.checkpoint_into(file.as_ref().ok_or_else(Error::closed)?, progress)
    }

    fn commit_sweep(&self) -> Result<()> {
        if self.newest()?.expired(self.clock.now())?.is_empty() {
            return Ok(());
        }
        self.commit(vec![Operation::Sweep]).map(drop)
    }

    /// A checkpoint with the file locked. Works on a writer that is closing, too.
    fn checkpoint_into(&self, file: &WriterFile, progress: Progress<'_>) -> Result<CommitId> {
        loop {
            let mut state = self.state.lock().map_err(|_| poisoned())?;
            if state.frozen.is_none() {
                self.freeze(&mut state)?;
            }
            let Some((catalog, commit)) = state.frozen.clone() else {
                let commit = state.view.commit;
                drop(state);
                self.group.sync_through(commit, &self.log)?;
                return Ok(commit);
            };
            let (frozen, base) =
                (state.view.frozen.clone().unwrap_or_default(), Arc::clone(&state.view.snapshot));
            let done = state.view.active.is_empty();
            drop(state);
            // All of it is visible before it is in `.vdb`, so that no view has to be split at the checkpoint.
            self.group.sync_through(commit, &self.log)?;
            file.checkpoint(&frozen, &catalog, &base.catalog, commit, progress)?;
            let snapshot = Arc::new(file.snapshot_of(catalog)?);
            // First of all: a memtable that is in `.vdb` must never be moved there again, whatever fails from here on.
            self.rebase(&snapshot)?;
            self.log.retire(commit)?;
            self.room.notify_all();
            if done {
                return Ok(commit);
            }
        }
    }

    /// After opening: what was found in the log goes into `.vdb`, and the log is empty.
    pub(crate) fn checkpoint_replayed(&self) -> Result<()> {
        let file = self.lock_file()?;
        let file = file.as_ref().ok_or_else(Error::closed)?;
        let view = self.newest()?;
        file.checkpoint(&view.active, &view.catalog, &view.snapshot.catalog, view.commit, &mut |_, _| {})?;
        let snapshot = Arc::new(file.snapshot_of(view.catalog)?);
        self.log.reset(snapshot.commit)?;
        self.rebase(&snapshot)
    }

    /// Every view steps from (old snapshot, frozen + new memtable) to (new snapshot, new memtable).
    fn rebase(&self, snapshot: &Arc<Snapshot>) -> Result<()> {
        let mut state = self.state.lock().map_err(|_| poisoned())?;
        state.view = state.view.rebased(snapshot);
        state.frozen = None;
        self.group.rebase(snapshot)
    }

    /// Writes `.vdb` anew with the live records only, their slots renumbered, and builds graphs anew that have drifted.
    /// Writers wait for the first, readers for nothing.
    ///
    /// With `erase` nothing that was deleted or replaced is in any file afterwards: `.vdb` is written anew in any case, graphs with a dead
    /// node are, and what interrupted attempts have left is removed.
    pub(crate) fn compact(&self, erase: bool) -> Result<CompactReport> {
        let report = self.rewrite(erase)?;
        self.indexer.catch_up(if erase { Rebuild::Dead } else { Rebuild::Drifted })?;
        if erase {
            [&self.paths.vdb, &self.paths.wal]
                .into_iter()
                .try_for_each(|path| create::remove(self.files.as_ref(), &beside(path)))?;
        }
        Ok(report)
    }

    fn rewrite(&self, erase: bool) -> Result<CompactReport> {
        self.commit_sweep()?;
        let mut place = self.lock_file()?;
        let file = place.as_ref().ok_or_else(Error::closed)?;
        let mut state = loop {
            self.checkpoint_into(file, &mut |_, _| {})?;
            let state = self.lock_state()?;
            // A memtable that was set aside in between takes the usual way.
            if state.view.frozen.is_none() {
                break state;
            }
        };
        if !state.view.active.is_empty() {
            // A commit came in between: into `.vdb` with it, while nobody else can commit.
            let commit = state.view.commit;
            let memtable = state.view.active.clone();
            self.group.sync_through(commit, &self.log)?;
            file.checkpoint(
                &memtable,
                &state.view.catalog,
                &state.view.snapshot.catalog,
                commit,
                &mut |_, _| {},
            )?;
            let snapshot = Arc::new(file.snapshot_of(state.view.catalog.clone())?);
            state.view = state.view.rebased(&snapshot);
            self.group.rebase(&snapshot)?;
        }
        let (records, dropped) = state.view.catalog.live_and_dead();
        let bytes_before = self.vdb_bytes()?;
        let mut report =
            CompactReport { records, dropped, bytes_before, bytes_after: bytes_before, shrunk: false };
        let used = file.used_bytes()?;
        let spare = used.saturating_mul(COMPACT_FREE_PCT) / 100 + COMPACT_FREE_BYTES;
        if dropped == 0 && !erase && bytes_before <= used.saturating_add(spare) {
            return Ok(report);
        }
        let commit = state.view.commit;
        let identity = Identity {
            uuid: state.view.catalog.uuid,
            slot_epoch: state.view.catalog.slot_epoch + 1,
            commit,
            index_config: state.view.catalog.index_config,
        };
        let new_slots = create::copy(self.files.as_ref(), &self.paths.vdb, &state.view, &identity)?;
        // From here on the new file is the database: whatever fails, no commit may go to the old one.
        let opened = create::sync_name(self.files.as_ref(), &self.paths.vdb)
            .and_then(|()| WriterFile::open(self.files.as_ref(), &self.paths.vdb))
            .and_then(|file| Ok((View::of(Arc::new(file.snapshot()?)), file)));
        let (view, file) = match opened {
            Ok(opened) => opened,
            Err(error) => {
                state.closed = true;
                return Err(error.context("the compacted file could not be opened; open the database again"));
            }
        };
        let epoch = identity.slot_epoch;
        self.graphs.start_epoch(epoch, build::renumbered(&self.graphs.all(), epoch, &new_slots));
        state.view = view.clone();
        self.group.replace(view);
        *place = Some(file);
        // The new file holds every commit, so the log may start anew; readers see the epoch and open the new file.
        self.log.reset(commit)?;
        self.log.publish_file_epoch(identity.slot_epoch)?;
        report.bytes_after = self.vdb_bytes()?;
        report.shrunk = true;
        Ok(report)
    }

    /// Runs `work` while nothing is written to `.vdb`.
    pub(crate) fn at_rest<T>(&self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let _file = self.lock_file()?;
        work()
    }

    fn vdb_bytes(&self) -> Result<u64> {
        self.bytes_of(&self.paths.vdb)
    }

    fn bytes_of(&self, path: &Path) -> Result<u64> {
        let facts = self.files.inspect(path);
        let facts =
            facts.map_err(|error| Error::io(format!("could not look at {}", path.display()), error))?;
        Ok(facts.map_or(0, |facts| facts.len))
    }

    /// Bytes of `.vdb`, of the log and of the image.
    pub(crate) fn file_bytes(&self) -> Result<(u64, u64, u64)> {
        Ok((self.vdb_bytes()?, self.log.facts()?.file_bytes, self.bytes_of(&self.paths.ann)?))
    }

    /// Moves everything into `.vdb` and empties the log. Later calls do nothing. The locks go with the writer itself,
    /// which nobody holds any more once the thread behind it has ended.
    pub(crate) fn close(&self) -> Result<()> {
        self.state.lock().map_err(|_| poisoned())?.closed = true;
        self.bell.notify_all();
        self.indexer.close();
        if let Some(thread) = self.thread.lock().map_err(|_| poisoned())?.take() {
            // A panic of that thread has poisoned what it held, and is met below.
            let _ = thread.join();
        }
        let mut place = self.lock_file()?;
        let Some(file) = place.as_ref() else { return Ok(()) };
        let result = self.checkpoint_into(file, &mut |_, _| {}).and_then(|commit| self.log.reset(commit));
        self.group.close();
        *place = None;
        result
    }

    /// Starts the thread that runs checkpoints when the memtable has been set aside. It ends with the writer.
    pub(crate) fn start_checkpoints(writer: &Arc<Writer>) -> Result<()> {
        let weak = Arc::downgrade(writer);
        let thread = thread::Builder::new()
            .name("vectlite-checkpoint".to_owned())
            .spawn(move || run_checkpoints(&weak))
            .map_err(|error| Error::io("could not start the thread for checkpoints", error))?;
        *writer.thread.lock().map_err(|_| poisoned())? = Some(thread);
        Ok(())
    }

    /// Waits until there is something to move; `false` when the writer is closing.
    fn wait_for_work(&self) -> bool {
        /// How long the thread sleeps before it looks whether its writer still exists.
        const NAP: std::time::Duration = std::time::Duration::from_millis(200);
        let Ok(state) = self.state.lock() else { return false };
        if state.closed {
            return false;
        }
        if state.frozen.is_some() {
            return true;
        }
        self.bell.wait_timeout(state, NAP).is_ok_and(|(state, _)| !state.closed)
    }

    /// After a failed checkpoint: a full disk does not empty within microseconds. Ends early when the writer closes.
    fn pause(&self) {
        const PAUSE: std::time::Duration = std::time::Duration::from_secs(1);
        if let Ok(state) = self.state.lock()
            && !state.closed
        {
            // Whether it timed out or not, the next attempt follows.
            let _ = self.bell.wait_timeout(state, PAUSE);
        }
    }

    fn has_frozen(&self) -> bool {
        self.state.lock().is_ok_and(|state| state.frozen.is_some() && !state.closed)
    }
}

/// An error here is met again, and told, by the write that needs room or by the next flush.
fn run_checkpoints(writer: &Weak<Writer>) {
    // What the last one failed with, said once for as long as it stays the same.
    let mut said = None;
    while let Some(writer) = writer.upgrade() {
        if !writer.wait_for_work() {
            return;
        }
        if !writer.has_frozen() {
            continue;
        }
        let failure = writer.checkpoint().err();
        let text = failure.as_ref().map(ToString::to_string);
        if let Some(error) = &failure {
            if said != text {
                events::background_failed(&writer.paths.vdb, "a checkpoint", error);
            }
            writer.pause();
        }
        said = text;
    }
}
