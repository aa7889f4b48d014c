//! From text to terms: a tokenizer and the steps behind it, on the traits of `tantivy-tokenizer-api`.
//!
//! | file | is |
//! |---|---|
//! | `pipeline` | [`Analyzer`], what users hold: a definition and the pipelines made of it |
//! | `built_in` | the steps that bring tables with them, and that a build without the feature `words` leaves out |
//! | `sides` | the two pipelines: for texts that are stored, and for queries |
//! | `analysis`, `token`, `occurrences` | what becomes of a text |
//! | `definition` | [`AnalyzerDefinition`], what a database stores |
//! | `presets` | the named ones |
//! | `languages` | names of languages, as stemmers and stop words know them |
//! | `words`, `pieces`, `unspaced` | the tokenizer: Unicode words, and letters where scripts have no spaces |
//! | `lowercase`, `folding`, `stop_words`, `stemmer`, `ngrams`, `edge_ngrams`, `synonyms` | one step each |
//! | `rewrite`, `expand` | what steps have in common that change every token, or make several of one |
//! | `grams` | parts of tokens |
//! | `function`, `failure` | steps that are functions of the user's, and what they fail with |
//! | `erased` | tokenizers and filters behind one type |

mod analysis;
#[cfg(feature = "words")]
mod built_in;
mod definition;
mod edge_ngrams;
mod erased;
mod expand;
mod failure;
#[cfg(feature = "words")]
mod folding;
mod function;
mod grams;
mod languages;
mod lowercase;
mod ngrams;
mod occurrences;
#[cfg(feature = "words")]
mod pieces;
mod pipeline;
mod presets;
mod rewrite;
mod sides;
#[cfg(feature = "words")]
mod stemmer;
mod stop_words;
mod synonyms;
mod token;
#[cfg(feature = "words")]
mod unspaced;
#[cfg(feature = "words")]
mod words;

pub use definition::{AnalyzerDefinition, AnalyzerError, Step};
pub use failure::StepError;
pub use languages::LANGUAGES;
pub use ngrams::MAX_GRAM;
pub use occurrences::{Occurrence, Occurrences, stored_position};
pub use pipeline::{Analyzer, MAX_STEPS, MAX_TERM_BYTES};
pub use synonyms::{MAX_SYNONYMS, MAX_SYNONYMS_OF_TERM};
pub use token::Token;
