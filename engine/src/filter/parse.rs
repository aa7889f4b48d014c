//! From a value into the tree. What has no meaning is refused here, so that evaluation cannot fail.

use regex::RegexBuilder;

use super::condition::{Condition, Element, Pattern, Relation, Test};
use super::values::Values;
use crate::error::{Error, ErrorKind, Result};
use crate::limits::{
    MAX_COMPILED_PATTERN_BYTES, MAX_DEPTH, MAX_FILTER_VALUES, MAX_PATTERN_BYTES, MAX_PATTERNS,
};
use crate::value::{Location, Metadata, Path, Shortened, Value, same_value, walk};

const LOGIC: [&str; 4] = ["$and", "$nor", "$not", "$or"];
const TESTS: &str =
    "$eq $ne $in $nin $gt $gte $lt $lte $contains $all $size $elemMatch $exists $regex $prefix $not";

/// The condition that `filter` stands for; otherwise an error that names the place.
pub(super) fn parse(filter: &Value) -> Result<Condition> {
    let mut values = 0_usize;
    // First what keeps the rest bounded: depth, the number of values, finite numbers.
    walk(filter, Location::Root, MAX_DEPTH, &mut |_| {
        values += 1;
        if values > MAX_FILTER_VALUES {
            return Err(format!("expected at most {MAX_FILTER_VALUES} values in one filter; split it"));
        }
        Ok(())
    })
    .map_err(|fault| Error::new(ErrorKind::Filter, format!("filter: {fault}")))?;
    Parser { patterns: 0 }.filter(filter, Location::Root)
}

fn refuse(at: Location<'_>, what: impl std::fmt::Display) -> Error {
    let message = if at.is_root() { format!("filter: {what}") } else { format!("filter at `{at}`: {what}") };
    Error::new(ErrorKind::Filter, message)
}

fn unexpected(at: Location<'_>, expected: &str, found: &Value) -> Error {
    refuse(at, format!("expected {expected}, found {}", found.type_name()))
}

/// One run over one filter.
struct Parser {
    /// Regular expressions so far; they are counted before they are compiled.
    patterns: usize,
}

impl Parser {
    fn filter(&mut self, filter: &Value, at: Location<'_>) -> Result<Condition> {
        let entries = map(filter, "a filter (a map)", at)?;
        if entries.is_empty() {
            return Err(refuse(
                at,
                "expected a condition, found an empty map; leave the filter out to keep every record",
            ));
        }
        let mut conditions = Vec::with_capacity(entries.len());
        for (key, operand) in entries {
            let at = at.key(key);
            conditions.push(match key.as_str() {
                "$and" => Condition::And(self.filters(operand, at)?),
                "$or" => Condition::Or(self.filters(operand, at)?),
                "$nor" => Condition::Not(Box::new(Condition::Or(self.filters(operand, at)?))),
                "$not" => Condition::Not(Box::new(self.filter(operand, at)?)),
                operator if operator.starts_with('$') => return Err(misplaced(operator, at)),
                path => Condition::Field {
                    path: Path::new(path).map_err(|error| refuse(at, error))?,
                    tests: self.field(operand, at)?,
                },
            });
        }
        // A single condition stands for itself.
        match <[Condition; 1]>::try_from(conditions) {
            Ok([condition]) => Ok(condition),
            Err(conditions) => Ok(Condition::And(conditions)),
        }
    }

    fn filters(&mut self, operand: &Value, at: Location<'_>) -> Result<Vec<Condition>> {
        match operand {
            Value::List(filters) if !filters.is_empty() => filters
                .iter()
                .enumerate()
                .map(|(position, filter)| self.filter(filter, at.position(position)))
                .collect(),
            Value::List(_) => Err(refuse(at, "expected at least one filter, found an empty list")),
            _ => Err(unexpected(at, "a list of filters", operand)),
        }
    }

    /// A map with an operator in it is operators; everything else is the value to be equal to.
    fn field(&mut self, operand: &Value, at: Location<'_>) -> Result<Vec<Test>> {
        if let Value::Map(entries) = operand
            && entries.keys().any(|key| key.starts_with('$'))
        {
            return self.tests(operand, at);
        }
        // `{"a": {"b": {"$gt": 1}}}` almost always means `a.b`, and as a value would silently match nothing.
        refuse_operators_within(operand, at)?;
        Ok(vec![Test::Eq(operand.clone())])
    }

    fn tests(&mut self, operators: &Value, at: Location<'_>) -> Result<Vec<Test>> {
        let entries = map(operators, "a map of operators", at)?;
        if entries.is_empty() {
            return Err(refuse(at, "expected an operator, found an empty map"));
        }
        entries.iter().map(|(operator, operand)| self.test(operator, operand, at.key(operator))).collect()
    }

    fn test(&mut self, operator: &str, operand: &Value, at: Location<'_>) -> Result<Test> {
        Ok(match operator {
            "$eq" => Test::Eq(operand.clone()),
            "$ne" => Test::Ne(operand.clone()),
            "$in" => Test::In(values(operand, at)?),
            "$nin" => Test::Nin(values(operand, at)?),
            "$gt" => Test::Compare(Relation::Gt, ordered(operand, at)?),
            "$gte" => Test::Compare(Relation::Gte, ordered(operand, at)?),
            "$lt" => Test::Compare(Relation::Lt, ordered(operand, at)?),
            "$lte" => Test::Compare(Relation::Lte, ordered(operand, at)?),
            "$contains" => Test::Contains(operand.clone()),
            "$all" => Test::All(values(operand, at)?),
            "$size" => Test::Size(size(operand, at)?),
            "$elemMatch" => Test::ElemMatch(self.element(operand, at)?),
            "$exists" => match operand {
                Value::Bool(expected) => Test::Exists(*expected),
                _ => return Err(unexpected(at, "true or false", operand)),
            },
            "$regex" => Test::Regex(self.pattern(text(operand, at)?, at)?),
            "$prefix" => Test::Prefix(text(operand, at)?.to_owned()),
            "$not" => Test::Not(self.tests(operand, at)?),
            _ => return Err(unknown_test(operator, at)),
        })
    }

    fn element(&mut self, operand: &Value, at: Location<'_>) -> Result<Element> {
        let entries = map(operand, "operators or a filter (a map)", at)?;
        if is_filter(entries) {
            Ok(Element::Map(Box::new(self.filter(operand, at)?)))
        } else {
            Ok(Element::Tests(self.tests(operand, at)?))
        }
    }

    fn pattern(&mut self, pattern: &str, at: Location<'_>) -> Result<Pattern> {
        if pattern.len() > MAX_PATTERN_BYTES {
            let found = pattern.len();
            return Err(refuse(
                at,
                format!("expected a regular expression of at most {MAX_PATTERN_BYTES} bytes, found {found}"),
            ));
        }
        if self.patterns == MAX_PATTERNS {
            return Err(refuse(
                at,
                format!("expected at most {MAX_PATTERNS} regular expressions in one filter"),
            ));
        }
        self.patterns += 1;
        RegexBuilder::new(pattern)
            .size_limit(MAX_COMPILED_PATTERN_BYTES)
            .build()
            .map(Pattern)
            .map_err(|error| refuse(at, error))
    }
}

/// Whether the operand of `$elemMatch` is a filter for maps, rather than operators for the element itself. `$not` occurs in
/// both, so that what it negates decides.
fn is_filter(operand: &Metadata) -> bool {
    match operand.iter().find(|(key, _)| *key != "$not") {
        Some((key, _)) => !key.starts_with('$') || LOGIC.contains(&key.as_str()),
        None => operand.get("$not").and_then(Value::as_map).is_some_and(is_filter),
    }
}

fn refuse_operators_within(value: &Value, at: Location<'_>) -> Result<()> {
    match value {
        Value::List(elements) => elements
            .iter()
            .enumerate()
            .try_for_each(|(position, element)| refuse_operators_within(element, at.position(position))),
        Value::Map(entries) => entries.iter().try_for_each(|(key, value)| {
            let at = at.key(key);
            if key.starts_with('$') {
                let what = "an operator inside a value to be equal to; write the whole path as one key \
                            (`a.b`), or `$eq` when the value really has such a key";
                return Err(refuse(at, what));
            }
            refuse_operators_within(value, at)
        }),
        _ => Ok(()),
    }
}

fn misplaced(operator: &str, at: Location<'_>) -> Error {
    if TESTS.split(' ').any(|test| test == operator) {
        refuse(at, format!("`{operator}` needs a field: {{\"field\": {{\"{operator}\": …}}}}"))
    } else {
        let known = LOGIC.join(" ");
        refuse(at, format!("unknown operator `{}`: expected a field or one of {known}", Shortened(operator)))
    }
}

fn unknown_test(operator: &str, at: Location<'_>) -> Error {
    if LOGIC.contains(&operator) {
        refuse(at, format!("`{operator}` combines filters and stands beside fields, not under one"))
    } else {
        refuse(at, format!("unknown operator `{}`: expected one of {TESTS}", Shortened(operator)))
    }
}

fn map<'a>(value: &'a Value, expected: &str, at: Location<'_>) -> Result<&'a Metadata> {
    value.as_map().ok_or_else(|| unexpected(at, expected, value))
}

fn text<'a>(operand: &'a Value, at: Location<'_>) -> Result<&'a str> {
    operand.as_str().ok_or_else(|| unexpected(at, "a string", operand))
}

fn values(operand: &Value, at: Location<'_>) -> Result<Values> {
    let operands = operand.as_list().ok_or_else(|| unexpected(at, "a list", operand))?;
    Ok(Values::new(operands.to_vec()))
}

fn ordered(operand: &Value, at: Location<'_>) -> Result<Value> {
    match operand {
        Value::Int(_) | Value::Float(_) | Value::String(_) => Ok(operand.clone()),
        _ => Err(unexpected(at, "a number or a string", operand)),
    }
}

/// A whole number from 0; a float will do, as JavaScript knows no other number.
fn size(operand: &Value, at: Location<'_>) -> Result<i64> {
    let size = match operand {
        Value::Int(int) => *int,
        Value::Float(float) => *float as i64,
        _ => return Err(unexpected(at, "a whole number", operand)),
    };
    if size < 0 || !same_value(operand, &Value::Int(size)) {
        return Err(refuse(at, "expected a whole number from 0"));
    }
    Ok(size)
}
