//! What an analyzer is, as a database stores it: a version and steps in order.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::languages::LANGUAGES;
use super::ngrams::MAX_GRAM;
use super::pipeline::MAX_STEPS;
use super::presets;
use super::synonyms::{MAX_SYNONYMS, MAX_SYNONYMS_OF_TERM, SynonymMap};

/// Version of the steps' meaning. A step that would give other terms than before needs another version, as a
/// database analyzes its texts again whenever it removes one.
pub(super) const VERSION: u32 = 2;

/// The stored form of an analyzer. Two analyzers with equal definitions give equal terms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnalyzerDefinition {
    pub(super) version: u32,
    pub(super) steps: Vec<Step>,
}

/// One step; the first one is the tokenizer, or there is none and no text gives a term.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Tokens are the words of UAX #29 that hold a letter or a digit; where a script has no spaces between words, letters and
    /// pairs of them, and only the pairs in a query.
    UnicodeWords,
    /// Tokens in lower case, as Unicode maps it.
    Lowercase,
    /// Letters without their marks; letters outside ASCII that have an ASCII spelling in it.
    AsciiFolding,
    /// Tokens that are stop words of a language are dropped.
    StopWords(String),
    /// Tokens that are what the steps before make of these words are dropped.
    CustomStopWords(BTreeSet<String>),
    /// Tokens become their stems, by the Snowball algorithm of a language.
    Stemmer(String),
    /// Tokens become their parts of so many characters.
    Ngrams(usize),
    /// Tokens become their prefixes; in a query they are cut to the longest one.
    EdgeNgrams {
        /// Characters of the shortest prefix.
        min: usize,
        /// Characters of the longest prefix.
        max: usize,
    },
    /// Tokens that are what the steps before make of a term also give what they make of its synonyms; not in a query.
    Synonyms(SynonymMap),
}

impl Step {
    /// Whether tokens become parts of themselves.
    pub(super) fn makes_grams(&self) -> bool {
        matches!(self, Step::Ngrams(_) | Step::EdgeNgrams { .. })
    }

    /// What users call it.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Step::UnicodeWords => "unicode_words",
            Step::Lowercase => "lowercase",
            Step::AsciiFolding => "ascii_folding",
            Step::StopWords(_) | Step::CustomStopWords(_) => "stopwords",
            Step::Stemmer(_) => "stemmer",
            Step::Ngrams(_) => "ngrams",
            Step::EdgeNgrams { .. } => "edge_ngrams",
            Step::Synonyms(_) => "synonyms",
        }
    }
}

/// An analyzer that cannot be.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AnalyzerError {
    /// No such language.
    #[error("unknown language {language:?}: expected one of {}, or its ISO 639-1 code", LANGUAGES.join(", "))]
    UnknownLanguage {
        /// What was asked for.
        language: String,
    },
    /// The language has a stemmer but no stop words.
    #[error("there are no stop words for {language:?}: give a set of words of your own")]
    NoStopWords {
        /// What was asked for.
        language: String,
    },
    /// No such preset.
    #[error("unknown analyzer {name:?}: expected {}, or a language among {}", presets::NAMES.join(", "), LANGUAGES.join(", "))]
    UnknownPreset {
        /// What was asked for.
        name: String,
    },
    /// A definition of another version of this library, which may mean other terms by the same steps.
    #[error("the analyzer has version {version}, this vectlite knows {VERSION}: {}",
        if *version > VERSION { "use a newer vectlite" } else { "create the database again" })]
    UnknownVersion {
        /// What was stored.
        version: u32,
    },
    /// More steps than [`MAX_STEPS`].
    #[error("an analyzer has at most {MAX_STEPS} steps")]
    TooManySteps,
    /// A length of grams that cannot be.
    #[error("grams: expected 1 ≤ min ≤ max ≤ {MAX_GRAM} characters, got {min} to {max}")]
    Grams {
        /// Characters of the shortest gram.
        min: usize,
        /// Characters of the longest gram.
        max: usize,
    },
    /// A step that makes several tokens of one, behind one of its kind.
    #[error("the analyzer has {step} already: grams come once, and so do synonyms")]
    Repeated {
        /// The one it has.
        step: &'static str,
    },
    /// A synonym, or a term that has synonyms, that is no single term.
    #[error(
        "synonyms: expected words that are one term each, but the steps before make {terms:?} of {word:?}"
    )]
    NotOneTerm {
        /// What was given.
        word: String,
        /// What it becomes.
        terms: Vec<String>,
    },
    /// More words than [`MAX_SYNONYMS`].
    #[error("synonyms: expected at most {MAX_SYNONYMS} words, terms and synonyms together, got {words}")]
    TooManySynonyms {
        /// How many were given.
        words: usize,
    },
    /// More synonyms than [`MAX_SYNONYMS_OF_TERM`].
    #[error("synonyms: expected at most {MAX_SYNONYMS_OF_TERM} for a term, got {synonyms} for {term:?}")]
    TooManySynonymsOfTerm {
        /// The term, as the steps before make it.
        term: String,
        /// How many it has.
        synonyms: usize,
    },
    /// A weight that a field cannot have.
    #[error(
        "weights: expected finite weights of at least 0 with sums that fit a 32-bit float, got {weight} for {field:?}"
    )]
    Weight {
        /// The field.
        field: String,
        /// Its weight.
        weight: f64,
    },
    /// A step whose tables this build does not have.
    #[error(
        "this build has no {step}: build vectlite with the feature `text`, or bring a tokenizer of your own"
    )]
    LeftOut {
        /// What was asked for.
        step: &'static str,
    },
    /// Steps in an order that makes no pipeline.
    #[error("an analyzer starts with its one tokenizer, other steps follow")]
    MisplacedTokenizer,
}
