//! From text to terms: a tokenizer and the steps behind it, on the traits of `tantivy-tokenizer-api`.
//!
//! | file | is |
//! |---|---|
//! | `pipeline` | [`Analyzer`], what users hold: a definition and the pipeline made of it |
//! | `definition` | [`AnalyzerDefinition`], what a database stores |
//! | `presets` | the named ones |
//! | `languages` | names of languages, as stemmers and stop words know them |
//! | `words` | the tokenizer: Unicode words |
//! | `lowercase`, `folding`, `stop_words`, `stemmer` | one step each |
//! | `rewrite` | what steps that change every token have in common |
//! | `erased` | tokenizers and filters behind one type |

mod definition;
mod erased;
mod folding;
mod languages;
mod lowercase;
mod pipeline;
mod presets;
mod rewrite;
mod stemmer;
mod stop_words;
mod words;

pub use definition::{AnalyzerDefinition, AnalyzerError, Step};
pub use languages::LANGUAGES;
pub use pipeline::{Analyzer, MAX_STEPS, MAX_TERM_BYTES};
