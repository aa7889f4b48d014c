//! A code in two halves, each in a place of its own.
//!
//! A component is `16 h + l` with `h` from −7 to 7 and `l` from −8 to 7. A row holds all `h`, then all `l`: four bits each, 8 more than they
//! are, in the blocks of [`kernel::BLOCK`]. So a walk that is content with the upper halves reads half of the memory, and who needs the
//! whole code adds the other half: `Σ q c = 16 Σ q h + Σ q l`.

use super::encode::{Sums, sums};
use crate::kernel::{self, BLOCK, Loops};

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

/// Puts the code in a row, one byte a component, into `code`, which is as long as it. Gives its sums. Whatever the row holds, it is
/// some code.
pub(super) fn unpack(row: &[u8], code: &mut [u8]) -> Sums {
    kernel::widened(Unpacking { row, code })
}

struct Unpacking<'a> {
    row: &'a [u8],
    code: &'a mut [u8],
}

impl Loops for Unpacking<'_> {
    type Result = Sums;

    #[inline(always)]
    fn run(self) -> Sums {
        let (upper, lower) = self.row.split_at(self.row.len() / 2);
        // In bytes, which wrap: what a damaged row holds may be beyond the largest code.
        let raised = (UPPER * RAISED + RAISED) as u8;
        let component = |upper: u8, lower: u8| (upper << 4 | lower).wrapping_sub(raised);
        let blocks = upper.chunks(BLOCK / 2).zip(lower.chunks(BLOCK / 2));
        for (code, (upper, lower)) in self.code.chunks_mut(BLOCK).zip(blocks) {
            let (first, second) = code.split_at_mut(upper.len().min(code.len()));
            for ((code, upper), lower) in first.iter_mut().zip(upper).zip(lower) {
                *code = component(upper & 0x0F, lower & 0x0F);
            }
            for ((code, upper), lower) in second.iter_mut().zip(upper).zip(lower) {
                *code = component(upper >> 4, lower >> 4);
            }
        }
        sums(self.code)
    }
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
            let mut back = vec![7; code.len()];
            let whole: i32 = code.iter().map(|component| i32::from(*component)).sum();
            prop_assert_eq!(unpack(&row, &mut back).components, whole);
            prop_assert_eq!(&back, bytemuck::cast_slice::<i8, u8>(&code));

            let (upper, lower) = row.split_at(row.len() / 2);
            let sum: i32 = query.iter().map(|component| i32::from(*component)).sum();
            let [upper, lower] = [upper, lower].map(|half| (kernels().half_dot)(&query, half) - RAISED * sum);
            let expected: i32 = code.iter().zip(&query).map(|(a, b)| i32::from(*a) * i32::from(*b)).sum();
            prop_assert_eq!(UPPER * upper + lower, expected);
        }
    }

    #[test]
    fn what_is_zero_is_zero_in_both_halves() {
        assert_eq!(halves(0), (0, 0));
        assert_eq!((halves(119), halves(-119)), ((7, 7), (-7, -7)));
        assert_eq!((halves(8), halves(-8), halves(-9)), ((1, -8), (0, -8), (-1, 7)));
    }
}
