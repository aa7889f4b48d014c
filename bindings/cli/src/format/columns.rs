//! Which key or column is which part of a record.

/// A part of a record in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Namespace,
    Id,
    Vector,
    Vectors,
    Sparse,
    Text,
    /// In CSV, where an empty cell is no text: that there is one, and it is empty.
    EmptyText,
    Metadata,
    Ttl,
    ExpiresAt,
}

/// What becomes of what is no part of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rest {
    /// It is refused: a misspelt key would lose what it holds.
    Refused,
    /// It is metadata.
    Metadata,
}

/// How the parts are called in a file.
#[derive(Debug, Clone)]
pub(crate) struct Columns {
    pub(crate) id: String,
    pub(crate) vector: String,
    pub(crate) text: String,
    /// Of keys in JSONL; columns of tables are metadata in any case.
    pub(crate) rest: Rest,
    /// Whether cells of CSV are taken as strings, whatever they look like.
    pub(crate) strings: bool,
}

/// The names that other parts always have, and that an export writes.
pub(super) const NAMESPACE: &str = "namespace";
pub(super) const ID: &str = "id";
pub(super) const VECTOR: &str = "vector";
pub(super) const VECTORS: &str = "vectors";
pub(super) const SPARSE: &str = "sparse";
pub(super) const TEXT: &str = "text";
pub(super) const EMPTY_TEXT: &str = "empty_text";
pub(super) const METADATA: &str = "metadata";
pub(super) const TTL: &str = "ttl";
pub(super) const EXPIRES_AT: &str = "expires_at";

impl Default for Columns {
    fn default() -> Columns {
        Columns {
            id: ID.to_owned(),
            vector: VECTOR.to_owned(),
            text: TEXT.to_owned(),
            rest: Rest::Refused,
            strings: false,
        }
    }
}

impl Columns {
    /// The part that a key or a column holds, if it is one.
    pub(super) fn part(&self, name: &str) -> Option<Part> {
        Some(match name {
            _ if name == self.id => Part::Id,
            _ if name == self.vector => Part::Vector,
            _ if name == self.text => Part::Text,
            NAMESPACE => Part::Namespace,
            VECTORS => Part::Vectors,
            SPARSE => Part::Sparse,
            METADATA => Part::Metadata,
            TTL => Part::Ttl,
            EXPIRES_AT => Part::ExpiresAt,
            _ => return None,
        })
    }

    /// The parts of the columns of a table: those of CSV are one more.
    pub(super) fn of_table(&self, names: &[String], csv: bool) -> Result<Vec<Option<Part>>, String> {
        for (at, name) in names.iter().enumerate() {
            if names[..at].contains(name) {
                return Err(format!("expected each column once, found {name:?} again"));
            }
        }
        if !names.contains(&self.id) {
            let names = names.join(", ");
            return Err(format!(
                "expected a column {:?} with the ids, found {names}; name it with --id-column",
                self.id
            ));
        }
        let part = |name: &String| match self.part(name) {
            None if csv && name == EMPTY_TEXT => Some(Part::EmptyText),
            part => part,
        };
        Ok(names.iter().map(part).collect())
    }
}
