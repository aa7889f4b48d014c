//! The graph inside a database: when it answers, what it never changes, and what happens to its image.
//!
//! | question | file |
//! |---|---|
//! | is every answer the exact one but for candidates, whatever was written | [`answers`] |
//! | what if `NAME.vdb.ann` is missing, damaged, foreign, old | [`image`] |
//! | how is it kept in shape: configuration, tombstones, compaction | [`upkeep`] |

mod answers;
mod image;
mod upkeep;

use std::path::Path;
use std::time::{Duration, Instant};

use vectlite::{BulkOptions, Database, GraphStats, OpenOptions, Record, SearchRequest, SearchResponse};
use vectlite_tests::random::Random;

const DIMENSION: usize = 16;

/// Vectors around a few dozen centres, as embeddings are.
struct Vectors {
    centres: Vec<Vec<f32>>,
    random: Random,
}

impl Vectors {
    fn new(seed: u64) -> Vectors {
        let mut vectors = Vectors { centres: Vec::new(), random: Random::new(seed) };
        vectors.centres =
            (0..24).map(|_| (0..DIMENSION).map(|_| vectors.random_number()).collect()).collect();
        vectors
    }

    /// -1 to 1.
    fn random_number(&mut self) -> f32 {
        self.random.below(1 << 20) as f32 / (1 << 19) as f32 - 1.0
    }

    /// One that is near no centre.
    fn scattered(&mut self) -> Vec<f32> {
        (0..DIMENSION).map(|_| self.random_number()).collect()
    }

    fn next(&mut self) -> Vec<f32> {
        let centre = self.centres[self.random.below(24) as usize].clone();
        centre.iter().map(|number| number + 0.4 * self.random_number()).collect()
    }
}

fn options() -> OpenOptions {
    OpenOptions::new().dimension(DIMENSION)
}

fn open(directory: &Path) -> Database {
    Database::open(directory.join("graph.vdb"), options()).unwrap()
}

fn record(number: usize, vectors: &mut Vectors) -> Record {
    Record::new(format!("r{number:05}")).vector(vectors.next()).metadata([("n", (number as i64).into())])
}

/// A database of `count` records whose graph is complete and saved.
fn loaded(directory: &Path, count: usize, vectors: &mut Vectors) -> Database {
    let db = open(directory);
    db.bulk_ingest((0..count).map(|number| record(number, vectors)), BulkOptions::new(), |_| {}).unwrap();
    db
}

fn graph(db: &Database) -> GraphStats {
    db.stats().unwrap().graphs.first().cloned().expect("no graph")
}

/// Waits for what happens in the background.
fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(started.elapsed() < Duration::from_secs(60), "{what} did not happen");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn settle(db: &Database) {
    wait_until("the end of the tail", || {
        db.stats().unwrap().graphs.first().is_some_and(|graph| graph.tail == 0)
    });
}

fn search(db: &Database, query: &[f32], k: usize, exact: bool) -> SearchResponse {
    db.search(&SearchRequest::new().vector(query).k(k).exact(exact)).unwrap()
}

fn scores(response: &SearchResponse) -> Vec<(String, f64)> {
    response.hits.iter().map(|hit| (hit.id.clone(), hit.score)).collect()
}

/// The share of the exact top 10 that the graph finds over 50 queries. Each hit has the score that the exact search gives it.
fn recall(db: &Database, vectors: &mut Vectors) -> f64 {
    let mut found = 0;
    for _ in 0..50 {
        let query = vectors.next();
        let truth = scores(&search(db, &query, 10, true));
        let answer = search(db, &query, 10, false);
        assert_eq!(answer.hits.len(), truth.len());
        for hit in scores(&answer) {
            if truth.contains(&hit) {
                found += 1;
            } else {
                assert!(
                    hit.1 <= truth[truth.len() - 1].1,
                    "{hit:?} is better than the exact answer {truth:?}"
                );
            }
        }
    }
    f64::from(found) / 500.0
}
