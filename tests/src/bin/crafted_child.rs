//! The other process of the suite `crafted`: opens files that were made up, asks for everything, and tells what that took.
//!
//! | call | does |
//! |---|---|
//! | `crafted_child read PATH` | opens for reading and reads |
//! | `crafted_child write PATH` | opens for writing, reads, writes, and closes |
//!
//! It prints `CODE PANIC BYTES MICROSECONDS`: `ok` or the code of the error that opening ended with, whether a panic of a dependency
//! became an error anywhere, the most memory that was in use, and the time.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use vectlite::{Database, Error, OpenOptions};
use vectlite_tests::allocation::Counting;
use vectlite_tests::fuzz::database::{is_panic, read_all, write_all};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

static PANICKED: AtomicBool = AtomicBool::new(false);

fn judge(error: &Error) {
    PANICKED.fetch_or(is_panic(error), Ordering::Relaxed);
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(call), Some(path)) = (arguments.next(), arguments.next()) else {
        return Err("usage: crafted_child read|write PATH".into());
    };
    let writes = call == "write";
    let before = ALLOCATOR.begin();
    let started = Instant::now();
    let opened = Database::open(path, OpenOptions::new().read_only(!writes));
    let code = match &opened {
        Ok(db) => {
            read_all(db, judge);
            if writes {
                write_all(db, judge);
                read_all(db, judge);
            }
            let _ = db.close().inspect_err(judge);
            "ok"
        }
        Err(error) => {
            judge(error);
            error.code()
        }
    };
    let (taken, bytes) = (started.elapsed().as_micros(), ALLOCATOR.most_since(before));
    writeln!(io::stdout(), "{code} {} {bytes} {taken}", PANICKED.load(Ordering::Relaxed))?;
    Ok(())
}
