//! Arrows point down only: which part of the engine may name which, and what `ann` and `text` may not know.

use std::collections::BTreeSet;

use super::paths::{exports, module_of, named};
use super::tokens::tokens;
use super::tree::{File, files};
use super::{assert_found, assert_none};

/// Words for all: they name each other and nobody else.
const LEAVES: [&str; 13] = [
    "record",
    "value",
    "options",
    "limits",
    "error",
    "clock",
    "files",
    "process",
    "sync",
    "field_type",
    "index_config",
    "events",
    "interrupt",
];

/// The parts of the engine from the bottom up, and which parts each may name besides the leaves and itself.
const ARROWS: [(&str, &[&str]); 6] = [
    ("storage", &[]),
    ("index", &["storage"]),
    ("filter", &["storage"]),
    ("read", &["index", "filter", "storage"]),
    ("query", &["read", "index", "filter", "storage"]),
    ("write", &["read", "index", "filter", "storage"]),
];

/// The top of the engine: may name everything.
const TOP: [&str; 6] = ["lib", "database", "collections", "attached", "backup", "verify"];

/// What a lower crate must not name: the store, the engine, the other lower crate.
const UNKNOWN_BELOW: [(&str, &[&str]); 2] = [
    ("ann", &["redb", "vectlite", "vectlite_core", "vectlite_text"]),
    ("text", &["redb", "vectlite", "vectlite_core", "vectlite_ann"]),
];

/// What a lower crate has no word for, in snake case, also as a part of a longer name.
const WORDS_ABOVE: [&str; 4] = ["record_id", "record_key", "namespace", "metadata"];

/// The rule for the engine, over its sources.
fn arrows_up(files: &[File]) -> Vec<String> {
    let sources: Vec<&File> =
        files.iter().filter(|file| file.is_in("engine/src/") && file.extension() == "rs").collect();
    let parts: BTreeSet<String> = sources.iter().map(|file| part_of(file)).collect();
    let exports: Vec<(String, String)> =
        sources.iter().filter(|file| file.path == "engine/src/lib.rs").flat_map(|lib| exports(lib)).collect();

    let mut violations = Vec::new();
    for file in sources {
        let part = part_of(file);
        let Some(allowed) = allowed(&part) else {
            violations.push(format!("{}: {part} has no row in the table of arrows", file.path));
            continue;
        };
        for path in named(file) {
            // Through the façade's re-exports a name leads to the part that it comes from.
            let first = &path.segments[0];
            let through = exports.iter().find(|(name, _)| name == first).map(|(_, from)| from);
            let target = if parts.contains(first) { Some(first) } else { through };
            let location = format!("{}:{}: {part}", file.path, path.line);
            let shown = path.segments.join("::");
            match target {
                _ if TOP.contains(&part.as_str()) => {}
                Some(target) if *target == part || allowed.contains(&target.as_str()) => {}
                Some(target) if parts.contains(target) => {
                    violations.push(format!("{location} must not name {target} (crate::{shown})"));
                }
                // Re-exported from another crate.
                Some(_) => {}
                None => violations
                    .push(format!("{location} names crate::{shown}, which is no part of the engine")),
            }
        }
    }
    violations
}

/// The part of the engine that a file belongs to: its folder or file at the top of `engine/src`.
fn part_of(file: &File) -> String {
    module_of(&file.path).into_iter().next().unwrap_or_else(|| "lib".to_owned())
}

fn allowed(part: &str) -> Option<Vec<&'static str>> {
    if TOP.contains(&part) || LEAVES.contains(&part) {
        return Some(LEAVES.to_vec());
    }
    let (_, below) = ARROWS.iter().find(|(name, _)| *name == part)?;
    Some([&LEAVES, *below].concat())
}

/// The rule for `ann` and `text`, over sources and manifests.
fn knowledge_of_above(files: &[File]) -> Vec<String> {
    let mut violations = Vec::new();
    for (lower, unknown) in UNKNOWN_BELOW {
        let inside = files.iter().filter(|file| file.is_in(&format!("{lower}/")));
        for file in inside {
            if file.extension() == "rs" {
                for token in tokens(file) {
                    let Some(word) = token.word() else { continue };
                    if unknown.contains(&word) || WORDS_ABOVE.iter().any(|above| has_word(word, above)) {
                        violations
                            .push(format!("{}:{}: {lower} must not know {word}", file.path, token.line));
                    }
                }
            } else if file.path == format!("{lower}/Cargo.toml") {
                for line in file.text.lines() {
                    let name: String =
                        line.chars().take_while(|c| c.is_alphanumeric() || "-_".contains(*c)).collect();
                    if unknown.contains(&name.replace('-', "_").as_str()) {
                        violations.push(format!("{}: {lower} must not depend on {name}", file.path));
                    }
                }
            }
        }
    }
    violations
}

/// Whether an identifier, in whatever case it is written, contains the words of `wanted` next to each other.
fn has_word(identifier: &str, wanted: &str) -> bool {
    let mut snake = String::from("_");
    let mut previous = '_';
    for letter in identifier.chars() {
        if letter.is_uppercase() && previous.is_lowercase() {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
        previous = letter;
    }
    snake.push('_');
    snake.contains(&format!("_{wanted}_")) || snake.contains(&format!("_{wanted}s_"))
}

#[test]
fn engine_arrows_point_down() {
    assert_none(arrows_up(&files()));
}

#[test]
fn ann_and_text_know_slots_only() {
    assert_none(knowledge_of_above(&files()));
}

#[test]
fn the_table_has_no_circle() {
    let rank = |part: &str| ARROWS.iter().position(|(name, _)| *name == part);
    for (part, below) in ARROWS {
        assert!(
            below.iter().all(|target| rank(target) < rank(part)),
            "{part} names a part that stands above it"
        );
    }
}

#[test]
fn made_up_arrows_up_are_found() {
    let lib = File::made_up(
        "engine/src/lib.rs",
        "mod error; mod storage; mod query; pub use query::Hit; pub use error::Error; pub use redb;",
    );
    let error = File::made_up("engine/src/error.rs", "use crate::storage;");
    let storage = File::made_up(
        "engine/src/storage/reader.rs",
        "use crate::{Error, Hit,\n redb};\nuse super::writer; fn f() { super::super::query::g() } use crate::Nothing;",
    );
    let query =
        File::made_up("engine/src/query/mod.rs", "use crate::storage::reader; use crate::write::Batch;");
    let write = File::made_up("engine/src/write/mod.rs", "use crate::query::plan; use crate::error::Error;");
    let stray = File::made_up("engine/src/helpers.rs", "");
    assert_found(
        &arrows_up(&[lib, error, storage, query, write, stray]),
        &[
            "error.rs:1: error must not name storage",
            "reader.rs:1: storage must not name query (crate::Hit)",
            "reader.rs:3: storage must not name query (crate::query::g)",
            "reader.rs:3: storage names crate::Nothing, which is no part",
            "query must not name write (crate::write::Batch)",
            "write must not name query (crate::query::plan)",
            "helpers has no row",
        ],
    );
}

#[test]
fn made_up_knowledge_of_above_is_found() {
    let files = [
        File::made_up(
            "ann/src/graph.rs",
            "// namespace\nfn f(record_id: u32) {}\nstruct RecordIds; use redb::X;",
        ),
        File::made_up(
            "ann/Cargo.toml",
            "[dependencies]\nproptest.workspace = true\nvectlite-text.workspace = true\n",
        ),
        File::made_up(
            "text/src/bm25.rs",
            "use vectlite_ann::Metric; let default_namespace = \"metadata\"; records(id)",
        ),
        File::made_up("engine/src/read/get.rs", "fn f(namespace: &str) {}"),
    ];
    assert_found(
        &knowledge_of_above(&files),
        &[
            "graph.rs:2: ann must not know record_id",
            "graph.rs:3: ann must not know RecordIds",
            "graph.rs:3: ann must not know redb",
            "ann must not depend on vectlite-text",
            "text must not know vectlite_ann",
            "text must not know default_namespace",
        ],
    );
}
