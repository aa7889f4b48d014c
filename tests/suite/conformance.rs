//! The cases that all languages share, run by Rust: `tests/conformance/*.json`, whose README describes them.
//!
//! | question | file |
//! |---|---|
//! | what stands in a file of cases | [`case`] |
//! | how a case runs | [`run`] |
//! | what a call on the package, a store or an analyzer does | [`package`] |
//! | what a call on a database or a transaction does | [`database`] |
//! | what a search is given and gives | [`search`] |
//! | what arguments a call has | [`arguments`] |
//! | how a special value is written | [`special`] |
//! | whether a result is the expected one | [`compare`] |
//! | the 300 queries whose answers agree to the bit | [`queries`] |

mod arguments;
mod case;
mod compare;
mod database;
mod package;
mod queries;
mod run;
mod search;
mod special;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use vectlite::ErrorKind;

use case::Topic;

/// What issue 3 asks for at least.
const LEAST_CASES: usize = 150;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance")
}

fn topics() -> Vec<Topic> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    paths.sort();
    paths
        .iter()
        .map(|path| {
            let topic: Topic = serde_json::from_slice(&fs::read(path).unwrap())
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            assert_eq!(path.file_stem().unwrap().to_str(), Some(topic.name()), "a file is named after its topic");
            topic
        })
        .collect()
}

#[test]
fn every_case_holds() {
    let topics = topics();
    let mut failures = Vec::new();
    for topic in &topics {
        for case in topic.cases() {
            if let Err(failure) = run::case(case) {
                failures.push(format!("{}: {}\n    {failure}", topic.name(), case.name()));
            }
        }
    }
    let cases: usize = topics.iter().map(|topic| topic.cases().len()).sum();
    println!("{cases} cases in {} files", topics.len());
    assert!(failures.is_empty(), "{} of {cases} cases failed:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn cases_are_many_and_reach_every_error() {
    let topics = topics();
    let cases: usize = topics.iter().map(|topic| topic.cases().len()).sum();
    assert!(cases >= LEAST_CASES, "{cases} cases");
    let reached: BTreeSet<&str> = topics.iter().flat_map(Topic::codes).collect();
    for kind in ErrorKind::ALL {
        assert!(reached.contains(kind.code()), "no case fails with {kind}");
    }
    for topic in &topics {
        let names: BTreeSet<&str> = topic.cases().iter().map(case::Case::name).collect();
        assert_eq!(names.len(), topic.cases().len(), "{}: two cases have one name", topic.name());
    }
}
