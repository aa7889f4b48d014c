//! Field indexes against records: whatever is indexed, wherever a record stands (in `.vdb`, in a memtable, changed in place), the
//! answer is that of evaluation.

use std::collections::BTreeMap;

use crate::filter::tests::random::Random;
use crate::limits::MAX_KEYWORD_BYTES;
use crate::storage::fields::entries::Class;
use crate::storage::fields::postings::Postings;
use crate::{Database, FieldType, Filter, Metadata, OpenOptions, Record, SearchRequest, Value};

/// Random filters, and records that they are asked of; `VECTLITE_FILTERS=100000` for a campaign.
const FILTERS: u64 = 1_500;
const RECORDS: usize = 120;
/// Lists of so many records are not compared whole.
const LONG: usize = 200;

/// The paths of [`Random::path`] that find something most often, each with an index.
const INDEXES: [(&str, FieldType); 8] = [
    ("a", FieldType::Keyword),
    ("b", FieldType::Numeric),
    ("a.b", FieldType::Keyword),
    ("b.a", FieldType::Bool),
    ("0", FieldType::Numeric),
    ("1", FieldType::Text),
    ("a.0", FieldType::Numeric),
    ("", FieldType::Bool),
];

struct World {
    db: Database,
    /// By namespace and id.
    model: BTreeMap<(String, String), Metadata>,
    random: Random,
    seed: u64,
}

impl World {
    /// A namespace and an id. Names of namespaces come in another order than their numbers.
    fn key(&mut self, records: usize) -> (String, String) {
        let namespace = self.random.pick(&["", "", "b", "a"]);
        (namespace.to_owned(), format!("r{:05}", self.random.below(records)))
    }

    fn metadata(&mut self) -> Metadata {
        let mut metadata = self.random.record();
        // Longer than a key, some of them differing behind its end only.
        if self.random.below(12) == 0 {
            let long = "x".repeat(MAX_KEYWORD_BYTES - 1) + self.random.pick(&["", "a", "ab", "ac"]);
            let value = Value::from(long);
            let value = if self.random.below(2) == 0 { value } else { Value::from(vec![value]) };
            metadata.insert("a".to_owned(), value);
        }
        metadata
    }

    fn change(&mut self, records: usize) {
        let key = self.key(records);
        let (namespace, id) = (Some(key.0.as_str()), key.1.as_str());
        let record = || Record::new(id).namespace(&key.0);
        match self.random.below(8) {
            0..5 => {
                let metadata = self.metadata();
                self.db.upsert(record().metadata(metadata.clone())).unwrap();
                self.model.insert(key, metadata);
            }
            5 => {
                let change = self.metadata();
                if self.db.update_metadata(id, change.clone(), namespace).unwrap() {
                    self.model.get_mut(&key).unwrap().extend(change);
                }
            }
            6 => assert_eq!(self.db.delete(id, namespace).unwrap(), self.model.remove(&key).is_some()),
            _ => {
                // A commit that fails takes its slots back.
                let metadata = self.metadata();
                let records = [Record::new("lost").metadata(metadata), record()];
                if self.model.contains_key(&key) {
                    self.db.insert_many(records).unwrap_err();
                }
            }
        }
    }

    fn filter(&mut self) -> Value {
        if self.random.below(10) > 0 {
            return self.random.filter(2);
        }
        let long = "x".repeat(MAX_KEYWORD_BYTES - 1);
        let tests = [
            ("$eq", Value::from(long.clone() + "ab")),
            ("$ne", Value::from(long.clone() + "ac")),
            ("$in", Value::from(vec![long.clone() + "a", long.clone() + "ab", "ab".to_owned()])),
            ("$gt", Value::from(long.clone())),
            ("$lte", Value::from(long.clone() + "ab")),
            ("$prefix", Value::from(long.clone() + "a")),
            ("$contains", Value::from(long.clone() + "ab")),
            ("$all", Value::from(vec![long.clone() + "ab"])),
            ("$regex", Value::from("xa[bc]$")),
        ];
        let (operator, operand) = self.random.pick(&tests);
        Value::Map([("a".to_owned(), Value::Map([(operator.to_owned(), operand)].into()))].into())
    }

    fn ask(&mut self) -> usize {
        let value = self.filter();
        let seed = self.seed;
        let filter = Filter::parse(&value).unwrap();
        let matches = self.model.iter().filter(|(_, metadata)| filter.matches(metadata).unwrap());
        let expected: Vec<(String, String)> = matches.map(|(key, _)| key.clone()).collect();
        let keys = |records: Vec<Record>| {
            records.into_iter().map(|record| (record.namespace, record.id)).collect::<Vec<_>>()
        };
        for namespace in [None, Some("a"), Some("")] {
            let of = |key: &&(String, String)| namespace.is_none_or(|namespace| key.0 == namespace);
            let expected: Vec<&(String, String)> = expected.iter().filter(of).collect();
            let count = self.db.count(namespace, Some(&filter)).unwrap();
            assert_eq!(count, expected.len() as u64, "seed {seed}: {value:?}");
            // Of long lists a part: most of the time goes into putting records together.
            let (limit, offset) = match expected.len() {
                0..LONG => (1 + self.random.below(5), self.random.below(8)),
                long => (50, self.random.below(long)),
            };
            let page = keys(self.db.list(namespace, Some(&filter), limit, offset).unwrap());
            assert!(
                page.iter().eq(expected.iter().copied().skip(offset).take(limit)),
                "seed {seed}: {value:?}"
            );
            if expected.len() >= LONG {
                continue;
            }
            let all = keys(self.db.list(namespace, Some(&filter), 0, 0).unwrap());
            assert!(all.iter().eq(expected.iter().copied()), "seed {seed}: {value:?}");
            let mut paged = Vec::new();
            let mut cursor = None;
            loop {
                let limit = 1 + expected.len() / 3;
                let page = self.db.list_cursor(namespace, Some(&filter), limit, cursor.as_deref());
                let (records, next) = page.unwrap();
                paged.extend(keys(records));
                cursor = next;
                if cursor.is_none() {
                    break;
                }
            }
            assert!(paged.iter().eq(expected.iter().copied()), "seed {seed}: {value:?}");
        }
        expected.len()
    }
}

#[test]
fn an_index_never_changes_an_answer() {
    let campaign = std::env::var("VECTLITE_FILTERS").ok().and_then(|count| count.parse().ok());
    let (filters, records) = campaign.map_or((FILTERS, RECORDS), |count| (count, 5_000));
    let rounds = 12;
    let (mut matched, mut asked) = (0, 0);
    for round in 0..rounds {
        let directory = tempfile::tempdir().unwrap();
        let db = Database::open(directory.path().join("a.vdb"), OpenOptions::new().dimension(2)).unwrap();
        let seed = round;
        let mut world = World { db, model: BTreeMap::new(), random: Random::new(seed), seed };
        // Indexes come before records, after some, and once all of them are there.
        for (path, kind) in &INDEXES[..3] {
            assert!(world.db.create_index(path, *kind).unwrap());
        }
        (0..records).for_each(|_| world.change(records));
        for (path, kind) in &INDEXES[3..] {
            assert!(world.db.create_index(path, *kind).unwrap());
        }
        for part in 0..6 {
            (0..records / 6).for_each(|_| world.change(records));
            for _ in 0..filters.div_ceil(rounds * 6) {
                asked += world.model.len();
                matched += world.ask();
            }
            match part {
                0 => world.db.flush().unwrap(),
                2 => drop(world.db.compact().unwrap()),
                3 => {
                    assert!(world.db.drop_index("b").unwrap());
                    assert!(world.db.create_index("b", FieldType::Keyword).unwrap());
                }
                4 => {
                    world.db.close().unwrap();
                    let path = directory.path().join("a.vdb");
                    world.db = Database::open(path, OpenOptions::new()).unwrap();
                    assert_eq!(world.db.list_indexes().unwrap().len(), INDEXES.len());
                }
                _ => {}
            }
        }
        let value = world.filter();
        let filter = Filter::parse(&value).unwrap();
        let found = world.db.search(&SearchRequest::new().text("x").filter(filter.clone())).unwrap();
        assert!(found.hits.is_empty());
        let gone = world.db.delete_by_filter(&filter, None).unwrap();
        let before = world.model.len();
        world.model.retain(|_, metadata| !filter.matches(metadata).unwrap());
        assert_eq!(gone, before - world.model.len(), "seed {seed}: {value:?}");
        assert_eq!(world.db.count(None, None).unwrap(), world.model.len() as u64, "seed {seed}");
    }
    assert!((asked / 10..asked * 9 / 10).contains(&matched), "{matched} of {asked} matched");
}

#[test]
fn what_an_index_knows_is_not_looked_up_in_records() {
    let directory = tempfile::tempdir().unwrap();
    let db = Database::open(directory.path().join("a.vdb"), OpenOptions::new().dimension(2)).unwrap();
    let record = |n: i32| {
        Record::new(n.to_string())
            .vector([1.0, 0.0])
            .metadata([("n", n), ("m", n)].map(|(k, v)| (k, v.into())))
    };
    db.upsert_many((0..10).map(record)).unwrap();
    assert!(db.create_index("n", FieldType::Numeric).unwrap());
    let plan = |filter: Filter| {
        let request = SearchRequest::new().vector([1.0, 0.0]).filter(filter);
        let found = db.search(&request).unwrap();
        (found.stats.plan, found.hits.len())
    };
    let (known, unknown) = (|| Filter::lt("n", 4), || Filter::lt("m", 2));
    let expected = |plan: &str, hits| (plan.to_owned(), hits);
    assert_eq!(plan(known()), expected("index+exact", 4));
    assert_eq!(plan(Filter::not(known())), expected("index+exact", 6));
    assert_eq!(plan(unknown()), expected("filter+exact", 2));
    assert_eq!(plan(Filter::not(unknown())), expected("filter+exact", 8));
    // One part is enough to leave most records out; of the others every one is possible.
    assert_eq!(plan(known().and(unknown())), expected("index+filter+exact", 2));
    assert_eq!(plan(known().or(unknown())), expected("index+filter+exact", 4));
    // Nothing is left to look at where the index says that nothing matches.
    assert_eq!(plan(Filter::lt("n", 0).and(unknown())), expected("index+exact", 0));
    // Until it is built, all records are.
    assert!(db.drop_index("n").unwrap());
    assert_eq!(plan(known()), expected("filter+exact", 4));
}

#[test]
fn a_dropped_index_leaves_nothing_behind() {
    let directory = tempfile::tempdir().unwrap();
    let db = Database::open(directory.path().join("a.vdb"), OpenOptions::new().dimension(2)).unwrap();
    db.upsert_many((0..10).map(|n| Record::new(n.to_string()).metadata([("n", Value::from(n))]))).unwrap();
    let stored = |id| {
        let field = db.newest().unwrap().read(|view| view.snapshot.field(id)).unwrap();
        field.at(Class::Present, &[]).len()
    };
    assert!(db.create_index("n", FieldType::Numeric).unwrap());
    assert_eq!(stored(0), 10);
    assert!(db.drop_index("n").unwrap());
    assert!(db.create_index("n", FieldType::Keyword).unwrap());
    // Another number: what the first one leaves until the checkpoint belongs to nobody.
    assert_eq!((stored(0), stored(1)), (0, 10));
}
