//! One graph: the nearest neighbours of one vector space under one numbering of slots.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arc_swap::ArcSwapOption;
use vectlite_ann::{Index, IndexStats};

use super::rows::Rows;
use crate::storage::catalog::SpaceId;

/// See the module.
#[derive(Debug)]
pub(crate) struct Graph {
    pub(crate) space: SpaceId,
    /// The numbering that its slots belong to.
    pub(crate) slot_epoch: u64,
    pub(crate) index: Index,
    /// Exact vectors and keys of the nodes that were in the image; `None` before there is one.
    rows: ArcSwapOption<Rows>,
    /// Whether it came from its image.
    pub(crate) loaded: bool,
    /// Whether all of it is known to be whole: what came from an image is, once its checksums were compared. Nothing is
    /// inserted before.
    verified: AtomicBool,
}

impl Graph {
    /// A graph that this process builds.
    pub(crate) fn built(space: SpaceId, slot_epoch: u64, index: Index) -> Graph {
        Graph {
            space,
            slot_epoch,
            index,
            rows: ArcSwapOption::empty(),
            loaded: false,
            verified: AtomicBool::new(true),
        }
    }

    /// A graph as it stands in an image.
    pub(crate) fn opened(
        space: SpaceId,
        slot_epoch: u64,
        index: Index,
        rows: Option<Arc<Rows>>,
        verified: bool,
    ) -> Graph {
        let rows = ArcSwapOption::new(rows);
        Graph { space, slot_epoch, index, rows, loaded: true, verified: AtomicBool::new(verified) }
    }

    pub(crate) fn rows(&self) -> Option<Arc<Rows>> {
        self.rows.load_full()
    }

    /// The image was written.
    pub(crate) fn set_rows(&self, rows: Rows) {
        self.rows.store(Some(Arc::new(rows)));
    }

    pub(crate) fn is_verified(&self) -> bool {
        self.verified.load(Ordering::Acquire)
    }

    pub(crate) fn set_verified(&self) {
        self.verified.store(true, Ordering::Release);
    }
}

/// What a graph holds.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct GraphStats {
    /// The vector space; `""` is the default one.
    pub space: String,
    /// All nodes, dead ones too.
    pub nodes: u64,
    /// Nodes whose vector was deleted or overwritten.
    pub dead: u64,
    /// Live vectors that are not in the graph yet: scanned exactly.
    pub tail: u64,
    /// Nodes that hnsw_rs inserted.
    pub seeded: u64,
    /// Nodes that were inserted behind those.
    pub extended: u64,
    /// Nodes that hang on another one with the same code and have no links.
    pub twins: u64,
    /// Nodes that a bulk load had left out of reach and that were linked to afterwards.
    pub repaired: u64,
    /// Layers above the lowest.
    pub levels: u64,
    /// Bytes of codes and links.
    pub bytes: u64,
    /// Whether it came from `NAME.vdb.ann`.
    pub loaded_from_disk: bool,
    /// The instruction set that distances are computed with.
    pub kernels: &'static str,
}

impl Graph {
    /// `live` vectors of its space, `tail` of them behind the frontier.
    pub(crate) fn stats(&self, space: &str, live: u64, tail: u64) -> GraphStats {
        let IndexStats { nodes, seeded, extended, twins, repaired, levels, bytes, kernels, .. } =
            self.index.stats();
        let [nodes, seeded, extended, twins, repaired, levels, bytes] =
            [nodes, seeded, extended, twins, repaired, levels, bytes].map(|count| count as u64);
        GraphStats {
            space: space.to_owned(),
            nodes,
            dead: nodes.saturating_sub(live.saturating_sub(tail)),
            tail,
            seeded,
            extended,
            twins,
            repaired,
            levels,
            bytes,
            loaded_from_disk: self.loaded,
            kernels,
        }
    }
}
