//! Nearest neighbours over slots and `f32` slices.
//!
//! This crate knows numbers only: a vector is a `&[f32]`, its owner is a `u32` slot, an answer is a list of
//! candidates. It keeps codes and links, never the vectors themselves; it opens no file (an image is a file that is
//! handed in), and its threads end with the call that started them.
//!
//! | word | is |
//! |---|---|
//! | [`Metric`] | how the closeness of two vectors is measured |
//! | [`Scorer`] | one query and one metric: scores vectors, higher is better, never NaN |
//! | [`TopK`] | the k best of a stream of scores, with everything that ties at its edge |
//! | [`Flat`] | exact search, scorer and top k together: the truth for recall |
//! | [`Index`] | approximate search: an HNSW graph over int8 codes, grown slot by slot or in bulk |
//! | [`rescore`] | from an index's candidates to exact scores |
//! | [`Binding`] | whose image an image is |
//!
//! From the bottom: `kernel` (sums), `memory` (rows that never move), `codes` (vectors as int8), `layout` (links),
//! `walk` (searching them), `extend` and `repair` (new nodes), `graph` (hnsw_rs builds the start), `order` (what is
//! near comes near), `index` (all together), `image` (as a file).
//!
//! ```
//! use vectlite_ann::{Index, Metric, Params, Scorer, Search, rescore};
//!
//! let vectors: Vec<[f32; 2]> = (0..500).map(|number| [(number as f32).cos(), (number as f32).sin()]).collect();
//! let rows: Vec<(u32, &[f32])> = (0..).zip(vectors.iter().map(|vector| vector.as_slice())).collect();
//! let index = Index::build(Metric::Cosine, 2, Params::default(), &rows[..400], 2)?;
//! for (slot, vector) in &rows[400..] {
//!     index.insert(*slot, vector)?; // also while others search
//! }
//! assert_eq!(index.frontier(), 500);
//!
//! let query = [1.0, 0.1];
//! let found = index.search_filtered(&query, Search::new(3), |slot| slot % 2 == 0)?;
//! let scorer = Scorer::new(Metric::Cosine, &query);
//! let best = rescore(&found.candidates, 3, |slot| Some(f64::from(scorer.score(&vectors[slot as usize]))));
//! assert_eq!(best.iter().map(|candidate| candidate.slot).collect::<Vec<_>>(), [264, 220, 308]);
//! # Ok::<(), vectlite_ann::Error>(())
//! ```
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
//! | feature | is |
//! |---|---|
//! | `hnsw` | the start of a graph is built by hnsw_rs; without it all nodes are inserted one by one, which finds less where vectors are near copies of each other: the engine has no graphs then |
//! | `mmap` | [`Index::open_image`] maps images, and memory is mapped; without it images are read into memory of the allocator |
//!
//! The arithmetic is specified to the bit (`kernel/scalar.rs`): the same vectors have the same scores on every
//! machine, in every process and language.
#![cfg_attr(not(test), deny(clippy::indexing_slicing))]

mod codes;
mod error;
mod extend;
mod flat;
#[cfg(feature = "hnsw")]
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
pub use index::{Effort, Ended, Found, Index, IndexStats, Near, Search, rescore};
pub use metric::{Metric, UnknownMetric};
pub use params::{DEFAULT_EF_SEARCH, Params};
pub use scorer::{Scorer, is_zero_norm};
pub use topk::{Candidate, TopK};
