//! A mixed load that a child process runs until it is killed, and that its parent knows step by step.
//!
//! The steps follow from a seed, so the parent can tell what the database must hold after any number of them. The
//! child says of each step when it begins and when it is acknowledged; then a killed child leaves the state after
//! the last acknowledged step, or the state after the one that it was at, and nothing between the two.

use std::ops::Range;

use vectlite::{FieldType, Metadata, Record, Value};

use crate::random::Random;
use crate::step::{End, Step, Write};

/// Threads of the child. Each has a namespace of its own, so that its steps have one order.
pub const WORKERS: usize = 2;
/// Dimension of the vectors.
pub const DIMENSION: usize = 8;

/// Ids in a worker's namespace that single writes choose from: few, so that most steps meet a record, and enough that all workers together
/// have a graph.
const IDS: u64 = 90;
/// Groups of records that transactions write together, and records of a group.
const GROUPS: u64 = 4;
const GROUP_RECORDS: Range<u64> = 0..5;

/// Fields of the metadata: what each record has, and what is added to some in place.
pub const FIELDS: [&str; 2] = ["generation", "note"];

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

    fn delete(&mut self) -> Write {
        Write::Delete(namespace(self.worker), vec![self.id()])
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
                Step::Write(Write::Upsert(vec![self.record(id)]))
            }
            45..60 => {
                let first = self.random.below(IDS);
                let many = first..first + 1 + self.random.below(20);
                Step::Write(Write::Upsert(many.map(|number| self.record(format!("r{number}"))).collect()))
            }
            60..72 => Step::Write(self.delete()),
            72..84 => {
                let group = self.random.below(GROUPS);
                let records = GROUP_RECORDS.map(|number| self.record(format!("t{group}-{number}"))).collect();
                // What the application notes of it: it says which records are there.
                let noted = (namespace(self.worker), format!("t{group}"));
                let generation = self.generation.to_le_bytes().to_vec();
                let writes = vec![Write::Upsert(records), self.delete(), Write::Kv(noted, Some(generation))];
                Step::Transaction(writes, End::Commit)
            }
            84..94 => {
                let note = Value::Int(self.generation as i64);
                let metadata = Metadata::from([("note".to_owned(), note)]);
                Step::Write(Write::UpdateMetadata((namespace(self.worker), self.id()), metadata))
            }
            94..96 => Step::Flush,
            96..98 => Step::CreateIndex(self.random.pick(&FIELDS), FieldType::Numeric),
            98 => Step::DropIndex(self.random.pick(&FIELDS)),
            _ => Step::Compact,
        };
        Some(step)
    }
}
