//! `vectlite completions`: what a shell needs to complete commands and options.

use std::io::Write;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::arguments::Arguments;
use crate::failure::{Failure, Outcome};
use crate::terminal::Terminal;

/// Write the completions of a shell: bash, zsh, fish, powershell, elvish
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vectlite completions bash > ~/.local/share/bash-completion/completions/vectlite
  vectlite completions zsh > ~/.zfunc/_vectlite
  vectlite completions fish > ~/.config/fish/completions/vectlite.fish")]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(&self, terminal: &mut Terminal<'_>) -> Outcome {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Arguments::command(), "vectlite", &mut script);
        terminal.streams.output.write_all(&script).map_err(|error| Failure::writing("stdout", &error))
    }
}
