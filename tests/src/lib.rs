//! What the suites and their child processes share.
//!
//! | question | file |
//! |---|---|
//! | which file operations happened, in which order, and what if one fails | [`recording`] |
//! | what a killed process was doing, and what must be left of it | [`load`] |
//! | where random numbers come from | [`random`] |
//! | how much memory does a process take at most | [`allocation`] |
//! | what are files that a test makes up | [`memory`] |
//! | what if a file or a caller holds any bytes | [`fuzz`] |

pub mod allocation;
#[expect(clippy::unwrap_used, reason = "a target tells a finding by a panic")]
pub mod fuzz;
pub mod load;
pub mod memory;
pub mod random;
pub mod recording;
