//! What a search costs on 100,000 real short texts, from memory, by the terms of the analyzer "standard".
//!
//! `cargo bench -p vectlite-text`. The data is read from `$VECTLITE_DATA` (default: `../shared/data` beside the checkout).

mod texts;

use std::borrow::Cow;
use std::cell::{Cell, OnceCell};
use std::collections::BTreeMap;
use std::io::Write;
use std::time::Instant;

use vectlite_text::{
    Analyzer, Block, BlockBounds, BlockError, Bm25, Corpus, ListBlock, Posting, PostingList, Scoring,
    TermQuery, encode_block, search,
};

use texts::Outcome;

const K: usize = 10;
const ROUNDS: usize = 21;

thread_local! {
    /// Whether a list keeps the blocks that were read once.
    static KEEPS: Cell<bool> = const { Cell::new(false) };
}

/// Encoded blocks, as a database has them.
#[derive(Default)]
struct List {
    len: u64,
    tail: Block,
    bounds: Vec<BlockBounds>,
    blocks: Vec<Vec<u8>>,
    kept: Vec<OnceCell<ListBlock>>,
}

impl List {
    fn push(&mut self, posting: Posting, length: f32) {
        match self.bounds.last_mut().filter(|_| !self.tail.is_empty()) {
            Some(last) => *last = last.and(posting, length),
            None => self.bounds.push(BlockBounds::of(posting, length)),
        }
        self.len += 1;
        self.tail.push(posting);
        if self.tail.len() == vectlite_text::BLOCK_POSTINGS {
            self.end();
        }
    }

    fn end(&mut self) {
        if !self.tail.is_empty() {
            let mut bytes = Vec::new();
            encode_block(&self.tail, &mut bytes);
            self.blocks.push(bytes);
            self.kept.push(OnceCell::new());
            self.tail.clear();
        }
    }
}

/// A list, and the lengths of all documents.
struct Measured<'a>(&'a List, &'a [f32]);

impl Measured<'_> {
    fn read(&self, number: usize, block: &mut ListBlock) -> Result<(), BlockError> {
        block.decode(&self.0.blocks[number], |slot| self.1[slot as usize])
    }
}

impl PostingList for Measured<'_> {
    type Error = BlockError;

    fn blocks(&self) -> &[BlockBounds] {
        &self.0.bounds
    }

    fn load<'a>(&'a self, number: usize, block: &mut Cow<'a, ListBlock>) -> Result<(), BlockError> {
        if !KEEPS.get() {
            return self.read(number, ListBlock::spare(block));
        }
        let kept = self.0.kept[number].get_or_init(|| {
            let mut read = ListBlock::default();
            self.read(number, &mut read).map_or_else(|_| ListBlock::default(), |()| read.narrowed())
        });
        *block = Cow::Borrowed(kept);
        Ok(())
    }
}

fn main() -> Outcome<()> {
    let folder = texts::folder();
    let mut out = std::io::stdout();
    if !folder.exists() {
        return Ok(writeln!(out, "skipped: no data at {}", folder.display())?);
    }
    let analyzer = Analyzer::default();
    let mut lists: BTreeMap<String, List> = BTreeMap::new();
    let mut lengths = Vec::new();
    for text in texts::read(&folder.join("base.jsonl"))? {
        let terms = analyzer.terms(&text);
        let length: f32 = terms.values().sum();
        for (term, weight) in terms {
            lists.entry(term).or_default().push(Posting { slot: lengths.len() as u32, weight }, length);
        }
        lengths.push(length);
    }
    lists.values_mut().for_each(List::end);
    let postings: usize = lists.values().flat_map(|list| &list.blocks).map(Vec::len).sum();
    writeln!(out, "{} terms, {postings} bytes of blocks", lists.len())?;

    let corpus = Corpus {
        documents: lengths.len() as u64,
        total_length: lengths.iter().map(|length| f64::from(*length)).sum(),
    };
    let scoring = Scoring::Bm25 { bm25: Bm25::default(), corpus };
    let queries: Vec<Vec<TermQuery<Measured<'_>>>> = texts::read(&folder.join("queries.jsonl"))?
        .iter()
        .map(|text| {
            let terms = analyzer.query_terms(text);
            let of = |(term, (name, weight)): (usize, (&String, &f32))| {
                let list = lists.get(name)?;
                let (weight, document_frequency) = (f64::from(*weight), list.len);
                Some(TermQuery { term, weight, document_frequency, list: Measured(list, &lengths) })
            };
            terms.iter().enumerate().filter_map(of).collect()
        })
        .collect();

    for (k, keeps) in [(K, false), (K, true), (100, false), (100, true), (1_000, false), (1_000, true)] {
        KEEPS.set(keeps);
        let mut rounds = Vec::new();
        let mut scored = 0;
        for _ in 0..ROUNDS {
            let started = Instant::now();
            scored = 0;
            for query in &queries {
                let found = search(query, &scoring, k, |_| true)?;
                scored += found.scored;
            }
            rounds.push(started.elapsed().as_secs_f64() / queries.len() as f64);
        }
        rounds.sort_by(f64::total_cmp);
        writeln!(
            out,
            "k {k}, blocks {}: {:.1} us a search (rounds {:.1} to {:.1}), {} documents scored",
            if keeps { "kept" } else { "read anew" },
            rounds[ROUNDS / 2] * 1e6,
            rounds[0] * 1e6,
            rounds[ROUNDS - 1] * 1e6,
            scored / queries.len()
        )?;
    }
    Ok(())
}
