//! Whatever is wrong with what a user gives is one line on stderr and exit code 1; nothing is on stdout, and nothing is left behind.

use super::folder::Folder;

/// Arguments, and what the line names.
const BAD: [(&[&str], &str); 44] = [
    (&[], "subcommand"),
    (&["serch", "notes.vdb"], "serch"),
    (&["--verbose"], "--verbose"),
    (&["stats"], "<DB>"),
    (&["stats", "none.vdb"], "none.vdb does not exist; vectlite import"),
    (&["stats", "notes.vdb", "more"], "more"),
    (&["stats", "."], "directory"),
    (&["stats", "text.vdb"], "not a vectlite database"),
    (&["count", "none.vdb"], "does not exist"),
    (&["count", "notes.vdb", "--filter", "{"], "--filter: expected a filter as JSON"),
    (&["count", "notes.vdb", "--filter", "{\"a\": {\"$near\": 1}}"], "$near"),
    (&["count", "notes.vdb", "--filter", "{\"a\": {\"$regex\": \"(\"}}"], "unclosed group"),
    (&["list", "notes.vdb", "--limit", "-1"], "-1"),
    (&["list", "notes.vdb", "--limit", "many"], "many"),
    (&["list", "none.vdb"], "does not exist"),
    (&["dump", "none.vdb"], "does not exist"),
    (&["search", "notes.vdb"], "--vector"),
    (&["search", "none.vdb", "--text", "milk"], "does not exist"),
    (&["search", "notes.vdb", "--vector", "[1, 2]"], "dimension mismatch: expected 3, found 2"),
    (&["search", "notes.vdb", "--vector", "[1, 2"], "--vector: expected a list of numbers"),
    (&["search", "notes.vdb", "--vector", "[1, null, 2]"], "--vector"),
    (&["search", "notes.vdb", "--vector", "[0, 0, 0]"], "zero norm"),
    (&["search", "notes.vdb", "--vector", "@none.json"], "none.json"),
    (&["search", "notes.vdb", "--vector", "[1,0,0]", "--like", "milk"], "--like"),
    (&["search", "notes.vdb", "--like", "butter"], "\"butter\""),
    (&["search", "notes.vdb", "--text", "\"oat"], "quotation mark"),
    (&["search", "notes.vdb", "--text", "a", "--k", "x"], "--k"),
    (&["search", "notes.vdb", "--text", "a", "--fusion", "max"], "linear or rrf"),
    (&["search", "notes.vdb", "--text", "a", "--include", "vectors"], "metadata, vector and text"),
    (&["search", "notes.vdb", "--text", "a", "--mmr-lambda", "-2"], "mmr_lambda"),
    (&["search", "notes.vdb", "--text", "a", "--namespace", "b", "--all-namespaces"], "--all-namespaces"),
    (&["import", "new.vdb"], "<FILE>"),
    (&["import", "new.vdb", "none.jsonl"], "none.jsonl"),
    (&["import", "new.vdb", "text.vdb"], "--format"),
    (&["import", "new.vdb", "-", "-"], "stdin"),
    (&["import", "new.vdb", "one.jsonl", "--metric", "hamming"], "unknown distance metric"),
    (&["import", "new.vdb", "one.jsonl", "--batch-size", "0"], "batch_size"),
    (&["import", "new.vdb", "one.jsonl", "--sync", "never"], "sync"),
    (&["export", "notes.vdb", "notes.xlsx"], ".parquet"),
    (&["export", "notes.vdb", "none/notes.csv"], "none/notes.csv"),
    (&["compact", "none.vdb"], "does not exist"),
    (&["verify", "none.vdb"], "does not exist"),
    (&["bench", "notes.vdb", "--ef", "32,0"], "--ef: expected 1 to 65536, got 0"),
    (&["completions", "tcsh"], "tcsh"),
];

#[test]
fn bad_input_is_one_line_and_exit_code_1() {
    let folder = Folder::new();
    folder.notes().close().unwrap();
    folder.write("text.vdb", "no database\n".repeat(500));
    folder.write("one.jsonl", "{\"id\": \"a\", \"vector\": [1, 0, 0]}\n");
    for (arguments, named) in BAD {
        let run = folder.run(arguments);
        let line = run.refused(arguments);
        assert!(line.contains(named), "{arguments:?}: {line}");
    }
    assert!(!folder.names().iter().any(|name| name.starts_with("none")), "{:?}", folder.names());
}

/// Names that are no UTF-8 are names, and text that is none is refused.
#[test]
#[cfg(target_os = "linux")]
fn bytes_that_are_no_text() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let folder = Folder::new();
    folder.notes().close().unwrap();
    let name = OsStr::from_bytes(b"n\xff.jsonl");
    let mut export = folder.command(&["export", "notes.vdb"]);
    assert!(export.arg(name).output().unwrap().status.success());
    let mut import = folder.command(&["import", "new.vdb"]);
    assert!(import.arg(name).output().unwrap().status.success());
    assert_eq!(folder.records("new.vdb"), folder.records("notes.vdb"));
    let output =
        folder.command(&["search", "notes.vdb", "--text"]).arg(OsStr::from_bytes(b"\xff")).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(String::from_utf8(output.stderr).unwrap().lines().count(), 1);
}
