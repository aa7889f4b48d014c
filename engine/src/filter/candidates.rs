//! The shortcut: which records a condition selects as far as field indexes know, without looking at them.
//!
//! Three answers for each slot: it matches, it does not, or its record has to be looked at. Logic over them is that of Kleene: what is
//! not known of a part is not known of the whole, unless the other parts decide it. So one indexed field of a conjunction saves
//! looking at all that it excludes, and a condition on indexed fields alone needs no record.

use std::ops::Bound;

use super::condition::{Condition, Relation, Test};
use crate::error::Result;
use crate::field_type::FieldType;
use crate::storage::fields::definition::Field;
use crate::storage::fields::entries::Class;
use crate::storage::fields::key::Key;
use crate::storage::slot_set::SlotSet;
use crate::storage::view::View;
use crate::value::Value;

/// What is known of some slots; of the others it is known that they do not match.
#[derive(Debug, Clone, Default)]
pub(crate) struct Candidates {
    /// They match.
    pub(crate) yes: SlotSet,
    /// They may; disjoint from those.
    pub(crate) maybe: SlotSet,
}

impl Candidates {
    fn certain(yes: SlotSet) -> Candidates {
        Candidates { yes, maybe: SlotSet::new() }
    }

    fn possible(maybe: SlotSet) -> Candidates {
        Candidates { yes: SlotSet::new(), maybe }
    }

    fn new(yes: SlotSet, maybe: &SlotSet) -> Candidates {
        let maybe = if maybe.is_empty() { SlotSet::new() } else { maybe.difference(&yes) };
        Candidates { yes, maybe }
    }

    fn all(&self) -> SlotSet {
        let mut all = self.yes.clone();
        all.extend(&self.maybe);
        all
    }

    fn and(&self, other: &Candidates) -> Candidates {
        let yes = self.yes.intersection(&other.yes);
        if self.maybe.is_empty() && other.maybe.is_empty() {
            return Candidates::certain(yes);
        }
        Candidates::new(yes, &self.all().intersection(&other.all()))
    }

    fn or(mut self, other: &Candidates) -> Candidates {
        self.yes.extend(&other.yes);
        self.maybe.extend(&other.maybe);
        Candidates::new(self.yes, &self.maybe)
    }

    fn not(self, all: &SlotSet) -> Candidates {
        Candidates { yes: all.difference(&self.all()), maybe: self.maybe }
    }
}

/// What field indexes know of the slots in `all`, which are those of records. `None`: nothing, no part of the condition has an index.
pub(crate) fn candidates(view: &View, condition: &Condition, all: &SlotSet) -> Result<Option<Candidates>> {
    let lookup = Lookup { view, all };
    if !lookup.knows(condition) {
        return Ok(None);
    }
    let Candidates { yes, maybe } = lookup.condition(condition)?;
    let (mut yes, mut maybe) = (yes.intersection(all), maybe.intersection(all));
    let unindexed = view.unindexed().intersection(all);
    if !unindexed.is_empty() {
        yes = yes.difference(&unindexed);
        maybe.extend(&unindexed);
    }
    Ok(Some(Candidates { yes, maybe }))
}

struct Lookup<'a> {
    view: &'a View,
    all: &'a SlotSet,
}

impl Lookup<'_> {
    /// Whether an index says anything about a part of the condition.
    fn knows(&self, condition: &Condition) -> bool {
        match condition {
            Condition::And(conditions) | Condition::Or(conditions) => {
                conditions.iter().any(|condition| self.knows(condition))
            }
            Condition::Not(condition) => self.knows(condition),
            Condition::Field { path, .. } => self.view.field(path.as_str()).is_some(),
        }
    }

    fn condition(&self, condition: &Condition) -> Result<Candidates> {
        match condition {
            Condition::And(conditions) => self.every(conditions, |condition| self.condition(condition)),
            Condition::Or(conditions) => {
                let mut any = Candidates::default();
                for condition in conditions {
                    any = any.or(&self.condition(condition)?);
                }
                Ok(any)
            }
            Condition::Not(condition) => Ok(self.condition(condition)?.not(self.all)),
            Condition::Field { path, tests } => match self.view.field(path.as_str()) {
                None => Ok(Candidates::possible(self.all.clone())),
                Some(field) => self.tests(field, tests),
            },
        }
    }

    /// Those of which all parts are true; nothing is asked any more once there are none.
    fn every<T>(&self, parts: &[T], of: impl Fn(&T) -> Result<Candidates>) -> Result<Candidates> {
        let Some((first, others)) = parts.split_first() else {
            return Ok(Candidates::certain(self.all.clone()));
        };
        let mut every = of(first)?;
        for part in others {
            if every.yes.is_empty() && every.maybe.is_empty() {
                break;
            }
            every = every.and(&of(part)?);
        }
        Ok(every)
    }

    fn tests(&self, field: &Field, tests: &[Test]) -> Result<Candidates> {
        self.every(tests, |test| self.test(field, test))
    }

    fn test(&self, field: &Field, test: &Test) -> Result<Candidates> {
        match test {
            Test::Exists(true) => self.present(field).map(Candidates::certain),
            Test::Exists(false) => Ok(Candidates::certain(self.all.difference(&self.present(field)?))),
            Test::Not(tests) => Ok(self.tests(field, tests)?.not(self.all)),
            Test::Eq(operand) => self.equal(field, std::slice::from_ref(operand)),
            Test::In(operands) => self.equal(field, operands.as_slice()),
            Test::Ne(operand) => self.different(field, std::slice::from_ref(operand)),
            Test::Nin(operands) => self.different(field, operands.as_slice()),
            Test::Compare(relation, operand) => self.ordered(field, *relation, operand),
            Test::Prefix(prefix) => self.beginning(field, prefix),
            Test::Regex(pattern) => self.strings(field, |text| pattern.is_match(text)),
            Test::Contains(operand) => self.containing(field, operand),
            Test::All(operands) => self.with_all(field, operands.as_slice()),
            Test::Size(_) | Test::ElemMatch(_) => self.unknown(field),
        }
    }

    fn present(&self, field: &Field) -> Result<SlotSet> {
        self.view.in_field(field, |postings| postings.at(Class::Present, &[]))
    }

    /// Nothing but that there must be a value.
    fn unknown(&self, field: &Field) -> Result<Candidates> {
        self.present(field).map(Candidates::possible)
    }

    /// These match, and perhaps records whose strings are too long for keys.
    fn or_too_long(&self, field: &Field, yes: SlotSet) -> Result<Candidates> {
        let too_long = self.view.in_field(field, |postings| postings.at(Class::TooLong, &[]))?;
        Ok(Candidates::new(yes, &too_long))
    }

    fn at_keys(&self, field: &Field, class: Class, keys: &[Vec<u8>]) -> Result<SlotSet> {
        self.view.in_field(field, |postings| {
            let mut found = SlotSet::new();
            keys.iter().for_each(|key| found.extend(&postings.at(class, key)));
            found
        })
    }

    /// One of the operands is the value.
    fn equal(&self, field: &Field, operands: &[Value]) -> Result<Candidates> {
        let (mut keys, mut may_be_long) = (Vec::with_capacity(operands.len()), false);
        for operand in operands {
            match Key::of(field.kind, operand) {
                Key::At(key) => keys.push(key),
                Key::TooLong => may_be_long = true,
                Key::Foreign => return self.unknown(field),
            }
        }
        let found = self.at_keys(field, Class::Value, &keys)?;
        if may_be_long { self.or_too_long(field, found) } else { Ok(Candidates::certain(found)) }
    }

    fn different(&self, field: &Field, operands: &[Value]) -> Result<Candidates> {
        let present = Candidates::certain(self.present(field)?);
        Ok(present.and(&self.equal(field, operands)?.not(self.all)))
    }

    fn ordered(&self, field: &Field, relation: Relation, operand: &Value) -> Result<Candidates> {
        let Key::At(key) = Key::of(field.kind, operand) else { return self.unknown(field) };
        if field.kind == FieldType::Bool {
            return self.unknown(field);
        }
        let key = key.as_slice();
        let (from, to) = match relation {
            Relation::Gt => (Bound::Excluded(key), Bound::Unbounded),
            Relation::Gte => (Bound::Included(key), Bound::Unbounded),
            Relation::Lt => (Bound::Unbounded, Bound::Excluded(key)),
            Relation::Lte => (Bound::Unbounded, Bound::Included(key)),
        };
        let found = self.view.in_field(field, |postings| postings.values_between(from, to))?;
        if field.kind == FieldType::Keyword {
            self.or_too_long(field, found)
        } else {
            Ok(Candidates::certain(found))
        }
    }

    fn beginning(&self, field: &Field, prefix: &str) -> Result<Candidates> {
        if field.kind != FieldType::Keyword {
            return self.unknown(field);
        }
        let (from, end) = (prefix.as_bytes(), behind_prefix(prefix.as_bytes()));
        let to = end.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        let found =
            self.view.in_field(field, |postings| postings.values_between(Bound::Included(from), to))?;
        self.or_too_long(field, found)
    }

    /// The value is a string of which this is true.
    fn strings(&self, field: &Field, wanted: impl Fn(&str) -> bool) -> Result<Candidates> {
        if field.kind != FieldType::Keyword {
            return self.unknown(field);
        }
        let found = self.view.in_field(field, |postings| {
            postings.at_keys(Class::Value, &mut |key| std::str::from_utf8(key).is_ok_and(&wanted))
        })?;
        self.or_too_long(field, found)
    }

    fn containing(&self, field: &Field, operand: &Value) -> Result<Candidates> {
        match (Key::of(field.kind, operand), operand) {
            (Key::At(key), Value::String(part)) => {
                let lists = self.at_keys(field, Class::Element, &[key])?;
                let strings = self.strings(field, |text| text.contains(part.as_str()))?;
                Ok(strings.or(&Candidates::certain(lists)))
            }
            (Key::At(key), _) => self.at_keys(field, Class::Element, &[key]).map(Candidates::certain),
            // Only what is as long can hold it.
            (Key::TooLong, _) => self.or_too_long(field, SlotSet::new()),
            (Key::Foreign, _) => self.unknown(field),
        }
    }

    fn with_all(&self, field: &Field, operands: &[Value]) -> Result<Candidates> {
        let keys: Option<Vec<Vec<u8>>> = operands
            .iter()
            .map(|operand| match Key::of(field.kind, operand) {
                Key::At(key) => Some(key),
                Key::TooLong | Key::Foreign => None,
            })
            .collect();
        // A list without elements has all of no operands.
        let Some(keys) = keys.filter(|keys| !keys.is_empty()) else { return self.unknown(field) };
        self.every(&keys, |key| {
            self.at_keys(field, Class::Element, std::slice::from_ref(key)).map(Candidates::certain)
        })
    }
}

/// The first key behind all that begin so; `None` when there is none.
fn behind_prefix(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|byte| *byte < u8::MAX)?;
    let mut end = prefix.get(..=last)?.to_vec();
    end.last_mut().map(|byte| *byte += 1)?;
    Some(end)
}
