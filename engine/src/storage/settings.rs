//! What a database is, fixed at its creation and stored in it: metric, analyzer, sparse scoring.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use vectlite_ann::Metric;
use vectlite_text::{Analyzer, AnalyzerDefinition};

use crate::error::{Error, Result};

/// How sparse vectors and text are scored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SparseScoring {
    /// BM25 over frequencies, the default.
    #[default]
    Bm25,
    /// `Σ q·w`, for learned weights (SPLADE and its kin).
    Dot,
}

impl SparseScoring {
    /// The name, as it is stored and shown.
    pub fn name(self) -> &'static str {
        match self {
            SparseScoring::Bm25 => "bm25",
            SparseScoring::Dot => "dot",
        }
    }
}

impl FromStr for SparseScoring {
    type Err = Error;

    fn from_str(name: &str) -> Result<SparseScoring> {
        match name.to_ascii_lowercase().as_str() {
            "bm25" => Ok(SparseScoring::Bm25),
            "dot" => Ok(SparseScoring::Dot),
            _ => Err(Error::invalid(format!("unknown sparse_scoring {name:?}: expected bm25 or dot"))),
        }
    }
}

/// The stored settings, ready for use.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Settings {
    pub(crate) metric: Metric,
    pub(crate) analyzer: Analyzer,
    pub(crate) sparse_scoring: SparseScoring,
}

/// The settings as they stand in the table `meta`, in MessagePack with field names.
#[derive(Serialize, Deserialize)]
struct Stored {
    metric: String,
    analyzer: AnalyzerDefinition,
    sparse_scoring: String,
}

impl Settings {
    pub(crate) fn encode(&self) -> Result<Vec<u8>> {
        let analyzer = self.analyzer.definition().ok_or_else(|| {
            Error::invalid(
                "the analyzer holds a tokenizer that cannot be stored; create the database with a named one",
            )
        })?;
        let stored = Stored {
            metric: self.metric.name().to_owned(),
            analyzer: analyzer.clone(),
            sparse_scoring: self.sparse_scoring.name().to_owned(),
        };
        rmp_serde::to_vec_named(&stored)
            .map_err(|error| Error::invalid(format!("settings cannot be encoded: {error}")))
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Settings> {
        let malformed =
            |what: String| Error::corruption(format!("the stored settings cannot be read: {what}"));
        let stored: Stored = rmp_serde::from_slice(bytes).map_err(|error| malformed(error.to_string()))?;
        Ok(Settings {
            metric: stored
                .metric
                .parse()
                .map_err(|error: vectlite_ann::UnknownMetric| malformed(error.to_string()))?,
            analyzer: Analyzer::from_definition(stored.analyzer)
                .map_err(|error| malformed(error.to_string()))?,
            sparse_scoring: stored.sparse_scoring.parse()?,
        })
    }
}
