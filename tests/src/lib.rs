//! What the suites and their child processes share.
//!
//! | question | file |
//! |---|---|
//! | which file operations happened, in which order, and what if one fails | [`recording`] |
//! | what a killed process was doing | [`load`] |
//! | what is one step, of a load or of a campaign | [`step`] |
//! | what must be in a database after some steps | [`model`] |
//! | how long is a campaign, and what seed has it | [`campaign`] |
//! | where random numbers come from | [`random`] |

pub mod campaign;
pub mod load;
pub mod model;
pub mod random;
pub mod recording;
pub mod step;
