//! A text in pieces: words by Unicode Standard Annex #29, and single letters where words have no spaces between them.

use unicode_segmentation::{Graphemes, UnicodeSegmentation, UnicodeWordIndices};

use super::unspaced::{holds_unspaced, is_unspaced};

/// What UAX #29 joins words with, and no part of a word at its edge: "東京_tower" is made of 東, 京 and "tower".
const CONNECTORS: [char; 2] = ['_', '＿'];

/// A part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece<'a> {
    pub(super) start: usize,
    pub(super) text: &'a str,
    /// Whether it is a letter, with its marks, of a script that is written without spaces; else it is a word.
    pub(super) unspaced: bool,
}

impl Piece<'_> {
    pub(super) fn end(&self) -> usize {
        self.start + self.text.len()
    }
}

/// The pieces of a text, in order.
pub(super) struct Pieces<'a> {
    words: UnicodeWordIndices<'a>,
    /// What is left of a word that holds letters of both kinds, or several without spaces, and where it starts.
    mixed: &'a str,
    mixed_start: usize,
}

impl<'a> Pieces<'a> {
    pub(super) fn new(text: &'a str) -> Pieces<'a> {
        Pieces { words: text.unicode_word_indices(), mixed: "", mixed_start: 0 }
    }

    /// The next piece of what is left of a mixed word.
    fn next_mixed(&mut self) -> Option<Piece<'a>> {
        while let Some(first) = self.mixed.graphemes(true).next() {
            let unspaced = starts_unspaced(first);
            let len = if unspaced { first.len() } else { spaced_len(self.mixed.graphemes(true)) };
            let (piece, rest) = self.mixed.split_at_checked(len)?;
            let start = self.mixed_start;
            self.mixed = rest;
            self.mixed_start += len;
            if unspaced {
                return Some(Piece { start, text: piece, unspaced });
            }
            let text = piece.trim_start_matches(CONNECTORS);
            let start = start + piece.len() - text.len();
            let text = text.trim_end_matches(CONNECTORS);
            if text.contains(char::is_alphanumeric) {
                return Some(Piece { start, text, unspaced });
            }
        }
        None
    }
}

fn starts_unspaced(grapheme: &str) -> bool {
    grapheme.starts_with(is_unspaced)
}

fn spaced_len(graphemes: Graphemes<'_>) -> usize {
    graphemes.take_while(|grapheme| !starts_unspaced(grapheme)).map(str::len).sum()
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        loop {
            if let Some(piece) = self.next_mixed() {
                return Some(piece);
            }
            let (start, text) = self.words.next()?;
            if !holds_unspaced(text) {
                return Some(Piece { start, text, unspaced: false });
            }
            // Nearly always; only Katakana and what connectors join comes as several letters.
            if text.chars().nth(1).is_none() {
                return Some(Piece { start, text, unspaced: true });
            }
            (self.mixed, self.mixed_start) = (text, start);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &str) -> Vec<&str> {
        Pieces::new(text)
            .inspect(|piece| assert_eq!(&text[piece.start..piece.end()], piece.text))
            .map(|piece| piece.text)
            .collect()
    }

    #[test]
    fn words_stay_whole_and_letters_without_spaces_stand_alone() {
        assert_eq!(pieces("can't snake_case 3.14"), ["can't", "snake_case", "3.14"]);
        assert_eq!(pieces("東京タワー"), ["東", "京", "タ", "ワ", "ー"]);
        assert_eq!(pieces("第12回、iPhoneケース"), ["第", "12", "回", "iPhone", "ケ", "ー", "ス"]);
        assert_eq!(pieces("한국어 ๑๒๓"), ["한국어", "๑๒๓"]);
    }

    #[test]
    fn a_word_of_both_kinds_is_cut_between_them() {
        assert_eq!(pieces("snake_case_タワー_2"), ["snake_case", "タ", "ワ", "ー", "2"]);
        assert_eq!(pieces("A々__々"), ["A", "々", "々"]);
    }

    #[test]
    fn marks_stay_with_their_letter() {
        assert_eq!(pieces("ｶﾞｷﾞ"), ["ｶﾞ", "ｷﾞ"]);
        assert_eq!(pieces("か\u{3099}き"), ["か\u{3099}", "き"]);
        assert_eq!(pieces("ที่นี่"), ["ที่", "นี่"]);
    }
}
