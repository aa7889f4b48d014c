//! What is named in one place only: foreign crates, and `unsafe`.

use super::tokens::{spells, tokens, without_tests};
use super::tree::{File, files};
use super::{assert_found, assert_none};

/// A foreign crate and where its name may stand.
struct Home {
    name: &'static str,
    places: &'static [&'static str],
    /// In how many files at most: one, for what a single noun wraps.
    files: usize,
}

const ANY: usize = usize::MAX;

/// For what users get: tests and examples may name what they like.
const HOMES: [Home; 26] = [
    // Re-exported from `lib.rs` for applications that share their database; see `redb_is_only_reexported`.
    Home { name: "redb", places: &["engine/src/storage/", "engine/src/lib.rs"], files: ANY },
    Home { name: "rmp_serde", places: &["engine/src/storage/"], files: ANY },
    Home { name: "fs4", places: &["engine/src/storage/"], files: 1 },
    Home { name: "twox_hash", places: &["engine/src/storage/pages/layout.rs"], files: 1 },
    Home { name: "roaring", places: &["engine/src/storage/slot_set.rs"], files: 1 },
    Home { name: "hnsw_rs", places: &["ann/src/graph.rs"], files: 1 },
    Home { name: "memmap2", places: &["ann/src/memory/mapped.rs"], files: 1 },
    Home { name: "tantivy_tokenizer_api", places: &["text/src/analyzer/"], files: ANY },
    Home { name: "snowball_stemmers_rs", places: &["text/src/analyzer/"], files: ANY },
    Home { name: "stop_words", places: &["text/src/analyzer/"], files: ANY },
    Home { name: "hashbrown", places: &["text/src/analyzer/occurrences.rs"], files: 1 },
    // One page of messages, and who passes them on.
    Home { name: "log_facade", places: &["engine/src/events.rs", "bindings/"], files: ANY },
    Home { name: "mimalloc", places: &["bindings/"], files: ANY },
    Home { name: "clap", places: &["bindings/cli/"], files: ANY },
    Home { name: "clap_complete", places: &["bindings/cli/src/command/completions.rs"], files: 1 },
    Home { name: "csv", places: &["bindings/cli/src/format/"], files: ANY },
    Home { name: "fastrand", places: &["bindings/cli/"], files: ANY },
    Home { name: "indicatif", places: &["bindings/cli/"], files: ANY },
    Home { name: "parquet", places: &["bindings/cli/src/format/"], files: ANY },
    Home { name: "arrow_array", places: &["bindings/cli/src/format/parquet/"], files: ANY },
    Home { name: "arrow_cast", places: &["bindings/cli/src/format/parquet/"], files: ANY },
    Home { name: "arrow_schema", places: &["bindings/cli/src/format/parquet/"], files: ANY },
    Home { name: "pyo3", places: &["bindings/python/"], files: ANY },
    Home { name: "numpy", places: &["bindings/python/"], files: ANY },
    Home { name: "napi", places: &["bindings/node/"], files: ANY },
    Home { name: "napi_derive", places: &["bindings/node/"], files: ANY },
];

/// The modules that lift `unsafe_code = "deny"`: the kernels of one instruction set, memory that rows lie in, and an allocator that counts.
const UNSAFE: [&str; 6] = [
    "ann/src/kernel/x86.rs",
    "ann/src/kernel/aarch64.rs",
    "ann/src/memory/mod.rs",
    "ann/src/memory/mapped.rs",
    "ann/src/memory/allocated.rs",
    "tests/src/allocation.rs",
];

fn away_from_home(files: &[File]) -> Vec<String> {
    let mut violations = Vec::new();
    let mut residents = vec![Vec::new(); HOMES.len()];
    for file in rust_sources(files).filter(|file| !is_for_tests(file)) {
        let tokens = without_tests(&tokens(file));
        for (home, residents) in HOMES.iter().zip(&mut residents) {
            let Some(at) = tokens.iter().position(|token| token.word() == Some(home.name)) else { continue };
            residents.push(file.path.clone());
            if !home.places.iter().any(|place| file.is_in(place)) {
                violations.push(format!(
                    "{}:{}: {} lives in {:?}",
                    file.path, tokens[at].line, home.name, home.places
                ));
            }
        }
    }
    for (home, residents) in HOMES.iter().zip(residents) {
        if residents.len() > home.files {
            violations.push(format!("{} is named in {} files: {residents:?}", home.name, residents.len()));
        }
    }
    violations
}

/// In the façade the word stands in `pub use redb;` alone.
fn more_than_a_reexport(lib: &File) -> Vec<String> {
    let tokens = tokens(lib);
    let named = tokens.iter().enumerate().filter(|(_, token)| token.word() == Some("redb"));
    named
        .filter(|(at, _)| !at.checked_sub(2).is_some_and(|start| spells(&tokens, start, "pub use redb ;")))
        .map(|(_, token)| format!("{}:{}: redb is re-exported here, not used", lib.path, token.line))
        .collect()
}

fn unsafe_outside(files: &[File], modules: &[&str]) -> Vec<String> {
    let mut violations = Vec::new();
    for file in rust_sources(files).filter(|file| !modules.iter().any(|module| file.is_in(module))) {
        for token in tokens(file).iter().filter(|token| token.word() == Some("unsafe")) {
            violations.push(format!("{}:{}: unsafe outside its modules", file.path, token.line));
        }
    }
    violations
}

fn is_for_tests(file: &File) -> bool {
    file.is_in("examples/") || file.path.split('/').any(|step| step == "tests" || step == "tests.rs")
}

fn rust_sources(files: &[File]) -> impl Iterator<Item = &File> {
    files.iter().filter(|file| file.extension() == "rs")
}

#[test]
fn foreign_crates_are_at_home() {
    assert_none(away_from_home(&files()));
}

#[test]
fn redb_is_only_reexported() {
    assert_none(
        files()
            .iter()
            .filter(|file| file.path == "engine/src/lib.rs")
            .flat_map(more_than_a_reexport)
            .collect(),
    );
}

#[test]
fn unsafe_is_in_its_modules() {
    assert_none(unsafe_outside(&files(), &UNSAFE));
}

#[test]
fn made_up_strangers_are_found() {
    let files = [
        File::made_up("engine/src/index/slots.rs", "use rpds::VectorSync;\nuse redb::Table;"),
        File::made_up("engine/src/storage/lock.rs", "use fs4::FileExt; fn f(_: redb::Error) {}"),
        File::made_up("engine/src/storage/files.rs", "use fs4::FileExt; // pyo3"),
        File::made_up("ann/src/layout.rs", "fn f() { let graph = hnsw_rs::prelude::Hnsw::new(); }"),
        File::made_up("tests/suite/attach.rs", "use vectlite::redb;"),
        File::made_up("engine/src/value/tests.rs", "use rmp_serde::to_vec;"),
        File::made_up("engine/src/value/map.rs", "#[cfg(test)] mod tests { use rmp_serde::to_vec; }"),
    ];
    assert_found(
        &away_from_home(&files),
        &["slots.rs:2: redb lives in", "layout.rs:1: hnsw_rs lives in", "fs4 is named in 2 files"],
    );
}

#[test]
fn made_up_use_of_redb_in_the_facade_is_found() {
    let lib =
        File::made_up("engine/src/lib.rs", "pub use redb;\nfn f(_: redb::Table) {}\npub use redb::Database;");
    assert_found(&more_than_a_reexport(&lib), &["lib.rs:2", "lib.rs:3"]);
}

#[test]
fn made_up_unsafe_is_found() {
    let files = [
        File::made_up("ann/src/kernel/x86.rs", "unsafe fn f() {}"),
        File::made_up("ann/src/flat.rs", "#![deny(unsafe_code)]\n// unsafe\nfn f() { unsafe { g() } }"),
    ];
    assert_found(&unsafe_outside(&files, &["ann/src/kernel/x86.rs"]), &["flat.rs:3"]);
}
