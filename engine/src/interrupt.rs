//! Whether the caller still wants a call that waits. A language whose signals wait for the end of a call, as Python's do, is asked
//! between two waits: in the thread of the call and with no lock held, so that what it runs then may use the database, or close it.

use std::cell::Cell;
use std::time::{Duration, Instant};

use vectlite_text::StepError;

use crate::error::{Error, Result};

/// How long a wait goes on before the caller is asked: half of what a person notices.
pub(crate) const PATIENCE: Duration = Duration::from_millis(50);

/// Fails with what the call is to end with.
pub type Interrupt = fn() -> std::result::Result<(), StepError>;

thread_local! {
    /// Who is asked in this thread, and when it was last.
    static ASKED: Cell<Option<(Interrupt, Instant)>> = const { Cell::new(None) };
}

/// Does `work`; what waits in it asks `interrupt` every 50 ms whether to go on: for a lock, for graphs, for a commit. What was committed
/// stays, and work that other threads do goes on. A call that was ended gives an error with what `interrupt` failed with behind it; see
/// [`Error::into_step_error`].
///
/// ```
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("notes.vdb");
/// use std::time::Duration;
/// use vectlite::{Database, OpenOptions, interruptible};
///
/// let db = Database::open(&path, OpenOptions::new().dimension(3))?;
/// let ended = interruptible(|| Err("enough".into()), || db.wait_for(7, Duration::from_secs(60)));
/// assert_eq!(ended.unwrap_err().into_step_error()?.to_string(), "enough");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn interruptible<T>(interrupt: Interrupt, work: impl FnOnce() -> T) -> T {
    /// A call within a call asks another one for as long as it lasts, also when it panics.
    struct Before(Option<(Interrupt, Instant)>);
    impl Drop for Before {
        fn drop(&mut self) {
            ASKED.set(self.0);
        }
    }
    let _before = Before(ASKED.replace(Some((interrupt, Instant::now()))));
    work()
}

/// Asks, when it is time to.
pub(crate) fn check() -> Result<()> {
    let Some((interrupt, asked)) = ASKED.get().filter(|(_, asked)| asked.elapsed() >= PATIENCE) else {
        return Ok(());
    };
    let answer = interrupt();
    ASKED.set(Some((interrupt, asked.max(Instant::now()))));
    answer.map_err(Error::interrupted)
}
