//! ASCII folding: letters without their marks, and the usual spellings of letters that no mark makes.

use std::iter::once;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::rewrite::Rewrite;

#[derive(Debug, Clone, Copy)]
pub(super) struct AsciiFolding;

impl Rewrite for AsciiFolding {
    fn rewrite(&self, text: &mut String, buffer: &mut String) {
        if text.is_ascii() {
            return;
        }
        buffer.clear();
        // Marks are dropped behind Latin letters only: in other scripts they tell words apart.
        let mut after_latin = false;
        for letter in text.nfd().map(usual_width) {
            if is_combining_mark(letter) {
                if !after_latin {
                    buffer.push(letter);
                }
                continue;
            }
            let spelling = spelling(letter);
            after_latin = letter.is_ascii_alphabetic() || spelling.is_some();
            match spelling {
                Some(ascii) => buffer.push_str(ascii),
                None => buffer.push(letter),
            }
        }
        text.clear();
        // Marks of other scripts were taken apart; put them together again.
        text.extend(buffer.nfc());
    }
}

/// Letters of another width in their usual one: full-width ASCII, as East Asian keyboards type it, and half-width Katakana,
/// as old systems store it. Its voicing marks become those that combine with the letter before.
fn usual_width(letter: char) -> char {
    match letter {
        '！'..='～' => char::from_u32(letter as u32 - 0xFEE0).unwrap_or(letter),
        'ﾞ' => '\u{3099}',
        'ﾟ' => '\u{309A}',
        '･'..='ﾝ' => once(letter).nfkd().next().unwrap_or(letter),
        other => other,
    }
}

/// Latin letters that do not decompose.
fn spelling(letter: char) -> Option<&'static str> {
    let ascii = match letter {
        'ß' => "ss",
        'ẞ' => "SS",
        'æ' => "ae",
        'Æ' => "AE",
        'œ' => "oe",
        'Œ' => "OE",
        'ø' => "o",
        'Ø' => "O",
        'đ' | 'ð' => "d",
        'Đ' | 'Ð' => "D",
        'ħ' => "h",
        'Ħ' => "H",
        'ı' => "i",
        'ł' => "l",
        'Ł' => "L",
        'þ' => "th",
        'Þ' => "TH",
        'ŧ' => "t",
        'Ŧ' => "T",
        'ŋ' => "n",
        'Ŋ' => "N",
        'ĸ' => "k",
        'ſ' => "s",
        'ƒ' => "f",
        'ə' => "a",
        'Ə' => "A",
        'ĳ' => "ij",
        'Ĳ' => "IJ",
        // A place where a line may break, left over in texts taken from PDF files.
        '\u{AD}' => "",
        'ﬀ' => "ff",
        'ﬁ' => "fi",
        'ﬂ' => "fl",
        'ﬃ' => "ffi",
        'ﬄ' => "ffl",
        '’' | '‘' => "'",
        _ => return None,
    };
    Some(ascii)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fold(text: &str) -> String {
        let mut text = text.to_owned();
        AsciiFolding.rewrite(&mut text, &mut String::from("left over"));
        text
    }

    #[test]
    fn latin_letters_become_ascii() {
        for (text, folded) in [
            ("Straße GROẞ", "Strasse GROSS"),
            ("Ærøskøbing œuvre", "AEroskobing oeuvre"),
            ("Łódź Đà Nẵng", "Lodz Da Nang"),
            ("þing ðat İstanbul ısı", "thing dat Istanbul isi"),
            ("ﬁﬂ ĳs Ⓐ", "fifl ijs Ⓐ"),
            ("ｃａｆé１２", "cafe12"),
            ("ﾀﾜｰ ｶﾞｷﾞﾊﾟ ｦｯ", "タワー ガギパ ヲッ"),
            ("co\u{AD}operate", "cooperate"),
            ("cafe\u{301} e\u{323}\u{302}", "cafe e"),
            ("plain", "plain"),
            ("", ""),
        ] {
            assert_eq!(fold(text), folded);
        }
    }

    #[test]
    fn marks_of_other_scripts_tell_words_apart_and_stay() {
        for text in ["й ё", "が", "ह\u{93F}न\u{94D}द\u{940}", "한국", "ά", "كِتاب"] {
            assert_eq!(fold(text), text);
        }
        assert_eq!(fold("и\u{306}"), "й", "both spellings of one letter are one term");
    }

    proptest! {
        #[test]
        fn folding_twice_is_folding_once(text in "\\PC{0,40}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }
    }
}
