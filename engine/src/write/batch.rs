//! Operations, and the check of their form: everything that can be said without looking at the database.

use std::sync::Arc;

use vectlite_text::Analyzer;

use crate::clock::Millis;
use crate::error::{Error, Result};
use crate::field_type::FieldType;
use crate::filter::Filter;
use crate::index_config::IndexChanges;
use crate::limits::{
    MAX_DIMENSION, MAX_EXPIRES_AT, MAX_ID_BYTES, MAX_KV_VALUE_BYTES, MAX_NAME_BYTES, MAX_SPARSE_TERMS,
    MAX_TERM_BYTES, MAX_TEXT_BYTES, MAX_TTL_SECONDS,
};
use crate::record::Record;
use crate::storage::document::SparseVector;
use crate::storage::kv::KvKey;
use crate::value::{self, Metadata, Path};

/// What a put does when the record exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PutMode {
    /// It is an error.
    Insert,
    /// The record is replaced.
    Upsert,
}

/// One step of a write, checked in form, not yet against the database.
#[derive(Debug, Clone)]
pub(crate) enum Operation {
    Put {
        mode: PutMode,
        record: Box<CheckedRecord>,
    },
    Delete {
        namespace: Arc<str>,
        id: Arc<str>,
    },
    /// All records that match; `None` as namespace means all of them.
    DeleteMatching {
        namespace: Option<Arc<str>>,
        filter: Filter,
    },
    /// Merges at the top level.
    UpdateMetadata {
        namespace: Arc<str>,
        id: Arc<str>,
        metadata: Metadata,
    },
    SetExpiry {
        namespace: Arc<str>,
        id: Arc<str>,
        expires_at: Option<Millis>,
    },
    /// All records that are past their time.
    Sweep,
    /// How graphs are built and searched.
    Configure {
        changes: IndexChanges,
    },
    /// A field gets an index, if it has none.
    CreateIndex {
        path: Path,
        kind: FieldType,
    },
    /// The index of a field goes, if there is one.
    DropIndex {
        path: Path,
    },
    /// What the application keeps under a key becomes this, or goes.
    Kv {
        key: KvKey,
        value: Option<Arc<[u8]>>,
    },
}

/// A record in the form in which it is stored.
#[derive(Debug, Clone)]
pub(crate) struct CheckedRecord {
    pub(crate) namespace: Arc<str>,
    pub(crate) id: Arc<str>,
    /// Space name and components; the default space is `""`.
    pub(crate) vectors: Vec<(Arc<str>, Arc<Vec<f32>>)>,
    pub(crate) text: Option<Arc<str>>,
    pub(crate) sparse: Option<Arc<SparseVector>>,
    pub(crate) metadata: Arc<Metadata>,
    pub(crate) expires_at: Option<Millis>,
}

/// Checks a record and brings it into the form in which it is stored, its text analyzed if that is done by `session`, an
/// analyzer that is not stored.
pub(crate) fn put(
    mode: PutMode,
    mut record: Record,
    now: Millis,
    session: Option<&Analyzer>,
) -> Result<Operation> {
    let analyzed = session.map_or(Ok(()), |analyzer| record.analyze(analyzer));
    let checked = analyzed.and_then(|()| check_record(&record, now)).map_err(|error| {
        let id: String = record.id.chars().take(64).collect();
        error.context(format_args!("record {id:?}"))
    })?;
    let mut vectors: Vec<(Arc<str>, Arc<Vec<f32>>)> = Vec::new();
    if let Some(vector) = record.vector {
        vectors.push((Arc::from(""), tight(vector)));
    }
    vectors.extend(record.vectors.into_iter().map(|(space, vector)| (Arc::from(space), tight(vector))));
    let record = CheckedRecord {
        namespace: Arc::from(record.namespace),
        id: Arc::from(record.id),
        vectors,
        text: record.text.map(Arc::from),
        sparse: record.sparse.map(Arc::new),
        metadata: Arc::new(record.metadata),
        expires_at: checked,
    };
    Ok(Operation::Put { mode, record: Box::new(record) })
}

/// A vector as it came, without a copy and without room to grow.
fn tight(mut vector: Vec<f32>) -> Arc<Vec<f32>> {
    vector.shrink_to_fit();
    Arc::new(vector)
}

/// Everything about a record but its place in the database; returns when it expires.
fn check_record(record: &Record, now: Millis) -> Result<Option<Millis>> {
    check_namespace(&record.namespace)?;
    check_id(&record.id)?;
    if let Some(vector) = &record.vector {
        check_vector("vector", vector)?;
    }
    for (space, vector) in &record.vectors {
        if space.is_empty() {
            return Err(Error::invalid("vectors: a space needs a name; the unnamed one is given as vector"));
        }
        check_name("vectors: the name of a space", space)?;
        check_vector(&format!("vectors[{space:?}]"), vector)?;
    }
    if let Some(text) = &record.text {
        at_most("text", text.len(), MAX_TEXT_BYTES, "bytes")?;
    }
    if let Some(sparse) = &record.sparse {
        check_sparse(sparse)?;
    }
    value::validate(&record.metadata)?;
    match (record.ttl, record.expires_at) {
        (Some(ttl), _) => expiry(now, ttl).map(Some),
        (None, Some(at)) => seconds("expires_at", at, MAX_EXPIRES_AT).map(Some),
        (None, None) => Ok(None),
    }
}

/// A put under a key of a table of the application's own, or a delete.
pub(crate) fn kv(table: &str, key: &str, value: Option<&[u8]>) -> Result<Operation> {
    for (what, given, limit) in [("table", table, MAX_NAME_BYTES), ("key", key, MAX_ID_BYTES)] {
        if given.is_empty() {
            return Err(Error::invalid(format!(
                "{what}: expected at least one character, got an empty string"
            )));
        }
        at_most(what, given.len(), limit, "bytes")?;
    }
    at_most("value", value.map_or(0, <[u8]>::len), MAX_KV_VALUE_BYTES, "bytes")?;
    Ok(Operation::Kv { key: KvKey::new(table, key), value: value.map(Arc::from) })
}

/// `ttl` seconds from now.
pub(crate) fn expiry(now: Millis, ttl: f64) -> Result<Millis> {
    Ok(now.saturating_add(seconds("ttl", ttl, MAX_TTL_SECONDS)?))
}

/// Seconds as milliseconds.
fn seconds(name: &str, seconds: f64, most: f64) -> Result<Millis> {
    if !(seconds.is_finite() && (0.0..=most).contains(&seconds)) {
        return Err(Error::invalid(format!(
            "{name}: expected finite seconds from 0 to {most:e}, got {seconds}"
        )));
    }
    Ok((seconds * 1_000.0).round() as Millis)
}

pub(crate) fn check_id(id: &str) -> Result<()> {
    if id.is_empty() {
        return Err(Error::invalid("id: expected at least one character, got an empty string"));
    }
    at_most("id", id.len(), MAX_ID_BYTES, "bytes")
}

pub(crate) fn check_namespace(namespace: &str) -> Result<()> {
    check_name("namespace", namespace)
}

fn check_name(what: &str, name: &str) -> Result<()> {
    at_most(what, name.len(), MAX_NAME_BYTES, "bytes")
}

fn check_vector(what: &str, vector: &[f32]) -> Result<()> {
    if vector.is_empty() {
        return Err(Error::invalid(format!("{what}: expected at least one number, got none")));
    }
    at_most(what, vector.len(), MAX_DIMENSION, "numbers")?;
    // All of them first, without an early end: that is one pass of vector instructions.
    if vector.iter().fold(true, |finite, number| finite & number.is_finite()) {
        return Ok(());
    }
    match vector.iter().enumerate().find(|(_, number)| !number.is_finite()) {
        None => Ok(()),
        Some((position, number)) => Err(Error::invalid(format!(
            "{what}: expected finite numbers, got {number} at position {position}"
        ))),
    }
}

fn check_sparse(sparse: &SparseVector) -> Result<()> {
    at_most("sparse", sparse.len(), MAX_SPARSE_TERMS, "terms")?;
    for (term, weight) in sparse {
        if term.is_empty() {
            return Err(Error::invalid(
                "sparse: expected terms of at least one character, got an empty string",
            ));
        }
        at_most("sparse: a term", term.len(), MAX_TERM_BYTES, "bytes")?;
        if !(weight.is_finite() && *weight >= 0.0) {
            return Err(Error::invalid(format!(
                "sparse: expected finite weights of at least 0, got {weight} for {term:?}"
            )));
        }
    }
    Ok(())
}

fn at_most(what: &str, found: usize, limit: usize, unit: &str) -> Result<()> {
    if found <= limit {
        return Ok(());
    }
    Err(Error::invalid(format!("{what}: expected at most {limit} {unit}, got {found}")))
}
