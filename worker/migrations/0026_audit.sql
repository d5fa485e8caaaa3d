-- The events as an audit log: who acted, what may be taken out of an event when its person goes, and how far they
-- are sealed. A table whose default is a drawing of lots cannot be had by adding a column, so it is made anew.

CREATE TABLE event_before AS SELECT * FROM event;

DROP TABLE event;

CREATE TABLE event (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  organization TEXT NOT NULL,         -- or '?', where no such organization exists
  user TEXT,                          -- whom it concerns
  at INTEGER NOT NULL,
  action TEXT NOT NULL,
  outcome TEXT NOT NULL,
  trust TEXT,                         -- what became of a trusted device that was presented
  actor TEXT NOT NULL,                -- user, owner, admin, application, operator or system
  actor_id TEXT,                      -- of an owner or admin: the user
  actor_name TEXT,                    -- and the external id then
  method TEXT,
  subject TEXT,                       -- the authenticator, device, session or set concerned
  detail TEXT CHECK (json_valid(detail)),
  ip TEXT,
  user_agent TEXT,
  request_id TEXT,
  -- The seal covers `subject`, `detail`, `ip`, `user_agent` and `actor_name` by a salted hash only, so that they
  -- can go with their person while the seal holds: then the hash stays here, and the salt goes too.
  salt TEXT DEFAULT (lower(hex(randomblob(16)))),
  personal TEXT,
  CHECK ((salt IS NULL) = (personal IS NOT NULL))
) STRICT;

INSERT INTO event (seq, id, organization, user, at, action, outcome, trust, actor, actor_name, method, subject, detail, ip,
  user_agent, request_id)
SELECT seq, id, organization, user, at, action, outcome, trust, actor, detail ->> 'by', method, subject,
  nullif(json_remove(detail, '$.by'), '{}'), ip, user_agent, request_id
FROM event_before ORDER BY seq;

UPDATE event SET actor_id = (
  SELECT u.id FROM user u WHERE (u.organization, u.external_id) = (event.organization, event.actor_name))
WHERE actor_name IS NOT NULL;

DROP TABLE event_before;

CREATE INDEX event_of_user ON event (organization, user, seq);
CREATE INDEX event_of_organization ON event (organization, seq);
CREATE INDEX event_of_action ON event (organization, action, seq);
CREATE INDEX event_of_actor ON event (organization, actor_id, seq) WHERE actor_id IS NOT NULL;
CREATE INDEX event_not_accepted ON event (organization, outcome, seq) WHERE outcome <> 'accepted';
CREATE INDEX event_to_redact ON event (at)
  WHERE action = 'user.delete' AND outcome = 'accepted' AND personal IS NULL;
CREATE INDEX event_of_no_organization ON event (at) WHERE organization = '?';
CREATE INDEX event_refused ON event (organization, user, at)
  WHERE outcome IN ('wrong', 'replayed', 'used', 'count_regressed');
CREATE INDEX event_help ON event (organization, at) WHERE action = 'help.request' AND outcome = 'accepted';
CREATE INDEX event_help_of_user ON event (organization, user, at)
  WHERE action = 'help.request' AND outcome = 'accepted';

CREATE TRIGGER first_factor_shown AFTER INSERT ON event
WHEN NEW.action = 'sign_in.first_factor' AND NEW.outcome = 'accepted'
BEGIN
  UPDATE user SET sso = iif(NEW.method = 'sso', 1 + coalesce(NEW.detail ->> 'multi_factor', 0), 0)
  WHERE organization = NEW.organization AND id = NEW.user
    AND sso <> iif(NEW.method = 'sso', 1 + coalesce(NEW.detail ->> 'multi_factor', 0), 0);
END;

CREATE TRIGGER event_counted AFTER INSERT ON event
WHEN NEW.outcome IN ('wrong', 'replayed', 'used', 'count_regressed') OR NEW.trust IN ('ended', 'reused')
BEGIN
  INSERT INTO organization_day (organization, day, wrong, refused_devices)
  SELECT NEW.organization, NEW.at / 86400, NEW.outcome IN ('wrong', 'replayed', 'used', 'count_regressed'),
    coalesce(NEW.trust IN ('ended', 'reused'), 0) WHERE true
  ON CONFLICT DO UPDATE SET wrong = wrong + excluded.wrong, refused_devices = refused_devices + excluded.refused_devices;
END;

-- Days that the events of an organization are kept.
ALTER TABLE organization ADD COLUMN audit_days INTEGER NOT NULL DEFAULT 400 CHECK (audit_days BETWEEN 30 AND 3650);

-- How far the events of all organizations are sealed: to this one.
CREATE TABLE sealed (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  seq INTEGER NOT NULL
) STRICT;

INSERT INTO sealed VALUES (1, 0);

CREATE TRIGGER sealed_moves_on BEFORE UPDATE ON sealed
WHEN (NEW.one = 1 AND NEW.seq > OLD.seq AND NEW.seq <= (SELECT max(seq) FROM event)) IS NOT TRUE
BEGIN SELECT RAISE(ABORT, 'sealed moves on to an event'); END;

CREATE TRIGGER sealed_is_kept BEFORE DELETE ON sealed
BEGIN SELECT RAISE(ABORT, 'sealed moves on to an event'); END;

-- A signed root of the tree over the events of an organization (RFC 6962 section 2.1), in the order of their `seq`.
CREATE TABLE checkpoint (
  organization TEXT NOT NULL,
  size INTEGER NOT NULL,              -- events in the tree
  seq INTEGER NOT NULL,               -- the last of them
  at INTEGER NOT NULL,
  frontier TEXT NOT NULL,             -- the roots of its full subtrees, the largest first: base64 of 32 bytes each, joined
  leaves TEXT,                        -- the hashes of the events since the one before; NULL once these are deleted
  note TEXT NOT NULL,                 -- signed: C2SP tlog-checkpoint
  PRIMARY KEY (organization, size)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER checkpoint_is_fixed BEFORE UPDATE ON checkpoint
WHEN NEW.leaves IS NOT NULL
  OR (OLD.organization, OLD.size, OLD.seq, OLD.at, OLD.frontier, OLD.note)
    IS NOT (NEW.organization, NEW.size, NEW.seq, NEW.at, NEW.frontier, NEW.note)
  OR OLD.at >= unixepoch() - 86400 * (SELECT audit_days FROM organization o WHERE o.id = OLD.organization)
BEGIN SELECT RAISE(ABORT, 'checkpoint is append-only'); END;

CREATE TRIGGER checkpoint_is_kept BEFORE DELETE ON checkpoint
WHEN NOT EXISTS (
  SELECT 1 FROM checkpoint c WHERE c.organization = OLD.organization AND c.size > OLD.size AND c.leaves IS NULL)
BEGIN SELECT RAISE(ABORT, 'checkpoint is append-only'); END;

-- The public keys that checkpoints were ever signed with, as verifier keys of C2SP signed-note.
CREATE TABLE checkpoint_key (
  key TEXT PRIMARY KEY,
  since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER checkpoint_key_is_fixed BEFORE UPDATE ON checkpoint_key
BEGIN SELECT RAISE(ABORT, 'checkpoint_key is append-only'); END;

CREATE TRIGGER checkpoint_key_is_kept BEFORE DELETE ON checkpoint_key
BEGIN SELECT RAISE(ABORT, 'checkpoint_key is append-only'); END;

-- REPLACE deletes without the triggers of DELETE. The text names the column, as the index would.
CREATE TRIGGER event_is_new BEFORE INSERT ON event
WHEN EXISTS (SELECT 1 FROM event WHERE id = NEW.id) OR EXISTS (SELECT 1 FROM event WHERE seq = NEW.seq)
BEGIN SELECT RAISE(ABORT, 'event.id is not new: event is append-only'); END;

CREATE TRIGGER checkpoint_is_new BEFORE INSERT ON checkpoint
WHEN EXISTS (SELECT 1 FROM checkpoint c WHERE (c.organization, c.size) = (NEW.organization, NEW.size))
BEGIN SELECT RAISE(ABORT, 'checkpoint is append-only'); END;

-- A sealed event goes when its time is over.
CREATE TRIGGER event_is_kept BEFORE DELETE ON event
WHEN OLD.organization <> '?' AND (
  OLD.seq <= (SELECT seq FROM sealed)
  AND OLD.at < unixepoch() - 86400 * (SELECT audit_days FROM organization o WHERE o.id = OLD.organization)) IS NOT TRUE
BEGIN SELECT RAISE(ABORT, 'event is append-only'); END;

-- What is personal in a sealed event goes with its person.
CREATE TRIGGER event_is_fixed BEFORE UPDATE ON event
WHEN (OLD.seq <= (SELECT seq FROM sealed) AND OLD.user IS NOT NULL
  AND OLD.personal IS NULL AND length(NEW.personal) = 44
  AND coalesce(NEW.salt, NEW.actor_name, NEW.subject, NEW.detail, NEW.ip, NEW.user_agent) IS NULL
  AND NOT EXISTS (SELECT 1 FROM user u WHERE u.organization = OLD.organization AND u.id = OLD.user)
  AND (OLD.seq, OLD.id, OLD.organization, OLD.user, OLD.at, OLD.action, OLD.outcome, OLD.actor)
    IS (NEW.seq, NEW.id, NEW.organization, NEW.user, NEW.at, NEW.action, NEW.outcome, NEW.actor)
  AND (OLD.trust, OLD.actor_id, OLD.method, OLD.request_id) IS (NEW.trust, NEW.actor_id, NEW.method, NEW.request_id)
  ) IS NOT TRUE
BEGIN SELECT RAISE(ABORT, 'event is append-only'); END;

INSERT INTO schema_version (version) VALUES (26);
