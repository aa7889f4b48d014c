//! The tree that a filter is: logic over tests of single values.

use regex::Regex;

use super::values::Values;
use crate::value::{Path, Value};

/// A condition on the metadata of one record.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Condition {
    /// All hold; never empty.
    And(Vec<Condition>),
    /// At least one holds; never empty. `$nor` is the negation of this.
    Or(Vec<Condition>),
    /// It does not hold.
    Not(Box<Condition>),
    /// What `path` finds, or that it finds nothing, passes all `tests`; never empty.
    Field { path: Path, tests: Vec<Test> },
}

/// A test of one value. Without a value all fail, but `Exists(false)` and `Not`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Test {
    /// `$eq`: equal by value.
    Eq(Value),
    /// `$ne`: present, and not equal by value.
    Ne(Value),
    /// `$in`: equal to one of them.
    In(Values),
    /// `$nin`: present, and equal to none of them.
    Nin(Values),
    /// `$gt`, `$gte`, `$lt`, `$lte` with a number or a string.
    Compare(Relation, Value),
    /// `$contains`: a substring of a string, an element of a list.
    Contains(Value),
    /// `$all`: a list in which each of them occurs.
    All(Values),
    /// `$size`: a list of this length.
    Size(i64),
    /// `$elemMatch`: a list with such an element.
    ElemMatch(Element),
    /// `$exists`: whether there is a value; null is one.
    Exists(bool),
    /// `$regex`: a string in which it matches somewhere.
    Regex(Pattern),
    /// `$prefix`: a string that begins so.
    Prefix(String),
    /// `$not` on a field: not all of them pass; never empty.
    Not(Vec<Test>),
}

/// What `$elemMatch` asks of one element.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Element {
    /// The element itself passes all tests.
    Tests(Vec<Test>),
    /// The element is a map, and as metadata meets the condition.
    Map(Box<Condition>),
}

/// The four orderings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Relation {
    Gt,
    Gte,
    Lt,
    Lte,
}

/// A compiled regular expression; equal when its text is.
#[derive(Debug, Clone)]
pub(crate) struct Pattern(pub(super) Regex);

impl Pattern {
    pub(crate) fn as_str(&self) -> &str {
        self.0.as_str()
    }

    pub(crate) fn is_match(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Pattern) -> bool {
        self.as_str() == other.as_str()
    }
}
