-- When a user last said "not now" to the prompt: they are offered enrollment again when the days of the
-- policy are over.
ALTER TABLE user ADD COLUMN prompt_declined_at INTEGER;

DROP VIEW user_model;

CREATE VIEW user_model AS
SELECT u.organization, u.id, u.external_id, u.username, u.version, json_object(
  'organization', u.organization, 'id', u.id, 'external_id', u.external_id, 'version', u.version,
  'state', u.state, 'role', u.role, 'groups', json(u.groups), 'handle', u.handle,
  'password', json(u.password),
  'authenticators', json((
    SELECT json_group_array(json_object('id', a.id, 'name', a.name, 'kind', json_object(a.kind, iif(a.kind = 'passkey',
      json(a.credential), json_object('secret', a.secret, 'parameters', json(a.parameters))))))
    FROM (SELECT * FROM authenticator a
          WHERE (a.organization, a.user) = (u.organization, u.id) ORDER BY created_at, id) a)),
  'backup_codes', json((
    SELECT json_object('id', b.id, 'key', b.key, 'set', json(b.parameters), 'left', json(iif(EXISTS (
      SELECT 1 FROM backup_code c WHERE (c.organization, c.user) = (b.organization, b.user) AND c.used_at IS NULL),
      'true', 'false')))
    FROM backup_code_set b WHERE (b.organization, b.user) = (u.organization, u.id))),
  'disabled', json((
    SELECT json_group_array(json_object('method', t.method, 'lane', t.lane)) FROM throttle t
    WHERE (t.organization, t.user) = (u.organization, u.id) AND t.not_before = 253402300799)),
  'prompt_declined_at', u.prompt_declined_at) AS model
FROM user u;

INSERT INTO schema_version (version) VALUES (19);
