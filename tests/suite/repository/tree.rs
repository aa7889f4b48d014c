//! The files of the project: read from the working tree, or made up by a test.

use std::fs;
use std::path::{Path, PathBuf};

/// A text file: its path from the root, with `/` on every system, and what it holds.
pub(super) struct File {
    pub(super) path: String,
    pub(super) text: String,
}

impl File {
    /// A file that exists in a test only.
    pub(super) fn made_up(path: &str, text: &str) -> File {
        File { path: path.to_owned(), text: text.to_owned() }
    }

    /// What follows the last dot of the name, or nothing.
    pub(super) fn extension(&self) -> &str {
        Path::new(&self.path).extension().and_then(|extension| extension.to_str()).unwrap_or_default()
    }

    /// Whether the path is this file, or lies in this folder (written with a `/` at its end).
    pub(super) fn is_in(&self, place: &str) -> bool {
        self.path == place || (place.ends_with('/') && self.path.starts_with(place))
    }
}

/// Extensions of what people write; everything else (data, images, lock files) is no text to the rules.
const TEXTS: [&str; 11] = ["rs", "py", "pyi", "ts", "js", "mjs", "cjs", "sh", "md", "toml", "json"];

/// Folders that hold what tools produce.
const PRODUCED: [&str; 5] = ["target", "node_modules", "__pycache__", "build", "dist"];

/// Hidden folders that are ours; all others belong to tools.
const OUR_HIDDEN: [&str; 2] = [".ci", ".cargo"];

pub(super) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ stands in the root").to_owned()
}

/// Every text file of the project, by path.
pub(super) fn files() -> Vec<File> {
    let mut found = Vec::new();
    walk(&root(), "", &mut found);
    found.sort_by(|a: &File, b: &File| a.path.cmp(&b.path));
    assert!(found.iter().any(|file| file.path == "engine/src/lib.rs"), "the walk missed the engine");
    found
}

/// The files with one of these extensions.
pub(super) fn with_extension(extensions: &[&str]) -> Vec<File> {
    files().into_iter().filter(|file| extensions.contains(&file.extension())).collect()
}

/// The names that a folder lists, without what tools put there.
pub(super) fn listing(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("an entry of the tree").file_name().to_string_lossy().into_owned())
        .filter(|name| is_ours(name, &folder.join(name)))
        .collect();
    names.sort();
    names
}

fn is_ours(name: &str, path: &Path) -> bool {
    // In a worktree `.git` is a file.
    if name == ".git" || PRODUCED.contains(&name) {
        return false;
    }
    !(name.starts_with('.') && path.is_dir()) || OUR_HIDDEN.contains(&name)
}

fn walk(folder: &Path, prefix: &str, found: &mut Vec<File>) {
    for name in listing(folder) {
        let (path, shown) = (folder.join(&name), format!("{prefix}{name}"));
        if path.is_dir() {
            walk(&path, &format!("{shown}/"), found);
        } else if let Ok(text) = fs::read_to_string(&path) {
            // Scripts for the shell have no extension, but a first line that says so.
            let file = File { path: shown, text };
            if TEXTS.contains(&file.extension()) || file.text.starts_with("#!") {
                found.push(file);
            }
        }
    }
}

#[test]
fn what_tools_produce_is_not_ours() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["target", "node_modules", ".venv", ".ci", "src"] {
        fs::create_dir(folder.path().join(name)).unwrap();
    }
    for name in [".git", ".gitignore", "README.md"] {
        fs::write(folder.path().join(name), "").unwrap();
    }
    assert_eq!(listing(folder.path()), [".ci", ".gitignore", "README.md", "src"]);
}
