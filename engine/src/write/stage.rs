//! Operations against the current state: what they mean for it, as changes, applied to a view that is not yet
//! published. A transaction stages on a private view to read its own writes; a commit stages on the newest one.

use std::sync::Arc;

use super::batch::{CheckedRecord, Operation, PutMode};
use crate::clock::Millis;
use crate::error::{Error, ErrorKind, Result};
use crate::field_type::FieldType;
use crate::filter::Filter;
use crate::index::maintain;
use crate::interrupt;
use crate::limits::MAX_SPACES;
use crate::read::matching::matching;
use crate::storage::catalog::SpaceId;
use crate::storage::change::Change;
use crate::storage::document::Document;
use crate::storage::fields::definition::Field;
use crate::storage::record::{NamespaceId, RecordKey, RecordRow};
use crate::storage::view::View;
use crate::value::{self, Path, Shortened};

/// A commit that is taking shape.
#[derive(Debug)]
pub(crate) struct Stage {
    /// The state behind the operations staged so far.
    pub(crate) view: View,
    /// What they come down to.
    pub(crate) changes: Vec<Change>,
    now: Millis,
}

/// A place in a stage.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark {
    /// How many changes were staged.
    pub(crate) changes: usize,
    commit: u64,
}

impl Stage {
    pub(crate) fn new(view: View, now: Millis) -> Stage {
        Stage { view, changes: Vec::new(), now }
    }

    /// What is staged from here on is staged at this time.
    pub(crate) fn set_now(&mut self, now: Millis) {
        self.now = now;
    }

    /// Takes over a commit of which only the changes are known.
    pub(crate) fn adopt(&mut self, commit: u64, changes: Vec<Change>) -> Result<()> {
        for change in changes {
            self.push(change)?;
        }
        self.view.commit = commit;
        Ok(())
    }

    /// Where the stage is now, to come back to.
    pub(crate) fn mark(&self) -> Mark {
        Mark { changes: self.changes.len(), commit: self.view.commit }
    }

    /// Forgets what was staged since the mark; `base` is the view that the stage began with. Only a failed writer pays
    /// for this: a copy before each one would cost every writer the paths that a copy shares.
    pub(crate) fn undo(&mut self, mark: Mark, base: &View) -> Result<()> {
        self.changes.truncate(mark.changes);
        self.view = base.clone();
        for change in &self.changes {
            maintain::apply(change, &mut self.view)?;
        }
        self.view.commit = mark.commit;
        Ok(())
    }

    /// Stages one operation; returns how many records it concerned. After an error the stage must be dropped, or
    /// undone.
    pub(crate) fn stage(&mut self, operation: &Operation) -> Result<usize> {
        match operation {
            Operation::Put { mode, record } => self.put(*mode, record),
            Operation::Delete { namespace, id } => match self.live_record(namespace, id)? {
                None => Ok(0),
                Some((record, _)) => self.remove(record),
            },
            Operation::DeleteMatching { namespace, filter } => {
                self.delete_matching(namespace.as_deref(), filter)
            }
            Operation::UpdateMetadata { namespace, id, metadata } => {
                let Some((record, row)) = self.live_record(namespace, id)? else { return Ok(0) };
                let mut merged = row.metadata.as_ref().clone();
                merged.extend(metadata.clone());
                value::validate(&merged)?;
                self.push(Change::Metadata { record, metadata: Arc::new(merged) })
            }
            Operation::SetExpiry { namespace, id, expires_at } => {
                let Some((record, row)) = self.live_record(namespace, id)? else { return Ok(0) };
                if row.expires_at == *expires_at {
                    return Ok(1);
                }
                self.push(Change::Expiry { record, expires_at: *expires_at })
            }
            Operation::Configure { changes } => {
                let before = self.view.catalog.index_config;
                let config = changes.apply(&before)?;
                if config == before { Ok(0) } else { self.push(Change::IndexConfig { config }) }
            }
            Operation::CreateIndex { path, kind } => self.create_index(path, *kind),
            Operation::DropIndex { path } => match self.view.catalog.fields.by_path(path.as_str()) {
                None => Ok(0),
                Some(field) => self.push(Change::DropIndex { id: field.id }),
            },
            Operation::Kv { key, value: None } if !self.view.has_kv(key)? => Ok(0),
            Operation::Kv { key, value } => self.push(Change::Kv { key: key.clone(), value: value.clone() }),
            Operation::Sweep => {
                let expired = self.view.expired(self.now)?;
                let count = expired.len();
                expired.into_iter().try_for_each(|(record, _)| self.remove(record).map(drop))?;
                Ok(count)
            }
        }
    }

    fn push(&mut self, change: Change) -> Result<usize> {
        maintain::apply(&change, &mut self.view)?;
        self.changes.push(change);
        Ok(1)
    }

    fn remove(&mut self, record: RecordKey) -> Result<usize> {
        self.push(Change::Remove { record })
    }

    /// The record and its row, unless it does not exist or has expired.
    fn live_record(&self, namespace: &str, id: &Arc<str>) -> Result<Option<(RecordKey, RecordRow)>> {
        let Some(namespace) = self.view.catalog.namespace_id(namespace) else { return Ok(None) };
        let record = RecordKey::new(namespace, Arc::clone(id));
        let row = self.view.record(&record)?.filter(|row| !row.is_expired(self.now));
        Ok(row.map(|row| (record, row)))
    }

    fn put(&mut self, mode: PutMode, record: &CheckedRecord) -> Result<usize> {
        if mode == PutMode::Insert && self.live_record(&record.namespace, &record.id)?.is_some() {
            return Err(Error::new(
                ErrorKind::AlreadyExists,
                format!(
                    "record {:?} already exists in namespace {:?}; use upsert to replace it",
                    record.id, record.namespace
                ),
            ));
        }
        let namespace = self.namespace(&record.namespace)?;
        let mut vectors = Vec::with_capacity(record.vectors.len());
        for (space, vector) in &record.vectors {
            let space = self
                .space(space, vector.len())
                .map_err(|error| error.context(format_args!("record {:?}", record.id)))?;
            vectors.push((space, Arc::clone(vector)));
        }
        vectors.sort_by_key(|(space, _)| *space);
        let slot = self.view.catalog.allocate_slot()?;
        let document = Document {
            record: RecordKey::new(namespace, Arc::clone(&record.id)),
            vectors,
            text: record.text.clone(),
            sparse: record.sparse.clone(),
        };
        self.push(Change::Put {
            slot,
            document: Arc::new(document),
            metadata: Arc::clone(&record.metadata),
            expires_at: record.expires_at,
        })
    }

    /// The id of a namespace, given now if this is its first record.
    fn namespace(&mut self, name: &Arc<str>) -> Result<NamespaceId> {
        if let Some(id) = self.view.catalog.namespace_id(name) {
            return Ok(id);
        }
        let id = self.view.catalog.next_namespace()?;
        self.push(Change::Namespace { id, name: Arc::clone(name) })?;
        Ok(id)
    }

    /// The id of a vector space, given now if this is its first vector.
    fn space(&mut self, name: &Arc<str>, dimension: usize) -> Result<SpaceId> {
        if let Some(space) = self.view.catalog.space(name) {
            if space.dimension != dimension {
                return Err(Error::dimension_mismatch(space.dimension, dimension));
            }
            return Ok(space.id);
        }
        let id = self.view.catalog.spaces().len();
        if id >= MAX_SPACES {
            return Err(Error::invalid(format!(
                "vectors: a database holds at most {MAX_SPACES} vector spaces"
            )));
        }
        let id = id as SpaceId;
        self.push(Change::Space { id, name: Arc::clone(name), dimension })?;
        Ok(id)
    }

    fn create_index(&mut self, path: &Path, kind: FieldType) -> Result<usize> {
        let fields = &self.view.catalog.fields;
        if let Some(field) = fields.by_path(path.as_str()) {
            if field.kind == kind {
                return Ok(0);
            }
            return Err(Error::new(
                ErrorKind::AlreadyExists,
                format!(
                    "an index of type {:?} already exists for field {}; drop it first to make one of type {kind:?}",
                    field.kind.name(),
                    Shortened(path.as_str()),
                ),
            ));
        }
        let field = Field { id: fields.next_id(), path: path.clone(), kind };
        self.push(Change::CreateIndex { field })
    }

    fn delete_matching(&mut self, namespace: Option<&str>, filter: &Filter) -> Result<usize> {
        let expired = self.view.expired_slots(self.now)?;
        let slots = matching(&self.view, namespace, filter, &expired, self.now)?.slots;
        let records: Vec<RecordKey> =
            slots.iter().map(|slot| self.view.record_of(slot)).collect::<Result<_>>()?;
        let count = records.len();
        for record in records {
            interrupt::aborted()?;
            self.remove(record)?;
        }
        Ok(count)
    }
}
