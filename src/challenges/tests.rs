#![allow(clippy::unwrap_used, clippy::indexing_slicing)]
use super::*;
use alloc::vec;

const KEYS: &str = "k1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

fn challenge() -> Challenge {
    Challenge {
        id: ChallengeId::from_entropy([1; 16]),
        purpose: Purpose::SignIn,
        organization: OrganizationId::from_entropy([2; 16]),
        user: UserId::from_entropy([3; 16]),
        surface: Some("control_panel".parse().unwrap()),
        evidence: vec![Evidence::new(Method::Password, UnixTime(1000))],
        user_version: 1_790_000_000_000,
        session: None,
        nonce: Some(crate::passkeys::Base64UrlBytes([5; 32])),
        lane: Some(TrustedDeviceId::from_entropy([4; 16])),
        delivery: Delivery::Cookie,
        opened_at: UnixTime(1000),
        expires_at: UnixTime(1600),
    }
}

#[test]
fn a_challenge_fits_in_a_kilobyte() {
    let keys = Keys::parse(KEYS).unwrap();
    assert!(challenge().seal(&keys, [0; 12]).len() <= 1024);
}

#[test]
fn a_challenge_of_one_purpose_does_not_open_as_another() {
    let keys = Keys::parse(KEYS).unwrap();
    let token = challenge().seal(&keys, [0; 12]);
    assert_eq!(Challenge::open(&keys, &token).unwrap().id, challenge().id);
    let renamed = token.replace("pc_in_", "pc_up_");
    assert_eq!(Challenge::open(&keys, &renamed).err(), Some(NotAChallenge));
    for bad in [
        "",
        "pc_in_",
        "pc_in_AAAA",
        &token[1..],
        &alloc::format!("{token}="),
    ] {
        assert_eq!(
            Challenge::open(&keys, bad).err(),
            Some(NotAChallenge),
            "{bad}"
        );
    }
}

#[test]
fn a_challenge_is_over_on_the_second() {
    assert!(!challenge().is_over(UnixTime(1599)));
    assert!(challenge().is_over(UnixTime(1600)));
}
