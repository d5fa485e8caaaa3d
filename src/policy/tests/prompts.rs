//! Who is offered enrollment after signing in, and when again.

use super::*;

/// The days after which `person` is offered enrollment again, where they are offered it now.
fn offered(
    rules: Value,
    person: &Person<'_>,
    first: Evidence,
    surface: &str,
    declined_at: Option<u64>,
) -> Option<u16> {
    let policy = policy(rules);
    let ruling = decide(&policy, person, &[first], Some(surface), NOW);
    prompts(&policy, person, &ruling, declined_at.map(UnixTime), NOW)
}

#[test]
fn people_in_scope_without_an_authenticator_are_offered_enrollment() {
    let staff = ["staff".to_owned()];
    let bob = Person {
        groups: &staff,
        ..member(NOTHING)
    };
    #[track_caller]
    fn check(rules: Value, person: &Person<'_>, expect: Option<u16>) {
        assert_eq!(offered(rules, person, password(), "panel", None), expect);
    }
    let ahead = NOW.0 + 1;
    check(json!({}), &bob, Some(14));
    check(json!({"prompt": {"days": 3}}), &bob, Some(3));
    check(json!({"prompt": "off"}), &bob, None);
    // A user who has a factor is offered none, nor is one whom the policy never asks for it.
    check(json!({}), &member(BOTH), None);
    check(json!({"mode": "off"}), &bob, None);
    check(json!({"surfaces": {"panel": {"asked": false}}}), &bob, None);
    check(
        json!({"surfaces": {"other": {"asked": false}}}),
        &bob,
        Some(14),
    );
    // Codes alone are no authenticator.
    check(json!({}), &member(CODES), Some(14));
    // Those who must enroll are not asked whether they want to.
    check(json!({"mode": "required"}), &bob, None);
    check(
        json!({"mode": "required", "grace_until": NOW.0}),
        &bob,
        None,
    );
    check(
        json!({"mode": "required", "grace_until": ahead}),
        &bob,
        Some(14),
    );
    for (group, expect) in [("staff", Some(14)), ("night", None)] {
        let scope = json!({"groups": [group]});
        check(json!({"scope": scope}), &bob, expect);
        check(
            json!({"mode": "required", "scope": scope, "grace_until": ahead}),
            &bob,
            expect,
        );
        // In scope they must; out of it the prompt is not for them.
        check(json!({"mode": "required", "scope": scope}), &bob, None);
    }
    check(json!({"scope": {"roles": ["member"]}}), &bob, Some(14));
    check(json!({"scope": {"roles": ["admin", "owner"]}}), &bob, None);
}

#[test]
fn those_for_whom_an_identity_provider_answers_are_not_offered_enrollment() {
    let bob = member(NOTHING);
    let by_provider = |rule: &str, amr: &[&str]| {
        offered(json!({"sso": rule}), &bob, sso(amr, NOW.0), "panel", None)
    };
    assert_eq!(by_provider("exempt", &["pwd"]), None);
    assert_eq!(by_provider("evidence", &["mfa"]), None);
    assert_eq!(by_provider("evidence", &["pwd"]), Some(14));
    assert_eq!(by_provider("always", &["mfa"]), Some(14));
}

#[test]
fn not_now_is_quiet_for_the_days_of_the_policy_and_no_second_longer() {
    let bob = member(NOTHING);
    #[track_caller]
    fn check(days: u16, declined_at: u64, expect: bool) {
        let rules = json!({"prompt": {"days": days}});
        let found = offered(
            rules,
            &member(NOTHING),
            password(),
            "panel",
            Some(declined_at),
        );
        assert_eq!(found, expect.then_some(days));
    }
    check(1, NOW.0, false);
    check(1, NOW.0 - DAY + 1, false);
    check(1, NOW.0 - DAY, true);
    check(14, NOW.0 - DAY, false);
    check(14, NOW.0 - 14 * DAY + 1, false);
    check(14, NOW.0 - 14 * DAY, true);
    check(MAX_PROMPT_DAYS, 0, true);
    // A clock that was wrong does not silence it for years.
    check(14, NOW.0 + 400 * DAY, true);
    // Fewer days act on those who said so before.
    check(2, NOW.0 - 2 * DAY, true);
    assert_eq!(
        offered(json!({"prompt": "off"}), &bob, password(), "panel", Some(0)),
        None
    );
}

#[test]
fn a_prompt_has_1_to_365_days_and_asks_nothing_of_anyone() {
    for days in [0, 366, 65_535] {
        let new = policy(json!({"prompt": {"days": days}}));
        let why = validate(&new, &Policy::default(), NOW).unwrap_err();
        assert_eq!(why.field.as_deref(), Some("prompt"), "{why}");
    }
    for prompt in [json!({"days": 1}), json!({"days": 365}), json!("off")] {
        let new = policy(json!({"prompt": prompt}));
        assert_eq!(validate(&new, &Policy::default(), NOW), Ok(()));
        assert!(!asks_for_more(&policy(json!({"prompt": "off"})), &new));
    }
}
