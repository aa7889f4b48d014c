//! How long a campaign is and what seed it has: from the environment, so that it can be made longer and repeated.

use std::env;
use std::time::SystemTime;

/// The seed that the environment gives, or one by the time.
pub fn seed(name: &str) -> u64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    number(name).unwrap_or_else(|| now.map_or(0, |now| now.as_millis() as u64 % 1_000_000_000))
}

/// A number from the environment.
#[expect(clippy::panic, reason = "a campaign that cannot read its length must not pass as another one")]
pub fn number(name: &str) -> Option<u64> {
    env::var(name).ok().map(|number| number.parse().unwrap_or_else(|_| panic!("{name}={number}")))
}
