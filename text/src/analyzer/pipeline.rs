//! The analyzer that users hold.

use std::collections::BTreeMap;
use std::fmt;

use tantivy_tokenizer_api::{TokenFilter, TokenStream, Tokenizer};

use super::definition::{AnalyzerDefinition, AnalyzerError, Step, VERSION};
use super::erased::Erased;
use super::folding::AsciiFolding;
use super::languages;
use super::lowercase::Lowercase;
use super::presets;
use super::rewrite::Rewriting;
use super::stemmer::Stem;
use super::stop_words::{self, StopWords};
use super::words::Words;

/// Longer tokens give no term: a term is part of a key, and nobody types one of this size.
pub const MAX_TERM_BYTES: usize = 1_024;

/// Most steps of an analyzer: tokens pass through them by nested calls, which must not exhaust the stack.
pub const MAX_STEPS: usize = 32;

/// A pipeline from text to terms. A clone is cheap enough to make for every text.
///
/// ```
/// use vectlite_text::Analyzer;
///
/// let analyzer = Analyzer::new().lowercase().ascii_folding().stopwords("french")?;
/// assert_eq!(analyzer.tokenize("Le Café de la Gare"), ["cafe", "gare"]);
/// # Ok::<(), vectlite_text::AnalyzerError>(())
/// ```
#[derive(Clone)]
pub struct Analyzer {
    /// Its tokenizer is missing when that came from outside.
    definition: AnalyzerDefinition,
    /// Whether the definition says everything, so that a database can store it.
    storable: bool,
    /// `None` when text gives no terms.
    pipeline: Option<Erased>,
}

impl Analyzer {
    /// Unicode words, and nothing behind them yet.
    pub fn new() -> Analyzer {
        Analyzer::over(vec![Step::UnicodeWords], true, Some(Erased::new(Words)))
    }

    /// The analyzer with this name: `standard`, `none`, or a language (`english`, `de`, …), in any case.
    ///
    /// # Errors
    /// [`AnalyzerError::UnknownPreset`] for any other name.
    pub fn preset(name: &str) -> Result<Analyzer, AnalyzerError> {
        Analyzer::from_steps(presets::steps(name)?)
    }

    /// The analyzer that a definition describes.
    ///
    /// # Errors
    /// [`AnalyzerError`] when the definition is of a later version, or its steps make no pipeline.
    pub fn from_definition(definition: AnalyzerDefinition) -> Result<Analyzer, AnalyzerError> {
        if definition.version != VERSION {
            return Err(AnalyzerError::UnknownVersion { version: definition.version });
        }
        Analyzer::from_steps(definition.steps)
    }

    /// An analyzer over any tokenizer of the tantivy ecosystem. It cannot be stored in a database.
    pub fn from_tokenizer(tokenizer: impl Tokenizer) -> Analyzer {
        Analyzer::over(Vec::new(), false, Some(Erased::new(tokenizer)))
    }

    fn over(steps: Vec<Step>, storable: bool, pipeline: Option<Erased>) -> Analyzer {
        Analyzer { definition: AnalyzerDefinition { version: VERSION, steps }, storable, pipeline }
    }

    fn from_steps(steps: Vec<Step>) -> Result<Analyzer, AnalyzerError> {
        let mut steps = steps.into_iter();
        let mut analyzer = match steps.next() {
            Some(Step::UnicodeWords) => Analyzer::new(),
            Some(_) => return Err(AnalyzerError::MisplacedTokenizer),
            None => return Ok(Analyzer::over(Vec::new(), true, None)),
        };
        for step in steps {
            analyzer = analyzer.then(step)?;
        }
        Ok(analyzer)
    }

    /// Appends a step: the one place where one with parameters becomes a filter.
    fn then(self, step: Step) -> Result<Analyzer, AnalyzerError> {
        if self.definition.steps.len() >= MAX_STEPS {
            return Err(AnalyzerError::TooManySteps);
        }
        match step {
            Step::UnicodeWords => Err(AnalyzerError::MisplacedTokenizer),
            Step::Lowercase => Ok(self.lowercase()),
            Step::AsciiFolding => Ok(self.ascii_folding()),
            Step::StopWords(language) => {
                let language = languages::find(&language)?;
                let words = stop_words::list(language)?;
                let words = words.iter().filter_map(|word| self.only_term(word)).collect();
                Ok(self.push(Step::StopWords(language.name.to_owned()), StopWords::new(words)))
            }
            Step::CustomStopWords(set) => {
                let words = set.iter().filter_map(|word| self.only_term(word)).collect();
                Ok(self.push(Step::CustomStopWords(set), StopWords::new(words)))
            }
            Step::Stemmer(language) => {
                let language = languages::find(&language)?;
                Ok(self.push(Step::Stemmer(language.name.to_owned()), Rewriting(Stem(language.stemmer))))
            }
        }
    }

    fn push(mut self, step: Step, filter: impl TokenFilter) -> Analyzer {
        // Where there are no terms there is nothing to change.
        if let Some(pipeline) = self.pipeline {
            self.pipeline = Some(pipeline.then(filter));
            self.definition.steps.push(step);
        }
        self
    }

    /// What the steps so far make of a word, when that is one term.
    fn only_term(&self, word: &str) -> Option<String> {
        let mut terms = self.tokenize(word).into_iter();
        terms.next().filter(|_| terms.next().is_none())
    }

    /// Tokens in lower case. Where they already are, nothing changes.
    pub fn lowercase(self) -> Analyzer {
        if self.definition.steps.contains(&Step::Lowercase) {
            return self;
        }
        self.push(Step::Lowercase, Rewriting(Lowercase))
    }

    /// Letters without their marks: `é` becomes `e`, `ß` becomes `ss`. Where they already are, nothing changes.
    pub fn ascii_folding(self) -> Analyzer {
        if self.definition.steps.contains(&Step::AsciiFolding) {
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

    /// Drops these words. They pass through the steps before this one, as tokens do; one that becomes no term there,
    /// or several, drops nothing.
    ///
    /// # Errors
    /// [`AnalyzerError::TooManySteps`].
    pub fn stopwords_from<W: Into<String>>(
        self,
        words: impl IntoIterator<Item = W>,
    ) -> Result<Analyzer, AnalyzerError> {
        self.then(Step::CustomStopWords(words.into_iter().map(Into::into).collect()))
    }

    /// Reduces tokens to stems by the Snowball algorithm of a language, which expects lower case.
    ///
    /// # Errors
    /// [`AnalyzerError::UnknownLanguage`], [`AnalyzerError::TooManySteps`].
    pub fn stemmer(self, language: &str) -> Result<Analyzer, AnalyzerError> {
        self.then(Step::Stemmer(language.to_owned()))
    }

    /// What a database stores; `None` when a tokenizer came from outside.
    pub fn definition(&self) -> Option<&AnalyzerDefinition> {
        self.storable.then_some(&self.definition)
    }

    /// Whether text gives terms at all.
    pub fn indexes_text(&self) -> bool {
        self.pipeline.is_some()
    }

    /// The terms of a text, in order, repeated as they are repeated.
    pub fn tokenize(&self, text: &str) -> Vec<String> {
        let mut tokens = Vec::new();
        self.for_each(text, |token| tokens.push(token.to_owned()));
        tokens
    }

    /// The terms of a text, each with how often it occurs.
    pub fn terms(&self, text: &str) -> BTreeMap<String, f32> {
        // Counted as integers: an f32 that counts by ones stops at 2^24.
        let mut counts = BTreeMap::<String, u64>::new();
        self.for_each(text, |token| match counts.get_mut(token) {
            Some(count) => *count += 1,
            None => drop(counts.insert(token.to_owned(), 1)),
        });
        counts.into_iter().map(|(term, count)| (term, count as f32)).collect()
    }

    fn for_each(&self, text: &str, mut take: impl FnMut(&str)) {
        let Some(mut pipeline) = self.pipeline.clone() else { return };
        let mut stream = pipeline.token_stream(text);
        while stream.advance() {
            let token = stream.token().text.as_str();
            if !token.is_empty() && token.len() <= MAX_TERM_BYTES {
                take(token);
            }
        }
    }
}

/// The preset `standard`: Unicode words, lower case, folding.
impl Default for Analyzer {
    fn default() -> Analyzer {
        Analyzer::new().lowercase().ascii_folding()
    }
}

/// Equal definitions; an analyzer without one equals none, itself included.
impl PartialEq for Analyzer {
    fn eq(&self, other: &Analyzer) -> bool {
        self.storable && other.storable && self.definition == other.definition
    }
}

impl fmt::Debug for Analyzer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut tuple = f.debug_tuple("Analyzer");
        if !self.storable {
            tuple.field(&"a tokenizer from outside");
        }
        tuple.field(&self.definition.steps).finish()
    }
}

#[cfg(test)]
mod tests;
