//! A database with its handles, the model beside them, and what happens to both.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Debug;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use tempfile::TempDir;
use vectlite::{Clock, Database, ErrorKind, Metric, OpenOptions, ReadView, Record, SyncMode};
use vectlite_tests::model::{Model, Outcome};
use vectlite_tests::random::Random;
use vectlite_tests::step::{End, Step, Write};

use super::draw::Draw;
use super::query::Texts;
use super::reads::{Reads, check_all, check_kv, check_record, check_selection};
use super::searches;

/// Milliseconds since 1970 at the beginning.
const BEGINNING: u64 = 1_000_000;
/// Steps that a failure tells.
const RECENT: usize = 20;
/// And how much of each.
const LONGEST: usize = 4_000;
/// Views that are kept beside each other.
const VIEWS: usize = 3;
/// Ids of a namespace: so few that each step meets others, usual, and enough for graphs.
const IDS: [u64; 4] = [4, 60, 60, 500];
/// Records that a database with many begins with.
const BULK_RECORDS: u64 = 1_200;

/// What happens to the handles.
#[derive(Debug, Clone, Copy)]
enum Event {
    PassTime(u64),
    Reopen,
    /// The writer goes on with a copy of its files as a kill would leave them; whether a reader is there first, and the lock file.
    Crash(bool, bool),
    /// The writer goes on with a snapshot, or it is looked at; whether a reader takes it.
    Snapshot(bool, bool),
    ReopenReader,
    TakeView(bool),
    DropView,
    WriteThroughReader,
}

/// The last steps, told when a test fails.
struct Recent {
    seed: u64,
    settings: String,
    steps: u64,
    done: VecDeque<Box<dyn Debug>>,
}

impl Recent {
    fn add(&mut self, done: impl Debug + 'static) {
        self.steps += 1;
        if self.done.len() == RECENT {
            self.done.pop_front();
        }
        self.done.push_back(Box::new(done));
    }
}

impl Drop for Recent {
    fn drop(&mut self) {
        if !thread::panicking() {
            return;
        }
        println!(
            "VECTLITE_MODEL_SEED={} fails at step {}; {}; before:",
            self.seed, self.steps, self.settings
        );
        for (number, done) in (self.steps + 1 - self.done.len() as u64..).zip(&self.done) {
            // Of a bulk load the beginning says enough.
            println!("{number}: {}", format!("{done:?}").chars().take(LONGEST).collect::<String>());
        }
    }
}

/// Which handle is asked.
#[derive(Clone, Copy)]
enum Asked {
    Writer,
    Reader,
    View(usize),
}

pub(super) struct World {
    recent: Recent,
    draw: Draw,
    texts: Texts,
    metric: Metric,
    sync: SyncMode,
    model: Model,
    clock: Clock,
    /// Each with what it must hold. Dropped before the files, as the handles are.
    views: Vec<(ReadView, Model)>,
    reader: Database,
    db: Database,
    directory: TempDir,
    counts: BTreeMap<&'static str, u64>,
}

fn file(directory: &TempDir) -> PathBuf {
    directory.path().join("a.vdb")
}

impl World {
    pub(super) fn new(seed: u64) -> World {
        let mut random = Random::new(seed);
        // A sync for each commit takes more time than all else.
        let sync = random.pick(&[SyncMode::OnFlush, SyncMode::OnFlush, SyncMode::EveryN(7), SyncMode::PerOp]);
        let metric = random.pick(&[Metric::Cosine, Metric::Euclidean, Metric::DotProduct, Metric::Manhattan]);
        let analyzer = random.pick(&["standard", "standard", "english", "trigram"]);
        let (ids, dimension, positions) = (random.pick(&IDS), random.pick(&[3, 8, 17]), random.once_in(2));
        let directory = tempfile::tempdir().unwrap();
        let options =
            OpenOptions::new().dimension(dimension).metric(metric).analyzer(analyzer).positions(positions);
        Database::open(file(&directory), options).unwrap().close().unwrap();
        let clock = Clock::manual(BEGINNING);
        let db = open(&file(&directory), &clock, sync, false);
        let settings = format!(
            "{sync:?}, {metric:?}, {analyzer}, {ids} ids, dimension {dimension}, positions {positions}"
        );
        let mut world = World {
            recent: Recent { seed, settings, steps: 0, done: VecDeque::new() },
            draw: Draw { random, ids, dimension, kv: true },
            texts: Texts::new(db.analyzer(), analyzer != "trigram"),
            metric,
            sync,
            model: Model::new(dimension, BEGINNING),
            views: Vec::new(),
            reader: open(&file(&directory), &clock, sync, true),
            db,
            clock,
            directory,
            counts: BTreeMap::new(),
        };
        if ids == IDS[3] {
            let load = world.draw.bulk_load(BULK_RECORDS);
            world.run(load);
        }
        world
    }

    fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_insert(0) += 1;
    }

    pub(super) fn records(&self) -> usize {
        self.model.records().len()
    }

    pub(super) fn step(&mut self) {
        if self.draw.random.once_in(12) {
            let event = self.event();
            self.recent.add(event);
            self.happen(event);
        } else {
            let step = self.draw.step();
            self.run(step);
        }
        self.check();
    }

    fn event(&mut self) -> Event {
        let random = &mut self.draw.random;
        match random.below(100) {
            0..40 => Event::PassTime(random.below(12_000)),
            40..50 => Event::Reopen,
            50..55 => Event::Crash(random.once_in(2), random.once_in(2)),
            55..60 => Event::Snapshot(random.once_in(2), random.once_in(3)),
            60..66 => Event::ReopenReader,
            66..80 => Event::TakeView(random.once_in(3)),
            80..90 => Event::DropView,
            _ => Event::WriteThroughReader,
        }
    }

    /// A step, which must come out as the model says and, if it is refused, change nothing.
    fn run(&mut self, step: Step) {
        self.recent.add(step.clone());
        let before = self.db.commit_id().unwrap();
        let outcome: Outcome = match &step {
            Step::Transaction(writes, end) => self.watch_transaction(writes, *end),
            step => step.run(&self.db).map_err(|error| error.kind()),
        };
        let expected = step.apply(&mut self.model);
        assert_eq!(outcome, expected, "{}", step.name());
        let after = self.db.commit_id().unwrap();
        assert!(after >= before, "commit {before}, then {after}");
        if outcome.is_err() && after > before {
            // A checkpoint in the background may have swept, no more.
            assert_eq!(after, before + 1, "who is refused makes no commit");
            assert_eq!(
                self.db.stats().unwrap().records,
                self.records() as u64,
                "who is refused makes no commit"
            );
        }
        if let Err(kind) = outcome {
            self.count(match kind {
                ErrorKind::AlreadyExists => "refused, exists",
                ErrorKind::DimensionMismatch => "refused, dimension",
                _ => "refused, invalid",
            });
        }
        self.count(step.name());
        match &step {
            Step::Write(write) => self.check_keys(std::slice::from_ref(write)),
            Step::Transaction(writes, _) => self.check_keys(writes),
            Step::Flush | Step::Compact => {
                let stats = self.db.stats().unwrap();
                assert_eq!(stats.records, self.records() as u64, "what has expired is swept");
                assert_eq!(stats.checkpoint, stats.commit_id);
                assert!(matches!(step, Step::Flush) || stats.dead == 0, "{} dead", stats.dead);
            }
            _ => {}
        }
    }

    fn check_keys(&self, writes: &[Write]) {
        writes.iter().flat_map(Write::keys).for_each(|key| check_record(&self.db, &self.model, &key));
    }

    /// Runs a transaction, which reads its own writes while nobody else does.
    fn watch_transaction(&self, writes: &[Write], end: End) -> Outcome {
        let mut transaction = self.db.transaction().unwrap();
        let mut own = self.model.clone();
        let mut failed = None;
        for (number, write) in writes.iter().enumerate() {
            write.stage(&mut transaction).map_err(|error| error.kind())?;
            if failed.is_none() {
                failed = write.apply(&mut own).err();
            }
            if let Write::Kv(key, _) = write {
                let seen = transaction.kv_get(&key.0, &key.1).unwrap();
                let last = writes[..=number].iter().rev().find_map(|write| match write {
                    Write::Kv(of, value) if of == key => Some(value.clone()),
                    _ => None,
                });
                assert_eq!(Some(seen), last, "{key:?} in a transaction");
                assert_eq!(
                    self.db.kv_get(&key.0, &key.1).unwrap().as_ref(),
                    self.model.kv.get(key),
                    "{key:?}"
                );
            }
            for key in write.keys() {
                let seen = transaction.get(&key.1, Some(&key.0)).map_err(|error| error.kind());
                let expected = failed.map_or_else(|| Ok(own.get(&key).cloned()), Err);
                assert_eq!(seen, expected, "{key:?} in a transaction");
                check_record(&self.db, &self.model, &key);
            }
        }
        end.of(transaction).map(|()| 0).map_err(|error| error.kind())
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::PassTime(milliseconds) => {
                self.model.pass_time(milliseconds);
                self.clock.set(self.model.now());
                self.count("time");
            }
            Event::Reopen => {
                self.close_writer();
                self.db = open(&file(&self.directory), &self.clock, self.sync, false);
                assert_eq!(self.db.stats().unwrap().wal_entries_replayed, 0, "it was closed cleanly");
                self.check_everything();
                self.count("reopen");
            }
            Event::Crash(reader_first, with_lock) => self.crash(reader_first, with_lock),
            Event::Snapshot(by_reader, go_on) => self.snapshot(by_reader, go_on),
            Event::ReopenReader => {
                self.views.retain(|(view, _)| view.check_open().is_ok());
                self.reader = open(&file(&self.directory), &self.clock, self.sync, true);
                self.views.retain(|(view, _)| view.check_open().is_ok());
                self.count("reopen, reader");
            }
            Event::TakeView(of_reader) => {
                let of = if of_reader { &self.reader } else { &self.db };
                let before = self.db.commit_id().unwrap();
                let view = of.read_view().unwrap();
                self.assert_newest(before, &view.commit_id());
                if self.views.len() == VIEWS {
                    self.views.remove(0);
                }
                self.views.push((view, self.model.clone()));
                self.count("view");
            }
            Event::DropView => drop(self.views.pop()),
            Event::WriteThroughReader => {
                let record = Record::new("r1");
                assert_eq!(self.reader.upsert(record).unwrap_err().kind(), ErrorKind::ReadOnly);
                assert_eq!(self.reader.flush().unwrap_err().kind(), ErrorKind::ReadOnly);
                self.count("refused, read-only");
            }
        }
    }

    /// A closed database has no views; those of the reader stay.
    fn close_writer(&mut self) {
        self.db.close().unwrap();
        assert_eq!(self.db.count(None, None).unwrap_err().kind(), ErrorKind::Closed);
        self.views.retain(|(view, _)| view.check_open().is_ok());
    }

    /// Goes on with other files.
    fn move_to(&mut self, directory: TempDir, db: Database, reader: Database) {
        self.views.clear();
        (self.db, self.reader) = (db, reader);
        self.directory = directory;
        self.check_everything();
    }

    /// That what another handle shows is no older than the writer was before, and no newer than it is. In between a checkpoint in
    /// the background may have swept.
    fn assert_newest(&self, before: u64, shown: &vectlite::Result<u64>) {
        let (shown, after) = (*shown.as_ref().unwrap(), self.db.commit_id().unwrap());
        assert!(
            (before..=after).contains(&shown),
            "{shown} is shown, and {before} to {after} were the newest"
        );
    }

    /// Copies the files as a kill would leave them, and says which commit is the last one.
    fn copy(&self, with_lock: bool) -> (TempDir, u64) {
        // The image first: it may be older than the log, never newer.
        let lock: &[&str] = if with_lock { &["a.vdb.lock"] } else { &[] };
        loop {
            let state = || self.db.stats().map(|stats| (stats.commit_id, stats.checkpoint)).unwrap();
            let before = state();
            let directory = tempfile::tempdir().unwrap();
            for name in ["a.vdb.ann", "a.vdb", "a.vdb.wal"].iter().chain(lock) {
                let from = self.directory.path().join(name);
                if from.exists() {
                    fs::copy(from, directory.path().join(name)).unwrap();
                }
            }
            // Else a checkpoint in the background was at work, and the copy is of several moments.
            if state() == before {
                return (directory, before.0);
            }
        }
    }

    fn crash(&mut self, reader_first: bool, with_lock: bool) {
        let (directory, commit) = self.copy(with_lock);
        let path = file(&directory);
        let mut reader = reader_first.then(|| open(&path, &self.clock, self.sync, true));
        let db = open(&path, &self.clock, self.sync, false);
        let reader = reader.take().unwrap_or_else(|| open(&path, &self.clock, self.sync, true));
        assert_eq!(db.commit_id().unwrap(), commit, "every commit was acknowledged");
        assert_eq!(reader.commit_id().unwrap(), commit);
        self.move_to(directory, db, reader);
        self.count("crash");
    }

    fn snapshot(&mut self, by_reader: bool, go_on: bool) {
        let directory = tempfile::tempdir().unwrap();
        let of = if by_reader { &self.reader } else { &self.db };
        let before = self.db.commit_id().unwrap();
        of.snapshot(file(&directory)).unwrap();
        let db = open(&file(&directory), &self.clock, self.sync, false);
        self.assert_newest(before, &db.commit_id());
        check_all(&db, &self.model);
        if go_on {
            let reader = open(&file(&directory), &self.clock, self.sync, true);
            self.move_to(directory, db, reader);
        }
        self.count("snapshot");
    }

    /// What the writer and the reader hold, whole.
    fn check_everything(&self) {
        check_all(&self.db, &self.model);
        check_all(&self.reader, &self.model);
        for db in [&self.db, &self.reader] {
            let indexes = db.list_indexes().unwrap();
            assert!(indexes.iter().map(|(field, kind)| (field, kind)).eq(&self.model.indexes), "{indexes:?}");
            assert_eq!(db.index_config().unwrap(), self.model.config);
        }
    }

    /// Questions of the step, drawn: the dear ones seldom.
    fn check(&mut self) {
        let asked = match self.draw.random.below(8) {
            0 | 1 => Asked::Reader,
            2 | 3 if !self.views.is_empty() => {
                Asked::View(self.draw.random.below(self.views.len() as u64) as usize)
            }
            _ => Asked::Writer,
        };
        match asked {
            Asked::Writer => {
                ask(&self.db, &self.model, &mut self.draw, &mut self.texts, self.metric, &mut self.counts)
            }
            Asked::Reader => {
                ask(
                    &self.reader,
                    &self.model,
                    &mut self.draw,
                    &mut self.texts,
                    self.metric,
                    &mut self.counts,
                );
            }
            Asked::View(number) => {
                let (view, model) = &self.views[number];
                ask(view, model, &mut self.draw, &mut self.texts, self.metric, &mut self.counts);
            }
        }
        if self.draw.random.once_in(100) {
            self.check_everything();
            let before = self.db.commit_id().unwrap();
            self.assert_newest(before, &self.reader.commit_id());
            for (view, model) in &self.views {
                check_all(view, model);
            }
        }
    }

    /// The last look at everything; what was done, by kind.
    pub(super) fn close(mut self) -> BTreeMap<&'static str, u64> {
        self.check_everything();
        self.close_writer();
        self.db = open(&file(&self.directory), &self.clock, self.sync, false);
        self.check_everything();
        std::mem::take(&mut self.counts)
    }
}

fn open(path: &Path, clock: &Clock, sync: SyncMode, read_only: bool) -> Database {
    let options = OpenOptions::new().sync(sync).clock(clock.clone()).read_only(read_only);
    Database::open(path, options).unwrap()
}

pub(super) fn ask(
    handle: &impl Reads,
    model: &Model,
    draw: &mut Draw,
    texts: &mut Texts,
    metric: Metric,
    counts: &mut BTreeMap<&'static str, u64>,
) {
    let key = draw.key();
    check_record(handle, model, &key);
    let kind = match draw.random.below(8) {
        0..2 => return,
        2 => check_kv(handle, model, draw),
        3..6 => check_selection(handle, model, draw),
        _ => searches::check(handle, model, metric, texts, draw),
    };
    *counts.entry(kind).or_insert(0) += 1;
}
