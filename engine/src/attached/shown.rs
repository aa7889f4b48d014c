//! What transactions that read have been shown, kept so that the next one is shown it without work.
//!
//! A view holds a redb snapshot, and a snapshot keeps redb from using the application's old pages again. So a snapshot is taken anew when
//! it has been used for a while, and let go of when nobody reads; what is expensive to make, the memtable and the catalog, stays.

use std::sync::Arc;
use std::time::Instant;

use crate::error::Result;
use crate::index::maintain;
use crate::limits::IDLE_SNAPSHOT;
use crate::storage::catalog::Catalog;
use crate::storage::memtable::Memtable;
use crate::storage::operations::{self, Position, ReadTransaction, Stand};
use crate::storage::tables::Prefixed;
use crate::storage::view::View;

/// States that are kept: the newest, and those of transactions that were opened a while ago and go on reading.
const STATES: usize = 4;

/// One state, which several transactions may be in.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) checkpoint: Position,
    pub(super) last: Position,
    /// Its `uuid` is the history.
    catalog: Catalog,
    /// Commits behind the checkpoint.
    memtable: Memtable,
    /// The catalog of the checkpoint.
    stored: Catalog,
    /// The same with a snapshot, and when that was taken; `None` when it was let go of.
    view: Option<(Arc<View>, Instant)>,
}

impl Seen {
    fn of(checkpoint: Position, last: Position, view: &Arc<View>, since: Instant) -> Seen {
        Seen {
            checkpoint,
            last,
            catalog: view.catalog.clone(),
            memtable: view.active.clone(),
            stored: view.snapshot.catalog.clone(),
            view: Some((Arc::clone(view), since)),
        }
    }

    fn is(&self, stand: &Stand<'_, ReadTransaction>) -> bool {
        (self.checkpoint, self.last, self.catalog.uuid) == (stand.checkpoint, stand.last, stand.history)
    }

    /// The view, unless its snapshot has been held for long.
    fn fresh(&self) -> Option<&(Arc<View>, Instant)> {
        self.view.as_ref().filter(|(_, since)| since.elapsed() < IDLE_SNAPSHOT)
    }

    /// The view with a snapshot, that of the transaction if there is none that is fresh.
    fn with_snapshot(&self, prefixed: Prefixed<'_, ReadTransaction>) -> Result<(View, Instant)> {
        if let Some((view, since)) = self.fresh() {
            return Ok((view.as_ref().clone(), *since));
        }
        let snapshot = operations::snapshot(prefixed, Some(self.stored.clone()))?;
        let mut view = View::of(Arc::new(snapshot));
        view.commit = self.last.commit;
        view.catalog = self.catalog.clone();
        view.active = self.memtable.clone();
        Ok((view, Instant::now()))
    }
}

/// See the module.
#[derive(Debug)]
pub(super) struct Shown {
    /// In the order in which they were asked for, the last one first.
    states: Vec<Seen>,
    /// The newest state that was ever shown: with what has been committed since, others follow from it.
    newest: Position,
    /// The catalog that a checkpoint has left, which need not be read then.
    stored: Option<(Position, Catalog)>,
    used: Instant,
}

impl Shown {
    /// With the state of the transaction that something is attached in.
    pub(super) fn new(
        prefixed: Prefixed<'_, ReadTransaction>,
        stand: &Stand<'_, ReadTransaction>,
    ) -> Result<(Shown, Arc<View>)> {
        let mut shown = Shown { states: Vec::new(), newest: stand.last, stored: None, used: Instant::now() };
        let seen = shown.show(prefixed, stand)?;
        Ok((shown, seen))
    }

    /// What a transaction shows.
    pub(super) fn show(
        &mut self,
        prefixed: Prefixed<'_, ReadTransaction>,
        stand: &Stand<'_, ReadTransaction>,
    ) -> Result<Arc<View>> {
        self.used = Instant::now();
        let known = |seen: &Seen| seen.is(stand);
        if let Some(place) = self.states.iter().position(known) {
            // Nearly always it is the first.
            if let Some(before) = self.states.get_mut(..=place) {
                before.rotate_right(1);
            }
            if let Some((view, _)) = self.states.first().and_then(Seen::fresh) {
                return Ok(Arc::clone(view));
            }
        }
        let (view, since) = self.make(prefixed, stand)?;
        let view = Arc::new(view);
        self.keep(Seen::of(stand.checkpoint, stand.last, &view, since));
        Ok(view)
    }

    fn make(
        &self,
        prefixed: Prefixed<'_, ReadTransaction>,
        stand: &Stand<'_, ReadTransaction>,
    ) -> Result<(View, Instant)> {
        // Memtables share what they add to terms, so only the newest one may go on growing.
        let newest = self.states.iter().find(|seen| seen.last == self.newest);
        let same = self.states.iter().find(|seen| seen.is(stand));
        let grows = |seen: &Seen| -> Result<bool> {
            let may = seen.checkpoint == stand.checkpoint && seen.last.commit <= stand.last.commit;
            Ok(may && stand.holds(seen.last)?)
        };
        let base = match (same, newest) {
            (Some(same), _) => Some(same),
            (None, Some(newest)) if grows(newest)? => Some(newest),
            _ => None,
        };
        let (mut view, since, from) = match base {
            Some(base) => {
                let (view, since) = base.with_snapshot(prefixed)?;
                (view, since, base.last)
            }
            None => {
                let stored = self.stored.as_ref().filter(|(position, _)| *position == stand.checkpoint);
                let snapshot = operations::snapshot(prefixed, stored.map(|(_, catalog)| catalog.clone()))?;
                (View::of(Arc::new(snapshot)), Instant::now(), stand.checkpoint)
            }
        };
        view.catalog.uuid = stand.history;
        replay(&mut view, stand, from, |_| {})?;
        Ok((view, since))
    }

    /// Keeps a state that was just asked for.
    fn keep(&mut self, seen: Seen) {
        if seen.last.commit >= self.newest.commit {
            self.newest = seen.last;
        }
        self.states.retain(|known| known.last != seen.last || known.checkpoint != seen.checkpoint);
        self.states.truncate(STATES - 1);
        self.states.insert(0, seen);
    }

    /// What a transaction that writes made of the newest state has been committed, and is shown next.
    pub(super) fn adopt(&mut self, checkpoint: Position, last: Position, view: View) {
        self.keep(Seen::of(checkpoint, last, &Arc::new(view), Instant::now()));
    }

    /// Whether nobody has asked for anything for a while.
    pub(super) fn is_idle(&self) -> bool {
        self.used.elapsed() >= IDLE_SNAPSHOT
    }

    /// The newest state that was shown.
    pub(super) fn newest(&self) -> Position {
        self.newest
    }

    /// The view of the newest state. Snapshots are let go of when nobody has read for a while, unless `hold`.
    pub(super) fn newest_view(&mut self, hold: bool) -> Option<Arc<View>> {
        if !hold && self.is_idle() {
            self.states.iter_mut().for_each(|seen| seen.view = None);
        }
        let newest = self.states.iter().find(|seen| seen.last == self.newest)?;
        newest.view.as_ref().map(|(view, _)| Arc::clone(view))
    }

    /// The application has taken back what was shown: of what is kept nothing goes on.
    pub(super) fn forget(&mut self, newest: Position) {
        self.states.clear();
        self.newest = newest;
    }

    /// Whether a checkpoint is the one that was expected: what was shown before led to it.
    pub(super) fn expects(&self, checkpoint: Position) -> bool {
        self.stored.as_ref().is_some_and(|(position, _)| *position == checkpoint)
    }

    /// A checkpoint in a transaction, which may be committed or not, leaves this catalog.
    pub(super) fn expect(&mut self, position: Position, catalog: Catalog) {
        self.stored = Some((position, catalog));
    }
}

/// Applies the commits behind `from`, and hands over what each has led to.
pub(super) fn replay(
    view: &mut View,
    stand: &Stand<'_, ReadTransaction>,
    from: Position,
    mut each: impl FnMut(&View),
) -> Result<()> {
    stand.replay(from, |position, body| {
        maintain::replay(body, view)?;
        view.settle(position.commit);
        each(view);
        Ok(())
    })
}
