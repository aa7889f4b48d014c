//! What can go wrong.

use std::io;

use crate::image::Damage;

/// Why an index could not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A parameter outside of its range.
    #[error("{name} must be {least} to {most}, not {value}")]
    Parameter {
        /// Which one.
        name: &'static str,
        /// What was given.
        value: usize,
        /// The least it may be.
        least: usize,
        /// The most it may be.
        most: usize,
    },
    /// A vector that is not as long as the index has dimensions.
    #[error("a vector has {found} dimensions, the index has {expected}")]
    Dimension {
        /// What the index has.
        expected: usize,
        /// What the vector has.
        found: usize,
    },
    /// A NaN or an infinity in a vector.
    #[error("a vector holds a number that is not finite")]
    NotFinite,
    /// Slots come in ascending order, once each.
    #[error("slot {slot} is below the frontier {frontier}: slots are inserted once, in ascending order")]
    Order {
        /// The slot that came too late.
        slot: u32,
        /// The first slot that may still come.
        frontier: u64,
    },
    /// A slot was given a new number that is not below the new frontier.
    #[error("the new slot {slot} is not below the new frontier {frontier}")]
    Numbering {
        /// The number.
        slot: u32,
        /// The frontier.
        frontier: u64,
    },
    /// An insertion was told to stop.
    #[error("the insertion was stopped before its end; the index takes no more")]
    Stopped,
    /// Memory or threads that the system would not give, or a file that could not be read or written.
    #[error("the system refused: {0}")]
    System(#[from] io::Error),
    /// An image that cannot be used.
    #[error("the image cannot be used: {0}")]
    Image(#[from] Damage),
}
