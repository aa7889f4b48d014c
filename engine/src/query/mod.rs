//! The search path: request → plan → candidates → fusion → MMR → hits, one file for each step.
//!
//! What stands here knows scores and slots; what they mean is stated once, in `engine/docs/query-semantics.md`.

pub(crate) mod batch;
mod dense;
pub(crate) mod execute;
pub mod explain;
mod fusion;
mod hit;
mod include;
mod keys;
mod mmr;
mod plan;
mod rank;
mod request;
mod reranking;
mod scale;
mod stats;
mod valid_request;

pub use explain::Explanation;
pub use fusion::Fusion;
pub use hit::Hit;
pub use include::Include;
pub use request::SearchRequest;
pub use reranking::Reranking;
pub use stats::{SearchResponse, SearchStats, SearchTimings};
