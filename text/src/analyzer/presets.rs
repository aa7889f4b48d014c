//! Analyzers with a name.

use super::definition::{AnalyzerError, Step};
use super::languages;
use super::stop_words::StopWords;

/// The steps of a preset.
///
/// - `standard`: Unicode words, lower case, folding. The default; good for names, code and mixed languages.
/// - a language (`english`, `de`, …): Unicode words, lower case, stop words where there are any, stems, folding.
///   Folding comes last, since stemmers and lists know their letters with marks.
/// - `none`: text is stored but gives no term; sparse vectors alone are searched.
pub(super) fn steps(name: &str) -> Result<Vec<Step>, AnalyzerError> {
    match name.to_ascii_lowercase().as_str() {
        "standard" => Ok(vec![Step::UnicodeWords, Step::Lowercase, Step::AsciiFolding]),
        "none" => Ok(Vec::new()),
        other => {
            let unknown = |_| AnalyzerError::UnknownPreset { name: name.to_owned() };
            let language = languages::find(other).map_err(unknown)?.name.to_owned();
            let mut steps = vec![Step::UnicodeWords, Step::Lowercase];
            if StopWords::of(&language).is_ok() {
                steps.push(Step::StopWords(language.clone()));
            }
            steps.extend([Step::Stemmer(language), Step::AsciiFolding]);
            Ok(steps)
        }
    }
}
