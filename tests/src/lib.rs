//! What the suites and their child processes share.
//!
//! | question | file |
//! |---|---|
//! | which file operations happened, in which order, and what if one fails | [`recording`] |
//! | what happens beside an operation, or forbids it | [`gate`] |
//! | what a killed process was doing, and what must be left of it | [`load`] |
//! | what processes write and read side by side | [`versions`] |
//! | where random numbers come from | [`random`] |

pub mod gate;
pub mod load;
pub mod random;
pub mod recording;
pub mod versions;
