//! Reasons in full, and the second at which each period is over.

use super::*;

/// The verdict and all its reasons, `panel` being the surface.
#[track_caller]
fn check(fields: Value, enrolled: Enrolled<'_>, evidence: &[Evidence], expect: &str) {
    check_at(fields, enrolled, evidence, Some("panel"), NOW, expect);
}

#[track_caller]
fn check_at(
    fields: Value,
    enrolled: Enrolled<'_>,
    evidence: &[Evidence],
    surface: Option<&str>,
    now: UnixTime,
    expect: &str,
) {
    let ruling = decide(&policy(fields), &member(enrolled), evidence, surface, now);
    let reasons: Vec<_> = ruling
        .reasons
        .iter()
        .map(|reason| reason.as_str())
        .collect();
    assert_eq!(
        format!("{}: {}", ruling.verdict.as_str(), reasons.join(" ")),
        expect
    );
}

#[test]
fn a_session_without_a_first_factor_is_refused() {
    let everything = json!({"mode": "required"});
    check(everything.clone(), BOTH, &[], "refuse: evidence.missing");
    check(
        everything.clone(),
        BOTH,
        &[trusted(NOW.0)],
        "refuse: evidence.missing",
    );
    check(
        everything.clone(),
        BOTH,
        &[totp(NOW.0)],
        "refuse: evidence.missing",
    );
    let passkey = |user_verified| Evidence {
        user_verified,
        ..Evidence::of(Method::Passkey, KEY, NOW)
    };
    check(
        everything.clone(),
        BOTH,
        &[passkey(false)],
        "refuse: evidence.missing",
    );
    check(
        everything.clone(),
        BOTH,
        &[passkey(true)],
        "complete: evidence.second_factor",
    );
    // A session that removed the passkey it began with is asked for something else.
    check(
        everything,
        NOTHING,
        &[passkey(true)],
        "enroll: policy.required",
    );
    check(
        json!({"mode": "off"}),
        BOTH,
        &[passkey(true)],
        "complete: policy.off",
    );
    check(
        json!({"mode": "off"}),
        BOTH,
        &[],
        "refuse: evidence.missing",
    );
}

#[test]
fn who_enrolled_is_asked_and_who_did_not_is_not() {
    check(
        json!({}),
        NOTHING,
        &[password()],
        "complete: policy.optional",
    );
    check(
        json!({}),
        BOTH,
        &[password()],
        "challenge: evidence.enrolled",
    );
    check(
        json!({}),
        BOTH,
        &[password(), totp(NOW.0)],
        "complete: evidence.second_factor",
    );
}

#[test]
fn a68_required_and_nothing_enrolled_is_a_session_that_can_only_enroll() {
    check(
        json!({"mode": "required"}),
        NOTHING,
        &[password()],
        "enroll: policy.required",
    );
    check(
        json!({"mode": "required"}),
        CODES,
        &[password()],
        "enroll: policy.required",
    );
    // A live session whose authenticator was revoked: its evidence stopped counting.
    check(
        json!({"mode": "required"}),
        NOTHING,
        &[password(), totp(NOW.0)],
        "enroll: policy.required",
    );
    check(
        json!({"mode": "required"}),
        CODES,
        &[password(), backup_code(NOW.0)],
        "enroll: policy.required",
    );
    // A trusted device has no question to skip.
    check(
        json!({"mode": "required"}),
        NOTHING,
        &[password(), trusted(NOW.0)],
        "enroll: policy.required",
    );
    check(
        json!({"mode": "required"}),
        BOTH,
        &[password(), totp(NOW.0)],
        "complete: evidence.second_factor",
    );
}

#[test]
fn a119_grace_ends_on_the_second_for_old_and_new_people_alike() {
    let fields = json!({"mode": "required", "grace_until": NOW.0});
    let rule = policy(fields.clone());
    let at = |now| decide(&rule, &member(NOTHING), &[password()], None, now);
    let before = at(UnixTime(NOW.0 - 1));
    assert_eq!(
        (before.verdict, before.enroll_by),
        (Verdict::Complete, Some(NOW))
    );
    assert_eq!(before.reasons, [Reason::Grace]);
    let after = at(NOW);
    assert_eq!(
        (after.verdict, after.enroll_by),
        (
            Verdict::Enroll {
                deadline: Some(NOW)
            },
            None
        )
    );
    let never = decide(
        &policy(json!({"mode": "required"})),
        &member(NOTHING),
        &[password()],
        None,
        NOW,
    );
    assert_eq!(never.verdict, Verdict::Enroll { deadline: None });
    // Grace is time to enroll, not to go without what is enrolled.
    check_at(
        fields,
        BOTH,
        &[password()],
        None,
        UnixTime(NOW.0 - 1),
        "challenge: evidence.enrolled",
    );
    // Optional knows no deadline.
    let optional = policy(json!({"grace_until": NOW.0}));
    assert_eq!(
        decide(
            &optional,
            &member(NOTHING),
            &[password()],
            None,
            UnixTime(0)
        )
        .enroll_by,
        None
    );
}

#[test]
fn a119_one_group_in_scope_is_enough() {
    let rule = policy(json!({"mode": "required", "scope": {"groups": ["finance", "board"]}}));
    let of = |groups: &[&str]| {
        let groups: Vec<String> = groups.iter().map(|group| (*group).to_owned()).collect();
        decide(
            &rule,
            &Person {
                groups: &groups,
                ..member(NOTHING)
            },
            &[password()],
            None,
            NOW,
        )
        .reasons
    };
    assert_eq!(of(&["staff", "board"]), [Reason::Required]);
    assert_eq!(of(&["board", "finance"]), [Reason::Required]);
    assert_eq!(of(&["staff"]), [Reason::OutOfScope]);
    assert_eq!(
        of(&["Board"]),
        [Reason::OutOfScope],
        "names are compared as written"
    );
    assert_eq!(of(&[]), [Reason::OutOfScope]);
}

#[test]
fn owners_are_bound_like_everyone() {
    let everyone = policy(json!({"mode": "required"}));
    let admins = policy(json!({"mode": "required", "scope": {"roles": ["admin"]}}));
    for (role, bound) in [
        (Role::Owner, false),
        (Role::Admin, true),
        (Role::Member, false),
    ] {
        let person = Person {
            role,
            ..member(NOTHING)
        };
        assert_eq!(
            decide(&everyone, &person, &[password()], None, NOW).reasons,
            [Reason::Required]
        );
        let verdict = decide(&admins, &person, &[password()], None, NOW).verdict;
        assert_eq!(
            verdict == Verdict::Enroll { deadline: None },
            bound,
            "{role:?}"
        );
    }
}

#[test]
fn a117_an_exemption_belongs_to_the_sign_in_and_not_to_the_person() {
    check(
        json!({"mode": "required"}),
        BOTH,
        &[sso(&[], NOW.0)],
        "complete: sso.exempt",
    );
    check(
        json!({"mode": "required"}),
        NOTHING,
        &[sso(&[], NOW.0)],
        "complete: sso.exempt",
    );
    // The same person, this time with a password.
    check(
        json!({"mode": "required"}),
        BOTH,
        &[password()],
        "challenge: policy.required",
    );
    check(
        json!({"mode": "required"}),
        NOTHING,
        &[password()],
        "enroll: policy.required",
    );
}

#[test]
fn a117_evidence_that_is_missing_or_stale_exempts_nobody() {
    let rule = json!({"mode": "required", "sso": "evidence"});
    let missing = "challenge: policy.required sso.evidence_missing";
    check(
        rule.clone(),
        BOTH,
        &[sso(&["mfa"], NOW.0)],
        "complete: sso.evidence",
    );
    check(rule.clone(), BOTH, &[sso(&[], NOW.0)], missing);
    check(rule.clone(), BOTH, &[sso(&["pwd"], NOW.0)], missing);
    check(
        rule.clone(),
        NOTHING,
        &[sso(&["pwd"], NOW.0)],
        "enroll: policy.required sso.evidence_missing",
    );
    check(
        rule.clone(),
        BOTH,
        &[sso(&["mfa"], NOW.0 - DAY)],
        "complete: sso.evidence",
    );
    check(
        rule.clone(),
        BOTH,
        &[sso(&["mfa"], NOW.0 - DAY - 1)],
        missing,
    );
    check(
        rule.clone(),
        BOTH,
        &[sso(&["mfa"], NOW.0 + 60)],
        "complete: sso.evidence",
    );
    check(rule.clone(), BOTH, &[sso(&["mfa"], NOW.0 + 61)], missing);
    // A password does not become an identity provider by carrying its words.
    check(
        rule.clone(),
        BOTH,
        &[Evidence {
            amr: vec!["mfa".to_owned()],
            ..password()
        }],
        "challenge: policy.required",
    );
    check(
        rule,
        BOTH,
        &[sso(&["pwd"], NOW.0), totp(NOW.0)],
        "complete: evidence.second_factor",
    );
    let always = json!({"mode": "required", "sso": "always"});
    check(
        always.clone(),
        BOTH,
        &[password()],
        "challenge: policy.required",
    );
    check(
        always,
        BOTH,
        &[sso(&["mfa"], NOW.0)],
        "challenge: policy.required sso.always",
    );
}

#[test]
fn a_surface_asks_again_when_its_period_is_over() {
    let rule = json!({"surfaces": {"panel": {"max_age": 3600}}});
    let over = "challenge: evidence.enrolled surface.max_age";
    check(
        rule.clone(),
        BOTH,
        &[password(), totp(NOW.0 - 3600)],
        "complete: evidence.second_factor",
    );
    check(rule.clone(), BOTH, &[password(), totp(NOW.0 - 3601)], over);
    check(
        rule.clone(),
        BOTH,
        &[password(), totp(0), backup_code(NOW.0)],
        "complete: evidence.second_factor",
    );
    check(
        rule.clone(),
        BOTH,
        &[password(), totp(0), trusted(NOW.0)],
        over,
    );
    // Of the other kinds of proof too.
    let provider =
        json!({"mode": "required", "sso": "evidence", "surfaces": {"panel": {"max_age": 3600}}});
    check(
        provider.clone(),
        BOTH,
        &[sso(&["mfa"], NOW.0 - 3600)],
        "complete: sso.evidence",
    );
    check(
        provider.clone(),
        BOTH,
        &[sso(&["mfa"], NOW.0 - 3601)],
        "challenge: policy.required surface.max_age",
    );
    check(
        provider,
        NOTHING,
        &[sso(&["mfa"], NOW.0 - 3601)],
        "enroll: policy.required surface.max_age",
    );
    // Elsewhere the same session goes on.
    check_at(
        rule,
        BOTH,
        &[password(), totp(0)],
        Some("client"),
        NOW,
        "complete: evidence.second_factor",
    );
}

#[test]
fn a_sign_in_that_names_no_surface_gets_the_strictest_of_all() {
    let rule = json!({"surfaces": {
        "client": {"asked": false},
        "panel": {"max_age": 7200},
        "vault": {"max_age": 3600},
        "shop": {"every_sign_in": true},
    }});
    let strictest = policy(rule.clone()).surface_rule(None);
    assert_eq!(
        strictest,
        SurfaceRule {
            asked: true,
            max_age: Some(3600),
            every_sign_in: true
        }
    );
    check_at(
        rule.clone(),
        BOTH,
        &[password()],
        Some("client"),
        NOW,
        "complete: surface.not_asked",
    );
    check_at(
        rule.clone(),
        BOTH,
        &[password()],
        None,
        NOW,
        "challenge: evidence.enrolled",
    );
    check_at(
        rule,
        BOTH,
        &[password(), trusted(NOW.0)],
        Some("unknown"),
        NOW,
        "complete: trusted_device.accepted",
    );
    let client_only = json!({"surfaces": {"client": {"asked": false}}});
    check_at(
        client_only,
        BOTH,
        &[password()],
        None,
        NOW,
        "challenge: evidence.enrolled",
    );
}

#[test]
fn a50_a_trusted_device_skips_the_question_only_where_the_policy_lets_it() {
    let days = |days: u8| json!({"trusted_devices": {"days": days}});
    let since = |seconds: u64| [password(), trusted(NOW.0 - seconds)];
    check(
        days(30),
        BOTH,
        &since(30 * DAY - 1),
        "complete: trusted_device.accepted",
    );
    check(
        days(30),
        BOTH,
        &since(30 * DAY),
        "challenge: evidence.enrolled trusted_device.over",
    );
    // Fewer days act at once, on a session that began under more as well.
    check(
        days(7),
        BOTH,
        &since(8 * DAY),
        "challenge: evidence.enrolled trusted_device.over",
    );
    check(
        json!({"trusted_devices": "off"}),
        BOTH,
        &since(0),
        "challenge: evidence.enrolled trusted_device.off",
    );
    let every = json!({"mode": "required", "surfaces": {"panel": {"every_sign_in": true}}});
    check(
        every,
        BOTH,
        &since(0),
        "challenge: policy.required surface.every_sign_in",
    );
    let period = json!({"mode": "required", "surfaces": {"panel": {"max_age": 3600}}});
    check(
        period,
        BOTH,
        &since(0),
        "challenge: policy.required surface.max_age",
    );
    // What was shown in person is over its period, and trust is off: both are said.
    let both = json!({"trusted_devices": "off", "surfaces": {"panel": {"max_age": 3600}}});
    check(
        both,
        BOTH,
        &[password(), totp(0), trusted(NOW.0)],
        "challenge: evidence.enrolled trusted_device.off surface.max_age",
    );
}

#[test]
fn trust_is_offered_after_a_real_second_factor() {
    let offered =
        |fields, evidence: &[Evidence]| trust_days(&policy(fields), &member(BOTH), evidence, NOW);
    assert_eq!(offered(json!({}), &[password(), totp(NOW.0)]), Some(30));
    assert_eq!(
        offered(
            json!({"trusted_devices": {"days": 7}}),
            &[password(), totp(NOW.0)]
        ),
        Some(7)
    );
    assert_eq!(
        offered(
            json!({"trusted_devices": "off"}),
            &[password(), totp(NOW.0)]
        ),
        None
    );
    assert_eq!(
        offered(json!({"mode": "off"}), &[password(), totp(NOW.0)]),
        None
    );
    assert_eq!(offered(json!({}), &[password()]), None);
    assert_eq!(
        offered(json!({}), &[password(), trusted(NOW.0)]),
        None,
        "trust does not renew itself"
    );
    assert_eq!(offered(json!({}), &[password(), backup_code(NOW.0)]), None);
    assert_eq!(
        offered(
            json!({}),
            &[password(), totp(NOW.0 - 9), backup_code(NOW.0)]
        ),
        None
    );
    // Within one second the later entry counts.
    assert_eq!(
        offered(json!({}), &[password(), backup_code(NOW.0), totp(NOW.0)]),
        Some(30)
    );
    assert_eq!(
        offered(json!({"sso": "evidence"}), &[sso(&["mfa"], NOW.0)]),
        None,
        "nothing of ours was shown"
    );
}

#[test]
fn a64_off_lets_factors_sleep_and_deletes_nothing() {
    let off = policy(json!({"mode": "off"}));
    assert!(!enrolling_allowed(&off));
    assert_eq!(may_remove_last(&off, &member(BOTH), NOW), Ok(()));
    check(
        json!({"mode": "off"}),
        BOTH,
        &[password()],
        "complete: policy.off",
    );
    check(
        json!({"mode": "off"}),
        NOTHING,
        &[password()],
        "complete: policy.off",
    );
    let sleepers = |facts| {
        preview(
            &policy(json!({"mode": "required"})),
            &off,
            [facts].into_iter(),
            NOW,
        )
        .count(Change::FallsAsleep)
    };
    assert_eq!(
        sleepers(PersonFacts {
            authenticators: 2,
            ..PersonFacts::default()
        }),
        1
    );
    assert_eq!(sleepers(PersonFacts::default()), 0);
    // On again: as before.
    check(
        json!({"mode": "required"}),
        BOTH,
        &[password()],
        "challenge: policy.required",
    );
}

#[test]
fn a66_the_last_authenticator_cannot_be_removed_while_required() {
    let may = |fields, at| may_remove_last(&policy(fields), &member(BOTH), at);
    assert_eq!(
        may(json!({"mode": "required"}), NOW),
        Err(Refusal::PolicyForbids)
    );
    assert_eq!(may(json!({}), NOW), Ok(()));
    // Exempt sign-ins do not change it: the exemption is not the person's.
    assert_eq!(
        may(json!({"mode": "required", "sso": "exempt"}), NOW),
        Err(Refusal::PolicyForbids)
    );
    assert_eq!(
        may(
            json!({"mode": "required", "scope": {"groups": ["board"]}}),
            NOW
        ),
        Ok(())
    );
    let grace = json!({"mode": "required", "grace_until": NOW.0});
    assert_eq!(
        may(grace.clone(), UnixTime(NOW.0 - 1)),
        Ok(()),
        "required counts as optional until the deadline"
    );
    assert_eq!(may(grace, NOW), Err(Refusal::PolicyForbids));
}

#[test]
fn an_explanation_names_the_rule_of_the_last_reason() {
    for (reason, rule) in [
        (Reason::EvidenceMissing, "evidence"),
        (Reason::SecondFactor, "evidence"),
        (Reason::Enrolled, "mode"),
        (Reason::Off, "mode"),
        (Reason::Optional, "mode"),
        (Reason::Required, "mode"),
        (Reason::OutOfScope, "scope"),
        (Reason::Grace, "grace_until"),
        (Reason::NotAsked, "surfaces.asked"),
        (Reason::MaxAge, "surfaces.max_age"),
        (Reason::EverySignIn, "surfaces.every_sign_in"),
        (Reason::SsoExempt, "sso"),
        (Reason::SsoEvidence, "sso"),
        (Reason::SsoEvidenceMissing, "sso"),
        (Reason::SsoAlways, "sso"),
        (Reason::TrustedDevice, "trusted_devices"),
        (Reason::TrustedDevicesOff, "trusted_devices"),
        (Reason::TrustedDeviceOver, "trusted_devices"),
    ] {
        assert_eq!(
            serde_json::to_value(reason.rule()).unwrap(),
            rule,
            "{reason:?}"
        );
    }
    assert_eq!(
        serde_json::to_value([Reason::Required, Reason::MaxAge]).unwrap(),
        json!(["policy.required", "surface.max_age"])
    );
}
