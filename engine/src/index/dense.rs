//! The dense side of a view: which slots a search may see, and where the graph ends.
//!
//! Slots below the *frontier* are nodes of the graph; those above are the *tail*, scanned exactly. While there is no
//! graph the frontier is 0: everything is tail, and every dense search is exact.

use vectlite_ann::{Candidate, Flat};

use crate::error::Result;
use crate::storage::catalog::Space;
use crate::storage::record::Slot;
use crate::storage::slot_set::SlotSet;
use crate::storage::view::View;

/// The first slot that is not in a graph.
pub(crate) const FRONTIER_WITHOUT_GRAPH: Slot = 0;

/// What a dense search found.
#[derive(Debug, Default)]
pub(crate) struct DenseCandidates {
    /// Best first; more than asked for when the last ones tie.
    pub(crate) candidates: Vec<Candidate>,
    /// Vectors above the frontier that were scored exactly.
    pub(crate) tail_scanned: usize,
}

/// The `k` nearest of `slots` in a space, by the stored f32 vectors: the truth for recall.
pub(crate) fn search(
    view: &View,
    space: &Space,
    slots: &SlotSet,
    query: &[f32],
    k: usize,
) -> Result<DenseCandidates> {
    let mut flat = Flat::new(space.metric, query, k);
    view.visit_vectors(space, slots.iter_from(FRONTIER_WITHOUT_GRAPH), |slot, vector| {
        flat.visit(slot, vector);
        Ok(())
    })?;
    let tail_scanned = flat.visited();
    Ok(DenseCandidates { candidates: flat.finish(), tail_scanned })
}
