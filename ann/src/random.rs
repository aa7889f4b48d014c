//! Numbers that look random and are the same in every run.

/// A well-mixed number for every number (splitmix64).
pub(crate) fn mixed(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// A number in `(0, 1]` for every number.
pub(crate) fn unit(number: u64) -> f64 {
    ((mixed(number) >> 11) + 1) as f64 / (1_u64 << 53) as f64
}

/// The next number of a normal distribution.
#[cfg(test)]
pub(crate) fn gaussian(state: &mut u64) -> f64 {
    *state = state.wrapping_add(2);
    (-2.0 * unit(*state).ln()).sqrt() * (std::f64::consts::TAU * unit(*state + 1)).cos()
}
