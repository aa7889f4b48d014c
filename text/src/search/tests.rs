//! Scoring against its definition, and what callers may rely on.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::block::Block;
use crate::bm25::{Bm25, Corpus};
use crate::list::BlockBounds;
use crate::list_block::ListBlock;
use crate::posting::Posting;

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

thread_local! {
    /// How often a list was looked at.
    static LOOKS: Cell<u64> = const { Cell::new(0) };
}

/// Postings in blocks of a few, so that bounds matter; some blocks are damaged.
struct List {
    blocks: Vec<ListBlock>,
    bounds: Vec<BlockBounds>,
    damaged: bool,
    /// Whether a block is kept, or made at each look.
    kept: bool,
}

impl List {
    fn new(postings: &[Posting], in_block: usize, length: impl Fn(u32) -> f32) -> List {
        let blocks = postings.chunks(in_block);
        let bounds = blocks.clone().map(|block| {
            let first = BlockBounds::of(block[0], length(block[0].slot));
            block.iter().fold(first, |bounds, posting| bounds.and(*posting, length(posting.slot)))
        });
        let bounds = bounds.collect();
        let blocks = blocks.map(|postings| {
            let (mut block, mut held) = (ListBlock::default(), Block::default());
            postings.iter().for_each(|posting| held.push(*posting));
            block.copy_from(&held, &length);
            // Lists of both kinds of blocks, each with blocks that are held narrow.
            if postings[0].slot.is_multiple_of(2) { block.narrowed() } else { block }
        });
        List { bounds, blocks: blocks.collect(), damaged: false, kept: postings.len().is_multiple_of(2) }
    }
}

impl PostingList for List {
    type Error = &'static str;

    fn blocks(&self) -> &[BlockBounds] {
        LOOKS.set(LOOKS.get() + 1);
        &self.bounds
    }

    fn load<'a>(&'a self, number: usize, block: &mut Cow<'a, ListBlock>) -> Result<(), &'static str> {
        if self.kept {
            *block = Cow::Borrowed(&self.blocks[number]);
        } else {
            ListBlock::spare(block).clone_from(&self.blocks[number]);
        }
        if self.damaged { Err("damaged") } else { Ok(()) }
    }
}

/// The terms of a document by number, with their weights.
fn weights(terms: &[TermQuery<List>], slot: u32) -> Result<Vec<(usize, f32)>, &'static str> {
    let held = held_by(terms, slot)?;
    assert!(held.iter().all(|held| held.slot == slot));
    Ok(held.iter().map(|held| (held.term, held.weight)).collect())
}

/// The `k` best and all that tie with the last of them.
fn best_of(scores: &BTreeMap<u32, f64>, k: usize) -> BTreeMap<u32, f64> {
    let mut sorted: Vec<f64> = scores.values().copied().collect();
    sorted.sort_by(|left, right| right.total_cmp(left));
    let least = k.checked_sub(1).map_or(f64::INFINITY, |last| sorted.get(last).copied().unwrap_or(f64::MIN));
    scores.iter().filter(|(_, score)| **score >= least).map(|(slot, score)| (*slot, *score)).collect()
}

fn run(
    documents: &[Document],
    query: &BTreeMap<u8, u8>,
    dot: bool,
    k: usize,
    in_block: usize,
) -> BTreeMap<u32, f64> {
    let lengths: Vec<f32> =
        documents.iter().map(|document| document.values().map(|f| f32::from(*f)).sum()).collect();
    let length = |slot: u32| lengths[(slot / STEP) as usize];
    let terms: Vec<TermQuery<List>> = query
        .iter()
        .enumerate()
        .map(|(number, (term, weight))| {
            let postings: Vec<Posting> = documents
                .iter()
                .enumerate()
                .filter_map(|(slot, document)| {
                    let weight = f32::from(*document.get(term)?);
                    Some(Posting { slot: slot as u32 * STEP, weight })
                })
                .collect();
            TermQuery {
                term: number,
                weight: f64::from(*weight),
                document_frequency: postings.len() as u64,
                list: List::new(&postings, in_block, length),
            }
        })
        .collect();
    let corpus = Corpus {
        documents: documents.iter().filter(|document| !document.is_empty()).count() as u64,
        total_length: lengths.iter().map(|length| f64::from(*length)).sum(),
    };
    let scoring = if dot { Scoring::Dot } else { Scoring::Bm25 { bm25: Bm25::default(), corpus } };
    let found = search(&terms, &scoring, k, |slot| slot % 7 != 3).unwrap();
    assert!(found.scored >= found.best.len());
    let ordered = |pair: &[Scored]| {
        pair[0].score > pair[1].score || pair[0].score == pair[1].score && pair[0].slot < pair[1].slot
    };
    assert!(found.best.windows(2).all(ordered), "best first");
    assert!(found.held.is_sorted_by_key(|held| (held.slot, held.term)), "by document, then by term");
    for document in &found.best {
        let held = weights(&terms, document.slot).unwrap();
        let known: Vec<(usize, f32)> = found
            .held
            .iter()
            .filter(|held| held.slot == document.slot)
            .map(|held| (held.term, held.weight))
            .collect();
        assert_eq!(known, held, "what the search knows of {}", document.slot);
        let expected = query.keys().enumerate().filter_map(|(number, term)| {
            Some((number, f32::from(*documents[(document.slot / STEP) as usize].get(term)?)))
        });
        assert!(held.into_iter().eq(expected));
    }
    found.best.iter().map(|document| (document.slot, document.score)).collect()
}

proptest! {
    #[test]
    fn equals_the_naive_scorer(
        documents in proptest::collection::vec(proptest::collection::btree_map(0..12_u8, 1..5_u8, 0..8), 1..120),
        query in proptest::collection::btree_map(0..14_u8, 0..4_u8, 0..6),
        dot: bool,
        k in 0..25_usize,
        in_block in 1..7_usize,
    ) {
        let mut expected = naive(&documents, &query, dot);
        expected.retain(|slot, _| slot % 7 != 3);
        let all = run(&documents, &query, dot, usize::MAX, in_block);
        prop_assert_eq!(all.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
        for (slot, score) in &all {
            prop_assert!((score - expected[slot]).abs() < 1e-9, "{} against {}", score, expected[slot]);
        }
        // To the bit, whatever was left out, in whatever blocks.
        prop_assert_eq!(run(&documents, &query, dot, k, in_block), best_of(&all, k));
        prop_assert_eq!(run(&documents, &query, dot, k, 128), best_of(&all, k));
    }
}

/// From the least that f32 holds to the most: what a user may give as weights.
fn weights_of_all_sizes() -> impl Strategy<Value = f32> {
    prop_oneof![
        (1..5_u8).prop_map(f32::from),
        (-44..38_i32, 1.0..9.0_f32).prop_map(|(exponent, digits)| digits * 10_f32.powi(exponent)),
        prop::sample::select(vec![0.0, f32::MIN_POSITIVE, 1e-45, 1e-40, 1e38, f32::MAX]),
    ]
}

/// Documents of weights, of which a search for the `k` best must find what one for all of them says.
fn lose_none(
    documents: &[BTreeMap<u8, f32>],
    query: &BTreeMap<u8, f32>,
    dot: bool,
    k: usize,
    in_block: usize,
) -> Result<(), TestCaseError> {
    let lengths: Vec<f32> =
        documents.iter().map(|document| document.values().sum::<f32>().min(f32::MAX)).collect();
    let length = |slot: u32| lengths[slot as usize];
    let corpus = Corpus {
        documents: documents.len() as u64,
        total_length: lengths.iter().map(|length| f64::from(*length)).sum(),
    };
    let scoring = if dot { Scoring::Dot } else { Scoring::Bm25 { bm25: Bm25::default(), corpus } };
    let terms: Vec<TermQuery<List>> = query
        .iter()
        .map(|(number, weight)| {
            let held = documents.iter().enumerate();
            let postings: Vec<Posting> = held
                .filter_map(|(slot, document)| {
                    Some(Posting { slot: slot as u32, weight: *document.get(number)? })
                })
                .collect();
            TermQuery {
                term: usize::from(*number),
                weight: f64::from(*weight),
                document_frequency: postings.len() as u64,
                list: List::new(&postings, in_block, length),
            }
        })
        .collect();
    let found = |k| -> BTreeMap<u32, f64> {
        let found = search(&terms, &scoring, k, |_| true).unwrap();
        found.best.iter().map(|document| (document.slot, document.score)).collect()
    };
    let all = found(usize::MAX);
    let holds = |document: &BTreeMap<u8, f32>| query.keys().any(|term| document.contains_key(term));
    prop_assert_eq!(all.len(), documents.iter().filter(|document| holds(document)).count());
    prop_assert_eq!(found(k), best_of(&all, k));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn weights_of_all_sizes_lose_no_document(
        documents in prop::collection::vec(
            prop::collection::btree_map(0..6_u8, weights_of_all_sizes(), 1..5), 1..150),
        query in prop::collection::btree_map(0..6_u8, weights_of_all_sizes(), 1..6),
        dot: bool,
        k in 1..12_usize,
        in_block in 1..7_usize,
    ) {
        lose_none(&documents, &query, dot, k, in_block)?;
    }

    /// The average length is then as small or as large as f32 allows, and some documents have none.
    #[test]
    fn weights_of_one_size_lose_no_document(
        documents in prop::collection::vec(prop::collection::btree_map(0..6_u8, 0..4_u8, 1..5), 1..60),
        exponent in -44..38_i32,
        query in prop::collection::btree_map(0..6_u8, weights_of_all_sizes(), 1..6),
        dot: bool,
        k in 1..12_usize,
        in_block in 1..7_usize,
    ) {
        let size = 10_f32.powi(exponent);
        let sized = |document: &BTreeMap<u8, u8>| {
            document.iter().map(|(term, weight)| (*term, f32::from(*weight) * size)).collect()
        };
        let documents: Vec<BTreeMap<u8, f32>> = documents.iter().map(sized).collect();
        lose_none(&documents, &query, dot, k, in_block)?;
    }
}

fn term(number: usize, weight: f64, postings: &[(u32, f32)]) -> TermQuery<List> {
    let postings: Vec<Posting> =
        postings.iter().map(|(slot, weight)| Posting { slot: *slot, weight: *weight }).collect();
    TermQuery { term: number, weight, document_frequency: 1, list: List::new(&postings, 2, |_| 1.0) }
}

fn all(terms: &[TermQuery<List>], scoring: &Scoring) -> Vec<(u32, f64)> {
    let found = search(terms, scoring, usize::MAX, |_| true).unwrap();
    found.best.iter().map(|document| (document.slot, document.score)).collect()
}

#[test]
fn documents_are_found_in_whatever_window_they_are() {
    // Inside of a window, at its two ends, and at the end of all slots.
    let (end, next) = (FIRST_WINDOW as u32 - 1, FIRST_WINDOW as u32);
    let terms = [
        term(0, 1.0, &[(3, 1.0), (9, 1.0), (end, 1.0), (next, 1.0), (u32::MAX, 1.0)]),
        term(1, 1.0, &[(0, 1.0), (9, 1.0), (next, 1.0), (u32::MAX - 1, 1.0)]),
        term(2, 1.0, &[]),
        term(3, 1.0, &[(9, 1.0)]),
    ];
    let mut asked = Vec::new();
    let accept = |slot| {
        asked.push(slot);
        slot != 3
    };
    let found = search(&terms, &Scoring::Dot, 9, accept).unwrap();
    assert_eq!(found.scored, 6);
    asked.sort_unstable();
    asked.dedup();
    assert_eq!(asked, [0, 3, 9, end, next, u32::MAX - 1, u32::MAX]);
    let slots: Vec<u32> = found.best.iter().map(|document| document.slot).collect();
    assert_eq!(slots, [9, next, 0, end, u32::MAX - 1, u32::MAX]);
}

#[test]
fn terms_are_summed_in_their_order() {
    // In f64 1e16 + 1 is 1e16, but 1e16 + 2 is not.
    let sum = |weights: [f64; 3]| {
        let terms: Vec<_> =
            weights.iter().enumerate().map(|(number, weight)| term(number, *weight, &[(1, 1.0)])).collect();
        all(&terms, &Scoring::Dot)[0].1
    };
    assert_eq!(sum([1e16, 1.0, 1.0]), 1e16);
    assert_eq!(sum([1.0, 1.0, 1e16]), 1e16 + 2.0);
}

#[test]
fn a_term_may_have_several_lists() {
    let terms = [term(0, 2.0, &[(1, 1.0), (4, 1.0)]), term(0, 2.0, &[(2, 3.0)]), term(1, 1.0, &[(2, 1.0)])];
    assert_eq!(all(&terms, &Scoring::Dot), [(2, 7.0), (1, 2.0), (4, 2.0)]);
    assert_eq!(weights(&terms, 2), Ok(vec![(0, 3.0), (1, 1.0)]));
    assert_eq!(weights(&terms, 3), Ok(vec![]));
}

#[test]
fn a_weight_of_zero_finds_the_document_with_score_zero() {
    let terms = [term(0, 0.0, &[(1, 2.0)]), term(1, 1.0, &[(2, 0.0)])];
    let corpus = Corpus { documents: 2, total_length: 2.0 };
    let scoring = Scoring::Bm25 { bm25: Bm25::default(), corpus };
    assert_eq!(all(&terms, &scoring), [(1, 0.0), (2, 0.0)]);
    let found = search(&terms, &scoring, 1, |_| true).unwrap();
    assert_eq!(found.best.len(), 2, "they tie");
}

#[test]
fn most_of_a_common_term_is_left_out() {
    const DOCUMENTS: u32 = 20_000;
    let common: Vec<(u32, f32)> = (0..DOCUMENTS).map(|slot| (slot, 1.0)).collect();
    let rare: Vec<(u32, f32)> = (0..20).map(|nth| (nth * 997, 1.0)).collect();
    let mut terms = [term(0, 1.0, &common), term(1, 1.0, &rare)];
    terms[0].document_frequency = u64::from(DOCUMENTS);
    terms[1].document_frequency = 20;
    let corpus = Corpus { documents: u64::from(DOCUMENTS), total_length: f64::from(DOCUMENTS) };
    let scoring = Scoring::Bm25 { bm25: Bm25::default(), corpus };
    let found = search(&terms, &scoring, 5, |_| true).unwrap();
    assert_eq!(found.best.len(), 20, "they all tie");
    assert!(found.scored < 4 * WINDOW, "{} documents were scored", found.scored);
}

#[test]
fn a_list_that_descends_still_ends() {
    for slots in [[5, 2, 5], [u32::MAX, 0, u32::MAX], [u32::MAX - 70, 3, 70]] {
        let postings = slots.map(|slot| (slot, 1.0));
        let found = all(&[term(0, 1.0, &postings)], &Scoring::Dot);
        // One that a look-up does not find again holds none of the terms, as far as can be told.
        assert!(found.len() <= 3, "{found:?}");
        assert!(found.iter().all(|(slot, _)| slots.contains(slot)), "{found:?}");
    }
}

#[test]
fn the_work_does_not_multiply_terms_with_documents() {
    // A look at every list for every document would be 10^10 steps, and a sparse vector may have a million terms.
    const LISTS: u32 = 100_000;
    let mut terms: Vec<_> = (0..LISTS).map(|slot| term(slot as usize, 1.0, &[(slot, 1.0)])).collect();
    assert_eq!(all(&terms, &Scoring::Dot).len(), LISTS as usize);
    // One term outweighs all others together: those would be looked up for every document that holds it.
    let often: Vec<(u32, f32)> = (0..LISTS).step_by(64).map(|slot| (slot, 1.0)).collect();
    terms.push(term(LISTS as usize, 1e9, &often));
    LOOKS.set(0);
    let found = search(&terms, &Scoring::Dot, 3, |_| true).unwrap();
    assert_eq!(found.best.len(), often.len(), "they all tie");
    let multiplied = u64::from(LISTS) * often.len() as u64;
    assert!(LOOKS.get() < multiplied / 4, "{} looks at lists", LOOKS.get());
}

#[test]
fn an_error_of_a_list_is_handed_on() {
    let mut terms = [term(0, 1.0, &[(1, 1.0)])];
    terms[0].list.damaged = true;
    let found = search(&terms, &Scoring::Dot, 1, |_| true);
    assert_eq!(found.map(|found| found.best), Err("damaged"));
    assert_eq!(weights(&terms, 1), Err("damaged"));
}

/// Learned weights: a document's terms, by number.
fn learned() -> impl Strategy<Value = Vec<BTreeMap<usize, f32>>> {
    let weight = prop_oneof![6 => 0.9..1.1_f32, 2 => 0.01..3.0_f32, 1 => Just(0.0), 1 => Just(1.0)];
    prop::collection::vec(prop::collection::btree_map(0..6_usize, weight, 0..6), 1..120)
}

proptest! {
    #[test]
    fn rounded_lists_give_what_exact_weights_give(
        documents in learned(),
        query in prop::collection::btree_map(0..6_usize, prop_oneof![0.1..2.0_f64, Just(0.0)], 1..6),
        k in 1..12_usize,
        in_block in 1..20_usize,
    ) {
        let slot_of = |number: usize| number as u32 * STEP;
        let held = |slot: u32| -> Vec<Held> {
            let document = &documents[(slot / STEP) as usize];
            let of_query = document.iter().filter(|(term, _)| query.contains_key(term));
            of_query.map(|(term, weight)| Held { slot, term: *term, weight: *weight }).collect()
        };
        let terms: Vec<TermQuery<List>> = query
            .iter()
            .map(|(term, weight)| {
                let mut postings = Vec::new();
                for (number, document) in documents.iter().enumerate() {
                    let mut block = Block::default();
                    let of_term = document.get(term).map(|weight| Posting { slot: slot_of(number), weight: *weight });
                    of_term.into_iter().for_each(|posting| block.push(posting));
                    // Some blocks of a list are as they were.
                    if number % 5 > 0 {
                        block.round();
                    }
                    postings.extend(block.iter());
                }
                let list = List::new(&postings, in_block, |_| 0.0);
                TermQuery { term: *term, weight: *weight, document_frequency: postings.len() as u64, list }
            })
            .collect();
        let scores: BTreeMap<u32, f64> = (0..documents.len())
            .map(slot_of)
            .filter(|slot| !held(*slot).is_empty())
            .map(|slot| (slot, held(slot).iter().map(|held| query[&held.term] * f64::from(held.weight)).sum()))
            .collect();
        let found = search_rounded(&terms, k, |_| true, |slot| Ok(held(slot))).unwrap();
        let best: BTreeMap<u32, f64> = found.best.iter().map(|scored| (scored.slot, scored.score)).collect();
        prop_assert_eq!(best, best_of(&scores, k));
        prop_assert!(found.held.is_sorted_by_key(|held| (held.slot, held.term)));
    }
}
