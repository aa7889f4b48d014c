//! Analyzers with a name.

use super::definition::{AnalyzerError, Step};
use super::languages;

/// Those that are no language.
pub(super) const NAMES: [&str; 4] = ["standard", "trigram", "autocomplete", "none"];

/// Grams of `trigram`: two letters stand in nearly every text, four miss more of what people look for.
const TRIGRAM: usize = 3;
/// Longest prefix of `autocomplete`: hardly a word shares its first 16 letters with another one.
const LONGEST_PREFIX: usize = 16;

/// The steps of a preset.
///
/// - `standard`: Unicode words, lower case, folding. The default; good for names, code and mixed languages.
/// - `trigram`: the same in grams of 3 characters. Any part of a word of at least that length finds it; takes three times the
///   space and more.
/// - `autocomplete`: the same in prefixes of 1 to 16 characters, for searches while somebody types.
/// - a language (`english`, `de`, …): Unicode words, lower case, stop words, stems, folding.
///   Folding comes last, since stemmers and lists know their letters with marks.
/// - `none`: text is stored but gives no term; sparse vectors alone are searched.
pub(super) fn steps(name: &str) -> Result<Vec<Step>, AnalyzerError> {
    let standard = vec![Step::UnicodeWords, Step::Lowercase, Step::AsciiFolding];
    let with = |step| [&standard[..], &[step]].concat();
    match name.to_ascii_lowercase().as_str() {
        "standard" => Ok(standard),
        "trigram" => Ok(with(Step::Ngrams(TRIGRAM))),
        "autocomplete" => Ok(with(Step::EdgeNgrams { min: 1, max: LONGEST_PREFIX })),
        "none" => Ok(Vec::new()),
        other => {
            let unknown = |_| AnalyzerError::UnknownPreset { name: name.to_owned() };
            let language = languages::find(other).map_err(unknown)?;
            let name = || language.name.to_owned();
            Ok(vec![
                Step::UnicodeWords,
                Step::Lowercase,
                Step::StopWords(name()),
                Step::Stemmer(name()),
                Step::AsciiFolding,
            ])
        }
    }
}

#[cfg(test)]
#[cfg(feature = "words")]
mod tests {
    use super::super::{Analyzer, LANGUAGES, stop_words};
    use super::*;

    /// FNV-1a over words with a separator.
    fn fingerprint<'a>(words: impl Iterator<Item = &'a str>) -> u64 {
        words.flat_map(|word| word.bytes().chain([0])).fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
        })
    }

    /// Terms are stored, so what decides them is part of the file format. When a dependency changes one of these,
    /// the version of the definition must change, or databases made before would no longer find their own texts.
    #[test]
    fn dependencies_give_the_terms_they_always_gave() {
        let languages: Vec<_> = LANGUAGES.iter().map(|name| languages::find(name).unwrap()).collect();
        let lists = languages.iter().flat_map(|language| stop_words::list(*language).unwrap());
        assert_eq!(fingerprint(lists.copied()), 0x5B3B_1ED4_BDDD_6B11, "stop words");
        let stems: Vec<String> = languages
            .iter()
            .flat_map(|language| {
                let stemmer = Analyzer::new().lowercase().stemmer(language.name).unwrap();
                let words = stop_words::list(*language).unwrap();
                words.iter().flat_map(move |word| stemmer.tokenize(word)).collect::<Vec<_>>()
            })
            .collect();
        assert_eq!(fingerprint(stems.iter().map(String::as_str)), 0x793C_8823_96F1_EC3F, "stems");
        assert_eq!(unicode_segmentation::UNICODE_VERSION, (17, 0, 0), "word boundaries");
        assert_eq!(unicode_normalization::UNICODE_VERSION, (18, 0, 0), "marks");
    }
}
