//! Answers of exact search and of BM25, for numpy and bm25s to check.

use std::fs;
use std::path::Path;

use serde_json::{Value as Json, json};
use vectlite::{Analyzer, Database, Metric, OpenOptions, Record, SearchRequest};

use crate::{DIMENSION, Outcome, fresh_path};

/// Hits asked for: the comparison is of top tens.
const K: usize = 10;
/// Records a batch: the build is not what is measured here.
const BATCH: usize = 1_000;
/// The analyzer of the database, and of the terms that the peer is given: stop words and stems are part of the test.
const ANALYZER: &str = "english";

/// Builds one database of all rows, asks it every query by vector and by text, and writes answers and terms.
pub(crate) fn write(dir: &Path) -> Outcome<()> {
    let base = read_rows(&dir.join("base.f32"))?;
    let queries = read_rows(&dir.join("queries.f32"))?;
    let texts = read_texts(&dir.join("texts.json"))?;
    let query_texts = read_texts(&dir.join("queries.json"))?;

    let options = OpenOptions::new().dimension(DIMENSION).metric(Metric::Cosine).analyzer(ANALYZER);
    let db = Database::open(fresh_path(dir, "answers.vdb")?, options)?;
    let rows: Vec<_> = base.iter().zip(&texts).enumerate().collect();
    for batch in rows.chunks(BATCH) {
        let record = |(row, (vector, text)): &(usize, (&Vec<f32>, &String))| {
            Record::new(row.to_string()).vector(vector.to_vec()).text(text.as_str())
        };
        db.upsert_many(batch.iter().map(record).collect())?;
    }

    let dense = queries.iter().map(|query| ask(&db, SearchRequest::new().vector(query.clone()).exact(true)));
    write_json(&dir.join("dense.json"), dense.collect::<Outcome<_>>()?)?;
    let text = query_texts.iter().map(|query| ask(&db, SearchRequest::new().text(query.as_str())));
    write_json(&dir.join("text.json"), text.collect::<Outcome<_>>()?)?;
    db.close()?;

    let analyzer = Analyzer::named(ANALYZER)?;
    let terms = |texts: &[String]| texts.iter().map(|text| json!(analyzer.tokenize(text))).collect::<Json>();
    write_json(&dir.join("text_terms.json"), terms(&texts))?;
    write_json(&dir.join("query_terms.json"), terms(&query_texts))
}

/// The hits of one search as `[[row, score], …]`.
fn ask(db: &Database, request: SearchRequest) -> Outcome<Json> {
    let hits = db.search(&request.k(K))?.hits;
    let pairs = hits.iter().map(|hit| Ok(json!([hit.id.parse::<usize>()?, hit.score])));
    pairs.collect::<Outcome<Json>>()
}

/// Rows of little-endian float32, `DIMENSION` values each, without a header.
fn read_rows(path: &Path) -> Outcome<Vec<Vec<f32>>> {
    let bytes = fs::read(path)?;
    let values: Vec<f32> = bytes.as_chunks::<4>().0.iter().map(|value| f32::from_le_bytes(*value)).collect();
    Ok(values.chunks_exact(DIMENSION).map(<[f32]>::to_vec).collect())
}

fn read_texts(path: &Path) -> Outcome<Vec<String>> {
    Ok(serde_json::from_slice(&fs::read(path)?)?)
}

fn write_json(path: &Path, value: Json) -> Outcome<()> {
    Ok(fs::write(path, serde_json::to_vec(&value)?)?)
}
