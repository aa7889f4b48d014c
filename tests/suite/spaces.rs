//! Searches over several vector spaces, and by the beginnings of vectors, beside a naive computation.

use std::collections::BTreeMap;

use vectlite::{Database, Filter, Hit, Metric, OpenOptions, Record, SearchRequest};
use vectlite_tests::random::Random;

/// Spaces and their dimensions.
const SPACES: [(&str, usize); 3] = [("", 8), ("image", 4), ("sound", 6)];
const RECORDS: usize = 600;

struct World {
    db: Database,
    metric: Metric,
    records: Vec<Record>,
    random: Random,
}

impl World {
    fn new(directory: &std::path::Path, metric: Metric, seed: u64) -> World {
        let options = OpenOptions::new().dimension(8).metric(metric);
        let db = Database::open(directory.join("spaces.vdb"), options).unwrap();
        let mut world = World { db, metric, records: Vec::new(), random: Random::new(seed) };
        for number in 0..RECORDS {
            let mut record = Record::new(format!("r{number:03}")).metadata([("n", (number as i64).into())]);
            for (space, dimension) in SPACES {
                // A third of the records lacks each of the spaces, some of them all.
                if world.random.below(3) == 0 {
                    continue;
                }
                let vector = world.vector(dimension);
                record =
                    if space.is_empty() { record.vector(vector) } else { record.vector_in(space, vector) };
            }
            world.records.push(record);
        }
        world.db.upsert_many(world.records.clone()).unwrap();
        world
    }

    fn vector(&mut self, dimension: usize) -> Vec<f32> {
        (0..dimension).map(|_| self.random.below(2_001) as f32 / 1_000.0 - 1.0).collect()
    }

    /// A query for some of the spaces, with weights for some of them.
    fn query(&mut self) -> (BTreeMap<String, Vec<f32>>, BTreeMap<String, f64>) {
        let mut vectors = BTreeMap::new();
        let mut weights = BTreeMap::new();
        while vectors.is_empty() {
            for (space, dimension) in SPACES {
                if self.random.below(2) == 0 {
                    vectors.insert(space.to_owned(), self.vector(dimension));
                    if self.random.below(2) == 0 {
                        weights.insert(space.to_owned(), self.random.below(5) as f64 / 2.0);
                    }
                }
            }
        }
        (vectors, weights)
    }

    /// Every record that has a score, best first, by the definition.
    fn expected(
        &self,
        vectors: &BTreeMap<String, Vec<f32>>,
        weights: &BTreeMap<String, f64>,
        first: i64,
    ) -> Vec<(f64, String)> {
        let needs_all = matches!(self.metric, Metric::Euclidean | Metric::Manhattan);
        let mut scored = Vec::new();
        for record in self.records.iter().skip(first as usize) {
            let score = |(space, query): (&String, &Vec<f32>)| {
                let stored =
                    if space.is_empty() { record.vector.as_ref() } else { record.vectors.get(space) };
                let weight = weights.get(space).copied().unwrap_or(1.0);
                stored.map(|stored| weight * naive(self.metric, query, stored))
            };
            let scores: Vec<Option<f64>> = vectors.iter().map(score).collect();
            let counts = if needs_all { !scores.contains(&None) } else { scores.iter().any(Option::is_some) };
            if counts {
                scored.push((scores.into_iter().flatten().sum::<f64>(), record.id.clone()));
            }
        }
        scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        scored
    }
}

/// The score of as many components as the query has.
pub(crate) fn naive(metric: Metric, query: &[f32], stored: &[f32]) -> f64 {
    let pairs = || query.iter().zip(stored).map(|(a, b)| (f64::from(*a), f64::from(*b)));
    let dot: f64 = pairs().map(|(a, b)| a * b).sum();
    match metric {
        Metric::DotProduct => dot,
        Metric::Euclidean => -pairs().map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt(),
        Metric::Manhattan => -pairs().map(|(a, b)| (a - b).abs()).sum::<f64>(),
        Metric::Cosine => {
            let norms = pairs().fold((0.0, 0.0), |(x, y), (a, b)| (x + a * a, y + b * b));
            if norms.1 == 0.0 { 0.0 } else { dot / (norms.0.sqrt() * norms.1.sqrt()) }
        }
    }
}

/// The same scores in the same places; neighbours that differ by rounding may change theirs.
fn assert_same(hits: &[Hit], expected: &[(f64, String)], what: &str) {
    assert_eq!(hits.len(), expected.len(), "{what}");
    for (at, (hit, (score, id))) in hits.iter().zip(expected).enumerate() {
        assert!(
            (hit.score - score).abs() < 1e-5,
            "{what}: hit {at} is {} with {}, not {id} with {score}",
            hit.id,
            hit.score
        );
    }
}

const METRICS: [Metric; 4] = [Metric::Cosine, Metric::Euclidean, Metric::DotProduct, Metric::Manhattan];

#[test]
fn weighted_sums_over_spaces_are_what_they_are_by_definition() {
    for metric in METRICS {
        let directory = tempfile::tempdir().unwrap();
        let mut world = World::new(directory.path(), metric, 6);
        world.db.flush().unwrap();
        world.db.compact().unwrap();
        let (mut found, mut wanted) = (0, 0);
        for round in 0..200 {
            let (vectors, weights) = world.query();
            let first = if round % 2 == 0 { 0 } else { world.random.below(RECORDS as u64) as i64 };
            let k = 1 + world.random.below(40) as usize;
            let what = format!("{metric:?}, round {round}, from {first}: {vectors:?} {weights:?}");
            let mut request = SearchRequest::new().query_vectors(vectors.clone()).k(k);
            if !weights.is_empty() {
                request = request.vector_weights(weights.clone());
            }
            if first > 0 {
                request = request.filter(Filter::gte("n", first));
            }
            let expected = world.expected(&vectors, &weights, first);
            let expected = &expected[..k.min(expected.len())];
            let exact = world.db.search(&request.clone().exact(true)).unwrap();
            assert!(exact.stats.exact && !exact.stats.used_ann, "{what}");
            assert_same(&exact.hits, expected, &what);
            let near = world.db.search(&request.clone().explain(true)).unwrap();
            assert_eq!(near.hits.len(), expected.len(), "{what}");
            let least = expected.last().map_or(0.0, |(score, _)| *score);
            found += near.hits.iter().filter(|hit| hit.score > least - 1e-5).count();
            wanted += expected.len();
            for hit in &near.hits {
                let dense = hit.explain.as_ref().and_then(|explain| explain.dense.as_ref()).unwrap();
                assert_eq!(Some(dense.part.raw), hit.dense_score);
                let plain = vectors.len() == 1 && weights.values().all(|weight| *weight == 1.0);
                assert_eq!(dense.spaces.is_empty(), plain, "{what}");
                if !plain {
                    let sum: f64 = dense.spaces.iter().map(|space| space.weight * space.score).sum();
                    assert!((sum - hit.score).abs() < 1e-9, "{what}: {} is {sum} by hand", hit.score);
                }
            }
        }
        assert!(found * 100 >= wanted * 97, "{metric:?}: {found} of {wanted} found");
    }
}

#[test]
fn beginnings_of_vectors_are_compared_exactly() {
    for metric in METRICS {
        let directory = tempfile::tempdir().unwrap();
        let mut world = World::new(directory.path(), metric, 7);
        world.db.compact().unwrap();
        for n in 1..=8 {
            let query = world.vector(8);
            let request = SearchRequest::new().k(20).truncate_dim(n);
            let cut = BTreeMap::from([(String::new(), query[..n].to_vec())]);
            let expected = world.expected(&cut, &BTreeMap::new(), 0);
            let what = format!("{metric:?}, {n} of 8");
            let by_all = world.db.search(&request.clone().vector(query.clone())).unwrap();
            let by_cut = world.db.search(&request.clone().vector(&query[..n])).unwrap();
            assert_eq!(by_all.hits, by_cut.hits, "{what}");
            assert_eq!(by_all.stats.effective_dimension, Some(n));
            assert_eq!(by_all.stats.matryoshka_truncated, n < 8);
            if n < 8 {
                assert!(by_all.stats.exact, "{what}");
                assert_same(&by_all.hits, &expected[..20], &what);
            }
        }
        // Of several spaces, each is cut.
        let vectors =
            BTreeMap::from([("".to_owned(), world.vector(8)), ("sound".to_owned(), world.vector(6))]);
        let cut = vectors.iter().map(|(space, vector)| (space.clone(), vector[..3].to_vec())).collect();
        let expected = world.expected(&cut, &BTreeMap::new(), 0);
        let found =
            world.db.search(&SearchRequest::new().query_vectors(vectors).truncate_dim(3).k(20)).unwrap();
        assert_same(&found.hits, &expected[..20], &format!("{metric:?}, two spaces"));
        assert_eq!(found.stats.effective_dimension, Some(6));
    }
}

#[test]
fn a_space_that_does_not_exist_gives_nothing_to_a_sum() {
    for metric in METRICS {
        let directory = tempfile::tempdir().unwrap();
        let mut world = World::new(directory.path(), metric, 8);
        let vectors = [("", world.vector(8)), ("smell", vec![1.0])];
        let found = world.db.search(&SearchRequest::new().query_vectors(vectors)).unwrap();
        let none = matches!(metric, Metric::Euclidean | Metric::Manhattan);
        assert_eq!(found.hits.is_empty(), none, "{metric:?}");
    }
}

#[test]
fn sums_are_fused_and_diversified_as_scores_of_one_space_are() {
    let directory = tempfile::tempdir().unwrap();
    let db = Database::open(directory.path().join("a.vdb"), OpenOptions::new().dimension(2)).unwrap();
    db.upsert(Record::new("a").vector([1.0, 0.0]).vector_in("b", [1.0, 0.0]).text("x")).unwrap();
    db.upsert(Record::new("b").vector([1.0, 0.0]).vector_in("b", [0.0, 1.0])).unwrap();
    db.upsert(Record::new("c").vector([0.0, 1.0])).unwrap();
    db.upsert(Record::new("d").text("x x")).unwrap();
    let request = || {
        SearchRequest::new()
            .query_vectors([("", [1.0, 0.0]), ("b", [1.0, 0.0])])
            .vector_weights([("", 2.0), ("b", 0.5)])
    };
    let scores = |request: &SearchRequest| -> Vec<(String, f64)> {
        db.search(request).unwrap().hits.into_iter().map(|hit| (hit.id, hit.score)).collect()
    };
    let named = |list: &[(&str, f64)]| -> Vec<(String, f64)> {
        list.iter().map(|(id, score)| ((*id).to_owned(), *score)).collect()
    };
    assert_eq!(scores(&request()), named(&[("a", 2.5), ("b", 2.0), ("c", 0.0)]));
    // The least that two cosines can sum up to is -2.5.
    let hits = db.search(&request().text("x").sparse_weight(0.0)).unwrap().hits;
    let normalised: Vec<(&str, f64)> = hits.iter().map(|hit| (hit.id.as_str(), hit.score)).collect();
    assert_eq!(normalised, [("a", 1.0), ("b", 0.9), ("c", 0.5), ("d", 0.0)]);
    // b is as a in the default space, which comes first by name; in its own it is unlike it.
    let diverse = |request: SearchRequest| -> Vec<String> {
        let found = db.search(&request.mmr_lambda(0.0).k(2).fetch_k(3)).unwrap();
        found.hits.into_iter().map(|hit| hit.id).collect()
    };
    assert_eq!(diverse(request()), ["a", "c"]);
    assert_eq!(diverse(request().vector_name("b")), ["a", "b"]);
}
