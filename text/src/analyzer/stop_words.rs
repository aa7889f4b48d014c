//! Stop words: tokens that are dropped because nearly every text holds them.

use std::collections::HashSet;
use std::sync::Arc;

use tantivy_tokenizer_api::{Token, TokenFilter, TokenStream, Tokenizer};

use super::definition::AnalyzerError;
use super::languages;

/// The words to drop.
#[derive(Debug, Clone)]
pub(super) struct StopWords(Arc<HashSet<String>>);

impl StopWords {
    /// Those of a language: the lists of NLTK, which hold function words only.
    pub(super) fn of(language: &str) -> Result<StopWords, AnalyzerError> {
        let code = languages::find(language)?.code;
        let words = stop_words::lookup(code)
            .ok_or_else(|| AnalyzerError::NoStopWords { language: language.to_owned() })?;
        Ok(StopWords::from_words(words.iter().map(|word| (*word).to_owned())))
    }

    pub(super) fn from_words(words: impl IntoIterator<Item = String>) -> StopWords {
        StopWords(Arc::new(words.into_iter().collect()))
    }
}

#[derive(Clone)]
pub(super) struct Dropping<T> {
    words: StopWords,
    tokenizer: T,
}

pub(super) struct DroppingStream<'a, S> {
    words: &'a StopWords,
    stream: S,
}

impl TokenFilter for StopWords {
    type Tokenizer<T: Tokenizer> = Dropping<T>;

    fn transform<T: Tokenizer>(self, tokenizer: T) -> Dropping<T> {
        Dropping { words: self, tokenizer }
    }
}

impl<T: Tokenizer> Tokenizer for Dropping<T> {
    type TokenStream<'a> = DroppingStream<'a, T::TokenStream<'a>>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Self::TokenStream<'a> {
        DroppingStream { words: &self.words, stream: self.tokenizer.token_stream(text) }
    }
}

impl<S: TokenStream> TokenStream for DroppingStream<'_, S> {
    fn advance(&mut self) -> bool {
        while self.stream.advance() {
            if !self.words.0.contains(&self.stream.token().text) {
                return true;
            }
        }
        false
    }

    fn token(&self) -> &Token {
        self.stream.token()
    }

    fn token_mut(&mut self) -> &mut Token {
        self.stream.token_mut()
    }
}
