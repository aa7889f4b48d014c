//! What a durable append costs beside the bare system calls. Run by hand:
//! `cargo test --release -p vectlite-core --lib wal::tests::speed -- --ignored --nocapture`

use std::time::{Duration, Instant};

use super::*;
use crate::files::{FileSystem, OpenMode};

const COMMITS: u64 = 4000;
const LEN: usize = 2048;

fn report(name: &str, mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    let total: Duration = times.iter().sum();
    let at = |share: f64| times[(times.len() as f64 * share) as usize];
    println!("{name}: mean {:?} p50 {:?} p99 {:?}", total / times.len() as u32, at(0.5), at(0.99));
    total
}

fn bare(directory: &std::path::Path) -> Duration {
    let file = RealFileSystem.open(&directory.join("bare"), OpenMode::Create).unwrap();
    file.write_at(0, &vec![0; 16 << 20]).unwrap();
    file.sync_data().unwrap();
    let record = vec![1; LEN];
    let times = (0..COMMITS).map(|commit| {
        let started = Instant::now();
        file.write_at(commit * LEN as u64, &record).unwrap();
        file.sync_data().unwrap();
        started.elapsed()
    });
    report("bare    ", times.collect())
}

fn durable(log: &Log) -> Duration {
    let record = vec![1; LEN];
    let first = log.last_commit().unwrap() + 1;
    let times = (first..first + COMMITS).map(|commit| {
        let started = Instant::now();
        append(log, commit, &record);
        log.sync().unwrap();
        log.publish(commit, commit).unwrap();
        started.elapsed()
    });
    report("log     ", times.collect())
}

#[test]
#[ignore = "a measurement; needs a quiet machine and --release"]
fn a_durable_append_costs_little_more_than_its_system_calls() {
    let directory = tempfile::tempdir_in(".").unwrap();
    let path = directory.path().join("speed.vdb.wal");
    Log::create(&RealFileSystem, &path, UUID, 0).unwrap();
    let log = Log::open(&RealFileSystem, &path, UUID, 0, &mut |_, _| Ok(())).unwrap();
    for round in 0..5 {
        let (bare, log_time) = (bare(directory.path()), durable(&log));
        println!("round {round}: {:.2} of the bare loop", bare.as_secs_f64() / log_time.as_secs_f64());
        let started = Instant::now();
        log.reset(log.last_commit().unwrap()).unwrap();
        println!("reset {:?}", started.elapsed());
    }
    let record = vec![1; LEN];
    let started = Instant::now();
    for commit in 1..=COMMITS {
        append(&log, 5 * COMMITS + commit, &record);
    }
    println!("append alone {:?}", started.elapsed() / COMMITS as u32);
}
