//! How long single writes take while checkpoints run and graphs are built anew.
//!
//! | call | prints |
//! |---|---|
//! | `latency [SECONDS [RECORDS]]` | percentiles of `upsert` in milliseconds, and what ran meanwhile; fails above the promise |
//!
//! One thread overwrites records as fast as it can, so that checkpoints follow each other and graphs wear out; another one searches a
//! little, without which the graphs' thread would rest. Build it with `--release`.

use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use std::{env, thread};

use vectlite::{BulkOptions, Database, OpenOptions, Record, SearchRequest, SyncMode, Value};
use vectlite_tests::random::Random;

const DIMENSION: usize = 384;
const SECONDS: u64 = 60;
const RECORDS: u64 = 40_000;
/// The promise: of a thousand upserts all but one are over within this time.
const PROMISED: Duration = Duration::from_millis(20);
/// Between two searches, and between two looks at what runs.
const PAUSE: Duration = Duration::from_millis(100);

fn main() -> ExitCode {
    let words: Vec<u64> = env::args().skip(1).filter_map(|word| word.parse().ok()).collect();
    let seconds = words.first().copied().unwrap_or(SECONDS);
    let records = words.get(1).copied().unwrap_or(RECORDS);
    match run(Duration::from_secs(seconds), records) {
        Ok(kept) if kept => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn record(number: u64, random: &mut Random) -> Record {
    // Around one of a hundred centres, as embeddings are.
    let centre = &mut Random::new(random.below(100));
    let vector: Vec<f32> = (0..DIMENSION)
        .map(|_| centre.below(1000) as f32 - 500.0 + random.below(400) as f32 - 200.0)
        .collect();
    let text: Vec<String> = (0..12).map(|_| format!("word{}", random.below(20_000))).collect();
    Record::new(format!("record-{number}"))
        .vector(vector)
        .text(text.join(" "))
        .metadata([("number", Value::from(number as i64))])
}

fn percentile(sorted: &[Duration], thousandths: usize) -> f64 {
    let at = (sorted.len() * thousandths / 1000).min(sorted.len().saturating_sub(1));
    sorted.get(at).map_or(0.0, |time| time.as_secs_f64() * 1e3)
}

fn run(time: Duration, records: u64) -> Result<bool, Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    let options = OpenOptions::new().dimension(DIMENSION).sync(SyncMode::OnFlush);
    let db = Database::open(directory.path().join("a.vdb"), options)?;
    let mut random = Random::new(1);
    let mut load = db.bulk_load(BulkOptions::new())?;
    for number in 0..records {
        load.push(record(number, &mut random))?;
    }
    load.finish()?;
    let done = AtomicBool::new(false);
    let (times, checkpoints, rebuilds) = thread::scope(|scope| {
        let watching = scope.spawn(|| watch(&db, &done));
        let written = write(&db, time, records, &mut random);
        done.store(true, Ordering::Relaxed);
        let watched = watching.join().map_err(|_| "the searching thread panicked")?;
        let (checkpoints, rebuilds) = watched?;
        Ok::<_, Box<dyn Error>>((written?, checkpoints, rebuilds))
    })?;
    let mut sorted = times;
    sorted.sort_unstable();
    let promised = percentile(&sorted, 999);
    writeln!(
        io::stdout(),
        "{} upserts in {} s beside {checkpoints} checkpoints and {rebuilds} graphs built anew: p50 {:.3} ms, p99 {:.3} ms, \
         p99.9 {promised:.3} ms (promised {}), longest {:.1} ms",
        sorted.len(),
        time.as_secs(),
        percentile(&sorted, 500),
        percentile(&sorted, 990),
        PROMISED.as_millis(),
        percentile(&sorted, 1000),
    )?;
    Ok(promised <= PROMISED.as_secs_f64() * 1e3)
}

fn write(
    db: &Database,
    time: Duration,
    records: u64,
    random: &mut Random,
) -> Result<Vec<Duration>, Box<dyn Error>> {
    let (started, mut times) = (Instant::now(), Vec::new());
    while started.elapsed() < time {
        let number = random.below(records);
        let record = record(number, random);
        let asked = Instant::now();
        db.upsert(record)?;
        times.push(asked.elapsed());
    }
    Ok(times)
}

/// Searches now and then; counts checkpoints, and graphs that have fewer nodes than before.
fn watch(db: &Database, done: &AtomicBool) -> Result<(usize, usize), vectlite::Error> {
    let (mut checkpoints, mut rebuilds) = (0, 0);
    let (mut checkpoint, mut nodes) = (0, 0);
    while !done.load(Ordering::Relaxed) {
        db.search(&SearchRequest::new().vector(vec![1.0; DIMENSION]))?;
        let stats = db.stats()?;
        checkpoints += usize::from(std::mem::replace(&mut checkpoint, stats.checkpoint) < stats.checkpoint);
        let now: u64 = stats.graphs.iter().map(|graph| graph.nodes).sum();
        rebuilds += usize::from(std::mem::replace(&mut nodes, now) > now);
        thread::sleep(PAUSE);
    }
    Ok((checkpoints, rebuilds))
}
