//! What files of others become, and what is said of bad ones.

use vectlite::{Metadata, Record, Value};

use super::folder::Folder;

fn metadata<const N: usize>(entries: [(&str, Value); N]) -> Metadata {
    entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

#[test]
fn cells_are_what_they_look_like() {
    let folder = Folder::new();
    let table = "\u{feff}key,body,vector,n,x,flag,zip,none,tags\r\n\
                 a,\"one, two\",\"[1, 0.5]\",12,1.5,true,007,,\"[\"\"p\"\", 1]\"\r\n\
                 b,,\"[0, 1]\",9223372036854775808,1e3,True,,,\"{\"\"p\"\": null}\"\r\n";
    folder.write("t.csv", table);
    let import =
        ["import", "t.vdb", "t.csv", "--id-column", "key", "--text-column", "body", "--namespace", "s"];
    assert_eq!(folder.answer(&import)["imported"], 2);
    let a = Record::new("a").namespace("s").vector([1.0, 0.5]).text("one, two").metadata([
        ("n", Value::Int(12)),
        ("x", Value::Float(1.5)),
        ("flag", Value::Bool(true)),
        ("zip", Value::from("007")),
        ("tags", Value::List(vec![Value::from("p"), Value::Int(1)])),
    ]);
    let b = Record::new("b").namespace("s").vector([0.0, 1.0]).metadata([
        ("n", Value::from("9223372036854775808")),
        ("x", Value::Float(1000.0)),
        ("flag", Value::from("True")),
        ("tags", Value::Map(metadata([("p", Value::Null)]))),
    ]);
    assert_eq!(folder.records("t.vdb"), [a, b]);

    let strings = [&import[..], &["--strings"]].concat();
    folder.answer(&strings);
    assert_eq!(folder.records("t.vdb")[0].metadata["n"], Value::from("12"));
}

#[test]
fn keys_beside_those_of_a_record_are_refused_or_metadata() {
    let folder = Folder::new();
    folder
        .write("r.jsonl", "{\"id\": \"a\", \"vector\": [1, 0], \"year\": 2020, \"metadata\": {\"k\": 1}}\n");
    let run = folder.run(&["import", "r.vdb", "r.jsonl"]);
    let line = run.refused(&["import"]);
    assert!(line.starts_with("r.jsonl:1: year: unknown key of a record; --rest-to-metadata"), "{line}");
    folder.answer(&["import", "r.vdb", "r.jsonl", "--rest-to-metadata"]);
    let expected =
        Record::new("a").vector([1.0, 0.0]).metadata([("k", Value::Int(1)), ("year", Value::Int(2020))]);
    assert_eq!(folder.records("r.vdb"), [expected]);
}

#[test]
fn null_is_the_same_as_nothing_and_lines_may_be_empty() {
    let folder = Folder::new();
    let lines = "\u{feff}\n{\"id\": \"a\", \"vector\": null, \"vectors\": null, \"sparse\": null, \"text\": null, \"metadata\": null, \
                 \"namespace\": null, \"ttl\": null, \"expires_at\": null}\r\n\n   \n{\"id\": \"b\", \"vector\": [1, 2]}";
    folder.write("r.jsonl", lines);
    folder.answer(&["import", "r.vdb", "r.jsonl"]);
    assert_eq!(folder.records("r.vdb"), [Record::new("a"), Record::new("b").vector([1.0, 2.0])]);
}

/// Each file, the options, and how the line begins or what it holds.
const BAD: [(&str, &str, &[&str], &[&str]); 21] = [
    (
        "a.jsonl",
        "{\"id\": \"a\"}\nnonsense\n",
        &["--dimension", "2"],
        &["a.jsonl:2: expected ident (column 2)"],
    ),
    ("a.jsonl", "[1]\n", &["--dimension", "2"], &["a.jsonl:1: ", "a record as a JSON object"]),
    ("a.jsonl", "{}\n", &["--dimension", "2"], &["a.jsonl:1: expected a key \"id\", got none"]),
    ("a.jsonl", "{\"id\": \"a\"} {}\n", &["--dimension", "2"], &["a.jsonl:1: trailing characters"]),
    (
        "a.jsonl",
        "{\"id\": \"a\", \"id\": \"b\"}\n",
        &["--dimension", "2"],
        &["a.jsonl:1: expected each key once, found \"id\""],
    ),
    ("a.jsonl", "{\"id\": 7}\n", &["--dimension", "2"], &["a.jsonl:1: id: ", "string"]),
    ("a.jsonl", "{\"id\": \"\"}\n", &["--dimension", "2"], &["a.jsonl:1: "]),
    ("a.jsonl", "{\"id\": \"a\", \"vector\": [1, \"x\"]}\n", &["--dimension", "2"], &["a.jsonl:1: vector: "]),
    (
        "a.jsonl",
        "{\"id\": \"a\", \"vector\": [1, 1e39]}\n",
        &["--dimension", "2"],
        &["a.jsonl:1: vector: number out of range"],
    ),
    (
        "a.jsonl",
        "{\"id\": \"a\", \"sparse\": {\"t\": 1, \"t\": 2}}\n",
        &["--dimension", "2"],
        &["a.jsonl:1: sparse: expected each key once"],
    ),
    (
        "a.jsonl",
        "{\"id\": \"a\", \"metadata\": []}\n",
        &["--dimension", "2"],
        &["a.jsonl:1: metadata: expected a dict"],
    ),
    (
        "a.jsonl",
        "{\"id\": \"a\", \"metadata\": {\"n\": 18446744073709551615}}\n",
        &["--dimension", "2"],
        &["a.jsonl:1: metadata: ", "store it as a string"],
    ),
    (
        "a.jsonl",
        "{\"id\": \"a\", \"text\": \"\u{feff}x\", \"ttl\": -1}\n",
        &["--dimension", "2"],
        &["a.jsonl:1: ", "ttl"],
    ),
    ("a.jsonl", "{\"id\": \"a\"}\n", &[], &["no vector that would tell its dimension; give --dimension"]),
    ("a.csv", "", &["--dimension", "2"], &["a.csv:1: expected a column \"id\""]),
    ("a.csv", "id,x,x\n", &["--dimension", "2"], &["a.csv:1: expected each column once, found \"x\" again"]),
    (
        "a.csv",
        "id,x\na,1\nb\n",
        &["--dimension", "2"],
        &["a.csv:3: expected 2 cells as in the header, got 1"],
    ),
    (
        "a.csv",
        "id,x\n\"a\nb\",1\n,2\n",
        &["--dimension", "2"],
        &["a.csv:4: id: expected one, got an empty cell"],
    ),
    (
        "a.csv",
        "id,vector\na,1;2\n",
        &["--dimension", "2"],
        &["a.csv:2: vector: expected a list of numbers as JSON"],
    ),
    (
        "a.csv",
        "id,metadata,k\na,\"{\"\"k\"\": 1}\",2\n",
        &["--dimension", "2"],
        &["a.csv:2: \"k\" stands in metadata and beside it"],
    ),
    ("a.parquet", "PAR1 no table", &["--dimension", "2"], &["a.parquet: expected a Parquet file"]),
];

#[test]
fn a_bad_record_is_told_with_its_line() {
    for (file, text, options, parts) in BAD {
        let folder = Folder::new();
        folder.write(file, text);
        let arguments = [&["import", "new.vdb", file], options].concat();
        let run = folder.run(&arguments);
        let line = run.refused(&arguments);
        assert!(line.starts_with(parts[0]) || line.contains(parts[0]), "{text}: {line}");
        assert!(parts.iter().all(|part| line.contains(part)), "{text}: {line}");
        assert!(
            line.ends_with("(no record is committed)")
                || parts[0].starts_with("no vector")
                || parts[0].contains(":1: expected")
                || file == "a.parquet",
            "{line}"
        );
    }
}

#[test]
fn bytes_that_are_no_utf_8_are_told_with_their_line() {
    let folder = Folder::new();
    folder.write("a.csv", b"id,x\na,1\nb,\xff\n");
    folder.write("a.jsonl", b"{\"id\": \"a\"}\n{\"id\": \"\xff\"}\n");
    let run = folder.run(&["import", "a.vdb", "a.csv", "--dimension", "2"]);
    assert!(run.refused(&[]).starts_with("a.csv:3: expected UTF-8, which cell 2 is not"), "{}", run.stderr);
    let run = folder.run(&["import", "a.vdb", "a.jsonl", "--dimension", "2"]);
    assert!(run.refused(&[]).starts_with("a.jsonl:2: "), "{}", run.stderr);
}

/// Form is looked at when a record comes, dimensions when its batch is committed: the line is that of the record in both cases.
#[test]
fn what_was_committed_before_stays_and_is_told() {
    let folder = Folder::new();
    let line = |at: usize| match at {
        7 => "{\"id\": \"7\", \"vector\": [1, 2, 3]}\n".to_owned(),
        _ => format!("{{\"id\": \"{at}\", \"vector\": [1, {at}]}}\n"),
    };
    folder.write("a.jsonl", (1..=20).map(line).collect::<String>());
    let run = folder.run(&["import", "a.vdb", "a.jsonl", "--batch-size", "4", "--quiet"]);
    let told = run.refused(&[]);
    assert!(
        told.starts_with("a.jsonl:7: ") && told.contains("dimension mismatch: expected 2, found 3"),
        "{told}"
    );
    assert!(told.ends_with("(4 records are committed)"), "{told}");
    assert_eq!(folder.records("a.vdb").len(), 4);

    // In the last batch, which is not full.
    let run = folder.run(&["import", "b.vdb", "a.jsonl", "--quiet"]);
    let told = run.refused(&[]);
    assert!(told.starts_with("a.jsonl:7: ") && told.ends_with("(no record is committed)"), "{told}");
}

#[test]
fn several_files_and_stdin_are_one_load() {
    let folder = Folder::new();
    folder.write("a.csv", "id,vector\na,\"[1, 0]\"\n");
    folder.write("b.ndjson", "{\"id\": \"b\"}\n");
    let arguments = ["import", "n.vdb", "a.csv", "-", "b.ndjson"];
    let run = folder.run_with(b"{\"id\": \"c\"}\n", &arguments).succeeded(&arguments);
    assert_eq!(run.json(), serde_json::json!({"imported": 3, "records": 3}));
}

/// Without graphs nothing is searched worse, only slower; compact builds them.
#[test]
fn graphs_can_wait() {
    let folder = Folder::new();
    let line = |at: usize| format!("{{\"id\": \"{at}\", \"vector\": [1, {at}, {}]}}\n", at * at % 97);
    folder.write("a.jsonl", (0..20_000).map(line).collect::<String>());
    folder.answer(&["import", "a.vdb", "a.jsonl", "--no-graphs"]);
    let facts = |key: &str| folder.answer(&["stats", "a.vdb"])[key].clone();
    assert_eq!((facts("graphs"), facts("ann_bytes")), (serde_json::json!([]), serde_json::json!(0)));
    let search = ["search", "a.vdb", "--vector", "[1, 5, 7]", "--k", "3"];
    let scanned = folder.answer(&search);
    folder.answer(&["compact", "a.vdb"]);
    assert_eq!(facts("graphs")[0]["nodes"], 20_000);
    assert_eq!(folder.answer(&search)["results"][0], scanned["results"][0]);
}
