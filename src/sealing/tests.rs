#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]
use super::*;
use alloc::{format, string::ToString};

const K1: &str = "k1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
const K2: &str = "k2:AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";
const HERE: Place<'_> = Place {
    purpose: Purpose::TotpSecret,
    path: &["o_1", "u_1", "a_1"],
};

/// Recomputed with Python's `cryptography` 48.0.0: HKDF(SHA256, 32, salt=None, info=b"postern v1 totp secret")
/// of 32 bytes 0x01, then `AESGCM.encrypt(bytes(12), b"12345678901234567890", b"totp secret\no_1\nu_1\na_1")`.
#[test]
fn a_blob_is_what_another_implementation_makes() {
    let keys = Keys::parse(K1).unwrap();
    let blob = keys.seal(&HERE, [0; 12], b"12345678901234567890").unwrap();
    assert_eq!(blob, include_str!("known_blob.txt").trim());
}

#[test]
fn a_blob_opens_only_in_its_place() {
    let keys = Keys::parse(K1).unwrap();
    let blob = keys.seal(&HERE, [9; 12], b"secret").unwrap();
    assert_eq!(keys.open(&HERE, &blob).unwrap().as_slice(), b"secret");
    for path in [
        &["o_1", "u_1", "a_2"][..],
        &["o_1", "u_2", "a_1"],
        &["o_2", "u_1", "a_1"],
        &["o_1", "u_1"],
        &["o_1", "u_1", "a_1", ""],
    ] {
        assert!(
            keys.open(&Place { path, ..HERE }, &blob).is_err(),
            "{path:?}"
        );
    }
    assert!(
        keys.open(
            &Place {
                purpose: Purpose::UserCopy,
                ..HERE
            },
            &blob
        )
        .is_err()
    );
}

#[test]
fn every_flipped_bit_and_every_cut_is_refused() {
    let keys = Keys::parse(K1).unwrap();
    let blob = base64url::decode(&keys.seal(&HERE, [9; 12], b"secret").unwrap()).unwrap();
    for bit in 0..blob.len() * 8 {
        let mut bad = blob.clone();
        bad[bit / 8] ^= 1 << (bit % 8);
        let missing = core::str::from_utf8(&bad[1..3]).ok().filter(|id| {
            // Another id in its place, and nothing else changed.
            *id != "k1" && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
        });
        let why = missing.map_or(NotOpened::NotSealed, |id| MissingKey(id.to_string()).into());
        assert_eq!(
            keys.open(&HERE, &base64url::encode(&bad)),
            Err(why),
            "bit {bit}"
        );
    }
    for length in 0..blob.len() {
        assert_eq!(
            keys.open(&HERE, &base64url::encode(&blob[..length])),
            Err(NotOpened::NotSealed)
        );
    }
}

#[test]
fn the_first_key_writes_and_all_read() {
    let old = Keys::parse(K1).unwrap();
    let both = Keys::parse(&format!("{K2},{K1}")).unwrap();
    let blob = old.seal(&HERE, [3; 12], b"x").unwrap();
    assert_eq!(both.open(&HERE, &blob).unwrap().as_slice(), b"x");
    assert_eq!(both.writer().id(), "k2");
    for ring in [format!("{K2},{K1}"), format!("{K1},{K2}")] {
        assert_eq!(Keys::parse(&ring).unwrap().common().id(), "k1");
    }
    assert_eq!(key_of(&blob).as_deref(), Some("k1"));
    assert_eq!(
        key_of(&both.seal(&HERE, [3; 12], b"x").unwrap()).as_deref(),
        Some("k2")
    );
    assert_eq!(
        Keys::parse(K2).unwrap().open(&HERE, &blob),
        Err(MissingKey("k1".to_string()).into())
    );
}

#[test]
fn malformed_key_lists_are_refused() {
    for text in [
        "",
        "k1",
        "k1:",
        ":AQEB",
        "k1:AQEB",
        "k1:!!!!",
        &format!("{K1},{K1}"),
        &format!("{K1},{}", K1.replace("k1", "k2")),
        &format!("{K1},"),
        &K1.replace("k1", "a b"),
    ] {
        assert!(Keys::parse(text).is_err(), "{text}");
    }
    assert!(!format!("{:?}", Keys::parse(K1).unwrap()).contains("AQEB"));
    assert_eq!(K1.to_string().len(), 47);
}
