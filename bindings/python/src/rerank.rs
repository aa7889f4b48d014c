//! Hits in an order of the caller's: a function sees the best of them and gives them back, all or some.

use std::collections::HashSet;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString};
use vectlite::Reranking;

use crate::convert::Given;
use crate::convert::place::Place;
use crate::convert::scalars::{iterate, number, text, unexpected};
use crate::error::invalid;
use crate::names::intern;

const RERANK: Place<'_> = Place::Argument("rerank");

/// That it is a function.
pub(crate) fn callable(function: &Bound<'_, PyAny>) -> PyResult<()> {
    if function.is_callable() { Ok(()) } else { Err(unexpected(RERANK, "a callable", function)) }
}

/// Calls the function with the text of the search and its hits, and cuts the page out of what it returns.
pub(crate) fn reranked<'py>(
    function: &Bound<'py, PyAny>,
    query: Given<'_, 'py>,
    hits: Bound<'py, PyList>,
    reranking: &Reranking,
) -> PyResult<Bound<'py, PyList>> {
    let py = function.py();
    let mut known = HashSet::with_capacity(hits.len());
    for (position, hit) in hits.iter().enumerate() {
        known.insert(key(RERANK.position(position), hit.cast()?)?);
    }
    let returned = function.call1((query, hits))?;
    let mut ordered = Vec::new();
    for (position, hit) in iterate(RERANK, "to return an iterable of hits", &returned)?.enumerate() {
        let (at, hit) = (RERANK.position(position), hit?);
        let Ok(hit) = hit.cast_into::<PyDict>() else {
            return Err(invalid(py, format!("{at}: expected it to return hits, which are dicts")));
        };
        if !known.remove(&key(at, &hit)?) {
            return Err(invalid(
                py,
                format!("{at}: expected it to return hits that it was given, each of them once at most"),
            ));
        }
        let score = intern!(py, "rerank_score");
        match hit.get_item(score)?.filter(|given| !given.is_none()) {
            Some(given) => drop(number(at.key("rerank_score"), &given)?),
            None => hit.set_item(score, py.None())?,
        }
        ordered.push(hit);
    }
    PyList::new(py, reranking.page(ordered))
}

/// The namespace and id of a hit.
fn key(at: Place<'_>, hit: &Bound<'_, PyDict>) -> PyResult<(String, String)> {
    let part = |name: &Bound<'_, PyString>| {
        let name = name.to_cow()?;
        match hit.get_item(name.as_ref())? {
            Some(part) => text(at.key(&name), &part),
            None => Err(invalid(hit.py(), format!("{}: expected that of a hit, got nothing", at.key(&name)))),
        }
    };
    Ok((part(intern!(hit.py(), "namespace"))?, part(intern!(hit.py(), "id"))?))
}
