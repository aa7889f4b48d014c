//! What the engine has to say, for `logging.getLogger("vectlite")`.
//!
//! Whoever says something holds locks of the engine, or is a thread that Python does not know: it only puts the message into a queue, and
//! never waits for the interpreter or for a handler. When a call returns to Python, its thread takes out what is there. So what a thread
//! of the engine's says in the background appears with the next call, and its time is that of the call.

use std::collections::VecDeque;
use std::panic::{self, PanicHookInfo};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, TryLockError};
use std::thread;
use std::time::Duration;

use log_facade::{Level, LevelFilter, Log, Metadata, Record};
use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// The logger, and what the targets of the engine's crates begin with.
const LOGGER: &str = "vectlite";

/// Messages that wait, at most; then the oldest goes. A database that nobody calls says a few a second at worst.
const MOST_WAITING: usize = 256;

/// Attempts to get at the queue. It is held for less than a microsecond, but in a forked child perhaps for ever, by a thread that is not
/// there: a message is worth no more waiting than that.
const ATTEMPTS: u32 = 20;
const RETRY: Duration = Duration::from_micros(50);

static QUEUE: Mutex<VecDeque<(Level, String)>> = Mutex::new(VecDeque::new());
/// Whether there may be something in it: all that a call pays for when there is not.
static WAITING: AtomicBool = AtomicBool::new(false);
/// A handler may use a database, whose calls return here too.
static TELLING: AtomicBool = AtomicBool::new(false);

struct Messages;

impl Log for Messages {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= Level::Info && metadata.target().starts_with(LOGGER)
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            put(record.level(), record.args().to_string());
        }
    }

    fn flush(&self) {}
}

/// Does something with the queue, if it can be had.
fn with_queue<T>(work: impl FnOnce(&mut VecDeque<(Level, String)>) -> T) -> Option<T> {
    for _ in 0..ATTEMPTS {
        match QUEUE.try_lock() {
            Ok(mut queue) => return Some(work(&mut queue)),
            Err(TryLockError::Poisoned(poisoned)) => return Some(work(&mut poisoned.into_inner())),
            Err(TryLockError::WouldBlock) => thread::sleep(RETRY),
        }
    }
    None
}

fn put(level: Level, message: String) {
    with_queue(|queue| {
        if queue.len() == MOST_WAITING {
            queue.pop_front();
        }
        queue.push_back((level, message));
        WAITING.store(true, Ordering::Release);
    });
}

/// Begins to listen. A panic that the engine turns into an error says nothing on stderr: this module has a standard library, and with it a
/// panic hook, of its own.
pub(crate) fn listen() {
    // A second import finds the first.
    if log_facade::set_logger(&Messages).is_ok() {
        log_facade::set_max_level(LevelFilter::Info);
        panic::set_hook(Box::new(panicked));
    }
}

fn panicked(info: &PanicHookInfo<'_>) {
    put(Level::Warn, info.to_string());
}

/// Passes on what has been said. Fails with what is no error of a handler's: Ctrl-C while one of them ran.
pub(crate) fn tell(py: Python<'_>) -> PyResult<()> {
    if !WAITING.load(Ordering::Acquire) || TELLING.swap(true, Ordering::AcqRel) {
        return Ok(());
    }
    let told = tell_all(py);
    TELLING.store(false, Ordering::Release);
    match told {
        Err(error) if error.is_instance_of::<PyException>(py) => {
            error.write_unraisable(py, None);
            Ok(())
        }
        told => told,
    }
}

fn tell_all(py: Python<'_>) -> PyResult<()> {
    let taken = with_queue(|queue| {
        WAITING.store(false, Ordering::Release);
        std::mem::take(queue)
    });
    let modules = py.import("sys")?.getattr("modules")?;
    // Whoever wants to hear has imported it.
    let Some(logging) = modules.cast::<PyDict>()?.get_item("logging")? else { return Ok(()) };
    let logger = logging.call_method1("getLogger", (LOGGER,))?;
    if !logger.call_method0("hasHandlers")?.is_truthy()? {
        // Python would write warnings to stderr.
        return Ok(());
    }
    for (level, message) in taken.into_iter().flatten() {
        let method = match level {
            Level::Error => "error",
            Level::Warn => "warning",
            _ => "info",
        };
        logger.call_method1(method, ("%s", message))?;
    }
    Ok(())
}
