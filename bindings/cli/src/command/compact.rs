//! `vectlite compact`: gives back the room of what was deleted.

use std::path::PathBuf;

use clap::Args;

use crate::failure::Outcome;
use crate::opening;
use crate::shape::reports::Compaction;
use crate::terminal::Terminal;

/// Write the files anew without what was deleted or replaced
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vectlite compact notes.vdb
  vectlite compact notes.vdb --erase

Answer: records, dropped (versions of records), bytes_before, bytes_after, shrunk.")]
pub(crate) struct Compact {
    /// The database file
    #[arg(value_name = "DB")]
    path: PathBuf,
    /// In any case, and so that nothing deleted is left in any file of the database
    #[arg(long)]
    erase: bool,
}

impl Compact {
    pub(crate) fn run(&self, terminal: &mut Terminal<'_>) -> Outcome {
        let db = opening::for_writing(&self.path)?;
        let report = if self.erase { db.compact_and_erase()? } else { db.compact()? };
        db.close()?;
        terminal.answer(&Compaction::from(report))
    }
}
