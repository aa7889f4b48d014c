//! Maximal marginal relevance: hits that are relevant and unlike each other.
//!
//! J. Carbonell, J. Goldstein, "The Use of MMR, Diversity-Based Reranking for Reordering Documents and Producing
//! Summaries", SIGIR 1998.

use vectlite_ann::{Metric, Scorer};

use super::scale::Scale;

/// One record of the pool that hits are chosen from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Member<'a> {
    /// Its score, finite.
    pub(crate) score: f64,
    /// Its vector in the searched space; a record without one is like no other.
    pub(crate) vector: Option<&'a [f32]>,
}

/// The positions in `pool` of the `k` chosen ones, in the order of choice.
///
/// The pool comes in its final order, best first, its vectors all of one dimension. Its first member is chosen first, then always the one with the
/// greatest `lambda · score − (1 − lambda) · similarity`: scores are normalised to `[0, 1]` over the pool,
/// similarity is the largest cosine to those chosen. Of equals the earlier one is chosen. Costs `pool · k` similarities.
pub(crate) fn select(pool: &[Member<'_>], lambda: f64, k: usize) -> Vec<usize> {
    let scale = Scale::of(pool.iter().map(|member| member.score), None);
    let mut waiting: Vec<Contender<'_>> = pool
        .iter()
        .enumerate()
        .map(|(position, member)| Contender {
            position,
            relevance: scale.normalise(member.score),
            vector: member.vector,
            similarity: f64::NEG_INFINITY,
        })
        .collect();

    let mut chosen = Vec::new();
    let mut next = 0;
    while chosen.len() < k && next < waiting.len() {
        let winner = waiting.remove(next);
        chosen.push(winner.position);

        let scorer = winner.vector.map(|vector| Scorer::new(Metric::Cosine, vector));
        let mut best = f64::NEG_INFINITY;
        next = 0;
        for (at, contender) in waiting.iter_mut().enumerate() {
            let similarity = match (&scorer, contender.vector) {
                (Some(scorer), Some(vector)) => f64::from(scorer.score(vector)),
                _ => 0.0,
            };
            contender.similarity = contender.similarity.max(similarity);
            let worth = lambda * contender.relevance - (1.0 - lambda) * contender.similarity;
            if worth > best {
                (best, next) = (worth, at);
            }
        }
    }
    chosen
}

/// A member that has not been chosen yet.
struct Contender<'a> {
    position: usize,
    relevance: f64,
    vector: Option<&'a [f32]>,
    /// The largest similarity to those chosen.
    similarity: f64,
}

#[cfg(test)]
mod tests;
