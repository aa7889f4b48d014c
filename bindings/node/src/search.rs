//! Searching: what a search is asked for.

use std::sync::Arc;

use napi::bindgen_prelude::Unknown;
use napi::{Env, ValueType};
use vectlite::{Fusion, Include, SearchRequest, Searchable};

use crate::call::{Call, twins};
use crate::convert::hits::{Asked, Found, FoundBatch, batch_out, hits_out, response_out};
use crate::convert::options::{count_of, declare, namespace, options};
use crate::convert::place::Place;
use crate::convert::records::{spaces, strings};
use crate::convert::scalars::{boolean, function, given, number, string, unexpected};
use crate::convert::values::{factors, filter, sparse};
use crate::convert::vectors::{is_vector, vector, vectors};
use crate::database::Database;
use crate::error::{Failure, Result};
use crate::functions::analyzed_request;
use crate::read_view::ReadView;
use crate::rerank::Rerank;

declare! {
    /// What a search is asked for. At least one of `query`, `text` and `sparse`.
    SearchOptions {
        /// The vector to search by, unless it is the first argument.
        query "query" "VectorInput | null",
        /// The most hits that come back, 10 by default.
        k "k" "number | null",
        /// Finds only records whose metadata this filter accepts.
        filter "filter" "Filter | null",
        /// The namespace that is searched; the default one without it.
        namespace "namespace" "string | null",
        /// Whether every namespace is searched.
        all_namespaces "allNamespaces" "boolean | null",
        /// Words to look for in texts; `"a phrase"`, `+must`, `-not`, `prefix*` and `fuzzy~1` mean what they say.
        text "text" "string | null",
        /// Terms and their weights, added to those of `text`.
        sparse "sparse" "Terms | null",
        /// The factor of the dense score in fusion, 1 by default.
        dense_weight "denseWeight" "number | null",
        /// The factor of the sparse score in fusion, 1 by default.
        sparse_weight "sparseWeight" "number | null",
        /// How many candidates each source gives to fusion and MMR; by default max(4 k, 64).
        fetch_k "fetchK" "number | null",
        /// Chooses hits unlike each other: 1 looks at the score only, 0 at unlikeness only.
        mmr_lambda "mmrLambda" "number | null",
        /// The vector space that is searched; the default one without it.
        vector_name "vectorName" "string | null",
        /// How dense and sparse scores become one, `"linear"` by default.
        fusion "fusion" "'linear' | 'rrf' | null",
        /// The constant of RRF, 60 by default.
        rrf_k "rrfK" "number | null",
        /// Compares the first so many components only, exactly: for Matryoshka embeddings. The query may have been cut already.
        truncate_dim "truncateDim" "number | null",
        /// Puts the best hits in an order of its own, and may leave some out. What it throws, the search throws; a promise is
        /// waited for by the `Async` methods.
        rerank "rerank" "Rerank | null",
        /// How many hits `rerank` sees; 0, the default, is `fetchK` of them. `offset` and `k` cut the page out of what it returns.
        rerank_k "rerankK" "number | null",
        /// Vectors for several vector spaces, in place of `query`; `""` is the default space. A score is the sum of weight times
        /// score. Under cosine and dot product a record without one of the vectors gets nothing from it; under the distances it
        /// is no candidate.
        query_vectors "queryVectors" "Record<string, VectorInput> | null",
        /// The factors of those spaces; 1 where none is given.
        vector_weights "vectorWeights" "Record<string, number> | null",
        /// How many of the best hits are left out.
        offset "offset" "number | null",
        /// Whether each hit explains its score.
        explain "explain" "boolean | null",
        /// How many candidates the search of a graph keeps, 1 to 65,536: more find better ones and take longer. As the
        /// database is configured without it; of no effect on exact answers.
        ef_search "efSearch" "number | null",
        /// Whether the answer has to be the true one, at the price of a scan.
        exact "exact" "boolean | null",
        /// What hits carry besides key and scores; the metadata by default.
        include "include" "Iterable<'metadata' | 'vector' | 'text'> | null",
        /// Leaves out hits whose score is below.
        min_score "minScore" "number | null",
    }
}

/// The searches of a class.
macro_rules! searches {
    ($class:ident) => {
        twins! { $class {
            /// The records that match best: by a vector, by text or sparse terms, or by both. `search(query, options)`,
            /// `search(options)`, `search(query, k)`.
            search search_async(query, options)
                "query?: VectorInput | SearchOptions | null, options?: SearchOptions | number | null" "Hit[]",
                "query?: VectorInput | (SearchOptions & Abortable) | null, options?: (SearchOptions & Abortable) | number | null"
                "Promise<Hit[]>" = hits;

            /// The same with how the search was run.
            search_with_stats search_with_stats_async(query, options)
                "query?: VectorInput | SearchOptions | null, options?: SearchOptions | number | null" "SearchResponse",
                "query?: VectorInput | (SearchOptions & Abortable) | null, options?: (SearchOptions & Abortable) | number | null"
                "Promise<SearchResponse>" = response;

            /// The records that match best by each of many vectors, in the order of the vectors: with all cores, and all of one state.
            /// `searchBatch(queries, options)`, `searchBatch(queries, k)`. The first query that fails, by its position, fails all.
            search_batch search_batch_async(queries, options)
                "queries: Iterable<VectorInput>, options?: Omit<SearchOptions, 'query'> | number | null" "Hit[][]",
                "queries: Iterable<VectorInput>, options?: (Omit<SearchOptions, 'query'> & Abortable) | number | null"
                "Promise<Hit[][]>" = batch;
        } }

        impl $class {
            fn hits<'a>(&self, env: &Env, query: Unknown<'a>, options: Unknown<'a>) -> Result<Call<'a, Found>> {
                searching(env, self.engine()?, query, options, hits_out)
            }

            fn response<'a>(
                &self,
                env: &Env,
                query: Unknown<'a>,
                options: Unknown<'a>,
            ) -> Result<Call<'a, Found>> {
                searching(env, self.engine()?, query, options, response_out)
            }

            fn batch<'a>(
                &self,
                env: &Env,
                queries: Unknown<'a>,
                options: Unknown<'a>,
            ) -> Result<Call<'a, FoundBatch>> {
                searching_batch(env, self.engine()?, queries, options)
            }
        }
    };
}

searches! { Database }
searches! { ReadView }

fn searching<'a>(
    env: &Env,
    searched: Arc<impl Searchable + 'static>,
    query: Unknown<'a>,
    options: Unknown<'a>,
    answer: for<'env> fn(&'env Env, Found) -> Result<Unknown<'env>>,
) -> Result<Call<'a, Found>> {
    let (request, mut asked, signal) = request(env, query, options)?;
    let request = analyzed_request(env, &*searched, request)?;
    let request = asked.pool(request)?;
    let work = move || Ok(Found { response: searched.search(&request)?, asked });
    Ok(Call::new(signal, work, answer).computing())
}

fn searching_batch<'a>(
    env: &Env,
    searched: Arc<impl Searchable + 'static>,
    queries: Unknown<'a>,
    options: Unknown<'a>,
) -> Result<Call<'a, FoundBatch>> {
    let vectors = vectors(env, Place::Root("queries"), queries)?;
    let (given, signal) = request_options(given(options)?)?;
    if given.query.is_some() {
        return Err(Failure::invalid(
            "query: expected none beside the queries, which are the first argument",
        ));
    }
    let (request, mut asked) = asked(env, given)?;
    let request = analyzed_request(env, &*searched, request)?;
    let request = asked.pool(request)?;
    let work = move || Ok(FoundBatch { responses: searched.search_batch(&vectors, &request)?, asked });
    Ok(Call::new(signal, work, batch_out).computing())
}

type Signal<'a> = Option<Unknown<'a>>;

/// The request of one of the three forms.
fn request<'a>(
    env: &Env,
    query: Unknown<'a>,
    second: Unknown<'a>,
) -> Result<(SearchRequest, Asked, Signal<'a>)> {
    let at = Place::Root("query");
    let (query, second) = (given(query)?, given(second)?);
    let (query, options_given) = match query {
        Some(value) if is_vector(value)? => (Some(value), second),
        Some(value) if value.get_type()? == ValueType::Object => match second {
            None => (None, Some(value)),
            Some(second) => {
                return Err(unexpected(Place::Root("options"), "none behind search({ … })", second));
            }
        },
        Some(value) => return Err(unexpected(at, "a vector or an object of options", value)),
        None => (None, second),
    };
    let (mut given, signal) = request_options(options_given)?;
    if let Some(query) = query
        && given.query.replace(query).is_some()
    {
        return Err(Failure::invalid("query: expected once, got it as an argument and as an option"));
    }
    let (request, asked) = asked(env, given)?;
    Ok((request, asked, signal))
}

/// Options, or only their `k`.
fn request_options<'a>(value: Option<Unknown<'a>>) -> Result<(SearchOptions<'a>, Signal<'a>)> {
    match value {
        Some(value) if value.get_type()? == ValueType::Number => {
            Ok((SearchOptions { k: Some(value), ..SearchOptions::default() }, None))
        }
        Some(value) => options::<SearchOptions<'a>>(value),
        None => Ok((SearchOptions::default(), None)),
    }
}

/// The engine's defaults, and what was given instead.
fn asked(env: &Env, given: SearchOptions<'_>) -> Result<(SearchRequest, Asked)> {
    let mut request = SearchRequest::new();
    let mut asked = Asked::default();
    if let Some(value) = given.query {
        request = request.vector(vector(env, Place::Root("query"), value)?);
    }
    if let Some(value) = given.text {
        request = request.text(string(Place::Root("text"), value)?);
    }
    if let Some(value) = given.sparse {
        request = request.sparse(sparse(Place::Root("sparse"), value)?);
    }
    if let Some(k) = count_of("k", given.k)? {
        request = request.k(k);
    }
    if let Some(offset) = count_of("offset", given.offset)? {
        request = request.offset(offset);
    }
    if let Some(value) = given.filter {
        request = request.filter(filter(Place::Root("filter"), value)?);
    }
    if let Some(namespace) = namespace(given.namespace)? {
        request = request.namespace(namespace);
    }
    if let Some(value) = given.all_namespaces {
        request = request.all_namespaces(boolean(Place::Root("allNamespaces"), value)?);
    }
    if let Some(value) = given.dense_weight {
        request = request.dense_weight(number(Place::Root("denseWeight"), value)?);
    }
    if let Some(value) = given.sparse_weight {
        request = request.sparse_weight(number(Place::Root("sparseWeight"), value)?);
    }
    if let Some(fetch_k) = count_of("fetchK", given.fetch_k)? {
        request = request.fetch_k(fetch_k);
    }
    if let Some(value) = given.mmr_lambda {
        request = request.mmr_lambda(number(Place::Root("mmrLambda"), value)?);
    }
    if let Some(value) = given.vector_name {
        request = request.vector_name(string(Place::Root("vectorName"), value)?);
    }
    if let Some(value) = given.fusion {
        request = request.fusion(string(Place::Root("fusion"), value)?.parse::<Fusion>()?);
    }
    if let Some(rrf_k) = count_of("rrfK", given.rrf_k)? {
        request = request.rrf_k(rrf_k);
    }
    if let Some(n) = count_of("truncateDim", given.truncate_dim)? {
        request = request.truncate_dim(n);
    }
    if let Some(value) = given.query_vectors {
        request = request.query_vectors(spaces(env, Place::Root("queryVectors"), value)?);
    }
    if let Some(value) = given.vector_weights {
        request = request.vector_weights(factors(Place::Root("vectorWeights"), value)?);
    }
    if let Some(value) = given.explain {
        asked.explain = boolean(Place::Root("explain"), value)?;
        request = request.explain(asked.explain);
    }
    if let Some(ef) = count_of("efSearch", given.ef_search)? {
        request = request.ef_search(ef);
    }
    if let Some(value) = given.exact {
        request = request.exact(boolean(Place::Root("exact"), value)?);
    }
    if let Some(value) = given.include {
        let names = strings(env, Place::Root("include"), value)?;
        request = request.include(Include::parse(&names)?);
        asked.vector = names.iter().any(|name| name == "vector");
        asked.text = names.iter().any(|name| name == "text");
    }
    if let Some(value) = given.min_score {
        request = request.min_score(number(Place::Root("minScore"), value)?);
    }
    let rerank_k = count_of("rerankK", given.rerank_k)?.unwrap_or_default();
    if let Some(function) = function(Place::Root("rerank"), given.rerank)? {
        let text = given.text.map(|value| string(Place::Root("text"), value)).transpose()?;
        asked.rerank = Some(Rerank::new(function, text, rerank_k)?);
    }
    Ok((request, asked))
}
