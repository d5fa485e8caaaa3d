-- Organizations, their users, and what users show. Keys are (organization, user, id), so that one
-- organization can move to another database. Times are unix seconds; versions are milliseconds
-- that never repeat.

CREATE TABLE organization (
  id TEXT PRIMARY KEY,
  external_id TEXT NOT NULL UNIQUE,   -- the application's name for it
  created_at INTEGER NOT NULL,
  name TEXT NOT NULL,                 -- the issuer in people's authenticator apps
  policy TEXT NOT NULL CHECK (json_valid(policy)),
  policy_version INTEGER NOT NULL,
  trust_epoch INTEGER NOT NULL        -- moves when the policy asks for more: ends trusted devices
) STRICT, WITHOUT ROWID;

CREATE TABLE user (
  organization TEXT NOT NULL REFERENCES organization (id),
  id TEXT NOT NULL,
  external_id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  version INTEGER NOT NULL,           -- moves with everything in user_model
  username TEXT NOT NULL,             -- lower case
  name TEXT,
  email TEXT,
  role TEXT NOT NULL CHECK (role IN ('member', 'admin', 'owner')),
  groups TEXT NOT NULL CHECK (json_type(groups) = 'array'),
  state TEXT NOT NULL CHECK (state IN ('active', 'disabled')),
  password TEXT CHECK (json_valid(password)), -- a verifier: peppered slow hash, never the password
  PRIMARY KEY (organization, id),
  UNIQUE (organization, external_id),
  UNIQUE (organization, username)
) STRICT, WITHOUT ROWID;

CREATE TABLE authenticator (
  organization TEXT NOT NULL,
  user TEXT NOT NULL,
  id TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('totp')),
  secret TEXT NOT NULL,               -- sealed
  parameters TEXT NOT NULL CHECK (json_valid(parameters)),
  created_at INTEGER NOT NULL,
  name TEXT NOT NULL,
  last_step INTEGER NOT NULL,         -- the newest time step accepted: each one counts once
  last_used_at INTEGER,
  PRIMARY KEY (organization, user, id),
  FOREIGN KEY (organization, user) REFERENCES user (organization, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- At most one pending enrollment per user: the newest one.
CREATE TABLE enrollment (
  organization TEXT NOT NULL,
  user TEXT NOT NULL,
  id TEXT NOT NULL,
  session TEXT NOT NULL,              -- only the session that started it may confirm it
  secret TEXT NOT NULL,               -- sealed
  started_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (organization, user),
  FOREIGN KEY (organization, user) REFERENCES user (organization, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE backup_code_set (
  organization TEXT NOT NULL,
  user TEXT NOT NULL,
  id TEXT NOT NULL,
  key TEXT NOT NULL,                  -- the root key whose pepper indexes the codes
  parameters TEXT NOT NULL CHECK (json_valid(parameters)), -- format, salt, cost of the slow hash
  created_at INTEGER NOT NULL,
  PRIMARY KEY (organization, user),
  FOREIGN KEY (organization, user) REFERENCES user (organization, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE backup_code (
  organization TEXT NOT NULL,
  user TEXT NOT NULL,
  look_up TEXT NOT NULL,              -- peppered slow hash
  used_at INTEGER,
  PRIMARY KEY (organization, user, look_up),
  FOREIGN KEY (organization, user) REFERENCES backup_code_set (organization, user) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- Refusals, counted before their answer is known. not_before is the only gate.
CREATE TABLE throttle (
  organization TEXT NOT NULL,
  user TEXT NOT NULL,                 -- or '?' and a hash, for a name that nobody has
  method TEXT NOT NULL,
  lane TEXT NOT NULL,                 -- a trusted device, or '' for everybody else
  window_from INTEGER NOT NULL,
  in_window INTEGER NOT NULL,
  in_row INTEGER NOT NULL,
  not_before INTEGER NOT NULL,
  PRIMARY KEY (organization, user, method, lane)
) STRICT, WITHOUT ROWID;

CREATE TABLE spent_challenge (
  id TEXT PRIMARY KEY,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE session (
  organization TEXT NOT NULL,
  user TEXT NOT NULL,
  id TEXT NOT NULL,
  born_at INTEGER NOT NULL,
  enrolling INTEGER NOT NULL CHECK (enrolling IN (0, 1)),
  surface TEXT,                       -- what the person signed in to
  user_agent TEXT,
  token_hash TEXT NOT NULL,           -- SHA-256; a new one whenever assurance rises
  evidence TEXT NOT NULL CHECK (json_type(evidence) = 'array'),
  user_version INTEGER,               -- dies with it; NULL once at aal2
  last_used_at INTEGER NOT NULL,
  ended_at INTEGER,
  PRIMARY KEY (organization, user, id),
  FOREIGN KEY (organization, user) REFERENCES user (organization, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE trusted_device (
  organization TEXT NOT NULL,
  user TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,        -- fixed, never sliding
  user_version INTEGER NOT NULL,      -- lives while these two hold
  trust_epoch INTEGER NOT NULL,
  name TEXT NOT NULL,
  token_hash TEXT NOT NULL,           -- SHA-256; rotates at every use
  previous_hash TEXT,
  rotated_at INTEGER NOT NULL,
  ended_at INTEGER,
  PRIMARY KEY (organization, user, id),
  FOREIGN KEY (organization, user) REFERENCES user (organization, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- What happened, and what was refused. Its id is drawn before the first try of its batch.
CREATE TABLE event (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  organization TEXT NOT NULL,
  user TEXT,
  at INTEGER NOT NULL,
  action TEXT NOT NULL,
  outcome TEXT NOT NULL,
  trust TEXT,                         -- what became of a trusted device that was presented
  actor TEXT NOT NULL,                -- user, application or system
  method TEXT,
  subject TEXT,                       -- the authenticator, device, session or set concerned
  detail TEXT CHECK (json_valid(detail)),
  ip TEXT,
  user_agent TEXT,
  request_id TEXT
) STRICT;

CREATE INDEX event_of_user ON event (organization, user, seq);

CREATE VIEW accepted AS SELECT * FROM event WHERE outcome = 'accepted';

CREATE TRIGGER event_is_kept BEFORE DELETE ON event
BEGIN SELECT RAISE(ABORT, 'event is append-only'); END;

CREATE TRIGGER event_is_fixed BEFORE UPDATE ON event
BEGIN SELECT RAISE(ABORT, 'event is append-only'); END;

-- Mail waits here until it is delivered.
CREATE TABLE mail (
  organization TEXT NOT NULL,
  user TEXT NOT NULL,
  id TEXT NOT NULL,
  kind TEXT NOT NULL,
  address TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  sent_at INTEGER,
  PRIMARY KEY (organization, user, id),
  FOREIGN KEY (organization, user) REFERENCES user (organization, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- What a decision reads of an organization and of a user, as the core's types spell it.
CREATE VIEW organization_model AS
SELECT id, external_id, json_object(
  'id', id, 'external_id', external_id, 'name', name, 'policy', json(policy),
  'policy_version', policy_version, 'trust_epoch', trust_epoch) AS model
FROM organization;

CREATE VIEW user_model AS
SELECT u.organization, u.id, u.external_id, u.username, u.version, json_object(
  'organization', u.organization, 'id', u.id, 'external_id', u.external_id, 'version', u.version,
  'state', u.state, 'role', u.role, 'groups', json(u.groups), 'password', json(u.password),
  'authenticators', json((
    SELECT json_group_array(json_object(
      'id', a.id, 'kind', json_object(
        a.kind, json_object('secret', a.secret, 'parameters', json(a.parameters)))))
    FROM (SELECT * FROM authenticator a
          WHERE (a.organization, a.user) = (u.organization, u.id) ORDER BY created_at, id) a)),
  'backup_codes', json((
    SELECT json_object('id', b.id, 'key', b.key, 'set', json(b.parameters))
    FROM backup_code_set b WHERE (b.organization, b.user) = (u.organization, u.id)))) AS model
FROM user u;
