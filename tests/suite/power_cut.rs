//! The power goes at any moment of many workloads: the database opens, to what it held after a commit, and to none before the
//! last one that was promised to last.
//!
//! Each workload runs once on a medium that remembers everything. Then media are made as a power cut would leave them
//! (`vectlite_tests::power_cut`), and opened. `VECTLITE_POWER_IMAGES` says how many, `VECTLITE_POWER_SEED` repeats a run.

use std::env;
use std::path::PathBuf;
use std::time::{Instant, SystemTime};

use vectlite::files::FileSystem;
use vectlite::{BulkOptions, Database, SearchRequest, SyncMode};
use vectlite_tests::load::{DIMENSION, record};
use vectlite_tests::medium::{Entry, Medium};
use vectlite_tests::power_cut::{Keep, PowerCut};
use vectlite_tests::random::Random;
use vectlite_tests::step::{Step, Write};

use super::workload::{self, Act, Place, Shown, State, Workload};

/// Images of all workloads together, unless the environment says otherwise.
const IMAGES: u64 = 400;
/// Of so many images one is opened for reading first, and one loses its power once more while it is being recovered.
const READ_ONLY_EVERY: u64 = 3;
const AGAIN_EVERY: u64 = 4;
/// The namespace of the record that is written into what was found.
const AFTERWARDS: &str = "afterwards";

/// A state that the database went through.
#[derive(Debug)]
struct Commit {
    shown: Shown,
    /// How many operations were over when it began: before, it cannot be there.
    begun: usize,
    /// How many were over when it was promised to last; none promised yet.
    durable: Option<usize>,
}

/// A workload that has run.
#[derive(Debug)]
struct History {
    place: Place,
    journal: Vec<Entry>,
    medium: Medium,
    /// When it was open for the first time.
    opened: usize,
    commits: Vec<Commit>,
    /// Snapshots, with how many operations were over when each was there.
    copies: Vec<(PathBuf, Shown, usize)>,
}

impl History {
    fn of(workload: &Workload) -> History {
        let medium = Medium::new();
        let place = Place::of(workload);
        let over = || medium.entries(<[Entry]>::len);
        let mut db = place.open(&medium).unwrap();
        let opened = over();
        let mut state = State::default();
        let mut commits = vec![Commit { shown: state.shown(), begun: 0, durable: Some(0) }];
        // `every_n` counts the commits of a writer, whatever else has synced them.
        let (mut copies, mut counted) = (Vec::new(), 0);
        for act in &workload.acts {
            let begun = over();
            match act {
                Act::Reopen => {
                    db.close().unwrap();
                    promise(&mut commits, over());
                    db = place.open(&medium).unwrap();
                    counted = db.commit_id().unwrap();
                }
                Act::Wait => {
                    place.wait();
                    state.apply(act);
                }
                Act::Follow => drop(Shown::listed(&place.open_read_only(&medium).unwrap()).unwrap()),
                Act::Copy(number) => {
                    db.snapshot(Place::copy(*number)).unwrap();
                    copies.push((Place::copy(*number), state.shown(), over()));
                }
                Act::Do(step) => {
                    let mut done = Vec::new();
                    if let Step::BulkLoad(records, batch) = step {
                        let options = BulkOptions::new().batch_size(*batch);
                        let told = |_| done.push(over());
                        db.bulk_ingest(records.clone(), options, told).unwrap();
                        for (batch, over) in records.chunks(*batch).zip(done) {
                            state.apply(&Act::Do(Step::Write(Write::Upsert(batch.to_vec()))));
                            let durable = (workload.sync == SyncMode::PerOp).then_some(over);
                            commits.push(Commit { shown: state.shown(), begun, durable });
                        }
                        continue;
                    }
                    step.run(&db).unwrap();
                    if matches!(step, Step::Flush | Step::Compact) {
                        promise(&mut commits, over());
                        continue;
                    }
                    state.apply(act);
                    commits.push(Commit { shown: state.shown(), begun, durable: None });
                    // A step that changes nothing is no commit.
                    let number = db.commit_id().unwrap();
                    let promised = match workload.sync {
                        SyncMode::PerOp => true,
                        SyncMode::EveryN(every) => number >= counted + u64::from(every),
                        SyncMode::OnFlush => false,
                    };
                    if promised {
                        promise(&mut commits, over());
                        counted = number;
                    }
                }
            }
        }
        db.close().unwrap();
        promise(&mut commits, over());
        let journal = medium.entries(<[Entry]>::to_vec);
        History { place, journal, medium, opened, commits, copies }
    }

    /// The commits that may be the last one after a power cut at this point.
    fn possible(&self, at: usize) -> (usize, usize) {
        let promised =
            self.commits.iter().rposition(|commit| commit.durable.is_some_and(|durable| durable <= at));
        let begun = self.commits.iter().rposition(|commit| commit.begun <= at);
        (promised.unwrap(), begun.unwrap())
    }

    /// Which of these commits the state is of; the last, where several look alike.
    fn commit(&self, found: &Shown, (first, last): (usize, usize), what: &str) -> usize {
        let commit = (first..=last).rev().find(|commit| self.commits[*commit].shown == *found);
        commit.unwrap_or_else(|| {
            let other = (0..self.commits.len()).find(|commit| self.commits[*commit].shown == *found);
            panic!(
                "{what}: found the state of no commit from {first} to {last} (but of {other:?}); from the last it \
                 differs in {}",
                found.difference(&self.commits[last].shown)
            )
        })
    }
}

fn promise(commits: &mut [Commit], at: usize) {
    commits.iter_mut().for_each(|commit| _ = commit.durable.get_or_insert(at));
}

/// What was found over all images of a workload.
#[derive(Debug, Default)]
struct Tally {
    images: u64,
    again: u64,
    read_only: u64,
    copies: u64,
    /// The last commits that were found behind the last promised one: how many, at most and in all.
    kept: (usize, usize),
    /// And how many that had begun were not there.
    lost: (usize, usize),
}

/// Graphs choose candidates only: each hit is a record that is there, with the score of the exact search.
fn assert_hits_are_exact(db: &Database, state: &Shown, random: &mut Random) {
    let namespaces = state.namespaces();
    let Some(namespace) = namespaces.get(random.below(namespaces.len() as u64) as usize).copied() else {
        return;
    };
    let query: Vec<f32> = (0..DIMENSION).map(|_| random.below(1000) as f32 + 1.0).collect();
    let request = SearchRequest::new().vector(query).namespace(namespace);
    let all = db.search(&request.clone().exact(true).k(10_000)).unwrap().hits;
    let some = db.search(&request.k(10)).unwrap().hits;
    assert_eq!(some.len(), all.len().min(10));
    for hit in some {
        let exact = all.iter().find(|other| other.id == hit.id).map(|other| other.score);
        assert_eq!(exact, Some(hit.score), "{}", hit.id);
    }
    let held: Vec<_> = state.records.values().filter(|record| record.namespace == namespace).collect();
    for space in ["title", "image"] {
        let Some(vector) = held.iter().find_map(|record| record.vectors.get(space)) else { continue };
        let request = SearchRequest::new().vector(vector.clone()).vector_name(space).namespace(namespace);
        let found = db.search(&request.k(10_000)).unwrap().hits.len();
        assert_eq!(found, held.iter().filter(|record| record.vectors.contains_key(space)).count());
    }
    let request = SearchRequest::new().sparse([("all".to_owned(), 1.0)].into()).namespace(namespace);
    let found = db.search(&request.k(10_000)).unwrap().hits.len();
    assert_eq!(found, held.iter().filter(|record| record.sparse.is_some()).count());
}

/// Opens what a power cut has left, in every way that a test has time for.
fn check(history: &History, cut: &PowerCut, at: usize, random: &mut Random, tally: &mut Tally, what: &str) {
    let keep = Keep::any(random);
    let what = format!("{what}, at {at} of {}, {keep:?}", history.journal.len());
    let medium = cut.cut(keep, random);
    let possible = history.possible(at);
    let place = history.place.afterwards(&history.place.path);
    if at >= history.opened {
        assert!(medium.inspect(&place.path).unwrap().is_some(), "{what}: the database is gone");
    }
    for (path, state, there) in &history.copies {
        if medium.inspect(path).unwrap().is_some() {
            let db = place.afterwards(path).open(&medium).unwrap_or_else(|error| panic!("{what}: {error}"));
            assert_eq!(Shown::of(&db), *state, "{what}: {}", path.display());
            tally.copies += 1;
        } else {
            assert!(at < *there, "{what}: {} is gone", path.display());
        }
    }
    tally.images += 1;
    let exists = medium.inspect(&place.path).unwrap().is_some_and(|facts| facts.len > 0);
    let mut found = None;
    if tally.images.is_multiple_of(READ_ONLY_EVERY) && exists {
        let reader =
            place.open_read_only(&medium).unwrap_or_else(|error| panic!("{what}, for reading: {error}"));
        found = Some(history.commit(&Shown::of(&reader), possible, &what));
        tally.read_only += 1;
    }
    let db = place.open(&medium).unwrap_or_else(|error| panic!("{what}: {error}"));
    let recovered = medium.entries(<[Entry]>::len);
    let state = Shown::of(&db);
    let commit = history.commit(&state, possible, &what);
    assert!(found.is_none_or(|found| found == commit), "{what}: a reader found {found:?}, a writer {commit}");
    tally.kept = (tally.kept.0.max(commit - possible.0), tally.kept.1 + commit - possible.0);
    tally.lost = (tally.lost.0.max(possible.1 - commit), tally.lost.1 + possible.1 - commit);
    assert_hits_are_exact(&db, &state, random);

    let written = record(random, AFTERWARDS, "new".to_owned(), 1);
    db.upsert(written.clone()).unwrap_or_else(|error| panic!("{what}: {error}"));
    let acknowledged = medium.entries(<[Entry]>::len);
    db.close().unwrap_or_else(|error| panic!("{what}: {error}"));
    drop(db);
    let mut with_new = state.clone();
    with_new.put(written);
    let db = place.open(&medium).unwrap_or_else(|error| panic!("{what}, again: {error}"));
    let again = Shown::listed(&db).unwrap();
    assert!(again == with_new, "{what}: one more record changed {}", again.difference(&with_new));
    drop(db);

    if tally.images.is_multiple_of(AGAIN_EVERY) {
        tally.again += 1;
        let second = random.below(acknowledged as u64 + 1) as usize;
        let mut cut = PowerCut::before(&medium);
        medium.entries(|entries| entries[..second].iter().for_each(|entry| cut.advance(entry)));
        let keep = Keep::any(random);
        let what = format!("{what}, and while it was recovered, at {second} of {recovered}, {keep:?}");
        let medium = cut.cut(keep, random);
        let db = place.open(&medium).unwrap_or_else(|error| panic!("{what}: {error}"));
        let found = Shown::of(&db);
        if second >= acknowledged {
            assert!(found == with_new, "{what}: {}", found.difference(&with_new));
        } else if found != with_new {
            // What recovery has shown lasts.
            let possible = if second >= recovered { (commit, commit) } else { possible };
            history.commit(&found, possible, &what);
        }
    }
}

/// Makes images of each workload: of all workloads together as many as are asked for, or one in `fewer` of that where an image takes
/// long.
fn run(workloads: &[Workload], fewer: u64) {
    /// All workloads, of all tests here.
    const WORKLOADS: u64 = 24;
    let images = env::var("VECTLITE_POWER_IMAGES").map_or(IMAGES, |images| images.parse().unwrap());
    let seed = env::var("VECTLITE_POWER_SEED").map_or_else(
        |_| SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs(),
        |seed| seed.parse().unwrap(),
    );
    println!("VECTLITE_POWER_SEED={seed} VECTLITE_POWER_IMAGES={images}");
    for workload in workloads {
        let started = Instant::now();
        let mut random = Random::new(seed);
        let history = History::of(workload);
        let operations = history.journal.len();
        let mut tally = Tally::default();
        let share = images.div_ceil(WORKLOADS * fewer);
        let mut cut = PowerCut::before(&history.medium);
        let mut at = 0;
        for image in 0..share {
            // Spread over all of it; the last one is the end.
            let (from, to) = (image * operations as u64 / share, (image + 1) * operations as u64 / share);
            let place =
                if image + 1 == share { operations } else { (from + random.below(to - from)) as usize };
            history.journal[at..place].iter().for_each(|entry| cut.advance(entry));
            at = place;
            let what = format!("seed {seed}, {}", workload.name);
            check(&history, &cut, at, &mut random, &mut tally, &what);
        }
        let commits = history.commits.len() - 1;
        println!(
            "{}: {operations} operations, {commits} commits; {} images, {} read-only first, {} cut again, {} copies; behind \
             the last promised commit at most {} and in all {} were there, at most {} and in all {} of those begun were \
             not; {:.1} s",
            workload.name,
            tally.images,
            tally.read_only,
            tally.again,
            tally.copies,
            tally.kept.0,
            tally.kept.1,
            tally.lost.0,
            tally.lost.1,
            started.elapsed().as_secs_f64()
        );
    }
}

#[test]
fn single_writes_survive_a_power_cut() {
    run(&workload::single_writes(), 1);
}

#[test]
fn rich_writes_survive_a_power_cut() {
    run(&workload::rich_writes(), 1);
}

#[test]
fn upkeep_survives_a_power_cut() {
    run(&workload::upkeep(), 1);
}

#[test]
fn volume_survives_a_power_cut() {
    run(&workload::volume(), 1);
}

#[test]
fn large_commits_survive_a_power_cut() {
    run(&workload::large_commits(), 4);
}

#[test]
fn everything_survives_a_power_cut() {
    run(&workload::everything(), 1);
}
