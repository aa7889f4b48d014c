//! Notes with tags in an application's own redb tables, and hybrid search over them, committed together.
//!
//! ```text
//! notes_app FILE add TEXT [TAG …]      a new note; prints its number
//! notes_app FILE edit NUMBER TEXT [TAG …]
//! notes_app FILE remove NUMBER
//! notes_app FILE search WORDS [TAG]    the best notes, by meaning and by words; with a tag, only those that have it
//! notes_app FILE list [TAG]
//! notes_app FILE check                 whether notes, tags and index agree
//! notes_app FILE churn SEED            adds, edits and removes at random until it is killed, and says what it has committed
//! ```
//!
//! Everything about how vectlite and the application share a file is in `notes.rs`.

#![expect(clippy::print_stdout, reason = "an example shows its answers on the terminal")]

mod churn;
mod embedding;
mod notes;

use std::env;
use std::error::Error;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use churn::Churn;
use notes::{Note, Notes};

/// What every step returns: `main` prints the cause, whoever raised it.
type Outcome<T> = Result<T, Box<dyn Error>>;

/// Notes that a search shows.
const K: usize = 5;

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    match run(&words.iter().map(String::as_str).collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(words: &[&str]) -> Outcome<()> {
    match words {
        [file, "add", text, tags @ ..] => {
            println!("{}", Notes::open(Path::new(file))?.add(&Note::new(text, tags))?)
        }
        [file, "edit", number, text, tags @ ..] => {
            Notes::open(Path::new(file))?.edit(number.parse()?, &Note::new(text, tags))?
        }
        [file, "remove", number] => Notes::open(Path::new(file))?.remove(number.parse()?)?,
        [file, "search", text, tag @ ..] if tag.len() < 2 => {
            for found in Notes::open(Path::new(file))?.search(text, tag.first().copied(), K)? {
                println!("{:.3}  {}  {} {}", found.score, found.number, found.text, tags(&found.tags));
            }
        }
        [file, "list", tag @ ..] if tag.len() < 2 => {
            for (number, note) in Notes::open(Path::new(file))?.list(tag.first().copied())? {
                println!("{number}  {} {}", note.text, tags(&note.tags));
            }
        }
        [file, "check"] => println!("{} notes, and all agrees", Notes::open(Path::new(file))?.check()?),
        [file, "churn", seed] => churn(Path::new(file), seed.parse()?)?,
        _ => {
            return Err(
                "usage: notes_app FILE add|edit|remove|search|list|check …; see the head of its source"
                    .into(),
            );
        }
    }
    Ok(())
}

fn tags(tags: &[String]) -> String {
    tags.iter().map(|tag| format!("#{tag} ")).collect()
}

/// Never ends by itself. Each step is told when it begins and when it is committed.
fn churn(file: &Path, seed: u64) -> Outcome<()> {
    // Small, so that kills meet checkpoints.
    let notes = Notes::open_with(file, |options| options.checkpoint_bytes(100_000))?;
    let mut state = notes.list(None)?.into_iter().collect();
    let mut out = std::io::stdout().lock();
    writeln!(out, "open")?;
    for step in Churn::new(seed) {
        writeln!(out, "begin")?;
        out.flush()?;
        step.take(&notes, &mut state)?;
        writeln!(out, "ok")?;
        out.flush()?;
    }
    Ok(())
}
