//! Kill -9, again and again, under a mixed load of two threads: the database always opens, and holds of each thread
//! all that was acknowledged, at most the one step it was at besides, and that one whole or not at all.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use vectlite::{Database, OpenOptions};
use vectlite_tests::load::{DIMENSION, Load, WORKERS, namespace};
use vectlite_tests::model::{Key, Model};
use vectlite_tests::random::Random;
use vectlite_tests::step::Step;
use vectlite_tests::{campaign, killed};

use super::held::{Held, held};

/// How often the child is killed, unless the environment says otherwise.
const CYCLES: u64 = 25;
/// After so many cycles the database begins anew, so that its creation is met, too.
const CYCLES_PER_DATABASE: u64 = 50;
/// When the child is killed after its start, in milliseconds: from within the opening to some hundred steps later.
const KILL_AFTER_MS: std::ops::Range<u64> = 5..60;

/// What one killed child has told.
#[derive(Debug, Default)]
struct Told {
    opened: bool,
    /// Of each worker: how many steps were acknowledged, and how many began.
    workers: [(usize, usize); WORKERS],
}

impl Told {
    fn parse(lines: &[String]) -> Told {
        let mut told = Told::default();
        for line in lines {
            let mut words = line.split(' ');
            let Some(worker) = words.next().filter(|word| *word != "open") else {
                told.opened = true;
                continue;
            };
            let (acknowledged, begun) = &mut told.workers[worker.parse::<usize>().unwrap()];
            let step: usize = words.next().unwrap().parse().unwrap();
            match words.next() {
                Some("phase") => {
                    assert_eq!((*begun, *acknowledged), (step, step), "{line}");
                    *begun += 1;
                }
                Some("ok") => {
                    assert_eq!((*begun, *acknowledged), (step + 1, step), "{line}");
                    *acknowledged += 1;
                }
                _ => panic!("the child said {line:?}"),
            }
        }
        told
    }
}

fn run_and_kill(path: &Path, seed: u64, after: Duration) -> Told {
    let mut child = Command::new(env!("CARGO_BIN_EXE_crash_child"));
    child.arg("load").arg(path).arg(seed.to_string());
    Told::parse(&killed::told(child, after, &format!("seed {seed}")))
}

/// Opens what the kill left: the files themselves, for writing or for reading, or a copy, so that the next child has
/// to recover them.
fn reopen(path: &Path, cycle: u64) -> Option<(Database, Option<tempfile::TempDir>)> {
    // Killed before there was anything.
    if !path.exists() {
        return None;
    }
    let open =
        |path: PathBuf, read_only| Database::open(path, OpenOptions::new().read_only(read_only)).unwrap();
    match cycle % 3 {
        0 => Some((open(path.to_owned(), false), None)),
        1 => Some((open(path.to_owned(), true), None)),
        _ => {
            let copy = tempfile::tempdir().unwrap();
            for name in ["a.vdb", "a.vdb.wal"] {
                let from = path.with_file_name(name);
                if from.exists() {
                    fs::copy(from, copy.path().join(name)).unwrap();
                }
            }
            Some((open(copy.path().join("a.vdb"), false), Some(copy)))
        }
    }
}

/// The state after the acknowledged steps, or after one more; which one it is goes on as the model.
fn check(db: &Database, told: &Told, seed: u64, models: &mut [Model; WORKERS]) -> [&'static str; WORKERS] {
    let mut phases = ["between steps"; WORKERS];
    for worker in 0..WORKERS {
        let (acknowledged, begun) = told.workers[worker];
        let model = &mut models[worker];
        let mut steps = Load::new(seed, worker);
        steps.by_ref().take(acknowledged).for_each(|step| _ = step.apply(model).unwrap());
        let held = held(db, &namespace(worker));
        let noted = db.kv_scan(&namespace(worker), "").unwrap();
        if begun > acknowledged {
            let step: Step = steps.next().unwrap();
            phases[worker] = step.name();
            let mut after = model.clone();
            step.apply(&mut after).unwrap();
            if held == *after.records() && noted == after.kv_scan(&namespace(worker), "") {
                *model = after;
            }
        }
        assert_eq!(
            noted,
            model.kv_scan(&namespace(worker), ""),
            "seed {seed}, worker {worker}: {acknowledged} steps acknowledged, killed in {}",
            phases[worker]
        );
        let differing: Vec<_> = differing(model.records(), &held);
        assert!(
            differing.is_empty(),
            "seed {seed}, worker {worker}: {acknowledged} steps acknowledged, killed in {}; differing: {differing:#?}",
            phases[worker]
        );
    }
    phases
}

fn differing<'a>(model: &'a Held, held: &'a Held) -> Vec<(&'a Key, String)> {
    let ids = model.keys().chain(held.keys().filter(|id| !model.contains_key(*id)));
    ids.filter(|id| model.get(*id) != held.get(*id))
        .map(|id| (id, format!("expected {:?}, found {:?}", model.get(id), held.get(id))))
        .collect()
}

#[test]
fn a_killed_writer_loses_nothing_acknowledged() {
    let cycles = campaign::number("VECTLITE_KILL_CYCLES").unwrap_or(CYCLES);
    let seed = campaign::seed("VECTLITE_KILL_SEED");
    println!("VECTLITE_KILL_SEED={seed} VECTLITE_KILL_CYCLES={cycles}");
    let mut random = Random::new(seed);
    let mut directory = tempfile::tempdir().unwrap();
    let empty = || [(); WORKERS].map(|()| Model::new(DIMENSION, 0));
    let mut models = empty();
    let (mut kills, mut acknowledged) = (BTreeMap::new(), 0);
    for cycle in 0..cycles {
        if cycle % CYCLES_PER_DATABASE == 0 {
            directory = tempfile::tempdir().unwrap();
            models = empty();
        }
        let path = directory.path().join("a.vdb");
        let after = KILL_AFTER_MS.start + random.below(KILL_AFTER_MS.end - KILL_AFTER_MS.start);
        let told = run_and_kill(&path, seed + cycle, Duration::from_millis(after));
        acknowledged += told.workers.iter().map(|(acknowledged, _)| acknowledged).sum::<usize>();
        let phases = match reopen(&path, cycle) {
            Some((db, _copy)) => check(&db, &told, seed + cycle, &mut models),
            None => {
                assert!(!told.opened, "the database is gone");
                ["between steps"; WORKERS]
            }
        };
        if told.opened {
            phases.into_iter().for_each(|phase| *kills.entry(phase).or_insert(0) += 1);
        } else {
            *kills.entry("open").or_insert(0) += 1;
        }
    }
    println!("{acknowledged} steps acknowledged; kills per phase, of {WORKERS} threads: {kills:?}");
}
