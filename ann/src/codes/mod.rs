//! Vectors as the graph sees them: int8 codes with a scale, by node, in memory that never moves.
//!
//! | metric | what is coded | facts of a node | distance between nodes |
//! |---|---|---|---|
//! | cosine | the direction, `v / ‖v‖` | `1 / ‖c‖` | `1 − cos(c, c′)` |
//! | euclidean | `v − centre` | scale `s`, `Σ c²` | `‖s c − s′ c′‖` |
//! | dot product | `v` | scale `s`, `Σ c²` | that of `(s c, x)` and `(s′ c′, x′)`, see below |
//! | manhattan | `v` itself, as `f32` | none | `‖v − v′‖₁` |
//!
//! A code is `v` divided by its scale and rounded; the scale makes its largest component ±119. It belongs to the
//! vector alone, so a vector of any size that comes later is coded as well as the first. It lies in two halves
//! ([`halves`]): the upper one alone tells who is near, at half of the price, and the whole code in which order.
//!
//! A dot product is no distance: it is negative for some pairs, and a vector need not be its own best. So nodes get
//! one more coordinate, `x = √(M² − ‖v‖²)` with the largest norm `M` of all nodes: they then lie on one sphere, where
//! the euclidean distance to a query (whose own `x` is 0) falls exactly as the dot product rises, and distances
//! between nodes obey the triangle inequality that links are chosen by. `M` may grow: `x` is computed where it is
//! used. A query is compared by `−v·q` alone, which gives the same order.
//!
//! Distances are finite, never NaN and, between nodes, never negative; sums that leave `f32` are taken in `f64`.
#![expect(
    clippy::indexing_slicing,
    reason = "the arrays have a constant length, and the closures are called below it"
)]

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::Metric;
use crate::kernel::{self, Kernels};
use crate::memory::{Region, Rows};

mod encode;
mod halves;
mod reach;
mod slack;

#[cfg(test)]
mod tests;

use encode::Sums;
pub(crate) use encode::{Code, Query};
pub(crate) use reach::Reach;
pub(crate) use slack::{Bound, Overall};

/// The codes of all nodes.
#[derive(Debug)]
pub(crate) struct Codes {
    metric: Metric,
    dimension: usize,
    /// What is subtracted from every vector, under euclidean distance only: codes of data far from the origin would
    /// all look alike. Empty: nothing.
    centre: Vec<f32>,
    rows: Rows,
    /// See the table: the scale, and the sum of squares where there is one.
    facts: Rows,
    /// The largest squared norm of a node, as the bits of an `f64`: these ascend as non-negative numbers do.
    largest: AtomicU64,
    /// What is known of the errors of all codes together.
    errors: slack::Errors,
    kernels: &'static Kernels,
    appending: Mutex<()>,
}

/// How many nodes are compared with a probe at a time: what is done for the probe's code is then done once for all.
pub(crate) const TOGETHER: usize = kernel::TOGETHER;

/// The columns of [`Codes`], as an image keeps them.
pub(crate) struct Columns<T> {
    pub(crate) rows: T,
    pub(crate) facts: T,
}

/// What nodes are compared with: a query, or one of them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Probe<'a> {
    /// One byte a component, or the components under manhattan.
    code: &'a [u8],
    sums: Sums,
    grain: Grain,
    scale: f64,
    /// `‖s c‖²`
    squares: f64,
    /// For a query: how far its code is from it, at most.
    error: f32,
    /// For a node under dot product: `M²`, and its own last coordinate.
    sphere: Option<(f64, f64)>,
}

/// Where a node's code is put together. For nodes of the same [`Codes`] only, whose rows never change.
#[derive(Debug, Default)]
pub(crate) struct Room {
    /// The node whose code is here.
    node: Option<u32>,
    code: Vec<u8>,
    sums: Sums,
}

/// How closely nodes are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grain {
    /// By the upper halves of their codes.
    Coarse,
    /// By the whole codes.
    Fine,
}

impl Probe<'_> {
    /// What an upper half adds to a product of codes, from what the kernel gives for it.
    #[inline]
    fn upper(&self, dot: i32) -> i32 {
        self.lower(dot).wrapping_mul(halves::UPPER)
    }

    /// What a lower half adds.
    #[inline]
    fn lower(&self, dot: i32) -> i32 {
        dot.wrapping_sub(self.sums.components.wrapping_mul(halves::RAISED))
    }

    /// How closely it looks.
    #[inline]
    pub(crate) fn grain(&self) -> Grain {
        self.grain
    }
}

impl Codes {
    /// No codes yet, and memory for `expected`.
    pub(crate) fn new(
        metric: Metric,
        dimension: usize,
        centre: Vec<f32>,
        expected: usize,
    ) -> io::Result<Codes> {
        Ok(Codes::over(
            metric,
            dimension,
            centre,
            Columns {
                rows: Rows::new(row_bytes(metric, dimension), expected)?,
                facts: Rows::new(facts_bytes(metric), expected)?,
            },
            Overall::default(),
        ))
    }

    /// The codes of an image. Whatever its bytes are, distances stay finite numbers.
    pub(crate) fn open(
        metric: Metric,
        dimension: usize,
        centre: Vec<f32>,
        overall: Overall,
        columns: Columns<Region>,
    ) -> Codes {
        let rows = Rows::full(row_bytes(metric, dimension), columns.rows);
        let facts = Rows::full(facts_bytes(metric), columns.facts);
        Codes::over(metric, dimension, centre, Columns { rows, facts }, overall)
    }

    fn over(
        metric: Metric,
        dimension: usize,
        centre: Vec<f32>,
        columns: Columns<Rows>,
        overall: Overall,
    ) -> Codes {
        let Columns { rows, facts } = columns;
        Codes {
            metric,
            dimension,
            centre,
            rows,
            facts,
            largest: AtomicU64::new(overall.squared_norm.max(0.0).to_bits()),
            errors: slack::Errors::new(&overall),
            kernels: kernel::kernels(),
            appending: Mutex::new(()),
        }
    }

    /// A copy of the first `nodes` codes.
    pub(crate) fn copy(&self, nodes: usize) -> io::Result<Codes> {
        let columns = Columns { rows: self.rows.copy(nodes)?, facts: self.facts.copy(nodes)? };
        Ok(Codes::over(self.metric, self.dimension, self.centre.clone(), columns, self.overall()))
    }

    /// The name of the kernels.
    pub(crate) fn kernels(&self) -> &'static str {
        self.kernels.name
    }

    pub(crate) fn metric(&self) -> Metric {
        self.metric
    }

    pub(crate) fn dimension(&self) -> usize {
        self.dimension
    }

    pub(crate) fn centre(&self) -> &[f32] {
        &self.centre
    }

    /// The largest squared norm of a node.
    pub(crate) fn largest(&self) -> f64 {
        f64::from_bits(self.largest.load(Ordering::Relaxed))
    }

    /// What is known of all nodes together, for an image.
    pub(crate) fn overall(&self) -> Overall {
        Overall { squared_norm: self.largest(), ..self.errors.overall() }
    }

    /// How many nodes there are.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The columns, for an image.
    pub(crate) fn columns(&self) -> Columns<&Rows> {
        Columns { rows: &self.rows, facts: &self.facts }
    }

    /// Codes a vector, finite and as long as the dimension.
    pub(crate) fn encode(&self, vector: &[f32]) -> Code {
        encode::encode(self.metric, &self.centre, vector)
    }

    /// Codes a query, to compare nodes with.
    pub(crate) fn query(&self, vector: &[f32]) -> Query {
        Query::new(self.metric, &self.centre, vector)
    }

    /// Appends a code. Gives its node.
    pub(crate) fn push(&self, code: &Code) -> io::Result<u32> {
        // One at a time, so that all columns agree on the number; the column of codes comes last and publishes it.
        let _appending = self.appending.lock().unwrap_or_else(PoisonError::into_inner);
        let node = u32::try_from(self.rows.len()).ok().filter(|node| *node < crate::layout::MAX_NODES);
        let node = node.ok_or(io::ErrorKind::OutOfMemory)?;
        let mut facts = [0; 8];
        facts[..4].copy_from_slice(&code.scale.to_le_bytes());
        facts[4..].copy_from_slice(&code.sum_of_squares.to_le_bytes());
        self.facts.push(&facts)?;
        self.errors.note(code);
        self.largest.fetch_max(code.squared_norm().to_bits(), Ordering::Relaxed);
        match self.metric {
            Metric::Manhattan => self.rows.push(&code.row)?,
            _ => self.rows.push(&halves::packed(bytemuck::cast_slice(&code.row)))?,
        };
        Ok(node)
    }

    /// A node to compare others with. Its code is put together in `room`, if it is not the last one that was.
    pub(crate) fn node<'a>(&'a self, node: u32, room: &'a mut Room) -> Option<Probe<'a>> {
        let row = self.rows.get(node as usize)?;
        let (code, sums) = if self.metric == Metric::Manhattan {
            (row, Sums::default())
        } else {
            if room.node != Some(node) {
                room.code.resize(self.dimension, 0);
                room.sums = halves::unpack(row, &mut room.code);
                room.node = Some(node);
            }
            (&room.code[..], room.sums)
        };
        let (scale, squares) = self.facts(node);
        let sphere = (self.metric == Metric::DotProduct).then(|| {
            let largest = self.largest();
            (largest, (largest - squares).max(0.0).sqrt())
        });
        Some(Probe { code, sums, grain: Grain::Fine, scale, squares, error: 0.0, sphere })
    }

    /// The same probe for a look at upper halves. Manhattan has whole vectors only.
    pub(crate) fn coarse<'a>(&self, probe: Probe<'a>) -> Probe<'a> {
        let grain = if self.metric == Metric::Manhattan { Grain::Fine } else { Grain::Coarse };
        Probe { grain, ..probe }
    }

    /// Whether two nodes have one code: nothing that is computed here tells them apart.
    pub(crate) fn same(&self, a: u32, b: u32) -> bool {
        self.identity(a) == self.identity(b)
    }

    /// Everything that [`Codes::same`] looks at.
    #[inline]
    pub(crate) fn identity(&self, node: u32) -> (Option<&[u8]>, Option<&[u8]>) {
        (self.facts.get(node as usize), self.rows.get(node as usize))
    }

    /// How far a node is from the probe; `f32::MAX` where there is no such node.
    #[inline]
    pub(crate) fn distance(&self, probe: &Probe<'_>, node: u32) -> f32 {
        let Some(row) = self.rows.get(node as usize) else { return f32::MAX };
        if self.metric == Metric::Manhattan {
            let distance = (self.kernels.manhattan)(floats(probe.code), floats(row));
            return if distance <= f32::MAX { distance } else { f32::MAX };
        }
        self.by_dot(probe, node, self.dot(probe, row))
    }

    /// The distances of some nodes. Inlined wherever codes are compared, as is what it calls: a tenth of a scan, and a twentieth of a walk
    /// (*measured*).
    #[inline(always)]
    pub(crate) fn distances(&self, probe: &Probe<'_>, nodes: &[u32; TOGETHER]) -> [f32; TOGETHER] {
        match self.coded_rows(nodes) {
            Some(rows) => self.by_dots(probe, nodes, self.dots(probe, rows)),
            None => nodes.map(|node| self.distance(probe, node)),
        }
    }

    /// The codes of some nodes, if there are all of them.
    #[inline(always)]
    fn coded_rows(&self, nodes: &[u32; TOGETHER]) -> Option<[&[u8]; TOGETHER]> {
        if self.metric == Metric::Manhattan {
            return None;
        }
        self.rows.get_all(nodes)
    }

    /// `Σ c c′`, or nearly.
    #[inline]
    fn dot(&self, probe: &Probe<'_>, row: &[u8]) -> i32 {
        let (upper, lower) = row.split_at(row.len() / 2);
        let code = bytemuck::cast_slice(probe.code);
        let dot = probe.upper((self.kernels.half_dot)(code, upper));
        match probe.grain {
            Grain::Coarse => dot,
            Grain::Fine => dot.wrapping_add(probe.lower((self.kernels.half_dot)(code, lower))),
        }
    }

    /// The same for some rows.
    #[inline(always)]
    fn dots(&self, probe: &Probe<'_>, rows: [&[u8]; TOGETHER]) -> [i32; TOGETHER] {
        let rows = rows.map(|row| row.split_at(row.len() / 2));
        let code = bytemuck::cast_slice(probe.code);
        let dots = (self.kernels.half_dots)(code, &rows.map(|row| row.0)).map(|dot| probe.upper(dot));
        if probe.grain == Grain::Coarse {
            return dots;
        }
        let lower = (self.kernels.half_dots)(code, &rows.map(|row| row.1));
        std::array::from_fn(|at| dots[at].wrapping_add(probe.lower(lower[at])))
    }

    /// The distance of a node by the product of its code with the probe's. The default metric has a way of its own: what is computed
    /// beside the product shows.
    #[inline]
    fn by_dot(&self, probe: &Probe<'_>, node: u32, dot: i32) -> f32 {
        if self.metric == Metric::Cosine {
            cosine(probe, self.scale(node), dot)
        } else {
            self.other_by_dot(probe, node, f64::from(dot))
        }
    }

    /// The same for some nodes.
    #[inline(always)]
    fn by_dots(&self, probe: &Probe<'_>, nodes: &[u32; TOGETHER], dots: [i32; TOGETHER]) -> [f32; TOGETHER] {
        match self.facts.get_all(nodes) {
            Some(facts) if self.metric == Metric::Cosine => {
                std::array::from_fn(|at| cosine(probe, scale(facts[at]), dots[at]))
            }
            _ => std::array::from_fn(|at| self.by_dot(probe, nodes[at], dots[at])),
        }
    }

    fn other_by_dot(&self, probe: &Probe<'_>, node: u32, dot: f64) -> f32 {
        let (scale, squares) = self.facts(node);
        let product = probe.scale * scale * dot;
        let apart = match (self.metric, probe.sphere) {
            (Metric::DotProduct, None) => return finite(-product),
            (Metric::DotProduct, Some((largest, x))) => x - (largest - squares).max(0.0).sqrt(),
            _ => 0.0,
        };
        euclidean(probe.squares + squares - 2.0 * product + apart * apart)
    }

    /// Asks for the memory that a probe of this grain is compared with. Not for the node's facts, which are close to the processor mostly.
    #[inline]
    pub(crate) fn prefetch(&self, node: u32, grain: Grain) {
        if let Some(row) = self.rows.get(node as usize) {
            kernel::prefetch(if grain == Grain::Coarse { row.split_at(row.len() / 2).0 } else { row });
        }
    }

    #[inline]
    fn scale(&self, node: u32) -> f32 {
        self.facts.get(node as usize).map_or(0.0, scale)
    }

    /// The scale and `‖s c‖²`.
    #[inline]
    fn facts(&self, node: u32) -> (f64, f64) {
        let scale = f64::from(self.scale(node));
        let facts = self.facts.get(node as usize).and_then(|facts| facts.last_chunk());
        let sum = facts.map_or(0.0, |sum| f64::from(u32::from_le_bytes(*sum)));
        (scale, scale * scale * sum)
    }
}

/// Bytes of a code.
pub(crate) fn row_bytes(metric: Metric, dimension: usize) -> usize {
    if metric == Metric::Manhattan { 4 * dimension } else { 2 * halves::half_bytes(dimension) }
}

/// Bytes of the facts of a node.
pub(crate) fn facts_bytes(metric: Metric) -> usize {
    match metric {
        Metric::Cosine | Metric::Manhattan => 4,
        Metric::Euclidean | Metric::DotProduct => 8,
    }
}

/// The scale among the facts of a node.
#[inline]
fn scale(facts: &[u8]) -> f32 {
    facts.first_chunk().map_or(0.0, |scale| f32::from_le_bytes(*scale))
}

/// The distance under cosine. Scales are at most 1, so `f32` has room for everything; NaN, which takes a damaged image, is as far as
/// can be.
#[inline]
#[expect(
    clippy::manual_clamp,
    reason = "clamp keeps a NaN; this order of the two makes it the largest number"
)]
fn cosine(probe: &Probe<'_>, scale: f32, dot: i32) -> f32 {
    (1.0 - dot as f32 * (probe.scale as f32 * scale)).min(f32::MAX).max(0.0)
}

/// The nearest finite `f32`. NaN, which takes a damaged image, is as far as can be.
#[inline]
fn finite(wide: f64) -> f32 {
    if wide.is_nan() {
        return f32::MAX;
    }
    wide.clamp(-f64::from(f32::MAX), f64::from(f32::MAX)) as f32
}

/// The root of a squared distance, which rounding may have taken below zero. Without the root, small and large
/// distances would leave `f32`.
#[inline]
fn euclidean(squares: f64) -> f32 {
    if squares.is_nan() { f32::MAX } else { finite(squares.max(0.0).sqrt()) }
}

/// A row of numbers. Rows start at multiples of four bytes, so the cast never fails.
#[inline]
fn floats(row: &[u8]) -> &[f32] {
    bytemuck::try_cast_slice(row).unwrap_or_default()
}
