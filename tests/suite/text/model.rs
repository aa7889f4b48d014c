//! What a database must hold, and the scorer that looks at every document: the formulas of query-semantics.md in doubles,
//! with nothing of `vectlite-text` but the analyzer.

use std::collections::{BTreeMap, BTreeSet};

use vectlite::{Analyzer, Record, SparseScoring};

/// The constants of query-semantics.md.
const K1: f64 = 1.2;
const B: f64 = 0.75;
/// More than this no record is long.
const MAX_LENGTH: f64 = (1_u64 << 32) as f64;

/// Namespace and id.
pub(super) type Key = (String, String);

/// What counts of a record.
#[derive(Debug, Clone)]
pub(super) struct Document {
    pub(super) terms: BTreeMap<String, f64>,
    /// The sum of the terms' weights, as far as it counts.
    pub(super) length: f64,
    /// What filters look at.
    pub(super) group: i64,
    /// Milliseconds since 1970.
    pub(super) expires_at: Option<u64>,
}

/// Every record that the database holds, those included that have expired and await their sweep.
pub(super) struct Model {
    pub(super) scoring: SparseScoring,
    pub(super) analyzer: Analyzer,
    pub(super) documents: BTreeMap<Key, Document>,
    /// Milliseconds since 1970.
    pub(super) now: u64,
}

/// A query as the naive scorer takes it.
#[derive(Debug, Clone)]
pub(super) struct Query {
    /// Weights by term, of text and sparse terms together.
    pub(super) terms: BTreeMap<String, f64>,
    /// `None`: all of them.
    pub(super) namespace: Option<String>,
    /// Only records of a group below it.
    pub(super) below: Option<i64>,
}

/// The statistics of the searched namespaces.
#[derive(Debug, PartialEq)]
pub(super) struct Statistics {
    /// Documents with at least one term.
    pub(super) documents: u64,
    pub(super) average_length: f64,
    /// Documents that hold a term, for those of a query.
    pub(super) frequencies: BTreeMap<String, u64>,
}

impl Model {
    pub(super) fn new(scoring: SparseScoring, analyzer: &Analyzer, now: u64) -> Model {
        Model { scoring, analyzer: analyzer.clone(), documents: BTreeMap::new(), now }
    }

    /// The terms of a text and of a sparse vector, summed.
    pub(super) fn terms(
        &self,
        text: Option<&str>,
        sparse: Option<&BTreeMap<String, f32>>,
    ) -> BTreeMap<String, f64> {
        let mut terms = BTreeMap::new();
        for (term, weight) in text.map(|text| self.analyzer.terms(text)).iter().chain(sparse).flatten() {
            *terms.entry(term.clone()).or_insert(0.0) += f64::from(*weight);
        }
        terms
    }

    pub(super) fn put(&mut self, record: &Record) {
        let terms = self.terms(record.text.as_deref(), record.sparse.as_ref());
        let document = Document {
            length: terms.values().sum::<f64>().min(MAX_LENGTH),
            terms,
            group: record.metadata["group"].as_i64().unwrap(),
            expires_at: record.ttl.map(|ttl| self.now + (ttl * 1_000.0) as u64),
        };
        self.documents.insert((record.namespace.clone(), record.id.clone()), document);
    }

    /// Whether there is a record as far as users can tell.
    pub(super) fn is_live(&self, key: &Key) -> bool {
        self.documents.get(key).is_some_and(|document| !document.is_expired(self.now))
    }

    pub(super) fn live_mut(&mut self, key: &Key) -> Option<&mut Document> {
        let now = self.now;
        self.documents.get_mut(key).filter(|document| !document.is_expired(now))
    }

    /// Whether there was one.
    pub(super) fn delete(&mut self, key: &Key) -> bool {
        self.is_live(key) && self.documents.remove(key).is_some()
    }

    /// Removes live records of a group, in one namespace or in all, and returns how many there were.
    pub(super) fn delete_group(&mut self, group: i64, namespace: Option<&str>) -> usize {
        let (before, now) = (self.documents.len(), self.now);
        self.documents.retain(|(place, _), document| {
            document.group != group
                || namespace.is_some_and(|namespace| namespace != place)
                || document.is_expired(now)
        });
        before - self.documents.len()
    }

    /// Removes what has expired: only then does it leave the statistics.
    pub(super) fn sweep(&mut self) {
        let now = self.now;
        self.documents.retain(|_, document| !document.is_expired(now));
    }

    fn searched<'a>(&'a self, query: &'a Query) -> impl Iterator<Item = (&'a Key, &'a Document)> {
        let within = |key: &Key| query.namespace.as_ref().is_none_or(|namespace| *namespace == key.0);
        self.documents.iter().filter(move |(key, _)| within(key))
    }

    pub(super) fn statistics(&self, query: &Query) -> Statistics {
        let (mut documents, mut total_length) = (0_u64, 0.0);
        let mut frequencies: BTreeMap<String, u64> =
            query.terms.keys().map(|term| (term.clone(), 0)).collect();
        for (_, document) in self.searched(query).filter(|(_, document)| !document.terms.is_empty()) {
            documents += 1;
            total_length += document.length;
            for (term, frequency) in &mut frequencies {
                *frequency += u64::from(document.terms.contains_key(term));
            }
        }
        let average_length = if documents == 0 { 0.0 } else { total_length / documents as f64 };
        Statistics { documents, average_length, frequencies }
    }

    /// The score of every record that a search may return.
    pub(super) fn scores(&self, query: &Query, statistics: &Statistics) -> BTreeMap<Key, f64> {
        let may_return = |document: &Document| {
            !document.is_expired(self.now) && query.below.is_none_or(|below| document.group < below)
        };
        self.searched(query)
            .filter(|(_, document)| may_return(document) && !document.matched(query).is_empty())
            .map(|(key, document)| (key.clone(), self.score(document, query, statistics)))
            .collect()
    }

    fn score(&self, document: &Document, query: &Query, statistics: &Statistics) -> f64 {
        let held = query.terms.iter().filter_map(|(term, weight)| {
            Some((*weight, *document.terms.get(term)?, statistics.frequencies[term] as f64))
        });
        held.map(|(query_weight, weight, df)| match self.scoring {
            SparseScoring::Dot => query_weight * weight,
            SparseScoring::Bm25 if weight == 0.0 => 0.0,
            SparseScoring::Bm25 => {
                let idf = (1.0 + (statistics.documents as f64 - df + 0.5) / (df + 0.5)).ln();
                let relative_length = document.length / statistics.average_length;
                query_weight * idf * weight / (weight + K1 * (1.0 - B + B * relative_length))
            }
        })
        .sum()
    }
}

impl Document {
    fn is_expired(&self, now: u64) -> bool {
        self.expires_at.is_some_and(|at| at <= now)
    }

    /// The terms of a query that it holds.
    pub(super) fn matched<'a>(&self, query: &'a Query) -> BTreeSet<&'a String> {
        query.terms.keys().filter(|term| self.terms.contains_key(*term)).collect()
    }
}

#[test]
fn a_score_by_hand() {
    let mut model = Model::new(SparseScoring::Bm25, &Analyzer::default(), 0);
    let record = |id: &str, text: &str| Record::new(id).text(text).metadata([("group", 0.into())]);
    for (id, text) in [("a", "red red blue"), ("b", "Blue"), ("c", "")] {
        model.put(&record(id, text));
    }
    let query =
        Query { terms: [("red".to_owned(), 2.0)].into(), namespace: Some(String::new()), below: None };
    let statistics = model.statistics(&query);
    assert_eq!((statistics.documents, statistics.average_length), (2, 2.0));
    let scores = model.scores(&query, &statistics);
    assert_eq!(scores.len(), 1);
    // idf = ln(1 + 1.5 / 1.5), norm = 1.2 · (0.25 + 0.75 · 3 / 2) = 1.65
    let expected = 2.0 * 2.0_f64.ln() * 2.0 / 3.65;
    assert!((scores[&(String::new(), "a".to_owned())] - expected).abs() < 1e-12);
}
