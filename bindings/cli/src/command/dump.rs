//! `vectlite dump`: everything.

use std::path::PathBuf;

use clap::Args;

use crate::failure::Outcome;
use crate::opening;
use crate::selection::Selection;
use crate::shape::record::RecordLine;
use crate::terminal::Terminal;

/// Every record with everything it has, one JSON object a line: what import reads
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vectlite dump notes.vdb > notes.jsonl
  vectlite dump notes.vdb | vectlite import copy.vdb -

Answer: lines as those of list. All of them are of one moment, whatever is written meanwhile.")]
pub(crate) struct Dump {
    /// The database file
    #[arg(value_name = "DB")]
    path: PathBuf,
}

impl Dump {
    pub(crate) fn run(&self, terminal: &mut Terminal<'_>) -> Outcome {
        let db = opening::for_reading(&self.path)?;
        let view = db.read_view()?;
        for record in Selection::default().records(&view)? {
            terminal.line(&RecordLine::of(&record?, true))?;
        }
        Ok(())
    }
}
