//! Steps that are functions of the user's.

use std::sync::Arc;

use tantivy_tokenizer_api::{Token, TokenStream, Tokenizer};

use super::expand::Expand;
use super::failure::{StepError, report};

/// How far behind the last token the next one is looked for in the text, in bytes: a token that the function has changed is
/// nowhere, and looking for each of them in all of a long text would take quadratic time.
const REACH: usize = 1_024;

/// From a text to tokens, or from a token to those in its place.
type Function = dyn Fn(&str) -> Result<Vec<String>, StepError> + Send + Sync;

/// A function as a step: a tokenizer, or a filter.
#[derive(Clone)]
pub(super) struct Called(Arc<Function>);

impl Called {
    pub(super) fn new(
        function: impl Fn(&str) -> Result<Vec<String>, StepError> + Send + Sync + 'static,
    ) -> Called {
        Called(Arc::new(function))
    }
}

impl Expand for Called {
    fn expand(&self, token: Token, _: &str, made: &mut Vec<Token>) -> Result<(), StepError> {
        let texts = (self.0)(&token.text)?;
        made.extend(texts.into_iter().map(|text| Token { text, ..token }));
        Ok(())
    }
}

/// The tokens that a function gave. They stand in the text where they are found one behind the other; one that is not found
/// is an empty place behind the last one.
pub(super) struct Given<'a> {
    text: &'a str,
    tokens: std::vec::IntoIter<String>,
    token: Token,
}

impl Tokenizer for Called {
    type TokenStream<'a> = Given<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Given<'a> {
        let tokens = (self.0)(text).unwrap_or_else(|failure| {
            report(failure);
            Vec::new()
        });
        Given { text, tokens: tokens.into_iter(), token: Token::default() }
    }
}

impl TokenStream for Given<'_> {
    fn advance(&mut self) -> bool {
        let Some(text) = self.tokens.next() else { return false };
        let from = self.token.offset_to;
        let to = self.text.floor_char_boundary(from.saturating_add(REACH).saturating_add(text.len()));
        let found = self.text.get(from..to).and_then(|ahead| ahead.find(&text));
        self.token.offset_from = found.map_or(from, |at| from + at);
        self.token.offset_to = found.map_or(from, |at| from + at + text.len());
        // The first position is 0: a fresh token stands before it.
        self.token.position = self.token.position.wrapping_add(1);
        self.token.text = text;
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(text: &str, tokens: &[&str]) -> Vec<(String, usize, usize, usize)> {
        let tokens: Vec<String> = tokens.iter().map(|token| (*token).to_owned()).collect();
        let mut called = Called::new(move |_| Ok(tokens.clone()));
        let mut stream = called.token_stream(text);
        let mut found = Vec::new();
        stream.process(&mut |token| {
            found.push((token.text.clone(), token.position, token.offset_from, token.offset_to));
        });
        found
    }

    #[test]
    fn tokens_stand_where_they_are_found() {
        let found = places("new york, York", &["new york", "NEW", "york", "x"]);
        let expected = [("new york", 0, 0, 8), ("NEW", 1, 8, 8), ("york", 2, 8, 8), ("x", 3, 8, 8)];
        assert_eq!(found, expected.map(|(text, at, start, end)| (text.to_owned(), at, start, end)));
        assert_eq!(places("日本 é", &["本", "é"])[1], ("é".to_owned(), 1, 7, 9));
    }

    #[test]
    fn a_token_is_looked_for_nearby() {
        let far = "é".repeat(REACH) + "x";
        assert_eq!(places(&far, &["x"])[0].2, 0);
        assert_eq!(places(&far, &["é", "x"])[1].2, 2);
    }
}
