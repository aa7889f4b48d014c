//! Named workloads over one database, step by step, and what the database holds after each step: for suites that cut the
//! power or fail an operation anywhere between.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use vectlite::{Clock, Database, FieldType, Filter, Millis, OpenOptions, Record, Result, SyncMode};
use vectlite_tests::load::{self, DIMENSION, FIELDS, Load};
use vectlite_tests::medium::{DIRECTORY, Medium};
use vectlite_tests::model::Model;
use vectlite_tests::random::Random;
use vectlite_tests::step::{End, Step, Write};

use super::held::{Held, held};

/// When workloads begin, in milliseconds since 1970.
const BEGIN: Millis = 1_800_000_000_000;
/// How far [`Act::Wait`] moves the clock: beyond a short time to live, not beyond a long one.
const WAIT: Millis = 3_600_000;
/// Seconds of a time to live.
const SHORT: f64 = 60.0;
const LONG: f64 = 86_400.0;

/// Tables that workloads write as an application does, one of them by the load's name.
const KV_TABLES: [&str; 2] = ["worker-0", "kept"];

/// One thing that a workload does.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// A step.
    Do(Step),
    /// The database is closed and opened again.
    Reopen,
    /// Time passes.
    Wait,
    /// A snapshot is made, under a name with this number.
    Copy(usize),
    /// Another handle, for reading, looks at everything.
    Follow,
}

impl Act {
    /// What a failure is counted under.
    pub(crate) fn phase(&self) -> &'static str {
        match self {
            Act::Do(step) => step.name(),
            Act::Reopen => "reopen",
            Act::Wait => "wait",
            Act::Copy(_) => "snapshot",
            Act::Follow => "follow",
        }
    }
}

/// What is done, and how.
#[derive(Debug)]
pub(crate) struct Workload {
    pub(crate) name: &'static str,
    /// The directory of the database; missing ones are created with it.
    pub(crate) directory: &'static str,
    pub(crate) sync: SyncMode,
    pub(crate) acts: Vec<Act>,
}

/// What a database holds, with the time in it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct State(Model);

impl Default for State {
    fn default() -> State {
        State(Model::new(DIMENSION, BEGIN))
    }
}

impl State {
    /// Does it to the model.
    pub(crate) fn apply(&mut self, act: &Act) {
        match act {
            Act::Do(step) => {
                _ = step.apply(&mut self.0).expect("a workload asks for nothing that is refused")
            }
            Act::Wait => self.0.pass_time(WAIT),
            Act::Reopen | Act::Copy(_) | Act::Follow => {}
        }
    }

    /// What reads show of it at the end of all workloads.
    pub(crate) fn shown(&self) -> Shown {
        let mut model = self.0.clone();
        model.pass_time(BEGIN + WAIT - model.now());
        Shown {
            records: model.records().clone(),
            indexes: model.indexes.keys().cloned().collect(),
            kv: KV_TABLES.iter().map(|table| model.kv_scan(table, "")).collect(),
            ef_search: model.config.ef_search,
        }
    }
}

/// What reads show: everything that a commit changes.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Shown {
    pub(crate) records: Held,
    indexes: BTreeSet<String>,
    /// What is in each of [`KV_TABLES`].
    kv: Vec<Vec<(String, Vec<u8>)>>,
    ef_search: Option<usize>,
}

impl Shown {
    pub(crate) fn of(db: &Database) -> Shown {
        let mut shown = Shown::named(db).unwrap();
        for namespace in db.namespaces().unwrap() {
            shown.records.extend(held(db, &namespace));
        }
        shown
    }

    /// The same by one way of asking, where reads may fail.
    pub(crate) fn listed(db: &Database) -> Result<Shown> {
        let mut shown = Shown::named(db)?;
        db.list(None, None, 0, 0)?.into_iter().for_each(|record| shown.put(record));
        Ok(shown)
    }

    fn named(db: &Database) -> Result<Shown> {
        let indexes = db.list_indexes()?.into_iter().map(|(field, _)| field).collect();
        let kv = KV_TABLES.iter().map(|table| db.kv_scan(table, "")).collect::<Result<_>>()?;
        Ok(Shown { records: Held::new(), indexes, kv, ef_search: db.index_config()?.ef_search })
    }

    /// With one more record.
    pub(crate) fn put(&mut self, record: Record) {
        self.records.insert((record.namespace.clone(), record.id.clone()), Arc::new(record));
    }

    /// The namespaces that hold something.
    pub(crate) fn namespaces(&self) -> Vec<&str> {
        let names: BTreeSet<&str> = self.records.keys().map(|(namespace, _)| namespace.as_str()).collect();
        names.into_iter().collect()
    }

    /// Where two differ, in few words.
    pub(crate) fn difference(&self, other: &Shown) -> String {
        let mut found = Vec::new();
        for key in self.records.keys().chain(other.records.keys()).collect::<BTreeSet<_>>() {
            let both = [self, other].map(|shown| shown.records.get(key));
            if both[0] != both[1] {
                let brief = both.map(|record| {
                    record.map(|record| format!("{:?} {:?}", record.metadata, record.expires_at))
                });
                found.push(format!("{key:?}: {brief:?}"));
            }
        }
        if self.kv != other.kv {
            found.push(format!("{:?}", [&self.kv, &other.kv]));
        }
        if (&self.indexes, self.ef_search) != (&other.indexes, other.ef_search) {
            found.push(format!("{:?}", [(&self.indexes, self.ef_search), (&other.indexes, other.ef_search)]));
        }
        let more = found.len().saturating_sub(8);
        found.truncate(8);
        format!("{} (and {more} more)", found.join("; "))
    }
}

/// A database on a medium, by a clock that the test holds.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) path: PathBuf,
    pub(crate) sync: SyncMode,
    pub(crate) clock: Clock,
}

impl Place {
    pub(crate) fn of(workload: &Workload) -> Place {
        let path = Path::new(workload.directory).join("a.vdb");
        Place { path, sync: workload.sync, clock: Clock::manual(BEGIN) }
    }

    /// What the workload left, at the time of its end.
    pub(crate) fn afterwards(&self, path: &Path) -> Place {
        Place { path: path.to_owned(), sync: SyncMode::PerOp, clock: Clock::manual(BEGIN + WAIT) }
    }

    pub(crate) fn copy(number: usize) -> PathBuf {
        Path::new(DIRECTORY).join(format!("copies/{number}/b.vdb"))
    }

    pub(crate) fn options(&self, medium: &Medium) -> OpenOptions {
        let files = Arc::new(medium.clone());
        OpenOptions::new().dimension(DIMENSION).sync(self.sync).clock(self.clock.clone()).files(files)
    }

    pub(crate) fn open(&self, medium: &Medium) -> Result<Database> {
        Database::open(&self.path, self.options(medium))
    }

    pub(crate) fn open_read_only(&self, medium: &Medium) -> Result<Database> {
        Database::open(&self.path, self.options(medium).read_only(true))
    }

    pub(crate) fn wait(&self) {
        self.clock.set(BEGIN + WAIT);
    }
}

/// Makes records, each different from all others.
struct Maker {
    random: Random,
    generation: u64,
}

impl Maker {
    fn new(seed: u64) -> Maker {
        Maker { random: Random::new(seed), generation: seed * 1_000_000 }
    }

    fn record(&mut self, namespace: &str, number: usize) -> Record {
        self.generation += 1;
        load::record(&mut self.random, namespace, format!("r{number:03}"), self.generation)
    }

    fn records(&mut self, numbers: std::ops::Range<usize>) -> Vec<Record> {
        numbers.map(|number| self.record("", number)).collect()
    }

    fn upsert(&mut self, number: usize) -> Act {
        upsert(self.record("", number))
    }

    fn upserts(&mut self, numbers: std::ops::Range<usize>) -> Vec<Act> {
        numbers.map(|number| self.upsert(number)).collect()
    }
}

fn upsert(record: Record) -> Act {
    many(vec![record])
}

fn many(records: Vec<Record>) -> Act {
    act(Step::Write(Write::Upsert(records)))
}

fn act(step: Step) -> Act {
    Act::Do(step)
}

fn key(number: usize) -> (String, String) {
    (String::new(), format!("r{number:03}"))
}

fn delete_where(filter: Filter) -> Act {
    act(Step::DeleteByFilter(filter, Some(String::new())))
}

fn index(field: usize) -> Act {
    act(Step::CreateIndex(FIELDS[field], FieldType::Numeric))
}

fn configure(ef_search: usize) -> Act {
    act(Step::Configure(16, Some(ef_search)))
}

fn transaction(records: Vec<Record>, deleted: usize) -> Act {
    let (namespace, id) = key(deleted);
    let [noted, kept] = KV_TABLES.map(|table| (table.to_owned(), id.clone()));
    let generation = format!("{:?}", records.first().map(|record| &record.metadata)).into_bytes();
    // One table grows and shrinks, the other has a value of several pages.
    let writes = vec![
        Write::Upsert(records),
        Write::Delete(namespace, vec![id]),
        Write::Kv(kept.clone(), (!deleted.is_multiple_of(3)).then(|| vec![deleted as u8; 9_000])),
        Write::Kv((kept.0, key(deleted + 1).1), None),
        Write::Kv(noted, Some(generation)),
    ];
    act(Step::Transaction(writes, End::Commit))
}

fn delete(number: usize) -> Act {
    let (namespace, id) = key(number);
    act(Step::Write(Write::Delete(namespace, vec![id])))
}

fn update(number: usize, note: i64) -> Act {
    let metadata = [(FIELDS[1].to_owned(), note.into())].into();
    act(Step::Write(Write::UpdateMetadata(key(number), metadata)))
}

fn workload(name: &'static str, sync: SyncMode, acts: Vec<Act>) -> Workload {
    Workload { name, directory: DIRECTORY, sync, acts }
}

/// Single writes under each sync mode.
pub(crate) fn single_writes() -> Vec<Workload> {
    let mut make = Maker::new(1);
    let flush = || act(Step::Flush);
    let mut deletes = make.upserts(0..8);
    deletes.extend([delete(1), delete(7), flush(), delete(2), delete(99), make.upsert(1)]);
    deletes.push(delete_where(Filter::gt(FIELDS[0], 4)));
    let mut updates = make.upserts(0..4);
    updates.extend((0..4).map(|number| update(number, 1)));
    updates.extend([flush(), update(0, 2), update(3, 3), make.upsert(0), update(0, 4)]);
    let mut flushed = make.upserts(0..5);
    flushed.push(flush());
    flushed.extend(make.upserts(3..9));
    flushed.push(flush());
    flushed.extend(make.upserts(7..10));
    vec![
        workload("single upserts, per_op", SyncMode::PerOp, make.upserts(0..12)),
        workload("single upserts, every_n", SyncMode::EveryN(3), make.upserts(0..14)),
        workload("single upserts, on_flush", SyncMode::OnFlush, flushed),
        workload("deletes", SyncMode::PerOp, deletes),
        workload("updates of metadata", SyncMode::PerOp, updates),
        Workload {
            name: "creation with its directories",
            directory: "/data/deep/er",
            sync: SyncMode::PerOp,
            acts: make.upserts(0..2),
        },
    ]
}

/// Several records a commit, and what else a record may have.
pub(crate) fn rich_writes() -> Vec<Workload> {
    let mut make = Maker::new(2);
    let batches = (0..6).map(|round| many(make.records(round * 3..round * 3 + 7))).collect();
    let transactions = (0..6).map(|round| transaction(make.records(round..round + 4), round + 2)).collect();
    let expire = |number: usize, ttl: f64| act(Step::Write(Write::SetTtl(key(number), ttl)));
    let mut expiry = make.upserts(0..6);
    expiry.extend([expire(0, SHORT), expire(1, LONG), expire(2, SHORT), act(Step::Flush), expire(3, LONG)]);
    expiry.extend([act(Step::ClearTtl(key(1))), expire(4, SHORT), Act::Wait, act(Step::Flush)]);
    expiry.extend([make.upsert(0), act(Step::Compact), make.upsert(7)]);
    let mut namespaces = Vec::new();
    for (number, namespace) in ["", "one", "two", "one", "", "three", "two", "one"].into_iter().enumerate() {
        namespaces.push(upsert(make.record(namespace, number % 3)));
        if number == 4 {
            let gone = Write::Delete("one".to_owned(), vec!["r001".to_owned()]);
            namespaces.extend([act(Step::Flush), act(Step::Write(gone))]);
        }
    }
    let mut named = Vec::new();
    let mut sparse = Vec::new();
    for number in 0..6 {
        let (one, two) = (make.record("", number), make.record("", number));
        let number = number as f32;
        let terms = [(format!("term{}", number % 2.0), 1.0 + number), ("all".to_owned(), 0.5)];
        named.push(upsert(one.vector_in("title", [number, 1.0, 2.0]).vector_in("image", [1.0, number])));
        sparse.push(upsert(two.sparse(terms)));
    }
    for acts in [&mut named, &mut sparse] {
        acts.insert(3, act(Step::Flush));
        acts.extend([delete(1), act(Step::Compact), delete(4), make.upsert(0)]);
    }
    vec![
        workload("batches", SyncMode::PerOp, batches),
        workload("transactions", SyncMode::PerOp, transactions),
        workload("expiry and sweep", SyncMode::PerOp, expiry),
        workload("namespaces", SyncMode::PerOp, namespaces),
        workload("named vectors", SyncMode::PerOp, named),
        workload("sparse vectors", SyncMode::EveryN(2), sparse),
    ]
}

/// Everything that moves commits from one file to another.
pub(crate) fn upkeep() -> Vec<Workload> {
    let mut make = Maker::new(3);
    let mut indexes = make.upserts(0..5);
    indexes.extend([index(0), update(1, 5), index(1), make.upsert(2), act(Step::Flush)]);
    indexes.extend([act(Step::DropIndex(FIELDS[0])), make.upsert(6), delete(0), index(0)]);
    let mut checkpoints = Vec::new();
    for round in 0..5 {
        checkpoints.extend(make.upserts(round..round + 3));
        checkpoints.push(act(Step::Flush));
    }
    let mut compaction = make.upserts(0..6);
    compaction.extend([delete(2), make.upsert(3), act(Step::Compact), make.upsert(1)]);
    let mut twice = make.upserts(0..6);
    twice.extend([delete(2), act(Step::Compact), delete(3), make.upsert(1), delete(4)]);
    twice.extend([act(Step::Compact), make.upsert(2), act(Step::Compact), delete(1)]);
    let mut copies = make.upserts(0..4);
    copies.extend([Act::Copy(1), make.upsert(1), delete(0), act(Step::Flush), Act::Copy(2), make.upsert(7)]);
    let mut reopened = Vec::new();
    for round in 0..4 {
        reopened.extend([make.upsert(round), make.upsert(round + 1), Act::Reopen]);
    }
    let mut configured = make.upserts(0..2);
    configured.extend([configure(50), make.upsert(2), act(Step::Flush), configure(60)]);
    configured.extend([make.upsert(0), act(Step::Compact), configure(70), Act::Reopen]);
    vec![
        workload("field indexes", SyncMode::PerOp, indexes),
        workload("checkpoints", SyncMode::OnFlush, checkpoints),
        workload("compaction", SyncMode::PerOp, compaction),
        workload("compaction, again and again", SyncMode::EveryN(4), twice),
        workload("snapshots", SyncMode::OnFlush, copies),
        workload("closed and opened", SyncMode::OnFlush, reopened),
        workload("set_index_config", SyncMode::PerOp, configured),
    ]
}

/// Graphs and their image, and many records at once.
pub(crate) fn volume() -> Vec<Workload> {
    let mut make = Maker::new(4);
    let mut graph = vec![many(make.records(0..140))];
    graph.extend([
        act(Step::Compact),
        make.upsert(3),
        delete(5),
        delete_where(Filter::lt(FIELDS[0], 4_000_060)),
    ]);
    graph.extend([
        act(Step::Compact),
        make.upsert(200),
        Act::Reopen,
        act(Step::BulkLoad(make.records(300..400), 100)),
    ]);
    let bulk = vec![
        act(Step::BulkLoad(make.records(0..300), 60)),
        make.upsert(2),
        act(Step::BulkLoad(make.records(200..330), 100)),
    ];
    vec![workload("graph and image", SyncMode::PerOp, graph), workload("bulk loads", SyncMode::OnFlush, bulk)]
}

/// Commits of more than a piece of the log, until its other segment takes over.
pub(crate) fn large_commits() -> Vec<Workload> {
    let mut make = Maker::new(5);
    let mut large = Vec::new();
    for number in 0..15 {
        let record = make.record("", number % 4);
        let text = format!("common {}", "x".repeat((1 << 20) + (number << 16)));
        large.extend([upsert(record.text(text)), make.upsert(10 + number)]);
    }
    large.insert(5, act(Step::Flush));
    vec![workload("large commits", SyncMode::EveryN(5), large)]
}

/// Random steps of every kind.
pub(crate) fn everything() -> Vec<Workload> {
    let modes = [
        ("everything, per_op", SyncMode::PerOp),
        ("everything, every_n", SyncMode::EveryN(4)),
        ("everything, on_flush", SyncMode::OnFlush),
    ];
    let steps = |seed| Load::new(seed, 0).take(25).map(act).collect();
    (40..).zip(modes).map(|(seed, (name, sync))| workload(name, sync, steps(seed))).collect()
}

/// Few of each kind of write, so that each operation that they lead to can fail: from the creation of the database on, with an
/// image of a graph, and a last part that is left to a recovery.
pub(crate) fn few_of_each() -> Vec<Workload> {
    let mut make = Maker::new(6);
    let group = transaction(make.records(0..2), 2);
    let mut writes = make.upserts(0..3);
    writes.extend([delete(1), group, act(Step::Flush), Act::Follow, update(0, 1), make.upsert(1)]);
    writes.extend([index(0), Act::Follow, act(Step::Compact), make.upsert(4)]);
    writes.extend([Act::Follow, Act::Copy(1), delete(4), Act::Reopen, Act::Follow, make.upsert(5)]);
    let mut graph = vec![many(make.records(0..130)), act(Step::Compact), make.upsert(3)];
    graph.extend([Act::Follow, Act::Reopen, act(Step::BulkLoad(make.records(120..160), 20)), make.upsert(4)]);
    graph.extend([Act::Follow, delete(5), act(Step::Compact), make.upsert(6)]);
    let mut recovery = make.upserts(0..4);
    recovery.extend([act(Step::Flush), make.upsert(2), delete(1), make.upsert(5)]);
    vec![
        Workload {
            name: "writes and upkeep",
            directory: "/data/deep/er",
            sync: SyncMode::PerOp,
            acts: writes,
        },
        workload("graph and image", SyncMode::PerOp, graph),
        workload("recovery", SyncMode::PerOp, recovery),
    ]
}
