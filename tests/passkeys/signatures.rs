//! A40: signatures in every broken form, from Wycheproof, through our reading and the native
//! verifier.

use postern::passkeys::{Algorithm, CoseKey, Refused, Signed};
use serde_json::Value;

use super::{
    forge::{self, Authentication, Credential},
    native::holds,
    vectors::{hex, shared, text},
};

#[test]
fn ecdsa_with_p256_agrees_with_wycheproof() {
    wycheproof("ecdsa_secp256r1_sha256", Algorithm::Es256, |group| {
        let point = hex(&group["publicKey"], "uncompressed");
        forge::ec2(-7, 1, &point[1..33], &point[33..])
    });
}

#[test]
fn rsa_2048_agrees_with_wycheproof() {
    wycheproof("rsa_signature_2048_sha256", Algorithm::Rs256, |group| {
        let unsigned = |name| {
            let integer = hex(&group["publicKey"], name);
            let zeros = integer.iter().take_while(|byte| **byte == 0).count();
            integer[zeros..].to_vec()
        };
        forge::rsa(-257, &unsigned("modulus"), &unsigned("publicExponent"))
    });
}

#[test]
fn ed25519_agrees_with_wycheproof() {
    wycheproof("ed25519", Algorithm::EdDsa, |group| {
        forge::okp(-8, 6, &hex(&group["publicKey"], "pk"))
    });
}

/// Each key is read as COSE, and must come out as the DER that Wycheproof has for it.
fn wycheproof(name: &str, algorithm: Algorithm, cose: impl Fn(&Value) -> Vec<u8>) {
    let Some(file) = shared(&format!("crypto/wycheproof-{name}.json")) else {
        return;
    };
    let mut counts = [0, 0];
    for group in file["testGroups"].as_array().unwrap() {
        let key = CoseKey::from_bytes(&cose(group)).unwrap();
        assert_eq!(key.algorithm(), algorithm);
        assert_eq!(key.spki(), hex(group, "publicKeyDer"));
        for test in group["tests"].as_array().unwrap() {
            let accepted = accepts(&key, hex(test, "msg"), &hex(test, "sig"));
            match text(test, "result") {
                "valid" => assert!(accepted, "{test}"),
                "invalid" => assert!(!accepted, "{test}"),
                _ => {}
            }
            counts[usize::from(accepted)] += 1;
        }
    }
    println!("{name}: {} accepted, {} refused", counts[1], counts[0]);
    assert!(counts.iter().all(|count| *count > 0));
}

/// The two halves of an assertion's way: our reading of the signature, then the verifier.
fn accepts(key: &CoseKey, message: Vec<u8>, signature: &[u8]) -> bool {
    Signed::read(key.algorithm(), message, signature)
        .is_some_and(|signed| holds(key.algorithm(), key.spki(), Some(&signed)))
}

#[test]
fn a_signature_has_the_one_form_of_its_algorithm() {
    let good = Authentication::good().json()["response"]["signature"]
        .as_str()
        .unwrap()
        .to_owned();
    let der = postern::base64url::decode(&good).unwrap();
    let fixed = Signed::read(Algorithm::Es256, Vec::new(), &der)
        .unwrap()
        .signature;
    assert_eq!(fixed.len(), 64);
    let (r, _) = fixed.split_at(32);
    let sequence = |r: &[u8], s: &[u8]| {
        let body = [&[2, r.len() as u8], r, &[2, s.len() as u8], s].concat();
        [&[0x30, body.len() as u8], body.as_slice()].concat()
    };
    let lower = [1; 32];
    for (name, signature) in [
        ("empty", vec![]),
        ("as WebCrypto writes it", fixed.clone()),
        ("bytes after it", [der.as_slice(), &[0]].concat()),
        ("r is zero", sequence(&[0], &lower)),
        ("s is zero", sequence(&lower, &[0])),
        ("an empty integer", sequence(&[], &lower)),
        ("negative", sequence(&[0x80; 32], &lower)),
        ("a zero byte too many", sequence(&[0, 1], &lower)),
        ("33 bytes", sequence(&[1; 33], &lower)),
        (
            "the long form of a length",
            [&[0x30, 0x81, der[1]], &der[2..]].concat(),
        ),
        (
            "an indefinite length",
            [&[0x30, 0x80], &der[2..], &[0, 0]].concat(),
        ),
        (
            "three integers",
            [&[0x30, der[1] + 3], &der[2..], &[2, 1, 1]].concat(),
        ),
    ] {
        let attempt = Authentication {
            signature: Some(signature),
            ..Authentication::good()
        };
        assert_eq!(attempt.verify(), Err(Refused::Signature), "{name}");
    }
    // Both of s and n - s are signatures of this message; each is accepted at its one use.
    let n_minus_s = p256::ecdsa::Signature::from_slice(&fixed).unwrap();
    let (r, s) = (r.to_vec(), n_minus_s.s());
    let other = (-*s).to_bytes();
    let strip = |integer: &[u8]| {
        let zeros = integer.iter().take_while(|byte| **byte == 0).count();
        let sign = if integer[zeros] >= 0x80 {
            &[0][..]
        } else {
            &[]
        };
        [sign, &integer[zeros..]].concat()
    };
    let attempt = Authentication {
        signature: Some(sequence(&strip(&r), &strip(&other))),
        ..Authentication::good()
    };
    attempt.verify().unwrap();

    for signature in [vec![0; 64], vec![1; 63], vec![1; 65], vec![]] {
        let good = Authentication::by(Credential::w3c("packed-eddsa"));
        assert_eq!(
            Authentication {
                signature: Some(signature),
                ..good
            }
            .verify(),
            Err(Refused::Signature)
        );
    }
}
