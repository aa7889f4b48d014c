//! Hits and responses.

use napi::bindgen_prelude::{FnArgs, FromNapiValue, Object, ToNapiValue, Unknown};
use napi::{Env, JsValue};
use napi_derive::napi;
use vectlite::{Hit, SearchResponse};

use super::explain::Explanation;
use super::records::{list, or_null};
use super::stats::RunStats;
use super::values::metadata_out;
use super::vectors::vector_out;
use crate::error::Result;
use crate::hooks::{Hooks, any};

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
    #[napi(ts_type = "Float32Array")]
    pub vector: Option<()>,
    /// Its text, when `include` asks for it.
    pub text: Option<String>,
    /// Where `score` comes from, when `explain` asks for it.
    pub explain: Option<Explanation>,
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

/// The hits of a response.
pub(crate) fn hits_out(env: &Env, response: SearchResponse) -> Result<Unknown<'_>> {
    list(env, response.hits, hit_out)
}

/// A response whole.
pub(crate) fn response_out(env: &Env, response: SearchResponse) -> Result<Unknown<'_>> {
    let mut object = Object::new(env)?;
    object.set("results", list(env, response.hits, hit_out)?)?;
    object.set("stats", RunStats::from(response.stats))?;
    Ok(object.to_unknown())
}

fn hit_out(env: &Env, hit: Hit) -> Result<Unknown<'_>> {
    let score = |score: Option<f64>| or_null(env, score, |env, score| Ok(score.into_unknown(env)?));
    let rank = |rank: Option<usize>| or_null(env, rank, |env, rank| Ok((rank as f64).into_unknown(env)?));
    let vector_name = or_null(env, hit.vector_name, |env, name| Ok(name.into_unknown(env)?))?;
    let made = Hooks::of(env)?.hit.borrow_back(env)?.call(FnArgs::from((
        any(hit.namespace.into_unknown(env)?)?,
        any(hit.id.into_unknown(env)?)?,
        any(hit.score.into_unknown(env)?)?,
        any(score(hit.dense_score)?)?,
        any(score(hit.sparse_score)?)?,
        any(vector_name)?,
        any(hit.matched_terms.into_unknown(env)?)?,
        any(rank(hit.dense_rank)?)?,
        any(rank(hit.sparse_rank)?)?,
        any(metadata_out(env, &hit.metadata)?)?,
    )))?;
    let mut object = Object::from_unknown(made)?;
    if let Some(vector) = hit.vector {
        object.set("vector", vector_out(env, &vector)?)?;
    }
    if let Some(text) = hit.text {
        object.set("text", text)?;
    }
    if let Some(explanation) = hit.explain {
        object.set("explain", Explanation::from(explanation))?;
    }
    Ok(made)
}
