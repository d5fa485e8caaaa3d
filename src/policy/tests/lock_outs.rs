//! Which policies could keep out the owner who sets them.

use super::*;

const ONE: Enrolled<'static> = Enrolled {
    authenticators: &[PHONE],
    backup_codes: true,
};

#[track_caller]
fn check(
    old: Value,
    new: Value,
    enrolled: Enrolled<'_>,
    codes_left: bool,
    expect: Option<LockOut>,
) {
    check_by(
        &[password(), totp(NOW.0)],
        old,
        new,
        enrolled,
        codes_left,
        expect,
    );
}

#[track_caller]
fn check_by(
    shown: &[Evidence],
    old: Value,
    new: Value,
    enrolled: Enrolled<'_>,
    codes_left: bool,
    expect: Option<LockOut>,
) {
    let author = Person {
        role: Role::Owner,
        ..member(enrolled)
    };
    let (old, new) = (policy(old), policy(new));
    assert_eq!(
        locks_out(&old, &new, &author, codes_left, shown, NOW),
        expect
    );
}

#[test]
fn an_owner_with_one_authenticator_and_no_code_is_locked_out_by_losing_it() {
    let required = || json!({"mode": "required"});
    check(json!({}), required(), ONE, false, Some(LockOut::Alone));
    check(
        json!({"mode": "off"}),
        required(),
        ONE,
        false,
        Some(LockOut::Alone),
    );
    check(json!({}), required(), ONE, true, None);
    check(json!({}), required(), BOTH, false, None);
    // Where it was so before, and where nothing is required.
    check(required(), required(), ONE, false, None);
    check(json!({}), json!({"sso": "always"}), ONE, false, None);
    check(json!({}), json!({"mode": "off"}), ONE, false, None);
}

#[test]
fn an_owner_who_has_to_enroll_next_is_locked_out_of_all_else() {
    let by_provider = [sso(&["mfa"], NOW.0)];
    let provider = json!({"mode": "required", "sso": "evidence"});
    let later = json!({"mode": "required", "sso": "always", "grace_until": NOW.0 + DAY});
    let enroll = Some(LockOut::Enroll);
    check_by(
        &by_provider,
        provider.clone(),
        provider.clone(),
        NOTHING,
        false,
        None,
    );
    check_by(
        &by_provider,
        provider.clone(),
        later.clone(),
        NOTHING,
        false,
        enroll,
    );
    check_by(&by_provider, provider, later, BOTH, false, None);
    // One surface is enough, and so is the scope of those who are in it.
    let members = json!({"mode": "required", "sso": "always", "scope": {"roles": ["member"]}});
    check_by(&by_provider, json!({}), members, NOTHING, false, None);
    let owners = json!({"mode": "required", "sso": "always", "scope": {"roles": ["owner"]}});
    check_by(&by_provider, json!({}), owners, NOTHING, false, enroll);
}
