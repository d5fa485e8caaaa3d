//! A44 and A45: attestation objects, keys and extensions that are no CBOR, or too much of it.

use std::time::{Duration, Instant};

use postern::passkeys::{AttestationObject, AuthenticatorData, CoseKey, NotAKey, Refused};

use super::{
    forge::{AT, ED, Registration, UP, attestation_object, attested, head},
    vectors::{from_hex, hex, ours, shared},
};

const NOT_AN_OBJECT: Refused = Refused::Malformed("attestationObject");

/// RFC 8949 appendix F.1.
#[test]
fn what_is_not_well_formed_is_refused_everywhere() {
    let Some(file) = shared("hostile-input/cbor-not-wellformed-rfc8949-f.json") else {
        return;
    };
    let vectors = file["vectors"].as_array().unwrap();
    for vector in vectors {
        refuse_everywhere(&hex(vector, "hex"), vector["why"].as_str().unwrap());
    }
    assert_eq!(vectors.len(), 65);
}

/// RFC 8949 appendix A: none of it is an attestation object or a key, and reading it as an
/// extension accepts maps alone, and of those only what CTAP2 allows.
#[test]
fn what_is_well_formed_and_not_ours_is_refused() {
    let Some(file) = shared("hostile-input/cbor-wellformed-rfc8949-a.json") else {
        return;
    };
    let mut maps = 0;
    for vector in file["vectors"].as_array().unwrap() {
        let item = hex(vector, "hex");
        assert!(AttestationObject::from_bytes(&item).is_err());
        assert_eq!(CoseKey::from_bytes(&item), Err(NotAKey::Malformed));
        let is_map = item[0] >> 5 == 5 && item[0] != 0xbf;
        let has_indefinite = item.contains(&0x9f) || item.contains(&0xbf);
        assert_eq!(
            extension(&item).is_ok(),
            is_map && !has_indefinite,
            "{item:02x?}"
        );
        maps += usize::from(is_map);
    }
    assert!(maps > 0);
}

#[test]
fn what_ctap2_forbids_is_refused_everywhere() {
    for (item, why) in [
        ("a1 61 61 18 01", "an integer in two bytes that fits in one"),
        (
            "a1 61 61 19 00ff",
            "an integer in three bytes that fits in two",
        ),
        (
            "a1 61 61 1a 0000ffff",
            "an integer in five bytes that fits in three",
        ),
        (
            "a1 61 61 1b 00000000ffffffff",
            "an integer in nine bytes that fits in five",
        ),
        (
            "a1 78 01 61 00",
            "a text length in two bytes that fits in one",
        ),
        (
            "b8 01 61 61 00",
            "a map length in two bytes that fits in one",
        ),
        ("bf 61 61 00 ff", "a map of indefinite length"),
        ("a1 61 61 9f ff", "an array of indefinite length"),
        ("a1 61 61 5f 41 00 ff", "a byte string of indefinite length"),
        ("a1 61 61 7f 61 61 ff", "a text of indefinite length"),
        ("a1 61 61 c0 00", "a tag"),
        ("a2 61 61 00 61 61 01", "a text key twice"),
        ("a2 01 00 01 00", "an integer key twice"),
        (
            "a1 61 61 a2 41 00 00 41 00 01",
            "a byte string key twice, further in",
        ),
        ("a1 f4 00", "a key that is false"),
        ("a1 80 00", "a key that is an array"),
        ("a1 61 ff 00", "a text that is no UTF-8"),
        ("a1 61 61 f8 20", "an unassigned simple value"),
        ("a0 00", "a byte after it"),
        ("80", "no map"),
    ] {
        refuse_everywhere(&from_hex(&item.replace(' ', "")), why);
    }
}

#[test]
fn map_keys_may_come_in_any_order() {
    // As Windows Hello writes them.
    let auth_data = Registration::good().auth_data.bytes();
    let object = [
        b"\xa3\x63fmt\x64none\x68authData".as_slice(),
        &head(2, auth_data.len()),
        &auth_data,
        b"\x67attStmt\xa0",
    ]
    .concat();
    Registration {
        object: Some(object),
        ..Registration::good()
    }
    .verify()
    .unwrap();
}

#[test]
fn bombs_cost_nothing() {
    let auth_data = Registration::good().auth_data.bytes();
    let certificate = [head(2, 65_536), vec![0; 65_536]].concat();
    let chain = [
        b"\xa3\x63alg\x26\x63sig\x40\x63x5c".as_slice(),
        &head(4, 100),
        &certificate.repeat(100),
    ]
    .concat();
    for (name, item) in [
        ("arrays in arrays", [vec![0x81; 10_000], vec![0]].concat()),
        ("maps in maps", [[0xa1, 0].repeat(10_000), vec![0]].concat()),
        ("a map of 2^32 entries", from_hex("bb0000000100000000")),
        ("a map of 2^64 - 1 entries", from_hex("bbffffffffffffffff")),
        ("an array of 2^64 - 1 items", from_hex("9bffffffffffffffff")),
        (
            "a byte string of 2^64 - 1 bytes",
            from_hex("5bffffffffffffffff"),
        ),
        ("a text of 2^63 bytes", from_hex("7b8000000000000000")),
        (
            "a map of 65 entries",
            [
                head(5, 65),
                (0..65)
                    .flat_map(|key| [head(0, key), vec![0]].concat())
                    .collect(),
            ]
            .concat(),
        ),
        (
            "an array of 65,000 maps",
            [head(4, 65_000), vec![0xa0; 65_000]].concat(),
        ),
        (
            "a statement of a megabyte",
            attestation_object(
                "packed",
                &[
                    b"\xa1\x63sig".as_slice(),
                    &head(2, 1 << 20),
                    &vec![0; 1 << 20],
                ]
                .concat(),
                &auth_data,
            ),
        ),
        (
            "a hundred certificates of 64 KiB",
            attestation_object("packed", &chain, &auth_data),
        ),
        (
            "a format of a megabyte",
            attestation_object(&"a".repeat(1 << 20), &[0xa0], &auth_data),
        ),
    ] {
        let start = Instant::now();
        assert_eq!(
            AttestationObject::from_bytes(&item),
            Err(NOT_AN_OBJECT),
            "{name}"
        );
        assert!(CoseKey::from_bytes(&item).is_err(), "{name}");
        assert!(extension(&item).is_err(), "{name}");
        assert!(
            start.elapsed() < Duration::from_secs(1),
            "{name}: {:?}",
            start.elapsed()
        );
    }
}

#[test]
fn sixteen_levels_are_read_and_no_more() {
    let nested = |levels: usize| [b"\xa1\x61a".as_slice(), &vec![0x81; levels - 1], &[0]].concat();
    assert!(extension(&nested(16)).is_ok());
    assert!(extension(&nested(17)).is_err());
}

/// As attestation object, statement, key and extension output.
#[track_caller]
fn refuse_everywhere(item: &[u8], why: &str) {
    assert_eq!(
        AttestationObject::from_bytes(item),
        Err(NOT_AN_OBJECT),
        "{why}"
    );
    assert!(CoseKey::from_bytes(item).is_err(), "{why}");
    assert!(extension(item).is_err(), "{why}");

    let good = Registration::good();
    let key = attested(&good.credential.id, item);
    let mut with_key = Registration::good();
    with_key.auth_data.attested = key;
    if item != [0xa0, 0] {
        let object = attestation_object("tpm", item, &good.auth_data.bytes());
        assert!(AttestationObject::from_bytes(&object).is_err(), "{why}");
    }
    let refused = with_key.verify().unwrap_err();
    assert!(
        matches!(
            refused,
            Refused::AuthenticatorData | Refused::PublicKey | NOT_AN_OBJECT
        ),
        "{why}: {refused:?}"
    );
}

fn extension(item: &[u8]) -> Result<AuthenticatorData, Refused> {
    let mut auth_data = Registration::good().auth_data;
    auth_data.flags = UP | ED;
    auth_data.attested = Vec::new();
    auth_data.tail = item.to_vec();
    assert_eq!(auth_data.flags & AT, 0);
    AuthenticatorData::from_bytes(&auth_data.bytes())
}

#[test]
fn the_corpus_of_this_repository_is_read() {
    for vector in ours("webauthn-l3-section-16.json")["tests"]
        .as_array()
        .unwrap()
    {
        AttestationObject::from_bytes(&hex(&vector["registration"], "attestationObject")).unwrap();
    }
}
