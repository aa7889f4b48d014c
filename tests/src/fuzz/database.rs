//! The small database that targets spoil, and everything that can be asked of one.

use std::path::PathBuf;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use vectlite::{
    BulkOptions, Database, Error, ErrorKind, FieldType, Filter, Include, OpenOptions, Record, SearchRequest,
    Value,
};

use crate::memory::MemoryFileSystem;
use crate::random::Random;

/// Dimension of the default space.
pub const DIMENSION: usize = 4;
/// The other space, and its dimension.
pub const OTHER: (&str, usize) = ("other", 2);
/// A table of the application's own.
const KV_TABLE: &str = "application";
/// Above what a graph needs (128), and above a full block of postings for the words that all texts have.
const RECORDS: usize = 200;

/// Where the database is.
pub fn path() -> PathBuf {
    PathBuf::from("/fuzz/a.vdb")
}

/// One of its files.
pub fn file(suffix: &str) -> PathBuf {
    let mut name = path().into_os_string();
    name.push(suffix);
    PathBuf::from(name)
}

/// The files of a database that was closed cleanly: every table has rows, there is a graph in the image, the log is empty.
#[derive(Debug)]
pub struct Base {
    /// `.vdb`.
    pub vdb: Vec<u8>,
    /// `.vdb.wal`.
    pub wal: Vec<u8>,
    /// `.vdb.ann`.
    pub ann: Vec<u8>,
    /// `.vdb.lock`.
    pub lock: Vec<u8>,
}

/// Made once.
pub static BASE: LazyLock<Base> = LazyLock::new(Base::new);

/// A record of the base by its number.
pub fn record(number: usize) -> Record {
    let mut random = Random::new(number as u64);
    let mut component = || random.below(2_000) as f32 / 1_000.0 - 1.0;
    let mut record = Record::new(format!("r{number:03}"))
        .namespace(if number.is_multiple_of(5) { "n" } else { "" })
        .vector([component(), component(), component(), 1.0])
        .text(format!("alpha beta w{} w{} gamma delta {number}", number % 7, number % 31))
        .metadata([
            ("number", Value::from(number as i64)),
            ("tag", Value::from(vec![format!("t{}", number % 9), "all".to_owned()])),
            ("flag", Value::from(number.is_multiple_of(2))),
            ("body", Value::from(format!("lorem ipsum {}", number % 11))),
        ]);
    if number.is_multiple_of(3) {
        record = record.vector_in(OTHER.0, [component(), 1.0]).sparse([("learned", 0.5), ("alpha", 0.25)]);
    }
    if number.is_multiple_of(50) {
        record = record.ttl(1e9);
    }
    record
}

/// Fills a database as the base is.
///
/// # Errors
/// None that a working one has.
pub fn fill(db: &Database) -> Result<(), Error> {
    db.bulk_ingest((0..RECORDS).map(record), BulkOptions::new(), |_| {})?;
    for (field, kind) in [
        ("number", FieldType::Numeric),
        ("tag", FieldType::Keyword),
        ("flag", FieldType::Bool),
        ("body", FieldType::Text),
    ] {
        db.create_index(field, kind)?;
    }
    for number in (0..RECORDS).step_by(20) {
        db.delete(&format!("r{number:03}"), Some("n"))?;
    }
    let mut transaction = db.transaction()?;
    for number in 0..9_u8 {
        transaction.kv_put(KV_TABLE, &format!("k{number}"), vec![number; usize::from(number) * 100])?;
    }
    transaction.commit()?;
    db.flush()
}

impl Base {
    fn new() -> Base {
        let files = MemoryFileSystem::new();
        let options = OpenOptions::new().dimension(DIMENSION).files(Arc::new(files.clone()));
        let db = Database::open(path(), options).unwrap();
        fill(&db).unwrap();
        while db.stats().unwrap().graphs.first().is_none_or(|graph| graph.tail > 0) {
            std::thread::sleep(Duration::from_millis(1));
        }
        db.close().unwrap();
        let get = |suffix: &str| files.get(file(suffix)).unwrap();
        Base { vdb: get(""), wal: get(".wal"), ann: get(".ann"), lock: get(".lock") }
    }

    /// These files.
    pub fn files(&self) -> MemoryFileSystem {
        let files = MemoryFileSystem::new();
        files.put(file(""), self.vdb.clone());
        files.put(file(".wal"), self.wal.clone());
        files.put(file(".ann"), self.ann.clone());
        files.put(file(".lock"), self.lock.clone());
        files
    }

    /// The identity of the database, which the header of the log has.
    pub fn uuid(&self) -> [u8; 16] {
        self.wal[12..28].try_into().unwrap()
    }

    /// The commit that `.vdb` holds, which the published numbers of an empty log have.
    pub fn commit(&self) -> u64 {
        u64::from_le_bytes(self.wal[12292..12300].try_into().unwrap())
    }
}

/// What damage may be told as; and nothing was told by a panic.
///
/// # Panics
/// On anything else: that is a finding.
pub fn is_told(error: &Error) {
    let kinds = [
        ErrorKind::Corruption,
        ErrorKind::UnsupportedFormat,
        // Settings and dimensions that were altered make other requests invalid.
        ErrorKind::InvalidArgument,
        ErrorKind::DimensionMismatch,
        ErrorKind::AlreadyExists,
    ];
    assert!(kinds.contains(&error.kind()), "{:?}: {error}", error.kind());
    assert!(!is_panic(error), "{error}");
}

/// Whether the façade made this error of a panic.
pub fn is_panic(error: &Error) -> bool {
    error.to_string().contains("ended in a panic")
}

/// Looks at the error of a call, if there is one.
pub type Judge = fn(&Error);

fn told<T>(judge: Judge, result: Result<T, Error>) -> Option<T> {
    result.inspect_err(judge).ok()
}

/// Opens what there is, asks for everything, writes, and opens again for reading.
pub fn use_all(files: &MemoryFileSystem) {
    let options = OpenOptions::new().files(Arc::new(files.clone()));
    let open = |options: OpenOptions| told(is_told, Database::open(path(), options));
    // First as a reader: it must not depend on what a writer mends.
    if let Some(db) = open(options.clone().read_only(true).low_memory(true)) {
        read_all(&db, is_told);
    }
    let Some(db) = open(options.clone()) else { return };
    read_all(&db, is_told);
    write_all(&db, is_told);
    read_all(&db, is_told);
    let closed = told(is_told, db.close());
    drop(db);
    if closed.is_some()
        && let Some(db) = open(options.read_only(true))
    {
        read_all(&db, is_told);
    }
}

/// Every kind of read.
pub fn read_all(db: &Database, judge: Judge) {
    let dimension = db.dimension();
    for namespace in [None, Some(""), Some("n")] {
        told(judge, db.count(namespace, None));
        let records = told(judge, db.list(namespace, None, 0, 0)).unwrap_or_default();
        for record in records.iter().step_by(37) {
            let found = told(judge, db.get(&record.id, Some(&record.namespace))).flatten();
            assert!(found.is_none_or(|found| found.id == record.id));
            told(judge, db.highlight(&record.id, "alpha \"beta w1\" w*", Some(&record.namespace)));
        }
    }
    let mut cursor = None;
    while let Some((_, Some(next))) = told(judge, db.list_cursor(None, None, 60, cursor.as_deref())) {
        cursor = Some(next);
    }
    let filters = [
        Filter::gte("number", 20).and(Filter::lt("number", 90)),
        Filter::contains("tag", "t3"),
        Filter::eq("flag", true),
        Filter::contains("body", "ipsum"),
        Filter::exists("number", false),
    ];
    for filter in &filters {
        told(judge, db.count(None, Some(filter)));
        told(judge, db.list(Some("n"), Some(filter), 5, 1));
    }
    let vector: Vec<f32> = (0..dimension.min(70_000)).map(|at| 1.0 / (at + 1) as f32).collect();
    let requests = [
        SearchRequest::new().vector(vector.as_slice()).k(10),
        SearchRequest::new().vector(vector.as_slice()).k(10).exact(true).explain(true),
        SearchRequest::new().vector(vector.as_slice()).k(3).filter(Filter::eq("flag", true)).namespace("n"),
        SearchRequest::new().vector([0.5, 1.0]).vector_name(OTHER.0).k(300),
        SearchRequest::new()
            .text("alpha w3 learned")
            .k(10)
            .include(Include::none().metadata(true).vector(true).text(true)),
        SearchRequest::new().text("\"alpha beta w1\" +gamma -w2").k(300),
        SearchRequest::new().text("w* gamme~1 delta").k(10).explain(true),
        SearchRequest::new().text("beta").vector(vector.as_slice()).k(10).mmr_lambda(0.5),
    ];
    for request in requests {
        if let Some(response) = told(judge, db.search(&request)) {
            assert!(response.hits.iter().all(|hit| hit.score.is_finite()), "{:?}", response.hits);
        }
    }
    told(judge, db.kv_get(KV_TABLE, "k1"));
    told(judge, db.kv_scan(KV_TABLE, "k"));
    told(judge, db.namespaces());
    told(judge, db.stats());
    told(judge, db.list_indexes());
    told(judge, db.tombstone_stats());
    told(judge, db.index_config());
}

/// Every kind of write.
pub fn write_all(db: &Database, judge: Judge) {
    let mut changed = record(7);
    changed.vector = Some(vec![0.5; db.dimension().min(70_000)]);
    told(judge, db.upsert(changed));
    told(judge, db.upsert(Record::new("new").namespace("new").text("alpha new")));
    told(judge, db.update_metadata("r011", [("number".to_owned(), Value::from(-1))].into(), None));
    told(judge, db.set_ttl("r012", 1e6, None));
    told(judge, db.delete("r013", None));
    told(judge, db.delete_by_filter(&Filter::eq("number", 14), None));
    let noted = || {
        let mut transaction = db.transaction()?;
        transaction.kv_put(KV_TABLE, "k1", "new")?;
        transaction.kv_delete(KV_TABLE, "k2")?;
        transaction.commit()
    };
    told(judge, noted());
    told(judge, db.flush());
    told(judge, db.compact());
}
