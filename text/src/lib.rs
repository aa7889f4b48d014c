//! Analyzers, posting lists and BM25 over slots and terms.
//!
//! Text becomes terms ([`Analyzer`]); a term's occurrences are [`Posting`]s, stored in blocks of up to
//! [`BLOCK_POSTINGS`] ([`encode_block`], [`decode_block`]); the best documents of a query's terms are found ([`search`]) by
//! [`Bm25`] or the plain dot product, in lists that know the bounds of their blocks ([`PostingList`]). This crate knows slots and strings only: where postings
//! are kept, and what a slot stands for, is the caller's business.
//!
//! ```
//! use vectlite_text::Analyzer;
//!
//! let analyzer = Analyzer::preset("english")?;
//! assert_eq!(analyzer.tokenize("The running foxes"), ["run", "fox"]);
//! # Ok::<(), vectlite_text::AnalyzerError>(())
//! ```
#![cfg_attr(not(test), deny(clippy::indexing_slicing))]

mod analyzer;
mod block;
mod bm25;
mod clause;
mod list;
mod list_block;
mod packed;
mod pattern;
mod positions;
mod posting;
mod search;

pub use analyzer::{
    Analyzer, AnalyzerDefinition, AnalyzerError, LANGUAGES, MAX_GRAM, MAX_STEPS, MAX_SYNONYMS,
    MAX_SYNONYMS_OF_TERM, MAX_TERM_BYTES, Occurrence, Occurrences, Step, StepError, Token, stored_position,
};
pub use block::{BLOCK_POSTINGS, Block, BlockError, decode_block, encode_block};
pub use bm25::{Bm25, Corpus, idf};
pub use clause::{Clause, Content, MAX_EDITS, Occur, SyntaxError, parse_query};
pub use list::{BlockBounds, Corner, PostingList};
pub use list_block::ListBlock;
pub use pattern::{Look, MAX_FUZZY_CHARACTERS, TermPattern};
pub use positions::{MAX_POSITIONS, PositionCursor, Positions};
pub use posting::Posting;
pub use search::{Found, Held, Scored, Scoring, TermQuery, held_by, search, search_rounded};
