//! The statements of a settlement. Each but the verdict selects from the event that the verdict wrote.

use crate::store::d1::recording_text;

/// Tests every proviso and records the event with its outcome; nothing of a spent challenge, so that
/// it is no oracle. A refusal that closes the method says so; what an owner changes of the organization, whose keeper
/// they are, concerns no person. `LIMIT` keeps SQLite from judging it again for each column. The plus keeps SQLite from planning all of it a second time, once it has the value,
/// to see whether the index of passkeys serves: half of what a settlement cost.
pub const VERDICT: &str = recording_text!(
    "id, organization, user, at, action, actor, actor_id, actor_name, method, subject, ip, user_agent, request_id, detail, outcome, trust",
    "
SELECT :event, organization, iif(:keeps, NULL, user), :now, :action,
  iif(:keeps, role, 'user'), iif(:keeps, user, NULL), iif(:keeps, name, NULL), :method, :subject, :ip, :user_agent, :request_id,
  CASE WHEN outcome IN ('wrong', 'replayed', 'used', 'count_regressed') AND in_row + 1 >= :disabled_after
         THEN json_set(coalesce(:detail, '{}'), '$.closes', 'until_enabled')
       WHEN outcome = 'wrong' AND (tried + :cost >= :cap OR tried_in_all + :cost >= :shared_cap)
         THEN json_set(coalesce(:detail, '{}'), '$.closes', 'for_a_day')
       ELSE :detail END,
  outcome, trust
FROM (SELECT u.organization, u.id AS user, u.role, u.external_id AS name, coalesce(t.in_row, 0) AS in_row,
  iif(t.window_from > :now - :window, t.in_window, 0) AS tried, iif(h.window_from > :now - :window, h.in_window, 0) AS tried_in_all,
  CASE WHEN :session IS NOT NULL AND NOT EXISTS (
         SELECT 1 FROM live_session s
         WHERE (s.organization, s.user, s.id) = (u.organization, u.id, :session) AND s.token_hash = :session_hash)
         THEN 'signed_out'
       WHEN :enrolled IS NOT NULL AND :enrolled <> (
         SELECT count(DISTINCT user) FROM authenticator WHERE organization = u.organization) THEN 'miscounted'
       WHEN :enrollment IS NOT NULL AND n.id IS NULL THEN 'gone'
       WHEN NOT :holds THEN 'wrong'
       WHEN :authenticator IS NOT NULL AND a.id IS NULL THEN 'wrong'
       WHEN :step <= a.last_step THEN 'replayed'
       WHEN :look_up IS NOT NULL AND c.look_up IS NULL THEN 'wrong'
       WHEN c.used_at IS NOT NULL THEN 'used'
       WHEN :credential IS NOT NULL AND EXISTS (
         SELECT 1 FROM authenticator WHERE kind = 'passkey' AND credential ->> 'id' = :credential) THEN 'taken'
       WHEN :most_of_kind <= (
         SELECT count(*) FROM authenticator
         WHERE (organization, user) = (u.organization, u.id) AND +kind = :kind_added) THEN 'full'
       WHEN :sign_count <= a.credential ->> 'sign_count' AND 0 < a.credential ->> 'sign_count'
         THEN iif(:refuse_regression, 'count_regressed', 'possible_clone')
       ELSE 'accepted' END AS outcome,
  CASE WHEN :device IS NULL OR d.id IS NULL THEN NULL
       WHEN d.ended_at IS NOT NULL OR d.expires_at <= :now OR d.created_at > :now + :skew
         OR d.user_version <> u.version OR d.trust_epoch <> o.trust_epoch THEN 'ended'
       WHEN d.token_hash = :device_hash THEN 'accepted'
       WHEN d.previous_hash = :device_hash
         AND d.rotated_at BETWEEN unixepoch() - :repeat_window AND unixepoch() + :skew THEN 'repeated'
       ELSE 'reused' END AS trust
FROM user u JOIN organization o ON o.id = u.organization
LEFT JOIN authenticator a ON (a.organization, a.user, a.id) = (u.organization, u.id, :authenticator)
LEFT JOIN backup_code c ON (c.organization, c.user, c.look_up) = (u.organization, u.id, :look_up)
LEFT JOIN enrollment n ON (n.organization, n.user) = (u.organization, u.id)
  AND n.id = :enrollment AND n.session = :session AND n.expires_at > unixepoch()
LEFT JOIN trusted_device d ON (d.organization, d.user, d.id) = (u.organization, u.id, :device)
LEFT JOIN throttle t ON (t.organization, t.user, t.method, t.lane) = (u.organization, u.id, :throttle_method, :lane)
LEFT JOIN throttle h ON (h.organization, h.user, h.method, h.lane) = (u.organization, u.id, :throttle_method, :shared)
WHERE u.organization = :organization AND u.id = :user
  AND u.version = :user_version AND o.policy_version = :policy_version AND u.state = 'active'
  AND NOT EXISTS (SELECT 1 FROM spent_challenge WHERE id = :challenge AND tries_left = 0)
  AND coalesce(t.not_before, 0) <= :now
  AND iif(t.window_from > :now - :window, t.in_window, 0) + :cost <= :cap
  AND coalesce(h.not_before, 0) <= :now
  AND iif(h.window_from > :now - :window, h.in_window, 0) + :cost <= :shared_cap LIMIT 1)"
);

/// A refusal lengthens the wait and, where the proof was wrong, counts toward the day; a success
/// forgives the wait and leaves the day as it is. At each of `:counters`, a JSON array.
pub const COUNT: &str = "
INSERT INTO throttle (organization, user, method, lane, window_from, in_window, in_row, not_before)
SELECT organization, user, :method, rule ->> 'lane', window_from, in_window, in_row, max(
  coalesce(:now + (rule ->> 'waits' ->> min(in_row, json_array_length(rule, '$.waits') - 1)), 0),
  iif(in_window >= rule ->> 'cap', window_from + :window, 0),
  iif(in_row >= rule ->> 'disabled_after', :disabled_until, 0))
FROM (
  SELECT e.organization, e.user, c.value AS rule,
    iif(t.window_from > :now - :window, t.window_from, :now) AS window_from,
    iif(t.window_from > :now - :window, t.in_window, 0) + (e.outcome = 'wrong') * :cost AS in_window,
    iif(t.window_from > :now - :window OR NOT c.value ->> 'forgets', coalesce(t.in_row, 0), 0) + 1 AS in_row
  FROM event e JOIN json_each(:counters) c
  LEFT JOIN throttle t ON (t.organization, t.user, t.method, t.lane) = (e.organization, e.user, :method, c.value ->> 'lane')
  WHERE e.id = :event AND e.outcome IN ('wrong', 'replayed', 'used', 'count_regressed'))
UNION ALL
SELECT t.organization, t.user, t.method, t.lane, t.window_from, t.in_window, 0, t.not_before
FROM accepted e JOIN json_each(:counters) c
JOIN throttle t ON (t.organization, t.user, t.method, t.lane) = (e.organization, e.user, :method, c.value ->> 'lane')
WHERE e.id = :event AND t.in_row > 0
ON CONFLICT DO UPDATE SET window_from = excluded.window_from, in_window = excluded.in_window,
  in_row = excluded.in_row, not_before = excluded.not_before";

/// ?1 event 2 challenge 3 kept until
pub const SPEND: &str = "
INSERT INTO spent_challenge (id, expires_at, tries_left)
SELECT ?2, ?3, 0 FROM accepted WHERE id = ?1
ON CONFLICT DO UPDATE SET tries_left = 0";

/// Counts a refused answer to a challenge that takes only so many. ?1 event 2 challenge 3 kept until
/// 4 tries
pub const USE_TRY: &str = "
INSERT INTO spent_challenge (id, expires_at, tries_left)
SELECT ?2, ?3, ?4 - 1 FROM event
WHERE id = ?1 AND outcome NOT IN ('accepted', 'possible_clone')
ON CONFLICT DO UPDATE SET tries_left = tries_left - 1";

/// A row if it is spent. ?1 challenge
pub const SPENT: &str = "SELECT 1 FROM spent_challenge WHERE id = ?1 AND tries_left = 0";

/// ?1 event 2 step
pub const ADVANCE: &str = "
UPDATE authenticator SET last_used_at = e.at, last_step = ?2
FROM accepted e
WHERE e.id = ?1 AND ?2 IS NOT NULL
  AND (authenticator.organization, authenticator.user, authenticator.id) = (e.organization, e.user, e.subject)";

/// Numbers arrive as JavaScript has them: without the cast a count would be stored as a fraction.
/// ?1 event 2 sign count 3 whether it is synced 4 whether it may vouch for its user
pub const USE_PASSKEY: &str = "
UPDATE authenticator SET last_used_at = e.at, credential = json_set(credential,
  '$.sign_count', CAST(max(credential ->> 'sign_count', ?2) AS INTEGER), '$.backup_state', json(iif(?3, 'true', 'false')),
  '$.uv_initialized', json(iif(?4 OR credential ->> 'uv_initialized', 'true', 'false')))
FROM accepted e WHERE e.id = ?1 AND ?2 IS NOT NULL
  AND (authenticator.organization, authenticator.user, authenticator.id) = (e.organization, e.user, e.subject)";

/// ?1 event 2 look-up
pub const USE_CODE: &str = "
UPDATE backup_code SET used_at = e.at FROM accepted e
WHERE e.id = ?1 AND (backup_code.organization, backup_code.user, backup_code.look_up) = (e.organization, e.user, ?2)";

/// The models of a user and of the organization. ?1 organization 2 user
pub const TRUTH: &str = "
SELECT m.model AS user, p.model AS organization
FROM user u JOIN user_model m ON (m.organization, m.id) = (u.organization, u.id)
JOIN organization_model p ON p.id = u.organization
WHERE u.organization = ?1 AND u.id = ?2";

/// Always one row. ?1 organization 2 user 3 method 4 lane 5 lane that it shares
pub const GATE: &str = "
SELECT t.not_before, t.in_window, t.window_from,
  h.not_before AS shared_not_before, h.in_window AS shared_in_window, h.window_from AS shared_window_from
FROM (SELECT 1)
LEFT JOIN throttle t ON (t.organization, t.user, t.method, t.lane) = (?1, ?2, ?3, ?4)
LEFT JOIN throttle h ON (h.organization, h.user, h.method, h.lane) = (?1, ?2, ?3, ?5)";

/// The text of [`READBACK`].
macro_rules! readback_text {
    () => {
        "
SELECT iif(u.moved, (SELECT model FROM user_model m WHERE (m.organization, m.id) = (u.organization, u.id)), NULL) AS user,
  iif(u.moved, (SELECT model FROM organization_model p WHERE p.id = u.organization), NULL) AS organization,
  e.outcome, e.trust, t.not_before, t.in_window, t.window_from,
  h.not_before AS shared_not_before, h.in_window AS shared_in_window, h.window_from AS shared_window_from,
  EXISTS (SELECT 1 FROM spent_challenge WHERE id = :challenge AND tries_left = 0) AS spent,
  a.last_step < :late_step AS is_unused,
  e.method = 'backup_code' AND NOT EXISTS (
    SELECT 1 FROM backup_code c WHERE (c.organization, c.user) = (u.organization, u.id) AND c.used_at IS NULL) AS used_up
FROM (
  SELECT u.organization, u.id, u.version <> :user_version OR o.policy_version <> :policy_version AS moved
  FROM user u JOIN organization o ON o.id = u.organization
  WHERE u.organization = :organization AND u.id = :user) u
LEFT JOIN event e ON e.id = :event
LEFT JOIN throttle t ON (t.organization, t.user, t.method, t.lane) = (u.organization, u.id, :throttle_method, :lane)
LEFT JOIN throttle h ON (h.organization, h.user, h.method, h.lane) = (u.organization, u.id, :throttle_method, :shared)
LEFT JOIN authenticator a ON (a.organization, a.user, a.id) = (u.organization, u.id, :late_authenticator)"
    };
}
pub(crate) use readback_text;

/// One row unless the user is gone: the outcome, the throttle's counters, and both models where the user
/// or the policy has another version than the decision rested on.
pub const READBACK: &str = readback_text!();
