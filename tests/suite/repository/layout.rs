//! The shape of the tree: what stands at the top, and how long files are.

use super::tree::{File, files, listing, root};
use super::{assert_found, assert_none};

/// What the top level holds.
const TOP_LEVEL: [&str; 16] = [
    ".ci",
    ".gitignore",
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "ann",
    "bindings",
    "clippy.toml",
    "engine",
    "examples",
    "rust-toolchain.toml",
    "rustfmt.toml",
    "tests",
    "text",
];

/// What it may hold besides.
const OPTIONAL: [&str; 2] = [".cargo", ".gitattributes"];

/// Extensions of what people write and read as code.
const SOURCES: [&str; 7] = ["rs", "py", "ts", "js", "mjs", "cjs", "sh"];

/// A file longer than this is an algorithm, or a drawer of everything.
const LONG_LINES: usize = 500;

/// Of ten files one may be an algorithm.
const SHARE_OF_LONG_FILES: f64 = 0.1;

fn wrong_at_the_top(names: &[String]) -> Vec<String> {
    let unexpected =
        names.iter().filter(|name| !TOP_LEVEL.contains(&name.as_str()) && !OPTIONAL.contains(&name.as_str()));
    let missing = TOP_LEVEL.iter().filter(|expected| !names.iter().any(|name| name == *expected));
    unexpected
        .map(|name| format!("{name} has no place at the top level"))
        .chain(missing.map(|name| format!("{name} is missing at the top level")))
        .collect()
}

/// The long files, once they are too many.
fn drawers(files: &[File]) -> Vec<String> {
    let sources: Vec<&File> = files.iter().filter(|file| SOURCES.contains(&file.extension())).collect();
    let long: Vec<String> = sources
        .iter()
        .map(|file| (file.text.lines().count(), file))
        .filter(|(lines, _)| *lines > LONG_LINES)
        .map(|(lines, file)| format!("{}: {lines} lines", file.path))
        .collect();
    println!("{} of {} sources are longer than {LONG_LINES} lines {long:#?}", long.len(), sources.len());
    if long.len() as f64 > sources.len() as f64 * SHARE_OF_LONG_FILES { long } else { Vec::new() }
}

#[test]
fn the_top_level_is_the_agreed_one() {
    assert_none(wrong_at_the_top(&listing(&root())));
}

#[test]
fn nine_files_of_ten_are_short() {
    assert_none(drawers(&files()));
}

#[test]
fn made_up_top_levels_are_wrong() {
    let mut names: Vec<String> = TOP_LEVEL.iter().map(|name| (*name).to_owned()).collect();
    assert_found(&wrong_at_the_top(&names), &[]);
    names.retain(|name| name != "ann");
    names.extend(["utils".to_owned(), ".cargo".to_owned()]);
    assert_found(&wrong_at_the_top(&names), &["utils has no place", "ann is missing"]);
}

#[test]
fn made_up_drawers_are_found() {
    let file = |name: &str, lines: usize| File::made_up(name, &"x\n".repeat(lines));
    let mut files: Vec<File> = (0..9).map(|number| file(&format!("{number}.rs"), LONG_LINES)).collect();
    files.push(file("algorithm.rs", LONG_LINES + 1));
    files.push(file("long.md", LONG_LINES + 1));
    assert_found(&drawers(&files), &[]);
    files.push(file("drawer.py", 2 * LONG_LINES));
    assert_found(&drawers(&files), &["algorithm.rs: 501 lines", "drawer.py: 1000 lines"]);
}
