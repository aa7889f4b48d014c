//! One turn at the writer lock: what several writers ask for, each a commit of its own or none, staged one after the
//! other on one copy of the newest view.

use super::batch::Operation;
use super::stage::{Mark, Stage};
use crate::clock::Millis;
use crate::error::Result;
use crate::interrupt;
use crate::storage::change::{self, Change};
use crate::storage::codec::Encoder;
use crate::storage::view::View;
use crate::storage::wal::{BUFFER_KEPT_BYTES, CommitId};

/// What became of a writer's operations.
#[derive(Debug)]
pub(super) struct Done {
    /// `None` when nothing changed.
    pub(super) commit: Option<CommitId>,
    /// How many records each operation concerned.
    pub(super) counts: Vec<usize>,
}

/// The log records of several commits, one behind the other in memory that every turn uses again.
#[derive(Debug, Default)]
pub(super) struct Bodies {
    encoder: Encoder,
    /// Where each of them ends.
    ends: Vec<usize>,
}

impl Bodies {
    /// Adds the record of one commit; after an error there is no trace of it.
    fn push(&mut self, changes: &[Change]) -> Result<()> {
        let start = self.encoder.written().len();
        let encoded = change::encode(changes, &mut self.encoder);
        match encoded {
            Ok(()) => self.ends.push(self.encoder.written().len()),
            Err(_) => self.encoder.truncate(start),
        }
        encoded
    }

    pub(super) fn slices(&self) -> Vec<&[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let body =
            |(start, end): (usize, &usize)| self.encoder.written().get(start..*end).unwrap_or_default();
        starts.zip(&self.ends).map(body).collect()
    }

    /// None, for another turn.
    pub(super) fn recycled(mut self) -> Bodies {
        self.encoder.recycle(BUFFER_KEPT_BYTES);
        self.ends.clear();
        self
    }
}

/// What a turn came to.
#[derive(Debug)]
pub(super) struct Kept {
    /// The view behind the commits that are in the log.
    pub(super) view: View,
    /// One for each writer up to there. The others get another turn.
    pub(super) outcomes: Vec<Result<Done>>,
    pub(super) bodies: Bodies,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    base: &'a View,
    stage: Stage,
    outcomes: Vec<Result<Done>>,
    /// The log records of the commits, in order.
    bodies: Bodies,
    /// Where each of these commits began, and how many outcomes there were before it.
    marks: Vec<(Mark, usize)>,
}

impl<'a> Turn<'a> {
    pub(super) fn new(base: &'a View, now: Millis, bodies: Bodies) -> Turn<'a> {
        let stage = Stage::new(base.clone(), now);
        Turn { base, stage, outcomes: Vec::new(), bodies, marks: Vec::new() }
    }

    /// Stages one writer's operations, all of them or none. An error ends the turn; that of an operation does not, it
    /// is this writer's outcome.
    pub(super) fn stage(&mut self, operations: &[Operation]) -> Result<()> {
        let mark = self.stage.mark();
        match self.try_stage(mark, operations) {
            Ok((changed, counts)) => {
                let commit = changed.then(|| {
                    self.stage.view.commit += 1;
                    self.marks.push((mark, self.outcomes.len()));
                    self.stage.view.commit
                });
                self.outcomes.push(Ok(Done { commit, counts }));
                Ok(())
            }
            Err(error) => {
                self.outcomes.push(Err(error));
                self.stage.undo(mark, self.base)
            }
        }
    }

    /// Whether anything changed, and how many records each operation concerned.
    fn try_stage(&mut self, mark: Mark, operations: &[Operation]) -> Result<(bool, Vec<usize>)> {
        let staged = operations.iter().enumerate().map(|(position, operation)| {
            interrupt::aborted()?;
            self.stage.stage(operation).map_err(|error| error.at(position))
        });
        let counts = staged.collect::<Result<Vec<usize>>>()?;
        let changes = self.stage.changes.get(mark.changes..).unwrap_or_default();
        if !changes.is_empty() {
            self.bodies.push(changes)?;
        }
        Ok((!changes.is_empty(), counts))
    }

    pub(super) fn bodies(&self) -> Vec<&[u8]> {
        self.bodies.slices()
    }

    /// Ends the turn; so many of its commits, from the first on, are in the log.
    pub(super) fn keep(mut self, commits: usize) -> Result<Kept> {
        if let Some((mark, outcomes)) = self.marks.get(commits) {
            self.stage.undo(*mark, self.base)?;
            self.outcomes.truncate(*outcomes);
        }
        let mut view = self.stage.view;
        view.settle(view.commit);
        Ok(Kept { view, outcomes: self.outcomes, bodies: self.bodies.recycled() })
    }
}
