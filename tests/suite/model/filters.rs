//! Made-up filters over the fields that made-up records have.

use vectlite::{Filter, Value};
use vectlite_tests::random::Random;

/// Fields of the metadata, some of them in no record.
pub(super) const PATHS: [&str; 8] = ["n", "n", "tag", "tag", "flag", "title", "deep.x", "nothing"];
/// How many different numbers and tags there are.
pub(super) const NUMBERS: u64 = 20;
pub(super) const TAGS: u64 = 10;
/// Words of texts and titles, the first ones the most frequent.
pub(super) const WORDS: u64 = 60;

/// A number, as an integer or as a float, that may be equal.
pub(super) fn number(random: &mut Random) -> Value {
    let number = random.below(NUMBERS) as i64;
    match random.below(6) {
        0 => Value::Float(number as f64),
        1 => Value::Float(number as f64 + 0.5),
        _ => Value::Int(number),
    }
}

pub(super) fn tag(random: &mut Random) -> String {
    format!("t{}", random.below(TAGS))
}

pub(super) fn word(random: &mut Random) -> String {
    // The square of a uniform number: the first words are the most frequent.
    let uniform = random.below(1 << 16) as f64 / f64::from(1 << 16);
    format!("word{}", (uniform * uniform * WORDS as f64) as u64)
}

fn operand(random: &mut Random, path: &str) -> Value {
    if random.once_in(12) {
        return random.pick(&[Value::Null, Value::Bool(true), Value::Int(0)].each_ref()).clone();
    }
    match path {
        "tag" => Value::from(tag(random)),
        "title" => Value::from(word(random)),
        "flag" => Value::Bool(random.once_in(2)),
        _ => number(random),
    }
}

/// An operand that has an order.
fn ordered(random: &mut Random, path: &str) -> Value {
    match path {
        "tag" | "title" => Value::from(tag(random)),
        _ => number(random),
    }
}

fn test(random: &mut Random) -> Filter {
    let path = random.pick(&PATHS);
    match random.below(16) {
        0..3 => Filter::eq(path, operand(random, path)),
        3 => Filter::ne(path, operand(random, path)),
        4 => Filter::gt(path, ordered(random, path)),
        5 => Filter::gte(path, ordered(random, path)),
        6 => Filter::lt(path, ordered(random, path)),
        7 => Filter::lte(path, ordered(random, path)),
        8 | 9 => Filter::is_in(path, [operand(random, path), operand(random, path)]),
        10 => Filter::not_in(path, [operand(random, path), operand(random, path)]),
        11 => Filter::contains(path, operand(random, path)),
        12 => Filter::all(path, [operand(random, path)]),
        13 => Filter::exists(path, random.once_in(2)),
        14 => match random.below(3) {
            0 => Filter::prefix(path, random.pick(&["t", "t1", "word1", ""])),
            1 => Filter::regex(path, random.pick(&["^t[0-4]$", "1", "word2 word"])),
            _ => Filter::size(path, random.below(3) as u32),
        },
        _ => Filter::gte(path, ordered(random, path)).and(Filter::lt(path, ordered(random, path))),
    }
}

/// A filter, up to `depth` connectives deep.
pub(super) fn filter(random: &mut Random, depth: u32) -> Filter {
    if depth == 0 || random.once_in(2) {
        return test(random);
    }
    match random.below(5) {
        0 => Filter::not(filter(random, depth - 1)),
        1 | 2 => filter(random, depth - 1).or(filter(random, depth - 1)),
        _ => filter(random, depth - 1).and(filter(random, depth - 1)),
    }
}
