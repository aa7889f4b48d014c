//! Kill -9, again and again, while the application changes notes, tags and index in its transactions: it always opens, its own tables and
//! the index agree in everything, and hold all that was committed, and at most the one step it was at besides.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use vectlite_tests::{campaign, killed};

use crate::churn::{Churn, State, Step};
use crate::notes::Notes;

/// How often it is killed, unless the environment says otherwise.
const KILLS: u64 = 25;
/// After so many kills the file begins anew, so that its creation is met, too.
const KILLS_PER_FILE: u64 = 40;
/// When it is killed after its start, in milliseconds: from within the opening to some hundred steps later.
const KILL_AFTER_MS: std::ops::Range<u64> = 5..80;

/// How many steps began, and how many were committed.
fn run_and_kill(file: &Path, seed: u64, after: Duration) -> (usize, usize) {
    let mut application = Command::new(env!("CARGO_BIN_EXE_notes_app"));
    application.arg(file).arg("churn").arg(seed.to_string());
    let told = killed::told(application, after, &format!("seed {seed}"));
    let count = |word| told.iter().filter(|line| *line == word).count();
    (count("begin"), count("ok"))
}

/// The notes behind so many steps.
fn after(state: &State, seed: u64, steps: usize, next: u64) -> State {
    let (mut state, mut next) = (state.clone(), next);
    for step in Churn::new(seed).take(steps) {
        if step.apply(&mut state, next) == Some(next) {
            next += 1;
        }
    }
    state
}

#[test]
fn notes_and_index_agree_whenever_it_is_killed() {
    let kills = campaign::number("VECTLITE_NOTES_KILLS").unwrap_or(KILLS);
    let seed = campaign::seed("VECTLITE_NOTES_SEED");
    println!("VECTLITE_NOTES_SEED={seed} VECTLITE_NOTES_KILLS={kills}");
    let mut directory = tempfile::tempdir().unwrap();
    let (mut state, mut next) = (State::new(), 1);
    let (mut committed, mut between, mut unanswered) = (0, 0, 0);
    for kill in 0..kills {
        if kill % KILLS_PER_FILE == 0 {
            directory = tempfile::tempdir().unwrap();
            (state, next) = (State::new(), 1);
        }
        let file = directory.path().join("notes.redb");
        let seed = seed.wrapping_mul(1_000_003).wrapping_add(kill);
        let span = KILL_AFTER_MS.end - KILL_AFTER_MS.start;
        let (begun, done) =
            run_and_kill(&file, seed, Duration::from_millis(KILL_AFTER_MS.start + seed % span));
        let notes = Notes::open(&file).unwrap();
        notes.check().unwrap_or_else(|error| panic!("kill {kill}, seed {seed}: {error}"));
        let found: State = notes.list(None).unwrap().into_iter().collect();
        let steps = [done, begun].into_iter().find(|steps| after(&state, seed, *steps, next) == found);
        let steps = steps.unwrap_or_else(|| {
            panic!(
                "kill {kill}, seed {seed}: neither behind {done} steps nor behind {begun}: {} notes",
                found.len()
            )
        });
        committed += done;
        between += usize::from(begun > done);
        unanswered += usize::from(steps > done);
        let added = Churn::new(seed).take(steps).filter(|step| matches!(step, Step::Add(_))).count();
        next += added as u64;
        state = found;
    }
    println!(
        "{kills} kills, {between} of them within a step, {unanswered} of those behind its commit; {committed} steps committed"
    );
}
