//! A108, A109, A110: what is wrong inside an attestation object.

use postern::passkeys::Refused;
use sha2::{Digest as _, Sha256};

use super::forge::{
    AT, Credential, ED, Registration, UP, attested, bytes, client_data, cose, int, okp,
};

#[test]
fn a108_authenticator_data_is_what_its_flags_say() {
    let good = Registration::good().auth_data;
    let credential = Credential::w3c("none-es256");
    let (id, key) = (&credential.id, &credential.public_key);
    let length =
        |length: u16, rest: &[u8]| [[9; 16].as_slice(), &length.to_be_bytes(), rest].concat();
    for (name, flags, attested_data, tail) in [
        ("AT clear with data", UP, good.attested.clone(), vec![]),
        ("AT set without", UP | AT, vec![], vec![]),
        ("AT clear without", UP, vec![], vec![]),
        (
            "ED set without extensions",
            UP | AT | ED,
            good.attested.clone(),
            vec![],
        ),
        (
            "ED clear with extensions",
            UP | AT,
            good.attested.clone(),
            vec![0xa0],
        ),
        (
            "ED set with an array",
            UP | AT | ED,
            good.attested.clone(),
            vec![0x80],
        ),
        (
            "ED set with more than a map",
            UP | AT | ED,
            good.attested.clone(),
            vec![0xa0, 0xa0],
        ),
        (
            "an id beyond the end",
            UP | AT,
            length(200, &[0; 100]),
            vec![],
        ),
        (
            "an id of 65,535 bytes",
            UP | AT,
            length(u16::MAX, id),
            vec![],
        ),
        ("no key", UP | AT, length(4, id), vec![]),
        ("half an AAGUID", UP | AT, vec![9; 8], vec![]),
        ("half an id length", UP | AT, vec![9; 17], vec![]),
        ("a byte after it", UP | AT, good.attested.clone(), vec![0]),
        (
            "65 bytes after it",
            UP | AT,
            good.attested.clone(),
            vec![0; 65],
        ),
    ] {
        let mut registration = Registration::good();
        registration.auth_data.flags = flags;
        registration.auth_data.attested = attested_data;
        registration.auth_data.tail = tail;
        assert_eq!(
            registration.verify(),
            Err(Refused::AuthenticatorData),
            "{name}"
        );
    }
    for (name, id, expect) in [
        ("no id", 0, Some(Refused::CredentialId)),
        ("1 byte", 1, None),
        ("1023 bytes", 1023, None),
        ("1024 bytes", 1024, Some(Refused::CredentialId)),
    ] {
        let mut registration = Registration::good();
        let id = vec![5; id];
        registration.auth_data.attested = attested(&id, key);
        // One that cannot be posted is refused for what was attested.
        registration.credential.id = if matches!(id.len(), 1..=1023) {
            id
        } else {
            vec![5]
        };
        assert_eq!(registration.verify().err(), expect, "{name}");
    }
    let mut registration = Registration::good();
    registration.auth_data.flags = UP | AT | ED;
    registration.auth_data.tail = b"\xa1\x6bcredProtect\x02".to_vec();
    registration.verify().unwrap();
}

#[test]
fn a109_keys_broken_in_the_field_are_refused() {
    let with_key = |key: &[u8]| {
        let mut registration = Registration::good();
        registration.auth_data.attested = attested(&registration.credential.id, key);
        registration.verify().unwrap_err()
    };
    // SoloKey EdDSA: a map that announces four parameters and holds three.
    let mut short = cose(&[(1, int(1)), (3, int(-8)), (-1, int(6))]);
    short[0] = 0xa4;
    assert_eq!(with_key(&short), Refused::AuthenticatorData);
    // The EdDSA sample of the field: crv as a text, and the rest after the key.
    let named = [
        cose(&[(1, int(1)), (3, int(-8)), (-1, b"\x67Ed25519".to_vec())]),
        vec![0; 65],
    ]
    .concat();
    assert_eq!(with_key(&named), Refused::AuthenticatorData);
    assert_eq!(with_key(&named[..named.len() - 65]), Refused::PublicKey);
    // Windows Hello on Firefox 98: an AAGUID cut short.
    let mut registration = Registration::good();
    registration.auth_data.attested.drain(..7);
    assert!(matches!(
        registration.verify(),
        Err(Refused::AuthenticatorData | Refused::CredentialId)
    ));
}

#[test]
fn a110_statements_are_refused_or_count_as_none() {
    let text = |text: &str| [&[0x60 | text.len() as u8], text.as_bytes()].concat();
    let map = |entries: &[(&str, Vec<u8>)]| {
        let mut map = vec![0xa0 | entries.len() as u8];
        for (key, value) in entries {
            map.extend([text(key), value.clone()].concat());
        }
        map
    };
    let signature = bytes(&[0x30, 6, 2, 1, 1, 2, 1, 1]);
    let certificates = vec![0x81, 0x41, 0];
    let cases = [
        (
            "none",
            map(&[("alg", int(-7))]),
            Some(Refused::AttestationStatement),
        ),
        ("packed", map(&[]), Some(Refused::AttestationStatement)),
        (
            "packed",
            map(&[("alg", int(-7))]),
            Some(Refused::AttestationStatement),
        ),
        (
            "packed",
            map(&[("alg", int(-7)), ("sig", text("a"))]),
            Some(Refused::AttestationStatement),
        ),
        (
            "packed",
            map(&[("alg", int(-8)), ("sig", signature.clone())]),
            Some(Refused::AttestationStatement),
        ),
        (
            "packed",
            map(&[("alg", int(-7)), ("sig", signature.clone())]),
            Some(Refused::Signature),
        ),
        (
            "packed",
            map(&[("alg", int(-7)), ("sig", bytes(&[0; 64]))]),
            Some(Refused::Signature),
        ),
        // With certificates nothing is judged: none were asked for.
        (
            "packed",
            map(&[("alg", int(-7)), ("sig", signature), ("x5c", certificates)]),
            None,
        ),
        ("tpm", map(&[("ver", text("2.0"))]), None),
        ("fido-u2f", map(&[]), None),
        ("apple", map(&[]), None),
        ("android-key", map(&[]), None),
        ("android-safetynet", map(&[]), None),
        (
            "tpm",
            vec![0x80],
            Some(Refused::Malformed("attestationObject")),
        ),
        ("not_real_fmt", map(&[]), Some(Refused::AttestationFormat)),
        ("NONE", map(&[]), Some(Refused::AttestationFormat)),
        ("", map(&[]), Some(Refused::AttestationFormat)),
    ];
    for (fmt, statement, expect) in cases {
        let registration = Registration {
            fmt,
            statement: Some(statement.clone()),
            ..Registration::good()
        };
        assert_eq!(
            registration.verify().err(),
            expect,
            "{fmt} {statement:02x?}"
        );
    }
    Registration {
        fmt: "packed",
        ..Registration::good()
    }
    .verify()
    .unwrap();
    // A self attestation of something else.
    let good = Registration {
        fmt: "packed",
        ..Registration::good()
    };
    let object = good.object();
    let other = Registration {
        object: Some(object),
        client_data: [client_data("webauthn.create"), b" ".to_vec()].concat(),
        ..Registration::good()
    };
    assert_eq!(other.verify(), Err(Refused::Signature));
}

#[test]
fn an_eddsa_key_is_registered_too() {
    let credential = Credential::w3c("packed-eddsa");
    for fmt in ["none", "packed"] {
        let mut registration = Registration {
            fmt,
            credential: credential.clone(),
            ..Registration::good()
        };
        if fmt == "packed" {
            // alg -8 is 0x27.
            registration.auth_data.attested = attested(&credential.id, &credential.public_key);
            let message = [
                registration.auth_data.bytes(),
                Sha256::digest(&registration.client_data).to_vec(),
            ]
            .concat();
            let signature = bytes(&credential.sign(&message));
            registration.statement =
                Some([b"\xa2\x63alg\x27\x63sig".as_slice(), &signature].concat());
        }
        registration.auth_data.attested = attested(&credential.id, &credential.public_key);
        registration.verify().unwrap();
    }
    assert_eq!(credential.public_key[..5], okp(-8, 6, &[])[..5]);
}
