//! What a database is, fixed at its creation and stored in it: metric, analyzer, sparse scoring, positions. And how its graphs are
//! configured, which may change.

use serde::{Deserialize, Serialize};
use vectlite_ann::Metric;
use vectlite_text::{Analyzer, AnalyzerDefinition, AnalyzerError};

use crate::error::{Error, ErrorKind, Result};
use crate::index_config::IndexConfig;
use crate::options::SparseScoring;

/// The stored settings, ready for use.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Settings {
    pub(crate) metric: Metric,
    pub(crate) analyzer: Analyzer,
    pub(crate) sparse_scoring: SparseScoring,
    /// Whether full blocks of postings have their positions beside them.
    pub(crate) positions: bool,
}

/// The settings as they stand in the table `meta`, in MessagePack with field names.
#[derive(Serialize, Deserialize)]
struct Stored {
    metric: String,
    analyzer: AnalyzerDefinition,
    sparse_scoring: String,
    positions: bool,
}

impl Settings {
    pub(crate) fn encode(&self) -> Result<Vec<u8>> {
        let analyzer = self.analyzer.definition().ok_or_else(|| {
            Error::invalid(
                "the analyzer holds a step that cannot be stored; create the database with a named one",
            )
        })?;
        let stored = Stored {
            metric: self.metric.name().to_owned(),
            analyzer: analyzer.clone(),
            sparse_scoring: self.sparse_scoring.name().to_owned(),
            positions: self.positions,
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
            analyzer: Analyzer::from_definition(stored.analyzer).map_err(|error| match error {
                AnalyzerError::UnknownVersion { .. } | AnalyzerError::LeftOut { .. } => {
                    Error::new(ErrorKind::UnsupportedFormat, error.to_string())
                }
                error => malformed(error.to_string()),
            })?,
            sparse_scoring: stored.sparse_scoring.parse()?,
            positions: stored.positions,
        })
    }
}

/// The configuration of the graphs in MessagePack with field names, as in the table `meta` and in the log.
pub(crate) fn encode_index_config(config: &IndexConfig) -> Result<Vec<u8>> {
    rmp_serde::to_vec_named(config)
        .map_err(|error| Error::invalid(format!("the index configuration cannot be encoded: {error}")))
}

/// The inverse of [`encode_index_config`].
pub(crate) fn decode_index_config(bytes: &[u8]) -> Result<IndexConfig> {
    let malformed = |what: String| {
        Error::corruption(format!("the stored index configuration cannot be read: {what}; run verify"))
    };
    let config: IndexConfig = rmp_serde::from_slice(bytes).map_err(|error| malformed(error.to_string()))?;
    config.validate().map_err(|error| malformed(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_analyzer_of_another_version_is_an_unsupported_format() {
        let settings = Settings {
            metric: Metric::default(),
            analyzer: Analyzer::default(),
            sparse_scoring: SparseScoring::default(),
            positions: true,
        };
        let bytes = settings.encode().unwrap();
        assert_eq!(Settings::decode(&bytes).unwrap(), settings);
        let older = serde_json::json!({"version": 1, "steps": ["unicode_words"]});
        let mut stored: Stored = rmp_serde::from_slice(&bytes).unwrap();
        stored.analyzer = serde_json::from_value(older).unwrap();
        let error = Settings::decode(&rmp_serde::to_vec_named(&stored).unwrap()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnsupportedFormat);
        assert!(error.to_string().contains("create the database again"), "{error}");
    }

    #[test]
    fn the_index_configuration_comes_back_and_nonsense_does_not() {
        let config =
            crate::IndexChanges::new().m(8).ef_search(Some(50)).apply(&IndexConfig::default()).unwrap();
        let bytes = encode_index_config(&config).unwrap();
        assert_eq!(decode_index_config(&bytes).unwrap(), config);
        let nonsense = IndexConfig { m: 1_000_000, ..config };
        for bytes in [encode_index_config(&nonsense).unwrap(), vec![0xC1], Vec::new()] {
            assert_eq!(decode_index_config(&bytes).unwrap_err().kind(), crate::ErrorKind::Corruption);
        }
    }
}
