//! One occurrence of a term.

/// A document that holds a term, and how much.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Posting {
    /// The document.
    pub slot: u32,
    /// How often the term occurs in it, or a learned weight; finite and not negative.
    pub weight: f32,
}
