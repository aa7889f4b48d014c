//! The formula as text, one line a step, numbers to six digits.
//!
//! ```text
//! score 1.500000 = dense 0.500000 + sparse 1.000000, fusion linear
//!   dense 0.500000 = weight 0.500000 · normalised 1.000000, rank 1
//!     1.000000 = (0.500000 − -1.000000) / (0.500000 − -1.000000), cosine 0.500000
//!   sparse 1.000000 = weight 2.000000 · normalised 0.500000, rank 2
//!     0.500000 = (2.500000 − 0.000000) / (5.000000 − 0.000000), dot 2.500000
//!       "fox" 2.500000 = 2.000000 · 1.250000
//! ```

use std::fmt;

use super::{
    Bm25Term, DenseExplanation, DotTerm, Explanation, ScorePart, SpaceScore, SparseExplanation, TermScores,
};

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "score {:.6} = ", self.score)?;
        match (&self.dense, &self.sparse) {
            (Some(dense), Some(sparse)) => {
                let (dense, sparse) = (dense.part.contribution, sparse.part.contribution);
                write!(f, "dense {dense:.6} + sparse {sparse:.6}")?;
            }
            (Some(dense), None) => write!(f, "dense {:.6}", dense.part.contribution)?,
            (None, Some(sparse)) => write!(f, "sparse {:.6}", sparse.part.contribution)?,
            (None, None) => f.write_str("nothing")?,
        }
        if let Some(fusion) = self.fusion {
            write!(f, ", fusion {fusion}")?;
        }
        if let Some(DenseExplanation { metric, spaces, part }) = &self.dense {
            write_part(f, "dense", part, self.rrf_k, metric.name())?;
            for SpaceScore { vector_name, weight, score } in spaces {
                write!(f, "\n      {vector_name:?} {:.6} = {weight:.6} · {score:.6}", weight * score)?;
            }
        }
        if let Some(SparseExplanation { terms, part }) = &self.sparse {
            write_part(f, "sparse", part, self.rrf_k, terms.name())?;
            terms.fmt(f)?;
        }
        Ok(())
    }
}

/// How a raw score becomes a contribution.
fn write_part(
    f: &mut fmt::Formatter<'_>,
    source: &str,
    part: &ScorePart,
    rrf_k: Option<usize>,
    measure: &str,
) -> fmt::Result {
    let ScorePart { raw, rank, weight, contribution, .. } = part;
    write!(f, "\n  {source} {contribution:.6} = ")?;
    match (part.scale, part.normalised, rrf_k) {
        (Some(scale), Some(normalised), _) => {
            write!(f, "weight {weight:.6} · normalised {normalised:.6}, rank {rank}\n    {normalised:.6} ")?;
            if scale.hi > scale.lo {
                let (lo, hi) = (scale.lo, scale.hi);
                write!(f, "= ({raw:.6} − {lo:.6}) / ({hi:.6} − {lo:.6}), {measure} {raw:.6}")
            } else {
                write!(f, "as hi = lo = {:.6}, {measure} {raw:.6}", scale.lo)
            }
        }
        (_, _, Some(rrf_k)) => write!(f, "weight {weight:.6} / ({rrf_k} + rank {rank}), {measure} {raw:.6}"),
        _ => write!(f, "{measure} {raw:.6}, rank {rank}"),
    }
}

impl TermScores {
    fn name(&self) -> &'static str {
        match self {
            TermScores::Bm25 { .. } => "bm25",
            TermScores::Dot { .. } => "dot",
        }
    }
}

impl fmt::Display for TermScores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TermScores::Bm25 { k1, b, length, average_length, documents, terms } => {
                for Bm25Term { term, query_weight, document_frequency, idf, frequency, score } in terms {
                    write!(
                        f,
                        "\n      {term:?} {score:.6} = {query_weight:.6} · idf {idf:.6} (in {document_frequency} of {documents}) · \
                         {frequency:.6} / ({frequency:.6} + {k1} · (1 − {b} + {b} · {length:.6} / {average_length:.6}))"
                    )?;
                }
            }
            TermScores::Dot { terms } => {
                for DotTerm { term, query_weight, weight, score } in terms {
                    write!(f, "\n      {term:?} {score:.6} = {query_weight:.6} · {weight:.6}")?;
                }
            }
        }
        Ok(())
    }
}
