//! The tokenizer: words by Unicode Standard Annex #29, and letters and pairs of them where words have no spaces between.

use tantivy_tokenizer_api::{Token, TokenStream, Tokenizer};

use super::pieces::{Piece, Pieces};
use super::pipeline::MAX_TERM_BYTES;
use super::sides::Side;

/// Words that hold at least one letter or digit. "can't" and "3.14" are one word, "e-mail" is two.
///
/// Scripts that are written without spaces show no words; finding them takes a dictionary of each language. A run of their
/// letters is indexed as letters and as pairs of neighbours, each pair at the position of its first letter, so that any
/// part of it is found; a query asks for the pairs, and for the letter where a run is only one. Katakana, which UAX #29
/// keeps as one word, is no exception, or タワー would not find 東京タワー下.
///
/// Words too long for a term are left out here, before the steps spend time on them; they keep their position. All
/// apostrophes become `'`, the one that stop words and stemmers know.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words(pub(super) Side);

pub(super) struct WordStream<'a> {
    side: Side,
    text: &'a str,
    pieces: Pieces<'a>,
    /// Looked at, not yet taken.
    ahead: Option<Piece<'a>>,
    /// A pair that starts with the letter of the last token.
    pair: Option<(usize, usize)>,
    /// Whether the last pair, of a query, holds the next letter.
    covered: bool,
    token: Token,
}

impl Tokenizer for Words {
    type TokenStream<'a> = WordStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> WordStream<'a> {
        WordStream {
            side: self.0,
            text,
            pieces: Pieces::new(text),
            ahead: None,
            pair: None,
            covered: false,
            token: Token::default(),
        }
    }
}

impl WordStream<'_> {
    /// Makes this part of the text the token; too long, it is none.
    fn take(&mut self, start: usize, end: usize) -> bool {
        let Some(word) = self.text.get(start..end).filter(|word| word.len() <= MAX_TERM_BYTES) else {
            return false;
        };
        self.token.text.clear();
        self.token.text.extend(word.chars().map(plain_apostrophe));
        self.token.offset_from = start;
        self.token.offset_to = end;
        true
    }

    /// The end of the letter that follows in the same run.
    fn neighbour(&mut self, letter: Piece<'_>) -> Option<usize> {
        self.ahead = self.pieces.next();
        self.ahead.filter(|next| next.unspaced && next.start == letter.end()).map(|next| next.end())
    }
}

impl TokenStream for WordStream<'_> {
    fn advance(&mut self) -> bool {
        if let Some((start, end)) = self.pair.take()
            && self.take(start, end)
        {
            return true;
        }
        while let Some(piece) = self.ahead.take().or_else(|| self.pieces.next()) {
            // The first position is 0: a fresh token stands before it.
            self.token.position = self.token.position.wrapping_add(1);
            let (start, end) = (piece.start, piece.end());
            let pair = if piece.unspaced { self.neighbour(piece).map(|end| (start, end)) } else { None };
            let taken = match (self.side, pair) {
                (Side::Index, _) => {
                    self.pair = pair;
                    self.take(start, end)
                        || self.pair.take().is_some_and(|(start, end)| self.take(start, end))
                }
                (Side::Query, Some((start, end))) => self.take(start, end),
                (Side::Query, None) => !self.covered && self.take(start, end),
            };
            self.covered = pair.is_some();
            if taken {
                return true;
            }
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

    fn tokens(side: Side, text: &str) -> Vec<Token> {
        let mut words = Words(side);
        let mut stream = words.token_stream(text);
        let mut tokens = Vec::new();
        stream.process(&mut |token| tokens.push(token.clone()));
        tokens
    }

    fn texts(text: &str) -> Vec<String> {
        tokens(Side::Index, text).into_iter().map(|token| token.text).collect()
    }

    fn places(side: Side, text: &str) -> Vec<(&str, usize)> {
        tokens(side, text)
            .iter()
            .map(|token| (&text[token.offset_from..token.offset_to], token.position))
            .collect()
    }

    #[test]
    fn words_as_uax_29_has_them() {
        assert_eq!(texts("can't stop -- e-mail!"), ["can't", "stop", "e", "mail"]);
        assert_eq!(
            texts("3.14 1,000 2024-01-31 v1.2 50%"),
            ["3.14", "1,000", "2024", "01", "31", "v1.2", "50"]
        );
        assert_eq!(texts("snake_case C++ example.com U.S.A."), ["snake_case", "C", "example.com", "U.S.A"]);
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
        assert_eq!(places(Side::Index, &text), [("é’s", 0), ("z", 2)]);
        assert_eq!(texts(&"x".repeat(MAX_TERM_BYTES)).len(), 1);
    }

    #[test]
    fn a_run_without_spaces_is_letters_and_pairs_for_the_index_and_pairs_for_a_query() {
        assert_eq!(
            places(Side::Index, "日本語 x"),
            [("日", 0), ("日本", 0), ("本", 1), ("本語", 1), ("語", 2), ("x", 3)]
        );
        assert_eq!(places(Side::Query, "日本語 x"), [("日本", 0), ("本語", 1), ("x", 3)]);
        assert_eq!(places(Side::Query, "日 本、語"), [("日", 0), ("本", 1), ("語", 2)]);
        assert_eq!(places(Side::Query, "x人々y"), [("x", 0), ("人々", 1), ("y", 3)]);
        assert_eq!(places(Side::Query, "らーめん"), [("らー", 0), ("ーめ", 1), ("めん", 2)]);
        assert_eq!(texts("🎉カナ🎉"), ["カ", "カナ", "ナ"]);
    }

    /// Whatever part of a run somebody looks for, its tokens are among those of the run, at distances that agree.
    #[test]
    fn every_part_of_a_run_finds_it() {
        for run in ["東京タワー下", "人々のらーめん", "ภาษาไทย", "ｶﾞｷﾞｺﾞ", "ភាសាខ្មែរ", "မြန်မာဘာသာ", "ພາສາລາວ"]
        {
            let stored = tokens(Side::Index, run);
            let letters: Vec<Piece<'_>> = Pieces::new(run).collect();
            for (from, first) in letters.iter().enumerate() {
                for last in &letters[from..] {
                    let part = &run[first.start..last.end()];
                    for token in tokens(Side::Query, part) {
                        let found = stored
                            .iter()
                            .any(|held| held.text == token.text && held.position == from + token.position);
                        assert!(found, "{part} in {run}: {token:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_long_run_is_no_long_word() {
        let run = "タ".repeat(MAX_TERM_BYTES);
        assert_eq!(texts(&run).len(), 2 * MAX_TERM_BYTES - 1);
        assert_eq!(tokens(Side::Query, &run).len(), MAX_TERM_BYTES - 1);
        // A letter with this many marks is too long for a term, and so are its pairs.
        let heavy = format!("日本{}語か", "\u{301}".repeat(MAX_TERM_BYTES));
        assert_eq!(places(Side::Index, &heavy), [("日", 0), ("語", 2), ("語か", 2), ("か", 3)]);
        assert_eq!(places(Side::Query, &heavy), [("語か", 2)]);
    }
}
