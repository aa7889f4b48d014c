//! From a vector to its code.

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
}

/// The largest code. Its negative is the smallest: the kernels know no −128.
const LARGEST: f64 = 127.0;

/// Adding this and taking it away again rounds to whole numbers, for numbers as small as codes; unlike `f64::round`
/// it is two plain instructions everywhere.
const ROUNDER: f64 = 6_755_399_441_055_744.0; // 1.5 · 2⁵²

pub(super) fn encode(metric: Metric, centre: &[f32], vector: &[f32]) -> Code {
    if metric == Metric::Manhattan {
        let row = bytemuck::cast_slice(vector).to_vec();
        return Code { row, scale: 1.0, sum_of_squares: 0, error: 0.0 };
    }
    // In f64: the square of no f32 leaves its range.
    let values: Vec<f64> = if centre.len() == vector.len() {
        vector.iter().zip(centre).map(|(v, c)| f64::from(*v) - f64::from(*c)).collect()
    } else {
        vector.iter().map(|v| f64::from(*v)).collect()
    };
    let largest = values.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
    if largest == 0.0 {
        return Code { row: vec![0; vector.len()], scale: 0.0, sum_of_squares: 0, error: 0.0 };
    }
    let inverse = LARGEST / largest;
    let codes: Vec<i8> = values.iter().map(|value| ((value * inverse + ROUNDER) - ROUNDER) as i8).collect();
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
