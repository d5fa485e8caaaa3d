//! A browser that may skip the second factor until a fixed day.
//!
//! Whether a device is the one it says is for the settlement; where trust is offered and where it
//! is beaten is for [`crate::policy`].

use crate::{secret::Secret, tokens::Token};

/// Seconds in which a rotated token still gets the answer of the first use: a repeated request.
pub const REPEAT_SECONDS: u64 = 60;

/// Trusted devices per user at most (DESIGN: caps).
pub const MAX_TRUSTED_DEVICES: u32 = 50;

/// Seconds in a day of trust.
pub const DAY_SECONDS: u64 = 86_400;

/// The token after `token`: derived under our own key, so that a repeat gets the same one and
/// someone who holds only the old one cannot make it.
#[must_use]
pub fn next(token: &Token, keys: &crate::sealing::Keys) -> Option<Token> {
    let secret: Secret<32> = keys.successor(token.secret.expose())?;
    Some(Token {
        secret,
        ..token.clone()
    })
}
