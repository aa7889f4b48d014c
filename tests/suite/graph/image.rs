//! The image is derived: whatever happens to it, no record is lost and no score changes.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use vectlite::files::FileSystem;
use vectlite::{BulkOptions, Database, ErrorKind, OpenOptions, SyncMode};
use vectlite_tests::failure::{Failure, Operation};
use vectlite_tests::medium::{DIRECTORY, Entry, Medium};

use super::{Vectors, graph, loaded, open, options, recall, record, scores, search, settle, wait_until};

/// Where the log keeps its commits.
const SEGMENTS: u64 = 20_480;

fn image(directory: &Path) -> PathBuf {
    directory.join("graph.vdb.ann")
}

#[test]
fn a_graph_is_opened_from_its_image() {
    let directory = tempfile::tempdir().unwrap();
    let mut vectors = Vectors::new(11);
    let db = loaded(directory.path(), 2_000, &mut vectors);
    let query = vectors.next();
    let before = scores(&search(&db, &query, 10, false));
    db.close().unwrap();
    for low_memory in [false, true] {
        let db =
            Database::open(directory.path().join("graph.vdb"), options().low_memory(low_memory)).unwrap();
        let response = search(&db, &query, 10, false);
        assert!(response.stats.used_ann && response.stats.ann_loaded_from_disk, "{:?}", response.stats);
        assert_eq!(response.stats.tail_scanned, 0);
        assert_eq!(scores(&response), before, "low_memory {low_memory}");
        // Exact answers by codes come with the verification, right ones at once.
        let exact = scores(&search(&db, &query, 10, true));
        wait_until("the verification", || search(&db, &query, 10, true).stats.considered_count >= 2_000);
        assert_eq!(scores(&search(&db, &query, 10, true)), exact);
        assert_eq!(scores(&search(&db, &query, 10, false)), before);
        assert!(recall(&db, &mut vectors) >= 0.97);
        db.close().unwrap();
    }
}

#[test]
fn what_came_after_the_image_is_found_too() {
    let directory = tempfile::tempdir().unwrap();
    let mut vectors = Vectors::new(12);
    let db = loaded(directory.path(), 2_000, &mut vectors);
    // Fewer than are worth another image.
    db.upsert_many((5_000..5_010).map(|number| record(number, &mut vectors))).unwrap();
    db.close().unwrap();
    let db = open(directory.path());
    assert_eq!(db.count(None, None).unwrap(), 2_010);
    for number in 5_000..5_010 {
        let id = format!("r{number:05}");
        let vector = db.get(&id, None).unwrap().unwrap().vector.unwrap();
        assert_eq!(search(&db, &vector, 1, false).hits[0].id, id);
    }
    settle(&db);
    assert_eq!(graph(&db).nodes, 2_010);
    assert!(graph(&db).loaded_from_disk);
}

/// Opens the database behind `spoil` and finds everything in it as it was.
fn survives(what: &str, seed: u64, spoil: impl FnOnce(&Path)) {
    let directory = tempfile::tempdir().unwrap();
    let mut vectors = Vectors::new(seed);
    let db = loaded(directory.path(), 1_000, &mut vectors);
    let queries: Vec<Vec<f32>> = (0..20).map(|_| vectors.next()).collect();
    let truth: Vec<_> = queries.iter().map(|query| scores(&search(&db, query, 10, true))).collect();
    db.close().unwrap();
    spoil(directory.path());
    for low_memory in [false, true] {
        let db =
            Database::open(directory.path().join("graph.vdb"), options().low_memory(low_memory)).unwrap();
        for round in 0..3 {
            for (query, truth) in queries.iter().zip(&truth) {
                assert_eq!(&scores(&search(&db, query, 10, true)), truth, "{what}: exact answers changed");
                let found = search(&db, query, 10, false);
                assert_eq!(found.hits.len(), 10, "{what}: {:?}", found.stats);
                for (id, score) in scores(&found) {
                    let rescored = truth.iter().find(|(known, _)| *known == id);
                    assert!(rescored.is_none_or(|(_, known)| *known == score), "{what}: the score of {id}");
                    assert!(score <= truth[0].1, "{what}: {id} scores better than the best");
                }
            }
            if round == 0 {
                settle(&db);
            }
        }
        assert!(recall(&db, &mut vectors) >= 0.97, "{what}: the graph was not mended");
        assert_eq!(db.count(None, None).unwrap(), 1_000);
        db.close().unwrap();
    }
}

#[test]
fn a_missing_image_is_built_again() {
    survives("missing", 13, |directory| fs::remove_file(image(directory)).unwrap());
}

#[test]
fn an_image_of_something_else_is_not_used() {
    survives("not an image", 14, |directory| fs::write(image(directory), b"hello").unwrap());
    survives("empty", 15, |directory| fs::write(image(directory), b"").unwrap());
    survives("of another database", 16, |directory| {
        let other = tempfile::tempdir().unwrap();
        loaded(other.path(), 1_000, &mut Vectors::new(99)).close().unwrap();
        fs::copy(image(other.path()), image(directory)).unwrap();
    });
    survives("a directory", 17, |directory| {
        fs::remove_file(image(directory)).unwrap();
        fs::create_dir(image(directory)).unwrap();
    });
}

#[test]
fn a_truncated_image_is_not_used() {
    for (seed, share) in [(21, 0.1), (22, 0.3), (23, 0.5), (24, 0.7), (25, 0.99)] {
        survives("truncated", seed, |directory| {
            let bytes = fs::read(image(directory)).unwrap();
            fs::write(image(directory), &bytes[..(bytes.len() as f64 * share) as usize]).unwrap();
        });
    }
}

#[test]
fn a_damaged_image_is_noticed_and_replaced() {
    for seed in 30..42 {
        survives("damaged", seed, |directory| {
            let mut bytes = fs::read(image(directory)).unwrap();
            let mut random = vectlite_tests::random::Random::new(seed);
            // A page here and there, as a failing disk does it.
            for _ in 0..4 {
                let start = random.below(bytes.len() as u64 - 512) as usize;
                let byte = random.below(256) as u8;
                bytes[start..start + 512].fill(byte);
            }
            fs::write(image(directory), bytes).unwrap();
        });
    }
}

/// A database restored from an older copy has an image that knows more than it does.
#[test]
fn an_image_of_a_later_commit_is_not_used() {
    let directory = tempfile::tempdir().unwrap();
    let mut vectors = Vectors::new(50);
    loaded(directory.path(), 500, &mut vectors).close().unwrap();
    let (vdb, wal) = (directory.path().join("graph.vdb"), directory.path().join("graph.vdb.wal"));
    let old = [&vdb, &wal].map(|path| fs::read(path).unwrap());
    let db = open(directory.path());
    db.bulk_ingest((500..2_500).map(|number| record(number, &mut vectors)), BulkOptions::new(), |_| {})
        .unwrap();
    db.close().unwrap();
    fs::write(&vdb, &old[0]).unwrap();
    fs::write(&wal, &old[1]).unwrap();
    let db = open(directory.path());
    assert_eq!(db.count(None, None).unwrap(), 500);
    assert!(!search(&db, &vectors.next(), 5, false).stats.ann_loaded_from_disk);
    settle(&db);
    assert_eq!(graph(&db).nodes, 500);
    assert!(recall(&db, &mut vectors) >= 0.97);
}

#[test]
fn a_reader_uses_the_image_beside_the_writer() {
    let directory = tempfile::tempdir().unwrap();
    let mut vectors = Vectors::new(60);
    let db = loaded(directory.path(), 2_000, &mut vectors);
    let reader =
        Database::open(directory.path().join("graph.vdb"), OpenOptions::new().read_only(true)).unwrap();
    let query = vectors.next();
    let response = search(&reader, &query, 10, false);
    assert!(response.stats.used_ann && response.stats.ann_loaded_from_disk, "{:?}", response.stats);
    assert_eq!(scores(&response), scores(&search(&db, &query, 10, false)));
    // What the writer adds is found behind the image, and in the next image.
    let new = record(9_000, &mut vectors);
    let vector = new.vector.clone().unwrap();
    db.upsert(new).unwrap();
    assert_eq!(search(&reader, &vector, 1, false).hits[0].id, "r09000");
    db.delete("r00000", None).unwrap();
    db.compact().unwrap();
    wait_until("the reader's step to the compacted image", || {
        let response = search(&reader, &vector, 1, false);
        assert_eq!(response.hits[0].id, "r09000");
        response.stats.used_ann && response.stats.tail_scanned == 0
    });
    assert!(recall(&reader, &mut vectors) >= 0.97);
}

#[test]
fn an_image_that_cannot_be_written_costs_no_record() {
    for (operation, after) in
        [(Operation::Write, 0), (Operation::Write, 20), (Operation::Sync, 0), (Operation::SetLen, 0)]
    {
        let mut vectors = Vectors::new(70);
        let files = Medium::new();
        let path = Path::new(DIRECTORY).join("graph.vdb");
        let open = || Database::open(&path, options().files(Arc::new(files.clone()))).unwrap();
        let has_image = || files.inspect(&image(Path::new(DIRECTORY))).unwrap().is_some();
        let db = open();
        files.fail(".ann.new", Some(operation), after, Failure::Full);
        let records: Vec<_> = (0..500).map(|number| record(number, &mut vectors)).collect();
        let error = db.bulk_ingest(records, BulkOptions::new(), |_| {}).unwrap_err();
        assert_eq!((error.kind(), error.committed()), (ErrorKind::Storage, Some(500)), "{error}");
        assert!(!has_image());
        assert_eq!(files.faults_met(), 1);
        assert!(recall(&db, &mut vectors) >= 0.97);
        // The disk has room again.
        db.compact().unwrap();
        assert!(has_image());
        db.close().unwrap();
        let db = open();
        assert_eq!(db.count(None, None).unwrap(), 500);
        assert!(search(&db, &vectors.next(), 5, false).stats.ann_loaded_from_disk);
    }
}

/// A power cut may take back commits that were not synced; an image that knew them would belong to another history.
#[test]
fn an_image_is_written_behind_a_sync_of_the_log() {
    let mut vectors = Vectors::new(71);
    let files = Medium::new();
    let path = Path::new(DIRECTORY).join("graph.vdb");
    let options = options().files(Arc::new(files.clone())).sync(SyncMode::OnFlush);
    let db = Database::open(&path, options).unwrap();
    db.bulk_ingest((0..500).map(|number| record(number, &mut vectors)), BulkOptions::new(), |_| {}).unwrap();
    files.entries(|entries| {
        let first = entries.iter().position(|entry| entry.file.ends_with(".ann.new")).expect("an image");
        // In front of the segments stand numbers that come after a sync, not before.
        let is_commit = |entry: &Entry| entry.operation == Operation::Write && entry.offset >= SEGMENTS;
        let logged = entries[..first]
            .iter()
            .rposition(|entry| entry.file.ends_with(".wal") && is_commit(entry))
            .expect("a commit");
        let synced = entries[..first].iter().any(|entry| {
            entry.file.ends_with(".wal") && entry.operation == Operation::Sync && entry.before > logged
        });
        assert!(synced, "the image came before the sync of its last commit");
        let renamed = entries
            .iter()
            .position(|entry| entry.operation == Operation::Rename && entry.file.ends_with(".ann"));
        let durable = entries
            .iter()
            .position(|entry| entry.operation == Operation::Sync && entry.file.ends_with(".ann.new"));
        assert!(durable.expect("a sync of the image") < renamed.expect("a rename"));
    });
}
