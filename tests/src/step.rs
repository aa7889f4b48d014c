//! One step of a load or a campaign: done to a database, and to the model beside it.

use vectlite::{
    BulkOptions, Database, ErrorKind, FieldType, Filter, IndexChanges, Metadata, Record, Result, Transaction,
};

use crate::model::{Key, KvKey, Model, Outcome};

/// What a transaction can do, too.
#[derive(Debug, Clone)]
pub enum Write {
    /// Records that must not exist.
    Insert(Vec<Record>),
    /// Records that may exist.
    Upsert(Vec<Record>),
    /// Records of a namespace less, as far as there are any.
    Delete(String, Vec<String>),
    /// Metadata of a record, if there is one.
    UpdateMetadata(Key, Metadata),
    /// A record that expires in so many seconds, if there is one.
    SetTtl(Key, f64),
    /// What the application keeps under a key, or nothing any more. Only transactions write it.
    Kv(KvKey, Option<Vec<u8>>),
}

/// How a transaction ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// All of it is done.
    Commit,
    /// Nothing is.
    Rollback,
}

/// One step.
#[derive(Debug, Clone)]
pub enum Step {
    /// A commit of one write.
    Write(Write),
    /// A record that stays for good, if there is one.
    ClearTtl(Key),
    /// All records less that match, of a namespace or of all.
    DeleteByFilter(Filter, Option<String>),
    /// Several writes as one.
    Transaction(Vec<Write>, End),
    /// Records that may exist, so many of them a commit.
    BulkLoad(Vec<Record>, usize),
    /// A checkpoint.
    Flush,
    /// `.vdb` written anew.
    Compact,
    /// A field gets an index, if it has none.
    CreateIndex(&'static str, FieldType),
    /// The index of a field goes, if it has one.
    DropIndex(&'static str),
    /// Links that a node of a graph chooses, and candidates that a search keeps.
    Configure(usize, Option<usize>),
}

impl Write {
    /// What it is called.
    pub fn name(&self) -> &'static str {
        match self {
            Write::Insert(records) if records.len() == 1 => "insert",
            Write::Insert(_) => "insert_many",
            Write::Upsert(records) if records.len() == 1 => "upsert",
            Write::Upsert(_) => "upsert_many",
            Write::Delete(_, ids) if ids.len() == 1 => "delete",
            Write::Delete(..) => "delete_many",
            Write::UpdateMetadata(..) => "update_metadata",
            Write::SetTtl(..) => "set_ttl",
            Write::Kv(_, Some(_)) => "kv_put",
            Write::Kv(_, None) => "kv_delete",
        }
    }

    /// The records that it is about.
    pub fn keys(&self) -> Vec<Key> {
        match self {
            Write::Insert(records) | Write::Upsert(records) => {
                records.iter().map(|record| (record.namespace.clone(), record.id.clone())).collect()
            }
            Write::Delete(namespace, ids) => ids.iter().map(|id| (namespace.clone(), id.clone())).collect(),
            Write::UpdateMetadata(key, _) | Write::SetTtl(key, _) => vec![key.clone()],
            Write::Kv(..) => Vec::new(),
        }
    }

    fn run(&self, db: &Database) -> Result<usize> {
        match self {
            Write::Insert(records) => match records.as_slice() {
                [record] => db.insert(record.clone()).map(|()| 1),
                records => db.insert_many(records.to_vec()),
            },
            Write::Upsert(records) => match records.as_slice() {
                [record] => db.upsert(record.clone()).map(|()| 1),
                records => db.upsert_many(records.to_vec()),
            },
            Write::Delete(namespace, ids) => match ids.as_slice() {
                [id] => db.delete(id, Some(namespace)).map(usize::from),
                ids => db.delete_many(ids, Some(namespace)),
            },
            Write::UpdateMetadata((namespace, id), metadata) => {
                db.update_metadata(id, metadata.clone(), Some(namespace)).map(usize::from)
            }
            Write::SetTtl((namespace, id), ttl) => db.set_ttl(id, *ttl, Some(namespace)).map(usize::from),
            Write::Kv(..) => {
                let mut transaction = db.transaction()?;
                self.stage(&mut transaction)?;
                transaction.commit().map(|()| 0)
            }
        }
    }

    /// Makes it a part of a transaction.
    ///
    /// # Errors
    /// Those of the database about the form of what is written.
    pub fn stage(&self, transaction: &mut Transaction) -> Result<()> {
        match self {
            Write::Insert(records) => match records.as_slice() {
                [record] => transaction.insert(record.clone()),
                records => transaction.insert_many(records.to_vec()).map(drop),
            },
            Write::Upsert(records) => match records.as_slice() {
                [record] => transaction.upsert(record.clone()),
                records => transaction.upsert_many(records.to_vec()).map(drop),
            },
            Write::Delete(namespace, ids) => match ids.as_slice() {
                [id] => transaction.delete(id, Some(namespace)),
                ids => transaction.delete_many(ids, Some(namespace)),
            },
            Write::UpdateMetadata((namespace, id), metadata) => {
                transaction.update_metadata(id, metadata.clone(), Some(namespace))
            }
            Write::SetTtl((namespace, id), ttl) => transaction.set_ttl(id, *ttl, Some(namespace)),
            Write::Kv((table, key), Some(value)) => transaction.kv_put(table, key, value),
            Write::Kv((table, key), None) => transaction.kv_delete(table, key),
        }
    }

    /// Whether all of it could be stored in some database.
    fn is_well_formed(&self) -> bool {
        match self {
            Write::Insert(records) | Write::Upsert(records) => records.iter().all(is_well_formed),
            Write::Delete(_, ids) => ids.iter().all(|id| !id.is_empty()),
            Write::UpdateMetadata((_, id), _) => !id.is_empty(),
            Write::SetTtl((_, id), ttl) => !id.is_empty() && *ttl >= 0.0,
            Write::Kv((table, key), _) => !table.is_empty() && !key.is_empty(),
        }
    }

    /// Does it to the model: all of it, or nothing.
    ///
    /// # Errors
    /// As a database answers.
    pub fn apply(&self, model: &mut Model) -> Outcome {
        if !self.is_well_formed() {
            return Err(ErrorKind::InvalidArgument);
        }
        let put_all = |model: &mut Model, records: &[Record], may_exist| {
            if let [record] = records {
                return model.put(record, may_exist);
            }
            let mut after = model.clone();
            let count = records.iter().map(|record| after.put(record, may_exist)).sum::<Outcome>()?;
            *model = after;
            Ok(count)
        };
        match self {
            Write::Insert(records) => put_all(model, records, false),
            Write::Upsert(records) => put_all(model, records, true),
            Write::Delete(..) => Ok(self.keys().iter().map(|key| model.delete(key)).sum()),
            Write::UpdateMetadata(key, metadata) => Ok(model.update_metadata(key, metadata)),
            Write::SetTtl(key, ttl) => Ok(model.set_ttl(key, Some(*ttl))),
            Write::Kv(key, value) => {
                match value {
                    Some(value) => model.kv.insert(key.clone(), value.clone()),
                    None => model.kv.remove(key),
                };
                Ok(0)
            }
        }
    }
}

fn is_well_formed(record: &Record) -> bool {
    let mut vectors = record.vector.iter().chain(record.vectors.values());
    let mut weights = record.sparse.iter().flat_map(|sparse| sparse.values());
    !record.id.is_empty()
        && vectors.all(|vector| !vector.is_empty() && vector.iter().all(|number| number.is_finite()))
        && weights.all(|weight| *weight >= 0.0)
        && record.ttl.is_none_or(|ttl| ttl >= 0.0)
}

impl End {
    /// Ends a transaction so.
    ///
    /// # Errors
    /// Those of the commit.
    pub fn of(self, transaction: Transaction) -> Result<()> {
        match self {
            End::Commit => transaction.commit(),
            End::Rollback => {
                transaction.rollback();
                Ok(())
            }
        }
    }
}

impl Step {
    /// What it is counted under.
    pub fn name(&self) -> &'static str {
        match self {
            Step::Write(write) => write.name(),
            Step::ClearTtl(_) => "clear_ttl",
            Step::DeleteByFilter(..) => "delete_by_filter",
            Step::Transaction(_, End::Commit) => "transaction",
            Step::Transaction(_, End::Rollback) => "rollback",
            Step::BulkLoad(..) => "bulk_load",
            Step::Flush => "flush",
            Step::Compact => "compact",
            Step::CreateIndex(..) => "create_index",
            Step::DropIndex(_) => "drop_index",
            Step::Configure(..) => "set_index_config",
        }
    }

    /// Does it to the database.
    ///
    /// # Errors
    /// Those of the database.
    pub fn run(&self, db: &Database) -> Result<usize> {
        match self {
            Step::Write(write) => write.run(db),
            Step::ClearTtl((namespace, id)) => db.clear_ttl(id, Some(namespace)).map(usize::from),
            Step::DeleteByFilter(filter, namespace) => db.delete_by_filter(filter, namespace.as_deref()),
            Step::Transaction(writes, end) => {
                let mut transaction = db.transaction()?;
                writes.iter().try_for_each(|write| write.stage(&mut transaction))?;
                end.of(transaction).map(|()| 0)
            }
            Step::BulkLoad(records, size) => {
                db.bulk_ingest(records.clone(), BulkOptions::new().batch_size(*size), |_| {})
            }
            Step::Flush => db.flush().map(|()| 0),
            Step::Compact => db.compact().map(|_| 0),
            Step::CreateIndex(field, kind) => db.create_index(field, *kind).map(usize::from),
            Step::DropIndex(field) => db.drop_index(field).map(usize::from),
            Step::Configure(m, ef_search) => {
                db.set_index_config(&IndexChanges::new().m(*m).ef_search(*ef_search)).map(|()| 0)
            }
        }
    }

    /// Does it to the model. A bulk load must be of good records: how many of them stay when one is not is another question.
    ///
    /// # Errors
    /// As a database answers; then nothing has changed.
    pub fn apply(&self, model: &mut Model) -> Outcome {
        match self {
            Step::Write(write) => write.apply(model),
            Step::ClearTtl(key) => Ok(model.set_ttl(key, None)),
            Step::DeleteByFilter(filter, namespace) => {
                model.delete_by_filter(filter, namespace.as_deref()).map_err(|error| error.kind())
            }
            Step::Transaction(writes, end) => {
                if !writes.iter().all(Write::is_well_formed) {
                    return Err(ErrorKind::InvalidArgument);
                }
                if *end == End::Commit {
                    let mut after = model.clone();
                    writes.iter().try_for_each(|write| write.apply(&mut after).map(drop))?;
                    *model = after;
                }
                Ok(0)
            }
            Step::BulkLoad(records, _) => records.iter().map(|record| model.put(record, true)).sum(),
            Step::Flush | Step::Compact => Ok(0),
            Step::CreateIndex(field, kind) => match model.indexes.get(*field) {
                None => {
                    model.indexes.insert((*field).to_owned(), *kind);
                    Ok(1)
                }
                Some(known) if known == kind => Ok(0),
                Some(_) => Err(ErrorKind::AlreadyExists),
            },
            Step::DropIndex(field) => Ok(usize::from(model.indexes.remove(*field).is_some())),
            Step::Configure(m, ef_search) => {
                if !(4..=64).contains(m) || *ef_search == Some(0) {
                    return Err(ErrorKind::InvalidArgument);
                }
                (model.config.m, model.config.ef_search) = (*m, *ef_search);
                Ok(0)
            }
        }
    }
}
