//! The analyzer that users hold.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use tantivy_tokenizer_api::{TokenStream, Tokenizer};

use super::definition::{AnalyzerDefinition, AnalyzerError, Step, VERSION};
use super::erased::Erased;
use super::folding::AsciiFolding;
use super::languages;
use super::lowercase::Lowercase;
use super::presets;
use super::rewrite::Rewriting;
use super::stemmer::Stem;
use super::stop_words::StopWords;
use super::words::Words;

/// Longer tokens give no term: a term is part of a key, and nobody types one of this size.
pub const MAX_TERM_BYTES: usize = 1_024;

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
    /// `None` for a tokenizer from outside, which cannot be stored.
    definition: Option<AnalyzerDefinition>,
    /// `None` when text gives no terms.
    pipeline: Option<Erased>,
}

impl Analyzer {
    /// Unicode words, and nothing behind them yet.
    pub fn new() -> Analyzer {
        let definition = AnalyzerDefinition { version: VERSION, steps: vec![Step::UnicodeWords] };
        Analyzer { definition: Some(definition), pipeline: Some(Erased::new(Words)) }
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
        Analyzer { definition: None, pipeline: Some(Erased::new(tokenizer)) }
    }

    fn from_steps(steps: Vec<Step>) -> Result<Analyzer, AnalyzerError> {
        let mut steps = steps.into_iter();
        let mut analyzer = match steps.next() {
            Some(Step::UnicodeWords) => Analyzer::new(),
            Some(_) => return Err(AnalyzerError::MisplacedTokenizer),
            None => {
                let definition = AnalyzerDefinition { version: VERSION, steps: Vec::new() };
                return Ok(Analyzer { definition: Some(definition), pipeline: None });
            }
        };
        for step in steps {
            analyzer = analyzer.then(step)?;
        }
        Ok(analyzer)
    }

    /// Appends a step to the definition and to the pipeline: the one place where a step becomes a filter.
    fn then(mut self, step: Step) -> Result<Analyzer, AnalyzerError> {
        let Some(pipeline) = self.pipeline else { return Ok(self) };
        self.pipeline = Some(match &step {
            Step::UnicodeWords => return Err(AnalyzerError::MisplacedTokenizer),
            Step::Lowercase => pipeline.then(Rewriting(Lowercase)),
            Step::AsciiFolding => pipeline.then(Rewriting(AsciiFolding)),
            Step::StopWords(language) => pipeline.then(StopWords::of(language)?),
            Step::CustomStopWords(words) => pipeline.then(StopWords::from_words(words.iter().cloned())),
            Step::Stemmer(language) => pipeline.then(Rewriting(Stem(languages::find(language)?.stemmer))),
        });
        if let Some(definition) = &mut self.definition {
            definition.steps.push(step);
        }
        Ok(self)
    }

    /// Appends a step that always exists.
    fn then_plain(self, step: Step) -> Analyzer {
        let unchanged = self.clone();
        self.then(step).unwrap_or(unchanged)
    }

    /// Tokens in lower case.
    pub fn lowercase(self) -> Analyzer {
        self.then_plain(Step::Lowercase)
    }

    /// Letters without their marks: `é` becomes `e`, `ß` becomes `ss`.
    pub fn ascii_folding(self) -> Analyzer {
        self.then_plain(Step::AsciiFolding)
    }

    /// Drops the stop words of a language. They are in lower case and with their marks, so this step belongs behind
    /// [`Analyzer::lowercase`] and before [`Analyzer::ascii_folding`].
    ///
    /// # Errors
    /// [`AnalyzerError::UnknownLanguage`], [`AnalyzerError::NoStopWords`].
    pub fn stopwords(self, language: &str) -> Result<Analyzer, AnalyzerError> {
        let name = languages::find(language)?.name.to_owned();
        self.then(Step::StopWords(name))
    }

    /// Drops these words, compared with tokens as they are at this step.
    pub fn stopwords_from<W: Into<String>>(self, words: impl IntoIterator<Item = W>) -> Analyzer {
        let words: BTreeSet<String> = words.into_iter().map(Into::into).collect();
        self.then_plain(Step::CustomStopWords(words))
    }

    /// Reduces tokens to stems by the Snowball algorithm of a language.
    ///
    /// # Errors
    /// [`AnalyzerError::UnknownLanguage`].
    pub fn stemmer(self, language: &str) -> Result<Analyzer, AnalyzerError> {
        let name = languages::find(language)?.name.to_owned();
        self.then(Step::Stemmer(name))
    }

    /// What a database stores; `None` when a tokenizer came from outside.
    pub fn definition(&self) -> Option<&AnalyzerDefinition> {
        self.definition.as_ref()
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
        let mut terms = BTreeMap::new();
        self.for_each(text, |token| match terms.get_mut(token) {
            Some(count) => *count += 1.0,
            None => drop(terms.insert(token.to_owned(), 1.0)),
        });
        terms
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
        self.definition.is_some() && self.definition == other.definition
    }
}

impl fmt::Debug for Analyzer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.definition {
            Some(definition) => f.debug_tuple("Analyzer").field(&definition.steps).finish(),
            None => f.write_str("Analyzer(<a tokenizer from outside>)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_the_preset_standard() {
        assert_eq!(Analyzer::default(), Analyzer::preset("Standard").unwrap());
        let tokens = Analyzer::default().tokenize("Zoë's CAFÉ, naïve: 3.14 e-mail Straße ŁÓDŹ!");
        assert_eq!(tokens, ["zoe's", "cafe", "naive", "3.14", "e", "mail", "strasse", "lodz"]);
    }

    #[test]
    fn steps_do_what_their_names_say() {
        assert_eq!(Analyzer::new().tokenize("The Fox"), ["The", "Fox"]);
        let custom = Analyzer::new().lowercase().stopwords_from(["fox"]);
        assert_eq!(custom.tokenize("The Fox"), ["the"]);
        let german = Analyzer::preset("de").unwrap();
        assert_eq!(german, Analyzer::preset("German").unwrap());
        assert_eq!(german.tokenize("Die Häuser und der Garten"), ["haus", "gart"]);
        assert_eq!(Analyzer::default().terms("a b a"), [("a".to_owned(), 2.0), ("b".to_owned(), 1.0)].into());
    }

    #[test]
    fn marks_of_other_scripts_stay() {
        let folding = Analyzer::new().ascii_folding();
        assert_eq!(folding.tokenize("が é"), ["が", "e"]);
    }

    #[test]
    fn none_gives_no_terms() {
        let none = Analyzer::preset("none").unwrap();
        assert!(!none.indexes_text());
        assert!(none.tokenize("some text").is_empty());
    }

    #[test]
    fn every_language_has_a_preset_and_a_definition_that_round_trips() {
        for language in languages::LANGUAGES {
            let analyzer = Analyzer::preset(language).unwrap();
            let definition = analyzer.definition().unwrap().clone();
            assert_eq!(Analyzer::from_definition(definition).unwrap(), analyzer);
        }
    }

    #[test]
    fn what_cannot_be_is_refused_with_the_choices() {
        let message = Analyzer::preset("klingon").unwrap_err().to_string();
        assert!(message.contains("klingon") && message.contains("english"), "{message}");
        assert!(Analyzer::new().stemmer("xx").is_err());
        let later = AnalyzerDefinition { version: VERSION + 1, steps: Vec::new() };
        assert_eq!(
            Analyzer::from_definition(later),
            Err(AnalyzerError::UnknownVersion { version: VERSION + 1 })
        );
        let misplaced =
            AnalyzerDefinition { version: VERSION, steps: vec![Step::Lowercase, Step::UnicodeWords] };
        assert_eq!(Analyzer::from_definition(misplaced), Err(AnalyzerError::MisplacedTokenizer));
    }

    #[test]
    fn a_tokenizer_from_outside_works_but_has_no_definition() {
        let analyzer = Analyzer::from_tokenizer(Words).lowercase();
        assert_eq!(analyzer.tokenize("A B"), ["a", "b"]);
        assert!(analyzer.definition().is_none());
        assert_ne!(analyzer, analyzer.clone());
    }

    #[test]
    fn a_token_too_long_for_a_key_gives_no_term() {
        let long = "x".repeat(MAX_TERM_BYTES + 1);
        assert_eq!(Analyzer::default().tokenize(&format!("{long} y")), ["y"]);
    }
}
