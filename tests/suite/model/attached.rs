//! Random transactions of an application that has something attached to its own redb file, beside the model: committed, aborted, taken back
//! by a savepoint; every transaction, old or new, sees what the model held when it was opened, and its own writes.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread;

use tempfile::TempDir;
use vectlite::redb::{
    Database, ReadTransaction, ReadableDatabase, Savepoint, TableDefinition, WriteTransaction,
};
use vectlite::{
    AttachOptions, Attached, Clock, ErrorKind, Filter, IndexChanges, Metric, ReadView, ReadsAttached, Record,
    Result, SearchRequest, SearchResponse, Searchable, VerifyOptions, attach,
};
use vectlite_tests::model::{Key, KvKey, Model};
use vectlite_tests::random::Random;
use vectlite_tests::step::{Step, Write};

use super::draw::Draw;
use super::query::Texts;
use super::reads::{Reads, Selection, check_all, check_record};
use super::world::ask;

/// The application's own: how many records there are, by the number of the world's prefix.
const COUNTS: TableDefinition<&str, u64> = TableDefinition::new("application_counts");
/// Milliseconds since 1970 at the beginning.
const BEGINNING: u64 = 1_000_000;
/// Transactions that go on reading what they saw.
const READERS: usize = 3;
/// Steps that one transaction takes at most.
const STEPS: u64 = 5;
/// Ids of a namespace.
const IDS: [u64; 3] = [4, 60, 400];
/// Records that a database with many begins with: enough for a graph.
const BULK_RECORDS: u64 = 400;

type Index = Attached<Arc<Database>>;

/// What is attached, as a transaction sees it.
struct Seen<'a, T> {
    index: &'a Index,
    transaction: &'a T,
}

impl<T: ReadsAttached> Seen<'_, T> {
    fn view(&self) -> ReadView {
        self.index.view_in(self.transaction).unwrap()
    }
}

impl<T: ReadsAttached> Searchable for Seen<'_, T>
where
    Self: Send + Sync,
{
    fn search(&self, request: &SearchRequest) -> Result<SearchResponse> {
        self.index.search_in(self.transaction, request)
    }

    fn search_batch(&self, vectors: &[Vec<f32>], request: &SearchRequest) -> Result<Vec<SearchResponse>> {
        self.view().search_batch(vectors, request)
    }

    fn analyzed<'r>(&self, request: &'r SearchRequest) -> Result<Cow<'r, SearchRequest>> {
        self.view().analyzed(request)
    }
}

impl<T: ReadsAttached> Reads for Seen<'_, T>
where
    Self: Send + Sync,
{
    fn get(&self, (namespace, id): &Key) -> Result<Option<Record>> {
        self.index.get_in(self.transaction, id, Some(namespace))
    }

    fn exists(&self, (namespace, id): &Key) -> Result<bool> {
        self.view().exists(id, Some(namespace))
    }

    fn count(&self, namespace: Option<&str>, filter: Option<&Filter>) -> Result<u64> {
        self.view().count(namespace, filter)
    }

    fn list(&self, of: Selection<'_>, limit: usize, offset: usize) -> Result<Vec<Record>> {
        self.view().list(of.0, of.1, limit, offset)
    }

    fn page(
        &self,
        of: Selection<'_>,
        limit: usize,
        cursor: Option<&str>,
    ) -> Result<(Vec<Record>, Option<String>)> {
        self.view().list_cursor(of.0, of.1, limit, cursor)
    }

    fn namespaces(&self) -> Result<Vec<String>> {
        self.view().namespaces()
    }

    fn kv_get(&self, (table, key): &KvKey) -> Result<Option<Vec<u8>>> {
        self.view().kv_get(table, key)
    }

    fn kv_scan(&self, table: &str, prefix: &str) -> Result<Vec<(String, Vec<u8>)>> {
        self.view().kv_scan(table, prefix)
    }
}

/// Does a write within a transaction.
fn write_in(write: &Write, index: &Index, transaction: &WriteTransaction) -> Result<usize> {
    match write {
        Write::Insert(records) => match records.as_slice() {
            [record] => index.insert_in(transaction, record.clone()).map(|()| 1),
            records => index.insert_many_in(transaction, records.to_vec()),
        },
        Write::Upsert(records) => match records.as_slice() {
            [record] => index.upsert_in(transaction, record.clone()).map(|()| 1),
            records => index.upsert_many_in(transaction, records.to_vec()),
        },
        Write::Delete(namespace, ids) => match ids.as_slice() {
            [id] => index.delete_in(transaction, id, Some(namespace)).map(usize::from),
            ids => index.delete_many_in(transaction, ids, Some(namespace)),
        },
        Write::UpdateMetadata((namespace, id), metadata) => {
            index.update_metadata_in(transaction, id, metadata.clone(), Some(namespace)).map(usize::from)
        }
        Write::SetTtl((namespace, id), ttl) => {
            index.set_ttl_in(transaction, id, *ttl, Some(namespace)).map(usize::from)
        }
        Write::Kv(..) => unreachable!("the application has tables of its own"),
    }
}

/// Does a step within a transaction.
fn step_in(step: &Step, index: &Index, transaction: &WriteTransaction) -> Result<usize> {
    match step {
        Step::Write(write) => write_in(write, index, transaction),
        Step::ClearTtl((namespace, id)) => {
            index.clear_ttl_in(transaction, id, Some(namespace)).map(usize::from)
        }
        Step::DeleteByFilter(filter, namespace) => {
            index.delete_by_filter_in(transaction, filter, namespace.as_deref())
        }
        Step::BulkLoad(records, _) => index.upsert_many_in(transaction, records.clone()),
        Step::Flush => index.checkpoint_in(transaction).map(|_| 0),
        Step::CreateIndex(field, kind) => index.create_index_in(transaction, field, *kind).map(usize::from),
        Step::DropIndex(field) => index.drop_index_in(transaction, field).map(usize::from),
        Step::Configure(m, ef_search) => index
            .set_index_config_in(transaction, IndexChanges::new().m(*m).ef_search(*ef_search))
            .map(|()| 0),
        Step::Transaction(..) | Step::Compact => unreachable!("taken apart before"),
    }
}

pub(super) struct AttachedWorld {
    seed: u64,
    steps: u64,
    draw: Draw,
    texts: Texts,
    metric: Metric,
    clock: Clock,
    /// What is committed.
    model: Model,
    readers: Vec<(ReadTransaction, Model)>,
    saved: Option<(Savepoint, Model)>,
    /// Dropped before the database.
    index: Option<Index>,
    options: AttachOptions,
    db: Arc<Database>,
    _directory: TempDir,
    counts: BTreeMap<&'static str, u64>,
}

impl Drop for AttachedWorld {
    fn drop(&mut self) {
        if thread::panicking() {
            println!("VECTLITE_MODEL_SEED={} fails at step {} of what is attached", self.seed, self.steps);
        }
    }
}

impl AttachedWorld {
    pub(super) fn new(seed: u64) -> AttachedWorld {
        let mut random = Random::new(seed);
        let metric = random.pick(&[Metric::Cosine, Metric::Euclidean, Metric::DotProduct]);
        let analyzer = random.pick(&["standard", "english"]);
        let (ids, dimension) = (random.pick(&IDS), random.pick(&[3, 8]));
        let directory = tempfile::tempdir().unwrap();
        let clock = Clock::manual(BEGINNING);
        let mut options = AttachOptions::new()
            .prefix(random.pick(&["a_", "vectlite_", "meta"]))
            .dimension(dimension)
            .metric(metric)
            .analyzer(analyzer)
            .positions(random.once_in(2))
            // From a checkpoint in nearly every transaction to none.
            .checkpoint_bytes(random.pick(&[1, 20_000, 16 << 20]))
            .clock(clock.clone());
        if random.once_in(2) {
            options = options.image(directory.path().join("a.ann"));
        }
        let db = Arc::new(Database::create(directory.path().join("application.redb")).unwrap());
        let index = attach(Arc::clone(&db), options.clone()).unwrap();
        let mut world = AttachedWorld {
            seed,
            steps: 0,
            draw: Draw { random, ids, dimension, kv: false },
            texts: Texts::new(index.analyzer(), true),
            metric,
            clock,
            model: Model::new(dimension, BEGINNING),
            readers: Vec::new(),
            saved: None,
            index: Some(index),
            options,
            db,
            _directory: directory,
            counts: BTreeMap::new(),
        };
        if ids == IDS[2] {
            let load = world.draw.bulk_load(BULK_RECORDS);
            world.transaction(vec![load], true);
            world.index().index().unwrap();
        }
        world
    }

    fn index(&self) -> &Index {
        self.index.as_ref().unwrap()
    }

    fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_insert(0) += 1;
    }

    pub(super) fn step(&mut self) {
        self.steps += 1;
        match self.draw.random.below(20) {
            0..11 => {
                let steps = (0..1 + self.draw.random.below(STEPS)).map(|_| self.draw.step()).collect();
                let commits = !self.draw.random.once_in(4);
                self.transaction(steps, commits);
            }
            11 => {
                let later = self.model.now() + self.draw.random.below(12_000);
                self.clock.set(later);
                let passed = later - self.model.now();
                self.model.pass_time(passed);
                // Time passes for whoever reads, too.
                self.readers.iter_mut().for_each(|(_, model)| model.pass_time(passed));
                if let Some((_, model)) = &mut self.saved {
                    model.pass_time(passed);
                }
                self.count("time");
            }
            12 => self.attach_again(),
            13 => {
                self.index().index().unwrap();
                self.count("index");
            }
            14 => self.save_or_restore(),
            15 => self.compact(),
            16 | 17 => {
                if self.readers.len() == READERS {
                    self.readers.remove(0);
                }
                self.readers.push((self.db.begin_read().unwrap(), self.model.clone()));
                self.count("reader");
            }
            _ => {}
        }
        self.check();
    }

    /// One transaction of the application, with steps of ours in it and a row of its own.
    fn transaction(&mut self, steps: Vec<Step>, commits: bool) {
        let index = self.index.take().unwrap();
        let transaction = self.db.begin_write().unwrap();
        let mut own = self.model.clone();
        let seen = Seen { index: &index, transaction: &transaction };
        for step in steps {
            let parts = match step {
                Step::Transaction(writes, _) => writes.into_iter().map(Step::Write).collect(),
                Step::Compact => Vec::new(),
                step => vec![step],
            };
            for part in parts {
                let done = step_in(&part, &index, &transaction).map_err(|error| error.kind());
                let expected = part.apply(&mut own);
                assert_eq!(done, expected, "{part:?}");
                if let Step::Write(write) = &part {
                    write.keys().iter().for_each(|key| check_record(&seen, &own, key));
                }
                self.count(if done.is_ok() { part.name() } else { "refused" });
            }
            if self.draw.random.once_in(3) {
                ask(&seen, &own, &mut self.draw, &mut self.texts, self.metric, &mut self.counts);
            }
        }
        check_all(&seen, &own);
        {
            let mut counts = transaction.open_table(COUNTS).unwrap();
            counts.insert("records", own.records().len() as u64).unwrap();
        }
        if commits {
            transaction.commit().unwrap();
            self.model = own;
            self.count("committed");
        } else {
            transaction.abort().unwrap();
            self.count("aborted");
        }
        self.index = Some(index);
    }

    fn compact(&mut self) {
        let transaction = self.db.begin_write().unwrap();
        self.index().compact_in(&transaction).unwrap();
        let write = self.index().upsert_in(&transaction, Record::new("late"));
        assert_eq!(write.unwrap_err().kind(), ErrorKind::InvalidArgument);
        if self.draw.random.once_in(3) {
            transaction.abort().unwrap();
        } else {
            transaction.commit().unwrap();
        }
        self.count("compact");
    }

    fn attach_again(&mut self) {
        drop(self.index.take());
        self.index = Some(attach(Arc::clone(&self.db), self.options.clone()).unwrap());
        self.count("attach");
    }

    /// Takes back what was committed since a savepoint, or makes one.
    fn save_or_restore(&mut self) {
        let mut transaction = self.db.begin_write().unwrap();
        match self.saved.take() {
            None => {
                let savepoint = transaction.ephemeral_savepoint().unwrap();
                self.saved = Some((savepoint, self.model.clone()));
                transaction.abort().unwrap();
            }
            Some((savepoint, model)) => {
                transaction.restore_savepoint(&savepoint).unwrap();
                transaction.commit().unwrap();
                self.model = model;
                self.count("taken back");
            }
        }
    }

    /// What a new transaction sees, and now and then what those see that are older.
    fn check(&mut self) {
        // Else a transaction would never begin before the one before it was read.
        if self.draw.random.once_in(3) {
            return;
        }
        let transaction = self.db.begin_read().unwrap();
        let index = self.index.take().unwrap();
        let seen = Seen { index: &index, transaction: &transaction };
        ask(&seen, &self.model, &mut self.draw, &mut self.texts, self.metric, &mut self.counts);
        if self.draw.random.once_in(10) {
            check_all(&seen, &self.model);
            let report = index.verify_in(&transaction, &VerifyOptions::new().deep(true)).unwrap();
            assert_eq!(report.problems, []);
            *self.counts.entry("verify").or_insert(0) += 1;
        }
        if let Ok(counts) = transaction.open_table(COUNTS) {
            let counted = counts.get("records").unwrap().map_or(0, |count| count.value());
            let expiring = self.counts.contains_key("time");
            assert!(
                expiring || counted == self.model.records().len() as u64,
                "with the application's own table"
            );
        }
        if !self.readers.is_empty() {
            let reader = self.draw.random.below(self.readers.len() as u64) as usize;
            let (transaction, model) = &self.readers[reader];
            let seen = Seen { index: &index, transaction };
            ask(&seen, model, &mut self.draw, &mut self.texts, self.metric, &mut self.counts);
            check_all(&seen, model);
        }
        self.index = Some(index);
    }

    pub(super) fn close(mut self) -> BTreeMap<&'static str, u64> {
        self.attach_again();
        let transaction = self.db.begin_read().unwrap();
        check_all(&Seen { index: self.index(), transaction: &transaction }, &self.model);
        std::mem::take(&mut self.counts)
    }
}
