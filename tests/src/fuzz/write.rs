//! What a caller gives to writes: the definition of an analyzer with a text, and numbers of every kind.

use std::sync::Arc;

use vectlite::{
    Analyzer, AnalyzerDefinition, Database, ErrorKind, Metric, OpenOptions, Record, SearchRequest,
};

use super::database::path;
use super::input::Input;
use crate::memory::MemoryFileSystem;

/// Records per input.
const MOST_RECORDS: usize = 16;

/// A definition as JSON, a zero, and a text. What can be made analyzes, is stored, and finds again what it indexed.
pub(super) fn analyzer(bytes: &[u8]) {
    let split = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    let (definition, text) = bytes.split_at(split);
    let Ok(definition) = serde_json::from_slice::<AnalyzerDefinition>(definition) else { return };
    let Ok(analyzer) = Analyzer::from_definition(definition) else { return };
    // Languages are named in one way there.
    let stored = analyzer.definition().unwrap().clone();
    assert_eq!(Analyzer::from_definition(stored.clone()).unwrap().definition(), Some(&stored));
    let text = String::from_utf8_lossy(text.get(1..).unwrap_or_default());
    let files = MemoryFileSystem::new();
    let options = || OpenOptions::new().files(Arc::new(files.clone()));
    let db = Database::open(path(), options().dimension(1).analyzer(analyzer.clone())).unwrap();
    let records = ["one", "two"].map(|id| Record::new(id).text(text.as_ref()));
    match db.upsert_many(records) {
        Ok(_) => {}
        Err(error) => return assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}"),
    }
    let ask = |db: &Database| {
        let found = db.search(&SearchRequest::new().text(text.as_ref()))?;
        let highlight = db.highlight("one", &text, None)?;
        Ok::<_, vectlite::Error>((found.hits, highlight.map(|highlight| highlight.spans)))
    };
    let before = ask(&db).map_err(|error| error.kind());
    assert!(before.as_ref().is_err_and(|kind| *kind == ErrorKind::InvalidArgument) || before.is_ok());
    db.close().unwrap();
    let db = Database::open(path(), options().analyzer(analyzer)).unwrap();
    assert_eq!(ask(&db).map_err(|error| error.kind()), before);
}

/// Vectors, sparse weights, times and weights of queries of any bits. They are refused by name, or come back as they were given.
pub(super) fn numbers(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let metric = *input.choose(&Metric::ALL);
    let dimension = usize::from(input.u8() % 20) + 1;
    let files = MemoryFileSystem::new();
    let options = || OpenOptions::new().files(Arc::new(files.clone()));
    let db = Database::open(path(), options().dimension(dimension).metric(metric)).unwrap();
    let refused = |error: vectlite::Error| {
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
    };
    let mut stored: Vec<Record> = Vec::new();
    for number in 0..MOST_RECORDS {
        if input.is_empty() {
            break;
        }
        let what = input.u8();
        let mut record = Record::new(format!("{number:02}"));
        if what & 1 == 0 {
            let (one, other) = (input.f32(), input.f32());
            let component = |at: usize| if at.is_multiple_of(2) { one } else { other * at as f32 };
            record = record.vector((0..dimension).map(component).collect::<Vec<_>>());
        }
        if what & 2 != 0 {
            record = record.sparse([("a", input.f32()), ("b", input.f32())]);
        }
        if what & 4 != 0 {
            record.expires_at = Some(f64::from_bits(input.u64()));
        }
        if what & 8 != 0 {
            record = record.ttl(f64::from_bits(input.u64()));
        }
        match db.upsert(record.clone()) {
            Ok(()) => stored.push(record),
            Err(error) => refused(error),
        }
    }
    let query: Vec<f32> = (0..dimension).map(|_| input.f32()).collect();
    let weights = [input.u64(), input.u64(), input.u64()].map(f64::from_bits);
    let terms = [("a".to_owned(), input.f32())].into();
    let requests = [
        SearchRequest::new().vector(query.as_slice()).exact(true),
        SearchRequest::new().sparse(terms).min_score(weights[0]),
        SearchRequest::new()
            .vector(query.as_slice())
            .text("a")
            .dense_weight(weights[0])
            .sparse_weight(weights[1]),
        SearchRequest::new().vector(query.as_slice()).mmr_lambda(weights[2]).k(3).explain(true),
    ];
    let ask = |db: &Database| {
        let ask = |request| match db.search(request) {
            Ok(response) => {
                let hits = response.hits.into_iter().map(|hit| (hit.id, hit.score)).collect::<Vec<_>>();
                assert!(hits.iter().all(|(_, score)| !score.is_nan()), "{hits:?}");
                hits
            }
            Err(error) => {
                refused(error);
                Vec::new()
            }
        };
        requests.iter().map(ask).collect::<Vec<_>>()
    };
    let before = ask(&db);
    assert!(before[0].is_sorted_by(|left, right| left.1 >= right.1), "{:?}", before[0]);
    let check = |db: &Database| {
        for record in &stored {
            // One that expires at once is gone at any time.
            let Some(found) = db.get(&record.id, None).unwrap() else {
                assert!(record.ttl.is_some() || record.expires_at.is_some());
                continue;
            };
            let bits = |vector: &Option<Vec<f32>>| {
                vector.as_ref().map(|vector| vector.iter().map(|number| number.to_bits()).collect::<Vec<_>>())
            };
            assert_eq!(bits(&found.vector), bits(&record.vector));
            assert_eq!(found.sparse, record.sparse);
        }
    };
    check(&db);
    db.close().unwrap();
    let db = Database::open(path(), options()).unwrap();
    check(&db);
    if stored.iter().all(|record| record.ttl.is_none() && record.expires_at.is_none()) {
        assert_eq!(ask(&db), before);
    }
}
