//! Synonyms: other terms under which a token is found, too.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use tantivy_tokenizer_api::Token;

use super::definition::AnalyzerError;
use super::expand::Expand;
use super::failure::StepError;

/// Most words in the synonyms of an analyzer, terms and synonyms counted: they are stored in the database and read at every
/// opening, which this many words do not slow down by more than some milliseconds.
pub const MAX_SYNONYMS: usize = 1 << 16;

/// Most synonyms of one term: each is stored wherever the term occurs.
pub const MAX_SYNONYMS_OF_TERM: usize = 256;

/// Term → its synonyms, as users write them.
pub(super) type SynonymMap = BTreeMap<String, BTreeSet<String>>;

/// The filter for stored texts. Queries need none: a synonym that is asked for is found where its term stands, and a word is
/// not counted twice.
#[derive(Debug, Clone)]
pub(super) struct Synonyms(Arc<HashMap<String, Vec<String>>>);

impl Synonyms {
    /// `term` is what the steps before make of a word, as a query for it has it.
    pub(super) fn new(
        map: &SynonymMap,
        term: impl Fn(&str) -> Vec<String>,
    ) -> Result<Synonyms, AnalyzerError> {
        let words: usize = map.values().map(|synonyms| 1 + synonyms.len()).sum();
        if words > MAX_SYNONYMS {
            return Err(AnalyzerError::TooManySynonyms { words });
        }
        let one_term = |word: &str| match <[String; 1]>::try_from(term(word)) {
            Ok([term]) => Ok(term),
            Err(terms) => Err(AnalyzerError::NotOneTerm { word: word.to_owned(), terms }),
        };
        let mut of: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (word, synonyms) in map {
            let key = one_term(word)?;
            for synonym in synonyms {
                let synonym = one_term(synonym)?;
                // A word is no synonym of itself: it would be counted twice.
                if synonym != key {
                    of.entry(key.clone()).or_default().insert(synonym);
                }
            }
        }
        if let Some((term, synonyms)) = of.iter().find(|(_, synonyms)| synonyms.len() > MAX_SYNONYMS_OF_TERM)
        {
            return Err(AnalyzerError::TooManySynonymsOfTerm {
                term: term.clone(),
                synonyms: synonyms.len(),
            });
        }
        Ok(Synonyms(Arc::new(of.into_iter().map(|(term, all)| (term, all.into_iter().collect())).collect())))
    }
}

impl Expand for Synonyms {
    fn expand(&self, token: Token, _: &str, made: &mut Vec<Token>) -> Result<(), StepError> {
        let synonyms = self.0.get(&token.text).map(Vec::as_slice).unwrap_or_default();
        let place = Token { text: String::new(), ..token };
        made.push(token);
        made.extend(synonyms.iter().map(|synonym| Token { text: synonym.clone(), ..place }));
        Ok(())
    }
}
