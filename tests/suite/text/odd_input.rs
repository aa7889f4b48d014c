//! Odd texts, terms and weights: each is stored and found as the naive scorer says, or refused by name.

use std::collections::BTreeMap;
use std::path::Path;

use vectlite::{Database, ErrorKind, OpenOptions, Record, SearchRequest, SparseScoring};

use super::model::{Model, Query};

/// Longest term, in bytes.
const LONGEST_TERM: usize = vectlite::limits::MAX_TERM_BYTES;

fn create(directory: &Path, analyzer: &str, scoring: SparseScoring) -> (Database, Model) {
    let options = OpenOptions::new().dimension(1).analyzer(analyzer).sparse_scoring(scoring);
    let db = Database::open(directory.join("odd.vdb"), options).unwrap();
    let model = Model::new(scoring, db.analyzer(), 0);
    (db, model)
}

/// Runs `check` while everything is in the memtable, in `.vdb`, in a compacted one, and in one that was opened again.
fn in_every_state(db: Database, check: impl Fn(&Database, &str)) {
    check(&db, "memtable");
    db.flush().unwrap();
    check(&db, "checkpoint");
    // Something dead, so that there is something to compact.
    db.upsert(Record::new("gone")).unwrap();
    db.delete("gone", None).unwrap();
    assert!(db.compact().unwrap().shrunk);
    check(&db, "compacted");
    db.close().unwrap();
    check(&Database::open(db.path(), OpenOptions::new()).unwrap(), "reopened");
}

/// A query for the words of a text, whatever signs it has.
fn plain(text: &str) -> String {
    text.chars().fold(String::new(), |mut query, sign| {
        query.extend("\"+-*~\\".contains(sign).then_some('\\'));
        query.push(sign);
        query
    })
}

/// Asks for everything, and compares with the model.
fn check_search(db: &Database, model: &Model, request: &SearchRequest, query: &Query, context: &str) {
    let hits = db.search(&request.clone().k(1_000)).unwrap().hits;
    let expected = model.scores(query, &model.statistics(query));
    let found: BTreeMap<&str, f64> = hits.iter().map(|hit| (hit.id.as_str(), hit.score)).collect();
    let ids: Vec<&str> = expected.keys().map(|key| key.1.as_str()).collect();
    assert_eq!(found.keys().copied().collect::<Vec<_>>(), ids, "{context}");
    for ((_, id), expected) in &expected {
        let found = found[id.as_str()];
        assert!((found - expected).abs() <= 1e-5 * expected, "{context}: {id}: {found}, expected {expected}");
    }
}

fn query(terms: BTreeMap<String, f64>) -> Query {
    Query { terms, namespace: Some(String::new()), below: None }
}

fn texts() -> Vec<String> {
    let control: String = (0..0x20_u8).chain([0x7f]).map(char::from).collect();
    let words: [&str; 30] = [
        "",
        " \t\r\n\u{a0}\u{2003}",
        "!?… — ¿¡ « » () [] {} \\ / ' \" `",
        "plain words",
        "a\0b",
        "\0",
        "'",
        "_",
        "e\u{301}te\u{301} \u{301}",
        "\u{301}\u{302}",
        "שלום עולם",
        "مرحبا \u{202e}plain\u{202c}",
        "\u{200f}\u{200b}\u{200d}",
        "👩‍👩‍👧‍👦 🇩🇪🇫🇷 👍🏽",
        "1️⃣ #️⃣",
        "\u{ffff}\u{fffe}\u{fdd0}\u{10ffff}",
        "plain\u{ffff}words",
        "\u{feff}plain",
        "\u{fffd}",
        "\u{e000}\u{f8ff}",
        "İSTANBUL ıstanbul",
        "STRASSE Straße ﬁn ǅ",
        "ΌΣΟΣ όσος",
        "日本語 한국어 각 ไทย",
        "١٢٣ 123 ½ Ⅳ",
        "can't can’t CAN＇T",
        "\u{1f1e6}",
        "a\u{ad}b",
        "𝒶𝓃𝓎 𐍈",
        "null undefined NaN true",
    ];
    let mut texts: Vec<String> = words.map(str::to_owned).into();
    texts.extend([
        format!("{control}plain{control}"),
        "x".repeat(LONGEST_TERM),
        "x".repeat(LONGEST_TERM + 1),
        // A letter with marks without end is one word.
        format!("a{}", "\u{301}".repeat(LONGEST_TERM)),
        // Folded, each letter becomes two: the word fits, its term does not.
        "ß".repeat(LONGEST_TERM / 2),
        "ﬃ".repeat(LONGEST_TERM / 3),
        "İ".repeat(LONGEST_TERM / 2),
        "x'".repeat(LONGEST_TERM / 2),
    ]);
    texts
}

#[test]
fn any_text_is_found_by_itself_if_it_has_words() {
    for analyzer in ["standard", "english", "turkish", "arabic", "greek"] {
        let directory = tempfile::tempdir().unwrap();
        let (db, mut model) = create(directory.path(), analyzer, SparseScoring::Bm25);
        for (number, text) in texts().into_iter().enumerate() {
            let record = Record::new(format!("r{number:02}")).text(text).metadata([("group", 0.into())]);
            model.put(&record);
            db.upsert(record).unwrap();
        }
        in_every_state(db, |db, state| {
            for (number, text) in texts().iter().enumerate() {
                let stored = db.get(&format!("r{number:02}"), None).unwrap().unwrap();
                assert_eq!(stored.text.as_ref(), Some(text), "{analyzer}, {state}");
                let by_text = SearchRequest::new().text(plain(text));
                let asked = vectlite::Analyzer::preset(analyzer).unwrap().query_terms(text);
                let query = query(asked.into_iter().map(|(term, weight)| (term, weight.into())).collect());
                check_search(db, &model, &by_text, &query, &format!("{analyzer}, {state}: {text:?}"));
            }
        });
    }
}

#[test]
fn any_string_of_the_right_length_is_a_term() {
    let directory = tempfile::tempdir().unwrap();
    let (db, mut model) = create(directory.path(), "none", SparseScoring::Bm25);
    let mut terms: Vec<String> = texts();
    terms.retain(|term| !term.is_empty() && term.len() <= LONGEST_TERM);
    terms.extend(["é".repeat(LONGEST_TERM / 2), "\u{10ffff}".repeat(LONGEST_TERM / 4)]);
    for (number, term) in terms.iter().enumerate() {
        let weights = [(term.clone(), 1.0), ("shared".to_owned(), 2.0)];
        let record = Record::new(format!("r{number:02}")).sparse(weights).metadata([("group", 0.into())]);
        model.put(&record);
        db.upsert(record).unwrap();
    }
    for (term, weight) in [("x".repeat(LONGEST_TERM + 1), 1.0), (String::new(), 1.0)] {
        let error = db.upsert(Record::new("refused").sparse([(term, weight)])).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
        assert!(error.to_string().contains("sparse"), "{error}");
    }
    in_every_state(db, |db, state| {
        for term in &terms {
            let by_term = SearchRequest::new().sparse([(term.clone(), 1.5)].into());
            let query = query([(term.clone(), 1.5)].into());
            check_search(db, &model, &by_term, &query, &format!("{state}: {term:?}"));
        }
        let too_long = SearchRequest::new().sparse([("x".repeat(LONGEST_TERM + 1), 1.0)].into());
        assert_eq!(db.search(&too_long).unwrap_err().kind(), ErrorKind::InvalidArgument);
        let empty = SearchRequest::new().sparse([(String::new(), 1.0)].into());
        assert!(db.search(&empty).unwrap().hits.is_empty(), "no record has an empty term");
        let text = SearchRequest::new().text("shared");
        assert_eq!(db.search(&text).unwrap_err().kind(), ErrorKind::InvalidArgument);
    });
}

/// Weights that are numbers, from nothing to the most that there is.
const WEIGHTS: [f32; 10] =
    [0.0, -0.0, 1e-45, f32::MIN_POSITIVE, 0.1, 1.0, 16_777_216.0, 1e20, 3e38, f32::MAX];

#[test]
fn any_finite_weight_gives_a_finite_score() {
    for scoring in [SparseScoring::Bm25, SparseScoring::Dot] {
        let directory = tempfile::tempdir().unwrap();
        let (db, mut model) = create(directory.path(), "standard", scoring);
        for (number, weight) in WEIGHTS.into_iter().enumerate() {
            let record =
                Record::new(format!("r{number}")).sparse([("odd", weight)]).metadata([("group", 0.into())]);
            model.put(&record);
            db.upsert(record).unwrap();
        }
        for weight in [-1.0, -1e-45, f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let error = db.upsert(Record::new("refused").sparse([("odd", weight)])).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{weight}: {error}");
            let by_term = SearchRequest::new().sparse([("odd".to_owned(), weight)].into());
            assert_eq!(db.search(&by_term).unwrap_err().kind(), ErrorKind::InvalidArgument, "{weight}");
        }
        in_every_state(db, |db, state| {
            for weight in WEIGHTS {
                let by_term = SearchRequest::new().sparse([("odd".to_owned(), weight)].into());
                let query = query([("odd".to_owned(), f64::from(weight))].into());
                check_search(
                    db,
                    &model,
                    &by_term,
                    &query,
                    &format!("{}, {state}: {weight:e}", scoring.name()),
                );
            }
        });
    }
}

/// The sum of the weights of a record, and that of all records, go into every score of BM25.
#[test]
fn huge_weights_leave_no_trace_when_they_are_gone() {
    let directory = tempfile::tempdir().unwrap();
    let (db, mut model) = create(directory.path(), "standard", SparseScoring::Bm25);
    let texts = ["a cat", "a cat and a dog", "a bird that sings and sings"];
    for (number, text) in texts.into_iter().enumerate() {
        let record = Record::new(format!("r{number}")).text(text).metadata([("group", 0.into())]);
        model.put(&record);
        db.upsert(record).unwrap();
    }
    let by_text = SearchRequest::new().text("cat sings");
    let query = query(model.terms(Some("cat sings"), None));
    let huge = |id: &str| Record::new(id).sparse(["cat", "huge", "more"].map(|term| (term, f32::MAX)));
    for id in ["first", "second"] {
        db.upsert(huge(id)).unwrap();
        db.flush().unwrap();
    }
    let hits = db.search(&by_text).unwrap().hits;
    assert_eq!(hits.len(), texts.len() + 2);
    assert!(hits.iter().all(|hit| hit.score.is_finite() && hit.score > 0.0), "{hits:#?}");
    assert_eq!(db.delete_many(["first", "second"], None).unwrap(), 2);
    in_every_state(db, |db, state| check_search(db, &model, &by_text, &query, state));
}
