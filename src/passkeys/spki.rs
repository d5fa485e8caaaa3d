//! Public keys as `SubjectPublicKeyInfo` in DER (RFC 5280 section 4.1), the one form in which
//! WebCrypto imports all three kinds.
//!
//! Leaves the checks to [`super::cose`]: what comes in is a well-formed key.

use alloc::vec::Vec;

/// `id-ecPublicKey`, `secp256r1` (RFC 5480), point uncompressed.
pub fn p256(x: &[u8; 32], y: &[u8; 32]) -> Vec<u8> {
    const HEAD: [u8; 27] = *b"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00\x04";
    [HEAD.as_slice(), x, y].concat()
}

/// `id-Ed25519` (RFC 8410).
pub fn ed25519(x: &[u8; 32]) -> Vec<u8> {
    const HEAD: [u8; 12] = *b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00";
    [HEAD.as_slice(), x].concat()
}

/// `rsaEncryption` with NULL parameters, `RSAPublicKey` (RFC 8017 appendix A.1). `None` above
/// 65,535 bytes.
pub fn rsa(n: &[u8], e: &[u8]) -> Option<Vec<u8>> {
    const ALGORITHM: [u8; 15] = *b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00";
    let key = element(0x30, &[unsigned(n)?, unsigned(e)?].concat())?;
    let bits = element(0x03, &[&[0], key.as_slice()].concat())?;
    element(0x30, &[ALGORITHM.as_slice(), &bits].concat())
}

/// An INTEGER from its magnitude, which begins with no zero byte.
fn unsigned(magnitude: &[u8]) -> Option<Vec<u8>> {
    match magnitude {
        [0x80..=0xff, ..] => element(0x02, &[&[0], magnitude].concat()),
        _ => element(0x02, magnitude),
    }
}

fn element(tag: u8, content: &[u8]) -> Option<Vec<u8>> {
    let [high, low] = u16::try_from(content.len()).ok()?.to_be_bytes();
    let mut element = Vec::from([tag]);
    match (high, low) {
        (0, 0..=0x7f) => element.push(low),
        (0, _) => element.extend([0x81, low]),
        _ => element.extend([0x82, high, low]),
    }
    element.extend_from_slice(content);
    Some(element)
}
