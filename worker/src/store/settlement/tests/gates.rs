//! Each gate of the settlement, and what it would say without it.

use super::database::LIVE;
use crate::{
    sign_in::trusted_devices::{END_SERIES, ROTATE},
    store::sessions::OPEN,
    store::{
        mail,
        settlement::statements::{
            ADVANCE, COUNT, READBACK, SPEND, USE_CODE, USE_PASSKEY, USE_TRY, VERDICT,
        },
        survivors::{END_OTHERS, MOVE_ALONG, MOVE_VERSION},
    },
};

pub struct Gate {
    statement: &'static str,
    /// What is taken out.
    pub text: &'static str,
    instead: &'static str,
}

impl Gate {
    /// The statement without this gate; others as they are.
    pub fn missing_in(&self, sql: &str) -> String {
        assert!(
            self.statement.contains(self.text),
            "no such gate: {}",
            self.text
        );
        if sql == self.statement {
            sql.replace(self.text, self.instead)
        } else {
            sql.to_owned()
        }
    }
}

const fn gate(statement: &'static str, text: &'static str, instead: &'static str) -> Gate {
    Gate {
        statement,
        text,
        instead,
    }
}

pub const GATES: &[Gate] = &[
    // Whether it is looked at.
    gate(VERDICT, "u.version = :user_version AND", ""),
    gate(VERDICT, "o.policy_version = :policy_version AND", ""),
    gate(VERDICT, "AND u.state = 'active'", ""),
    gate(VERDICT, "AND coalesce(t.not_before, 0) <= :now", ""),
    gate(VERDICT, "+ :cost <= :cap", ">= 0"),
    gate(
        VERDICT,
        "iif(t.window_from > :now - :window, t.in_window, 0)",
        "t.in_window",
    ),
    gate(VERDICT, "AND coalesce(h.not_before, 0) <= :now", ""),
    gate(VERDICT, "+ :cost <= :shared_cap", ">= 0"),
    gate(
        VERDICT,
        "iif(h.window_from > :now - :window, h.in_window, 0)",
        "h.in_window",
    ),
    gate(
        VERDICT,
        "(h.organization, h.user, h.method, h.lane) = (u.organization, u.id, :throttle_method, :shared)",
        "(h.method, h.lane) = (:throttle_method, :shared)",
    ),
    gate(VERDICT, "\nWHERE id = iif(", "\nWHERE FALSE AND id = iif("),
    gate(
        VERDICT,
        "iif(abs(:now - unixepoch()) <= 30, :event, json('another time'))",
        ":event",
    ),
    gate(
        VERDICT,
        "AND NOT EXISTS (SELECT 1 FROM spent_challenge WHERE id = :challenge AND tries_left = 0)",
        "",
    ),
    // What it is judged to be.
    gate(
        VERDICT,
        "WHEN :session IS NOT NULL AND NOT EXISTS (",
        "WHEN FALSE AND NOT EXISTS (",
    ),
    gate(VERDICT, "AND s.token_hash = :session_hash", ""),
    // Whether a session lives, and whether it is aal2.
    gate(LIVE, "s.ended_at IS NULL AND", ""),
    gate(LIVE, "AND s.user_version = u.version", ""),
    gate(LIVE, "s.trusted_device IS NULL\n    OR", ""),
    gate(LIVE, "d.ended_at IS NULL AND", ""),
    gate(LIVE, "AND d.trust_epoch = o.trust_epoch", ""),
    gate(LIVE, "NOT s.enrolling AND", ""),
    gate(
        LIVE,
        "(a.organization, a.user, a.id) = (s.organization, s.user, ground.value)",
        "a.id = ground.value",
    ),
    gate(
        LIVE,
        "AND EXISTS (SELECT 1 FROM backup_code_set b WHERE (b.organization, b.user) = (s.organization, s.user))",
        "",
    ),
    gate(LIVE, "AND o.policy ->> 'sso' = 'evidence'", ""),
    gate(
        VERDICT,
        "WHEN :enrollment IS NOT NULL AND n.id IS NULL THEN 'gone'",
        "",
    ),
    gate(
        VERDICT,
        "WHEN :enrolled IS NOT NULL AND :enrolled <> (",
        "WHEN FALSE AND :enrolled <> (",
    ),
    gate(VERDICT, "count(DISTINCT user)", "count(*)"),
    gate(
        VERDICT,
        "count(DISTINCT user) FROM authenticator WHERE organization = u.organization)",
        "count(DISTINCT organization || user) FROM authenticator)",
    ),
    gate(VERDICT, "AND n.id = :enrollment", ""),
    gate(VERDICT, "AND n.session = :session", ""),
    gate(VERDICT, "AND n.expires_at > unixepoch()", ""),
    gate(VERDICT, "n.expires_at > unixepoch()", "n.expires_at > :now"),
    gate(VERDICT, "WHEN NOT :holds THEN 'wrong'", ""),
    gate(
        VERDICT,
        "WHEN :authenticator IS NOT NULL AND a.id IS NULL THEN 'wrong'",
        "",
    ),
    gate(VERDICT, "WHEN :step <= a.last_step THEN 'replayed'", ""),
    gate(VERDICT, ":step <= a.last_step", ":step < a.last_step"),
    gate(
        VERDICT,
        "WHEN :look_up IS NOT NULL AND c.look_up IS NULL THEN 'wrong'",
        "",
    ),
    gate(VERDICT, "WHEN c.used_at IS NOT NULL THEN 'used'", ""),
    gate(VERDICT, ":most_of_kind <=", ":most_of_kind <"),
    gate(VERDICT, "AND +kind = :kind_added", ""),
    gate(
        VERDICT,
        "WHEN :credential IS NOT NULL AND EXISTS (",
        "WHEN EXISTS (SELECT 1 WHERE FALSE) AND EXISTS (",
    ),
    gate(
        VERDICT,
        ":sign_count <= a.credential",
        ":sign_count < a.credential",
    ),
    gate(VERDICT, "AND 0 < a.credential ->> 'sign_count'", ""),
    gate(
        VERDICT,
        "iif(:refuse_regression, 'count_regressed', 'possible_clone')",
        "'possible_clone'",
    ),
    // What is believed of a device.
    gate(VERDICT, "d.ended_at IS NOT NULL OR", ""),
    gate(VERDICT, "OR d.expires_at <= :now", ""),
    gate(VERDICT, "OR d.created_at > :now + :skew", ""),
    gate(VERDICT, "OR d.user_version <> u.version", ""),
    gate(VERDICT, "OR d.trust_epoch <> o.trust_epoch", ""),
    gate(
        VERDICT,
        "\n         AND d.rotated_at BETWEEN unixepoch() - :repeat_window AND unixepoch() + :skew",
        "",
    ),
    gate(VERDICT, "BETWEEN unixepoch() - :repeat_window", "BETWEEN 0"),
    gate(
        VERDICT,
        "BETWEEN unixepoch() - :repeat_window",
        "BETWEEN :now - :repeat_window",
    ),
    gate(
        VERDICT,
        ":repeat_window AND unixepoch() + :skew",
        ":repeat_window AND :now + :skew",
    ),
    gate(VERDICT, "ELSE 'reused'", "ELSE 'accepted'"),
    // Whose it is: other users have rows with the same ids.
    gate(
        VERDICT,
        "(a.organization, a.user, a.id) = (u.organization, u.id, :authenticator)",
        "a.id = :authenticator",
    ),
    gate(
        VERDICT,
        "(c.organization, c.user, c.look_up) = (u.organization, u.id, :look_up)",
        "c.look_up = :look_up",
    ),
    gate(
        VERDICT,
        "(s.organization, s.user, s.id) = (u.organization, u.id, :session)",
        "s.id = :session",
    ),
    gate(
        VERDICT,
        "(n.organization, n.user) = (u.organization, u.id)",
        "TRUE",
    ),
    gate(
        VERDICT,
        "(d.organization, d.user, d.id) = (u.organization, u.id, :device)",
        "d.id = :device",
    ),
    gate(
        VERDICT,
        "= (u.organization, u.id, :throttle_method, :lane)",
        "= (u.organization, u.id, :throttle_method, '')",
    ),
    // What a refusal costs.
    gate(
        COUNT,
        "AND e.outcome IN ('wrong', 'replayed', 'used', 'count_regressed')",
        "",
    ),
    gate(COUNT, "'wrong', 'replayed', 'used'", "'wrong'"),
    gate(COUNT, ", 'count_regressed'", ""),
    gate(
        COUNT,
        "coalesce(t.in_row, 0), 0) + 1 AS in_row",
        "coalesce(t.in_row, 0), 0) AS in_row",
    ),
    gate(COUNT, "coalesce(t.in_row, 0), 0)", "t.in_row, 0)"),
    gate(COUNT, "OR NOT c.value ->> 'forgets'", ""),
    gate(
        COUNT,
        "OR NOT c.value ->> 'forgets'",
        "OR c.value ->> 'forgets'",
    ),
    gate(
        COUNT,
        "iif(t.window_from > :now - :window, t.window_from, :now) AS window_from",
        ":now AS window_from",
    ),
    gate(
        COUNT,
        "iif(t.window_from > :now - :window, t.in_window, 0) +",
        "coalesce(t.in_window, 0) +",
    ),
    gate(
        COUNT,
        "(e.outcome = 'wrong') * :cost",
        "(e.outcome = 'wrong')",
    ),
    gate(COUNT, "(e.outcome = 'wrong') * :cost", ":cost"),
    gate(
        COUNT,
        ":now + (rule ->> 'waits' ->> min(in_row, json_array_length(rule, '$.waits') - 1))",
        ":now",
    ),
    gate(
        COUNT,
        "iif(in_window >= rule ->> 'cap', window_from + :window, 0)",
        "0",
    ),
    gate(
        COUNT,
        "iif(in_row >= rule ->> 'disabled_after', :disabled_until, 0)",
        "0",
    ),
    gate(
        COUNT,
        "LEFT JOIN throttle t ON (t.organization, t.user, t.method, t.lane) = (e.organization, e.user, :method,",
        "LEFT JOIN throttle t ON (t.method, t.lane) = (:method,",
    ),
    // What only an acceptance does, and to whom.
    gate(COUNT, "FROM accepted", "FROM event"),
    gate(
        COUNT,
        "\nJOIN throttle t ON (t.organization, t.user, t.method, t.lane) = (e.organization, e.user, :method,",
        "\nJOIN throttle t ON (t.method, t.lane) = (:method,",
    ),
    gate(COUNT, "t.in_window, 0, t.not_before", "0, 0, t.not_before"),
    gate(
        COUNT,
        "t.in_window, 0, t.not_before",
        "t.in_window, t.in_row, t.not_before",
    ),
    gate(SPEND, "FROM accepted", "FROM event"),
    gate(
        SPEND,
        "ON CONFLICT DO UPDATE SET tries_left = 0",
        "ON CONFLICT DO NOTHING",
    ),
    gate(
        USE_TRY,
        "AND outcome NOT IN ('accepted', 'possible_clone')",
        "",
    ),
    gate(USE_TRY, "?4 - 1", "?4"),
    gate(USE_TRY, "tries_left = tries_left - 1", "tries_left = 0"),
    gate(
        VERDICT,
        "id = :challenge AND tries_left = 0",
        "id = :challenge",
    ),
    gate(
        READBACK,
        "id = :challenge AND tries_left = 0",
        "id = :challenge",
    ),
    gate(ADVANCE, "FROM accepted", "FROM event"),
    gate(
        ADVANCE,
        "(authenticator.organization, authenticator.user, authenticator.id) = (e.organization, e.user, e.subject)",
        "authenticator.id = e.subject",
    ),
    gate(USE_CODE, "FROM accepted", "FROM event"),
    gate(
        USE_CODE,
        "(backup_code.organization, backup_code.user, backup_code.look_up) = (e.organization, e.user, ?2)",
        "backup_code.look_up = ?2",
    ),
    gate(USE_PASSKEY, "FROM accepted", "FROM event"),
    gate(USE_PASSKEY, "max(credential ->> 'sign_count', ?2)", "?2"),
    gate(
        USE_PASSKEY,
        "(authenticator.organization, authenticator.user, authenticator.id) = (e.organization, e.user, e.subject)",
        "authenticator.id = e.subject",
    ),
    gate(OPEN, "FROM accepted", "FROM event"),
    gate(
        OPEN,
        "AND (NOT :trusting OR e.trust IN ('accepted', 'repeated'))",
        "",
    ),
    gate(OPEN, "iif(:trusting, e.subject, NULL)", "NULL"),
    gate(ROTATE, "FROM accepted", "FROM event"),
    gate(ROTATE, "rotated_at = unixepoch()", "rotated_at = e.at"),
    gate(ROTATE, "AND e.trust = 'accepted'", ""),
    gate(END_SERIES, "FROM accepted", "FROM event"),
    gate(END_SERIES, "AND e.trust = 'reused'", ""),
    gate(END_OTHERS, "FROM accepted", "FROM event"),
    gate(
        END_OTHERS,
        "(session.organization, session.user) = (u.organization, u.id)",
        "TRUE",
    ),
    gate(END_OTHERS, "AND session.ended_at IS NULL", ""),
    gate(END_OTHERS, "session.user_version <> u.version\n    OR", ""),
    gate(END_OTHERS, "session.id <> :maker AND", ""),
    gate(END_OTHERS, "AND EXISTS (", "AND TRUE OR EXISTS ("),
    gate(END_OTHERS, ":others", "TRUE"),
    gate(END_OTHERS, "WHERE ground.value = :without", "WHERE FALSE"),
    gate(MOVE_VERSION, "FROM accepted", "FROM event"),
    gate(
        MOVE_VERSION,
        "unixepoch() * 1000 + 999",
        "e.at * 1000 + 999",
    ),
    gate(
        MOVE_VERSION,
        "unixepoch() * 1000 + 999",
        "unixepoch() * 1000",
    ),
    gate(MOVE_ALONG, "FROM accepted", "FROM event"),
    gate(
        MOVE_ALONG,
        "(session.organization, session.user) = (u.organization, u.id)",
        "TRUE",
    ),
    gate(MOVE_ALONG, "AND session.ended_at IS NULL", ""),
    gate(mail::WRONG_PROOF, "AND e.outcome = 'wrong'", ""),
    gate(
        mail::POSSIBLE_CLONE,
        "AND e.outcome IN ('possible_clone', 'count_regressed')",
        "",
    ),
    gate(mail::REUSED_TOKEN, "FROM accepted", "FROM event"),
    // What the person is told.
    gate(READBACK, "u.version <> :user_version OR", ""),
    gate(READBACK, "OR o.policy_version <> :policy_version", ""),
    gate(
        READBACK,
        "u.version <> :user_version OR o.policy_version <> :policy_version",
        "TRUE",
    ),
    gate(
        READBACK,
        "a.last_step < :late_step",
        "a.last_step <= :late_step",
    ),
    gate(
        READBACK,
        "(a.organization, a.user, a.id) = (u.organization, u.id, :late_authenticator)",
        "a.id = :late_authenticator",
    ),
    gate(READBACK, "e.method = 'backup_code' AND", ""),
    gate(
        READBACK,
        "AND c.used_at IS NULL) AS used_up",
        ") AS used_up",
    ),
];
