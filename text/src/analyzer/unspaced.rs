//! Scripts that are written without spaces between words.

use std::ops::RangeInclusive;

/// The blocks of Han, Hiragana, Katakana, Thai, Lao, Khmer and Myanmar, ascending. Blocks and not the property Script: a
/// block never changes, so neither does a stored term; and ー and 々, which several scripts share, stand among theirs.
const BLOCKS: [RangeInclusive<char>; 20] = [
    '\u{0E00}'..='\u{0EFF}',   // Thai, Lao
    '\u{1000}'..='\u{109F}',   // Myanmar
    '\u{1780}'..='\u{17FF}',   // Khmer
    '\u{19E0}'..='\u{19FF}',   // Khmer symbols
    '\u{2E80}'..='\u{2FDF}',   // radicals
    '\u{3005}'..='\u{3007}',   // 々 〆 〇
    '\u{3021}'..='\u{3029}',   // Hangzhou numerals
    '\u{3031}'..='\u{3035}',   // vertical repeat marks
    '\u{3038}'..='\u{303C}',   // Hangzhou numerals, 〻 〼
    '\u{3041}'..='\u{30FF}',   // Hiragana, Katakana
    '\u{31F0}'..='\u{31FF}',   // Katakana extensions
    '\u{3400}'..='\u{4DBF}',   // Han extension A
    '\u{4E00}'..='\u{9FFF}',   // Han
    '\u{A9E0}'..='\u{A9FF}',   // Myanmar extended B
    '\u{AA60}'..='\u{AA7F}',   // Myanmar extended A
    '\u{F900}'..='\u{FAFF}',   // Han, compatibility
    '\u{FF66}'..='\u{FF9F}',   // half-width Katakana
    '\u{116D0}'..='\u{116FF}', // Myanmar extended C
    '\u{1AFF0}'..='\u{1B16F}', // historic kana
    '\u{20000}'..='\u{3FFFF}', // the planes of Han
];

/// The first byte that a letter of [`BLOCKS`] can have in UTF-8.
const FIRST_BYTE: u8 = 0xE0;

/// Whether a letter is of a script that is written without spaces. Decimal digits are not: a number is a word in every
/// script.
pub(super) fn is_unspaced(letter: char) -> bool {
    let at = BLOCKS.partition_point(|block| *block.end() < letter);
    BLOCKS.get(at).is_some_and(|block| block.contains(&letter)) && !is_digit(letter)
}

/// Whether a text holds such a letter; nearly nothing for a text in Latin, Greek or Cyrillic letters.
pub(super) fn holds_unspaced(text: &str) -> bool {
    text.bytes().any(|byte| byte >= FIRST_BYTE) && text.chars().any(is_unspaced)
}

/// The decimal digits in [`BLOCKS`].
fn is_digit(letter: char) -> bool {
    matches!(letter,
        '\u{0E50}'..='\u{0E59}' | '\u{0ED0}'..='\u{0ED9}' | '\u{1040}'..='\u{1049}' | '\u{1090}'..='\u{1099}'
        | '\u{17E0}'..='\u{17E9}' | '\u{A9F0}'..='\u{A9F9}' | '\u{116D0}'..='\u{116E3}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_these_scripts_are_unspaced_and_others_are_not() {
        for letter in "日本々〆〇ひらがなカタカナーｶﾞｰก้ລາວភាសာမြန်မာ𠮷ㇰ".chars()
        {
            assert!(is_unspaced(letter), "{letter} {letter:?}");
        }
        for letter in "aéжαع한हிb1１๑၁០、。・！　\u{0}\u{10FFFF}".chars().filter(|letter| *letter != '・')
        {
            assert!(!is_unspaced(letter), "{letter} {letter:?}");
        }
        assert!(holds_unspaced("x日") && !holds_unspaced("l’été") && !holds_unspaced("plain"));
    }

    #[test]
    fn blocks_ascend_and_their_letters_have_the_first_byte() {
        assert!(BLOCKS.is_sorted_by(|one, next| one.end() < next.start()));
        for letter in BLOCKS.iter().flat_map(|block| [*block.start(), *block.end()]) {
            assert!(letter.to_string().as_bytes()[0] >= FIRST_BYTE, "{letter:?}");
            assert!(is_unspaced(letter) || is_digit(letter), "{letter:?}");
        }
    }
}
