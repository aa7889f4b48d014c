//! The builder functions build what the parser parses, and keep what they could not build as an error.

use super::{filter, metadata, value};
use crate::error::ErrorKind;
use crate::filter::{Filter, eval};
use crate::limits::{MAX_DEPTH, MAX_FILTER_VALUES};
use crate::value::Value;

#[test]
fn each_function_is_its_operator() {
    let built = [
        (Filter::eq("a", 1), r#"{"a": {"$eq": 1}}"#),
        (Filter::eq("a", None::<i64>), r#"{"a": null}"#),
        (Filter::ne("a", "x"), r#"{"a": {"$ne": "x"}}"#),
        (Filter::gt("a", 1), r#"{"a": {"$gt": 1}}"#),
        (Filter::gte("a", 1.5), r#"{"a": {"$gte": 1.5}}"#),
        (Filter::lt("a", "x"), r#"{"a": {"$lt": "x"}}"#),
        (Filter::lte("a", 1), r#"{"a": {"$lte": 1}}"#),
        (Filter::is_in("a", [3, 1, 2]), r#"{"a": {"$in": [1, 2, 3]}}"#),
        (Filter::not_in("a", ["x", "y"]), r#"{"a": {"$nin": ["x", "y"]}}"#),
        (Filter::contains("a", "x"), r#"{"a": {"$contains": "x"}}"#),
        (Filter::all("a", vec!["x", "y"]), r#"{"a": {"$all": ["x", "y"]}}"#),
        (Filter::size("a", 2), r#"{"a": {"$size": 2}}"#),
        (Filter::elem_match("a", Filter::eq("b", 1)), r#"{"a": {"$elemMatch": {"b": {"$eq": 1}}}}"#),
        (Filter::exists("a", false), r#"{"a": {"$exists": false}}"#),
        (Filter::regex("a", "^x"), r#"{"a": {"$regex": "^x"}}"#),
        (Filter::prefix("a", "x"), r#"{"a": {"$prefix": "x"}}"#),
        (Filter::not(Filter::eq("a", 1)), r#"{"$not": {"a": 1}}"#),
        (Filter::eq("a", 1).and(Filter::eq("b", 2)), r#"{"$and": [{"a": 1}, {"b": 2}]}"#),
        (Filter::eq("a", 1).or(Filter::eq("b", 2)), r#"{"$or": [{"a": 1}, {"b": 2}]}"#),
        (
            Filter::eq("a", 1).and(Filter::eq("b", 2)).and(Filter::eq("c", 3)),
            r#"{"$and": [{"a": 1}, {"b": 2}, {"c": 3}]}"#,
        ),
        (
            Filter::eq("a", 1).or(Filter::eq("b", 2)).or(Filter::eq("c", 3)),
            r#"{"$or": [{"a": 1}, {"b": 2}, {"c": 3}]}"#,
        ),
        (
            Filter::eq("a", 1).or(Filter::eq("b", 2)).and(Filter::eq("c", 3)),
            r#"{"$and": [{"$or": [{"a": 1}, {"b": 2}]}, {"c": 3}]}"#,
        ),
        (
            Filter::eq("a", 1).and(Filter::eq("b", 2)).or(Filter::eq("c", 3)),
            r#"{"$or": [{"$and": [{"a": 1}, {"b": 2}]}, {"c": 3}]}"#,
        ),
        (
            Filter::eq("a", 1).and(Filter::eq("b", 2).and(Filter::eq("c", 3))),
            r#"{"$and": [{"a": 1}, {"$and": [{"b": 2}, {"c": 3}]}]}"#,
        ),
    ];
    for (built, json) in built {
        // Equal in its tree and in its weight, however it came to be.
        assert_eq!(built, filter(json), "{json}");
        assert_eq!(Filter::parse(&built.to_value().unwrap()).unwrap(), built, "{json}");
        assert!(built.check().is_ok());
    }
}

#[test]
fn filters_differ_when_they_say_something_else() {
    assert_ne!(Filter::eq("a", 1), Filter::eq("a", 2));
    assert_ne!(Filter::regex("a", "x"), Filter::regex("a", "y"));
    assert_ne!(Filter::gt("a", 1), Filter::gte("a", 1));
}

#[test]
fn values_of_every_type_can_be_asked_for() {
    let record = metadata(r#"{"flag": true, "list": [1, 2], "none": null}"#);
    assert!(Filter::eq("flag", true).matches(&record).unwrap());
    assert!(Filter::eq("list", vec![1, 2]).matches(&record).unwrap());
    assert!(Filter::eq("none", Value::Null).matches(&record).unwrap());
    assert!(!Filter::eq("flag", 1).matches(&record).unwrap());
}

#[test]
fn what_cannot_be_built_is_an_error_where_it_is_used() {
    let faulty = [
        (Filter::regex("a", "("), "`a.$regex`: regex parse error"),
        (Filter::gt("a", Value::Null), "`a.$gt`: expected a number or a string"),
        (Filter::eq("a", f64::NAN), "`a.$eq`: expected a finite number"),
        (Filter::eq("$a", 1), "unknown operator `$a`"),
        (Filter::eq("$not", 1), "`$eq` needs a field"),
        (Filter::eq(&"x".repeat(2_000), 1), "at most 1024 bytes"),
    ];
    for (filter, expected) in faulty {
        let error = filter.check().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Filter);
        assert!(error.to_string().contains(expected), "{error}");
        let message = error.to_string();
        let fine = || Filter::eq("a", 1);
        // The error survives whatever is built around it.
        for around in [
            filter.clone(),
            filter.clone().and(fine()),
            fine().and(filter.clone()),
            fine().or(filter.clone()),
            Filter::not(filter.clone()),
            Filter::elem_match("b", filter.clone()),
        ] {
            assert_eq!(around.check().unwrap_err().to_string(), message);
            assert_eq!(around.to_value().unwrap_err().to_string(), message);
            assert_eq!(around.matches(&metadata("{}")).unwrap_err().to_string(), message);
            assert!(serde_json::to_string(&around).is_err());
        }
    }
    let two = Filter::regex("first", "(").or(Filter::regex("second", "("));
    assert!(two.check().unwrap_err().to_string().contains("`first."));
}

#[test]
fn chains_stay_flat_and_nesting_ends_at_the_limit() {
    let ids = (0..20_000).map(|id| Filter::eq("id", id)).reduce(Filter::or).unwrap();
    assert!(ids.matches(&metadata(r#"{"id": 19999}"#)).unwrap());
    assert!(!ids.matches(&metadata(r#"{"id": 20000}"#)).unwrap());

    let negated = |levels: usize| (0..levels).fold(Filter::eq("a", 1), |filter, _| Filter::not(filter));
    let largest = negated(MAX_DEPTH - 2);
    assert_eq!(Filter::parse(&largest.to_value().unwrap()).unwrap(), largest);
    for levels in [MAX_DEPTH - 1, 100_000] {
        assert!(negated(levels).check().unwrap_err().to_string().contains("at most 64 levels"));
    }
    // Nesting to the right is not a chain.
    let right = (0..MAX_DEPTH).fold(Filter::eq("a", 1), |filter, _| Filter::eq("b", 2).and(filter));
    assert!(right.check().unwrap_err().to_string().contains("at most 64 levels"));
    // A deep condition at the end of a chain counts from there.
    let chain = Filter::eq("a", 1).and(Filter::eq("b", 2));
    assert!(chain.clone().and(negated(MAX_DEPTH - 4)).check().is_ok());
    assert!(chain.and(negated(MAX_DEPTH - 3)).check().is_err());
}

#[test]
fn many_operands_add_up_to_the_limit() {
    let half = Filter::is_in("a", 0..(MAX_FILTER_VALUES as i64 / 2));
    assert!(half.check().is_ok());
    assert!(half.clone().or(half.clone()).check().unwrap_err().to_string().contains("262144 values"));
    let chain = Filter::eq("a", 1).or(half.clone());
    assert!(chain.check().is_ok());
    assert!(chain.or(half).check().is_err());
}

#[test]
fn patterns_add_up_to_the_limit() {
    let patterns =
        |count: usize| (0..count).map(|i| Filter::regex("a", &i.to_string())).reduce(Filter::or).unwrap();
    assert!(patterns(32).check().is_ok());
    assert!(patterns(33).check().unwrap_err().to_string().contains("32 regular expressions"));
}

#[test]
fn filters_travel_between_threads_and_through_serde() {
    fn shared<T: Send + Sync + Clone + std::fmt::Debug>() {}
    shared::<Filter>();
    let built = Filter::eq("a", 1).and(Filter::regex("b", "x"));
    let json = serde_json::to_string(&built).unwrap();
    assert_eq!(value(&json), built.to_value().unwrap());
    assert_eq!(serde_json::from_str::<Filter>(&json).unwrap(), built);
    let bytes = rmp_serde::to_vec(&built).unwrap();
    assert_eq!(rmp_serde::from_slice::<Filter>(&bytes).unwrap(), built);
}

#[test]
fn a_hundred_thousand_operands_are_found_quickly() {
    let ids = Filter::is_in("id", (0..100_000).map(|id| format!("document-{id}")));
    let condition = ids.condition().unwrap();
    let record = metadata(r#"{"id": "document-77777"}"#);
    // 100,000 lookups; in a list they would take minutes.
    assert!((0..100_000).all(|_| eval::matches(condition, &record)));
    // $all asks each element once, whatever the number of operands.
    let all = Filter::all("a", 0..100_000);
    let list = Value::from((0..100_000).rev().collect::<Vec<i64>>());
    assert!(all.matches(&[("a".to_owned(), list)].into()).unwrap());
}
