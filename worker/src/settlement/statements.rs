//! The statements of a settlement. Each but the verdict selects from the event that the verdict wrote.

/// ?1 event 2 now 3 organization 4 user 5 its version 6 policy version 7 action 8 method
/// 9 gate's method 10 lane 11 cost 12 cap 13 authenticator 14 whether it holds 15 step 16 look-up
/// 17 challenge 18 session 19 its token's hash 20 enrollment 21 device 22 its token's hash
/// 23 address 24 user agent 25 request 26 detail 27 window 28 repeat window 29 most of the kind
/// added 30 subject 31 sign count 32 whether one that went back is refused 33 credential added
/// 34 kind added. Spent comes first, so that a spent challenge is no oracle.
pub const VERDICT: &str = "
INSERT INTO event (id, organization, user, at, action, actor, method, subject, ip, user_agent, request_id, detail, outcome, trust)
SELECT ?1, u.organization, u.id, ?2, ?7, 'user', ?8, ?30, ?23, ?24, ?25, ?26,
  CASE WHEN EXISTS (SELECT 1 FROM spent_challenge WHERE id = ?17) THEN 'spent'
       WHEN ?18 IS NOT NULL AND s.id IS NULL THEN 'signed_out'
       WHEN ?20 IS NOT NULL AND n.id IS NULL THEN 'gone'
       WHEN NOT ?14 THEN 'wrong'
       WHEN ?13 IS NOT NULL AND a.id IS NULL THEN 'wrong'
       WHEN a.last_step >= ?15 THEN 'replayed'
       WHEN ?16 IS NOT NULL AND c.look_up IS NULL THEN 'wrong'
       WHEN c.used_at IS NOT NULL THEN 'used'
       WHEN ?33 IS NOT NULL AND EXISTS (
         SELECT 1 FROM authenticator WHERE kind = 'passkey' AND credential ->> 'id' = ?33) THEN 'taken'
       WHEN ?29 <= (
         SELECT count(*) FROM authenticator
         WHERE (organization, user) = (u.organization, u.id) AND kind = ?34) THEN 'full'
       WHEN ?31 <= a.credential ->> 'sign_count' AND 0 < a.credential ->> 'sign_count'
         THEN iif(?32, 'count_regressed', 'possible_clone')
       ELSE 'accepted' END,
  CASE WHEN ?21 IS NULL OR d.id IS NULL THEN NULL
       WHEN d.ended_at IS NOT NULL OR d.expires_at <= ?2 OR d.user_version <> u.version
         OR d.trust_epoch <> o.trust_epoch THEN 'ended'
       WHEN d.token_hash = ?22 THEN 'accepted'
       WHEN d.previous_hash = ?22 AND d.rotated_at >= ?2 - ?28 THEN 'repeated'
       ELSE 'reused' END
FROM user u JOIN organization o ON o.id = u.organization
LEFT JOIN authenticator a ON (a.organization, a.user, a.id) = (u.organization, u.id, ?13)
LEFT JOIN backup_code c ON (c.organization, c.user, c.look_up) = (u.organization, u.id, ?16)
LEFT JOIN session s ON (s.organization, s.user, s.id) = (u.organization, u.id, ?18)
  AND s.token_hash = ?19 AND s.ended_at IS NULL
LEFT JOIN enrollment n ON (n.organization, n.user) = (u.organization, u.id)
  AND n.id = ?20 AND n.session = ?18 AND n.expires_at > ?2
LEFT JOIN trusted_device d ON (d.organization, d.user, d.id) = (u.organization, u.id, ?21)
LEFT JOIN throttle t ON (t.organization, t.user, t.method, t.lane) = (u.organization, u.id, ?9, ?10)
WHERE u.organization = ?3 AND u.id = ?4
  AND (u.version = ?5 AND o.policy_version = ?6 AND u.state = 'active'
       AND coalesce(t.not_before, 0) <= ?2
       AND iif(t.window_from > ?2 - ?27, t.in_window, 0) + ?11 <= ?12
       OR EXISTS (SELECT 1 FROM event WHERE id = ?1))";

/// Lengthens the wait, and counts wrong proofs toward the day.
/// ?1 event 2 now 3 waits 4 window 5 cap 6 cost 7 method 8 lane 9 disabled after 10 disabled until
pub const COUNT: &str = "
INSERT INTO throttle (organization, user, method, lane, window_from, in_window, in_row, not_before)
SELECT organization, user, ?7, ?8, ?2, (outcome = 'wrong') * ?6, 1,
  max(?2 + (?3 ->> 1), iif((outcome = 'wrong') * ?6 >= ?5, ?2 + ?4, 0))
FROM event WHERE id = ?1 AND outcome IN ('wrong', 'replayed', 'used', 'count_regressed')
ON CONFLICT DO UPDATE SET in_row = in_row + 1,
  window_from = iif(window_from <= ?2 - ?4, ?2, window_from),
  in_window   = iif(window_from <= ?2 - ?4, 0, in_window) + excluded.in_window,
  not_before  = max(?2 + (?3 ->> min(in_row + 1, json_array_length(?3) - 1)),
                    iif(iif(window_from <= ?2 - ?4, 0, in_window) + excluded.in_window >= ?5,
                        iif(window_from <= ?2 - ?4, ?2, window_from) + ?4, 0),
                    iif(in_row + 1 >= ?9, ?10, 0))";

/// A success forgives the wait, never the day. ?1 event 2 method 3 lane
pub const FORGIVE: &str = "
UPDATE throttle SET in_row = 0 FROM accepted e
WHERE e.id = ?1 AND in_row > 0
  AND (throttle.organization, throttle.user, throttle.method, throttle.lane) = (e.organization, e.user, ?2, ?3)";

/// ?1 event 2 challenge 3 kept until
pub const SPEND: &str = "
INSERT INTO spent_challenge (id, expires_at) SELECT ?2, ?3 FROM accepted WHERE id = ?1";

/// ?1 event 2 step
pub const ADVANCE: &str = "
UPDATE authenticator SET last_step = ?2, last_used_at = e.at FROM accepted e
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

/// No row where the decision rested on the truth. ?1 organization 2 user 3 its version 4 policy version
pub const TRUTH: &str = "
SELECT m.model AS user, p.model AS organization
FROM user u JOIN organization o ON o.id = u.organization
JOIN user_model m ON (m.organization, m.id) = (u.organization, u.id)
JOIN organization_model p ON p.id = o.id
WHERE u.organization = ?1 AND u.id = ?2 AND (u.version <> ?3 OR o.policy_version <> ?4)";

/// ?1 organization 2 user 3 method 4 lane
pub const GATE: &str = "
SELECT not_before, in_window, window_from FROM throttle
WHERE organization = ?1 AND user = ?2 AND method = ?3 AND lane = ?4";

/// One row unless the user is gone. ?1 event 2 organization 3 user 4 gate's method 5 lane
pub const REPLY: &str = "
SELECT e.outcome, e.trust, t.not_before
FROM user u LEFT JOIN event e ON e.id = ?1
LEFT JOIN throttle t ON (t.organization, t.user, t.method, t.lane) = (u.organization, u.id, ?4, ?5)
WHERE u.organization = ?2 AND u.id = ?3";
