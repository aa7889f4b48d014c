//! A mixed load that a child process runs until it is killed, and that its parent knows step by step.
//!
//! The steps follow from a seed, so the parent can tell what the database must hold after any number of them. The
//! child says of each step when it begins and when it is acknowledged; then a killed child leaves the state after
//! the last acknowledged step, or the state after the one that it was at, and nothing between the two.

use std::collections::BTreeMap;
use std::ops::Range;

use vectlite::{BulkOptions, Database, FieldType, Filter, IndexChanges, Metadata, Record, Result, Value};

use crate::random::Random;

/// Threads of the child. Each has a namespace of its own, so that its steps have one order.
pub const WORKERS: usize = 2;
/// Dimension of the vectors.
pub const DIMENSION: usize = 8;

/// Ids in a worker's namespace that single writes choose from: few, so that most steps meet a record.
const IDS: u64 = 40;
/// Groups of records that transactions write together, and records of a group.
const GROUPS: u64 = 4;
const GROUP_RECORDS: Range<u64> = 0..5;

/// Fields of the metadata: what each record has, and what is added to some in place.
pub const FIELDS: [&str; 2] = ["generation", "note"];

/// What a worker's namespace holds, by id.
pub type Model = BTreeMap<String, Record>;

/// The namespace of a worker.
pub fn namespace(worker: usize) -> String {
    format!("worker-{worker}")
}

/// A record that every search for all records finds, by its vector and by the word "common".
pub fn record(random: &mut Random, namespace: &str, id: String, generation: u64) -> Record {
    let vector: Vec<f32> = (0..DIMENSION).map(|_| random.below(1000) as f32 + 1.0).collect();
    let words: Vec<String> = (0..random.below(20)).map(|_| format!("w{}", random.below(100))).collect();
    Record::new(id)
        .namespace(namespace)
        .vector(vector)
        .text(format!("common {}", words.join(" ")))
        .metadata([(FIELDS[0], Value::Int(generation as i64))])
}

/// One step of a load.
#[derive(Debug, Clone)]
pub enum Step {
    /// One record.
    Upsert(Record),
    /// Several records.
    UpsertMany(Vec<Record>),
    /// One record less, if there is one.
    Delete(String),
    /// A group of records of one generation, and one record less.
    Transaction(Vec<Record>, String),
    /// Metadata of a record, if there is one.
    UpdateMetadata(String, Metadata),
    /// A checkpoint.
    Flush,
    /// `.vdb` written anew.
    Compact,
    /// One of the fields gets an index, if it has none.
    CreateIndex(&'static str),
    /// The index of one of the fields goes, if it has one.
    DropIndex(&'static str),
    /// Every record that matches goes.
    DeleteMatching(Filter),
    /// A record expires after so many seconds, at this one; by a clock that the test holds.
    SetTtl(String, f64, f64),
    /// A record stays.
    ClearTtl(String),
    /// Several records, so many of them a commit.
    BulkLoad(Vec<Record>, usize),
    /// How many candidates searches keep.
    Configure(usize),
}

impl Step {
    /// What a kill during this step is counted under.
    pub fn phase(&self) -> &'static str {
        match self {
            Step::Upsert(_) => "upsert",
            Step::UpsertMany(_) => "upsert_many",
            Step::Delete(_) => "delete",
            Step::Transaction(..) => "transaction",
            Step::UpdateMetadata(..) => "update_metadata",
            Step::Flush => "flush",
            Step::Compact => "compact",
            Step::CreateIndex(_) => "create_index",
            Step::DropIndex(_) => "drop_index",
            Step::DeleteMatching(_) => "delete_by_filter",
            Step::SetTtl(..) => "set_ttl",
            Step::ClearTtl(_) => "clear_ttl",
            Step::BulkLoad(..) => "bulk_load",
            Step::Configure(_) => "set_index_config",
        }
    }

    /// Does it to the database.
    ///
    /// # Errors
    /// Those of the database; there is nothing in a load that a working one refuses.
    pub fn run(&self, db: &Database, namespace: &str) -> Result<()> {
        match self {
            Step::Upsert(record) => db.upsert(record.clone()),
            Step::UpsertMany(records) => db.upsert_many(records.clone()).map(drop),
            Step::Delete(id) => db.delete(id, Some(namespace)).map(drop),
            Step::Transaction(records, deleted) => {
                let mut transaction = db.transaction()?;
                transaction.upsert_many(records.clone())?;
                transaction.delete(deleted, Some(namespace))?;
                transaction.commit()
            }
            Step::UpdateMetadata(id, metadata) => {
                db.update_metadata(id, metadata.clone(), Some(namespace)).map(drop)
            }
            Step::Flush => db.flush(),
            Step::Compact => db.compact().map(drop),
            Step::CreateIndex(field) => db.create_index(field, FieldType::Numeric).map(drop),
            Step::DropIndex(field) => db.drop_index(field).map(drop),
            Step::DeleteMatching(filter) => db.delete_by_filter(filter, Some(namespace)).map(drop),
            Step::SetTtl(id, ttl, _) => db.set_ttl(id, *ttl, Some(namespace)).map(drop),
            Step::ClearTtl(id) => db.clear_ttl(id, Some(namespace)).map(drop),
            Step::BulkLoad(records, batch) => {
                let options = BulkOptions::new().batch_size(*batch);
                db.bulk_ingest(records.clone(), options, |_| {}).map(drop)
            }
            Step::Configure(ef_search) => {
                db.set_index_config(&IndexChanges::new().ef_search(Some(*ef_search)))
            }
        }
    }

    /// Does it to the model.
    pub fn apply(&self, model: &mut Model) {
        let mut put = |record: &Record| _ = model.insert(record.id.clone(), record.clone());
        match self {
            Step::Upsert(record) => put(record),
            Step::UpsertMany(records) | Step::BulkLoad(records, _) => records.iter().for_each(put),
            Step::Delete(id) => _ = model.remove(id),
            // A filter that cannot be evaluated is refused, and matches nothing.
            Step::DeleteMatching(filter) => {
                model.retain(|_, record| !filter.matches(&record.metadata).unwrap_or(false));
            }
            Step::SetTtl(id, _, at) => _ = model.get_mut(id).map(|record| record.expires_at = Some(*at)),
            Step::ClearTtl(id) => _ = model.get_mut(id).map(|record| record.expires_at = None),
            Step::Transaction(records, deleted) => {
                records.iter().for_each(put);
                model.remove(deleted);
            }
            Step::UpdateMetadata(id, metadata) => {
                if let Some(record) = model.get_mut(id) {
                    record.metadata.extend(metadata.clone());
                }
            }
            Step::Flush | Step::Compact | Step::CreateIndex(_) | Step::DropIndex(_) | Step::Configure(_) => {}
        }
    }
}

/// The steps of one worker, without an end.
#[derive(Debug)]
pub struct Load {
    random: Random,
    worker: usize,
    /// Different in every record that is ever written.
    generation: u64,
}

impl Load {
    /// The steps that follow from a seed.
    pub fn new(seed: u64, worker: usize) -> Load {
        let random = Random::new(seed.wrapping_mul(WORKERS as u64).wrapping_add(worker as u64));
        Load { random, worker, generation: seed.wrapping_mul(1_000_000) % (1 << 52) }
    }

    fn id(&mut self) -> String {
        format!("r{}", self.random.below(IDS))
    }

    fn record(&mut self, id: String) -> Record {
        record(&mut self.random, &namespace(self.worker), id, self.generation)
    }
}

impl Iterator for Load {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        self.generation += 1;
        let step = match self.random.below(100) {
            0..45 => {
                let id = self.id();
                Step::Upsert(self.record(id))
            }
            45..60 => {
                let first = self.random.below(IDS);
                let many = first..first + 1 + self.random.below(20);
                Step::UpsertMany(many.map(|number| self.record(format!("r{number}"))).collect())
            }
            60..72 => Step::Delete(self.id()),
            72..84 => {
                let group = self.random.below(GROUPS);
                let records = GROUP_RECORDS.map(|number| self.record(format!("t{group}-{number}"))).collect();
                Step::Transaction(records, self.id())
            }
            84..94 => {
                let note = Value::Int(self.generation as i64);
                Step::UpdateMetadata(self.id(), Metadata::from([("note".to_owned(), note)]))
            }
            94..96 => Step::Flush,
            96..98 => Step::CreateIndex(FIELDS[self.random.below(2) as usize]),
            98 => Step::DropIndex(FIELDS[self.random.below(2) as usize]),
            _ => Step::Compact,
        };
        Some(step)
    }
}
