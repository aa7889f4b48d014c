//! What cases ask of a database, asked of the command line beside it: a question that it can put must be answered as the case says.
//!
//! | call | command |
//! |---|---|
//! | `search`, `search_with_stats` (its results) | `search` |
//! | `count`, `list` | `count`, `list` |
//! | `get`, `get_many`, `exists` | `dump`, and the lines of these keys |
//! | `namespaces`, `list_indexes`, `index_config`, the property `commit_id` | `stats` |
//! | `verify` without a place for repairs | `verify` |
//!
//! At the end of each case what the database holds goes through `dump`, `import` and `dump`.

use std::io::{Cursor, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};

use serde_json::{Map, Value as Json, json};
use vectlite::Database;
use vectlite_cli::Streams;

use super::compare;
use super::special;

/// Options of `search` by the names of arguments: with a value that is JSON, with one that is not, without one.
const JSON_OPTIONS: [(&str, &str); 5] = [
    ("query", "--vector"),
    ("sparse", "--sparse"),
    ("query_vectors", "--query-vectors"),
    ("vector_weights", "--vector-weights"),
    ("filter", "--filter"),
];
const PLAIN_OPTIONS: [(&str, &str); 14] = [
    ("text", "--text"),
    ("vector_name", "--vector-name"),
    ("truncate_dim", "--truncate-dim"),
    ("k", "--k"),
    ("limit", "--limit"),
    ("offset", "--offset"),
    ("namespace", "--namespace"),
    ("fusion", "--fusion"),
    ("dense_weight", "--dense-weight"),
    ("sparse_weight", "--sparse-weight"),
    ("rrf_k", "--rrf-k"),
    ("fetch_k", "--fetch-k"),
    ("mmr_lambda", "--mmr-lambda"),
    ("min_score", "--min-score"),
];
const FLAGS: [(&str, &str); 3] =
    [("all_namespaces", "--all-namespaces"), ("exact", "--exact"), ("explain", "--explain")];

/// Where a command writes to.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Shared {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Runs a command: what it answered, or its one line of error.
fn run(arguments: &[String], input: &str) -> Result<String, String> {
    let (output, errors) = (Shared::default(), Shared::default());
    let mut streams = Streams {
        input: Box::new(Cursor::new(input.to_owned())),
        output: Box::new(output.clone()),
        errors: Box::new(errors.clone()),
        output_is_terminal: false,
        errors_are_terminal: false,
    };
    let code = vectlite_cli::run(arguments, &mut streams);
    drop(streams);
    let said = errors.text();
    match code {
        0 => Ok(output.text()),
        _ if said.starts_with("error: ") && said.trim_end().lines().count() == 1 => Err(said),
        _ => panic!("{arguments:?}: expected one line of error, found {said:?}"),
    }
}

fn path_of(db: &Database) -> String {
    db.path().to_str().unwrap().to_owned()
}

/// A question that the command line can put, and what it answers; `None` for every other.
pub(super) fn ask(db: &Database, call: &str, with: &Map<String, Json>) -> Option<Result<Json, String>> {
    let given: Map<String, Json> = with
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| Some((name.clone(), special::plain(value).ok()?)))
        .collect::<Option<_>>()?;
    let arguments = |command: &str| -> Option<Vec<String>> {
        let mut arguments = vec![command.to_owned(), path_of(db)];
        arguments.extend(options(&given)?);
        Some(arguments)
    };
    let answer = match call {
        "search" | "search_with_stats" => run(&arguments("search")?, "").map(|answer| {
            let mut answer = parsed(&answer);
            for hit in answer["results"].as_array_mut().into_iter().flatten() {
                complete(hit, &["vector", "text", "explain"]);
                widen(&mut hit["vector"]);
            }
            if call == "search" { answer["results"].take() } else { answer }
        }),
        "count" => run(&arguments("count")?, "").map(|answer| parsed(&answer)["count"].take()),
        "list" => {
            let mut arguments = arguments("list")?;
            if !given.contains_key("limit") {
                arguments.push("--limit=0".to_owned());
            }
            run(&arguments, "").map(|answer| Json::Array(records(&answer)))
        }
        "get" | "exists" | "get_many" => {
            let namespace = given.get("namespace").map_or(Some(""), Json::as_str)?;
            let of = |records: &[Json], id: &Json| {
                records.iter().find(|record| record["namespace"] == namespace && record["id"] == *id).cloned()
            };
            let dumped = run(&["dump".to_owned(), path_of(db)], "");
            match (call, given.get("ids").and_then(Json::as_array), given.get("id")) {
                ("get_many", Some(ids), _) => dumped.map(|dumped| {
                    let records = records(&dumped);
                    ids.iter().map(|id| of(&records, id).unwrap_or_default()).collect()
                }),
                ("get", _, Some(id)) => dumped.map(|dumped| of(&records(&dumped), id).unwrap_or_default()),
                ("exists", _, Some(id)) => dumped.map(|dumped| of(&records(&dumped), id).is_some().into()),
                _ => return None,
            }
        }
        "namespaces" => stat(db, "namespaces"),
        "index_config" => stat(db, "index_config"),
        "commit_id" => stat(db, "commit_id"),
        "list_indexes" => stat(db, "indexes").map(|indexes| {
            let pairs = indexes.as_object().into_iter().flatten();
            pairs.map(|(field, kind)| json!([field, kind])).collect()
        }),
        "verify" if !given.contains_key("repair_to") => {
            let mut arguments = vec!["verify".to_owned(), path_of(db)];
            arguments.extend((given.get("deep") == Some(&Json::Bool(true))).then(|| "--deep".to_owned()));
            run(&arguments, "").map(|answer| parsed(&answer))
        }
        _ => return None,
    };
    Some(answer)
}

/// The options that say the same; `None` where some argument has none.
fn options(given: &Map<String, Json>) -> Option<Vec<String>> {
    let named = |options: &[(&str, &'static str)], name: &str| {
        options.iter().find(|(argument, _)| *argument == name).map(|(_, option)| *option)
    };
    let mut options = Vec::new();
    for (name, value) in given {
        if let Some(option) = named(&JSON_OPTIONS, name) {
            options.push(format!("{option}={value}"));
        } else if let Some(option) = named(&PLAIN_OPTIONS, name) {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            options.push(format!("{option}={value}"));
        } else if let Some(option) = named(&FLAGS, name) {
            options.extend(value.as_bool()?.then(|| option.to_owned()));
        } else if name == "ef_search" {
            options.push(format!("--ef-search={value}"));
        } else if name == "include" {
            let names: Vec<&str> = value.as_array()?.iter().map(Json::as_str).collect::<Option<_>>()?;
            // There it is nothing; here it is a name.
            if names.contains(&"") {
                return None;
            }
            options.push(format!("--include={}", names.join(",")));
        } else {
            return None;
        }
    }
    Some(options)
}

fn stat(db: &Database, key: &str) -> Result<Json, String> {
    run(&["stats".to_owned(), path_of(db)], "").map(|answer| parsed(&answer)[key].take())
}

fn parsed(answer: &str) -> Json {
    serde_json::from_str(answer).unwrap_or_else(|error| panic!("{answer:?}: {error}"))
}

/// Lines of records, with the keys that are left out where there is nothing.
fn records(lines: &str) -> Vec<Json> {
    lines
        .lines()
        .map(|line| {
            let mut record = parsed(line);
            complete(&mut record, &["text"]);
            ["vector", "vectors", "sparse"].into_iter().for_each(|key| widen(&mut record[key]));
            record
        })
        .collect()
}

/// Numbers of single precision, which are written with the digits that they need, as doubles.
fn widen(value: &mut Json) {
    match value {
        Json::Number(number) => *value = json!(f64::from(number.as_f64().unwrap_or(f64::NAN) as f32)),
        Json::Array(elements) => elements.iter_mut().for_each(widen),
        Json::Object(entries) => entries.values_mut().for_each(widen),
        _ => {}
    }
}

fn complete(object: &mut Json, keys: &[&str]) {
    for key in keys {
        if object.get(key).is_none() {
            object[key] = Json::Null;
        }
    }
}

/// What differs between the answer of the command line and what the case says. A refusal of the library must be one here, too, in words of
/// its own.
pub(super) fn judge(
    answer: &Result<Json, String>,
    gives: Option<&Json>,
    is_refused: bool,
) -> Result<(), String> {
    match (answer, is_refused) {
        (Err(_), true) => Ok(()),
        (Err(said), false) => Err(format!("through the command line: {}", said.trim_end())),
        (Ok(found), true) => Err(format!("through the command line it is no error, but gives {found}")),
        (Ok(found), false) => {
            let Some(expected) = gives else { return Ok(()) };
            let mut expected = special::plain(expected)?;
            if let Some(expected) = expected.as_object_mut().filter(|_| found.get("results").is_some()) {
                // How a handle searched that has just been opened is another matter.
                expected.remove("stats");
            }
            match compare::difference(&expected, found) {
                None => Ok(()),
                Some(difference) => Err(format!("through the command line: {difference}")),
            }
        }
    }
}

/// What a database holds, written out, read into another one, and written out again.
pub(super) fn round_trip(db: &Database, directory: &Path) -> Result<(), String> {
    let dumped = run(&["dump".to_owned(), path_of(db)], "")?;
    let copy = directory.join("imported.vdb").to_str().unwrap().to_owned();
    let mut arguments: Vec<String> = ["import", &copy, "-", "--format=jsonl"].map(str::to_owned).into();
    arguments.push(format!("--dimension={}", db.dimension()));
    arguments.push(format!("--metric={}", db.metric().name()));
    let imported = parsed(&run(&arguments, &dumped)?);
    let lines = dumped.lines().count();
    if imported != json!({"imported": lines, "records": lines}) {
        return Err(format!("{lines} lines were imported as {imported}"));
    }
    let again = run(&["dump".to_owned(), copy], "")?;
    if again == dumped { Ok(()) } else { Err(format!("dumped: {dumped}\nand then: {again}")) }
}
