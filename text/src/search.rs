//! Scoring: the documents of a query's terms, one document at a time, in the order of slots.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;

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
    query_weight: f64,
    idf: f64,
    /// Weight of the posting at which the cursor stands; its slot is in the heap.
    weight: f32,
    postings: P,
}

impl<P, E> Cursor<P>
where
    P: Iterator<Item = Result<Posting, E>>,
{
    /// Steps to the next posting and returns its slot; `None` at the end of the list.
    fn advance(&mut self) -> Result<Option<u32>, E> {
        let Some(posting) = self.postings.next().transpose()? else { return Ok(None) };
        self.weight = posting.weight;
        Ok(Some(posting.slot))
    }
}

/// Scores every document that holds at least one of the terms and that `accept` lets pass, and returns how many
/// those were. The terms of a document are summed in the order of `terms`: the same bits everywhere.
///
/// `accept` is asked once for each document that holds a term, slots ascending; `length` is asked for accepted ones
/// only. A document all of whose weights, or query weights, are 0 is found with score 0: it does hold the term.
///
/// The time is `postings · log(terms)`. Each posting list must ascend; one that does not gives a document several
/// times, with partial scores, but ends as the list ends.
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
    let scorer = Scorer::new(scoring);
    let mut cursors = Vec::with_capacity(terms.len());
    // Where each cursor stands: (slot, index of the term). The smallest entry is the next document, and the entries
    // of one document come out in the order of the terms.
    let mut heads = BinaryHeap::with_capacity(terms.len());
    for (index, term) in terms.into_iter().enumerate() {
        let idf = scorer.idf(term.document_frequency);
        let mut cursor = Cursor { query_weight: term.weight, idf, weight: 0.0, postings: term.postings };
        if let Some(slot) = cursor.advance()? {
            heads.push(Reverse((slot, index)));
        }
        cursors.push(cursor);
    }
    let mut scored = 0;
    while let Some(&Reverse((slot, _))) = heads.peek() {
        let length = accept(slot).then(|| f64::from(length(slot)));
        let mut score = 0.0;
        while let Some(mut head) = heads.peek_mut() {
            let Reverse((at, index)) = *head;
            if at != slot {
                break;
            }
            let cursor = &mut cursors[index];
            if let Some(length) = length {
                score += scorer.term(cursor.query_weight, cursor.idf, f64::from(cursor.weight), length);
            }
            match cursor.advance()? {
                Some(next) => *head = Reverse((next, index)),
                None => drop(PeekMut::pop(head)),
            }
        }
        if length.is_some() {
            scored += 1;
            collector.collect(slot, score);
        }
    }
    Ok(scored)
}

/// A [`Scoring`] with what is the same for all documents.
struct Scorer<'a> {
    scoring: &'a Scoring,
    average_length: f64,
}

impl Scorer<'_> {
    fn new(scoring: &Scoring) -> Scorer<'_> {
        let average_length = match scoring {
            Scoring::Bm25 { corpus, .. } => corpus.average_length(),
            Scoring::Dot => 0.0,
        };
        Scorer { scoring, average_length }
    }

    fn idf(&self, document_frequency: u64) -> f64 {
        match self.scoring {
            Scoring::Bm25 { corpus, .. } => idf(corpus.documents, document_frequency),
            Scoring::Dot => 1.0,
        }
    }

    /// What a term adds to a document's score.
    fn term(&self, query_weight: f64, idf: f64, weight: f64, length: f64) -> f64 {
        match self.scoring {
            Scoring::Bm25 { bm25, .. } => bm25.score(query_weight, idf, weight, length, self.average_length),
            Scoring::Dot => query_weight * weight,
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

    fn list(postings: &[(u32, f32)]) -> impl Iterator<Item = Result<Posting, Infallible>> {
        postings.iter().map(|(slot, weight)| Ok(Posting { slot: *slot, weight: *weight }))
    }

    fn term<P>(weight: f64, postings: P) -> TermQuery<P> {
        TermQuery { weight, document_frequency: 1, postings }
    }

    #[test]
    fn documents_are_asked_for_and_collected_once_in_order_of_slots() {
        let lists = [&[(3, 1.0), (9, 1.0), (u32::MAX, 1.0)][..], &[(0, 1.0), (9, 1.0)], &[], &[(9, 1.0)]];
        let terms = lists.iter().map(|postings| term(1.0, list(postings))).collect();
        let (mut asked, mut collected) = (Vec::new(), Vec::new());
        let accept = |slot| {
            asked.push(slot);
            slot != 3
        };
        let length = |slot| {
            assert_ne!(slot, 3, "nobody needs the length of a document that was not accepted");
            1.0
        };
        let mut collector = |slot: u32, score: f64| collected.push((slot, score));
        let Ok(scored) = search(terms, &Scoring::Dot, length, accept, &mut collector);
        assert_eq!(scored, 3);
        assert_eq!(asked, [0, 3, 9, u32::MAX]);
        assert_eq!(collected, [(0, 1.0), (9, 3.0), (u32::MAX, 1.0)]);
    }

    #[test]
    fn terms_are_summed_in_their_order() {
        // In f64 1e16 + 1 is 1e16, but 1e16 + 2 is not.
        let sum = |weights: [f64; 3]| {
            let terms = weights.iter().map(|weight| term(*weight, list(&[(1, 1.0)]))).collect();
            let mut found = f64::NAN;
            let Ok(_) =
                search(terms, &Scoring::Dot, |_| 1.0, |_| true, &mut |_: u32, score: f64| found = score);
            found
        };
        assert_eq!(sum([1e16, 1.0, 1.0]), 1e16);
        assert_eq!(sum([1.0, 1.0, 1e16]), 1e16 + 2.0);
    }

    #[test]
    fn a_weight_of_zero_finds_the_document_with_score_zero() {
        let terms = vec![term(0.0, list(&[(1, 2.0)])), term(1.0, list(&[(2, 0.0)]))];
        let corpus = Corpus { documents: 2, total_length: 2.0 };
        let scoring = Scoring::Bm25 { bm25: Bm25::default(), corpus };
        let mut found = Vec::new();
        let mut collector = |slot: u32, score: f64| found.push((slot, score));
        let Ok(scored) = search(terms, &scoring, |_| 1.0, |_| true, &mut collector);
        assert_eq!((scored, found), (2, vec![(1, 0.0), (2, 0.0)]));
    }

    #[test]
    fn a_list_that_descends_still_ends() {
        let terms = vec![term(1.0, list(&[(5, 1.0), (2, 1.0), (5, 1.0)]))];
        let Ok(scored) = search(terms, &Scoring::Dot, |_| 1.0, |_| true, &mut |_: u32, _: f64| {});
        assert_eq!(scored, 3);
    }

    #[test]
    fn the_work_does_not_multiply_terms_with_documents() {
        // A look at every list for every document would be 10^10 steps, and a sparse vector may have a million terms.
        const LISTS: u32 = 100_000;
        let one = |slot| std::iter::once(Ok::<_, Infallible>(Posting { slot, weight: 1.0 }));
        let terms = (0..LISTS).map(|slot| term(1.0, one(slot))).collect();
        let Ok(scored) = search(terms, &Scoring::Dot, |_| 1.0, |_| true, &mut |_: u32, _: f64| {});
        assert_eq!(scored, LISTS as usize);
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
