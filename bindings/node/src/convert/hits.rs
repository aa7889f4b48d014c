//! Hits and responses.

use napi::bindgen_prelude::{FnArgs, FromNapiValue, Function, Object, ToNapiValue, Unknown};
use napi::{Env, JsValue};
use napi_derive::napi;
use vectlite::{Hit, SearchRequest, SearchResponse};

use super::explain::Explanation;
use super::plain::Plain;
use super::records::list;
use super::stats::RunStats;
use super::vectors::vector_out;
use crate::error::Result;
use crate::hooks::{Any, HitValues, Hooks, any};
use crate::rerank::{Answer, Rerank};

/// A record that a search found.
#[napi(object, js_name = "Hit", object_from_js = false, object_to_js = false)]
#[expect(dead_code, reason = "an interface of TypeScript; a hook makes the objects")]
pub struct FoundHit {
    /// The namespace of the record; the default one is `""`.
    pub namespace: String,
    /// The id of the record, unique in its namespace.
    pub id: String,
    /// How well it matches; higher is better. The fused score when a search asked for dense and sparse, otherwise the raw one.
    pub score: f64,
    /// The raw score of its vector under the metric, when the dense source found it.
    #[napi(ts_type = "number | null")]
    pub dense_score: (),
    /// The raw score of its terms, when the sparse source found it.
    #[napi(ts_type = "number | null")]
    pub sparse_score: (),
    /// The vector space of `denseScore`; `null` for the default one and where there is no such score.
    #[napi(ts_type = "string | null")]
    pub vector_name: (),
    /// The terms of the query that the record holds, sorted.
    #[napi(ts_type = "string[]")]
    pub matched_terms: (),
    /// Its place among the dense candidates, from 1.
    #[napi(ts_type = "number | null")]
    pub dense_rank: (),
    /// Its place among the sparse candidates, from 1.
    #[napi(ts_type = "number | null")]
    pub sparse_rank: (),
    /// Its metadata; empty when `include` leaves it out.
    #[napi(ts_type = "Metadata")]
    pub metadata: (),
    /// Its vector in the searched space as it was given, when `include` asks for it.
    #[napi(ts_type = "Float32Array | null")]
    pub vector: Option<()>,
    /// Its text, when `include` asks for it.
    #[napi(ts_type = "string | null")]
    pub text: Option<()>,
    /// What `rerank` has put there; `null` when it has put nothing. There after a `rerank` only.
    #[napi(ts_type = "number | null")]
    pub rerank_score: Option<()>,
    /// Where `score` comes from, when `explain` asks for it.
    #[napi(ts_type = "Explanation | null")]
    pub explain: Option<()>,
}

/// Hits, and how they were found.
#[napi(object, js_name = "SearchResponse", object_from_js = false, object_to_js = false)]
#[expect(dead_code, reason = "an interface of TypeScript; a hook makes the objects")]
pub struct FoundResponse {
    /// The hits, best first; under MMR in the order of choice.
    pub results: Vec<FoundHit>,
    /// How they were found.
    #[napi(ts_type = "SearchStats")]
    pub stats: (),
}

/// A response, and what its search asked for besides keys, scores and metadata: only that becomes a key of each hit.
pub(crate) struct Found {
    pub(crate) response: SearchResponse,
    pub(crate) asked: Asked,
}

/// The responses of many queries, and what they asked for.
pub(crate) struct FoundBatch {
    pub(crate) responses: Vec<SearchResponse>,
    pub(crate) asked: Asked,
}

/// What a search asked for besides.
#[derive(Default)]
pub(crate) struct Asked {
    pub(crate) vector: bool,
    pub(crate) text: bool,
    pub(crate) explain: bool,
    /// A function that puts the hits in order.
    pub(crate) rerank: Option<Rerank>,
}

impl Asked {
    /// The request as it is run: for a function to put in order, of more hits than are asked for.
    pub(crate) fn pool(&mut self, request: SearchRequest) -> Result<SearchRequest> {
        match &mut self.rerank {
            Some(rerank) => Ok(rerank.pool(&request)?),
            None => Ok(request),
        }
    }
}

/// The hits of a response.
pub(crate) fn hits_out(env: &Env, found: Found) -> Result<Unknown<'_>> {
    let hook = Hooks::of(env)?.hit.borrow_back(env)?;
    let plain = Plain::new(env)?;
    let hits = list(env, found.response.hits, |hit| hit_out(&plain, &hook, hit, &found.asked))?;
    reranked(env, &found.asked, hits, Answer::Hits)
}

/// What was found, in the order of the caller's function if there is one.
fn reranked<'env>(
    env: &'env Env,
    asked: &Asked,
    found: Unknown<'env>,
    answer: Answer,
) -> Result<Unknown<'env>> {
    match &asked.rerank {
        Some(rerank) => Ok(rerank.reranked(env, found, answer)?),
        None => Ok(found),
    }
}

/// The hits of each response.
pub(crate) fn batch_out(env: &Env, found: FoundBatch) -> Result<Unknown<'_>> {
    let hook = Hooks::of(env)?.hit.borrow_back(env)?;
    let plain = Plain::new(env)?;
    let lists = list(env, found.responses, |response| {
        list(env, response.hits, |hit| hit_out(&plain, &hook, hit, &found.asked))
    })?;
    reranked(env, &found.asked, lists, Answer::Lists)
}

/// A response whole.
pub(crate) fn response_out(env: &Env, found: Found) -> Result<Unknown<'_>> {
    let Found { response, mut asked } = found;
    let rerank = asked.rerank.take();
    let stats = RunStats::of(response.stats, rerank.as_ref().map(|_| response.hits.len()));
    let hits = SearchResponse { hits: response.hits, ..SearchResponse::default() };
    let mut object = Object::new(env)?;
    object.set("results", hits_out(env, Found { response: hits, asked })?)?;
    object.set("stats", stats)?;
    let asked = Asked { rerank, ..Asked::default() };
    reranked(env, &asked, object.to_unknown(), Answer::Response)
}

fn hit_out<'env>(
    plain: &Plain<'env>,
    hook: &Function<'_, FnArgs<HitValues>, Any>,
    hit: Hit,
    asked: &Asked,
) -> Result<Unknown<'env>> {
    let env = plain.env;
    let score = |score: Option<f64>| plain.or_null(score, |score| Ok(score.into_unknown(env)?));
    let rank = |rank: Option<usize>| plain.or_null(rank, |rank| Ok((rank as f64).into_unknown(env)?));
    let made = hook.call(FnArgs::from((
        any(plain.name(&hit.namespace)?.to_unknown())?,
        any(hit.id.into_unknown(env)?)?,
        any(hit.score.into_unknown(env)?)?,
        any(score(hit.dense_score)?)?,
        any(score(hit.sparse_score)?)?,
        any(plain.or_null(hit.vector_name, |name| Ok(name.into_unknown(env)?))?)?,
        any(hit.matched_terms.into_unknown(env)?)?,
        any(rank(hit.dense_rank)?)?,
        any(rank(hit.sparse_rank)?)?,
        any(plain.metadata(&hit.metadata)?)?,
    )))?;
    let mut object = Object::from_unknown(made)?;
    if asked.vector {
        object.set("vector", plain.or_null(hit.vector, |vector| vector_out(env, &vector))?)?;
    }
    if asked.text {
        object.set("text", plain.or_null(hit.text, |text| Ok(text.into_unknown(env)?))?)?;
    }
    if asked.explain {
        let explain = |explanation| Ok(Explanation::from(explanation).into_unknown(env)?);
        object.set("explain", plain.or_null(hit.explain, explain)?)?;
    }
    Ok(made)
}
