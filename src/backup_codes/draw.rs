//! Ten different numbers from entropy, without bias and without a second try.

use super::{CODES, Format};

/// Bytes of entropy for one set: 16 for each code.
pub const ENTROPY: usize = 160;

impl Format {
    /// How many different codes there are.
    pub(super) const fn codes(self) -> u128 {
        match self {
            Self::Digits8 => 100_000_000,
            Self::Recovery => 1 << 65,
        }
    }
}

/// The entropy as ten numbers of 128 bits.
pub(super) fn numbers(entropy: &[u8; ENTROPY]) -> [u128; CODES] {
    let (chunks, _) = entropy.as_chunks::<16>();
    let mut numbers = [0; CODES];
    for (number, chunk) in numbers.iter_mut().zip(chunks) {
        *number = u128::from_be_bytes(*chunk);
    }
    numbers
}

/// Draws `K` different numbers below `choices`, in order, without putting any back.
///
/// The n-th draw picks a place among the numbers not taken yet, so that no number can be drawn
/// twice, whatever the entropy. Reducing 128 bits to at most `choices <= 2^65` places makes no code
/// likelier than another by more than 2^-63.
pub(super) fn distinct<const K: usize>(draws: [u128; K], choices: u128) -> [u128; K] {
    let mut left = choices;
    let mut taken: [u128; K] = [u128::MAX; K]; // in order; what is not taken yet comes last
    draws.map(|draw| {
        let mut number = draw.checked_rem(left).unwrap_or_default();
        left = left.saturating_sub(1);
        // Each number taken before this one's place moves it one further.
        for taken in taken {
            if number >= taken {
                number = number.saturating_add(1);
            }
        }
        if let Some(last) = taken.last_mut() {
            *last = number;
        }
        taken.sort_unstable();
        number
    })
}
