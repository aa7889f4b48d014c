//! The texts of `examples/data` with their vectors.

use std::fs;
use std::path::Path;

use serde::Deserialize;

pub(super) const DIMENSION: usize = 384;

/// One text.
#[derive(Deserialize)]
pub(super) struct Text {
    pub(super) id: String,
    pub(super) text: String,
    pub(super) pos: String,
    pub(super) lexname: String,
    #[serde(skip)]
    pub(super) vector: Vec<f32>,
}

/// All of them, line n with row n.
pub(super) fn texts() -> Vec<Text> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/data");
    let lines = fs::read_to_string(data.join("texts.jsonl")).unwrap();
    let mut texts: Vec<Text> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let rows = fs::read(data.join("texts.f16.npy")).unwrap();
    // NEP 1, version 1.0: magic, version, u16 length of the header, the header, the rows.
    let (start, rest) = rows.split_first_chunk::<10>().unwrap();
    assert_eq!(start[..8], *b"\x93NUMPY\x01\x00");
    let (header, rows) = rest.split_at(usize::from(u16::from_le_bytes([start[8], start[9]])));
    assert!(String::from_utf8_lossy(header).contains("'<f2'"));
    let numbers: Vec<f32> =
        rows.as_chunks::<2>().0.iter().map(|bits| widen(u16::from_le_bytes(*bits))).collect();
    assert_eq!(numbers.len(), texts.len() * DIMENSION);
    for (text, row) in texts.iter_mut().zip(numbers.chunks_exact(DIMENSION)) {
        text.vector = row.to_vec();
    }
    texts
}

/// float16 → float32, exact for finite numbers: the bits move to their places, and 2^112 makes up for the biases.
fn widen(bits: u16) -> f32 {
    const TWO_TO_112: f32 = f32::from_bits((112 + 127) << 23);
    let magnitude = f32::from_bits(u32::from(bits & 0x7fff) << 13) * TWO_TO_112;
    if bits & 0x8000 == 0 { magnitude } else { -magnitude }
}
