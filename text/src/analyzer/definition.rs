//! What an analyzer is, as a database stores it: a version and steps in order.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::languages::LANGUAGES;
use super::pipeline::MAX_STEPS;

/// Version of the steps' meaning. A step that would give other terms than before needs another version, as a
/// database analyzes its texts again whenever it removes one.
pub(super) const VERSION: u32 = 1;

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
    /// Tokens are the words of UAX #29 that hold a letter or a digit.
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
}

/// An analyzer that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
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
    #[error("unknown analyzer {name:?}: expected standard, none, or a language among {}", LANGUAGES.join(", "))]
    UnknownPreset {
        /// What was asked for.
        name: String,
    },
    /// A definition of a later version of this library.
    #[error("the analyzer has version {version}, this vectlite knows {VERSION}: use a newer vectlite")]
    UnknownVersion {
        /// What was stored.
        version: u32,
    },
    /// More steps than [`MAX_STEPS`].
    #[error("an analyzer has at most {MAX_STEPS} steps")]
    TooManySteps,
    /// Steps in an order that makes no pipeline.
    #[error("an analyzer starts with its one tokenizer, other steps follow")]
    MisplacedTokenizer,
}
