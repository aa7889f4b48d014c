//! What a benchmark asks: stored vectors, and words of stored texts.
//!
//! A query is the vector of a record as it is, and the record itself is left out of what is compared. A vector that was moved a little would
//! need a distance to move it by that nobody can tell for somebody else's data; a stored one lies where the data lie.

use fastrand::Rng;
use vectlite::Record;

use crate::failure::Outcome;

/// Words of a query, of those that follow each other in a text: as many as people type.
const WORDS: usize = 3;

/// What is asked.
#[derive(Debug, Default)]
pub(crate) struct Sample {
    pub(crate) queries: Vec<Query>,
    pub(crate) texts: Vec<String>,
}

/// The vector of a record in the default space.
#[derive(Debug)]
pub(crate) struct Query {
    pub(crate) namespace: String,
    pub(crate) id: String,
    pub(crate) vector: Vec<f32>,
}

impl Sample {
    /// At most `most` vectors and as many texts, each record as likely as any other (algorithm R: J. Vitter, "Random Sampling with a
    /// Reservoir", 1985), in one pass.
    pub(crate) fn of(
        records: impl Iterator<Item = Outcome<Record>>,
        most: usize,
        random: &mut Rng,
        mut looked_at: impl FnMut(),
    ) -> Outcome<Sample> {
        let mut sample = Sample::default();
        let (mut vectors, mut texts) = (0, 0);
        for record in records {
            let record = record?;
            looked_at();
            if let Some(words) = record.text.and_then(|text| words(&text, random)) {
                if let Some(place) = place(texts, most, random) {
                    put(&mut sample.texts, place, words);
                }
                texts += 1;
            }
            let norm = record.vector.iter().flatten().any(|component| *component != 0.0);
            if let Some(vector) = record.vector.filter(|_| norm) {
                if let Some(place) = place(vectors, most, random) {
                    put(
                        &mut sample.queries,
                        place,
                        Query { namespace: record.namespace, id: record.id, vector },
                    );
                }
                vectors += 1;
            }
        }
        Ok(sample)
    }
}

/// Where the next one of `before` others stands in the reservoir, if it gets in.
fn place(before: usize, most: usize, random: &mut Rng) -> Option<usize> {
    if before < most {
        return Some(before);
    }
    Some(random.usize(..=before)).filter(|place| *place < most)
}

fn put<T>(reservoir: &mut Vec<T>, place: usize, item: T) {
    match reservoir.get_mut(place) {
        Some(old) => *old = item,
        None => reservoir.push(item),
    }
}

/// A few words that follow each other; without the signs that mean something in a query.
fn words(text: &str, random: &mut Rng) -> Option<String> {
    let words: Vec<&str> =
        text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let last = words.len().checked_sub(1)?.saturating_sub(WORDS - 1);
    let first = random.usize(..=last);
    Some(words.iter().skip(first).take(WORDS).copied().collect::<Vec<_>>().join(" "))
}
