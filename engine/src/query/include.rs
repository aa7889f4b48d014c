//! What a hit carries beside its key and its scores.

use crate::error::{Error, Result};

/// The parts of a record that a search brings along with each hit. The default is the metadata alone: vectors and
/// texts are large, and reading them costs one more lookup a hit.
///
/// ```
/// use vectlite::Include;
///
/// let include = Include::default().vector(true);
/// assert_eq!(include, Include::parse(["metadata", "vector"])?);
/// # Ok::<(), vectlite::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct Include {
    pub(crate) metadata: bool,
    pub(crate) vector: bool,
    pub(crate) text: bool,
}

impl Default for Include {
    fn default() -> Include {
        Include { metadata: true, vector: false, text: false }
    }
}

impl Include {
    /// Key and scores only.
    pub fn none() -> Include {
        Include { metadata: false, vector: false, text: false }
    }

    /// The parts with these names: `metadata`, `vector`, `text`. No name at all is [`Include::none`].
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) for any other name.
    pub fn parse<N: AsRef<str>>(names: impl IntoIterator<Item = N>) -> Result<Include> {
        let mut include = Include::none();
        for name in names {
            match name.as_ref() {
                "metadata" => include.metadata = true,
                "vector" => include.vector = true,
                "text" => include.text = true,
                other => {
                    return Err(Error::invalid(format!(
                        "include: expected names among metadata, vector and text, got {other:?}"
                    )));
                }
            }
        }
        Ok(include)
    }

    /// Whether hits carry the record's metadata; they do by default.
    pub fn metadata(mut self, wanted: bool) -> Include {
        self.metadata = wanted;
        self
    }

    /// Whether hits carry the record's vector in the searched space, as it was given.
    pub fn vector(mut self, wanted: bool) -> Include {
        self.vector = wanted;
        self
    }

    /// Whether hits carry the record's text.
    pub fn text(mut self, wanted: bool) -> Include {
        self.text = wanted;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_builder_agree() {
        assert_eq!(Include::parse(["metadata"]).unwrap(), Include::default());
        assert_eq!(Include::parse(["text"]).unwrap(), Include::none().text(true));
        assert_eq!(Include::parse(["vector"]).unwrap(), Include::default().metadata(false).vector(true));
        assert_eq!(Include::parse::<&str>([]).unwrap(), Include::none());
        let all = Include { metadata: true, vector: true, text: true };
        assert_eq!(Include::parse(["text", "vector", "metadata", "text"]).unwrap(), all);
    }

    #[test]
    fn an_unknown_name_is_refused_with_the_choices() {
        let message = Include::parse(["metadata", "vectors"]).unwrap_err().to_string();
        assert!(
            message.contains("metadata, vector and text") && message.contains("\"vectors\""),
            "{message}"
        );
    }
}
