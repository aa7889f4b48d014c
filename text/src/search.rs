//! Scoring: the documents of a query's terms, one document at a time, in the order of slots.

use crate::bm25::{Bm25, Corpus, idf};
use crate::posting::Posting;

/// A term of a query, with its posting list.
#[derive(Debug)]
pub struct TermQuery<P> {
    /// How much the term counts in the query; finite and not negative.
    pub weight: f64,
    /// Live documents that hold the term.
    pub document_frequency: u64,
    /// Its postings, ascending by slot; dead ones may be among them.
    pub postings: P,
}

/// How a document's score is made of its terms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Scoring {
    /// BM25 over these statistics.
    Bm25 {
        /// The constants.
        bm25: Bm25,
        /// The searched documents.
        corpus: Corpus,
    },
    /// `Σ query weight · document weight`.
    Dot,
}

/// Takes scored documents.
pub trait Collector {
    /// One document with its score; each document comes once, slots ascend.
    fn collect(&mut self, slot: u32, score: f64);
}

impl<F: FnMut(u32, f64)> Collector for F {
    fn collect(&mut self, slot: u32, score: f64) {
        self(slot, score);
    }
}

/// One posting list that is being read.
struct Cursor<P> {
    weight: f64,
    idf: f64,
    current: Option<Posting>,
    postings: P,
}

/// Scores every document that holds at least one of the terms and that `accept` lets pass, and returns how many
/// those were. The terms of a document are summed in the order of `terms`: the same bits everywhere.
///
/// # Errors
/// The first error of a posting list.
pub fn search<P, E>(
    terms: Vec<TermQuery<P>>,
    scoring: &Scoring,
    length: impl Fn(u32) -> f32,
    mut accept: impl FnMut(u32) -> bool,
    collector: &mut impl Collector,
) -> Result<usize, E>
where
    P: Iterator<Item = Result<Posting, E>>,
{
    let documents = match scoring {
        Scoring::Bm25 { corpus, .. } => corpus.documents,
        Scoring::Dot => 0,
    };
    let mut cursors = Vec::with_capacity(terms.len());
    for term in terms {
        let mut postings = term.postings;
        let current = postings.next().transpose()?;
        let idf = idf(documents, term.document_frequency);
        cursors.push(Cursor { weight: term.weight, idf, current, postings });
    }
    let mut scored = 0;
    while let Some(slot) =
        cursors.iter().filter_map(|cursor| cursor.current.map(|posting| posting.slot)).min()
    {
        let accepted = accept(slot);
        let mut score = 0.0;
        for cursor in &mut cursors {
            let Some(posting) = cursor.current.filter(|posting| posting.slot == slot) else { continue };
            if accepted {
                score += contribution(scoring, cursor, posting, &length);
            }
            cursor.current = cursor.postings.next().transpose()?;
        }
        if accepted {
            scored += 1;
            collector.collect(slot, score);
        }
    }
    Ok(scored)
}

fn contribution<P>(
    scoring: &Scoring,
    cursor: &Cursor<P>,
    posting: Posting,
    length: &impl Fn(u32) -> f32,
) -> f64 {
    let frequency = f64::from(posting.weight);
    match scoring {
        Scoring::Dot => cursor.weight * frequency,
        Scoring::Bm25 { bm25, corpus } => {
            let length = f64::from(length(posting.slot));
            bm25.score(cursor.weight, cursor.idf, frequency, length, corpus.average_length())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::convert::Infallible;

    use proptest::prelude::*;

    use super::*;

    type Document = BTreeMap<u8, u8>;

    /// The definition, document by document, term by term.
    fn naive(documents: &[Document], query: &BTreeMap<u8, u8>, dot: bool) -> BTreeMap<u32, f64> {
        let length = |document: &Document| document.values().map(|f| f64::from(*f)).sum::<f64>();
        let with_terms = documents.iter().filter(|document| !document.is_empty()).count() as u64;
        let average = documents.iter().map(length).sum::<f64>() / with_terms as f64;
        let mut scores = BTreeMap::new();
        for (slot, document) in documents.iter().enumerate() {
            let mut score = 0.0;
            for (term, weight) in query {
                let Some(frequency) = document.get(term) else { continue };
                let (w, f) = (f64::from(*weight), f64::from(*frequency));
                let df = documents.iter().filter(|document| document.contains_key(term)).count() as f64;
                let idf = (1.0 + (with_terms as f64 - df + 0.5) / (df + 0.5)).ln();
                score += if dot {
                    w * f
                } else {
                    w * idf * f / (f + 1.2 * (0.25 + 0.75 * length(document) / average))
                };
            }
            if query.keys().any(|term| document.contains_key(term)) {
                scores.insert(slot as u32, score);
            }
        }
        scores
    }

    fn run(documents: &[Document], query: &BTreeMap<u8, u8>, dot: bool) -> BTreeMap<u32, f64> {
        let lengths: Vec<f32> =
            documents.iter().map(|document| document.values().map(|f| f32::from(*f)).sum()).collect();
        let terms = query
            .iter()
            .map(|(term, weight)| {
                let postings: Vec<Result<Posting, Infallible>> = documents
                    .iter()
                    .enumerate()
                    .filter_map(|(slot, document)| {
                        let weight = f32::from(*document.get(term)?);
                        Some(Ok(Posting { slot: slot as u32, weight }))
                    })
                    .collect();
                let document_frequency = postings.len() as u64;
                TermQuery { weight: f64::from(*weight), document_frequency, postings: postings.into_iter() }
            })
            .collect();
        let corpus = Corpus {
            documents: documents.iter().filter(|document| !document.is_empty()).count() as u64,
            total_length: lengths.iter().map(|length| f64::from(*length)).sum(),
        };
        let scoring = if dot { Scoring::Dot } else { Scoring::Bm25 { bm25: Bm25::default(), corpus } };
        let mut scores = BTreeMap::new();
        let mut collector = |slot: u32, score: f64| assert!(scores.insert(slot, score).is_none());
        let Ok(scored) =
            search(terms, &scoring, |slot| lengths[slot as usize], |slot| slot % 7 != 3, &mut collector);
        assert_eq!(scored, scores.len());
        scores
    }

    proptest! {
        #[test]
        fn equals_the_naive_scorer(
            documents in proptest::collection::vec(proptest::collection::btree_map(0..12_u8, 1..5_u8, 0..8), 1..60),
            query in proptest::collection::btree_map(0..14_u8, 0..4_u8, 0..6),
            dot: bool,
        ) {
            let mut expected = naive(&documents, &query, dot);
            expected.retain(|slot, _| slot % 7 != 3);
            let found = run(&documents, &query, dot);
            prop_assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
            for (slot, score) in found {
                prop_assert!((score - expected[&slot]).abs() < 1e-9, "{} against {}", score, expected[&slot]);
            }
        }
    }

    #[test]
    fn an_error_of_a_list_is_handed_on() {
        let terms = vec![TermQuery {
            weight: 1.0,
            document_frequency: 1,
            postings: vec![Ok(Posting { slot: 1, weight: 1.0 }), Err("damaged")].into_iter(),
        }];
        let result = search(terms, &Scoring::Dot, |_| 1.0, |_| true, &mut |_: u32, _: f64| {});
        assert_eq!(result, Err("damaged"));
    }
}
