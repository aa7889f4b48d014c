//! Answers with a graph are those without one, but for candidates that it misses.

use std::collections::BTreeMap;

use vectlite::{Database, Filter, Metric, OpenOptions, Record, SearchRequest};
use vectlite_tests::random::Random;

use super::{DIMENSION, Vectors, graph, loaded, open, recall, record, scores, search, settle, wait_until};

#[test]
fn there_is_a_graph_from_128_vectors_on() {
    let directory = tempfile::tempdir().unwrap();
    let mut vectors = Vectors::new(1);
    let db = open(directory.path());
    db.upsert_many((0..127).map(|number| record(number, &mut vectors))).unwrap();
    let query = vectors.next();
    let response = search(&db, &query, 5, false);
    assert_eq!(
        (response.stats.plan.as_str(), response.stats.used_ann, response.stats.exact),
        ("exact", false, true)
    );
    db.upsert(record(127, &mut vectors)).unwrap();
    wait_until("a graph", || search(&db, &query, 5, false).stats.used_ann);
    settle(&db);
    let response = search(&db, &query, 5, false);
    assert_eq!((response.stats.plan.as_str(), response.stats.exact), ("graph", false));
    assert_eq!((response.stats.tail_scanned, response.hits.len()), (0, 5));
    assert!(response.stats.ann_candidate_count >= 5);
    let response = search(&db, &query, 5, true);
    assert_eq!(
        (response.stats.plan.as_str(), response.stats.used_ann, response.stats.exact),
        ("exact", false, true)
    );
}

#[test]
fn a_loaded_graph_finds_nearly_everything() {
    let directory = tempfile::tempdir().unwrap();
    let mut vectors = Vectors::new(2);
    let db = loaded(directory.path(), 3_000, &mut vectors);
    let stats = graph(&db);
    assert_eq!((stats.nodes, stats.tail, stats.dead), (3_000, 0, 0));
    assert_eq!(stats.seeded + stats.extended + stats.twins, 3_000);
    let recall = recall(&db, &mut vectors);
    assert!(recall >= 0.97, "{recall}");
}

#[test]
fn what_a_filter_leaves_of_many_is_skimmed() {
    let directory = tempfile::tempdir().unwrap();
    let mut vectors = Vectors::new(5);
    let db = loaded(directory.path(), 3_000, &mut vectors);
    let request =
        |query: &[f32], bound: i64| SearchRequest::new().vector(query).k(10).filter(Filter::lt("n", bound));
    let (mut found, mut all) = (0, 0);
    for _ in 0..30 {
        let query = vectors.next();
        let some = db.search(&request(&query, 1_500)).unwrap();
        assert_eq!(
            (some.stats.plan.as_str(), some.stats.used_ann, some.stats.exact),
            ("filter+skim", true, false)
        );
        assert_eq!(some.stats.considered_count, 1_500);
        let truth = db.search(&request(&query, 1_500).exact(true)).unwrap();
        assert_eq!((truth.stats.plan.as_str(), truth.stats.exact), ("filter+exact", true));
        let truth = scores(&truth);
        found += scores(&some).iter().filter(|hit| truth.contains(hit)).count();
        all += truth.len();
        // The true answer to fewer costs next to nothing.
        let few = db.search(&request(&query, 1_000)).unwrap();
        assert_eq!((few.stats.plan.as_str(), few.stats.exact), ("filter+exact", true));
    }
    assert!(found * 100 >= all * 99, "{found} of {all}");
}

#[test]
fn what_was_just_written_is_found_and_what_was_just_deleted_is_not() {
    let directory = tempfile::tempdir().unwrap();
    let mut vectors = Vectors::new(3);
    let db = loaded(directory.path(), 1_500, &mut vectors);
    for number in 2_000..2_300 {
        let new = record(number, &mut vectors);
        let query = new.vector.clone().unwrap();
        db.upsert(new).unwrap();
        let hits = search(&db, &query, 1, false).hits;
        assert_eq!(hits[0].id, format!("r{number:05}"), "not found at once");
        if number % 3 == 0 {
            assert!(db.delete(&hits[0].id, None).unwrap());
            assert_ne!(search(&db, &query, 1, false).hits[0].id, hits[0].id, "found after its deletion");
        }
    }
}

/// Random writes against a map, searched by the graph and by a naive scan. Exact answers are equal, hits of the graph are live
/// and rightly scored, and there are as many as there can be.
#[test]
fn random_writes_never_make_an_answer_wrong() {
    let seed = std::env::var("VECTLITE_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_261_124);
    println!("VECTLITE_SEED={seed}");
    for metric in Metric::ALL {
        let directory = tempfile::tempdir().unwrap();
        let mut vectors = Vectors::new(seed);
        let mut random = Random::new(seed + 1);
        let path = directory.path().join("random.vdb");
        let mut db = Database::open(&path, OpenOptions::new().dimension(DIMENSION).metric(metric)).unwrap();
        let mut model: BTreeMap<(String, String), Vec<f32>> = BTreeMap::new();
        for step in 0..120 {
            let namespace = ["", "a", "b"][random.below(3) as usize].to_owned();
            match random.below(10) {
                0 => db.flush().unwrap(),
                1 => drop(db.compact().unwrap()),
                2 => {
                    db.close().unwrap();
                    db = Database::open(&path, OpenOptions::new()).unwrap();
                }
                3 | 4 => {
                    let ids: Vec<String> = model
                        .keys()
                        .filter(|(space, _)| *space == namespace)
                        .filter(|_| random.below(12) == 0)
                        .map(|(_, id)| id.clone())
                        .collect();
                    db.delete_many(&ids, Some(&namespace)).unwrap();
                    model.retain(|(space, id), _| *space != namespace || !ids.contains(id));
                }
                _ => {
                    let new: Vec<Record> = (0..random.below(60))
                        .map(|_| {
                            let id = format!("r{}", random.below(400));
                            Record::new(id).namespace(namespace.clone()).vector(vectors.next())
                        })
                        .collect();
                    for record in &new {
                        let key = (record.namespace.clone(), record.id.clone());
                        model.insert(key, record.vector.clone().unwrap());
                    }
                    db.upsert_many(new).unwrap();
                }
            }
            check(&db, &model, &vectors.next(), &namespace, 1 + random.below(40) as usize, step);
        }
    }
}

fn check(
    db: &Database,
    model: &BTreeMap<(String, String), Vec<f32>>,
    query: &[f32],
    namespace: &str,
    k: usize,
    step: usize,
) {
    let mut naive = vectlite_ann_scores(db.metric(), query, model, namespace);
    naive.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let request = SearchRequest::new().vector(query).k(k).namespace(namespace);
    let exact = db.search(&request.clone().exact(true)).unwrap();
    let expected: Vec<(String, f64)> = naive.iter().take(k).cloned().collect();
    assert_eq!(scores(&exact), expected, "{} step {step}: the exact answer", db.metric().name());
    let found = db.search(&request).unwrap();
    assert_eq!(found.hits.len(), k.min(naive.len()), "step {step}: {:?}", found.stats);
    for hit in scores(&found) {
        assert!(naive.contains(&hit), "{} step {step}: {hit:?} is not so in the model", db.metric().name());
    }
}

/// Scores by a search of a database of their own that is too small for a graph: one record at a time.
fn vectlite_ann_scores(
    metric: Metric,
    query: &[f32],
    model: &BTreeMap<(String, String), Vec<f32>>,
    namespace: &str,
) -> Vec<(String, f64)> {
    let scorer = vectlite_ann::Scorer::new(metric, query);
    let records = model.iter().filter(|((space, _), _)| space == namespace);
    records.map(|((_, id), vector)| (id.clone(), f64::from(scorer.score(vector)))).collect()
}

#[test]
fn a_filter_gets_its_k_whatever_it_lets_pass() {
    let directory = tempfile::tempdir().unwrap();
    let mut vectors = Vectors::new(5);
    let db = loaded(directory.path(), 4_000, &mut vectors);
    for bound in [0_i64, 1, 5, 40, 400, 2_000, 3_900, 4_000] {
        let query = vectors.next();
        let request = SearchRequest::new().vector(query).k(20).filter(Filter::lt("n", bound));
        let found = db.search(&request).unwrap();
        assert_eq!(found.hits.len(), 20.min(bound as usize), "{bound}: {:?}", found.stats);
        assert!(found.hits.iter().all(|hit| hit.metadata["n"].as_i64().unwrap() < bound));
        let truth = db.search(&request.exact(true)).unwrap();
        let same = found.hits.iter().filter(|hit| truth.hits.contains(hit)).count();
        assert!(same * 100 >= truth.hits.len() * 90, "{bound}: {same} of {}", truth.hits.len());
    }
}

#[test]
fn many_searches_at_once_are_the_searches_one_by_one() {
    let directory = tempfile::tempdir().unwrap();
    let mut vectors = Vectors::new(6);
    let db = loaded(directory.path(), 2_000, &mut vectors);
    let queries: Vec<Vec<f32>> = (0..40).map(|_| vectors.next()).collect();
    let request = SearchRequest::new().k(7);
    let together = db.search_batch(&queries, &request).unwrap();
    for (query, response) in queries.iter().zip(&together) {
        assert_eq!(response.hits, db.search(&request.clone().vector(query.clone())).unwrap().hits);
    }
    let mut bad = queries.clone();
    bad[11] = vec![1.0];
    bad[30] = vec![f32::NAN; DIMENSION];
    let error = db.search_batch(&bad, &request).unwrap_err();
    assert!(error.to_string().contains("query 11"), "{error}");
    assert!(db.search_batch::<Vec<f32>>(&[], &request).unwrap().is_empty());
}

#[test]
fn identical_and_extreme_vectors_are_no_trouble() {
    let directory = tempfile::tempdir().unwrap();
    let db = Database::open(directory.path().join("odd.vdb"), OpenOptions::new().dimension(2)).unwrap();
    let odd = |number: usize| match number % 5 {
        0 => [1.0, 1.0],
        1 => [0.0, 0.0],
        2 => [f32::MAX, f32::MIN_POSITIVE],
        3 => [1e-45, -1e-45],
        _ => [-1.0, number as f32],
    };
    db.upsert_many((0..3_000).map(|number| Record::new(format!("r{number}")).vector(odd(number)))).unwrap();
    settle(&db);
    let response = search(&db, &[1.0, 1.0], 600, false);
    assert_eq!(response.hits.len(), 600);
    let ones = response.hits.iter().filter(|hit| hit.score == 1.0).count();
    assert_eq!(ones, 600, "600 records hold the very vector");
    assert_eq!(search(&db, &[1.0, 0.5], 3_000, false).hits.len(), 3_000);
}
