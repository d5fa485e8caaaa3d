#![allow(clippy::indexing_slicing, clippy::unwrap_used)]
use super::*;
use alloc::{format, vec};

const PHONE: AuthenticatorId = AuthenticatorId::from_entropy([1; 16]);
const KEY: AuthenticatorId = AuthenticatorId::from_entropy([2; 16]);

const NOW: UnixTime = UnixTime(330);

fn password(at: u64) -> Evidence {
    Evidence::new(Method::Password, UnixTime(at))
}
fn totp(at: u64) -> Evidence {
    Evidence::of(Method::Totp, PHONE, UnixTime(at))
}
fn backup(at: u64) -> Evidence {
    Evidence::new(Method::BackupCode, UnixTime(at))
}
fn passkey(at: u64, user_verified: bool) -> Evidence {
    Evidence {
        user_verified,
        ..Evidence::of(Method::Passkey, KEY, UnixTime(at))
    }
}

#[track_caller]
fn check(
    evidence: &[Evidence],
    aal: Aal,
    restricted: bool,
    amr: &[&str],
    fresh_until: Option<u64>,
) {
    let enrolled = Enrolled {
        authenticators: &[PHONE, KEY],
        backup_codes: true,
    };
    let found = Assurance::of(evidence, enrolled, false, NOW);
    assert_eq!((found.aal, found.restricted), (aal, restricted));
    assert_eq!(found.amr, amr);
    assert_eq!(found.fresh_until, fresh_until.map(UnixTime));
}

#[test]
fn evidence_adds_up() {
    check(&[], Aal::Aal1, false, &[], None);
    check(&[password(10)], Aal::Aal1, false, &["pwd"], None);
    check(
        &[password(10), totp(20)],
        Aal::Aal2,
        false,
        &["pwd", "otp", "mfa"],
        Some(320),
    );
    check(
        &[password(10), backup(20)],
        Aal::Aal2,
        true,
        &["pwd", "otp", "mfa"],
        Some(320),
    );
    check(&[totp(20)], Aal::Aal1, false, &["otp"], Some(320));
    check(
        &[passkey(20, true)],
        Aal::Aal2,
        false,
        &["hwk", "user", "mfa"],
        Some(320),
    );
    check(&[passkey(20, false)], Aal::Aal1, false, &["hwk"], None);
    check(
        &[password(10), passkey(20, false)],
        Aal::Aal2,
        false,
        &["pwd", "hwk", "mfa"],
        None,
    );
    let trusted = Evidence::new(Method::TrustedDevice, UnixTime(10));
    check(&[password(10), trusted], Aal::Aal1, false, &["pwd"], None);
}

#[test]
fn a_session_is_restricted_while_the_latest_second_factor_is_a_backup_code() {
    check(
        &[password(1), backup(2), totp(3)],
        Aal::Aal2,
        false,
        &["pwd", "otp", "mfa"],
        Some(303),
    );
    check(
        &[password(1), totp(2), backup(3)],
        Aal::Aal2,
        true,
        &["pwd", "otp", "mfa"],
        Some(303),
    );
    // Shown within the same second: the later entry decides.
    check(
        &[password(1), backup(2), totp(2)],
        Aal::Aal2,
        false,
        &["pwd", "otp", "mfa"],
        Some(302),
    );
}

#[test]
fn what_a_clock_that_was_ahead_stamped_hides_nothing_that_was_shown() {
    const AHEAD: u64 = 930;
    let phone = &[PHONE, KEY];
    let enrolled = Enrolled {
        authenticators: phone,
        backup_codes: true,
    };
    let of = |evidence: &[Evidence]| Assurance::of(evidence, enrolled, false, NOW);
    // A session that was opened ahead.
    let opened = of(&[password(AHEAD), totp(AHEAD)]);
    assert_eq!((opened.aal, opened.restricted), (Aal::Aal2, false));
    assert_eq!((opened.fresh_until, opened.is_fresh(NOW)), (None, false));
    // It can be made fresh, and a backup code shown in it counts as the last factor.
    for raised in [passkey(330, true), backup(330)] {
        let by_code = raised.method == Method::BackupCode;
        let raised = of(&[password(AHEAD), totp(AHEAD), raised]);
        assert_eq!((raised.restricted, raised.is_fresh(NOW)), (by_code, true));
        assert_eq!(raised.auth_time, NOW);
    }
    // What was shown before stays fresh, and what came last still is last.
    let raised = of(&[password(300), totp(300), backup(AHEAD)]);
    assert_eq!((raised.restricted, raised.is_fresh(NOW)), (true, true));
    assert_eq!(raised.auth_time, UnixTime(300));
    // Told by a clock that is behind.
    assert!(of(&[password(300), totp(300), backup(10)]).restricted);
    assert!(!of(&[password(300), backup(300), totp(10)]).restricted);
    // Without an authenticator the first factor is all there is to show.
    let bare = |evidence: &[Evidence]| Assurance::of(evidence, Enrolled::default(), false, NOW);
    assert!(bare(&[password(300), passkey(AHEAD, true)]).is_fresh(NOW));
    assert!(!bare(&[password(AHEAD)]).is_fresh(NOW));
    // Clocks differ by a minute.
    assert!(of(&[password(390), totp(390)]).is_fresh(NOW));
}

#[test]
fn evidence_stops_counting_when_its_authenticator_goes() {
    let evidence = [password(1), totp(2)];
    let found = Assurance::of(&evidence, Enrolled::default(), false, NOW);
    assert_eq!(found.aal, Aal::Aal1);
    assert_eq!(
        found.fresh_until,
        Some(UnixTime(301)),
        "the password is all there is to show"
    );
    let other = Enrolled {
        authenticators: &[KEY],
        backup_codes: true,
    };
    assert_eq!(
        Assurance::of(&evidence, other, false, NOW).fresh_until,
        None
    );
}

#[test]
fn of_a_passkey_that_is_gone_it_counts_that_somebody_began_there() {
    let phone = Enrolled {
        authenticators: &[PHONE],
        backup_codes: true,
    };
    let left = Assurance::of(&[passkey(20, true)], phone, false, NOW);
    assert_eq!((left.aal, left.auth_time), (Aal::Aal1, UnixTime(20)));
    assert_eq!(left.amr, ["user"]);
    assert_eq!(left.fresh_until, None, "there is another to show");
    let raised = Assurance::of(&[passkey(20, true), totp(30)], phone, false, NOW);
    assert_eq!(raised.aal, Aal::Aal2);
    assert_eq!(raised.amr, ["user", "otp", "mfa"]);
    assert_eq!(raised.fresh_until, Some(UnixTime(330)));
    let bare = Assurance::of(&[passkey(20, true)], Enrolled::default(), false, NOW);
    assert_eq!(
        bare.fresh_until,
        Some(UnixTime(320)),
        "nothing else to show"
    );
    for not_begun in [passkey(20, false), totp(20), backup(20)] {
        let nothing = Assurance::of(&[not_begun], Enrolled::default(), false, NOW);
        assert_eq!((nothing.aal, nothing.amr.len()), (Aal::Aal1, 0));
        assert_eq!(nothing.fresh_until, None);
    }
}

#[test]
fn a_session_rests_on_what_was_shown_in_it() {
    let provider = Evidence {
        amr: vec!["mfa".into()],
        ..Evidence::new(Method::Sso, UnixTime(1))
    };
    let words = |evidence: &[Evidence]| serde_json::to_string(&Ground::of(evidence)).unwrap();
    let trusted = Evidence::new(Method::TrustedDevice, UnixTime(1));
    assert_eq!(words(&[password(1), trusted]), r#"["password"]"#);
    assert_eq!(
        words(&[password(1), totp(2), backup(3)]),
        format!(r#"["password","{PHONE}","backup_codes"]"#)
    );
    assert_eq!(words(&[passkey(1, true)]), format!(r#"["{KEY}"]"#));
    assert_eq!(words(&[provider]), r#"["provider"]"#);
    // Second factors without a first one hold nothing up.
    assert_eq!(words(&[passkey(1, false), totp(2), backup(3)]), "[]");
}

#[test]
fn a_provider_proves_two_factors_only_where_the_policy_asks_for_evidence() {
    let sso = |amr: &[&str]| Evidence {
        amr: amr.iter().map(|v| (*v).into()).collect(),
        ..Evidence::new(Method::Sso, UnixTime(1))
    };
    for (amr, proves) in [
        (&["mfa"][..], true),
        (&["pwd", "otp"], true),
        (&["pwd"], false),
        (&["otp"], false),
        (&["hwk", "pin"], true),
        (&[], false),
        (&["MFA"], false),
    ] {
        let evidence = vec![sso(amr)];
        let aal = |asked| Assurance::of(&evidence, Enrolled::default(), asked, NOW).aal;
        assert_eq!(aal(true) == Aal::Aal2, proves, "{amr:?}");
        assert_eq!(aal(false), Aal::Aal1);
    }
}
