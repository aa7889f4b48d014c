//! The inner loops, and the one place where they are chosen.
//!
//! - `scalar`: the portable `f32` kernels. They are the specification: another kernel may replace one of them when
//!   it gives the same bits.
//! - `wide`: the same sums in `f64`, for the few vectors whose `f32` sums leave the range of `f32`.
//! - `tests`: what holds for every kernel.
//!
//! Two slices given to a kernel have the same length. The callers check that; should they ever differ, a release
//! build reads the common prefix only.

mod scalar;
mod wide;

#[cfg(test)]
mod tests;

pub(crate) use scalar::{dot, dot_and_squared_norm, manhattan, squared_euclidean, squared_norm};
pub(crate) use wide::{
    dot as wide_dot, manhattan as wide_manhattan, squared_euclidean as wide_squared_euclidean,
    squared_norm as wide_squared_norm,
};
