//! The commands, and the options that all of them have.

use clap::{Parser, Subcommand};

use crate::command::bench::Bench;
use crate::command::compact::Compact;
use crate::command::completions::Completions;
use crate::command::count::Count;
use crate::command::demo::Demo;
use crate::command::dump::Dump;
use crate::command::export::Export;
use crate::command::import::Import;
use crate::command::list::List;
use crate::command::search::Search;
use crate::command::stats::Stats;
use crate::command::verify::Verify;
use crate::failure::Outcome;
use crate::terminal::Terminal;

/// An embedded vector database: hybrid search (vectors and BM25) with filters, in one file
///
/// Answers are JSON on stdout, messages and progress go to stderr. What goes wrong is one line, "error: …", and exit code 1. Commands that only
/// read work while another process writes.
#[derive(Debug, Parser)]
#[command(
    name = "vectlite",
    bin_name = "vectlite",
    version,
    no_binary_name = true,
    arg_required_else_help = false,
    after_help = EXAMPLES,
    max_term_width = 120,
    disable_help_subcommand = true
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Only answers and errors: no messages, no progress
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// Answers over several lines, as on a terminal
    #[arg(long, global = true)]
    pub(crate) pretty: bool,
}

const EXAMPLES: &str = "\
Examples:
  vectlite demo                                               what it does, in a second, with texts it brings along
  vectlite import notes.vdb notes.jsonl                       make a database of a file (JSONL, CSV, Parquet)
  vectlite search notes.vdb --text 'oat milk' --k 5           search by words
  vectlite search notes.vdb --vector '[0.1, 0.9]' --text milk by meaning and words
  vectlite search notes.vdb --like note-7                     by the vector of a record
  vectlite list notes.vdb --filter '{\"done\": false}'          records, one a line
  vectlite count notes.vdb --namespace work                   how many records
  vectlite stats notes.vdb                                    sizes, settings, graphs
  vectlite dump notes.vdb > notes.jsonl                       everything, for import
  vectlite export notes.vdb notes.parquet                     the same as a file
  vectlite bench notes.vdb                                    recall and speed of your data, and the ef to choose
  vectlite verify notes.vdb --deep                            is everything in its files as it must be
  vectlite compact notes.vdb                                  give back the room of what was deleted
  vectlite completions bash > ~/.local/share/bash-completion/completions/vectlite

'vectlite COMMAND --help' tells all about one.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Stats(Stats),
    Count(Count),
    List(List),
    Dump(Dump),
    Search(Box<Search>),
    Import(Box<Import>),
    Export(Export),
    Compact(Compact),
    Verify(Verify),
    Bench(Bench),
    Demo(Demo),
    Completions(Completions),
}

impl Command {
    pub(crate) fn run(&self, terminal: &mut Terminal<'_>) -> Outcome {
        match self {
            Command::Stats(command) => command.run(terminal),
            Command::Count(command) => command.run(terminal),
            Command::List(command) => command.run(terminal),
            Command::Dump(command) => command.run(terminal),
            Command::Search(command) => command.run(terminal),
            Command::Import(command) => command.run(terminal),
            Command::Export(command) => command.run(terminal),
            Command::Compact(command) => command.run(terminal),
            Command::Verify(command) => command.run(terminal),
            Command::Bench(command) => command.run(terminal),
            Command::Demo(command) => command.run(terminal),
            Command::Completions(command) => command.run(terminal),
        }
    }
}
