#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]
use super::*;
use alloc::{string::ToString as _, vec};

use crate::{
    backup_codes::{BackupCodeSet, Format},
    decision::{Attempt, Finding, Outcome, Rekey},
    ids::BackupCodeSetId,
    passkeys::{
        Base64UrlBytes, CredentialId, CredentialRecord, Refused, authentication::Assertion,
    },
    passwords::Verifier,
    policy::{Policy, SignCountRegression},
    refusal::{Hint, Refusal},
    sealing::{self, MissingKey, Place},
    slow_hash::Memory,
    throttle::Counters,
    totp::{Digits, Parameters, TimeStep, TotpSecret},
    users::{Authenticator, BackupCodes, Kind, Role, State},
};

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
        copied: Some(Copied {
            at_ms: 1_790_000_700_000,
            name: "a".repeat(128).parse().unwrap(),
        }),
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
    assert!(challenge().seal(&keys, [0; 12]).unwrap().len() <= 1024);
}

#[test]
fn a_challenge_of_one_purpose_does_not_open_as_another() {
    let keys = Keys::parse(KEYS).unwrap();
    let token = challenge().seal(&keys, [0; 12]).unwrap();
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
fn a_challenge_asks_the_user_it_names_or_the_one_whom_a_late_copy_missed() {
    const VERSION: u64 = 1_790_000_000_000;
    const OPENED: u64 = 1_790_000_700_000;
    let ann = |version| User { version, ..user() };
    let strict = Challenge {
        copied: None,
        ..challenge()
    };
    let copied = |name: &str| Challenge {
        copied: Some(Copied {
            at_ms: OPENED,
            name: name.parse().unwrap(),
        }),
        ..challenge()
    };
    for (version, by_truth, by_copy) in [
        (VERSION - 1, false, true),
        (VERSION, true, true),
        (VERSION + 1, false, true),
        (OPENED - 1, false, true),
        // Changed in the same millisecond, which may be after it.
        (OPENED, false, false),
        (OPENED + 1, false, false),
    ] {
        assert_eq!(strict.asks(&ann(version), OPENED), by_truth, "{version}");
        let asked = copied("ann").asks(&ann(version), OPENED);
        assert_eq!(asked, by_copy, "{version}");
        // Opened by a clock that is ahead of this one.
        let early = copied("ann").asks(&ann(version), OPENED - 1);
        assert_eq!(early, by_truth, "{version}");
        let other = copied("bob").asks(&ann(version), OPENED);
        assert_eq!(other, by_truth, "{version}");
        // Deleted, and somebody else has the name.
        let heir = User {
            id: UserId::from_entropy([9; 16]),
            ..ann(version)
        };
        assert!(!strict.asks(&heir, OPENED));
        assert_eq!(copied("ann").asks(&heir, OPENED), version < OPENED);
        assert!(!copied("bob").asks(&heir, OPENED));
    }
}

#[test]
fn a_challenge_is_over_on_the_second() {
    assert!(!challenge().is_over(UnixTime(1599)));
    assert!(challenge().is_over(UnixTime(1600)));
}

/// RFC 6238 appendix B: the seed, and its code at 1,111,111,109 (six digits of 07081804).
const SEED: [u8; 20] = *b"12345678901234567890";
const NOW: UnixTime = UnixTime(1_111_111_109);
const CODE: &str = "081804";

const HERE: OrganizationId = OrganizationId::from_entropy([2; 16]);
const ANN: UserId = UserId::from_entropy([3; 16]);
const PHONE: AuthenticatorId = AuthenticatorId::from_entropy([6; 16]);
const TABLET: AuthenticatorId = AuthenticatorId::from_entropy([7; 16]);
const KEY: AuthenticatorId = AuthenticatorId::from_entropy([8; 16]);

fn user() -> User {
    User {
        organization: HERE,
        id: ANN,
        external_id: "ann".parse().unwrap(),
        version: 1,
        state: State::Active,
        role: Role::Member,
        groups: vec![],
        handle: Base64UrlBytes([9; 32]),
        password: None,
        authenticators: vec![],
        backup_codes: None,
        disabled: vec![],
        prompt_declined_at: None,
    }
}

fn app(id: AuthenticatorId, seed: &[u8], keys: &Keys) -> Authenticator {
    let path = [HERE.to_string(), ANN.to_string(), id.to_string()];
    let path = path.each_ref().map(String::as_str);
    let place = Place {
        purpose: sealing::Purpose::TotpSecret,
        path: &path,
    };
    let secret = TotpSecret::from_bytes(seed).unwrap();
    Authenticator {
        id,
        name: "Phone".into(),
        kind: Kind::Totp {
            secret: keys.seal(&place, [0; 12], secret.expose()).unwrap(),
            parameters: Parameters::DEFAULT,
        },
    }
}

fn passkey(sign_count: u32) -> Authenticator {
    // COSE_Key of an Ed25519 key (RFC 8032 section 7.1, test 1).
    let key = "pAEBAycgBiFYINdamAGCsQq31Uv-08lkBzoO4XLz2qYjJa8CGmj3B1Ea";
    let record = alloc::format!(
        r#"{{"id":"AQID","public_key":"{key}","sign_count":{sign_count},"uv_initialized":false,
        "transports":[],"backup_eligible":true,"backup_state":false,"aaguid":"AAAAAAAAAAAAAAAAAAAAAA"}}"#
    );
    let record: CredentialRecord = serde_json::from_str(&record).unwrap();
    Authenticator {
        id: KEY,
        name: "Key".into(),
        kind: Kind::Passkey(record),
    }
}

fn keys() -> Keys {
    Keys::parse(KEYS).unwrap()
}

fn checked(presented: &Presented, user: &User) -> Attempt {
    let lane = Lane::Device(TrustedDeviceId::from_entropy([4; 16]));
    check(presented, user, lane, &keys(), &mut Memory::new(), NOW).unwrap()
}

fn code(text: &str, authenticator: Option<AuthenticatorId>) -> Presented {
    Presented::Totp {
        code: text.parse().unwrap(),
        authenticator,
    }
}

#[test]
fn a_code_is_compared_with_every_app_or_the_one_that_is_named() {
    let other = [7; 20];
    let ann = User {
        authenticators: vec![
            app(TABLET, &other, &keys()),
            passkey(0),
            app(PHONE, &SEED, &keys()),
        ],
        ..user()
    };
    let found = Finding::Step {
        authenticator: PHONE,
        step: TimeStep(NOW.0 / 30),
    };
    let attempt = checked(&code(CODE, None), &ann);
    assert_eq!(attempt.finding, found);
    assert_eq!(attempt.cost, 2, "a passkey is not compared with a code");
    assert_eq!(attempt.method, Some(Method::Totp));
    assert_eq!(attempt.flaw, None);
    assert_eq!(attempt.throttle.unwrap().method, Method::Totp);
    assert_eq!(
        attempt.evidence,
        Some(Evidence::of(Method::Totp, PHONE, NOW))
    );
    let named = checked(&code(CODE, Some(PHONE)), &ann);
    assert_eq!((named.finding, named.cost), (found, 1));
    for (text, authenticator) in [
        (CODE, Some(TABLET)),
        (CODE, Some(KEY)),
        ("081805", None),
        ("081805", Some(PHONE)),
    ] {
        let wrong = checked(&code(text, authenticator), &ann);
        assert_eq!(wrong.finding, Finding::Wrong, "{text} {authenticator:?}");
    }
    assert_eq!(checked(&code(CODE, None), &user()).finding, Finding::Wrong);
    assert_eq!(cost(&code(CODE, None), &user()), 1);
}

#[test]
fn a_code_as_long_as_no_apps_code_is_malformed() {
    let of = |digits: &[(AuthenticatorId, Digits)]| User {
        authenticators: digits
            .iter()
            .map(|(id, digits)| {
                let mut app = app(*id, &SEED, &keys());
                if let Kind::Totp { parameters, .. } = &mut app.kind {
                    parameters.digits = *digits;
                }
                app
            })
            .collect(),
        ..user()
    };
    let none = of(&[]);
    let six = of(&[(PHONE, Digits::Six)]);
    let mixed = of(&[(PHONE, Digits::Six), (TABLET, Digits::Eight)]);
    for (user, named, length, cost_or_expected) in [
        (&none, None, 6, Ok(1)),
        (&none, None, 8, Err("6 digits")),
        (&six, None, 6, Ok(1)),
        (&six, None, 7, Err("6 digits")),
        (&six, Some(PHONE), 8, Err("6 digits")),
        (&mixed, None, 6, Ok(1)),
        (&mixed, None, 8, Ok(1)),
        (&mixed, None, 7, Err("6 or 8 digits")),
        (&mixed, Some(TABLET), 6, Err("8 digits")),
        (&mixed, Some(TABLET), 8, Ok(1)),
        // Not an app of this user.
        (&mixed, Some(KEY), 6, Ok(1)),
        (&mixed, Some(KEY), 7, Err("6 or 8 digits")),
    ] {
        let presented = code(&"0".repeat(length), named);
        let said = check_form(&presented, user).map(|()| cost(&presented, user));
        let expected = cost_or_expected.map_err(|detail| Refusal::malformed("code", detail));
        assert_eq!(said, expected, "{length} {named:?}");
    }
}

#[test]
fn a_code_of_the_past_says_whose_it_is_and_how_late() {
    let ann = User {
        authenticators: vec![app(TABLET, &[7; 20], &keys()), app(PHONE, &SEED, &keys())],
        ..user()
    };
    let at = |seconds: u64| {
        let (text, lane) = (code(CODE, None), Lane::Everyone);
        let later = UnixTime(NOW.0 + seconds);
        check(&text, &ann, lane, &keys(), &mut Memory::new(), later).unwrap()
    };
    let late = Hint::ClockBehind {
        authenticator: PHONE,
        step: TimeStep(NOW.0 / 30),
        minutes: 5,
    };
    assert_eq!(
        (at(300).finding, at(300).hint),
        (Finding::Wrong, Some(late))
    );
    assert_eq!(at(0).hint, None);
    assert_eq!(at(3_690).hint, None);
    let named = checked(&code("081805", Some(PHONE)), &ann);
    assert_eq!((named.finding, named.hint), (Finding::Wrong, None));
}

#[test]
fn of_more_apps_than_may_be_tried_in_a_day_one_is_to_be_named() {
    let id = |number: u8| AuthenticatorId::from_entropy([number; 16]);
    let of = |apps: u8| User {
        authenticators: (1..=apps)
            .map(|number| app(id(number), &[number; 20], &keys()))
            .collect(),
        ..user()
    };
    let throttle = ThrottleKey {
        method: Method::Totp,
        lane: Lane::Everyone,
    };
    let closed = |presented: &Presented, apps| {
        let cost = cost(presented, &of(apps));
        throttle.closed(&Counters::default(), cost, NOW)
    };
    let unnamed = code("000000", None);
    assert_eq!(closed(&unnamed, 9), None);
    let closed_to_all = closed(&unnamed, 10).unwrap();
    assert_eq!(
        Refusal::closed(closed_to_all, Refusal::AuthenticatorRequired),
        Refusal::AuthenticatorRequired
    );
    assert_eq!(closed(&code("000000", Some(id(10))), 10), None);
    assert_eq!(
        Refusal::AuthenticatorRequired.code(),
        "authenticator_required"
    );
}

#[test]
fn a_secret_that_does_not_open_is_said_and_the_others_are_tried() {
    let elsewhere = app(TABLET, &SEED, &keys());
    let moved = Authenticator {
        id: KEY,
        ..elsewhere
    };
    let ann = User {
        authenticators: vec![moved.clone(), app(PHONE, &SEED, &keys())],
        ..user()
    };
    let attempt = checked(&code(CODE, None), &ann);
    assert_eq!(attempt.flaw, Some("unseal_failed"));
    assert!(
        matches!(attempt.finding, Finding::Step { authenticator, .. } if authenticator == PHONE)
    );
    let alone = User {
        authenticators: vec![moved],
        ..user()
    };
    let attempt = checked(&code(CODE, None), &alone);
    assert_eq!(
        (attempt.finding, attempt.flaw),
        (Finding::Wrong, Some("unseal_failed"))
    );
}

#[test]
fn a134_a_proof_that_would_be_compared_with_what_a_missing_key_made_is_no_attempt() {
    let old = Keys::parse("k9:AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=").unwrap();
    let password: Password = String::from("correct horse").into();
    let memory = &mut Memory::new();
    let ann = User {
        authenticators: vec![app(TABLET, &[7; 20], &keys()), app(PHONE, &SEED, &old)],
        password: Some(Verifier::new(&password, [1; 16], &old, memory)),
        backup_codes: Some(BackupCodes {
            id: BackupCodeSetId::from_entropy([1; 16]),
            key: "k9".into(),
            set: BackupCodeSet::new(Format::Digits8, [1; 16]),
            left: true,
        }),
        ..user()
    };
    let mut found = |presented| check(&presented, &ann, Lane::Everyone, &keys(), memory, NOW);
    for presented in [
        code(CODE, Some(PHONE)),
        code("081805", Some(PHONE)),
        // Whatever the one that can be read would say.
        code(CODE, None),
        code("081805", None),
        Presented::BackupCode("12345678".parse().unwrap()),
        Presented::Password(password),
    ] {
        let missing = found(presented.clone()).err();
        assert_eq!(missing, Some(MissingKey("k9".into())), "{presented:?}");
    }
    let other = found(code("081805", Some(TABLET))).unwrap();
    assert_eq!((other.finding, other.flaw), (Finding::Wrong, None));
}

#[test]
fn a92_what_is_under_an_old_key_is_to_be_kept_under_the_writing_one() {
    let password: Password = String::from("correct horse").into();
    let memory = &mut Memory::new();
    let ann = User {
        authenticators: vec![app(PHONE, &SEED, &keys())],
        password: Some(Verifier::new(&password, [1; 16], &keys(), memory)),
        ..user()
    };
    let new = "k2:AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";
    let both = Keys::parse(&alloc::format!("{new},{KEYS}")).unwrap();
    let new = Keys::parse(new).unwrap();
    let mut rekey = |presented, keys: &Keys| {
        let attempt = check(&presented, &ann, Lane::Everyone, keys, memory, NOW).unwrap();
        attempt.rekey
    };
    let Some(Rekey::TotpSecret {
        authenticator,
        sealed,
    }) = rekey(code(CODE, None), &both)
    else {
        panic!("a secret under an old key");
    };
    assert_eq!(authenticator, PHONE);
    assert!(ann.totps().any(|(_, secret, _)| secret == sealed));
    let right = || Presented::Password(password.clone());
    let Some(Rekey::Password { from, to }) = rekey(right(), &both) else {
        panic!("a password under an old key");
    };
    assert_eq!((&*from.key, &*to.key), ("k1", "k2"));
    // A wrong proof moves nothing, nor does one under the key that writes.
    assert!(rekey(code("081805", None), &both).is_none());
    let wrong: Password = String::from("battery staple").into();
    assert!(rekey(Presented::Password(wrong.clone()), &both).is_none());
    assert!(rekey(code(CODE, None), &keys()).is_none());
    assert!(rekey(right(), &keys()).is_none());
    // The same password, without the old key.
    let moved = User {
        password: Some(to),
        ..user()
    };
    for (shown, finding) in [(password.clone(), Finding::Holds), (wrong, Finding::Wrong)] {
        let presented = Presented::Password(shown);
        let attempt = check(&presented, &moved, Lane::Everyone, &new, memory, NOW).unwrap();
        assert_eq!(attempt.finding, finding);
    }
}

#[test]
fn a_backup_code_is_looked_up_in_the_set_under_its_pepper() {
    let set = BackupCodeSet::new(Format::Digits8, [1; 16]);
    let presented = Presented::BackupCode("12345678".parse().unwrap());
    let with = |key: &str| User {
        backup_codes: Some(BackupCodes {
            id: BackupCodeSetId::from_entropy([1; 16]),
            key: key.into(),
            set: BackupCodeSet::new(Format::Digits8, [1; 16]),
            left: true,
        }),
        ..user()
    };
    let pepper = keys().writer().pepper();
    let look_up = set.look_up(&"12345678".parse().unwrap(), &pepper, &mut Memory::new());
    let attempt = checked(&presented, &with("k1"));
    assert_eq!(attempt.finding, Finding::LookUp(look_up.to_string()));
    assert_eq!((attempt.cost, attempt.flaw), (1, None));
    assert_eq!(attempt.method, Some(Method::BackupCode));
    let none = checked(&presented, &user());
    assert_eq!((none.finding, none.flaw), (Finding::Wrong, None));
}

#[test]
fn a_password_holds_or_does_not() {
    let password: Password = String::from("correct horse").into();
    let ann = User {
        password: Some(Verifier::new(
            &password,
            [1; 16],
            &keys(),
            &mut Memory::new(),
        )),
        ..user()
    };
    let attempt = checked(&Presented::Password(password.clone()), &ann);
    assert_eq!(attempt.finding, Finding::Holds);
    assert_eq!(attempt.evidence, Some(Evidence::new(Method::Password, NOW)));
    let nobody = checked(&Presented::Password(password), &user());
    assert_eq!(nobody.finding, Finding::Wrong);
    let other: Password = String::from("battery staple").into();
    assert_eq!(
        checked(&Presented::Password(other), &ann).finding,
        Finding::Wrong
    );
}

#[test]
fn only_methods_that_can_succeed_are_offered_the_best_first() {
    let codes = || {
        Some(BackupCodes {
            id: BackupCodeSetId::from_entropy([1; 16]),
            key: "k1".into(),
            set: BackupCodeSet::new(Format::Digits8, [1; 16]),
            left: true,
        })
    };
    let with = |authenticators, backup_codes| {
        methods(&User {
            authenticators,
            backup_codes,
            ..user()
        })
    };
    let phone = || app(PHONE, &SEED, &keys());
    assert_eq!(with(vec![], None), []);
    assert_eq!(with(vec![], codes()), [], "codes alone are nothing");
    assert_eq!(with(vec![phone()], None), [Method::Totp]);
    assert_eq!(
        with(vec![phone()], codes()),
        [Method::Totp, Method::BackupCode]
    );
    let used_up = codes().map(|codes| BackupCodes {
        left: false,
        ..codes
    });
    assert_eq!(with(vec![phone()], used_up), [Method::Totp]);
    assert_eq!(
        with(vec![passkey(0)], codes()),
        [Method::Passkey, Method::BackupCode]
    );
    assert_eq!(
        with(vec![phone(), passkey(0)], codes()),
        [Method::Passkey, Method::Totp, Method::BackupCode]
    );
}

#[test]
fn a_method_that_is_disabled_in_a_lane_is_offered_in_others_only() {
    let (everyone, device) = (
        Lane::Everyone,
        Lane::Device(TrustedDeviceId::from_entropy([1; 16])),
    );
    let closed = ThrottleKey {
        method: Method::Totp,
        lane: device,
    };
    let ann = User {
        authenticators: vec![app(PHONE, &SEED, &keys()), passkey(0)],
        disabled: vec![closed.into()],
        ..user()
    };
    assert_eq!(offered(&ann, device), [Method::Passkey]);
    assert_eq!(offered(&ann, everyone), [Method::Passkey, Method::Totp]);
}

#[test]
fn an_assertion_proposes_what_the_database_confirms() {
    let ann = User {
        authenticators: vec![app(PHONE, &SEED, &keys()), passkey(3)],
        ..user()
    };
    let assertion = |id: &[u8], user_verified| Assertion {
        credential_id: CredentialId::new(id.into()).unwrap(),
        user_verified,
        backup_state: true,
        sign_count: 4,
        possible_clone: false,
    };
    let refusing = Policy {
        sign_count_regression: SignCountRegression::Refuse,
        ..Policy::default()
    };
    for (policy, refuse_regression) in [(&Policy::default(), false), (&refusing, true)] {
        for (verified, another, initialized) in [
            (true, true, true),
            (true, false, false),
            (false, true, false),
        ] {
            let attempt = asserted(
                Ok(assertion(&[1, 2, 3], verified)),
                &ann,
                policy,
                another,
                Lane::Everyone,
                NOW,
            );
            let expected = Finding::Assertion {
                authenticator: KEY,
                sign_count: 4,
                backup_state: true,
                uv_initialized: initialized,
                refuse_regression,
            };
            assert_eq!(attempt.finding, expected);
            let evidence = attempt.evidence.unwrap();
            assert_eq!(evidence.authenticator, Some(KEY));
            assert_eq!((evidence.user_verified, evidence.synced), (verified, true));
            assert_eq!((attempt.method, attempt.cost), (Some(Method::Passkey), 1));
            assert_eq!(attempt.throttle, None, "what holds meets no throttle");
        }
    }
    let policy = Policy::default();
    let stranger = asserted(
        Ok(assertion(&[9], true)),
        &ann,
        &policy,
        true,
        Lane::Everyone,
        NOW,
    );
    assert_eq!(stranger.finding, Finding::Wrong);
    assert_eq!(stranger.flaw, Some("passkey.unknown_credential"));
    assert_eq!(stranger.throttle.unwrap().method, Method::Passkey);
    assert_eq!(stranger.evidence.unwrap().method, Method::Passkey);
    let refused = asserted(
        Err(Refused::Origin),
        &ann,
        &policy,
        true,
        Lane::Everyone,
        NOW,
    );
    assert_eq!(
        (refused.finding, refused.flaw),
        (Finding::Wrong, Some("passkey.origin"))
    );
    assert_eq!(refused.hint, None);
    for (another, hint) in [(true, Some(Hint::PasskeyChanged)), (false, None)] {
        let changed = Err(Refused::BackupEligibility);
        let changed = asserted(changed, &ann, &policy, another, Lane::Everyone, NOW);
        assert_eq!(changed.finding, Finding::Wrong);
        assert_eq!(changed.flaw, Some("passkey.backup_eligibility"));
        assert_eq!(changed.hint, hint);
    }
    assert!(Outcome::PossibleClone.accepted_or_refused().is_ok());
}

#[test]
fn ceremonies_open_as_what_they_are() {
    let nonce = Base64UrlBytes([5; 32]);
    let sign_in = PasskeySignIn {
        id: ChallengeId::from_entropy([1; 16]),
        nonce,
        surface: None,
        delivery: Delivery::Bearer,
        opened_at: NOW,
        expires_at: NOW.plus(CEREMONY_SECONDS),
    };
    let enrollment = PasskeyEnrollment {
        id: ChallengeId::from_entropy([1; 16]),
        nonce,
        organization: HERE,
        user: ANN,
        session: SessionId::from_entropy([1; 16]),
        expires_at: NOW.plus(CEREMONY_SECONDS),
    };
    // The last second in which each lives, and clocks that are behind the one that began it.
    for (at, over) in [
        (NOW.plus(CEREMONY_SECONDS - 1), false),
        (NOW.plus(CEREMONY_SECONDS), true),
        (NOW.plus(CEREMONY_SECONDS + 1), true),
        (NOW, false),
        (NOW.minus(60), false),
        (NOW.minus(61), true),
    ] {
        assert_eq!(sign_in.is_over(at), over, "{at}");
        assert_eq!(enrollment.is_over(at), over, "{at}");
    }
    let tokens = [
        sign_in.seal(&keys(), [0; 12]).unwrap(),
        enrollment.seal(&keys(), [0; 12]).unwrap(),
        challenge().seal(&keys(), [0; 12]).unwrap(),
    ];
    for (at, token) in tokens.iter().enumerate() {
        assert_eq!(PasskeySignIn::open(&keys(), token).is_ok(), at == 0);
        assert_eq!(PasskeyEnrollment::open(&keys(), token).is_ok(), at == 1);
        assert_eq!(Challenge::open(&keys(), token).is_ok(), at == 2);
    }
    assert_eq!(
        PasskeySignIn::open(&keys(), &tokens[0]).unwrap().delivery,
        Delivery::Bearer
    );
    assert_eq!(
        PasskeyEnrollment::open(&keys(), &tokens[1]).unwrap().user,
        ANN
    );
    assert_eq!(sign_in.ceremony().nonce, [5; 32]);
    assert_eq!(
        sign_in.ceremony().user,
        crate::passkeys::authentication::User::Discoverable
    );
    let asked = challenge();
    assert_eq!(asked.ceremony().unwrap().nonce, [5; 32]);
    let none = Challenge {
        nonce: None,
        ..challenge()
    };
    assert!(none.ceremony().is_none());
    assert_ne!(
        Purpose::SignIn.user_verification(),
        Purpose::StepUp.user_verification()
    );
}
