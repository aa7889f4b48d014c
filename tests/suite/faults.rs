//! Every operation on a file fails, in every way that it can: nothing acknowledged is lost, nothing panics, reads go on, and
//! the database opens again.
//!
//! Each workload runs once to count its operations, then with one of them failing, once or from then on.
//! `VECTLITE_IO_FAULTS=all` fails every one in every way, a number as many of them (`VECTLITE_IO_FAULTS_SEED` repeats the choice).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, Once, PoisonError};
use std::time::{Instant, SystemTime};
use std::{env, panic, thread};

use vectlite::{Database, Error, ErrorKind, Result};
use vectlite_tests::failure::Failure;
use vectlite_tests::load::record;
use vectlite_tests::medium::{Medium, Site};
use vectlite_tests::power_cut::{Keep, PowerCut};
use vectlite_tests::random::Random;
use vectlite_tests::step::{Step, Write};

use super::workload::{self, Act, Place, Shown, State, Workload};

/// Runs of all workloads together, unless the environment says otherwise.
const RUNS: usize = 200;
/// The namespace of the record that is written into what is left.
const AFTERWARDS: &str = "afterwards";

/// What panicked, wherever a panic may be caught.
static PANICS: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn panics() -> Vec<String> {
    std::mem::take(&mut PANICS.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Panics of this suite and of the library's threads are remembered, beside being shown.
fn remember_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let shown = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if thread::current()
                .name()
                .is_none_or(|name| name.contains("faults::") || name.contains("vectlite"))
            {
                PANICS.lock().unwrap_or_else(PoisonError::into_inner).push(info.to_string());
            }
            shown(info);
        }));
    });
}

/// How an operation fails.
#[derive(Debug, Clone, Copy)]
struct Fault {
    after: usize,
    failure: Failure,
    lasting: bool,
}

/// A workload, what is there before it, and what it leads to when nothing fails.
#[derive(Debug)]
struct Case {
    workload: Workload,
    /// What is on the medium before, and what the database holds: nothing, but for a recovery.
    before: Option<(Medium, State)>,
}

impl Case {
    fn medium(&self) -> Medium {
        self.before.as_ref().map_or_else(Medium::new, |(medium, _)| Medium::with(medium.start()))
    }

    /// A workload that has run, and whose process was killed then: the case is what comes afterwards.
    fn killed(workload: Workload) -> Case {
        let medium = Medium::new();
        let place = Place::of(&workload);
        let db = place.open(&medium).unwrap();
        let mut state = State::default();
        for act in &workload.acts {
            let Act::Do(step) = act else { continue };
            step.run(&db).unwrap();
            state.apply(act);
        }
        let left = PowerCut::now(&medium).cut(Keep::Everything, &mut Random::new(0));
        let acts = vec![Act::Follow, workload.acts[0].clone(), Act::Do(Step::Flush)];
        Case { workload: Workload { acts, ..workload }, before: Some((left, state)) }
    }

    fn all() -> Vec<Case> {
        let mut cases = Vec::new();
        for workload in workload::few_of_each() {
            if workload.name == "recovery" {
                cases.push(Case::killed(workload));
            } else {
                cases.push(Case { workload, before: None });
            }
        }
        cases
    }
}

/// A workload under way, with everything that the database may hold.
struct Run<'a> {
    what: String,
    medium: &'a Medium,
    place: Place,
    db: Option<Database>,
    possible: Vec<State>,
    errors: Vec<Error>,
    met: bool,
}

impl Drop for Run<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            println!("{}; errors: {:?}; failed at {:?}", self.what, self.errors, self.medium.sites().1);
        }
    }
}

impl Run<'_> {
    /// An error is told: of a kind that says that the system failed, not the caller.
    fn told<T>(&mut self, doing: &str, result: Result<T>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                let kinds = [ErrorKind::Storage, ErrorKind::Closed];
                assert!(kinds.contains(&error.kind()), "{}: {doing}: {:?}: {error}", self.what, error.kind());
                assert!(!error.to_string().is_empty());
                self.errors.push(error);
                None
            }
        }
    }

    fn open(&mut self) {
        let opened = self.place.open(self.medium);
        self.db = self.told("open", opened);
        if self.db.is_none() {
            // As a user would: once more.
            let opened = self.place.open(self.medium);
            self.db = self.told("open", opened);
        }
    }

    fn act(&mut self, act: &Act) {
        match act {
            Act::Reopen => {
                if let Some(db) = self.db.take() {
                    self.told("close", db.close());
                }
                self.open();
            }
            Act::Wait => {}
            Act::Follow => {
                let followed = self.place.open_read_only(self.medium).and_then(|db| Shown::listed(&db));
                match followed {
                    // Nothing is there before a creation that failed.
                    Err(error)
                        if error.kind() == ErrorKind::NotFound && self.possible[0] == State::default() => {}
                    followed => {
                        if let Some(state) = self.told("follow", followed) {
                            self.assert_possible("a reader", &state);
                        }
                    }
                }
            }
            Act::Copy(number) => {
                let Some(db) = &self.db else { return };
                let copied = db.snapshot(Place::copy(*number));
                if self.told("snapshot", copied).is_some() {
                    let medium = PowerCut::now(self.medium).cut(Keep::Nothing, &mut Random::new(0));
                    let copy = self.place.afterwards(&Place::copy(*number)).open(&medium);
                    let copy = copy.unwrap_or_else(|error| panic!("{}: the snapshot: {error}", self.what));
                    self.assert_possible("the snapshot", &Shown::listed(&copy).unwrap());
                }
            }
            Act::Do(step) => {
                let Some(db) = &self.db else { return };
                let done = step.run(db);
                let mut after = self.possible.clone();
                after.iter_mut().for_each(|state| state.apply(act));
                if self.told(step.name(), done).is_some() {
                    self.possible = after;
                } else {
                    if let Step::BulkLoad(records, batch) = step {
                        let mut part = self.possible.clone();
                        for batch in records.chunks(*batch) {
                            let batch = Act::Do(Step::Write(Write::Upsert(batch.to_vec())));
                            part.iter_mut().for_each(|state| state.apply(&batch));
                            after.extend(part.clone());
                        }
                    }
                    for state in after {
                        if !self.possible.contains(&state) {
                            self.possible.push(state);
                        }
                    }
                }
            }
        }
    }

    fn assert_possible(&self, who: &str, found: &Shown) {
        assert!(
            self.possible.iter().any(|state| state.shown() == *found),
            "{}: {who} found none of {} possible states; from the last it differs in {}; errors: {:?}",
            self.what,
            self.possible.len(),
            found.difference(&self.possible.last().unwrap().shown()),
            self.errors
        );
    }

    /// The power goes right here.
    fn assert_kept(&self, keep: Keep, random: &mut Random) {
        let medium = PowerCut::now(self.medium).cut(keep, random);
        let db = self.place.afterwards(&self.place.path).open(&medium);
        let db = db.unwrap_or_else(|error| {
            panic!("{}: after a power cut, {keep:?}: {error}; before: {:?}", self.what, self.errors)
        });
        self.assert_possible(&format!("after a power cut, {keep:?},"), &Shown::of(&db));
    }
}

/// What came of a run.
struct Outcome {
    met: usize,
    sites: BTreeMap<Site, usize>,
    failed_sites: BTreeSet<Site>,
    errors: Vec<Error>,
}

fn run(case: &Case, fault: Option<Fault>, random: &mut Random) -> Outcome {
    let medium = case.medium();
    let workload = &case.workload;
    let state = case.before.as_ref().map_or_else(State::default, |(_, state)| state.clone());
    let mut run = Run {
        what: format!("{}, {fault:?}", workload.name),
        medium: &medium,
        place: Place::of(workload),
        db: None,
        possible: vec![state],
        errors: Vec::new(),
        met: false,
    };
    if let Some(fault) = fault {
        if fault.lasting {
            medium.fail_from(fault.after, fault.failure);
        } else {
            medium.fail("", None, fault.after, fault.failure);
        }
    }
    medium.enter("open");
    run.open();
    for act in &workload.acts {
        medium.enter(act.phase());
        run.act(act);
        if !run.met && medium.faults_met() > 0 {
            run.met = true;
            run.assert_kept(Keep::Nothing, random);
        }
    }
    medium.enter("close");
    if let Some(db) = &run.db {
        // What was shown last, before the end.
        if !run.errors.is_empty() {
            medium.heal();
            match Shown::listed(db) {
                Ok(state) => run.assert_possible("a read", &state),
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::Storage, "{}: {error}", run.what);
                    assert!(error.to_string().contains("open"), "{}: what to do? {error}", run.what);
                }
            }
        }
        let closed = db.close();
        run.told("close", closed);
    }
    let (sites, failed_sites) = medium.sites();
    let met = medium.faults_met();
    medium.heal();
    run.assert_kept(Keep::Nothing, random);
    run.assert_kept(Keep::any(random), random);
    run.db = None;

    // Another process, which sees what the system has in memory.
    let place = run.place.afterwards(&run.place.path);
    let db = place.open(&medium);
    let db = db.unwrap_or_else(|error| panic!("{}: again: {error}; before: {:?}", run.what, run.errors));
    let mut state = Shown::of(&db);
    run.assert_possible("opened again, it", &state);
    let written = record(random, AFTERWARDS, "new".to_owned(), 1);
    db.upsert(written.clone()).unwrap_or_else(|error| panic!("{}: again: {error}", run.what));
    state.put(written);
    // What it has shown lasts.
    let left = PowerCut::now(&medium).cut(Keep::Nothing, random);
    let last = place.open(&left).unwrap_or_else(|error| panic!("{}: in the end: {error}", run.what));
    let last = Shown::of(&last);
    assert!(last == state, "{}: in the end: {}", run.what, last.difference(&state));
    db.close().unwrap_or_else(|error| panic!("{}: again: {error}", run.what));
    let panics = panics();
    assert!(panics.is_empty(), "{}: {panics:#?}", run.what);
    Outcome { met, sites, failed_sites, errors: std::mem::take(&mut run.errors) }
}

/// The operations of a run that can fail like this.
fn concerned(sites: &BTreeMap<Site, usize>, failure: Failure) -> usize {
    sites.iter().filter(|((operation, ..), _)| failure.concerns(*operation)).map(|(_, count)| count).sum()
}

#[test]
fn any_failed_operation_loses_nothing_acknowledged() {
    remember_panics();
    let asked = env::var("VECTLITE_IO_FAULTS").unwrap_or_else(|_| RUNS.to_string());
    let seed = env::var("VECTLITE_IO_FAULTS_SEED").map_or_else(
        |_| SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs(),
        |seed| seed.parse().unwrap(),
    );
    println!("VECTLITE_IO_FAULTS_SEED={seed} VECTLITE_IO_FAULTS={asked}");
    let mut random = Random::new(seed);
    let cases = Case::all();
    let counted: Vec<BTreeMap<Site, usize>> = cases
        .iter()
        .map(|case| {
            let outcome = run(case, None, &mut random);
            assert!(outcome.errors.is_empty(), "{:?}", outcome.errors);
            outcome.sites
        })
        .collect();
    let ways = || {
        let ways = Failure::ALL.into_iter().flat_map(|failure| [(failure, false), (failure, true)]);
        // What a signal has interrupted is done again until it succeeds: no system does this for ever.
        ways.filter(|way| *way != (Failure::Interrupted, true))
    };
    let all: usize =
        counted.iter().map(|sites| ways().map(|(failure, _)| concerned(sites, failure)).sum::<usize>()).sum();
    // One in so many, from a random one on.
    let step = asked.parse::<usize>().map_or(1, |runs| all.div_ceil(runs.max(1)).max(1));
    let mut number = random.below(step as u64) as usize;
    for (case, sites) in cases.iter().zip(&counted) {
        let started = Instant::now();
        let (mut failed, mut runs, mut operations) = (BTreeSet::new(), 0, 0);
        let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
        for (failure, lasting) in ways() {
            let count = concerned(sites, failure);
            let mut after = number;
            // Threads of the library make a run a little longer or shorter than the one that was counted.
            loop {
                if after >= count && step > 1 {
                    break;
                }
                let outcome = run(case, Some(Fault { after, failure, lasting }), &mut random);
                if outcome.met == 0 {
                    break;
                }
                runs += 1;
                operations += outcome.met;
                failed.extend(outcome.failed_sites);
                for error in &outcome.errors {
                    *kinds.entry(error.kind().to_string()).or_default() += 1;
                }
                after += step;
            }
            assert!(step > 1 || after * 10 >= count * 9, "{after} of {count} operations met");
            number = after.saturating_sub(count) % step;
        }
        let can_fail = |site: &&Site| Failure::ALL.iter().any(|failure| failure.concerns(site.0));
        let missed: Vec<&Site> =
            sites.keys().filter(can_fail).filter(|site| !failed.contains(*site)).collect();
        println!(
            "{}: {} operations at {} sites; {runs} runs, {operations} operations failed, at {} sites; errors told: {kinds:?}; \
             {:.1} s",
            case.workload.name,
            sites.values().sum::<usize>(),
            sites.len(),
            failed.len(),
            started.elapsed().as_secs_f64()
        );
        assert!(step > 1 || missed.is_empty(), "never failed: {missed:?}");
    }
}
