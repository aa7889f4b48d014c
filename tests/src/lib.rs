//! What the suites and their child processes share.
//!
//! | question | file |
//! |---|---|
//! | which file operations happened, in which order | [`medium`], over the [`pages`] of its files |
//! | what if one of them fails | [`failure`] |
//! | what is left of all files when the power goes | [`power_cut`] |
//! | what a killed process was doing, and what must be left of it | [`load`] |
//! | where random numbers come from | [`random`] |

pub mod failure;
pub mod load;
pub mod medium;
pub mod pages;
pub mod power_cut;
pub mod random;
