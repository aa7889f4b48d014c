//! Failures of steps from outside: how they get through the tokenizer traits, which know no errors.

use std::cell::RefCell;
use std::error::Error;

/// What a step from outside failed with.
pub type StepError = Box<dyn Error + Send + Sync>;

thread_local! {
    /// What failed in the attempt that this thread is in; `None` outside of one. A text is analyzed in one go on one
    /// thread, so the failure that is found here after it is its own.
    static ATTEMPT: RefCell<Option<Option<StepError>>> = const { RefCell::new(None) };
}

/// Runs an analysis; its first failure is the result, if it has one.
pub(super) fn attempt<T>(analyze: impl FnOnce() -> T) -> Result<T, StepError> {
    // A step may analyze, too.
    let outer = ATTEMPT.replace(Some(None));
    let done = analyze();
    match ATTEMPT.replace(outer).flatten() {
        Some(failure) => Err(failure),
        None => Ok(done),
    }
}

/// Keeps the first failure for whoever attempts the analysis.
pub(super) fn report(failure: StepError) {
    ATTEMPT.with_borrow_mut(|attempt| {
        if let Some(first) = attempt {
            first.get_or_insert(failure);
        }
    });
}
