//! `vectlite stats`: facts about a database.

use std::path::PathBuf;

use clap::Args;

use crate::failure::Outcome;
use crate::opening;
use crate::shape::facts::Facts;
use crate::terminal::Terminal;

/// Facts about a database: records, settings, sizes of its files, graphs
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  vectlite stats notes.vdb

Answer: one object. records, dead (versions that compact would drop), commit_id, checkpoint, vdb_bytes, wal_bytes, ann_bytes,
wal_entries_replayed and graphs are those of stats() in Python; besides path, dimension, metric, analyzer, namespaces, indexes,
index_config.")]
pub(crate) struct Stats {
    /// The database file
    #[arg(value_name = "DB")]
    path: PathBuf,
}

impl Stats {
    pub(crate) fn run(&self, terminal: &mut Terminal<'_>) -> Outcome {
        let db = opening::for_reading(&self.path)?;
        terminal.answer(&Facts::of(&db)?)
    }
}
