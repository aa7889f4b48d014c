//! What a search is given, and what it gives, in Python's names.

use serde_json::{Value as Json, json};
use vectlite::{Include, SearchRequest, SearchResponse};

use super::arguments::Arguments;
use super::run::{Answer, Stop, json};

/// The request that the arguments of `search` make; only what is given is set.
pub(super) fn request(arguments: &mut Arguments) -> Result<SearchRequest, Stop> {
    let mut request = SearchRequest::new();
    if let Some(vector) = arguments.vector("query")? {
        request = request.vector(vector);
    }
    if let Some(k) = arguments.count("k")? {
        request = request.k(k);
    }
    if let Some(filter) = arguments.filter("filter")? {
        request = request.filter(filter);
    }
    if let Some(namespace) = arguments.string("namespace")? {
        request = request.namespace(namespace);
    }
    if let Some(all) = arguments.flag("all_namespaces")? {
        request = request.all_namespaces(all);
    }
    if let Some(terms) = arguments.weights("sparse")? {
        request = request.sparse(terms);
    }
    if let Some(weight) = arguments.float("dense_weight")? {
        request = request.dense_weight(weight);
    }
    if let Some(weight) = arguments.float("sparse_weight")? {
        request = request.sparse_weight(weight);
    }
    if let Some(fetch_k) = arguments.count("fetch_k")? {
        request = request.fetch_k(fetch_k);
    }
    if let Some(lambda) = arguments.float("mmr_lambda")? {
        request = request.mmr_lambda(lambda);
    }
    if let Some(space) = arguments.string("vector_name")? {
        request = request.vector_name(space);
    }
    if let Some(fusion) = arguments.string("fusion")? {
        request = request.fusion(fusion.parse()?);
    }
    if let Some(rrf_k) = arguments.count("rrf_k")? {
        request = request.rrf_k(rrf_k);
    }
    if let Some(n) = arguments.count("truncate_dim")? {
        request = request.truncate_dim(n);
    }
    if let Some(vectors) = arguments.vectors("query_vectors")? {
        request = request.query_vectors(vectors);
    }
    if let Some(weights) = arguments.factors("vector_weights")? {
        request = request.vector_weights(weights);
    }
    if let Some(explain) = arguments.flag("explain")? {
        request = request.explain(explain);
    }
    if let Some(text) = arguments.string("text")? {
        request = request.text(text);
    }
    if let Some(offset) = arguments.count("offset")? {
        request = request.offset(offset);
    }
    if let Some(ef) = arguments.count("ef_search")? {
        request = request.ef_search(ef);
    }
    if let Some(exact) = arguments.flag("exact")? {
        request = request.exact(exact);
    }
    if let Some(names) = arguments.strings("include")? {
        request = request.include(Include::parse(names)?);
    }
    if let Some(score) = arguments.float("min_score")? {
        request = request.min_score(score);
    }
    Ok(request)
}

pub(super) fn hits(response: SearchResponse) -> Result<Answer, Stop> {
    json(response.hits)
}

pub(super) fn lists_of_hits(responses: Vec<SearchResponse>) -> Result<Answer, Stop> {
    json(responses.into_iter().map(|response| response.hits).collect::<Vec<_>>())
}

pub(super) fn hits_and_stats(response: SearchResponse) -> Result<Answer, Stop> {
    let stats = serde_json::to_value(&response.stats).map_err(|error| error.to_string())?;
    let Answer::Json(hits) = hits(response)? else { return Err("hits are values".into()) };
    Ok(Answer::Json(json!({"results": hits, "stats": stats}) as Json))
}
