//! The 14th character of a recovery code: ISO/IEC 7064 hybrid system MOD 33,32.
//!
//! The standard's MOD M+1,M for the 32 characters of Crockford's alphabet, as its MOD 37,36 is for
//! 36. Crockford's own check symbol is modulo 37 and needs `* ~ $ = U`, which are hard to read out
//! and to type. It finds every single wrong character and nearly every swap of two neighbors, so
//! that a slip of the finger is not counted as a guess.

/// The check value (0 to 31) of values (0 to 31).
pub(super) fn value(values: impl Iterator<Item = u8>) -> u8 {
    let product = values.fold(32_u8, |product, value| {
        let sum = match product.wrapping_add(value) % 32 {
            0 => 32,
            sum => sum,
        };
        sum.wrapping_mul(2) % 33
    });
    // What brings the sum to 1 modulo 32.
    33_u8.wrapping_sub(product) % 32
}
