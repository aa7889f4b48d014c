//! The suites over the whole system, one module each.

mod repository;
