//! What a preview says.

use super::*;

fn somebody(user: &str) -> PersonFacts {
    PersonFacts {
        user: user.to_owned(),
        ..PersonFacts::default()
    }
}

#[track_caller]
fn check_preview(
    old: Value,
    new: Value,
    people: &[PersonFacts],
    affected: u32,
    expect: &[(Change, u64, &[&str])],
) {
    let found = preview(&policy(old), &policy(new), people.iter().cloned(), NOW);
    assert_eq!(found.people, u32::try_from(people.len()).unwrap());
    let effects: Vec<_> = found
        .effects
        .iter()
        .map(|e| (e.change, e.from.0, e.named.clone()))
        .collect();
    let expect: Vec<_> = expect
        .iter()
        .map(|(change, from, named)| {
            (
                *change,
                *from,
                named.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>(),
            )
        })
        .collect();
    assert_eq!(effects, expect);
    assert!(
        found
            .effects
            .iter()
            .all(|e| e.people == u32::try_from(e.named.len()).unwrap())
    );
    assert_eq!(found.affected, affected);
}

#[test]
fn a_preview_says_who_enrolls_who_is_exempt_and_who_loses_a_trusted_device() {
    let ann = PersonFacts {
        authenticators: 1,
        trusted_devices: 2,
        ..somebody("ann")
    };
    let bob = somebody("bob");
    let eve = PersonFacts {
        sso: true,
        ..somebody("eve")
    };
    let kim = PersonFacts {
        role: Role::Owner,
        authenticators: 1,
        ..somebody("kim")
    };
    let people = [ann, bob, eve, kim];
    let now = NOW.0;
    check_preview(
        json!({}),
        json!({"mode": "required"}),
        &people,
        2,
        &[
            (Change::Enrolls, now, &["bob"]),
            (Change::LosesTrust, now, &["ann"]),
            (Change::Exempt, now, &["eve"]),
        ],
    );
    let later = now + 14 * DAY;
    check_preview(
        json!({}),
        json!({"mode": "required", "grace_until": later, "sso": "always"}),
        &people,
        3,
        &[
            (Change::Enrolls, later, &["bob", "eve"]),
            (Change::LosesTrust, now, &["ann"]),
            (Change::Prompted, now, &["eve"]),
        ],
    );
    check_preview(
        json!({"mode": "required"}),
        json!({"mode": "required"}),
        &people,
        0,
        &[(Change::Exempt, now, &["eve"])],
    );
    check_preview(
        json!({"mode": "required"}),
        json!({"mode": "off"}),
        &people,
        3,
        &[
            (Change::FallsAsleep, now, &["ann", "kim"]),
            (Change::Released, now, &["bob"]),
        ],
    );
    check_preview(
        json!({"mode": "off"}),
        json!({}),
        &people,
        3,
        &[
            (Change::Asked, now, &["ann", "kim"]),
            (Change::LosesTrust, now, &["ann"]),
            (Change::Prompted, now, &["bob"]),
        ],
    );
    check_preview(
        json!({"mode": "off"}),
        json!({"mode": "off", "sso": "always"}),
        &people,
        0,
        &[],
    );
    check_preview(
        json!({"mode": "required"}),
        json!({}),
        &people,
        1,
        &[
            (Change::Released, now, &["bob"]),
            (Change::Prompted, now, &["bob"]),
        ],
    );
}

#[test]
fn a_preview_judges_a_provider_by_what_it_said_last() {
    let eve = PersonFacts {
        sso: true,
        amr: vec!["mfa".to_owned()],
        ..somebody("eve")
    };
    let tom = PersonFacts {
        sso: true,
        amr: vec!["pwd".to_owned()],
        authenticators: 1,
        ..somebody("tom")
    };
    let rule = |sso: &str| json!({"mode": "required", "sso": sso});
    let people = [eve, tom];
    check_preview(
        rule("exempt"),
        rule("evidence"),
        &people,
        1,
        &[
            (Change::Asked, NOW.0, &["tom"]),
            (Change::Exempt, NOW.0, &["eve"]),
        ],
    );
    check_preview(
        rule("always"),
        rule("exempt"),
        &people,
        2,
        &[
            (Change::Released, NOW.0, &["eve", "tom"]),
            (Change::Exempt, NOW.0, &["eve", "tom"]),
        ],
    );
    // Nobody is exempt from what does not bind them.
    let others = json!({"mode": "required", "scope": {"groups": ["board"]}});
    check_preview(others.clone(), others, &people, 0, &[]);
}

#[test]
fn a_preview_looks_at_every_surface() {
    let ann = PersonFacts {
        authenticators: 1,
        ..somebody("ann")
    };
    let bob = somebody("bob");
    let people = [ann, bob];
    let panel = |rule: Value| json!({"mode": "required", "surfaces": {"panel": rule}});
    let now = NOW.0;
    check_preview(
        panel(json!({"asked": false})),
        panel(json!({})),
        &people,
        1,
        &[(Change::Asked, now, &["ann"])],
    );
    check_preview(
        panel(json!({})),
        panel(json!({"asked": false})),
        &people,
        1,
        &[(Change::Released, now, &["ann"])],
    );
    check_preview(
        panel(json!({})),
        panel(json!({"every_sign_in": true})),
        &people,
        1,
        &[(Change::AskedMoreOften, now, &["ann"])],
    );
    check_preview(
        panel(json!({"max_age": 60})),
        json!({"mode": "required"}),
        &people,
        1,
        &[(Change::AskedLessOften, now, &["ann"])],
    );
}

#[test]
fn a_preview_dates_a_deadline_that_moves() {
    let people = [somebody("bob")];
    let until = |until: u64| json!({"mode": "required", "grace_until": until});
    let now = NOW.0;
    check_preview(
        until(now + 9),
        until(now + 5),
        &people,
        1,
        &[(Change::Enrolls, now + 5, &["bob"])],
    );
    check_preview(
        until(now + 9),
        until(now + 99),
        &people,
        1,
        &[(Change::Enrolls, now + 99, &["bob"])],
    );
    check_preview(
        until(now + 9),
        json!({}),
        &people,
        1,
        &[(Change::Released, now + 9, &["bob"])],
    );
    check_preview(
        until(now + 9),
        json!({"mode": "required"}),
        &people,
        1,
        &[(Change::Enrolls, now, &["bob"])],
    );
    // One that is over is as good as none.
    check_preview(until(now), json!({"mode": "required"}), &people, 0, &[]);
}

#[test]
fn those_of_whom_a_change_requires_more_are_named() {
    let people = [
        somebody("new"),
        PersonFacts {
            authenticators: 1,
            ..somebody("enrolled")
        },
        PersonFacts {
            authenticators: 1,
            trusted_devices: 2,
            ..somebody("trusting")
        },
        PersonFacts {
            sso: true,
            ..somebody("sso")
        },
        PersonFacts {
            groups: vec!["staff".into()],
            ..somebody("staff")
        },
    ];
    let check = |old: Value, new: Value, expect: &[&str]| {
        let [was, is] = [&old, &new].map(|fields| policy(fields.clone()));
        assert_eq!(of_whom_more(&was, &is, &people, NOW), expect, "{old} {new}");
    };
    let off = || json!({ "mode": "off" });
    let optional = || json!({ "mode": "optional" });
    let required = || json!({ "mode": "required" });
    let until = |days| json!({ "mode": "required", "grace_until": NOW.0 + days * DAY });
    let staff = || json!({ "mode": "required", "scope": { "groups": ["staff"] } });
    check(off(), optional(), &["enrolled", "trusting"]);
    check(optional(), required(), &["new", "trusting", "staff"]);
    check(optional(), until(7), &["new", "trusting", "staff"]);
    check(until(7), until(3), &["new", "trusting", "staff"]);
    check(until(3), until(7), &[]);
    check(until(3), required(), &["new", "trusting", "staff"]);
    check(optional(), staff(), &["trusting", "staff"]);
    check(staff(), required(), &["new", "trusting"]);
    check(required(), staff(), &[]);
    let always = json!({ "mode": "required", "sso": "always" });
    check(required(), always, &["trusting", "sso"]);
    let [month, days] =
        [30, 3].map(|days| json!({ "mode": "optional", "trusted_devices": { "days": days } }));
    check(month.clone(), days.clone(), &["trusting"]);
    check(days, month, &[]);
    let panel =
        json!({ "mode": "optional", "surfaces": { "panel": { "asked": true, "max_age": 3600 } } });
    check(optional(), panel, &["enrolled", "trusting"]);
    check(required(), off(), &[]);
    check(required(), required(), &[]);
}

#[test]
fn a_preview_counts_everyone_and_names_a_hundred() {
    let people = (0..250).map(|n| somebody(&format!("user{n}")));
    let found = preview(
        &Policy::default(),
        &policy(json!({"mode": "required"})),
        people,
        NOW,
    );
    assert_eq!(
        (found.people, found.affected, found.count(Change::Enrolls)),
        (250, 250, 250)
    );
    assert_eq!(found.effects[0].named.len(), NAMED_PEOPLE);
    assert_eq!(found.effects[0].named[99], "user99");
    assert_eq!(found.count(Change::Asked), 0);
}

#[test]
fn a_preview_counts_those_who_are_offered_enrollment_where_that_changes() {
    let ann = PersonFacts {
        authenticators: 1,
        ..somebody("ann")
    };
    let bob = PersonFacts {
        groups: vec!["staff".to_owned()],
        ..somebody("bob")
    };
    let eve = PersonFacts {
        sso: true,
        ..somebody("eve")
    };
    let people = [ann, bob, eve, somebody("kim")];
    let off = json!({"prompt": "off"});
    let staff = json!({"scope": {"groups": ["staff"]}});
    let all: &[(Change, u64, &[&str])] = &[(Change::Prompted, NOW.0, &["bob", "kim"])];
    check_preview(off.clone(), json!({}), &people, 2, all);
    let new: &[(Change, u64, &[&str])] = &[(Change::Prompted, NOW.0, &["kim"])];
    check_preview(staff.clone(), json!({}), &people, 1, new);
    check_preview(json!({}), json!({"prompt": {"days": 1}}), &people, 2, all);
    check_preview(
        json!({}),
        json!({"step_up": "password_allowed"}),
        &people,
        0,
        &[],
    );
    check_preview(json!({}), off, &people, 0, &[]);
    check_preview(json!({}), staff, &people, 0, &[]);
}
