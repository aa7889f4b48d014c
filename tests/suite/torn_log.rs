//! A log that ends anywhere: what a killed process or a power cut leaves, cut at every byte of its last commits.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use vectlite::{Database, ErrorKind, OpenOptions, Record, Value};

/// The layout of the log, as its module documentation has it: published numbers in two places (with the zeros between), first segment,
/// record header.
const PUBLISHED: Range<usize> = 12288..16448;
const SEGMENTS_OFFSET: usize = 20480;
const RECORD_HEADER_BYTES: usize = 17;
const END: u8 = 2;

const COMMITS: u64 = 20;
/// The commits in whose bytes the log is cut.
const TORN: u64 = 3;

fn record(number: u64) -> Record {
    Record::new(format!("r{number}"))
        .vector([number as f32 + 1.0, 1.0, 0.0])
        .text(format!("word w{number}"))
        .metadata([("number", Value::from(number as i64))])
}

/// What a killed writer leaves after 20 commits.
struct Remains {
    vdb: Vec<u8>,
    log: Vec<u8>,
    /// The published numbers as they were before the last three.
    published_before: Vec<u8>,
    /// Where each commit ends in the log; the first of them is commit 1.
    ends: Vec<usize>,
}

impl Remains {
    fn new() -> Remains {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.vdb");
        let db = Database::open(&path, OpenOptions::new().dimension(3)).unwrap();
        let mut published_before = Vec::new();
        for number in 1..=COMMITS {
            if number == COMMITS {
                // The log gets the published numbers at most once a millisecond: now again.
                std::thread::sleep(std::time::Duration::from_millis(2));
            }
            db.upsert(record(number)).unwrap();
            if number == COMMITS - TORN {
                published_before = fs::read(db.wal_path()).unwrap()[PUBLISHED].to_vec();
            }
        }
        // The database is open: nothing of this is a checkpoint's work.
        let (vdb, log) = (fs::read(&path).unwrap(), fs::read(db.wal_path()).unwrap());
        let ends = ends(&log);
        assert_eq!(ends.len() as u64, COMMITS);
        Remains { vdb, log, published_before, ends }
    }

    /// Where the bytes begin that are cut away one by one, and where they end.
    fn torn(&self) -> Range<usize> {
        self.ends[(COMMITS - TORN) as usize - 1]..self.ends[COMMITS as usize - 1]
    }

    /// The log as it was before the last three commits were acknowledged: published numbers are behind.
    fn unacknowledged(&self) -> Vec<u8> {
        let mut log = self.log.clone();
        log[PUBLISHED].copy_from_slice(&self.published_before);
        log
    }

    /// How many commits are whole in a torn log. A commit whose last bytes were zeros anyway is not hurt by zeros.
    fn whole(&self, log: &[u8]) -> u64 {
        let whole = |end: usize| log.get(SEGMENTS_OFFSET..end) == self.log.get(SEGMENTS_OFFSET..end);
        self.ends.iter().filter(|end| whole(**end)).count() as u64
    }

    fn put(&self, directory: &Path, log: &[u8]) -> PathBuf {
        let path = directory.join("a.vdb");
        fs::write(&path, &self.vdb).unwrap();
        fs::write(directory.join("a.vdb.wal"), log).unwrap();
        path
    }
}

/// Walks through the records of the first segment.
fn ends(log: &[u8]) -> Vec<usize> {
    let (mut at, mut ends) = (SEGMENTS_OFFSET, Vec::new());
    while let Some(header) = log.get(at..at + RECORD_HEADER_BYTES) {
        let len = u32::from_le_bytes(header[4..8].try_into().unwrap()) as usize;
        let commit = u64::from_le_bytes(header[8..16].try_into().unwrap());
        if commit != ends.len() as u64 + 1 {
            break;
        }
        at += RECORD_HEADER_BYTES + len;
        if header[16] == END {
            ends.push(at);
        }
    }
    ends
}

/// The two shapes of a torn end: the file is shorter, or its new bytes were never written.
fn torn_ends(log: &[u8], cut: usize) -> [(&'static str, Vec<u8>); 2] {
    let shorter = log[..cut].to_vec();
    let mut zeros = log.to_vec();
    zeros[cut..].fill(0);
    [("the file ends", shorter), ("zeros follow", zeros)]
}

/// Exactly the first `commits` records, by id, by term and by vector.
fn assert_holds(db: &Database, commits: u64, state: &str) {
    assert_eq!(db.commit_id().unwrap(), commits, "{state}");
    let mut expected: Vec<Record> = (1..=commits).map(record).collect();
    expected.sort_by(|left, right| left.id.cmp(&right.id));
    assert_eq!(db.list(None, None, 0, 0).unwrap(), expected, "{state}");
    let by_word = vectlite::SearchRequest::new().text("word").k(100);
    assert_eq!(db.search(&by_word).unwrap().hits.len() as u64, commits, "{state}");
    let by_vector = vectlite::SearchRequest::new().vector([1.0, 0.0, 0.0]).k(100);
    assert_eq!(db.search(&by_vector).unwrap().hits.len() as u64, commits, "{state}");
}

#[test]
fn a_cut_in_what_was_durable_is_corruption() {
    let remains = Remains::new();
    let directory = tempfile::tempdir().unwrap();
    let torn = remains.torn();
    let mut told = 0;
    for cut in torn.clone() {
        for (shape, log) in torn_ends(&remains.log, cut) {
            if remains.whole(&log) == COMMITS {
                continue;
            }
            told += 1;
            let path = remains.put(directory.path(), &log);
            for read_only in [false, true] {
                let opened = Database::open(&path, OpenOptions::new().read_only(read_only));
                let kind = opened.map(drop).map_err(|error| error.kind());
                assert_eq!(kind, Err(ErrorKind::Corruption), "cut at {cut}, {shape}, read_only {read_only}");
            }
        }
    }
    assert!(told > torn.len());
    println!("{told} logs, cut at {} places in two shapes, were told", torn.len());
    let path = remains.put(directory.path(), &remains.log[..torn.end]);
    assert_holds(&Database::open(path, OpenOptions::new()).unwrap(), COMMITS, "nothing is cut");
}

#[test]
fn a_torn_tail_leaves_exactly_the_whole_commits() {
    let remains = Remains::new();
    let unacknowledged = remains.unacknowledged();
    let torn = remains.torn();
    for cut in torn.start..=torn.end {
        for (shape, log) in torn_ends(&unacknowledged, cut) {
            let state = format!("cut at {cut}, {shape}");
            let directory = tempfile::tempdir().unwrap();
            let path = remains.put(directory.path(), &log);
            let whole = remains.whole(&log);
            let db = Database::open(&path, OpenOptions::new()).unwrap_or_else(|e| panic!("{state}: {e}"));
            assert_holds(&db, whole, &state);
            // A commit after the recovery survives the next kill.
            db.upsert(record(whole + 1)).unwrap();
            let killed = tempfile::tempdir().unwrap();
            for name in ["a.vdb", "a.vdb.wal"] {
                fs::copy(directory.path().join(name), killed.path().join(name)).unwrap();
            }
            let again = Database::open(killed.path().join("a.vdb"), OpenOptions::new()).unwrap();
            assert_holds(&again, whole + 1, &format!("{state}, and one more commit"));
        }
    }
    println!("{} cuts in two shapes were recovered", torn.len() + 1);
}

/// Without a sync a power cut may keep what was shown to readers and lose all else: files in order, and a promise.
#[test]
fn a_reader_is_not_promised_what_a_power_cut_has_lost() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.vdb");
    let options = OpenOptions::new().dimension(3).sync(vectlite::SyncMode::OnFlush);
    let db = Database::open(&path, options.clone()).unwrap();
    db.upsert(record(1)).unwrap();
    db.close().unwrap();
    let left = tempfile::tempdir().unwrap();
    let keep = |name: &str| fs::copy(directory.path().join(name), left.path().join(name)).unwrap();
    for name in ["a.vdb", "a.vdb.wal"] {
        keep(name);
    }
    let db = Database::open(&path, options).unwrap();
    (2..=4).for_each(|number| db.upsert(record(number)).unwrap());
    keep("a.vdb.lock");
    let reader = Database::open(left.path().join("a.vdb"), OpenOptions::new().read_only(true)).unwrap();
    assert_holds(&reader, 1, "what was on the medium is there");
}
