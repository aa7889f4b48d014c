//! Long conversions give the interpreter up regularly.
//!
//! Converting needs the interpreter, and native code is not interrupted as Python's own is: converting 100,000
//! records in one go would stop every other thread for half a second. So whoever converts many things calls
//! [`Pace::step`] for each, and every few milliseconds that lets the other threads run.
//!
//! Letting go is not enough: who lets go and asks again at once gets the interpreter back before anybody has woken up. A
//! thread that has waited for Python's switch interval, 5 ms, asks for its turn and then gets it for sure when we let go.
//! So a slice is longer than that, and between two slices we sleep for a moment, in which most threads need not ask.
//!
//! Making many objects has a second way to stop everybody: an allocation may start a full garbage collection, which walks
//! through every list and dict of the process (150 ms in the midst of 100,000 records). What we make is no garbage, so
//! while a long result is made the collector looks at each new object once, a slice at a time, and otherwise rests. It
//! rests within our slices only, in which no other thread runs, so that nobody can notice.

use std::thread;
use std::time::{Duration, Instant};

use pyo3::prelude::*;

use super::vectors::VectorsAs;
use crate::names::intern;

/// How long a conversion keeps the interpreter: more than the switch interval, so that nobody waits for more than two.
const SLICE: Duration = Duration::from_micros(5_500);

/// How long others have to take it: more than a thread needs to wake up.
const PAUSE: Duration = Duration::from_micros(50);

/// Steps between two looks at the clock. A step takes about 0.02 µs (a number) to 10 µs (a record).
const STEPS: usize = 64;

/// Bytes of text, and numbers of a vector, whose conversion takes as long as a step.
const BYTES_A_STEP: usize = 1 << 12;
const NUMBERS_A_STEP: usize = 1 << 4;

/// The generation of objects that have survived one collection; collecting it leaves the old ones alone.
const YOUNG: u8 = 1;

/// The pace of one conversion.
#[derive(Debug)]
pub(crate) struct Pace {
    since: Instant,
    steps: usize,
}

impl Pace {
    pub(crate) fn new() -> Pace {
        Pace { since: Instant::now(), steps: 0 }
    }

    /// One more thing was converted. Fails when a signal handler raised, as Ctrl-C does.
    pub(crate) fn step(&mut self, py: Python<'_>) -> PyResult<()> {
        self.count(1);
        if self.is_used_up() { self.give_way(py) } else { Ok(()) }
    }

    /// So many things more were converted.
    pub(crate) fn count(&mut self, steps: usize) {
        self.steps = self.steps.saturating_add(steps);
    }

    /// Whether it is time to let others run.
    pub(crate) fn is_used_up(&mut self) -> bool {
        if self.steps < STEPS {
            return false;
        }
        self.steps = 0;
        self.since.elapsed() >= SLICE
    }

    /// Others run now; then a new slice begins.
    fn give_way(&mut self, py: Python<'_>) -> PyResult<()> {
        py.check_signals()?;
        py.detach(|| thread::sleep(PAUSE));
        self.restart();
        Ok(())
    }

    /// The interpreter was given up elsewhere: a new slice begins.
    pub(crate) fn restart(&mut self) {
        *self = Pace::new();
    }
}

/// The pace at which a result is made: objects that nobody else has seen yet.
pub(crate) struct Making<'py> {
    py: Python<'py>,
    pub(crate) vectors_as: VectorsAs,
    pace: Pace,
    /// The module `gc`, once the result is long enough to let the collector rest.
    gc: Option<Bound<'py, PyModule>>,
    is_resting: bool,
}

impl<'py> Making<'py> {
    pub(crate) fn new(py: Python<'py>) -> Making<'py> {
        Making { py, vectors_as: VectorsAs::default(), pace: Pace::new(), gc: None, is_resting: false }
    }

    /// With vectors as these.
    pub(crate) fn vectors_as(mut self, vectors_as: VectorsAs) -> Making<'py> {
        self.vectors_as = vectors_as;
        self
    }

    pub(crate) fn py(&self) -> Python<'py> {
        self.py
    }

    /// One more object was made.
    pub(crate) fn step(&mut self) -> PyResult<()> {
        self.pace.count(1);
        if self.pace.steps < STEPS {
            return Ok(());
        }
        if self.gc.is_none() {
            self.gc = Some(self.py.import(intern!(self.py, "gc"))?);
            self.rest()?;
        }
        if self.pace.is_used_up() {
            // Signals first: from Python 3.12 on, looking at them may start a collection.
            self.py.check_signals()?;
            self.collect()?;
            self.wake()?;
            self.py.detach(|| thread::sleep(PAUSE));
            self.pace.restart();
            self.rest()?;
        }
        Ok(())
    }

    /// So much text was made.
    pub(crate) fn text(&mut self, bytes: usize) {
        self.pace.count(bytes / BYTES_A_STEP);
    }

    /// So many numbers were made.
    pub(crate) fn numbers(&mut self, numbers: usize) {
        self.pace.count(numbers / NUMBERS_A_STEP);
    }

    /// Somebody else's code runs next.
    pub(crate) fn pause(&mut self) -> PyResult<()> {
        self.wake()?;
        self.gc = None;
        Ok(())
    }

    fn rest(&mut self) -> PyResult<()> {
        // Nothing here allocates what the collector watches; that would start it.
        if let Some(gc) = &self.gc {
            // Whoever has switched it off has done so for longer than us.
            self.is_resting = gc.call_method0(intern!(self.py, "isenabled"))?.is_truthy()?;
            if self.is_resting {
                gc.call_method0(intern!(self.py, "disable"))?;
            }
        }
        Ok(())
    }

    /// Moves what was made to the old objects: it is no longer a reason to start a collection.
    fn collect(&self) -> PyResult<()> {
        match &self.gc {
            Some(gc) if self.is_resting => gc.call_method1(intern!(self.py, "collect"), (YOUNG,)).map(drop),
            _ => Ok(()),
        }
    }

    fn wake(&mut self) -> PyResult<()> {
        match &self.gc {
            Some(gc) if std::mem::take(&mut self.is_resting) => {
                gc.call_method0(intern!(self.py, "enable")).map(drop)
            }
            _ => Ok(()),
        }
    }
}

impl Drop for Making<'_> {
    fn drop(&mut self) {
        // Neither fails; they only tidy up.
        let _ = self.collect();
        let _ = self.wake();
    }
}

/// Frees something large without the interpreter.
pub(crate) fn free<T: Send>(py: Python<'_>, large: T) {
    py.detach(|| drop(large));
}
