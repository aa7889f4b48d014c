//! What the engine has to say beside its answers: every message, on one page. They go to the façade `log`, and from there where the
//! application has its log; without one nobody hears them. Nothing here is needed to use a database rightly.

use std::path::Path;

use crate::error::Error;

/// What all messages are said under.
const TARGET: &str = "vectlite";

/// Opening found commits in the log: the last writer was killed.
pub(crate) fn recovered(database: &Path, commits: u64, last: u64) {
    log_facade::info!(
        target: TARGET,
        "{}: recovered {commits} commits from the log, up to commit {last}; the last writer had not closed the database",
        database.display()
    );
}

/// Commits were seen by readers and never reached the medium: what `sync` other than `per_op` allows for at a power cut.
pub(crate) fn lost(log: &Path, first: u64, last: u64) {
    log_facade::warn!(
        target: TARGET,
        "{}: commits {first} to {last} were not durable when the machine stopped, and are lost; sync=\"per_op\" keeps all",
        log.display()
    );
}

/// Graphs are built anew, as their file is of no use.
pub(crate) fn image_dropped(image: &Path, why: &Error) {
    log_facade::warn!(target: TARGET, "{}: not used, graphs are built anew: {why}", image.display());
}

/// Somebody else has the database open for writing.
pub(crate) fn waits_for_lock(database: &Path, holder: &str) {
    log_facade::info!(target: TARGET, "{}: waiting for the lock{holder}", database.display());
}

/// What a thread of the engine's does for nobody in particular, and could not do; it tries again.
pub(crate) fn background_failed(database: &Path, what: &str, error: &Error) {
    log_facade::warn!(target: TARGET, "{}: {what} failed, and is tried again: {error}", database.display());
}
