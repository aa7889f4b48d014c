//! Nearest neighbours over slots and `f32` slices.
//!
//! This crate knows numbers only: a vector is a `&[f32]`, its owner is a `u32` slot, an answer is a list of
//! [`Candidate`]s. It opens no file, starts no thread and keeps no vector.
//!
//! | word | is |
//! |---|---|
//! | [`Metric`] | how the closeness of two vectors is measured |
//! | [`Scorer`] | one query and one metric: scores vectors, higher is better, never NaN |
//! | [`TopK`] | the k best of a stream of scores, with everything that ties at its edge |
//! | [`Flat`] | exact search, scorer and top k together: the truth for recall |
//!
//! ```
//! use vectlite_ann::{Flat, Metric};
//!
//! let rows: [(u32, &[f32]); 3] = [(0, &[1.0, 0.0]), (1, &[0.6, 0.8]), (2, &[0.0, 1.0])];
//!
//! let mut flat = Flat::new(Metric::Cosine, &[2.0, 0.0], 2);
//! flat.extend(rows);
//! let best = flat.finish();
//!
//! assert_eq!(best.iter().map(|candidate| candidate.slot).collect::<Vec<_>>(), [0, 1]);
//! assert_eq!(best[0].score, 1.0);
//! ```
//!
//! The arithmetic is specified to the bit (`kernel/scalar.rs`): the same vectors have the same scores on every
//! machine, in every process and language.

mod codes;
mod error;
mod extend;
mod flat;
mod graph;
mod image;
mod index;
mod kernel;
mod layout;
mod memory;
mod metric;
mod order;
mod params;
mod pool;
mod random;
mod repair;
mod scorer;
mod scratch;
mod topk;
mod walk;

pub use error::Error;
pub use flat::Flat;
pub use image::{Binding, Damage};
pub use index::{Ended, Found, Index, IndexStats, Near, Search, rescore};
pub use metric::{Metric, UnknownMetric};
pub use params::{DEFAULT_EF_SEARCH, Params};
pub use scorer::{Scorer, is_zero_norm};
pub use topk::{Candidate, TopK};
