//! Scoring: the best documents of a query's terms, without looking at most of the others.
//!
//! The bound of a list is the most that one of its postings can add to a score. Lists are ordered by it; once `k` documents are
//! known, those at the end whose bounds together are below the k-th best score are no longer read through: a document that is in none
//! of the lists before them cannot get among the best. What the lists before them find is looked up in them, the list of the greatest
//! bound first, for as long as it can still get there, block by block by the bounds of the blocks, so that most blocks are never
//! unpacked. Lists are read in windows of slots, so that scores in the making stay near the processor.
//!
//! H. Turtle, J. Flood, "Query evaluation: strategies and optimizations", 1995 (MaxScore); S. Ding, T. Suel, "Faster top-k document
//! retrieval using block-max indexes", 2011; Lucene's `MaxScoreBulkScorer` for windows.

mod best;
mod cursor;
mod rounding;
mod scorer;
mod window;

use std::cell::Cell;
use std::collections::BTreeMap;

use best::Best;
use cursor::{Cursor, Reader};
use rounding::{FOUND, Reach, Rounding};
use scorer::Scorer;
pub use scorer::Scoring;
use window::{FIRST_WINDOW, WINDOW, Window};

use crate::block::BLOCK_POSTINGS;
use crate::list::PostingList;
use crate::list_block::Parts;

/// A posting list of a term of a query.
#[derive(Debug)]
pub struct TermQuery<L> {
    /// Which of the query's terms it is: a document's score is the sum over terms in this order, ascending. A term may have several
    /// lists, none of which shares a document with another.
    pub term: usize,
    /// How much the term counts in the query; finite and not negative.
    pub weight: f64,
    /// Live documents that hold the term, in all of its lists.
    pub document_frequency: u64,
    /// Its postings; dead ones may be among them.
    pub list: L,
}

/// A document and its score, higher is better.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scored {
    /// The document.
    pub slot: u32,
    /// Its score.
    pub score: f64,
}

/// A document and its score as a sum in f32: see [`rounding`].
#[derive(Debug, Clone, Copy)]
struct Candidate {
    slot: u32,
    score: f32,
}

/// What a search found.
#[derive(Debug, Default)]
pub struct Found {
    /// Best first, then by slot: `k` or all there were, and more only when the surplus ties with the k-th.
    pub best: Vec<Scored>,
    /// What those hold, and some more that were looked at to the end: ascending by document, then by term.
    pub held: Vec<Held>,
    /// Documents whose score was computed.
    pub scored: usize,
}

/// A term of the query that a document holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Held {
    /// The document.
    pub slot: u32,
    /// The number of the term: see [`TermQuery::term`].
    pub term: usize,
    /// Its weight in the document.
    pub weight: f32,
}

/// Memory (50 KiB) that a thread's searches use again: to get it anew each time takes longer than to clear it.
struct Scratch {
    window: Window,
    parts: Parts,
}

thread_local! {
    static SCRATCH: Cell<Option<Box<Scratch>>> = const { Cell::new(None) };
}

/// Most lists that documents are looked up in. With more, as a sparse vector can have, those of the greater bounds are read through,
/// or the work would be documents times terms.
const LOOKED_UP: usize = 128;

/// To look a document up in a list takes as long as to read through so many of its postings.
const LOOKUP_POSTINGS: usize = 40;

/// The first threshold comes from lists that have so many blocks together: it takes a few microseconds to read them.
const FLOOR_BLOCKS: usize = 8;

/// The `k` best documents that hold at least one of the terms and that `accept` lets pass.
///
/// A document's score is summed in the order of the terms: the same bits whatever blocks its postings are in and whatever
/// was left out. A document all of whose weights, or query weights, are 0 is found with score 0: it does hold the term.
///
/// `accept` is asked for documents that may be among the best, and may be asked again. With a list that does not ascend, or
/// bounds that do not hold, the documents may be others, but the search ends as the lists end.
///
/// # Errors
/// The first error of a posting list.
pub fn search<L: PostingList>(
    terms: &[TermQuery<L>],
    scoring: &Scoring,
    k: usize,
    accept: impl FnMut(u32) -> bool,
) -> Result<Found, L::Error> {
    let rounding = Rounding::of_terms(terms.len());
    search_with(terms, scoring, k, rounding, accept, |scorer, slots| score_again(terms, scorer, slots))
}

/// The same by dot product, over lists whose blocks may be rounded ([`Block::round`](crate::Block::round)), as if they were not: `held` gives
/// the terms that a document holds, ascending, with their weights as they are. It is asked for the documents that may be among the best.
///
/// # Errors
/// The first error of a posting list, or of `held`.
pub fn search_rounded<L: PostingList>(
    terms: &[TermQuery<L>],
    k: usize,
    accept: impl FnMut(u32) -> bool,
    mut held: impl FnMut(u32) -> Result<Vec<Held>, L::Error>,
) -> Result<Found, L::Error> {
    let weights: BTreeMap<usize, f64> = terms.iter().map(|query| (query.term, query.weight)).collect();
    let rounding = Rounding::of_rounded_terms(terms.len());
    search_with(terms, &Scoring::Dot, k, rounding, accept, |scorer, slots| {
        let (mut scored, mut all) = (Vec::with_capacity(slots.len()), Vec::new());
        for slot in slots {
            let of_document = held(slot)?;
            if of_document.is_empty() {
                continue;
            }
            let part = |held: &Held| {
                let query_weight = weights.get(&held.term).copied().unwrap_or_default();
                scorer.term(query_weight, 1.0, held.weight, 0.0)
            };
            scored.push(Scored { slot, score: of_document.iter().fold(0.0, |sum, held| sum + part(held)) });
            all.extend(of_document);
        }
        Ok((scored, all))
    })
}

fn search_with<L: PostingList>(
    terms: &[TermQuery<L>],
    scoring: &Scoring,
    k: usize,
    rounding: Rounding,
    accept: impl FnMut(u32) -> bool,
    score: impl FnOnce(&Scorer<'_>, Vec<u32>) -> Result<(Vec<Scored>, Vec<Held>), L::Error>,
) -> Result<Found, L::Error> {
    if k == 0 {
        return Ok(Found::default());
    }
    let scorer = Scorer::new(scoring);
    // Taken away: `accept` and the lists may do as they please, and even search.
    let new = || Box::new(Scratch { window: Window::new(), parts: Parts::new() });
    let mut scratch = SCRATCH.take().unwrap_or_else(new);
    let best = candidates(terms, &scorer, k, rounding, accept, &mut scratch);
    SCRATCH.set(Some(scratch));
    let (best, scored) = best?;
    let (mut best, held) = score(&scorer, best.into_slots())?;
    keep_best(&mut best, k);
    Ok(Found { best, held, scored })
}

/// The documents that may be among the best, and how many were scored.
fn candidates<L: PostingList>(
    terms: &[TermQuery<L>],
    scorer: &Scorer<'_>,
    k: usize,
    rounding: Rounding,
    mut accept: impl FnMut(u32) -> bool,
    scratch: &mut Scratch,
) -> Result<(Best, usize), L::Error> {
    let mut scored = 0;
    let mut cursors: Vec<Cursor<'_, L>> = terms.iter().map(|term| Cursor::new(term, scorer)).collect();
    cursors.sort_by(|left, right| right.bound.total_cmp(&left.bound));
    if let Some(greatest) = cursors.first().map(|cursor| cursor.bound).filter(|bound| *bound > 0.0) {
        cursors.iter_mut().for_each(|cursor| cursor.scale(1.0 / greatest));
    }
    let mut remaining = bounds_from(&cursors);
    // The lists that are read through are the first so many.
    let mut essential = cursors.len();
    let mut best = Best::new(k, rounding);
    let floor = first_floor(&cursors, k, rounding, scratch, &mut accept)?;
    let Scratch { window, parts } = scratch;
    leave_out(&mut essential, &remaining, rounding.below(floor));
    let mut candidates: Vec<Candidate> = Vec::new();
    let mut span = if floor > f32::NEG_INFINITY { WINDOW } else { FIRST_WINDOW };
    loop {
        let (read, others) = cursors.split_at_mut(essential);
        let Some(first) = first_of(read)? else { break };
        let least = floor.max(best.threshold());
        let reach = |from: usize| {
            let rest = remaining.get(essential + from).copied().unwrap_or(0.0);
            Reach::new(rounding, least, rest as f32)
        };
        window.start_at(first, span, reach(0));
        for cursor in read {
            cursor.add_to(window, parts, Window::add)?;
        }
        let mut added = 0;
        for cursor in &mut *others {
            let lookups = window.retain(reach(added));
            if cursor.blocks_in(window) * BLOCK_POSTINGS > lookups * LOOKUP_POSTINGS {
                break;
            }
            cursor.reader.seek(first)?;
            cursor.add_to(window, parts, Window::add_if_found)?;
            added += 1;
        }

        window.retain(reach(added));
        window.copy_to(&mut candidates);
        for (place, cursor) in others.iter_mut().enumerate().skip(added) {
            if candidates.is_empty() {
                break;
            }
            cursor.add_to_each(&mut candidates, reach(place + 1))?;
        }
        let reach = reach(others.len());
        for candidate in &candidates {
            if reach.is_possible(candidate.score) && accept(candidate.slot) {
                scored += 1;
                best.push(*candidate);
            }
        }

        if cursors.iter().any(Cursor::is_at_end) {
            essential = cursors.iter().take(essential).filter(|cursor| !cursor.is_at_end()).count();
            cursors.retain(|cursor| !cursor.is_at_end());
            remaining = bounds_from(&cursors);
        }
        leave_out(&mut essential, &remaining, rounding.below(floor.max(best.threshold())));
        span = (2 * span).min(WINDOW);
    }
    Ok((best, scored))
}

/// The terms that a document holds.
///
/// # Errors
/// The first error of a posting list.
pub fn held_by<L: PostingList>(terms: &[TermQuery<L>], slot: u32) -> Result<Vec<Held>, L::Error> {
    let mut held = Vec::new();
    for term in terms {
        if let Some((posting, _)) = Reader::new(&term.list).seek(slot)?
            && posting.slot == slot
        {
            held.push(Held { slot, term: term.term, weight: posting.weight });
        }
    }
    Ok(held)
}

/// Makes fewer lists essential, as long as those behind them cannot bring a document to `least`.
fn leave_out(essential: &mut usize, remaining: &[f64], least: f32) {
    let fewest = remaining.len().saturating_sub(LOOKED_UP);
    while *essential > fewest && remaining.get(*essential - 1).is_some_and(|rest| *rest < f64::from(least)) {
        *essential -= 1;
    }
}

/// A score that `k` documents have at least, by the terms of the greatest bounds alone, as many as have few postings.
fn first_floor<L: PostingList>(
    cursors: &[Cursor<'_, L>],
    k: usize,
    rounding: Rounding,
    Scratch { window, parts }: &mut Scratch,
    accept: &mut impl FnMut(u32) -> bool,
) -> Result<f32, L::Error> {
    let mut blocks = 0;
    let few = cursors.iter().take_while(|cursor| {
        blocks += cursor.reader.list.blocks().len();
        blocks <= FLOOR_BLOCKS
    });
    let mut few: Vec<Cursor<'_, L>> = few.map(Cursor::again).collect();
    let mut best = Best::new(k, rounding);
    let mut candidates = Vec::new();
    while let Some(first) = first_of(&mut few)? {
        window.start_at(first, WINDOW, best.reach());
        for cursor in &mut few {
            cursor.add_to(window, parts, Window::add)?;
        }
        window.copy_to(&mut candidates);
        for candidate in &candidates {
            if candidate.score > best.threshold() && accept(candidate.slot) {
                best.push(*candidate);
            }
        }
    }
    if best.threshold() == f32::NEG_INFINITY {
        return Ok(f32::NEG_INFINITY);
    }
    // With their other terms they come near to what the best have in the end.
    let slots = best.into_slots();
    let mut candidates: Vec<Candidate> =
        slots.into_iter().map(|slot| Candidate { slot, score: FOUND }).collect();
    for cursor in cursors {
        cursor.again().add_to_each(&mut candidates, Reach::ANY)?;
    }
    let mut best = Best::new(k, rounding);
    candidates.into_iter().for_each(|candidate| best.push(candidate));
    Ok(best.threshold())
}

/// The first slot that any of the cursors stands at.
fn first_of<L: PostingList>(cursors: &mut [Cursor<'_, L>]) -> Result<Option<u32>, L::Error> {
    let mut first = None;
    for cursor in cursors {
        let slot = cursor.current()?;
        first = first.map_or(slot, |first: u32| slot.map_or(Some(first), |slot| Some(first.min(slot))));
    }
    Ok(first)
}

/// The sum of the bounds from each cursor on.
fn bounds_from<L: PostingList>(cursors: &[Cursor<'_, L>]) -> Vec<f64> {
    let mut sum = 0.0;
    let mut bounds: Vec<f64> = cursors
        .iter()
        .rev()
        .map(|cursor| {
            sum += cursor.bound;
            sum
        })
        .collect();
    bounds.reverse();
    bounds
}

/// Scores documents, ascending by slot, in the order of the terms, and says what they hold. One that holds no term, as a list that does not ascend can bring
/// one, is left out.
fn score_again<L: PostingList>(
    terms: &[TermQuery<L>],
    scorer: &Scorer<'_>,
    slots: Vec<u32>,
) -> Result<(Vec<Scored>, Vec<Held>), L::Error> {
    let mut held = Vec::new();
    let mut scored: Vec<(u32, Option<f64>)> = slots.into_iter().map(|slot| (slot, None)).collect();
    let mut in_order: Vec<&TermQuery<L>> = terms.iter().collect();
    in_order.sort_by_key(|term| term.term);
    for term in in_order {
        let idf = scorer.idf(term.document_frequency);
        let mut reader = Reader::new(&term.list);
        let mut documents = scored.as_mut_slice();
        // Whichever has fewer, the list or the documents, sets the pace.
        while let Some((slot, score)) = documents.first_mut() {
            let Some((posting, length)) = reader.seek(*slot)? else { break };
            if posting.slot == *slot {
                *score.get_or_insert(0.0) += scorer.term(term.weight, idf, posting.weight, length);
                held.push(Held { slot: *slot, term: term.term, weight: posting.weight });
            }
            let done = documents.partition_point(|(slot, _)| *slot < posting.slot).max(1);
            documents = documents.get_mut(done..).unwrap_or_default();
        }
    }
    // Stable: the terms of a document stay in their order.
    held.sort_by_key(|held| held.slot);
    let scored = scored.into_iter().filter_map(|(slot, score)| Some(Scored { slot, score: score? }));
    Ok((scored.collect(), held))
}

/// Leaves the `k` best and those that tie with the last of them, best first, then by slot.
fn keep_best(scored: &mut Vec<Scored>, k: usize) {
    scored
        .sort_unstable_by(|left, right| right.score.total_cmp(&left.score).then(left.slot.cmp(&right.slot)));
    if let Some(last) = k.checked_sub(1).and_then(|last| scored.get(last)).copied() {
        scored.retain(|document| document.score >= last.score);
    }
}

#[cfg(test)]
mod tests;
