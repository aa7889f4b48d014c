//! How a message names a place in an argument: `records[7]["metadata"]["tags"][0]`.

use std::fmt;

/// Longest part of a key that a message repeats, in characters: enough to recognise it, short enough to read.
const SHOWN_CHARS: usize = 80;

/// A place, as a chain of steps that lives on the stack of whoever walks the argument.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place<'a> {
    /// An argument, by its name.
    Argument(&'a str),
    /// What stands under a key.
    Key(&'a Place<'a>, &'a str),
    /// What stands at a position.
    Position(&'a Place<'a>, usize),
}

impl<'a> Place<'a> {
    pub(crate) fn key(&'a self, key: &'a str) -> Place<'a> {
        Place::Key(self, key)
    }

    pub(crate) fn position(&'a self, position: usize) -> Place<'a> {
        Place::Position(self, position)
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Argument(name) => f.write_str(name),
            Place::Key(parent, key) => write!(f, "{parent}[{:?}]", shortened(key)),
            Place::Position(parent, position) => write!(f, "{parent}[{position}]"),
        }
    }
}

/// A text of the user's, as much of it as a message repeats.
pub(crate) fn shortened(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN_CHARS).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}
