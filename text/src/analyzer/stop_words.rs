//! Stop words: tokens that are dropped because nearly every text holds them.

use std::collections::HashSet;
use std::sync::Arc;

use tantivy_tokenizer_api::{Token, TokenFilter, TokenStream, Tokenizer};

#[cfg(feature = "words")]
use super::{definition::AnalyzerError, languages::Language};

/// The stop words of a language: the lists of NLTK, which hold function words only. In lower case, with their marks.
#[cfg(feature = "words")]
pub(super) fn list(language: Language) -> Result<&'static [&'static str], AnalyzerError> {
    stop_words::lookup(language.code)
        .ok_or_else(|| AnalyzerError::NoStopWords { language: language.name.to_owned() })
}

/// The filter that drops the tokens of a set.
#[derive(Debug, Clone)]
pub(super) struct StopWords(Arc<HashSet<String>>);

impl StopWords {
    pub(super) fn new(tokens: HashSet<String>) -> StopWords {
        StopWords(Arc::new(tokens))
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
