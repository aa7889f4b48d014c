//! A request that has been checked: what the rest of the search path works with.
//!
//! It can be made by [`SearchRequest::validate`] only, so nothing behind it checks anything again.

use std::collections::BTreeMap;

use vectlite_ann::{Metric, is_zero_norm};

use super::fusion::Fusion;
use super::include::Include;
use super::request::SearchRequest;
use crate::error::{Error, Result};
use crate::filter::Filter;
use crate::limits::{
    MAX_DIMENSION, MAX_EF_SEARCH, MAX_NAME_BYTES, MAX_SPARSE_TERMS, MAX_TERM_BYTES, MAX_TEXT_BYTES,
};

/// The default of `fetch_k` is this many candidates for each hit asked for: fusion and MMR reorder, and a hit of theirs
/// may be far down in its source.
const FETCH_FACTOR: usize = 4;
/// The default of `fetch_k` is never less, as small pools make fusion and MMR depend on chance.
const MIN_FETCH_K: usize = 64;

/// What has to be known of a vector space to check a query vector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SpaceFacts {
    pub(crate) metric: Metric,
    /// `None` until the first vector fixes it.
    pub(crate) dimension: Option<usize>,
}

/// Which records are searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope<'r> {
    All,
    Namespace(&'r str),
}

/// The sparse half of a query: text to analyze, terms to add, or both. Neither has to hold a term.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct SparseQuery<'r> {
    pub(crate) text: Option<&'r str>,
    pub(crate) terms: Option<&'r BTreeMap<String, f32>>,
}

/// A request whose every argument is in range, with the defaults filled in.
#[derive(Debug, Clone)]
pub(crate) struct ValidRequest<'r> {
    /// The query vector; never zero under cosine. At least one of `dense` and `sparse` is there.
    pub(crate) dense: Option<&'r [f32]>,
    pub(crate) sparse: Option<SparseQuery<'r>>,
    /// The vector space of `dense`, of MMR's likeness and of the vectors that hits bring along.
    pub(crate) space: &'r str,
    pub(crate) scope: Scope<'r>,
    pub(crate) filter: Option<&'r Filter>,
    /// Hits that come back, at most.
    pub(crate) k: usize,
    /// Hits left out before them.
    pub(crate) offset: usize,
    /// The best hits that must be known: `offset + k`, 0 when `k` is. Up to `usize::MAX`: nothing may be
    /// allocated by it.
    pub(crate) window: usize,
    /// Candidates of each source and MMR's pool; at least `window`, so that `k` is kept. As large as that may be.
    pub(crate) fetch_k: usize,
    pub(crate) dense_weight: f64,
    pub(crate) sparse_weight: f64,
    pub(crate) fusion: Fusion,
    pub(crate) rrf_k: usize,
    pub(crate) mmr_lambda: Option<f64>,
    pub(crate) min_score: Option<f64>,
    /// The candidates to rank: `fetch_k` where sources are fused or MMR chooses, else `window`, as nothing is reordered.
    pub(crate) wanted: usize,
    pub(crate) exact: bool,
    pub(crate) ef_search: Option<usize>,
    pub(crate) explain: bool,
    pub(crate) include: Include,
}

impl SearchRequest {
    /// Checks every argument, `vector` being what is searched by and `space` the vector space that the request names.
    ///
    /// # Errors
    /// `InvalidArgument` naming the argument, what was expected and what came; `DimensionMismatch`.
    pub(crate) fn validate<'r>(
        &'r self,
        vector: Option<&'r [f32]>,
        space: SpaceFacts,
    ) -> Result<ValidRequest<'r>> {
        if vector.is_none() && self.text.is_none() && self.sparse.is_none() {
            return Err(Error::invalid(
                "a search needs something to search by: give a query vector, text or sparse terms",
            ));
        }
        if let Some(vector) = vector {
            check_vector(vector, space)?;
        }
        if let Some(text) = &self.text {
            at_most("text", text.len(), MAX_TEXT_BYTES, "bytes")?;
        }
        if let Some(terms) = &self.sparse {
            check_terms(terms)?;
        }
        at_most("vector_name", self.vector_name.len(), MAX_NAME_BYTES, "bytes")?;
        check_weight("dense_weight", self.dense_weight)?;
        check_weight("sparse_weight", self.sparse_weight)?;
        if self.rrf_k < 1 {
            return Err(Error::invalid("rrf_k: expected at least 1, got 0"));
        }
        if let Some(lambda) = self.mmr_lambda.filter(|lambda| !(0.0..=1.0).contains(lambda)) {
            return Err(Error::invalid(format!("mmr_lambda: expected a number from 0 to 1, got {lambda}")));
        }
        if let Some(score) = self.min_score.filter(|score| !score.is_finite()) {
            return Err(Error::invalid(format!("min_score: expected a finite number, got {score}")));
        }

        if let Some(ef) = self.ef_search.filter(|ef| !(1..=MAX_EF_SEARCH).contains(ef)) {
            return Err(Error::invalid(format!("ef_search: expected 1 to {MAX_EF_SEARCH}, got {ef}")));
        }

        let window = if self.k == 0 { 0 } else { self.k.saturating_add(self.offset) };
        Ok(ValidRequest {
            dense: vector,
            sparse: (self.text.is_some() || self.sparse.is_some())
                .then_some(SparseQuery { text: self.text.as_deref(), terms: self.sparse.as_ref() }),
            space: &self.vector_name,
            scope: self.scope()?,
            filter: self.filter.as_ref(),
            k: self.k,
            offset: self.offset,
            window,
            fetch_k: self.candidates(window),
            dense_weight: self.dense_weight,
            sparse_weight: self.sparse_weight,
            fusion: self.fusion,
            rrf_k: self.rrf_k,
            mmr_lambda: self.mmr_lambda,
            min_score: self.min_score,
            wanted: if self.mixes(vector.is_some()) { self.candidates(window) } else { window },
            exact: self.exact,
            ef_search: self.ef_search,
            explain: self.explain,
            include: self.include,
        })
    }

    fn scope(&self) -> Result<Scope<'_>> {
        match &self.namespace {
            Some(name) if self.all_namespaces => Err(Error::invalid(format!(
                "all_namespaces: expected no namespace beside it, got {name:?}; give one of the two"
            ))),
            Some(name) => {
                at_most("namespace", name.len(), MAX_NAME_BYTES, "bytes")?;
                Ok(Scope::Namespace(name))
            }
            None if self.all_namespaces => Ok(Scope::All),
            None => Ok(Scope::Namespace("")),
        }
    }

    /// Whether something behind the sources reorders what they found.
    fn mixes(&self, dense: bool) -> bool {
        let sparse = self.text.is_some() || self.sparse.is_some();
        self.mmr_lambda.is_some() || (dense && sparse)
    }

    /// `fetch_k` with its default filled in.
    fn candidates(&self, window: usize) -> usize {
        let wanted = match (window, self.fetch_k) {
            (0, _) => 0,
            (_, 0) => self.k.saturating_mul(FETCH_FACTOR).max(MIN_FETCH_K),
            (_, given) => given,
        };
        wanted.max(window)
    }
}

fn check_vector(vector: &[f32], space: SpaceFacts) -> Result<()> {
    if vector.is_empty() {
        return Err(Error::invalid("query vector: expected at least one number, got none"));
    }
    match space.dimension {
        Some(dimension) if dimension != vector.len() => {
            return Err(Error::dimension_mismatch(dimension, vector.len()).context("query vector"));
        }
        _ => at_most("query vector", vector.len(), MAX_DIMENSION, "numbers")?,
    }
    if let Some(position) = vector.iter().position(|number| !number.is_finite()) {
        let number = vector.get(position).copied().unwrap_or(f32::NAN);
        return Err(Error::invalid(format!(
            "query vector: expected finite numbers, got {number} at position {position}"
        )));
    }
    if space.metric == Metric::Cosine && is_zero_norm(vector) {
        return Err(Error::invalid(
            "query vector: expected a direction, got a vector of zero norm, which cosine cannot compare with any",
        ));
    }
    Ok(())
}

fn check_terms(terms: &BTreeMap<String, f32>) -> Result<()> {
    at_most("sparse", terms.len(), MAX_SPARSE_TERMS, "terms")?;
    for (term, &weight) in terms {
        at_most("sparse: a term", term.len(), MAX_TERM_BYTES, "bytes")?;
        if !(weight.is_finite() && weight >= 0.0) {
            return Err(Error::invalid(format!(
                "sparse: expected finite weights of at least 0, got {weight} for {term:?}"
            )));
        }
    }
    Ok(())
}

fn check_weight(name: &str, weight: f64) -> Result<()> {
    if weight.is_finite() && weight >= 0.0 {
        return Ok(());
    }
    Err(Error::invalid(format!("{name}: expected a finite number of at least 0, got {weight}")))
}

fn at_most(name: &str, count: usize, limit: usize, unit: &str) -> Result<()> {
    if count <= limit {
        return Ok(());
    }
    Err(Error::invalid(format!("{name}: expected at most {limit} {unit}, got {count}")))
}

#[cfg(test)]
mod tests;
