//! Searching.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use vectlite::{Filter, Include, Reranking, SearchRequest, SearchResponse, Searchable, Value};

use crate::call::engine;
use crate::convert::Given;
use crate::convert::hits::{Asked, hits_out, response_out};
use crate::convert::matrix::Matrix;
use crate::convert::pace::{Making, Pace};
use crate::convert::place::Place;
use crate::convert::records::spaces;
use crate::convert::scalars::{count, flag, number, text, texts};
use crate::convert::values;
use crate::convert::vectors::vector;
use crate::database::Database;
use crate::error::raised;
use crate::read_view::ReadView;
use crate::rerank::{callable, reranked};

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
    truncate_dim: Given<'a, 'py>,
    explain: Given<'a, 'py>,
    rerank: Given<'a, 'py>,
    rerank_k: Given<'a, 'py>,
    query_vectors: Given<'a, 'py>,
    vector_weights: Given<'a, 'py>,
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
    /// How many of the best hits a function is to put in order; nothing without one.
    rerank_k: Option<usize>,
}

impl<'py> Arguments<'_, 'py> {
    fn convert(&self, py: Python<'py>, query: Given<'_, 'py>) -> PyResult<Search> {
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
        set(r, "truncate_dim", self.truncate_dim, count, SearchRequest::truncate_dim)?;
        let vectors = |at: Place<'_>, given: &Bound<'_, PyAny>| spaces(at, given, pace);
        set(r, "query_vectors", self.query_vectors, vectors, SearchRequest::query_vectors)?;
        let weights = |at: Place<'_>, given: &Bound<'_, PyAny>| {
            let given = values::entries(at, given)?.into_iter();
            given.map(|(space, weight)| Ok((space.clone(), number(at.key(&space), &weight)?))).collect()
        };
        let build = SearchRequest::vector_weights::<String>;
        set(r, "vector_weights", self.vector_weights, weights, |request, given: Vec<_>| {
            build(request, given)
        })?;
        let rerank_k = self.rerank_k.map(|given| count(Place::Argument("rerank_k"), given)).transpose()?;
        self.rerank.map(callable).transpose()?;
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
        let rerank_k = self.rerank.map(|_| rerank_k.unwrap_or(0));
        Ok(Search { request, filter: filter.transpose()?, asked, rerank_k })
    }
}

impl Search {
    /// The request whole, and what is left to a function of its hits.
    fn request(self) -> vectlite::Result<(SearchRequest, Option<Reranking>)> {
        let request = match self.filter {
            Some(filter) => self.request.filter(Filter::parse(&filter)?),
            None => self.request,
        };
        match self.rerank_k {
            None => Ok((request, None)),
            Some(rerank_k) => {
                let reranking = request.reranking(rerank_k)?;
                Ok((reranking.pool().clone(), Some(reranking)))
            }
        }
    }
}

/// The hits of a response as a list, in the order that the caller's function gives them, and how many that saw.
fn ordered<'py>(
    response: &mut SearchResponse,
    asked: Asked,
    reranking: Option<&Reranking>,
    arguments: &Arguments<'_, 'py>,
    making: &mut Making<'py>,
) -> PyResult<(Bound<'py, PyList>, Option<usize>)> {
    let hits = hits_out(std::mem::take(&mut response.hits), asked, making)?;
    match (reranking, arguments.rerank) {
        (Some(reranking), Some(function)) => {
            let seen = hits.len();
            // The function is not ours: it runs as if nothing were being made.
            making.pause()?;
            Ok((reranked(function, arguments.text, hits, reranking)?, Some(seen)))
        }
        _ => Ok((hits, None)),
    }
}

/// One query.
fn run<'py>(
    searched: &impl Searchable,
    query: Given<'_, 'py>,
    arguments: &Arguments<'_, 'py>,
    making: &mut Making<'py>,
) -> PyResult<(Bound<'py, PyList>, Option<usize>, SearchResponse)> {
    let py = making.py();
    let search = arguments.convert(py, query)?;
    let asked = search.asked;
    // Moved, so that a large filter is freed without the interpreter, too.
    let (mut response, reranking) = engine(py, move || {
        let (request, reranking) = search.request()?;
        Ok((searched.search(&request)?, reranking))
    })?;
    let (hits, seen) = ordered(&mut response, asked, reranking.as_ref(), arguments, making)?;
    Ok((hits, seen, response))
}

fn hits<'py>(
    searched: &impl Searchable,
    query: Given<'_, 'py>,
    arguments: &Arguments<'_, 'py>,
    making: &mut Making<'py>,
) -> PyResult<Bound<'py, PyList>> {
    run(searched, query, arguments, making).map(|(hits, ..)| hits)
}

fn response<'py>(
    searched: &impl Searchable,
    query: Given<'_, 'py>,
    arguments: &Arguments<'_, 'py>,
    making: &mut Making<'py>,
) -> PyResult<Bound<'py, PyDict>> {
    let (hits, seen, response) = run(searched, query, arguments, making)?;
    response_out(hits, response.stats, seen)
}

/// Many queries.
fn batch<'py>(
    searched: &impl Searchable,
    queries: Given<'_, 'py>,
    arguments: &Arguments<'_, 'py>,
    making: &mut Making<'py>,
) -> PyResult<Bound<'py, PyList>> {
    let py = making.py();
    let at = Place::Argument("queries");
    let nothing = py.None().into_bound(py);
    let vectors = Matrix::new(at, queries.unwrap_or(&nothing))?.all(py, at, &mut Pace::new())?;
    let search = arguments.convert(py, None)?;
    let asked = search.asked;
    let (responses, reranking) = engine(py, move || {
        let (request, reranking) = search.request()?;
        Ok((searched.search_batch(&vectors, &request)?, reranking))
    })?;
    let list = PyList::empty(py);
    for mut response in responses {
        let (hits, _) = ordered(&mut response, asked, reranking.as_ref(), arguments, making)?;
        list.append(hits)?;
    }
    Ok(list)
}

/// Defines methods of a search, which differ in what they answer only: Python's keywords stand here once.
macro_rules! searches {
    ($class:ident, $query:ident, $signature:tt; $($(#[$doc:meta])* $name:ident -> $answer:ty = $run:ident;)*)
    => {$(
        #[pymethods]
        impl $class {
            $(#[$doc])*
            #[pyo3(
                signature = ($query=None, k=None, filter=None, namespace=None, all_namespaces=None, sparse=None,
                             dense_weight=None, sparse_weight=None, fetch_k=None, mmr_lambda=None, vector_name=None,
                             fusion=None, rrf_k=None, truncate_dim=None, explain=None, rerank=None, rerank_k=None,
                             query_vectors=None, vector_weights=None, *, text=None, offset=None, ef_search=None,
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
                truncate_dim: Given<'_, 'py>,
                explain: Given<'_, 'py>,
                rerank: Given<'_, 'py>,
                rerank_k: Given<'_, 'py>,
                query_vectors: Given<'_, 'py>,
                vector_weights: Given<'_, 'py>,
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
                    truncate_dim,
                    explain,
                    rerank,
                    rerank_k,
                    query_vectors,
                    vector_weights,
                    text,
                    offset,
                    ef_search,
                    exact,
                    include,
                    min_score,
                };
                $run(&*self.open(py)?, $query, &arguments, &mut self.making(py))
            }
        }
    )*};
}

/// The searches of a class.
macro_rules! all_searches {
    ($class:ident) => {
        searches! {
            $class,
            query,
            "($self, query=None, k=10, filter=None, namespace=None, all_namespaces=False, sparse=None, dense_weight=1.0, \
             sparse_weight=1.0, fetch_k=0, mmr_lambda=None, vector_name=None, fusion='linear', rrf_k=60, truncate_dim=None, \
             explain=False, rerank=None, rerank_k=0, query_vectors=None, vector_weights=None, *, text=None, offset=0, \
             ef_search=None, exact=False, include=None, min_score=None)";
            #[doc = doc!("_Reads.search")]
            search -> PyList = hits;
            #[doc = doc!("_Reads.search_with_stats")]
            search_with_stats -> PyDict = response;
        }

        searches! {
            $class,
            queries,
            "($self, queries, k=10, filter=None, namespace=None, all_namespaces=False, sparse=None, dense_weight=1.0, \
             sparse_weight=1.0, fetch_k=0, mmr_lambda=None, vector_name=None, fusion='linear', rrf_k=60, truncate_dim=None, \
             explain=False, rerank=None, rerank_k=0, query_vectors=None, vector_weights=None, *, text=None, offset=0, \
             ef_search=None, exact=False, include=None, min_score=None)";
            #[doc = doc!("_Reads.search_batch")]
            search_batch -> PyList = batch;
        }
    };
}

all_searches! { Database }
all_searches! { ReadView }
