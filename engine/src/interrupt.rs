//! Whether the caller still wants a call that takes its time. A language whose signals wait for the end of a call, as Python's do, is
//! asked between two waits: in the thread of the call and with no lock held, so that what it runs then may use the database, or close it.
//! A flag that another thread sets can be looked at anywhere, so that long work ends, too.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
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
    /// Set when the caller wants no more of the call of this thread.
    static ABORT: RefCell<Option<Abort>> = const { RefCell::new(None) };
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

/// The flag of a call that may be aborted. Once set it stays so.
pub(crate) type Abort = Arc<AtomicBool>;

/// Does `work`, which ends with an error once another thread has set `abort`: in between two records that are copied, listed, filtered,
/// verified, scanned or put, two queries of a batch, two looks of a wait. A commit that was ended has changed nothing; what has reached the
/// log is committed, and so are the batches of a bulk load before it. Work that others wait for as well, as a checkpoint or the making of graphs, goes on without this caller. See
/// [`Error::into_step_error`].
///
/// ```
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("notes.vdb");
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicBool, Ordering};
/// use vectlite::{Database, OpenOptions, Record, abortable};
///
/// let db = Database::open(&path, OpenOptions::new().dimension(3))?;
/// let abort = Arc::new(AtomicBool::new(false));
/// abort.store(true, Ordering::Release); // by another thread, while this one is at work
/// let ended = abortable(&abort, || db.upsert_many((0..100_000).map(|n| Record::new(n.to_string()))));
/// assert_eq!(ended.unwrap_err().into_step_error()?.to_string(), "aborted");
/// assert_eq!(db.count(None, None)?, 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn abortable<T>(abort: &Arc<AtomicBool>, work: impl FnOnce() -> T) -> T {
    on_behalf(Some(Arc::clone(abort)), work)
}

/// The flag of the call of this thread, for another thread that does some of its work.
pub(crate) fn abort() -> Option<Abort> {
    ABORT.with_borrow(Clone::clone)
}

/// Does work of a call by its flag, in this thread or in another.
pub(crate) fn on_behalf<T>(abort: Option<Abort>, work: impl FnOnce() -> T) -> T {
    /// As above.
    struct Before(Option<Abort>);
    impl Drop for Before {
        fn drop(&mut self) {
            ABORT.set(self.0.take());
        }
    }
    let _before = Before(ABORT.replace(abort));
    work()
}

/// Fails when the call that is at work in this thread was aborted. Takes some nanoseconds and asks nobody, so locks may be held.
pub(crate) fn aborted() -> Result<()> {
    let aborted = |abort: &Option<Abort>| abort.as_ref().is_some_and(|abort| abort.load(Ordering::Acquire));
    if ABORT.with_borrow(aborted) { Err(Error::interrupted("aborted".into())) } else { Ok(()) }
}

/// Asks, when it is time to.
pub(crate) fn check() -> Result<()> {
    aborted()?;
    let Some((interrupt, asked)) = ASKED.get().filter(|(_, asked)| asked.elapsed() >= PATIENCE) else {
        return Ok(());
    };
    let answer = interrupt();
    ASKED.set(Some((interrupt, asked.max(Instant::now()))));
    answer.map_err(Error::interrupted)
}
