//! Which fields are indexed, how graphs are configured, and what state those are in.

use super::Database;
use crate::error::Result;
use crate::field_type::FieldType;
use crate::index::dense::build::SpaceState;
use crate::index::dense::graph::GraphStats;
use crate::index::dense::graphs::GraphSet;
use crate::index_config::{IndexChanges, IndexConfig};
use crate::storage::view::View;
use crate::value::Path;
use crate::write::batch::Operation;
use crate::write::fields::IndexBuild;

impl Database {
    /// How graphs are built, searched and renewed.
    ///
    /// # Errors
    /// `Closed`, `Storage`.
    pub fn index_config(&self) -> Result<IndexConfig> {
        self.newest()?.read(|view| Ok(view.catalog.index_config))
    }

    /// Changes how graphs are built, searched and renewed; stored like a record. `ef_search` takes effect at once, `m`
    /// and `ef_construction` when a graph is built anew: [`Database::compact`] does it.
    ///
    /// # Errors
    /// `InvalidArgument` for a value out of range; then nothing is changed. `ReadOnly`, `Closed`, `Storage`.
    pub fn set_index_config(&self, changes: &IndexChanges) -> Result<()> {
        self.write(|writer| writer.commit(vec![Operation::Configure { changes: *changes }]).map(drop))
    }

    /// Changes how many candidates a search keeps when it does not say itself; `None` is the default.
    ///
    /// # Errors
    /// As [`Database::set_index_config`].
    pub fn set_ef_search(&self, ef_search: Option<usize>) -> Result<()> {
        self.set_index_config(&IndexChanges::new().ef_search(ef_search))
    }

    /// Vectors that live, and dead ones that graphs still hold: deleted and overwritten ones, until a graph is built
    /// anew.
    ///
    /// # Errors
    /// `Closed`, `Storage`.
    pub fn tombstone_stats(&self) -> Result<(u64, u64)> {
        self.newest()?.with_graphs(|view, graphs| {
            let live = view.catalog.spaces().iter().map(|space| view.catalog.vectors(space.id)).sum();
            Ok((live, statistics(view, graphs).iter().map(|graph| graph.dead).sum()))
        })
    }
}

impl Database {
    /// Makes an index of a field of the metadata, so that filters on it need not look at records: searches, `count`, `list` and
    /// deletion by a filter use it by themselves, and answer what they would without it. `field` is a path, as in filters. `false` when
    /// there is this index already.
    ///
    /// What is stored is indexed in one pass over all records, while others read and write; filters look at records until that is done.
    /// Should the process end before, the next one does it. [`Database::start_index`] tells how far it is.
    ///
    /// ```
    /// # let directory = tempfile::tempdir()?;
    /// # let path = directory.path().join("notes.vdb");
    /// use vectlite::{Database, FieldType, Filter, OpenOptions, Record};
    ///
    /// let db = Database::open(&path, OpenOptions::new().dimension(2))?;
    /// db.upsert_many((0..9).map(|n| Record::new(format!("r{n}")).metadata([("size", n.into())])))?;
    /// assert!(db.create_index("size", FieldType::Numeric)?);
    /// assert_eq!(db.count(None, Some(&Filter::lt("size", 4)))?, 4);
    /// assert_eq!(db.list_indexes()?, [("size".to_owned(), FieldType::Numeric)]);
    /// assert!(db.drop_index("size")?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// `AlreadyExists` when the field has an index of another type; `InvalidArgument` for a path that is too long and beyond
    /// [`limits::MAX_FIELD_INDEXES`](crate::limits::MAX_FIELD_INDEXES); `ReadOnly`, `Closed`, `Corruption`, `Storage`.
    pub fn create_index(&self, field: &str, kind: FieldType) -> Result<bool> {
        self.start_index(field, kind)?.finish()
    }

    /// The same without waiting for it.
    ///
    /// # Errors
    /// As [`Database::create_index`].
    pub fn start_index(&self, field: &str, kind: FieldType) -> Result<IndexBuild> {
        let path = Path::new(field)?;
        self.write(|writer| writer.start_index(path, kind))
    }

    /// Takes the index of a field away; `false` when it has none.
    ///
    /// # Errors
    /// `InvalidArgument` for a path that is too long; `ReadOnly`, `Closed`, `Storage`.
    pub fn drop_index(&self, field: &str) -> Result<bool> {
        let path = Path::new(field)?;
        self.write(|writer| writer.drop_index(path))
    }

    /// The indexed fields with the types of their indexes, sorted.
    ///
    /// # Errors
    /// `Closed`, `Storage`.
    pub fn list_indexes(&self) -> Result<Vec<(String, FieldType)>> {
        self.newest()?.read(|view| {
            let fields = view.catalog.fields.iter();
            let mut list: Vec<_> = fields.map(|field| (field.path.as_str().to_owned(), field.kind)).collect();
            list.sort();
            Ok(list)
        })
    }
}

/// The state of every graph that there is.
pub(crate) fn statistics(view: &View, graphs: &GraphSet) -> Vec<GraphStats> {
    let spaces = view.catalog.spaces().iter();
    let stats = spaces.filter_map(|space| {
        let graph = graphs.graph(space.id, view.catalog.slot_epoch)?;
        let state = SpaceState::of(view, space, graph.index.frontier());
        Some(graph.stats(&space.name, state.live, state.tail.len() as u64))
    });
    stats.collect()
}

#[cfg(test)]
mod tests;
