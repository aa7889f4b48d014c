//! Steps at random, from a seed, for the test that kills the application: who knows the notes before and the seed knows the notes
//! behind each step.

use std::collections::BTreeMap;

use crate::Outcome;
use crate::notes::{Note, Notes};

const WORDS: [&str; 24] = [
    "milk", "bread", "letter", "garden", "bicycle", "ticket", "dentist", "rent", "birthday", "train", "book",
    "paint", "doctor", "report", "window", "lamp", "meeting", "river", "holiday", "cheese", "piano",
    "winter", "recipe", "cable",
];
const TAGS: [&str; 5] = ["home", "work", "shopping", "travel", "later"];
/// Notes beyond which removing becomes likelier than adding.
const USUAL: usize = 300;

/// What there is, by number.
pub(crate) type State = BTreeMap<u64, Note>;

#[derive(Debug)]
pub(crate) enum Step {
    Add(Note),
    /// Of the notes that there are, the one at this place, as far as it goes round.
    Edit(usize, Note),
    Remove(usize),
    Compact,
}

/// Endless.
pub(crate) struct Churn(fastrand::Rng);

impl Churn {
    pub(crate) fn new(seed: u64) -> Churn {
        Churn(fastrand::Rng::with_seed(seed))
    }

    fn below(&mut self, end: usize) -> usize {
        self.0.usize(..end)
    }

    fn note(&mut self) -> Note {
        let words: Vec<&str> = (0..1 + self.below(40)).map(|_| WORDS[self.below(WORDS.len())]).collect();
        let tags: Vec<&str> = (0..self.below(4)).map(|_| TAGS[self.below(TAGS.len())]).collect();
        Note::new(&words.join(" "), &tags)
    }
}

impl Iterator for Churn {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        Some(match self.below(100) {
            0 => Step::Compact,
            1..50 => Step::Add(self.note()),
            50..75 => Step::Edit(self.below(USUAL), self.note()),
            _ => Step::Remove(self.below(USUAL)),
        })
    }
}

impl Step {
    /// What it makes of the notes; `None` where it concerns one and there is none.
    pub(crate) fn apply(&self, state: &mut State, next: u64) -> Option<u64> {
        let at = |place: &usize, state: &State| state.keys().nth(place % state.len().max(1)).copied();
        match self {
            Step::Add(note) => {
                state.insert(next, note.clone());
                Some(next)
            }
            Step::Edit(place, note) => {
                let number = at(place, state)?;
                state.insert(number, note.clone());
                Some(number)
            }
            Step::Remove(place) => {
                let number = at(place, state)?;
                state.remove(&number);
                Some(number)
            }
            Step::Compact => None,
        }
    }

    /// Does it, to the notes and to what is known of them.
    pub(crate) fn take(&self, notes: &Notes, state: &mut State) -> Outcome<()> {
        let mut after = state.clone();
        let number = self.apply(&mut after, 0);
        match (self, number) {
            (Step::Add(note), _) => {
                // The application gives the number.
                state.insert(notes.add(note)?, note.clone());
                return Ok(());
            }
            (Step::Edit(_, note), Some(number)) => notes.edit(number, note)?,
            (Step::Remove(_), Some(number)) => notes.remove(number)?,
            (Step::Compact, _) => notes.compact()?,
            (Step::Edit(..) | Step::Remove(_), None) => {}
        }
        *state = after;
        Ok(())
    }
}
