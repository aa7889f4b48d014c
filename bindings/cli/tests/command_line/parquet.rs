//! Typed columns of others: what pyarrow and polars write.

use std::fs::File;
use std::sync::Arc;

use arrow_array::builder::{FixedSizeListBuilder, Float64Builder, ListBuilder, StringBuilder};
use arrow_array::types::{Int32Type, TimestampMicrosecondType};
use arrow_array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, DictionaryArray, Int64Array,
    PrimitiveArray, RecordBatch, StructArray, UInt64Array,
};
use arrow_schema::{DataType, Field};
use parquet::arrow::ArrowWriter;
use serde_json::json;

use super::folder::Folder;

/// 2024-01-31 12:00, in microseconds and in days since 1970.
const NOON: i64 = 1_706_702_400_000_000;
const DAY: i32 = 19_753;

fn write(folder: &Folder, name: &str, columns: Vec<(&str, ArrayRef)>) {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut writer =
        ArrowWriter::try_new(File::create(folder.path(name)).unwrap(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

fn ids(numbers: [i64; 2]) -> (&'static str, ArrayRef) {
    ("key", Arc::new(Int64Array::from(numbers.to_vec())))
}

#[test]
fn typed_columns_become_records() {
    let folder = Folder::new();
    let mut vectors = FixedSizeListBuilder::new(Float64Builder::new(), 2);
    for vector in [[1.0, 0.5], [0.0, 1.0]] {
        vectors.values().append_slice(&vector);
        vectors.append(true);
    }
    let mut tags = ListBuilder::new(StringBuilder::new());
    tags.append_value([Some("p"), None]);
    tags.append_null();
    let words: DictionaryArray<Int32Type> = [Some("one"), None].into_iter().collect();
    let number: ArrayRef = Arc::new(Int64Array::from(vec![Some(7), None]));
    let nested = StructArray::from(vec![(Arc::new(Field::new("n", DataType::Int64, true)), number)]);
    let moments = |zone: Option<&str>| -> ArrayRef {
        let moments = PrimitiveArray::<TimestampMicrosecondType>::from(vec![Some(NOON), None]);
        Arc::new(moments.with_timezone_opt(zone))
    };
    let price = Decimal128Array::from(vec![Some(1250), None]).with_precision_and_scale(10, 2).unwrap();
    write(
        &folder,
        "t.parquet",
        vec![
            ids([5, -6]),
            ("vector", Arc::new(vectors.finish())),
            ("text", Arc::new(words)),
            ("tags", Arc::new(tags.finish())),
            ("nested", Arc::new(nested)),
            ("at", moments(None)),
            ("zoned", moments(Some("Europe/Berlin"))),
            ("day", Arc::new(Date32Array::from(vec![Some(DAY), None]))),
            ("price", Arc::new(price)),
            ("flag", Arc::new(BooleanArray::from(vec![Some(true), None]))),
        ],
    );
    let import = ["import", "t.vdb", "t.parquet", "--id-column", "key"];
    assert_eq!(folder.answer(&import)["imported"], 2);
    let lines = folder.run(&["list", "t.vdb"]).lines();
    assert_eq!(lines[0]["id"], "-6");
    assert_eq!(lines[0]["metadata"], json!({"nested": {"n": null}}));
    assert!(lines[0].get("text").is_none());
    assert_eq!((&lines[1]["vector"], &lines[1]["text"]), (&json!([1.0, 0.5]), &json!("one")));
    let expected = json!({
        "tags": ["p", null], "nested": {"n": 7}, "at": "2024-01-31T12:00:00", "zoned": "2024-01-31T12:00:00Z", "day": "2024-01-31",
        "price": 12.5, "flag": true
    });
    assert_eq!(lines[1]["metadata"], expected);
}

#[test]
fn what_has_no_place_is_told_with_its_row() {
    let folder = Folder::new();
    let none = || ("note", Arc::new(BinaryArray::from(vec![None, Some(b"x".as_ref())])) as ArrayRef);
    write(&folder, "b.parquet", vec![ids([1, 2]), none()]);
    let import = ["import", "t.vdb", "b.parquet", "--id-column", "key", "--dimension", "2"];
    let run = folder.run(&import);
    assert!(
        run.refused(&import).starts_with("b.parquet:2: note: values of type Binary have no place"),
        "{}",
        run.stderr
    );
    let large = Arc::new(UInt64Array::from(vec![0, u64::MAX]));
    write(&folder, "b.parquet", vec![ids([1, 2]), ("n", large)]);
    let run = folder.run(&import);
    assert!(run.refused(&import).starts_with("b.parquet:2: n: expected an integer up to"), "{}", run.stderr);
    let run = folder.run(&import[..5]);
    assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
    let text = Arc::new(Int64Array::from(vec![1, 2]));
    write(&folder, "b.parquet", vec![ids([1, 2]), ("vector", text)]);
    let run = folder.run(&import);
    assert!(
        run.refused(&import).starts_with("b.parquet:1: vector: expected a list of numbers, got Int64"),
        "{}",
        run.stderr
    );
    // The footer of a whole file and not its pages: cut in the middle.
    let bytes = std::fs::read(folder.path("b.parquet")).unwrap();
    for at in (0..bytes.len()).step_by(7) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0xff;
        folder.write("d.parquet", &damaged);
        let arguments = ["import", "d.vdb", "d.parquet", "--id-column", "key", "--dimension", "2"];
        let run = folder.run(&arguments);
        if run.code != 0 {
            run.refused(&arguments);
        }
    }
}
