//! Configuration, tombstones, rebuilding, compaction.

use vectlite::{BulkOptions, ErrorKind, IndexChanges, IndexConfig, Record, SearchRequest};

use super::{Vectors, graph, loaded, open, recall, record, scores, search, settle, wait_until};

#[test]
fn the_configuration_is_stored_without_any_record() {
    let directory = tempfile::tempdir().unwrap();
    let db = open(directory.path());
    assert_eq!(db.index_config().unwrap(), IndexConfig::default());
    db.set_index_config(&IndexChanges::new().m(8).ef_construction(64).tombstone_rebuild_pct(50)).unwrap();
    db.set_ef_search(Some(33)).unwrap();
    let config = db.index_config().unwrap();
    assert_eq!((config.m, config.ef_construction, config.ef_search), (8, 64, Some(33)));
    db.close().unwrap();
    let db = open(directory.path());
    assert_eq!(db.index_config().unwrap(), config);
    // Compaction and snapshots keep it.
    let mut vectors = Vectors::new(1);
    db.upsert_many((0..10).map(|number| record(number, &mut vectors))).unwrap();
    db.delete("r00001", None).unwrap();
    assert!(db.compact().unwrap().shrunk);
    assert_eq!(db.index_config().unwrap(), config);
    let error = db.set_index_config(&IndexChanges::new().m(9).ef_construction(1)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert_eq!(db.index_config().unwrap(), config, "half of a refused change was taken over");
    let copy = directory.path().join("copy.vdb");
    db.snapshot(&copy).unwrap();
    let copy = vectlite::Database::open(copy, vectlite::OpenOptions::new()).unwrap();
    assert_eq!(copy.index_config().unwrap(), config);
}

#[test]
fn a_wider_search_finds_more() {
    let directory = tempfile::tempdir().unwrap();
    let mut vectors = Vectors::new(2);
    let db = open(directory.path());
    let index = IndexChanges::new().m(6).ef_construction(16).ef_search(Some(10));
    let options = BulkOptions::new().index(index);
    // Without clusters: a walk that cannot leave one with so few links sees no more for being wider, and whether it can depends on the
    // order in which two threads built the graph.
    let records = (0..4_000).map(|number| Record::new(format!("r{number:05}")).vector(vectors.scattered()));
    db.bulk_ingest(records, options, |_| {}).unwrap();
    assert_eq!(db.index_config().unwrap().m, 6);
    let mut considered = [0; 2];
    let mut found = [0; 2];
    for _ in 0..40 {
        let query = vectors.scattered();
        let truth = scores(&search(&db, &query, 10, true));
        for (at, ef) in [10, 400].into_iter().enumerate() {
            let response = db.search(&SearchRequest::new().vector(query.clone()).ef_search(ef)).unwrap();
            considered[at] += response.stats.considered_count;
            found[at] += scores(&response).iter().filter(|hit| truth.contains(hit)).count();
        }
    }
    assert!(considered[1] > 2 * considered[0], "{considered:?}");
    assert!(found[1] > found[0] + 20, "{found:?}");
    for ef in [0, 65_537] {
        let error = db.search(&SearchRequest::new().vector(vectors.next()).ef_search(ef)).unwrap_err();
        assert!(error.to_string().contains("ef_search"), "{error}");
    }
}

#[test]
fn dead_nodes_are_counted_and_never_found_and_a_worn_graph_is_built_anew() {
    let directory = tempfile::tempdir().unwrap();
    let mut vectors = Vectors::new(3);
    let db = loaded(directory.path(), 2_000, &mut vectors);
    assert_eq!(db.tombstone_stats().unwrap(), (2_000, 0));
    db.delete_many((0..300).map(|number| format!("r{number:05}")), None).unwrap();
    db.upsert_many((400..600).map(|number| record(number, &mut vectors))).unwrap();
    settle(&db);
    assert_eq!(db.tombstone_stats().unwrap(), (1_700, 500));
    assert_eq!(graph(&db).nodes, 2_200);
    assert!(recall(&db, &mut vectors) >= 0.97);
    for number in 400..600 {
        let id = format!("r{number:05}");
        let vector = db.get(&id, None).unwrap().unwrap().vector.unwrap();
        assert_eq!(
            search(&db, &vector, 1, false).hits[0].id,
            id,
            "an overwritten record does not find itself"
        );
    }
    // 30 of 100 are the limit.
    db.delete_many((600..800).map(|number| format!("r{number:05}")), None).unwrap();
    wait_until("a new graph", || db.tombstone_stats().unwrap() == (1_500, 0));
    assert_eq!(graph(&db).nodes, 1_500);
    assert!(recall(&db, &mut vectors) >= 0.97);
}

#[test]
fn compaction_keeps_a_good_graph_and_renews_a_drifted_one() {
    let directory = tempfile::tempdir().unwrap();
    let mut vectors = Vectors::new(4);
    let db = loaded(directory.path(), 2_000, &mut vectors);
    // A few dead ones stay in the graph as places to pass by.
    db.delete_many((0..100).map(|number| format!("r{number:05}")), None).unwrap();
    assert!(db.compact().unwrap().shrunk);
    assert_eq!(db.tombstone_stats().unwrap(), (1_900, 100));
    assert_eq!(graph(&db).tail, 0);
    assert!(recall(&db, &mut vectors) >= 0.97);
    db.close().unwrap();
    let db = open(directory.path());
    let response = search(&db, &vectors.next(), 10, false);
    assert!(response.stats.ann_loaded_from_disk && response.stats.tail_scanned == 0, "{:?}", response.stats);
    // Many make it worth a new one.
    db.delete_many((100..400).map(|number| format!("r{number:05}")), None).unwrap();
    assert!(db.compact().unwrap().shrunk);
    assert_eq!(db.tombstone_stats().unwrap(), (1_600, 0));
    assert!(recall(&db, &mut vectors) >= 0.97);
    // So does another configuration, without anything dead.
    db.set_index_config(&IndexChanges::new().m(24)).unwrap();
    let before = graph(&db).bytes;
    assert!(!db.compact().unwrap().shrunk);
    assert!(graph(&db).bytes > before, "more links take more room");
    assert!(recall(&db, &mut vectors) >= 0.97);
}

#[test]
fn closing_in_the_middle_of_building_is_quick_and_loses_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let mut vectors = Vectors::new(5);
    let db = open(directory.path());
    db.upsert_many((0..8_000).map(|number| record(number, &mut vectors))).unwrap();
    db.close().unwrap();
    let db = open(directory.path());
    assert_eq!(db.count(None, None).unwrap(), 8_000);
    settle(&db);
    assert!(recall(&db, &mut vectors) >= 0.97);
}
