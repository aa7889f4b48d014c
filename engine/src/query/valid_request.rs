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
    MAX_DIMENSION, MAX_EF_SEARCH, MAX_NAME_BYTES, MAX_SLOTS, MAX_SPARSE_TERMS, MAX_TERM_BYTES,
    MAX_TEXT_BYTES, MAX_WEIGHT,
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

/// What one vector space is searched by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct SpaceQuery<'r> {
    pub(crate) name: &'r str,
    /// The components that are compared; never zero under cosine.
    pub(crate) vector: &'r [f32],
    /// The factor of its scores; 1 where one space is searched.
    pub(crate) weight: f64,
    /// Whether stored vectors are longer.
    pub(crate) truncated: bool,
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
    /// The vector spaces that are searched, by name; at least one, or `sparse` is there.
    pub(crate) dense: Vec<SpaceQuery<'r>>,
    pub(crate) sparse: Option<SparseQuery<'r>>,
    /// The vector space of MMR's likeness and of the vectors that hits bring along.
    pub(crate) space: &'r str,
    pub(crate) scope: Scope<'r>,
    pub(crate) filter: Option<&'r Filter>,
    /// Hits that come back, at most.
    pub(crate) k: usize,
    /// Hits left out before them.
    pub(crate) offset: usize,
    /// The best hits that must be known: `offset + k`, 0 when `k` is. Up to twice [`MAX_SLOTS`]: nothing may be allocated by it.
    pub(crate) window: usize,
    /// Candidates of each source and MMR's pool; at least `window`, so that `k` is kept. As large as that may be.
    pub(crate) fetch_k: usize,
    pub(crate) dense_weight: f64,
    pub(crate) sparse_weight: f64,
    pub(crate) fusion: Fusion,
    pub(crate) rrf_k: usize,
    pub(crate) mmr_lambda: Option<f64>,
    pub(crate) min_score: Option<f64>,
    /// The candidates to rank: `fetch_k` where sources are fused, spaces summed or MMR chooses, else `window`, as nothing is reordered.
    pub(crate) wanted: usize,
    pub(crate) exact: bool,
    pub(crate) ef_search: Option<usize>,
    pub(crate) explain: bool,
    pub(crate) include: Include,
}

impl SearchRequest {
    /// Checks every argument, `vector` being what is searched by; `facts` knows the vector spaces.
    ///
    /// # Errors
    /// `InvalidArgument` naming the argument, what was expected and what came; `DimensionMismatch`.
    pub(crate) fn validate<'r>(
        &'r self,
        vector: Option<&'r [f32]>,
        facts: impl Fn(&str) -> SpaceFacts,
    ) -> Result<ValidRequest<'r>> {
        at_most("vector_name", self.vector_name.len(), MAX_NAME_BYTES, "bytes")?;
        let dense = self.space_queries(vector, facts)?;
        if dense.is_empty() && self.text.is_none() && self.sparse.is_none() {
            return Err(Error::invalid(
                "a search needs something to search by: give a query vector, text or sparse terms",
            ));
        }
        if let Some(text) = &self.text {
            at_most("text", text.len(), MAX_TEXT_BYTES, "bytes")?;
        }
        if let Some(terms) = &self.sparse {
            check_terms(terms)?;
        }
        for (name, count) in [("k", self.k), ("offset", self.offset), ("fetch_k", self.fetch_k)] {
            at_most(name, count, usize::try_from(MAX_SLOTS).unwrap_or(usize::MAX), "records")?;
        }
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
            wanted: if self.mixes(&dense) { self.candidates(window) } else { window },
            space: match dense.first() {
                Some(first) if self.vector_name.is_empty() => first.name,
                _ => &self.vector_name,
            },
            dense,
            sparse: (self.text.is_some() || self.sparse.is_some())
                .then_some(SparseQuery { text: self.text.as_deref(), terms: self.sparse.as_ref() }),
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
    fn mixes(&self, dense: &[SpaceQuery<'_>]) -> bool {
        let sparse = self.text.is_some() || self.sparse.is_some();
        self.mmr_lambda.is_some() || dense.len() > 1 || (!dense.is_empty() && sparse)
    }

    /// What each vector space is searched by, by name.
    fn space_queries<'r>(
        &'r self,
        vector: Option<&'r [f32]>,
        facts: impl Fn(&str) -> SpaceFacts,
    ) -> Result<Vec<SpaceQuery<'r>>> {
        if self.truncate_dim == Some(0) {
            return Err(Error::invalid("truncate_dim: expected at least 1, got 0"));
        }
        let Some(vectors) = &self.query_vectors else {
            if self.vector_weights.is_some() {
                return Err(Error::invalid("vector_weights: expected query_vectors beside them, got none"));
            }
            let name = self.vector_name.as_str();
            let query = vector.map(|vector| self.space_query("query vector", name, vector, 1.0, facts(name)));
            return Ok(query.transpose()?.into_iter().collect());
        };
        if vector.is_some() {
            return Err(Error::invalid(
                "query_vectors: expected no query vector beside them; name its space in query_vectors, \"\" being the \
                 default one",
            ));
        }
        if vectors.is_empty() {
            return Err(Error::invalid(
                "query_vectors: expected a vector for at least one vector space, got none",
            ));
        }
        let weights = self.vector_weights.as_ref();
        for (name, &weight) in weights.into_iter().flatten() {
            if !vectors.contains_key(name) {
                return Err(Error::invalid(format!(
                    "vector_weights: expected names among those of query_vectors, got {name:?}"
                )));
            }
            check_weight(&format!("vector_weights: {name:?}"), weight)?;
        }
        let query = |(name, vector): (&'r String, &'r Vec<f32>)| {
            at_most("query_vectors: a name", name.len(), MAX_NAME_BYTES, "bytes")?;
            let weight = weights.and_then(|weights| weights.get(name)).copied().unwrap_or(1.0);
            self.space_query(&format!("query_vectors: {name:?}"), name, vector, weight, facts(name))
        };
        vectors.iter().map(query).collect()
    }

    /// What one of them is searched by.
    fn space_query<'r>(
        &self,
        what: &str,
        name: &'r str,
        vector: &'r [f32],
        weight: f64,
        space: SpaceFacts,
    ) -> Result<SpaceQuery<'r>> {
        let Some(n) = self.truncate_dim else {
            check_vector(what, vector, space.dimension, space.metric)?;
            return Ok(SpaceQuery { name, vector, weight, truncated: false });
        };
        let longest = space.dimension.unwrap_or(vector.len());
        if n > longest {
            return Err(Error::invalid(format!(
                "truncate_dim: expected at most the {longest} dimensions of the vector space {name:?}, got {n}"
            )));
        }
        // It may have been cut already.
        let dimension = space.dimension.filter(|_| vector.len() != n);
        check_vector(what, vector, dimension, space.metric)?;
        let prefix = vector.get(..n).unwrap_or(vector);
        check_direction(what, prefix, space.metric)?;
        Ok(SpaceQuery { name, vector: prefix, weight, truncated: n < longest })
    }

    /// `fetch_k` with its default filled in.
    pub(super) fn candidates(&self, window: usize) -> usize {
        let wanted = match (window, self.fetch_k) {
            (0, _) => 0,
            (_, 0) => self.k.saturating_mul(FETCH_FACTOR).max(MIN_FETCH_K),
            (_, given) => given,
        };
        wanted.max(window)
    }
}

fn check_vector(what: &str, vector: &[f32], dimension: Option<usize>, metric: Metric) -> Result<()> {
    if vector.is_empty() {
        return Err(Error::invalid(format!("{what}: expected at least one number, got none")));
    }
    match dimension {
        Some(dimension) if dimension != vector.len() => {
            return Err(Error::dimension_mismatch(dimension, vector.len()).context(what));
        }
        _ => at_most(what, vector.len(), MAX_DIMENSION, "numbers")?,
    }
    if let Some(position) = vector.iter().position(|number| !number.is_finite()) {
        let number = vector.get(position).copied().unwrap_or(f32::NAN);
        return Err(Error::invalid(format!(
            "{what}: expected finite numbers, got {number} at position {position}"
        )));
    }
    check_direction(what, vector, metric)
}

fn check_direction(what: &str, vector: &[f32], metric: Metric) -> Result<()> {
    if metric == Metric::Cosine && is_zero_norm(vector) {
        return Err(Error::invalid(format!(
            "{what}: expected a direction, got a vector of zero norm, which cosine cannot compare with any"
        )));
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
    if (0.0..=MAX_WEIGHT).contains(&weight) {
        return Ok(());
    }
    Err(Error::invalid(format!("{name}: expected a number from 0 to {MAX_WEIGHT}, got {weight}")))
}

pub(super) fn at_most(name: &str, count: usize, limit: usize, unit: &str) -> Result<()> {
    if count <= limit {
        return Ok(());
    }
    Err(Error::invalid(format!("{name}: expected at most {limit} {unit}, got {count}")))
}

#[cfg(test)]
mod tests;
