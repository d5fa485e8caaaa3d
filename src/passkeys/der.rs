//! `Ecdsa-Sig-Value` (RFC 3279 section 2.2.3), read strictly in DER: WebAuthn signatures arrive so
//! (WebAuthn L3 section 6.5.5), WebCrypto wants `r ‖ s` (IEEE P1363).
//!
//! Leaves to the verifier whether `r` and `s` are below the group order. Both `s` and `n - s` are
//! read: WebAuthn does not require the lower one, and each signature is used once.

use alloc::vec::Vec;

/// Reads `SEQUENCE { r INTEGER, s INTEGER }` and returns `r ‖ s`, each `width` bytes, big-endian.
/// `None` unless every byte is the only one DER allows there.
pub fn r_and_s(der: &[u8], width: usize) -> Option<Vec<u8>> {
    let (body, rest) = element(0x30, der)?;
    let (r, body) = element(0x02, body)?;
    let (s, body) = element(0x02, body)?;
    if !(rest.is_empty() && body.is_empty()) {
        return None;
    }
    let mut fixed = Vec::with_capacity(width.checked_mul(2)?);
    for integer in [r, s] {
        let magnitude = positive(integer)?;
        let padding = width.checked_sub(magnitude.len())?;
        fixed.extend(core::iter::repeat_n(0, padding));
        fixed.extend_from_slice(magnitude);
    }
    Some(fixed)
}

/// The content of the element with `tag` that `der` begins with, and what follows it. Lengths in
/// the short form only: two numbers of 32 or 48 bytes never need the long one.
fn element(tag: u8, der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&[found, length], rest) = der.split_first_chunk::<2>()?;
    if found == tag && length < 0x80 {
        rest.split_at_checked(length.into())
    } else {
        None
    }
}

/// The bytes of an INTEGER above zero without its sign byte; `None` when it is negative, zero or
/// longer than needed.
fn positive(integer: &[u8]) -> Option<&[u8]> {
    match integer {
        [0, rest @ ..] if rest.first().is_some_and(|first| *first >= 0x80) => Some(rest),
        [1..=0x7f, ..] => Some(integer),
        _ => None,
    }
}
