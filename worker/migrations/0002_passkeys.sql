-- Passkeys beside authenticator apps, and what a user is called in them.

DROP VIEW user_model;
DROP VIEW accepted;

-- The random part of the user handle: base64url of 32 bytes. 42 random digits and an A are that too.
ALTER TABLE user ADD COLUMN handle TEXT NOT NULL DEFAULT '';
UPDATE user SET handle = hex(randomblob(21)) || 'A';

CREATE TABLE authenticator_of_both_kinds (
  organization TEXT NOT NULL,
  user TEXT NOT NULL,
  id TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('totp', 'passkey')),
  created_at INTEGER NOT NULL,
  name TEXT NOT NULL,
  last_used_at INTEGER,
  -- An authenticator app.
  secret TEXT,                        -- sealed
  parameters TEXT CHECK (json_valid(parameters)),
  last_step INTEGER,                  -- the newest time step accepted: each one counts once
  -- A passkey.
  credential TEXT CHECK (json_valid(credential)), -- the credential record; nothing in it is secret
  PRIMARY KEY (organization, user, id),
  FOREIGN KEY (organization, user) REFERENCES user (organization, id) ON DELETE CASCADE,
  CHECK (iif(kind = 'totp', credential IS NULL AND secret IS NOT NULL AND parameters IS NOT NULL AND last_step IS NOT NULL,
    credential IS NOT NULL AND secret IS NULL AND parameters IS NULL AND last_step IS NULL))
) STRICT, WITHOUT ROWID;

INSERT INTO authenticator_of_both_kinds
  (organization, user, id, kind, created_at, name, last_used_at, secret, parameters, last_step)
SELECT organization, user, id, kind, created_at, name, last_used_at, secret, parameters, last_step FROM authenticator;
DROP TABLE authenticator;
ALTER TABLE authenticator_of_both_kinds RENAME TO authenticator;

-- A credential is one user's, in the whole deployment.
CREATE UNIQUE INDEX credential_id ON authenticator (credential ->> 'id') WHERE kind = 'passkey';

-- A passkey whose count went back is accepted, and remembered.
CREATE VIEW accepted AS SELECT * FROM event WHERE outcome IN ('accepted', 'possible_clone');

CREATE VIEW user_model AS
SELECT u.organization, u.id, u.external_id, u.username, u.version, json_object(
  'organization', u.organization, 'id', u.id, 'external_id', u.external_id, 'version', u.version,
  'state', u.state, 'role', u.role, 'groups', json(u.groups), 'handle', u.handle,
  'password', json(u.password),
  'authenticators', json((
    SELECT json_group_array(json_object('id', a.id, 'kind', json_object(a.kind, iif(a.kind = 'passkey',
      json(a.credential), json_object('secret', a.secret, 'parameters', json(a.parameters))))))
    FROM (SELECT * FROM authenticator a
          WHERE (a.organization, a.user) = (u.organization, u.id) ORDER BY created_at, id) a)),
  'backup_codes', json((
    SELECT json_object('id', b.id, 'key', b.key, 'set', json(b.parameters))
    FROM backup_code_set b WHERE (b.organization, b.user) = (u.organization, u.id)))) AS model
FROM user u;
