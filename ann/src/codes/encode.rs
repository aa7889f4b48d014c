//! From a vector to its code.

use super::Probe;
use crate::Metric;

/// A coded vector.
#[derive(Debug, Clone)]
pub(crate) struct Code {
    /// The code itself: one signed byte a component, or the components under manhattan.
    pub(super) row: Vec<u8>,
    /// What the code is multiplied with.
    pub(super) scale: f32,
    /// `Σ c²`
    pub(super) sum_of_squares: u32,
    /// How far the coded vector is from the true one, at most (under cosine: between their directions).
    pub(super) error: f32,
}

impl Code {
    /// `‖s c‖²`
    pub(super) fn squared_norm(&self) -> f64 {
        f64::from(self.scale) * f64::from(self.scale) * f64::from(self.sum_of_squares)
    }

    /// What nodes are compared with.
    pub(crate) fn probe(&self) -> Probe<'_> {
        let scale = f64::from(self.scale);
        Probe { row: &self.row, scale, squares: self.squared_norm(), error: self.error, sphere: None }
    }
}

/// A coded query, and a second code for what the first one left.
#[derive(Debug, Clone)]
pub(crate) struct Query {
    code: Code,
    /// `r`: the query is `t (c + r / FINER)`, nearly.
    pub(super) rest: Vec<u8>,
    /// `t`
    pub(super) scale: f64,
    /// How far that is from it, at most.
    pub(super) rest_error: f64,
    /// `‖t (c + r / FINER)‖²`
    pub(super) squares: f64,
}

/// What is left of a component is half a code at most, and has the code of 127 then.
pub(super) const FINER: f64 = 2.0 * LARGEST;

impl Query {
    pub(super) fn new(metric: Metric, centre: &[f32], vector: &[f32]) -> Query {
        let values = if metric == Metric::Manhattan { Vec::new() } else { values(centre, vector) };
        let largest = values.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
        let code = encode_values(metric, vector, &values, largest);
        if largest == 0.0 {
            return Query { code, rest: vec![0; values.len()], scale: 0.0, rest_error: 0.0, squares: 0.0 };
        }
        let inverse = LARGEST / largest;
        let rest = values.iter().map(|value| {
            let scaled = value * inverse;
            let left = scaled - ((scaled + ROUNDER) - ROUNDER);
            (left * FINER + ROUNDER).to_bits() as u8
        });
        let rest: Vec<u8> = rest.collect();
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
        Query { code, rest, scale, rest_error, squares }
    }

    /// What nodes are compared with.
    pub(crate) fn probe(&self) -> Probe<'_> {
        self.code.probe()
    }
}

/// The largest code. Its negative is the smallest: the kernels know no −128.
const LARGEST: f64 = 127.0;

/// Adding this and taking it away again rounds to whole numbers, for numbers as small as codes; unlike `f64::round`
/// it is two plain instructions everywhere. In between, the lowest bits are those of the whole number.
const ROUNDER: f64 = 6_755_399_441_055_744.0; // 1.5 · 2⁵²

pub(super) fn encode(metric: Metric, centre: &[f32], vector: &[f32]) -> Code {
    let values = if metric == Metric::Manhattan { Vec::new() } else { values(centre, vector) };
    let largest = values.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
    encode_values(metric, vector, &values, largest)
}

/// From what is coded of a vector (nothing under manhattan), and its largest component.
fn encode_values(metric: Metric, vector: &[f32], values: &[f64], largest: f64) -> Code {
    if metric == Metric::Manhattan {
        let row = bytemuck::cast_slice(vector).to_vec();
        return Code { row, scale: 1.0, sum_of_squares: 0, error: 0.0 };
    }
    if largest == 0.0 {
        return Code { row: vec![0; vector.len()], scale: 0.0, sum_of_squares: 0, error: 0.0 };
    }
    let inverse = LARGEST / largest;
    // The lowest byte of what rounding gives is the code already.
    let codes: Vec<i8> = values.iter().map(|value| (value * inverse + ROUNDER).to_bits() as i8).collect();
    let sum_of_squares = codes.iter().map(|code| u32::from(code.unsigned_abs()).pow(2)).sum();
    let (scale, factor) = if metric == Metric::Cosine {
        let norm = lanes(values.len(), |at| values[at] * values[at]).sqrt();
        ((1.0 / f64::from(sum_of_squares).sqrt()) as f32, 1.0 / norm)
    } else {
        ((largest / LARGEST) as f32, 1.0)
    };
    let squared_error = lanes(values.len(), |at| {
        let error = values[at] * factor - f64::from(codes[at]) * f64::from(scale);
        error * error
    });
    let error = (squared_error.sqrt() * 1.000_001 + f64::from(f32::MIN_POSITIVE)) as f32;
    Code { row: bytemuck::cast_slice(&codes).to_vec(), scale, sum_of_squares, error }
}

/// What is coded of a vector, in `f64`: the square of no `f32` leaves its range.
fn values(centre: &[f32], vector: &[f32]) -> Vec<f64> {
    if centre.len() == vector.len() {
        vector.iter().zip(centre).map(|(v, c)| f64::from(*v) - f64::from(*c)).collect()
    } else {
        vector.iter().map(|v| f64::from(*v)).collect()
    }
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
