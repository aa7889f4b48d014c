//! Pipes, and writers beside.

use std::io::Read;
use std::process::Stdio;

use vectlite::Record;

use super::folder::Folder;

/// Whoever reads may stop, as `head` does: the command ends without a word.
#[test]
fn a_broken_pipe_ends_quietly() {
    let folder = Folder::new();
    let db = folder.open("many.vdb");
    db.upsert_many((0..20_000).map(|at| Record::new(format!("{at}")).vector([1.0, at as f32, 0.5]))).unwrap();
    db.close().unwrap();
    let commands: [&[&str]; 5] = [
        &["dump", "many.vdb"],
        &["list", "many.vdb", "--limit", "0"],
        &["export", "many.vdb", "-", "--format", "jsonl"],
        &["export", "many.vdb", "-", "--format", "csv"],
        &["export", "many.vdb", "-", "--format", "parquet"],
    ];
    for arguments in commands {
        let mut command = folder.command(arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut first = [0; 4];
        child.stdout.take().unwrap().read_exact(&mut first).unwrap();
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), stderr.as_str()), (Some(0), ""), "{arguments:?}");
    }
}

#[test]
fn commands_that_read_work_beside_a_writer() {
    let folder = Folder::new();
    let db = folder.notes();
    let commands: [&[&str]; 8] = [
        &["stats", "notes.vdb"],
        &["count", "notes.vdb"],
        &["list", "notes.vdb"],
        &["dump", "notes.vdb"],
        &["search", "notes.vdb", "--text", "milk"],
        &["export", "notes.vdb", "notes.csv"],
        &["verify", "notes.vdb"],
        &["bench", "notes.vdb", "--queries", "2"],
    ];
    for arguments in commands {
        assert!(!folder.run(arguments).succeeded(arguments).stdout.is_empty());
    }
    // What the writer has acknowledged is seen.
    db.upsert(Record::new("new").text("oat milk again")).unwrap();
    assert_eq!(folder.answer(&["count", "notes.vdb"])["count"], 6);
    folder.write("one.jsonl", "{\"id\": \"x\"}\n");
    for arguments in [&["compact", "notes.vdb"][..], &["import", "notes.vdb", "one.jsonl"]] {
        let run = folder.run(arguments);
        assert!(run.refused(arguments).starts_with("lock contention"), "{}", run.stderr);
    }
}

#[test]
fn messages_are_not_among_the_answers() {
    let folder = Folder::new();
    folder.write("one.jsonl", "{\"id\": \"x\", \"vector\": [1, 0]}\n");
    let loud = folder.run(&["import", "a.vdb", "one.jsonl"]);
    assert!(!loud.stderr.is_empty());
    assert_eq!(loud.json()["imported"], 1);
    assert_eq!(folder.run(&["import", "a.vdb", "one.jsonl", "--quiet"]).stderr, "");
}

/// A device takes what is exported, and stays one.
#[test]
#[cfg(unix)]
fn a_device_is_written_to_not_replaced() {
    use std::os::unix::fs::FileTypeExt;
    let folder = Folder::new();
    folder.notes().close().unwrap();
    std::os::unix::fs::symlink("/dev/null", folder.path("null.csv")).unwrap();
    assert_eq!(folder.answer(&["export", "notes.vdb", "null.csv"])["exported"], 5);
    assert!(folder.path("null.csv").metadata().unwrap().file_type().is_char_device());
}
