//! A code in two halves, each in a place of its own.
//!
//! A component is `16 h + l` with `h` from −7 to 7 and `l` from −8 to 7. A row holds all `h`, then all `l`: four bits each, 8 more than they
//! are, in the blocks of [`kernel::BLOCK`]. So a walk that is content with the upper halves reads half of the memory, and who needs the
//! whole code adds the other half: `Σ q c = 16 Σ q h + Σ q l`.

use crate::kernel::BLOCK;

/// What is added to a half, so that it is not negative.
pub(super) const RAISED: i32 = 8;
/// What an upper half counts.
pub(super) const UPPER: i32 = 16;

/// Bytes of one half.
pub(super) fn half_bytes(dimension: usize) -> usize {
    dimension.div_ceil(2)
}

/// The upper and the lower half of a component.
fn halves(component: i8) -> (i8, i8) {
    let upper = (i16::from(component) + 8) >> 4;
    (upper as i8, (i16::from(component) - 16 * upper) as i8)
}

/// A code as a row.
pub(super) fn packed(code: &[i8]) -> Vec<u8> {
    let mut row = Vec::with_capacity(2 * half_bytes(code.len()));
    for half in [|component| halves(component).0, |component| halves(component).1] {
        for block in code.chunks(BLOCK) {
            let (first, second) = block.split_at(block.len().div_ceil(2));
            let raised = |component: i8| (half(component) + RAISED as i8) as u8;
            let second = second.iter().copied().chain([0]);
            row.extend(first.iter().zip(second).map(|(a, b)| raised(*a) | raised(b) << 4));
        }
    }
    row
}

/// The code of `dimension` components in a row, one byte each, in `code`. Whatever the row holds, it is some code.
pub(super) fn unpack(row: &[u8], dimension: usize, code: &mut Vec<u8>) {
    let (upper, lower) = row.split_at(row.len() / 2);
    let component =
        |upper: u8, lower: u8| (UPPER * (i32::from(upper) - RAISED) + i32::from(lower) - RAISED) as u8;
    code.clear();
    for (upper, lower) in upper.chunks(BLOCK / 2).zip(lower.chunks(BLOCK / 2)) {
        code.extend(upper.iter().zip(lower).map(|(upper, lower)| component(upper & 0x0F, lower & 0x0F)));
        code.extend(upper.iter().zip(lower).map(|(upper, lower)| component(upper >> 4, lower >> 4)));
    }
    code.truncate(dimension);
}

/// `Σ l²`: what a code loses with its lower half.
pub(super) fn lower_squares(code: &[i8]) -> u32 {
    code.iter().map(|component| i32::from(halves(*component).1).pow(2) as u32).sum()
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::kernel::kernels;

    proptest! {
        #[test]
        fn a_packed_code_comes_back_and_its_halves_add_up(
            (code, query) in (0..=400_usize).prop_flat_map(|length| {
                (vec(-119..=119_i8, length), vec(-127..=127_i8, length))
            })
        ) {
            let row = packed(&code);
            prop_assert_eq!(row.len(), 2 * half_bytes(code.len()));
            let mut back = vec![7];
            unpack(&row, code.len(), &mut back);
            prop_assert_eq!(&back, bytemuck::cast_slice::<i8, u8>(&code));

            let (upper, lower) = row.split_at(row.len() / 2);
            let sum: i32 = query.iter().map(|component| i32::from(*component)).sum();
            let [upper, lower] = [upper, lower].map(|half| (kernels().half_dot)(&query, half) - RAISED * sum);
            let expected: i32 = code.iter().zip(&query).map(|(a, b)| i32::from(*a) * i32::from(*b)).sum();
            prop_assert_eq!(UPPER * upper + lower, expected);
            let lost: i32 = code.iter().map(|c| (i32::from(*c) - 16 * ((i32::from(*c) + 8) >> 4)).pow(2)).sum();
            prop_assert_eq!(lower_squares(&code), lost as u32);
        }
    }

    #[test]
    fn what_is_zero_is_zero_in_both_halves() {
        assert_eq!(halves(0), (0, 0));
        assert_eq!((halves(119), halves(-119)), ((7, 7), (-7, -7)));
        assert_eq!((halves(8), halves(-8), halves(-9)), ((1, -8), (0, -8), (-1, 7)));
    }
}
