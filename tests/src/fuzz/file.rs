//! What a file of records can hold that somebody imports: any bytes as JSON lines or as CSV.

use std::fmt::Debug;

use vectlite::{Record, Value};
use vectlite_cli::{read_records, write_records};

/// A file; the first byte says of which format. Each record is read, or what is wrong is told with its line; and what was read is
/// read again as it was, after it was written in either format.
pub(super) fn file(bytes: &[u8]) {
    let Some((format, bytes)) = bytes.split_first() else { return };
    let format = ["jsonl", "csv"][usize::from(format % 2)];
    let lines = bytes.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() as u64 + 1;
    let source = match read_records(format, "f", bytes) {
        Ok(source) => source,
        Err(told) => return assert_line(&told, lines),
    };
    let mut records = Vec::new();
    for read in source {
        match read {
            Ok(record) => records.push(record),
            Err(told) => assert_line(&told, lines),
        }
    }
    for format in ["jsonl", "csv"] {
        let mut written = Vec::new();
        // What no record may hold, as an id that is empty, has no place in a table.
        let fit = records.iter().filter(|record| is_fit(record));
        write_records(format, &mut written, fit.clone()).unwrap();
        let again: Vec<Record> =
            read_records(format, "w", written.as_slice()).unwrap().map(|read| read.unwrap()).collect();
        assert_eq!(shown(fit), shown(again.iter()), "{format}");
    }
}

/// `f:LINE: …`, and the line is one of the file.
fn assert_line(told: &str, lines: u64) {
    let line =
        told.strip_prefix("f:").and_then(|rest| rest.split_once(": ")).map(|(line, _)| line.parse::<u64>());
    assert!(matches!(line, Some(Ok(line)) if (1..=lines).contains(&line)), "one line of {lines}: {told:?}");
}

/// With an id, and nothing that a write would turn into something else.
fn is_fit(record: &Record) -> bool {
    let finite = record.ttl.is_none() && record.expires_at.is_none_or(f64::is_finite);
    // Deeper than what is stored.
    let json = serde_json::to_string(&record.metadata).unwrap();
    !record.id.is_empty() && finite && serde_json::from_str::<Value>(&json).is_ok()
}

/// With the signs of zeros, which are equal otherwise.
fn shown<'r>(records: impl Iterator<Item = &'r (impl Debug + 'r)>) -> Vec<String> {
    records.map(|record| format!("{record:?}")).collect()
}
