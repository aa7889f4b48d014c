//! One turn at the writer lock: what several writers ask for, each a commit of its own or none, staged one after the
//! other on one copy of the newest view.

use super::batch::Operation;
use super::stage::{Mark, Stage};
use crate::clock::Millis;
use crate::error::Result;
use crate::storage::change;
use crate::storage::view::View;
use crate::storage::wal::CommitId;

/// What became of a writer's operations.
#[derive(Debug)]
pub(super) struct Done {
    /// `None` when nothing changed.
    pub(super) commit: Option<CommitId>,
    /// How many records each operation concerned.
    pub(super) counts: Vec<usize>,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    base: &'a View,
    stage: Stage,
    outcomes: Vec<Result<Done>>,
    /// The log records of the commits, in order.
    bodies: Vec<Vec<u8>>,
    /// Where each of these commits began, and how many outcomes there were before it.
    marks: Vec<(Mark, usize)>,
}

impl<'a> Turn<'a> {
    pub(super) fn new(base: &'a View, now: Millis) -> Turn<'a> {
        let stage = Stage::new(base.clone(), now);
        Turn { base, stage, outcomes: Vec::new(), bodies: Vec::new(), marks: Vec::new() }
    }

    /// Stages one writer's operations, all of them or none. An error ends the turn; that of an operation does not, it
    /// is this writer's outcome.
    pub(super) fn stage(&mut self, operations: &[Operation]) -> Result<()> {
        let mark = self.stage.mark();
        match self.try_stage(mark, operations) {
            Ok((body, counts)) => {
                let commit = body.is_some().then(|| {
                    self.stage.view.commit += 1;
                    self.marks.push((mark, self.outcomes.len()));
                    self.stage.view.commit
                });
                self.bodies.extend(body);
                self.outcomes.push(Ok(Done { commit, counts }));
                Ok(())
            }
            Err(error) => {
                self.outcomes.push(Err(error));
                self.stage.undo(mark, self.base)
            }
        }
    }

    fn try_stage(&mut self, mark: Mark, operations: &[Operation]) -> Result<(Option<Vec<u8>>, Vec<usize>)> {
        let staged = operations.iter().map(|operation| self.stage.stage(operation));
        let counts = staged.collect::<Result<Vec<usize>>>()?;
        let changes = self.stage.changes.get(mark.changes..).unwrap_or_default();
        let body = if changes.is_empty() { None } else { Some(change::encode(changes)?) };
        Ok((body, counts))
    }

    pub(super) fn bodies(&self) -> &[Vec<u8>] {
        &self.bodies
    }

    /// The view behind the first so many commits, and the outcomes up to there. The other writers get another turn.
    pub(super) fn keep(mut self, commits: usize) -> Result<(View, Vec<Result<Done>>)> {
        if let Some((mark, outcomes)) = self.marks.get(commits) {
            self.stage.undo(*mark, self.base)?;
            self.outcomes.truncate(*outcomes);
        }
        Ok((self.stage.view, self.outcomes))
    }
}
