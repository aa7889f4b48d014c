//! Made-up queries: what is asked, and what of it a record has.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use vectlite::{Analyzer, FieldType, Filter, Fusion, Include, Metric, Record, SearchRequest, Value};
use vectlite_tests::model::Model;

use super::draw::{Draw, SPACES};
use super::filters::{WORDS, filter, word};
use crate::spaces::naive;

/// More texts than this are not kept analyzed.
const KEPT_TEXTS: usize = 20_000;

/// How text becomes terms, and what it became.
pub(super) struct Texts {
    analyzer: Analyzer,
    /// Whether each word is one term: else a query with signs is another question.
    by_word: bool,
    known: HashMap<String, Arc<BTreeSet<String>>>,
}

impl Texts {
    pub(super) fn new(analyzer: &Analyzer, by_word: bool) -> Texts {
        Texts { analyzer: analyzer.clone(), by_word, known: HashMap::new() }
    }

    fn terms(&mut self, text: &str) -> Arc<BTreeSet<String>> {
        if let Some(terms) = self.known.get(text) {
            return Arc::clone(terms);
        }
        if self.known.len() > KEPT_TEXTS {
            self.known.clear();
        }
        let terms: Arc<BTreeSet<String>> = Arc::new(self.analyzer.terms(text).into_keys().collect());
        self.known.insert(text.to_owned(), Arc::clone(&terms));
        terms
    }

    /// The terms of a record: of its text and of its sparse vector.
    pub(super) fn of(&mut self, record: &Record) -> Arc<BTreeSet<String>> {
        let mut terms = record.text.as_ref().map(|text| self.terms(text)).unwrap_or_default();
        if let Some(sparse) = &record.sparse {
            Arc::make_mut(&mut terms).extend(sparse.keys().cloned());
        }
        terms
    }

    fn query_terms(&self, words: &str) -> BTreeSet<String> {
        self.analyzer.query_terms(words).into_keys().collect()
    }

    /// The one term of a word.
    fn query_term(&self, word: &str) -> String {
        self.query_terms(word).pop_first().unwrap()
    }
}

/// What is asked.
#[derive(Debug)]
pub(super) struct Query {
    pub(super) k: usize,
    pub(super) offset: usize,
    pub(super) exact: bool,
    ef_search: Option<usize>,
    fusion: Fusion,
    scope: Option<String>,
    filter: Option<Filter>,
    /// By vector space.
    pub(super) vectors: BTreeMap<&'static str, Vec<f32>>,
    text: Option<String>,
    sparse: Option<BTreeMap<String, f32>>,
    /// Terms that are scored, of text and sparse terms together.
    terms: BTreeSet<String>,
    /// The beginnings of others.
    prefixes: Vec<String>,
    /// Terms that must be there, or must not.
    conditions: Vec<(bool, String)>,
    /// Terms that a field must have.
    in_fields: Vec<(&'static str, String)>,
}

impl Query {
    pub(super) fn draw(model: &Model, texts: &Texts, draw: &mut Draw) -> Query {
        // Of everything, where a graph is walked most.
        let wide = draw.random.once_in(3);
        let scope = if wide { None } else { draw.scope() };
        let filter = (!wide && draw.random.once_in(2)).then(|| filter(&mut draw.random, 2));
        let random = &mut draw.random;
        let mut query = Query {
            k: random.pick(&[1, 3, 10, 1_000]),
            offset: if random.once_in(6) { random.below(8) as usize } else { 0 },
            exact: !wide && random.once_in(2),
            // A narrow walk of a graph, where there is one: a wide one is taken among many more records only.
            ef_search: (wide || random.once_in(3)).then(|| random.pick(&[1, 2, 4, 40])),
            fusion: if random.once_in(2) { Fusion::Rrf } else { Fusion::Linear },
            scope,
            filter,
            vectors: BTreeMap::new(),
            text: None,
            sparse: None,
            terms: BTreeSet::new(),
            prefixes: Vec::new(),
            conditions: Vec::new(),
            in_fields: Vec::new(),
        };
        let (vectors, text, sparse) = match draw.random.below(if wide { 5 } else { 8 }) {
            0..3 => (true, false, false),
            3 => (true, true, false),
            4 => (true, true, true),
            5 | 6 => (false, true, false),
            _ => (false, false, true),
        };
        if vectors {
            query.add_vector(model, draw);
            if draw.random.once_in(6) {
                query.add_vector(model, draw);
            }
        }
        if text {
            query.add_text(model, texts, draw);
        }
        if sparse {
            let sparse = draw.sparse();
            query.terms.extend(sparse.keys().cloned());
            query.sparse = Some(sparse);
        }
        query
    }

    fn add_vector(&mut self, model: &Model, draw: &mut Draw) {
        let space = if draw.random.once_in(3) { draw.random.pick(&SPACES) } else { "" };
        let dimension = model.dimension(space).unwrap_or(2);
        let mut vector = draw.vector(dimension);
        // Not zero: that has no direction.
        vector[0] += 0.5;
        self.vectors.insert(space, vector);
    }

    /// Words, and with an analyzer that has a term for each of them, signs.
    fn add_text(&mut self, model: &Model, texts: &Texts, draw: &mut Draw) {
        let random = &mut draw.random;
        let mut text = word(random);
        if random.once_in(2) {
            text += &format!(" {}", word(random));
        }
        self.terms.extend(texts.query_terms(&text));
        let sign = if texts.by_word { random.below(8) } else { 8 };
        match sign {
            0 | 1 => {
                let (word, required) = (word(random), random.once_in(2));
                text += &format!(" {}{word}", if required { "+" } else { "-" });
                let term = texts.query_term(&word);
                if required {
                    self.terms.insert(term.clone());
                }
                self.conditions.push((required, term));
            }
            2 => {
                let prefix = format!("word{}", random.below(WORDS / 10));
                text += &format!(" {prefix}*");
                self.prefixes.push(prefix);
            }
            3 => {
                let (field, word) = (random.pick(&["title", "tag"]), word(random));
                text += &format!(" {field}:{word}");
                if model.indexes.get(field) == Some(&FieldType::Text) {
                    self.in_fields.push((field, texts.query_term(&word)));
                } else {
                    // Without such an index a colon is plain.
                    self.terms.extend(texts.query_terms(&format!("{field}:{word}")));
                }
            }
            _ => {}
        }
        self.text = Some(text);
    }

    pub(super) fn request(&self) -> SearchRequest {
        let mut request = SearchRequest::new()
            .k(self.k)
            .offset(self.offset)
            .exact(self.exact)
            .fusion(self.fusion)
            .include(Include::default().vector(true).text(true));
        request = match &self.scope {
            None => request.all_namespaces(true),
            Some(namespace) => request.namespace(namespace),
        };
        if let Some(ef) = self.ef_search {
            request = request.ef_search(ef);
        }
        if let Some(filter) = &self.filter {
            request = request.filter(filter.clone());
        }
        if let Some(text) = &self.text {
            request = request.text(text);
        }
        if let Some(sparse) = &self.sparse {
            request = request.sparse(sparse.clone());
        }
        match self.vectors.first_key_value() {
            None => request,
            Some((space, vector)) if self.vectors.len() == 1 => {
                request.vector(vector.clone()).vector_name(*space)
            }
            Some(_) => request.query_vectors(self.vectors.clone()),
        }
    }

    /// Whether it asks for terms at all.
    pub(super) fn asks_terms(&self) -> bool {
        self.text.is_some() || self.sparse.is_some()
    }

    /// Whether a record may be found, by whatever it has.
    pub(super) fn allows(&self, record: &Record, terms: &BTreeSet<String>, texts: &mut Texts) -> bool {
        self.scope.as_ref().is_none_or(|scope| *scope == record.namespace)
            && self.filter.as_ref().is_none_or(|filter| filter.matches(&record.metadata).unwrap())
            && self.conditions.iter().all(|(required, term)| terms.contains(term) == *required)
            && self.in_fields.iter().all(|(field, term)| {
                let strings = record.metadata.get(*field).into_iter().flat_map(|value| match value {
                    Value::List(elements) => elements.iter().collect(),
                    value => vec![value],
                });
                strings.filter_map(Value::as_str).any(|text| texts.terms(text).contains(term))
            })
    }

    /// Whether a record has something that is scored.
    pub(super) fn has_terms(&self, terms: &BTreeSet<String>) -> bool {
        !self.terms.is_disjoint(terms)
            || self.prefixes.iter().any(|prefix| terms.iter().any(|term| term.starts_with(prefix.as_str())))
    }

    /// The sum over the spaces. What a record lacks adds nothing, but no distance stands for it.
    pub(super) fn dense_score(&self, record: &Record, metric: Metric) -> Option<f64> {
        let score = |(space, query): (&&str, &Vec<f32>)| {
            vector_in(record, space).map(|stored| naive(metric, query, stored))
        };
        let scores: Vec<Option<f64>> = self.vectors.iter().map(score).collect();
        let is_distance = matches!(metric, Metric::Euclidean | Metric::Manhattan);
        let lacks = if is_distance { scores.contains(&None) } else { scores.iter().all(Option::is_none) };
        (!scores.is_empty() && !lacks).then(|| scores.into_iter().flatten().sum())
    }

    /// The vector that a hit brings along: of several spaces, that of the first one.
    pub(super) fn vector_of<'r>(&self, record: &'r Record) -> Option<&'r Vec<f32>> {
        vector_in(record, self.vectors.keys().next().unwrap_or(&""))
    }
}

fn vector_in<'r>(record: &'r Record, space: &str) -> Option<&'r Vec<f32>> {
    if space.is_empty() { record.vector.as_ref() } else { record.vectors.get(space) }
}
