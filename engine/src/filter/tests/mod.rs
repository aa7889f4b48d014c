//! What filters mean: by cases for people to read, and against an oracle for all the others.

mod building;
mod cases;
mod oracle;
pub(crate) mod random;
mod refusals;

use super::Filter;
use crate::error::ErrorKind;
use crate::value::{Metadata, Value};

fn value(json: &str) -> Value {
    serde_json::from_str(json).unwrap_or_else(|error| panic!("{json}: {error}"))
}

fn metadata(json: &str) -> Metadata {
    value(json).as_map().cloned().unwrap()
}

fn filter(json: &str) -> Filter {
    Filter::parse(&value(json)).unwrap_or_else(|error| panic!("{json}: {error}"))
}

/// The message with which a filter is refused.
fn refusal(filter: &Value) -> String {
    let error = Filter::parse(filter).expect_err("a refusal");
    assert_eq!(error.kind(), ErrorKind::Filter, "{error}");
    error.to_string()
}
