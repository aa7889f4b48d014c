//! The rules of the repository, as ordinary tests over its files.
//!
//! A rule is a function from sources to violations. Each is run twice: over the real tree, where it must find
//! nothing, and over a small made-up one that breaks it, where it must find exactly that. Its table stands at the
//! top of its file; a change of the architecture is a change of the table, in the same commit.

mod arrows;
mod documents;
mod hygiene;
mod layout;
mod paths;
mod residence;
mod tokens;
mod tree;
mod versions;

/// Fails with every violation on a line of its own.
fn assert_none(violations: Vec<String>) {
    assert!(violations.is_empty(), "{} violations:\n{}", violations.len(), violations.join("\n"));
}

/// Fails unless the violations are as many as `expected` and each contains its text, in order.
fn assert_found(violations: &[String], expected: &[&str]) {
    let all_found = violations.iter().zip(expected).all(|(violation, text)| violation.contains(text));
    assert!(all_found && violations.len() == expected.len(), "expected {expected:#?}, found {violations:#?}");
}
