//! Reading a policy, refusing one, and what a change asks for.

use super::*;

#[test]
fn an_empty_object_is_the_default_policy() {
    let default = policy(json!({}));
    assert_eq!(default, Policy::default());
    assert_eq!(
        serde_json::to_value(&default).unwrap(),
        json!({
            "mode": "optional", "scope": "everyone", "surfaces": {}, "prompt": {"days": 14}, "sso": "exempt",
            "trusted_devices": {"days": 30},
            "step_up": "second_factor", "backup_codes": "digits8", "sign_count_regression": "accept",
            "show_admins": false,
        })
    );
    assert!(enrolling_allowed(&default));
}

#[test]
fn a_policy_is_stored_as_it_was_written() {
    let written = json!({
        "mode": "required",
        "scope": {"groups": ["finance"]},
        "surfaces": {"panel": {"asked": true, "max_age": 3600, "every_sign_in": false}},
        "grace_until": 1_900_000_000,
        "prompt": "off",
        "sso": "evidence",
        "trusted_devices": "off",
        "step_up": "password_allowed",
        "backup_codes": "recovery",
        "sign_count_regression": "refuse",
        "show_admins": true,
    });
    assert_eq!(
        serde_json::to_value(policy(written.clone())).unwrap(),
        written
    );
    assert_eq!(
        policy(json!({"scope": {"roles": ["owner", "admin"]}})).scope,
        Scope::Roles(vec![Role::Owner, Role::Admin])
    );
}

#[test]
fn a_field_that_holds_no_rule_is_named() {
    #[track_caller]
    fn check(body: Value, field: Option<&str>, says: &str) {
        let Malformed {
            field: found,
            detail,
        } = strict_json::read::<Policy>(body.to_string().as_bytes()).unwrap_err();
        assert_eq!(found.as_deref(), field, "{detail}");
        assert!(detail.contains(says), "{detail}");
    }
    check(json!([]), None, "an object");
    check(json!({"mod": "off"}), None, "an unknown field, mod");
    check(
        json!({"mode": "on"}),
        Some("mode"),
        "one of off, optional, required",
    );
    check(
        json!({"mode": "off", "scope": "nobody"}),
        Some("scope"),
        "one of everyone, groups, roles",
    );
    check(
        json!({"scope": {"groups": ["a\nb"]}}),
        Some("scope"),
        "control characters",
    );
    check(
        json!({"scope": {"roles": ["root"]}}),
        Some("scope"),
        "one of member, admin, owner",
    );
    check(json!({"surfaces": {"Panel!": {}}}), Some("surfaces"), "a-z");
    check(
        json!({"surfaces": {"panel": {"max_age": -5}}}),
        Some("surfaces"),
        "panel: max_age: a whole number",
    );
    check(
        json!({"surfaces": {"panel": {"maxAge": 5}}}),
        Some("surfaces"),
        "panel: an unknown field, maxAge",
    );
    check(
        json!({"grace_until": "tomorrow"}),
        Some("grace_until"),
        "a whole number",
    );
    check(
        json!({"grace_until": -1}),
        Some("grace_until"),
        "a whole number",
    );
    check(json!({"sso": true}), Some("sso"), "");
    check(
        json!({"trusted_devices": {"days": 300}}),
        Some("trusted_devices"),
        "out of range",
    );
    check(
        json!({"step_up": "none"}),
        Some("step_up"),
        "one of password_allowed, second_factor",
    );
    check(
        json!({"backup_codes": "digits6"}),
        Some("backup_codes"),
        "one of digits8, recovery",
    );
    check(
        json!({"sign_count_regression": "ignore"}),
        Some("sign_count_regression"),
        "one of accept, refuse",
    );
}

#[test]
fn a_policy_that_makes_no_sense_is_refused_by_field() {
    #[track_caller]
    fn check(fields: Value, expect: Option<&str>) {
        let found = validate(&policy(fields), &Policy::default(), NOW);
        assert_eq!(
            found.as_ref().err().and_then(|no| no.field.as_deref()),
            expect,
            "{found:?}"
        );
        assert_eq!(found.is_err(), expect.is_some());
    }
    let panel = |rule: Value| json!({"surfaces": {"panel": rule}});
    let groups = |count: usize| json!({"scope": {"groups": (0..count).map(|n| format!("g{n}")).collect::<Vec<_>>()}});
    let surfaces = |count: usize| json!({"surfaces": (0..count).map(|n| (format!("s{n}"), json!({}))).collect::<serde_json::Map<String, Value>>()});
    for (fields, expect) in [
        (json!({}), None),
        (groups(0), Some("scope")),
        (groups(1), None),
        (groups(100), None),
        (groups(101), Some("scope")),
        (json!({"scope": {"roles": []}}), Some("scope")),
        (json!({"scope": {"roles": ["admin"]}}), None),
        (surfaces(50), None),
        (surfaces(51), Some("surfaces")),
        (panel(json!({"max_age": 0})), Some("surfaces")),
        (panel(json!({"max_age": 59})), Some("surfaces")),
        (panel(json!({"max_age": 60})), None),
        (panel(json!({"max_age": 30 * DAY})), None),
        (panel(json!({"max_age": 30 * DAY + 1})), Some("surfaces")),
        (panel(json!({"max_age": u64::MAX})), Some("surfaces")),
        (panel(json!({"asked": false})), None),
        (
            panel(json!({"asked": false, "every_sign_in": true})),
            Some("surfaces"),
        ),
        (
            panel(json!({"asked": false, "max_age": 3600})),
            Some("surfaces"),
        ),
        (json!({"grace_until": 1}), Some("grace_until")),
        (json!({"grace_until": NOW.0}), Some("grace_until")),
        (json!({"grace_until": NOW.0 + 1}), None),
        (json!({"grace_until": NOW.0 + 366 * DAY}), None),
        (
            json!({"grace_until": NOW.0 + 366 * DAY + 1}),
            Some("grace_until"),
        ),
        (
            json!({"trusted_devices": {"days": 0}}),
            Some("trusted_devices"),
        ),
        (json!({"trusted_devices": {"days": 1}}), None),
        (json!({"trusted_devices": {"days": 30}}), None),
        (
            json!({"trusted_devices": {"days": 31}}),
            Some("trusted_devices"),
        ),
        (json!({"trusted_devices": "off"}), None),
    ] {
        check(fields, expect);
    }
    let says = validate(
        &policy(panel(json!({"max_age": 5}))),
        &Policy::default(),
        NOW,
    )
    .unwrap_err()
    .detail;
    assert!(says.contains("panel: max_age"), "{says}");
}

#[test]
fn a_deadline_that_has_passed_does_not_stop_other_changes() {
    let old = policy(json!({"mode": "required", "grace_until": 1000}));
    let new = policy(json!({"mode": "required", "grace_until": 1000, "sso": "always"}));
    assert_eq!(validate(&new, &old, NOW), Ok(()));
    let moved = policy(json!({"mode": "required", "grace_until": 1001}));
    assert_eq!(
        validate(&moved, &old, NOW).unwrap_err().field.as_deref(),
        Some("grace_until")
    );
}

#[test]
fn a50_a_change_that_asks_for_more_ends_trusted_devices() {
    #[track_caller]
    fn check(old: &Value, new: &Value, there: bool, back: bool) {
        let [old, new] = [old, new].map(|fields| policy(fields.clone()));
        assert_eq!(
            (asks_for_more(&old, &new), asks_for_more(&new, &old)),
            (there, back)
        );
        assert!(!asks_for_more(&old, &old) && !asks_for_more(&new, &new));
    }
    let panel = |rule: Value| json!({"surfaces": {"panel": rule}});
    let required = |scope: Value| json!({"mode": "required", "scope": scope});
    for (old, new, there, back) in [
        (json!({"mode": "off"}), json!({}), true, false),
        (json!({}), json!({"mode": "required"}), true, false),
        (
            json!({"mode": "off"}),
            json!({"mode": "off", "sso": "always"}),
            false,
            false,
        ),
        (
            required(json!({"groups": ["a"]})),
            required(json!("everyone")),
            true,
            false,
        ),
        (
            required(json!({"groups": ["a"]})),
            required(json!({"groups": ["b", "a"]})),
            true,
            false,
        ),
        (
            required(json!({"groups": ["a"]})),
            required(json!({"groups": ["b"]})),
            true,
            true,
        ),
        (
            required(json!({"roles": ["admin"]})),
            required(json!({"roles": ["admin", "owner"]})),
            true,
            false,
        ),
        (
            required(json!({"roles": ["admin"]})),
            required(json!({"groups": ["a"]})),
            true,
            true,
        ),
        (json!({"scope": {"groups": ["a"]}}), json!({}), false, false),
        (json!({}), json!({"sso": "evidence"}), true, false),
        (
            json!({"sso": "evidence"}),
            json!({"sso": "always"}),
            true,
            false,
        ),
        (json!({}), json!({"trusted_devices": "off"}), true, false),
        (
            json!({}),
            json!({"trusted_devices": {"days": 29}}),
            true,
            false,
        ),
        (
            json!({"step_up": "password_allowed"}),
            json!({}),
            true,
            false,
        ),
        (
            panel(json!({"asked": false})),
            panel(json!({})),
            true,
            false,
        ),
        (panel(json!({"asked": false})), json!({}), true, false),
        (json!({}), panel(json!({})), false, false),
        (json!({}), panel(json!({"max_age": 3600})), true, false),
        (
            panel(json!({"max_age": 3600})),
            panel(json!({"max_age": 3599})),
            true,
            false,
        ),
        (
            panel(json!({})),
            panel(json!({"every_sign_in": true})),
            true,
            false,
        ),
        (
            panel(json!({"every_sign_in": true})),
            panel(json!({"max_age": 3600})),
            true,
            true,
        ),
        (
            json!({"mode": "required", "grace_until": 9}),
            json!({"mode": "required"}),
            true,
            false,
        ),
        (
            json!({"mode": "required", "grace_until": 9}),
            json!({"mode": "required", "grace_until": 8}),
            true,
            false,
        ),
        (
            json!({"grace_until": 9}),
            json!({"grace_until": 8}),
            false,
            false,
        ),
        (
            json!({}),
            json!({"backup_codes": "recovery", "sign_count_regression": "refuse"}),
            false,
            false,
        ),
    ] {
        check(&old, &new, there, back);
    }
}
