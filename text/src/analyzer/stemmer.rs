//! Stems by the Snowball algorithms.
//!
//! `snowball_stemmers_rs` (Snowball 3.0) and not `rust-stemmers` (2.0): the Greek stemmer of the latter slices out of
//! bounds for some words ("ισαισα", "ύφορετε"; lance-format/lance#5235 met such words in real text), and no text may
//! make us panic. The tests keep words on which that one fails.

use std::borrow::Cow;

use snowball_stemmers_rs::{Algorithm, Stemmer};

use super::definition::AnalyzerError;
use super::languages::{LANGUAGES, Language};
use super::pipeline::MAX_TERM_BYTES;
use super::rewrite::Rewrite;

/// The algorithm of each language, in the order of [`LANGUAGES`].
const ALGORITHMS: [Algorithm; LANGUAGES.len()] = [
    Algorithm::Arabic,
    Algorithm::Danish,
    Algorithm::Dutch,
    Algorithm::English,
    Algorithm::Finnish,
    Algorithm::French,
    Algorithm::German,
    Algorithm::Greek,
    Algorithm::Hungarian,
    Algorithm::Italian,
    Algorithm::Norwegian,
    Algorithm::Portuguese,
    Algorithm::Romanian,
    Algorithm::Russian,
    Algorithm::Spanish,
    Algorithm::Swedish,
    Algorithm::Tamil,
    Algorithm::Turkish,
];

/// The algorithm of a language.
pub(super) fn algorithm(language: Language) -> Result<Algorithm, AnalyzerError> {
    let mut all = LANGUAGES.iter().zip(ALGORITHMS);
    all.find(|(name, _)| **name == language.name)
        .map(|(_, algorithm)| algorithm)
        .ok_or_else(|| AnalyzerError::UnknownLanguage { language: language.name.to_owned() })
}

#[derive(Clone, Copy)]
pub(super) struct Stem(pub(super) Algorithm);

impl Rewrite for Stem {
    fn rewrite(&self, text: &mut String, _: &mut String) {
        // Some algorithms take quadratic time, and a token this long gives no term anyway.
        if text.len() > MAX_TERM_BYTES {
            return;
        }
        if let Cow::Owned(stem) = Stemmer::create(self.0).stem(text) {
            *text = stem;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::analyzer::languages::find;

    fn stem(language: &str, word: &str) -> String {
        let mut text = word.to_owned();
        Stem(algorithm(find(language).unwrap()).unwrap()).rewrite(&mut text, &mut String::new());
        text
    }

    /// Forms of one word, for each language, that an index must bring together.
    #[test]
    fn forms_of_a_word_have_one_stem() {
        for (language, one, other) in [
            ("arabic", "كتاب", "الكتاب"),
            ("danish", "hus", "husene"),
            ("dutch", "boek", "boeken"),
            ("english", "connection", "connected"),
            ("finnish", "talo", "talossa"),
            ("french", "homme", "l'hommes"),
            ("german", "haus", "häuser"),
            ("greek", "δρόμος", "δρόμοι"),
            ("hungarian", "ház", "házban"),
            ("italian", "libro", "libri"),
            ("norwegian", "bok", "boken"),
            ("portuguese", "livro", "livros"),
            ("romanian", "casă", "casele"),
            ("russian", "книга", "книги"),
            ("spanish", "libro", "libros"),
            ("swedish", "bok", "boken"),
            ("tamil", "புத்தகம்", "புத்தகங்கள்"),
            ("turkish", "kitap", "kitaplar"),
        ] {
            assert_eq!(stem(language, one), stem(language, other), "{language}");
        }
    }

    #[test]
    fn words_that_made_another_stemmer_panic() {
        for word in ["ισαισα", "ισαισαμε", "ύφορετε", "Έμαρκετε", "ΑΝΤΙΘΕΤΈιζαν"]
        {
            assert!(!stem("greek", word).is_empty(), "{word}");
        }
    }

    #[test]
    fn a_token_that_gives_no_term_is_left_alone() {
        let long = "houses".repeat(MAX_TERM_BYTES);
        assert_eq!(stem("english", &long), long);
        let longest = "s".repeat(MAX_TERM_BYTES - 2) + "es";
        assert_ne!(stem("english", &longest), longest);
    }

    proptest! {
        #[test]
        fn no_text_makes_a_stemmer_panic(word in "\\PC{0,40}") {
            for language in LANGUAGES {
                stem(language, &word);
            }
        }
    }
}
