//! A token, as users see it: a term and where it stands.

use tantivy_tokenizer_api::Token as Passing;

/// A term of a text, and where it stands there. Offsets are those of bytes in the text that was given, on the
/// boundaries of characters.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Token {
    /// The term.
    pub text: String,
    /// The number of its word: the first word of a text is 0. Tokens of one word share a position; dropped words keep
    /// theirs.
    pub position: usize,
    /// Offset of its first byte.
    pub start: usize,
    /// Offset behind its last byte.
    pub end: usize,
}

impl Token {
    pub(super) fn of(token: &Passing) -> Token {
        Token {
            text: token.text.clone(),
            position: token.position,
            start: token.offset_from,
            end: token.offset_to,
        }
    }
}
