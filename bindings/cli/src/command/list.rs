//! `vectlite list`: a page of records.

use std::path::PathBuf;

use clap::Args;
use vectlite::limits::DEFAULT_PAGE;

use crate::failure::Outcome;
use crate::opening;
use crate::selection::Selection;
use crate::shape::record::RecordLine;
use crate::terminal::Terminal;

/// Records by namespace and id, a page of them, one JSON object a line
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vectlite list notes.vdb --limit 10 --no-vectors
  vectlite list notes.vdb --namespace work --filter '{\"done\": false}' --offset 100

Answer: lines with namespace, id, vector, vectors, sparse, metadata, expires_at, and text where there is one.")]
pub(crate) struct List {
    /// The database file
    #[arg(value_name = "DB")]
    path: PathBuf,
    #[command(flatten)]
    selection: Selection,
    /// The most records; 0 for all
    #[arg(long, value_name = "N", default_value_t = DEFAULT_PAGE)]
    limit: usize,
    /// How many of the first are left out
    #[arg(long, value_name = "N", default_value_t = 0)]
    offset: usize,
    /// Leave out vector and vectors, which are long
    #[arg(long)]
    no_vectors: bool,
}

impl List {
    pub(crate) fn run(&self, terminal: &mut Terminal<'_>) -> Outcome {
        let limit = if self.limit == 0 { usize::MAX } else { self.limit };
        let db = opening::for_reading(&self.path)?;
        let view = db.read_view()?;
        for record in self.selection.records(&view)?.skip(self.offset).take(limit) {
            terminal.line(&RecordLine::of(&record?, !self.no_vectors))?;
        }
        Ok(())
    }
}
