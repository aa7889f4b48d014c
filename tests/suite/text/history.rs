//! Random histories of databases on disk, with searches in between that must answer as the naive scorer does.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use vectlite::explain::TermScores;
use vectlite::{
    BulkOptions, Clock, Database, ErrorKind, Filter, Hit, OpenOptions, Record, SparseScoring, SyncMode,
};
use vectlite_tests::campaign;

use super::corpus::{Corpus, GROUPS};
use super::model::{Key, Model, Query, Statistics};

/// Steps of all databases together, unless the environment says otherwise.
const STEPS: u64 = 3_000;
/// After so many steps there is a new database, with other settings.
const STEPS_PER_DATABASE: u64 = 1_000;
/// Milliseconds since 1970 at the beginning.
const BEGINNING: u64 = 1_000_000;
/// Scores are compared in proportion to their size.
const TOLERANCE: f64 = 1e-5;
/// Most hits asked for.
const MOST_HITS: u64 = 50;
/// Most records of a bulk load: some blocks of postings for the frequent words.
const BULK_RECORDS: u64 = 600;

/// How a database is set up.
struct Settings {
    scoring: SparseScoring,
    analyzer: &'static str,
    /// Ids of a namespace.
    ids: u64,
}

const SETTINGS: [Settings; 3] = [
    Settings { scoring: SparseScoring::Bm25, analyzer: "standard", ids: 1_500 },
    Settings { scoring: SparseScoring::Dot, analyzer: "standard", ids: 1_000 },
    Settings { scoring: SparseScoring::Bm25, analyzer: "english", ids: 60 },
];

/// A database, a reader of it, and what they must hold.
struct History {
    path: PathBuf,
    clock: Clock,
    db: Database,
    reader: Database,
    model: Model,
    corpus: Corpus,
    /// Steps by kind.
    done: BTreeMap<&'static str, u64>,
}

fn open(path: &Path, clock: &Clock, read_only: bool) -> Database {
    let options = OpenOptions::new().sync(SyncMode::OnFlush).clock(clock.clone()).read_only(read_only);
    Database::open(path, options).unwrap()
}

impl History {
    fn new(directory: &Path, settings: &Settings, seed: u64) -> History {
        let path = directory.join("history.vdb");
        let clock = Clock::manual(BEGINNING);
        let options =
            OpenOptions::new().dimension(1).analyzer(settings.analyzer).sparse_scoring(settings.scoring);
        Database::open(&path, options).unwrap().close().unwrap();
        let db = open(&path, &clock, false);
        let reader = open(&path, &clock, true);
        let model = Model::new(settings.scoring, db.analyzer(), BEGINNING);
        let corpus = Corpus::new(seed, settings.ids);
        History { path, clock, db, reader, model, corpus, done: BTreeMap::new() }
    }

    fn step(&mut self) {
        let kind = match self.corpus.random.below(1_000) {
            0..500 => self.search(),
            500..660 => self.upsert(),
            660..700 => self.insert(),
            700..790 => self.delete(),
            790..820 => self.delete_many(),
            820..826 => self.delete_by_filter(),
            826..886 => self.transaction(),
            886..906 => self.bad_batch(),
            906..936 => self.update_metadata(),
            936..960 => self.expiry(),
            960..976 => self.pass_time(),
            976..981 => self.bulk_load(),
            981..993 => self.flush(),
            993..996 => self.compact(),
            _ => self.reopen(),
        };
        *self.done.entry(kind).or_insert(0) += 1;
    }

    fn upsert(&mut self) -> &'static str {
        let records = self.corpus.records(6);
        records.iter().for_each(|record| self.model.put(record));
        let count = records.len();
        assert_eq!(self.db.upsert_many(records).unwrap(), count);
        "upsert"
    }

    fn insert(&mut self) -> &'static str {
        let key = self.corpus.key();
        let record = self.corpus.record(key.clone());
        match self.db.insert(record.clone()) {
            Ok(()) => {
                assert!(!self.model.is_live(&key), "{key:?} was there");
                self.model.put(&record);
                "insert"
            }
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::AlreadyExists);
                assert!(self.model.is_live(&key), "{key:?} was not there");
                "insert, refused"
            }
        }
    }

    fn delete(&mut self) -> &'static str {
        let key = self.corpus.key();
        assert_eq!(self.db.delete(&key.1, Some(&key.0)).unwrap(), self.model.delete(&key), "{key:?}");
        "delete"
    }

    fn delete_many(&mut self) -> &'static str {
        let namespace = self.corpus.namespace();
        let ids: Vec<String> = (0..self.corpus.random.below(8)).map(|_| self.corpus.key().1).collect();
        let mut deleted = 0;
        for id in &ids {
            deleted += usize::from(self.model.delete(&(namespace.clone(), id.clone())));
        }
        assert_eq!(self.db.delete_many(&ids, Some(&namespace)).unwrap(), deleted);
        "delete_many"
    }

    fn delete_by_filter(&mut self) -> &'static str {
        let (group, namespace) = (self.corpus.random.below(GROUPS) as i64, self.corpus.scope());
        let deleted = self.db.delete_by_filter(&Filter::eq("group", group), namespace.as_deref()).unwrap();
        assert_eq!(deleted, self.model.delete_group(group, namespace.as_deref()));
        "delete_by_filter"
    }

    /// Several operations: committed, forgotten, or refused because of the last one.
    fn transaction(&mut self) -> &'static str {
        let fate = ["transaction", "transaction, rolled back", "transaction, refused"]
            [self.corpus.random.below(3) as usize];
        let mut transaction = self.db.transaction().unwrap();
        for _ in 0..1 + self.corpus.random.below(5) {
            let key = self.corpus.key();
            let committed = fate == "transaction";
            if self.corpus.once_in(3) {
                transaction.delete(&key.1, Some(&key.0)).unwrap();
                if committed {
                    self.model.delete(&key);
                }
            }
            if !self.corpus.once_in(3) {
                let record = self.corpus.record(key);
                if committed {
                    self.model.put(&record);
                }
                transaction.upsert(record).unwrap();
            }
        }
        match fate {
            "transaction" => transaction.commit().unwrap(),
            "transaction, rolled back" => transaction.rollback(),
            _ => {
                let key = self.corpus.key();
                let mut record = self.corpus.record(key);
                record.ttl = None;
                transaction.upsert(record.clone()).unwrap();
                transaction.insert(record).unwrap();
                assert_eq!(transaction.commit().unwrap_err().kind(), ErrorKind::AlreadyExists);
            }
        }
        fate
    }

    fn bad_batch(&mut self) -> &'static str {
        let mut records = self.corpus.records(6);
        let place = self.corpus.random.below(records.len() as u64) as usize;
        let bad = match self.corpus.random.below(4) {
            0 => Record::new(""),
            1 => Record::new("bad").sparse([("word0s", f32::NAN)]),
            2 => Record::new("bad").sparse([("word0s", -1.0)]),
            _ => Record::new("bad").text("word0s").vector([1.0, 2.0]),
        };
        records.insert(place, bad);
        self.db.upsert_many(records).unwrap_err();
        "batch, refused"
    }

    fn update_metadata(&mut self) -> &'static str {
        let (key, group) = (self.corpus.key(), self.corpus.random.below(GROUPS) as i64);
        let metadata = [("group".to_owned(), group.into())].into();
        let document = self.model.live_mut(&key);
        assert_eq!(self.db.update_metadata(&key.1, metadata, Some(&key.0)).unwrap(), document.is_some());
        if let Some(document) = document {
            document.group = group;
        }
        "update_metadata"
    }

    fn expiry(&mut self) -> &'static str {
        let key = self.corpus.key();
        let seconds = (!self.corpus.once_in(3)).then(|| self.corpus.random.below(60));
        let now = self.model.now;
        let document = self.model.live_mut(&key);
        let known = match seconds {
            Some(seconds) => self.db.set_ttl(&key.1, seconds as f64, Some(&key.0)),
            None => self.db.clear_ttl(&key.1, Some(&key.0)),
        };
        assert_eq!(known.unwrap(), document.is_some());
        if let Some(document) = document {
            document.expires_at = seconds.map(|seconds| now + seconds * 1_000);
        }
        "expiry"
    }

    fn pass_time(&mut self) -> &'static str {
        self.model.now += self.corpus.random.below(30_000);
        self.clock.set(self.model.now);
        "time"
    }

    fn bulk_load(&mut self) -> &'static str {
        let records = self.corpus.records(BULK_RECORDS);
        records.iter().for_each(|record| self.model.put(record));
        let options = BulkOptions::new().batch_size(1 + self.corpus.random.below(300) as usize);
        self.db.bulk_ingest(records, options, |_| {}).unwrap();
        "bulk load"
    }

    fn flush(&mut self) -> &'static str {
        self.db.flush().unwrap();
        self.model.sweep();
        "flush"
    }

    fn compact(&mut self) -> &'static str {
        self.db.compact().unwrap();
        self.model.sweep();
        "compact"
    }

    /// Closes the writer and opens it again, and now and then the reader.
    fn reopen(&mut self) -> &'static str {
        if self.corpus.once_in(2) {
            self.reader = open(&self.path, &self.clock, true);
        }
        self.db.close().unwrap();
        self.db = open(&self.path, &self.clock, false);
        "reopen"
    }

    fn search(&mut self) -> &'static str {
        let (request, query) = self.corpus.search(&self.model);
        let k = 1 + self.corpus.random.below(MOST_HITS) as usize;
        let offset = if self.corpus.once_in(8) { self.corpus.random.below(20) as usize } else { 0 };
        let explained = self.corpus.once_in(4);
        let (db, kind) =
            if self.corpus.once_in(4) { (&self.reader, "search, reader") } else { (&self.db, "search") };
        let request = request.k(k).offset(offset).explain(explained);
        let hits = db.search(&request).unwrap().hits;

        let statistics = self.model.statistics(&query);
        let scores = self.model.scores(&query, &statistics);
        let mut best: Vec<f64> = scores.values().copied().collect();
        best.sort_by(|left, right| right.total_cmp(left));
        let expected = best.get(offset..).unwrap_or_default();
        let expected = &expected[..k.min(expected.len())];
        let context = || format!("{kind} for {query:?}, k {k}, offset {offset}");
        assert_eq!(hits.len(), expected.len(), "{}", context());
        for pair in hits.windows(2) {
            assert!(pair[0].best_first(&pair[1]).is_lt(), "{}: {pair:?} out of order", context());
        }
        for (hit, expected) in hits.iter().zip(expected) {
            // Ties may come in another order than the oracle's rounding would have it.
            assert_close(hit.score, *expected, &context);
            let key = (hit.namespace.clone(), hit.id.clone());
            let own = scores.get(&key).unwrap_or_else(|| panic!("{}: {key:?} is no match", context()));
            assert_close(hit.score, *own, &context);
            let document = &self.model.documents[&key];
            let matched: BTreeSet<&String> = hit.matched_terms.iter().collect();
            assert_eq!((matched.len(), &matched), (hit.matched_terms.len(), &document.matched(&query)));
            assert_eq!(hit.explain.is_some(), explained);
            check_explanation(hit, &query, &statistics, document.length, &context);
        }
        kind
    }
}

/// Every number of the explanation is that of the model, and together they are the score.
fn check_explanation(
    hit: &Hit,
    query: &Query,
    statistics: &Statistics,
    document_length: f64,
    context: &impl Fn() -> String,
) {
    let Some(explanation) = &hit.explain else { return };
    let sparse = explanation.sparse.as_ref().unwrap();
    let mut sum = 0.0;
    let mut terms = Vec::new();
    match &sparse.terms {
        TermScores::Bm25 { length, average_length, documents, terms: explained, .. } => {
            assert_close(*length, document_length, context);
            assert_close(*average_length, statistics.average_length, context);
            assert_eq!(*documents, statistics.documents, "{}", context());
            for term in explained {
                assert_eq!(term.document_frequency, statistics.frequencies[&term.term], "{}", context());
                assert_close(term.query_weight, query.terms[&term.term], context);
                sum += term.score;
                terms.push(&term.term);
            }
        }
        TermScores::Dot { terms: explained } => {
            for term in explained {
                sum += term.score;
                terms.push(&term.term);
            }
        }
    }
    assert_close(sum, hit.score, context);
    assert_eq!(terms, hit.matched_terms.iter().collect::<Vec<_>>(), "{}", context());
}

fn assert_close(found: f64, expected: f64, context: &impl Fn() -> String) {
    let close = (found - expected).abs() <= TOLERANCE * expected.abs();
    assert!(close, "{}: found {found}, expected {expected}", context());
}

/// What every record says of itself agrees with the model, too: a search may be right by accident.
fn check_records(history: &History) {
    let live: Vec<Key> =
        history.model.documents.keys().filter(|key| history.model.is_live(key)).cloned().collect();
    let listed: Vec<Key> = history
        .db
        .list(None, None, 0, 0)
        .unwrap()
        .into_iter()
        .map(|record| (record.namespace, record.id))
        .collect();
    assert_eq!(listed, live);
}

#[test]
fn every_answer_is_that_of_the_naive_scorer() {
    let steps = campaign::number("VECTLITE_TEXT_STEPS").unwrap_or(STEPS);
    let seed = campaign::seed("VECTLITE_TEXT_SEED");
    println!("VECTLITE_TEXT_SEED={seed} VECTLITE_TEXT_STEPS={steps}");
    let (mut done, mut most) = (BTreeMap::new(), 0);
    for number in 0..steps.div_ceil(STEPS_PER_DATABASE) {
        let directory = tempfile::tempdir().unwrap();
        let settings = &SETTINGS[number as usize % SETTINGS.len()];
        let mut history = History::new(directory.path(), settings, seed.wrapping_add(number));
        history.bulk_load();
        for _ in 0..STEPS_PER_DATABASE.min(steps - number * STEPS_PER_DATABASE) {
            history.step();
            most = most.max(history.model.documents.len());
        }
        check_records(&history);
        history.done.iter().for_each(|(kind, count)| *done.entry(*kind).or_insert(0) += count);
    }
    println!("{steps} steps, up to {most} records: {done:?}");
}
