//! What a handle finds: by vectors, by text and sparse terms, by both; always min(k, matches) live records with their true scores.

use std::collections::{BTreeMap, BTreeSet};

use vectlite::{Hit, Metric, Record};
use vectlite_tests::model::{Key, Model};

use super::draw::Draw;
use super::query::{Query, Texts};
use super::reads::Reads;

/// Scores of the engine are sums of `f32`, those of the model of `f64`.
const TOLERANCE: f64 = 1e-4;

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
        let terms = texts.of(record);
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
    let query = Query::draw(model, texts, draw);
    let request = query.request();
    let matches = matches(&query, model, texts, metric);
    let found = handle.search(&request).unwrap_or_else(|error| panic!("{query:?}: {error}"));
    let what = || format!("{query:?}, run as {:?}", found.stats.plan);
    assert_eq!(found.hits.len(), query.k.min(matches.len().saturating_sub(query.offset)), "{}", what());
    assert!(found.stats.exact || !query.exact, "{}", what());
    check_hits(&found.hits, &query, &matches, &what);
    if found.stats.exact && !query.asks_terms() {
        let mut best: Vec<f64> = matches.values().filter_map(|found| found.dense).collect();
        best.sort_by(|left, right| right.total_cmp(left));
        for (hit, score) in found.hits.iter().zip(best.iter().skip(query.offset)) {
            assert_close(hit.score, *score, &what);
        }
    }
    if query.vectors.len() == 1 && draw.random.once_in(8) {
        let own = query.vectors.values().next().unwrap();
        let other = vec![1.0; own.len()];
        let batch = handle.search_batch(&[own.clone(), other], &request).unwrap();
        assert_eq!(batch.len(), 2);
        // Between the two a graph may have grown.
        if found.stats.exact && batch[0].stats.exact {
            assert_eq!(batch[0].hits, found.hits, "{}: in a batch", what());
        }
    }
    match (query.vectors.len(), query.asks_terms()) {
        (0, _) => "search by terms",
        (_, true) if found.stats.used_ann => "hybrid search by a graph",
        (_, true) => "hybrid search",
        (_, false) if found.stats.used_ann => "search by a graph",
        (1, false) => "search by vector",
        (_, false) => "search by several vectors",
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
        let vector = query.vector_of(found.record);
        assert_eq!(hit.vector.as_ref(), vector, "{}: the vector of {key:?}", what());
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
