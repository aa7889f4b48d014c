//! Searching.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use vectlite::{Filter, Include, SearchRequest, SearchResponse, Value};

use crate::call::engine;
use crate::convert::Given;
use crate::convert::hits::{Asked, hits_out, response_out};
use crate::convert::pace::Pace;
use crate::convert::place::Place;
use crate::convert::scalars::{count, flag, number, text, texts};
use crate::convert::values;
use crate::convert::vectors::vector;
use crate::database::Database;
use crate::error::raised;

/// The arguments of a search, as they were given.
struct Arguments<'a, 'py> {
    query: Given<'a, 'py>,
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
    exact: Given<'a, 'py>,
    include: Given<'a, 'py>,
    min_score: Given<'a, 'py>,
}

/// What an argument becomes, if it was given, and the builder function that takes it.
fn set<'py, T>(
    request: SearchRequest,
    name: &str,
    given: Given<'_, 'py>,
    convert: impl FnOnce(Place<'_>, &Bound<'py, PyAny>) -> PyResult<T>,
    build: impl FnOnce(SearchRequest, T) -> SearchRequest,
) -> PyResult<SearchRequest> {
    match given {
        Some(given) => Ok(build(request, convert(Place::Argument(name), given)?)),
        None => Ok(request),
    }
}

/// A search ready to run, its filter not parsed yet: that happens without the interpreter.
struct Search {
    request: SearchRequest,
    filter: Option<Value>,
    asked: Asked,
}

impl Arguments<'_, '_> {
    fn convert(&self, py: Python<'_>) -> PyResult<Search> {
        let pace = &mut Pace::new();
        let mut asked = Asked::default();
        let mut r = SearchRequest::new();
        r = set(r, "query", self.query, |at, given| vector(at, given, pace), SearchRequest::vector)?;
        r = set(r, "k", self.k, count, SearchRequest::k)?;
        r = set(r, "namespace", self.namespace, text, SearchRequest::namespace)?;
        r = set(r, "all_namespaces", self.all_namespaces, flag, SearchRequest::all_namespaces)?;
        r = set(r, "sparse", self.sparse, |at, given| values::terms(at, given, pace), SearchRequest::sparse)?;
        r = set(r, "dense_weight", self.dense_weight, number, SearchRequest::dense_weight)?;
        r = set(r, "sparse_weight", self.sparse_weight, number, SearchRequest::sparse_weight)?;
        r = set(r, "fetch_k", self.fetch_k, count, SearchRequest::fetch_k)?;
        r = set(r, "mmr_lambda", self.mmr_lambda, number, SearchRequest::mmr_lambda)?;
        r = set(r, "vector_name", self.vector_name, text, SearchRequest::vector_name)?;
        let fusion = |at: Place<'_>, given: &Bound<'_, PyAny>| {
            text(at, given)?.parse().map_err(|error| raised(py, error))
        };
        r = set(r, "fusion", self.fusion, fusion, SearchRequest::fusion)?;
        r = set(r, "rrf_k", self.rrf_k, count, SearchRequest::rrf_k)?;
        r = set(r, "explain", self.explain, flag, |request, explain| {
            asked.explain = explain;
            request.explain(explain)
        })?;
        r = set(r, "text", self.text, text, SearchRequest::text)?;
        r = set(r, "offset", self.offset, count, SearchRequest::offset)?;
        r = set(r, "exact", self.exact, flag, SearchRequest::exact)?;
        let include = |at: Place<'_>, given: &Bound<'_, PyAny>| {
            let names = texts(at, given, pace)?;
            asked.vector = names.iter().any(|name| name == "vector");
            asked.text = names.iter().any(|name| name == "text");
            Include::parse(names).map_err(|error| raised(py, error))
        };
        r = set(r, "include", self.include, include, SearchRequest::include)?;
        r = set(r, "min_score", self.min_score, number, SearchRequest::min_score)?;
        let filter = self.filter.map(|given| values::filter(Place::Argument("filter"), given, pace));
        Ok(Search { request: r, filter: filter.transpose()?, asked })
    }
}

impl Search {
    fn run(self, py: Python<'_>, db: &vectlite::Database) -> PyResult<(SearchResponse, Asked)> {
        let Search { request, filter, asked } = self;
        // Moved, so that a large filter is freed without the interpreter, too.
        let response = engine(py, move || {
            let request = match filter {
                Some(filter) => request.filter(Filter::parse(&filter)?),
                None => request,
            };
            db.search(&request)
        })?;
        Ok((response, asked))
    }
}

fn only_hits(py: Python<'_>, response: SearchResponse, asked: Asked) -> PyResult<Bound<'_, PyList>> {
    hits_out(py, response.hits, asked)
}

/// Defines the methods of a search, which differ in what they answer only: Python's keywords stand here once.
macro_rules! searches {
    ($($(#[$doc:meta])* $name:ident -> $answer:ty = $out:expr;)*) => {$(
        #[pymethods]
        impl Database {
            $(#[$doc])*
            #[pyo3(
                signature = (query=None, k=None, filter=None, namespace=None, all_namespaces=None, sparse=None,
                             dense_weight=None, sparse_weight=None, fetch_k=None, mmr_lambda=None, vector_name=None,
                             fusion=None, rrf_k=None, *, explain=None, text=None, offset=None, exact=None, include=None,
                             min_score=None),
                text_signature = "($self, query=None, k=10, filter=None, namespace=None, all_namespaces=False, \
                                  sparse=None, dense_weight=1.0, sparse_weight=1.0, fetch_k=0, mmr_lambda=None, \
                                  vector_name=None, fusion='linear', rrf_k=60, *, explain=False, text=None, offset=0, \
                                  exact=False, include=None, min_score=None)"
            )]
            #[expect(clippy::too_many_arguments, reason = "they are Python's keywords")]
            fn $name<'py>(
                &self,
                py: Python<'py>,
                query: Given<'_, 'py>,
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
                exact: Given<'_, 'py>,
                include: Given<'_, 'py>,
                min_score: Given<'_, 'py>,
            ) -> PyResult<Bound<'py, $answer>> {
                let db = self.open(py)?;
                let arguments = Arguments {
                    query,
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
                    exact,
                    include,
                    min_score,
                };
                let (response, asked) = arguments.convert(py)?.run(py, db)?;
                $out(py, response, asked)
            }
        }
    )*};
}

searches! {
    /// The hits of a search by vector, by text or sparse terms, or by both, best first.
    search -> PyList = only_hits;
    /// The hits of a search, and how they were found: `{"results": …, "stats": …}`.
    search_with_stats -> PyDict = response_out;
}
