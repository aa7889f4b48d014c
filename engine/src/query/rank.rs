//! The final order of candidates: score, then record key. Keys are looked up for ties only.

use vectlite_ann::Candidate;

use crate::error::Result;
use crate::read::get::namespace_name;
use crate::storage::record::Slot;
use crate::storage::view::View;

/// Sorts candidates best first, ties by namespace and id, and keeps the first `keep`.
pub(crate) fn rank(view: &View, mut candidates: Vec<Candidate>, keep: usize) -> Result<Vec<Candidate>> {
    // Adding 0.0 makes -0.0 and 0.0 the same score.
    candidates.sort_by(|a, b| (b.score + 0.0).total_cmp(&(a.score + 0.0)));
    let mut start = 0;
    while start < candidates.len().min(keep) {
        let rest = candidates.get_mut(start..).unwrap_or_default();
        let Some(score) = rest.first().map(|candidate| candidate.score) else { break };
        let ties = rest.iter().take_while(|candidate| candidate.score == score).count();
        if let Some(tied) = rest.get_mut(..ties).filter(|tied| tied.len() > 1) {
            sort_by_key(view, tied)?;
        }
        start += ties;
    }
    candidates.truncate(keep);
    Ok(candidates)
}

fn sort_by_key(view: &View, tied: &mut [Candidate]) -> Result<()> {
    let mut keyed = Vec::with_capacity(tied.len());
    for candidate in tied.iter() {
        keyed.push((key(view, candidate.slot)?, *candidate));
    }
    keyed.sort_by(|a, b| a.0.cmp(&b.0));
    for (place, (_, candidate)) in tied.iter_mut().zip(keyed) {
        *place = candidate;
    }
    Ok(())
}

/// Namespace and id, the order of hits with one score.
fn key(view: &View, slot: Slot) -> Result<(String, String)> {
    let document = view.document(slot)?;
    Ok((namespace_name(view, &document.record)?, document.record.id.to_string()))
}
