//! What a memtable adds to field indexes.
//!
//! A commit notes which metadata came under which slot, and no more: keys are made of it when the first filter asks, of what came
//! since the last one. So a write pays for no index, and a record is looked at once however many filters ask.
//!
//! All views of a memtable share what was made. The notes of a view are the first ones of a newer view's, so an older view finds slots
//! here that it does not know yet: they are not live in it. Where metadata was replaced under its slot, keys of the old and the new
//! one would stand side by side: such slots stand under no key at all, whoever asks looks at their records.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use vectlite_text::Analyzer;

use super::definition::{Field, FieldId};
use super::entries::entries;
use super::postings::GrowingPostings;
use crate::storage::growing_list::GrowingList;
use crate::storage::record::Slot;
use crate::storage::slot_set::SlotSet;
use crate::value::Metadata;

/// Metadata that came under a slot.
#[derive(Debug, Clone)]
pub(crate) struct Note {
    pub(crate) slot: Slot,
    /// `None`: it replaced what was under the slot before.
    pub(crate) fresh: Option<Arc<Metadata>>,
}

/// See the module.
#[derive(Debug, Clone, Default)]
pub(crate) struct RecentFields {
    notes: GrowingList<Note>,
    /// Notes of the commit in the making, which others must not see: if it fails, other commits take its slots.
    staged: Vec<Note>,
    made: Arc<RwLock<Made>>,
}

#[derive(Debug, Default)]
struct Made {
    fields: HashMap<FieldId, Part<GrowingPostings>>,
    replaced: Part<SlotSet>,
}

/// What was made of the first so many notes.
#[derive(Debug, Default)]
struct Part<T> {
    notes: usize,
    content: T,
}

impl RecentFields {
    pub(crate) fn stage(&mut self, note: Note) {
        self.staged.push(note);
    }

    /// What was staged is part of a commit that is in the log.
    pub(crate) fn settle(&mut self) {
        for note in self.staged.drain(..) {
            self.notes.push(note);
        }
    }

    /// Calls `ask` with the postings of a field.
    pub(crate) fn with<T>(
        &self,
        field: &Field,
        analyzer: &Analyzer,
        ask: impl FnOnce(&GrowingPostings) -> T,
    ) -> T {
        let wanted = self.notes.len();
        {
            let made = self.made.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(part) = made.fields.get(&field.id).filter(|part| part.notes >= wanted) {
                return ask(&part.content);
            }
        }
        let mut made = self.made.write().unwrap_or_else(PoisonError::into_inner);
        let part = made.fields.entry(field.id).or_default();
        for note in self.since(part.notes) {
            let Some(metadata) = &note.fresh else { continue };
            for entry in entries(field, metadata, analyzer) {
                part.content.entry(entry).or_default().push(note.slot);
            }
        }
        part.notes = part.notes.max(wanted);
        ask(&part.content)
    }

    /// The slots of which the postings say nothing.
    pub(crate) fn unknown(&self) -> SlotSet {
        let wanted = self.notes.len();
        let staged: SlotSet = self.staged.iter().map(|note| note.slot).collect();
        let mut made = self.made.write().unwrap_or_else(PoisonError::into_inner);
        let part = &mut made.replaced;
        for note in self.since(part.notes) {
            if note.fresh.is_none() {
                part.content.insert(note.slot);
            }
        }
        part.notes = part.notes.max(wanted);
        let mut unknown = part.content.clone();
        unknown.extend(&staged);
        unknown
    }

    fn since(&self, first: usize) -> impl Iterator<Item = &Note> {
        (first..self.notes.len()).filter_map(|place| self.notes.get(place))
    }
}

#[cfg(test)]
mod tests {
    use super::super::entries::Class;
    use super::super::postings::Postings;
    use super::*;
    use crate::field_type::FieldType;
    use crate::value::{Path, Value};

    #[test]
    fn what_is_staged_is_unknown_and_older_views_share_what_newer_ones_made() {
        let field = Field { id: 0, path: Path::new("a").unwrap(), kind: FieldType::Keyword };
        let note =
            |slot| Note { slot, fresh: Some(Arc::new(Metadata::from([("a".to_owned(), Value::from("x"))]))) };
        let ask = |recent: &RecentFields| {
            recent.with(&field, &Analyzer::default(), |postings| postings.at(Class::Value, b"x"))
        };
        let slots = |slots: &[Slot]| SlotSet::of(slots);
        let mut older = RecentFields::default();
        older.stage(note(0));
        older.settle();
        let mut newer = older.clone();
        newer.stage(note(1));
        assert_eq!((ask(&newer), newer.unknown()), (slots(&[0]), slots(&[1])));
        newer.settle();
        newer.stage(Note { slot: 0, fresh: None });
        newer.settle();
        assert_eq!((ask(&newer), newer.unknown()), (slots(&[0, 1]), slots(&[0])));
        // Slot 1 is not live in the older view.
        assert_eq!((ask(&older), older.unknown()), (slots(&[0, 1]), slots(&[0])));
    }
}
