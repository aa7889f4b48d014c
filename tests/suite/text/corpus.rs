//! Made-up records and queries: few words that are everywhere, many that are rare, some that occur once.

use std::collections::BTreeMap;

use vectlite::{Filter, Record, SearchRequest};
use vectlite_tests::random::Random;

use super::model::{Key, Model, Query};

/// The most frequent first, about as word n is met in texts: word 0 in every seventh place, half of the words hardly ever.
const WORDS: u64 = 3_000;
/// Sparse terms and words are the same strings, so that both meet in one posting list.
const NAMESPACES: [&str; 4] = ["", "", "a", "b"];
/// Values of the metadata that filters look at.
pub(super) const GROUPS: u64 = 40;
/// Longest text, in words.
const LONGEST: u64 = 24;

/// Draws from a seed.
pub(super) struct Corpus {
    pub(super) random: Random,
    /// Ids of a namespace: few, so that most are overwritten often, or many, so that posting lists are long.
    ids: u64,
    /// How many words were made up that no other text has.
    unique: u64,
}

impl Corpus {
    pub(super) fn new(seed: u64, ids: u64) -> Corpus {
        Corpus { random: Random::new(seed), ids, unique: 0 }
    }

    /// One time in `of`.
    pub(super) fn once_in(&mut self, of: u64) -> bool {
        self.random.once_in(of)
    }

    pub(super) fn namespace(&mut self) -> String {
        NAMESPACES[self.random.below(NAMESPACES.len() as u64) as usize].to_owned()
    }

    /// One namespace, or all.
    pub(super) fn scope(&mut self) -> Option<String> {
        if self.once_in(4) { None } else { Some(self.namespace()) }
    }

    pub(super) fn key(&mut self) -> Key {
        (self.namespace(), format!("r{}", self.random.below(self.ids)))
    }

    fn word(&mut self) -> String {
        // A uniform number to the fourth power: the density falls as rank^(-3/4).
        let uniform = self.random.below(1 << 20) as f64 / f64::from(1 << 20);
        let rank = (WORDS as f64 * uniform.powi(4)) as u64;
        match self.random.below(12) {
            // What an analyzer has to do something about.
            0 => format!("WÖRD{rank}s"),
            _ => format!("word{rank}s"),
        }
    }

    fn text(&mut self) -> String {
        let words: Vec<String> = (0..self.random.below(LONGEST)).map(|_| self.word()).collect();
        let mut text = words.join([" ", ", ", "\n"][self.random.below(3) as usize]);
        if self.once_in(20) {
            self.unique += 1;
            text += &format!(" unique{}", self.unique);
        }
        if self.once_in(50) {
            text += &" word0s".repeat(40);
        }
        text
    }

    fn weight(&mut self) -> f32 {
        match self.random.below(20) {
            0 => 0.0,
            1 => self.random.below(1_000_000) as f32,
            2..8 => self.random.below(1 << 20) as f32 / 104_729.0,
            _ => 1.0 + self.random.below(4) as f32,
        }
    }

    fn sparse(&mut self) -> BTreeMap<String, f32> {
        (0..self.random.below(6)).map(|_| (self.word().to_lowercase(), self.weight())).collect()
    }

    /// A record for this key, with text, sparse terms, both, or neither.
    pub(super) fn record(&mut self, (namespace, id): Key) -> Record {
        let group = self.random.below(GROUPS) as i64;
        let mut record = Record::new(id).namespace(namespace).metadata([("group", group.into())]);
        match self.random.below(20) {
            0 => {}
            1..4 => record.sparse = Some(self.sparse()),
            4..7 => {
                record.text = Some(self.text());
                record.sparse = Some(self.sparse());
            }
            _ => record.text = Some(self.text()),
        }
        if self.once_in(30) {
            record = record.ttl(1.0 + self.random.below(60) as f64);
        }
        record
    }

    pub(super) fn records(&mut self, most: u64) -> Vec<Record> {
        (0..1 + self.random.below(most))
            .map(|_| {
                let key = self.key();
                self.record(key)
            })
            .collect()
    }

    /// A search, and what it means to the model.
    pub(super) fn search(&mut self, model: &Model) -> (SearchRequest, Query) {
        let mut text: Option<String> = None;
        let mut sparse: Option<BTreeMap<String, f32>> = None;
        if !self.once_in(5) {
            let words: Vec<String> = (0..1 + self.random.below(5)).map(|_| self.word()).collect();
            let mut query = words.join(" ");
            match self.random.below(6) {
                0 => query += " nowhere",
                1 => query += &format!(" {query} {}", words[0]),
                2 => query += &format!(" unique{}", 1 + self.random.below(self.unique + 1)),
                _ => {}
            }
            text = Some(query);
        }
        if text.is_none() || self.once_in(6) {
            sparse = Some(self.sparse());
        }
        let namespace = if self.once_in(40) { Some("nobody".to_owned()) } else { self.scope() };
        let below = self.once_in(4).then(|| self.random.below(GROUPS) as i64);
        let query = Query {
            terms: model.terms(text.as_deref(), sparse.as_ref()),
            namespace: namespace.clone(),
            below,
        };

        let mut request = SearchRequest::new();
        request = match namespace {
            None => request.all_namespaces(true),
            Some(namespace) => request.namespace(namespace),
        };
        if let Some(text) = text {
            request = request.text(text);
        }
        if let Some(sparse) = sparse {
            request = request.sparse(sparse);
        }
        if let Some(below) = below {
            request = request.filter(Filter::lt("group", below));
        }
        (request, query)
    }
}
