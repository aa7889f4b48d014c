//! The speed of durable single writes, beside a bare file and SQLite.
//!
//! All contestants run in this process, on the same file system, with the same payload. Single writers take turns: a slow minute of
//! the disk falls on all of them, and a median does not see it. Many writers at once come behind them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Barrier;
use std::thread;
use std::time::Instant;

use serde_json::json;
use vectlite::{Database, OpenOptions, Record, SyncMode, Value};

use crate::bare_file::BareFile;
use crate::sqlite::Sqlite;
use crate::{DIMENSION, Outcome, fresh_path};

/// Turns of every contestant; odd, so that the median is a turn. Each is so long that a checkpoint falls into it.
const ROUNDS: usize = 15;
/// Durable writes a turn.
const WRITES: usize = 250;
/// Writers at once in the last contest.
const THREADS: usize = 16;
/// Durable writes of each of those threads a turn.
const WRITES_A_THREAD: usize = 400;

/// What one write stores, in the form that each contestant takes without converting it while the clock runs.
pub(crate) struct Payload {
    pub(crate) id: String,
    vector: Vec<f32>,
    /// The vector's float32 values, little-endian.
    pub(crate) vector_bytes: Vec<u8>,
    /// The metadata as JSON.
    pub(crate) metadata: String,
    place: i64,
}

impl Payload {
    fn new(id: String, place: usize) -> Payload {
        // Any fixed, different, nonzero numbers will do: nothing here looks at them.
        let value = |axis: usize| (((place * DIMENSION + axis) % 1_009) as f32 + 1.0) / 1_009.0;
        let vector: Vec<f32> = (0..DIMENSION).map(value).collect();
        let vector_bytes = vector.iter().flat_map(|value| value.to_le_bytes()).collect();
        let metadata = json!({"lexname": "noun.animal", "pos": "n", "place": place}).to_string();
        Payload { id, vector, vector_bytes, metadata, place: place as i64 }
    }

    fn record(&self) -> Record {
        Record::new(&self.id).vector(self.vector.clone()).metadata([
            ("lexname", Value::from("noun.animal")),
            ("pos", Value::from("n")),
            ("place", Value::from(self.place)),
        ])
    }

    /// The bytes of one write: what the bare file appends.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        [self.id.as_bytes(), &self.vector_bytes, self.metadata.as_bytes()].concat()
    }
}

/// What was seen of one contestant in all rounds.
#[derive(Default)]
struct Seen {
    /// The median microseconds of a single write, one figure a round; empty where several threads write at once.
    latencies: Vec<f64>,
    /// Writes a second, one figure a round.
    rates: Vec<f64>,
}

impl Seen {
    /// Runs `write` on every item and keeps the times.
    fn watch<T>(&mut self, items: Vec<T>, mut write: impl FnMut(T) -> Outcome<()>) -> Outcome<()> {
        let count = items.len();
        let mut latencies = Vec::with_capacity(count);
        let round = Instant::now();
        for item in items {
            let started = Instant::now();
            write(item)?;
            latencies.push(started.elapsed().as_secs_f64() * 1e6);
        }
        self.latencies.extend(median(latencies));
        self.rates.push(count as f64 / round.elapsed().as_secs_f64());
        Ok(())
    }
}

/// Lets the contestants write in turn, and writes `writes.json`.
pub(crate) fn measure(dir: &Path) -> Outcome<()> {
    let db = open(dir, "writes.vdb")?;
    let bytes = Payload::new(id(ROUNDS, THREADS, WRITES), WRITES).bytes().len();
    let mut bare = BareFile::create(&fresh_path(dir, "writes.bare")?, ROUNDS * WRITES * bytes)?;
    let sqlite = Sqlite::create(&fresh_path(dir, "writes.sqlite")?)?;

    let mut seen: BTreeMap<&str, Seen> = BTreeMap::new();
    for round in 0..ROUNDS {
        let payloads: Vec<_> = (0..WRITES).map(|place| Payload::new(id(round, 0, place), place)).collect();
        let records: Vec<_> = payloads.iter().map(Payload::record).collect();
        let bytes: Vec<_> = payloads.iter().map(Payload::bytes).collect();
        seen.entry("bare file").or_default().watch(bytes, |bytes| bare.append(&bytes))?;
        seen.entry("vectlite").or_default().watch(records, |record| Ok(db.upsert(record)?))?;
        seen.entry("SQLite").or_default().watch(payloads, |payload| sqlite.upsert(&payload))?;
    }
    db.close()?;
    // Behind all others, each time in a new database: what thousands of writes leave to be done, vectors for the graph and pages for
    // the disk, would be done in the turns of others.
    for round in 0..ROUNDS {
        let db = open(dir, "writes-threads.vdb")?;
        let rate = rate_of_threads(&db, round)?;
        db.close()?;
        seen.entry("vectlite, 16 threads").or_default().rates.push(rate);
    }

    let figures: BTreeMap<_, _> = seen
        .into_iter()
        .map(|(name, seen)| (name, json!({"round_us": seen.latencies, "round_per_second": seen.rates})))
        .collect();
    Ok(fs::write(dir.join("writes.json"), serde_json::to_vec(&figures)?)?)
}

fn open(dir: &Path, name: &str) -> Outcome<Database> {
    let options = OpenOptions::new().dimension(DIMENSION).sync(SyncMode::PerOp);
    Ok(Database::open(fresh_path(dir, name)?, options)?)
}

/// Writes a second when `THREADS` threads share the database.
fn rate_of_threads(db: &Database, round: usize) -> Outcome<f64> {
    let start = Barrier::new(THREADS + 1);
    let elapsed = thread::scope(|scope| {
        let writers: Vec<_> = (1..=THREADS)
            .map(|writer| {
                let records: Vec<_> = (0..WRITES_A_THREAD)
                    .map(|place| Payload::new(id(round, writer, place), place).record())
                    .collect();
                let start = &start;
                scope.spawn(move || {
                    start.wait();
                    records.into_iter().try_for_each(|record| db.upsert(record).map(drop))
                })
            })
            .collect();
        start.wait();
        let started = Instant::now();
        for writer in writers {
            writer.join().map_err(|_| "a writer panicked")??;
        }
        Outcome::Ok(started.elapsed())
    })?;
    Ok((THREADS * WRITES_A_THREAD) as f64 / elapsed.as_secs_f64())
}

/// A record id that no other write of this run has, always of the same length.
fn id(round: usize, writer: usize, place: usize) -> String {
    format!("record-{round:02}-{writer:02}-{place:06}")
}

/// The middle one of the values; none of no values.
fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}
