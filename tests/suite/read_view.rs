//! Read views: whatever is written, removed, expired or rebuilt meanwhile, they answer as on their first day.

use std::path::Path;
use std::thread;
use std::time::Duration;

use vectlite::{
    BulkOptions, Clock, Database, ErrorKind, Filter, OpenOptions, ReadView, Record, SearchRequest,
};
use vectlite_tests::random::Random;

const DIMENSION: usize = 8;
/// Hits of a page.
const PAGE: usize = 7;

fn options(clock: &Clock) -> OpenOptions {
    OpenOptions::new().dimension(DIMENSION).clock(clock.clone())
}

fn record(number: usize, random: &mut Random) -> Record {
    let vector: Vec<f32> = (0..DIMENSION).map(|_| random.below(2_001) as f32 / 1_000.0 - 1.0).collect();
    let word = ["red", "green", "blue"][number % 3];
    Record::new(format!("r{number:04}"))
        .vector(vector)
        .text(format!("{word} thing"))
        .metadata([("n", (number as i64).into()), ("word", word.into())])
}

/// Everything that a view is asked, as text.
fn answers(view: &ReadView) -> Vec<String> {
    let vector = vec![0.5_f32; DIMENSION];
    let mut answers = vec![format!("{:?}", view.commit_id().unwrap())];
    let some = Filter::eq("word", "red");
    for filter in [None, Some(&some)] {
        answers.push(format!("{}", view.count(None, filter).unwrap()));
        answers.push(format!("{:?}", view.list(None, filter, 0, 0).unwrap()));
        let mut by_cursor = Vec::new();
        let mut cursor = None;
        loop {
            let (records, next) = view.list_cursor(None, filter, 50, cursor.as_deref()).unwrap();
            by_cursor.extend(records);
            cursor = next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(by_cursor, view.list(None, filter, 0, 0).unwrap());
        let requests = [
            SearchRequest::new().vector(vector.clone()),
            SearchRequest::new().text("red"),
            SearchRequest::new().vector(vector.clone()).text("green thing").fetch_k(100),
        ];
        for request in requests {
            let request = filter.map_or(request.clone(), |filter| request.filter(filter.clone()));
            let whole = view.search(&request.clone().k(5 * PAGE)).unwrap();
            assert!(whole.stats.exact);
            // Its pages are its pieces.
            for page in 0..5 {
                let hits = view.search(&request.clone().k(PAGE).offset(page * PAGE)).unwrap().hits;
                assert!(whole.hits.chunks(PAGE).nth(page).unwrap_or_default() == hits, "page {page}");
            }
            answers.push(format!("{:?}", whole.hits));
        }
    }
    answers.push(format!("{:?}", view.get("r0007", None).unwrap()));
    answers.push(format!("{:?}", view.get_many(["r0008", "nobody"], None).unwrap()));
    answers.push(format!("{} {}", view.exists("r0009", None).unwrap(), view.exists("new", None).unwrap()));
    answers.push(format!("{:?}", view.namespaces().unwrap()));
    answers
}

/// Changes of every kind.
fn change(db: &Database, random: &mut Random) {
    for _ in 0..40 {
        let number = random.below(400) as usize;
        match random.below(5) {
            0 => drop(db.delete(&format!("r{number:04}"), None).unwrap()),
            1 => drop(db.set_ttl(&format!("r{number:04}"), 0.5, None).unwrap()),
            _ => db.upsert(record(number, random)).unwrap(),
        }
    }
    db.upsert(Record::new("new").vector(vec![0.5; DIMENSION]).text("red")).unwrap();
    db.upsert(Record::new("elsewhere").namespace("other")).unwrap();
}

fn loaded(path: &Path, clock: &Clock, random: &mut Random) -> Database {
    let db = Database::open(path, options(clock)).unwrap();
    db.bulk_ingest((0..300).map(|number| record(number, random)), BulkOptions::new(), |_| {}).unwrap();
    assert!(db.create_index("word", vectlite::FieldType::Keyword).unwrap());
    db
}

#[test]
fn nothing_that_is_written_changes_what_a_view_answers() {
    let directory = tempfile::tempdir().unwrap();
    let clock = Clock::manual(1_000_000);
    let mut random = Random::new(9);
    let db = loaded(&directory.path().join("a.vdb"), &clock, &mut random);
    db.set_ttl("r0007", 10.0, None).unwrap();
    let mut views: Vec<(ReadView, Vec<String>)> = Vec::new();
    for round in 0..6 {
        let view = db.read_view().unwrap();
        let now = answers(&view);
        views.push((view, now));
        change(&db, &mut random);
        clock.set(1_000_000 + 4_000 * (round + 1));
        match round {
            1 => db.flush().unwrap(),
            2 => assert!(db.compact().is_ok()),
            3 => assert!(db.drop_index("word").unwrap()),
            4 => drop(db.delete_by_filter(&Filter::eq("word", "blue"), None).unwrap()),
            _ => {}
        }
        for (number, (view, before)) in views.iter().enumerate() {
            assert!(answers(view) == *before, "view {number} changed in round {round}");
        }
    }
    assert!(views.windows(2).all(|pair| pair[0].1 != pair[1].1), "nothing was written");
}

#[test]
fn a_reader_keeps_its_views_while_the_writer_goes_on() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.vdb");
    let clock = Clock::system();
    let mut random = Random::new(10);
    let db = loaded(&path, &clock, &mut random);
    let reader = Database::open(&path, OpenOptions::new().read_only(true)).unwrap();
    let view = reader.read_view().unwrap();
    let before = answers(&view);
    for round in 0..4 {
        change(&db, &mut random);
        if round == 2 {
            db.compact().unwrap();
        } else {
            db.flush().unwrap()
        }
        // Longer than a reader that is idle keeps its snapshot.
        thread::sleep(Duration::from_millis(600));
        assert!(reader.exists("new", None).unwrap());
        assert!(answers(&view) == before, "round {round}");
    }
}

#[test]
fn a_graph_is_walked_when_a_request_says_how_far() {
    let directory = tempfile::tempdir().unwrap();
    let mut random = Random::new(11);
    let db = loaded(&directory.path().join("a.vdb"), &Clock::system(), &mut random);
    db.compact().unwrap();
    let view = db.read_view().unwrap();
    let request = SearchRequest::new().vector(vec![0.5; DIMENSION]);
    assert!(view.search(&request).unwrap().stats.exact);
    assert!(view.search_batch(&[vec![0.5; DIMENSION]], &request).unwrap()[0].stats.exact);
    assert!(view.search(&request.clone().ef_search(20)).unwrap().stats.used_ann);
    assert!(view.search(&request.clone().ef_search(20).exact(true)).unwrap().stats.exact);
    assert!(db.search(&request).unwrap().stats.used_ann);
}

#[test]
fn a_closed_database_has_no_views() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.vdb");
    let db = loaded(&path, &Clock::system(), &mut Random::new(12));
    let view = db.read_view().unwrap();
    assert!(view.exists("r0001", None).unwrap());
    db.close().unwrap();
    assert_eq!(view.get("r0001", None).unwrap_err().kind(), ErrorKind::Closed);
    assert_eq!(view.check_open().unwrap_err().kind(), ErrorKind::Closed);
    // It holds no lock either, and the next one is another database.
    let again = Database::open(&path, OpenOptions::new()).unwrap();
    assert_eq!(view.count(None, None).unwrap_err().kind(), ErrorKind::Closed);
    assert_eq!(again.count(None, None).unwrap(), 300);
}
