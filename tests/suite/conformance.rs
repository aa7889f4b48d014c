//! The cases that all languages share, run by Rust: `tests/conformance/*.json`, whose README describes them.
//!
//! | question | file |
//! |---|---|
//! | what stands in a file of cases | [`case`] |
//! | how a case runs | [`run`] |
//! | what a call on the package, a store or an analyzer does | [`package`] |
//! | what a call on a database or a transaction does | [`database`] |
//! | what a search is given and gives | [`search`] |
//! | what is said of graphs | [`indexes`] |
//! | what is verified | [`verify`] |
//! | what arguments a call has | [`arguments`] |
//! | which calls and arguments there are | [`signature`] |
//! | how a special value is written | [`special`] |
//! | whether a result is the expected one | [`compare`] |
//! | what the command line answers beside | [`command_line`] |
//! | the stored file of a version that is yet to come | [`newer`] |
//! | the stored files of this one | [`present`] |
//! | the 300 queries whose answers agree to the bit | [`queries`] |

mod arguments;
mod case;
mod command_line;
mod compare;
mod database;
mod indexes;
mod newer;
mod package;
mod present;
mod queries;
mod run;
mod search;
mod signature;
mod special;
mod verify;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use vectlite::ErrorKind;

use case::Topic;

/// What issue 9 asks for at least.
const LEAST_CASES: usize = 400;
/// Questions of these cases that the command line can put, at least.
const LEAST_ASKED: usize = 900;
/// Cases that run at a time.
const WORKERS: usize = 8;

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
            assert_eq!(
                path.file_stem().unwrap().to_str(),
                Some(topic.name()),
                "a file is named after its topic"
            );
            topic
        })
        .collect()
}

/// Runs every case; gives what all of them counted.
fn run_all(run: impl Fn(&case::Case) -> Result<usize, String> + Sync) -> usize {
    let counted = AtomicUsize::new(0);
    let failure = |topic: &Topic, case: &case::Case| match run(case) {
        Ok(count) => {
            counted.fetch_add(count, Ordering::Relaxed);
            None
        }
        Err(what) => Some(format!("{}: {}\n    {what}", topic.name(), case.name())),
    };
    let topics = topics();
    let cases: Vec<(&Topic, &case::Case)> =
        topics.iter().flat_map(|topic| topic.cases().iter().map(move |case| (topic, case))).collect();
    // Most of the time goes into waiting for the disk.
    let mut failures = thread::scope(|scope| {
        let workers: Vec<_> = (0..WORKERS)
            .map(|first| {
                let mine = cases.iter().skip(first).step_by(WORKERS);
                scope.spawn(|| {
                    let failures = mine.filter_map(|(topic, case)| failure(topic, case));
                    failures.collect::<Vec<String>>()
                })
            })
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect::<Vec<String>>()
    });
    failures.sort();
    let (all, failed) = (cases.len(), failures.len());
    println!("{all} cases in {} files", topics.len());
    assert!(failures.is_empty(), "{failed} of {all} cases failed:\n{}", failures.join("\n"));
    counted.into_inner()
}

#[test]
fn every_case_holds() {
    run_all(|case| run::case(case, run::Asked::Library));
}

#[test]
fn every_case_holds_through_the_command_line() {
    let asked = run_all(|case| run::case(case, run::Asked::CommandLine));
    println!("{asked} questions put to the command line");
    assert!(asked >= LEAST_ASKED, "{asked} questions put to the command line");
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
