//! What a user asks for, as they said it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use vectlite_text::{Analyzer, Content, Occur};

use super::fusion::Fusion;
use super::include::Include;
use crate::error::{Error, Result};
use crate::filter::Filter;
use crate::index::text_query::clauses;
use crate::limits::MAX_TEXT_BYTES;
use crate::record::add_terms;
use crate::storage::fields::definition::Fields;

/// `k` when the request does not say.
const DEFAULT_K: usize = 10;
/// `rrf_k` when the request does not say; the value of the paper (Cormack 2009).
const DEFAULT_RRF_K: usize = 60;

/// A search: by a vector, by text, by sparse terms, or by several of them at once.
///
/// Nothing is checked while it is built; the search that is given it answers with
/// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) and the name of the argument, or with
/// [`ErrorKind::DimensionMismatch`](crate::ErrorKind::DimensionMismatch).
///
/// ```
/// use vectlite::{Fusion, SearchRequest};
///
/// let request = SearchRequest::new()
///     .vector(vec![0.1, 0.7, 0.2])
///     .text("autumn in the mountains")
///     .fusion(Fusion::Rrf)
///     .k(5);
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct SearchRequest {
    pub(super) vector: Option<Vec<f32>>,
    pub(super) vector_name: String,
    pub(super) query_vectors: Option<BTreeMap<String, Vec<f32>>>,
    pub(super) vector_weights: Option<BTreeMap<String, f64>>,
    pub(super) truncate_dim: Option<usize>,
    pub(super) text: Option<String>,
    pub(super) sparse: Option<BTreeMap<String, f32>>,
    pub(super) k: usize,
    pub(super) offset: usize,
    pub(super) filter: Option<Filter>,
    pub(super) namespace: Option<String>,
    pub(super) all_namespaces: bool,
    pub(super) dense_weight: f64,
    pub(super) sparse_weight: f64,
    pub(super) fusion: Fusion,
    pub(super) rrf_k: usize,
    pub(super) fetch_k: usize,
    pub(super) mmr_lambda: Option<f64>,
    pub(super) min_score: Option<f64>,
    pub(super) exact: bool,
    pub(super) ef_search: Option<usize>,
    pub(super) explain: bool,
    pub(super) include: Include,
}

impl Default for SearchRequest {
    fn default() -> SearchRequest {
        SearchRequest {
            vector: None,
            vector_name: String::new(),
            query_vectors: None,
            vector_weights: None,
            truncate_dim: None,
            text: None,
            sparse: None,
            k: DEFAULT_K,
            offset: 0,
            filter: None,
            namespace: None,
            all_namespaces: false,
            dense_weight: 1.0,
            sparse_weight: 1.0,
            fusion: Fusion::default(),
            rrf_k: DEFAULT_RRF_K,
            fetch_k: 0,
            mmr_lambda: None,
            min_score: None,
            exact: false,
            ef_search: None,
            explain: false,
            include: Include::default(),
        }
    }
}

impl SearchRequest {
    /// A request with every default; it needs at least one of [`vector`](Self::vector), [`query_vectors`](Self::query_vectors),
    /// [`text`](Self::text) and [`sparse`](Self::sparse).
    pub fn new() -> SearchRequest {
        SearchRequest::default()
    }

    /// Searches by this vector: finite numbers, as many as the vector space has dimensions, and not all of them zero
    /// under cosine.
    pub fn vector(mut self, vector: impl Into<Vec<f32>>) -> Self {
        self.vector = Some(vector.into());
        self
    }

    /// The request as a session searches by it: with the terms of its text in its sparse vector where the session has an analyzer of its
    /// own, which is not stored.
    pub(crate) fn analyzed_by(&self, session: Option<&Analyzer>) -> Result<Cow<'_, SearchRequest>> {
        session.map_or(Ok(Cow::Borrowed(self)), |analyzer| self.analyzed(analyzer).map(Cow::Owned))
    }

    fn analyzed(&self, analyzer: &Analyzer) -> Result<SearchRequest> {
        let mut request = self.clone();
        // A text beyond the limit is refused by whoever checks the request.
        let Some(text) = request.text.take_if(|text| text.len() <= MAX_TEXT_BYTES) else {
            return Ok(request);
        };
        let words = plain_words(&text)?;
        let terms = analyzer.attempt(|analyzer| analyzer.query_terms(&words)).map_err(Error::step)?;
        add_terms(request.sparse.get_or_insert_default(), terms);
        Ok(request)
    }

    /// Whether it asks for the walk of a graph as wide as it says.
    pub(crate) fn walks_a_graph(&self) -> bool {
        self.ef_search.is_some() && !self.exact
    }

    pub(super) fn query_vector(&self) -> Option<&[f32]> {
        self.vector.as_deref()
    }

    /// The vector space that is searched; the default one is `""`. With [`query_vectors`](Self::query_vectors), the space of
    /// MMR's likeness and of the vectors that hits bring along; the first of theirs by name when it is not set.
    pub fn vector_name(mut self, space: impl Into<String>) -> Self {
        self.vector_name = space.into();
        self
    }

    /// Searches several vector spaces at once, each by a vector of its own, in place of [`vector`](Self::vector): a score is the sum
    /// over the spaces of weight times score. Candidates come from every space. Under cosine and dot product a record without one of
    /// them gets nothing from it; under the distances it is no candidate, as no distance stands for a missing vector.
    ///
    /// ```
    /// # let directory = tempfile::tempdir()?;
    /// # let path = directory.path().join("notes.vdb");
    /// use vectlite::{Database, OpenOptions, Record, SearchRequest};
    ///
    /// let db = Database::open(&path, OpenOptions::new().dimension(2))?;
    /// db.upsert(Record::new("a").vector([1.0, 0.0]).vector_in("image", [0.0, 1.0, 0.0]))?;
    /// db.upsert(Record::new("b").vector([1.0, 0.0]).vector_in("image", [1.0, 0.0, 0.0]))?;
    /// let request = SearchRequest::new()
    ///     .query_vectors([("", vec![1.0, 0.0]), ("image", vec![1.0, 0.0, 0.0])])
    ///     .vector_weights([("image", 0.5)]);
    /// let hits = db.search(&request)?.hits;
    /// assert_eq!((hits[0].id.as_str(), hits[0].score), ("b", 1.5));
    /// assert_eq!((hits[1].id.as_str(), hits[1].score), ("a", 1.0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn query_vectors<S: Into<String>, V: Into<Vec<f32>>>(
        mut self,
        vectors: impl IntoIterator<Item = (S, V)>,
    ) -> Self {
        self.query_vectors =
            Some(vectors.into_iter().map(|(space, vector)| (space.into(), vector.into())).collect());
        self
    }

    /// The factors of the spaces of [`query_vectors`](Self::query_vectors), from 0 to 1,000,000; 1 where none is given.
    pub fn vector_weights<S: Into<String>>(mut self, weights: impl IntoIterator<Item = (S, f64)>) -> Self {
        self.vector_weights =
            Some(weights.into_iter().map(|(space, weight)| (space.into(), weight)).collect());
        self
    }

    /// Compares the first `n` components only, at least 1: for embeddings that were trained to be cut (A. Kusupati and others,
    /// "Matryoshka Representation Learning", NeurIPS 2022). The query vector has as many, or all of its space. The answer is the
    /// true one, at the price of a scan; all components are searched as usual.
    pub fn truncate_dim(mut self, n: usize) -> Self {
        self.truncate_dim = Some(n);
        self
    }

    /// Searches the records' texts for the words of this one. A text without terms finds nothing. `"a phrase"`, `+must`, `-not`,
    /// `prefix*` and `fuzzy~1` mean what they say, a backslash makes a sign plain, and a text that cannot be understood, as with
    /// a quotation mark that is not closed, is an `InvalidArgument`; see "Text queries" in `engine/docs/query-semantics.md`.
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.text = Some(text.into());
        self
    }

    /// Searches the records' sparse vectors by these terms, finite weights of at least 0, which are added to the terms
    /// of [`text`](Self::text).
    pub fn sparse(mut self, terms: BTreeMap<String, f32>) -> Self {
        self.sparse = Some(terms);
        self
    }

    /// The most hits that come back, 10 by default and at most [`MAX_SLOTS`](crate::limits::MAX_SLOTS); 0 brings none. As many
    /// come back as match, whatever the filter.
    pub fn k(mut self, k: usize) -> Self {
        self.k = k;
        self
    }

    /// How many of the best hits are left out, 0 by default. Pages of one hybrid search agree with each other under
    /// one [`fetch_k`](Self::fetch_k), as it decides what is fused.
    pub fn offset(mut self, offset: usize) -> Self {
        self.offset = offset;
        self
    }

    /// Finds only records whose metadata this filter accepts.
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filter = Some(filter);
        self
    }

    /// Searches this namespace; without it the default one, `""`.
    pub fn namespace(mut self, namespace: impl Into<String>) -> Self {
        self.namespace = Some(namespace.into());
        self
    }

    /// Whether every namespace is searched; an error together with [`namespace`](Self::namespace).
    pub fn all_namespaces(mut self, all: bool) -> Self {
        self.all_namespaces = all;
        self
    }

    /// The factor of the dense score in fusion, 1 by default; from 0 to 1,000,000. Of no effect without fusion.
    pub fn dense_weight(mut self, weight: f64) -> Self {
        self.dense_weight = weight;
        self
    }

    /// The factor of the sparse score in fusion, 1 by default; from 0 to 1,000,000. Of no effect without fusion.
    pub fn sparse_weight(mut self, weight: f64) -> Self {
        self.sparse_weight = weight;
        self
    }

    /// How dense and sparse scores become one when both are asked for; [`Fusion::Linear`] by default.
    pub fn fusion(mut self, fusion: Fusion) -> Self {
        self.fusion = fusion;
        self
    }

    /// The constant of [`Fusion::Rrf`], 60 by default; at least 1. The larger, the less the first ranks stand out.
    pub fn rrf_k(mut self, rrf_k: usize) -> Self {
        self.rrf_k = rrf_k;
        self
    }

    /// How many candidates each source gives to fusion, and the size of MMR's pool. 0, the default, is
    /// max(4 `k`, 64); less than `offset + k` is taken as that.
    pub fn fetch_k(mut self, fetch_k: usize) -> Self {
        self.fetch_k = fetch_k;
        self
    }

    /// Chooses hits that are relevant and unlike each other by maximal marginal relevance: 1 looks at the score only, 0
    /// at unlikeness only.
    pub fn mmr_lambda(mut self, lambda: f64) -> Self {
        self.mmr_lambda = Some(lambda);
        self
    }

    /// Leaves out hits whose final score is below this finite number.
    pub fn min_score(mut self, score: f64) -> Self {
        self.min_score = Some(score);
        self
    }

    /// Whether the answer has to be the true one, at the price of a scan. Where no graph is searched every answer is, and
    /// this changes nothing.
    pub fn exact(mut self, exact: bool) -> Self {
        self.exact = exact;
        self
    }

    /// How many candidates the search of a graph keeps, 1 to 65,536: more find better ones and take longer. Without it, as
    /// the database is configured ([`IndexConfig::ef_search`](crate::IndexConfig::ef_search)). Of no effect on exact answers.
    pub fn ef_search(mut self, ef: usize) -> Self {
        self.ef_search = Some(ef);
        self
    }

    /// Whether each hit explains its score.
    pub fn explain(mut self, explain: bool) -> Self {
        self.explain = explain;
        self
    }

    /// What hits carry beside key and scores; the metadata by default.
    pub fn include(mut self, include: Include) -> Self {
        self.include = include;
        self
    }
}

/// The words of a query that holds nothing else. What else there is needs the analyzer while it is searched for, on whatever thread
/// that happens.
fn plain_words(text: &str) -> Result<String> {
    let mut words = String::new();
    for clause in clauses(text, &Fields::default())? {
        match (clause.occur, clause.content) {
            (Occur::Should, Content::Words(plain)) => words.push_str(&plain),
            _ => {
                return Err(Error::invalid(
                    "text: phrases, +, -, * and ~ need an analyzer that the database stores, and this session's has steps of your \
                     own; write \\ before a sign that is meant as it is",
                ));
            }
        }
    }
    Ok(words)
}
