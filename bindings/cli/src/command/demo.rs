//! `vectlite demo`: the main job without any setup.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use serde::Serialize;
use tempfile::TempDir;
use vectlite::{Database, Include, OpenOptions, SearchRequest, Value};

use crate::demo::{self, DIMENSION, Question};
use crate::failure::{Failure, Outcome};
use crate::opening;
use crate::shape::response::{Asked, HitLine};
use crate::terminal::Terminal;

/// Hits shown for a question.
const K: usize = 5;

/// Index 400 texts that come along, ask hybrid questions with filters, open the database again, ask again
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vectlite demo
  vectlite demo --dir /tmp/demo && vectlite search /tmp/demo/demo.vdb --text wine

Answer: questions, each with words, filter and results, which are the hits of search with their text; expected_found counts the hits that a
reader would expect among the first. The texts are definitions of WordNet 3.0, under the notice that --license shows.")]
pub(crate) struct Demo {
    /// Make the database there, as demo.vdb, and keep it; otherwise in a temporary directory
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Keep the temporary directory
    #[arg(long)]
    keep: bool,
    /// Show the licence of the texts instead
    #[arg(long)]
    license: bool,
}

#[derive(Serialize)]
struct Answer {
    path: PathBuf,
    kept: bool,
    records: u64,
    indexed_ms: f64,
    answered_ms: f64,
    same_after_reopening: bool,
    expected: usize,
    expected_found: usize,
    questions: Vec<Answered>,
}

#[derive(Serialize)]
struct Answered {
    question: String,
    words: String,
    filter: Option<Value>,
    results: Vec<HitLine>,
}

#[derive(Serialize)]
struct License<'a> {
    license: &'a str,
}

impl Demo {
    pub(crate) fn run(&self, terminal: &mut Terminal<'_>) -> Outcome {
        if self.license {
            return terminal.answer(&License { license: demo::LICENSE });
        }
        let (directory, temporary) = self.directory()?;
        let path = directory.join("demo.vdb");
        if opening::exists(&path) {
            return Err(Failure::because(format!(
                "{} exists; choose another --dir, or remove it",
                path.display()
            )));
        }
        let kept = self.keep || temporary.is_none();
        let answer = answer(path, kept, terminal)?;
        if let Some(temporary) = temporary.filter(|_| self.keep) {
            let _ = temporary.keep();
        }
        terminal.answer(&answer)
    }

    /// Where the database is made; a temporary directory goes when it is dropped.
    fn directory(&self) -> Outcome<(PathBuf, Option<TempDir>)> {
        match &self.dir {
            Some(directory) => {
                let made = fs::create_dir_all(directory);
                let name = directory.display();
                made.map_err(|error| Failure::io(format_args!("could not create {name}"), &error))?;
                Ok((directory.clone(), None))
            }
            None => {
                let made = TempDir::with_prefix("vectlite-demo-");
                let temporary = made.map_err(|error| {
                    Failure::io("could not create a temporary directory; give --dir", &error)
                })?;
                Ok((temporary.path().to_owned(), Some(temporary)))
            }
        }
    }
}

fn answer(path: PathBuf, kept: bool, terminal: &mut Terminal<'_>) -> Outcome<Answer> {
    let questions = demo::questions()?;
    let started = Instant::now();
    let db = build(&path)?;
    let indexed_ms = started.elapsed().as_secs_f64() * 1e3;
    let records = db.count(None, None)?;
    terminal.tell(&format!("{records} texts indexed in {indexed_ms:.0} ms"));
    let started = Instant::now();
    let answered = ask(&db, questions)?;
    let answered_ms = started.elapsed().as_secs_f64() * 1e3;
    terminal.tell(&format!("{} questions answered in {answered_ms:.1} ms", answered.len()));
    db.close()?;

    let db = opening::for_searching(&path)?;
    let again = ask(&db, demo::questions()?)?;
    db.close()?;
    let key = |answers: &[Answered]| serde_json::to_string(answers).unwrap_or_default();
    let same_after_reopening = key(&answered) == key(&again);
    let same = if same_after_reopening { "the same answers" } else { "OTHER ANSWERS" };
    terminal.tell(&format!("closed, opened read-only: {same}"));

    let questions = demo::questions()?;
    let expected = questions.iter().map(|question| question.expected.len()).sum();
    let found = questions.iter().zip(&answered).map(|(question, answered)| {
        question.expected.iter().filter(|id| answered.results.iter().any(|hit| hit.is(id))).count()
    });
    let expected_found = found.sum();
    let questions = answered;
    Ok(Answer {
        path,
        kept,
        records,
        indexed_ms,
        answered_ms,
        same_after_reopening,
        expected,
        expected_found,
        questions,
    })
}

fn build(path: &Path) -> Outcome<Database> {
    // Words are reduced to their stems, so that `flowers` finds `flower`.
    let db = Database::open(path, OpenOptions::new().dimension(DIMENSION).analyzer("english"))?;
    db.upsert_many(demo::records()?)?;
    db.flush()?;
    Ok(db)
}

/// Hybrid searches: nearest vectors and best words, both among the records that the filter keeps.
fn ask(db: &Database, questions: Vec<Question>) -> Outcome<Vec<Answered>> {
    let mut answered = Vec::new();
    for question in questions {
        let filter = question.parsed_filter()?;
        let mut request = SearchRequest::new()
            .vector(question.vector)
            .text(&question.words)
            .include(Include::default().text(true))
            .k(K);
        if let Some(filter) = filter {
            request = request.filter(filter);
        }
        let asked = Asked { text: true, ..Asked::default() };
        let results = db.search(&request)?.hits.into_iter().map(|hit| HitLine::of(hit, asked)).collect();
        let (words, filter) = (question.words, question.filter);
        answered.push(Answered { question: question.sentence, words, filter, results });
    }
    Ok(answered)
}
