//! `vectlite count`: how many records there are.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use crate::failure::Outcome;
use crate::opening;
use crate::selection::Selection;
use crate::terminal::Terminal;

/// How many records match
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vectlite count notes.vdb
  vectlite count notes.vdb --namespace work --filter '{\"done\": false}'

Answer: {\"count\": 42}")]
pub(crate) struct Count {
    /// The database file
    #[arg(value_name = "DB")]
    path: PathBuf,
    #[command(flatten)]
    selection: Selection,
}

#[derive(Serialize)]
struct Answer {
    count: u64,
}

impl Count {
    pub(crate) fn run(&self, terminal: &mut Terminal<'_>) -> Outcome {
        let filter = self.selection.filter()?;
        let db = opening::for_reading(&self.path)?;
        let count = db.count(self.selection.namespace.as_deref(), filter.as_ref())?;
        terminal.answer(&Answer { count })
    }
}
