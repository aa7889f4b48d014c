//! Scoring: the best documents of a query's terms, without looking at most of the others.
//!
//! The bound of a list is the most that one of its postings can add to a score. Lists are ordered by it; once `k` documents are
//! known, those at the end whose bounds together are below the k-th best score are no longer read through: a document that is in none
//! of the lists before them cannot get among the best. What the lists before them find is looked up in them, the list of the greatest
//! bound first, for as long as it can still get there, block by block by the bounds of the blocks, so that most blocks are never
//! unpacked. Lists are read in windows of slots, so that scores in the making stay in the first-level cache.
//!
//! H. Turtle, J. Flood, "Query evaluation: strategies and optimizations", 1995 (MaxScore); S. Ding, T. Suel, "Faster top-k document
//! retrieval using block-max indexes", 2011; Lucene's `MaxScoreBulkScorer` for windows.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use crate::block::{BLOCK_POSTINGS, Block};
use crate::bm25::{Bm25, Corpus, idf};
use crate::list::{BlockBounds, PostingList};
use crate::posting::Posting;

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

/// A document and its score, higher is better.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scored {
    /// The document.
    pub slot: u32,
    /// Its score.
    pub score: f64,
}

/// What a search found.
#[derive(Debug, Default)]
pub struct Found {
    /// Best first, then by slot: `k` or all there were, and more only when the surplus ties with the k-th.
    pub best: Vec<Scored>,
    /// Documents whose score was computed.
    pub scored: usize,
}

/// Documents that are scored together at most: their scores (16 KiB) fit the first-level cache.
const WINDOW: usize = 4_096;
/// The first window is smaller, and each one twice the one before: the sooner `k` documents are known the more is left out.
const FIRST_WINDOW: usize = 128;

/// Most lists that documents are looked up in. With more, as a sparse vector can have, those of the greater bounds are read through,
/// or the work would be documents times terms.
const LOOKED_UP: usize = 128;

/// The first threshold comes from lists that have so many blocks together: it takes a few microseconds to read them.
const FLOOR_BLOCKS: usize = 8;
/// To look a document up in a list takes as long as to read so many of its postings (*measured*).
const LOOKUP: usize = 1;

/// While documents are looked for, their terms are summed in the order in which they are met, and bounds are sums as well: such a sum
/// may be off by some units in the last place (2^-53) for each term. By more than this factor it never is, for a million terms.
const ROUNDING: f64 = 1.0 + 1e-9;

/// The `k` best documents that hold at least one of the terms and that `accept` lets pass.
///
/// A document's score is summed in the order of the terms: the same bits whatever blocks its postings are in and whatever
/// was left out. A document all of whose weights, or query weights, are 0 is found with score 0: it does hold the term.
///
/// `accept` is asked for documents that may be among the best, and may be asked again. A list that does not ascend, or bounds that do not hold, give some other
/// documents, with scores of some of their terms, but the search ends as the lists end.
///
/// # Errors
/// The first error of a posting list.
pub fn search<L: PostingList>(
    terms: &[TermQuery<L>],
    scoring: &Scoring,
    k: usize,
    mut length: impl FnMut(u32) -> f32,
    mut accept: impl FnMut(u32) -> bool,
) -> Result<Found, L::Error> {
    let mut found = Found::default();
    if k == 0 {
        return Ok(found);
    }
    let scorer = Scorer::new(scoring);
    let mut cursors: Vec<Cursor<'_, L>> = terms.iter().map(|term| Cursor::new(term, &scorer)).collect();
    cursors.sort_by(|left, right| right.bound.total_cmp(&left.bound));
    let mut remaining = bounds_from(&cursors);
    // The lists that are read through are the first so many.
    let mut essential = cursors.len();
    let mut best = Best::new(k);
    let mut window = Window::new();
    let floor = first_floor(&cursors, k, &mut window, &mut length, &mut accept)?;
    leave_out(&mut essential, &remaining, floor);
    let mut candidates: Vec<Scored> = Vec::new();
    let mut span = FIRST_WINDOW;
    loop {
        let (read, others) = cursors.split_at_mut(essential);
        let Some(first) = first_of(read)? else { break };
        window.start_at(first, span);
        for cursor in read {
            cursor.add_to(&mut window, Window::add, &mut length)?;
        }
        // Where many documents would be looked up in a list, reading it through takes less time.
        let lookups = window.added;
        let mut added = 0;
        for cursor in &mut *others {
            if cursor.blocks_in(&window) * BLOCK_POSTINGS > lookups * LOOKUP {
                break;
            }
            cursor.reader.seek(first)?;
            cursor.add_to(&mut window, Window::add_if_found, &mut length)?;
            added += 1;
        }

        let least = floor.max(best.threshold());
        let rest = |from: usize| remaining.get(essential + from).copied().unwrap_or(0.0);
        window.drain_into(&mut candidates, Reach { least, rest: rest(added) });
        for (place, cursor) in others.iter_mut().enumerate().skip(added) {
            if candidates.is_empty() {
                break;
            }
            let reach = Reach { least, rest: rest(place + 1) };
            cursor.add_to_each(&mut candidates, reach, &mut length)?;
        }
        for candidate in &candidates {
            if candidate.score >= least && accept(candidate.slot) {
                found.scored += 1;
                best.push(*candidate);
            }
        }

        let before = cursors.len();
        let mut place = 0;
        let mut kept = essential;
        cursors.retain(|cursor| {
            let ended = cursor.is_at_end();
            kept -= usize::from(ended && place < essential);
            place += 1;
            !ended
        });
        essential = kept;
        if cursors.len() < before {
            remaining = bounds_from(&cursors);
        }
        leave_out(&mut essential, &remaining, floor.max(best.threshold()));
        span = (2 * span).min(WINDOW);
    }
    found.best = score_again(terms, &scorer, best.into_slots(), &mut length)?;
    keep_best(&mut found.best, k);
    Ok(found)
}

/// The weight of each term that a document holds, by the number of the term.
///
/// # Errors
/// The first error of a posting list.
pub fn weights<L: PostingList>(terms: &[TermQuery<L>], slot: u32) -> Result<Vec<(usize, f32)>, L::Error> {
    let mut weights = Vec::new();
    for term in terms {
        if let Some(posting) = Reader::new(&term.list).seek(slot)?.filter(|found| found.slot == slot) {
            weights.push((term.term, posting.weight));
        }
    }
    Ok(weights)
}

/// Makes fewer lists essential, as long as those behind them cannot bring a document to `least`.
fn leave_out(essential: &mut usize, remaining: &[f64], least: f64) {
    let fewest = remaining.len().saturating_sub(LOOKED_UP);
    while *essential > fewest && remaining.get(*essential - 1).is_some_and(|rest| rest * ROUNDING < least) {
        *essential -= 1;
    }
}

/// A score that `k` documents have at least, by the terms of the greatest bounds alone, as many as have few postings.
fn first_floor<L: PostingList>(
    cursors: &[Cursor<'_, L>],
    k: usize,
    window: &mut Window,
    length: &mut impl FnMut(u32) -> f32,
    accept: &mut impl FnMut(u32) -> bool,
) -> Result<f64, L::Error> {
    let mut blocks = 0;
    let few = cursors.iter().take_while(|cursor| {
        blocks += cursor.reader.list.blocks().len();
        blocks <= FLOOR_BLOCKS
    });
    let mut few: Vec<Cursor<'_, L>> = few.map(Cursor::again).collect();
    let mut best = Best::new(k);
    let mut candidates = Vec::new();
    while let Some(first) = first_of(&mut few)? {
        window.start_at(first, WINDOW);
        for cursor in &mut few {
            cursor.add_to(window, Window::add, length)?;
        }
        window.drain_into(&mut candidates, Reach { least: best.threshold(), rest: 0.0 });
        for candidate in &candidates {
            if candidate.score > best.threshold() && accept(candidate.slot) {
                best.push(*candidate);
            }
        }
    }
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

/// Scores documents, ascending by slot, in the order of the terms.
fn score_again<L: PostingList>(
    terms: &[TermQuery<L>],
    scorer: &Scorer<'_>,
    slots: Vec<u32>,
    length: &mut impl FnMut(u32) -> f32,
) -> Result<Vec<Scored>, L::Error> {
    let mut scored: Vec<Scored> = slots.into_iter().map(|slot| Scored { slot, score: 0.0 }).collect();
    let mut in_order: Vec<&TermQuery<L>> = terms.iter().collect();
    in_order.sort_by_key(|term| term.term);
    for term in in_order {
        let idf = scorer.idf(term.document_frequency);
        let mut reader = Reader::new(&term.list);
        let mut documents = scored.as_mut_slice();
        // Whichever has fewer, the list or the documents, sets the pace.
        while let Some(document) = documents.first_mut() {
            let Some(posting) = reader.seek(document.slot)? else { break };
            if posting.slot == document.slot {
                document.score += scorer.term(term.weight, idf, posting.weight, length(posting.slot));
            }
            let done = documents.partition_point(|document| document.slot < posting.slot).max(1);
            documents = documents.get_mut(done..).unwrap_or_default();
        }
    }
    Ok(scored)
}

/// Leaves the `k` best and those that tie with the last of them, best first, then by slot.
fn keep_best(scored: &mut Vec<Scored>, k: usize) {
    scored
        .sort_unstable_by(|left, right| right.score.total_cmp(&left.score).then(left.slot.cmp(&right.slot)));
    if let Some(last) = k.checked_sub(1).and_then(|last| scored.get(last)).copied() {
        scored.retain(|document| document.score >= last.score);
    }
}

/// How far the score of a document has to get, and what may still come.
#[derive(Debug, Clone, Copy)]
struct Reach {
    /// A score below this is of no use.
    least: f64,
    /// The most that the lists add which were not looked at yet.
    rest: f64,
}

impl Reach {
    fn is_possible(self, score: f64) -> bool {
        (score + self.rest) * ROUNDING >= self.least
    }
}

/// Moves through a list, from block to block and inside of one; never back.
struct Reader<'a, L> {
    list: &'a L,
    /// The block it stands in; after the last one at the end.
    number: usize,
    /// Whether that block is in `block`.
    loaded: bool,
    block: Block,
    /// The place in the block.
    at: usize,
}

impl<'a, L: PostingList> Reader<'a, L> {
    fn new(list: &'a L) -> Reader<'a, L> {
        Reader { list, number: 0, loaded: false, block: Block::default(), at: 0 }
    }

    /// The bounds of the block it stands in; `None` at the end.
    fn bounds(&self) -> Option<&'a BlockBounds> {
        self.list.blocks().get(self.number)
    }

    fn next_block(&mut self) {
        self.number += 1;
        self.loaded = false;
        self.at = 0;
    }

    fn load(&mut self) -> Result<(), L::Error> {
        if !self.loaded {
            self.list.load(self.number, &mut self.block)?;
            self.loaded = true;
        }
        Ok(())
    }

    /// Moves on to the first block that can hold the slot or one behind it, without reading it.
    fn skip_to(&mut self, slot: u32) {
        let ahead = self.list.blocks().get(self.number..).unwrap_or_default();
        let is_before = |bounds: &BlockBounds| bounds.last < slot;
        if !ahead.first().is_some_and(is_before) {
            return;
        }
        // Twice as far each time, then back by halves: most often it is near.
        let mut far = 1;
        while ahead.get(far).is_some_and(is_before) {
            far *= 2;
        }
        let near = far / 2;
        let between = ahead.get(near..ahead.len().min(far)).unwrap_or_default();
        // One ahead at least: the block it stood in is before the slot.
        self.number += (near + between.partition_point(is_before)).max(1) - 1;
        self.next_block();
    }

    /// The first posting at the slot or behind it.
    fn seek(&mut self, slot: u32) -> Result<Option<Posting>, L::Error> {
        self.skip_to(slot);
        while self.bounds().is_some() {
            self.load()?;
            let behind = self.block.slots().get(self.at..).unwrap_or_default();
            self.at += behind.partition_point(|other| *other < slot);
            if let Some(posting) = self.posting() {
                return Ok(Some(posting));
            }
            self.next_block();
        }
        Ok(None)
    }

    /// The posting it stands at, in a block that is loaded.
    fn posting(&self) -> Option<Posting> {
        let (slot, weight) = (self.block.slots().get(self.at)?, self.block.weights().get(self.at)?);
        Some(Posting { slot: *slot, weight: *weight })
    }
}

/// A posting list that is being scored.
struct Cursor<'a, L> {
    impact: Impact,
    /// The most that one of its postings adds to a score.
    bound: f64,
    /// The same for one block, and its number.
    block_bound: (usize, f64),
    reader: Reader<'a, L>,
}

impl<'a, L: PostingList> Cursor<'a, L> {
    fn new(term: &'a TermQuery<L>, scorer: &Scorer<'_>) -> Cursor<'a, L> {
        let idf = scorer.idf(term.document_frequency);
        let impact = scorer.impact(term.weight, idf);
        let bounds = term.list.blocks().iter().map(|bounds| impact.bound(bounds));
        Cursor {
            bound: bounds.fold(0.0, f64::max),
            impact,
            block_bound: (usize::MAX, 0.0),
            reader: Reader::new(&term.list),
        }
    }

    /// Another one at the beginning of the same list.
    fn again(&self) -> Cursor<'a, L> {
        let reader = Reader::new(self.reader.list);
        Cursor { impact: self.impact, bound: self.bound, block_bound: (usize::MAX, 0.0), reader }
    }

    /// How many blocks reach into a window.
    fn blocks_in(&mut self, window: &Window) -> usize {
        self.reader.skip_to(window.first);
        let ahead = self.reader.list.blocks().get(self.reader.number..).unwrap_or_default();
        let end = window.end();
        ahead.iter().take_while(|bounds| u64::from(bounds.last) < end).count() + 1
    }

    fn is_at_end(&self) -> bool {
        self.reader.bounds().is_none()
    }

    /// The slot it stands at.
    fn current(&mut self) -> Result<Option<u32>, L::Error> {
        if self.reader.loaded
            && let Some(posting) = self.reader.posting()
        {
            return Ok(Some(posting.slot));
        }
        Ok(self.reader.seek(0)?.map(|posting| posting.slot))
    }

    /// Adds what it has in a window to the scores there, and moves behind it.
    fn add_to(
        &mut self,
        window: &mut Window,
        add: impl Fn(&mut Window, &[u32], &[f64]),
        length: &mut impl FnMut(u32) -> f32,
    ) -> Result<(), L::Error> {
        let end = window.end();
        while self.current()?.is_some_and(|slot| u64::from(slot) < end) {
            let reader = &mut self.reader;
            let slots = reader.block.slots().get(reader.at..).unwrap_or_default();
            let weights = reader.block.weights().get(reader.at..).unwrap_or_default();
            let inside = slots.partition_point(|slot| u64::from(*slot) < end).clamp(1, BLOCK_POSTINGS);
            // One thing at a time, so that the divisions run abreast.
            let mut lengths = [0.0_f32; BLOCK_POSTINGS];
            for (place, slot) in lengths.iter_mut().zip(slots).take(inside) {
                *place = length(*slot);
            }
            let mut scores = [0.0_f64; BLOCK_POSTINGS];
            let impact = self.impact;
            for ((score, weight), length) in scores.iter_mut().zip(weights).zip(&lengths).take(inside) {
                *score = impact.of(*weight, *length);
            }
            add(window, slots.get(..inside).unwrap_or_default(), &scores);
            reader.at += inside;
        }
        Ok(())
    }

    /// Adds what it has to the score of each candidate, ascending by slot, and leaves out those that cannot get far enough.
    fn add_to_each(
        &mut self,
        candidates: &mut Vec<Scored>,
        reach: Reach,
        length: &mut impl FnMut(u32) -> f32,
    ) -> Result<(), L::Error> {
        let mut kept = 0;
        for read in 0..candidates.len() {
            let Some(mut candidate) = candidates.get(read).copied() else { break };
            if !reach.is_possible(candidate.score + self.bound) {
                continue;
            }
            self.reader.skip_to(candidate.slot);
            if !reach.is_possible(candidate.score + self.block_bound()) {
                continue;
            }
            if let Some(posting) =
                self.reader.seek(candidate.slot)?.filter(|found| found.slot == candidate.slot)
            {
                candidate.score += self.impact.of(posting.weight, length(posting.slot));
            }
            if let Some(place) = candidates.get_mut(kept) {
                *place = candidate;
                kept += usize::from(reach.is_possible(candidate.score));
            }
        }
        candidates.truncate(kept);
        Ok(())
    }

    /// The most that a posting of the block it stands in adds to a score.
    fn block_bound(&mut self) -> f64 {
        let Some(bounds) = self.reader.bounds() else { return 0.0 };
        if self.block_bound.0 != self.reader.number {
            self.block_bound = (self.reader.number, self.impact.bound(bounds));
        }
        self.block_bound.1
    }
}

/// Scores of the documents from one slot on, as far as they hold a term.
struct Window {
    first: u32,
    span: usize,
    /// Postings that were added: documents that are found, or more.
    added: usize,
    scores: Box<[f64; WINDOW]>,
    /// One bit for each document that holds a term, as a score may be 0.
    found: [u64; WINDOW / 64],
}

impl Window {
    fn new() -> Window {
        Window { first: 0, span: 0, added: 0, scores: Box::new([0.0; WINDOW]), found: [0; WINDOW / 64] }
    }

    fn start_at(&mut self, first: u32, span: usize) {
        self.first = first;
        self.span = span;
        self.added = 0;
    }

    /// The slot behind the last.
    fn end(&self) -> u64 {
        u64::from(self.first) + self.span as u64
    }

    /// Where a slot has its place. One that is not in the window, as a list that does not ascend may give, gets the place of another.
    fn place(&self, slot: u32) -> usize {
        slot.wrapping_sub(self.first) as usize % WINDOW
    }

    /// Adds to the scores of documents, which are found now.
    fn add(&mut self, slots: &[u32], scores: &[f64]) {
        self.added += slots.len();
        for (slot, score) in slots.iter().zip(scores) {
            let place = self.place(*slot);
            self.scores[place] += score;
            self.found[place / 64] |= 1 << (place % 64);
        }
    }

    /// Adds to the scores of those documents that are found already.
    fn add_if_found(&mut self, slots: &[u32], scores: &[f64]) {
        for (slot, score) in slots.iter().zip(scores) {
            let place = self.place(*slot);
            let found = self.found[place / 64] >> (place % 64) & 1;
            self.scores[place] += if found == 1 { *score } else { 0.0 };
        }
    }

    /// Replaces `candidates` by what was found and can get far enough, slots ascending; the window is empty then.
    fn drain_into(&mut self, candidates: &mut Vec<Scored>, reach: Reach) {
        // Whether a document is kept is hard to foretell, so every one is written, and those to be left out are overwritten.
        candidates.resize(self.added.min(self.span) + 1, Scored { slot: 0, score: 0.0 });
        let mut kept = 0;
        let words = self.found.iter_mut().zip(self.scores.as_chunks_mut::<64>().0);
        let mut first = self.first;
        for (found, scores) in words.take(self.span.div_ceil(64)) {
            let mut bits = std::mem::take(found);
            for _ in 0..bits.count_ones() {
                let place = bits.trailing_zeros();
                bits &= bits - 1;
                let score = std::mem::take(&mut scores[place as usize % 64]);
                if let Some(candidate) = candidates.get_mut(kept) {
                    *candidate = Scored { slot: first.wrapping_add(place), score };
                    kept += usize::from(reach.is_possible(score));
                }
            }
            // Wraps only behind the last slot of all.
            first = first.wrapping_add(64);
        }
        candidates.truncate(kept);
    }
}

/// The documents that may be among the `k` best, by scores that may be off by [`ROUNDING`].
struct Best {
    k: usize,
    /// The `k` best scores so far, the least on top.
    scores: BinaryHeap<LeastFirst>,
    /// Every document that reached the threshold of its time.
    kept: Vec<Scored>,
    /// At so many of them those that have fallen behind are taken out.
    crowded: usize,
}

/// So many documents for each of the `k` are kept before any is taken out again, and some more.
const CROWD: (usize, usize) = (2, 64);

impl Best {
    fn new(k: usize) -> Best {
        let crowded = k.saturating_mul(CROWD.0).saturating_add(CROWD.1);
        Best { k, scores: BinaryHeap::new(), kept: Vec::new(), crowded }
    }

    /// What a document must reach to be among the best; rounding is allowed for.
    fn threshold(&self) -> f64 {
        if self.scores.len() < self.k {
            return f64::NEG_INFINITY;
        }
        self.scores.peek().map_or(f64::NEG_INFINITY, |least| least.0 / ROUNDING)
    }

    fn push(&mut self, document: Scored) {
        if document.score < self.threshold() {
            return;
        }
        self.kept.push(document);
        self.scores.push(LeastFirst(document.score));
        if self.scores.len() > self.k {
            self.scores.pop();
        }
        if self.kept.len() >= self.crowded {
            let least = self.threshold();
            self.kept.retain(|document| document.score >= least);
            // However many tie, each is looked at a few times only.
            self.crowded = self.crowded.max(2 * self.kept.len());
        }
    }

    /// The documents, ascending by slot.
    fn into_slots(self) -> Vec<u32> {
        let least = self.threshold();
        let mut slots: Vec<u32> = self
            .kept
            .iter()
            .filter(|document| document.score >= least)
            .map(|document| document.slot)
            .collect();
        slots.sort_unstable();
        slots.dedup();
        slots
    }
}

/// Orders by score, reversed: the standard heap has its greatest on top.
#[derive(Debug, Clone, Copy)]
struct LeastFirst(f64);

impl Ord for LeastFirst {
    fn cmp(&self, other: &LeastFirst) -> Ordering {
        other.0.total_cmp(&self.0)
    }
}

impl PartialOrd for LeastFirst {
    fn partial_cmp(&self, other: &LeastFirst) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for LeastFirst {
    fn eq(&self, other: &LeastFirst) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for LeastFirst {}

/// What a list adds to scores, with one division: the same as [`Scorer::term`] but for rounding.
#[derive(Debug, Clone, Copy)]
enum Impact {
    /// `most · weight / (weight + base + slope · length)`.
    Bm25 { most: f64, base: f64, slope: f64 },
    /// `most · weight`.
    Dot { most: f64 },
}

impl Impact {
    fn of(self, weight: f32, length: f32) -> f64 {
        let (weight, length) = (f64::from(weight), f64::from(length));
        match self {
            // The least positive number makes 0 / 0 a 0.
            Impact::Bm25 { most, base, slope } => {
                most * weight / (weight + base + slope * length + f64::MIN_POSITIVE)
            }
            Impact::Dot { most } => most * weight,
        }
    }

    /// The most that a posting within the bounds adds: BM25 grows with the frequency and falls with the length.
    fn bound(self, bounds: &BlockBounds) -> f64 {
        let [low, high] = bounds.corners;
        self.of(low.weight, low.length).max(self.of(high.weight, high.length))
    }
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
    fn term(&self, query_weight: f64, idf: f64, weight: f32, length: f32) -> f64 {
        let (weight, length) = (f64::from(weight), f64::from(length));
        match self.scoring {
            Scoring::Bm25 { bm25, .. } => bm25.score(query_weight, idf, weight, length, self.average_length),
            Scoring::Dot => query_weight * weight,
        }
    }

    /// What a list adds to scores, for many documents.
    fn impact(&self, query_weight: f64, idf: f64) -> Impact {
        match self.scoring {
            Scoring::Dot => Impact::Dot { most: query_weight },
            Scoring::Bm25 { bm25: Bm25 { k1, b }, .. } => {
                let most = query_weight * idf;
                if self.average_length > 0.0 {
                    Impact::Bm25 { most, base: k1 * (1.0 - b), slope: k1 * b / self.average_length }
                } else {
                    Impact::Bm25 { most, base: *k1, slope: 0.0 }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
