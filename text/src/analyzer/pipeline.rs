//! The analyzer that users hold.

use std::fmt;

use tantivy_tokenizer_api::{TokenFilter, Tokenizer};

use super::definition::{AnalyzerDefinition, AnalyzerError, Step, VERSION};
use super::edge_ngrams::{Cut, Prefixes};
use super::erased::Erased;
use super::expand::Expanding;
use super::failure::StepError;
use super::function::Called;
use super::lowercase::Lowercase;
use super::ngrams::{MAX_GRAM, Ngrams};
use super::presets;
use super::rewrite::Rewriting;
use super::sides::{Side, Sides};
use super::stop_words::StopWords;
use super::synonyms::{SynonymMap, Synonyms};

/// Longer tokens give no term: a term is part of a key, and nobody types one of this size.
pub const MAX_TERM_BYTES: usize = 1_024;

/// Most steps of an analyzer: tokens pass through them by nested calls, which must not exhaust the stack.
pub const MAX_STEPS: usize = 32;

/// A pipeline from text to terms, in two forms made of the same steps: one for texts that are stored ([`terms`], [`tokenize`],
/// [`tokens`]), one for queries ([`query_terms`], [`query_tokens`]). A clone is cheap enough to make for every text.
///
/// [`terms`]: Analyzer::terms
/// [`tokenize`]: Analyzer::tokenize
/// [`tokens`]: Analyzer::tokens
/// [`query_terms`]: Analyzer::query_terms
/// [`query_tokens`]: Analyzer::query_tokens
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
    /// Without the steps that came from outside.
    definition: AnalyzerDefinition,
    /// How many steps came from outside. With none, the definition says everything and a database can store it.
    outside: usize,
    /// `None` when text gives no terms.
    sides: Option<Sides>,
}

impl Analyzer {
    /// The analyzer with this name, in any case:
    ///
    /// | name | is | for |
    /// |---|---|---|
    /// | `standard` | words, lower case, folding | the default: names, code, mixed languages |
    /// | a language: `english`, `de`, … | words, lower case, stop words, stems, folding | texts in that language |
    /// | `trigram` | words, lower case, folding, grams of 3 characters | any part of a word, of 3 characters or more |
    /// | `autocomplete` | words, lower case, folding, prefixes of 1 to 16 characters | search while somebody types |
    /// | `none` | text gives no terms | sparse vectors from elsewhere |
    ///
    /// # Errors
    /// [`AnalyzerError::UnknownPreset`] for any other name; [`AnalyzerError::LeftOut`] for all but `none` without the feature `words`.
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
        Analyzer::over(Vec::new(), 1, Some(Sides::same(tokenizer)))
    }

    pub(super) fn over(steps: Vec<Step>, outside: usize, sides: Option<Sides>) -> Analyzer {
        Analyzer { definition: AnalyzerDefinition { version: VERSION, steps }, outside, sides }
    }

    fn from_steps(steps: Vec<Step>) -> Result<Analyzer, AnalyzerError> {
        let mut steps = steps.into_iter();
        let mut analyzer = match steps.next() {
            Some(Step::UnicodeWords) => Analyzer::over_words()?,
            Some(_) => return Err(AnalyzerError::MisplacedTokenizer),
            None => return Ok(Analyzer::over(Vec::new(), 0, None)),
        };
        for step in steps {
            analyzer = analyzer.then(step)?;
        }
        Ok(analyzer)
    }

    /// Appends a step: the one place where one with parameters becomes a filter.
    pub(super) fn then(self, step: Step) -> Result<Analyzer, AnalyzerError> {
        self.check_room()?;
        match step {
            Step::UnicodeWords => Err(AnalyzerError::MisplacedTokenizer),
            Step::Lowercase => Ok(self.lowercase()),
            Step::AsciiFolding | Step::StopWords(_) | Step::Stemmer(_) => self.then_by_tables(step),
            Step::CustomStopWords(set) => {
                let words = set.iter().filter_map(|word| self.only_term(word)).collect();
                Ok(self.push(Step::CustomStopWords(set), StopWords::new(words)))
            }
            Step::Ngrams(n) => {
                check_grams(n, n)?;
                self.check_only(Step::makes_grams)?;
                Ok(self.push(step, Expanding(Ngrams(n))))
            }
            Step::EdgeNgrams { min, max } => {
                check_grams(min, max)?;
                self.check_only(Step::makes_grams)?;
                let (index, query) = (Expanding(Prefixes(min..=max)), Expanding(Cut(max)));
                Ok(self.push_with(step, |sides| sides.then_each(index, query)))
            }
            Step::Synonyms(map) => {
                self.check_only(|step| matches!(step, Step::Synonyms(_)))?;
                if self.sides.is_none() {
                    return Ok(self);
                }
                let synonyms = Synonyms::new(&map, |word| self.texts(Side::Query, word))?;
                Ok(self.push_with(Step::Synonyms(map), |sides| sides.then_index(Expanding(synonyms))))
            }
        }
    }

    #[cfg(not(feature = "words"))]
    fn over_words() -> Result<Analyzer, AnalyzerError> {
        Err(AnalyzerError::LeftOut { step: Step::UnicodeWords.name() })
    }

    #[cfg(not(feature = "words"))]
    fn then_by_tables(self, step: Step) -> Result<Analyzer, AnalyzerError> {
        Err(AnalyzerError::LeftOut { step: step.name() })
    }

    /// Whether a step would change nothing any more.
    pub(super) fn has(&self, step: &Step) -> bool {
        self.outside == 0 && self.definition.steps.contains(step)
    }

    fn check_room(&self) -> Result<(), AnalyzerError> {
        if self.definition.steps.len() + self.outside < MAX_STEPS {
            Ok(())
        } else {
            Err(AnalyzerError::TooManySteps)
        }
    }

    /// Steps that make several tokens of one come once: twice they would make as many as nobody wants to store.
    fn check_only(&self, of_this_kind: impl Fn(&Step) -> bool) -> Result<(), AnalyzerError> {
        match self.definition.steps.iter().find(|step| of_this_kind(step)) {
            Some(step) => Err(AnalyzerError::Repeated { step: step.name() }),
            None => Ok(()),
        }
    }

    /// A step that is the same on both sides.
    pub(super) fn push(self, step: Step, filter: impl TokenFilter + Clone) -> Analyzer {
        self.push_with(step, |sides| sides.then(filter))
    }

    fn push_with(mut self, step: Step, then: impl FnOnce(Sides) -> Sides) -> Analyzer {
        // Where there are no terms there is nothing to change.
        if let Some(sides) = self.sides {
            self.sides = Some(then(sides));
            self.definition.steps.push(step);
        }
        self
    }

    /// What a query for a word asks for after the steps so far, when that is one term.
    pub(super) fn only_term(&self, word: &str) -> Option<String> {
        let mut terms = self.texts(Side::Query, word).into_iter();
        terms.next().filter(|_| terms.next().is_none())
    }

    /// Tokens in lower case. Where they already are, nothing changes.
    pub fn lowercase(self) -> Analyzer {
        if self.has(&Step::Lowercase) {
            return self;
        }
        self.push(Step::Lowercase, Rewriting(Lowercase))
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

    /// Makes of every token all parts of `n` characters, so that any part of a word of at least `n` finds it. A token that is
    /// shorter stays whole.
    ///
    /// # Errors
    /// [`AnalyzerError::Grams`] unless `n` is 1 to [`MAX_GRAM`], [`AnalyzerError::Repeated`] behind other grams,
    /// [`AnalyzerError::TooManySteps`].
    pub fn ngrams(self, n: usize) -> Result<Analyzer, AnalyzerError> {
        self.then(Step::Ngrams(n))
    }

    /// Makes of every token its prefixes of `min` to `max` characters, so that the beginning of a word finds it. A token that
    /// is shorter stays whole. A query asks for its words as they are typed, cut to `max` characters.
    ///
    /// # Errors
    /// [`AnalyzerError::Grams`] unless 1 ≤ `min` ≤ `max` ≤ [`MAX_GRAM`], [`AnalyzerError::Repeated`] behind other grams,
    /// [`AnalyzerError::TooManySteps`].
    pub fn edge_ngrams(self, min: usize, max: usize) -> Result<Analyzer, AnalyzerError> {
        self.then(Step::EdgeNgrams { min, max })
    }

    /// Gives a stored text the synonyms of its terms as well, at the same places; a query stays what it is. Terms and synonyms
    /// pass through the steps before this one, as tokens do. It works in one direction: to find each of two words by the other
    /// one, give both.
    ///
    /// ```
    /// use vectlite_text::Analyzer;
    ///
    /// let analyzer = Analyzer::new().lowercase().synonyms([("car", ["automobile"])])?;
    /// assert_eq!(analyzer.tokenize("My Car"), ["my", "car", "automobile"]);
    /// assert!(analyzer.query_terms("car").keys().eq(["car"]));
    /// # Ok::<(), vectlite_text::AnalyzerError>(())
    /// ```
    ///
    /// # Errors
    /// [`AnalyzerError::NotOneTerm`] for a term or a synonym that the steps before make into several terms or none;
    /// [`AnalyzerError::TooManySynonyms`], [`AnalyzerError::TooManySynonymsOfTerm`]; [`AnalyzerError::Repeated`] behind
    /// other synonyms; [`AnalyzerError::TooManySteps`].
    pub fn synonyms<T: Into<String>, S: Into<String>>(
        self,
        map: impl IntoIterator<Item = (T, impl IntoIterator<Item = S>)>,
    ) -> Result<Analyzer, AnalyzerError> {
        let mut synonyms = SynonymMap::new();
        for (term, others) in map {
            synonyms.entry(term.into()).or_default().extend(others.into_iter().map(Into::into));
        }
        self.then(Step::Synonyms(synonyms))
    }

    /// Of the steps those that change letters, where all of them are known.
    pub(super) fn spelling(&self) -> Option<Analyzer> {
        let steps = self.definition()?.steps.iter();
        let letters =
            |step: &&Step| matches!(step, Step::UnicodeWords | Step::Lowercase | Step::AsciiFolding);
        Analyzer::from_steps(steps.filter(letters).cloned().collect()).ok()
    }

    /// Cuts text by a function instead of into Unicode words. The analyzer cannot be stored in a database then.
    ///
    /// What a function fails with ends the tokens; [`Analyzer::attempt`] tells.
    ///
    /// ```
    /// use vectlite_text::Analyzer;
    ///
    /// let lines = |text: &str| Ok(text.lines().map(str::to_owned).collect());
    /// assert_eq!(Analyzer::new().tokenizer(lines)?.lowercase().tokenize("A b\nC"), ["a b", "c"]);
    /// # Ok::<(), vectlite_text::AnalyzerError>(())
    /// ```
    ///
    /// # Errors
    /// [`AnalyzerError::MisplacedTokenizer`] behind any step.
    pub fn tokenizer(
        self,
        function: impl Fn(&str) -> Result<Vec<String>, StepError> + Send + Sync + 'static,
    ) -> Result<Analyzer, AnalyzerError> {
        if self.outside > 0 || self.definition.steps != [Step::UnicodeWords] {
            return Err(AnalyzerError::MisplacedTokenizer);
        }
        Ok(Analyzer::from_tokenizer(Called::new(function)))
    }

    /// Puts what a function gives in the place of every token: nothing, one token or several. The analyzer cannot be stored
    /// in a database then.
    ///
    /// What a function fails with ends the tokens; [`Analyzer::attempt`] tells.
    ///
    /// # Errors
    /// [`AnalyzerError::TooManySteps`].
    pub fn filter(
        self,
        function: impl Fn(&str) -> Result<Vec<String>, StepError> + Send + Sync + 'static,
    ) -> Result<Analyzer, AnalyzerError> {
        self.token_filter(Expanding(Called::new(function)))
    }

    /// Adds any filter of the tantivy ecosystem. The analyzer cannot be stored in a database then.
    ///
    /// # Errors
    /// [`AnalyzerError::TooManySteps`].
    pub fn token_filter(mut self, filter: impl TokenFilter + Clone) -> Result<Analyzer, AnalyzerError> {
        self.check_room()?;
        if let Some(sides) = self.sides {
            self.sides = Some(sides.then(filter));
            self.outside += 1;
        }
        Ok(self)
    }

    /// What a database stores; `None` when a step came from outside.
    pub fn definition(&self) -> Option<&AnalyzerDefinition> {
        (self.outside == 0).then_some(&self.definition)
    }

    /// Whether text gives terms at all.
    pub fn indexes_text(&self) -> bool {
        self.sides.is_some()
    }

    pub(super) fn pipeline(&self, side: Side) -> Option<Erased> {
        self.sides.as_ref().map(|sides| sides.of(side))
    }
}

fn check_grams(min: usize, max: usize) -> Result<(), AnalyzerError> {
    if 1 <= min && min <= max && max <= MAX_GRAM { Ok(()) } else { Err(AnalyzerError::Grams { min, max }) }
}

/// The preset `standard`: Unicode words, lower case, folding. Without the feature `words` it is `none`.
impl Default for Analyzer {
    #[cfg(feature = "words")]
    fn default() -> Analyzer {
        Analyzer::new().lowercase().ascii_folding()
    }

    #[cfg(not(feature = "words"))]
    fn default() -> Analyzer {
        Analyzer::over(Vec::new(), 0, None)
    }
}

/// Equal definitions; an analyzer without one equals none, itself included.
impl PartialEq for Analyzer {
    fn eq(&self, other: &Analyzer) -> bool {
        self.outside == 0 && other.outside == 0 && self.definition == other.definition
    }
}

impl fmt::Debug for Analyzer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut tuple = f.debug_tuple("Analyzer");
        if self.outside > 0 {
            tuple.field(&"steps from outside");
        }
        tuple.field(&self.definition.steps).finish()
    }
}

#[cfg(test)]
#[cfg(feature = "words")]
mod tests;
