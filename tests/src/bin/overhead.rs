//! What the bindings' benchmarks are measured against: the same searches and the same bulk loads in Rust.
//!
//! `overhead <directory> [search | bulk]` prints one JSON object: the medians `search_us` and, of searches whose hits carry
//! nothing, `bare_search_us`; the times of three loads in `bulk_s`, the shortest first. It makes its databases in the directory, which must hold none of them.

use std::hint::black_box;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::json;
use vectlite::{BulkOptions, Database, Include, OpenOptions, Record, SearchRequest, Value};
use vectlite_tests::random::Random;

/// Records that the searches look through: few, so that a search costs little beside the call.
const SEARCHED: usize = 100;
const SEARCHES: usize = 20_000;
const HITS: usize = 10;
/// Records of the bulk load.
const LOADED: usize = 100_000;
const DIMENSION: usize = 384;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let directory = arguments.next().ok_or("usage: overhead <directory> [search | bulk]")?;
    let directory = Path::new(&directory);
    let part = arguments.next();
    let wants = |name: &str| part.as_deref().is_none_or(|part| part == name);
    let mut random = Random::new(1);
    let mut figures = serde_json::Map::new();
    if wants("search") {
        let [usual, bare] = search_times(&directory.join("search.vdb"), &mut random)?;
        figures.insert("search_us".to_owned(), json!(usual.as_secs_f64() * 1e6));
        figures.insert("bare_search_us".to_owned(), json!(bare.as_secs_f64() * 1e6));
    }
    if wants("bulk") {
        let mut seconds = Vec::new();
        for run in 0..3 {
            let path = directory.join(format!("load{run}.vdb"));
            seconds.push(load_time(&path, &mut random)?.as_secs_f64());
        }
        seconds.sort_by(f64::total_cmp);
        figures.insert("bulk_s".to_owned(), json!(seconds));
    }
    writeln!(std::io::stdout(), "{}", serde_json::Value::Object(figures))?;
    Ok(())
}

fn vector(random: &mut Random) -> Vec<f32> {
    (0..DIMENSION).map(|_| random.below(2_000) as f32 / 1_000.0 - 1.0).collect()
}

/// The median times of a search of ten hits, with three entries of metadata each and with nothing.
fn search_times(path: &Path, random: &mut Random) -> Result<[Duration; 2], vectlite::Error> {
    let db = Database::open(path, OpenOptions::new().dimension(DIMENSION))?;
    db.upsert_many((0..SEARCHED).map(|number| {
        Record::new(format!("record-{number:05}")).vector(vector(random)).metadata([
            ("title", Value::from(format!("title of {number}"))),
            ("year", Value::from(2000 + number as i64 % 25)),
            ("rating", Value::from(number as f64 / 7.0)),
        ])
    }))?;
    let query = vector(random);
    let mut medians = [Duration::ZERO; 2];
    for (median, include) in medians.iter_mut().zip([Include::default(), Include::none()]) {
        let mut times = Vec::with_capacity(SEARCHES);
        for _ in 0..SEARCHES {
            let started = Instant::now();
            let request = SearchRequest::new().vector(query.as_slice()).k(HITS).include(include);
            black_box(db.search(&request)?);
            times.push(started.elapsed());
        }
        times.sort_unstable();
        *median = times[times.len() / 2];
    }
    db.close()?;
    Ok(medians)
}

/// The time of a bulk load from columns, from the call to its return.
fn load_time(path: &Path, random: &mut Random) -> Result<Duration, vectlite::Error> {
    let db = Database::open(path, OpenOptions::new().dimension(DIMENSION))?;
    let ids: Vec<String> = (0..LOADED).map(|number| format!("record-{number:06}")).collect();
    let matrix: Vec<f32> =
        (0..LOADED * DIMENSION).map(|_| random.below(2_000) as f32 / 1_000.0 - 1.0).collect();
    let started = Instant::now();
    let records =
        ids.iter().zip(matrix.chunks_exact(DIMENSION)).map(|(id, row)| Record::new(id.as_str()).vector(row));
    db.bulk_ingest(records, BulkOptions::new(), |_| {})?;
    let elapsed = started.elapsed();
    db.close()?;
    Ok(elapsed)
}
