//! What a transaction sees.

use std::ops::Deref;
use std::sync::Arc;

use super::shown::replay;
use super::staged::{Staged, foreign};
use super::{Attached, Shared, State};
use crate::database::ReadView;
use crate::error::{Error, ErrorKind, Result, guarded};
use crate::index::dense::graphs::{GraphSet, Graphs};
use crate::query::{SearchRequest, SearchResponse};
use crate::record::Record;
use crate::storage::operations::{
    self, Position, ReadTransaction, ReadableDatabase, Stand, WriteTransaction,
};
use crate::storage::reader::storage_error;
use crate::storage::tables::Prefixed;
use crate::storage::view::View;

/// How a transaction comes to its view.
pub(super) trait Viewed {
    /// With the graphs that belong to it.
    fn view(&self, database: &dyn Begin, shared: &Shared) -> Result<(Arc<View>, Arc<GraphSet>)>;
}

/// A database that can be read.
pub(super) trait Begin {
    fn begin(&self) -> Result<ReadTransaction>;
}

impl<T: ReadableDatabase> Begin for T {
    fn begin(&self) -> Result<ReadTransaction> {
        self.begin_read().map_err(storage_error)
    }
}

/// A transaction of the application in which what is attached can be read: [`redb::ReadTransaction`], or [`redb::WriteTransaction`], which
/// sees what it has written itself.
#[expect(private_bounds, reason = "sealed: redb has no third kind of transaction")]
pub trait ReadsAttached: Viewed {}

impl ReadsAttached for ReadTransaction {}
impl ReadsAttached for WriteTransaction {}

impl Viewed for ReadTransaction {
    fn view(&self, _: &dyn Begin, shared: &Shared) -> Result<(Arc<View>, Arc<GraphSet>)> {
        let mut state = shared.lock()?;
        let (view, _, _) = shared.show(&mut state, self)?;
        let graphs = shared.graphs_of(&state, &view);
        Ok((view, graphs))
    }
}

impl Viewed for WriteTransaction {
    fn view(&self, database: &dyn Begin, shared: &Shared) -> Result<(Arc<View>, Arc<GraphSet>)> {
        let mut state = shared.lock()?;
        let staged = shared.staged(&mut state, database, self)?;
        let view = shared.show_staged(staged, database)?;
        let graphs = shared.graphs_of(&state, &view);
        Ok((view, graphs))
    }
}

impl Shared {
    /// What a transaction that reads shows, and where that stands: its checkpoint and its last commit.
    pub(super) fn show(
        &self,
        state: &mut State,
        transaction: &ReadTransaction,
    ) -> Result<(Arc<View>, Position, Position)> {
        let prefixed = Prefixed::new(transaction, &self.prefix);
        let stand = operations::read(prefixed)?.ok_or_else(|| self.nothing_attached())?;
        let view = self.show_at(state, prefixed, &stand)?;
        Ok((view, stand.checkpoint, stand.last))
    }

    pub(super) fn nothing_attached(&self) -> Error {
        Error::new(
            ErrorKind::NotFound,
            format!(
                "nothing with the prefix {:?} is attached to the transaction's database, or was yet",
                self.prefix
            ),
        )
    }

    /// The same where it is known where the transaction stands.
    pub(super) fn show_at(
        &self,
        state: &mut State,
        prefixed: Prefixed<'_, ReadTransaction>,
        stand: &Stand<'_, ReadTransaction>,
    ) -> Result<Arc<View>> {
        let committed =
            |staged: &mut Staged| staged.last == stand.last && staged.checkpoint == stand.checkpoint;
        if let Some(staged) = state.staged.take_if(committed)
            && !staged.is_empty()
            && !staged.has_checkpoint()
            && staged.base_last == state.shown.newest()
            && staged.history() == stand.history
        {
            state.shown.adopt(stand.checkpoint, stand.last, staged.committed());
        }
        let view = state.shown.show(prefixed, stand)?;
        if !self.writes && stand.history != state.history {
            // The process that writes has noticed it.
            state.history = stand.history;
            self.graphs.start_epoch(view.catalog.slot_epoch, []);
        }
        self.follow_epoch(state, &view);
        Ok(view)
    }

    /// The graphs for a view.
    pub(super) fn graphs_of(&self, state: &State, view: &View) -> Arc<GraphSet> {
        if view.catalog.uuid == state.history { self.graphs.set() } else { Graphs::new(0).set() }
    }

    /// What a transaction shows that has written something itself.
    pub(super) fn show_staged(&self, staged: &mut Staged, database: &dyn Begin) -> Result<Arc<View>> {
        let (checkpoint, last) = (staged.base_checkpoint, staged.base_last);
        staged.show(|| {
            // While a transaction writes, what is committed stays what it began with.
            let read = database.begin()?;
            let prefixed = Prefixed::new(&read, &self.prefix);
            let stand = operations::read(prefixed)?.filter(|stand| stand.last == last).ok_or_else(foreign)?;
            let mut view = View::of(Arc::new(operations::snapshot(prefixed, None)?));
            replay(&mut view, &stand, checkpoint, |_| {})?;
            Ok(view)
        })
    }
}

impl<D> Attached<D>
where
    D: Deref,
    D::Target: ReadableDatabase + Sized,
{
    /// What a transaction sees, to read and search at leisure: everything that a [`ReadView`] can do. It stays as it is, whatever the
    /// transaction writes afterwards.
    ///
    /// It holds a snapshot of the database for as long as it lives, as a transaction does that reads.
    ///
    /// # Errors
    /// `NotFound` in a transaction that was opened before anything was attached; `Corruption`, `Storage`.
    pub fn view_in(&self, transaction: &impl ReadsAttached) -> Result<ReadView> {
        guarded(|| {
            let (view, graphs) = transaction.view(&*self.database, &self.shared)?;
            let shared = &self.shared;
            Ok(ReadView::new(view, graphs, shared.clock.now(), shared.session.as_ref()))
        })
    }

    /// The record with this id, vectors and text included. `None` as namespace is the default one.
    ///
    /// # Errors
    /// As [`Attached::view_in`].
    pub fn get_in(
        &self,
        transaction: &impl ReadsAttached,
        id: &str,
        namespace: Option<&str>,
    ) -> Result<Option<Record>> {
        self.view_in(transaction)?.get(id, namespace)
    }

    /// Searches by vector, by text or sparse terms, or by both, as [`Database::search`](crate::Database::search) does.
    ///
    /// # Errors
    /// `InvalidArgument`, `DimensionMismatch`, `Filter` for a request that makes no sense; as [`Attached::view_in`].
    pub fn search_in(
        &self,
        transaction: &impl ReadsAttached,
        request: &SearchRequest,
    ) -> Result<SearchResponse> {
        self.view_in(transaction)?.run(request)
    }
}
