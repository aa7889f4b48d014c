//! The other process of the suites `crash` and `processes`: runs until it is done or killed, and tells what it does.
//!
//! | call | does | prints |
//! |---|---|---|
//! | `crash_child load PATH SEED` | writes without end | `open`, then per step `WORKER STEP phase NAME` and `WORKER STEP ok` |
//! | `crash_child follow PATH UNTIL` | polls the database until it shows that commit | `COMMIT MICROSECONDS` for each it sees first |
//! | `crash_child author PATH SEED MILLISECONDS` | writes versions for that long, then closes | `open MICROSECONDS`, then `commits COUNT` now and then |
//! | `crash_child witness PATH SEED MILLISECONDS` | reads them for that long; an error is an answer that must not be | `open`, then `reads COUNT` now and then |
//! | `crash_child hold PATH` | holds a read view until it is killed | `held` |
//!
//! Every line is one write to the pipe, so what a kill leaves there is whole lines.

use std::error::Error;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime};
use std::{env, thread};

use vectlite::RealFileSystem;
use vectlite::files::{FileSystem, OpenMode};
use vectlite::{Database, OpenOptions};
use vectlite_tests::load::{DIMENSION, Load, WORKERS};
use vectlite_tests::random::Random;
use vectlite_tests::versions::{self, Acknowledged, Author, Witness};

type Outcome = Result<(), Box<dyn Error + Send + Sync>>;

/// Between two looks at the database: short against the latency that is measured, long against one look.
const POLL: Duration = Duration::from_micros(500);
/// More than a handle keeps a view that nobody reads.
const IDLE: Duration = Duration::from_millis(1_600);

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let done = match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["load", path, seed] => seed.parse().map_err(Into::into).and_then(|seed| load(Path::new(path), seed)),
        ["follow", path, until] => {
            until.parse().map_err(Into::into).and_then(|until| follow(Path::new(path), until))
        }
        ["author", path, seed, millis] => {
            numbers(seed, millis).and_then(|(seed, time)| author(Path::new(path), seed, time))
        }
        ["witness", path, seed, millis] => {
            numbers(seed, millis).and_then(|(seed, time)| witness(Path::new(path), seed, time))
        }
        ["hold", path] => hold(Path::new(path)),
        _ => {
            Err("usage: crash_child load | follow | author | witness | hold, with the arguments of each"
                .into())
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn tell(line: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(format!("{line}\n").as_bytes())?;
    out.flush()
}

fn load(path: &Path, seed: u64) -> Outcome {
    let db = Database::open(path, OpenOptions::new().dimension(DIMENSION))?;
    tell("open")?;
    thread::scope(|scope| {
        for worker in 0..WORKERS {
            let db = &db;
            scope.spawn(move || {
                // Told at once: the other worker goes on until the kill.
                if let Err(error) = work(db, seed, worker) {
                    eprintln!("error of worker {worker}: {error}");
                }
            });
        }
    });
    Err("a load has no end, and this one had".into())
}

fn work(db: &Database, seed: u64, worker: usize) -> Outcome {
    for (number, step) in Load::new(seed, worker).enumerate() {
        tell(&format!("{worker} {number} phase {}", step.name()))?;
        step.run(db)?;
        tell(&format!("{worker} {number} ok"))?;
    }
    Ok(())
}

fn numbers(seed: &str, millis: &str) -> Result<(u64, Duration), Box<dyn Error + Send + Sync>> {
    Ok((seed.parse()?, Duration::from_millis(millis.parse()?)))
}

fn author(path: &Path, seed: u64, time: Duration) -> Outcome {
    let acknowledged = Acknowledged::open(path)?;
    let started = Instant::now();
    let db = Database::open(path, OpenOptions::new().dimension(versions::DIMENSION))?;
    tell(&format!("open {}", started.elapsed().as_micros()))?;
    let mut author = Author::new(&db, &acknowledged, seed)?;
    while started.elapsed() < time {
        author.step()?;
        tell(&format!("commits {}", author.commits))?;
        // The readers shall have some of the processors.
        thread::sleep(POLL);
    }
    db.close()?;
    tell(&format!("commits {}", author.commits))?;
    Ok(())
}

fn witness(path: &Path, seed: u64, time: Duration) -> Outcome {
    let acknowledged = Acknowledged::open(path)?;
    let started = Instant::now();
    let db = Database::open(path, OpenOptions::new().read_only(true))?;
    tell("open")?;
    let mut random = Random::new(seed);
    let mut witness = Witness::new(&db, &acknowledged, seed);
    while started.elapsed() < time {
        witness.step()?;
        match random.below(400) {
            // Long enough for the handle to let go of its view.
            0 => thread::sleep(IDLE),
            1..40 => tell(&format!("reads {}", witness.reads))?,
            _ => thread::sleep(POLL),
        }
    }
    tell(&format!("reads {}", witness.reads))?;
    Ok(())
}

fn hold(path: &Path) -> Outcome {
    let db = Database::open(path, OpenOptions::new().read_only(true))?;
    let view = db.read_view()?;
    view.count(None, None)?;
    tell("held")?;
    loop {
        thread::sleep(IDLE);
    }
}

fn follow(path: &Path, until: u64) -> Outcome {
    let db = Database::open(path, OpenOptions::new().read_only(true))?;
    let mut last = None;
    while last.is_none_or(|last| last < until) {
        let commit = db.commit_id()?;
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
        // Read after the commit was seen, as it never goes back.
        let durable = durable(&path.with_extension("vdb.lock"))?;
        if commit > durable {
            return Err(format!("commit {commit} is shown, and only {durable} is durable").into());
        }
        if last.is_some_and(|last| commit < last) {
            return Err(format!("commit {commit} is shown after {last:?}").into());
        }
        if last != Some(commit) {
            tell(&format!("{commit} {}", now.as_micros()))?;
            last = Some(commit);
        }
        thread::sleep(POLL);
    }
    Ok(())
}

/// The number up to which the writer says that commits are durable: in the lock file's block at byte 4096, behind the
/// tag, the uuid and the visible one.
fn durable(lock: &Path) -> Result<u64, Box<dyn Error + Send + Sync>> {
    const OFFSET: u64 = 4096 + 4 + 16 + 8;
    let read = || {
        let mut bytes = [0; 8];
        RealFileSystem.open(lock, OpenMode::Read)?.read_at(OFFSET, &mut bytes)?;
        Ok::<_, io::Error>(u64::from_le_bytes(bytes))
    };
    // Two equal looks: one alone may fall into the middle of a write.
    let mut before = read()?;
    loop {
        let now = read()?;
        if now == before {
            return Ok(now);
        }
        before = now;
    }
}
