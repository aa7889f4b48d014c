//! How a message names a place in a tree of values: `authors.0.name`.

use std::fmt;

/// Longest part of a key that a message repeats, in characters: enough to recognise it, short enough to read.
const SHOWN_CHARS: usize = 80;

/// A place in a tree, as a chain of steps that lives on the stack of whoever walks the tree.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Location<'a> {
    /// The tree itself.
    Root,
    /// The value under a key of the map at a place.
    Key(&'a Location<'a>, &'a str),
    /// The element at a position of the list at a place.
    Position(&'a Location<'a>, usize),
}

impl<'a> Location<'a> {
    /// The value under `key` here.
    pub(crate) fn key(&'a self, key: &'a str) -> Location<'a> {
        Location::Key(self, key)
    }

    /// The element at `position` here.
    pub(crate) fn position(&'a self, position: usize) -> Location<'a> {
        Location::Position(self, position)
    }

    /// Whether this is the tree itself.
    pub(crate) fn is_root(&self) -> bool {
        matches!(self, Location::Root)
    }
}

impl fmt::Display for Location<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Location::Key(parent, _) | Location::Position(parent, _) = self
            && !parent.is_root()
        {
            write!(f, "{parent}.")?;
        }
        match self {
            Location::Root => Ok(()),
            Location::Key(_, key) => write!(f, "{}", Shortened(key)),
            Location::Position(_, position) => write!(f, "{position}"),
        }
    }
}

/// The beginning of a text that came from outside, so that a message stays readable whatever came.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shortened<'a>(pub(crate) &'a str);

impl fmt::Display for Shortened<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.char_indices().nth(SHOWN_CHARS) {
            Some((end, _)) => write!(f, "{}…", self.0.get(..end).unwrap_or_default()),
            None => f.write_str(self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_joined_by_dots() {
        let root = Location::Root;
        let authors = root.key("authors");
        let first = authors.position(0);
        assert_eq!(root.to_string(), "");
        assert_eq!(authors.to_string(), "authors");
        assert_eq!(first.key("name").to_string(), "authors.0.name");
        assert!(root.is_root() && !authors.is_root() && !first.is_root());
    }

    #[test]
    fn long_keys_are_cut_between_characters() {
        let long = "é".repeat(SHOWN_CHARS + 1);
        assert_eq!(Shortened(&long).to_string(), format!("{}…", "é".repeat(SHOWN_CHARS)));
        let fits = "é".repeat(SHOWN_CHARS);
        assert_eq!(Shortened(&fits).to_string(), fits);
    }
}
