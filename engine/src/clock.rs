//! The one place that asks for the time: milliseconds since 1970, replaceable in tests.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970-01-01T00:00:00Z.
pub type Millis = u64;

/// Where "now" comes from: the system, or a number that a test moves.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    manual: Option<Arc<AtomicU64>>,
}

impl Clock {
    /// The system's clock, the default.
    pub fn system() -> Clock {
        Clock { manual: None }
    }

    /// A clock that stands at `now` until [`Clock::set`] moves it. Clones share the hand.
    pub fn manual(now: Millis) -> Clock {
        Clock { manual: Some(Arc::new(AtomicU64::new(now))) }
    }

    /// Moves a manual clock; does nothing to the system's.
    pub fn set(&self, now: Millis) {
        if let Some(hand) = &self.manual {
            hand.store(now, Ordering::SeqCst);
        }
    }

    /// The time, in milliseconds since 1970.
    pub fn now(&self) -> Millis {
        match &self.manual {
            Some(hand) => hand.load(Ordering::SeqCst),
            // A clock before 1970 reads as 1970: nothing expires, nothing panics.
            None => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |elapsed| Millis::try_from(elapsed.as_millis()).unwrap_or(Millis::MAX)),
        }
    }
}
