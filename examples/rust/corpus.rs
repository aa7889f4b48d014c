//! The texts and questions of `examples/data`, with their vectors.

use std::error::Error;
use std::fs;
use std::path::Path;

use serde_json::Value as Json;

/// The length of every vector in `examples/data`: what all-MiniLM-L6-v2 produces.
pub(crate) const DIMENSION: usize = 384;

/// One text: a WordNet synset with its definition.
pub(crate) struct Text {
    pub(crate) id: String,
    pub(crate) text: String,
    pub(crate) pos: String,
    pub(crate) lexname: String,
    pub(crate) vector: Vec<f32>,
}

impl Text {
    /// The first word that the text defines: `sack` in `sack: any of various light dry strong white wine`.
    pub(crate) fn word(&self) -> &str {
        self.text.split([',', ':']).next().unwrap_or_default()
    }
}

/// One hybrid question: a vector for the meaning, words for the text side, and a filter.
pub(crate) struct Question {
    pub(crate) sentence: String,
    pub(crate) words: String,
    pub(crate) filter: Option<Json>,
    pub(crate) expected: Vec<String>,
    pub(crate) vector: Vec<f32>,
}

/// Reads `texts.jsonl` and `texts.f16.npy`.
pub(crate) fn read_texts(data: &Path) -> Result<Vec<Text>, Box<dyn Error>> {
    read_rows(data, "texts", |line, vector| {
        Ok(Text {
            id: string(line, "id")?,
            text: string(line, "text")?,
            pos: string(line, "pos")?,
            lexname: string(line, "lexname")?,
            vector,
        })
    })
}

/// Reads `queries.jsonl` and `queries.f16.npy`.
pub(crate) fn read_questions(data: &Path) -> Result<Vec<Question>, Box<dyn Error>> {
    read_rows(data, "queries", |line, vector| {
        let expected = line.get("expected").and_then(Json::as_array).ok_or("no list `expected`")?;
        Ok(Question {
            sentence: string(line, "sentence")?,
            words: string(line, "words")?,
            filter: line.get("filter").filter(|filter| !filter.is_null()).cloned(),
            expected: expected.iter().filter_map(Json::as_str).map(str::to_owned).collect(),
            vector,
        })
    })
}

/// Joins the lines of `NAME.jsonl` with the rows of `NAME.f16.npy`.
fn read_rows<T>(
    data: &Path,
    name: &str,
    row: impl Fn(&Json, Vec<f32>) -> Result<T, Box<dyn Error>>,
) -> Result<Vec<T>, Box<dyn Error>> {
    let path = data.join(format!("{name}.jsonl"));
    let lines = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let path = data.join(format!("{name}.f16.npy"));
    let vectors = read_npy(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    if lines.lines().count() != vectors.len() {
        return Err(format!("{name}: {} lines but {} vectors", lines.lines().count(), vectors.len()).into());
    }
    lines.lines().zip(vectors).map(|(line, vector)| row(&serde_json::from_str(line)?, vector)).collect()
}

fn string(line: &Json, field: &str) -> Result<String, Box<dyn Error>> {
    Ok(line
        .get(field)
        .and_then(Json::as_str)
        .ok_or_else(|| format!("no string `{field}` in {line}"))?
        .to_owned())
}

/// Reads a two-dimensional `.npy` file of little-endian float16 with `DIMENSION` columns.
///
/// Layout (NEP 1, version 1.0): `\x93NUMPY`, two version bytes, u16 header length, the header (a Python dict that
/// names type and shape), then the rows.
fn read_npy(path: &Path) -> Result<Vec<Vec<f32>>, Box<dyn Error>> {
    let bytes = fs::read(path)?;
    let (start, rest) = bytes.split_first_chunk::<10>().ok_or("too short for .npy")?;
    let [magic @ .., low, high] = *start;
    if magic != *b"\x93NUMPY\x01\x00" {
        return Err("not .npy version 1.0".into());
    }
    let (header, rows) =
        rest.split_at_checked(usize::from(u16::from_le_bytes([low, high]))).ok_or("cut inside its header")?;
    let header = String::from_utf8_lossy(header);
    if !header.contains("'<f2'") || !header.contains(&format!(", {DIMENSION})")) {
        return Err(format!("expected float16 rows of {DIMENSION}, found {}", header.trim_end()).into());
    }
    let values: Vec<f32> =
        rows.as_chunks::<2>().0.iter().map(|bits| widen(u16::from_le_bytes(*bits))).collect();
    Ok(values.chunks_exact(DIMENSION).map(<[f32]>::to_vec).collect())
}

/// float16 → float32, exact for every finite number.
///
/// Moving the 15 bits of exponent and fraction to their float32 places leaves the exponent too small by the
/// difference of the biases, 127 − 15 = 112; a multiplication by 2^112 puts it right, for subnormal numbers too.
/// (Infinity and NaN would come out as large numbers; an embedding has none.)
fn widen(bits: u16) -> f32 {
    const TWO_TO_112: f32 = f32::from_bits((112 + 127) << 23);
    let sign = u32::from(bits & 0x8000) << 16;
    let magnitude = u32::from(bits & 0x7fff) << 13;
    f32::from_bits(sign | magnitude) * TWO_TO_112
}

#[cfg(test)]
mod tests {
    use super::widen;

    #[test]
    fn widen_is_exact() {
        // Values from the table of IEEE 754 binary16: one, a third, largest, smallest normal and subnormal, zeros.
        for (bits, value) in [
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x3555, 0.333_251_95),
            (0x7bff, 65_504.0),
            (0x0400, 6.103_515_6e-5),
            (0x0001, 5.960_464_5e-8),
            (0x8000, -0.0),
        ] {
            assert_eq!(widen(bits).to_bits(), f32::to_bits(value), "{bits:#06x}");
        }
    }
}
