//! How a message names a place in an argument: "metadata at `authors.0.name`", as the engine does.

use std::fmt;

/// A place in an argument, as a chain of steps on the stack of whoever walks it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place<'a> {
    /// The argument itself.
    Root(&'a str),
    /// The value under a key.
    Key(&'a Place<'a>, &'a str),
    /// The element at a position.
    Position(&'a Place<'a>, u32),
}

/// Longest part of a key that a message repeats, in characters.
const SHOWN_CHARS: usize = 80;

impl<'a> Place<'a> {
    pub(crate) fn key(&'a self, key: &'a str) -> Place<'a> {
        Place::Key(self, key)
    }

    pub(crate) fn position(&'a self, position: u32) -> Place<'a> {
        Place::Position(self, position)
    }

    fn write_steps(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Root(argument) => write!(f, "{argument} at `"),
            Place::Key(parent, key) => {
                parent.write_before_step(f)?;
                key.chars().take(SHOWN_CHARS).try_for_each(|letter| write!(f, "{letter}"))
            }
            Place::Position(parent, position) => {
                parent.write_before_step(f)?;
                write!(f, "{position}")
            }
        }
    }

    fn write_before_step(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_steps(f)?;
        if matches!(self, Place::Root(_)) { Ok(()) } else { f.write_str(".") }
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Root(argument) => f.write_str(argument),
            _ => {
                self.write_steps(f)?;
                f.write_str("`")
            }
        }
    }
}
