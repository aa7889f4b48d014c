//! What a handle finds: by vectors, by text and sparse terms, by both; always min(k, matches) live records with their true scores.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use vectlite::{Analyzer, FieldType, Filter, Fusion, Hit, Include, Metric, Record, SearchRequest, Value};
use vectlite_tests::model::{Key, Model};

use super::draw::{Draw, SPACES};
use super::filters::{WORDS, filter, word};
use super::reads::Reads;
use crate::spaces::naive;

/// Scores of the engine are sums of `f32`, those of the model of `f64`.
const TOLERANCE: f64 = 1e-4;
/// More texts than this are not kept analyzed.
const KEPT_TEXTS: usize = 20_000;

/// How text becomes terms, and what it became.
pub(super) struct Texts {
    pub(super) analyzer: Analyzer,
    /// Whether each word is one term: else a query with signs is another question.
    pub(super) by_word: bool,
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

    fn query_terms(&self, words: &str) -> BTreeSet<String> {
        self.analyzer.query_terms(words).into_keys().collect()
    }
}

/// What a query asks of a record.
#[derive(Debug, Default)]
struct Query {
    scope: Option<String>,
    filter: Option<Filter>,
    /// By vector space.
    vectors: BTreeMap<&'static str, Vec<f32>>,
    text: Option<String>,
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
    /// Words, and with an analyzer that has a term for each of them, signs.
    fn add_text(&mut self, model: &Model, texts: &Texts, draw: &mut Draw) {
        let random = &mut draw.random;
        let mut text = word(random);
        if random.once_in(2) {
            text += &format!(" {}", word(random));
        }
        self.terms.extend(texts.query_terms(&text));
        if texts.by_word {
            match random.below(8) {
                0 | 1 => {
                    let (word, required) = (word(random), random.once_in(2));
                    text += &format!(" {}{word}", if required { "+" } else { "-" });
                    let term = texts.query_terms(&word).pop_first().unwrap();
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
                    // Before any other word a colon is plain, and then these are two words.
                    text += &format!(" {field}:{word}");
                    if model.indexes.get(field) == Some(&FieldType::Text) {
                        self.in_fields.push((field, texts.query_terms(&word).pop_first().unwrap()));
                    } else {
                        self.terms.extend(texts.query_terms(&format!("{field}:{word}")));
                    }
                }
                _ => {}
            }
        }
        self.text = Some(text);
    }

    fn add_vector(&mut self, model: &Model, draw: &mut Draw) {
        let space = if draw.random.once_in(3) { draw.random.pick(&SPACES) } else { "" };
        let dimension = model.dimension(space).unwrap_or(2);
        let mut vector = draw.vector(dimension);
        // Not zero: that has no direction.
        vector[0] += 0.5;
        self.vectors.insert(space, vector);
    }

    fn allows(&self, record: &Record, terms: &BTreeSet<String>, texts: &mut Texts) -> bool {
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

    fn has_terms(&self, terms: &BTreeSet<String>) -> bool {
        !self.terms.is_disjoint(terms)
            || self.prefixes.iter().any(|prefix| terms.iter().any(|term| term.starts_with(prefix.as_str())))
    }

    /// The sum over the spaces. What a record lacks adds nothing, but no distance stands for it.
    fn dense_score(&self, record: &Record, metric: Metric) -> Option<f64> {
        let score = |(space, query): (&&str, &Vec<f32>)| {
            vector_in(record, space).map(|stored| naive(metric, query, stored))
        };
        let scores: Vec<Option<f64>> = self.vectors.iter().map(score).collect();
        let is_distance = matches!(metric, Metric::Euclidean | Metric::Manhattan);
        let lacks_too_many =
            if is_distance { scores.contains(&None) } else { scores.iter().all(Option::is_none) };
        (!scores.is_empty() && !lacks_too_many).then(|| scores.into_iter().flatten().sum())
    }
}

fn vector_in<'r>(record: &'r Record, space: &str) -> Option<&'r Vec<f32>> {
    if space.is_empty() { record.vector.as_ref() } else { record.vectors.get(space) }
}

/// What a query may return: the dense score, if there is one, and whether the record has a term.
struct Match<'m> {
    record: &'m Record,
    dense: Option<f64>,
    has_terms: bool,
}

fn matches<'m>(
    query: &Query,
    model: &'m Model,
    texts: &mut Texts,
    metric: Metric,
) -> BTreeMap<Key, Match<'m>> {
    let mut matches = BTreeMap::new();
    for (key, record) in model.records() {
        let mut terms = record.text.as_ref().map(|text| texts.terms(text)).unwrap_or_default();
        if let Some(sparse) = &record.sparse {
            Arc::make_mut(&mut terms).extend(sparse.keys().cloned());
        }
        if !query.allows(record, &terms, texts) {
            continue;
        }
        let (dense, has_terms) = (query.dense_score(record, metric), query.has_terms(&terms));
        if dense.is_some() || has_terms {
            matches.insert(key.clone(), Match { record, dense, has_terms });
        }
    }
    matches
}

/// One search, of a kind that is drawn; what kind it was.
pub(super) fn check(
    handle: &impl Reads,
    model: &Model,
    metric: Metric,
    texts: &mut Texts,
    draw: &mut Draw,
) -> &'static str {
    // Of everything, where a graph is walked most.
    let wide = draw.random.once_in(3);
    let mut query = Query { scope: if wide { None } else { draw.scope() }, ..Query::default() };
    if !wide && draw.random.once_in(2) {
        query.filter = Some(filter(&mut draw.random, 2));
    }
    let mut request = SearchRequest::new();
    let kind = draw.random.below(if wide { 5 } else { 8 });
    if kind < 5 {
        query.add_vector(model, draw);
        if draw.random.once_in(6) {
            query.add_vector(model, draw);
        }
    }
    if kind >= 3 && kind < 7 {
        query.add_text(model, texts, draw);
    }
    if kind == 7 || kind == 4 {
        let sparse = draw.sparse();
        query.terms.extend(sparse.keys().cloned());
        request = request.sparse(sparse);
    }
    let exact = !wide && draw.random.once_in(2);
    let k = draw.random.pick(&[1, 3, 10, 1_000]);
    let offset = if draw.random.once_in(6) { draw.random.below(8) as usize } else { 0 };
    request = request.k(k).offset(offset).exact(exact).include(Include::default().vector(true).text(true));
    if wide || draw.random.once_in(3) {
        // A narrow walk of a graph, where there is one: a wide one is taken among many more records only.
        request = request.ef_search(draw.random.pick(&[1, 2, 4, 40]));
    }
    request = match &query.scope {
        None => request.all_namespaces(true),
        Some(namespace) => request.namespace(namespace),
    };
    if let Some(filter) = &query.filter {
        request = request.filter(filter.clone());
    }
    if let Some(text) = &query.text {
        request = request.text(text);
    }
    request = match query.vectors.len() {
        0 => request,
        1 => query
            .vectors
            .iter()
            .fold(request, |request, (space, vector)| request.vector(vector.clone()).vector_name(*space)),
        _ => request.query_vectors(query.vectors.clone()),
    };
    if draw.random.once_in(2) {
        request = request.fusion(Fusion::Rrf);
    }
    let matches = matches(&query, model, texts, metric);
    let found = handle.search(&request).unwrap();
    let what = || format!("k {k}, offset {offset}, exact {exact}, {query:?}, run as {:?}", found.stats.plan);
    assert_eq!(found.hits.len(), k.min(matches.len().saturating_sub(offset)), "{}", what());
    assert!(found.stats.exact || !exact, "{}", what());
    check_hits(&found.hits, &query, &matches, &what);
    if query.vectors.len() == 1 && draw.random.once_in(8) {
        let own = query.vectors.values().next().unwrap();
        let batch = handle.search_batch(&[own.clone(), vec![1.0; own.len()]], &request).unwrap();
        assert_eq!(batch.len(), 2);
        // Between the two a graph may have grown.
        if found.stats.exact && batch[0].stats.exact {
            assert_eq!(batch[0].hits, found.hits, "{}: in a batch", what());
        }
    }
    let only_dense = !query.vectors.is_empty() && query.terms.is_empty();
    if only_dense && found.stats.exact {
        let mut best: Vec<f64> = matches.values().filter_map(|found| found.dense).collect();
        best.sort_by(|left, right| right.total_cmp(left));
        for (hit, score) in found.hits.iter().zip(best.iter().skip(offset)) {
            assert_close(hit.score, *score, &what);
        }
    }
    match (!query.vectors.is_empty(), query.terms.is_empty()) {
        (true, true) if query.vectors.len() > 1 => "search by several vectors",
        (true, true) if found.stats.used_ann => "search by a graph",
        (true, true) => "search by vector",
        (true, false) if found.stats.used_ann => "hybrid search by a graph",
        (true, false) => "hybrid search",
        (false, _) => "search by terms",
    }
}

/// Each hit is a match, once, in order, with its own score and contents.
fn check_hits(hits: &[Hit], query: &Query, matches: &BTreeMap<Key, Match<'_>>, what: &impl Fn() -> String) {
    for pair in hits.windows(2) {
        assert!(pair[0].best_first(&pair[1]).is_lt(), "{}: {pair:?} out of order", what());
    }
    let mut keys = BTreeSet::new();
    for hit in hits {
        let key = (hit.namespace.clone(), hit.id.clone());
        assert!(keys.insert(key.clone()), "{}: {key:?} twice", what());
        let Some(found) = matches.get(&key) else { panic!("{}: {key:?} is no match", what()) };
        assert_eq!((&hit.metadata, &hit.text), (&found.record.metadata, &found.record.text), "{}", what());
        // Of several spaces, the vectors of the first one.
        let own = vector_in(found.record, query.vectors.keys().next().unwrap_or(&""));
        assert_eq!(hit.vector.as_ref(), own, "{}: the vector of {key:?}", what());
        if let Some(score) = hit.dense_score {
            let expected = found.dense.unwrap_or_else(|| panic!("{}: {key:?} has no vector", what()));
            assert_close(score, expected, what);
        }
        assert!(hit.sparse_score.is_none() || found.has_terms, "{}: {key:?} has no term", what());
        assert!(hit.dense_score.is_some() || hit.sparse_score.is_some(), "{}: {key:?}: no source", what());
    }
}

fn assert_close(found: f64, expected: f64, what: &impl Fn() -> String) {
    let close = (found - expected).abs() <= TOLERANCE * (1.0 + expected.abs());
    assert!(close, "{}: score {found}, expected {expected}", what());
}
