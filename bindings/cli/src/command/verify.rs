//! `vectlite verify`: is everything in the files what it must be.

use std::path::PathBuf;

use clap::Args;
use vectlite::VerifyOptions;

use crate::failure::{Failure, Outcome};
use crate::opening;
use crate::shape::reports::Soundness;
use crate::terminal::Terminal;

/// Read all files of a database and tell what is wrong with them; save what can be saved
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vectlite verify notes.vdb
  vectlite verify notes.vdb --deep
  vectlite verify notes.vdb --repair saved.vdb

Answer: sound, problems (file, what), problem_count, and how much was read. The exit code is 1 when it is not sound; the answer
is on stdout all the same.")]
pub(crate) struct Verify {
    /// The database file; it may be damaged
    #[arg(value_name = "DB")]
    path: PathBuf,
    /// Also derive anew what is derived from the records, and compare
    #[arg(long)]
    deep: bool,
    /// Make a database of everything that can still be read, at this path
    #[arg(long, value_name = "DEST")]
    repair: Option<PathBuf>,
}

impl Verify {
    pub(crate) fn run(&self, terminal: &mut Terminal<'_>) -> Outcome {
        let mut options = VerifyOptions::new().deep(self.deep);
        if let Some(dest) = &self.repair {
            options = options.repair_to(dest);
        }
        let report =
            vectlite::verify(&self.path, &options).map_err(|error| opening::failed(&self.path, error))?;
        let (sound, problems) = (report.is_sound(), report.problem_count);
        terminal.answer(&Soundness::from(report))?;
        if sound {
            return Ok(());
        }
        let path = self.path.display();
        let many = if problems == 1 { "" } else { "s" };
        Err(Failure::because(format!(
            "{path} is not sound: {problems} problem{many}; restore a backup, or save what is left with --repair"
        )))
    }
}
