//! Each kernel against a literal restatement of the specification (to the bit) and against `f64` (within its bound).

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

type PairKernel = fn(&[f32], &[f32]) -> f32;

/// One kernel: its name, itself, its term in `f32`, its term in `f64`, the `f64` kernel, the roundings inside a term.
struct Case {
    name: &'static str,
    kernel: PairKernel,
    term: fn(f32, f32) -> f32,
    exact_term: fn(f64, f64) -> f64,
    wide: fn(&[f32], &[f32]) -> f64,
    term_roundings: f64,
}

const CASES: [Case; 5] = [
    Case {
        name: "dot",
        kernel: dot,
        term: |a, b| a * b,
        exact_term: |a, b| a * b,
        wide: wide_dot,
        term_roundings: 1.0,
    },
    Case {
        name: "squared_euclidean",
        kernel: squared_euclidean,
        term: |a, b| (a - b) * (a - b),
        exact_term: |a, b| (a - b) * (a - b),
        wide: wide_squared_euclidean,
        term_roundings: 3.0,
    },
    Case {
        name: "manhattan",
        kernel: manhattan,
        term: |a, b| (a - b).abs(),
        exact_term: |a, b| (a - b).abs(),
        wide: wide_manhattan,
        term_roundings: 1.0,
    },
    Case {
        name: "dot of dot_and_squared_norm",
        kernel: |q, v| dot_and_squared_norm(q, v).0,
        term: |q, v| q * v,
        exact_term: |q, v| q * v,
        wide: wide_dot,
        term_roundings: 1.0,
    },
    Case {
        name: "squared norm of dot_and_squared_norm",
        kernel: |q, v| dot_and_squared_norm(q, v).1,
        term: |_, v| v * v,
        exact_term: |_, v| v * v,
        wide: |_, v| wide_squared_norm(v),
        term_roundings: 1.0,
    },
];

/// The specification said once more, with nothing shared: lanes by remainder, the tree written out.
fn literal(terms: impl Iterator<Item = f32>) -> f32 {
    let mut l = [0.0_f32; 16];
    for (i, term) in terms.enumerate() {
        l[i % 16] += term;
    }
    (((l[0] + l[8]) + (l[4] + l[12])) + ((l[2] + l[10]) + (l[6] + l[14])))
        + (((l[1] + l[9]) + (l[5] + l[13])) + ((l[3] + l[11]) + (l[7] + l[15])))
}

/// Pairs of slices of one length, lengths around every boundary of a block, numbers of very different size, so that
/// another order of additions shows in the bits.
fn pairs(element: impl Strategy<Value = f32> + Clone) -> impl Strategy<Value = (Vec<f32>, Vec<f32>)> {
    prop_oneof![0..=3_usize, 14..=18_usize, 30..=34_usize, 300..=400_usize]
        .prop_flat_map(move |length| (vec(element.clone(), length), vec(element.clone(), length)))
}

fn any_size() -> impl Strategy<Value = f32> + Clone {
    (-1.0_f32..1.0, -12..12_i32).prop_map(|(mantissa, exponent)| mantissa * 2.0_f32.powi(exponent))
}

proptest! {
    #[test]
    fn bits_are_those_of_the_literal_specification((a, b) in pairs(any_size())) {
        for case in &CASES {
            let expected = literal(a.iter().zip(&b).map(|(a, b)| (case.term)(*a, *b)));
            let found = (case.kernel)(&a, &b);
            prop_assert_eq!(found.to_bits(), expected.to_bits(), "{}: {} {}", case.name, found, expected);
        }
        let norm = literal(a.iter().map(|a| a * a));
        prop_assert_eq!(squared_norm(&a).to_bits(), norm.to_bits());
    }

    #[test]
    fn errors_stay_within_the_bound((a, b) in pairs(any_size())) {
        for case in &CASES {
            let exact_terms = || a.iter().zip(&b).map(|(a, b)| (case.exact_term)(f64::from(*a), f64::from(*b)));
            let exact: f64 = exact_terms().sum();
            // A term passes through its own roundings, one addition for each block of its lane, and the tree's four.
            let roundings = case.term_roundings + (a.len() / 16 + 1) as f64 + 4.0;
            let bound = roundings * 2.0_f64.powi(-24) * 1.001 * exact_terms().map(f64::abs).sum::<f64>();
            let error = (f64::from((case.kernel)(&a, &b)) - exact).abs();
            prop_assert!(error <= bound, "{}: error {error:e} above {bound:e}", case.name);

            let wide_error = ((case.wide)(&a, &b) - exact).abs();
            prop_assert!(wide_error <= bound * 1e-6, "{} in f64: error {wide_error:e}", case.name);
        }
    }

    #[test]
    fn a_block_filled_up_with_zeros_has_the_same_bits((a, b) in pairs(any_size())) {
        let padded = |v: &[f32]| {
            let mut v = v.to_vec();
            v.resize(v.len().next_multiple_of(16), 0.0);
            v
        };
        for case in &CASES {
            let (found, plain) = ((case.kernel)(&padded(&a), &padded(&b)), (case.kernel)(&a, &b));
            prop_assert_eq!(found.to_bits(), plain.to_bits(), "{}", case.name);
        }
    }

    #[test]
    fn huge_and_tiny_numbers_do_not_leave_f64(
        (a, b) in pairs(prop_oneof![Just(f32::MAX), Just(-f32::MAX), Just(1e38), Just(f32::from_bits(1)), Just(0.0)])
    ) {
        for case in &CASES {
            prop_assert!((case.wide)(&a, &b).is_finite(), "{}", case.name);
        }
        prop_assert_eq!(wide_squared_norm(&a) == 0.0, a.iter().all(|a| *a == 0.0));
    }
}

#[test]
fn the_order_of_additions_shows_in_these_numbers() {
    // 2²⁴ + 1 rounds back to 2²⁴, so a 1 counts only when it meets the other 1s first.
    let big = 16_777_216.0_f32;
    let mut a = [0.0_f32; 40];
    a[0] = big;
    for lane in [4, 8, 12] {
        a[lane] = 1.0;
    }
    // Lane 0 meets lane 8 alone, and loses it; lanes 4 and 12 meet each other first, and count.
    assert_eq!(dot(&a, &[1.0; 40]), big + 2.0);

    // The same three ones in lane 0 itself: each is lost on its own.
    let mut a = [0.0_f32; 64];
    a[0] = big;
    for element in [16, 32, 48] {
        a[element] = 1.0;
    }
    assert_eq!(dot(&a, &[1.0; 64]), big);

    // A fused multiply-add would keep the 2⁻²⁴ that the product rounds away.
    let x = 1.0 + f32::EPSILON;
    let mut a = [0.0_f32; 17];
    (a[0], a[16]) = (-(1.0 + 2.0 * f32::EPSILON), x);
    let mut b = [1.0_f32; 17];
    b[16] = x;
    assert_eq!(dot(&a, &b), 0.0);
}

#[test]
fn empty_slices_sum_to_positive_zero() {
    for case in &CASES {
        assert_eq!((case.kernel)(&[], &[]).to_bits(), 0, "{}", case.name);
        assert_eq!((case.wide)(&[], &[]).to_bits(), 0, "{} in f64", case.name);
    }
}

#[test]
fn the_chosen_kernels_are_the_best_available() {
    let best = available().next().map(|kernels| kernels.name);
    assert_eq!(Some(kernels().name), best);
    println!("kernels: {:?}", available().map(|kernels| kernels.name).collect::<Vec<_>>());
}

proptest! {
    #[test]
    fn every_set_of_kernels_has_the_bits_of_the_portable_one((a, b) in pairs(any_size())) {
        for set in available() {
            for (name, kernel, portable) in [
                ("dot", set.dot, PORTABLE.dot),
                ("squared_euclidean", set.squared_euclidean, PORTABLE.squared_euclidean),
                ("manhattan", set.manhattan, PORTABLE.manhattan),
            ] {
                prop_assert_eq!(kernel(&a, &b).to_bits(), portable(&a, &b).to_bits(), "{} {}", set.name, name);
            }
            let (dot, norm) = (set.dot_and_squared_norm)(&a, &b);
            let expected = (PORTABLE.dot_and_squared_norm)(&a, &b);
            prop_assert_eq!((dot.to_bits(), norm.to_bits()), (expected.0.to_bits(), expected.1.to_bits()));
        }
    }

    #[test]
    fn dots_of_halves_are_the_exact_whole_number(
        (code, halves) in (0..=400_usize).prop_flat_map(|length| {
            let code = prop_oneof![4 => -127..=127_i8, 1 => Just(127), 1 => Just(-127), 1 => Just(0)];
            (vec(code, length), vec(vec(any::<u8>(), length.div_ceil(2)), TOGETHER))
        })
    ) {
        let halves: [&[u8]; TOGETHER] = std::array::from_fn(|at| &halves[at][..]);
        let expected = halves.map(|half| literal_half_dot(&code, half));
        for set in available() {
            prop_assert_eq!(halves.map(|half| i64::from((set.half_dot)(&code, half))), expected, "{}", set.name);
            prop_assert_eq!((set.half_dots)(&code, &halves).map(i64::from), expected, "{}", set.name);
        }
    }
}

/// The place of each number said once more.
fn literal_half_dot(code: &[i8], half: &[u8]) -> i64 {
    let number = |at: usize| {
        let (block, place) = (at / 128, at % 128);
        let bytes = (half.len() - block * 64).min(64);
        let byte = half[block * 64 + place % bytes];
        i64::from(if place < bytes { byte % 16 } else { byte / 16 })
    };
    code.iter().enumerate().map(|(at, code)| i64::from(*code) * number(at)).sum()
}

#[test]
fn the_largest_codes_do_not_saturate() {
    for length in [1, 2, 31, 32, 33, 127, 128, 129, 4_096, 65_536] {
        for code in [127, -127] {
            for set in available() {
                let expected = i32::from(code) * 15 * length as i32;
                let (code, half) = (vec![code; length], vec![0xFF; length.div_ceil(2)]);
                assert_eq!((set.half_dot)(&code, &half), expected, "{} {length}", set.name);
                assert_eq!((set.half_dots)(&code, &[&half; TOGETHER]), [expected; TOGETHER], "{}", set.name);
            }
        }
    }
}
