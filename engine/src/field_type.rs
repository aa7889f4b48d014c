//! What a field index holds of a field's values.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};

/// What a field index holds of a field's values, and so which filters it answers.
///
/// A field has one index. Values of other types are not in it, and filters on those look at records one by one: an index never changes
/// an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FieldType {
    /// Strings, and strings in lists, as they are: `$eq`, `$in`, `$prefix`, `$regex`, `$contains`, `$all` and order.
    Keyword,
    /// Numbers, and numbers in lists, by value: `$eq`, `$in`, `$contains`, `$all` and order.
    Numeric,
    /// Booleans, and booleans in lists.
    Bool,
    /// The terms that the database's analyzer makes of strings, and of strings in lists: `field:word` in the text of a search.
    Text,
}

impl FieldType {
    const ALL: [FieldType; 4] = [FieldType::Keyword, FieldType::Numeric, FieldType::Bool, FieldType::Text];

    /// The name that bindings, files and error messages use.
    pub fn name(self) -> &'static str {
        match self {
            FieldType::Keyword => "keyword",
            FieldType::Numeric => "numeric",
            FieldType::Bool => "bool",
            FieldType::Text => "text",
        }
    }
}

impl fmt::Display for FieldType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for FieldType {
    type Err = Error;

    fn from_str(name: &str) -> Result<FieldType> {
        FieldType::ALL.into_iter().find(|kind| kind.name() == name).ok_or_else(|| {
            let shown: String = name.chars().take(32).collect();
            Error::invalid(format!(
                "type of a field index: expected \"keyword\", \"numeric\", \"bool\" or \"text\", got {shown:?}"
            ))
        })
    }
}
