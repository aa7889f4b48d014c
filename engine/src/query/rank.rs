//! The final order of candidates: score, then namespace and id. Keys are looked up for ties only.

use vectlite_ann::Candidate;

use crate::error::Result;
use crate::storage::record::{RecordKey, Slot};

/// Sorts candidates best first, ties by namespace and id, and keeps the first `keep`. `key` looks up the name of a record's
/// namespace, and its key.
pub(crate) fn rank(
    mut candidates: Vec<Candidate>,
    keep: usize,
    key: impl Fn(Slot) -> Result<(String, RecordKey)>,
) -> Result<Vec<Candidate>> {
    // Adding 0.0 makes -0.0 and 0.0 the same score.
    candidates.sort_by(|a, b| (b.score + 0.0).total_cmp(&(a.score + 0.0)));
    let mut start = 0;
    while start < candidates.len().min(keep) {
        let rest = candidates.get_mut(start..).unwrap_or_default();
        let Some(score) = rest.first().map(|candidate| candidate.score) else { break };
        let ties = rest.iter().take_while(|candidate| candidate.score == score).count();
        if let Some(tied) = rest.get_mut(..ties).filter(|tied| tied.len() > 1) {
            sort_by_key(tied, &key)?;
        }
        start += ties;
    }
    candidates.truncate(keep);
    Ok(candidates)
}

fn sort_by_key(tied: &mut [Candidate], key: impl Fn(Slot) -> Result<(String, RecordKey)>) -> Result<()> {
    let mut keyed = Vec::with_capacity(tied.len());
    for candidate in tied.iter() {
        let (namespace, record) = key(candidate.slot)?;
        keyed.push((namespace, record.id, *candidate));
    }
    keyed.sort_by(|a, b| (&a.0, &a.1).cmp(&(&b.0, &b.1)));
    for (place, (_, _, candidate)) in tied.iter_mut().zip(keyed) {
        *place = candidate;
    }
    Ok(())
}
