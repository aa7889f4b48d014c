//! Answers are those of the library, under the names of Python's dicts.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::{Value as Json, json};
use vectlite::{Filter, Fusion, SearchRequest};

use super::folder::Folder;

/// The keys of a `TypedDict` of the Python package, those of its own and not of its bases.
fn keys_in_python(class: &str) -> BTreeSet<String> {
    let types = Path::new(env!("CARGO_MANIFEST_DIR")).join("../python/python/vectlite/types.py");
    let types = fs::read_to_string(types).unwrap();
    let body = types.split(&format!("class {class}(")).nth(1).unwrap();
    let lines = body.lines().skip(1).take_while(|line| line.is_empty() || line.starts_with(' '));
    let fields = lines.filter(|line| line.starts_with("    ") && !line.starts_with("     "));
    fields
        .filter_map(|line| line.trim().split_once(": "))
        .map(|(name, _)| name.to_owned())
        .filter(|name| name.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_'))
        .collect()
}

fn keys(object: &Json) -> BTreeSet<String> {
    object.as_object().unwrap().keys().cloned().collect()
}

fn with(mut keys: BTreeSet<String>, more: &[&str]) -> BTreeSet<String> {
    keys.extend(more.iter().map(|key| (*key).to_owned()));
    keys
}

#[test]
fn keys_are_those_of_python() {
    let folder = Folder::new();
    folder.notes().close().unwrap();
    let search = ["search", "notes.vdb", "--text", "milk", "--vector", "[1, 0, 0]", "--stats"];
    let answer = folder.answer(&search);
    let hit = &answer["results"][0];
    assert_eq!(keys(hit), keys_in_python("Hit"));
    assert_eq!(keys(&answer["stats"]), keys_in_python("SearchStats"));
    assert_eq!(keys(&answer["stats"]["timings"]), keys_in_python("Timings"));
    let all = [&search[..], &["--include", "vector,text,metadata", "--explain"]].concat();
    let hit = &folder.answer(&all)["results"][0];
    assert_eq!(keys(hit), with(keys_in_python("Hit"), &["vector", "text", "explain"]));
    assert_eq!(keys(&hit["explain"]), keys_in_python("Explanation"));
    assert_eq!(keys(&hit["explain"]["dense"]), keys_in_python("DenseExplanation"));

    let record = &folder.run(&["list", "notes.vdb"]).lines()[0];
    assert_eq!(keys(record), with(keys_in_python("Record"), &["text"]));
    assert_eq!(keys(&folder.answer(&["verify", "notes.vdb"])), keys_in_python("VerifyReport"));
    assert_eq!(keys(&folder.answer(&["compact", "notes.vdb"])), keys_in_python("CompactReport"));
    assert!(keys(&folder.answer(&["stats", "notes.vdb"])).is_superset(&keys_in_python("DatabaseStats")));
}

#[test]
fn hits_are_those_of_the_library() {
    let folder = Folder::new();
    let db = folder.notes();
    let plain = || SearchRequest::new();
    let vector = || plain().vector([1.0, 0.2, 0.1]);
    let done = Filter::eq("done", true);
    let cases: [(&[&str], SearchRequest); 11] = [
        (&["--text", "milk"], plain().text("milk")),
        (&["--vector", "[1, 0.2, 0.1]"], vector()),
        (&["--vector", "@q.json", "--k", "2", "--offset", "1"], vector().k(2).offset(1)),
        (&["--vector", "[1, 0.2, 0.1]", "--text", "milk book"], vector().text("milk book")),
        (&["--vector", "[1, 0.2, 0.1]", "--filter", "{\"done\": true}"], vector().filter(done)),
        (&["--vector", "[1, 0.2, 0.1]", "--namespace", "work"], vector().namespace("work")),
        (
            &["--vector", "[1, 0.2, 0.1]", "--all-namespaces", "--exact"],
            vector().all_namespaces(true).exact(true),
        ),
        (
            &[
                "--vector",
                "[1, 0.2, 0.1]",
                "--text",
                "milk",
                "--fusion",
                "rrf",
                "--rrf-k",
                "10",
                "--dense-weight",
                "0.5",
            ],
            vector().text("milk").fusion(Fusion::Rrf).rrf_k(10).dense_weight(0.5),
        ),
        (
            &["--vector", "[1, 0.2, 0.1]", "--mmr-lambda", "0.3", "--fetch-k", "3", "--min-score", "-1"],
            vector().mmr_lambda(0.3).fetch_k(3).min_score(-1.0),
        ),
        (
            &["--sparse", "{\"milk\": 2, \"book\": 1}"],
            plain().sparse([("milk".into(), 2.0), ("book".into(), 1.0)].into()),
        ),
        (
            &["--query-vectors", "{\"\": [1, 0.2]}", "--truncate-dim", "2"],
            plain().query_vectors([("", [1.0, 0.2])]).truncate_dim(2),
        ),
    ];
    folder.write("q.json", "[1, 0.2, 0.1]\n");
    for (options, request) in cases {
        let arguments = [&["search", "notes.vdb"], options].concat();
        let answer = folder.answer(&arguments);
        let score = |hit: &Json| {
            (hit["namespace"].clone(), hit["id"].clone(), hit["score"].as_f64().unwrap().to_bits())
        };
        let found: Vec<_> = answer["results"].as_array().unwrap().iter().map(score).collect();
        let hits = db.search(&request).unwrap().hits;
        let expected: Vec<_> =
            hits.iter().map(|hit| (json!(hit.namespace), json!(hit.id), hit.score.to_bits())).collect();
        assert_eq!(found, expected, "{options:?}");
        assert!(!found.is_empty(), "{options:?}");
    }
}

#[test]
fn a_record_or_stdin_gives_the_vector() {
    let folder = Folder::new();
    folder.notes().close().unwrap();
    let like = folder.answer(&["search", "notes.vdb", "--like", "milk"]);
    assert_eq!(like["results"][0]["id"], "milk");
    let arguments = ["search", "notes.vdb", "--vector", "-"];
    let piped = folder.run_with(b" [0.9, 0.1, 0.0]\n", &arguments).succeeded(&arguments).json();
    assert_eq!(piped, like);
}

#[test]
fn lists_have_pages() {
    let folder = Folder::new();
    folder.notes().close().unwrap();
    let ids = |options: &[&str]| -> Vec<String> {
        let arguments = [&["list", "notes.vdb"], options].concat();
        let lines = folder.run(&arguments).succeeded(&arguments).lines();
        lines.iter().map(|line| line["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(&[]), ["book", "bread", "milk", "call", "mail"]);
    assert_eq!(ids(&["--limit", "2", "--offset", "1"]), ["bread", "milk"]);
    assert_eq!(ids(&["--limit", "0", "--offset", "4"]), ["mail"]);
    assert_eq!(ids(&["--namespace", "work", "--filter", "{\"done\": false}"]), ["call"]);
    assert_eq!(folder.answer(&["count", "notes.vdb"])["count"], 5);
    assert_eq!(
        folder.answer(&["count", "notes.vdb", "--namespace", "", "--filter", "{\"done\": true}"])["count"],
        2
    );
    let line = &folder.run(&["list", "notes.vdb", "--no-vectors", "--limit", "1"]).lines()[0];
    assert!(line.get("vector").is_none() && line.get("vectors").is_none());
}

#[test]
fn stats_tell_sizes_and_settings() {
    let folder = Folder::new();
    folder.notes().close().unwrap();
    let stats = folder.answer(&["stats", "notes.vdb"]);
    assert_eq!(
        (&stats["records"], &stats["dimension"], &stats["metric"]),
        (&json!(5), &json!(3), &json!("cosine"))
    );
    assert_eq!(stats["namespaces"], json!(["", "work"]));
    let size = folder.path("notes.vdb").metadata().unwrap().len();
    assert_eq!(stats["vdb_bytes"], size);
}

#[test]
fn answers_are_pretty_when_asked() {
    let folder = Folder::new();
    folder.notes().close().unwrap();
    assert_eq!(folder.run(&["count", "notes.vdb"]).stdout, "{\"count\":5}\n");
    assert_eq!(folder.run(&["count", "notes.vdb", "--pretty"]).stdout, "{\n  \"count\": 5\n}\n");
}

#[test]
fn damage_is_reported_and_saved_from() {
    let folder = Folder::new();
    folder.notes().close().unwrap();
    let mut bytes = fs::read(folder.path("notes.vdb")).unwrap();
    let at = bytes.windows(12).position(|window| window == b"buy oat milk").unwrap();
    bytes[at] ^= 0x20;
    folder.write("notes.vdb", &bytes);
    let run = folder.run(&["verify", "notes.vdb", "--repair", "saved.vdb"]);
    assert_eq!(run.code, 1);
    assert_eq!(run.json()["sound"], false);
    assert_eq!(run.json()["problems"][0]["file"], "vdb");
    assert_eq!(run.stderr.lines().count(), 1, "{}", run.stderr);
    assert!(run.stderr.starts_with("error: notes.vdb is not sound: "), "{}", run.stderr);
    assert!(run.json()["repair"]["records"].as_u64().unwrap() >= 4, "{}", run.stdout);
    assert_eq!(folder.run(&["verify", "saved.vdb", "--deep"]).code, 0);
}

#[test]
fn compact_gives_back_room() {
    let folder = Folder::new();
    let db = folder.notes();
    db.delete("milk", None).unwrap();
    db.close().unwrap();
    let report = folder.answer(&["compact", "notes.vdb", "--erase"]);
    assert_eq!((&report["records"], &report["dropped"]), (&json!(4), &json!(1)));
    let bytes = fs::read(folder.path("notes.vdb")).unwrap();
    assert!(!bytes.windows(12).any(|window| window == b"buy oat milk"));
}
