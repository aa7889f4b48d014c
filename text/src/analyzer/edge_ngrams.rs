//! Edge n-grams: the beginning of a word finds it.

use std::ops::RangeInclusive;

use tantivy_tokenizer_api::Token;

use super::expand::Expand;
use super::failure::StepError;
use super::grams::Letters;

/// For stored texts: every token becomes its prefixes of so many characters. One that is shorter stays, so that it is found
/// when it is typed to its end.
#[derive(Debug, Clone)]
pub(super) struct Prefixes(pub(super) RangeInclusive<usize>);

impl Expand for Prefixes {
    fn expand(&self, token: Token, text: &str, made: &mut Vec<Token>) -> Result<(), StepError> {
        let letters = Letters::of(token, text);
        if letters.len() <= *self.0.start() {
            made.push(letters.whole());
            return Ok(());
        }
        let longest = letters.len().min(*self.0.end());
        made.extend((*self.0.start()..=longest).filter_map(|to| letters.part(0, to)));
        Ok(())
    }
}

/// For queries: every token cut to the longest prefix that is stored. What was typed so far is what is asked for: "hel" must
/// not be widened to "he".
#[derive(Debug, Clone, Copy)]
pub(super) struct Cut(pub(super) usize);

impl Expand for Cut {
    fn expand(&self, token: Token, text: &str, made: &mut Vec<Token>) -> Result<(), StepError> {
        let letters = Letters::of(token, text);
        made.push(if letters.len() <= self.0 {
            letters.whole()
        } else {
            match letters.part(0, self.0) {
                Some(part) => part,
                None => letters.whole(),
            }
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(expand: &impl Expand, token: &str) -> Vec<String> {
        let mut made = Vec::new();
        expand.expand(Token { text: token.to_owned(), ..Token::default() }, "", &mut made).unwrap();
        made.into_iter().map(|token| token.text).collect()
    }

    #[test]
    fn prefixes_for_the_index_and_a_cut_token_for_a_query() {
        assert_eq!(made(&Prefixes(2..=4), "hello"), ["he", "hel", "hell"]);
        assert_eq!(made(&Prefixes(2..=4), "été"), ["ét", "été"]);
        assert_eq!(made(&Prefixes(2..=4), "h"), ["h"]);
        assert_eq!(made(&Prefixes(3..=3), "hello"), ["hel"]);
        assert_eq!(made(&Cut(4), "hello"), ["hell"]);
        assert_eq!(made(&Cut(4), "été"), ["été"]);
    }
}
