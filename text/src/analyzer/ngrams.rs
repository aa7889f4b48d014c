//! Character n-grams: any part of a word finds it.

use tantivy_tokenizer_api::Token;

use super::expand::Expand;
use super::failure::StepError;
use super::grams::Letters;

/// Longest gram, in characters. Longer ones find hardly more than whole words do, and each character of a text stands in
/// as many of them.
pub const MAX_GRAM: usize = 32;

/// Every token becomes the grams of this many characters in it; one that is shorter stays.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ngrams(pub(super) usize);

impl Expand for Ngrams {
    fn expand(&self, token: Token, text: &str, made: &mut Vec<Token>) -> Result<(), StepError> {
        let letters = Letters::of(token, text);
        if letters.len() <= self.0 {
            made.push(letters.whole());
            return Ok(());
        }
        made.extend((self.0..=letters.len()).filter_map(|to| letters.part(to - self.0, to)));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grams_of_characters_and_short_tokens_whole() {
        for (token, grams) in [
            ("hello", vec!["hel", "ell", "llo"]),
            ("été!", vec!["été", "té!"]),
            ("abc", vec!["abc"]),
            ("ab", vec!["ab"]),
            ("", vec![""]),
        ] {
            let mut made = Vec::new();
            let token = Token { text: token.to_owned(), position: 7, ..Token::default() };
            Ngrams(3).expand(token, "", &mut made).unwrap();
            let texts: Vec<&str> = made.iter().map(|token| token.text.as_str()).collect();
            assert_eq!(texts, grams);
            assert!(made.iter().all(|token| token.position == 7));
        }
    }
}
