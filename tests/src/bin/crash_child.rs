//! The other process of the suites `crash` and `processes`: runs until it is done or killed, and tells what it does.
//!
//! | call | does | prints |
//! |---|---|---|
//! | `crash_child load PATH SEED` | writes without end | `open`, then per step `WORKER STEP phase NAME` and `WORKER STEP ok` |
//! | `crash_child follow PATH UNTIL` | polls the database until it shows that commit | `COMMIT MICROSECONDS` for each it sees first |
//!
//! Every line is one write to the pipe, so what a kill leaves there is whole lines.

use std::error::Error;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, SystemTime};
use std::{env, thread};

use vectlite::RealFileSystem;
use vectlite::files::{FileSystem, OpenMode};
use vectlite::{Database, OpenOptions};
use vectlite_tests::load::{DIMENSION, Load, WORKERS};

type Outcome = Result<(), Box<dyn Error + Send + Sync>>;

/// Between two looks at the database: short against the latency that is measured, long against one look.
const POLL: Duration = Duration::from_micros(500);

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let done = match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["load", path, seed] => seed.parse().map_err(Into::into).and_then(|seed| load(Path::new(path), seed)),
        ["follow", path, until] => {
            until.parse().map_err(Into::into).and_then(|until| follow(Path::new(path), until))
        }
        _ => Err("usage: crash_child load PATH SEED | crash_child follow PATH UNTIL".into()),
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
