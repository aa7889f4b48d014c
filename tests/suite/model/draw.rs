//! Made-up records and steps: few enough keys that most steps meet a record, and now and then what must be refused.

use std::collections::BTreeMap;

use vectlite::{FieldType, Metadata, Record, Value};
use vectlite_tests::model::{Key, KvKey};
use vectlite_tests::random::Random;
use vectlite_tests::step::{End, Step, Write};

use super::filters::{self, filter, number, tag, word};

/// Names in another order than they will be met; the default one most often.
const NAMESPACES: [&str; 5] = ["", "", "b", "a", "é/x"];
/// A named space of one dimension; the other one has that of its first vector, which others may not have.
pub(super) const SPACES: [&str; 3] = ["", "image", "wild"];
const IMAGE_DIMENSION: usize = 4;
/// Fields that get indexes, with types that hold their values and types that do not.
const INDEXES: [(&str, FieldType); 9] = [
    ("n", FieldType::Numeric),
    ("n", FieldType::Keyword),
    ("tag", FieldType::Keyword),
    ("tag", FieldType::Text),
    ("flag", FieldType::Bool),
    ("title", FieldType::Text),
    ("title", FieldType::Keyword),
    ("deep.x", FieldType::Numeric),
    ("nothing", FieldType::Numeric),
];

/// Tables of the application's own: names of which one begins as another does.
pub(super) const TABLES: [&str; 3] = ["t", "ta", "é"];
/// Keys in one of them.
const KV_KEYS: u64 = 30;

/// Draws from a seed.
pub(super) struct Draw {
    pub(super) random: Random,
    /// Ids of a namespace.
    pub(super) ids: u64,
    /// Of the default space.
    pub(super) dimension: usize,
    /// Whether transactions write tables of the application's own.
    pub(super) kv: bool,
}

impl Draw {
    pub(super) fn namespace(&mut self) -> String {
        self.random.pick(&NAMESPACES).to_owned()
    }

    /// One namespace, or all.
    pub(super) fn scope(&mut self) -> Option<String> {
        match self.random.below(20) {
            0 => Some("nobody".to_owned()),
            1..9 => None,
            _ => Some(self.namespace()),
        }
    }

    fn id(&mut self) -> String {
        let number = self.random.below(self.ids);
        match number % 8 {
            0 => format!("é {number}"),
            _ => format!("r{number}"),
        }
    }

    pub(super) fn key(&mut self) -> Key {
        (self.namespace(), self.id())
    }

    /// Small whole numbers: many scores are equal, and then keys decide.
    pub(super) fn vector(&mut self, dimension: usize) -> Vec<f32> {
        let random = &mut self.random;
        (0..dimension).map(|_| random.below(9) as f32 - 4.0).collect()
    }

    pub(super) fn words(&mut self, most: u64) -> String {
        let words: Vec<String> = (0..self.random.below(most + 1)).map(|_| word(&mut self.random)).collect();
        words.join(self.random.pick(&[" ", ", "]))
    }

    pub(super) fn sparse(&mut self) -> BTreeMap<String, f32> {
        let random = &mut self.random;
        (0..1 + random.below(3)).map(|_| (word(random), 1.0 + random.below(4) as f32 / 2.0)).collect()
    }

    fn value(&mut self, path: &str) -> Value {
        let random = &mut self.random;
        // Of a type that the index of the field does not hold, perhaps.
        if random.once_in(15) {
            return [Value::Null, Value::Int(3), Value::from("t3"), Value::List(Vec::new())]
                [random.below(4) as usize]
                .clone();
        }
        match path {
            "n" if random.once_in(10) => Value::List(vec![number(random), number(random)]),
            "n" => number(random),
            "tag" if random.once_in(3) => {
                Value::from((0..random.below(3)).map(|_| tag(random)).collect::<Vec<_>>())
            }
            "tag" => Value::from(tag(random)),
            "flag" => Value::Bool(random.once_in(2)),
            "title" if random.once_in(4) => Value::from(vec![self.words(3), self.words(3)]),
            "title" => Value::from(self.words(4)),
            _ => Value::Map([("x".to_owned(), number(random))].into()),
        }
    }

    fn metadata(&mut self) -> Metadata {
        let mut metadata = Metadata::new();
        for path in ["n", "tag", "flag", "title", "deep"] {
            if !self.random.once_in(4) {
                metadata.insert(path.to_owned(), self.value(path));
            }
        }
        metadata
    }

    fn record(&mut self, (namespace, id): Key) -> Record {
        let mut record = Record::new(id).namespace(namespace);
        record.metadata = self.metadata();
        if !self.random.once_in(6) {
            record = record.vector(self.vector(self.dimension));
        }
        if self.random.once_in(3) {
            record = record.vector_in("image", self.vector(IMAGE_DIMENSION));
        }
        if self.random.once_in(20) {
            let dimension = self.random.pick(&[2, 2, 2, 3]);
            record = record.vector_in("wild", self.vector(dimension));
        }
        if !self.random.once_in(4) {
            record = record.text(self.words(8));
        }
        if self.random.once_in(5) {
            record.sparse = Some(self.sparse());
        }
        if self.random.once_in(12) {
            record = record.ttl(self.random.below(90) as f64 / 2.0);
        }
        record
    }

    fn records(&mut self, most: u64) -> Vec<Record> {
        (0..1 + self.random.below(most))
            .map(|_| {
                let key = self.key();
                self.record(key)
            })
            .collect()
    }

    /// What no database takes, or none of this dimension.
    fn bad_record(&mut self) -> Record {
        let key = self.key();
        let mut record = self.record(key);
        match self.random.below(6) {
            0 => {
                record.id.clear();
                record
            }
            1 => record.vector(vec![f32::NAN; self.dimension]),
            2 => record.sparse([("word1", -1.0)]),
            3 => record.ttl(-1.0),
            4 => record.vector_in("image", Vec::new()),
            _ => record.vector(vec![1.0; self.dimension + 1]),
        }
    }

    pub(super) fn kv_key(&mut self) -> KvKey {
        let number = self.random.below(KV_KEYS);
        let key = match number % 7 {
            0 => format!("é{number}"),
            1 => "long".repeat(100 + number as usize),
            _ => format!("k{number}"),
        };
        (self.random.pick(&TABLES).to_owned(), key)
    }

    fn kv_write(&mut self) -> Write {
        let mut key = self.kv_key();
        if self.random.once_in(60) {
            key.1.clear();
        }
        if self.random.once_in(4) {
            return Write::Kv(key, None);
        }
        let most = self.random.pick(&[1, 20, 20, 6_000]);
        let bytes = (0..self.random.below(most)).map(|_| self.random.below(256) as u8).collect();
        Write::Kv(key, Some(bytes))
    }

    fn write(&mut self) -> Write {
        match self.random.below(100) {
            0..40 => {
                let most = if self.random.once_in(4) { 6 } else { 1 };
                let mut records = self.records(most);
                if self.random.once_in(25) {
                    let place = self.random.below(records.len() as u64 + 1) as usize;
                    records.insert(place, self.bad_record());
                }
                Write::Upsert(records)
            }
            40..60 => {
                let most = if self.random.once_in(4) { 4 } else { 1 };
                Write::Insert(self.records(most))
            }
            60..76 => {
                let most = if self.random.once_in(4) { 5 } else { 1 };
                let ids = (0..most).map(|_| self.id()).collect();
                Write::Delete(self.namespace(), ids)
            }
            76..92 => {
                let mut metadata = self.metadata();
                metadata.retain(|_, _| self.random.once_in(2));
                Write::UpdateMetadata(self.key(), metadata)
            }
            _ => {
                let ttl = if self.random.once_in(30) { -1.0 } else { self.random.below(60) as f64 };
                Write::SetTtl(self.key(), ttl)
            }
        }
    }

    /// Several writes, some of them about the records of others.
    fn writes(&mut self) -> Vec<Write> {
        let mut writes = Vec::new();
        for _ in 0..1 + self.random.below(4) {
            let write = self.write();
            let (namespace, id) = write.keys().swap_remove(0);
            writes.push(write);
            match self.random.below(4) {
                0 if !id.is_empty() => {
                    writes.push(Write::Delete(namespace.clone(), vec![id.clone()]));
                    writes.push(Write::Insert(vec![self.record((namespace, id))]));
                }
                1 if !id.is_empty() => {
                    writes.push(Write::UpdateMetadata((namespace, id), self.metadata()));
                }
                _ => {}
            }
            while self.kv && self.random.once_in(3) {
                writes.push(self.kv_write());
            }
        }
        writes
    }

    pub(super) fn step(&mut self) -> Step {
        match self.random.below(1_000) {
            0..790 => Step::Write(self.write()),
            790..815 => Step::ClearTtl(self.key()),
            815..817 => Step::DeleteByFilter(filter(&mut self.random, 2), self.scope()),
            817..828 => {
                // A narrow one, so that the database does not run empty.
                let narrow = filters::filter(&mut self.random, 1).and(self.narrow());
                Step::DeleteByFilter(narrow, Some(self.namespace()))
            }
            828..934 => {
                let end = if self.random.once_in(4) { End::Rollback } else { End::Commit };
                Step::Transaction(self.writes(), end)
            }
            934..940 => self.bulk_load(self.ids),
            940..952 => Step::Flush,
            952..958 => Step::Compact,
            958..977 => {
                let (field, kind) = self.random.pick(&INDEXES);
                Step::CreateIndex(field, kind)
            }
            977..990 => Step::DropIndex(self.random.pick(&INDEXES).0),
            _ => {
                let ef_search = [None, Some(1), Some(20), Some(0)][self.random.below(4) as usize];
                Step::Configure(self.random.pick(&[3, 4, 8, 16]), ef_search)
            }
        }
    }

    fn narrow(&mut self) -> vectlite::Filter {
        vectlite::Filter::eq("n", number(&mut self.random))
    }

    /// Records of the default namespace with all that graphs and indexes are made of.
    pub(super) fn bulk_load(&mut self, most: u64) -> Step {
        let mut records = self.records(most);
        for record in &mut records {
            record.vectors.remove("wild");
        }
        Step::BulkLoad(records, 1 + self.random.below(50) as usize)
    }
}
