//! What it costs an application with a redb file of its own to keep a database in it.
//!
//! `attached <directory> [rounds]` prints one JSON object. Of writes: the median and the mean time of the application's own commit, which puts a
//! note, its number and its tags as `examples/rust/notes_app` does, of one that puts a vector as well, and of one that puts a text of 60 different terms besides; and how many times its
//! own commit each takes, as the median over rounds in which all three take turns. Of searches: the median time in a file of the application
//! and in a `.vdb` with the same records, and their ratio. Makes its files in the directory, which must hold none of them.

use std::hint::black_box;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;
use vectlite::redb::{
    Database as Redb, MultimapTableDefinition, ReadableDatabase, ReadableTable, TableDefinition,
};
use vectlite::{AttachOptions, Attached, Database, OpenOptions, Record, SearchRequest, attach};
use vectlite_tests::random::Random;

// The tables of examples/rust/notes_app.
const NOTES: TableDefinition<u64, &str> = TableDefinition::new("notes");
const TAGS: MultimapTableDefinition<&str, u64> = MultimapTableDefinition::new("tags");
const NEXT: TableDefinition<&str, u64> = TableDefinition::new("next");
const DIMENSION: usize = 384;
const TERMS: usize = 60;
/// Words that texts are made of.
const VOCABULARY: u64 = 20_000;
/// Commits of each kind in a round: some checkpoints are among them.
const COMMITS: u64 = 1_000;
/// Records that searches look through.
const SEARCHED: usize = 20_000;
const SEARCHES: usize = 2_000;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// What an application puts beside its note.
#[derive(Clone, Copy)]
enum Beside {
    Nothing,
    Vector,
    VectorAndText,
}

const KINDS: [(&str, Beside); 3] =
    [("own", Beside::Nothing), ("vector", Beside::Vector), ("vector_and_text", Beside::VectorAndText)];

fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let directory = arguments.next().ok_or("usage: attached <directory> [rounds]")?;
    let rounds: usize = arguments.next().map_or(Ok(5), |rounds| rounds.parse())?;
    let directory = Path::new(&directory);
    let mut figures = serde_json::Map::new();
    figures.insert("writes".to_owned(), writes(directory, rounds)?);
    figures.insert("searches".to_owned(), searches(directory, rounds)?);
    writeln!(std::io::stdout(), "{}", serde_json::Value::Object(figures))?;
    Ok(())
}

fn vector(random: &mut Random) -> Vec<f32> {
    (0..DIMENSION).map(|_| random.below(2_000) as f32 / 1_000.0 - 1.0).collect()
}

fn text(random: &mut Random) -> String {
    let mut words = std::collections::BTreeSet::new();
    while words.len() < TERMS {
        words.insert(format!("word{}", random.below(VOCABULARY)));
    }
    words.into_iter().collect::<Vec<_>>().join(" ")
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// An application with its tables and what is attached to them.
struct Application {
    db: Arc<Redb>,
    index: Attached<Arc<Redb>>,
}

impl Application {
    fn new(path: &Path) -> Outcome<Application> {
        let db = Arc::new(Redb::create(path)?);
        let options = AttachOptions::new().dimension(DIMENSION).image(path.with_extension("ann"));
        let index = attach(Arc::clone(&db), options)?;
        Ok(Application { db, index })
    }

    fn commit(&self, beside: Beside, vector: &[f32], text: &str) -> Outcome<Duration> {
        let started = Instant::now();
        let write = self.db.begin_write()?;
        let number = {
            let mut next = write.open_table(NEXT)?;
            let number = next.get("")?.map_or(1, |number| number.value());
            next.insert("", number + 1)?;
            number
        };
        write.open_table(NOTES)?.insert(number, text)?;
        {
            let mut tags = write.open_multimap_table(TAGS)?;
            for tag in ["home", "work"] {
                tags.insert(tag, number)?;
            }
        }
        let record = Record::new(number.to_string()).vector(vector);
        match beside {
            Beside::Nothing => {}
            Beside::Vector => self.index.upsert_in(&write, record)?,
            Beside::VectorAndText => self.index.upsert_in(&write, record.text(text))?,
        }
        write.commit()?;
        Ok(started.elapsed())
    }
}

fn writes(directory: &Path, rounds: usize) -> Outcome<serde_json::Value> {
    let mut random = Random::new(1);
    let mut applications = Vec::new();
    for (name, _) in KINDS {
        applications.push(Application::new(&directory.join(format!("{name}.redb")))?);
    }
    let mut medians = [const { Vec::new() }; KINDS.len()];
    let mut means = [const { Vec::new() }; KINDS.len()];
    for _ in 0..rounds {
        let mut times = [const { Vec::new() }; KINDS.len()];
        // One after the other: whatever the machine does beside meets all of them.
        for _ in 0..COMMITS {
            let (vector, text) = (vector(&mut random), text(&mut random));
            for (number, (_, beside)) in KINDS.iter().enumerate() {
                let time = applications[number].commit(*beside, &vector, &text)?;
                times[number].push(time.as_secs_f64() * 1e6);
            }
        }
        for (number, times) in times.into_iter().enumerate() {
            means[number].push(times.iter().sum::<f64>() / times.len() as f64);
            medians[number].push(median(times));
        }
    }
    let mut figures = serde_json::Map::new();
    for (number, (name, _)) in KINDS.iter().enumerate() {
        let times = |of: &[Vec<f64>]| {
            let ratios = of[number].iter().zip(&of[0]).map(|(time, own)| time / own).collect();
            [median(of[number].clone()), median(ratios)]
        };
        let ([median_us, times_own], [mean_us, mean_times_own]) = (times(&medians), times(&means));
        figures.insert(
            (*name).to_owned(),
            json!({"median_us": median_us, "times_own": times_own, "mean_us": mean_us, "mean_times_own": mean_times_own}),
        );
    }
    Ok(figures.into())
}

fn searches(directory: &Path, rounds: usize) -> Outcome<serde_json::Value> {
    let mut random = Random::new(2);
    let records: Vec<Record> = (0..SEARCHED)
        .map(|number| Record::new(number.to_string()).vector(vector(&mut random)).text(text(&mut random)))
        .collect();
    let vdb = Database::open(directory.join("search.vdb"), OpenOptions::new().dimension(DIMENSION))?;
    vdb.upsert_many(records.clone())?;
    vdb.compact()?;
    let application = Application::new(&directory.join("search.redb"))?;
    let (db, index) = (&application.db, &application.index);
    let write = db.begin_write()?;
    index.upsert_many_in(&write, records)?;
    index.compact_in(&write)?;
    write.commit()?;
    index.index()?;
    let queries: Vec<(Vec<f32>, String)> =
        (0..SEARCHES).map(|_| (vector(&mut random), format!("word{}", random.below(VOCABULARY)))).collect();
    let mut figures = serde_json::Map::new();
    for kind in ["dense", "hybrid"] {
        let request = |number: usize| {
            let (vector, words) = &queries[number];
            let request = SearchRequest::new().vector(vector.as_slice()).k(10);
            if kind == "hybrid" { request.text(words) } else { request }
        };
        let (mut own, mut ratios) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            let (mut in_vdb, mut attached) = (Vec::new(), Vec::new());
            for number in 0..SEARCHES {
                let request = request(number);
                let started = Instant::now();
                black_box(vdb.search(&request)?);
                in_vdb.push(started.elapsed().as_secs_f64() * 1e6);
                let started = Instant::now();
                let read = db.begin_read()?;
                black_box(index.search_in(&read, &request)?);
                attached.push(started.elapsed().as_secs_f64() * 1e6);
            }
            let (in_vdb, attached) = (median(in_vdb), median(attached));
            ratios.push(attached / in_vdb);
            own.push(in_vdb);
        }
        figures.insert(kind.to_owned(), json!({"vdb_us": median(own), "times_vdb": median(ratios)}));
    }
    Ok(figures.into())
}
