//! The steps that bring tables with them: words and letters of Unicode, stop words, stems. What the feature `words` adds.

use super::definition::{AnalyzerError, Step};
use super::erased::Erased;
use super::folding::AsciiFolding;
use super::languages;
use super::pipeline::Analyzer;
use super::rewrite::Rewriting;
use super::sides::Sides;
use super::stemmer::{self, Stem};
use super::stop_words::{self, StopWords};
use super::words::Words;

impl Analyzer {
    /// Unicode words, and nothing behind them yet. In scripts that are written without spaces (Han, Hiragana, Katakana,
    /// Thai, Lao, Khmer, Myanmar) letters and pairs of them stand for words.
    ///
    /// ```
    /// use vectlite_text::Analyzer;
    ///
    /// assert_eq!(Analyzer::new().tokenize("日本語"), ["日", "日本", "本", "本語", "語"]);
    /// assert!(Analyzer::new().query_terms("日本語").keys().eq(["日本", "本語"]));
    /// ```
    pub fn new() -> Analyzer {
        let words = Sides::new(|side| Erased::new(Words(side)));
        Analyzer::over(vec![Step::UnicodeWords], 0, Some(words))
    }

    /// Letters without their marks: `é` becomes `e`, `ß` becomes `ss`. Where they already are, nothing changes.
    pub fn ascii_folding(self) -> Analyzer {
        if self.has(&Step::AsciiFolding) {
            return self;
        }
        self.push(Step::AsciiFolding, Rewriting(AsciiFolding))
    }

    /// Drops the stop words of a language. The words pass through the steps before this one, as tokens do: behind
    /// folding, `für` drops `fur`.
    ///
    /// # Errors
    /// [`AnalyzerError::UnknownLanguage`], [`AnalyzerError::NoStopWords`], [`AnalyzerError::TooManySteps`].
    pub fn stopwords(self, language: &str) -> Result<Analyzer, AnalyzerError> {
        self.then(Step::StopWords(language.to_owned()))
    }

    /// Reduces tokens to stems by the Snowball algorithm of a language, which expects lower case.
    ///
    /// # Errors
    /// [`AnalyzerError::UnknownLanguage`], [`AnalyzerError::TooManySteps`].
    pub fn stemmer(self, language: &str) -> Result<Analyzer, AnalyzerError> {
        self.then(Step::Stemmer(language.to_owned()))
    }

    /// [`Analyzer::new`], where a build may have none.
    pub(super) fn over_words() -> Result<Analyzer, AnalyzerError> {
        Ok(Analyzer::new())
    }

    /// Appends one of the steps of this file; any other is no pipeline here.
    pub(super) fn then_by_tables(self, step: Step) -> Result<Analyzer, AnalyzerError> {
        match step {
            Step::AsciiFolding => Ok(self.ascii_folding()),
            Step::StopWords(language) => {
                let language = languages::find(&language)?;
                let words = stop_words::list(language)?;
                let words = words.iter().filter_map(|word| self.only_term(word)).collect();
                Ok(self.push(Step::StopWords(language.name.to_owned()), StopWords::new(words)))
            }
            Step::Stemmer(language) => {
                let language = languages::find(&language)?;
                let stem = Stem(stemmer::algorithm(language)?);
                Ok(self.push(Step::Stemmer(language.name.to_owned()), Rewriting(stem)))
            }
            _ => Err(AnalyzerError::MisplacedTokenizer),
        }
    }
}
