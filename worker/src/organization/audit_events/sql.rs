//! The statements that read the audit log.
//!
//! Each walks one index backward, holds what it finds against all filters, and stops at a full page or
//! after so many events, so that a filter that matches rarely does not read everything. SQLite does this
//! step by step: what is not looked at costs nothing.

/// Events between the cursor, and the moments asked for, which are looked for by halves: `seq` and `at`
/// rise together, but for the minute by which the clocks of two instances may differ (see
/// [`recording_text!`](crate::store::batch::recording_text)).
macro_rules! bounds {
    () => {
        "
WITH RECURSIVE
home AS MATERIALIZED (SELECT id FROM organization WHERE external_id = :organization),
since(low, high) AS (
  SELECT 0, coalesce((SELECT max(seq) FROM event), 0) + 1 WHERE :from IS NOT NULL
  UNION ALL
  SELECT iif(coalesce((SELECT at FROM event WHERE seq >= (low + high) / 2 ORDER BY seq LIMIT 1) >= :from - 60, 1), low, (low + high) / 2),
    iif(coalesce((SELECT at FROM event WHERE seq >= (low + high) / 2 ORDER BY seq LIMIT 1) >= :from - 60, 1), (low + high) / 2, high)
  FROM since WHERE high - low > 1),
before(low, high) AS (
  SELECT 0, coalesce((SELECT max(seq) FROM event), 0) + 1 WHERE :until IS NOT NULL
  UNION ALL
  SELECT iif(coalesce((SELECT at FROM event WHERE seq >= (low + high) / 2 ORDER BY seq LIMIT 1) > :until + 60, 1), low, (low + high) / 2),
    iif(coalesce((SELECT at FROM event WHERE seq >= (low + high) / 2 ORDER BY seq LIMIT 1) > :until + 60, 1), (low + high) / 2, high)
  FROM before WHERE high - low > 1),
bounds(low, high) AS MATERIALIZED (
  SELECT coalesce((SELECT low FROM since WHERE high - low = 1), 0),
    min(coalesce((SELECT high FROM before WHERE high - low = 1), 9007199254740991),
      iif(:cursor IS NULL, 9007199254740991,
        (SELECT seq FROM event WHERE id = :cursor AND organization = (SELECT id FROM home))))),
"
    };
}

/// The internal ids of the user with this id: of the one who is there, and of those who were deleted, as
/// far as the last 1,000 deletions say.
macro_rules! people {
    ($id:literal) => {
        concat!(
            "
  SELECT id AS key FROM user WHERE organization = (SELECT id FROM home) AND external_id = ",
            $id,
            "
  UNION ALL
  SELECT user FROM (
    SELECT user, subject FROM event INDEXED BY event_of_action
    WHERE organization = (SELECT id FROM home) AND action = 'user.delete' AND ",
            $id,
            " IS NOT NULL
    ORDER BY seq DESC LIMIT 1000)
  WHERE subject = ",
            $id
        )
    };
}

/// Whether the event `e` is what all filters ask for.
macro_rules! matched {
    () => {
        "(:person IS NULL OR e.user IN (SELECT key FROM person_key))
    AND (:keeper IS NULL OR e.actor_id IN (SELECT key FROM keeper_key))
    AND (:actor IS NULL OR e.actor = :actor)
    AND (:actions IS NULL OR EXISTS (
      SELECT 1 FROM json_each(:actions) w
      WHERE w.value = e.action OR substr(w.value, -1) = '.' AND substr(e.action, 1, length(w.value)) = w.value))
    AND CASE :outcome WHEN 'accepted' THEN e.outcome IN ('accepted', 'possible_clone')
      WHEN 'refused' THEN e.outcome NOT IN ('accepted', 'possible_clone') ELSE e.outcome = coalesce(:outcome, e.outcome) END
    AND (:method IS NULL OR e.method = :method)
    AND (:from IS NULL OR e.at >= :from)
    AND (:until IS NULL OR e.at < :until)"
    };
}

/// The page, of `candidate`, the rows to look at: `seq`, and `is_last` on the one where it stops. People
/// who are not there any more are named by their deletion.
macro_rules! page {
    ($candidate:expr) => {
        concat!(
            bounds!(),
            "person_key AS MATERIALIZED (",
            people!(":person"),
            "),
keeper_key AS MATERIALIZED (",
            people!(":keeper"),
            "),",
            $candidate,
            ",
found AS MATERIALIZED (
  SELECT seq, is_last, matched FROM (
    SELECT c.seq, c.is_last, ",
            matched!(),
            " AS matched FROM candidate c CROSS JOIN event e ON e.seq = c.seq)
  WHERE matched OR is_last LIMIT :most)
SELECT f.matched, f.is_last, (SELECT count(*) FROM found WHERE matched) AS counted,
  e.id, e.at, e.action, e.outcome, e.actor, coalesce(h.external_id, e.actor_name) AS actor_id,
  coalesce(h.name, h.username) AS actor_name, e.user,
  coalesce(p.external_id, (
    SELECT d.subject FROM event d INDEXED BY event_of_user
    WHERE d.organization = e.organization AND d.user = e.user AND d.action = 'user.delete' ORDER BY d.seq DESC LIMIT 1)) AS person_id,
  coalesce(p.name, p.username) AS person_name,
  e.method, e.subject, a.name AS authenticator_name, a.kind AS authenticator_kind,
  e.trust, e.detail, e.personal IS NOT NULL AS removed, e.ip, e.user_agent, e.request_id
FROM found f CROSS JOIN event e ON e.seq = f.seq
LEFT JOIN user p ON (p.organization, p.id) = (e.organization, e.user)
LEFT JOIN user h ON (h.organization, h.id) = (e.organization, e.actor_id)
LEFT JOIN authenticator a ON (a.organization, a.user, a.id) = (e.organization, e.user, e.subject)
LIMIT :page"
        )
    };
}

/// The events of the organization, 20,000 of them at most.
pub const ALL: &str = page!(
    "
candidate AS (
  SELECT seq, seq = (
    SELECT l.seq FROM event l INDEXED BY event_of_organization
    WHERE l.organization = (SELECT id FROM home)
      AND l.seq > (SELECT low FROM bounds) AND l.seq < (SELECT high FROM bounds)
    ORDER BY l.seq DESC LIMIT 1 OFFSET 19999) IS TRUE AS is_last
  FROM event INDEXED BY event_of_organization
  WHERE organization = (SELECT id FROM home)
    AND seq > (SELECT low FROM bounds) AND seq < (SELECT high FROM bounds)
  ORDER BY seq DESC LIMIT 20000)"
);

/// The events of the keys in `$keys`, each found by `$index`, where they stand in `$column`: in each step
/// the newest one of all keys that is older than the one before; 5,000 of them at most.
macro_rules! chain {
    ($keys:literal, $column:literal, $index:literal, $more:literal) => {
        concat!(
            "
chain(seq, step) AS (
  SELECT (SELECT max((
      SELECT max(e.seq) FROM event e INDEXED BY ",
            $index,
            "
      WHERE e.organization = (SELECT id FROM home) AND e.",
            $column,
            " = k.key",
            $more,
            "
        AND e.seq > (SELECT low FROM bounds) AND e.seq < (SELECT high FROM bounds)))
    FROM ",
            $keys,
            " k), 1
  UNION ALL
  SELECT (SELECT max((
      SELECT max(e.seq) FROM event e INDEXED BY ",
            $index,
            "
      WHERE e.organization = (SELECT id FROM home) AND e.",
            $column,
            " = k.key",
            $more,
            "
        AND e.seq > (SELECT low FROM bounds) AND e.seq < c.seq))
    FROM ",
            $keys,
            " k), c.step + 1
  FROM chain c WHERE c.seq IS NOT NULL AND c.step < 5000),
candidate AS (SELECT seq, step = 5000 AS is_last FROM chain WHERE seq IS NOT NULL)"
        )
    };
}

/// The events of a person.
pub const BY_PERSON: &str = page!(chain!("person_key", "user", "event_of_user", ""));

/// What an owner or admin did.
pub const BY_KEEPER: &str = page!(chain!(
    "keeper_key",
    "actor_id",
    "event_of_actor",
    " AND e.actor_id IS NOT NULL"
));

/// The events of some actions. Those that begin so are looked for one after the other.
pub const BY_ACTION: &str = page!(concat!(
    "
named(start, action) AS (
  SELECT value, (
    SELECT min(e.action) FROM event e INDEXED BY event_of_action
    WHERE e.organization = (SELECT id FROM home) AND e.action >= w.value AND e.action < w.value || char(1114111))
  FROM json_each(:actions) w WHERE substr(value, -1) = '.'
  UNION ALL
  SELECT n.start, (
    SELECT min(e.action) FROM event e INDEXED BY event_of_action
    WHERE e.organization = (SELECT id FROM home) AND e.action > n.action AND e.action < n.start || char(1114111))
  FROM named n WHERE n.action IS NOT NULL),
action_key AS MATERIALIZED (
  SELECT action AS key FROM named WHERE action IS NOT NULL
  UNION ALL SELECT value FROM json_each(:actions) WHERE substr(value, -1) <> '.'),",
    chain!("action_key", "action", "event_of_action", "")
));

/// What was refused, or came out in one way; the ways are looked for one after the other.
pub const BY_OUTCOME: &str = page!(concat!(
    "
named(outcome) AS (
  SELECT min(e.outcome) FROM event e INDEXED BY event_not_accepted
  WHERE e.organization = (SELECT id FROM home) AND e.outcome <> 'accepted' AND e.outcome > ''
  UNION ALL
  SELECT (
    SELECT min(e.outcome) FROM event e INDEXED BY event_not_accepted
    WHERE e.organization = (SELECT id FROM home) AND e.outcome <> 'accepted' AND e.outcome > n.outcome)
  FROM named n WHERE n.outcome IS NOT NULL),
outcome_key AS MATERIALIZED (
  SELECT outcome AS key FROM named WHERE outcome IS NOT NULL AND :outcome = 'refused' AND outcome <> 'possible_clone'
  UNION ALL SELECT :outcome WHERE :outcome <> 'refused'),",
    chain!(
        "outcome_key",
        "outcome",
        "event_not_accepted",
        " AND e.outcome <> 'accepted'"
    )
));
