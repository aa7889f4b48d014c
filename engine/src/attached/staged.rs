//! What a transaction that writes has written so far: a stage over the state that it began with, and a row for each call.

use std::sync::Arc;

use crate::clock::Millis;
use crate::error::{Error, Result};
use crate::index::maintain;
use crate::storage::change;
use crate::storage::codec::Encoder;
use crate::storage::operations::{self, History, Position, WriteTransaction};
use crate::storage::tables::Prefixed;
use crate::storage::view::View;
use crate::write::batch::Operation;
use crate::write::stage::Stage;

/// See the module.
#[derive(Debug)]
pub(super) struct Staged {
    /// What it began with, which is committed; with the history that its commits belong to.
    pub(super) base: Arc<View>,
    pub(super) base_checkpoint: Position,
    pub(super) base_last: Position,
    /// What the transaction stands at: a checkpoint in it, and the last row of it.
    pub(super) checkpoint: Position,
    pub(super) last: Position,
    stage: Stage,
    /// What its reader is shown, once it has asked.
    shown: Option<Arc<View>>,
}

impl Staged {
    pub(super) fn new(
        base: Arc<View>,
        checkpoint: Position,
        last: Position,
        history: History,
        now: Millis,
    ) -> Staged {
        let mut view = base.as_ref().clone();
        view.catalog.uuid = history;
        let base = Arc::new(view.clone());
        let stage = Stage::new(view, now);
        Staged { base, base_checkpoint: checkpoint, base_last: last, checkpoint, last, stage, shown: None }
    }

    pub(super) fn history(&self) -> History {
        self.base.catalog.uuid
    }

    /// Whether the transaction has written nothing yet.
    pub(super) fn is_empty(&self) -> bool {
        self.stage.changes.is_empty()
    }

    /// Whether there was a checkpoint in this transaction: there is none behind it, since what it has moved can only be read when it
    /// is committed.
    pub(super) fn has_checkpoint(&self) -> bool {
        self.checkpoint != self.base_checkpoint
    }

    /// Takes over a row that the transaction has, but that was not written from here.
    pub(super) fn adopt(&mut self, position: Position, body: &[u8]) -> Result<()> {
        self.stage.adopt(position.commit, change::decode(body)?)?;
        self.last = position;
        Ok(())
    }

    /// Stages operations, all or none, and writes their row. Returns how many records each of them concerned.
    pub(super) fn write(
        &mut self,
        prefixed: Prefixed<'_, WriteTransaction>,
        operations: &[Operation],
        now: Millis,
    ) -> Result<Vec<usize>> {
        self.stage.set_now(now);
        let mark = self.stage.mark();
        let written = self.try_write(prefixed, operations, mark.changes);
        if written.is_err() {
            self.stage.undo(mark, &self.base)?;
        }
        written
    }

    /// Removes what has expired.
    pub(super) fn sweep(&mut self, prefixed: Prefixed<'_, WriteTransaction>, now: Millis) -> Result<()> {
        self.write(prefixed, &[Operation::Sweep], now).map(drop)
    }

    fn try_write(
        &mut self,
        prefixed: Prefixed<'_, WriteTransaction>,
        operations: &[Operation],
        before: usize,
    ) -> Result<Vec<usize>> {
        let staged = operations
            .iter()
            .enumerate()
            .map(|(position, operation)| self.stage.stage(operation).map_err(|error| error.at(position)));
        let counts = staged.collect::<Result<Vec<usize>>>()?;
        let changes = self.stage.changes.get(before..).unwrap_or_default();
        if !changes.is_empty() {
            let position = Position::new(self.stage.view.commit + 1)?;
            let mut body = Encoder::new();
            change::encode(changes, &mut body)?;
            operations::append(prefixed, self.checkpoint, position, &self.history(), body.written())?;
            self.stage.view.commit = position.commit;
            self.last = position;
            self.shown = None;
        }
        Ok(counts)
    }

    /// What the transaction shows: with what it has written itself.
    pub(super) fn show(&mut self, again: impl FnOnce() -> Result<View>) -> Result<Arc<View>> {
        if self.is_empty() {
            return Ok(Arc::clone(&self.base));
        }
        if let Some(view) = &self.shown {
            return Ok(Arc::clone(view));
        }
        // A memtable of its own: into the one that others share no commit comes that may never be.
        let mut view = again()?;
        view.catalog.uuid = self.history();
        for change in &self.stage.changes {
            maintain::apply(change, &mut view)?;
        }
        view.settle(self.last.commit);
        let view = Arc::new(view);
        self.shown = Some(Arc::clone(&view));
        Ok(view)
    }

    /// There was a checkpoint in the transaction, of everything up to here.
    pub(super) fn note_checkpoint(&mut self) {
        self.checkpoint = self.last;
    }

    /// The transaction is committed: the view behind it.
    pub(super) fn committed(self) -> View {
        let mut view = self.stage.view;
        view.settle(view.commit);
        view
    }
}

/// What whoever mixes two of them, or transactions of two databases, is told.
pub(super) fn foreign() -> Error {
    Error::invalid(
        "transaction: it was compacted, or it holds a checkpoint that was made by something else that is attached under the same \
         prefix, and cannot be written on; commit it first",
    )
}
