//! Random steps on databases on disk beside a model in memory: whatever was written, refused, expired, indexed, compacted, reopened or
//! recovered, every handle answers as the model does.
//!
//! | question | file |
//! |---|---|
//! | which handles are there, and what happens to them | [`world`]; what is attached to an application's file | [`attached`] |
//! | which records and steps are made up | [`draw`] |
//! | which filters are | [`filters`] |
//! | does a handle read what the model holds | [`reads`] |
//! | which queries are, and what do they mean | [`query`] |
//! | does a handle find what the model holds | [`searches`] |

mod attached;
mod draw;
mod filters;
mod query;
mod reads;
mod searches;
mod world;

use std::collections::BTreeMap;
use std::time::Instant;

use vectlite_tests::campaign;

use attached::AttachedWorld;
use world::World;

/// Steps of all databases together, unless the environment says otherwise.
const STEPS: u64 = 5_000;
/// After so many steps there is a new database, with other settings.
const STEPS_PER_DATABASE: u64 = 1_250;
/// The same where each step is a transaction.
const STEPS_PER_APPLICATION: u64 = 250;

/// A database that fails is repeated by its own seed, which it prints, as the first one.
#[test]
fn every_handle_answers_as_the_model() {
    let steps = campaign::number("VECTLITE_MODEL_STEPS").unwrap_or(STEPS);
    let seed = campaign::seed("VECTLITE_MODEL_SEED");
    println!("VECTLITE_MODEL_SEED={seed} VECTLITE_MODEL_STEPS={steps}");
    let began = Instant::now();
    let (mut done, mut most) = (BTreeMap::new(), 0);
    for number in 0..steps.div_ceil(STEPS_PER_DATABASE) {
        let mut world = World::new(seed.wrapping_add(number));
        for _ in 0..STEPS_PER_DATABASE.min(steps - number * STEPS_PER_DATABASE) {
            world.step();
            most = most.max(world.records());
        }
        world.close().into_iter().for_each(|(what, count)| *done.entry(what).or_insert(0) += count);
    }
    let seconds = began.elapsed().as_secs_f64();
    println!("{steps} steps, up to {most} records, {:.0} steps a second: {done:?}", steps as f64 / seconds);
}

/// As above: a world that fails is repeated by its own seed.
#[test]
fn what_is_attached_answers_as_the_model() {
    let steps = campaign::number("VECTLITE_MODEL_STEPS").unwrap_or(STEPS) / 5;
    let seed = campaign::seed("VECTLITE_MODEL_SEED");
    println!("VECTLITE_MODEL_SEED={seed} VECTLITE_MODEL_STEPS={steps}");
    let mut done = BTreeMap::new();
    for number in 0..steps.div_ceil(STEPS_PER_APPLICATION) {
        let mut world = AttachedWorld::new(seed.wrapping_add(number));
        (0..STEPS_PER_APPLICATION).for_each(|_| world.step());
        world.close().into_iter().for_each(|(what, count)| *done.entry(what).or_insert(0) += count);
    }
    println!("{done:?}");
}
