//! A filter that rewrites the text of every token and keeps all of them.

use tantivy_tokenizer_api::{Token, TokenFilter, TokenStream, Tokenizer};

/// How a token's text changes.
pub(super) trait Rewrite: Clone + Send + Sync + 'static {
    /// Changes the text in place; `buffer` is empty or left over, for the step to use.
    fn rewrite(&self, text: &mut String, buffer: &mut String);
}

/// The filter of a [`Rewrite`].
#[derive(Clone)]
pub(super) struct Rewriting<R>(pub(super) R);

#[derive(Clone)]
pub(super) struct RewritingTokenizer<R, T> {
    rewrite: R,
    tokenizer: T,
}

pub(super) struct RewritingStream<'a, R, S> {
    rewrite: &'a R,
    stream: S,
    buffer: String,
}

impl<R: Rewrite> TokenFilter for Rewriting<R> {
    type Tokenizer<T: Tokenizer> = RewritingTokenizer<R, T>;

    fn transform<T: Tokenizer>(self, tokenizer: T) -> RewritingTokenizer<R, T> {
        RewritingTokenizer { rewrite: self.0, tokenizer }
    }
}

impl<R: Rewrite, T: Tokenizer> Tokenizer for RewritingTokenizer<R, T> {
    type TokenStream<'a> = RewritingStream<'a, R, T::TokenStream<'a>>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Self::TokenStream<'a> {
        let stream = self.tokenizer.token_stream(text);
        RewritingStream { rewrite: &self.rewrite, stream, buffer: String::new() }
    }
}

impl<R: Rewrite, S: TokenStream> TokenStream for RewritingStream<'_, R, S> {
    fn advance(&mut self) -> bool {
        if !self.stream.advance() {
            return false;
        }
        self.rewrite.rewrite(&mut self.stream.token_mut().text, &mut self.buffer);
        true
    }

    fn token(&self) -> &Token {
        self.stream.token()
    }

    fn token_mut(&mut self) -> &mut Token {
        self.stream.token_mut()
    }
}
