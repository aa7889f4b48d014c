//! Several processes at one database, and many threads of one: what a reader sees and when, how soon a killed writer is
//! replaced, and what a killed reader leaves behind.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};
use std::{env, thread};

use vectlite::{Database, ErrorKind, OpenOptions, Record, SearchRequest, redb};
use vectlite_tests::gate::Gate;
use vectlite_tests::random::Random;
use vectlite_tests::versions::{Acknowledged, Author, BATCH, DIMENSION, NAMESPACES, Witness};

/// A reader shows a commit at most this long after it was acknowledged.
const SEEN_WITHIN: Duration = Duration::from_millis(50);
/// A writer that takes over from a killed one has the database open within this time.
const TAKEN_OVER_WITHIN: Duration = Duration::from_secs(1);

/// Readers beside the writers of the campaign.
const WITNESSES: usize = 8;
/// How long a writer of the campaign has its turn, and a reader lives, in milliseconds.
const TURN_MS: std::ops::Range<u64> = 60..600;
const LIFE_MS: std::ops::Range<u64> = 800..4_000;

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

/// How long a campaign runs: by an environment variable, else a few seconds.
fn length(variable: &str, seconds: u64) -> Duration {
    let given = env::var(variable).map_or(seconds, |given| given.parse().unwrap());
    println!("{variable}={given}");
    Duration::from_secs(given)
}

/// The seed of a campaign: by the environment, to repeat one, else by the clock.
fn seed(variable: &str) -> u64 {
    let seed =
        env::var(variable).map_or_else(|_| micros_now() as u64 % 1_000_000, |seed| seed.parse().unwrap());
    println!("{variable}={seed}");
    seed
}

/// A process of the campaign, what it says, and whether it is to be killed when its time comes.
struct Member {
    process: Child,
    said: thread::JoinHandle<Vec<String>>,
    complained: thread::JoinHandle<String>,
    ends: Instant,
    is_killed: bool,
}

impl Member {
    fn start(role: &str, path: &Path, random: &mut Random, life: std::ops::Range<u64>) -> Member {
        let millis = life.start + random.below(life.end - life.start);
        let is_killed = random.below(2) == 0;
        // One that is killed would go on for longer.
        let own = if is_killed { millis * 10 } else { millis };
        let mut process = Command::new(env!("CARGO_BIN_EXE_crash_child"))
            .args([role, text(path), &random.below(1 << 40).to_string(), &own.to_string()])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (stdout, mut stderr) = (process.stdout.take().unwrap(), process.stderr.take().unwrap());
        // Read meanwhile: a full pipe would hold it up.
        let said = thread::spawn(move || BufReader::new(stdout).lines().map_while(Result::ok).collect());
        let complained = thread::spawn(move || {
            let mut complaint = String::new();
            stderr.read_to_string(&mut complaint).unwrap();
            complaint
        });
        Member { process, said, complained, ends: Instant::now() + Duration::from_millis(millis), is_killed }
    }

    /// Whether its life is over, and if it is to be killed, it is.
    fn is_over(&mut self) -> bool {
        if self.is_killed && Instant::now() >= self.ends {
            self.process.kill().unwrap();
        }
        self.process.try_wait().unwrap().is_some()
    }

    /// What it said, after it has ended as it should.
    fn end(mut self) -> Vec<String> {
        let status = self.process.wait().unwrap();
        assert_eq!(self.complained.join().unwrap(), "");
        assert!(status.success() || self.is_killed, "{status}");
        self.said.join().unwrap()
    }
}

/// The last number that was said with a word.
fn last(said: &[String], word: &str) -> Option<u64> {
    said.iter().rev().find_map(|line| line.strip_prefix(word)?.trim().parse().ok())
}

#[test]
fn eight_processes_read_while_writers_take_turns() {
    let time = length("VECTLITE_PROCESS_SECONDS", 4);
    let mut random = Random::new(seed("VECTLITE_PROCESS_SEED"));
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.vdb");
    Database::open(&path, OpenOptions::new().dimension(DIMENSION)).unwrap().close().unwrap();
    let acknowledged = Acknowledged::create(&path).unwrap();

    let started = Instant::now();
    let mut witnesses: Vec<Member> =
        (0..WITNESSES).map(|_| Member::start("witness", &path, &mut random, LIFE_MS)).collect();
    let mut author = Member::start("author", &path, &mut random, TURN_MS);
    let (mut reads, mut commits, mut slowest) = (0, 0, 0);
    // Of writers and of readers: how many there were, how many were killed.
    let (mut writers, mut readers) = ([0; 2], [0; 2]);
    while started.elapsed() < time {
        for witness in &mut witnesses {
            if witness.is_over() {
                let next = Member::start("witness", &path, &mut random, LIFE_MS);
                let before = std::mem::replace(witness, next);
                readers = [readers[0] + 1, readers[1] + u64::from(before.is_killed)];
                reads += last(&before.end(), "reads").unwrap_or(0);
            }
        }
        if author.is_over() {
            let next = Member::start("author", &path, &mut random, TURN_MS);
            let before = std::mem::replace(&mut author, next);
            writers = [writers[0] + 1, writers[1] + u64::from(before.is_killed)];
            let said = before.end();
            commits += last(&said, "commits").unwrap_or(0);
            // Who was killed before it had the database open says nothing of how long that takes.
            slowest = slowest.max(last(&said, "open").unwrap_or(0));
        }
        thread::sleep(Duration::from_millis(5));
    }
    for mut member in witnesses.into_iter().chain([author]) {
        // Whoever is left ends in time, or is killed when its time comes.
        while !member.is_over() {
            thread::sleep(Duration::from_millis(5));
        }
        let said = member.end();
        reads += last(&said, "reads").unwrap_or(0);
        commits += last(&said, "commits").unwrap_or(0);
    }
    println!(
        "{reads} reads, {commits} commits; {} turns of writers, {} killed, the slowest open after {} ms; \
         {} lives of readers, {} killed",
        writers[0],
        writers[1],
        slowest / 1_000,
        readers[0],
        readers[1]
    );
    assert!(Duration::from_micros(slowest) < TAKEN_OVER_WITHIN);
    assert!(reads > 0 && commits > 0);

    // What is left is whole, to a writer and to a reader.
    let told = acknowledged.read().unwrap();
    let db = Database::open(&path, OpenOptions::new()).unwrap();
    let reader = Database::open(&path, OpenOptions::new().read_only(true)).unwrap();
    for db in [&db, &reader] {
        let mut witness = Witness::new(db, &acknowledged, 1);
        (0..40).for_each(|_| witness.step().unwrap());
        assert!(db.commit_id().unwrap() >= told.commit);
    }
    let batches = told.versions.iter().filter(|version| **version > 0).count() * BATCH;
    assert!((batches..=NAMESPACES * BATCH).contains(&(db.count(None, None).unwrap() as usize)));
}

/// The pages that a read view keeps are kept for as long as its process lives, and no longer.
#[test]
fn a_killed_reader_leaves_nothing_behind() {
    const ROUNDS: usize = 12;
    const RECORDS: usize = 300;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.vdb");
    let db = Database::open(&path, OpenOptions::new().dimension(3)).unwrap();
    // Nothing but metadata changes, which is replaced in place: without a view the file has a size that suffices.
    let grown = |db: &Database| {
        let before = db.stats().unwrap().vdb_bytes;
        for round in 0..ROUNDS {
            let mut transaction = db.transaction().unwrap();
            for number in 0..RECORDS {
                let metadata = [("note".to_owned(), format!("{round} {}", "x".repeat(500)).into())];
                transaction.update_metadata(&format!("r{number}"), metadata.into(), None).unwrap();
            }
            transaction.commit().unwrap();
            db.flush().unwrap();
        }
        db.stats().unwrap().vdb_bytes - before
    };
    db.upsert_many((0..RECORDS).map(|number| Record::new(format!("r{number}")))).unwrap();
    grown(&db);
    let alone = grown(&db);
    let (mut reader, mut lines) = Process::start(&["hold", text(&path)]);
    assert_eq!(lines.next().unwrap(), "held");
    let beside = grown(&db);
    reader.0.kill().unwrap();
    reader.0.wait().unwrap();
    // What it kept is free, and used again.
    let after = grown(&db);
    println!(
        "grown by {alone} bytes alone, by {beside} beside a read view, by {after} after its reader was killed"
    );
    assert!(beside > alone && after <= alone, "{alone} {beside} {after}");
    db.close().unwrap();
    // Nobody is taken for a holder of the files.
    let store = vectlite::Store::open(directory.path()).unwrap();
    assert!(store.drop_collection("a").unwrap());
}

/// Whoever has redb's lock and not the log's has not yet said what it is, and may be a reader that repairs the files: over in a
/// moment.
#[test]
fn a_writer_waits_for_who_has_not_said_that_it_writes() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.vdb");
    Database::open(&path, OpenOptions::new().dimension(3)).unwrap().close().unwrap();
    let mut builder = redb::Builder::new();
    builder.set_concurrency_mode(redb::ConcurrencyMode::SingleWriter);
    let holder = builder.open(&path).unwrap();
    thread::scope(|scope| {
        scope.spawn(move || {
            thread::sleep(Duration::from_millis(200));
            drop(holder);
        });
        Database::open(&path, OpenOptions::new()).unwrap();
    });
    let db = Database::open(&path, OpenOptions::new()).unwrap();
    let started = Instant::now();
    assert_eq!(Database::open(&path, OpenOptions::new()).unwrap_err().kind(), ErrorKind::LockContention);
    assert!(started.elapsed() < Duration::from_millis(500), "and fails at once beside who has");
    db.close().unwrap();
}

/// A reader that has `.vdb` open, and not the log yet, while the writer moves commits from the one to the other and goes: to it
/// they are nowhere, which is not damage.
#[test]
fn a_reader_opens_while_the_writer_closes() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.vdb");
    let db = Arc::new(Database::open(&path, OpenOptions::new().dimension(3)).unwrap());
    (0..20).for_each(|number| db.upsert(Record::new(format!("r{number}"))).unwrap());
    let writer = Mutex::new(Some(Arc::clone(&db)));
    let gate = Gate::new(move |path: &Path, _| {
        if path.extension().is_some_and(|extension| extension == "wal")
            && let Some(writer) = writer.lock().unwrap().take()
        {
            writer.close().unwrap();
        }
        Ok(())
    });
    let reader = Database::open(&path, OpenOptions::new().read_only(true).files(Arc::new(gate))).unwrap();
    assert_eq!(reader.commit_id().unwrap(), 20);
    assert_eq!(db.check_open().unwrap_err().kind(), ErrorKind::Closed);
}

/// A reader that has the old `.vdb` open, and not the log yet, while the writer replaces it by one with other slots, and goes on: what
/// the log says then is about the new one.
#[test]
fn a_reader_opens_while_the_writer_compacts() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.vdb");
    let db = Arc::new(Database::open(&path, OpenOptions::new().dimension(3)).unwrap());
    let record =
        |number: usize| Record::new(format!("r{number}")).vector([number as f32, 1.0, 2.0]).text("word");
    db.upsert_many((0..20).map(record)).unwrap();
    db.delete_many((0..10).map(|number| format!("r{number}")), None).unwrap();
    db.flush().unwrap();
    let writer = Mutex::new(Some(Arc::clone(&db)));
    let gate = Gate::new(move |path: &Path, _| {
        if path.extension().is_some_and(|extension| extension == "wal")
            && let Some(writer) = writer.lock().unwrap().take()
        {
            assert!(writer.compact().unwrap().shrunk);
            writer.upsert_many((12..17).map(record)).unwrap();
        }
        Ok(())
    });
    let reader = Database::open(&path, OpenOptions::new().read_only(true).files(Arc::new(gate))).unwrap();
    for _ in 0..2 {
        assert_eq!(reader.list(None, None, 0, 0).unwrap(), db.list(None, None, 0, 0).unwrap());
        let request = SearchRequest::new().text("word").k(100);
        assert_eq!(reader.search(&request).unwrap().hits, db.search(&request).unwrap().hits);
        assert_eq!(reader.commit_id().unwrap(), db.commit_id().unwrap());
        db.upsert_many((15..22).map(record)).unwrap();
        db.flush().unwrap();
    }
}

#[test]
fn thirty_two_threads_read_while_one_writes() {
    const THREADS: u64 = 32;
    let time = length("VECTLITE_THREAD_SECONDS", 2);
    let seed = seed("VECTLITE_THREAD_SEED");
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.vdb");
    let db = Database::open(&path, OpenOptions::new().dimension(DIMENSION)).unwrap();
    let acknowledged = Acknowledged::create(&path).unwrap();
    let is_over = AtomicBool::new(false);
    let (reads, commits) = thread::scope(|scope| {
        let readers: Vec<_> = (1..=THREADS)
            .map(|thread| {
                let mut witness = Witness::new(&db, &acknowledged, seed + thread);
                let is_over = &is_over;
                scope.spawn(move || {
                    while !is_over.load(Ordering::Relaxed) {
                        witness.step().unwrap();
                    }
                    witness.reads
                })
            })
            .collect();
        let mut author = Author::new(&db, &acknowledged, seed).unwrap();
        let started = Instant::now();
        while started.elapsed() < time && !readers.iter().any(|reader| reader.is_finished()) {
            author.step().unwrap();
        }
        is_over.store(true, Ordering::Relaxed);
        let reads: u64 = readers.into_iter().map(|reader| reader.join().unwrap()).sum();
        (reads, author.commits)
    });
    println!("{reads} reads by {THREADS} threads beside {commits} commits");
    assert!(reads > 0 && commits > 0);
}

#[test]
fn a_second_writer_is_told_who_the_first_is() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.vdb");
    Database::open(&path, OpenOptions::new().dimension(DIMENSION)).unwrap().close().unwrap();
    Acknowledged::create(&path).unwrap();
    let (author, mut lines) = Process::start(&["author", text(&path), "1", "60000"]);
    assert!(lines.next().unwrap().starts_with("open "));
    let error = Database::open(&path, OpenOptions::new()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LockContention);
    let holder = format!("held by writer pid={} since", author.0.id());
    assert!(error.to_string().contains(&holder), "{error}");
}

#[test]
fn a_wait_ends_with_the_commit_with_its_time_or_with_the_handle() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.vdb");
    let db = Database::open(&path, OpenOptions::new().dimension(DIMENSION)).unwrap();
    let reader = Database::open(&path, OpenOptions::new().read_only(true)).unwrap();
    let forever = Duration::MAX;
    thread::scope(|scope| {
        let waits: Vec<_> =
            [&db, &reader].map(|handle| scope.spawn(move || handle.wait_for(2, forever).unwrap())).into();
        for id in ["a", "b"] {
            thread::sleep(Duration::from_millis(20));
            assert!(waits.iter().all(|wait| !wait.is_finished()));
            db.upsert(Record::new(id)).unwrap();
        }
        assert!(waits.into_iter().all(|wait| wait.join().unwrap()));
    });
    for handle in [&db, &reader] {
        let started = Instant::now();
        assert!(!handle.wait_for(3, Duration::from_millis(30)).unwrap());
        assert!(started.elapsed() >= Duration::from_millis(30));
        assert_eq!(handle.refresh().unwrap(), 2);
        thread::scope(|scope| {
            let wait = scope.spawn(|| handle.wait_for(3, forever).unwrap_err().kind());
            thread::sleep(Duration::from_millis(20));
            handle.close().unwrap();
            assert_eq!(wait.join().unwrap(), ErrorKind::Closed);
        });
    }
}
