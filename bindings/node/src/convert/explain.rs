//! Where the score of a hit comes from, in the form in which the engine serializes it.

use napi_derive::napi;
use vectlite::explain::{self, Scale, ScorePart};

/// Where the score of a hit comes from: every number of its formula.
#[napi(object, object_from_js = false, use_nullable = true)]
pub struct Explanation {
    /// The score of the hit: the sum of the contributions.
    pub score: f64,
    /// How the two parts became one; `null` when only one source was asked for.
    pub fusion: Option<String>,
    /// The constant of RRF, in that fusion only.
    pub rrf_k: Option<f64>,
    /// What the vectors add.
    pub dense: Option<DenseExplanation>,
    /// What the terms add.
    pub sparse: Option<SparseExplanation>,
}

/// What the vectors add to a score.
#[napi(object, object_from_js = false)]
pub struct DenseExplanation {
    /// What the raw score measures.
    pub metric: String,
    /// The scores in each vector space, whose weighted sum is the raw one; empty where one space is searched, unweighted.
    pub spaces: Vec<SpaceScore>,
    /// The raw score, and what becomes of it.
    pub part: ScoreParts,
}

/// The score of a record in one of several vector spaces.
#[napi(object, object_from_js = false)]
pub struct SpaceScore {
    /// The vector space; the default one is `""`.
    pub vector_name: String,
    /// Its factor.
    pub weight: f64,
    /// The score of the record's vector there.
    pub score: f64,
}

/// What the terms add to a score.
#[napi(object, object_from_js = false)]
pub struct SparseExplanation {
    /// How the terms make up the raw score.
    pub terms: TermScores,
    /// The raw score, and what becomes of it.
    pub part: ScoreParts,
}

/// A raw score, and what becomes of it.
#[napi(object, object_from_js = false, use_nullable = true)]
pub struct ScoreParts {
    /// The score that the source gave.
    pub raw: f64,
    /// The place among the candidates of the source, from 1.
    pub rank: f64,
    /// The factor of this source.
    pub weight: f64,
    /// What `raw` was normalised by, in linear fusion only.
    pub scale: Option<ScoreScale>,
    /// `raw` on that scale, from 0 to 1.
    pub normalised: Option<f64>,
    /// What the source adds to the score of the hit.
    pub contribution: f64,
}

/// The interval that is mapped to 0 to 1.
#[napi(object, object_from_js = false)]
pub struct ScoreScale {
    /// The score that becomes 0.
    pub lo: f64,
    /// The score that becomes 1.
    pub hi: f64,
}

/// The sum over the matched terms that is the raw sparse score: one of the two.
#[napi(object, object_from_js = false)]
pub struct TermScores {
    /// BM25.
    pub bm25: Option<Bm25Scores>,
    /// The dot product of weights.
    pub dot: Option<DotScores>,
}

/// The sum of BM25.
#[napi(object, object_from_js = false)]
pub struct Bm25Scores {
    /// How fast a repeated term stops counting.
    pub k1: f64,
    /// How much the length of a record counts.
    pub b: f64,
    /// The length of the record, in terms.
    pub length: f64,
    /// The average length of the searched records.
    pub average_length: f64,
    /// How many records with terms were searched.
    pub documents: f64,
    /// The matched terms.
    pub terms: Vec<Bm25Term>,
}

/// One matched term under BM25.
#[napi(object, object_from_js = false)]
pub struct Bm25Term {
    /// The term.
    pub term: String,
    /// Its weight in the query.
    pub query_weight: f64,
    /// How many of the searched records hold it.
    pub document_frequency: f64,
    /// How much it tells: large for rare terms.
    pub idf: f64,
    /// How often it occurs in the record.
    pub frequency: f64,
    /// What it adds.
    pub score: f64,
}

/// The sum of the dot product.
#[napi(object, object_from_js = false)]
pub struct DotScores {
    /// The matched terms.
    pub terms: Vec<DotTerm>,
}

/// One matched term under the dot product.
#[napi(object, object_from_js = false)]
pub struct DotTerm {
    /// The term.
    pub term: String,
    /// Its weight in the query.
    pub query_weight: f64,
    /// Its weight in the record.
    pub weight: f64,
    /// What it adds.
    pub score: f64,
}

impl From<explain::Explanation> for Explanation {
    fn from(explanation: explain::Explanation) -> Explanation {
        Explanation {
            score: explanation.score,
            fusion: explanation.fusion.map(|fusion| fusion.name().to_owned()),
            rrf_k: explanation.rrf_k.map(|rrf_k| rrf_k as f64),
            dense: explanation.dense.map(|dense| DenseExplanation {
                metric: dense.metric.name().to_owned(),
                spaces: dense.spaces.into_iter().map(SpaceScore::from).collect(),
                part: dense.part.into(),
            }),
            sparse: explanation
                .sparse
                .map(|sparse| SparseExplanation { terms: sparse.terms.into(), part: sparse.part.into() }),
        }
    }
}

impl From<explain::SpaceScore> for SpaceScore {
    fn from(space: explain::SpaceScore) -> SpaceScore {
        SpaceScore { vector_name: space.vector_name, weight: space.weight, score: space.score }
    }
}

impl From<ScorePart> for ScoreParts {
    fn from(part: ScorePart) -> ScoreParts {
        ScoreParts {
            raw: part.raw,
            rank: part.rank as f64,
            weight: part.weight,
            scale: part.scale.map(|Scale { lo, hi }| ScoreScale { lo, hi }),
            normalised: part.normalised,
            contribution: part.contribution,
        }
    }
}

impl From<explain::TermScores> for TermScores {
    fn from(scores: explain::TermScores) -> TermScores {
        match scores {
            explain::TermScores::Bm25 { k1, b, length, average_length, documents, terms } => {
                let terms = terms.into_iter().map(Bm25Term::from).collect();
                let bm25 = Bm25Scores { k1, b, length, average_length, documents: documents as f64, terms };
                TermScores { bm25: Some(bm25), dot: None }
            }
            explain::TermScores::Dot { terms } => {
                let terms = terms.into_iter().map(DotTerm::from).collect();
                TermScores { bm25: None, dot: Some(DotScores { terms }) }
            }
        }
    }
}

impl From<explain::Bm25Term> for Bm25Term {
    fn from(term: explain::Bm25Term) -> Bm25Term {
        Bm25Term {
            term: term.term,
            query_weight: term.query_weight,
            document_frequency: term.document_frequency as f64,
            idf: term.idf,
            frequency: term.frequency,
            score: term.score,
        }
    }
}

impl From<explain::DotTerm> for DotTerm {
    fn from(term: explain::DotTerm) -> DotTerm {
        DotTerm { term: term.term, query_weight: term.query_weight, weight: term.weight, score: term.score }
    }
}
