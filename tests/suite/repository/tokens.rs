//! A Rust source as a flat list of tokens: comments are gone, strings are opaque, macros are open.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::tree::File;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    /// An identifier or keyword, without a raw identifier's `r#`.
    Word(String),
    /// One character; `::` is two of them. Brackets of all kinds are symbols too.
    Symbol(char),
    Literal,
}

#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) line: usize,
}

impl Token {
    pub(super) fn word(&self) -> Option<&str> {
        match &self.kind {
            Kind::Word(word) => Some(word),
            Kind::Symbol(_) | Kind::Literal => None,
        }
    }

    pub(super) fn is(&self, symbol: char) -> bool {
        self.kind == Kind::Symbol(symbol)
    }
}

/// The tokens of a Rust file, in order. A doc comment is `#[doc = …]`, as it is for the compiler.
pub(super) fn tokens(file: &File) -> Vec<Token> {
    let stream: TokenStream =
        file.text.parse().unwrap_or_else(|error| panic!("{} is no Rust: {error}", file.path));
    let mut tokens = Vec::new();
    flatten(stream, &mut tokens);
    tokens
}

fn flatten(stream: TokenStream, tokens: &mut Vec<Token>) {
    for tree in stream {
        let line = tree.span().start().line;
        match tree {
            TokenTree::Ident(word) => {
                let word = word.to_string();
                let word = word.strip_prefix("r#").map_or_else(|| word.clone(), str::to_owned);
                tokens.push(Token { kind: Kind::Word(word), line });
            }
            TokenTree::Punct(symbol) => tokens.push(Token { kind: Kind::Symbol(symbol.as_char()), line }),
            TokenTree::Literal(_) => tokens.push(Token { kind: Kind::Literal, line }),
            TokenTree::Group(group) => {
                let brackets = match group.delimiter() {
                    Delimiter::Parenthesis => Some(('(', ')')),
                    Delimiter::Brace => Some(('{', '}')),
                    Delimiter::Bracket => Some(('[', ']')),
                    Delimiter::None => None,
                };
                if let Some((open, _)) = brackets {
                    tokens.push(Token { kind: Kind::Symbol(open), line });
                }
                let end = group.span_close().end().line;
                flatten(group.stream(), tokens);
                if let Some((_, close)) = brackets {
                    tokens.push(Token { kind: Kind::Symbol(close), line: end });
                }
            }
        }
    }
}

/// Whether the tokens from `at` on spell this: words and single symbols, parted by spaces.
pub(super) fn spells(tokens: &[Token], at: usize, spelling: &str) -> bool {
    spelling.split(' ').enumerate().all(|(offset, expected)| {
        tokens.get(at + offset).is_some_and(|token| match &token.kind {
            Kind::Word(word) => word == expected,
            Kind::Symbol(symbol) => expected.chars().eq([*symbol]),
            Kind::Literal => false,
        })
    })
}

#[test]
fn comments_and_strings_are_no_words() {
    let text = "/* redb */ fn f() { // redb\n let a = \"redb\"; m!(r#type 'x'); }";
    let tokens = tokens(&File::made_up("a.rs", text));
    let words: Vec<(&str, usize)> =
        tokens.iter().filter_map(|token| Some((token.word()?, token.line))).collect();
    assert_eq!(words, [("fn", 1), ("f", 1), ("let", 2), ("a", 2), ("m", 2), ("type", 2)]);
    assert!(spells(&tokens, 0, "fn f ( )") && !spells(&tokens, 0, "fn g"));
}
