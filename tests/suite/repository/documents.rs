//! What is written agrees with what is there: links resolve, error codes are listed, limits say why.

use vectlite::ErrorKind;

use super::tokens::{spells, tokens};
use super::tree::{File, files, root, with_extension};
use super::{assert_found, assert_none};

/// Where users look up an error code; one of them lists each.
const ERROR_TABLES: [&str; 2] = ["engine/docs/query-semantics.md", "engine/docs/errors.md"];

const LIMITS: &str = "engine/src/limits.rs";

/// Relative links of a Markdown file: the line and the path each leads to, without its fragment.
fn relative_links(file: &File) -> Vec<(usize, String)> {
    let mut links = Vec::new();
    let mut in_code = false;
    for (line, text) in (1..).zip(file.text.lines()) {
        if text.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        if in_code {
            continue;
        }
        // Of the pieces between backticks every second one is code.
        let prose: String = text.split('`').step_by(2).collect::<Vec<_>>().join("`");
        let inline = prose.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next());
        let reference = prose.trim_start().starts_with('[').then(|| prose.split("]: ").nth(1)).flatten();
        for target in inline.chain(reference) {
            let path = target.split('#').next().unwrap_or_default();
            // Addresses have a scheme, links of rustdoc a `::`; a bare fragment stays in the file.
            if !path.is_empty() && !path.contains(':') {
                links.push((line, path.to_owned()));
            }
        }
    }
    links
}

/// Links that lead nowhere, asked of `exists` with a path from the root.
fn broken_links(files: &[File], exists: impl Fn(&str) -> bool) -> Vec<String> {
    let mut violations = Vec::new();
    for file in files {
        let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for (line, link) in relative_links(file) {
            let from = if link.starts_with('/') { "" } else { folder };
            if !resolved(from, &link).is_some_and(|path| exists(&path)) {
                violations.push(format!("{}:{line}: {link} leads nowhere", file.path));
            }
        }
    }
    violations
}

/// `link` seen from `folder`, both from the root; none when it leaves the repository.
fn resolved(folder: &str, link: &str) -> Option<String> {
    let mut path: Vec<&str> = folder.split('/').filter(|step| !step.is_empty()).collect();
    for step in link.split('/') {
        match step {
            "" | "." => {}
            ".." => drop(path.pop()?),
            name => path.push(name),
        }
    }
    Some(path.join("/"))
}

/// Codes that no table shows in backticks.
fn unlisted_codes(files: &[File]) -> Vec<String> {
    let tables: Vec<&File> = files.iter().filter(|file| ERROR_TABLES.contains(&file.path.as_str())).collect();
    ErrorKind::ALL
        .iter()
        .map(|kind| kind.code())
        .filter(|code| !tables.iter().any(|table| table.text.contains(&format!("`{code}`"))))
        .map(|code| format!("`{code}` is listed in none of {ERROR_TABLES:?}"))
        .collect()
}

/// Public constants without a doc comment right before them.
fn unexplained_limits(limits: &File) -> Vec<String> {
    let tokens = tokens(limits);
    let mut violations = Vec::new();
    let mut documented = false;
    for (at, token) in tokens.iter().enumerate() {
        if spells(&tokens, at, "# [ doc") {
            documented = true;
        } else if spells(&tokens, at, "pub const") {
            if !documented {
                let name = tokens.get(at + 2).and_then(|token| token.word()).unwrap_or_default();
                violations.push(format!("{}:{}: {name} does not say why", limits.path, token.line));
            }
        } else if token.is(';') {
            documented = false;
        }
    }
    violations
}

#[test]
fn links_lead_somewhere() {
    assert_none(broken_links(&with_extension(&["md"]), |path| root().join(path).exists()));
}

#[test]
fn every_error_code_is_listed() {
    assert_none(unlisted_codes(&files()));
}

#[test]
fn every_limit_says_why() {
    let files = files();
    let limits = files.iter().find(|file| file.path == LIMITS).expect(LIMITS);
    assert_none(unexplained_limits(limits));
}

#[test]
fn made_up_broken_links_are_found() {
    let file = File::made_up(
        "engine/docs/a.md",
        "[web](https://example.org/a) [here](#part) [type](crate::Database) `[code](no)`\n\
         [up](../src/lib.rs#L3) and [gone](../src/gone.rs \"title\")\n\
         ```\n[sample](no)\n```\n\
         [out](../../../etc) [root](/README.md)\n\
         [named]: b.md\n",
    );
    let exists = |path: &str| ["engine/src/lib.rs", "README.md"].contains(&path);
    assert_found(
        &broken_links(&[file], exists),
        &["a.md:2: ../src/gone.rs", "a.md:6: ../../../etc", "a.md:7: b.md"],
    );
}

#[test]
fn made_up_unlisted_codes_are_found() {
    assert_eq!(unlisted_codes(&[]).len(), ErrorKind::ALL.len());
    let all: String = ErrorKind::ALL.iter().map(|kind| format!("| `{}` |\n", kind.code())).collect();
    assert_found(&unlisted_codes(&[File::made_up(ERROR_TABLES[0], &all)]), &[]);
    let without = all.replace("`closed`", "closed");
    assert_found(&unlisted_codes(&[File::made_up(ERROR_TABLES[1], &without)]), &["`closed`"]);
}

#[test]
fn made_up_unexplained_limits_are_found() {
    let text = "//! Limits.\n/// Why.\npub const A: usize = 1;\npub const B: usize = 2; // why\n\
                /// Why.\n#[rustfmt::skip]\npub const C: usize = 3;\nconst PRIVATE: usize = 4;\npub const D: u8 = 5;";
    assert_found(&unexplained_limits(&File::made_up(LIMITS, text)), &["4: B", "9: D"]);
}
