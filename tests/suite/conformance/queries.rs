//! 300 queries over real texts and embeddings: every language gives the same ids in the same order with the same bits.
//!
//! `VECTLITE_REGENERATE=1` makes both files anew; otherwise they are what must come out.

mod corpus;
mod generate;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use vectlite::{Database, OpenOptions, Record, SearchRequest, SearchResponse, SyncMode, Value};

use super::arguments::Arguments;
use super::run::Stop;
use super::{folder, search};
use corpus::Text;

/// Texts of `examples/data` that are searched: the first so many.
const STORED: usize = 1_000;
const ANALYZER: &str = "english";

/// One query as it is written.
#[derive(PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    metric: String,
    search: Map<String, Json>,
}

/// An id and the bits of its score, the highest first.
type Line = (String, String);

fn path(name: &str) -> PathBuf {
    folder().join("queries").join(name)
}

/// Both files have a query a line, so that a difference is a line.
fn write_lines<T: Serialize>(name: &str, lines: &[T]) {
    let lines: Vec<String> = lines.iter().map(|line| serde_json::to_string(line).unwrap()).collect();
    fs::write(path(name), format!("[\n{}\n]\n", lines.join(",\n"))).unwrap();
}

fn read<T: for<'de> Deserialize<'de>>(name: &str) -> T {
    serde_json::from_slice(&fs::read(path(name)).unwrap()).unwrap()
}

fn database(directory: &Path, metric: &str, texts: &[Text]) -> Database {
    let options = OpenOptions::new()
        .dimension(corpus::DIMENSION)
        .metric(metric.parse().unwrap())
        .analyzer(ANALYZER)
        .sync(SyncMode::OnFlush);
    let db = Database::open(directory.join(format!("{metric}.vdb")), options).unwrap();
    let records = texts.iter().take(STORED).map(|text| {
        Record::new(&text.id)
            .vector(text.vector.clone())
            .text(&text.text)
            .metadata([("pos", Value::from(&*text.pos)), ("lexname", Value::from(&*text.lexname))])
    });
    assert_eq!(db.upsert_many(records).unwrap(), STORED);
    db
}

/// The request of a query: its arguments with the row's vector in place of `{"row": n}`.
fn request(query: &Query, texts: &[Text]) -> Result<SearchRequest, Stop> {
    let mut given = query.search.clone();
    if let Some(row) = given.get("query") {
        let row = row.get("row").and_then(Json::as_u64).ok_or("query: expected a row")?;
        let text = texts.get(row as usize).ok_or("query: no such row")?;
        given.insert("query".to_owned(), json!(text.vector));
    }
    let mut arguments = Arguments::new(&given);
    let request = search::request(&mut arguments)?;
    arguments.done()?;
    Ok(request)
}

fn lines(response: &SearchResponse) -> Vec<Line> {
    let hits = response.hits.iter();
    hits.map(|hit| (hit.id.clone(), format!("{:016x}", hit.score.to_bits()))).collect()
}

#[test]
fn the_shared_queries_agree_to_the_bit() {
    let texts = corpus::texts();
    let regenerate = std::env::var_os("VECTLITE_REGENERATE").is_some();
    let generated = generate::queries(&texts, STORED);
    if regenerate {
        write_lines("queries.json", &generated);
    }
    let queries: Vec<Query> = read("queries.json");
    assert!(queries == generated, "queries.json is not what the generator makes");
    assert_eq!(queries.len(), generate::QUERIES);
    let directory = tempfile::tempdir().unwrap();
    let mut databases = BTreeMap::new();
    let mut found = Vec::new();
    for (number, query) in queries.iter().enumerate() {
        let db = databases
            .entry(query.metric.clone())
            .or_insert_with(|| database(directory.path(), &query.metric, &texts));
        let Ok(request) = request(query, &texts) else {
            panic!("query {number} is not well written: {:?}", query.search);
        };
        let response = db.search(&request).unwrap_or_else(|error| panic!("query {number}: {error}"));
        assert!(response.stats.exact, "query {number} has a plan that is not exact");
        found.push(lines(&response));
    }
    if regenerate {
        write_lines("expected.json", &found);
    }
    let expected: Vec<Vec<Line>> = read("expected.json");
    assert_eq!(expected.len(), found.len());
    let different = (0..found.len()).filter(|number| expected[*number] != found[*number]);
    let different: Vec<String> =
        different.map(|number| format!("query {number}: {:?}", queries[number].search)).collect();
    assert!(different.is_empty(), "{} queries differ:\n{}", different.len(), different.join("\n"));
}
