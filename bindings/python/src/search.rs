//! Searching.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use vectlite::{Filter, Include, SearchRequest, SearchResponse, Value};

use crate::call::engine;
use crate::convert::Given;
use crate::convert::hits::{Asked, hits_out, response_out};
use crate::convert::matrix::Matrix;
use crate::convert::pace::{Making, Pace};
use crate::convert::place::Place;
use crate::convert::scalars::{count, flag, number, text, texts};
use crate::convert::values;
use crate::convert::vectors::vector;
use crate::database::Database;
use crate::error::raised;

/// What a search is asked for beside its query, as it was given.
struct Arguments<'a, 'py> {
    k: Given<'a, 'py>,
    filter: Given<'a, 'py>,
    namespace: Given<'a, 'py>,
    all_namespaces: Given<'a, 'py>,
    sparse: Given<'a, 'py>,
    dense_weight: Given<'a, 'py>,
    sparse_weight: Given<'a, 'py>,
    fetch_k: Given<'a, 'py>,
    mmr_lambda: Given<'a, 'py>,
    vector_name: Given<'a, 'py>,
    fusion: Given<'a, 'py>,
    rrf_k: Given<'a, 'py>,
    explain: Given<'a, 'py>,
    text: Given<'a, 'py>,
    offset: Given<'a, 'py>,
    ef_search: Given<'a, 'py>,
    exact: Given<'a, 'py>,
    include: Given<'a, 'py>,
    min_score: Given<'a, 'py>,
}

/// What an argument becomes, if it was given, and the builder function that takes it. What is not given costs nothing.
fn set<'py, T>(
    request: &mut SearchRequest,
    name: &str,
    given: Given<'_, 'py>,
    convert: impl FnOnce(Place<'_>, &Bound<'py, PyAny>) -> PyResult<T>,
    build: impl FnOnce(SearchRequest, T) -> SearchRequest,
) -> PyResult<()> {
    if let Some(given) = given {
        let value = convert(Place::Argument(name), given)?;
        *request = build(std::mem::take(request), value);
    }
    Ok(())
}

/// A search ready to run, its filter not parsed yet: that happens without the interpreter.
struct Search {
    request: SearchRequest,
    filter: Option<Value>,
    asked: Asked,
}

impl Arguments<'_, '_> {
    fn convert<'py>(&self, py: Python<'py>, query: Given<'_, 'py>) -> PyResult<Search> {
        let pace = &mut Pace::new();
        let mut asked = Asked::default();
        let mut request = SearchRequest::new();
        let r = &mut request;
        set(r, "query", query, |at, given| vector(at, given, pace), SearchRequest::vector)?;
        set(r, "k", self.k, count, SearchRequest::k)?;
        set(r, "namespace", self.namespace, text, SearchRequest::namespace)?;
        set(r, "all_namespaces", self.all_namespaces, flag, SearchRequest::all_namespaces)?;
        set(r, "sparse", self.sparse, |at, given| values::terms(at, given, pace), SearchRequest::sparse)?;
        set(r, "dense_weight", self.dense_weight, number, SearchRequest::dense_weight)?;
        set(r, "sparse_weight", self.sparse_weight, number, SearchRequest::sparse_weight)?;
        set(r, "fetch_k", self.fetch_k, count, SearchRequest::fetch_k)?;
        set(r, "mmr_lambda", self.mmr_lambda, number, SearchRequest::mmr_lambda)?;
        set(r, "vector_name", self.vector_name, text, SearchRequest::vector_name)?;
        let fusion = |at: Place<'_>, given: &Bound<'_, PyAny>| {
            text(at, given)?.parse().map_err(|error| raised(py, error))
        };
        set(r, "fusion", self.fusion, fusion, SearchRequest::fusion)?;
        set(r, "rrf_k", self.rrf_k, count, SearchRequest::rrf_k)?;
        set(r, "explain", self.explain, flag, |request, explain| {
            asked.explain = explain;
            request.explain(explain)
        })?;
        set(r, "text", self.text, text, SearchRequest::text)?;
        set(r, "offset", self.offset, count, SearchRequest::offset)?;
        set(r, "ef_search", self.ef_search, count, SearchRequest::ef_search)?;
        set(r, "exact", self.exact, flag, SearchRequest::exact)?;
        let include = |at: Place<'_>, given: &Bound<'_, PyAny>| {
            let names = texts(at, given, pace)?;
            asked.vector = names.iter().any(|name| name == "vector");
            asked.text = names.iter().any(|name| name == "text");
            Include::parse(names).map_err(|error| raised(py, error))
        };
        set(r, "include", self.include, include, SearchRequest::include)?;
        set(r, "min_score", self.min_score, number, SearchRequest::min_score)?;
        let filter = self.filter.map(|given| values::filter(Place::Argument("filter"), given, pace));
        Ok(Search { request, filter: filter.transpose()?, asked })
    }
}

impl Search {
    /// The request whole.
    fn request(self) -> vectlite::Result<SearchRequest> {
        match self.filter {
            Some(filter) => Ok(self.request.filter(Filter::parse(&filter)?)),
            None => Ok(self.request),
        }
    }
}

/// One query.
fn run(
    db: &vectlite::Database,
    query: Given<'_, '_>,
    arguments: &Arguments<'_, '_>,
    py: Python<'_>,
) -> PyResult<(SearchResponse, Asked)> {
    let search = arguments.convert(py, query)?;
    let asked = search.asked;
    // Moved, so that a large filter is freed without the interpreter, too.
    let response = engine(py, move || db.search(&search.request()?))?;
    Ok((response, asked))
}

fn hits<'py>(
    db: &vectlite::Database,
    query: Given<'_, 'py>,
    arguments: &Arguments<'_, 'py>,
    py: Python<'py>,
) -> PyResult<Bound<'py, PyList>> {
    let (response, asked) = run(db, query, arguments, py)?;
    hits_out(response.hits, asked, &mut Making::new(py))
}

fn response<'py>(
    db: &vectlite::Database,
    query: Given<'_, 'py>,
    arguments: &Arguments<'_, 'py>,
    py: Python<'py>,
) -> PyResult<Bound<'py, PyDict>> {
    let (response, asked) = run(db, query, arguments, py)?;
    response_out(response, asked, &mut Making::new(py))
}

/// Many queries.
fn batch<'py>(
    db: &vectlite::Database,
    queries: Given<'_, 'py>,
    arguments: &Arguments<'_, 'py>,
    py: Python<'py>,
) -> PyResult<Bound<'py, PyList>> {
    let at = Place::Argument("queries");
    let nothing = py.None().into_bound(py);
    let vectors = Matrix::new(at, queries.unwrap_or(&nothing))?.all(py, at, &mut Pace::new())?;
    let search = arguments.convert(py, None)?;
    let asked = search.asked;
    let responses = engine(py, move || db.search_batch(&vectors, &search.request()?))?;
    let mut making = Making::new(py);
    let list = PyList::empty(py);
    for response in responses {
        list.append(hits_out(response.hits, asked, &mut making)?)?;
    }
    Ok(list)
}

/// Defines methods of a search, which differ in what they answer only: Python's keywords stand here once.
macro_rules! searches {
    ($query:ident, $signature:tt; $($(#[$doc:meta])* $name:ident -> $answer:ty = $run:ident;)*)
    => {$(
        #[pymethods]
        impl Database {
            $(#[$doc])*
            #[pyo3(
                signature = ($query=None, k=None, filter=None, namespace=None, all_namespaces=None, sparse=None,
                             dense_weight=None, sparse_weight=None, fetch_k=None, mmr_lambda=None, vector_name=None,
                             fusion=None, rrf_k=None, *, explain=None, text=None, offset=None, ef_search=None,
                             exact=None, include=None, min_score=None),
                text_signature = $signature
            )]
            #[expect(clippy::too_many_arguments, reason = "they are Python's keywords")]
            fn $name<'py>(
                &self,
                py: Python<'py>,
                $query: Given<'_, 'py>,
                k: Given<'_, 'py>,
                filter: Given<'_, 'py>,
                namespace: Given<'_, 'py>,
                all_namespaces: Given<'_, 'py>,
                sparse: Given<'_, 'py>,
                dense_weight: Given<'_, 'py>,
                sparse_weight: Given<'_, 'py>,
                fetch_k: Given<'_, 'py>,
                mmr_lambda: Given<'_, 'py>,
                vector_name: Given<'_, 'py>,
                fusion: Given<'_, 'py>,
                rrf_k: Given<'_, 'py>,
                explain: Given<'_, 'py>,
                text: Given<'_, 'py>,
                offset: Given<'_, 'py>,
                ef_search: Given<'_, 'py>,
                exact: Given<'_, 'py>,
                include: Given<'_, 'py>,
                min_score: Given<'_, 'py>,
            ) -> PyResult<Bound<'py, $answer>> {
                let arguments = Arguments {
                    k,
                    filter,
                    namespace,
                    all_namespaces,
                    sparse,
                    dense_weight,
                    sparse_weight,
                    fetch_k,
                    mmr_lambda,
                    vector_name,
                    fusion,
                    rrf_k,
                    explain,
                    text,
                    offset,
                    ef_search,
                    exact,
                    include,
                    min_score,
                };
                $run(self.open(py)?, $query, &arguments, py)
            }
        }
    )*};
}

searches! {
    query,
    "($self, query=None, k=10, filter=None, namespace=None, all_namespaces=False, sparse=None, dense_weight=1.0, \
     sparse_weight=1.0, fetch_k=0, mmr_lambda=None, vector_name=None, fusion='linear', rrf_k=60, *, explain=False, \
     text=None, offset=0, ef_search=None, exact=False, include=None, min_score=None)";
    /// The hits of a search by vector, by text or sparse terms, or by both, best first.
    search -> PyList = hits;
    /// The hits of a search, and how they were found: `{"results": …, "stats": …}`.
    search_with_stats -> PyDict = response;
}

searches! {
    queries,
    "($self, queries, k=10, filter=None, namespace=None, all_namespaces=False, sparse=None, dense_weight=1.0, \
     sparse_weight=1.0, fetch_k=0, mmr_lambda=None, vector_name=None, fusion='linear', rrf_k=60, *, explain=False, \
     text=None, offset=0, ef_search=None, exact=False, include=None, min_score=None)";
    /// The hits of a search by each of many vectors, on all cores, in the order of the vectors.
    search_batch -> PyList = batch;
}
