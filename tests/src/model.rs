//! What a database must hold: its records by key, and what else steps set in it.

use std::collections::BTreeMap;
use std::sync::Arc;

use vectlite::{ErrorKind, FieldType, Filter, IndexConfig, Metadata, Millis, Record};

/// Namespace and id.
pub type Key = (String, String);

/// Name of a table of the application's own, and key.
pub type KvKey = (String, String);

/// How many records a step concerned, or why it was refused.
pub type Outcome = Result<usize, ErrorKind>;

/// A database as users see it: what has expired is not there.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Model {
    records: BTreeMap<Key, Arc<Record>>,
    /// Dimensions of the vector spaces that have ever had a vector.
    spaces: BTreeMap<String, usize>,
    /// The indexed fields.
    pub indexes: BTreeMap<String, FieldType>,
    /// What the application keeps in tables of its own.
    pub kv: BTreeMap<KvKey, Vec<u8>>,
    /// How graphs are built.
    pub config: IndexConfig,
    now: Millis,
}

impl Model {
    /// An empty database whose default space has this dimension.
    pub fn new(dimension: usize, now: Millis) -> Model {
        Model { spaces: [(String::new(), dimension)].into(), now, ..Model::default() }
    }

    /// What is there, in the order of keys.
    pub fn records(&self) -> &BTreeMap<Key, Arc<Record>> {
        &self.records
    }

    /// The record with this key.
    pub fn get(&self, key: &Key) -> Option<&Record> {
        self.records.get(key).map(Arc::as_ref)
    }

    /// The records of a namespace, or of all, that a filter lets pass, in the order of keys.
    ///
    /// # Errors
    /// Those of the filter.
    pub fn chosen(&self, namespace: Option<&str>, filter: Option<&Filter>) -> vectlite::Result<Vec<&Record>> {
        let mut chosen = Vec::new();
        for ((place, _), record) in &self.records {
            if namespace.is_none_or(|namespace| namespace == place)
                && filter.map_or(Ok(true), |filter| filter.matches(&record.metadata))?
            {
                chosen.push(record.as_ref());
            }
        }
        Ok(chosen)
    }

    /// What such a table holds under keys that begin so, in the order of keys.
    pub fn kv_scan(&self, table: &str, prefix: &str) -> Vec<(String, Vec<u8>)> {
        let of_table = self.kv.iter().filter(|((of, key), _)| of == table && key.starts_with(prefix));
        of_table.map(|((_, key), value)| (key.clone(), value.clone())).collect()
    }

    /// The dimension of a space, if it has ever had a vector.
    pub fn dimension(&self, space: &str) -> Option<usize> {
        self.spaces.get(space).copied()
    }

    /// The time, in milliseconds since 1970.
    pub fn now(&self) -> Millis {
        self.now
    }

    /// Moves the time on.
    pub fn pass_time(&mut self, milliseconds: Millis) {
        self.now += milliseconds;
        self.drop_expired();
    }

    fn drop_expired(&mut self) {
        let now = self.now;
        self.records.retain(|_, record| record.expires_at.is_none_or(|at| milliseconds(at) > now));
    }

    /// Adds a record, or replaces the one with its key.
    ///
    /// # Errors
    /// As a database answers; then nothing has changed.
    pub fn put(&mut self, record: &Record, may_exist: bool) -> Outcome {
        let key = (record.namespace.clone(), record.id.clone());
        if !may_exist && self.records.contains_key(&key) {
            return Err(ErrorKind::AlreadyExists);
        }
        let unnamed = record.vector.iter().map(|vector| (String::new(), vector.len()));
        let named = record.vectors.iter().map(|(space, vector)| (space.clone(), vector.len()));
        let vectors: Vec<(String, usize)> = unnamed.chain(named).collect();
        if vectors.iter().any(|(space, len)| self.dimension(space).is_some_and(|dimension| dimension != *len))
        {
            return Err(ErrorKind::DimensionMismatch);
        }
        self.spaces.extend(vectors);
        let mut record = record.clone();
        if let Some(ttl) = record.ttl.take() {
            record.expires_at = Some(self.moment(ttl));
        }
        let expires = record.expires_at.is_some();
        self.records.insert(key, Arc::new(record));
        // It may have expired as it came.
        if expires {
            self.drop_expired();
        }
        Ok(1)
    }

    /// When `ttl` seconds from now are over, in seconds since 1970.
    fn moment(&self, ttl: f64) -> f64 {
        (self.now + milliseconds(ttl)) as f64 / 1_000.0
    }

    /// How many records there were with this key.
    pub fn delete(&mut self, key: &Key) -> usize {
        usize::from(self.records.remove(key).is_some())
    }

    /// How many records a filter took away.
    ///
    /// # Errors
    /// Those of the filter.
    pub fn delete_by_filter(&mut self, filter: &Filter, namespace: Option<&str>) -> vectlite::Result<usize> {
        let chosen = self.chosen(namespace, Some(filter))?;
        let keys: Vec<Key> =
            chosen.into_iter().map(|record| (record.namespace.clone(), record.id.clone())).collect();
        Ok(keys.iter().map(|key| self.delete(key)).sum())
    }

    /// Merges into a record's metadata; how many records there were.
    pub fn update_metadata(&mut self, key: &Key, metadata: &Metadata) -> usize {
        self.change(key, |record| record.metadata.extend(metadata.clone()))
    }

    /// Lets a record expire in so many seconds, or never; how many records there were.
    pub fn set_ttl(&mut self, key: &Key, ttl: Option<f64>) -> usize {
        let expires_at = ttl.map(|ttl| self.moment(ttl));
        let changed = self.change(key, |record| record.expires_at = expires_at);
        self.drop_expired();
        changed
    }

    fn change(&mut self, key: &Key, change: impl FnOnce(&mut Record)) -> usize {
        let Some(record) = self.records.get_mut(key) else { return 0 };
        change(Arc::make_mut(record));
        1
    }
}

fn milliseconds(seconds: f64) -> Millis {
    (seconds * 1_000.0).round() as Millis
}
