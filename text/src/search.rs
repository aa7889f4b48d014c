//! Scoring: the documents of a query's terms in the order of slots, one window of slots after the other.

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

/// Documents that are scored together. Their scores (16 KiB) stay in the first-level cache while one list after the
/// other adds to them, and the lists are looked at once for so many documents and not once for each.
const WINDOW: usize = 2_048;

/// One posting list that is being read.
struct Cursor<P> {
    query_weight: f64,
    idf: f64,
    current: Option<Posting>,
    postings: P,
}

/// Scores every document that holds at least one of the terms and that `accept` lets pass, and returns how many
/// those were. The terms of a document are summed in the order of `terms`: the same bits everywhere.
///
/// `accept` is asked once for each document that holds a term, slots ascending; `length` for every posting. A
/// document all of whose weights, or query weights, are 0 is found with score 0: it does hold the term.
///
/// Each posting list must ascend; one that does not may give a document several times, with partial scores, but ends
/// as the list ends.
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
    for term in terms {
        let mut postings = term.postings;
        let current = postings.next().transpose()?;
        let idf = scorer.idf(term.document_frequency);
        cursors.push(Cursor { query_weight: term.weight, idf, current, postings });
    }
    let mut scored = 0;
    let mut window = Window::new();
    while let Some(first) =
        cursors.iter().filter_map(|cursor| cursor.current).map(|posting| posting.slot).min()
    {
        window.start_at(first);
        for cursor in &mut cursors {
            while let Some(posting) = cursor.current {
                let Some(score) = window.score(posting.slot) else { break };
                let length = f64::from(length(posting.slot));
                *score += scorer.term(cursor.query_weight, cursor.idf, f64::from(posting.weight), length);
                cursor.current = cursor.postings.next().transpose()?;
            }
        }
        window.drain(|slot, score| {
            if accept(slot) {
                scored += 1;
                collector.collect(slot, score);
            }
        });
        cursors.retain(|cursor| cursor.current.is_some());
    }
    Ok(scored)
}

/// Scores of the documents from one slot on, as far as they hold a term.
struct Window {
    first: u32,
    scores: Vec<f64>,
    /// One bit for each score: whether a term has been seen, as a score may be 0.
    found: Vec<u64>,
}

impl Window {
    fn new() -> Window {
        Window { first: 0, scores: vec![0.0; WINDOW], found: vec![0; WINDOW.div_ceil(64)] }
    }

    fn start_at(&mut self, first: u32) {
        self.first = first;
    }

    /// The score of a document so far, which is now found; `None` when it is outside of the window.
    fn score(&mut self, slot: u32) -> Option<&mut f64> {
        // A slot before the window wraps to one far behind it.
        let place = slot.wrapping_sub(self.first) as usize;
        let score = self.scores.get_mut(place)?;
        *self.found.get_mut(place / 64)? |= 1 << (place % 64);
        Some(score)
    }

    /// Gives away what was found, slots ascending, and is empty again.
    fn drain(&mut self, mut take: impl FnMut(u32, f64)) {
        for (bits, scores) in self.found.iter_mut().zip(self.scores.chunks_mut(64)) {
            while *bits != 0 {
                let place = bits.trailing_zeros();
                *bits &= *bits - 1;
                if let Some(score) = scores.get_mut(place as usize) {
                    // Wraps only for a slot of a list that does not ascend.
                    take(self.first.wrapping_add(place), std::mem::take(score));
                }
            }
            self.first = self.first.wrapping_add(64);
        }
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
    fn term(&self, query_weight: f64, idf: f64, weight: f64, length: f64) -> f64 {
        match self.scoring {
            Scoring::Bm25 { bm25, .. } => bm25.score(query_weight, idf, weight, length, self.average_length),
            Scoring::Dot => query_weight * weight,
        }
    }
}

#[cfg(test)]
mod tests;
