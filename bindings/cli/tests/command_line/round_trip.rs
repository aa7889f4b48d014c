//! What is exported is imported to equal records, in every format. The oracle are the records themselves.

use fastrand::Rng;
use vectlite::{Metadata, Record, Value};

use super::folder::Folder;

const FORMATS: [&str; 3] = ["jsonl", "csv", "parquet"];
const RECORDS: usize = 400;

/// Texts with what tables and JSON give a meaning to, and what they leave out.
const TEXTS: [&str; 14] = [
    "",
    " ",
    "plain",
    "comma, semicolon; tab\t",
    "\"quoted\"",
    "\"",
    "line\nend",
    "\r\n",
    "\r",
    "zwölf 日本 \u{1f980}",
    "\u{feff}mark",
    "null",
    "[1, 2]",
    "\0\u{7f}",
];

fn text(random: &mut Rng) -> String {
    let one = |random: &mut Rng| TEXTS[random.usize(..TEXTS.len())];
    if random.bool() { one(random).to_owned() } else { format!("{}{}", one(random), one(random)) }
}

fn number(random: &mut Rng) -> f32 {
    match random.u8(..8) {
        0 => 0.0,
        1 => -0.0,
        2 => f32::MAX,
        3 => f32::MIN_POSITIVE / 2.0,
        _ => loop {
            let number = f32::from_bits(random.u32(..));
            if number.is_finite() {
                break number;
            }
        },
    }
}

fn value(random: &mut Rng, depth: usize) -> Value {
    match random.u8(..if depth == 0 { 8 } else { 10 }) {
        0 => Value::Null,
        1 => Value::Bool(random.bool()),
        2 => Value::Int(random.i64(..)),
        3 => Value::Int([i64::MIN, i64::MAX, (1 << 53) + 1, 0][random.usize(..4)]),
        4 => Value::Float([-0.0, 1.0, 1e300, 5e-324, 0.1, 1e16][random.usize(..6)]),
        5 => Value::Float(f64::from_bits(random.u64(..))).finite().unwrap_or(Value::Float(2.5)),
        8 => Value::List((0..random.usize(..4)).map(|_| value(random, depth - 1)).collect()),
        9 => Value::Map(metadata(random, depth - 1)),
        _ => Value::from(text(random)),
    }
}

trait Finite {
    fn finite(self) -> Option<Value>;
}

impl Finite for Value {
    fn finite(self) -> Option<Value> {
        Some(self).filter(|value| value.as_f64().is_some_and(f64::is_finite))
    }
}

fn metadata(random: &mut Rng, depth: usize) -> Metadata {
    (0..random.usize(..4)).map(|_| (text(random), value(random, depth))).collect()
}

fn record(at: usize, random: &mut Rng) -> Record {
    let mut record = Record::new(format!("{at}{}", text(random)));
    if random.bool() {
        record.namespace = text(random);
    }
    if random.u8(..4) > 0 {
        record.vector = Some((0..3).map(|_| number(random)).collect());
    }
    if random.u8(..4) == 0 {
        record = record.vector_in("title", vec![number(random), number(random)]);
    }
    if random.u8(..3) == 0 {
        record.sparse = Some(
            (0..random.usize(..3))
                .map(|_| (format!("t{}", text(random)), number(random).abs().min(1e9)))
                .collect(),
        );
    }
    if random.bool() {
        record.text = Some(text(random));
    }
    if random.u8(..3) == 0 {
        record.expires_at = Some(4e9 + random.f64() * 1e6);
    }
    record.metadata = metadata(random, 2);
    record
}

/// Bits, since 0 and -0 are equal; and all of them, in case they are not.
fn shown(record: &Record) -> String {
    format!("{record:?}")
}

#[test]
fn records_come_back_as_they_were() {
    let seed =
        std::env::var("VECTLITE_SEED").map_or_else(|_| fastrand::u64(..), |seed| seed.parse().unwrap());
    println!("VECTLITE_SEED={seed}");
    let mut random = Rng::with_seed(seed);
    let folder = Folder::new();
    let db = folder.open("a.vdb");
    db.upsert_many((0..RECORDS).map(|at| record(at, &mut random))).unwrap();
    db.close().unwrap();
    let before = folder.records("a.vdb");
    assert_eq!(before.len(), RECORDS);
    for format in FORMATS {
        let (file, copy) = (format!("a.{format}"), format!("{format}.vdb"));
        assert_eq!(folder.answer(&["export", "a.vdb", &file])["exported"], RECORDS);
        let imported = folder.answer(&["import", &copy, &file, "--dimension", "3", "--batch-size", "64"]);
        assert_eq!(imported["imported"], RECORDS, "{format}");
        for (before, after) in before.iter().zip(folder.records(&copy)) {
            assert_eq!(shown(before), shown(&after), "{format}");
        }
        // Into a database that exists, through pipes, the dimension not given.
        if format != "parquet" {
            let out = folder.run(&["export", "a.vdb", "-", "--format", format]).stdout;
            let again = ["import", &copy, "-", "--format", format];
            assert_eq!(folder.run_with(out.as_bytes(), &again).succeeded(&again).json()["records"], RECORDS);
            assert_eq!(
                folder.records(&copy).iter().map(shown).collect::<Vec<_>>(),
                before.iter().map(shown).collect::<Vec<_>>()
            );
        }
    }
}

#[test]
fn dump_is_what_import_reads() {
    let folder = Folder::new();
    folder.notes().close().unwrap();
    let dump = folder.run(&["dump", "notes.vdb"]);
    assert_eq!(dump.lines().len(), 5);
    folder.run_with(dump.stdout.as_bytes(), &["import", "copy.vdb", "-"]).succeeded(&["import"]);
    assert_eq!(folder.records("copy.vdb"), folder.records("notes.vdb"));
}

#[test]
fn a_part_is_exported() {
    let folder = Folder::new();
    folder.notes().close().unwrap();
    for format in FORMATS {
        let (file, copy) = (format!("part.{format}"), format!("{format}.vdb"));
        let export = [
            "export",
            "notes.vdb",
            &file,
            "--namespace",
            "work",
            "--filter",
            "{\"done\": true}",
            "--no-vectors",
        ];
        assert_eq!(folder.answer(&export)["exported"], 1, "{format}");
        folder.answer(&["import", &copy, &file, "--dimension", "3"]);
        let mut expected = folder.records("notes.vdb");
        expected.retain(|record| record.id == "mail");
        expected[0].vector = None;
        assert_eq!(folder.records(&copy), expected, "{format}");
    }
    assert!(!folder.names().iter().any(|name| name.contains("vectlite-export")), "{:?}", folder.names());
}
