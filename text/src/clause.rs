//! What people type to search a text, in clauses: words, `"a phrase"`, `+must`, `-not`, `prefix*`, `fuzzy~1`, `field:word`.
//!
//! A sign is only special where nobody writes it by chance: `+` and `-` before a word or a quotation mark that starts behind a
//! space, `*` and `~` behind a word, a quotation mark at the beginning of a word, a colon between a field that there is and a word.
//! `e-mail`, `C++`, `2 * 3`, `5"` and `http://` are plain. `\` takes the meaning from the sign that follows it.

/// What the documents have to do with a clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occur {
    /// Those that match are found, and score for it.
    Should,
    /// Only those that match are found, and score for it: `+`.
    Must,
    /// Those that match are not found: `-`.
    MustNot,
}

/// What a clause matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Any of these words.
    Words(String),
    /// These words, one behind the other.
    Phrase(String),
    /// Words that begin like this.
    Prefix(String),
    /// Words that become this one by so many edits: a letter more, less, other, or two letters swapped.
    Fuzzy {
        /// The word.
        word: String,
        /// 1 or 2.
        edits: u8,
    },
}

/// A part of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    /// What the documents have to do with it.
    pub occur: Occur,
    /// The field it is about; `None`: the text.
    pub field: Option<String>,
    /// What it matches.
    pub content: Content,
}

/// A query that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("at character {position}: {problem}")]
pub struct SyntaxError {
    /// The character it is about; the first one is 1.
    pub position: usize,
    /// What is wrong, and what to do.
    pub problem: &'static str,
}

/// Most edits of a fuzzy word: with more nearly every word matches, and the automaton that finds them grows out of bounds.
pub const MAX_EDITS: u8 = 2;

/// The signs that `\` makes plain.
const SPECIAL: [char; 7] = ['"', '+', '-', '*', '~', ':', '\\'];

/// The clauses of a query, `is_field` saying which fields there are. Words without any sign come first, as one clause.
///
/// ```
/// use vectlite_text::{Clause, Content, Occur, parse_query};
///
/// let clauses = parse_query("quick -title:slow fox", |field| field == "title")?;
/// let [words, not] = clauses.as_slice() else { panic!("two") };
/// assert_eq!(words.content, Content::Words("quick  fox".into()));
/// let field = Some("title".into());
/// assert_eq!(*not, Clause { occur: Occur::MustNot, field, content: Content::Words("slow".into()) });
/// # Ok::<(), vectlite_text::SyntaxError>(())
/// ```
///
/// # Errors
/// [`SyntaxError`] for a quotation mark that is not closed, more edits than [`MAX_EDITS`], and `~` or `*` behind a phrase.
pub fn parse_query(text: &str, is_field: impl Fn(&str) -> bool) -> Result<Vec<Clause>, SyntaxError> {
    let mut parser = Parser { rest: text, position: 1 };
    let mut plain = String::new();
    let mut clauses = Vec::new();
    while let Some(next) = parser.peek() {
        if next.is_whitespace() {
            plain.extend(parser.next());
            continue;
        }
        let occur = parser.occur();
        let field = parser.field(&is_field);
        let content = if parser.peek() == Some('"') { parser.phrase()? } else { parser.word()? };
        match content {
            Content::Words(word) if occur == Occur::Should && field.is_none() => plain.push_str(&word),
            content => clauses.push(Clause { occur, field, content }),
        }
    }
    if !plain.trim().is_empty() {
        let content = Content::Words(plain);
        clauses.insert(0, Clause { occur: Occur::Should, field: None, content });
    }
    Ok(clauses)
}

struct Parser<'a> {
    rest: &'a str,
    /// Of the next character; the first one is 1.
    position: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let mut characters = self.rest.chars();
        let next = characters.next()?;
        self.rest = characters.as_str();
        self.position += 1;
        Some(next)
    }

    /// Takes the sign before a word or a phrase.
    fn occur(&mut self) -> Occur {
        let mut characters = self.rest.chars();
        let occur = match characters.next() {
            Some('+') => Occur::Must,
            Some('-') => Occur::MustNot,
            _ => return Occur::Should,
        };
        if characters.next().is_some_and(|next| next.is_alphanumeric() || next == '"' || next == '\\') {
            self.next();
            return occur;
        }
        Occur::Should
    }

    /// Takes a field and its colon before a word or a phrase.
    fn field(&mut self, is_field: impl Fn(&str) -> bool) -> Option<String> {
        let behind = self.rest.find(|sign: char| sign.is_whitespace() || sign == '\\' || sign == '"');
        let together = self.rest.get(..behind.unwrap_or(self.rest.len()))?;
        for (colon, _) in together.match_indices(':') {
            let (field, rest) = (self.rest.get(..colon)?, self.rest.get(colon + 1..)?);
            let begins = rest.starts_with(|next: char| next.is_alphanumeric() || next == '"' || next == '\\');
            if begins && is_field(field) {
                let field = field.to_owned();
                (0..=field.chars().count()).for_each(|_| _ = self.next());
                return Some(field);
            }
        }
        None
    }

    /// The next character, and whether it has its special meaning.
    fn sign(&mut self) -> Option<(char, bool)> {
        let next = self.next()?;
        if next == '\\'
            && let Some(escaped) = self.peek().filter(|escaped| SPECIAL.contains(escaped))
        {
            self.next();
            return Some((escaped, false));
        }
        Some((next, true))
    }

    fn phrase(&mut self) -> Result<Content, SyntaxError> {
        let opened = self.position;
        self.next();
        let mut words = String::new();
        loop {
            match self.sign() {
                None => {
                    return Err(SyntaxError {
                        position: opened,
                        problem: "the quotation mark is not closed; close it, or write \\\" for the sign itself",
                    });
                }
                Some(('"', true)) => break,
                Some((other, _)) => words.push(other),
            }
        }
        if matches!(self.peek(), Some('~' | '*')) {
            return Err(SyntaxError {
                position: self.position,
                problem: "expected a space behind a phrase: ~ and * belong to single words",
            });
        }
        Ok(Content::Phrase(words))
    }

    fn word(&mut self) -> Result<Content, SyntaxError> {
        let mut word = String::new();
        // The last sign that may belong to the word, where it stands in it and in the query.
        let mut last = None;
        while self.peek().is_some_and(|next| !next.is_whitespace()) {
            let position = self.position;
            let Some((next, special)) = self.sign() else { break };
            if special && matches!(next, '*' | '~') {
                last = Some((next, word.len(), position));
            }
            word.push(next);
        }
        let Some((sign, at, position)) = last else { return Ok(Content::Words(word)) };
        let (stem, tail) = word.split_at(at);
        if !stem.contains(char::is_alphanumeric) {
            return Ok(Content::Words(word));
        }
        let edits = match (sign, tail.get(1..).unwrap_or_default()) {
            ('*', "") => return Ok(Content::Prefix(stem.to_owned())),
            ('~', "") => 1,
            ('~', edits) if edits.bytes().all(|digit| digit.is_ascii_digit()) => {
                edits.parse().unwrap_or(u8::MAX)
            }
            _ => return Ok(Content::Words(word)),
        };
        match edits {
            0 => Ok(Content::Words(stem.to_owned())),
            1..=MAX_EDITS => Ok(Content::Fuzzy { word: stem.to_owned(), edits }),
            _ => Err(SyntaxError {
                position,
                problem: "expected at most 2 edits behind ~; write \\~ for the sign itself",
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The clauses in a short form.
    fn clauses(query: &str) -> Vec<String> {
        let short = |clause: Clause| {
            let occur = match clause.occur {
                Occur::Should => "",
                Occur::Must => "+",
                Occur::MustNot => "-",
            };
            let occur = &clause.field.map_or(occur.to_owned(), |field| format!("{occur}{field} has "));
            match clause.content {
                Content::Words(words) => format!("{occur}{words}"),
                Content::Phrase(words) => format!("{occur}[{words}]"),
                Content::Prefix(word) => format!("{occur}{word}..."),
                Content::Fuzzy { word, edits } => format!("{occur}{word} within {edits}"),
            }
        };
        parse_query(query, |field| matches!(field, "title" | "a.b" | "x:y"))
            .unwrap()
            .into_iter()
            .map(short)
            .collect()
    }

    #[test]
    fn fields_that_there_are_have_words() {
        assert_eq!(
            clauses("old title:fox -a.b:\"red fox\" +title:qui* x:y:z"),
            ["old    ", "title has fox", "-a.b has [red fox]", "+title has qui...", "x:y has z"]
        );
        for plain in
            ["http://x", "titles:fox", "title: fox", "title", ":fox", "12:30", "title:(", "\"a b\"title:x"]
        {
            let plain_clauses = clauses(plain);
            assert!(
                plain_clauses.iter().all(|clause| !clause.contains(" has ")) || plain.starts_with('"'),
                "{plain_clauses:?}"
            );
        }
        assert_eq!(clauses("title\\:fox"), ["title:fox"]);
    }

    #[test]
    fn every_kind_of_clause() {
        assert_eq!(clauses(" quick brown "), [" quick brown "]);
        assert_eq!(
            clauses("\"lazy dog\" fox +red -\"old cat\""),
            [" fox  ", "[lazy dog]", "+red", "-[old cat]"]
        );
        assert_eq!(
            clauses("qui* fux~ fxo~2 +jum* -tre~1 word~0"),
            ["     word", "qui...", "fux within 1", "fxo within 2", "+jum...", "-tre within 1"]
        );
        assert_eq!(clauses("\"one\"\"two\""), ["[one]", "[two]"]);
        assert!(clauses(" \n ").is_empty());
    }

    #[test]
    fn signs_that_people_write_by_chance_are_plain() {
        for plain in [
            "e-mail C++ a - b",
            "2 * 3 ~ 4",
            "5\" pipe",
            "AT&T *",
            "-- ++ - +",
            "a~b te*t",
            "C:\\new",
            "..* ?~",
        ] {
            assert_eq!(clauses(plain), [plain]);
        }
    }

    #[test]
    fn a_backslash_makes_a_sign_plain() {
        assert_eq!(clauses(r#"\"a \-b \+c d\* e\~1 \\ \x"#), [r#""a -b +c d* e~1 \ \x"#]);
        assert_eq!(clauses(r#""say \"hi\"""#), [r#"[say "hi"]"#]);
        assert_eq!(clauses(r#"+\"a -\-b"#), [r#"+"a"#, "--b"]);
    }

    #[test]
    fn errors_name_the_character() {
        let error = |query: &str| parse_query(query, |_| false).unwrap_err().to_string();
        assert!(error("é \"open").starts_with("at character 3: the quotation mark is not closed"));
        assert!(error("word~3").starts_with("at character 5: expected at most 2 edits"));
        assert!(error("word~999999").starts_with("at character 5: expected at most 2 edits"));
        assert!(error("\"a b\"~2").starts_with("at character 6: expected a space behind a phrase"));
    }

    proptest! {
        #[test]
        fn any_text_can_be_escaped(text in "([a-z\"+*~:\\\\ -]|title:){0,30}") {
            let escaped: String =
                text.chars().flat_map(|sign| [Some('\\').filter(|_| SPECIAL.contains(&sign)), Some(sign)]).flatten().collect();
            let expected: Vec<String> = Some(text).filter(|text| !text.trim().is_empty()).into_iter().collect();
            prop_assert_eq!(clauses(&escaped), expected);
        }

        #[test]
        fn no_text_makes_it_panic(text in "(\\PC|[\"+*~:\\\\ -]){0,40}") {
            let _ = parse_query(&text, |field| field.len() % 2 == 0);
        }
    }
}
