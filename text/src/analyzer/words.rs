//! The tokenizer: words by Unicode Standard Annex #29.

use tantivy_tokenizer_api::{Token, TokenStream, Tokenizer};
use unicode_segmentation::{UnicodeSegmentation, UnicodeWordIndices};

use super::pipeline::MAX_TERM_BYTES;

/// Words that hold at least one letter or digit. "can't" and "3.14" are one word, "e-mail" is two.
///
/// Words too long for a term are left out here, before the steps spend time on them; they keep their position. All
/// apostrophes become `'`, the one that stop words and stemmers know.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Words;

pub(super) struct WordStream<'a> {
    words: UnicodeWordIndices<'a>,
    token: Token,
}

impl Tokenizer for Words {
    type TokenStream<'a> = WordStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> WordStream<'a> {
        WordStream { words: text.unicode_word_indices(), token: Token::default() }
    }
}

impl TokenStream for WordStream<'_> {
    fn advance(&mut self) -> bool {
        for (offset, word) in self.words.by_ref() {
            // The first position is 0: a fresh token stands before it.
            self.token.position = self.token.position.wrapping_add(1);
            if word.len() > MAX_TERM_BYTES {
                continue;
            }
            self.token.text.clear();
            self.token.text.extend(word.chars().map(plain_apostrophe));
            self.token.offset_from = offset;
            self.token.offset_to = offset + word.len();
            return true;
        }
        false
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

/// The characters that UAX #29 keeps inside of words and that people type for one and the same sign.
fn plain_apostrophe(letter: char) -> char {
    match letter {
        '\u{2018}' | '\u{2019}' | '\u{02BC}' | '\u{FF07}' => '\'',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Vec<Token> {
        let mut words = Words;
        let mut stream = words.token_stream(text);
        let mut tokens = Vec::new();
        stream.process(&mut |token| tokens.push(token.clone()));
        tokens
    }

    fn texts(text: &str) -> Vec<String> {
        tokens(text).into_iter().map(|token| token.text).collect()
    }

    #[test]
    fn words_as_uax_29_has_them() {
        assert_eq!(texts("can't stop -- e-mail!"), ["can't", "stop", "e", "mail"]);
        assert_eq!(
            texts("3.14 1,000 2024-01-31 v1.2 50%"),
            ["3.14", "1,000", "2024", "01", "31", "v1.2", "50"]
        );
        assert_eq!(texts("snake_case C++ example.com U.S.A."), ["snake_case", "C", "example.com", "U.S.A"]);
        assert_eq!(texts("日本 カタカナ 🎉"), ["日", "本", "カタカナ"]);
        assert!(texts(" \n…¿!_ 🎉").is_empty());
    }

    #[test]
    fn apostrophes_are_one_sign() {
        assert_eq!(
            texts("l’homme ‘quoted’ qʼapla O'Neil rock＇n"),
            ["l'homme", "quoted", "q'apla", "O'Neil", "rock'n"]
        );
    }

    #[test]
    fn offsets_are_those_of_the_text_and_positions_count_long_words() {
        let text = format!("é’s {} z", "x".repeat(MAX_TERM_BYTES + 1));
        let tokens = tokens(&text);
        let places: Vec<_> =
            tokens.iter().map(|token| (&text[token.offset_from..token.offset_to], token.position)).collect();
        assert_eq!(places, [("é’s", 0), ("z", 2)]);
        assert_eq!(texts(&"x".repeat(MAX_TERM_BYTES)).len(), 1);
    }
}
