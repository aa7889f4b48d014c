//! Files that are not what was written: bits turned, blocks zeroed or exchanged, ends cut off. Whatever is asked then gives the answer
//! that the whole files give, or an error.

use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};
use std::{env, thread};

use vectlite::{
    BulkOptions, Database, Error, ErrorKind, FieldType, Filter, Include, OpenOptions, Record, SearchRequest,
    Value, VerifyOptions, verify,
};
use vectlite_tests::random::Random;

/// How often a file is damaged in each way, unless the environment says otherwise.
const TIMES: u64 = 12;
/// Longest that opening a damaged database and reading all of it may take; usually it is some 20 ms.
const LONGEST: Duration = Duration::from_secs(20);
const BLOCK: usize = 4096;
const DIMENSION: usize = 12;
const WORDS: [&str; 12] =
    ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu"];
const RECORDS: u64 = 420;

/// Ways to damage a file.
const WAYS: [&str; 4] = ["bit", "zeros", "cut", "swap"];

fn record(number: u64) -> Record {
    let random = &mut Random::new(number);
    let vector: Vec<f32> = (0..DIMENSION).map(|_| random.below(2000) as f32 / 1000.0 - 1.0).collect();
    let words: Vec<&str> = (0..3 + random.below(9)).map(|_| WORDS[random.below(12) as usize]).collect();
    let record = Record::new(format!("record-{number:04}"))
        .namespace(["", "letters", "numbers"][random.below(3) as usize])
        .vector(vector)
        .text(format!("common {}", words.join(" ")))
        .metadata([
            ("number", Value::from(number as i64)),
            ("kind", Value::from(WORDS[random.below(4) as usize])),
            ("even", Value::from(number.is_multiple_of(2))),
            ("note", Value::from(words.join(" "))),
        ]);
    match number % 5 {
        0 => record.ttl(1e9),
        1 => record.vector_in("small", [number as f32, 1.0, -2.0]),
        2 => record.sparse([("learned", number as f32)]),
        _ => record,
    }
}

/// Every kind of value that there is in a file, written by several checkpoints; a graph and its image; and with `unflushed`
/// commits in the log.
fn write(path: &Path, unflushed: bool) {
    let db = Database::open(path, OpenOptions::new().dimension(DIMENSION)).unwrap();
    for (field, kind) in [
        ("number", FieldType::Numeric),
        ("kind", FieldType::Keyword),
        ("even", FieldType::Bool),
        ("note", FieldType::Text),
    ] {
        db.create_index(field, kind).unwrap();
    }
    let mut load = db.bulk_load(BulkOptions::new().batch_size(100)).unwrap();
    for number in 0..RECORDS {
        load.push(record(number)).unwrap();
    }
    load.finish().unwrap();
    db.flush().unwrap();
    for number in (0..RECORDS).step_by(17) {
        let record = record(number);
        db.delete(&record.id, Some(&record.namespace)).unwrap();
    }
    // Closed, so that the log holds what follows and nothing older.
    db.close().unwrap();
    let db = Database::open(path, OpenOptions::new()).unwrap();
    for number in (0..RECORDS).step_by(7) {
        db.upsert(record(number)).unwrap();
    }
    if unflushed {
        // The log gets the published numbers at most once a millisecond.
        thread::sleep(Duration::from_millis(5));
        db.upsert(record(RECORDS)).unwrap();
        for name in ["a.vdb", "a.vdb.wal", "a.vdb.ann", "a.vdb.lock"] {
            let copy = path.parent().unwrap().join("killed");
            fs::create_dir_all(&copy).unwrap();
            fs::copy(path.with_file_name(name), copy.join(name)).unwrap();
        }
    }
    db.close().unwrap();
}

/// The files of a database, in memory.
struct Files(BTreeMap<&'static str, Vec<u8>>);

impl Files {
    fn new(unflushed: bool) -> Files {
        let directory = tempfile::tempdir().unwrap();
        write(&directory.path().join("a.vdb"), unflushed);
        let from = if unflushed { directory.path().join("killed") } else { directory.path().to_owned() };
        let names = ["a.vdb", "a.vdb.wal", "a.vdb.ann", "a.vdb.lock"];
        Files(names.map(|name| (name, fs::read(from.join(name)).unwrap())).into())
    }

    fn put(&self, directory: &Path, damaged: &str, content: &[u8]) -> PathBuf {
        for (name, bytes) in &self.0 {
            fs::write(directory.join(name), if *name == damaged { content } else { bytes }).unwrap();
        }
        directory.join("a.vdb")
    }
}

/// One question, and its answer as text.
type Answers = Vec<(String, Result<String, Error>)>;

fn answer<T: std::fmt::Debug>(result: vectlite::Result<T>) -> Result<String, Error> {
    result.map(|value| format!("{value:?}"))
}

/// Everything that can be asked of the database in many ways.
fn ask(db: &Database) -> Answers {
    let mut answers: Answers = Vec::new();
    let mut put = |question: String, result| answers.push((question, result));
    put("list".to_owned(), answer(db.list(None, None, 0, 0)));
    put("count".to_owned(), answer(db.count(None, None)));
    put("namespaces".to_owned(), answer(db.namespaces()));
    for number in 0..=RECORDS {
        let record = record(number);
        put(format!("get {number}"), answer(db.get(&record.id, Some(&record.namespace))));
    }
    let filters = [
        Filter::gte("number", 300),
        Filter::lt("number", 12),
        Filter::eq("kind", "beta"),
        Filter::eq("even", true),
        Filter::contains("note", "kappa"),
    ];
    for filter in &filters {
        put(format!("count {filter:?}"), answer(db.count(None, Some(filter))));
        put(format!("list {filter:?}"), answer(db.list(None, Some(filter), 0, 0)));
    }
    let hits = |request: SearchRequest| answer(db.search(&request).map(|found| found.hits));
    for word in WORDS.into_iter().chain(["common", "learned", "absent", "al*", "\"alpha beta\""]) {
        put(format!("text {word}"), hits(SearchRequest::new().text(word).k(50).all_namespaces(true)));
    }
    for number in [3, 77, 333] {
        let query = record(number).vector.unwrap();
        let request = SearchRequest::new()
            .vector(query.clone())
            .k(30)
            .all_namespaces(true)
            .include(Include::default().vector(true));
        put(format!("exact {number}"), hits(request.clone().exact(true)));
        put(
            format!("hybrid {number}"),
            hits(request.text("beta gamma").exact(true).filter(filters[0].clone())),
        );
        let small = SearchRequest::new().vector([1.0, number as f32, 0.5]).vector_name("small");
        put(format!("small {number}"), hits(small.k(20).all_namespaces(true)));
    }
    answers
}

/// What a graph finds: which of the nearest may differ, how near they are may not.
fn ask_graph(db: &Database) -> Vec<Result<Vec<(String, u64)>, Error>> {
    let mut found = Vec::new();
    for number in 0..40 {
        let request = SearchRequest::new().vector(record(number * 9 + 1).vector.unwrap()).k(10);
        let response = db.search(&request.all_namespaces(true));
        found.push(
            response.map(|found| found.hits.into_iter().map(|hit| (hit.id, hit.score.to_bits())).collect()),
        );
    }
    found
}

fn expected_scores(db: &Database) -> Vec<BTreeMap<String, u64>> {
    let mut all = Vec::new();
    for number in 0..40 {
        let request = SearchRequest::new().vector(record(number * 9 + 1).vector.unwrap()).k(1000).exact(true);
        let hits = db.search(&request.all_namespaces(true)).unwrap().hits;
        all.push(hits.into_iter().map(|hit| (hit.id, hit.score.to_bits())).collect());
    }
    all
}

/// Damages bytes within a range, in the way of that name; says how.
fn damage(bytes: &mut Vec<u8>, within: Range<usize>, way: &str, random: &mut Random) -> String {
    let blocks = (within.end - within.start).div_ceil(BLOCK) as u64;
    let block = |random: &mut Random| within.start + random.below(blocks) as usize * BLOCK;
    match way {
        "bit" => {
            // A page first, then a place in it: its head as often as all the rest.
            let page = block(random);
            let room = if random.below(2) == 0 { 64 } else { BLOCK as u64 };
            let (at, bit) = ((page + random.below(room) as usize).min(bytes.len() - 1), random.below(8));
            bytes[at] ^= 1 << bit;
            format!("bit {bit} of byte {at}")
        }
        "zeros" => {
            let page = block(random);
            let end = (page + BLOCK).min(bytes.len());
            bytes[page..end].fill(0);
            format!("zeros from {page} to {end}")
        }
        "cut" => {
            let len = within.start + random.below((within.end - within.start) as u64) as usize;
            bytes.truncate(len);
            format!("cut to {len} bytes")
        }
        _ => {
            let (left, right) = (block(random), block(random));
            let len = BLOCK.min(bytes.len() - left).min(bytes.len() - right);
            let copy = bytes[left..left + len].to_vec();
            bytes.copy_within(right..right + len, left);
            bytes[right..right + len].copy_from_slice(&copy);
            format!("blocks at {left} and {right} exchanged")
        }
    }
}

#[derive(Debug, Default)]
struct Tally {
    /// Nothing that was asked was touched by it.
    harmless: u64,
    refused_at_open: u64,
    /// Some answers were errors, the others right.
    met: u64,
    wrong: u64,
}

/// How damage is told of.
fn assert_told(error: &Error, how: &str) {
    let kinds = [ErrorKind::Corruption, ErrorKind::UnsupportedFormat];
    assert!(kinds.contains(&error.kind()), "{how}: {:?}: {error}", error.kind());
}

fn times() -> (u64, u64) {
    let times = env::var("VECTLITE_DAMAGE").map_or(TIMES, |times| times.parse().unwrap());
    let seed = env::var("VECTLITE_DAMAGE_SEED").map_or_else(
        |_| SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs(),
        |seed| seed.parse().unwrap(),
    );
    println!("VECTLITE_DAMAGE={times} VECTLITE_DAMAGE_SEED={seed}");
    (times, seed)
}

/// Asks everything of a damaged database, in time and without a panic.
fn look(
    path: &Path,
    options: OpenOptions,
    how: &str,
    expected: &Answers,
    tally: &mut Tally,
) -> Option<Database> {
    let started = Instant::now();
    let looked = catch_unwind(AssertUnwindSafe(|| match Database::open(path, options) {
        Ok(db) => {
            let answers = ask(&db);
            Ok((db, answers))
        }
        Err(error) => Err(error),
    }));
    let looked = looked.unwrap_or_else(|_| panic!("{how}: a panic crossed the façade"));
    assert!(started.elapsed() < LONGEST, "{how}: {:?}", started.elapsed());
    let (db, answers) = match looked {
        Ok(looked) => looked,
        Err(error) => {
            assert_told(&error, how);
            tally.refused_at_open += 1;
            return None;
        }
    };
    let (mut errors, mut wrong) = (0, Vec::new());
    for ((question, found), (_, expected)) in answers.iter().zip(expected) {
        match found {
            Ok(found) if Some(found) == expected.as_ref().ok() => {}
            Ok(found) => wrong.push((question, found)),
            Err(error) => {
                assert_told(error, how);
                errors += 1;
            }
        }
    }
    if let Some((question, found)) = wrong.first() {
        let shown: String = found.chars().take(300).collect();
        println!("WRONG: {how}: {} answers, the first to {question}: {shown}", wrong.len());
        tally.wrong += 1;
    } else if errors > 0 {
        tally.met += 1;
    } else {
        tally.harmless += 1;
    }
    Some(db)
}

fn expected(files: &Files) -> Answers {
    let directory = tempfile::tempdir().unwrap();
    let db = Database::open(files.put(directory.path(), "", &[]), OpenOptions::new()).unwrap();
    let answers = ask(&db);
    assert!(answers.iter().all(|(_, answer)| answer.is_ok()), "{answers:?}");
    answers
}

/// Damages a file in every way, again and again, and asks everything: opened as usual, and with `verify`.
fn damage_and_look(
    files: &Files,
    name: &'static str,
    within: Range<usize>,
    (times, seed): (u64, u64),
) -> [Tally; 2] {
    let (whole, expected) = (&files.0[name], expected(files));
    let mut random = Random::new(seed);
    let (mut default, mut verified) = (Tally::default(), Tally::default());
    for round in 0..times {
        for way in WAYS {
            let mut bytes = whole.clone();
            let how = damage(&mut bytes, within.clone(), way, &mut random);
            let directory = tempfile::tempdir().unwrap();
            let options = OpenOptions::new().read_only(round % 2 == 0);
            let path = files.put(directory.path(), name, &bytes);
            drop(look(&path, options.clone(), &format!("default, {how}"), &expected, &mut default));
            let path = files.put(directory.path(), name, &bytes);
            drop(look(&path, options.verify(true), &format!("verify, {how}"), &expected, &mut verified));
        }
    }
    println!("default: {default:?}\nverify: {verified:?}");
    [default, verified]
}

#[test]
fn a_damaged_vdb_gives_no_other_answer() {
    let (times, seed) = times();
    let files = Files::new(false);
    let len = files.0["a.vdb"].len();
    let [default, verified] = damage_and_look(&files, "a.vdb", 0..len, (times, seed));
    assert_eq!(default.wrong, 0, "seed {seed}");
    assert_eq!((verified.wrong, verified.met), (0, 0), "seed {seed}: what verify let pass");
}

#[test]
fn a_damaged_log_gives_no_other_answer() {
    let (times, seed) = times();
    let files = Files::new(true);
    // Behind the last commit there are zeros ahead of use.
    let used = files.0["a.vdb.wal"].iter().rposition(|byte| *byte != 0).unwrap() + 1;
    let [default, verified] = damage_and_look(&files, "a.vdb.wal", 0..used, (times, seed));
    assert_eq!((default.wrong, verified.wrong), (0, 0), "seed {seed}");
}

#[test]
fn a_damaged_image_costs_candidates_and_no_score() {
    let (times, seed) = times();
    let files = Files::new(false);
    let (whole, expected) = (&files.0["a.vdb.ann"], expected(&files));
    let directory = tempfile::tempdir().unwrap();
    let db = Database::open(files.put(directory.path(), "", &[]), OpenOptions::new()).unwrap();
    let scores = expected_scores(&db);
    drop(db);
    let mut random = Random::new(seed);
    let (mut default, mut verified) = (Tally::default(), Tally::default());
    for round in 0..times {
        for way in WAYS {
            let mut bytes = whole.clone();
            let how = damage(&mut bytes, 0..whole.len(), way, &mut random);
            let directory = tempfile::tempdir().unwrap();
            let options = OpenOptions::new().read_only(round % 2 == 0).low_memory(round % 4 < 2);
            let path = files.put(directory.path(), "a.vdb.ann", &bytes);
            if let Some(db) =
                look(&path, options.clone(), &format!("default, {how}"), &expected, &mut default)
            {
                for (found, scores) in ask_graph(&db).into_iter().zip(&scores) {
                    let found = found.unwrap_or_else(|error| panic!("{how}: {error}"));
                    for (id, score) in &found {
                        assert_eq!(scores.get(id), Some(score), "{how}: the score of {id}");
                    }
                    assert_eq!(found.len(), 10, "{how}");
                }
            }
            let path = files.put(directory.path(), "a.vdb.ann", &bytes);
            drop(look(&path, options.verify(true), &format!("verify, {how}"), &expected, &mut verified));
        }
    }
    println!("default: {default:?}\nverify: {verified:?}");
    assert_eq!((default.wrong, default.refused_at_open, default.met), (0, 0, 0), "seed {seed}");
    assert_eq!((verified.wrong, verified.met), (0, 0), "seed {seed}");
}

/// Wherever a file was cut off, `verify` says that it is damaged, and not that the medium would not be read.
#[test]
fn a_file_that_ends_too_early_is_damaged() {
    let files = Files::new(true);
    let directory = tempfile::tempdir().unwrap();
    for name in ["a.vdb", "a.vdb.wal", "a.vdb.ann"] {
        let whole = &files.0[name];
        let inside = [1, 11, 12, 54, 100, 4095, 4096, 4097, 12_288, 16_384, 20_480, 20_500];
        for len in
            inside.into_iter().chain([whole.len() / 2, whole.len() - 1]).filter(|len| *len < whole.len())
        {
            let path = files.put(directory.path(), name, &whole[..len]);
            let how = format!("{name} of {len} bytes");
            if let Err(error) = Database::open(&path, OpenOptions::new().read_only(true).verify(true)) {
                assert_told(&error, &how);
            }
            match verify(&path, &VerifyOptions::new()) {
                Ok(report) => {
                    let of = |problem: &vectlite::Problem| problem.kind == ErrorKind::Corruption;
                    assert!(report.problems.iter().all(of), "{how}: {report:?}");
                }
                Err(error) => assert_told(&error, &how),
            }
        }
    }
}

/// What can be read of a damaged database is in the one that `repair_to` writes, and nothing else; and that one is sound.
#[test]
fn what_is_left_is_saved() {
    let (times, seed) = times();
    let files = Files::new(false);
    let whole = &files.0["a.vdb"];
    let directory = tempfile::tempdir().unwrap();
    let db =
        Database::open(files.put(directory.path(), "", &[]), OpenOptions::new().read_only(true)).unwrap();
    let records: BTreeMap<(String, String), Record> = db
        .list(None, None, 0, 0)
        .unwrap()
        .into_iter()
        .map(|record| ((record.namespace.clone(), record.id.clone()), record))
        .collect();
    drop(db);
    let mut random = Random::new(seed);
    let (mut hopeless, mut saved, mut incomplete, mut lost) = (0, 0, 0, 0);
    for _ in 0..times.div_ceil(4) {
        for way in WAYS {
            let mut bytes = whole.clone();
            let how = damage(&mut bytes, 0..whole.len(), way, &mut random);
            let directory = tempfile::tempdir().unwrap();
            let path = files.put(directory.path(), "a.vdb", &bytes);
            let dest = directory.path().join("saved.vdb");
            let report = match verify(&path, &VerifyOptions::new().deep(true).repair_to(&dest)) {
                Ok(report) => report,
                Err(error) => {
                    assert_told(&error, &how);
                    hopeless += 1;
                    continue;
                }
            };
            let repair = report.repair.as_ref().unwrap();
            let db = Database::open(&dest, OpenOptions::new().verify(true)).unwrap();
            let deep = db.verify(&VerifyOptions::new().deep(true)).unwrap();
            assert!(deep.is_sound(), "{how}: {deep:?}");
            let found = db.list(None, None, 0, 0).unwrap();
            assert_eq!(found.len() as u64, repair.records, "{how}");
            let partial = |record: &Record| {
                repair.incomplete.iter().find(|of| of.id == record.id && of.namespace == record.namespace)
            };
            for record in &found {
                let expected = &records[&(record.namespace.clone(), record.id.clone())];
                match partial(record) {
                    None => assert_eq!(record, expected, "{how}"),
                    Some(partial) => {
                        let mut whole = expected.clone();
                        for missing in &partial.missing {
                            match missing.as_str() {
                                "text" => (whole.text, whole.sparse) = (None, None),
                                "metadata" => (whole.metadata, whole.expires_at) = (Default::default(), None),
                                "\"\"" => whole.vector = None,
                                space => _ = whole.vectors.remove(space.trim_matches('"')),
                            }
                        }
                        assert_eq!(*record, whole, "{how}");
                    }
                }
            }
            if report.is_sound() {
                assert_eq!(found.len(), records.len(), "{how}: nothing is wrong, and something is missing");
            }
            saved += found.len();
            incomplete += repair.incomplete.len();
            lost += records.len() - found.len();
            assert_eq!(db.list_indexes().unwrap().len(), 4, "{how}");
        }
    }
    println!(
        "{hopeless} hopeless; of the others {saved} records saved, {incomplete} of them incomplete; {lost} lost"
    );
    assert!(saved > 20 * lost, "{saved} saved and {lost} lost");
}

/// Two tables are damaged: the report tells of both, and of what is behind them.
#[test]
fn damage_to_one_table_hides_none_to_another() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.vdb");
    write(&path, false);
    let db = Database::open(&path, OpenOptions::new()).unwrap();
    let [words, note] = ["unmistakable ", "remarkable "].map(|word| word.repeat(2_000));
    db.upsert(Record::new("long").text(words).metadata([("long", Value::from(note))])).unwrap();
    db.close().unwrap();
    let sound = verify(&path, &VerifyOptions::new()).unwrap();
    let mut bytes = fs::read(&path).unwrap();
    for text in ["unmistakable unmistakable", "remarkable remarkable"] {
        let at = bytes.windows(text.len()).position(|window| window == text.as_bytes()).unwrap();
        bytes[at] ^= 0xff;
    }
    fs::write(&path, bytes).unwrap();
    let report = verify(&path, &VerifyOptions::new()).unwrap();
    for table in ["records", "documents"] {
        let named = format!("table \"{table}\"");
        assert!(report.problems.iter().any(|problem| problem.what.contains(&named)), "{table}: {report:?}");
    }
    // Of each of the other tables every value is read.
    let hidden = sound.values - report.values;
    assert!(hidden <= 2 * (RECORDS + 2), "{} of {} values", report.values, sound.values);
    assert!(report.values > 0 && report.bytes > 0);
}
