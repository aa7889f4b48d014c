//! The paths that a Rust source names, as `use` or in place, resolved to the root of their crate.

use super::tokens::{Token, spells, tokens};
use super::tree::File;

/// A path into the crate that names it: `crate::storage::Reader` is `["storage", "Reader"]`.
#[derive(Debug, PartialEq)]
pub(super) struct Named {
    pub(super) segments: Vec<String>,
    pub(super) line: usize,
}

/// Where a file stands in its crate: `engine/src/query/plan.rs` is `["query", "plan"]`, `lib.rs` is `[]`.
pub(super) fn module_of(path: &str) -> Vec<String> {
    let inside = path.split_once("/src/").map_or(path, |(_, inside)| inside);
    let mut module: Vec<String> = inside.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if module.last().is_some_and(|last| last == "mod") || module == ["lib"] || module == ["main"] {
        module.pop();
    }
    module
}

/// Every path of the file that starts at `crate`, `self` or `super`, from the root of the crate. Other paths begin at
/// a name in scope, and what brought that name into scope is among these.
pub(super) fn named(file: &File) -> Vec<Named> {
    let tokens = tokens(file);
    // The inline modules around the current token, and how deep in braces each began.
    let mut inside: Vec<(String, usize)> = Vec::new();
    let mut depth = 0_usize;
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        if token.is('{') {
            depth += 1;
        } else if token.is('}') {
            depth = depth.saturating_sub(1);
            inside.pop_if(|(_, began)| *began == depth);
        } else if let (Some("mod"), Some(name)) = (token.word(), tokens.get(at + 1).and_then(Token::word))
            && tokens.get(at + 2).is_some_and(|token| token.is('{'))
        {
            inside.push((name.to_owned(), depth));
        }
        let before = found.len();
        if token.word() == Some("use") && !tokens.get(at + 1).is_some_and(|next| next.is('<')) {
            at = read_tree(&tokens, at + 1, &[], &mut found);
        } else if matches!(token.word(), Some("crate" | "self" | "super")) {
            at = read_path(&tokens, at, &mut found);
        } else {
            at += 1;
        }
        let mut module = module_of(&file.path);
        module.extend(inside.iter().map(|(name, _)| name.clone()));
        let resolved: Vec<Named> = found.drain(before..).filter_map(|path| resolve(path, &module)).collect();
        found.extend(resolved);
    }
    found
}

/// The names that `lib.rs` re-exports, each with the first module of where it comes from.
pub(super) fn exports(lib: &File) -> Vec<(String, String)> {
    let tokens = tokens(lib);
    let mut found = Vec::new();
    for at in 0..tokens.len() {
        if spells(&tokens, at, "use") {
            read_tree(&tokens, at + 1, &[], &mut found);
        }
    }
    let export = |path: Named| Some((path.segments.last()?.clone(), path.segments.first()?.clone()));
    found.into_iter().filter_map(export).collect()
}

/// Reads `a::{b, c::*}` from `at` on, one path for each leaf; returns the position behind it.
fn read_tree(tokens: &[Token], mut at: usize, prefix: &[String], found: &mut Vec<Named>) -> usize {
    let mut segments = prefix.to_vec();
    while let Some(token) = tokens.get(at) {
        if let Some(word) = token.word() {
            if word == "as" {
                // The alias does not say where the path leads.
                at += 2;
                continue;
            }
            // `{self}` names what stands before the brace.
            if word != "self" || segments.is_empty() {
                segments.push(word.to_owned());
            }
        } else if token.is('*') {
            segments.push("*".to_owned());
        } else if token.is('{') {
            at += 1;
            while tokens.get(at).is_some_and(|token| !token.is('}')) {
                at = read_tree(tokens, at, &segments, found);
                if tokens.get(at).is_some_and(|token| token.is(',')) {
                    at += 1;
                }
            }
            return at + 1;
        } else if !token.is(':') {
            break;
        }
        at += 1;
    }
    let line = tokens.get(at.saturating_sub(1)).map_or(0, |token| token.line);
    found.push(Named { segments, line });
    at
}

/// Reads `crate::a::b` from `at` on; returns the position behind it.
fn read_path(tokens: &[Token], mut at: usize, found: &mut Vec<Named>) -> usize {
    let line = tokens[at].line;
    let mut segments = Vec::new();
    while let Some(word) = tokens.get(at).and_then(Token::word) {
        segments.push(word.to_owned());
        at += 1;
        if !spells(tokens, at, ": :") {
            break;
        }
        at += 2;
    }
    found.push(Named { segments, line });
    at
}

/// The path from the root of the crate; none for foreign paths and for a bare `crate`, `self` or `super`, as in
/// `pub(crate)` and `self.field`.
fn resolve(path: Named, module: &[String]) -> Option<Named> {
    let mut base = module.to_vec();
    let mut rest = path.segments.as_slice();
    match rest.split_first()? {
        (head, tail) if head == "crate" => {
            base.clear();
            rest = tail;
        }
        (head, tail) if head == "self" => rest = tail,
        (head, _) if head == "super" => {}
        _ => return None,
    }
    while let Some((head, tail)) = rest.split_first()
        && head == "super"
    {
        base.pop();
        rest = tail;
    }
    if rest.is_empty() {
        return None;
    }
    base.extend_from_slice(rest);
    Some(Named { segments: base, line: path.line })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(path: &str, text: &str) -> Vec<String> {
        named(&File::made_up(path, text)).iter().map(|named| named.segments.join("::")).collect()
    }

    #[test]
    fn files_stand_where_their_path_says() {
        assert_eq!(module_of("engine/src/query/plan.rs"), ["query", "plan"]);
        assert_eq!(module_of("engine/src/query/mod.rs"), ["query"]);
        assert_eq!(module_of("engine/src/lib.rs"), [""; 0]);
    }

    #[test]
    fn use_trees_unfold() {
        let text = "use crate::{a::{self, b as c, d::*}, e};\nuse std::fmt;\npub use ::redb::X;\nuse super::f::{g, h,};";
        assert_eq!(
            paths("engine/src/query/plan.rs", text),
            ["a", "a::b", "a::d::*", "e", "query::f::g", "query::f::h"]
        );
    }

    #[test]
    fn paths_in_place_are_found_in_bodies_types_and_macros() {
        let text = "pub(crate) fn f(&self, x: crate::a::B<crate::c::D>) -> impl Fn() + use<'_> {\n\
                    self.x; println!(\"{}\", super::g::h()); super::super::k::l }";
        assert_eq!(paths("engine/src/query/plan.rs", text), ["a::B", "c::D", "query::g::h", "k::l"]);
    }

    #[test]
    fn inline_modules_count_for_super() {
        let text =
            "mod tests { use super::*; mod deep { use super::super::x; } fn f() { {} } }\nuse super::y;";
        assert_eq!(paths("engine/src/query/plan.rs", text), ["query::plan::*", "query::plan::x", "query::y"]);
    }

    #[test]
    fn exports_remember_where_names_come_from() {
        let lib = File::made_up(
            "engine/src/lib.rs",
            "mod error; pub use error::{Error, Result as R}; pub use redb; pub use vectlite_ann::Metric;",
        );
        let exports = exports(&lib);
        let exports: Vec<(&str, &str)> =
            exports.iter().map(|(name, from)| (name.as_str(), from.as_str())).collect();
        assert_eq!(
            exports,
            [("Error", "error"), ("Result", "error"), ("redb", "redb"), ("Metric", "vectlite_ann")]
        );
    }
}
