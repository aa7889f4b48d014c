//! Languages by name and by ISO 639-1 code.

use snowball_stemmers_rs::Algorithm;

use super::definition::AnalyzerError;

/// Names of the languages that have a Snowball stemmer, sorted.
pub const LANGUAGES: [&str; 18] = [
    "arabic",
    "danish",
    "dutch",
    "english",
    "finnish",
    "french",
    "german",
    "greek",
    "hungarian",
    "italian",
    "norwegian",
    "portuguese",
    "romanian",
    "russian",
    "spanish",
    "swedish",
    "tamil",
    "turkish",
];

/// Code and stemmer of each language, in the order of [`LANGUAGES`].
const DETAILS: [(&str, Algorithm); 18] = [
    ("ar", Algorithm::Arabic),
    ("da", Algorithm::Danish),
    ("nl", Algorithm::Dutch),
    ("en", Algorithm::English),
    ("fi", Algorithm::Finnish),
    ("fr", Algorithm::French),
    ("de", Algorithm::German),
    ("el", Algorithm::Greek),
    ("hu", Algorithm::Hungarian),
    ("it", Algorithm::Italian),
    ("no", Algorithm::Norwegian),
    ("pt", Algorithm::Portuguese),
    ("ro", Algorithm::Romanian),
    ("ru", Algorithm::Russian),
    ("es", Algorithm::Spanish),
    ("sv", Algorithm::Swedish),
    ("ta", Algorithm::Tamil),
    ("tr", Algorithm::Turkish),
];

/// A language that we know.
#[derive(Debug, Clone, Copy)]
pub(super) struct Language {
    pub(super) name: &'static str,
    pub(super) code: &'static str,
    pub(super) stemmer: Algorithm,
}

/// The language with this name or code, in any case.
pub(super) fn find(language: &str) -> Result<Language, AnalyzerError> {
    let wanted = language.to_ascii_lowercase();
    LANGUAGES
        .iter()
        .zip(DETAILS)
        .find(|(name, (code, _))| **name == wanted || *code == wanted)
        .map(|(name, (code, stemmer))| Language { name, code, stemmer })
        .ok_or_else(|| AnalyzerError::UnknownLanguage { language: language.to_owned() })
}
