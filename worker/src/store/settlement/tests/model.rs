//! What an attempt must come to, from the rules in words: what is refused and in which order, what
//! a refusal costs, what an acceptance changes. Knows nothing of the SQL.

use postern::{
    decision::{Finding, Outcome, Provisos},
    evidence::{Ground, Method},
    ids::SessionId,
    refusal::Hint,
    throttle::DISABLED,
};

use super::{
    cases::{
        ALICE, CHALLENGE, CODE, CREDENTIALS, Case, DEVICE, Device, ENROLLMENT, EVENT, HERE, KEY,
        NOW, PHONE, SESSION, STEP, Session, State, User,
    },
    counting::{closes, count, counters},
    database::{Cell, Row, Tables, cell, credential, number},
    {NEW_EVIDENCE, NEW_GROUNDS, NEW_SESSION, PLACE},
};
use crate::store::{settlement::Trust, survivors::Survivors};

/// Whether a backup code was shown and none is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UsedUp(pub bool);

/// What the caller is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Gone,
    Judged(Outcome, Option<Trust>, Option<Hint>, UsedUp),
    Spent,
    Stale,
    Throttled(u64),
    Disabled,
    TooCostly,
    WrongClock,
}

/// What `case` must answer, and what the tables must hold afterwards.
pub fn expected(case: &Case, before: &Tables) -> (Answer, Tables) {
    let mut after = before.clone();
    if case.clock.abs_diff(NOW) > 30 {
        return (Answer::WrongClock, after);
    }
    let answer = admitted(case).map_or_else(
        |answer| answer,
        |user| {
            let outcome = verdict(case);
            let trust = case.attempt.device.as_ref().and(case.alice.device.as_ref());
            let trust = trust.map(|device| trust_in(device, user, case.clock));
            record(case, outcome, trust, &mut after);
            match outcome {
                Outcome::Accepted | Outcome::PossibleClone => {
                    accept(case, user, trust, &mut after);
                }
                Outcome::Wrong | Outcome::Replayed | Outcome::Used | Outcome::CountRegressed => {
                    count(case, outcome, &mut after);
                }
                _ => {}
            }
            if !matches!(outcome, Outcome::Accepted | Outcome::PossibleClone) {
                use_try(case, &mut after);
            }
            if outcome == Outcome::Wrong {
                warn(case, user, &mut after);
            }
            if matches!(outcome, Outcome::PossibleClone | Outcome::CountRegressed) {
                mail(user, "possible_clone", cell(PLACE), &mut after);
            }
            let mut codes = after.hers("backup_code");
            let used_up = case.attempt.attempt.method == Some(Method::BackupCode)
                && codes.all(|code| code["used_at"] != Cell::Null);
            Answer::Judged(outcome, trust, told(case, outcome), UsedUp(used_up))
        },
    );
    (answer, after)
}

/// Whether the attempt is looked at: a challenge that is not spent, the user and policy that were decided about, and an open throttle.
fn admitted(case: &Case) -> Result<&User, Answer> {
    let Provisos { attempt, .. } = &case.attempt;
    let user = case.alice.user.as_ref().ok_or(Answer::Gone)?;
    // First, so that it is no oracle.
    if case.attempt.challenge.is_some() && case.tries_left == Some(0) {
        return Err(Answer::Spent);
    }
    if user.version != case.attempt.user_version
        || user.policy_version != case.attempt.policy_version
    {
        return Err(Answer::Stale);
    }
    let counters = attempt.throttle.map_or_else(Vec::new, counters);
    let closed = counters
        .iter()
        .filter_map(|counter| counter.closed_until(&case.alice));
    match closed.max() {
        Some(until) if until == DISABLED.0 => return Err(Answer::Disabled),
        Some(until) => return Err(Answer::Throttled(until)),
        None => {}
    }
    let too_costly = counters
        .iter()
        .any(|counter| counter.tried_today(&case.alice) + attempt.cost > counter.cap);
    // Disabling moves the version. If it did not, a disabled user is refused all the same.
    if too_costly || !user.active {
        return Err(Answer::TooCostly);
    }
    Ok(user)
}

/// Who asks first, then what was shown.
fn verdict(case: &Case) -> Outcome {
    let Case { alice, attempt, .. } = case;
    let holds_session = alice
        .session
        .as_ref()
        .is_some_and(|session| session.token_hash == "now" && lives(session, alice));
    if attempt.session.is_some() && !holds_session {
        return Outcome::SignedOut;
    }
    if attempt
        .enrolled
        .is_some_and(|number| number != enrolled(case))
    {
        return Outcome::Miscounted;
    }
    match &attempt.attempt.finding {
        Finding::Nothing | Finding::Holds => Outcome::Accepted,
        Finding::Wrong => Outcome::Wrong,
        Finding::Step { .. } => match alice.phone {
            None => Outcome::Wrong,
            Some(last) if last >= STEP => Outcome::Replayed,
            Some(_) => Outcome::Accepted,
        },
        Finding::LookUp(_) => match alice.code {
            None => Outcome::Wrong,
            Some(Some(_)) => Outcome::Used,
            Some(None) => Outcome::Accepted,
        },
        Finding::Enrollment { step, .. } => {
            let pending = alice.enrollment.as_ref().is_some_and(|pending| {
                pending.id == ENROLLMENT
                    && pending.session == SESSION
                    && pending.expires_at > case.clock
            });
            match step {
                _ if !pending => Outcome::Gone,
                None => Outcome::Wrong,
                Some(_) if alice.others + u8::from(alice.phone.is_some()) >= 100 => Outcome::Full,
                Some(_) => Outcome::Accepted,
            }
        }
        Finding::Assertion {
            sign_count,
            refuse_regression,
            ..
        } => match alice.key {
            None => Outcome::Wrong,
            // An authenticator that never counted may go on not to.
            Some(0) => Outcome::Accepted,
            Some(seen) if *sign_count > seen => Outcome::Accepted,
            Some(_) if *refuse_regression => Outcome::CountRegressed,
            Some(_) => Outcome::PossibleClone,
        },
        Finding::Registration { credential } => {
            let [_, hers, bobs, others] = CREDENTIALS;
            let has = |state: &State| state.user.is_some() && state.key.is_some();
            let everyones = [
                (hers, has(alice)),
                (bobs, has(&case.bob)),
                (others, has(&case.alice_elsewhere)),
            ];
            if everyones.contains(&(credential.as_str(), true)) {
                Outcome::Taken
            } else if alice.other_keys + u8::from(alice.key.is_some()) >= 100 {
                Outcome::Full
            } else {
                Outcome::Accepted
            }
        }
    }
}

/// Why a wrong proof is wrong: of a code of the past only while it was never used, nor a newer one.
fn told(case: &Case, outcome: Outcome) -> Option<Hint> {
    let hint = case.attempt.attempt.hint;
    hint.filter(|hint| match hint {
        _ if outcome != Outcome::Wrong => false,
        Hint::ClockBehind { step, .. } => {
            let Case { alice, .. } = case;
            alice.phone.is_some_and(|last| last < step.0)
        }
        Hint::PasskeyChanged => true,
    })
}

/// People of the organization who have an authenticator.
fn enrolled(case: &Case) -> u64 {
    let has = |state: &State| {
        let keys = state.key.is_some() || state.other_keys > 0;
        state.user.is_some() && (state.phone.is_some() || state.others > 0 || keys)
    };
    u64::from(has(&case.alice)) + u64::from(has(&case.bob))
}

/// A session lives under the user version that it carries, and with the device it rests on.
fn lives(session: &Session, state: &State) -> bool {
    let Some(user) = &state.user else {
        return false;
    };
    let mut device = state.device.iter();
    session.ended_at.is_none()
        && session.user_version == user.version
        && (!session.trusting || device.any(|device| is_trusted(device, user)))
}

/// Whether one of two factors at least is still there.
fn is_aal2(ground: Ground, state: &State) -> bool {
    match ground {
        Ground::Password => false,
        Ground::Authenticator(id) => {
            id == PHONE && state.phone.is_some() || id == KEY && state.key.is_some()
        }
        Ground::BackupCodes => state.code.is_some(),
        Ground::Provider => state.user.as_ref().is_some_and(|user| user.sso_evidence),
    }
}

/// Whether a session of hers outlives the change.
fn survives(survivors: Survivors, id: SessionId, session: &Session, state: &State) -> bool {
    let is_under = |user: &User| session.user_version == user.version;
    match survivors {
        Survivors::Only(maker) | Survivors::Aal2 { maker, .. } if maker == id => {
            state.user.as_ref().is_some_and(is_under)
        }
        Survivors::Only(_) | Survivors::NoSession => false,
        Survivors::Aal2 { without, .. } => {
            lives(session, state)
                && !session.enrolling
                && without != Some(session.ground)
                && is_aal2(session.ground, state)
        }
    }
}

/// The user and the policy are those of its birth.
fn is_trusted(device: &Device, user: &User) -> bool {
    device.ended_at.is_none()
        && device.user_version == user.version
        && device.trust_epoch == user.trust_epoch
}

/// A device lives until its fixed day, while it is trusted. Its last token is good for another
/// minute by the database's clock, which tells all instances the same; a token before that was
/// copied.
fn trust_in(device: &Device, user: &User, clock: u64) -> Trust {
    match device {
        _ if !is_trusted(device, user) || device.expires_at <= NOW => Trust::Ended,
        // Granted by a clock that was wrong.
        _ if device.created_at > NOW + 60 => Trust::Ended,
        Device {
            token_hash: "now", ..
        } => Trust::Accepted,
        Device {
            previous_hash: Some("now"),
            rotated_at,
            ..
        } if rotated_at + 60 >= clock && *rotated_at <= clock + 60 => Trust::Repeated,
        _ => Trust::Reused,
    }
}

/// One event for every attempt that was looked at.
fn record(case: &Case, outcome: Outcome, trust: Option<Trust>, after: &mut Tables) {
    let attempt = &case.attempt.attempt;
    let subject = match attempt.finding {
        _ if case.attempt.device.is_some() => cell(DEVICE),
        Finding::Step { authenticator, .. } | Finding::Assertion { authenticator, .. } => {
            cell(authenticator)
        }
        _ => Cell::Null,
    };
    after.add(
        "event",
        [
            ("seq", number(1)),
            ("id", cell(EVENT)),
            ("organization", cell(HERE)),
            ("user", cell(ALICE)),
            ("at", number(NOW)),
            ("action", cell("sign_in.verify")),
            ("outcome", cell(word(outcome))),
            (
                "trust",
                trust.map_or(Cell::Null, |trust| cell(trust_word(trust))),
            ),
            ("actor", cell("user")),
            ("actor_id", Cell::Null),
            ("actor_name", Cell::Null),
            (
                "method",
                attempt
                    .method
                    .map_or(Cell::Null, |method| cell(method.as_str())),
            ),
            ("subject", subject),
            ("detail", closes(case, outcome)),
            ("ip", cell("192.0.2.7")),
            ("user_agent", Cell::Null),
            ("request_id", cell("request")),
            ("personal", Cell::Null),
        ],
    );
}

/// The challenge is spent, the step or code too, the session opens, the wait is forgiven (the day
/// is not).
fn accept(case: &Case, user: &User, trust: Option<Trust>, after: &mut Tables) {
    let attempt = &case.attempt;
    if attempt.challenge.is_some() {
        mark(0, after);
    }
    for counter in attempt.attempt.throttle.map_or_else(Vec::new, counters) {
        if let Some(row) = counter.row(after) {
            row.insert("in_row".into(), number(0));
        }
    }
    match attempt.attempt.finding {
        Finding::Step { .. } => {
            let row = after.her("authenticator", "id", PHONE).unwrap();
            row.insert("last_step".into(), number(STEP));
            row.insert("last_used_at".into(), number(NOW));
        }
        Finding::LookUp(_) => {
            let row = after.her("backup_code", "look_up", CODE).unwrap();
            row.insert("used_at".into(), number(NOW));
            for set in after.hers("backup_code_set") {
                set.insert("used".into(), number(1));
            }
        }
        Finding::Assertion {
            sign_count,
            backup_state,
            uv_initialized,
            ..
        } => {
            let seen = case.alice.key.unwrap().max(sign_count);
            let row = after.her("authenticator", "id", KEY).unwrap();
            row.insert("last_used_at".into(), number(NOW));
            let credential = credential(CREDENTIALS[1], seen, backup_state, uv_initialized);
            row.insert("credential".into(), cell(credential));
        }
        _ => {}
    }
    // A device was presented: the session rests on it, and only on a good one.
    let rests_on_device = attempt.device.is_some();
    if !rests_on_device || matches!(trust, Some(Trust::Accepted | Trust::Repeated)) {
        // Trust counts from the day it was given.
        let device = case.alice.device.as_ref().filter(|_| rests_on_device);
        let given_at = device.map_or(1, |device| device.created_at);
        let evidence = NEW_EVIDENCE.replace(":1}", &format!(":{given_at}}}"));
        after.add(
            "session",
            [
                ("organization", cell(HERE)),
                ("user", cell(ALICE)),
                ("id", cell(NEW_SESSION)),
                ("born_at", number(NOW)),
                ("enrolling", number(0)),
                ("surface", Cell::Null),
                ("user_agent", Cell::Null),
                ("token_hash", cell("new")),
                ("evidence", cell(evidence)),
                ("grounds", cell(NEW_GROUNDS)),
                (
                    "trusted_device",
                    attempt.device.as_ref().map_or(Cell::Null, |_| cell(DEVICE)),
                ),
                ("user_version", number(user.version)),
                ("last_used_at", number(NOW)),
                ("ended_at", Cell::Null),
                ("reset", Cell::Null),
            ],
        );
    }
    match trust {
        Some(Trust::Accepted) => {
            let row = after.her("trusted_device", "id", DEVICE).unwrap();
            row.insert("previous_hash".into(), cell("now"));
            row.insert("token_hash".into(), cell("next"));
            row.insert("rotated_at".into(), number(case.clock));
        }
        Some(Trust::Reused) => {
            let row = after.her("trusted_device", "id", DEVICE).unwrap();
            row.insert("ended_at".into(), number(NOW));
            mail(user, "trusted_device_reused", cell(PLACE), after);
        }
        _ => {}
    }
    if let Some(survivors) = case.survivors {
        move_on(case, user, survivors, trust, after);
    }
}

/// The version moves, and the sessions that outlive it; the others end, and so do trusted devices.
fn move_on(
    case: &Case,
    user: &User,
    survivors: Survivors,
    trust: Option<Trust>,
    after: &mut Tables,
) {
    // The last millisecond of the second that the database's clock tells.
    let version = (case.clock * 1000 + 999).max(user.version + 1);
    let row = after.her("user", "id", ALICE).unwrap();
    row.insert("version".into(), number(version));
    for device in after.hers("trusted_device") {
        if device["ended_at"] == Cell::Null {
            device.insert("ended_at".into(), number(NOW));
        }
    }
    let mut alice = case.alice.clone();
    if let Some(device) = alice
        .device
        .as_mut()
        .filter(|_| trust == Some(Trust::Reused))
    {
        device.ended_at = Some(NOW);
    }
    let opened = Session {
        token_hash: "new",
        ended_at: None,
        user_version: user.version,
        ground: Ground::BackupCodes,
        enrolling: false,
        trusting: case.attempt.device.is_some(),
    };
    let sessions = [
        (NEW_SESSION, Some(&opened)),
        (SESSION, alice.session.as_ref()),
    ];
    for (id, session) in sessions {
        let Some((row, session)) = after.her("session", "id", id).zip(session) else {
            continue;
        };
        if session.ended_at.is_some() {
            continue;
        }
        if survives(survivors, id, session, &alice) {
            row.insert("user_version".into(), number(version));
        } else {
            row.insert("ended_at".into(), number(NOW));
        }
    }
}

/// A refused answer to a challenge that takes only so many is one of them.
fn use_try(case: &Case, after: &mut Tables) {
    let challenge = case.attempt.challenge.as_ref();
    if let Some(tries) = challenge.and_then(|spend| spend.tries) {
        mark(case.tries_left.unwrap_or(tries) - 1, after);
    }
}

/// What is left of the challenge.
fn mark(tries_left: u32, after: &mut Tables) {
    let tries_left = number(tries_left.into());
    if let Some(row) = after.all("spent_challenge").next() {
        row.insert("tries_left".into(), tries_left);
        return;
    }
    after.add(
        "spent_challenge",
        [
            ("id", cell(CHALLENGE)),
            // A minute longer than it can be answered.
            ("expires_at", number(NOW + 660)),
            ("tries_left", tries_left),
        ],
    );
}

/// A wrong second factor is told by mail, once an hour.
fn warn(case: &Case, user: &User, after: &mut Tables) {
    if case.alice.warned_at.is_none_or(|at| at + 3600 <= NOW) {
        mail(user, "second_factor_failed", cell(PLACE), after);
    }
}

/// Once for what happened.
pub fn mail(user: &User, kind: &str, place: Cell, after: &mut Tables) {
    if !user.email {
        return;
    }
    let known = |row: &Row| row["event"] == cell(EVENT) && row["kind"] == cell(kind);
    if after.hers("mail").any(|row| known(row)) {
        return;
    }
    let seq = after.all("mail").count() + 1;
    after.add(
        "mail",
        [
            ("seq", number(seq.try_into().unwrap())),
            ("organization", cell(HERE)),
            ("user", cell(ALICE)),
            ("event", cell(EVENT)),
            ("kind", cell(kind)),
            ("address", cell("somebody@example.test")),
            ("place", place),
            ("created_at", number(NOW)),
            ("due_at", number(NOW)),
            ("tries", number(0)),
            ("claim", Cell::Null),
            ("sent_at", Cell::Null),
            ("failed_at", Cell::Null),
            ("error", Cell::Null),
        ],
    );
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Accepted => "accepted",
        Outcome::CountRegressed => "count_regressed",
        Outcome::Full => "full",
        Outcome::Gone => "gone",
        Outcome::Miscounted => "miscounted",
        Outcome::PossibleClone => "possible_clone",
        Outcome::Replayed => "replayed",
        Outcome::SignedOut => "signed_out",
        Outcome::Taken => "taken",
        Outcome::Used => "used",
        Outcome::Wrong => "wrong",
    }
}

fn trust_word(trust: Trust) -> &'static str {
    match trust {
        Trust::Accepted => "accepted",
        Trust::Ended => "ended",
        Trust::Repeated => "repeated",
        Trust::Reused => "reused",
    }
}
