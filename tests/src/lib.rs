//! What the suites and their child processes share.
//!
//! | question | file |
//! |---|---|
//! | which file operations happened, in which order | [`medium`], over the [`pages`] of its files |
//! | what if one of them fails | [`failure`] |
//! | what is left of all files when the power goes | [`power_cut`] |
//! | what happens beside an operation, or forbids it | [`gate`] |
//! | what a killed process was doing | [`load`] |
//! | how is a process killed, and what has it told | [`killed`] |
//! | what is one step, of a load or of a campaign | [`step`] |
//! | what must be in a database after some steps | [`model`] |
//! | how long is a campaign, and what seed has it | [`campaign`] |
//! | what processes write and read side by side | [`versions`] |
//! | where random numbers come from | [`random`] |
//! | how much memory does a process take at most | [`allocation`] |
//! | what are files that a test makes up | [`memory`] |
//! | what if a file or a caller holds any bytes | [`fuzz`] |

pub mod allocation;
pub mod campaign;
pub mod failure;
#[expect(clippy::unwrap_used, reason = "a target tells a finding by a panic")]
pub mod fuzz;
pub mod gate;
#[expect(clippy::unwrap_used, reason = "a test that cannot run its child fails")]
pub mod killed;
pub mod load;
pub mod medium;
pub mod memory;
pub mod model;
pub mod pages;
pub mod power_cut;
pub mod random;
pub mod step;
pub mod versions;
