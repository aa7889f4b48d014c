//! A record: what the user stores and gets back.

use std::collections::BTreeMap;

use vectlite_text::Analyzer;

use crate::error::{Error, Result};
use crate::limits::MAX_TEXT_BYTES;
use crate::value::{Metadata, Value};

/// A record: its key, vectors, sparse vector, text, metadata and expiry. Given to writes, returned by reads.
///
/// ```
/// use vectlite::{Record, Value};
///
/// let record = Record::new("note-1")
///     .vector([0.1, 0.2, 0.3])
///     .text("buy oat milk")
///     .metadata([("tag", Value::from("shopping"))])
///     .ttl(3_600.0);
/// assert_eq!(record.id, "note-1");
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(default))]
#[non_exhaustive]
pub struct Record {
    /// The namespace; `""` is the default one.
    pub namespace: String,
    /// The record id, unique in its namespace: 1 to 1,024 bytes.
    pub id: String,
    /// The vector in the default space; `None` for a record that is found by text or by filters only.
    pub vector: Option<Vec<f32>>,
    /// Vectors in named spaces. Each space has its own dimension, fixed by its first vector.
    pub vectors: BTreeMap<String, Vec<f32>>,
    /// Term → frequency or weight; added to the terms of `text`.
    pub sparse: Option<BTreeMap<String, f32>>,
    /// Text that the database's analyzer turns into terms.
    pub text: Option<String>,
    /// Typed values under string keys, for filters and for the application.
    pub metadata: Metadata,
    /// Time to live from the write on, in seconds. Writes only; wins over `expires_at`.
    pub ttl: Option<f64>,
    /// When the record expires, in seconds since 1970.
    pub expires_at: Option<f64>,
    /// Whether the terms of `text` are in `sparse` already.
    #[cfg_attr(feature = "serde", serde(skip))]
    analyzed: bool,
}

impl Record {
    /// A record with this id in the default namespace, and nothing else yet.
    pub fn new(id: impl Into<String>) -> Record {
        Record { id: id.into(), ..Record::default() }
    }

    /// In this namespace.
    #[must_use]
    pub fn namespace(mut self, namespace: impl Into<String>) -> Record {
        self.namespace = namespace.into();
        self
    }

    /// With this vector in the default space.
    #[must_use]
    pub fn vector(mut self, vector: impl Into<Vec<f32>>) -> Record {
        self.vector = Some(vector.into());
        self
    }

    /// With this vector in a named space.
    #[must_use]
    pub fn vector_in(mut self, space: impl Into<String>, vector: impl Into<Vec<f32>>) -> Record {
        self.vectors.insert(space.into(), vector.into());
        self
    }

    /// With these terms.
    #[must_use]
    pub fn sparse<T: Into<String>>(mut self, terms: impl IntoIterator<Item = (T, f32)>) -> Record {
        self.sparse = Some(terms.into_iter().map(|(term, weight)| (term.into(), weight)).collect());
        self
    }

    /// With this text.
    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> Record {
        self.text = Some(text.into());
        self
    }

    /// With this metadata.
    #[must_use]
    pub fn metadata<K: Into<String>>(mut self, metadata: impl IntoIterator<Item = (K, Value)>) -> Record {
        self.metadata = metadata.into_iter().map(|(key, value)| (key.into(), value)).collect();
        self
    }

    /// Expiring this many seconds after it is written: finite and at least 0.
    #[must_use]
    pub fn ttl(mut self, seconds: f64) -> Record {
        self.ttl = Some(seconds);
        self
    }

    /// Adds the terms of its text to its sparse vector, once: for an analyzer that is not stored.
    pub(crate) fn analyze(&mut self, analyzer: &Analyzer) -> Result<()> {
        // A text beyond the limit is refused by whoever checks the record.
        let Some(text) = self.text.as_ref().filter(|text| !self.analyzed && text.len() <= MAX_TEXT_BYTES)
        else {
            return Ok(());
        };
        let terms = analyzer.attempt(|analyzer| analyzer.terms(text)).map_err(Error::step)?;
        self.analyzed = true;
        if !terms.is_empty() {
            add_terms(self.sparse.get_or_insert_default(), terms);
        }
        Ok(())
    }
}

/// Adds terms to a sparse vector, summed by term.
pub(crate) fn add_terms(sum: &mut BTreeMap<String, f32>, terms: impl IntoIterator<Item = (String, f32)>) {
    for (term, weight) in terms {
        *sum.entry(term).or_insert(0.0) += weight;
    }
}
