//! How the graphs of a database are built, searched and renewed: stored in it, changed at any time.

use serde::{Deserialize, Serialize};
use vectlite_ann::Params;

use crate::error::{Error, Result};
use crate::limits::{PARALLEL_INSERT_THRESHOLD, TOMBSTONE_REBUILD_PCT};

/// The stored configuration of a database's graphs.
///
/// ```
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("notes.vdb");
/// use vectlite::{Database, IndexChanges, OpenOptions};
///
/// let db = Database::open(&path, OpenOptions::new().dimension(3))?;
/// assert_eq!((db.index_config()?.m, db.index_config()?.ef_search), (16, None));
/// db.set_index_config(&IndexChanges::new().m(24).ef_search(Some(100)))?;
/// assert_eq!((db.index_config()?.m, db.index_config()?.ef_search), (24, Some(100)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct IndexConfig {
    /// Links that a node chooses for itself in each layer; in the lowest it may be given as many again. 4 to 64; 16 by
    /// default. Another value takes effect when a graph is built anew: by [`Database::compact`](crate::Database::compact).
    pub m: usize,
    /// How many candidates those links are chosen from, 8 to 4,096; 200 by default. As `m`, for graphs built later.
    pub ef_construction: usize,
    /// How many candidates a search keeps, 1 to 65,536; more find better ones and take longer. `None`, the default: 64,
    /// which finds 95 of 100 true neighbours and more on the sentence embeddings that we measure with.
    pub ef_search: Option<usize>,
    /// From so many new vectors on an insertion uses every core, below only one; at least 1, 256 by default.
    pub parallel_insert_threshold: usize,
    /// A graph is built anew, in the background, when so many of 100 of its nodes are dead; 1 to 100, 30 by default.
    pub tombstone_rebuild_pct: usize,
}

impl Default for IndexConfig {
    fn default() -> IndexConfig {
        let Params { m, ef_construction, ef_search, .. } = Params::default();
        IndexConfig {
            m,
            ef_construction,
            ef_search,
            parallel_insert_threshold: PARALLEL_INSERT_THRESHOLD,
            tombstone_rebuild_pct: TOMBSTONE_REBUILD_PCT,
        }
    }
}

impl IndexConfig {
    /// What `ann` has to know.
    pub(crate) fn params(&self) -> Params {
        let mut params = Params::default();
        (params.m, params.ef_construction, params.ef_search) = (self.m, self.ef_construction, self.ef_search);
        params
    }

    /// The configuration, if every value is in its range.
    pub(crate) fn validate(self) -> Result<IndexConfig> {
        self.params().validate().map_err(|error| match error {
            vectlite_ann::Error::Parameter { name, value, least, most } => {
                Error::invalid(format!("{name}: expected {least} to {most}, got {value}"))
            }
            other => Error::invalid(other.to_string()),
        })?;
        if self.parallel_insert_threshold == 0 {
            return Err(Error::invalid("parallel_insert_threshold: expected at least 1, got 0"));
        }
        if !(1..=100).contains(&self.tombstone_rebuild_pct) {
            return Err(Error::invalid(format!(
                "tombstone_rebuild_pct: expected 1 to 100, got {}",
                self.tombstone_rebuild_pct
            )));
        }
        Ok(self)
    }
}

/// Changes to an [`IndexConfig`]: what is given is set, the rest stays. Nothing is checked before they are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[must_use]
pub struct IndexChanges {
    m: Option<usize>,
    ef_construction: Option<usize>,
    ef_search: Option<Option<usize>>,
    parallel_insert_threshold: Option<usize>,
    tombstone_rebuild_pct: Option<usize>,
}

impl IndexChanges {
    /// What makes any configuration this one.
    pub(crate) fn to(config: &IndexConfig) -> IndexChanges {
        IndexChanges {
            m: Some(config.m),
            ef_construction: Some(config.ef_construction),
            ef_search: Some(config.ef_search),
            parallel_insert_threshold: Some(config.parallel_insert_threshold),
            tombstone_rebuild_pct: Some(config.tombstone_rebuild_pct),
        }
    }

    /// No change.
    pub fn new() -> IndexChanges {
        IndexChanges::default()
    }

    /// Sets [`IndexConfig::m`].
    pub fn m(mut self, m: usize) -> Self {
        self.m = Some(m);
        self
    }

    /// Sets [`IndexConfig::ef_construction`].
    pub fn ef_construction(mut self, ef: usize) -> Self {
        self.ef_construction = Some(ef);
        self
    }

    /// Sets [`IndexConfig::ef_search`]; `None` is the default again.
    pub fn ef_search(mut self, ef: Option<usize>) -> Self {
        self.ef_search = Some(ef);
        self
    }

    /// Sets [`IndexConfig::parallel_insert_threshold`].
    pub fn parallel_insert_threshold(mut self, vectors: usize) -> Self {
        self.parallel_insert_threshold = Some(vectors);
        self
    }

    /// Sets [`IndexConfig::tombstone_rebuild_pct`].
    pub fn tombstone_rebuild_pct(mut self, percent: usize) -> Self {
        self.tombstone_rebuild_pct = Some(percent);
        self
    }

    /// The configuration behind the changes.
    ///
    /// # Errors
    /// `InvalidArgument` naming the option, its range and what came.
    pub(crate) fn apply(&self, config: &IndexConfig) -> Result<IndexConfig> {
        IndexConfig {
            m: self.m.unwrap_or(config.m),
            ef_construction: self.ef_construction.unwrap_or(config.ef_construction),
            ef_search: self.ef_search.unwrap_or(config.ef_search),
            parallel_insert_threshold: self
                .parallel_insert_threshold
                .unwrap_or(config.parallel_insert_threshold),
            tombstone_rebuild_pct: self.tombstone_rebuild_pct.unwrap_or(config.tombstone_rebuild_pct),
        }
        .validate()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_option_has_a_range_and_is_named_outside_of_it() {
        let bad = [
            (IndexChanges::new().m(3), "m"),
            (IndexChanges::new().m(65), "m"),
            (IndexChanges::new().ef_construction(7), "ef_construction"),
            (IndexChanges::new().ef_construction(4_097), "ef_construction"),
            (IndexChanges::new().ef_search(Some(0)), "ef_search"),
            (IndexChanges::new().ef_search(Some(65_537)), "ef_search"),
            (IndexChanges::new().parallel_insert_threshold(0), "parallel_insert_threshold"),
            (IndexChanges::new().tombstone_rebuild_pct(0), "tombstone_rebuild_pct"),
            (IndexChanges::new().tombstone_rebuild_pct(101), "tombstone_rebuild_pct"),
        ];
        for (changes, name) in bad {
            let message = changes.apply(&IndexConfig::default()).unwrap_err().to_string();
            assert!(message.starts_with(name), "{message}");
        }
    }

    #[test]
    fn what_is_not_given_stays() {
        let config = IndexChanges::new().m(8).ef_search(Some(50)).apply(&IndexConfig::default()).unwrap();
        assert_eq!(IndexChanges::new().apply(&config).unwrap(), config);
        let back = IndexChanges::new().ef_search(None).apply(&config).unwrap();
        assert_eq!((back.m, back.ef_search), (8, None));
    }
}
