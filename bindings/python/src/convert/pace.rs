//! Long conversions give the interpreter up regularly.
//!
//! Converting needs the interpreter, and native code is not interrupted as Python's own is: converting 100,000
//! records in one go would stop every other thread for half a second. So whoever converts many things calls
//! [`Pace::step`] for each, and every few milliseconds that lets the other threads run. Python's switch interval is
//! 5 ms: a waiting thread asks for its turn after that long and then gets it for sure, so that no thread waits for
//! much more than two of our slices.

use std::time::{Duration, Instant};

use pyo3::prelude::*;

/// How long a conversion keeps the interpreter.
const SLICE: Duration = Duration::from_millis(4);

/// Steps between two looks at the clock. A step takes about 0.1 µs (a number) to 10 µs (a record).
const STEPS: u32 = 64;

/// The pace of one conversion.
#[derive(Debug)]
pub(crate) struct Pace {
    since: Instant,
    steps: u32,
}

impl Pace {
    pub(crate) fn new() -> Pace {
        Pace { since: Instant::now(), steps: 0 }
    }

    /// One more thing was converted. Fails when a signal handler raised, as Ctrl-C does.
    pub(crate) fn step(&mut self, py: Python<'_>) -> PyResult<()> {
        self.steps += 1;
        if self.steps < STEPS {
            return Ok(());
        }
        self.steps = 0;
        if self.is_used_up() { self.give_way(py) } else { Ok(()) }
    }

    /// Whether it is time to let others run.
    pub(crate) fn is_used_up(&self) -> bool {
        self.since.elapsed() >= SLICE
    }

    /// Others run now; then a new slice begins.
    fn give_way(&mut self, py: Python<'_>) -> PyResult<()> {
        py.detach(|| {});
        py.check_signals()?;
        self.since = Instant::now();
        Ok(())
    }

    /// The interpreter was given up elsewhere: a new slice begins.
    pub(crate) fn restart(&mut self) {
        self.since = Instant::now();
        self.steps = 0;
    }
}
