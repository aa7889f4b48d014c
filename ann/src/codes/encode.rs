//! From a vector to its code.
#![expect(clippy::indexing_slicing, reason = "the arrays have a constant length, and the loops end there")]

use super::{Grain, Probe};
use crate::Metric;
use crate::kernel::{self, Loops};

/// A coded vector.
#[derive(Debug, Clone)]
pub(crate) struct Code {
    /// The code itself: one signed byte a component, or the components under manhattan.
    pub(super) row: Vec<u8>,
    /// Where it is a code.
    sums: Sums,
    /// What the code is multiplied with.
    pub(super) scale: f32,
    /// `Σ c²`
    pub(super) sum_of_squares: u32,
    /// How far the coded vector is from the true one, at most (under cosine: between their directions).
    pub(super) error: f32,
}

/// What is summed over a code.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Sums {
    /// `Σ c`
    pub(super) components: i32,
    /// `Σ c² l²` for the lower halves `l` that a code like this one may have: all of its small components, and of the others
    /// the mean square of what rounding to 16 leaves.
    pub(super) lower_halves: f32,
}

#[inline(always)]
pub(super) fn sums(code: &[u8]) -> Sums {
    // So many at a time fit the sums, of which a register then has more.
    const PIECE: usize = 256;
    /// Three times the mean square of a number between −8 and 8.
    const MEAN_SQUARE: i32 = 64;
    let mut sums = Sums::default();
    for piece in code.chunks(PIECE) {
        let components = piece.iter().map(|component| i16::from(*component as i8)).sum::<i16>();
        sums.components += i32::from(components);
        let lower = piece.iter().map(|component| {
            let square = i32::from(i16::from(*component as i8).pow(2));
            square * (3 * square).min(MEAN_SQUARE)
        });
        sums.lower_halves += lower.sum::<i32>() as f32 / 3.0;
    }
    sums
}

impl Code {
    /// `‖s c‖²`
    pub(super) fn squared_norm(&self) -> f64 {
        f64::from(self.scale) * f64::from(self.scale) * f64::from(self.sum_of_squares)
    }

    /// What nodes are compared with.
    pub(crate) fn probe(&self) -> Probe<'_> {
        let scale = f64::from(self.scale);
        Probe {
            code: &self.row,
            sums: self.sums,
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
    rest_sums: Sums,
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
        kernel::widened(RestCoding { metric, code, values, rest })
    }

    /// What nodes are compared with.
    pub(crate) fn probe(&self) -> Probe<'_> {
        self.code.probe()
    }

    /// The same with the second code.
    pub(super) fn rest(&self) -> Probe<'_> {
        Probe { code: &self.rest, sums: self.rest_sums, ..self.probe() }
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
        return (Code { row, sums: Sums::default(), scale: 1.0, sum_of_squares: 0, error: 0.0 }, Vec::new());
    }
    let (values, row) = (vec![0.0; vector.len()], vec![0; vector.len()]);
    kernel::widened(Coding { metric, centre, vector, values, row })
}

/// From a vector to its code, with room for what comes of it.
struct Coding<'a> {
    metric: Metric,
    centre: &'a [f32],
    vector: &'a [f32],
    values: Vec<f64>,
    row: Vec<u8>,
}

impl Loops for Coding<'_> {
    type Result = (Code, Vec<f64>);

    #[inline(always)]
    fn run(self) -> (Code, Vec<f64>) {
        let Coding { metric, centre, vector, mut values, mut row } = self;
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
            return (Code { row, sums: Sums::default(), scale: 0.0, sum_of_squares: 0, error: 0.0 }, values);
        }
        let inverse = LARGEST / largest;
        for (code, value) in row.iter_mut().zip(&values) {
            // The lowest byte of what rounding gives is the code already.
            *code = (value * inverse + ROUNDER).to_bits() as u8;
        }
        let sum_of_squares = row.iter().map(|code| u32::from((*code as i8).unsigned_abs()).pow(2)).sum();
        let (scale, factor) = if metric == Metric::Cosine {
            let norm = lanes(&values, &row, |value, _| value * value).sqrt();
            ((1.0 / f64::from(sum_of_squares).sqrt()) as f32, 1.0 / norm)
        } else {
            ((largest / LARGEST) as f32, 1.0)
        };
        let squared_error = lanes(&values, &row, |value, code| {
            let error = value * factor - f64::from(code as i8) * f64::from(scale);
            error * error
        });
        let error = (squared_error.sqrt() * 1.000_001 + f64::from(f32::MIN_POSITIVE)) as f32;
        (Code { sums: sums(&row), row, scale, sum_of_squares, error }, values)
    }
}

/// From a coded query to the code for what was left, with room for it.
struct RestCoding {
    metric: Metric,
    code: Code,
    values: Vec<f64>,
    rest: Vec<u8>,
}

impl Loops for RestCoding {
    type Result = Query;

    #[inline(always)]
    fn run(self) -> Query {
        let RestCoding { metric, code, values, mut rest } = self;
        let largest = largest(&values);
        if largest == 0.0 {
            return Query {
                code,
                rest,
                rest_sums: Sums::default(),
                scale: 0.0,
                rest_error: 0.0,
                squares: 0.0,
            };
        }
        let inverse = LARGEST / largest;
        for (rest, value) in rest.iter_mut().zip(&values) {
            let scaled = value * inverse;
            let left = scaled - ((scaled + ROUNDER) - ROUNDER);
            *rest = (left * FINER + ROUNDER).to_bits() as u8;
        }
        let scale = if metric == Metric::Cosine {
            1.0 / (lanes(&values, &rest, |value, _| value * value).sqrt() * inverse)
        } else {
            1.0 / inverse
        };
        // Of the code, not of the vector: distances are differences to it. In units of the finer code, where it is a whole number.
        let mut finer = values;
        for ((finer, code), rest) in finer.iter_mut().zip(&code.row).zip(&rest) {
            *finer = f64::from(*code as i8) * FINER + f64::from(*rest as i8);
        }
        let unit = scale / FINER;
        let squares = unit * unit * lanes(&finer, &rest, |finer, _| finer * finer);
        // Half a unit of the finer code in every component, and a little for the rounding on the way.
        let rest_error = 0.500_01 * unit * (finer.len() as f64).sqrt();
        let rest_sums = sums(&rest);
        Query { code, rest, rest_sums, scale, rest_error, squares }
    }
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

/// A sum over values and components of a code in eight lanes: one lane alone would wait for each addition.
#[inline(always)]
fn lanes(values: &[f64], code: &[u8], term: impl Fn(f64, u8) -> f64) -> f64 {
    let (value_blocks, values) = values.as_chunks::<8>();
    let (code_blocks, code) = code.as_chunks::<8>();
    let mut lanes = [0.0; 8];
    for (values, code) in value_blocks.iter().zip(code_blocks) {
        for lane in 0..8 {
            lanes[lane] += term(values[lane], code[lane]);
        }
    }
    let rest = values.iter().zip(code).map(|(value, code)| term(*value, *code));
    lanes.iter().sum::<f64>() + rest.sum::<f64>()
}
