//! Several processes at one database: what a reader sees and when, and how soon a killed writer is replaced.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use vectlite::{Database, OpenOptions, Record};

/// A reader shows a commit at most this long after it was acknowledged.
const SEEN_WITHIN: Duration = Duration::from_millis(50);
/// A writer that takes over from a killed one has the database open within this time.
const TAKEN_OVER_WITHIN: Duration = Duration::from_secs(1);

/// A child process that ends with its handle, also when an assertion fails.
struct Process(Child);

impl Process {
    fn start(words: &[&str]) -> (Process, impl Iterator<Item = String> + use<>) {
        let mut child = Command::new(env!("CARGO_BIN_EXE_crash_child"))
            .args(words)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        (Process(child), lines)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn micros_now() -> i128 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_micros() as i128
}

#[test]
fn a_reader_in_another_process_sees_each_commit_soon_and_none_too_early() {
    const COMMITS: usize = 200;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.vdb");
    let db = Database::open(&path, OpenOptions::new().dimension(3)).unwrap();
    let (mut reader, mut lines) = Process::start(&["follow", text(&path), &COMMITS.to_string()]);
    assert!(lines.next().unwrap().starts_with("0 "), "the reader is open before the first commit");
    // When each commit was asked for, and when it was acknowledged.
    let mut commits = Vec::new();
    for number in 0..COMMITS {
        let asked = micros_now();
        db.upsert(Record::new(format!("r{number}")).vector([1.0, 2.0, 3.0]).text("word")).unwrap();
        commits.push((asked, micros_now()));
        // At times a checkpoint comes in between.
        if number % 50 == 49 {
            db.flush().unwrap();
        }
        thread::sleep(Duration::from_millis(2));
    }
    let mut latencies = Vec::new();
    let mut seen = 0;
    for line in lines {
        let (commit, at) = line.split_once(' ').unwrap();
        let (commit, at): (usize, i128) = (commit.parse().unwrap(), at.parse().unwrap());
        assert!(commit > seen, "commits are seen in order");
        assert!(at >= commits[commit - 1].0, "commit {commit} is seen before it was written");
        // Whoever sees a commit sees those before it.
        latencies.extend(commits[seen..commit].iter().map(|(_, acknowledged)| (at - acknowledged).max(0)));
        seen = commit;
    }
    assert!(reader.0.wait().unwrap().success(), "what is shown is durable, and never goes back");
    assert_eq!(seen, COMMITS);
    latencies.sort_unstable();
    let (median, max) = (latencies[COMMITS / 2], latencies[COMMITS - 1]);
    println!("a commit is seen by another process after: median {median} µs, max {max} µs");
    assert!(median <= SEEN_WITHIN.as_micros() as i128);
}

#[test]
fn a_killed_writer_is_replaced_within_a_second_while_readers_read() {
    const ROUNDS: u64 = 5;
    const STEPS: usize = 60;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.vdb");
    let mut opens = Vec::new();
    for round in 0..ROUNDS {
        let (mut writer, mut steps) = Process::start(&["load", text(&path), &round.to_string()]);
        assert_eq!(steps.next().unwrap(), "open");
        let reader = Database::open(&path, OpenOptions::new().read_only(true)).unwrap();
        let (mut follower, mut seen) = Process::start(&["follow", text(&path), &u64::MAX.to_string()]);
        seen.next().unwrap();
        assert_eq!(steps.by_ref().filter(|line| line.ends_with("ok")).take(STEPS).count(), STEPS);
        let before = reader.commit_id().unwrap();
        writer.0.kill().unwrap();
        writer.0.wait().unwrap();
        // The readers hold on to what they saw.
        assert!(reader.commit_id().unwrap() >= before);

        let started = Instant::now();
        let next = Database::open(&path, OpenOptions::new()).unwrap();
        let took = started.elapsed();
        assert!(took < TAKEN_OVER_WITHIN, "round {round}: {took:?}");
        opens.push(took.as_millis());

        next.upsert(Record::new(format!("round-{round}")).text("word")).unwrap();
        let commit = next.commit_id().unwrap();
        assert!(commit > before);
        assert_eq!(reader.commit_id().unwrap(), commit);
        assert_eq!(reader.list(None, None, 0, 0).unwrap(), next.list(None, None, 0, 0).unwrap());
        let shown = seen.map(|line| line.split(' ').next().unwrap().parse::<u64>().unwrap());
        assert!(
            { shown }.any(|shown| shown == commit),
            "the reader in another process follows the new writer"
        );
        assert!(follower.0.try_wait().unwrap().is_none(), "and goes on");
        next.close().unwrap();
    }
    println!("the next writer had the database open after {opens:?} ms");
}
