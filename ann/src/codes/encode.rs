//! From a vector to its code.

use super::{Grain, Probe, halves};
use crate::Metric;
use crate::kernel;

/// A coded vector.
#[derive(Debug, Clone)]
pub(crate) struct Code {
    /// The code itself: one signed byte a component, or the components under manhattan.
    pub(super) row: Vec<u8>,
    /// `Σ c`, where it is a code.
    sum: i32,
    /// What the code is multiplied with.
    pub(super) scale: f32,
    /// `Σ c²`
    pub(super) sum_of_squares: u32,
    /// How far the coded vector is from the true one, at most (under cosine: between their directions).
    pub(super) error: f32,
}

/// `Σ c` of a code.
#[inline(always)]
pub(super) fn sum(code: &[u8]) -> i32 {
    code.iter().map(|component| i32::from(*component as i8)).sum()
}

impl Code {
    /// `‖s c‖²`
    pub(super) fn squared_norm(&self) -> f64 {
        f64::from(self.scale) * f64::from(self.scale) * f64::from(self.sum_of_squares)
    }

    /// `‖l‖² / ‖c‖²`: the share of the lower half.
    pub(super) fn lower_share(&self) -> f64 {
        if self.sum_of_squares == 0 {
            return 0.0;
        }
        let squares = halves::lower_squares(bytemuck::cast_slice(&self.row));
        f64::from(squares) / f64::from(self.sum_of_squares)
    }

    /// What nodes are compared with.
    pub(crate) fn probe(&self) -> Probe<'_> {
        let scale = f64::from(self.scale);
        Probe {
            code: &self.row,
            sum: self.sum,
            grain: Grain::Fine,
            scale,
            squares: self.squared_norm(),
            error: self.error,
            sphere: None,
        }
    }
}

/// A coded query, and a second code for what the first one left.
#[derive(Debug, Clone)]
pub(crate) struct Query {
    code: Code,
    /// `r`: the query is `t (c + r / FINER)`, nearly.
    rest: Vec<u8>,
    /// `Σ r`
    rest_sum: i32,
    /// `t`
    pub(super) scale: f64,
    /// How far that is from it, at most.
    pub(super) rest_error: f64,
    /// `‖t (c + r / FINER)‖²`
    pub(super) squares: f64,
}

/// What is left of a component is half a code at most, and has the code of 127 then.
pub(super) const FINER: f64 = 2.0 * 127.0;

impl Query {
    pub(super) fn new(metric: Metric, centre: &[f32], vector: &[f32]) -> Query {
        let (code, values) = coded(metric, centre, vector);
        let rest = vec![0; values.len()];
        kernel::widened(Query::with_rest, (metric, code, &values[..], rest))
    }

    #[inline(always)]
    fn with_rest((metric, code, values, mut rest): (Metric, Code, &[f64], Vec<u8>)) -> Query {
        let largest = largest(values);
        if largest == 0.0 {
            return Query { code, rest, rest_sum: 0, scale: 0.0, rest_error: 0.0, squares: 0.0 };
        }
        let inverse = LARGEST / largest;
        for (rest, value) in rest.iter_mut().zip(values) {
            let scaled = value * inverse;
            let left = scaled - ((scaled + ROUNDER) - ROUNDER);
            *rest = (left * FINER + ROUNDER).to_bits() as u8;
        }
        let scale = if metric == Metric::Cosine {
            1.0 / (lanes(values.len(), |at| values[at] * values[at]).sqrt() * inverse)
        } else {
            1.0 / inverse
        };
        // Of the code, not of the vector: distances are differences to it.
        let finer = |at: usize| f64::from(code.row[at] as i8) + f64::from(rest[at] as i8) / FINER;
        let squares = scale * scale * lanes(values.len(), |at| finer(at) * finer(at));
        // Half a unit of the finer code in every component, and a little for the rounding on the way.
        let rest_error = scale * 0.500_01 / FINER * (values.len() as f64).sqrt();
        let rest_sum = sum(&rest);
        Query { code, rest, rest_sum, scale, rest_error, squares }
    }

    /// What nodes are compared with.
    pub(crate) fn probe(&self) -> Probe<'_> {
        self.code.probe()
    }

    /// The same with the second code.
    pub(super) fn rest(&self) -> Probe<'_> {
        Probe { code: &self.rest, sum: self.rest_sum, ..self.probe() }
    }
}

/// The largest code: `16 · 7 + 7`, of which both halves fit four bits. Its negative is the smallest.
const LARGEST: f64 = 119.0;

/// Adding this and taking it away again rounds to whole numbers, for numbers as small as codes; unlike `f64::round`
/// it is two plain instructions everywhere. In between, the lowest bits are those of the whole number.
const ROUNDER: f64 = 6_755_399_441_055_744.0; // 1.5 · 2⁵²

pub(super) fn encode(metric: Metric, centre: &[f32], vector: &[f32]) -> Code {
    coded(metric, centre, vector).0
}

/// A code, and what of the vector was coded: nothing under manhattan.
fn coded(metric: Metric, centre: &[f32], vector: &[f32]) -> (Code, Vec<f64>) {
    if metric == Metric::Manhattan {
        let row = bytemuck::cast_slice(vector).to_vec();
        return (Code { row, sum: 0, scale: 1.0, sum_of_squares: 0, error: 0.0 }, Vec::new());
    }
    let (values, row) = (vec![0.0; vector.len()], vec![0; vector.len()]);
    kernel::widened(coded_values, (metric, centre, vector, values, row))
}

#[inline(always)]
fn coded_values(
    (metric, centre, vector, mut values, mut row): (Metric, &[f32], &[f32], Vec<f64>, Vec<u8>),
) -> (Code, Vec<f64>) {
    // In f64, the square of no f32 leaves its range.
    for (value, number) in values.iter_mut().zip(vector) {
        *value = f64::from(*number);
    }
    if centre.len() == vector.len() {
        for (value, centre) in values.iter_mut().zip(centre) {
            *value -= f64::from(*centre);
        }
    }
    let largest = largest(&values);
    if largest == 0.0 {
        return (Code { row, sum: 0, scale: 0.0, sum_of_squares: 0, error: 0.0 }, values);
    }
    let inverse = LARGEST / largest;
    for (code, value) in row.iter_mut().zip(&values) {
        // The lowest byte of what rounding gives is the code already.
        *code = (value * inverse + ROUNDER).to_bits() as u8;
    }
    let sum_of_squares = row.iter().map(|code| u32::from((*code as i8).unsigned_abs()).pow(2)).sum();
    let (scale, factor) = if metric == Metric::Cosine {
        let norm = lanes(values.len(), |at| values[at] * values[at]).sqrt();
        ((1.0 / f64::from(sum_of_squares).sqrt()) as f32, 1.0 / norm)
    } else {
        ((largest / LARGEST) as f32, 1.0)
    };
    let squared_error = lanes(values.len(), |at| {
        let error = values[at] * factor - f64::from(row[at] as i8) * f64::from(scale);
        error * error
    });
    let error = (squared_error.sqrt() * 1.000_001 + f64::from(f32::MIN_POSITIVE)) as f32;
    (Code { sum: sum(&row), row, scale, sum_of_squares, error }, values)
}

/// The size of the largest of some finite numbers. In lanes, as sums are.
#[inline(always)]
fn largest(values: &[f64]) -> f64 {
    let (blocks, rest) = values.as_chunks::<8>();
    let larger = |a: f64, b: f64| if b > a { b } else { a };
    let mut lanes = [0.0; 8];
    for block in blocks {
        for (lane, value) in lanes.iter_mut().zip(block) {
            *lane = larger(*lane, value.abs());
        }
    }
    lanes.into_iter().chain(rest.iter().map(|value| value.abs())).fold(0.0, larger)
}

/// A sum in eight lanes: one lane alone would wait for each addition.
#[inline(always)]
fn lanes(terms: usize, term: impl Fn(usize) -> f64) -> f64 {
    let mut lanes = [0.0; 8];
    let whole = terms - terms % 8;
    for start in (0..whole).step_by(8) {
        for (lane, sum) in lanes.iter_mut().enumerate() {
            *sum += term(start + lane);
        }
    }
    lanes.iter().sum::<f64>() + (whole..terms).map(term).sum::<f64>()
}
