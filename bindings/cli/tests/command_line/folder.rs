//! A folder with nothing in it, and the binary run there.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::Value as Json;
use tempfile::TempDir;
use vectlite::{Database, OpenOptions, Record, Value};

pub(crate) struct Folder(TempDir);

/// What a run came to.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Folder {
    pub(crate) fn new() -> Folder {
        Folder(TempDir::new().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path(name), bytes).unwrap();
    }

    pub(crate) fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vectlite"));
        command.args(arguments).current_dir(self.0.path()).stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        Run::of(self.command(arguments).output().unwrap())
    }

    pub(crate) fn run_with(&self, input: &[u8], arguments: &[&str]) -> Run {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // Whoever has enough of it stops reading; that is no failure here.
        let _ = child.stdin.take().unwrap().write_all(input);
        Run::of(child.wait_with_output().unwrap())
    }

    /// The one object that a run answers with.
    pub(crate) fn answer(&self, arguments: &[&str]) -> Json {
        self.run(arguments).succeeded(arguments).json()
    }

    /// `notes.vdb`: three records, and two in the namespace `work`.
    pub(crate) fn notes(&self) -> Database {
        let db = self.open("notes.vdb");
        let note = |id: &str, vector: [f32; 3], text: &str, done: bool| {
            Record::new(id).vector(vector).text(text).metadata([("done", Value::from(done))])
        };
        db.upsert_many([
            note("milk", [0.9, 0.1, 0.0], "buy oat milk", false),
            note("book", [0.0, 0.8, 0.6], "return the book", true),
            note("bread", [0.7, 0.2, 0.1], "bread, not milk", true),
            note("call", [0.1, 0.1, 0.9], "call the office", false).namespace("work"),
            note("mail", [0.2, 0.9, 0.1], "answer the mail", true).namespace("work"),
        ])
        .unwrap();
        db
    }

    /// A database of dimension 3.
    pub(crate) fn open(&self, name: &str) -> Database {
        Database::open(self.path(name), OpenOptions::new().dimension(3)).unwrap()
    }

    /// All records of a database.
    pub(crate) fn records(&self, name: &str) -> Vec<Record> {
        let db = Database::open(self.path(name), OpenOptions::new().read_only(true)).unwrap();
        db.list(None, None, 0, 0).unwrap()
    }
}

impl Run {
    fn of(output: Output) -> Run {
        Run {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    pub(crate) fn succeeded(self, arguments: &[&str]) -> Run {
        assert_eq!(self.code, 0, "{arguments:?}: {}", self.stderr);
        self
    }

    /// One line that says why, no answer, and exit code 1.
    pub(crate) fn refused(&self, arguments: &[&str]) -> &str {
        let (code, stdout, stderr) = (self.code, &self.stdout, &self.stderr);
        assert_eq!((code, stdout.as_str()), (1, ""), "{arguments:?}: {stderr}");
        let line = stderr.strip_suffix('\n').and_then(|line| line.strip_prefix("error: "));
        let line = line.unwrap_or_else(|| panic!("{arguments:?}: {stderr:?}"));
        assert!(!line.contains('\n') && line.len() > 10, "{arguments:?}: {stderr:?}");
        line
    }

    pub(crate) fn json(&self) -> Json {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {}", self.stdout))
    }

    /// The objects of JSON lines.
    pub(crate) fn lines(&self) -> Vec<Json> {
        self.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}
