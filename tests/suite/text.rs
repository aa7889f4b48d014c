//! Text and sparse search of whole databases: right after every history, and unharmed by any input.
//!
//! | question | file |
//! |---|---|
//! | what must be stored, and what would a naive scorer answer | [`model`] |
//! | which records and queries are made up | [`corpus`] |
//! | is every answer that of the naive scorer, whatever was done before | [`history`] |
//! | are phrases found alike with stored positions and without | [`phrases`] |
//! | what do odd texts, terms and weights give | [`odd_input`] |
//! | what do very long texts and very many terms give | [`large_input`] |

mod corpus;
mod history;
mod large_input;
mod model;
mod odd_input;
mod phrases;

use std::env;
use std::time::SystemTime;

/// The seed that the environment gives, or one by the time.
fn seed(name: &str) -> u64 {
    let now = || SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    number(name).unwrap_or_else(|| now().as_millis() as u64 % 1_000_000_000)
}

/// A number from the environment.
fn number(name: &str) -> Option<u64> {
    env::var(name).ok().map(|number| number.parse().unwrap_or_else(|_| panic!("{name}={number}")))
}
