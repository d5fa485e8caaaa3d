//! The statements that list users.

/// A list of users: those of `$from` and `$which`, in the order `$order`. The `+` keeps the throttle of one user
/// from being looked for among all that are closed.
macro_rules! listing {
    ($which:literal, $order:literal) => {
        listing!("user u", $which, $order)
    };
    ($from:literal, $which:literal, $order:literal) => {
        concat!(
            "
SELECT u.id AS row, u.external_id AS id, u.username, u.name, u.email, u.second_email, u.language, u.role, u.groups, u.state, u.created_at, u.enrolled
FROM ",
            $from,
            "
WHERE u.organization = (SELECT id FROM organization WHERE external_id = :organization)",
            $which,
            "
  AND (:enrolled IS NULL OR u.enrolled = :enrolled)
  AND (:role IS NULL OR u.role = :role)
  AND (:state IS NULL OR u.state = :state)
  AND (:group IS NULL OR EXISTS (
    SELECT 1 FROM user_group g WHERE (g.organization, g.name, g.user) = (u.organization, :group, u.id)))
  AND (NOT :exempt OR u.sso > 0 AND EXISTS (
    SELECT 1 FROM exempt_user x WHERE (x.organization, x.id) = (u.organization, u.id)))
  AND (NOT :restricted OR EXISTS (
    SELECT 1 FROM restricted_session s WHERE (s.organization, s.user) = (u.organization, u.id)
      AND s.last_used_at > unixepoch() - :idle AND s.born_at > unixepoch() - :absolute))
  AND (NOT :locked OR EXISTS (
    SELECT 1 FROM throttle t WHERE (t.organization, t.user) = (u.organization, u.id) AND +t.not_before > unixepoch()))
  AND (:search IS NULL
    OR lower(coalesce(u.name, u.username)) >= :search AND lower(coalesce(u.name, u.username)) < :search || char(1114111)
    OR u.username >= :search AND u.username < :search || char(1114111)
    OR lower(u.email) >= :search AND lower(u.email) < :search || char(1114111))
ORDER BY ",
            $order,
            " LIMIT :most"
        )
    };
}

/// In the order of their ids.
pub const BY_ID: &str = listing!(
    "
  AND u.external_id > :after AND :key IS NULL",
    "u.external_id"
);

/// Those with an authenticator, or without.
pub const BY_ENROLLMENT: &str = listing!(
    "
  AND u.enrolled = :enrolled AND u.external_id > :after AND :key IS NULL",
    "u.external_id"
);

/// Users for whom an identity provider answers.
pub const BY_PROVIDER: &str = listing!(
    "
  AND u.sso > 0 AND :exempt AND u.external_id > :after AND :key IS NULL",
    "u.external_id"
);

/// In the order of their names.
pub const BY_NAME: &str = listing!(
    "
  AND (lower(coalesce(u.name, u.username)), u.external_id) > (:key, :after)",
    "lower(coalesce(u.name, u.username)), u.external_id"
);

/// Those of a group, in the order of their ids.
pub const OF_GROUP: &str = listing!(
    "user_group m CROSS JOIN user u",
    "
  AND (m.organization, m.user) = (u.organization, u.id)
  AND m.organization = (SELECT id FROM organization WHERE external_id = :organization)
  AND m.name = :group AND m.external_id > :after AND :key IS NULL",
    "m.external_id"
);

/// Those of a group, in the order of their names.
pub const OF_GROUP_BY_NAME: &str = listing!(
    "user_group m CROSS JOIN user u",
    "
  AND (m.organization, m.user) = (u.organization, u.id)
  AND m.organization = (SELECT id FROM organization WHERE external_id = :organization)
  AND m.name = :group AND (m.shown, m.external_id) > (:key, :after)",
    "m.shown, m.external_id"
);

/// Users whose name, username or address begins so, found by an index for each.
pub const SEARCHED: &str = listing!(
    "
  AND (iif(:key IS NULL, '', lower(coalesce(u.name, u.username))), u.external_id) > (coalesce(:key, ''), :after)
  AND u.id IN (
    SELECT n.id FROM user n
    WHERE n.organization = (SELECT id FROM organization WHERE external_id = :organization)
      AND lower(coalesce(n.name, n.username)) >= :search AND lower(coalesce(n.name, n.username)) < :search || char(1114111)
    UNION SELECT s.id FROM user s
    WHERE s.organization = (SELECT id FROM organization WHERE external_id = :organization)
      AND s.username >= :search AND s.username < :search || char(1114111)
    UNION SELECT m.id FROM user m
    WHERE m.organization = (SELECT id FROM organization WHERE external_id = :organization) AND m.email IS NOT NULL
      AND lower(m.email) >= :search AND lower(m.email) < :search || char(1114111))",
    "iif(:key IS NULL, '', lower(coalesce(u.name, u.username))), u.external_id"
);

/// Users that one of the other filters finds by an index of its own.
pub const NARROW: &str = listing!(
    "
  AND (iif(:key IS NULL, '', lower(coalesce(u.name, u.username))), u.external_id) > (coalesce(:key, ''), :after)
  AND u.id IN (
    SELECT s.user FROM restricted_session s
    WHERE :restricted
      AND s.organization = (SELECT id FROM organization WHERE external_id = :organization)
    UNION SELECT t.user FROM throttle t
    WHERE NOT :restricted AND :locked
      AND t.organization = (SELECT id FROM organization WHERE external_id = :organization)
      AND t.not_before > unixepoch()
    UNION SELECT r.id FROM user r
    WHERE NOT :restricted AND NOT :locked AND :role <> 'member'
      AND r.organization = (SELECT id FROM organization WHERE external_id = :organization)
      AND r.role = :role AND r.role <> 'member'
    UNION SELECT d.id FROM user d
    WHERE NOT :restricted AND NOT :locked AND coalesce(:role, 'member') = 'member'
      AND :state = 'disabled'
      AND d.organization = (SELECT id FROM organization WHERE external_id = :organization) AND d.state = 'disabled')",
    "iif(:key IS NULL, '', lower(coalesce(u.name, u.username))), u.external_id"
);

/// People and the enrolled among them are added up from what each day brought, which triggers keep.
/// ?1 organization 2 seconds idle 3 seconds at most
pub const COUNTS: &str = "
SELECT people, enrolled, people - enrolled AS missing, exempt, restricted, locked, disabled
FROM (SELECT
  (SELECT coalesce(sum(d.people), 0) FROM organization_day d WHERE d.organization = o.id) AS people,
  (SELECT coalesce(sum(d.totp + d.passkey + d.both), 0) FROM organization_day d WHERE d.organization = o.id) AS enrolled,
  iif(o.policy ->> 'mode' = 'off', 0, CASE o.policy ->> 'sso'
    WHEN 'exempt' THEN (SELECT count(*) FROM user u WHERE u.organization = o.id AND u.sso > 0)
    WHEN 'evidence' THEN (SELECT count(*) FROM user u WHERE u.organization = o.id AND u.sso > 0 AND u.sso = 2)
    ELSE 0 END) AS exempt,
  (SELECT count(DISTINCT s.user) FROM restricted_session s
    WHERE s.organization = o.id
      AND s.last_used_at > unixepoch() - ?2 AND s.born_at > unixepoch() - ?3) AS restricted,
  (SELECT count(DISTINCT t.user) FROM throttle t JOIN user u ON (u.organization, u.id) = (t.organization, t.user)
    WHERE t.organization = o.id AND t.not_before > unixepoch()) AS locked,
  (SELECT count(*) FROM user u WHERE u.organization = o.id AND u.state = 'disabled') AS disabled
FROM organization o WHERE o.external_id = ?1)";
