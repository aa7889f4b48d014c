//! A phrase: where it begins in a text, and which documents hold it.

use std::collections::BTreeSet;

use vectlite_text::{Posting, Token, stored_position};

use crate::error::Result;
use crate::storage::position_reader::PositionReader;
use crate::storage::record::{NamespaceId, Slot};
use crate::storage::slot_set::SlotSet;
use crate::storage::view::View;

/// A phrase, ready to be looked for.
pub(super) struct Phrase<'a> {
    /// Its terms, each once.
    terms: Vec<&'a str>,
    /// For each word of the phrase: which of the terms it is, and how far behind the first word it stands.
    words: Vec<(usize, u32)>,
}

impl<'a> Phrase<'a> {
    pub(super) fn new(words: &'a [(String, usize)]) -> Phrase<'a> {
        let terms: BTreeSet<&str> = words.iter().map(|(term, _)| term.as_str()).collect();
        let terms: Vec<&str> = terms.into_iter().collect();
        let number = |term: &String| terms.partition_point(|other| *other < term.as_str());
        let words = words.iter().map(|(term, behind)| (number(term), stored_position(*behind))).collect();
        Phrase { terms, words }
    }

    /// The positions at which it begins, by those of each of its terms, which ascend.
    fn starts(&self, places: &[impl AsRef<[u32]>]) -> Vec<u32> {
        let of = |term: usize| places.get(term).map(AsRef::as_ref).unwrap_or_default();
        let Some(((first, behind), others)) = self.words.split_first() else { return Vec::new() };
        let mut starts: Vec<u32> =
            of(*first).iter().filter_map(|position| position.checked_sub(*behind)).collect();
        // A term may stand twice at one position, as grams do.
        starts.dedup();
        for (term, behind) in others {
            let places = of(*term);
            let stands =
                |start: &u32| start.checked_add(*behind).is_some_and(|at| places.binary_search(&at).is_ok());
            starts.retain(stands);
        }
        starts
    }

    /// The same by the tokens of a text.
    pub(super) fn starts_in(&self, tokens: &[Token]) -> Vec<u32> {
        let mut places: Vec<Vec<u32>> = vec![Vec::new(); self.terms.len()];
        for token in tokens {
            if let Ok(number) = self.terms.binary_search(&token.text.as_str())
                && let Some(places) = places.get_mut(number)
            {
                places.push(stored_position(token.position));
            }
        }
        places.iter_mut().for_each(|places| places.sort_unstable());
        self.starts(&places)
    }

    /// Documents in whose text the words stand as in the phrase, with how often they do.
    pub(super) fn postings(
        &self,
        view: &View,
        namespace: NamespaceId,
        live: &SlotSet,
    ) -> Result<Vec<Posting>> {
        let mut postings = Vec::new();
        let slots = slots_of_all(view, namespace, &self.terms, live)?;
        if slots.is_empty() {
            return Ok(postings);
        }
        let readers = self.terms.iter().map(|term| view.positions(namespace, term));
        let mut readers = readers.collect::<Result<Option<Vec<PositionReader>>>>()?;
        for slot in slots {
            let stored = readers.as_mut().map(|readers| {
                readers.iter_mut().map(|reader| reader.get(slot)).collect::<Result<Option<Vec<&[u32]>>>>()
            });
            let starts = match stored.transpose()?.flatten() {
                Some(places) => self.starts(&places),
                // The positions of some term are not stored: the text has them all.
                None => match &view.document(slot)?.text {
                    Some(text) => self.starts_in(&view.catalog.settings.analyzer.tokens(text)),
                    None => continue,
                },
            };
            if !starts.is_empty() {
                postings.push(Posting { slot, weight: starts.len() as f32 });
            }
        }
        Ok(postings)
    }
}

/// The live documents that hold all of the terms, ascending.
fn slots_of_all(view: &View, namespace: NamespaceId, terms: &[&str], live: &SlotSet) -> Result<Vec<Slot>> {
    let mut lists = terms.iter().map(|term| view.term(namespace, term)).collect::<Result<Vec<_>>>()?;
    // The rarest first: it leaves the fewest to look at.
    lists.sort_by_key(|list| list.document_frequency);
    let mut all: Option<Vec<Slot>> = None;
    for list in &lists {
        let mut held = Vec::new();
        match &all {
            None => list.visit(|posting| {
                if live.contains(posting.slot) {
                    held.push(posting.slot);
                }
            })?,
            Some(all) => {
                let mut ahead = all.iter().copied().peekable();
                list.visit(|posting| {
                    while ahead.next_if(|slot| *slot < posting.slot).is_some() {}
                    held.extend(ahead.next_if_eq(&posting.slot));
                })?;
            }
        }
        if held.is_empty() {
            return Ok(held);
        }
        all = Some(held);
    }
    Ok(all.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use vectlite_text::Analyzer;

    use super::*;

    #[test]
    fn phrases_keep_the_places_of_stop_words() {
        let analyzer = Analyzer::preset("english").unwrap();
        let starts = |text: &str, phrase: &str| {
            let tokens = analyzer.query_tokens(phrase);
            let first = tokens[0].position;
            let words: Vec<_> =
                tokens.into_iter().map(|token| (token.text, token.position - first)).collect();
            Phrase::new(&words).starts_in(&analyzer.tokens(text))
        };
        assert!(starts("the bank of England", "bank of England").contains(&1));
        assert!(starts("the bank in England", "bank of England").contains(&1), "stop words are alike");
        assert!(starts("bank England", "bank of England").is_empty());
        assert!(starts("England bank", "bank England").is_empty());
        assert!(starts("old England bank", "bank England").is_empty());
        assert_eq!(starts("cat cat cat", "cat cat").len(), 2);
    }
}
