//! The bytes that authenticators and browsers write, right or wrong as told.

use postern::base64url;
use sha2::{Digest as _, Sha256};

/// The ceremony nonce of every good ceremony.
pub const NONCE: [u8; 32] = [7; 32];

pub const UP: u8 = 1;
pub const UV: u8 = 1 << 2;
pub const BE: u8 = 1 << 3;
pub const BS: u8 = 1 << 4;
pub const AT: u8 = 1 << 6;
pub const ED: u8 = 1 << 7;

/// Authenticator data, byte by byte.
#[derive(Clone)]
pub struct AuthData {
    pub rp_id_hash: [u8; 32],
    pub flags: u8,
    pub sign_count: u32,
    pub attested: Vec<u8>,
    /// Extension outputs, or anything else at the end.
    pub tail: Vec<u8>,
}

impl Default for AuthData {
    fn default() -> Self {
        Self {
            rp_id_hash: Sha256::digest("example.org").into(),
            flags: UP,
            sign_count: 0,
            attested: Vec::new(),
            tail: Vec::new(),
        }
    }
}

impl AuthData {
    pub fn bytes(&self) -> Vec<u8> {
        let count = self.sign_count.to_be_bytes();
        [
            &self.rp_id_hash,
            [self.flags].as_slice(),
            &count,
            &self.attested,
            &self.tail,
        ]
        .concat()
    }
}

pub fn attested(id: &[u8], public_key: &[u8]) -> Vec<u8> {
    let length = u16::try_from(id.len()).unwrap().to_be_bytes();
    [[9; 16].as_slice(), &length, id, public_key].concat()
}

/// Client data as Chromium writes it.
pub fn client_data(r#type: &str) -> Vec<u8> {
    client_data_with(
        r#type,
        &base64url::encode(&NONCE),
        "https://example.org",
        r#","crossOrigin":false"#,
    )
}

pub fn client_data_with(r#type: &str, challenge: &str, origin: &str, more: &str) -> Vec<u8> {
    format!(r#"{{"type":"{type}","challenge":"{challenge}","origin":"{origin}"{more}}}"#)
        .into_bytes()
}

pub fn attestation_object(fmt: &str, statement: &[u8], auth_data: &[u8]) -> Vec<u8> {
    [
        b"\xa3\x63fmt".as_slice(),
        &head(3, fmt.len()),
        fmt.as_bytes(),
        b"\x67attStmt",
        statement,
        b"\x68authData",
        &head(2, auth_data.len()),
        auth_data,
    ]
    .concat()
}

/// A CBOR head of the shortest form.
pub fn head(major: u8, argument: usize) -> Vec<u8> {
    let major = major << 5;
    match argument {
        0..24 => vec![major | argument as u8],
        24..0x100 => vec![major | 24, argument as u8],
        0x100..0x1_0000 => [&[major | 25], (argument as u16).to_be_bytes().as_slice()].concat(),
        _ => [&[major | 26], (argument as u32).to_be_bytes().as_slice()].concat(),
    }
}

/// A CBOR integer.
pub fn int(value: i64) -> Vec<u8> {
    if value < 0 {
        head(1, (-1 - value) as usize)
    } else {
        head(0, value as usize)
    }
}

pub fn bytes(value: &[u8]) -> Vec<u8> {
    [head(2, value.len()), value.to_vec()].concat()
}

pub fn ec2(alg: i64, crv: i64, x: &[u8], y: &[u8]) -> Vec<u8> {
    cose(&[
        (1, int(2)),
        (3, int(alg)),
        (-1, int(crv)),
        (-2, bytes(x)),
        (-3, bytes(y)),
    ])
}

pub fn okp(alg: i64, crv: i64, x: &[u8]) -> Vec<u8> {
    cose(&[(1, int(1)), (3, int(alg)), (-1, int(crv)), (-2, bytes(x))])
}

pub fn rsa(alg: i64, n: &[u8], e: &[u8]) -> Vec<u8> {
    cose(&[(1, int(3)), (3, int(alg)), (-1, bytes(n)), (-2, bytes(e))])
}

/// A `COSE_Key` of any parameters.
pub fn cose(parameters: &[(i64, Vec<u8>)]) -> Vec<u8> {
    let mut key = head(5, parameters.len());
    for (label, value) in parameters {
        key.extend(int(*label));
        key.extend(value);
    }
    key
}
