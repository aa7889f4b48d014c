//! Words that a field of the metadata has, by its text index: `title:fox` in a query.

use vectlite_text::{Analyzer, TermPattern, Token};

use super::phrase::Phrase;
use super::text_query::last_spelled;
use crate::error::Result;
use crate::field_type::FieldType;
use crate::storage::catalog::Population;
use crate::storage::fields::definition::{Field, Fields};
use crate::storage::fields::entries::Class;
use crate::storage::slot_set::SlotSet;
use crate::storage::view::View;
use crate::value::{Metadata, Value};

/// What a field must have: the terms, one behind the other if they are a phrase, and a term that the pattern matches. Terms of a list
/// may be in different elements, those of a phrase must not.
pub(crate) struct FieldWords {
    pub(crate) field: Field,
    /// With how far behind the first one each stands.
    pub(crate) terms: Vec<(String, usize)>,
    pub(crate) is_phrase: bool,
    pub(crate) pattern: Option<TermPattern>,
}

/// The field with this path, if it has a text index.
pub(crate) fn text_field<'a>(fields: &'a Fields, path: &str) -> Option<&'a Field> {
    fields.by_path(path).filter(|field| field.kind == FieldType::Text)
}

impl FieldWords {
    /// The last of the words as `pattern` has it, those before it as terms.
    pub(super) fn add_pattern(
        &mut self,
        words: &str,
        analyzer: &Analyzer,
        pattern: impl FnOnce(&str) -> Result<TermPattern>,
    ) -> Result<()> {
        let Some((before, last)) = last_spelled(words, analyzer) else { return Ok(()) };
        self.terms = before.into_iter().map(|term| (term, 0)).collect();
        self.pattern = Some(pattern(&last)?);
        Ok(())
    }

    /// Whether there is anything to look for.
    pub(super) fn asks(&self) -> bool {
        !self.terms.is_empty() || self.pattern.is_some()
    }

    /// Live slots whose record has them.
    pub(super) fn slots(&self, view: &View) -> Result<SlotSet> {
        let nothing = SlotSet::new();
        let live = view.catalog.live_in_all(Population::Records).unwrap_or(&nothing);
        // An index that no checkpoint has built yet knows nothing.
        let (sure, open) = match view.field(self.field.path.as_str()) {
            None => (SlotSet::new(), live.clone()),
            Some(field) => {
                let unindexed = view.unindexed().intersection(live);
                let found = self.indexed(view, field)?.intersection(live).difference(&unindexed);
                if self.is_phrase {
                    let mut open = unindexed;
                    open.extend(&found);
                    (SlotSet::new(), open)
                } else {
                    (found, unindexed)
                }
            }
        };
        let mut slots = sure;
        for slot in open.iter() {
            let row = view.row_of(slot, &view.record_of(slot)?)?;
            if self.are_in(&row.metadata, &view.catalog.settings.analyzer) {
                slots.insert(slot);
            }
        }
        Ok(slots)
    }

    fn indexed(&self, view: &View, field: &Field) -> Result<SlotSet> {
        let of_term = |term: &str| view.in_field(field, |postings| postings.at(Class::Term, term.as_bytes()));
        let mut found: Option<SlotSet> = None;
        let mut narrow = |slots: SlotSet| {
            found = Some(found.take().map_or(slots.clone(), |found| found.intersection(&slots)));
        };
        for (term, _) in &self.terms {
            narrow(of_term(term)?);
        }
        if let Some(pattern) = &self.pattern {
            narrow(view.in_field(field, |postings| {
                let matches = |key: &[u8]| std::str::from_utf8(key).is_ok_and(|term| pattern.matches(term));
                postings.at_keys(Class::Term, &mut { matches })
            })?);
        }
        Ok(found.unwrap_or_default())
    }

    fn are_in(&self, metadata: &Metadata, analyzer: &Analyzer) -> bool {
        let values = match self.field.path.resolve(metadata) {
            None => &[],
            Some(Value::List(elements)) => elements.as_slice(),
            Some(value) => std::slice::from_ref(value),
        };
        let texts: Vec<Vec<Token>> = values
            .iter()
            .filter_map(|value| match value {
                Value::String(text) => Some(analyzer.tokens(text)),
                _ => None,
            })
            .collect();
        if self.is_phrase {
            let phrase = Phrase::new(&self.terms);
            return texts.iter().any(|tokens| !phrase.starts_in(tokens).is_empty());
        }
        let has = |wanted: &dyn Fn(&str) -> bool| texts.iter().flatten().any(|token| wanted(&token.text));
        self.asks()
            && self.terms.iter().all(|(term, _)| has(&|found| found == term))
            && self.pattern.as_ref().is_none_or(|pattern| has(&|found| pattern.matches(found)))
    }
}
