//! A41: keys of the wrong kind, form or strength, and what the right ones come out as.

use std::time::{Duration, Instant};

use postern::passkeys::{Algorithm, CoseKey, NotAKey, Refused};

use super::forge::{Credential, Registration, attested, bytes, cose, ec2, int, okp, rsa};

#[test]
fn algorithm_confusion_is_refused() {
    let x = [4; 32];
    let n = odd(256);
    let e = [1, 0, 1];
    use NotAKey::{Algorithm as Alg, Malformed as Bad};
    for (name, key, expect) in [
        ("alg -257 with an EC2 key", ec2(-257, 1, &x, &x), Bad),
        ("alg -7 with an OKP key", okp(-7, 6, &x), Bad),
        ("alg -7 with an RSA key", rsa(-7, &n, &e), Bad),
        ("alg -8 with an EC2 key", ec2(-8, 1, &x, &x), Bad),
        ("alg -8 with Ed448", okp(-8, 7, &x), Bad),
        ("alg -8 with X25519", okp(-8, 4, &x), Bad),
        ("alg -7 with P-384", ec2(-7, 2, &x, &x), Bad),
        ("alg -7 with secp256k1", ec2(-7, 8, &x, &x), Bad),
        ("ES384", ec2(-35, 2, &[4; 48], &[4; 48]), Alg),
        ("ES512", ec2(-36, 3, &[4; 66], &[4; 66]), Alg),
        ("ES256K", ec2(-47, 8, &x, &x), Alg),
        ("PS256", rsa(-37, &n, &e), Alg),
        ("RS1", rsa(-65535, &n, &e), Alg),
        ("alg 0", ec2(0, 1, &x, &x), Alg),
        (
            "HMAC",
            cose(&[(1, int(4)), (3, int(5)), (-1, bytes(&x))]),
            Alg,
        ),
        (
            "alg as a text",
            cose(&[(1, int(2)), (3, vec![0x65, b'E', b'S', b'2', b'5', b'6'])]),
            Bad,
        ),
        (
            "no alg",
            cose(&[(1, int(2)), (-1, int(1)), (-2, bytes(&x)), (-3, bytes(&x))]),
            Bad,
        ),
        (
            "no kty",
            cose(&[(3, int(-7)), (-1, int(1)), (-2, bytes(&x)), (-3, bytes(&x))]),
            Bad,
        ),
        (
            "kty as a text",
            cose(&[
                (1, vec![0x63, b'E', b'C', b'2']),
                (3, int(-7)),
                (-1, int(1)),
                (-2, bytes(&x)),
                (-3, bytes(&x)),
            ]),
            Bad,
        ),
        (
            "a key id beside",
            cose(&[
                (1, int(1)),
                (2, bytes(&x)),
                (3, int(-8)),
                (-1, int(6)),
                (-2, bytes(&x)),
            ]),
            Bad,
        ),
        (
            "a private key beside",
            cose(&[
                (1, int(1)),
                (3, int(-8)),
                (-1, int(6)),
                (-2, bytes(&x)),
                (-4, bytes(&x)),
            ]),
            Bad,
        ),
        ("x of 31 bytes", ec2(-7, 1, &x[1..], &x), Bad),
        ("y of 33 bytes", ec2(-7, 1, &x, &[0; 33]), Bad),
        (
            "y as a sign bit",
            cose(&[
                (1, int(2)),
                (3, int(-7)),
                (-1, int(1)),
                (-2, bytes(&x)),
                (-3, vec![0xf5]),
            ]),
            Bad,
        ),
        ("x of 33 bytes", okp(-8, 6, &[4; 33]), Bad),
        (
            "no x",
            cose(&[(1, int(1)), (3, int(-8)), (-1, int(6))]),
            Bad,
        ),
    ] {
        let start = Instant::now();
        assert_eq!(CoseKey::from_bytes(&key), Err(expect), "{name}");
        assert!(start.elapsed() < Duration::from_millis(50), "{name}");
    }
}

#[test]
fn rsa_keys_are_bounded() {
    let e = [1, 0, 1];
    let sized = |n: &[u8], e: &[u8]| CoseKey::from_bytes(&rsa(-257, n, e)).is_ok();
    assert!(sized(&odd(256), &e));
    assert!(sized(&odd(1024), &e));
    assert!(sized(&odd(256), &[3]));
    assert!(sized(&odd(256), &[0xff; 4]));
    let shorter = [vec![0x7f], vec![1; 255]].concat();
    let zero = [vec![0], odd(256)].concat();
    let even = [odd(255), vec![0]].concat();
    for (name, n, e) in [
        ("2047 bits", shorter.as_slice(), e.as_slice()),
        ("1024 bits", &odd(128), &e),
        ("8193 bits", &[vec![1], odd(1024)].concat(), &e),
        ("a zero byte before it", &zero, &e),
        ("even", &even, &e),
        ("empty", &[], &e),
        ("e = 1", &odd(256), &[1]),
        ("e = 0", &odd(256), &[0]),
        ("e even", &odd(256), &[1, 0, 0]),
        ("e with a zero byte before it", &odd(256), &[0, 1, 0, 1]),
        ("e of 33 bits", &odd(256), &[1, 0, 0, 0, 1]),
        ("e empty", &odd(256), &[]),
    ] {
        assert!(!sized(n, e), "{name}");
    }
}

/// Every multiple of a point of order 8, and every encoding that is not the shortest of its point,
/// against `ed25519-dalek`.
#[test]
fn ed25519_keys_of_small_order_are_refused() {
    let usable = |x: &[u8; 32]| CoseKey::from_bytes(&okp(-8, 6, x)).is_ok();
    let mut weak = 0;
    let order_8: [u8; 32] = [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
        0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
        0x03, 0x7a,
    ];
    let p_minus_1 = with_low_byte(0xec);
    for y in [[0; 32], one(), p_minus_1, order_8, negative(order_8)] {
        for sign in [0, 0x80] {
            let mut x = y;
            x[31] |= sign;
            if let Ok(key) = ed25519_dalek::VerifyingKey::from_bytes(&x) {
                assert!(key.is_weak(), "{x:02x?}");
                weak += 1;
            }
            assert!(!usable(&x), "{x:02x?}");
        }
    }
    assert!(weak >= 8, "all eight points");
    for low in 0xed..=0xff {
        for sign in [0, 0x80] {
            let mut x = with_low_byte(low);
            x[31] |= sign;
            assert!(!usable(&x), "not below p: {x:02x?}");
        }
    }
    assert!(usable(&with_low_byte(0xeb)), "below p");
    assert!(usable(&[4; 32]));
}

/// y of -P where P has order 8: -y modulo p, another of the eight.
fn negative(y: [u8; 32]) -> [u8; 32] {
    let mut difference = [0; 32];
    let mut borrow = 0;
    for (at, p) in with_low_byte(0xed).into_iter().enumerate() {
        let digit = i16::from(p) - i16::from(y[at]) - borrow;
        borrow = i16::from(digit < 0);
        difference[at] = digit.rem_euclid(256) as u8;
    }
    difference
}

/// 2^255 - 19 with another low byte.
fn with_low_byte(low: u8) -> [u8; 32] {
    let mut p = [0xff; 32];
    p[0] = low;
    p[31] = 0x7f;
    p
}

fn one() -> [u8; 32] {
    let mut one = [0; 32];
    one[0] = 1;
    one
}

/// An odd number of `length` bytes with the highest bit set.
fn odd(length: usize) -> Vec<u8> {
    vec![0x81; length]
}

#[test]
fn a_key_that_is_no_point_cannot_be_registered() {
    // The core cannot tell; the verifier, asked for every registration, can.
    let key = ec2(-7, 1, &[4; 32], &[4; 32]);
    CoseKey::from_bytes(&key).unwrap();
    let mut registration = Registration::good();
    registration.auth_data.attested = attested(&registration.credential.id, &key);
    assert_eq!(registration.verify(), Err(Refused::Signature));
}

#[test]
fn an_algorithm_that_was_not_offered_cannot_be_registered() {
    let mut registration = Registration::good();
    registration.auth_data.attested = attested(
        &registration.credential.id,
        &rsa(-65535, &odd(256), &[1, 0, 1]),
    );
    assert_eq!(registration.verify(), Err(Refused::Algorithm));
    registration.auth_data.attested = attested(&registration.credential.id, &okp(-8, 7, &[4; 32]));
    assert_eq!(registration.verify(), Err(Refused::PublicKey));
}

#[test]
fn a_key_is_kept_byte_for_byte() {
    for name in ["none-es256", "packed-eddsa"] {
        let credential = Credential::w3c(name);
        let key = CoseKey::from_bytes(&credential.public_key).unwrap();
        assert_eq!(key.as_bytes(), credential.public_key);
        let json = serde_json::to_string(&key).unwrap();
        assert_eq!(serde_json::from_str::<CoseKey>(&json).unwrap(), key);
        assert!(serde_json::from_str::<CoseKey>(&json.replace('p', "q")).is_err());
    }
    assert_eq!(
        Algorithm::OFFERED.map(Algorithm::identifier),
        [-8, -7, -257]
    );
}
