//! A filter that makes several tokens of one, or none.

use std::mem;

use tantivy_tokenizer_api::{Token, TokenFilter, TokenStream, Tokenizer};

use super::failure::{StepError, report};
use super::pipeline::MAX_TERM_BYTES;

/// What becomes of a token.
pub(super) trait Expand: Clone + Send + Sync + 'static {
    /// Puts what the token becomes into `made`, which is empty: tokens with ascending positions. `text` is the text
    /// that is analyzed.
    fn expand(&self, token: Token, text: &str, made: &mut Vec<Token>) -> Result<(), StepError>;
}

/// The filter of an [`Expand`].
#[derive(Clone)]
pub(super) struct Expanding<E>(pub(super) E);

#[derive(Clone)]
pub(super) struct ExpandingTokenizer<E, T> {
    expand: E,
    tokenizer: T,
}

pub(super) struct ExpandingStream<'a, E, S> {
    expand: &'a E,
    stream: S,
    text: &'a str,
    /// What the last token became, the first one last.
    waiting: Vec<Token>,
    /// Whether something failed.
    ended: bool,
    token: Token,
}

impl<E: Expand> TokenFilter for Expanding<E> {
    type Tokenizer<T: Tokenizer> = ExpandingTokenizer<E, T>;

    fn transform<T: Tokenizer>(self, tokenizer: T) -> ExpandingTokenizer<E, T> {
        ExpandingTokenizer { expand: self.0, tokenizer }
    }
}

impl<E: Expand, T: Tokenizer> Tokenizer for ExpandingTokenizer<E, T> {
    type TokenStream<'a> = ExpandingStream<'a, E, T::TokenStream<'a>>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Self::TokenStream<'a> {
        let stream = self.tokenizer.token_stream(text);
        ExpandingStream {
            expand: &self.expand,
            stream,
            text,
            waiting: Vec::new(),
            ended: false,
            token: Token::default(),
        }
    }
}

impl<E: Expand, S: TokenStream> TokenStream for ExpandingStream<'_, E, S> {
    fn advance(&mut self) -> bool {
        loop {
            if let Some(token) = self.waiting.pop() {
                self.token = token;
                return true;
            }
            if self.ended || !self.stream.advance() {
                return false;
            }
            // The stream counts on its token's position only, so the text may be taken out of it.
            let token = self.stream.token_mut();
            let taken = Token { text: mem::take(&mut token.text), ..*token };
            // A token this long gives no term, and what would become of it could be as many tokens as it has bytes.
            if taken.text.len() <= MAX_TERM_BYTES {
                if let Err(failure) = self.expand.expand(taken, self.text, &mut self.waiting) {
                    report(failure);
                    self.waiting.clear();
                    self.ended = true;
                }
                self.waiting.reverse();
            }
        }
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}
