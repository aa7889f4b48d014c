//! Hybrid search in one scenario: build a database of short texts, ask it by meaning and by words at once, close it,
//! open it again and get the same answers.
//!
//! `examples/run` builds and runs this. Options: `--dir PATH` (where the database is built; default
//! `target/hybrid_search`) and `--check` (no tables; exit code 1 when an answer is missing or differs).

#![expect(clippy::print_stdout, reason = "an example shows its answers on the terminal")]

mod corpus;
mod table;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};
use std::{env, fs};

use indicatif::{ProgressBar, ProgressStyle};
use vectlite::{Database, Filter, Fusion, Hit, Include, Metric, OpenOptions, Record, SearchRequest, Value};

use corpus::{DIMENSION, Question, Text};

/// What every step returns: `main` prints the cause, whoever raised it.
type Outcome<T> = Result<T, Box<dyn Error>>;

/// Hits shown for a question.
const K: usize = 5;
/// Records a call of `upsert_many`: one commit each, so large enough to be fast and small enough for the bar to move.
const BATCH: usize = 500;

fn main() -> ExitCode {
    match Arguments::parse(env::args().skip(1)).and_then(|arguments| run(&arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

struct Arguments {
    dir: PathBuf,
    check: bool,
}

impl Arguments {
    fn parse(mut words: impl Iterator<Item = String>) -> Outcome<Arguments> {
        let mut arguments = Arguments { dir: here().join("../target/hybrid_search"), check: false };
        while let Some(word) = words.next() {
            match word.as_str() {
                "--check" => arguments.check = true,
                "--dir" => arguments.dir = words.next().ok_or("--dir needs a path")?.into(),
                _ => return Err(format!("unknown option {word}; known: --dir PATH, --check").into()),
            }
        }
        Ok(arguments)
    }
}

/// The directory of the examples: the data lie in it, and cargo runs us from anywhere.
fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn run(arguments: &Arguments) -> Outcome<()> {
    let data = here().join("data");
    let texts = corpus::read_texts(&data)?;
    let questions = corpus::read_questions(&data)?;
    let path = fresh_path(&arguments.dir)?;

    let started = Instant::now();
    let db = build(&path, &texts, arguments.check)?;
    println!("{} texts indexed in {} ms ({})", texts.len(), started.elapsed().as_millis(), path.display());

    let (answers, elapsed) = ask_all(&db, &questions)?;
    if !arguments.check {
        for (number, (question, hits)) in questions.iter().zip(&answers).enumerate() {
            println!("\n{}", table::heading(number + 1, question));
            println!("{}", table::of_hits(hits));
        }
        println!();
    }
    println!("{} questions answered in {:.1} ms", questions.len(), elapsed.as_secs_f64() * 1e3);
    db.close()?;

    // The database is files now; whoever opens them gets the same answers to the last bit of every score.
    let started = Instant::now();
    let db = Database::open(&path, OpenOptions::new().read_only(true))?;
    println!("closed, opened again read-only in {:.1} ms", started.elapsed().as_secs_f64() * 1e3);
    let (answers_again, elapsed) = ask_all(&db, &questions)?;
    db.close()?;

    for ((question, hits), hits_again) in questions.iter().zip(&answers).zip(&answers_again) {
        compare(question, hits, hits_again)?;
        find_expected(question, hits)?;
    }
    println!("same {} answers in {:.1} ms", questions.len(), elapsed.as_secs_f64() * 1e3);
    Ok(())
}

/// A path for the database at which none exists: an earlier run's files are removed.
fn fresh_path(dir: &Path) -> Outcome<PathBuf> {
    fs::create_dir_all(dir)?;
    let path = fs::canonicalize(dir)?.join("hybrid_search.vdb");
    for suffix in ["", ".wal", ".ann", ".lock"] {
        let mut file = path.clone().into_os_string();
        file.push(suffix);
        if fs::exists(&file)? {
            fs::remove_file(&file)?;
        }
    }
    Ok(path)
}

/// Stores all texts: the vector for the meaning, the text for its words, the rest as metadata to filter by.
fn build(path: &Path, texts: &[Text], quiet: bool) -> Outcome<Database> {
    // English: words are reduced to their stems, so that `flowers` finds `flower`.
    let options = OpenOptions::new().dimension(DIMENSION).metric(Metric::Cosine).analyzer("english");
    let db = Database::open(path, options)?;
    // indicatif draws nothing where stderr is not a terminal.
    let bar = if quiet { ProgressBar::hidden() } else { ProgressBar::new(texts.len() as u64) };
    bar.set_style(ProgressStyle::with_template("indexing {wide_bar} {pos}/{len}")?);
    for batch in texts.chunks(BATCH) {
        let stored = db.upsert_many(batch.iter().map(record))?;
        bar.inc(stored as u64);
    }
    db.flush()?;
    bar.finish_and_clear();
    Ok(db)
}

fn record(text: &Text) -> Record {
    Record::new(&text.id).vector(text.vector.clone()).text(&text.text).metadata([
        ("word", Value::from(text.word())),
        ("pos", Value::from(text.pos.as_str())),
        ("lexname", Value::from(text.lexname.as_str())),
    ])
}

fn ask_all(db: &Database, questions: &[Question]) -> Outcome<(Vec<Vec<Hit>>, Duration)> {
    let started = Instant::now();
    let answers = questions.iter().map(|question| ask(db, question)).collect::<Result<_, _>>()?;
    Ok((answers, started.elapsed()))
}

/// One hybrid search: nearest vectors and best words, both among the records that the filter keeps.
fn ask(db: &Database, question: &Question) -> Outcome<Vec<Hit>> {
    let mut request = SearchRequest::new()
        .vector(question.vector.clone())
        .text(&question.words)
        .fusion(Fusion::Linear)
        .include(Include::default().text(true))
        .k(K);
    if let Some(filter) = &question.filter {
        let filter: Value = serde_json::from_value(filter.clone())?;
        request = request.filter(Filter::parse(&filter)?);
    }
    Ok(db.search(&request)?.hits)
}

/// Fails when two answers to one question differ in a record or in a bit of a score.
fn compare(question: &Question, before: &[Hit], after: &[Hit]) -> Outcome<()> {
    let key = |hit: &Hit| (hit.namespace.clone(), hit.id.clone(), hit.score.to_bits());
    if before.iter().map(key).eq(after.iter().map(key)) {
        return Ok(());
    }
    Err(format!("\"{}\" is answered differently after reopening", question.sentence).into())
}

fn find_expected(question: &Question, hits: &[Hit]) -> Outcome<()> {
    match question.expected.iter().find(|id| !hits.iter().any(|hit| hit.id == **id)) {
        None => Ok(()),
        Some(id) => Err(format!("\"{}\" should find {id} among the first {K}", question.sentence).into()),
    }
}
