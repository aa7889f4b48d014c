//! The main job without setup, and measurements of a database.

use fastrand::Rng;
use vectlite::{Database, OpenOptions, Record};

use super::folder::Folder;

#[test]
fn the_demo_finds_what_a_reader_would() {
    let folder = Folder::new();
    let mut command = folder.command(&["demo"]);
    let output = command.env("TMPDIR", folder.path("")).output().unwrap();
    assert!(output.status.success());
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["same_after_reopening"], true);
    assert_eq!(answer["expected_found"], answer["expected"]);
    assert!(answer["expected"].as_u64().unwrap() >= 10 && answer["records"].as_u64().unwrap() >= 300);
    let questions = answer["questions"].as_array().unwrap();
    assert_eq!(questions.len(), 10);
    assert!(questions.iter().all(|question| !question["results"].as_array().unwrap().is_empty()));
    // It leaves nothing behind.
    assert!(folder.names().is_empty(), "{:?}", folder.names());
}

#[test]
fn the_demo_is_kept_when_asked() {
    let folder = Folder::new();
    assert_eq!(folder.answer(&["demo", "--dir", "d"])["kept"], true);
    assert_eq!(
        folder.answer(&["search", "d/demo.vdb", "--text", "wine", "--k", "1"])["results"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert!(folder.run(&["demo", "--dir", "d"]).refused(&[]).contains("exists"));
    let license = folder.answer(&["demo", "--license"]);
    assert!(license["license"].as_str().unwrap().contains("Princeton University"));
}

#[test]
fn a_graph_is_measured_and_an_ef_recommended() {
    let folder = Folder::new();
    let db = Database::open(folder.path("many.vdb"), OpenOptions::new().dimension(16)).unwrap();
    let mut random = Rng::with_seed(7);
    let mut load = db.bulk_load(vectlite::BulkOptions::new()).unwrap();
    for at in 0..20_000 {
        let vector: Vec<f32> = (0..16).map(|_| random.f32() - 0.5).collect();
        load.push(Record::new(format!("{at}")).vector(vector).text(format!("text number {at}"))).unwrap();
    }
    load.finish().unwrap();
    db.close().unwrap();
    let bench = ["bench", "many.vdb", "--queries", "40", "--ef", "1,200,400", "--seed", "5"];
    let answer = folder.answer(&bench);
    assert_eq!(answer["used_ann"], true);
    let rows = answer["graph"].as_array().unwrap();
    assert_eq!(rows.iter().map(|row| row["ef"].as_u64().unwrap()).collect::<Vec<_>>(), [1, 200, 400]);
    let recall = |row: usize| rows[row]["recall"].as_f64().unwrap();
    assert!(recall(2) >= 0.95 && recall(0) < recall(2), "{rows:?}");
    let good: Vec<_> = rows.iter().filter(|row| row["recall"].as_f64().unwrap() >= 0.95).collect();
    assert_eq!(answer["recommended_ef"], good[0]["ef"]);
    for speed in rows.iter().chain([&answer["exact"], &answer["text"]]) {
        for key in ["median_us", "p99_us", "qps_one_thread", "qps_all_threads"] {
            assert!(speed[key].as_f64().unwrap() > 0.0, "{answer}");
        }
    }
    // The same seed asks about the same records.
    assert_eq!(folder.answer(&bench)["graph"][2]["recall"], rows[2]["recall"]);
    let words = folder.run(&bench).stderr;
    assert!(words.contains("recommended: ef_search "), "{words}");
}
