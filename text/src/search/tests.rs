//! Scoring against its definition, and what callers may rely on.

use std::collections::BTreeMap;
use std::convert::Infallible;

use proptest::prelude::*;

use super::*;

type Document = BTreeMap<u8, u8>;

/// From one document's slot to the next one's: a few to a window, so that lists cross its borders.
const STEP: u32 = 701;

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
            scores.insert(slot as u32 * STEP, score);
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
                    Some(Ok(Posting { slot: slot as u32 * STEP, weight }))
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
        search(terms, &scoring, |slot| lengths[(slot / STEP) as usize], |slot| slot % 7 != 3, &mut collector);
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
    // Inside of a window, at its two ends, and at the end of all slots.
    let (end, next) = (WINDOW as u32 - 1, WINDOW as u32);
    let lists = [
        &[(3, 1.0), (9, 1.0), (end, 1.0), (next, 1.0), (u32::MAX, 1.0)][..],
        &[(0, 1.0), (9, 1.0), (next, 1.0), (u32::MAX - 1, 1.0)],
        &[],
        &[(9, 1.0)],
    ];
    let terms = lists.iter().map(|postings| term(1.0, list(postings))).collect();
    let (mut asked, mut collected) = (Vec::new(), Vec::new());
    let accept = |slot| {
        asked.push(slot);
        slot != 3
    };
    let mut collector = |slot: u32, score: f64| collected.push((slot, score));
    let Ok(scored) = search(terms, &Scoring::Dot, |_| 1.0, accept, &mut collector);
    assert_eq!(scored, 6);
    assert_eq!(asked, [0, 3, 9, end, next, u32::MAX - 1, u32::MAX]);
    assert_eq!(
        collected,
        [(0, 1.0), (9, 3.0), (end, 1.0), (next, 2.0), (u32::MAX - 1, 1.0), (u32::MAX, 1.0)]
    );
}

#[test]
fn terms_are_summed_in_their_order() {
    // In f64 1e16 + 1 is 1e16, but 1e16 + 2 is not.
    let sum = |weights: [f64; 3]| {
        let terms = weights.iter().map(|weight| term(*weight, list(&[(1, 1.0)]))).collect();
        let mut found = f64::NAN;
        let Ok(_) = search(terms, &Scoring::Dot, |_| 1.0, |_| true, &mut |_: u32, score: f64| found = score);
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
    for slots in [[5, 2, 5], [u32::MAX, 0, u32::MAX], [u32::MAX - 70, 3, 70]] {
        let postings = slots.map(|slot| (slot, 1.0));
        let mut found = Vec::new();
        let mut collector = |slot: u32, _: f64| found.push(slot);
        let terms = vec![term(1.0, list(&postings))];
        let Ok(scored) = search(terms, &Scoring::Dot, |_| 1.0, |_| true, &mut collector);
        assert!((1..=3).contains(&scored), "{scored}");
        assert!(found.iter().all(|slot| slots.contains(slot)), "{found:?}");
    }
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
