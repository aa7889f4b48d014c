//! What an analyzer makes of a text.

use std::collections::BTreeMap;

use tantivy_tokenizer_api::{Token as Passing, TokenStream, Tokenizer};

use super::definition::AnalyzerError;
use super::failure::{StepError, attempt};
use super::occurrences::{Counter, Occurrences, stored_position};
use super::pipeline::{Analyzer, MAX_TERM_BYTES};
use super::sides::Side;
use super::token::Token;

impl Analyzer {
    /// The terms of a text that is stored, in order, repeated as they are repeated.
    pub fn tokenize(&self, text: &str) -> Vec<String> {
        self.texts(Side::Index, text)
    }

    /// The terms of a text that is stored, each with how often it occurs.
    pub fn terms(&self, text: &str) -> BTreeMap<String, f32> {
        frequencies(&self.counted(Side::Index, text))
    }

    /// The terms of a text that is stored, in order, and where they stand in it.
    pub fn tokens(&self, text: &str) -> Vec<Token> {
        self.placed(Side::Index, text)
    }

    /// The terms of a text that is stored, each with how often it occurs and where.
    pub fn occurrences(&self, text: &str) -> Occurrences {
        self.counted(Side::Index, text)
    }

    /// Where a term stands in a text that is stored: the numbers of its words, in order.
    pub fn positions(&self, text: &str, term: &str) -> Vec<u32> {
        let mut positions = Vec::new();
        self.for_each(Side::Index, text, |token| {
            if token.text == term {
                positions.push(stored_position(token.position));
            }
        });
        positions
    }

    /// The terms that a query asks for, each with how often it occurs. The same steps, but none that widens: pairs of
    /// letters stand for a run without spaces, a word for its prefixes and its synonyms.
    ///
    /// ```
    /// use vectlite_text::Analyzer;
    ///
    /// let analyzer = Analyzer::new().edge_ngrams(2, 4)?;
    /// assert_eq!(analyzer.tokenize("hello"), ["he", "hel", "hell"]);
    /// assert!(analyzer.query_terms("hel").keys().eq(["hel"]));
    /// # Ok::<(), vectlite_text::AnalyzerError>(())
    /// ```
    pub fn query_terms(&self, text: &str) -> BTreeMap<String, f32> {
        frequencies(&self.counted(Side::Query, text))
    }

    /// The terms that a query asks for, in order, and where they stand in it. A stored text that holds the words of the
    /// query one behind the other has these terms at the same distances of positions.
    pub fn query_tokens(&self, text: &str) -> Vec<Token> {
        self.placed(Side::Query, text)
    }

    /// The words of a text in the letters that terms have, whole: no stems, no grams, no stop words. For words of which a
    /// query gives a part, or a spelling that is not quite right: those can only be compared with what is stored letter by letter.
    /// With a tokenizer from outside, [`query_tokens`](Self::query_tokens).
    pub fn spelled_tokens(&self, text: &str) -> Vec<Token> {
        match self.spelling() {
            Some(spelling) => spelling.placed(Side::Query, text),
            None => self.query_tokens(text),
        }
    }

    /// Runs an analysis, and fails with what a step from outside failed with; by itself an analysis only ends there.
    ///
    /// ```
    /// use vectlite_text::Analyzer;
    ///
    /// let strict = |term: &str| if term == "bad" { Err("no".into()) } else { Ok(vec![term.to_owned()]) };
    /// let analyzer = Analyzer::new().filter(strict)?;
    /// assert_eq!(analyzer.attempt(|analyzer| analyzer.tokenize("good"))?, ["good"]);
    /// assert_eq!(analyzer.attempt(|analyzer| analyzer.tokenize("good bad")).unwrap_err().to_string(), "no");
    /// # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
    /// ```
    ///
    /// # Errors
    /// The step's own.
    pub fn attempt<T>(&self, analyze: impl FnOnce(&Analyzer) -> T) -> Result<T, StepError> {
        attempt(|| analyze(self))
    }

    /// The terms of several texts that are stored together, each with how often it occurs times the weight of its
    /// text. A field without a weight has 1; one of weight 0 gives no terms; a weight without a field gives nothing.
    ///
    /// ```
    /// use vectlite_text::Analyzer;
    ///
    /// let fields = [("title", "Oat milk"), ("body", "Milk of oats")];
    /// let terms = Analyzer::preset("english")?.terms_weighted(fields, [("title", 3.0)])?;
    /// assert_eq!(terms["milk"], 4.0);
    /// # Ok::<(), vectlite_text::AnalyzerError>(())
    /// ```
    ///
    /// # Errors
    /// [`AnalyzerError::Weight`] for a weight that is negative or not finite, or whose terms weigh more than `f32` holds.
    pub fn terms_weighted<F: Into<String>, T: AsRef<str>, W: Into<String>>(
        &self,
        fields: impl IntoIterator<Item = (F, T)>,
        weights: impl IntoIterator<Item = (W, f64)>,
    ) -> Result<BTreeMap<String, f32>, AnalyzerError> {
        let weights: BTreeMap<String, f64> =
            weights.into_iter().map(|(field, weight)| (field.into(), weight)).collect();
        let refused = |field: &String, weight: f64| AnalyzerError::Weight { field: field.clone(), weight };
        if let Some((field, weight)) =
            weights.iter().find(|(_, weight)| !(weight.is_finite() && **weight >= 0.0))
        {
            return Err(refused(field, *weight));
        }
        // In the order of their names: sums of floats depend on it.
        let fields: BTreeMap<String, T> =
            fields.into_iter().map(|(field, text)| (field.into(), text)).collect();
        let mut sums: BTreeMap<String, f64> = BTreeMap::new();
        for (field, text) in &fields {
            let weight = weights.get(field).copied().unwrap_or(1.0);
            if weight == 0.0 {
                continue;
            }
            for (term, count) in self.terms(text.as_ref()) {
                let sum = sums.entry(term).or_default();
                *sum += weight * f64::from(count);
                if !(*sum as f32).is_finite() {
                    return Err(refused(field, weight));
                }
            }
        }
        Ok(sums.into_iter().map(|(term, sum)| (term, sum as f32)).collect())
    }

    pub(super) fn texts(&self, side: Side, text: &str) -> Vec<String> {
        let mut texts = Vec::new();
        self.for_each(side, text, |token| texts.push(token.text.clone()));
        texts
    }

    fn placed(&self, side: Side, text: &str) -> Vec<Token> {
        let mut tokens = Vec::new();
        self.for_each(side, text, |token| tokens.push(Token::of(token)));
        tokens
    }

    fn counted(&self, side: Side, text: &str) -> Occurrences {
        let mut counter = Counter::new(text.len());
        self.for_each(side, text, |token| counter.add(&token.text, token.position));
        counter.finish()
    }

    fn for_each(&self, side: Side, text: &str, mut take: impl FnMut(&Passing)) {
        let Some(mut pipeline) = self.pipeline(side) else { return };
        let mut stream = pipeline.token_stream(text);
        while stream.advance() {
            let token = stream.token();
            if !token.text.is_empty() && token.text.len() <= MAX_TERM_BYTES {
                take(token);
            }
        }
    }
}

/// How often each term occurs.
fn frequencies(occurrences: &Occurrences) -> BTreeMap<String, f32> {
    occurrences.iter().map(|found| (found.term.to_owned(), found.count as f32)).collect()
}
