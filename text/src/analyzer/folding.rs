//! ASCII folding: letters without their marks, and the usual spellings of letters that no mark makes.

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
        for letter in text.nfd() {
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
