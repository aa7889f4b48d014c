//! Under which keys a record stands in a field index.

use std::collections::BTreeSet;

use vectlite_text::Analyzer;

use super::definition::Field;
use super::key::Key;
use crate::field_type::FieldType;
use crate::value::{Metadata, Value};

/// What a key says of a record. The number stands in files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Class {
    /// The path finds something, of whatever type; the key is empty.
    Present = 0,
    /// A string too long for a key is found, alone or in a list; the key is empty.
    TooLong = 1,
    /// The path finds this value.
    Value = 2,
    /// The path finds a list with this element.
    Element = 3,
    /// The text that the path finds has this term.
    Term = 4,
}

impl Class {
    pub(crate) fn from_number(number: u8) -> Option<Class> {
        [Class::Present, Class::TooLong, Class::Value, Class::Element, Class::Term]
            .into_iter()
            .find(|class| *class as u8 == number)
    }
}

/// A class and a key.
pub(crate) type Entry = (Class, Vec<u8>);

/// The entries of a record with this metadata, each once, ascending.
pub(crate) fn entries(field: &Field, metadata: &Metadata, analyzer: &Analyzer) -> BTreeSet<Entry> {
    let mut entries = BTreeSet::new();
    let Some(found) = field.path.resolve(metadata) else { return entries };
    entries.insert((Class::Present, Vec::new()));
    let (class, values) = match found {
        Value::List(elements) => (Class::Element, elements.as_slice()),
        value => (Class::Value, std::slice::from_ref(value)),
    };
    for value in values {
        match (field.kind, value) {
            (FieldType::Text, Value::String(text)) => {
                let occurrences = analyzer.occurrences(text);
                let terms = occurrences.iter().map(|found| (Class::Term, found.term.as_bytes().to_vec()));
                entries.extend(terms);
            }
            _ => match Key::of(field.kind, value) {
                Key::At(key) => _ = entries.insert((class, key)),
                Key::TooLong => _ = entries.insert((Class::TooLong, Vec::new())),
                Key::Foreign => {}
            },
        }
    }
    entries
}
