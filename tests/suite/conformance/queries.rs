//! 300 queries whose answers agree to the bit.
