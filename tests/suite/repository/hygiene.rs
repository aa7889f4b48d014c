//! Nothing unfinished and nothing silenced: no notes to self, no placeholders, no skipped tests, no lint lifted
//! without a reason.

use super::tokens::{Token, spells, tokens};
use super::tree::{File, files};
use super::{assert_found, assert_none};

/// Notes to self, put together here so that this file passes its own rule.
fn notes() -> [String; 3] {
    [["TO", "DO"], ["FIX", "ME"], ["XX", "X"]].map(|halves| halves.concat())
}

fn unfinished(files: &[File]) -> Vec<String> {
    let notes = notes();
    let mut violations = Vec::new();
    for file in files {
        for (line, text) in (1..).zip(file.text.lines()) {
            let words = || text.split(|letter: char| !letter.is_alphanumeric());
            for note in notes.iter().filter(|note| words().any(|word| word == **note)) {
                violations.push(format!("{}:{line}: {note}", file.path));
            }
            // An example in a doc comment that is never compiled.
            if file.extension() == "rs" && text.trim_start().starts_with("//") && text.contains("```ignore") {
                violations.push(format!("{}:{line}: a doc example that does not run", file.path));
            }
        }
        if file.extension() == "rs" {
            let tokens = tokens(file);
            for (at, token) in tokens.iter().enumerate() {
                if let Some(what) = placeholder(&tokens, at) {
                    violations.push(format!("{}:{}: {what}", file.path, token.line));
                }
            }
        }
    }
    violations
}

fn placeholder(tokens: &[Token], at: usize) -> Option<&'static str> {
    if spells(tokens, at, "todo !") || spells(tokens, at, "unimplemented !") {
        return Some("a placeholder");
    }
    if spells(tokens, at, "# [ ignore") {
        return Some("a skipped test");
    }
    // `#[allow(…)]`, `#![expect(…)]`, and the same inside `cfg_attr`.
    let lifts = spells(tokens, at, "allow (") || spells(tokens, at, "expect (");
    let in_attribute = at > 0 && (tokens[at - 1].is('[') || tokens[at - 1].is(','));
    if lifts && in_attribute && !group(tokens, at + 1).iter().any(|token| token.word() == Some("reason")) {
        return Some("a lint lifted without a reason");
    }
    None
}

/// The tokens of the parenthesis that opens at `open`.
fn group(tokens: &[Token], open: usize) -> &[Token] {
    let mut depth = 0_usize;
    let end = tokens[open..].iter().position(|token| {
        depth += usize::from(token.is('('));
        depth -= usize::from(token.is(')'));
        depth == 0
    });
    &tokens[open..end.map_or(tokens.len(), |end| open + end)]
}

#[test]
fn nothing_is_unfinished_or_silenced() {
    assert_none(unfinished(&files()));
}

#[test]
fn made_up_unfinished_work_is_found() {
    let [first, second, _] = notes();
    let files = [
        File::made_up("a.py", &format!("# {first}: later\ntodos = 1\n# ({second})")),
        File::made_up(
            "b.rs",
            "fn f() { todo!() }\nfn g() { unimplemented!(\"x\") }\n#[ignore = \"slow\"]\nfn h() {}",
        ),
        File::made_up("c.rs", "/// ```ignore\n/// f()\n/// ```\nfn f() {}"),
        File::made_up(
            "d.rs",
            "#![allow(dead_code)]\n#[cfg_attr(test, expect(unused))]\n#[expect(unused, reason = \"why\")]\n\
             fn f() { x.expect(\"fine\"); allow(1); }",
        ),
    ];
    assert_found(
        &unfinished(&files),
        &[
            "a.py:1",
            "a.py:3",
            "b.rs:1: a placeholder",
            "b.rs:2: a placeholder",
            "b.rs:3: a skipped test",
            "c.rs:1: a doc example",
            "d.rs:1: a lint",
            "d.rs:2: a lint",
        ],
    );
}
