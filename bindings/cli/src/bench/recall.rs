//! How many of the true neighbours are found.

use vectlite::{Database, Hit, SearchRequest};

use super::sample::Query;
use crate::failure::Outcome;

/// The share of true neighbours that `answers` hold, over all queries; 1 when there is none to find. A hit whose score is that of the last true
/// neighbour counts: of equals any will do.
pub(crate) fn recall(truth: &[Vec<Hit>], answers: &[Vec<Hit>]) -> f64 {
    let (mut found, mut all) = (0, 0);
    for (truth, answer) in truth.iter().zip(answers) {
        let Some(last) = truth.last() else { continue };
        all += truth.len();
        found += answer.iter().filter(|hit| hit.score >= last.score).count().min(truth.len());
    }
    if all == 0 { 1.0 } else { found as f64 / all as f64 }
}

/// The `k` hits of each query beside the record that it is the vector of; a request asks for one more.
pub(crate) fn answers(
    db: &Database,
    queries: &[Query],
    requests: &[SearchRequest],
    k: usize,
) -> Outcome<Vec<Vec<Hit>>> {
    let mut answers = Vec::with_capacity(queries.len());
    for (query, request) in queries.iter().zip(requests) {
        let mut hits = db.search(request)?.hits;
        hits.retain(|hit| (&hit.namespace, &hit.id) != (&query.namespace, &query.id));
        hits.truncate(k);
        answers.push(hits);
    }
    Ok(answers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hits(scores: &[f64]) -> Vec<Hit> {
        let hit = |score: &f64| {
            let mut hit = Hit::default();
            hit.score = *score;
            hit
        };
        scores.iter().map(hit).collect()
    }

    #[test]
    fn recall_is_the_share_of_true_neighbours() {
        let truth = [hits(&[0.9, 0.8]), hits(&[0.7, 0.6])];
        assert_eq!(recall(&truth, &truth), 1.0);
        assert_eq!(recall(&truth, &[hits(&[0.9, 0.1]), hits(&[0.7, 0.6])]), 0.75);
        assert_eq!(recall(&truth, &[hits(&[]), hits(&[0.5, 0.4])]), 0.0);
        assert_eq!(recall(&[hits(&[])], &[hits(&[])]), 1.0);
    }

    #[test]
    fn of_equals_any_will_do() {
        assert_eq!(recall(&[hits(&[0.9, 0.8])], &[hits(&[0.9, 0.8, 0.8])]), 1.0);
    }
}
