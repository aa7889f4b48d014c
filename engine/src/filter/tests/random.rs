//! Random filters on random metadata against the oracle. Every case comes from the seed that a failure prints.

use super::{Filter, Metadata, Value, oracle};
use crate::error::ErrorKind;

const CASES: u64 = 5_000;
const RECORDS: usize = 8;

/// xorshift64*: enough for tests, and the same everywhere.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Random {
        Random(seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % bound
    }

    pub(crate) fn pick<T: Clone>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())].clone()
    }

    // Few keys and values, so that paths meet, values collide, and types mix.

    fn key(&mut self) -> String {
        self.pick(&["a", "b", "a.b", "b.a", "0", "1", "a.0", ""]).to_owned()
    }

    fn path(&mut self) -> String {
        let steps: Vec<String> = (0..self.pick(&[1, 1, 1, 2, 2, 3])).map(|_| self.key()).collect();
        steps.join(".")
    }

    fn text(&mut self) -> Value {
        Value::from(self.pick(&["", "a", "ab", "b", "A", "é", "\u{ffff}", "\u{1f980}"]))
    }

    fn number(&mut self) -> Value {
        const TWO_POW_53: i64 = 1 << 53;
        let ints =
            [0, 1, -1, 2, TWO_POW_53, TWO_POW_53 + 1, -TWO_POW_53 - 1, i64::MAX, i64::MAX - 1, i64::MIN];
        let floats = [
            0.0,
            -0.0,
            1.0,
            -1.0,
            2.0,
            0.5,
            -0.5,
            9_007_199_254_740_992.0,
            9_223_372_036_854_775_808.0,
            1e30,
            -1e30,
        ];
        if self.below(2) == 0 { Value::from(self.pick(&ints)) } else { Value::from(self.pick(&floats)) }
    }

    fn scalar(&mut self) -> Value {
        match self.below(6) {
            0 => Value::Null,
            1 => Value::from(self.below(2) == 0),
            2 => self.text(),
            _ => self.number(),
        }
    }

    fn list(&mut self, depth: usize) -> Value {
        Value::List((0..self.below(4)).map(|_| self.value(depth)).collect())
    }

    fn map(&mut self, depth: usize) -> Metadata {
        (0..self.below(4)).map(|_| (self.key(), self.value(depth))).collect()
    }

    /// Metadata in which most short paths find something.
    pub(crate) fn record(&mut self) -> Metadata {
        (0..8).map(|_| (self.key(), self.value(3))).collect()
    }

    fn value(&mut self, depth: usize) -> Value {
        match self.below(if depth == 0 { 4 } else { 8 }) {
            0..4 => self.scalar(),
            4 | 5 => self.list(depth - 1),
            _ => Value::Map(self.map(depth - 1)),
        }
    }

    pub(crate) fn filter(&mut self, depth: usize) -> Value {
        let conditions = (0..=self.below(2)).map(|_| match self.below(if depth == 0 { 3 } else { 8 }) {
            0..3 => (self.path(), self.field(depth)),
            3 => ("$not".to_owned(), self.filter(depth - 1)),
            connective => {
                let name = ["$and", "$or", "$nor"][connective % 3];
                let filters = (0..=self.below(2)).map(|_| self.filter(depth - 1)).collect();
                (name.to_owned(), Value::List(filters))
            }
        });
        Value::Map(conditions.collect())
    }

    fn field(&mut self, depth: usize) -> Value {
        if self.below(4) == 0 { self.value(2) } else { self.operators(depth) }
    }

    fn operators(&mut self, depth: usize) -> Value {
        let operators = (0..=self.below(2)).map(|_| {
            let (operator, operand) = self.operator(depth);
            (operator.to_owned(), operand)
        });
        Value::Map(operators.collect())
    }

    fn operator(&mut self, depth: usize) -> (&'static str, Value) {
        match self.below(if depth == 0 { 14 } else { 17 }) {
            0 => ("$eq", self.value(2)),
            1 => ("$ne", self.value(2)),
            2 => ("$in", self.list(1)),
            3 => ("$nin", self.list(1)),
            4..8 => {
                let relation = self.pick(&["$gt", "$gte", "$lt", "$lte"]);
                (relation, if self.below(4) == 0 { self.text() } else { self.number() })
            }
            8 => ("$contains", self.value(1)),
            9 => ("$all", self.list(1)),
            10 => ("$size", Value::from(self.below(4) as u32)),
            11 => ("$exists", Value::from(self.below(2) == 0)),
            12 => {
                ("$regex", Value::from(self.pick(&["a", "^a", "b$", "(?i)a", ".", "", "é|b", "\u{1f980}"])))
            }
            13 => ("$prefix", self.text()),
            14 => ("$not", self.operators(depth - 1)),
            15 => ("$elemMatch", self.operators(depth - 1)),
            _ => ("$elemMatch", self.filter(depth - 1)),
        }
    }

    /// A value in which operators stand anywhere; rarely a filter.
    fn noise(&mut self, depth: usize) -> Value {
        const KEYS: [&str; 22] = [
            "$eq",
            "$ne",
            "$in",
            "$nin",
            "$gt",
            "$gte",
            "$lt",
            "$lte",
            "$contains",
            "$all",
            "$size",
            "$elemMatch",
            "$exists",
            "$regex",
            "$prefix",
            "$not",
            "$and",
            "$or",
            "$nor",
            "$x",
            "a",
            "b",
        ];
        match self.below(if depth == 0 { 1 } else { 5 }) {
            0 => self.scalar(),
            1 => Value::List((0..self.below(3)).map(|_| self.noise(depth - 1)).collect()),
            _ => Value::Map(
                (0..=self.below(2)).map(|_| (self.pick(&KEYS).to_owned(), self.noise(depth - 1))).collect(),
            ),
        }
    }
}

fn agrees(filter: &Filter, value: &Value, random: &mut Random, seed: u64) -> usize {
    let records: Vec<Metadata> = (0..RECORDS).map(|_| random.record()).collect();
    let mut matched = 0;
    for record in &records {
        let found = filter.matches(record).unwrap();
        assert_eq!(found, oracle::matches(value, record), "seed {seed}: {value:?} on {record:?}");
        matched += usize::from(found);
    }
    matched
}

#[test]
fn filters_mean_what_the_oracle_says() {
    let mut matched = 0;
    for seed in 0..CASES {
        let mut random = Random::new(seed);
        let value = random.filter(3);
        let filter = match Filter::parse(&value) {
            Ok(filter) => filter,
            Err(error) => panic!("seed {seed}: {error}: {value:?}"),
        };
        matched += agrees(&filter, &value, &mut random, seed);
    }
    // Neither answer is rare, or the comparison would say little.
    let asked = CASES as usize * RECORDS;
    assert!((asked / 5..asked * 4 / 5).contains(&matched), "{matched} of {asked} matched");
}

#[test]
fn filters_are_written_as_they_are_read() {
    for seed in 0..CASES {
        let mut random = Random::new(seed);
        let value = random.filter(3);
        let filter = Filter::parse(&value).unwrap();
        let written = filter.to_value().unwrap();
        assert_eq!(Filter::parse(&written).unwrap(), filter, "seed {seed}: {value:?}");
        let bytes = rmp_serde::to_vec(&filter).unwrap();
        assert_eq!(rmp_serde::from_slice::<Filter>(&bytes).unwrap(), filter, "seed {seed}: {value:?}");
        agrees(&filter, &written, &mut random, seed);
    }
}

#[test]
fn any_value_is_a_filter_with_a_meaning_or_a_filter_error() {
    let mut accepted = 0;
    // Most are refused at once: many more take less time than the others.
    for seed in 0..CASES * 8 {
        let mut random = Random::new(seed);
        let value = random.noise(5);
        match Filter::parse(&value) {
            Ok(filter) => {
                accepted += 1;
                agrees(&filter, &value, &mut random, seed);
            }
            Err(error) => assert_eq!(error.kind(), ErrorKind::Filter, "seed {seed}: {error}"),
        }
    }
    assert!(accepted > 100, "{accepted} accepted");
}
