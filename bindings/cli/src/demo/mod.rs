//! What `vectlite demo` brings along: texts with their vectors, and questions about them. Chosen by `data/choose.py`.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use vectlite::{Filter, Record, Value};

use crate::failure::{Failure, Outcome};

/// The length of every vector here: what all-MiniLM-L6-v2 produces.
pub(crate) const DIMENSION: usize = 384;
/// The notice that every copy of the texts carries.
pub(crate) const LICENSE: &str = include_str!("data/LICENSE-WORDNET");

const TEXTS: &str = include_str!("data/texts.jsonl");
const TEXT_VECTORS: &[u8] = include_bytes!("data/texts.i8");
const QUESTIONS: &str = include_str!("data/questions.jsonl");
const QUESTION_VECTORS: &[u8] = include_bytes!("data/questions.i8");

/// A definition of WordNet.
#[derive(Deserialize)]
struct Text {
    id: String,
    text: String,
    pos: String,
    lexname: String,
}

/// A question: a vector for its meaning, words for the text side, a filter, and what has to be among the first hits.
pub(crate) struct Question {
    pub(crate) sentence: String,
    pub(crate) words: String,
    pub(crate) filter: Option<Value>,
    pub(crate) expected: Vec<String>,
    pub(crate) vector: Vec<f32>,
}

#[derive(Deserialize)]
struct QuestionLine {
    sentence: String,
    words: String,
    filter: Option<Value>,
    expected: Vec<String>,
}

impl Question {
    pub(crate) fn parsed_filter(&self) -> Outcome<Option<Filter>> {
        Ok(self.filter.as_ref().map(Filter::parse).transpose()?)
    }
}

/// The texts as records.
pub(crate) fn records() -> Outcome<Vec<Record>> {
    let record = |(text, vector): (Text, Vec<f32>)| {
        let metadata = [("pos", Value::from(text.pos)), ("lexname", Value::from(text.lexname))];
        Record::new(text.id).vector(vector).text(text.text).metadata(metadata)
    };
    Ok(rows(TEXTS, TEXT_VECTORS)?.into_iter().map(record).collect())
}

/// The questions.
pub(crate) fn questions() -> Outcome<Vec<Question>> {
    let question = |(line, vector): (QuestionLine, Vec<f32>)| {
        let QuestionLine { sentence, words, filter, expected } = line;
        Question { sentence, words, filter, expected, vector }
    };
    Ok(rows(QUESTIONS, QUESTION_VECTORS)?.into_iter().map(question).collect())
}

/// Lines and their vectors.
fn rows<T: DeserializeOwned>(lines: &str, vectors: &[u8]) -> Outcome<Vec<(T, Vec<f32>)>> {
    let broken = |error| Failure::because(format!("the texts of the demo are broken: {error}"));
    let vectors = vectors.chunks_exact(size_of::<f32>() + DIMENSION).map(decoded);
    let rows = lines.lines().zip(vectors);
    rows.map(|(line, vector)| Ok((serde_json::from_str(line).map_err(broken)?, vector))).collect()
}

/// A scale and 8 bits for each component.
fn decoded(row: &[u8]) -> Vec<f32> {
    let Some((scale, codes)) = row.split_first_chunk() else { return Vec::new() };
    let scale = f32::from_le_bytes(*scale);
    codes.iter().map(|code| scale * f32::from(code.cast_signed())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_has_its_vector() {
        for (lines, vectors) in [(TEXTS, TEXT_VECTORS), (QUESTIONS, QUESTION_VECTORS)] {
            assert_eq!(vectors.len(), lines.lines().count() * (size_of::<f32>() + DIMENSION));
        }
        assert!(records().unwrap().len() >= 300);
        assert!(TEXTS.len() + TEXT_VECTORS.len() + QUESTIONS.len() + QUESTION_VECTORS.len() < 300_000);
    }
}
