//! Languages by name and by ISO 639-1 code.

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

/// The code of each language, in the order of [`LANGUAGES`].
const CODES: [&str; 18] = [
    "ar", "da", "nl", "en", "fi", "fr", "de", "el", "hu", "it", "no", "pt", "ro", "ru", "es", "sv", "ta",
    "tr",
];

/// A language that we know.
#[derive(Debug, Clone, Copy)]
pub(super) struct Language {
    pub(super) name: &'static str,
    #[cfg_attr(not(feature = "words"), expect(dead_code, reason = "lists of stop words are found by it"))]
    pub(super) code: &'static str,
}

/// The language with this name or code, in any case.
pub(super) fn find(language: &str) -> Result<Language, AnalyzerError> {
    let wanted = language.to_ascii_lowercase();
    LANGUAGES
        .iter()
        .zip(CODES)
        .find(|(name, code)| **name == wanted || *code == wanted)
        .map(|(name, code)| Language { name, code })
        .ok_or_else(|| AnalyzerError::UnknownLanguage { language: language.to_owned() })
}
