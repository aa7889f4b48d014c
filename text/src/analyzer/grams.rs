//! Parts of tokens, and where they stand in the text.

use tantivy_tokenizer_api::Token;

/// A token and the boundaries of its characters, to cut parts out of it.
pub(super) struct Letters {
    token: Token,
    /// Offset of each character in the token, then its end.
    bounds: Vec<usize>,
    /// The same in the text, where the token has as many characters as what it stands for: then they are the same ones, in
    /// another case or without their marks.
    places: Option<Vec<usize>>,
}

impl Letters {
    pub(super) fn of(token: Token, text: &str) -> Letters {
        let bounds = bounds(&token.text, 0);
        let places = text
            .get(token.offset_from..token.offset_to)
            .map(|source| self::bounds(source, token.offset_from))
            .filter(|places| places.len() == bounds.len());
        Letters { token, bounds, places }
    }

    /// How many characters the token has.
    pub(super) fn len(&self) -> usize {
        self.bounds.len() - 1
    }

    /// The token itself.
    pub(super) fn whole(self) -> Token {
        self.token
    }

    /// The part from one character to before another one, as a token at the same position; its offsets are those of the
    /// whole where nothing better is known.
    pub(super) fn part(&self, from: usize, to: usize) -> Option<Token> {
        let text = self.token.text.get(*self.bounds.get(from)?..*self.bounds.get(to)?)?;
        let place = |at: usize, otherwise: usize| {
            self.places.as_ref().and_then(|places| places.get(at)).copied().unwrap_or(otherwise)
        };
        Some(Token {
            text: text.to_owned(),
            offset_from: place(from, self.token.offset_from),
            offset_to: place(to, self.token.offset_to),
            ..self.token
        })
    }
}

fn bounds(text: &str, start: usize) -> Vec<usize> {
    text.char_indices().map(|(at, _)| start + at).chain([start + text.len()]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letters(token: &str, text: &str) -> Letters {
        let (offset_from, offset_to) = (1, text.len());
        Letters::of(Token { offset_from, offset_to, text: token.to_owned(), ..Token::default() }, text)
    }

    fn places(token: &str, text: &str, from: usize, to: usize) -> (String, (usize, usize)) {
        let part = letters(token, text).part(from, to).unwrap();
        (part.text, (part.offset_from, part.offset_to))
    }

    #[test]
    fn a_part_stands_where_its_characters_stand_in_the_text() {
        assert_eq!(places("hello", " hello", 1, 3), ("el".into(), (2, 4)));
        assert_eq!(places("ecole", " École", 0, 2), ("ec".into(), (1, 4)));
        assert_eq!(places("日本", " 日本", 1, 2), ("本".into(), (4, 7)));
    }

    #[test]
    fn a_part_of_a_token_with_other_characters_stands_where_the_token_stands() {
        assert_eq!(places("strasse", " Straße", 4, 6), ("ss".into(), (1, 8)));
        assert_eq!(letters("ab", " ab").part(1, 3), None);
        assert_eq!(letters("", " ab").len(), 0);
    }
}
