//! How what is attached is kept in shape.

use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;

use super::reads::{Begin, ReadsAttached};
use super::shown::replay;
use super::staged::{Staged, foreign};
use super::{Attached, Shared, State, remove_image};
use crate::database::statistics;
use crate::error::{Result, guarded};
use crate::files::FileSystem;
use crate::index::dense::build;
use crate::index::dense::graph::GraphStats;
use crate::index::dense::graphs::Graphs;
use crate::storage::create::{self, NewSlots};
use crate::storage::operations::{
    self, Database, Position, ReadTransaction, ReadableDatabase, Stand, WriteTransaction,
};
use crate::storage::reader::storage_error;
use crate::storage::tables::Prefixed;
use crate::storage::view::View;
use crate::storage::wal::CommitId;
use crate::verify::{Attachment, VerifyOptions, VerifyReport, verify_attached};
use crate::write::indexer::{Indexed, Indexer, Rebuild};

impl Shared {
    /// A checkpoint of everything that the transaction shows.
    pub(super) fn checkpoint(
        &self,
        state: &mut State,
        database: &dyn Begin,
        transaction: &WriteTransaction,
    ) -> Result<bool> {
        let staged = self.staged(state, database, transaction)?;
        if staged.has_checkpoint() {
            return Ok(false);
        }
        let view = self.show_staged(staged, database)?;
        if view.active.is_empty() {
            return Ok(false);
        }
        let prefixed = Prefixed::new(transaction, &self.prefix);
        operations::checkpoint(
            prefixed,
            &view.active,
            &view.catalog,
            &view.snapshot.catalog,
            staged.last,
            &mut |_, _| {},
        )?;
        staged.note_checkpoint();
        let last = staged.last;
        state.shown.expect(last, view.catalog.clone());
        Ok(true)
    }

    /// Begins another history if the application has taken back what was shown: it has restored a savepoint.
    pub(super) fn notice_rollback(
        &self,
        state: &mut State,
        prefixed: Prefixed<'_, ReadTransaction>,
        stand: &Stand<'_, ReadTransaction>,
    ) -> Result<()> {
        let newest = state.shown.newest();
        let goes_on = |staged: &Staged| staged.last == stand.last && staged.base_last == newest;
        if state.staged.as_ref().is_some_and(goes_on) {
            // What was shown, and then what was written from here.
            return Ok(());
        }
        if newest.commit <= stand.last.commit && stand.holds(newest)? {
            return Ok(());
        }
        if newest.commit < stand.checkpoint.commit && state.shown.expects(stand.checkpoint) {
            return Ok(());
        }
        // Slots of commits that were taken back will be given to other vectors.
        state.shown.forget(stand.last);
        state.staged = None;
        state.history = create::random()?;
        let view = self.show_at(state, prefixed, stand)?;
        self.graphs.start_epoch(view.catalog.slot_epoch, []);
        if let Some((files, path)) = self.image() {
            remove_image(files, path)?;
        }
        Ok(())
    }

    /// Gives the graphs the numbers of the slots that a compaction has made.
    pub(super) fn follow_epoch(&self, state: &mut State, view: &View) {
        let slot_epoch = view.catalog.slot_epoch;
        if view.catalog.uuid != state.history || slot_epoch <= self.graphs.set().slot_epoch() {
            return;
        }
        let compacted = state.compacted.take().filter(|compacted| compacted.slot_epoch == slot_epoch);
        let graphs = compacted
            .map(|Compacted { new_slots, .. }| build::renumbered(&self.graphs.all(), slot_epoch, &new_slots));
        self.graphs.start_epoch(slot_epoch, graphs.unwrap_or_default());
    }
}

/// What a transaction shows, as it stands there.
struct Tables<'a> {
    prefixed: Prefixed<'a, ReadTransaction>,
    stand: Stand<'a, ReadTransaction>,
}

impl Attachment for Tables<'_> {
    fn stored(&self) -> Result<View> {
        let mut view = View::of(Arc::new(operations::snapshot(self.prefixed, None)?));
        view.catalog.uuid = self.stand.history;
        Ok(view)
    }

    fn replay(&self, view: &mut View, each: &mut dyn FnMut(&View)) -> Result<()> {
        replay(view, &self.stand, self.stand.checkpoint, each)
    }
}

/// What the next numbering of slots will be, if the transaction is committed that makes it.
#[derive(Debug)]
pub(super) struct Compacted {
    slot_epoch: u64,
    new_slots: NewSlots,
}

impl Indexed for Shared {
    fn indexer(&self) -> &Indexer {
        &self.indexer
    }

    fn graphs(&self) -> &Arc<Graphs> {
        &self.graphs
    }

    fn newest(&self) -> Result<Option<Arc<View>>> {
        let mut state = self.lock()?;
        let hold = state.holds > 0;
        if state.shown.is_idle() {
            // It holds a snapshot, too. A transaction that goes on after so long a pause has its rows, unless it has moved them.
            state.staged.take_if(|staged| !staged.has_checkpoint());
        }
        let history = state.history;
        Ok(state.shown.newest_view(hold).filter(|view| view.catalog.uuid == history))
    }

    fn name(&self) -> &Path {
        &self.name
    }

    fn image(&self) -> Option<(&dyn FileSystem, &Path)> {
        self.image.as_deref().filter(|_| self.writes).map(|path| (self.files.as_ref(), path))
    }

    /// The application decides when its commits are durable. An image of a commit that a power cut took back is recognised by that.
    fn make_durable(&self, _: CommitId) -> Result<()> {
        Ok(())
    }
}

impl<D> Attached<D>
where
    D: Deref<Target = Database>,
{
    /// Moves what was written since the last checkpoint, in this transaction too, from the table `operations` to the other tables. Without
    /// it that is done by the first write in a transaction, once
    /// [`checkpoint_bytes`](super::AttachOptions::checkpoint_bytes) have gathered. `false` when there was nothing to move, or when
    /// this transaction has done it already.
    ///
    /// # Errors
    /// `Corruption`, `Storage`. After an error the transaction must be aborted.
    pub fn checkpoint_in(&self, transaction: &WriteTransaction) -> Result<bool> {
        guarded(|| {
            let mut state = self.shared.lock()?;
            self.shared.checkpoint(&mut state, &*self.database, transaction)
        })
    }

    /// Writes all tables anew with the live records only, and removes what has expired: what deleted and replaced records leave behind is
    /// gone when the transaction is committed. Nothing else can be done with what is attached in this transaction behind it.
    ///
    /// # Errors
    /// `Corruption`, `Storage`. After an error the transaction must be aborted.
    pub fn compact_in(&self, transaction: &WriteTransaction) -> Result<()> {
        guarded(|| {
            let shared = &self.shared;
            let mut state = shared.lock()?;
            let staged = shared.staged(&mut state, &*self.database, transaction)?;
            if staged.has_checkpoint() {
                return Err(foreign());
            }
            let prefixed = Prefixed::new(transaction, &shared.prefix);
            staged.sweep(prefixed, shared.clock.now())?;
            let view = shared.show_staged(staged, &*self.database)?;
            let last = Position::new(view.commit + 1)?;
            let (new_slots, catalog) = operations::compact(prefixed, &view, last)?;
            state.shown.expect(last, catalog);
            state.compacted = Some(Compacted { slot_epoch: view.catalog.slot_epoch + 1, new_slots });
            state.staged = None;
            Ok(())
        })
    }
}

impl<D> Attached<D>
where
    D: Deref,
    D::Target: ReadableDatabase + Sized,
{
    /// Returns when every vector that is committed now is in its graph, and the image, if there is one, is written: what otherwise happens
    /// in the background, once somebody searches.
    ///
    /// # Errors
    /// `Storage`, `Corruption`.
    pub fn index(&self) -> Result<()> {
        guarded(|| {
            let read = self.database.begin_read().map_err(storage_error)?;
            let mut state = self.shared.lock()?;
            self.shared.show(&mut state, &read)?;
            state.holds += 1;
            drop(state);
            let indexed = self.shared.indexer.catch_up(Rebuild::Drifted);
            self.shared.lock()?.holds -= 1;
            indexed
        })
    }

    /// The graphs, one for each vector space that has one, and how far they are behind what a transaction sees.
    ///
    /// # Errors
    /// As [`Attached::view_in`].
    pub fn graphs_in(&self, transaction: &impl ReadsAttached) -> Result<Vec<GraphStats>> {
        guarded(|| {
            let (view, graphs) = transaction.view(&*self.database, &self.shared)?;
            Ok(statistics(&view, &graphs))
        })
    }

    /// Reads all that is attached, as a transaction shows it, and tells what is wrong, as [`verify`](crate::verify()) does with a
    /// database of files: in the report `.vdb` are the tables, `.wal` is the table `operations`, and `.ann` the file of the image. Pages of
    /// the application's file are redb's to check
    /// ([`check_integrity`](redb::Database::check_integrity)). `repair_to` makes a `.vdb` of what can be read.
    ///
    /// # Errors
    /// `NotFound` in a transaction that was opened before anything was attached; `AlreadyExists` when there is something at `repair_to`;
    /// `Corruption` when not even where the database stands can be read, or nothing is left to save; `Storage`. Other damage is no error: it is in
    /// the report.
    ///
    /// ```
    /// # let directory = tempfile::tempdir()?;
    /// use vectlite::redb::{Database, ReadableDatabase};
    /// use vectlite::{AttachOptions, Record, VerifyOptions, attach};
    ///
    /// let db = Database::create(directory.path().join("notes.redb"))?;
    /// let index = attach(&db, AttachOptions::new().dimension(2))?;
    /// let write = db.begin_write()?;
    /// index.upsert_in(&write, Record::new("a").vector([1.0, 2.0]))?;
    /// write.commit()?;
    /// let report = index.verify_in(&db.begin_read()?, &VerifyOptions::new().deep(true))?;
    /// assert!(report.is_sound());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn verify_in(&self, transaction: &ReadTransaction, options: &VerifyOptions) -> Result<VerifyReport> {
        guarded(|| {
            let shared = &self.shared;
            let prefixed = Prefixed::new(transaction, &shared.prefix);
            let stand = operations::read(prefixed)?.ok_or_else(|| shared.nothing_attached())?;
            let image = shared.image.as_deref().map(|path| (shared.files.as_ref(), path));
            verify_attached(&Tables { prefixed, stand }, image, options)
        })
    }
}
