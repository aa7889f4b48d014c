//! [`Filter`], what users hold, and the functions that build one.

use super::condition::Condition;
use super::weight::Weight;
use super::{eval, parse, write};
use crate::error::{Error, ErrorKind, Result};
use crate::value::{Metadata, Value};

/// A condition on the metadata of records: `{"year": {"$gte": 2020}, "tags": {"$contains": "rust"}}`.
///
/// Parsed from a [`Value`] (or from JSON and MessagePack through serde), or built:
///
/// ```
/// use vectlite::{Filter, Metadata, Value};
///
/// let filter = Filter::gte("year", 2020).and(Filter::contains("tags", "rust"));
/// let metadata = Metadata::from([
///     ("year".to_owned(), Value::from(2024)),
///     ("tags".to_owned(), Value::from(vec!["rust", "search"])),
/// ]);
/// assert!(filter.matches(&metadata)?);
/// # Ok::<(), vectlite::Error>(())
/// ```
///
/// A path is a dotted address: the literal key first, then nested maps, then list positions. Numbers compare by value;
/// a record without the field matches none of the operators but `$exists: false` and negations.
///
/// The builder functions never fail. What they could not build (a bad regular expression, an operand that is not finite,
/// a filter beyond the limits) is an error of [`ErrorKind::Filter`] where the filter is used, and of [`Filter::check`].
/// `==` compares structure: two filters that are not equal may mean the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter {
    /// Or the message of why there is none.
    condition: Result<Condition, Box<str>>,
    weight: Weight,
}

impl Filter {
    /// Reads a filter: a map from paths to values or operators, and from `$and`, `$or`, `$nor`, `$not` to filters.
    ///
    /// # Errors
    /// [`ErrorKind::Filter`], naming the place: an empty map, an unknown operator, an operand of a wrong type, nesting beyond
    /// `limits::MAX_DEPTH`, more than `limits::MAX_FILTER_VALUES` values.
    pub fn parse(value: &Value) -> Result<Filter> {
        let condition = parse::parse(value)?;
        let weight = Weight::of_condition(&condition).check()?;
        Ok(Filter { condition: Ok(condition), weight })
    }

    /// The value that [`Filter::parse`] reads as this filter; the explicit form, with `$eq` and `$and` spelled out.
    ///
    /// # Errors
    /// What [`Filter::check`] returns.
    pub fn to_value(&self) -> Result<Value> {
        self.condition().map(write::write)
    }

    /// Whether a record with this metadata matches.
    ///
    /// # Errors
    /// What [`Filter::check`] returns.
    pub fn matches(&self, metadata: &Metadata) -> Result<bool> {
        self.condition().map(|condition| eval::matches(condition, metadata))
    }

    /// Whether the filter can be used; a parsed one always can.
    ///
    /// # Errors
    /// [`ErrorKind::Filter`] with the first thing that a builder function could not build.
    pub fn check(&self) -> Result<()> {
        self.condition().map(|_| ())
    }

    /// What there is to evaluate.
    pub(crate) fn condition(&self) -> Result<&Condition> {
        self.condition.as_ref().map_err(|message| Error::new(ErrorKind::Filter, message.as_ref()))
    }

    /// The field is present and equal: numbers by value, booleans only to booleans, lists and maps whole.
    pub fn eq(path: &str, value: impl Into<Value>) -> Filter {
        Filter::test(path, "$eq", value)
    }

    /// The field is present and not equal.
    pub fn ne(path: &str, value: impl Into<Value>) -> Filter {
        Filter::test(path, "$ne", value)
    }

    /// The field is greater: numbers by value, strings by code point.
    pub fn gt(path: &str, value: impl Into<Value>) -> Filter {
        Filter::test(path, "$gt", value)
    }

    /// The field is greater or equal, compared as by [`Filter::gt`].
    pub fn gte(path: &str, value: impl Into<Value>) -> Filter {
        Filter::test(path, "$gte", value)
    }

    /// The field is less, compared as by [`Filter::gt`].
    pub fn lt(path: &str, value: impl Into<Value>) -> Filter {
        Filter::test(path, "$lt", value)
    }

    /// The field is less or equal, compared as by [`Filter::gt`].
    pub fn lte(path: &str, value: impl Into<Value>) -> Filter {
        Filter::test(path, "$lte", value)
    }

    /// The field is equal to one of the values. Without values nothing matches.
    #[doc(alias = "$in")]
    pub fn is_in<V: Into<Value>>(path: &str, values: impl IntoIterator<Item = V>) -> Filter {
        Filter::test(path, "$in", values.into_iter().collect::<Vec<V>>())
    }

    /// The field is present and equal to none of the values.
    #[doc(alias = "$nin")]
    pub fn not_in<V: Into<Value>>(path: &str, values: impl IntoIterator<Item = V>) -> Filter {
        Filter::test(path, "$nin", values.into_iter().collect::<Vec<V>>())
    }

    /// The field is a string with this substring, or a list with this element.
    pub fn contains(path: &str, value: impl Into<Value>) -> Filter {
        Filter::test(path, "$contains", value)
    }

    /// The field is a list in which each of the values occurs. Without values every list matches.
    pub fn all<V: Into<Value>>(path: &str, values: impl IntoIterator<Item = V>) -> Filter {
        Filter::test(path, "$all", values.into_iter().collect::<Vec<V>>())
    }

    /// The field is a list of this length.
    pub fn size(path: &str, size: u32) -> Filter {
        Filter::test(path, "$size", size)
    }

    /// The field is a list with an element that is a map and, as metadata, matches `filter`.
    ///
    /// Operators for elements that are no maps, as in `{"scores": {"$elemMatch": {"$gt": 5}}}`, are written through
    /// [`Filter::parse`].
    ///
    /// ```
    /// use vectlite::Filter;
    ///
    /// let filter = Filter::elem_match("authors", Filter::eq("name", "Ada").and(Filter::gt("papers", 3)));
    /// # filter.check()?;
    /// # Ok::<(), vectlite::Error>(())
    /// ```
    pub fn elem_match(path: &str, filter: Filter) -> Filter {
        match filter.to_value() {
            Ok(operand) => Filter::test(path, "$elemMatch", operand),
            Err(_) => filter,
        }
    }

    /// Whether the path finds a value; null is one.
    pub fn exists(path: &str, exists: bool) -> Filter {
        Filter::test(path, "$exists", exists)
    }

    /// The field is a string in which the regular expression matches somewhere (syntax of the `regex` crate; `^` and `$`
    /// anchor, `(?i)` ignores case). Matching takes time linear in the text.
    pub fn regex(path: &str, pattern: &str) -> Filter {
        Filter::test(path, "$regex", pattern)
    }

    /// The field is a string that begins with `prefix`.
    pub fn prefix(path: &str, prefix: &str) -> Filter {
        Filter::test(path, "$prefix", prefix)
    }

    /// Both match.
    #[must_use]
    pub fn and(self, other: Filter) -> Filter {
        self.joined(other, Condition::And, |condition| match condition {
            Condition::And(conditions) => Ok(conditions),
            other => Err(other),
        })
    }

    /// At least one matches.
    #[must_use]
    pub fn or(self, other: Filter) -> Filter {
        self.joined(other, Condition::Or, |condition| match condition {
            Condition::Or(conditions) => Ok(conditions),
            other => Err(other),
        })
    }

    /// `filter` does not match. Pure negation: records without the field that it asks for match.
    #[expect(
        clippy::should_implement_trait,
        reason = "an associated function like its siblings, named by the operator"
    )]
    pub fn not(filter: Filter) -> Filter {
        let weight = filter.weight.negated();
        match filter.condition {
            Ok(condition) => Filter::weighed(Condition::Not(Box::new(condition)), weight),
            Err(_) => filter,
        }
    }

    /// One test of one field, through the parser: one place knows what is valid.
    fn test(path: &str, operator: &str, operand: impl Into<Value>) -> Filter {
        let map = |key: &str, value| Value::Map(Metadata::from([(key.to_owned(), value)]));
        Filter::parse(&map(path, map(operator, operand.into()))).unwrap_or_else(Filter::failed)
    }

    /// Chains of one connective stay flat, however long.
    fn joined(
        self,
        other: Filter,
        list: fn(Vec<Condition>) -> Condition,
        unlist: fn(Condition) -> Result<Vec<Condition>, Condition>,
    ) -> Filter {
        match (self.condition, other.condition) {
            (Ok(first), Ok(second)) => match unlist(first) {
                Ok(mut conditions) => {
                    conditions.push(second);
                    Filter::weighed(list(conditions), self.weight.appended(other.weight))
                }
                Err(first) => {
                    let weight = Weight::list_of([self.weight, other.weight]);
                    Filter::weighed(list(vec![first, second]), weight)
                }
            },
            (Err(fault), _) | (_, Err(fault)) => Filter { condition: Err(fault), weight: Weight::default() },
        }
    }

    fn weighed(condition: Condition, weight: Weight) -> Filter {
        weight.check().map_or_else(Filter::failed, |weight| Filter { condition: Ok(condition), weight })
    }

    fn failed(error: Error) -> Filter {
        Filter { condition: Err(error.to_string().into_boxed_str()), weight: Weight::default() }
    }
}
