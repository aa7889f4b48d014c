//! What a text holds: its terms, how often, and where.

use hashbrown::{DefaultHashBuilder, HashTable};
use std::hash::BuildHasher;

use crate::positions::MAX_POSITIONS;

/// The terms of a text that is stored, ascending, each with its positions.
///
/// ```
/// use vectlite_text::Analyzer;
///
/// let occurrences = Analyzer::default().occurrences("to be or not to be");
/// let found: Vec<_> = occurrences.iter().map(|found| (found.term, found.count, found.positions)).collect();
/// assert_eq!(found[0], ("be", 2, &[1, 5][..]));
/// assert_eq!(found[3], ("to", 2, &[0, 4][..]));
/// ```
#[derive(Debug, Clone, Default)]
pub struct Occurrences {
    /// The letters of every term, each once.
    letters: String,
    /// Ascending by their letters.
    terms: Vec<Counted>,
    /// Of all terms, in their order.
    positions: Vec<u32>,
}

/// A term of a text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Occurrence<'a> {
    /// The term.
    pub term: &'a str,
    /// How often it occurs.
    pub count: u64,
    /// The number of its word at each occurrence: see [`Token`](crate::Token). Of more than [`MAX_POSITIONS`] the first ones, and one more than that.
    pub positions: &'a [u32],
}

/// A term: where its letters are, how often it occurs, and where in `positions` it begins.
#[derive(Debug, Clone, Copy)]
struct Counted {
    start: usize,
    end: usize,
    count: u64,
    first: usize,
}

impl Counted {
    fn letters(self, letters: &str) -> &str {
        letters.get(self.start..self.end).unwrap_or_default()
    }

    /// How many of its positions are kept. One more than are stored says that they are too many.
    fn kept(self) -> usize {
        usize::try_from(self.count).unwrap_or(usize::MAX).min(MAX_POSITIONS + 1)
    }
}

impl Occurrences {
    /// Ascending by term.
    pub fn iter(&self) -> impl Iterator<Item = Occurrence<'_>> {
        self.terms.iter().map(|counted| Occurrence {
            term: counted.letters(&self.letters),
            count: counted.count,
            positions: self.positions.get(counted.first..counted.first + counted.kept()).unwrap_or_default(),
        })
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }
}

/// The position of a [`Token`](crate::Token) as it is stored: a text has fewer words than bytes, and far fewer of these than 2^32.
pub fn stored_position(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}

/// Occurrences as they are met.
pub(super) struct Counter {
    letters: String,
    /// In the order in which they were first met.
    terms: Vec<Counted>,
    /// The numbers of terms, by their letters.
    numbers: HashTable<u32>,
    hasher: DefaultHashBuilder,
    /// The number of a term, and a position of it that is kept.
    places: Vec<(u32, u32)>,
}

/// Different terms for which there is room from the beginning: most texts that are stored are short, and to grow several times
/// would take as long as to count.
const TERMS: usize = 28;

impl Counter {
    /// For a text of so many bytes.
    pub(super) fn new(text_bytes: usize) -> Counter {
        Counter {
            letters: String::with_capacity(text_bytes.min(TERMS * 8)),
            terms: Vec::with_capacity(TERMS),
            numbers: HashTable::with_capacity(TERMS),
            hasher: DefaultHashBuilder::default(),
            places: Vec::with_capacity(TERMS),
        }
    }

    pub(super) fn add(&mut self, term: &str, position: usize) {
        let Counter { letters, terms, numbers, hasher, places } = self;
        let is_it = |number: &u32| {
            terms.get(*number as usize).is_some_and(|counted| counted.letters(letters) == term)
        };
        let hash = hasher.hash_one(term);
        let number = match numbers.find(hash, is_it) {
            Some(number) => *number,
            None => {
                let (number, start) = (terms.len() as u32, letters.len());
                letters.push_str(term);
                terms.push(Counted { start, end: letters.len(), count: 0, first: 0 });
                let again = |number: &u32| {
                    let term = terms.get(*number as usize).map(|counted| counted.letters(letters));
                    hasher.hash_one(term.unwrap_or_default())
                };
                numbers.insert_unique(hash, number, again);
                number
            }
        };
        if let Some(counted) = terms.get_mut(number as usize) {
            counted.count += 1;
            if counted.kept() as u64 == counted.count {
                places.push((number, stored_position(position)));
            }
        }
    }

    pub(super) fn finish(self) -> Occurrences {
        let Counter { letters, mut terms, places, .. } = self;
        // With the first letters beside it, which tell most terms apart without a look at the others.
        let mut order: Vec<(u64, u32)> = (0..)
            .zip(&terms)
            .map(|(number, counted)| (first_letters(counted.letters(&letters)), number))
            .collect();
        let of = |number: u32| terms.get(number as usize).map(|counted| counted.letters(&letters));
        order.sort_unstable_by(|left, right| left.0.cmp(&right.0).then_with(|| of(left.1).cmp(&of(right.1))));
        let mut first = 0;
        for (_, number) in &order {
            if let Some(counted) = terms.get_mut(*number as usize) {
                counted.first = first;
                first += counted.kept();
            }
        }
        let mut positions = vec![0; first];
        let mut free: Vec<usize> = terms.iter().map(|counted| counted.first).collect();
        for (number, position) in places {
            if let Some(place) = free.get_mut(number as usize) {
                if let Some(here) = positions.get_mut(*place) {
                    *here = position;
                }
                *place += 1;
            }
        }
        let terms = order.iter().filter_map(|(_, number)| terms.get(*number as usize).copied()).collect();
        Occurrences { letters, terms, positions }
    }
}

/// The first eight bytes, in an order that is that of the terms as far as it goes.
fn first_letters(term: &str) -> u64 {
    let mut first = [0; size_of::<u64>()];
    first.iter_mut().zip(term.bytes()).for_each(|(place, byte)| *place = byte);
    u64::from_be_bytes(first)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn terms_are_counted_and_placed(words in prop::collection::vec(0..40_u32, 0..600), often: bool) {
            let mut counter = Counter::new(0);
            let mut model: BTreeMap<String, Vec<u32>> = BTreeMap::new();
            for (position, word) in words.iter().enumerate() {
                // Some are the beginning of others, and some occur more often than positions are kept.
                let word = format!("w{:b}", if often { word / 30 } else { *word });
                counter.add(&word, position);
                model.entry(word).or_default().push(position as u32);
            }
            let occurrences = counter.finish();
            prop_assert_eq!(occurrences.is_empty(), model.is_empty());
            prop_assert_eq!(occurrences.iter().count(), model.len());
            for (found, (term, positions)) in occurrences.iter().zip(&model) {
                prop_assert_eq!((found.term, found.count), (term.as_str(), positions.len() as u64));
                prop_assert_eq!(found.positions, &positions[..positions.len().min(MAX_POSITIONS + 1)]);
            }
        }
    }
}
