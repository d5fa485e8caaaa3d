-- Under which root key each row is, so that an old key can be found to be needed no more.

-- The id of the key; '' where it is not known yet, which the scheduled job finds out, and for passkeys,
-- of which nothing is secret.
ALTER TABLE authenticator ADD COLUMN key TEXT NOT NULL DEFAULT '';
ALTER TABLE enrollment ADD COLUMN key TEXT NOT NULL DEFAULT '';
-- The key of its series; '' where the device is older than this column.
ALTER TABLE trusted_device ADD COLUMN key TEXT NOT NULL DEFAULT '';

CREATE INDEX authenticator_key ON authenticator (kind, key);
CREATE INDEX enrollment_key ON enrollment (key);
CREATE INDEX password_key ON user (password ->> 'key');
CREATE INDEX backup_code_set_key ON backup_code_set (key);
CREATE INDEX trusted_device_key ON trusted_device (ended_at, key);

-- Every row that rests on a root key. For operators: SELECT kind, key, count(*) FROM keyed_row GROUP BY kind, key.
CREATE VIEW keyed_row AS
SELECT 'totp' AS kind, key FROM authenticator WHERE kind = 'totp'
UNION ALL SELECT 'enrollment', key FROM enrollment
UNION ALL SELECT 'password', password ->> 'key' FROM user WHERE password ->> 'key' IS NOT NULL
UNION ALL SELECT 'backup_codes', key FROM backup_code_set
UNION ALL SELECT 'trusted_device', key FROM trusted_device WHERE ended_at IS NULL;

INSERT INTO schema_version (version) VALUES (10);
