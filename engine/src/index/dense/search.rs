//! What a dense search finds: candidates of the graph or of a scan, scored by the stored f32 vectors.
//!
//! Codes choose candidates, never scores: each one is rescored by its exact vector, from the rows of the image or from
//! storage. So the same candidates have the same scores whether there is a graph or not.

use vectlite_ann::{Candidate, Ended, Flat, Near, Scorer, Search, TopK};

use super::build::failed;
use super::graph::Graph;
use super::rows::RowBuffer;
use crate::error::Result;
use crate::interrupt;
use crate::storage::catalog::Space;
use crate::storage::record::{RecordKey, Slot};
use crate::storage::slot_set::SlotSet;
use crate::storage::view::View;

/// How the vectors below the frontier are searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    /// All codes are compared, and what their error leaves possible is scored: the true best ones.
    Scan,
    /// The same by the upper halves of codes first, which is nearly always the same.
    Skim,
    /// The graph is followed, `ef` candidates wide. It gives up after so many distances: a scan is cheaper then.
    Walk { ef: usize, budget: usize },
}

/// What a dense search found.
#[derive(Debug, Default)]
pub(crate) struct DenseCandidates {
    /// Best first; more than asked for when the last ones tie.
    pub(crate) candidates: Vec<Candidate>,
    /// Record keys that came along, ascending by slot.
    pub(crate) keys: Vec<(Slot, RecordKey)>,
    /// Candidates that the graph gave, or the upper halves of its codes.
    pub(crate) from_graph: usize,
    /// Vectors above the frontier that were scored exactly.
    pub(crate) tail_scanned: usize,
    /// Codes and vectors that were compared with the query.
    pub(crate) considered: usize,
    /// The graph was followed and a scan had to answer.
    pub(crate) fell_back: bool,
}

/// Vectors of storage that are scored between two looks whether somebody still wants them: some microseconds.
const ABORT_EVERY: usize = 64;

/// The `k` nearest of `slots`, every vector scored: without a graph, and the truth for recall.
pub(crate) fn exact(
    view: &View,
    space: &Space,
    slots: &SlotSet,
    query: &[f32],
    k: usize,
) -> Result<DenseCandidates> {
    let mut flat = Flat::new(space.metric, query, k);
    view.visit_vectors(space, slots.iter(), |slot, vector| {
        if flat.visited().is_multiple_of(ABORT_EVERY) {
            interrupt::aborted()?;
        }
        flat.visit(slot, vector);
        Ok(())
    })?;
    let visited = flat.visited();
    Ok(DenseCandidates {
        candidates: flat.finish(),
        tail_scanned: visited,
        considered: visited,
        ..DenseCandidates::default()
    })
}

/// The `k` nearest of `slots` with the help of a graph.
pub(crate) fn with_graph(
    view: &View,
    space: &Space,
    graph: &Graph,
    slots: &SlotSet,
    query: &[f32],
    k: usize,
    method: Method,
) -> Result<DenseCandidates> {
    // Before the search: what is inserted meanwhile is scanned, and is left where a walk meets it.
    let frontier = graph.index.frontier();
    GraphSearch { view, space, graph, slots, query, k, found: DenseCandidates::default() }
        .run(frontier, method)
}

struct GraphSearch<'a> {
    view: &'a View,
    space: &'a Space,
    graph: &'a Graph,
    slots: &'a SlotSet,
    query: &'a [f32],
    k: usize,
    found: DenseCandidates,
}

impl GraphSearch<'_> {
    fn run(mut self, frontier: u64, method: Method) -> Result<DenseCandidates> {
        let mut best = TopK::new(self.k);
        self.below(frontier, method, &mut best)?;
        self.tail(frontier, &mut best)?;
        self.found.keys.sort_unstable_by_key(|(slot, _)| *slot);
        self.found.candidates = best.into_sorted();
        Ok(self.found)
    }

    /// Nodes of the graph.
    fn below(&mut self, frontier: u64, method: Method, best: &mut TopK) -> Result<()> {
        let tail = Slot::try_from(frontier).map_or(0, |frontier| self.slots.iter_from(frontier).count());
        let eligible = (self.slots.len() as usize).saturating_sub(tail);
        if eligible == 0 || self.k == 0 {
            return Ok(());
        }
        if let Method::Walk { ef, budget } = method {
            let search = Search { k: self.k, ef: Some(ef), budget };
            let slots = self.slots;
            let everything = eligible == self.graph.index.len();
            let walked = if everything {
                self.graph.index.search(self.query, search)
            } else {
                self.graph.index.search_filtered(self.query, search, |slot| slots.contains(slot))
            };
            let mut walked = walked.map_err(failed)?;
            self.found.considered += walked.evaluated;
            // A view may be older than the graph: what was inserted since is not in it, or is in its tail.
            walked
                .candidates
                .retain(|near| u64::from(near.slot) < frontier && self.slots.contains(near.slot));
            if walked.ended == Ended::Complete && walked.candidates.len() >= self.k.min(eligible) {
                self.found.from_graph = walked.candidates.len();
                return self.rescore(&walked.candidates, best);
            }
            self.found.fell_back = true;
        }
        let below = || self.slots.below(frontier);
        // Codes that were not compared with their checksums yet could leave a true one out.
        if self.graph.is_verified() {
            let index = &self.graph.index;
            let scanned = match method {
                Method::Skim => index.skim(self.query, self.k, below()),
                Method::Scan | Method::Walk { .. } => index.scan(self.query, self.k, below()),
            };
            let scanned = scanned.map_err(failed)?;
            self.found.considered += scanned.evaluated;
            if scanned.evaluated == eligible {
                if method == Method::Skim {
                    self.found.from_graph = scanned.candidates.len();
                }
                return self.rescore(&scanned.candidates, best);
            }
        }
        // Nor can a graph be trusted that lacks vectors which it should have: storage has them all.
        self.found.considered += self.score_stored(below().into_iter(), best)?;
        Ok(())
    }

    /// Scores candidates by their exact vectors.
    fn rescore(&mut self, candidates: &[Near], best: &mut TopK) -> Result<()> {
        let scorer = Scorer::new(self.space.metric, self.query);
        let rows = self.graph.rows();
        let mut buffer = RowBuffer::default();
        let mut elsewhere = Vec::new();
        for near in candidates {
            if f64::from(near.ceiling) < best.threshold() {
                continue;
            }
            let row = rows.as_ref().and_then(|rows| rows.read(near.node, near.slot, &mut buffer));
            let Some(row) = row else {
                elsewhere.push(near.slot);
                continue;
            };
            best.push(near.slot, f64::from(scorer.score(row.vector)));
            if let Some((namespace, id)) = row.key {
                self.found.keys.push((near.slot, RecordKey::new(namespace, id)));
            }
        }
        elsewhere.sort_unstable();
        self.score_stored(elsewhere.into_iter(), best).map(drop)
    }

    /// Vectors that are not in the graph yet.
    fn tail(&mut self, frontier: u64, best: &mut TopK) -> Result<()> {
        let Ok(frontier) = Slot::try_from(frontier) else { return Ok(()) };
        self.found.tail_scanned = self.score_stored(self.slots.iter_from(frontier), best)?;
        self.found.considered += self.found.tail_scanned;
        Ok(())
    }

    /// Scores slots, ascending, by the vectors in storage; gives how many have one.
    fn score_stored(&self, slots: impl Iterator<Item = Slot>, best: &mut TopK) -> Result<usize> {
        let scorer = Scorer::new(self.space.metric, self.query);
        let mut scored = 0_usize;
        self.view.visit_vectors(self.space, slots, |slot, vector| {
            if scored.is_multiple_of(ABORT_EVERY) {
                interrupt::aborted()?;
            }
            scored += 1;
            best.push(slot, f64::from(scorer.score(vector)));
            Ok(())
        })?;
        Ok(scored)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use vectlite_ann::{Index, Metric, Params};
    use vectlite_text::Analyzer;

    use super::*;
    use crate::index::maintain;
    use crate::options::SparseScoring;
    use crate::storage::change::Change;
    use crate::storage::create;
    use crate::storage::document::Document;
    use crate::storage::open::WriterFile;
    use crate::storage::real_files::RealFileSystem;
    use crate::storage::settings::Settings;

    const COUNT: Slot = 400;

    fn vector(slot: Slot) -> Vec<f32> {
        let turn = slot as f32 * 0.01;
        vec![turn.cos(), turn.sin()]
    }

    fn view(directory: &std::path::Path) -> View {
        let path = directory.join("a.vdb");
        let settings = Settings {
            metric: Metric::Cosine,
            analyzer: Analyzer::default(),
            sparse_scoring: SparseScoring::default(),
            positions: false,
        };
        create::empty(&RealFileSystem, &path, settings, 2).unwrap();
        let file = WriterFile::open(&RealFileSystem, &path).unwrap();
        let mut view = View::of(Arc::new(file.snapshot().unwrap()));
        maintain::apply(&Change::Namespace { id: 0, name: Arc::from("") }, &mut view).unwrap();
        for slot in 0..COUNT {
            let document = Document {
                record: RecordKey::new(0, slot.to_string().as_str()),
                vectors: vec![(0, Arc::from(vector(slot)))],
                text: None,
                sparse: None,
            };
            let put = Change::Put {
                slot,
                document: Arc::new(document),
                metadata: Arc::default(),
                expires_at: None,
            };
            maintain::apply(&put, &mut view).unwrap();
        }
        view
    }

    #[test]
    fn a_scan_uses_no_codes_that_were_not_compared_with_their_checksums() {
        let directory = tempfile::tempdir().unwrap();
        let view = view(directory.path());
        let space = view.catalog.space_by_id(0).unwrap();
        // What damage may leave of an image: codes of other vectors.
        let others: Vec<Vec<f32>> = (0..COUNT).map(|slot| vector(COUNT - 1 - slot)).collect();
        let rows: Vec<(Slot, &[f32])> = (0..).zip(others.iter().map(Vec::as_slice)).collect();
        let slots: SlotSet = (0..COUNT).filter(|slot| slot % 2 == 0).collect();
        let query = vector(10);
        let expected = exact(&view, space, &slots, &query, 3).unwrap().candidates;
        for verified in [false, true] {
            let index = Index::build(Metric::Cosine, 2, Params::default(), &rows, 1).unwrap();
            let graph = Graph::opened(0, view.catalog.slot_epoch, index, None, verified);
            let method = Method::Walk { ef: 3, budget: 0 };
            let found = with_graph(&view, space, &graph, &slots, &query, 3, method).unwrap();
            assert!(found.fell_back);
            assert_eq!(found.candidates == expected, !verified, "verified: {verified}");
        }
    }

    #[test]
    fn what_is_inserted_during_a_search_is_found_once() {
        let directory = tempfile::tempdir().unwrap();
        let view = view(directory.path());
        let space = view.catalog.space_by_id(0).unwrap();
        let vectors: Vec<Vec<f32>> = (0..COUNT).map(vector).collect();
        let rows: Vec<(Slot, &[f32])> = (0..).zip(vectors.iter().map(Vec::as_slice)).collect();
        let index = Index::build(Metric::Cosine, 2, Params::default(), &rows, 1).unwrap();
        let graph = Graph::opened(0, view.catalog.slot_epoch, index, None, true);
        let some: SlotSet = (0..COUNT).filter(|slot| slot % 3 != 0).collect();
        for slots in [(0..COUNT).collect(), some] {
            // As a search that began when the graph was so large.
            for frontier in [0, 1, 150, COUNT - 1, COUNT] {
                for method in [Method::Walk { ef: 64, budget: 10_000 }, Method::Scan, Method::Skim] {
                    let query = vector(150);
                    let search = GraphSearch {
                        view: &view,
                        space,
                        graph: &graph,
                        slots: &slots,
                        query: &query,
                        k: 20,
                        found: DenseCandidates::default(),
                    };
                    let found = search.run(frontier.into(), method).unwrap();
                    let expected = exact(&view, space, &slots, &query, 20).unwrap().candidates;
                    assert_eq!(found.candidates, expected, "{frontier}, {method:?}");
                }
            }
        }
    }
}
