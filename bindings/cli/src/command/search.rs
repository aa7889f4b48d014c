//! `vectlite search`: the records that match best.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{ArgGroup, Args};
use vectlite::{Database, Fusion, Include, SearchRequest};

use crate::failure::{Failure, Outcome};
use crate::json;
use crate::opening;
use crate::shape::response::{Asked, Response};
use crate::terminal::Terminal;

/// The records that match best: by a vector, by words, or by both
#[derive(Debug, Args)]
#[command(
    group = ArgGroup::new("query").required(true).multiple(true)
        .args(["vector", "like", "query_vectors", "text", "sparse"]),
    after_help = "\
Examples:
  vectlite search notes.vdb --text 'oat milk'
  vectlite search notes.vdb --vector '[0.9, 0.1, 0.0]' --text milk --filter '{\"done\": false}' --k 5
  vectlite search notes.vdb --vector @query.json --stats
  my-embedder 'oat milk' | vectlite search notes.vdb --vector -
  vectlite search notes.vdb --like note-7 --include metadata,text

Answer: {\"results\": [...]} with namespace, id, score, dense_score, sparse_score, vector_name, matched_terms, dense_rank, sparse_rank,
metadata for each hit, best first; vector, text, explain when asked for; stats beside results with --stats. Options that are not given have
the defaults of the library: k 10, fusion linear, weights 1, rrf-k 60, metadata included."
)]
pub(crate) struct Search {
    /// The database file
    #[arg(value_name = "DB")]
    path: PathBuf,
    /// Words; also "a phrase", +must, -not, prefix*, fuzzy~1
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    text: Option<String>,
    /// A vector: JSON, @FILE with JSON in it, or - for JSON on stdin
    #[arg(long, value_name = "JSON", conflicts_with_all = ["like", "query_vectors"])]
    vector: Option<String>,
    /// The vector of the record with this id (in --namespace), which is then the first hit itself
    #[arg(long, value_name = "ID", conflicts_with = "query_vectors", allow_hyphen_values = true)]
    like: Option<String>,
    /// Terms and their weights, e.g. '{"milk": 1.5}'
    #[arg(long, value_name = "JSON")]
    sparse: Option<String>,
    /// Vectors by the names of their spaces, e.g. '{"title": [0.1, 0.9], "": [1, 0]}'
    #[arg(long, value_name = "JSON")]
    query_vectors: Option<String>,
    /// Factors of these spaces, e.g. '{"title": 0.5}'
    #[arg(long, value_name = "JSON", requires = "query_vectors")]
    vector_weights: Option<String>,
    /// The vector space that is searched, or compared by MMR; "" is the default one
    #[arg(long, value_name = "SPACE")]
    vector_name: Option<String>,
    /// Compare the first N components only
    #[arg(long, value_name = "N")]
    truncate_dim: Option<usize>,
    /// The most hits
    #[arg(long, short, value_name = "N")]
    k: Option<usize>,
    /// How many of the best are left out
    #[arg(long, value_name = "N")]
    offset: Option<usize>,
    /// Only records whose metadata this filter accepts, e.g. '{"year": {"$gte": 2020}}'
    #[arg(long, value_name = "JSON")]
    filter: Option<String>,
    /// The namespace that is searched; without it the default one, ""
    #[arg(long, value_name = "NAME", conflicts_with = "all_namespaces")]
    namespace: Option<String>,
    /// Search every namespace
    #[arg(long)]
    all_namespaces: bool,
    /// How scores of vectors and words become one: linear or rrf
    #[arg(long, value_name = "NAME")]
    fusion: Option<String>,
    /// The factor of the vector's score in fusion
    #[arg(long, value_name = "X", allow_negative_numbers = true)]
    dense_weight: Option<f64>,
    /// The factor of the words' score in fusion
    #[arg(long, value_name = "X", allow_negative_numbers = true)]
    sparse_weight: Option<f64>,
    /// The constant of rrf
    #[arg(long, value_name = "N")]
    rrf_k: Option<usize>,
    /// Candidates that each source gives to fusion and MMR
    #[arg(long, value_name = "N")]
    fetch_k: Option<usize>,
    /// Choose hits that are unlike each other, from 0 (unlikeness only) to 1 (score only)
    #[arg(long, value_name = "X", allow_negative_numbers = true)]
    mmr_lambda: Option<f64>,
    /// Leave out hits with a lower score
    #[arg(long, value_name = "X", allow_negative_numbers = true)]
    min_score: Option<f64>,
    /// The true answer, at the price of a scan
    #[arg(long)]
    exact: bool,
    /// Candidates that the search of a graph keeps; more find better ones and take longer
    #[arg(long, value_name = "N")]
    ef_search: Option<usize>,
    /// What hits carry, of metadata, vector, text, joined by commas; '' for none
    #[arg(long, value_name = "NAMES")]
    include: Option<String>,
    /// Say of each hit where its score comes from
    #[arg(long)]
    explain: bool,
    /// Say how it was searched
    #[arg(long)]
    stats: bool,
}

impl Search {
    pub(crate) fn run(&self, terminal: &mut Terminal<'_>) -> Outcome {
        let (mut request, asked) = self.request()?;
        let db = opening::for_reading(&self.path)?;
        let vector = match (&self.vector, &self.like) {
            (Some(given), _) => Some(json::vector(given, &mut *terminal.streams.input)?),
            (None, Some(id)) => Some(self.vector_of(&db, id)?),
            (None, None) => None,
        };
        if let Some(vector) = vector {
            request = request.vector(vector);
        }
        let response = db.search(&request)?;
        terminal.answer(&Response::of(response, asked, self.stats))
    }

    /// Everything but the vector, which may be read from the database.
    fn request(&self) -> Outcome<(SearchRequest, Asked)> {
        let mut request =
            SearchRequest::new().all_namespaces(self.all_namespaces).exact(self.exact).explain(self.explain);
        let mut asked = Asked { explain: self.explain, ..Asked::default() };
        if let Some(names) = &self.include {
            let names: Vec<&str> = names.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
            request = request.include(Include::parse(&names)?);
            (asked.vector, asked.text) = (names.contains(&"vector"), names.contains(&"text"));
        }
        if let Some(text) = &self.text {
            request = request.text(text);
        }
        if let Some(terms) = &self.sparse {
            let expected = "terms and weights as JSON, e.g. '{\"milk\": 1.5}'";
            request = request.sparse(json::read("--sparse", expected, terms)?);
        }
        if let Some(vectors) = &self.query_vectors {
            let expected = "vectors by the names of their spaces as JSON";
            let vectors: BTreeMap<String, Vec<f32>> = json::read("--query-vectors", expected, vectors)?;
            request = request.query_vectors(vectors);
        }
        if let Some(weights) = &self.vector_weights {
            let expected = "numbers by the names of vector spaces as JSON";
            let weights: BTreeMap<String, f64> = json::read("--vector-weights", expected, weights)?;
            request = request.vector_weights(weights);
        }
        if let Some(filter) = &self.filter {
            request = request.filter(json::filter(filter)?);
        }
        if let Some(fusion) = &self.fusion {
            request = request.fusion(fusion.parse::<Fusion>()?);
        }
        let given = request;
        let given = set(given, self.vector_name.as_ref(), |request, space| request.vector_name(space));
        let given = set(given, self.truncate_dim, SearchRequest::truncate_dim);
        let given = set(given, self.k, SearchRequest::k);
        let given = set(given, self.offset, SearchRequest::offset);
        let given = set(given, self.namespace.as_ref(), |request, namespace| request.namespace(namespace));
        let given = set(given, self.dense_weight, SearchRequest::dense_weight);
        let given = set(given, self.sparse_weight, SearchRequest::sparse_weight);
        let given = set(given, self.rrf_k, SearchRequest::rrf_k);
        let given = set(given, self.fetch_k, SearchRequest::fetch_k);
        let given = set(given, self.mmr_lambda, SearchRequest::mmr_lambda);
        let given = set(given, self.min_score, SearchRequest::min_score);
        Ok((set(given, self.ef_search, SearchRequest::ef_search), asked))
    }

    /// The vector of a record in the space that is searched.
    fn vector_of(&self, db: &Database, id: &str) -> Outcome<Vec<f32>> {
        let (namespace, space) = (self.namespace.as_deref(), self.vector_name.as_deref().unwrap_or_default());
        let record = db.get(id, namespace)?.ok_or_else(|| {
            let namespace = namespace.unwrap_or_default();
            Failure::because(format!("--like: there is no record {id:?} in the namespace {namespace:?}"))
        })?;
        let vector = if space.is_empty() { record.vector } else { record.vectors.get(space).cloned() };
        vector.ok_or_else(|| {
            Failure::because(format!("--like: the record {id:?} has no vector in the space {space:?}"))
        })
    }
}

/// The request with an option that was given, or as it was.
fn set<V>(
    request: SearchRequest,
    given: Option<V>,
    set: impl FnOnce(SearchRequest, V) -> SearchRequest,
) -> SearchRequest {
    match given {
        Some(value) => set(request, value),
        None => request,
    }
}
