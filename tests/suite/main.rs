//! The suites over the whole system, one module each.

// `cfg(test)` holds for all of this package; saying it lets helpers of the tests assert as the tests do (clippy.toml).
#[cfg(test)]
mod database;
mod repository;
